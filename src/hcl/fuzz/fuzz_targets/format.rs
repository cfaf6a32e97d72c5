//! The formatter: what it writes is valid, says the same, and is settled.
#![no_main]

#[path = "../../tests/syntax/meaning.rs"]
mod meaning;
#[path = "../../tests/syntax/notation.rs"]
mod notation;
#[path = "../targets.rs"]
mod targets;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| targets::format(bytes));
