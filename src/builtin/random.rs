//! `hashicorp/random`: values that chance makes once and the state keeps.

mod bytes;
mod characters;
mod dice;
mod id;
mod integer;
mod password;
mod pet;
mod shuffle;
mod text;
mod uuid;

use std::collections::BTreeMap;

use crate::data_source::TypedData;
use crate::family::{DataEntry, Entry, Family};
use crate::random::bytes::RandomBytes;
use crate::random::id::RandomId;
use crate::random::integer::RandomInteger;
use crate::random::password::{EphemeralPassword, RandomPassword};
use crate::random::pet::RandomPet;
use crate::random::shuffle::RandomShuffle;
use crate::random::text::RandomString;
use crate::random::uuid::{RandomUuid, RandomUuid4, RandomUuid7};
use crate::resource::Typed;

/// Values whose change makes a new value.
type Keepers = Option<BTreeMap<String, String>>;

pub static FAMILY: Family =
    Family { name: "random", is_builtin: false, resources: &RESOURCES, data_sources: &[], ephemerals: &EPHEMERALS };

static RESOURCES: [Entry; 10] = [
    Entry::new("random_bytes", include_str!("schema/random_bytes.json"), &Typed::<RandomBytes>::NEW),
    Entry::new("random_id", include_str!("schema/random_id.json"), &Typed::<RandomId>::NEW),
    Entry::new("random_integer", include_str!("schema/random_integer.json"), &Typed::<RandomInteger>::NEW),
    Entry::new("random_password", include_str!("schema/random_password.json"), &Typed::<RandomPassword>::NEW),
    Entry::new("random_pet", include_str!("schema/random_pet.json"), &Typed::<RandomPet>::NEW),
    Entry::new("random_shuffle", include_str!("schema/random_shuffle.json"), &Typed::<RandomShuffle>::NEW),
    Entry::new("random_string", include_str!("schema/random_string.json"), &Typed::<RandomString>::NEW),
    Entry::new("random_uuid", include_str!("schema/random_uuid.json"), &Typed::<RandomUuid>::NEW),
    Entry::new("random_uuid4", include_str!("schema/random_uuid4.json"), &Typed::<RandomUuid4>::NEW),
    Entry::new("random_uuid7", include_str!("schema/random_uuid7.json"), &Typed::<RandomUuid7>::NEW),
];

static EPHEMERALS: [DataEntry; 1] = [DataEntry::new(
    "random_password",
    include_str!("schema/ephemeral/random_password.json"),
    &TypedData::<EphemeralPassword>::NEW,
)];
