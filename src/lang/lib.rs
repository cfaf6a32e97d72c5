//! The language: from the text of a stack to its blocks, and from expressions to values.
//!
//! Steps that know nothing of each other's inputs:
//!
//! - [`load`] reads the files of a module and of the modules it calls into a [`config::Config`]: blocks with their
//!   expressions and source ranges, checked as far as the text alone allows;
//! - [`load::test_file`] reads test files into [`test_file::TestFile`]s;
//! - [`check`] looks up every reference among what is declared, before anything is evaluated;
//! - [`variables`] collects the values that are given to the root module, and converts them to their types;
//! - [`evaluate`] and [`decode`] turn expressions and bodies into values, asking a [`scope::Scope`] for whatever they refer to.
//!
//! Nothing here knows a provider, a state or a plan; the schemas that `decode` needs come in as data.

pub mod body;
pub mod check;
pub mod config;
pub mod decode;
pub mod evaluate;
pub mod expression;
pub mod format;
pub mod functions;
pub mod load;
pub mod reference;
pub mod schemas;
pub mod scope;
pub mod suggestion;
pub mod test_file;
pub mod type_expression;
pub mod variables;
pub mod version;

mod arguments;
pub mod constant;
