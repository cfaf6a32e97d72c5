//! A type held against what the provider was seen to plan and to refuse.
//!
//! For each type there is a file of observations: `scenarios` (what became of an object when its configuration changed, and
//! what a create fills in) and `checks` (which values are refused). [`Suite::run`] puts the same questions to a
//! [`Behaviour`]: to the generic planner alone, or to the planner with a type's own rules.
//!
//! A prior object is made as the observations were: the plan of a create, in which every unknown part gets a plausible value.

pub(crate) mod sample;

#[cfg(test)]
mod known;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use model::diagnostic::Diagnostics;
use model::json::{JsonError, to_simple_json};
use model::path::Path;
use model::schema::{Block, Nesting};
use model::value::Value;
use serde::Deserialize;
use serde_json::{Map, Value as Json};

use crate::facts::{FactsError, TypeFacts};
use crate::planner::Planned;
use crate::planner::conformance::sample::Sampler;
use crate::propose::{is_empty, propose};
use crate::{PlanRequest, planner};

/// The observations of one type, and the facts they go with.
pub struct Suite {
    facts: Arc<TypeFacts>,
    minimal: Map<String, Json>,
    scenarios: Vec<Scenario>,
    checks: Vec<Check>,
}

/// What is put to the test.
pub struct Behaviour<'a> {
    pub plan: &'a dyn Fn(&PlanRequest<'_>) -> Planned,
    pub validate: &'a dyn Fn(&Value) -> Diagnostics,
}

/// One observation and the answer to the same question.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Outcome {
    /// A scenario's name, or what a check sets: `cidr_block = "10.0.0.0"`.
    pub name: String,
    pub observed: String,
    pub answered: String,
}

impl Outcome {
    pub fn agrees(&self) -> bool {
        self.observed == self.answered
    }
}

/// Observations that can't be used: a mistake in the file.
#[derive(Debug, thiserror::Error)]
pub enum SuiteError {
    #[error(transparent)]
    Facts(#[from] FactsError),
    #[error("invalid observations: {0}")]
    Format(#[from] serde_json::Error),
    #[error("invalid observation `{name}`: {error}")]
    Value { name: String, error: JsonError },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    r#type: Arc<str>,
    minimal_config: Map<String, Json>,
    #[serde(default)]
    scenarios: Vec<Scenario>,
    #[serde(default)]
    checks: Vec<Check>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Scenario {
    name: String,
    #[serde(default)]
    before: Map<String, Json>,
    #[serde(default)]
    after: Map<String, Json>,
    create: Option<Map<String, Json>>,
    /// What the prior object holds besides, by names joined by dots that lead through first elements.
    #[serde(default)]
    state: BTreeMap<String, Json>,
    got: Got,
}

#[derive(Deserialize, PartialEq, Eq, Debug)]
#[serde(deny_unknown_fields)]
struct Got {
    result: Reaction,
    #[serde(default)]
    paths: BTreeSet<String>,
    #[serde(default)]
    changed: BTreeSet<String>,
    #[serde(default)]
    becomes_unknown: BTreeSet<String>,
    /// Whether a create's configuration is valid.
    validate_ok: Option<bool>,
    /// What the plan of a create fills in differently from that of the minimal configuration.
    #[serde(default)]
    filled_differs_from_minimal: BTreeMap<String, Json>,
    #[serde(default)]
    unknown_also: BTreeSet<String>,
    #[serde(default)]
    no_longer_filled: BTreeSet<String>,
    /// Planned all the same, though validation refuses the configuration; not asked here.
    #[serde(default, rename = "before_invalid")]
    _before_invalid: bool,
    #[serde(default, rename = "after_invalid")]
    _after_invalid: bool,
    /// At which stage it failed.
    stage: Option<String>,
}

#[derive(Deserialize, Clone, Copy, PartialEq, Eq, Debug)]
#[serde(rename_all = "snake_case")]
enum Reaction {
    Replace,
    InPlace,
    NoDiff,
    Create,
    Error,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Check {
    path: String,
    value: Json,
    #[serde(default)]
    with: Map<String, Json>,
    rejected: Rejected,
}

/// Which stage refuses a value, if any does.
#[derive(Deserialize, Clone, Copy, PartialEq, Eq, Debug)]
#[serde(untagged)]
enum Rejected {
    By(Stage),
    Never(bool),
}

#[derive(Deserialize, Clone, Copy, PartialEq, Eq, Debug)]
#[serde(rename_all = "snake_case")]
enum Stage {
    Validate,
    Plan,
}

impl Behaviour<'_> {
    /// Gives `run` what the facts alone say.
    pub fn of_facts<T>(facts: &TypeFacts, run: impl FnOnce(Behaviour<'_>) -> T) -> T {
        let plan = |request: &PlanRequest<'_>| planner::plan(facts, request, &BTreeMap::new(), &|_, _, _| false);
        let validate = |config: &Value| planner::validate(facts, config);
        run(Behaviour { plan: &plan, validate: &validate })
    }
}

impl Suite {
    /// Reads a type's facts and its observations.
    ///
    /// # Errors
    /// Either text is not what it should be, or they are of different types.
    pub fn parse(facts: &str, observations: &str) -> Result<Suite, SuiteError> {
        let facts = Arc::new(TypeFacts::parse(facts)?);
        let document: Document = serde_json::from_str(observations)?;
        if document.r#type != facts.type_name {
            let reason = format!("the observations are of `{}`, not of `{}`", document.r#type, facts.type_name);
            return Err(SuiteError::Facts(FactsError { key: "type".into(), reason }));
        }
        let Document { minimal_config: minimal, scenarios, checks, .. } = document;
        Ok(Suite { facts, minimal, scenarios, checks })
    }

    pub fn facts(&self) -> &Arc<TypeFacts> {
        &self.facts
    }

    /// Puts all questions.
    ///
    /// # Errors
    /// A configuration or an object of an observation does not fit the schema.
    pub fn run(&self, behaviour: &Behaviour<'_>) -> Result<Vec<Outcome>, SuiteError> {
        let scenarios = self.scenarios.iter().map(|scenario| {
            self.scenario(scenario, behaviour).map_err(|error| SuiteError::Value { name: scenario.name.clone(), error })
        });
        let checks = self.checks.iter().map(|check| {
            self.check(check, behaviour).map_err(|error| SuiteError::Value { name: check.path.clone(), error })
        });
        scenarios.chain(checks).collect()
    }

    fn sampler(&self) -> Sampler<'_> {
        Sampler { facts: &self.facts }
    }

    /// The minimal configuration with a patch over it: null takes away.
    fn config(&self, patch: &Map<String, Json>) -> Result<Value, JsonError> {
        let mut config = self.minimal.clone();
        for (name, value) in patch {
            if value.is_null() {
                config.remove(name);
            } else {
                config.insert(name.clone(), value.clone());
            }
        }
        sample::complete(&self.facts.schema.block, &config)
    }

    fn plan(&self, behaviour: &Behaviour<'_>, prior: Option<&Value>, config: &Value) -> Planned {
        let proposed = propose(&self.facts.schema.block, prior, config);
        (behaviour.plan)(&PlanRequest {
            type_name: &self.facts.type_name,
            prior,
            config,
            proposed: &proposed,
            private: &[],
        })
    }

    fn scenario(&self, scenario: &Scenario, behaviour: &Behaviour<'_>) -> Result<Outcome, JsonError> {
        let answered = match &scenario.create {
            Some(patch) => self.created(patch, behaviour)?,
            None => self.changed(scenario, behaviour)?,
        };
        let name = scenario.name.clone();
        Ok(Outcome { name, observed: scenario.got.to_text(), answered: answered.to_text() })
    }

    fn changed(&self, scenario: &Scenario, behaviour: &Behaviour<'_>) -> Result<Got, JsonError> {
        let planned = self.plan(behaviour, None, &self.config(&scenario.before)?).planned;
        let mut prior = sample::fill(&self.facts, &planned);
        for (names, json) in &scenario.state {
            prior = sample::put(&self.facts.schema.block, prior, names, json)?;
        }
        let config = self.config(&scenario.after)?;
        let Planned { planned, replace } = self.plan(behaviour, Some(&prior), &config);
        let mut got = Got::of(Reaction::NoDiff);
        for (name, after) in planned.reveal().entries().into_iter().flatten() {
            if prior.get(name).as_ref() != Some(after) {
                let names = if after.is_known() { &mut got.changed } else { &mut got.becomes_unknown };
                names.insert(name.to_string());
            }
        }
        got.paths = replace.iter().map(Path::to_string).collect();
        got.result = match (got.paths.is_empty(), planned == prior) {
            (false, _) => Reaction::Replace,
            (true, true) => Reaction::NoDiff,
            (true, false) => Reaction::InPlace,
        };
        Ok(got)
    }

    fn created(&self, patch: &Map<String, Json>, behaviour: &Behaviour<'_>) -> Result<Got, JsonError> {
        let config = self.config(patch)?;
        let minimal_config = self.config(&Map::new())?;
        let filled = self.filled(&self.plan(behaviour, None, &config).planned, &config);
        let minimal = self.filled(&self.plan(behaviour, None, &minimal_config).planned, &minimal_config);
        let mut got = Got::of(Reaction::Create);
        got.validate_ok = Some(!(behaviour.validate)(&config).has_errors());
        for (names, value) in &filled {
            if minimal.get(names) == Some(value) {
                continue;
            }
            match value {
                Some(value) => drop(got.filled_differs_from_minimal.insert(names.clone(), value.clone())),
                None => drop(got.unknown_also.insert(names.clone())),
            }
        }
        for (names, value) in &minimal {
            let given =
                names.split('.').next().is_some_and(|name| config.get(name).is_some_and(|value| !is_empty(&value)));
            if value.is_some() && !filled.contains_key(names) && !given {
                got.no_longer_filled.insert(names.clone());
            }
        }
        Ok(got)
    }

    /// What a plan fills in where the configuration is silent, by names; `None` for unknown. Of several blocks the first counts.
    fn filled(&self, planned: &Value, config: &Value) -> BTreeMap<String, Option<Json>> {
        let mut filled = BTreeMap::new();
        look(&self.facts.schema.block, "", planned, config, &mut filled);
        filled
    }

    fn check(&self, check: &Check, behaviour: &Behaviour<'_>) -> Result<Outcome, JsonError> {
        let value = repeated(&check.value);
        let mut patch = if check.path.contains('.') {
            self.sampler().patch_with(&self.minimal, &check.path, &value)
        } else {
            Map::from_iter([(check.path.clone(), value)])
        };
        patch.extend(check.with.clone());
        let config = self.config(&patch)?;
        let answered = if (behaviour.validate)(&config).has_errors() {
            Rejected::By(Stage::Validate)
        } else {
            Rejected::Never(false)
        };
        let with =
            if check.with.is_empty() { String::new() } else { format!(" with {}", Json::Object(check.with.clone())) };
        let name = format!("{} = {}{with}", check.path, check.value);
        Ok(Outcome { name, observed: check.rejected.to_text(), answered: answered.to_text() })
    }
}

fn look(block: &Block, prefix: &str, planned: &Value, config: &Value, filled: &mut BTreeMap<String, Option<Json>>) {
    for name in block.attributes.keys() {
        let given = config.get(name).is_some_and(|value| !value.is_null());
        let Some(value) = planned.get(name).filter(|value| !given && !value.is_null()) else {
            continue;
        };
        filled.insert(format!("{prefix}{name}"), to_simple_json(&value).ok());
    }
    for (name, nested) in &block.blocks {
        let (Some(value), Some(given)) = (planned.get(name), config.get(name)) else {
            continue;
        };
        match nested.nesting {
            Nesting::List | Nesting::Set => {
                let first = |value: &Value| value.reveal().items().and_then(|items| items.first().cloned());
                if !value.is_known() && is_empty(&given) {
                    filled.insert(format!("{prefix}{name}"), None);
                } else if let (Some(value), Some(given)) = (first(&value), first(&given)) {
                    look(&nested.block, &format!("{prefix}{name}."), &value, &given, filled);
                }
            }
            Nesting::Single | Nesting::Group | Nesting::Map => {}
        }
    }
}

/// `{"repeat": "x", "times": 300}` stands for a long text.
fn repeated(value: &Json) -> Json {
    match (value.get("repeat").and_then(Json::as_str), value.get("times").and_then(Json::as_u64)) {
        (Some(text), Some(times)) => Json::String(text.repeat(usize::try_from(times).unwrap_or(usize::MAX))),
        _ => value.clone(),
    }
}

impl Got {
    fn of(result: Reaction) -> Got {
        Got {
            result,
            paths: BTreeSet::new(),
            changed: BTreeSet::new(),
            becomes_unknown: BTreeSet::new(),
            validate_ok: None,
            filled_differs_from_minimal: BTreeMap::new(),
            unknown_also: BTreeSet::new(),
            no_longer_filled: BTreeSet::new(),
            _before_invalid: false,
            _after_invalid: false,
            stage: None,
        }
    }

    fn to_text(&self) -> String {
        let mut parts = vec![format!("{:?}", self.result)];
        let mut set = |name: &str, names: &BTreeSet<String>| {
            if !names.is_empty() {
                parts.push(format!("{name} {names:?}"));
            }
        };
        set("for", &self.paths);
        set("changed", &self.changed);
        set("unknown", &self.becomes_unknown);
        set("unknown also", &self.unknown_also);
        set("no longer filled", &self.no_longer_filled);
        if let Some(valid) = self.validate_ok {
            parts.push(if valid { "valid" } else { "invalid" }.to_string());
        }
        for (name, value) in &self.filled_differs_from_minimal {
            parts.push(format!("{name} = {value}"));
        }
        if let Some(stage) = &self.stage {
            parts.push(format!("in {stage}"));
        }
        parts.join(", ")
    }
}

impl Rejected {
    fn to_text(self) -> String {
        match self {
            Rejected::By(Stage::Validate) => "refused".into(),
            Rejected::By(Stage::Plan) => "refused by the plan".into(),
            Rejected::Never(_) => "accepted".into(),
        }
    }
}
