//! Test files from their text to what is said of them, in memory.

mod against_terraform;
mod interrupts;
mod output;
mod world;
