//! The behaviour of one data source: what a file of a native provider implements.

use std::future::Future;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::ProviderError;

/// A data source, typed by a plain struct whose fields are the schema's attributes and blocks, as with
/// [`Resource`](crate::resource::Resource).
pub trait DataSource: Clone + Default + Serialize + DeserializeOwned + Send + Sync + 'static {
    type Cloud: Send + Sync + 'static;

    const TYPE: &'static str;

    /// Answers the query: `want` with all computed attributes filled in.
    fn read(cloud: &Self::Cloud, want: &Self) -> impl Future<Output = Result<Self, ProviderError>> + Send;
}
