//! The form of a saved plan on disk, and the way to it and back.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::address::{ConfigAddr, Generation, InstanceAddr, ObjectKey, ProviderConfigAddr};
use model::path::Path;
use model::source::{SourceFile, SourceMap, SourceRange};
use model::value::{Marks, Value};
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::EdgeRef;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::value::{StoredStep as PathStep, StoredValue};
use super::{FORMAT, PlanFile, Variables, names, value};
use crate::drift::{AttributeDrift, Drift};
use crate::plan::{Basis, Change, Check, Loss, ObjectStep, Op, OutputChange, Plan, Step};

#[derive(Serialize, Deserialize)]
pub(super) struct StoredFile {
    #[serde(rename = "infra_plan_format")]
    format: u32,
    basis: StoredBasis,
    mode: String,
    targets: Vec<String>,
    /// None in files of versions that had none.
    #[serde(default)]
    excludes: Vec<String>,
    changes: Vec<StoredChange>,
    outputs: Vec<StoredOutput>,
    drift: Vec<StoredDrift>,
    checks: Vec<StoredCheck>,
    /// As a state file has them.
    check_results: Box<RawValue>,
    module_outputs: Vec<String>,
    steps: Vec<StoredStep>,
    /// Indexes into `steps`: the first before the second.
    order: Vec<(usize, usize)>,
    moves: Vec<(String, String)>,
    /// A state file.
    refreshed: Box<RawValue>,
    variables: BTreeMap<String, StoredValue>,
    /// Names of variables; none in files of versions that had none.
    #[serde(default)]
    ephemeral: Vec<String>,
    given: BTreeMap<String, StoredValue>,
    sources: Vec<StoredSource>,
}

#[derive(Serialize, Deserialize)]
struct StoredBasis {
    lineage: String,
    serial: u64,
    workspace: String,
    /// RFC 3339.
    at: String,
}

#[derive(Serialize, Deserialize)]
pub(super) struct StoredSource {
    pub name: String,
    pub text: String,
}

/// File name, first byte, byte after the last.
type StoredRange = (String, u32, u32);

#[derive(Serialize, Deserialize)]
struct StoredKey {
    address: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    deposed: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct StoredChange {
    key: StoredKey,
    previous: Option<String>,
    provider: String,
    action: String,
    before: Option<StoredValue>,
    after: Option<StoredValue>,
    replace_paths: Vec<Vec<PathStep>>,
    reason: Option<String>,
    import: Option<String>,
    #[serde(default)]
    loss: Option<StoredLoss>,
    range: Option<StoredRange>,
}

#[derive(Serialize, Deserialize)]
struct StoredLoss {
    what: String,
    allowed: bool,
}

#[derive(Serialize, Deserialize)]
struct StoredOutput {
    name: String,
    before: Option<StoredValue>,
    after: Option<StoredValue>,
    sensitive: bool,
    range: Option<StoredRange>,
}

#[derive(Serialize, Deserialize)]
struct StoredDrift {
    key: StoredKey,
    provider: String,
    applied: StoredValue,
    live: Option<StoredValue>,
    attributes: Vec<StoredAttribute>,
    relevant: bool,
    range: Option<StoredRange>,
}

#[derive(Serialize, Deserialize)]
struct StoredAttribute {
    path: Vec<PathStep>,
    configuration: Option<StoredValue>,
    applied: Option<StoredValue>,
    live: Option<StoredValue>,
}

#[derive(Serialize, Deserialize)]
struct StoredCheck {
    object: String,
    kind: String,
    status: String,
    message: Option<String>,
    range: StoredRange,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum StoredStep {
    Gate,
    Output(String),
    Object(Box<StoredObjectStep>),
}

#[derive(Serialize, Deserialize)]
struct StoredObjectStep {
    key: StoredKey,
    provider: String,
    op: StoredOp,
    planned: Option<StoredValue>,
    private: Vec<u8>,
    dependencies: Vec<String>,
    create_before_destroy: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum StoredOp {
    Create { deposes: Option<String> },
    Update,
    Read,
    Delete,
    Forget,
}

/// The files of the configuration among all sources: files that give variables their values are none.
pub(super) fn configuration(sources: &SourceMap) -> impl Iterator<Item = &SourceFile> {
    let files = sources.files().map(|(_, file)| file);
    files.filter(|file| file.name.ends_with(".tf") || file.name.ends_with(".tf.json"))
}

pub(super) fn store(plan: &Plan, variables: Variables<'_>, sources: &SourceMap) -> StoredFile {
    let values = |values: &BTreeMap<Arc<str>, Value>| {
        let lasting = values.iter().filter(|(_, value)| !value.marks_deep().contains(Marks::EPHEMERAL));
        lasting.map(|(name, given)| (name.to_string(), value::store(given))).collect()
    };
    let writer = Writer { sources };
    let state = String::from_utf8(state::file::render(&plan.refreshed)).expect("a state file is text");
    let steps: Vec<StoredStep> = plan.steps.node_weights().map(|step| writer.step(step)).collect();
    StoredFile {
        format: FORMAT,
        basis: StoredBasis {
            lineage: plan.basis.lineage.clone(),
            serial: plan.basis.serial,
            workspace: plan.basis.workspace.to_string(),
            at: plan.basis.at.to_string(),
        },
        mode: names::mode(plan.mode).into(),
        targets: plan.targets.iter().map(ToString::to_string).collect(),
        excludes: plan.excludes.iter().map(ToString::to_string).collect(),
        changes: plan.changes.iter().map(|change| writer.change(change)).collect(),
        outputs: plan.outputs.iter().map(|output| writer.output(output)).collect(),
        drift: plan.drift.iter().map(|drift| writer.drift(drift)).collect(),
        checks: plan.checks.iter().map(|check| writer.check(check)).collect(),
        check_results: state::checks::render(&plan.check_results),
        module_outputs: plan.module_outputs.iter().map(ToString::to_string).collect(),
        steps,
        order: plan.steps.edge_references().map(|edge| (edge.source().index(), edge.target().index())).collect(),
        moves: plan.moves.iter().map(|(from, to)| (from.to_string(), to.to_string())).collect(),
        refreshed: RawValue::from_string(state).expect("a state file is JSON"),
        variables: values(variables.values),
        given: values(variables.given),
        ephemeral: variables.ephemeral.iter().map(ToString::to_string).collect(),
        sources: configuration(sources)
            .map(|file| StoredSource { name: file.name.to_string(), text: file.text.to_string() })
            .collect(),
    }
}

pub(super) fn restore(file: StoredFile, sources: &SourceMap) -> Result<PlanFile, String> {
    let reader = Reader { sources };
    let mut steps: DiGraph<Step, ()> = DiGraph::with_capacity(file.steps.len(), file.order.len());
    for step in file.steps {
        steps.add_node(reader.step(step)?);
    }
    for (from, to) in file.order {
        if from.max(to) >= steps.node_count() {
            return Err(format!("there is no step {}", from.max(to)));
        }
        steps.add_edge(NodeIndex::new(from), NodeIndex::new(to), ());
    }
    let all = |texts: Vec<(String, String)>| texts.into_iter().map(|(from, to)| Ok((address(&from)?, address(&to)?)));
    let plan = Plan {
        mode: names::mode_of(&file.mode)?,
        changes: file.changes.into_iter().map(|change| reader.change(change)).collect::<Result<_, _>>()?,
        outputs: file.outputs.into_iter().map(|output| reader.output(output)).collect::<Result<_, _>>()?,
        drift: file.drift.into_iter().map(|drift| reader.drift(drift)).collect::<Result<_, _>>()?,
        checks: file
            .checks
            .into_iter()
            .filter_map(|check| reader.check(check).transpose())
            .collect::<Result<_, _>>()?,
        check_results: state::checks::parse(&file.check_results)
            .ok_or_else(|| "its results of checks can't be read".to_string())?,
        module_outputs: file
            .module_outputs
            .iter()
            .map(|addr| addr.parse().map_err(|error: model::address::AddressError| error.to_string()))
            .collect::<Result<_, _>>()?,
        steps,
        moves: all(file.moves).collect::<Result<_, String>>()?,
        refreshed: state::file::parse(file.refreshed.get().as_bytes()).map_err(|error| error.to_string())?,
        basis: Basis {
            lineage: file.basis.lineage,
            serial: file.basis.serial,
            workspace: file.basis.workspace.into(),
            at: file.basis.at.parse().map_err(|error: jiff::Error| error.to_string())?,
        },
        targets: limits(&file.targets)?,
        excludes: limits(&file.excludes)?,
    };
    let values = |stored: BTreeMap<String, StoredValue>| {
        let values = stored.into_iter().map(|(name, stored)| Ok((Arc::from(name), value::restore(stored)?)));
        values.collect::<Result<BTreeMap<Arc<str>, Value>, String>>()
    };
    Ok(PlanFile {
        plan,
        variables: values(file.variables)?,
        given: values(file.given)?,
        ephemeral: file.ephemeral.into_iter().map(Arc::from).collect(),
        sources: file.sources.iter().map(Into::into).collect(),
    })
}

struct Writer<'a> {
    sources: &'a SourceMap,
}

impl Writer<'_> {
    fn range(&self, range: SourceRange) -> StoredRange {
        (self.sources.file(range.file).name.to_string(), range.start, range.end)
    }

    fn change(&self, change: &Change) -> StoredChange {
        StoredChange {
            key: key(&change.key),
            previous: change.previous.as_ref().map(ToString::to_string),
            provider: change.provider.to_string(),
            action: names::action(change.action).into(),
            before: change.before.as_ref().map(value::store),
            after: change.after.as_ref().map(value::store),
            replace_paths: change.replace_paths.iter().map(value::store_path).collect(),
            reason: change.reason.map(|reason| names::reason(reason).into()),
            import: change.import.as_ref().map(ToString::to_string),
            loss: change.loss.as_ref().map(|loss| StoredLoss { what: loss.what.to_string(), allowed: loss.allowed }),
            range: change.range.map(|range| self.range(range)),
        }
    }

    fn output(&self, output: &OutputChange) -> StoredOutput {
        StoredOutput {
            name: output.name.to_string(),
            before: output.before.as_ref().map(value::store),
            after: output.after.as_ref().map(value::store),
            sensitive: output.sensitive,
            range: output.range.map(|range| self.range(range)),
        }
    }

    fn drift(&self, drift: &Drift) -> StoredDrift {
        let attributes = drift.attributes.iter().map(|attribute| StoredAttribute {
            path: value::store_path(&attribute.path),
            configuration: attribute.configuration.as_ref().map(value::store),
            applied: attribute.applied.as_ref().map(value::store),
            live: attribute.live.as_ref().map(value::store),
        });
        StoredDrift {
            key: key(&drift.key),
            provider: drift.provider.to_string(),
            applied: value::store(&drift.applied),
            live: drift.live.as_ref().map(value::store),
            attributes: attributes.collect(),
            relevant: drift.relevant,
            range: drift.range.map(|range| self.range(range)),
        }
    }

    fn check(&self, check: &Check) -> StoredCheck {
        StoredCheck {
            object: check.object.to_string(),
            kind: names::check_kind(check.kind).into(),
            status: names::check_status(check.status).into(),
            message: check.message.clone(),
            range: self.range(check.range),
        }
    }

    fn step(&self, step: &Step) -> StoredStep {
        match step {
            Step::Gate => StoredStep::Gate,
            Step::Output(name) => StoredStep::Output(name.to_string()),
            Step::Object(step) => StoredStep::Object(Box::new(StoredObjectStep {
                key: key(&step.key),
                provider: step.provider.to_string(),
                op: match &step.op {
                    Op::Create { deposes } => StoredOp::Create { deposes: deposes.as_ref().map(ToString::to_string) },
                    Op::Update => StoredOp::Update,
                    Op::Read => StoredOp::Read,
                    Op::Delete => StoredOp::Delete,
                    Op::Forget => StoredOp::Forget,
                },
                planned: step.planned.as_ref().map(value::store),
                private: step.private.to_vec(),
                dependencies: step.dependencies.iter().map(ToString::to_string).collect(),
                create_before_destroy: step.create_before_destroy,
            })),
        }
    }
}

fn key(key: &ObjectKey) -> StoredKey {
    let deposed = match &key.generation {
        Generation::Current => None,
        Generation::Deposed(name) => Some(name.to_string()),
    };
    StoredKey { address: key.addr.to_string(), deposed }
}

struct Reader<'a> {
    sources: &'a SourceMap,
}

impl Reader<'_> {
    /// `None` when the file is not there any more.
    fn range(&self, (name, start, end): StoredRange) -> Option<SourceRange> {
        let (file, _) = self.sources.files().find(|(_, file)| *file.name == *name)?;
        Some(SourceRange { file, start, end })
    }

    fn change(&self, change: StoredChange) -> Result<Change, String> {
        Ok(Change {
            key: object_key(change.key)?,
            previous: change.previous.as_deref().map(address).transpose()?,
            provider: provider(&change.provider)?,
            action: names::action_of(&change.action)?,
            before: change.before.map(value::restore).transpose()?,
            after: change.after.map(value::restore).transpose()?,
            replace_paths: change
                .replace_paths
                .into_iter()
                .map(value::restore_path)
                .collect::<Result<Vec<Path>, _>>()?,
            reason: change.reason.as_deref().map(names::reason_of).transpose()?,
            import: change.import.map(Arc::from),
            loss: change.loss.map(|loss| Loss { what: loss.what.into(), allowed: loss.allowed }),
            range: change.range.and_then(|range| self.range(range)),
        })
    }

    fn output(&self, output: StoredOutput) -> Result<OutputChange, String> {
        Ok(OutputChange {
            name: output.name.into(),
            before: output.before.map(value::restore).transpose()?,
            after: output.after.map(value::restore).transpose()?,
            sensitive: output.sensitive,
            range: output.range.and_then(|range| self.range(range)),
        })
    }

    fn drift(&self, drift: StoredDrift) -> Result<Drift, String> {
        let attributes = drift.attributes.into_iter().map(|attribute| {
            Ok(AttributeDrift {
                path: value::restore_path(attribute.path)?,
                configuration: attribute.configuration.map(value::restore).transpose()?,
                applied: attribute.applied.map(value::restore).transpose()?,
                live: attribute.live.map(value::restore).transpose()?,
            })
        });
        Ok(Drift {
            key: object_key(drift.key)?,
            provider: provider(&drift.provider)?,
            applied: value::restore(drift.applied)?,
            live: drift.live.map(value::restore).transpose()?,
            attributes: attributes.collect::<Result<_, String>>()?,
            relevant: drift.relevant,
            range: drift.range.and_then(|range| self.range(range)),
        })
    }

    fn check(&self, check: StoredCheck) -> Result<Option<Check>, String> {
        let Some(range) = self.range(check.range) else { return Ok(None) };
        Ok(Some(Check {
            object: check.object.parse().map_err(|error: model::address::AddressError| error.to_string())?,
            kind: names::check_kind_of(&check.kind)?,
            status: names::check_status_of(&check.status)?,
            message: check.message,
            range,
        }))
    }

    fn step(&self, step: StoredStep) -> Result<Step, String> {
        Ok(match step {
            StoredStep::Gate => Step::Gate,
            StoredStep::Output(name) => Step::Output(name.into()),
            StoredStep::Object(step) => Step::Object(Box::new(ObjectStep {
                key: object_key(step.key)?,
                provider: provider(&step.provider)?,
                op: match step.op {
                    StoredOp::Create { deposes } => Op::Create { deposes: deposes.map(Arc::from) },
                    StoredOp::Update => Op::Update,
                    StoredOp::Read => Op::Read,
                    StoredOp::Delete => Op::Delete,
                    StoredOp::Forget => Op::Forget,
                },
                planned: step.planned.map(value::restore).transpose()?,
                private: step.private.into(),
                dependencies: step
                    .dependencies
                    .iter()
                    .map(|text| address(text).map(|addr| addr.config()))
                    .collect::<Result<Vec<ConfigAddr>, _>>()?,
                create_before_destroy: step.create_before_destroy,
            })),
        })
    }
}

fn object_key(stored: StoredKey) -> Result<ObjectKey, String> {
    let generation = match stored.deposed {
        None => Generation::Current,
        Some(name) => Generation::Deposed(name.into()),
    };
    Ok(ObjectKey { addr: address(&stored.address)?, generation })
}

fn address(text: &str) -> Result<InstanceAddr, String> {
    text.parse().map_err(|error: model::address::AddressError| error.to_string())
}

fn limits(stored: &[String]) -> Result<Vec<model::address::Target>, String> {
    let parse = |target: &String| target.parse().map_err(|error: model::address::AddressError| error.to_string());
    stored.iter().map(parse).collect()
}

fn provider(text: &str) -> Result<ProviderConfigAddr, String> {
    text.parse().map_err(|error: model::address::AddressError| error.to_string())
}
