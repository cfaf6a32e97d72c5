//! Amazon ElastiCache: groups of subnets, and caches that replicate each other.

pub mod replication_group;
pub mod subnet_group;

mod tags;

use crate::given::text as given;
