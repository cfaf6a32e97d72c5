//! Saved plans: a plan as a file, and back.
//!
//! The file is JSON in a form of its own, apart from the engine's types. It holds sensitive values in the clear, as a state
//! does: it must be readable by its owner only. It also holds the values of the root module's variables and the text of the
//! configuration, so that what is applied later is what was planned, or is refused.

mod names;
mod stored;
mod value;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use model::diagnostic::Diagnostic;
use model::source::SourceMap;
use model::value::Value;

use crate::plan::Plan;
use stored::{StoredFile, StoredSource};

/// Changes when a reader of an earlier form would misunderstand the file.
const FORMAT: u32 = 1;

/// What a saved plan holds.
#[derive(Clone, Debug)]
pub struct PlanFile {
    pub plan: Plan,
    /// The values of the root module's variables, as the plan was made with them. Ephemeral ones are not kept: they must be
    /// given again.
    pub variables: BTreeMap<Arc<str>, Value>,
    /// The ephemeral variables that were given a value: an apply needs one for each of them, and for no others.
    pub ephemeral: BTreeSet<Arc<str>>,
    /// As `variables`, before conversion: as they were given, or else the defaults.
    pub given: BTreeMap<Arc<str>, Value>,
    /// The files of the configuration: name and text.
    pub sources: Vec<(Arc<str>, Arc<str>)>,
}

/// A file that is no saved plan this version can apply.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum PlanFileError {
    #[error("it is not a saved plan: {0}")]
    NotAPlan(String),
    #[error("it is a saved plan of format {0}, and this version reads format {FORMAT}")]
    OtherFormat(u32),
    #[error("it is damaged: {0}")]
    Damaged(String),
}

/// What is known of the root module's variables.
#[derive(Clone, Copy, Debug)]
pub struct Variables<'a> {
    pub values: &'a BTreeMap<Arc<str>, Value>,
    /// The same before conversion.
    pub given: &'a BTreeMap<Arc<str>, Value>,
    /// The ephemeral variables that were given a value.
    pub ephemeral: &'a BTreeSet<Arc<str>>,
}

/// Writes a plan. `sources` is the source map that the plan's ranges point into.
pub fn render(plan: &Plan, variables: Variables<'_>, sources: &SourceMap) -> Vec<u8> {
    let file = stored::store(plan, variables, sources);
    serde_json::to_vec(&file).expect("the stored form is always JSON")
}

/// Reads a plan. `sources` is the source map of the configuration as it is now: ranges are looked up in it by file name.
///
/// # Errors
/// The file is no saved plan, or one of another format.
pub fn parse(bytes: &[u8], sources: &SourceMap) -> Result<PlanFile, PlanFileError> {
    let head: Head = serde_json::from_slice(bytes).map_err(|error| PlanFileError::NotAPlan(error.to_string()))?;
    if head.format != FORMAT {
        return Err(PlanFileError::OtherFormat(head.format));
    }
    let file: StoredFile = serde_json::from_slice(bytes).map_err(|error| PlanFileError::Damaged(error.to_string()))?;
    stored::restore(file, sources).map_err(PlanFileError::Damaged)
}

/// The part of the file that all formats share.
#[derive(serde::Deserialize)]
struct Head {
    #[serde(rename = "infra_plan_format")]
    format: u32,
}

impl PlanFile {
    /// Refuses a configuration that is not the one the plan was made from.
    ///
    /// # Errors
    /// A file was changed, added or removed since.
    pub fn check_sources(&self, sources: &SourceMap) -> Result<(), Diagnostic> {
        let then: BTreeMap<&str, &str> =
            self.sources.iter().map(|(name, text)| (name.as_ref(), text.as_ref())).collect();
        let now: BTreeMap<&str, &str> =
            stored::configuration(sources).map(|file| (file.name.as_ref(), file.text.as_ref())).collect();
        let changed = then
            .iter()
            .find(|(name, text)| now.get(*name) != Some(*text))
            .or_else(|| now.iter().find(|(name, _)| !then.contains_key(*name)));
        match changed {
            None => Ok(()),
            Some((name, _)) => Err(Diagnostic::error(
                "Saved plan does not match the configuration",
                format!(
                    "{name} is not as it was when the plan was made, so applying the plan would not do what was shown."
                ),
            )
            .hint("Make a new plan, or put the file back.")),
        }
    }
}

impl From<&StoredSource> for (Arc<str>, Arc<str>) {
    fn from(source: &StoredSource) -> (Arc<str>, Arc<str>) {
        (source.name.as_str().into(), source.text.as_str().into())
    }
}
