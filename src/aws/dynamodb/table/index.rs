//! Secondary indexes: global ones come and go with the table, local ones are made with it.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::{
    CreateGlobalSecondaryIndexAction, DeleteGlobalSecondaryIndexAction, GlobalSecondaryIndex,
    GlobalSecondaryIndexDescription, GlobalSecondaryIndexUpdate, KeySchemaElement, KeyType, LocalSecondaryIndex,
    LocalSecondaryIndexDescription, OnDemandThroughput, Projection, ProjectionType, ProvisionedThroughput,
    UpdateGlobalSecondaryIndexAction,
};
use serde::{Deserialize, Serialize};

use crate::dynamodb::given;
use crate::dynamodb::table::{OnDemand, Table};

#[derive(Clone, Default, PartialEq, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct Global {
    hash_key: String,
    pub name: String,
    non_key_attributes: BTreeSet<String>,
    on_demand_throughput: Vec<OnDemand>,
    projection_type: String,
    range_key: String,
    read_capacity: i64,
    write_capacity: i64,
}

#[derive(Clone, Default, PartialEq, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct Local {
    name: String,
    non_key_attributes: Vec<String>,
    projection_type: String,
    range_key: String,
}

/// One change of the indexes of a table.
#[derive(Debug)]
pub enum Change<'a> {
    Delete(&'a Global),
    Resize(&'a Global),
    Create(&'a Global),
}

/// What leads from some indexes to others: an index of another shape goes before it comes again.
pub fn changes<'a>(have: &'a Table, want: &'a Table) -> Vec<Change<'a>> {
    let find = |indexes: &'a [Global], name: &str| indexes.iter().find(|index| index.name == name);
    let (had, wanted) = (&have.global_secondary_index, &want.global_secondary_index);
    let is_kept = |index: &Global| find(wanted, &index.name).is_some_and(|wanted| wanted.has_shape_of(index));
    let deletes = had.iter().filter(|index| !is_kept(index)).map(Change::Delete);
    let resizes = wanted.iter().filter(|index| {
        let had = find(had, &index.name).filter(|had| had.has_shape_of(index));
        had.is_some_and(|had| index.has_other_capacity(had, want))
    });
    let was_there = |index: &Global| find(had, &index.name).is_some_and(|had| had.has_shape_of(index));
    let creates = wanted.iter().filter(|index| !was_there(index)).map(Change::Create);
    deletes.chain(resizes.map(Change::Resize)).chain(creates).collect()
}

impl Global {
    pub fn live(live: GlobalSecondaryIndexDescription) -> Global {
        let (hash_key, range_key) = keys(live.key_schema.as_deref().unwrap_or_default());
        let (projection_type, non_key_attributes) = projection(live.projection);
        let throughput = live.provisioned_throughput;
        let capacity = |units: Option<i64>| units.unwrap_or_default();
        Global {
            hash_key,
            name: live.index_name.unwrap_or_default(),
            non_key_attributes: non_key_attributes.into_iter().collect(),
            on_demand_throughput: OnDemand::live(live.on_demand_throughput),
            projection_type,
            range_key,
            read_capacity: capacity(throughput.as_ref().and_then(|throughput| throughput.read_capacity_units)),
            write_capacity: capacity(throughput.as_ref().and_then(|throughput| throughput.write_capacity_units)),
        }
    }

    pub fn request(&self, table: &Table) -> GlobalSecondaryIndex {
        GlobalSecondaryIndex::builder()
            .index_name(&self.name)
            .set_key_schema(Some(key_schema(&self.hash_key, &self.range_key)))
            .projection(self.projection())
            .set_provisioned_throughput(self.provisioned(table))
            .set_on_demand_throughput(self.on_demand_throughput.first().map(OnDemand::request))
            .build()
            .expect("name and keys are given")
    }

    fn has_shape_of(&self, other: &Global) -> bool {
        self.hash_key == other.hash_key
            && self.range_key == other.range_key
            && self.projection_type == other.projection_type
            && self.non_key_attributes == other.non_key_attributes
    }

    fn has_other_capacity(&self, other: &Global, table: &Table) -> bool {
        let is_resized = self.read_capacity != other.read_capacity || self.write_capacity != other.write_capacity;
        (is_resized && !table.is_on_demand()) || self.on_demand_throughput != other.on_demand_throughput
    }

    fn provisioned(&self, table: &Table) -> Option<ProvisionedThroughput> {
        (!table.is_on_demand()).then(|| provisioned(self.read_capacity, self.write_capacity))
    }

    fn projection(&self) -> Projection {
        let attributes = self.non_key_attributes.iter().cloned().collect();
        projected(&self.projection_type, attributes)
    }
}

impl Local {
    pub fn live(live: LocalSecondaryIndexDescription) -> Local {
        let (_, range_key) = keys(live.key_schema.as_deref().unwrap_or_default());
        let (projection_type, non_key_attributes) = projection(live.projection);
        Local { name: live.index_name.unwrap_or_default(), non_key_attributes, projection_type, range_key }
    }

    /// The index has the hash key of its table.
    pub fn request(&self, table: &Table) -> LocalSecondaryIndex {
        LocalSecondaryIndex::builder()
            .index_name(&self.name)
            .set_key_schema(Some(key_schema(&table.hash_key, &self.range_key)))
            .projection(projected(&self.projection_type, self.non_key_attributes.clone()))
            .build()
            .expect("name and keys are given")
    }
}

impl OnDemand {
    /// Limits as the state has them; none where nothing is limited.
    pub fn live(live: Option<OnDemandThroughput>) -> Vec<OnDemand> {
        let limits = live.map(|live| OnDemand {
            max_read_request_units: live.max_read_request_units.unwrap_or_default(),
            max_write_request_units: live.max_write_request_units.unwrap_or_default(),
        });
        limits.filter(|limits| *limits != OnDemand::default()).into_iter().collect()
    }

    pub fn request(&self) -> OnDemandThroughput {
        OnDemandThroughput::builder()
            .set_max_read_request_units((self.max_read_request_units != 0).then_some(self.max_read_request_units))
            .set_max_write_request_units((self.max_write_request_units != 0).then_some(self.max_write_request_units))
            .build()
    }
}

impl Change<'_> {
    pub fn request(&self, table: &Table) -> GlobalSecondaryIndexUpdate {
        let update = GlobalSecondaryIndexUpdate::builder();
        match self {
            Change::Delete(index) => {
                let delete = DeleteGlobalSecondaryIndexAction::builder().index_name(&index.name);
                update.delete(delete.build().expect("the name is given")).build()
            }
            Change::Resize(index) => {
                let resize = UpdateGlobalSecondaryIndexAction::builder()
                    .index_name(&index.name)
                    .set_provisioned_throughput(index.provisioned(table))
                    .set_on_demand_throughput(index.on_demand_throughput.first().map(OnDemand::request));
                update.update(resize.build().expect("the name is given")).build()
            }
            Change::Create(index) => {
                let create = CreateGlobalSecondaryIndexAction::builder()
                    .index_name(&index.name)
                    .set_key_schema(Some(key_schema(&index.hash_key, &index.range_key)))
                    .projection(index.projection())
                    .set_provisioned_throughput(index.provisioned(table))
                    .set_on_demand_throughput(index.on_demand_throughput.first().map(OnDemand::request));
                update.create(create.build().expect("name and keys are given")).build()
            }
        }
    }

    /// Capacities change together; one index comes or goes a call.
    pub fn is_alone(&self) -> bool {
        match self {
            Change::Delete(_) | Change::Create(_) => true,
            Change::Resize(_) => false,
        }
    }
}

pub fn provisioned(read_capacity: i64, write_capacity: i64) -> ProvisionedThroughput {
    let throughput = ProvisionedThroughput::builder().read_capacity_units(read_capacity);
    throughput.write_capacity_units(write_capacity).build().expect("both are given")
}

pub fn key_schema(hash_key: &str, range_key: &str) -> Vec<KeySchemaElement> {
    let element = |name: &str, kind| {
        KeySchemaElement::builder().attribute_name(name).key_type(kind).build().expect("both are given")
    };
    let hash = given(hash_key).map(|name| element(&name, KeyType::Hash));
    let range = given(range_key).map(|name| element(&name, KeyType::Range));
    hash.into_iter().chain(range).collect()
}

/// The hash key and the range key; empty where there is none.
pub fn keys(schema: &[KeySchemaElement]) -> (String, String) {
    let key = |kind: KeyType| {
        let element = schema.iter().find(|element| element.key_type == kind);
        element.map(|element| element.attribute_name.clone()).unwrap_or_default()
    };
    (key(KeyType::Hash), key(KeyType::Range))
}

fn projected(kind: &str, attributes: Vec<String>) -> Projection {
    let attributes = (!attributes.is_empty()).then_some(attributes);
    Projection::builder().projection_type(ProjectionType::from(kind)).set_non_key_attributes(attributes).build()
}

fn projection(live: Option<Projection>) -> (String, Vec<String>) {
    let Some(live) = live else { return Default::default() };
    let kind = live.projection_type.map(|kind| kind.as_str().to_string()).unwrap_or_default();
    (kind, live.non_key_attributes.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index(name: &str, hash_key: &str, read_capacity: i64) -> Global {
        Global {
            name: name.into(),
            hash_key: hash_key.into(),
            read_capacity,
            projection_type: "ALL".into(),
            ..Global::default()
        }
    }

    fn table(indexes: Vec<Global>) -> Table {
        Table { global_secondary_index: indexes, ..Table::default() }
    }

    #[test]
    fn an_index_of_another_shape_goes_before_it_comes_again() {
        let have = table(vec![index("a", "x", 1), index("b", "x", 1), index("c", "x", 1)]);
        let want = table(vec![index("a", "x", 2), index("b", "y", 1), index("d", "x", 1)]);
        let said: Vec<String> = changes(&have, &want)
            .iter()
            .map(|change| match change {
                Change::Delete(index) => format!("-{}", index.name),
                Change::Resize(index) => format!("~{}", index.name),
                Change::Create(index) => format!("+{}", index.name),
            })
            .collect();
        assert_eq!(said, ["-b", "-c", "~a", "+b", "+d"]);
    }

    #[test]
    fn a_table_on_demand_has_no_capacities_to_change() {
        let have = table(vec![index("a", "x", 1)]);
        let want = Table { billing_mode: "PAY_PER_REQUEST".into(), ..table(vec![index("a", "x", 0)]) };
        assert!(changes(&have, &want).is_empty());
    }
}
