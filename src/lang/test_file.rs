//! Test files: what they give to the configuration under test, what they run, and what they expect of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::address::{InstanceAddr, Mode, Target};
use model::source::SourceRange;
use model::value::Value;

use crate::body::Attribute;
use crate::config::{Condition, PassedProvider, ProviderBlock, ProviderKey};
use crate::reference::Reference;

/// One `*.tftest.hcl` or `*.tftest.json`.
#[derive(Clone, PartialEq, Debug)]
pub struct TestFile {
    /// The path as it is shown, relative to the root module's folder: `main.tftest.hcl`, `tests/network.tftest.hcl`.
    pub name: Arc<str>,
    /// Whether it is in the folder for tests, whose files of variable values count for it too.
    pub in_test_directory: bool,
    /// Values for variables of the modules under test. They may refer to variables that are given on the command line.
    pub variables: Vec<Attribute>,
    pub providers: BTreeMap<ProviderKey, TestProvider>,
    pub overrides: Vec<Override>,
    /// In the order of the file, which is the order they run in.
    pub runs: Vec<Run>,
}

/// A provider that a test file puts in the place of the configuration's.
#[derive(Clone, PartialEq, Debug)]
pub enum TestProvider {
    Real(ProviderBlock),
    Mock(Mock),
}

/// `mock_provider "NAME" { .. }`: a provider that makes up what the real one would answer.
#[derive(Clone, PartialEq, Debug)]
pub struct Mock {
    pub key: ProviderKey,
    /// Where the name stands.
    pub range: SourceRange,
    /// `mock_resource` and `mock_data` by mode and type, those of `source` included.
    pub types: BTreeMap<(Mode, Arc<str>), MockedType>,
    pub overrides: Vec<Override>,
    pub declared: SourceRange,
}

/// `mock_resource "TYPE" { .. }` or `mock_data "TYPE" { .. }`.
#[derive(Clone, PartialEq, Debug)]
pub struct MockedType {
    /// An object: values for attributes that the provider computes.
    pub defaults: Value,
    /// When the values of a resource are known. Data sources are always read while planning.
    pub during: During,
    pub declared: SourceRange,
}

/// `override_resource`, `override_data` or `override_module`.
#[derive(Clone, PartialEq, Debug)]
pub struct Override {
    pub kind: OverrideKind,
    pub target: Target,
    pub target_range: SourceRange,
    /// An object: the values of computed attributes, or the outputs.
    pub values: Value,
    pub during: During,
    pub declared: SourceRange,
}

/// What is overridden.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum OverrideKind {
    Resource,
    Data,
    Module,
}

/// When made-up values become known.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum During {
    Plan,
    #[default]
    Apply,
}

/// `run "NAME" { .. }`.
#[derive(Clone, PartialEq, Debug)]
pub struct Run {
    pub name: Arc<str>,
    pub command: Command,
    pub options: PlanOptions,
    /// Values for variables; they may refer to outputs of earlier runs and to variables of the file.
    pub variables: Vec<Attribute>,
    /// Another module to run instead of the configuration under test.
    pub module: Option<RunModule>,
    /// Which providers of the file are used under which names; none means all under their own.
    pub providers: Vec<PassedProvider>,
    pub asserts: Vec<Condition>,
    pub expect_failures: Vec<Reference>,
    pub overrides: Vec<Override>,
    /// Names the state that the run works on; runs of one key share it.
    pub state_key: Option<Arc<str>>,
    /// From `run` to its name.
    pub declared: SourceRange,
}

/// What a run does.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Command {
    Plan,
    #[default]
    Apply,
}

/// `plan_options { .. }`.
#[derive(Clone, PartialEq, Debug)]
pub struct PlanOptions {
    pub refresh_only: bool,
    pub refresh: bool,
    pub replace: Vec<InstanceAddr>,
    pub targets: Vec<Target>,
}

/// `module { source = ".." }` of a run.
#[derive(Clone, PartialEq, Debug)]
pub struct RunModule {
    /// As written; a folder is relative to the root module's.
    pub source: Arc<str>,
    pub source_range: SourceRange,
    pub version: Option<Arc<str>>,
    pub declared: SourceRange,
}

impl Default for PlanOptions {
    fn default() -> PlanOptions {
        PlanOptions { refresh_only: false, refresh: true, replace: Vec::new(), targets: Vec::new() }
    }
}

impl OverrideKind {
    /// The kind of block.
    pub fn name(self) -> &'static str {
        match self {
            OverrideKind::Resource => "override_resource",
            OverrideKind::Data => "override_data",
            OverrideKind::Module => "override_module",
        }
    }
}

impl TestProvider {
    pub fn key(&self) -> &ProviderKey {
        match self {
            TestProvider::Real(block) => &block.key,
            TestProvider::Mock(mock) => &mock.key,
        }
    }
}
