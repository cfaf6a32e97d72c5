//! A provider whose service is a map in memory, with faults on demand.

mod schema;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use async_trait::async_trait;
use model::address::{Mode, ProviderAddr};
use model::diagnostic::{Diagnostic, Diagnostics};
use model::path::{Path, Step};
use model::schema::{Block, Schema};
use model::ty::Type;
use model::value::Value;
use provider::error::{ErrorKind, ProviderError};
use provider::{
    Applied, ApplyRequest, Born, Lease, Opened, PlanAnswer, PlanRequest, Provider, ProviderSource, Remote, TargetInfo,
    Token,
};
use tokio::sync::Notify;

/// The service: what exists, and what is to go wrong.
#[derive(Default)]
pub struct Cloud {
    inner: Mutex<Inner>,
    /// Told when the kill switch was hit.
    pub killed: Notify,
}

#[derive(Default)]
pub struct Inner {
    pub objects: BTreeMap<String, Thing>,
    next_id: u64,
    /// All calls in order: `create a`, `read 3 memory_thing`.
    pub log: Vec<String>,
    /// Names of things whose create fails before anything is made.
    pub fail_create: BTreeSet<String>,
    /// Names of things whose create fails after the object was made.
    pub fail_after_create: BTreeSet<String>,
    pub fail_delete: BTreeSet<String>,
    pub fail_read: BTreeSet<String>,
    pub fail_open: BTreeSet<String>,
    /// How many tokens were given.
    tokens: usize,
    /// How many looks a new thing stays unseen for, as services answer from replicas.
    pub lag: u32,
    /// The things that are still unseen, with how many looks are left.
    unseen: BTreeMap<String, u32>,
    /// After this many more points at which a process could die, the provider answers no more.
    pub kill_after: Option<u64>,
    /// How many calls that take time run right now, and the most so far.
    running: usize,
    pub running_max: usize,
}

/// An object of the service.
#[derive(Clone)]
pub struct Thing {
    pub value: Value,
    pub token: Arc<str>,
}

impl Cloud {
    pub fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().expect("no test panics with the lock")
    }

    /// The log since the last time it was taken.
    pub fn take_log(&self) -> Vec<String> {
        std::mem::take(&mut self.inner().log)
    }

    /// The names of all things, sorted.
    pub fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = self.inner().objects.values().map(|thing| text(&thing.value, "name")).collect();
        names.sort();
        names
    }

    /// Changes an attribute of a thing behind the engine's back.
    pub fn tamper(&self, name: &str, attribute: &str, value: Value) {
        for thing in self.inner().objects.values_mut().filter(|thing| text(&thing.value, "name") == name) {
            thing.value = thing.value.clone().with(attribute, value.clone());
        }
    }

    pub fn vanish(&self, name: &str) {
        self.inner().objects.retain(|_, thing| text(&thing.value, "name") != name);
    }

    /// A point at which a process could be killed.
    pub async fn mortal(&self) {
        let dead = {
            let mut inner = self.inner();
            match &mut inner.kill_after {
                None => false,
                Some(0) => true,
                Some(left) => {
                    *left -= 1;
                    false
                }
            }
        };
        if dead {
            self.killed.notify_one();
            std::future::pending::<()>().await;
        }
        tokio::task::yield_now().await;
    }
}

impl Inner {
    /// Whether a look at a thing sees it. Time goes on for all things alike: each look brings all nearer to being seen.
    fn sees(&mut self, id: &str) -> bool {
        let is_seen = self.unseen.get(id).is_none_or(|left| *left == 0);
        for left in self.unseen.values_mut() {
            *left = left.saturating_sub(1);
        }
        is_seen
    }

    /// What a thing needs must be there.
    fn missing(&self, planned: &Value) -> Option<ProviderError> {
        let needs = planned.get("needs")?;
        let ids = needs.reveal().items()?.iter().filter_map(|item| item.reveal().as_str());
        let missing = ids.filter(|id| id.starts_with("t-")).find(|id| !self.objects.contains_key(*id))?;
        Some(ProviderError::invalid("memory:Check", format!("there is no `{missing}`, which it needs")))
    }
}

pub fn text(value: &Value, attribute: &str) -> String {
    value.get(attribute).and_then(|value| value.reveal().as_str().map(str::to_string)).unwrap_or_default()
}

/// Gives [`Memory`] providers of one cloud.
pub struct Source {
    pub cloud: Arc<Cloud>,
}

impl ProviderSource for Source {
    fn provider(&self, addr: &ProviderAddr) -> Option<Arc<dyn Provider>> {
        (addr.name.as_ref() == "memory").then(|| {
            Arc::new(Memory { addr: addr.clone(), cloud: self.cloud.clone(), region: Mutex::default() })
                as Arc<dyn Provider>
        })
    }

    fn addresses(&self) -> Vec<ProviderAddr> {
        vec![ProviderAddr::implied("memory")]
    }
}

struct Memory {
    addr: ProviderAddr,
    cloud: Arc<Cloud>,
    region: Mutex<Option<Value>>,
}

impl Memory {
    fn failure(operation: &str, name: &str) -> ProviderError {
        ProviderError::new(ErrorKind::Other, operation, format!("`{name}` is set to fail"))
    }
}

#[async_trait]
impl Provider for Memory {
    fn addr(&self) -> &ProviderAddr {
        &self.addr
    }

    fn config_schema(&self) -> Arc<Block> {
        schema::config()
    }

    fn schema(&self, mode: Mode, type_name: &str) -> Option<Arc<Schema>> {
        schema::of(mode, type_name)
    }

    fn config_block(&self, mode: Mode, type_name: &str) -> Option<Arc<Block>> {
        schema::config_block(mode, type_name)
    }

    fn fold(&self, mode: Mode, type_name: &str, config: Value) -> Result<Value, Diagnostics> {
        let Some(schema) = schema::of(mode, type_name) else { return Ok(config) };
        schema::aliases().fold(&schema.block, config)
    }

    fn type_names(&self, mode: Mode) -> Vec<Arc<str>> {
        match mode {
            Mode::Managed => vec!["memory_thing".into()],
            Mode::Data => vec!["memory_lookup".into()],
            Mode::Ephemeral => vec!["memory_token".into()],
        }
    }

    async fn configure(&self, config: &Value) -> Result<(), ProviderError> {
        let mut region = self.region.lock().expect("no test panics with the lock");
        assert!(region.is_none(), "a provider is configured once");
        *region = config.get("region");
        if text(config, "region").starts_with("token-") {
            self.cloud.inner().log.push(format!("configure {}", text(config, "region")));
        }
        if text(config, "region") == "nowhere" {
            return Err(ProviderError::invalid("configure memory", "there is no region `nowhere`"));
        }
        Ok(())
    }

    async fn target(&self) -> Result<Option<TargetInfo>, ProviderError> {
        Ok(None)
    }

    fn validate(&self, _: Mode, _: &str, config: &Value) -> Diagnostics {
        let size = config.get("size").and_then(|size| size.reveal().as_i64());
        match size {
            Some(size) if size < 0 => Diagnostic::error("Invalid size", "The size must not be negative.")
                .attribute(Path::attribute("size"))
                .into(),
            Some(_) | None => Diagnostics::new(),
        }
    }

    fn upgrade(&self, _: &str, _: u64, stored: &serde_json::Value) -> Result<Value, ProviderError> {
        // Version 0 called `size` `length`.
        let mut stored = stored.clone();
        if let Some(object) = stored.as_object_mut()
            && let Some(length) = object.remove("length")
        {
            object.insert("size".into(), length);
        }
        let ty = schema::thing().block.implied_type();
        model::json::from_json(&stored, &ty).map_err(|error| ProviderError::invalid("upgrade", error.to_string()))
    }

    async fn read(&self, type_name: &str, objects: &[Remote]) -> Vec<Result<Option<Remote>, ProviderError>> {
        tokio::task::yield_now().await;
        let mut inner = self.cloud.inner();
        inner.log.push(format!("read {} {type_name}", objects.len()));
        let mut answer = |object: &Remote| {
            let id = text(&object.value, "id");
            if !inner.sees(&id) {
                return Ok(None);
            }
            let Some(thing) = inner.objects.get(&id) else { return Ok(None) };
            let name = text(&thing.value, "name");
            if inner.fail_read.contains(&name) {
                return Err(Memory::failure("memory:Read", &name));
            }
            Ok(Some(Remote { value: thing.value.clone(), private: object.private.clone() }))
        };
        objects.iter().map(&mut answer).collect()
    }

    async fn read_data(&self, _: &str, config: &Value) -> Result<Value, ProviderError> {
        let mut running = Running::start(&self.cloud);
        tokio::task::yield_now().await;
        running.stop();
        let name = text(config, "name");
        let mut inner = self.cloud.inner();
        inner.log.push(format!("lookup {name}"));
        let found = inner.objects.values().find(|thing| text(&thing.value, "name") == name);
        let found = found
            .ok_or_else(|| ProviderError::new(ErrorKind::NotFound, "memory:Lookup", format!("no thing `{name}`")))?;
        let part = |attribute: &str| found.value.get(attribute).expect("things have all attributes");
        Ok(config.clone().with("id", part("id")).with("size", part("size")).with("secret", part("secret")))
    }

    async fn open(&self, _: &str, config: &Value) -> Result<Opened, ProviderError> {
        tokio::task::yield_now().await;
        let name = text(config, "name");
        let mut inner = self.cloud.inner();
        inner.log.push(format!("open {name}"));
        if inner.fail_open.contains(&name) {
            return Err(Memory::failure("memory:Open", &name));
        }
        inner.tokens += 1;
        let value = config.clone().with("token", Value::string(format!("token-{}", inner.tokens)));
        // Things go on at once: that is always due.
        let renew_at = (name == "short").then_some(jiff::Timestamp::UNIX_EPOCH);
        Ok(Opened { value, lease: Lease { private: name.as_bytes().into(), renew_at } })
    }

    async fn renew(&self, _: &str, private: &[u8]) -> Result<Lease, ProviderError> {
        self.cloud.inner().log.push(format!("renew {}", String::from_utf8_lossy(private)));
        Ok(Lease { private: private.into(), renew_at: None })
    }

    async fn close(&self, _: &str, private: &[u8]) -> Result<(), ProviderError> {
        self.cloud.inner().log.push(format!("close {}", String::from_utf8_lossy(private)));
        Ok(())
    }

    async fn plan(&self, request: PlanRequest<'_>) -> Result<PlanAnswer, ProviderError> {
        let mut planned = request.proposed.clone();
        for name in ["id", "arn", "color"] {
            let unset = request.config.get(name).is_none_or(|value| value.is_null());
            let renamed = request.prior.is_none_or(|prior| prior.get("name") != planned.get("name"));
            let unknown = match name {
                "arn" => renamed,
                _ => request.prior.is_none(),
            };
            if unset && unknown {
                planned = planned.with(name, Value::unknown(Type::String));
            }
        }
        let replace = match request.prior {
            Some(prior) if prior.get("zone") != planned.get("zone") => vec![Path::attribute("zone")],
            Some(_) | None => Vec::new(),
        };
        Ok(PlanAnswer { planned, replace, private: request.private.into(), notes: Vec::new() })
    }

    async fn apply(&self, request: ApplyRequest<'_>, born: &dyn Born) -> Applied {
        let mut running = Running::start(&self.cloud);
        if let Some(config) = request.config.filter(|config| !text(config, "secret_wo").is_empty()) {
            self.cloud.inner().log.push(format!("write {} to {}", text(config, "secret_wo"), text(config, "name")));
        }
        let outcome = match (request.prior, request.planned) {
            (None, Some(planned)) => self.create(planned, request.token, born).await,
            (Some(prior), Some(planned)) => self.update(prior, planned).await,
            (Some(prior), None) => self.delete(prior).await,
            (None, None) => unreachable!("there is something or something is wanted"),
        };
        running.stop();
        outcome
    }

    async fn find(&self, _: &str, planned: &Value, token: &Token) -> Result<Option<Remote>, ProviderError> {
        let name = text(planned, "name");
        let mut inner = self.cloud.inner();
        inner.log.push(format!("find {name}"));
        let found = inner.objects.values().find(|thing| thing.token == token.id).cloned();
        let found = found.filter(|thing| inner.sees(&text(&thing.value, "id")));
        Ok(found.map(|thing| Remote { value: thing.value, private: [].into() }))
    }

    fn seen_after(&self) -> Duration {
        Duration::from_secs(if self.cloud.inner().lag == 0 { 0 } else { 60 })
    }

    async fn import(&self, _: &str, id: &str) -> Result<Remote, ProviderError> {
        let value = schema::thing().block.empty_value().with("id", Value::string(id));
        Ok(Remote { value, private: [].into() })
    }
}

impl Memory {
    async fn create(&self, planned: &Value, token: &Token, born: &dyn Born) -> Applied {
        let name = text(planned, "name");
        self.cloud.mortal().await;
        let value = {
            let mut inner = self.cloud.inner();
            inner.log.push(format!("create {name}"));
            if let Some(missing) = inner.missing(planned) {
                return Applied { remote: None, error: Some(missing) };
            }
            if inner.fail_create.contains(&name) {
                return Applied { remote: None, error: Some(Memory::failure("memory:Create", &name)) };
            }
            inner.next_id += 1;
            let id = format!("t-{}", inner.next_id);
            let value = complete(planned, &id);
            let lag = inner.lag;
            inner.unseen.insert(id.clone(), lag);
            inner.objects.insert(id, Thing { value: value.clone(), token: token.id.clone() });
            value
        };
        self.cloud.mortal().await;
        let remote = Remote { value, private: [].into() };
        let recorded = born.born(remote.clone()).await;
        self.cloud.mortal().await;
        let id = text(&remote.value, "id");
        while !self.cloud.inner().sees(&id) {
            self.cloud.mortal().await;
        }
        if self.cloud.inner().fail_after_create.contains(&name) {
            return Applied { remote: Some(remote), error: Some(Memory::failure("memory:Wait", &name)) };
        }
        Applied { remote: Some(remote), error: recorded.err() }
    }

    async fn update(&self, prior: &Remote, planned: &Value) -> Applied {
        self.cloud.mortal().await;
        let id = text(&prior.value, "id");
        let value = complete(planned, &id);
        {
            let mut inner = self.cloud.inner();
            inner.log.push(format!("update {}", text(planned, "name")));
            if let Some(missing) = inner.missing(planned) {
                return Applied { remote: Some(prior.clone()), error: Some(missing) };
            }
            let thing = inner.objects.get_mut(&id).expect("a thing that is updated exists");
            thing.value = value.clone();
        }
        self.cloud.mortal().await;
        Applied { remote: Some(Remote { value, private: prior.private.clone() }), error: None }
    }

    async fn delete(&self, prior: &Remote) -> Applied {
        self.cloud.mortal().await;
        let name = text(&prior.value, "name");
        {
            let mut inner = self.cloud.inner();
            inner.log.push(format!("delete {name}"));
            if inner.fail_delete.contains(&name) {
                return Applied { remote: Some(prior.clone()), error: Some(Memory::failure("memory:Delete", &name)) };
            }
            inner.objects.remove(&text(&prior.value, "id"));
        }
        self.cloud.mortal().await;
        Applied { remote: None, error: None }
    }
}

/// What the service makes of what is wanted.
fn complete(planned: &Value, id: &str) -> Value {
    let name = text(planned, "name");
    planned.clone().map_parts(&mut |path, part| match (path.steps.as_slice(), part.is_known()) {
        ([Step::Attribute(attribute)], false) => match attribute.as_ref() {
            "id" => Value::string(id),
            "arn" => Value::string(format!("arn:{name}")),
            "color" => Value::string("grey"),
            other => panic!("`{other}` is not the service's to decide"),
        },
        (_, false) => panic!("`{path}` must be known when it is applied"),
        (_, true) => part,
    })
}

/// Counts what runs at the same time.
struct Running<'a>(Option<&'a Cloud>);

impl<'a> Running<'a> {
    fn start(cloud: &'a Cloud) -> Running<'a> {
        let mut inner = cloud.inner();
        inner.running += 1;
        inner.running_max = inner.running_max.max(inner.running);
        Running(Some(cloud))
    }

    fn stop(&mut self) {
        if let Some(cloud) = self.0.take() {
            cloud.inner().running -= 1;
        }
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.stop();
    }
}
