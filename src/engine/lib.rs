//! Decisions and their execution: graph, refresh, plan, order, apply, drift, import.
//!
//! A [`stack::Stack`] is a configuration with its variables, the providers it may use and the world's time and chance. With
//! it and a state:
//!
//! | call | makes |
//! |---|---|
//! | [`planner::plan`] | a [`plan::Plan`]: what would change, why, and the ordered steps; makes only read calls |
//! | [`apply::apply`] | runs the steps of a plan and nothing else; journals each effect before it happens |
//! | [`recover::recover`] | finds out what an interrupted run left behind |
//! | [`drift::drift`] | compares configuration, last applied and live; makes only read calls |
//! | [`import::import`] | takes an object that exists into the state |
//! | [`generate::generate`] | writes blocks for objects that are to be imported; makes only read calls |
//! | [`validate::validate`] | checks a configuration without a state and without a service |
//! | [`configuration::describe`] | a configuration as JSON, as plans have it |
//! | [`relevant::attributes`] | what the changes of a plan come from |
//! | [`show::objects`] | decodes a state for people to read |
//! | [`plan_file::render`], [`plan_file::parse`] | a plan as a file, and back |
//!
//! [`stand_in`] is how tests put made-up parts into a stack.
//!
//! Nothing here prints ([`event`] says what happens while it happens) and nothing here touches a disk or network by itself:
//! the state's file, the journal and the providers come in as arguments.

pub mod apply;
pub mod check_results;
pub mod command;
pub mod conditions;
pub mod configuration;
pub mod console;
pub mod decide;
pub mod drift;
pub mod echo;
pub mod ephemeral;
pub mod evaluator;
pub mod event;
pub mod generate;
pub mod graph;
pub mod ignore;
pub mod import;
pub mod object;
pub mod order;
pub mod places;
pub mod plan;
pub mod plan_file;
pub mod planner;
pub mod pool;
pub mod prior;
pub mod providers;
pub mod provisioner;
pub mod recover;
pub mod refresh;
pub mod relevant;
pub mod removed;
pub mod repetition;
pub mod scope;
pub mod show;
pub mod stack;
pub mod stand_in;
pub mod validate;
pub mod walk;
