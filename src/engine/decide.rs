//! What becomes of one object: the provider's plan, and the action that follows from it.

use std::sync::Arc;

use model::path::Path;
use model::schema::Schema;
use model::value::{Marks, Value};
use provider::error::ProviderError;
use provider::propose::propose;
use provider::{PlanAnswer, PlanRequest, Provider};

use crate::object;
use crate::plan::{Action, Reason};

/// All that a decision depends on. Values are unmarked.
pub struct Question<'a> {
    pub provider: &'a dyn Provider,
    pub type_name: &'a str,
    pub schema: &'a Schema,
    /// The object as refreshed, and the provider's bytes; `None` when there is none.
    pub prior: Option<(&'a Value, &'a [u8])>,
    pub config: &'a Value,
    /// The configuration with `ignore_changes` done: what an object that is kept is planned from.
    pub kept_config: &'a Value,
    pub is_tainted: bool,
    /// Why the object must be replaced whatever the provider says, beside being tainted.
    pub force: Option<Reason>,
    pub create_first: bool,
}

/// What is to be done.
pub struct Decision {
    pub action: Action,
    /// Unmarked.
    pub planned: Value,
    pub private: Arc<[u8]>,
    pub replace_paths: Vec<Path>,
    pub reason: Option<Reason>,
    /// See [`PlanAnswer::notes`](provider::PlanAnswer::notes).
    pub notes: Vec<String>,
}

/// Asks the provider and decides.
///
/// # Errors
/// The provider refuses, or plans something that is not of the type's schema.
pub async fn decide(question: Question<'_>) -> Result<Decision, ProviderError> {
    let Some((prior, private)) = question.prior else {
        let PlanAnswer { planned, private, notes, .. } = plan(&question, None).await?;
        // As Terraform, which tells of the trigger even where there is nothing to replace.
        let reason = question.force.filter(|reason| *reason == Reason::Triggered);
        return Ok(Decision { action: Action::Create, planned, private, replace_paths: Vec::new(), reason, notes });
    };
    // A tainted object is no base to plan from: attributes of it that the provider made may be half-way.
    if question.is_tainted {
        let reason = question.force.filter(|reason| *reason == Reason::Triggered).unwrap_or(Reason::Tainted);
        return replacement(&question, Vec::new(), reason).await;
    }
    let PlanAnswer { planned, replace, private, notes } = plan(&question, Some((prior, private))).await?;
    let replace: Vec<Path> = replace.into_iter().filter(|path| differs(prior, &planned, path)).collect();
    match (question.force, replace.is_empty()) {
        (Some(reason), _) => replacement(&question, replace, reason).await,
        (None, false) => replacement(&question, replace, Reason::CannotUpdate).await,
        (None, true) => {
            let action = if planned == *prior { Action::NoOp } else { Action::Update };
            Ok(Decision { action, planned, private, replace_paths: Vec::new(), reason: None, notes })
        }
    }
}

/// Plans the successor of an object that is replaced, as if there was no object.
async fn replacement(
    question: &Question<'_>,
    replace_paths: Vec<Path>,
    reason: Reason,
) -> Result<Decision, ProviderError> {
    let PlanAnswer { planned, private, notes, .. } = plan(question, None).await?;
    let action = Action::Replace { create_first: question.create_first };
    Ok(Decision { action, planned, private, replace_paths, reason: Some(reason), notes })
}

async fn plan(question: &Question<'_>, prior: Option<(&Value, &[u8])>) -> Result<PlanAnswer, ProviderError> {
    let present = prior.map(|(prior, _)| prior);
    // A new object has no values to keep.
    let config = if present.is_some() { question.kept_config } else { question.config };
    let proposed = propose(&question.schema.block, present, config);
    let request = PlanRequest {
        type_name: question.type_name,
        prior: present,
        config,
        proposed: &proposed,
        private: prior.map_or(&[], |(_, private)| private),
    };
    let answer = question.provider.plan(request).await?;
    if !object::conforms(&answer.planned, &question.schema.block.implied_type()) || answer.planned.is_null() {
        let operation = format!("plan a {}", question.type_name);
        return Err(ProviderError::invalid(operation, "the provider's plan is not of the type's schema"));
    }
    let planned = object::without_write_only(answer.planned, &question.schema.block);
    Ok(PlanAnswer { planned, ..answer })
}

fn differs(prior: &Value, planned: &Value, path: &Path) -> bool {
    match (prior.at(path), planned.at(path)) {
        (None, None) => true,
        (Some(prior), Some(planned)) => !planned.is_wholly_known() || prior != planned,
        (Some(_), None) | (None, Some(_)) => true,
    }
}

/// The planned object with its marks: what the configuration and the schema say is sensitive.
pub fn marked(planned: Value, sensitive: &[Path], schema: &Schema) -> Value {
    object::mark(planned.mark_at(sensitive, Marks::SENSITIVE), &schema.block)
}
