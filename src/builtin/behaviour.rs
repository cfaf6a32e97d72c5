//! What a resource type does, on values: what the tables hold and the provider calls.

use std::time::Duration;

use model::value::Value;
use provider::error::ProviderError;
use provider::facts::TypeFacts;
use provider::resource::Refusal;
use provider::{PlanAnswer, PlanRequest};
use serde_json::{Map, Value as Json};

use crate::plan;
use crate::world::World;

/// One resource type. Objects are values of the type's schema without marks.
pub trait Behaviour: Send + Sync {
    /// Plans an object; by default as the facts say.
    fn plan(
        &self,
        facts: &TypeFacts,
        request: &PlanRequest<'_>,
        world: &dyn World,
    ) -> Result<PlanAnswer, ProviderError> {
        let _ = world;
        Ok(plan::by_facts(facts, request))
    }

    /// Checks that facts can't state. `config` may hold unknown values.
    fn validate(&self, config: &Value) -> Vec<Refusal> {
        let _ = config;
        Vec::new()
    }

    /// Whether there is anything to look at outside the state; without, a read gives back what was recorded.
    fn is_observed(&self) -> bool {
        false
    }

    /// The object as it is now; `None` when it is gone.
    fn read(&self, facts: &TypeFacts, have: &Value, world: &dyn World) -> Result<Option<Value>, ProviderError> {
        let _ = (facts, world);
        Ok(Some(have.clone()))
    }

    /// How long to wait before the object is made, or before it is deleted.
    fn delay(&self, object: &Value, moment: Moment) -> Duration {
        let _ = (object, moment);
        Duration::ZERO
    }

    /// Makes the object: `planned` with all that was unknown filled in.
    fn create(&self, facts: &TypeFacts, planned: &Value, world: &dyn World) -> Result<Value, ProviderError>;

    /// Changes the object in place. Unknown parts of `planned` that the change does not touch are those of `have`.
    fn update(
        &self,
        facts: &TypeFacts,
        have: &Value,
        planned: &Value,
        world: &dyn World,
    ) -> Result<Value, ProviderError> {
        let _ = (facts, world);
        Ok(plan::fill(planned, have))
    }

    /// Deletes the object; that it is gone already is a success.
    fn delete(&self, have: &Value, world: &dyn World) -> Result<(), ProviderError> {
        let _ = (have, world);
        Ok(())
    }

    /// What an interrupted create left behind: nothing, for objects that live in the state alone.
    fn find(&self, facts: &TypeFacts, planned: &Value, world: &dyn World) -> Result<Option<Value>, ProviderError> {
        let _ = (facts, planned, world);
        Ok(None)
    }

    /// Makes an object of the identifier that was given to `import`.
    fn import(&self, facts: &TypeFacts, id: &str, world: &dyn World) -> Result<Value, ProviderError>;

    /// Brings the attributes of an older schema version to the present one; what is gone since is dropped afterwards.
    fn upgrade(&self, version: u64, stored: &mut Map<String, Json>, world: &dyn World) -> Result<(), ProviderError> {
        let _ = (version, stored, world);
        Ok(())
    }

    /// How a type's struct differs from its schema; `None` when it does not, or when there is no struct. For tests.
    fn field_difference(&self, facts: &TypeFacts) -> Option<String> {
        let _ = facts;
        None
    }
}

/// When a type may ask for a pause.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Moment {
    Create,
    Delete,
}

/// The error of a type that can't be imported.
pub fn not_importable(type_name: &str) -> ProviderError {
    ProviderError::invalid(format!("import {type_name}"), "objects of this type can't be imported")
}
