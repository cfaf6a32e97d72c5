//! Tests of the engine against a provider in memory.

mod memory;
mod plans;
mod world;
