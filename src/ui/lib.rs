//! What people and programs get to see: the only code that prints.
//!
//! Functions take plain data and give text or JSON; [`terminal::Terminal`] is what writes it. Text carries its colours as
//! escape sequences, which the terminal takes out where nobody would see them. Stdout is for data, stderr for all else.
//!
//! | module | for |
//! |---|---|
//! | [`terminal`] | writing: data to stdout, notes to stderr, colour only where it is seen |
//! | [`diagnostics`] | messages with their source, and `validate -json` |
//! | [`plan`] | the plan as text, its summary line |
//! | [`progress`] | what a run is doing: lines, or drawn on a terminal |
//! | [`apply`] | what came of an apply |
//! | [`stream`] | `plan -json` and `apply -json` |
//! | [`drift`] | `drift`: three sides of every place that differs |
//! | [`show`] | `show` and `state list`, `state show`; states and plans as JSON |
//! | [`test_report`] | `test`: progress, results, JUnit's XML |
//! | [`output`] | outputs |
//! | [`format`](mod@format) | the changes that `fmt -diff` shows |
//! | [`prompt`] | questions, and where changes go |
//! | [`modules`] | installing modules; trees of modules and the providers they need |
//! | [`provider_schemas`] | `providers schema -json` |
//! | [`message`], [`calls`], [`sandbox`] | what small commands say |
//!
//! Below these are the parts they are made of. [`difference`] compares values and gives a tree of text; [`page`] writes such
//! a tree as indented lines, and another form of output would start from the same tree. [`values`] gives values as JSON,
//! [`schemas`] tells attributes from blocks, [`escape`] and [`style`] make text safe and coloured.
//!
//! # Secrets
//! A sensitive value is in no output but those that are asked for it: `output NAME`, `output -raw`, `output -json`, and JSON
//! with [`values::Secrets::Shown`]. A tree of differences holds text in which secrets are replaced already, so what renders
//! it can't show them. Where one side of a change is sensitive, so is the other.

pub mod apply;
pub mod calls;
pub mod console;
mod credentials;
pub mod diagnostics;
pub mod difference;
pub mod drift;
pub mod escape;
#[cfg(test)]
mod fixtures;
pub mod format;
pub mod graph;
pub mod message;
pub mod modules;
pub mod output;
pub mod page;
pub mod plan;
pub mod progress;
pub mod prompt;
pub mod provider_schemas;
pub mod sandbox;
pub mod schemas;
#[cfg(test)]
mod secrets;
pub mod show;
pub mod stream;
pub mod style;
pub mod terminal;
pub mod test_report;
pub mod value;
pub mod values;
