//! The native AWS provider: `hashicorp/aws` 5.100's resource types over the official SDK.
//!
//! - `schema/TYPE.json`, `schema/data/TYPE.json` and `schema/ephemeral/TYPE.json`: the facts of a type, embedded, parsed when a stack uses it;
//! - one Rust file a type, grouped by service: its behaviour;
//! - [`table`]: the list of types; adding one touches its file and one line of it;
//! - [`clients`]: clients of the services, made when first used, over one [`transport`];
//! - [`settings`]: the `provider` block.

pub mod acm;
pub mod arn;
pub mod autoscaling;
pub mod batch;
pub mod bucket;
pub mod calls;
pub mod clients;
pub mod cloudwatch;
pub mod dynamodb;
pub mod ec2;
pub mod ecr;
pub mod ecs;
pub mod elasticache;
pub mod elbv2;
pub mod events;
pub mod failure;
pub mod fifo;
pub mod found;
pub mod given;
pub mod iam;
pub mod kms;
pub mod live;
pub mod logs;
pub mod names;
pub mod policy;
pub mod preflight;
pub mod provider;
pub mod rds;
pub mod refusals;
pub mod retry;
pub mod route53;
pub mod s3;
pub mod secretsmanager;
pub mod service_discovery;
pub mod settings;
pub mod settling;
pub mod sns;
pub mod sqs;
pub mod ssm;
pub mod sts;
pub mod table;
pub mod tags;
pub mod times;
pub mod transport;

#[cfg(test)]
mod conformance;
