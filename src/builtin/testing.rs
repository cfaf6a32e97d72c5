//! What tests of types share: a world that repeats itself, and one call for each thing that happens to an object.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use jiff::Timestamp;
use model::address::{Mode, ProviderAddr};
use model::diagnostic::Diagnostics;
use model::json::{from_json, to_json};
use model::value::Value;
use provider::error::ProviderError;
use provider::propose::propose;
use provider::{Applied, ApplyRequest, Born, PlanAnswer, PlanRequest, Provider, Remote, Token};
use serde_json::Value as Json;

use crate::world::World;

/// A world whose time stands still until told, and whose randomness is the same each time.
pub struct Still {
    now: Mutex<Timestamp>,
    state: AtomicU64,
    stored: Mutex<BTreeMap<PathBuf, BTreeMap<Arc<str>, Value>>>,
}

impl Still {
    /// Puts a state with text outputs into a file.
    pub fn store<const N: usize>(&self, path: &str, outputs: [(&str, &str); N]) {
        let outputs = outputs.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
        self.stored.lock().expect("no holder of the lock panics").insert(path.into(), outputs);
    }
}

impl World for Still {
    fn now(&self) -> Timestamp {
        *self.now.lock().expect("no holder of the lock panics")
    }

    fn random(&self, bytes: &mut [u8]) {
        for byte in bytes {
            // Knuth's constants for a linear congruential generator; the high bits are the good ones.
            let next =
                self.state.load(Ordering::Relaxed).wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            self.state.store(next, Ordering::Relaxed);
            *byte = (next >> 56) as u8;
        }
    }

    fn stored_outputs(&self, path: &Path) -> Result<Option<BTreeMap<Arc<str>, Value>>, ProviderError> {
        Ok(self.stored.lock().expect("no holder of the lock panics").get(path).cloned())
    }
}

/// One provider in a still world.
pub struct Lab {
    pub world: Arc<Still>,
    provider: Arc<dyn Provider>,
    runtime: tokio::runtime::Runtime,
}

struct Nobody;

#[async_trait]
impl Born for Nobody {
    async fn born(&self, _: Remote) -> Result<(), ProviderError> {
        Ok(())
    }

    fn waiting(&self, _: &str) {}
}

impl Lab {
    /// The provider of a type, at 2024-02-29T12:00:00Z.
    pub fn of(name: &str) -> Lab {
        let now = "2024-02-29T12:00:00Z".parse().expect("a timestamp");
        let world = Arc::new(Still { now: Mutex::new(now), state: AtomicU64::new(1), stored: Mutex::default() });
        let addr = ProviderAddr::implied(name);
        let provider = crate::provider(&addr, world.clone()).expect("there is a provider of that name");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
        Lab { world, provider, runtime }
    }

    pub fn set_time(&self, now: &str) {
        *self.world.now.lock().expect("no holder of the lock panics") = now.parse().expect("a timestamp");
    }

    /// A configuration of a type: attributes that are not given are null, `"(unknown)"` is an unknown value.
    pub fn config(&self, mode: Mode, type_name: &str, json: &Json) -> Value {
        let schema = self.provider.schema(mode, type_name).expect("there is such a type");
        let unknown = |value: &Json| value == "(unknown)";
        let mut known = json.clone();
        known.as_object_mut().expect("an object").retain(|_, value| !unknown(value));
        let value = from_json(&known, &schema.block.implied_type()).expect("the configuration fits the schema");
        let empty = schema.block.empty_value();
        let filled = value.reveal().entries().expect("an object").iter().map(|(name, value)| {
            let is_block = schema.block.blocks.contains_key(name) && value.is_null();
            let value = if is_block { empty.get(name).expect("the same schema") } else { value.clone() };
            (
                name.clone(),
                if json.get(name.as_ref()).is_some_and(unknown) { Value::unknown(value.ty()) } else { value },
            )
        });
        Value::object(filled.collect::<Vec<_>>()).map_parts(&mut |_, part| {
            if part.reveal().as_str() == Some("(unknown)") { Value::unknown(part.ty()) } else { part }
        })
    }

    pub fn validate(&self, type_name: &str, config: Json) -> Vec<String> {
        let config = self.config(Mode::Managed, type_name, &config);
        messages(self.provider.validate(Mode::Managed, type_name, &config))
    }

    pub fn validate_data(&self, type_name: &str, config: Json) -> Vec<String> {
        let config = self.config(Mode::Data, type_name, &config);
        messages(self.provider.validate(Mode::Data, type_name, &config))
    }

    pub fn plan(&self, type_name: &str, prior: Option<&Value>, config: Json) -> PlanAnswer {
        self.try_plan(type_name, prior, config).expect("the plan is accepted")
    }

    pub fn try_plan(&self, type_name: &str, prior: Option<&Value>, config: Json) -> Result<PlanAnswer, ProviderError> {
        let config = self.config(Mode::Managed, type_name, &config);
        let schema = self.provider.schema(Mode::Managed, type_name).expect("there is such a type");
        let proposed = propose(&schema.block, prior, &config);
        let request = PlanRequest { type_name, prior, config: &config, proposed: &proposed, private: &[] };
        self.runtime.block_on(self.provider.plan(request))
    }

    /// Plans and creates.
    pub fn create(&self, type_name: &str, config: Json) -> Value {
        self.try_create(type_name, config).expect("the create succeeds")
    }

    pub fn try_create(&self, type_name: &str, config: Json) -> Result<Value, ProviderError> {
        self.apply(type_name, None, config).map(|value| value.expect("a create makes an object"))
    }

    /// Plans and changes in place.
    pub fn update(&self, type_name: &str, prior: &Value, config: Json) -> Value {
        self.apply(type_name, Some(prior), config).expect("the update succeeds").expect("the object stays")
    }

    fn apply(&self, type_name: &str, prior: Option<&Value>, config: Json) -> Result<Option<Value>, ProviderError> {
        let planned = self.try_plan(type_name, prior, config.clone())?;
        assert!(planned.replace.is_empty(), "the plan is to replace for {:?}", planned.replace);
        let config = self.config(Mode::Managed, type_name, &config);
        let token = Token { id: "4b1f2c6e-0000-4000-8000-000000000000".into(), at: self.world.now() };
        let prior = prior.map(|value| Remote { value: value.clone(), private: Arc::default() });
        let request = ApplyRequest {
            type_name,
            prior: prior.as_ref(),
            planned: Some(&planned.planned),
            config: Some(&config),
            private: &[],
            token: &token,
        };
        let Applied { remote, error } = self.runtime.block_on(self.provider.apply(request, &Nobody));
        if let Some(error) = error {
            return Err(error);
        }
        if let Some(remote) = &remote {
            assert!(remote.value.is_wholly_known(), "{:?}", remote.value);
            let schema = self.provider.schema(Mode::Managed, type_name).expect("there is such a type");
            to_json(&remote.value, &schema.block.implied_type()).expect("an object can be recorded");
        }
        Ok(remote.map(|remote| remote.value))
    }

    pub fn delete(&self, type_name: &str, prior: &Value) {
        let token = Token { id: "4b1f2c6e-0000-4000-8000-000000000000".into(), at: self.world.now() };
        let prior = Remote { value: prior.clone(), private: Arc::default() };
        let request =
            ApplyRequest { type_name, prior: Some(&prior), planned: None, config: None, private: &[], token: &token };
        let applied = self.runtime.block_on(self.provider.apply(request, &Nobody));
        assert!(applied.remote.is_none() && applied.error.is_none(), "{:?}", applied.error);
    }

    pub fn read(&self, type_name: &str, have: &Value) -> Option<Value> {
        let remote = Remote { value: have.clone(), private: Arc::default() };
        let mut answers = self.runtime.block_on(self.provider.read(type_name, &[remote]));
        answers.remove(0).expect("the read succeeds").map(|remote| remote.value)
    }

    pub fn import(&self, type_name: &str, id: &str) -> Result<Value, ProviderError> {
        self.runtime.block_on(self.provider.import(type_name, id)).map(|remote| remote.value)
    }

    pub fn find(&self, type_name: &str, config: Json) -> Result<Option<Value>, ProviderError> {
        let planned = self.plan(type_name, None, config).planned;
        let token = Token { id: "4b1f2c6e-0000-4000-8000-000000000000".into(), at: self.world.now() };
        self.runtime.block_on(self.provider.find(type_name, &planned, &token)).map(|found| found.map(|one| one.value))
    }

    pub fn upgrade(&self, type_name: &str, version: u64, stored: Json) -> Value {
        self.provider.upgrade(type_name, version, &stored).expect("the stored object is understood")
    }

    pub fn read_data(&self, type_name: &str, config: Json) -> Result<Value, ProviderError> {
        let config = self.config(Mode::Data, type_name, &config);
        self.runtime.block_on(self.provider.read_data(type_name, &config))
    }

    pub fn open(&self, type_name: &str, config: Json) -> Result<Value, ProviderError> {
        let config = self.config(Mode::Ephemeral, type_name, &config);
        self.runtime.block_on(self.provider.open(type_name, &config)).map(|opened| opened.value)
    }

    /// The paths that a plan replaces for.
    pub fn replaces(&self, type_name: &str, prior: &Value, config: Json) -> Vec<String> {
        self.plan(type_name, Some(prior), config).replace.iter().map(ToString::to_string).collect()
    }

    /// Whether a plan leaves the object as it is.
    pub fn is_no_change(&self, type_name: &str, prior: &Value, config: Json) -> bool {
        let answer = self.plan(type_name, Some(prior), config);
        answer.replace.is_empty() && answer.planned == *prior
    }
}

/// Diagnostics as `attribute: summary`.
pub fn messages(diagnostics: Diagnostics) -> Vec<String> {
    diagnostics
        .into_iter()
        .map(|diagnostic| {
            let attribute = diagnostic.attribute.map(|path| format!("{path}: ")).unwrap_or_default();
            format!("{attribute}{}", diagnostic.summary)
        })
        .collect()
}

/// An attribute as text.
pub fn text(object: &Value, name: &str) -> String {
    object.get(name).and_then(|value| value.reveal().as_str().map(str::to_string)).expect("the attribute is a text")
}
