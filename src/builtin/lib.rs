//! Small providers without a cloud: `terraform_data`, `null_*`, `random_*`, `time_*`, `tls_*` and `local_*`.
//!
//! Each provider is a [`family::Family`]: its address and the tables of its types. A type is
//!
//! - **facts**: `schema/TYPE.json`, its schema and how it plans, in the form that [`provider::facts`] reads;
//! - **behaviour**: one file that implements [`behaviour::Behaviour`] on values, or [`resource::Resource`] and
//!   [`data_source::DataSource`] on a plain struct.
//!
//! Names, schema versions, formats of identifiers and plans are those of the providers that other engines install under
//! the same addresses, so states are read both ways. What these types make lives in the state alone, files aside: there is
//! nothing to batch, and little to wait for. The clock and the source of randomness come in as a [`world::World`].

pub mod behaviour;
pub mod data_source;
pub mod family;
pub mod plan;
pub mod resource;
pub mod world;

mod hex;
mod local;
mod null;
mod provider;
mod random;
mod terraform;
mod time;
mod tls;

#[cfg(test)]
mod testing;

use std::sync::Arc;

use ::provider::Provider;
use model::address::ProviderAddr;

use crate::family::FAMILIES;
use crate::provider::FamilyProvider;
use crate::world::World;

/// The addresses of all providers of this crate.
pub fn addresses() -> Vec<ProviderAddr> {
    FAMILIES.iter().map(|family| family.addr()).collect()
}

/// A new provider; `None` when there is none of that address here.
pub fn provider(addr: &ProviderAddr, world: Arc<dyn World>) -> Option<Arc<dyn Provider>> {
    let family = FAMILIES.into_iter().find(|family| family.addr() == *addr)?;
    Some(Arc::new(FamilyProvider::new(family, world)))
}
