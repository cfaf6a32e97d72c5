//! Who and where the caller is: AWS Security Token Service, and what follows from the region alone.

pub mod caller_identity;
pub mod default_tags;
pub mod partition;
pub mod region;
