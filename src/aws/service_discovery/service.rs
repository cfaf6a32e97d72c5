//! `aws_service_discovery_service`: a name in a namespace, under which instances are registered and found.

use aws_sdk_servicediscovery::types::{
    DnsConfig as LiveDns, DnsConfigChange, DnsRecord as LiveRecord, FilterCondition,
    HealthCheckConfig as LiveHealthCheck, HealthCheckCustomConfig as LiveCustom, HealthCheckType, RecordType,
    RoutingPolicy, Service as Live, ServiceChange, ServiceFilter, ServiceFilterName, ServiceTypeOption,
};
use model::path::{Path, Step};
use model::value::Value;
use provider::Token;
use provider::error::{ErrorKind, ProviderError};
use provider::resource::{Creation, Refusal, Resource, Tags};
use serde::{Deserialize, Serialize};

use crate::clients::Aws;
use crate::failure::{Operation, advise_where_taken, taken};
use crate::service_discovery::{given, operation, tags};
use crate::tags::TagChange;

/// The longest a record may be kept, and how often a check may fail: AWS Cloud Map API Reference, `DnsRecord` and
/// `HealthCheckConfig`.
const TTLS_S: std::ops::RangeInclusive<i64> = 0..=2_147_483_647;
const THRESHOLDS: std::ops::RangeInclusive<i64> = 1..=10;

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Service {
    arn: String,
    description: String,
    dns_config: Vec<Dns>,
    force_destroy: Option<bool>,
    health_check_config: Vec<HealthCheck>,
    health_check_custom_config: Vec<Custom>,
    id: String,
    name: String,
    namespace_id: String,
    tags: Tags,
    tags_all: Tags,
    r#type: String,
}

#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Dns {
    dns_records: Vec<Record>,
    namespace_id: String,
    routing_policy: String,
}

#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Record {
    ttl: i64,
    r#type: String,
}

#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct HealthCheck {
    failure_threshold: i32,
    resource_path: String,
    r#type: String,
}

#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Custom {
    failure_threshold: i32,
}

impl Resource for Service {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_service_discovery_service";

    fn id(&self) -> &str {
        &self.id
    }

    async fn create(aws: &Aws, want: &Self, creation: &Creation<'_, Self>) -> Result<Self, ProviderError> {
        let create = aws
            .service_discovery()
            .create_service()
            .name(&want.name)
            .creator_request_id(creation.token.id.as_ref())
            .set_description(given(&want.description))
            .set_dns_config(want.dns_config.first().map(Dns::request))
            .set_health_check_config(want.health_check_config.first().map(HealthCheck::request))
            .set_health_check_custom_config(want.health_check_custom_config.first().map(Custom::request))
            .set_namespace_id(given(&want.namespace_id))
            .set_tags(tags::request(&want.tags_all))
            .set_type(given(&want.r#type).map(|kind| ServiceTypeOption::from(kind.as_str())));
        let made = create.send().await.operation("servicediscovery:CreateService").map_err(advise_where_taken)?;
        let live = made.service.ok_or_else(|| {
            let message = "the answer does not hold the service";
            ProviderError::new(ErrorKind::Other, "servicediscovery:CreateService", message)
        })?;
        Ok(Service { tags_all: want.tags_all.clone(), ..want.with_live(live) })
    }

    async fn read(aws: &Aws, have: &[Self]) -> Result<Vec<Option<Self>>, ProviderError> {
        futures::future::try_join_all(have.iter().map(|have| read_one(aws, have))).await
    }

    async fn update(aws: &Aws, have: &Self, want: &Self) -> Result<(), ProviderError> {
        let is_same = have.description == want.description
            && have.dns_config == want.dns_config
            && have.health_check_config == want.health_check_config;
        if !is_same {
            // What is left out of a change is taken away, so all of it is always said.
            let records = want.dns_config.first().map(|dns| {
                let records = dns.dns_records.iter().map(Record::request).collect();
                DnsConfigChange::builder().set_dns_records(Some(records)).build().expect("the records are given")
            });
            let change = ServiceChange::builder()
                .description(&want.description)
                .set_dns_config(records)
                .set_health_check_config(want.health_check_config.first().map(HealthCheck::request))
                .build();
            let update = aws.service_discovery().update_service().id(&have.id).service(change);
            let answer = update.send().await.operation("servicediscovery:UpdateService")?;
            operation::until_done(aws, answer.operation_id.as_deref()).await?;
        }
        tags::update(aws, &have.arn, &TagChange::between(&have.tags_all, &want.tags_all)).await
    }

    async fn delete(aws: &Aws, have: &Self) -> Result<(), ProviderError> {
        if have.force_destroy == Some(true) {
            deregister_all(aws, &have.id).await?;
        }
        let delete = aws.service_discovery().delete_service().id(&have.id);
        match delete.send().await.operation("servicediscovery:DeleteService") {
            Err(error) if error.kind == ErrorKind::Conflict => Err(error.hint(
                "deregister the service's instances, or set `force_destroy = true` and apply that, then destroy it with them",
            )),
            ended => ended.map(drop),
        }
    }

    async fn find(aws: &Aws, want: &Self, token: &Token) -> Result<Option<Self>, ProviderError> {
        let namespace = want.dns_config.first().map_or(&want.namespace_id, |dns| &dns.namespace_id);
        let filter = ServiceFilter::builder()
            .name(ServiceFilterName::NamespaceId)
            .values(namespace)
            .condition(FilterCondition::Eq)
            .build()
            .expect("name and values are given");
        let mut pages = aws.service_discovery().list_services().filters(filter).into_paginator().send();
        let mut found = None;
        while let (None, Some(page)) = (&found, pages.next().await) {
            let services = page.operation("servicediscovery:ListServices")?.services.unwrap_or_default();
            found = services.into_iter().find(|service| service.name.as_deref() == Some(&want.name));
        }
        let Some(found) = found else {
            return Ok(None);
        };
        let id = found.id.unwrap_or_default();
        let Some(live) = get(aws, &id).await? else { return Ok(None) };
        if live.creator_request_id.as_deref() != Some(token.id.as_ref()) {
            let message = format!("there is a service named `{}` that this create did not make", want.name);
            return Err(taken("servicediscovery:CreateService", message));
        }
        read_one(aws, &Service { id, ..want.clone() }).await
    }

    fn import(id: &str) -> Result<Self, ProviderError> {
        Ok(Service { id: id.to_string(), ..Service::default() })
    }

    fn validate(config: &Value) -> Vec<Refusal> {
        let mut refusals = Vec::new();
        let mut check = |block: &Value, path: &Path, name: &str, range: &std::ops::RangeInclusive<i64>| {
            let number = block.get(name).and_then(|number| number.reveal().as_i64());
            if let Some(number) = number.filter(|number| !range.contains(number)) {
                let attribute = path.child(Step::Attribute(name.into()));
                let detail = format!("It is {number}, and goes from {} to {}.", range.start(), range.end());
                refusals.push(Refusal {
                    summary: format!("invalid value for {}", attribute.names()),
                    attribute,
                    detail,
                });
            }
        };
        if let Some(dns) = config.get("dns_config") {
            dns.each_child(|step, dns| {
                let path = Path::attribute("dns_config").child(step).child(Step::Attribute("dns_records".into()));
                let Some(records) = dns.get("dns_records") else { return };
                records.each_child(|step, record| check(record, &path.child(step), "ttl", &TTLS_S));
            });
        }
        if let Some(checks) = config.get("health_check_config") {
            let path = Path::attribute("health_check_config");
            checks.each_child(|step, health| check(health, &path.child(step), "failure_threshold", &THRESHOLDS));
        }
        refusals
    }
}

impl Service {
    fn with_live(&self, live: Live) -> Service {
        Service {
            arn: live.arn.unwrap_or_default(),
            description: live.description.unwrap_or_default(),
            dns_config: live.dns_config.map(Dns::live).into_iter().collect(),
            health_check_config: live.health_check_config.map(HealthCheck::live).into_iter().collect(),
            health_check_custom_config: live.health_check_custom_config.map(Custom::live).into_iter().collect(),
            id: live.id.unwrap_or_default(),
            name: live.name.unwrap_or_default(),
            namespace_id: live.namespace_id.unwrap_or_default(),
            r#type: live.r#type.map(|kind| kind.as_str().to_string()).unwrap_or_default(),
            ..self.clone()
        }
    }
}

impl Dns {
    #[expect(deprecated, reason = "the namespace of a service with DNS is told here")]
    fn live(live: LiveDns) -> Dns {
        let record = |live: LiveRecord| Record { ttl: live.ttl, r#type: live.r#type.as_str().to_string() };
        Dns {
            dns_records: live.dns_records.into_iter().map(record).collect(),
            namespace_id: live.namespace_id.unwrap_or_default(),
            routing_policy: live.routing_policy.map(|policy| policy.as_str().to_string()).unwrap_or_default(),
        }
    }

    #[expect(deprecated, reason = "the schema has the namespace of a service with DNS here")]
    fn request(&self) -> LiveDns {
        LiveDns::builder()
            .set_dns_records(Some(self.dns_records.iter().map(Record::request).collect()))
            .set_namespace_id(given(&self.namespace_id))
            .set_routing_policy(given(&self.routing_policy).map(|policy| RoutingPolicy::from(policy.as_str())))
            .build()
            .expect("the records are given")
    }
}

impl Record {
    fn request(&self) -> LiveRecord {
        let record = LiveRecord::builder().ttl(self.ttl).r#type(RecordType::from(self.r#type.as_str()));
        record.build().expect("both are given")
    }
}

impl HealthCheck {
    fn live(live: LiveHealthCheck) -> HealthCheck {
        HealthCheck {
            failure_threshold: live.failure_threshold.unwrap_or_default(),
            resource_path: live.resource_path.unwrap_or_default(),
            r#type: live.r#type.as_str().to_string(),
        }
    }

    fn request(&self) -> LiveHealthCheck {
        LiveHealthCheck::builder()
            .r#type(HealthCheckType::from(self.r#type.as_str()))
            .set_failure_threshold((self.failure_threshold > 0).then_some(self.failure_threshold))
            .set_resource_path(given(&self.resource_path))
            .build()
            .expect("the type is given")
    }
}

impl Custom {
    #[expect(deprecated, reason = "states hold the number, which AWS takes for one whatever it is")]
    fn live(live: LiveCustom) -> Custom {
        Custom { failure_threshold: live.failure_threshold.unwrap_or_default() }
    }

    #[expect(deprecated, reason = "configurations hold the number, which AWS takes for one whatever it is")]
    fn request(&self) -> LiveCustom {
        let threshold = (self.failure_threshold > 0).then_some(self.failure_threshold);
        LiveCustom::builder().set_failure_threshold(threshold).build()
    }
}

async fn get(aws: &Aws, id: &str) -> Result<Option<Live>, ProviderError> {
    match aws.service_discovery().get_service().id(id).send().await.operation("servicediscovery:GetService") {
        Ok(answer) => Ok(answer.service),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}

async fn read_one(aws: &Aws, have: &Service) -> Result<Option<Service>, ProviderError> {
    let Some(live) = get(aws, &have.id).await? else { return Ok(None) };
    let service = have.with_live(live);
    let tags = tags::list(aws, &service.arn).await?;
    Ok(tags.map(|tags_all| Service { tags_all, ..service }))
}

/// Takes all instances out of a service.
async fn deregister_all(aws: &Aws, id: &str) -> Result<(), ProviderError> {
    let mut pages = aws.service_discovery().list_instances().service_id(id).into_paginator().send();
    let mut instances = Vec::new();
    while let Some(page) = pages.next().await {
        match page.operation("servicediscovery:ListInstances") {
            Ok(page) => instances.extend(page.instances.unwrap_or_default()),
            Err(error) if error.is_not_found() => return Ok(()),
            Err(error) => return Err(error),
        }
    }
    for instance in instances {
        let name = instance.id.unwrap_or_default();
        let leave = aws.service_discovery().deregister_instance().service_id(id).instance_id(name);
        let answer = leave.send().await.operation("servicediscovery:DeregisterInstance")?;
        operation::until_done(aws, answer.operation_id.as_deref()).await?;
    }
    Ok(())
}
