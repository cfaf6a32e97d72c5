//! Where the schemas come from that tell attributes from blocks and secrets from the rest.

use std::sync::Arc;

use engine::object;
use engine::pool::Pool;
use model::address::{Mode, ProviderAddr};
use model::json::from_json;
use model::schema::Schema;
use model::value::{Marks, Value};
use state::Object;

/// Knows the schemas of the types that a plan or state holds.
///
/// The engine's [`Pool`] does; so does any function of that shape.
pub trait Schemas {
    /// The schema of a type; `None` when nobody knows it.
    fn schema(&self, provider: &ProviderAddr, mode: Mode, type_name: &str) -> Option<Arc<Schema>>;

    /// Reads the attributes of an object in a state, with their marks.
    ///
    /// `None` when that can't be done for want of a schema, and then nothing may be shown: nobody knows what is secret.
    fn decode(&self, provider: &ProviderAddr, mode: Mode, type_name: &str, object: &Object) -> Option<Value> {
        let schema = self.schema(provider, mode, type_name)?;
        if object.schema_version != schema.version {
            return None;
        }
        let json: serde_json::Value = serde_json::from_str(object.attributes.get()).ok()?;
        let value = from_json(&json, &schema.block.implied_type()).ok()?;
        Some(object::mark(value.mark_at(&object.sensitive, Marks::SENSITIVE), &schema.block))
    }
}

impl<F> Schemas for F
where
    F: Fn(&ProviderAddr, Mode, &str) -> Option<Arc<Schema>>,
{
    fn schema(&self, provider: &ProviderAddr, mode: Mode, type_name: &str) -> Option<Arc<Schema>> {
        self(provider, mode, type_name)
    }
}

impl Schemas for Pool<'_> {
    fn schema(&self, provider: &ProviderAddr, mode: Mode, type_name: &str) -> Option<Arc<Schema>> {
        self.schemas(provider).ok()?.schema(mode, type_name)
    }

    /// Objects that an older provider wrote are upgraded on the way.
    fn decode(&self, provider: &ProviderAddr, mode: Mode, type_name: &str, object: &Object) -> Option<Value> {
        object::decode(object, &*self.schemas(provider).ok()?, mode, type_name).ok()
    }
}
