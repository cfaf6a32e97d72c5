//! AWS Systems Manager: its parameter store.

pub mod parameter;
pub mod parameter_data;
pub mod parameter_ephemeral;

mod tags;
