//! The native AWS provider: `hashicorp/aws` 5.100's resource types over the official SDK.
//!
//! - `schema/TYPE.json` and `schema/data/TYPE.json`: the facts of a type, embedded, parsed when a stack uses it;
//! - one Rust file a type, grouped by service: its behaviour;
//! - [`table`]: the list of types; adding one touches its file and one line of it;
//! - [`clients`]: clients of the services, made when first used, over one [`transport`];
//! - [`settings`]: the `provider` block.

pub mod arn;
pub mod calls;
pub mod clients;
pub mod dynamodb;
pub mod ec2;
pub mod ecs;
pub mod elasticache;
pub mod elbv2;
pub mod failure;
pub mod iam;
pub mod logs;
pub mod names;
pub mod policy;
pub mod provider;
pub mod rds;
pub mod route53;
pub mod s3;
pub mod service_discovery;
pub mod settings;
pub mod sts;
pub mod table;
pub mod tags;
pub mod transport;

#[cfg(test)]
mod conformance;
