//! The vocabulary of the engine: values, types, paths, addresses, schemas and diagnostics.
//!
//! Every other crate speaks in these terms. Nothing here does input or output, and nothing here knows a provider, a file
//! format of the language or a runtime.
//!
//! | module | what it names |
//! |---|---|
//! | [`value`] | a value of the language: typed, possibly unknown, with marks |
//! | [`number`] | exact numbers with a 512-bit mantissa |
//! | [`ty`] | types of values |
//! | [`convert`] | conversion between types, and unification |
//! | [`path`] | a place inside a value |
//! | [`json`] | values to and from JSON |
//! | [`address`] | the identity of modules, resources and their instances |
//! | [`checkable`] | the identity of what conditions belong to |
//! | [`schema`] | what a block of a resource type may contain |
//! | [`source`] | source files and ranges in them |
//! | [`diagnostic`] | what the user is told about a mistake |

pub mod address;
pub mod checkable;
pub mod convert;
pub mod diagnostic;
pub mod entries;
pub mod json;
pub mod number;
pub mod path;
pub mod schema;
pub mod source;
pub mod ty;
pub mod value;
