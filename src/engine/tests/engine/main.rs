//! Tests of the engine against a provider in memory.

mod applies;
mod kills;
mod memory;
mod plans;
mod saved;
mod world;
