//! `data.aws_acm_certificate`: a certificate by its domain, tags, state and kind.

use aws_sdk_acm::types::{CertificateDetail, CertificateStatus, Filters, KeyAlgorithm};
use provider::data_source::DataSource;
use provider::error::{ErrorKind, ProviderError};
use provider::resource::Tags;
use serde::{Deserialize, Serialize};

use crate::acm::tags;
use crate::clients::Aws;
use crate::failure::Operation;
use crate::tags::shown;

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Certificate {
    arn: String,
    certificate: String,
    certificate_chain: String,
    domain: String,
    id: String,
    key_types: Vec<String>,
    most_recent: Option<bool>,
    status: String,
    statuses: Vec<String>,
    tags: Tags,
    types: Vec<String>,
}

/// Certificates with keys of every algorithm: without being asked for, only some are listed.
pub(super) fn every_key() -> Filters {
    let kinds = KeyAlgorithm::values().iter().map(|kind| KeyAlgorithm::from(*kind)).collect();
    Filters::builder().set_key_types(Some(kinds)).build()
}

impl DataSource for Certificate {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_acm_certificate";

    async fn read(aws: &Aws, want: &Self) -> Result<Self, ProviderError> {
        let mut candidates = want.candidates(aws).await?;
        if candidates.len() > 1 && want.most_recent == Some(true) {
            candidates.sort_by_key(|(live, _)| live.not_before.or(live.created_at).map(|at| at.secs()));
            candidates.drain(..candidates.len() - 1);
        }
        let count = candidates.len();
        let (Some((live, tags)), 1) = (candidates.pop(), count) else {
            let message = match count {
                0 => "no certificate matches".to_string(),
                count => format!("{count} certificates match"),
            };
            let error = ProviderError::new(ErrorKind::NotFound, "acm:ListCertificates", message);
            return Err(match count {
                0 => error,
                _ => error.hint("set `most_recent = true`, or say more of the one that is meant"),
            });
        };
        let arn = live.certificate_arn.unwrap_or_default();
        let (certificate, certificate_chain) = match live.status {
            Some(CertificateStatus::Issued) => {
                let answer = aws.acm().get_certificate().certificate_arn(&arn).send().await;
                let answer = answer.operation("acm:GetCertificate")?;
                (answer.certificate.unwrap_or_default(), answer.certificate_chain.unwrap_or_default())
            }
            Some(_) | None => (String::new(), String::new()),
        };
        Ok(Certificate {
            id: arn.clone(),
            arn,
            certificate,
            certificate_chain,
            domain: live.domain_name.unwrap_or_default(),
            status: live.status.map(|status| status.as_str().to_string()).unwrap_or_default(),
            tags: shown(aws, tags),
            most_recent: Some(want.most_recent.unwrap_or_default()),
            ..want.clone()
        })
    }
}

impl Certificate {
    /// The certificates that match, with their tags.
    async fn candidates(&self, aws: &Aws) -> Result<Vec<(CertificateDetail, Tags)>, ProviderError> {
        let statuses = match self.statuses.is_empty() {
            true => vec![CertificateStatus::Issued],
            false => self.statuses.iter().map(|status| CertificateStatus::from(status.as_str())).collect(),
        };
        let filters = match self.key_types.is_empty() {
            true => None,
            false => {
                let kinds = self.key_types.iter().map(|kind| KeyAlgorithm::from(kind.as_str())).collect();
                Some(Filters::builder().set_key_types(Some(kinds)).build())
            }
        };
        let call = aws.acm().list_certificates().set_certificate_statuses(Some(statuses)).set_includes(filters);
        let summaries = call.into_paginator().items().send().collect::<Result<Vec<_>, _>>().await;
        let summaries = summaries.operation("acm:ListCertificates")?;
        let is_domain = |name: Option<&str>| self.domain.is_empty() || name == Some(self.domain.as_str());
        let mut candidates = Vec::new();
        for summary in summaries.into_iter().filter(|summary| is_domain(summary.domain_name.as_deref())) {
            let arn = summary.certificate_arn.unwrap_or_default();
            let call = aws.acm().describe_certificate().certificate_arn(&arn).send();
            let Some(live) = call.await.operation("acm:DescribeCertificate")?.certificate else { continue };
            let kind = live.r#type.as_ref().map(|kind| kind.as_str());
            if !self.types.is_empty() && !self.types.iter().any(|wanted| Some(wanted.as_str()) == kind) {
                continue;
            }
            let tags = tags::read(aws, &arn).await?;
            if self.tags.iter().all(|(key, value)| tags.get(key) == Some(value)) {
                candidates.push((live, tags));
            }
        }
        Ok(candidates)
    }
}
