//! Amazon ECS.

pub mod cluster;
mod tags;
