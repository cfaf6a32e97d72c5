//! `data.aws_caller_identity`: the account, user and ARN that the credentials belong to.

use provider::data_source::DataSource;
use provider::error::ProviderError;
use serde::{Deserialize, Serialize};

use crate::clients::Aws;

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CallerIdentity {
    account_id: String,
    arn: String,
    id: String,
    user_id: String,
}

impl DataSource for CallerIdentity {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_caller_identity";

    async fn read(aws: &Aws, _want: &Self) -> Result<Self, ProviderError> {
        let caller = aws.caller().await?;
        Ok(CallerIdentity {
            account_id: caller.account.clone(),
            arn: caller.arn.clone(),
            id: caller.account.clone(),
            user_id: caller.user_id.clone(),
        })
    }
}
