//! A plan: what the user is shown and what apply runs, both as data.

use std::sync::Arc;

use jiff::Timestamp;
use model::address::{ConfigAddr, Generation, InstanceAddr, Mode, ObjectKey, ProviderConfigAddr, Target};
use model::checkable::CheckableAddr;
use model::path::Path;
use model::source::SourceRange;
use model::value::Value;
use petgraph::graph::DiGraph;
use state::State;
use state::checks::{CheckResult, CheckStatus};

use crate::drift::Drift;

/// What an apply would do, and why.
///
/// Values hold unknowns where only the apply will tell, and carry the sensitive mark wherever the schema, the state or the
/// configuration says so.
#[derive(Clone, Debug)]
pub struct Plan {
    pub mode: PlanMode,
    /// One entry an object, by address; those that stay as they are included ([`Action::NoOp`]).
    pub changes: Vec<Change>,
    /// One entry an output of the root module, by name; unchanged ones included.
    pub outputs: Vec<OutputChange>,
    /// The outputs of called modules that have a value, by address.
    pub module_outputs: Vec<CheckableAddr>,
    /// What was changed behind the engine's back since the last apply, by address.
    pub drift: Vec<Drift>,
    /// Conditions that were checked while planning.
    pub checks: Vec<Check>,
    /// What they come to, a block that has conditions an entry, by address.
    pub check_results: Vec<CheckResult>,
    /// All that apply runs. An edge leads from a step to one that must wait for it.
    pub steps: DiGraph<Step, ()>,
    /// Objects that get another address: from, to.
    pub moves: Vec<(InstanceAddr, InstanceAddr)>,
    /// What exists, as refreshed, with moves and imports done: the state that apply starts from.
    pub refreshed: State,
    pub basis: Basis,
    /// What the plan was limited to; empty for the whole stack.
    pub targets: Vec<Target>,
    /// What it leaves out; never together with targets.
    pub excludes: Vec<Target>,
}

/// What kind of plan it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum PlanMode {
    #[default]
    Normal,
    /// Everything is to be deleted.
    Destroy,
    /// Only the state is to be brought up to date.
    RefreshOnly,
}

/// The state a plan was made from. It can only be applied to that very state.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Basis {
    /// Empty when there was no state.
    pub lineage: String,
    pub serial: u64,
    pub workspace: Arc<str>,
    /// When the plan was made: what `timestamp()` gives during its apply is later.
    pub at: Timestamp,
}

/// What happens to one object.
#[derive(Clone, PartialEq, Debug)]
pub struct Change {
    /// The object; a replacement is one change of the current object.
    pub key: ObjectKey,
    /// Where the object was before a `moved` block, or the renaming that `count` implies.
    pub previous: Option<InstanceAddr>,
    pub provider: ProviderConfigAddr,
    pub action: Action,
    /// The object as refreshed; `None` for one to be created.
    pub before: Option<Value>,
    /// The object afterwards; `None` for one to be deleted or forgotten.
    pub after: Option<Value>,
    /// The attributes that make an update impossible.
    pub replace_paths: Vec<Path>,
    pub reason: Option<Reason>,
    /// The identifier by which the object is taken over.
    pub import: Option<Arc<str>>,
    /// What is destroyed for good with the object.
    pub loss: Option<Loss>,
    /// The block of the configuration; `None` when there is none any more.
    pub range: Option<SourceRange>,
}

/// What a deletion destroys for good.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Loss {
    /// A phrase: `its tables, as no final snapshot is taken`.
    pub what: Arc<str>,
    /// Somebody asked for it: by naming the object, or by destroying the stack.
    pub allowed: bool,
}

/// What is done to an object.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Action {
    /// It stays as it is. A move or an import alone is of this kind.
    NoOp,
    Create,
    Update,
    Replace {
        /// The new object is made before the old one is deleted.
        create_first: bool,
    },
    Delete,
    /// A data source that can only be read during the apply.
    Read,
    /// It leaves the state and stays in the world.
    Forget,
}

/// Why an action was chosen where that isn't obvious.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Reason {
    /// Replaced: a create of it failed half-way, or the user marked it.
    Tainted,
    /// Replaced: the user asked for it.
    Requested,
    /// Replaced: the service can't change some attribute in place.
    CannotUpdate,
    /// Replaced: something named in `replace_triggered_by` changes.
    Triggered,
    /// Deleted: there is no such block in the configuration.
    NoConfig,
    /// Deleted: the module that had it is not called any more, or has no such instance.
    NoModule,
    /// Deleted: the block has gained or lost `count` or `for_each`.
    WrongRepetition,
    /// Deleted: the index is not below `count`.
    CountIndex,
    /// Deleted: the key is not in `for_each`.
    EachKey,
    /// Deleted: a replacement put it aside and was then interrupted.
    Deposed,
    /// Read during the apply: its configuration is not known before.
    ConfigUnknown,
    /// Read during the apply: something it depends on is still to change.
    DependencyPending,
}

/// What happens to one output of the root module.
#[derive(Clone, PartialEq, Debug)]
pub struct OutputChange {
    pub name: Arc<str>,
    /// `None` when there was none.
    pub before: Option<Value>,
    /// `None` when it is to be removed with its block. One that becomes null is removed as well.
    pub after: Option<Value>,
    /// Whether it is declared sensitive, now or before.
    pub sensitive: bool,
    pub range: Option<SourceRange>,
}

/// A condition that was checked.
#[derive(Clone, PartialEq, Debug)]
pub struct Check {
    pub object: CheckableAddr,
    pub kind: CheckKind,
    pub status: CheckStatus,
    /// The evaluated `error_message` of a failed condition.
    pub message: Option<String>,
    pub range: SourceRange,
}

/// Where a condition is written.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum CheckKind {
    Precondition,
    Postcondition,
    Validation,
    Assertion,
}

/// One thing that apply does, with all that was decided about it.
#[derive(Clone, PartialEq, Debug)]
pub enum Step {
    Object(Box<ObjectStep>),
    /// Evaluates an output of the root module and records it; removes it when the configuration has none.
    Output(Arc<str>),
    /// Does nothing: what comes after it waits for all that comes before it.
    Gate,
}

/// What apply does to one object.
#[derive(Clone, PartialEq, Debug)]
pub struct ObjectStep {
    /// The object as it is named when the step starts.
    pub key: ObjectKey,
    pub provider: ProviderConfigAddr,
    pub op: Op,
    /// The object wanted; `None` for a delete.
    pub planned: Option<Value>,
    /// What the provider remembered while planning.
    pub private: Arc<[u8]>,
    /// What is recorded with the object: all blocks that must outlive it.
    pub dependencies: Vec<ConfigAddr>,
    pub create_before_destroy: bool,
}

/// What is done in one step.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Op {
    Create {
        /// The key under which the present object is put aside first; when nothing comes of the create it is put back.
        deposes: Option<Arc<str>>,
    },
    Update,
    /// Reads a data source.
    Read,
    Delete,
    Forget,
}

/// How many objects a plan touches, by what happens to them. A replacement counts as one to add and one to destroy.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Summary {
    pub import: usize,
    pub add: usize,
    pub change: usize,
    pub destroy: usize,
    pub forget: usize,
}

impl Plan {
    /// Whether it is not about the whole stack.
    pub fn is_limited(&self) -> bool {
        !(self.targets.is_empty() && self.excludes.is_empty())
    }

    pub fn summary(&self) -> Summary {
        let mut summary = Summary::default();
        for change in &self.changes {
            summary.import += usize::from(change.import.is_some());
            match change.action {
                Action::NoOp | Action::Read => {}
                Action::Create => summary.add += 1,
                Action::Update => summary.change += 1,
                Action::Replace { .. } => {
                    summary.add += 1;
                    summary.destroy += 1;
                }
                Action::Delete => summary.destroy += 1,
                Action::Forget => summary.forget += 1,
            }
        }
        summary
    }

    /// Whether an apply would change no object and no output, and would move and import nothing.
    ///
    /// What refresh found may still be worth recording. That counts in a plan of mode [`PlanMode::RefreshOnly`] alone.
    pub fn is_empty(&self) -> bool {
        let stays =
            |change: &Change| change.action == Action::NoOp && change.previous.is_none() && change.import.is_none();
        let found_nothing = self.mode != PlanMode::RefreshOnly || self.drift.is_empty();
        found_nothing && self.changes.iter().all(stays) && self.outputs.iter().all(|output| !output.is_change())
    }

    /// The changes of objects that an apply would do something about.
    pub fn pending(&self) -> impl Iterator<Item = &Change> {
        self.changes.iter().filter(|change| change.action != Action::NoOp)
    }
}

impl Change {
    pub fn mode(&self) -> Mode {
        self.key.addr.resource.mode
    }

    /// The key of a deposed object; `None` for the current one.
    pub fn deposed(&self) -> Option<&Arc<str>> {
        match &self.key.generation {
            Generation::Current => None,
            Generation::Deposed(key) => Some(key),
        }
    }
}

impl OutputChange {
    /// Whether the value, or that it is sensitive, changes.
    pub fn is_change(&self) -> bool {
        match (&self.before, &self.after) {
            (None, None) => false,
            (None, Some(after)) => !after.is_null(),
            (Some(_), None) => true,
            (Some(before), Some(after)) => !before.same(after) || before.is_sensitive() != after.is_sensitive(),
        }
    }
}

impl Step {
    /// The object that the step is about.
    pub fn object(&self) -> Option<&ObjectStep> {
        match self {
            Step::Object(step) => Some(step),
            Step::Output(_) | Step::Gate => None,
        }
    }
}
