//! `aws_lb_listener_certificate`: one more certificate of a secure listener, beside its default one.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_sdk_elasticloadbalancingv2::types::Certificate;
use model::path::Path;
use model::value::Value;
use provider::Token;
use provider::error::ProviderError;
use provider::resource::{Creation, Refusal, Resource};
use serde::{Deserialize, Serialize};

use crate::clients::Aws;
use crate::elbv2::validate;
use crate::failure::Operation;
use crate::retry;

/// A new certificate of IAM reaches the load balancers only some seconds later.
const CERTIFICATE_ARRIVAL: Duration = Duration::from_secs(30);

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ListenerCertificate {
    certificate_arn: String,
    /// `LISTENER_ARN_CERTIFICATE_ARN`
    id: String,
    listener_arn: String,
}

impl Resource for ListenerCertificate {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_lb_listener_certificate";
    /// One call lists all certificates of a listener, however many are asked for.
    const READ_BATCH: usize = 100;
    const WAITS_FOR_DELETE: bool = false;

    fn id(&self) -> &str {
        &self.id
    }

    async fn create(aws: &Aws, want: &Self, _creation: &Creation<'_, Self>) -> Result<Self, ProviderError> {
        let is_missing =
            |error: &ProviderError| error.code.as_deref().is_some_and(|code| code.starts_with("CertificateNotFound"));
        retry::while_passing(CERTIFICATE_ARRIVAL, is_missing, || async {
            let call = aws.elbv2().add_listener_certificates().listener_arn(&want.listener_arn);
            let call = call.certificates(want.certificate());
            call.send().await.operation("elasticloadbalancing:AddListenerCertificates")
        })
        .await?;
        Ok(want.identified())
    }

    async fn read(aws: &Aws, have: &[Self]) -> Result<Vec<Option<Self>>, ProviderError> {
        let mut known: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for certificate in have {
            if !known.contains_key(certificate.listener_arn.as_str()) {
                known.insert(&certificate.listener_arn, of_listener(aws, &certificate.listener_arn).await?);
            }
        }
        let is_there = |have: &&Self| known[have.listener_arn.as_str()].contains(&have.certificate_arn);
        Ok(have.iter().map(|have| Some(have).filter(is_there).cloned()).collect())
    }

    async fn delete(aws: &Aws, have: &Self) -> Result<(), ProviderError> {
        let call = aws.elbv2().remove_listener_certificates().listener_arn(&have.listener_arn);
        let call = call.certificates(have.certificate());
        call.send().await.operation("elasticloadbalancing:RemoveListenerCertificates")?;
        Ok(())
    }

    async fn find(aws: &Aws, want: &Self, _token: &Token) -> Result<Option<Self>, ProviderError> {
        // Adding is idempotent: a certificate that is there is the one wanted, whoever added it.
        Ok(Self::read(aws, &[want.identified()]).await?.pop().flatten())
    }

    fn import(id: &str) -> Result<Self, ProviderError> {
        let parts = id
            .split_once('_')
            .filter(|(listener, certificate)| listener.contains(":listener/") && certificate.starts_with("arn:"));
        let Some((listener_arn, certificate_arn)) = parts else {
            let message = format!("`{id}` does not have the form `LISTENER_ARN_CERTIFICATE_ARN`");
            return Err(ProviderError::invalid("import aws_lb_listener_certificate", message));
        };
        Ok(ListenerCertificate {
            certificate_arn: certificate_arn.to_string(),
            id: id.to_string(),
            listener_arn: listener_arn.to_string(),
        })
    }

    fn validate(config: &Value) -> Vec<Refusal> {
        let arns = ["listener_arn", "certificate_arn"];
        arns.iter().filter_map(|name| validate::arn(config, &Path::root(), name)).collect()
    }
}

impl ListenerCertificate {
    fn certificate(&self) -> Certificate {
        Certificate::builder().certificate_arn(&self.certificate_arn).build()
    }

    fn identified(&self) -> ListenerCertificate {
        let id = format!("{}_{}", self.listener_arn, self.certificate_arn);
        ListenerCertificate { id, ..self.clone() }
    }
}

/// The certificates of a listener but for its default one; none where there is no such listener.
async fn of_listener(aws: &Aws, arn: &str) -> Result<Vec<String>, ProviderError> {
    let pages = aws.elbv2().describe_listener_certificates().listener_arn(arn).into_paginator().items().send();
    let certificates = pages.collect::<Result<Vec<Certificate>, _>>().await;
    match certificates.operation("elasticloadbalancing:DescribeListenerCertificates") {
        Ok(certificates) => {
            let others = certificates.into_iter().filter(|certificate| !certificate.is_default.unwrap_or(false));
            Ok(others.filter_map(|certificate| certificate.certificate_arn).collect())
        }
        Err(error) if error.is_not_found() => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_import_names_both() {
        let listener = "arn:aws:elasticloadbalancing:us-east-1:1:listener/app/a_b/50dc/f2f7";
        let certificate = "arn:aws:acm:us-east-1:1:certificate/0000";
        // A load balancer's name has no underscore, so the first one is between the two.
        assert!(ListenerCertificate::import(&format!("{listener}_{certificate}")).is_err());
        let listener = listener.replace('_', "-");
        let imported = ListenerCertificate::import(&format!("{listener}_{certificate}"));
        assert_eq!(imported.map(|imported| imported.listener_arn).ok(), Some(listener));
    }
}
