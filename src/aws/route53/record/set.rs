//! A record as the API has it, and back.

use aws_sdk_route53::types::{
    AliasTarget, CidrRoutingConfig, Coordinates as LiveCoordinates, GeoLocation, GeoProximityLocation, ResourceRecord,
    ResourceRecordSet, ResourceRecordSetFailover, ResourceRecordSetRegion, RrType,
};

use crate::route53::record::Record;
use crate::route53::record::policy::{
    Alias, Cidr, Coordinates, Failover, Geolocation, Geoproximity, Latency, Weighted,
};
use crate::route53::{given, names};

/// Types whose values are texts in quotes: the configuration has the texts.
const QUOTED: [&str; 2] = ["SPF", "TXT"];

/// The kinds of policies: a record of one can't become a record of another one in place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Routing {
    Simple,
    Cidr,
    Failover,
    Geolocation,
    Geoproximity,
    Latency,
    Multivalue,
    Weighted,
}

impl Record {
    pub(super) fn routing(&self) -> Routing {
        let kinds = [
            (Routing::Cidr, !self.cidr_routing_policy.is_empty()),
            (Routing::Failover, !self.failover_routing_policy.is_empty()),
            (Routing::Geolocation, !self.geolocation_routing_policy.is_empty()),
            (Routing::Geoproximity, !self.geoproximity_routing_policy.is_empty()),
            (Routing::Latency, !self.latency_routing_policy.is_empty()),
            (Routing::Multivalue, self.multivalue_answer_routing_policy),
            (Routing::Weighted, !self.weighted_routing_policy.is_empty()),
        ];
        kinds.into_iter().find(|(_, is_this)| *is_this).map_or(Routing::Simple, |(kind, _)| kind)
    }

    /// Whether two records say the same, whatever they are called.
    pub(super) fn is_same_as(&self, other: &Record) -> bool {
        let sorted = |record: &Record| {
            let mut records = record.records.clone();
            records.sort();
            records
        };
        self.alias == other.alias
            && self.cidr_routing_policy == other.cidr_routing_policy
            && self.failover_routing_policy == other.failover_routing_policy
            && self.geolocation_routing_policy == other.geolocation_routing_policy
            && self.geoproximity_routing_policy == other.geoproximity_routing_policy
            && self.health_check_id == other.health_check_id
            && self.latency_routing_policy == other.latency_routing_policy
            && self.multivalue_answer_routing_policy == other.multivalue_answer_routing_policy
            && sorted(self) == sorted(other)
            && self.ttl == other.ttl
            && self.weighted_routing_policy == other.weighted_routing_policy
    }

    pub(super) fn request(&self, zone: &str) -> ResourceRecordSet {
        let alias = self.alias.first();
        let value = |value: &String| {
            let value = if self.is_quoted() { format!("\"{value}\"") } else { value.clone() };
            ResourceRecord::builder().value(value).build().expect("the value is given")
        };
        let records = alias.is_none().then(|| self.records.iter().map(value).collect());
        ResourceRecordSet::builder()
            .name(names::wire(&names::full(&self.name, zone)))
            .r#type(RrType::from(self.r#type.as_str()))
            .set_alias_target(alias.map(Alias::request))
            .set_cidr_routing_config(self.cidr_routing_policy.first().map(Cidr::request))
            .set_failover(
                self.failover_routing_policy
                    .first()
                    .map(|failover| ResourceRecordSetFailover::from(failover.r#type.as_str())),
            )
            .set_geo_location(self.geolocation_routing_policy.first().map(Geolocation::request))
            .set_geo_proximity_location(self.geoproximity_routing_policy.first().map(Geoproximity::request))
            .set_health_check_id(given(&self.health_check_id))
            .set_multi_value_answer(self.multivalue_answer_routing_policy.then_some(true))
            .set_region(
                self.latency_routing_policy
                    .first()
                    .map(|latency| ResourceRecordSetRegion::from(latency.region.as_str())),
            )
            .set_resource_records(records)
            .set_set_identifier(given(&self.set_identifier))
            .set_ttl(alias.is_none().then_some(self.ttl))
            .set_weight(self.weighted_routing_policy.first().map(|weighted| weighted.weight))
            .build()
            .expect("name and type are given")
    }

    pub(super) fn with_live(&self, live: ResourceRecordSet) -> Record {
        let records = live.resource_records.unwrap_or_default().into_iter().map(|record| record.value);
        let records = records.map(|value| if self.is_quoted() { unquoted(&value) } else { value }).collect();
        let failover = |failover: ResourceRecordSetFailover| Failover { r#type: failover.as_str().to_string() };
        let latency = |region: ResourceRecordSetRegion| Latency { region: region.as_str().to_string() };
        Record {
            alias: live.alias_target.map(Alias::live).into_iter().collect(),
            cidr_routing_policy: live.cidr_routing_config.map(Cidr::live).into_iter().collect(),
            failover_routing_policy: live.failover.map(failover).into_iter().collect(),
            fqdn: names::plain(&live.name),
            geolocation_routing_policy: live.geo_location.map(Geolocation::live).into_iter().collect(),
            geoproximity_routing_policy: live.geo_proximity_location.map(Geoproximity::live).into_iter().collect(),
            health_check_id: live.health_check_id.unwrap_or_default(),
            // What a record is known by may have changed with it.
            id: self.identifier(),
            latency_routing_policy: live.region.map(latency).into_iter().collect(),
            multivalue_answer_routing_policy: live.multi_value_answer.unwrap_or_default(),
            records,
            set_identifier: live.set_identifier.unwrap_or_default(),
            ttl: live.ttl.unwrap_or_default(),
            r#type: live.r#type.as_str().to_string(),
            weighted_routing_policy: live.weight.map(|weight| Weighted { weight }).into_iter().collect(),
            ..self.clone()
        }
    }

    fn is_quoted(&self) -> bool {
        QUOTED.contains(&self.r#type.as_str())
    }
}

/// A text without the quotes around it; those in it part its strings, and stay.
fn unquoted(value: &str) -> String {
    let value = value.strip_prefix('"').unwrap_or(value);
    value.strip_suffix('"').unwrap_or(value).to_string()
}

impl Alias {
    fn live(live: AliasTarget) -> Alias {
        Alias {
            evaluate_target_health: live.evaluate_target_health,
            name: names::plain(&live.dns_name),
            zone_id: live.hosted_zone_id,
        }
    }

    fn request(&self) -> AliasTarget {
        AliasTarget::builder()
            .dns_name(&self.name)
            .evaluate_target_health(self.evaluate_target_health)
            .hosted_zone_id(&self.zone_id)
            .build()
            .expect("all three are given")
    }
}

impl Cidr {
    fn live(live: CidrRoutingConfig) -> Cidr {
        Cidr { collection_id: live.collection_id, location_name: live.location_name }
    }

    fn request(&self) -> CidrRoutingConfig {
        let config = CidrRoutingConfig::builder().collection_id(&self.collection_id);
        config.location_name(&self.location_name).build().expect("both are given")
    }
}

impl Geolocation {
    fn live(live: GeoLocation) -> Geolocation {
        Geolocation {
            continent: live.continent_code.unwrap_or_default(),
            country: live.country_code.unwrap_or_default(),
            subdivision: live.subdivision_code.unwrap_or_default(),
        }
    }

    fn request(&self) -> GeoLocation {
        GeoLocation::builder()
            .set_continent_code(given(&self.continent))
            .set_country_code(given(&self.country))
            .set_subdivision_code(given(&self.subdivision))
            .build()
    }
}

impl Geoproximity {
    fn live(live: GeoProximityLocation) -> Geoproximity {
        let coordinates = |live: LiveCoordinates| Coordinates { latitude: live.latitude, longitude: live.longitude };
        Geoproximity {
            aws_region: live.aws_region.unwrap_or_default(),
            bias: live.bias.unwrap_or_default(),
            coordinates: live.coordinates.map(coordinates).into_iter().collect(),
            local_zone_group: live.local_zone_group.unwrap_or_default(),
        }
    }

    fn request(&self) -> GeoProximityLocation {
        let coordinates = self.coordinates.first().map(|coordinates| {
            let live = LiveCoordinates::builder().latitude(&coordinates.latitude);
            live.longitude(&coordinates.longitude).build().expect("both are given")
        });
        GeoProximityLocation::builder()
            .set_aws_region(given(&self.aws_region))
            .set_bias((self.bias != 0).then_some(self.bias))
            .set_coordinates(coordinates)
            .set_local_zone_group(given(&self.local_zone_group))
            .build()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_come_back() {
        let simple = Record {
            name: "*.example.com".into(),
            fqdn: "*.example.com".into(),
            r#type: "TXT".into(),
            ttl: 300,
            records: vec!["v=spf1 -all".into(), "a\" \"b".into()],
            ..Record::default()
        };
        let alias = Record {
            name: "example.com".into(),
            fqdn: "example.com".into(),
            r#type: "A".into(),
            alias: vec![Alias { name: "lb.example.com".into(), zone_id: "Z2".into(), evaluate_target_health: true }],
            set_identifier: "one".into(),
            weighted_routing_policy: vec![Weighted { weight: 0 }],
            ..Record::default()
        };
        for record in [simple, alias] {
            let live = record.request("example.com");
            assert!(record.with_live(live.clone()).is_same_as(&record));
            assert!(record.is(&live, "example.com."));
        }
    }

    #[test]
    fn texts_are_in_quotes_on_the_wire() {
        let record = Record { r#type: "TXT".into(), records: vec!["a".into()], ..Record::default() };
        let values = record.request("example.com").resource_records.unwrap_or_default();
        assert_eq!(values.first().map(|record| record.value.as_str()), Some("\"a\""));
    }
}
