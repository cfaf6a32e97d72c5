//! A provider that makes up its answers, for tests: the schemas and the validation are a real provider's, the objects are not.
//!
//! What the configuration gives is as it is given; what the provider would compute is what the test says, and otherwise made
//! up by its type: eight random characters for a string, 0, `false`, empty collections. Nothing is asked of any service.

mod make;

use std::sync::Arc;

use async_trait::async_trait;
use model::address::{Mode, ProviderAddr};
use model::diagnostic::Diagnostics;
use model::path::Path;
use model::schema::{Block, Schema};
use model::value::Value;

use crate::error::ProviderError;
use crate::{Applied, ApplyRequest, Born, PlanAnswer, PlanRequest, Provider, Remote, TargetInfo, Token};

use self::make::Maker;

/// A mock around a real, unconfigured provider.
///
/// One mock answers for one object or data source: with the same seed it makes up the same values each time, so that an apply
/// finds what the plan said.
pub struct MockProvider {
    real: Arc<dyn Provider>,
    values: Values,
    seed: u64,
}

/// What a test says about made-up objects.
#[derive(Clone, Debug, Default)]
pub struct Values {
    /// An object or map: values for attributes that the configuration leaves to the provider. Others, and names that the type
    /// does not have, are passed over.
    pub given: Option<Value>,
    /// Whether made-up values are known while planning already.
    pub known_in_plan: bool,
    /// Where the test says so, for messages: `main.tftest.hcl line 3`.
    pub place: Option<Arc<str>>,
}

impl MockProvider {
    pub fn new(real: Arc<dyn Provider>, values: Values, seed: u64) -> MockProvider {
        MockProvider { real, values, seed }
    }

    fn maker(&self) -> Maker<'_> {
        Maker::new(&self.values, self.seed)
    }

    fn known_schema(&self, mode: Mode, type_name: &str) -> Result<Arc<Schema>, ProviderError> {
        self.real
            .schema(mode, type_name)
            .ok_or_else(|| ProviderError::invalid(format!("mock {type_name}"), "the provider has no such type"))
    }
}

#[async_trait]
impl Provider for MockProvider {
    fn addr(&self) -> &ProviderAddr {
        self.real.addr()
    }

    fn config_schema(&self) -> Arc<Block> {
        self.real.config_schema()
    }

    fn schema(&self, mode: Mode, type_name: &str) -> Option<Arc<Schema>> {
        self.real.schema(mode, type_name)
    }

    fn config_block(&self, mode: Mode, type_name: &str) -> Option<Arc<Block>> {
        self.real.config_block(mode, type_name)
    }

    fn fold(&self, mode: Mode, type_name: &str, config: Value) -> Result<Value, Diagnostics> {
        self.real.fold(mode, type_name, config)
    }

    fn type_names(&self, mode: Mode) -> Vec<Arc<str>> {
        self.real.type_names(mode)
    }

    async fn configure(&self, _: &Value) -> Result<(), ProviderError> {
        Ok(())
    }

    async fn target(&self) -> Result<Option<TargetInfo>, ProviderError> {
        Ok(None)
    }

    fn validate(&self, mode: Mode, type_name: &str, config: &Value) -> Diagnostics {
        self.real.validate(mode, type_name, config)
    }

    fn upgrade(&self, type_name: &str, version: u64, stored: &serde_json::Value) -> Result<Value, ProviderError> {
        self.real.upgrade(type_name, version, stored)
    }

    async fn read(&self, _: &str, objects: &[Remote]) -> Vec<Result<Option<Remote>, ProviderError>> {
        objects.iter().map(|object| Ok(Some(object.clone()))).collect()
    }

    async fn read_data(&self, type_name: &str, config: &Value) -> Result<Value, ProviderError> {
        let schema = self.known_schema(Mode::Data, type_name)?;
        self.maker().complete(type_name, &schema.block, config)
    }

    async fn plan(&self, request: PlanRequest<'_>) -> Result<PlanAnswer, ProviderError> {
        let planned = match request.prior {
            // What was made up once stays.
            Some(_) => request.proposed.clone(),
            None => {
                let schema = self.known_schema(Mode::Managed, request.type_name)?;
                if self.values.known_in_plan {
                    self.maker().complete(request.type_name, &schema.block, request.proposed)?
                } else {
                    make::unknown(&schema.block, request.proposed)
                }
            }
        };
        Ok(PlanAnswer { planned, replace: Vec::new(), private: Arc::default(), notes: Vec::new() })
    }

    async fn apply(&self, request: ApplyRequest<'_>, _: &dyn Born) -> Applied {
        let Some(planned) = request.planned else { return Applied { remote: None, error: None } };
        let made = self
            .known_schema(Mode::Managed, request.type_name)
            .and_then(|schema| self.maker().complete(request.type_name, &schema.block, planned));
        match made {
            Ok(value) => Applied { remote: Some(Remote { value, private: Arc::default() }), error: None },
            Err(error) => Applied { remote: request.prior.cloned(), error: Some(error) },
        }
    }

    async fn find(&self, _: &str, _: &Value, _: &Token) -> Result<Option<Remote>, ProviderError> {
        Ok(None)
    }

    async fn import(&self, type_name: &str, id: &str) -> Result<Remote, ProviderError> {
        let operation = format!("import {type_name} {id}");
        Err(ProviderError::invalid(operation, "a mocked provider has no objects that could be imported")
            .attribute(Path::root()))
    }
}

#[cfg(test)]
mod tests;
