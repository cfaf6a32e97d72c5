//! `data.aws_iam_role`: a role by its name.

use model::path::Path;
use provider::data_source::DataSource;
use provider::error::{ErrorKind, ProviderError};
use provider::resource::Tags;
use serde::{Deserialize, Serialize};

use crate::clients::Aws;
use crate::failure::Operation;
use crate::iam::{decode_document, tags, timestamp};
use crate::tags::shown;

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Role {
    arn: String,
    assume_role_policy: String,
    create_date: String,
    description: String,
    id: String,
    max_session_duration: i32,
    name: String,
    path: String,
    permissions_boundary: String,
    role_last_used: Vec<LastUsed>,
    tags: Tags,
    unique_id: String,
}

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct LastUsed {
    last_used_date: String,
    region: String,
}

impl DataSource for Role {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_iam_role";

    async fn read(aws: &Aws, want: &Self) -> Result<Self, ProviderError> {
        let answer = aws.iam().get_role().role_name(&want.name).send().await.operation("iam:GetRole");
        let live = answer.map_err(|error| error.attribute(Path::attribute("name")))?.role.ok_or_else(|| {
            ProviderError::new(ErrorKind::NotFound, "iam:GetRole", format!("there is no role named `{}`", want.name))
        })?;
        let boundary = live.permissions_boundary.and_then(|boundary| boundary.permissions_boundary_arn);
        let last_used = live.role_last_used.map(|used| LastUsed {
            last_used_date: used.last_used_date.as_ref().map(timestamp).unwrap_or_default(),
            region: used.region.unwrap_or_default(),
        });
        Ok(Role {
            arn: live.arn,
            assume_role_policy: live.assume_role_policy_document.as_deref().map(decode_document).unwrap_or_default(),
            create_date: timestamp(&live.create_date),
            description: live.description.unwrap_or_default(),
            id: want.name.clone(),
            max_session_duration: live.max_session_duration.unwrap_or_default(),
            name: live.role_name,
            path: live.path,
            permissions_boundary: boundary.unwrap_or_default(),
            role_last_used: last_used.into_iter().collect(),
            tags: shown(aws, tags::live(live.tags)),
            unique_id: live.role_id,
        })
    }
}
