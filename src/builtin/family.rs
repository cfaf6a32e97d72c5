//! What a provider of this crate is made of; the table of each is in its module.

use std::sync::{Arc, OnceLock};

use model::address::ProviderAddr;
use provider::facts::{Flavor, TypeFacts};

use crate::behaviour::Behaviour;
use crate::data_source::DataBehaviour;
use crate::{local, null, random, terraform, time, tls};

/// All providers of this crate.
pub static FAMILIES: [&Family; 6] =
    [&local::FAMILY, &null::FAMILY, &random::FAMILY, &terraform::FAMILY, &time::FAMILY, &tls::FAMILY];

/// One provider: its name and its types, each table sorted.
pub struct Family {
    pub name: &'static str,
    /// Whether it is the one that is part of every engine; the others are `hashicorp/NAME` of the public registry.
    pub is_builtin: bool,
    pub resources: &'static [Entry],
    pub data_sources: &'static [DataEntry],
    /// Types of ephemeral resources: opening one is like reading a data source, and there is nothing to close.
    pub ephemerals: &'static [DataEntry],
}

/// A resource type: its facts, parsed when a stack first uses it, and what it does.
pub struct Entry {
    pub facts: Embedded,
    pub behaviour: &'static dyn Behaviour,
}

/// A data source.
pub struct DataEntry {
    pub facts: Embedded,
    pub behaviour: &'static dyn DataBehaviour,
}

/// Facts as embedded text.
pub struct Embedded {
    pub type_name: &'static str,
    json: &'static str,
    parsed: OnceLock<Arc<TypeFacts>>,
}

impl Family {
    pub fn addr(&self) -> ProviderAddr {
        if self.is_builtin { ProviderAddr::builtin() } else { ProviderAddr::registry("hashicorp", self.name) }
    }

    pub fn resource(&self, type_name: &str) -> Option<&'static Entry> {
        self.resources.iter().find(|entry| entry.facts.type_name == type_name)
    }

    pub fn data_source(&self, type_name: &str) -> Option<&'static DataEntry> {
        self.data_sources.iter().find(|entry| entry.facts.type_name == type_name)
    }

    pub fn ephemeral(&self, type_name: &str) -> Option<&'static DataEntry> {
        self.ephemerals.iter().find(|entry| entry.facts.type_name == type_name)
    }
}

impl Entry {
    pub const fn new(type_name: &'static str, json: &'static str, behaviour: &'static dyn Behaviour) -> Entry {
        Entry { facts: Embedded::new(type_name, json), behaviour }
    }
}

impl DataEntry {
    pub const fn new(type_name: &'static str, json: &'static str, behaviour: &'static dyn DataBehaviour) -> DataEntry {
        DataEntry { facts: Embedded::new(type_name, json), behaviour }
    }
}

impl Embedded {
    const fn new(type_name: &'static str, json: &'static str) -> Embedded {
        Embedded { type_name, json, parsed: OnceLock::new() }
    }

    pub fn get(&self) -> &Arc<TypeFacts> {
        self.parsed.get_or_init(|| {
            let facts = TypeFacts::parse(self.json)
                .unwrap_or_else(|error| panic!("the embedded facts of {} must parse: {error}", self.type_name));
            // Also types without an `id` tell null from empty.
            Arc::new(TypeFacts { flavor: Flavor::Framework, ..facts })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_embedded_facts_parse_and_are_of_their_entry() {
        for family in FAMILIES {
            for facts in family.resources.iter().map(|entry| &entry.facts) {
                assert_eq!(facts.get().type_name.as_ref(), facts.type_name);
            }
            for facts in family.data_sources.iter().chain(family.ephemerals).map(|entry| &entry.facts) {
                assert_eq!(facts.get().type_name.as_ref(), facts.type_name);
            }
        }
    }

    #[test]
    fn the_tables_are_sorted() {
        for family in FAMILIES {
            assert!(family.resources.is_sorted_by_key(|entry| entry.facts.type_name), "{}", family.name);
            assert!(family.data_sources.is_sorted_by_key(|entry| entry.facts.type_name), "{}", family.name);
            assert!(family.ephemerals.is_sorted_by_key(|entry| entry.facts.type_name), "{}", family.name);
        }
    }

    #[test]
    fn structs_have_the_fields_of_their_schemas() {
        let differences: Vec<String> = FAMILIES
            .iter()
            .flat_map(|family| {
                let resources =
                    family.resources.iter().filter_map(|entry| entry.behaviour.field_difference(entry.facts.get()));
                let data = family
                    .data_sources
                    .iter()
                    .chain(family.ephemerals)
                    .filter_map(|entry| entry.behaviour.field_difference(entry.facts.get()));
                resources.chain(data).collect::<Vec<_>>()
            })
            .collect();
        assert!(differences.is_empty(), "{}", differences.join("\n"));
    }
}
