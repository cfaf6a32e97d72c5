//! End-to-end tests: the program as a user runs it, against the sandbox.
//!
//! All tests of this binary share one emulator and work in accounts of their own. They are skipped, with the reason printed,
//! where the sandbox can't be installed; those that compare with Terraform where there is none on the PATH.

#![expect(clippy::print_stdout, reason = "tests say why they are skipped")]

mod broken;
mod builtin;
mod commands;
mod console;
mod difference;
mod ephemerals;
mod fastapi;
mod fmt;
mod generate;
mod generated;
mod graph;
mod interchange;
mod interrupted;
mod kill;
mod marks;
mod mistakes;
mod modules;
mod project;
mod protection;
mod provisioners;
mod states;
mod stores;
mod tests;
mod types;
