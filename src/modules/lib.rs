//! Modules from anywhere: what a `source` means, fetching it, and the folder and lock file that remember it.
//!
//! [`load::load`] is what commands use in the place of [`lang::load::load`]: it reads a stack and installs the modules that are
//! not there, in turns, since a module that was just installed calls others. Below it:
//!
//! | module | does |
//! |---|---|
//! | [`source`] | understands addresses as Terraform does |
//! | [`fetch`] | brings a package from git, a web server, S3 or a folder into a new folder |
//! | [`registry`], [`settings`] | ask registries for versions and places; the user's tokens |
//! | [`store`] | keeps packages in `.infra`, so that a crash or a second process does no harm |
//! | [`lock`], [`checksum`] | the lock file, and what it locks |
//! | [`manifest`] | `modules.json` |
//! | [`install`] | which packages are needed, each fetched once |
//! | [`copy`] | a module as the beginning of a new stack |
//!
//! Credentials are in no message, manifest or lock file: addresses are shown through [`source::package::Package`]'s `Display`.
//! The environment comes in as [`environment::Environment`], the user's AWS credentials as [`fetch::s3::AwsCredentials`].

pub mod checksum;
pub mod copy;
pub mod environment;
pub mod fetch;
pub mod install;
pub mod load;
pub mod lock;
pub mod manifest;
pub mod registry;
pub mod settings;
pub mod source;
pub mod store;

mod failure;
mod known;
mod links;
mod redact;
