//! The syntax seen from outside: texts in; trees, values, layouts and errors out.

mod conformance;
mod errors;
mod format;
mod json;
mod limits;
mod notation;
mod properties;
mod random;
mod second_opinion;
mod terraform;
mod trees;
