//! `aws_iam_instance_profile`: what hands a role to EC2 instances.
//!
//! A profile holds one role at most, so another role takes the place of the former one.

use aws_sdk_iam::types::InstanceProfile;
use model::path::Path;
use model::value::Value;
use provider::Token;
use provider::error::ProviderError;
use provider::resource::{Creation, Refusal, Resource, Tags};
use serde::{Deserialize, Serialize};

use crate::clients::Aws;
use crate::failure::{Operation, taken};
use crate::iam::{given, is_older, tags, timestamp, validate};
use crate::names;
use crate::tags::TagChange;

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct IamInstanceProfile {
    arn: String,
    create_date: String,
    id: String,
    name: String,
    name_prefix: String,
    path: String,
    role: String,
    tags: Tags,
    tags_all: Tags,
    unique_id: String,
}

impl Resource for IamInstanceProfile {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_iam_instance_profile";
    const WAITS_FOR_DELETE: bool = false;

    fn id(&self) -> &str {
        &self.id
    }

    async fn create(aws: &Aws, want: &Self, creation: &Creation<'_, Self>) -> Result<Self, ProviderError> {
        let name = names::given_or_unique(&want.name, &want.name_prefix, creation.token);
        let created = aws
            .iam()
            .create_instance_profile()
            .instance_profile_name(&name)
            .set_path(given(&want.path))
            .set_tags(tags::request(&want.tags_all))
            .send()
            .await
            .operation("iam:CreateInstanceProfile")?;
        let profile = IamInstanceProfile { id: name.clone(), name, ..want.clone() };
        let bare = IamInstanceProfile { role: String::new(), ..profile };
        let bare = created.instance_profile.map_or(bare.clone(), |live| bare.with_live(live));
        let _durable = creation.born(&bare).await;
        change_role(aws, &bare, &want.role).await?;
        Ok(IamInstanceProfile { role: want.role.clone(), ..bare })
    }

    async fn read(aws: &Aws, have: &[Self]) -> Result<Vec<Option<Self>>, ProviderError> {
        let mut profiles = Vec::with_capacity(have.len());
        for profile in have {
            profiles.push(find_by_name(aws, &profile.id).await?.map(|live| profile.with_live(live)));
        }
        Ok(profiles)
    }

    async fn update(aws: &Aws, have: &Self, want: &Self) -> Result<(), ProviderError> {
        change_role(aws, have, &want.role).await?;
        update_tags(aws, &have.id, &TagChange::between(&have.tags_all, &want.tags_all)).await
    }

    async fn delete(aws: &Aws, have: &Self) -> Result<(), ProviderError> {
        // Whatever role it holds by now: it can't be deleted with one.
        let Some(live) = find_by_name(aws, &have.id).await? else { return Ok(()) };
        change_role(aws, &have.with_live(live), "").await?;
        let delete = aws.iam().delete_instance_profile().instance_profile_name(&have.id);
        delete.send().await.operation("iam:DeleteInstanceProfile")?;
        Ok(())
    }

    async fn find(aws: &Aws, want: &Self, token: &Token) -> Result<Option<Self>, ProviderError> {
        let name = names::given_or_unique(&want.name, &want.name_prefix, token);
        let Some(live) = find_by_name(aws, &name).await? else { return Ok(None) };
        let profile = want.with_live(live);
        if is_older(&profile.create_date, token) {
            let message = format!("an instance profile named `{name}` was there before this create");
            return Err(taken("iam:CreateInstanceProfile", message));
        }
        Ok(Some(profile))
    }

    fn import(id: &str) -> Result<Self, ProviderError> {
        Ok(IamInstanceProfile { id: id.to_string(), ..IamInstanceProfile::default() })
    }

    fn validate(config: &Value) -> Vec<Refusal> {
        let root = Path::root();
        ["name", "name_prefix"].into_iter().filter_map(|attribute| validate::name(config, &root, attribute)).collect()
    }
}

impl IamInstanceProfile {
    fn with_live(&self, live: InstanceProfile) -> IamInstanceProfile {
        let name = live.instance_profile_name;
        IamInstanceProfile {
            arn: live.arn,
            create_date: timestamp(&live.create_date),
            id: name.clone(),
            name_prefix: names::prefix_of(&name).unwrap_or_default().to_string(),
            name,
            path: live.path,
            role: live.roles.into_iter().next().map(|role| role.role_name).unwrap_or_default(),
            tags: Tags::new(),
            tags_all: tags::live(live.tags),
            unique_id: live.instance_profile_id,
        }
    }
}

async fn find_by_name(aws: &Aws, name: &str) -> Result<Option<InstanceProfile>, ProviderError> {
    let get = aws.iam().get_instance_profile().instance_profile_name(name);
    match get.send().await.operation("iam:GetInstanceProfile") {
        Ok(answer) => Ok(answer.instance_profile),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}

/// Takes the role out that the profile holds and puts another one in; an empty name stands for none.
async fn change_role(aws: &Aws, have: &IamInstanceProfile, role: &str) -> Result<(), ProviderError> {
    if have.role == role {
        return Ok(());
    }
    if !have.role.is_empty() {
        let remove = aws.iam().remove_role_from_instance_profile().instance_profile_name(&have.id);
        match remove.role_name(&have.role).send().await.operation("iam:RemoveRoleFromInstanceProfile") {
            Err(error) if !error.is_not_found() => return Err(error),
            Ok(_) | Err(_) => {}
        }
    }
    if !role.is_empty() {
        let add = aws.iam().add_role_to_instance_profile().instance_profile_name(&have.id).role_name(role);
        add.send().await.operation("iam:AddRoleToInstanceProfile")?;
    }
    Ok(())
}

async fn update_tags(aws: &Aws, name: &str, change: &TagChange) -> Result<(), ProviderError> {
    if !change.remove.is_empty() {
        let untag = aws.iam().untag_instance_profile().instance_profile_name(name);
        let untag = untag.set_tag_keys(Some(change.remove.clone()));
        untag.send().await.operation("iam:UntagInstanceProfile")?;
    }
    if let Some(tags) = tags::request(&change.set) {
        let tag = aws.iam().tag_instance_profile().instance_profile_name(name).set_tags(Some(tags));
        tag.send().await.operation("iam:TagInstanceProfile")?;
    }
    Ok(())
}
