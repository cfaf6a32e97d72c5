//! Resource types as plain structs, and how they are joined with values.

use std::marker::PhantomData;
use std::time::Duration;

use model::value::Value;
use provider::error::ProviderError;
use provider::facts::TypeFacts;
use provider::resource::Refusal;
use provider::{PlanAnswer, PlanRequest, adapter};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value as Json};

use crate::behaviour::{Behaviour, Moment, not_importable};
use crate::plan;
use crate::world::World;

/// A resource type whose objects are structs with the schema's attributes as fields.
///
/// What is null or unknown in a value is the field's default: `#[serde(default)]` on the struct, `Option<T>` for
/// attributes that may be null.
pub trait Resource: Default + Serialize + DeserializeOwned + Send + Sync + 'static {
    const TYPE: &'static str;

    /// See [`Behaviour::is_observed`].
    const IS_OBSERVED: bool = false;

    /// Makes the object: fills in what the plan left unknown. What was known is not looked at again.
    fn create(self, world: &dyn World) -> Result<Self, ProviderError>;

    /// The object as it is now; `None` when it is gone.
    fn read(self, world: &dyn World) -> Result<Option<Self>, ProviderError> {
        let _ = world;
        Ok(Some(self))
    }

    /// Changes the object in place; `want` has what stays unknown of the plan from `have`.
    fn update(have: Self, want: Self, world: &dyn World) -> Result<Self, ProviderError> {
        let _ = (have, world);
        Ok(want)
    }

    /// Deletes the object; that it is gone already is a success.
    fn delete(self, world: &dyn World) -> Result<(), ProviderError> {
        let _ = world;
        Ok(())
    }

    /// See [`Behaviour::delay`].
    fn delay(&self, moment: Moment) -> Duration {
        let _ = moment;
        Duration::ZERO
    }

    /// What an interrupted create of this object left behind.
    fn find(self, world: &dyn World) -> Result<Option<Self>, ProviderError> {
        let _ = world;
        Ok(None)
    }

    /// Makes an object of an identifier.
    fn import(id: &str, world: &dyn World) -> Result<Self, ProviderError> {
        let _ = (id, world);
        Err(not_importable(Self::TYPE))
    }

    /// See [`Behaviour::upgrade`].
    fn upgrade(version: u64, stored: &mut Map<String, Json>, world: &dyn World) -> Result<(), ProviderError> {
        let _ = (version, stored, world);
        Ok(())
    }

    /// Plan rules that facts can't state. Sees the plan that they gave, and changes it.
    ///
    /// # Errors
    /// What can't be planned for.
    fn refine(request: &PlanRequest<'_>, answer: &mut PlanAnswer, world: &dyn World) -> Result<(), ProviderError> {
        let _ = (request, answer, world);
        Ok(())
    }

    /// Checks that facts can't state. `config` may hold unknown values.
    fn validate(config: &Value) -> Vec<Refusal> {
        let _ = config;
        Vec::new()
    }
}

/// A struct's behaviour on values.
pub struct Typed<R>(PhantomData<fn() -> R>);

impl<R> Typed<R> {
    pub const NEW: Typed<R> = Typed(PhantomData);
}

impl<R: Resource> Behaviour for Typed<R> {
    fn plan(
        &self,
        facts: &TypeFacts,
        request: &PlanRequest<'_>,
        world: &dyn World,
    ) -> Result<PlanAnswer, ProviderError> {
        let mut answer = plan::by_facts(facts, request);
        R::refine(request, &mut answer, world)?;
        Ok(answer)
    }

    fn validate(&self, config: &Value) -> Vec<Refusal> {
        R::validate(config)
    }

    fn is_observed(&self) -> bool {
        R::IS_OBSERVED
    }

    fn read(&self, facts: &TypeFacts, have: &Value, world: &dyn World) -> Result<Option<Value>, ProviderError> {
        let known = to_value(&from_value::<R>(have)?, facts)?;
        let Some(live) = from_value::<R>(have)?.read(world)? else { return Ok(None) };
        let live = to_value(&live, facts)?;
        // What did not change stays as it was written: the struct does not tell null and missing apart.
        let parts = live.reveal().entries().expect("a struct is an object").iter().map(|(name, live)| {
            let is_same = known.get(name).as_ref() == Some(live);
            (name.clone(), have.get(name).filter(|_| is_same).unwrap_or_else(|| live.clone()))
        });
        Ok(Some(Value::object(parts.collect::<Vec<_>>())))
    }

    fn delay(&self, object: &Value, moment: Moment) -> Duration {
        from_value::<R>(object).map_or(Duration::ZERO, |object| object.delay(moment))
    }

    fn create(&self, facts: &TypeFacts, planned: &Value, world: &dyn World) -> Result<Value, ProviderError> {
        let made = from_value::<R>(planned)?.create(world)?;
        Ok(plan::fill(planned, &to_value(&made, facts)?))
    }

    fn update(
        &self,
        facts: &TypeFacts,
        have: &Value,
        planned: &Value,
        world: &dyn World,
    ) -> Result<Value, ProviderError> {
        let want = from_value::<R>(&plan::fill(planned, have))?;
        let made = R::update(from_value(have)?, want, world)?;
        Ok(plan::fill(planned, &to_value(&made, facts)?))
    }

    fn delete(&self, have: &Value, world: &dyn World) -> Result<(), ProviderError> {
        from_value::<R>(have)?.delete(world)
    }

    fn find(&self, facts: &TypeFacts, planned: &Value, world: &dyn World) -> Result<Option<Value>, ProviderError> {
        let found = from_value::<R>(planned)?.find(world)?;
        found.map(|found| Ok(plan::fill(planned, &to_value(&found, facts)?))).transpose()
    }

    fn import(&self, facts: &TypeFacts, id: &str, world: &dyn World) -> Result<Value, ProviderError> {
        to_value(&R::import(id, world)?, facts)
    }

    fn upgrade(&self, version: u64, stored: &mut Map<String, Json>, world: &dyn World) -> Result<(), ProviderError> {
        R::upgrade(version, stored, world)
    }

    fn field_difference(&self, facts: &TypeFacts) -> Option<String> {
        adapter::field_difference::<R>(facts)
    }
}

pub(crate) fn from_value<R: DeserializeOwned>(value: &Value) -> Result<R, ProviderError> {
    adapter::from_value(value)
}

pub(crate) fn to_value<R: Serialize>(object: &R, facts: &TypeFacts) -> Result<Value, ProviderError> {
    adapter::to_value(object, &facts.schema.block)
}
