//! `aws_iam_user`: a person or a program with credentials of its own.
//!
//! A user can't be deleted while it has any; `force_destroy` takes them away before.

use aws_sdk_iam::types::User as Live;
use model::path::Path;
use model::value::Value;
use provider::Token;
use provider::error::{ErrorKind, ProviderError};
use provider::resource::{Creation, Refusal, Resource, Tags};
use serde::{Deserialize, Serialize};

use crate::clients::Aws;
use crate::failure::{Operation, advise_where_taken, taken};
use crate::iam::{tags, validate};
use crate::tags::TagChange;
use crate::{arn, given, times};

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct IamUser {
    arn: String,
    force_destroy: bool,
    id: String,
    name: String,
    path: String,
    permissions_boundary: String,
    tags: Tags,
    tags_all: Tags,
    unique_id: String,
    #[serde(skip)]
    created: Option<aws_smithy_types::DateTime>,
}

impl Resource for IamUser {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_iam_user";
    const WAITS_FOR_DELETE: bool = false;

    fn id(&self) -> &str {
        &self.id
    }

    async fn create(aws: &Aws, want: &Self, _creation: &Creation<'_, Self>) -> Result<Self, ProviderError> {
        let call = aws
            .iam()
            .create_user()
            .user_name(&want.name)
            .set_path(given::text(&want.path))
            .set_permissions_boundary(given::text(&want.permissions_boundary))
            .set_tags(tags::request(&want.tags_all));
        call.send().await.operation("iam:CreateUser").map_err(advise_where_taken)?;
        Ok(IamUser { id: want.name.clone(), ..want.clone() })
    }

    async fn read(aws: &Aws, have: &[Self]) -> Result<Vec<Option<Self>>, ProviderError> {
        let mut users = Vec::with_capacity(have.len());
        for user in have {
            users.push(read_one(aws, user).await?);
        }
        Ok(users)
    }

    /// A user can be renamed; its identifier changes with its name.
    async fn update(aws: &Aws, have: &Self, want: &Self) -> Result<(), ProviderError> {
        let iam = aws.iam();
        if (&have.name, &have.path) != (&want.name, &want.path) {
            let call = iam.update_user().user_name(&have.name).new_path(&want.path);
            let call = call.set_new_user_name(Some(want.name.clone()).filter(|name| *name != have.name));
            call.send().await.operation("iam:UpdateUser")?;
        }
        match (have.permissions_boundary == want.permissions_boundary, given::text(&want.permissions_boundary)) {
            (true, _) => {}
            (false, Some(boundary)) => {
                let call = iam.put_user_permissions_boundary().user_name(&want.name).permissions_boundary(boundary);
                call.send().await.operation("iam:PutUserPermissionsBoundary")?;
            }
            (false, None) => {
                let call = iam.delete_user_permissions_boundary().user_name(&want.name);
                call.send().await.operation("iam:DeleteUserPermissionsBoundary")?;
            }
        }
        let change = TagChange::between(&have.tags_all, &want.tags_all);
        if !change.remove.is_empty() {
            let call = iam.untag_user().user_name(&want.name).set_tag_keys(Some(change.remove));
            call.send().await.operation("iam:UntagUser")?;
        }
        if let Some(tags) = tags::request(&change.set) {
            let call = iam.tag_user().user_name(&want.name).set_tags(Some(tags));
            call.send().await.operation("iam:TagUser")?;
        }
        Ok(())
    }

    async fn delete(aws: &Aws, have: &Self) -> Result<(), ProviderError> {
        leave_groups(aws, &have.name).await?;
        if have.force_destroy {
            delete_keys(aws, &have.name).await?;
            delete_passwords(aws, &have.name).await?;
        }
        let deleted = aws.iam().delete_user().user_name(&have.name).send().await.operation("iam:DeleteUser");
        deleted.map(drop).map_err(|error| match error.kind == ErrorKind::Conflict {
            true => error.hint("take away what others gave it; `force_destroy = true` does that for its credentials"),
            false => error,
        })
    }

    async fn find(aws: &Aws, want: &Self, token: &Token) -> Result<Option<Self>, ProviderError> {
        let Some(found) = read_one(aws, want).await? else { return Ok(None) };
        if times::is_older(found.created.as_ref(), token) {
            let message = format!("a user named `{}` was there before this create", want.name);
            return Err(taken("iam:CreateUser", message));
        }
        Ok(Some(found))
    }

    fn import(id: &str) -> Result<Self, ProviderError> {
        Ok(IamUser { id: id.to_string(), name: id.to_string(), ..IamUser::default() })
    }

    fn validate(config: &Value) -> Vec<Refusal> {
        let mut refusals: Vec<Refusal> = validate::name(config, &Path::root(), "name").into_iter().collect();
        if let Some(boundary) = config.get("permissions_boundary") {
            arn::check(Path::attribute("permissions_boundary"), &boundary, &mut refusals);
        }
        refusals
    }
}

impl IamUser {
    fn with_live(&self, live: Live) -> IamUser {
        let boundary = live.permissions_boundary.and_then(|boundary| boundary.permissions_boundary_arn);
        IamUser {
            arn: live.arn,
            id: live.user_name.clone(),
            name: live.user_name,
            path: live.path,
            permissions_boundary: boundary.unwrap_or_default(),
            tags_all: tags::live(live.tags),
            unique_id: live.user_id,
            created: Some(live.create_date),
            ..self.clone()
        }
    }
}

async fn read_one(aws: &Aws, have: &IamUser) -> Result<Option<IamUser>, ProviderError> {
    match aws.iam().get_user().user_name(&have.name).send().await.operation("iam:GetUser") {
        Ok(answer) => Ok(answer.user.map(|live| have.with_live(live))),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}

async fn leave_groups(aws: &Aws, user: &str) -> Result<(), ProviderError> {
    let pages = aws.iam().list_groups_for_user().user_name(user).into_paginator().items().send();
    for group in pages.collect::<Result<Vec<_>, _>>().await.operation("iam:ListGroupsForUser")? {
        let call = aws.iam().remove_user_from_group().user_name(user).group_name(group.group_name);
        call.send().await.operation("iam:RemoveUserFromGroup")?;
    }
    Ok(())
}

/// Access keys, SSH keys, signing certificates and credentials of single services.
async fn delete_keys(aws: &Aws, user: &str) -> Result<(), ProviderError> {
    let iam = aws.iam();
    let pages = iam.list_access_keys().user_name(user).into_paginator().items().send();
    for key in pages.collect::<Result<Vec<_>, _>>().await.operation("iam:ListAccessKeys")? {
        let call = iam.delete_access_key().user_name(user).set_access_key_id(key.access_key_id);
        call.send().await.operation("iam:DeleteAccessKey")?;
    }
    let pages = iam.list_ssh_public_keys().user_name(user).into_paginator().items().send();
    for key in pages.collect::<Result<Vec<_>, _>>().await.operation("iam:ListSSHPublicKeys")? {
        let call = iam.delete_ssh_public_key().user_name(user).ssh_public_key_id(key.ssh_public_key_id);
        call.send().await.operation("iam:DeleteSSHPublicKey")?;
    }
    let pages = iam.list_signing_certificates().user_name(user).into_paginator().items().send();
    for certificate in pages.collect::<Result<Vec<_>, _>>().await.operation("iam:ListSigningCertificates")? {
        let call = iam.delete_signing_certificate().user_name(user).certificate_id(certificate.certificate_id);
        call.send().await.operation("iam:DeleteSigningCertificate")?;
    }
    let answer = iam.list_service_specific_credentials().user_name(user).send().await;
    let credentials = answer.operation("iam:ListServiceSpecificCredentials")?.service_specific_credentials;
    for credential in credentials.unwrap_or_default() {
        let call = iam.delete_service_specific_credential().user_name(user);
        let call = call.service_specific_credential_id(credential.service_specific_credential_id);
        call.send().await.operation("iam:DeleteServiceSpecificCredential")?;
    }
    Ok(())
}

/// The console's password, and the devices that are asked for besides it.
async fn delete_passwords(aws: &Aws, user: &str) -> Result<(), ProviderError> {
    let iam = aws.iam();
    let pages = iam.list_mfa_devices().user_name(user).into_paginator().items().send();
    for device in pages.collect::<Result<Vec<_>, _>>().await.operation("iam:ListMFADevices")? {
        let call = iam.deactivate_mfa_device().user_name(user).serial_number(&device.serial_number);
        call.send().await.operation("iam:DeactivateMFADevice")?;
        // Devices that are programs have an ARN for a number and end with their use.
        if arn::is_arn(&device.serial_number) {
            let call = iam.delete_virtual_mfa_device().serial_number(device.serial_number);
            call.send().await.operation("iam:DeleteVirtualMFADevice")?;
        }
    }
    match iam.delete_login_profile().user_name(user).send().await.operation("iam:DeleteLoginProfile") {
        Err(error) if error.is_not_found() => Ok(()),
        ended => ended.map(drop),
    }
}
