//! AWS Security Token Service: who the caller is.

pub mod caller_identity;
