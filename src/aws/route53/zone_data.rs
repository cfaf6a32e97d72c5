//! `data.aws_route53_zone`: a zone by its id, or the only one that has a name, a kind, a VPC and tags.

use aws_sdk_route53::operation::get_hosted_zone::GetHostedZoneOutput;
use provider::data_source::DataSource;
use provider::error::{ErrorKind, ProviderError};
use provider::resource::Tags;
use serde::{Deserialize, Serialize};

use crate::clients::Aws;
use crate::failure::Operation;
use crate::route53::{bare, names, tags, zone};
use crate::tags::shown;

const OPERATION: &str = "route53:ListHostedZonesByName";

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ZoneData {
    arn: String,
    caller_reference: String,
    comment: String,
    id: String,
    linked_service_description: Option<String>,
    linked_service_principal: Option<String>,
    name: String,
    name_servers: Vec<String>,
    primary_name_server: String,
    private_zone: bool,
    resource_record_set_count: i64,
    tags: Tags,
    vpc_id: Option<String>,
    zone_id: String,
}

impl DataSource for ZoneData {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_route53_zone";

    async fn read(aws: &Aws, want: &Self) -> Result<Self, ProviderError> {
        let mut found = want.candidates(aws).await?;
        match (found.pop(), found.len()) {
            (Some((zone, tags)), 0) => want.answer(aws, zone, tags).await,
            (None, _) => {
                Err(ProviderError::new(ErrorKind::NotFound, OPERATION, "no hosted zone is as the data source asks"))
            }
            (Some(_), others) => {
                let message = format!("{} hosted zones are as the data source asks, and not one", others + 1);
                Err(ProviderError::invalid(OPERATION, message)
                    .hint("name the one by `zone_id`, or say more of it: `private_zone`, `vpc_id`, `tags`"))
            }
        }
    }
}

impl ZoneData {
    /// The zones that are as asked for, with their tags.
    async fn candidates(&self, aws: &Aws) -> Result<Vec<(GetHostedZoneOutput, Tags)>, ProviderError> {
        let ids: Vec<String> = match self.zone_id.as_str() {
            "" => {
                let zones = zone::named(aws, &self.name).await?;
                // A zone of a VPC is private, also where that is not said.
                let is_private = self.private_zone || self.vpc_id.is_some();
                let zones = zones
                    .into_iter()
                    .filter(|zone| zone.config.as_ref().is_some_and(|config| config.private_zone) == is_private);
                zones.map(|zone| bare(&zone.id).to_string()).collect()
            }
            id => vec![bare(id).to_string()],
        };
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        let all_tags = tags::read(aws, &ids).await?;
        let mut found = Vec::new();
        for (id, tags) in ids.into_iter().zip(all_tags) {
            let has_tags = self.tags.iter().all(|(key, value)| tags.get(key) == Some(value));
            let get = aws.route53().get_hosted_zone().id(id).send().await.operation("route53:GetHostedZone")?;
            let has_vpc = self.vpc_id.as_ref().is_none_or(|wanted| {
                get.vpcs.iter().flatten().any(|vpc| vpc.vpc_id.as_deref() == Some(wanted.as_str()))
            });
            if has_tags && has_vpc {
                found.push((get, tags));
            }
        }
        Ok(found)
    }

    async fn answer(&self, aws: &Aws, live: GetHostedZoneOutput, tags: Tags) -> Result<Self, ProviderError> {
        let mut servers = zone::name_servers(aws, &live).await?;
        let primary_name_server = servers.first().cloned().unwrap_or_default();
        servers.sort();
        let zone = live.hosted_zone.ok_or_else(|| {
            ProviderError::new(ErrorKind::Other, "route53:GetHostedZone", "the answer does not hold the zone")
        })?;
        let id = bare(&zone.id).to_string();
        let service = zone.linked_service;
        Ok(ZoneData {
            arn: format!("arn:{}:route53:::hostedzone/{id}", aws.partition()),
            caller_reference: zone.caller_reference,
            comment: zone.config.as_ref().and_then(|config| config.comment.clone()).unwrap_or_default(),
            linked_service_description: service.as_ref().and_then(|service| service.description.clone()),
            linked_service_principal: service.and_then(|service| service.service_principal),
            name: names::plain(&zone.name),
            name_servers: servers,
            primary_name_server,
            private_zone: zone.config.as_ref().is_some_and(|config| config.private_zone),
            resource_record_set_count: zone.resource_record_set_count.unwrap_or_default(),
            tags: shown(aws, tags),
            vpc_id: self.vpc_id.clone(),
            zone_id: id.clone(),
            id,
        })
    }
}
