//! Installing modules from everywhere, into folders of their own and without any network but this machine.

mod against_terraform;
mod archives;
mod git;
mod registry;
mod runs;
mod s3;
mod store;
mod support;
