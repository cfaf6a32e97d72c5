//! The identifiers of all objects of a kind that are as asked: data sources such as `aws_subnets`, one shape over many calls.

use aws_sdk_ec2::types::Filter;
use provider::data_source::DataSource;
use provider::error::ProviderError;
use provider::resource::Tags;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::clients::Aws;
use crate::ec2::query;
use crate::found;

/// What is listed, with the arguments that only such a data source has.
pub trait Kind: Clone + Default + Serialize + DeserializeOwned + Send + Sync + 'static {
    const TYPE: &'static str;

    /// Its own arguments, by the names of their filters.
    fn attributes(&self) -> Vec<(&'static str, &str)> {
        Vec::new()
    }

    /// The identifiers of the objects that pass the filters.
    fn ids(aws: &Aws, filters: Option<Vec<Filter>>) -> impl Future<Output = Result<Vec<String>, ProviderError>> + Send;
}

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default, bound = "K: Kind")]
pub struct Listed<K> {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    filter: Vec<query::Written>,
    id: String,
    ids: Vec<String>,
    #[serde(flatten)]
    kind: K,
    /// As asked for.
    #[serde(skip_serializing_if = "Tags::is_empty")]
    tags: Tags,
    timeouts: Option<found::Timeouts>,
}

impl<K: Kind> DataSource for Listed<K> {
    type Cloud = Aws;

    const TYPE: &'static str = K::TYPE;

    async fn read(aws: &Aws, want: &Self) -> Result<Self, ProviderError> {
        let filters = query::filters(want.kind.attributes(), &want.tags, &want.filter);
        let ids = K::ids(aws, filters).await?;
        Ok(Listed { id: aws.region().to_string(), ids, ..want.clone() })
    }
}
