//! Data sources as plain structs.

use std::marker::PhantomData;

use model::value::Value;
use provider::adapter;
use provider::error::ProviderError;
use provider::facts::TypeFacts;
use provider::resource::Refusal;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::resource::{from_value, to_value};
use crate::world::World;

/// A data source whose answer is a struct with the schema's attributes as fields.
pub trait DataSource: Default + Serialize + DeserializeOwned + Send + Sync + 'static {
    const TYPE: &'static str;

    /// Fills in what the configuration does not give.
    fn read(self, world: &dyn World) -> Result<Self, ProviderError>;

    /// Checks that facts can't state. `config` may hold unknown values.
    fn validate(config: &Value) -> Vec<Refusal> {
        let _ = config;
        Vec::new()
    }
}

/// What a data source does, on values.
pub trait DataBehaviour: Send + Sync {
    fn read(&self, facts: &TypeFacts, config: &Value, world: &dyn World) -> Result<Value, ProviderError>;

    fn validate(&self, config: &Value) -> Vec<Refusal>;

    /// How a data source's struct differs from its schema; `None` when it does not. For tests.
    fn field_difference(&self, facts: &TypeFacts) -> Option<String>;
}

/// A struct's behaviour on values.
pub struct TypedData<D>(PhantomData<fn() -> D>);

impl<D> TypedData<D> {
    pub const NEW: TypedData<D> = TypedData(PhantomData);
}

impl<D: DataSource> DataBehaviour for TypedData<D> {
    fn read(&self, facts: &TypeFacts, config: &Value, world: &dyn World) -> Result<Value, ProviderError> {
        let answer = to_value(&from_value::<D>(config)?.read(world)?, facts)?;
        let attributes = answer.reveal().entries().expect("a struct is an object").iter().map(|(name, answer)| {
            let given = config.get(name).filter(|given| !given.is_null());
            (name.clone(), given.unwrap_or_else(|| answer.clone()))
        });
        Ok(Value::object(attributes.collect::<Vec<_>>()))
    }

    fn validate(&self, config: &Value) -> Vec<Refusal> {
        D::validate(config)
    }

    fn field_difference(&self, facts: &TypeFacts) -> Option<String> {
        adapter::field_difference::<D>(facts)
    }
}
