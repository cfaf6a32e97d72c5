//! The provider as the engine sees it: schemas from the table, answers from behaviour over configured clients.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use async_trait::async_trait;
use model::address::{Mode, ProviderAddr};
use model::diagnostic::{Diagnostic, Diagnostics};
use model::schema::{Block, Schema};
use model::value::Value;
use provider::adapter::{Connected, DataEntry, Entry, from_value};
use provider::error::{ErrorKind, ProviderError};
use provider::facts::TypeFacts;
use provider::world::{Finding, Preflight, World};
use provider::{
    Applied, ApplyRequest, Born, CallCount, Lease, Opened, PlanAnswer, PlanRequest, Provider, Remote, TargetInfo, Token,
};

use crate::calls::Calls;
use crate::clients::Aws;
use crate::settings::Settings;
use crate::table::{DATA_SOURCES, EPHEMERALS, RESOURCES};

/// One configuration of the AWS provider.
pub struct AwsProvider {
    addr: ProviderAddr,
    calls: Calls,
    aws: OnceLock<Arc<Aws>>,
    /// Types joined with the clients, made when first used.
    connected: Mutex<BTreeMap<&'static str, Arc<dyn Connected>>>,
}

impl Default for AwsProvider {
    fn default() -> AwsProvider {
        AwsProvider::new()
    }
}

impl AwsProvider {
    pub fn new() -> AwsProvider {
        AwsProvider {
            addr: AwsProvider::address(),
            calls: Calls::default(),
            aws: OnceLock::new(),
            connected: Mutex::default(),
        }
    }

    /// `registry.terraform.io/hashicorp/aws`
    pub fn address() -> ProviderAddr {
        ProviderAddr::registry("hashicorp", "aws")
    }

    fn aws(&self) -> Result<&Arc<Aws>, ProviderError> {
        self.aws.get().ok_or_else(|| ProviderError::invalid("use aws", "the provider is not configured yet"))
    }

    fn connected(&self, type_name: &str) -> Result<Arc<dyn Connected>, ProviderError> {
        let entry = resource(type_name)?;
        let aws = self.aws()?.clone();
        let mut connected = self.connected.lock().expect("no panic while the lock is held");
        Ok(connected.entry(entry.type_name).or_insert_with(|| entry.connect(aws)).clone())
    }
}

/// The table's entry of a resource type.
fn resource(type_name: &str) -> Result<&'static Entry<Aws>, ProviderError> {
    find(&RESOURCES, |entry| entry.type_name, type_name).ok_or_else(|| unknown_type("resource type", type_name))
}

fn data_source(type_name: &str) -> Result<&'static DataEntry<Aws>, ProviderError> {
    find(&DATA_SOURCES, |entry| entry.type_name, type_name).ok_or_else(|| unknown_type("data source", type_name))
}

fn ephemeral(type_name: &str) -> Result<&'static DataEntry<Aws>, ProviderError> {
    find(&EPHEMERALS, |entry| entry.type_name, type_name)
        .ok_or_else(|| unknown_type("ephemeral resource type", type_name))
}

fn find<T>(table: &'static [T], name: fn(&T) -> &str, wanted: &str) -> Option<&'static T> {
    table.binary_search_by(|entry| name(entry).cmp(wanted)).ok().map(|index| &table[index])
}

fn unknown_type(kind: &str, type_name: &str) -> ProviderError {
    ProviderError::invalid(format!("find {type_name}"), format!("there is no {kind} of that name"))
}

/// The schema of the `provider` block.
fn config_block() -> &'static Arc<Block> {
    static BLOCK: OnceLock<Arc<Block>> = OnceLock::new();
    BLOCK.get_or_init(|| {
        let mut facts: serde_json::Value =
            serde_json::from_str(include_str!("schema/provider.json")).expect("the embedded facts must be JSON");
        let facts = serde_json::json!({"type": "provider", "schema_version": 0, "block": facts["block"].take()});
        let facts = TypeFacts::parse(&facts.to_string()).expect("the embedded facts of the provider block must parse");
        Arc::new(facts.schema.block.clone())
    })
}

#[async_trait]
impl Provider for AwsProvider {
    fn addr(&self) -> &ProviderAddr {
        &self.addr
    }

    fn config_schema(&self) -> Arc<Block> {
        config_block().clone()
    }

    fn schema(&self, mode: Mode, type_name: &str) -> Option<Arc<Schema>> {
        match mode {
            Mode::Managed => resource(type_name).ok().map(|entry| entry.facts().schema.clone()),
            Mode::Data => data_source(type_name).ok().map(|entry| entry.facts().schema.clone()),
            Mode::Ephemeral => ephemeral(type_name).ok().map(|entry| entry.facts().schema.clone()),
        }
    }

    fn config_block(&self, mode: Mode, type_name: &str) -> Option<Arc<Block>> {
        match mode {
            Mode::Managed => resource(type_name).ok().map(|entry| entry.facts().config_block.clone()),
            Mode::Data => data_source(type_name).ok().map(|entry| entry.facts().config_block.clone()),
            Mode::Ephemeral => ephemeral(type_name).ok().map(|entry| entry.facts().config_block.clone()),
        }
    }

    fn fold(&self, mode: Mode, type_name: &str, config: Value) -> Result<Value, Diagnostics> {
        match (mode, resource(type_name)) {
            (Mode::Managed, Ok(entry)) => entry.facts().aliases.fold(&entry.facts().schema.block, config),
            (Mode::Managed, Err(_)) | (Mode::Data | Mode::Ephemeral, _) => Ok(config),
        }
    }

    fn type_names(&self, mode: Mode) -> Vec<Arc<str>> {
        match mode {
            Mode::Managed => RESOURCES.iter().map(|entry| entry.type_name.into()).collect(),
            Mode::Data => DATA_SOURCES.iter().map(|entry| entry.type_name.into()).collect(),
            Mode::Ephemeral => EPHEMERALS.iter().map(|entry| entry.type_name.into()).collect(),
        }
    }

    async fn configure(&self, config: &Value) -> Result<(), ProviderError> {
        let settings: Settings = from_value(config)?;
        let aws = Aws::connect(settings, self.calls.clone()).await?;
        self.aws
            .set(Arc::new(aws))
            .map_err(|_| ProviderError::invalid("configure aws", "the provider is configured already"))
    }

    async fn target(&self) -> Result<Option<TargetInfo>, ProviderError> {
        let aws = self.aws()?;
        let account = match aws.settings().skip_requesting_account_id {
            Some(true) => None,
            Some(false) | None => Some(aws.caller().await?.account.clone()),
        };
        Ok(Some(TargetInfo {
            account,
            region: Some(aws.region().to_string()),
            endpoint: aws.endpoint_url().map(str::to_string),
        }))
    }

    fn validate(&self, mode: Mode, type_name: &str, config: &Value) -> Diagnostics {
        let checked = match mode {
            Mode::Managed => resource(type_name).map(|entry| entry.validate(config)),
            Mode::Data => data_source(type_name).map(|entry| entry.validate(config)),
            Mode::Ephemeral => ephemeral(type_name).map(|entry| entry.validate(config)),
        };
        checked.unwrap_or_else(|error| Diagnostic::error("Invalid resource type", error.to_string()).into())
    }

    fn upgrade(&self, type_name: &str, version: u64, stored: &serde_json::Value) -> Result<Value, ProviderError> {
        let facts = resource(type_name)?.facts();
        provider::adapter::upgrade(type_name, facts, version, stored)
    }

    async fn read(&self, type_name: &str, objects: &[Remote]) -> Vec<Result<Option<Remote>, ProviderError>> {
        match self.connected(type_name) {
            Ok(connected) => connected.read(objects).await,
            Err(error) => objects.iter().map(|_| Err(error.clone())).collect(),
        }
    }

    async fn read_data(&self, type_name: &str, config: &Value) -> Result<Value, ProviderError> {
        data_source(type_name)?.read(self.aws()?, config).await
    }

    fn preflight(&self) -> Option<Preflight> {
        Some(crate::preflight::check)
    }

    async fn survey(&self, world: &World) -> Vec<Finding> {
        match self.aws() {
            Ok(aws) => crate::live::survey(self, aws, world).await,
            Err(_) => Vec::new(),
        }
    }

    fn loss(&self, type_name: &str, object: &Value) -> Option<String> {
        resource(type_name).ok()?.loss(object).map(str::to_string)
    }

    async fn open(&self, type_name: &str, config: &Value) -> Result<Opened, ProviderError> {
        let value = ephemeral(type_name)?.read(self.aws()?, config).await?;
        Ok(Opened { value, lease: Lease { private: Arc::default(), renew_at: None } })
    }

    async fn plan(&self, request: PlanRequest<'_>) -> Result<PlanAnswer, ProviderError> {
        let none = BTreeMap::new();
        let default_tags = self.aws.get().map_or(&none, |aws| provider::resource::Cloud::default_tags(aws.as_ref()));
        let mut answer = resource(request.type_name)?.plan(&request, default_tags)?;
        if request.prior.is_some() && self.aws.get().is_some() {
            self.connected(request.type_name)?.keep(&request, &mut answer).await;
        }
        Ok(answer)
    }

    async fn apply(&self, request: ApplyRequest<'_>, born: &dyn Born) -> Applied {
        match self.connected(request.type_name) {
            Ok(connected) => connected.apply(request, born).await,
            Err(error) => Applied { remote: request.prior.cloned(), error: Some(error) },
        }
    }

    async fn find(&self, type_name: &str, planned: &Value, token: &Token) -> Result<Option<Remote>, ProviderError> {
        self.connected(type_name)?.find(planned, token).await
    }

    /// EC2's reference on eventual consistency names no bound and advises waiting for seconds. Emulators, which are the services
    /// without TLS, show at once what they were told.
    fn seen_after(&self) -> Duration {
        let is_emulator = self.aws().is_ok_and(|aws| aws.endpoint_url().is_some_and(|url| url.starts_with("http://")));
        if is_emulator { Duration::ZERO } else { Duration::from_secs(20) }
    }

    async fn import(&self, type_name: &str, id: &str) -> Result<Remote, ProviderError> {
        if id.is_empty() {
            return Err(ProviderError::new(
                ErrorKind::Invalid,
                format!("import {type_name}"),
                "the identifier is empty",
            ));
        }
        self.connected(type_name)?.import(id).await
    }

    fn calls(&self) -> BTreeMap<String, CallCount> {
        self.calls.counts()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_are_sorted_for_binary_search() {
        assert!(RESOURCES.is_sorted_by_key(|entry| entry.type_name));
        assert!(DATA_SOURCES.is_sorted_by_key(|entry| entry.type_name));
        assert!(EPHEMERALS.is_sorted_by_key(|entry| entry.type_name));
    }

    #[test]
    fn all_embedded_facts_parse() {
        config_block();
        for entry in RESOURCES.iter() {
            assert!(!entry.facts().schema.block.attributes.is_empty(), "{}", entry.type_name);
        }
        for entry in DATA_SOURCES.iter().chain(EPHEMERALS.iter()) {
            assert!(!entry.facts().schema.block.attributes.is_empty(), "{}", entry.type_name);
        }
    }

    #[test]
    fn structs_have_the_fields_of_their_schemas() {
        let differences: Vec<String> = RESOURCES
            .iter()
            .filter_map(Entry::field_difference)
            .chain(DATA_SOURCES.iter().chain(EPHEMERALS.iter()).filter_map(DataEntry::field_difference))
            .collect();
        assert!(differences.is_empty(), "{}", differences.join("\n"));
    }
}
