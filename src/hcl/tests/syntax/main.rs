//! The syntax seen from outside: texts in; trees, values, layouts and errors out.

mod conformance;
mod corpus;
mod errors;
mod format;
mod fuzz;
mod json;
mod limits;
mod meaning;
mod messy;
mod notation;
mod properties;
mod random;
mod reference;
mod second_opinion;
mod specification;
mod terraform;
mod trees;
