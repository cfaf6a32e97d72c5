//! Where a record points, and which of several records of a name is answered.

use serde::{Deserialize, Serialize};

#[derive(Clone, Default, PartialEq, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct Alias {
    pub evaluate_target_health: bool,
    pub name: String,
    pub zone_id: String,
}

#[derive(Clone, Default, PartialEq, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct Cidr {
    pub collection_id: String,
    pub location_name: String,
}

#[derive(Clone, Default, PartialEq, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct Failover {
    pub r#type: String,
}

#[derive(Clone, Default, PartialEq, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct Geolocation {
    pub continent: String,
    pub country: String,
    pub subdivision: String,
}

#[derive(Clone, Default, PartialEq, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct Geoproximity {
    pub aws_region: String,
    pub bias: i32,
    pub coordinates: Vec<Coordinates>,
    pub local_zone_group: String,
}

#[derive(Clone, Default, PartialEq, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct Coordinates {
    pub latitude: String,
    pub longitude: String,
}

#[derive(Clone, Default, PartialEq, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct Latency {
    pub region: String,
}

#[derive(Clone, Default, PartialEq, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct Weighted {
    pub weight: i64,
}
