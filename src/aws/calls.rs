//! Counts the calls of a run: every attempt that goes out, and every one that the service throttled.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeDeserializationInterceptorContextRef, BeforeTransmitInterceptorContextRef,
};
use aws_smithy_runtime_api::client::orchestrator::Metadata;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use provider::CallCount;

/// Counts by `service:Operation`; shared by all clients of a provider configuration.
#[derive(Clone, Debug, Default)]
pub struct Calls(Arc<Mutex<BTreeMap<String, CallCount>>>);

impl Calls {
    pub fn counts(&self) -> BTreeMap<String, CallCount> {
        self.0.lock().expect("no panic while the lock is held").clone()
    }

    fn count(&self, config: &ConfigBag, add: impl FnOnce(&mut CallCount)) {
        let Some(metadata) = config.load::<Metadata>() else { return };
        let name = format!("{}:{}", metadata.service().to_lowercase().replace(' ', ""), metadata.name());
        add(self.0.lock().expect("no panic while the lock is held").entry(name).or_default());
    }
}

impl Intercept for Calls {
    fn name(&self) -> &'static str {
        "Calls"
    }

    fn read_before_transmit(
        &self,
        _context: &BeforeTransmitInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        self.count(config, |count| count.calls += 1);
        Ok(())
    }

    fn read_before_deserialization(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let status = context.response().status().as_u16();
        if status == 429 || status == 503 {
            self.count(config, |count| count.throttled += 1);
        }
        Ok(())
    }
}
