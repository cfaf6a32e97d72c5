//! Tests of the engine against a provider in memory.

mod applies;
mod details;
mod kills;
mod memory;
mod plans;
mod random;
mod saved;
mod world;
