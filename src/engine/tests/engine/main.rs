//! Tests of the engine against a provider in memory.

mod applies;
mod commands;
mod details;
mod ephemerals;
mod journaled;
mod kills;
mod memory;
mod plans;
mod provisioners;
mod random;
mod saved;
mod world;
