//! `aws_acm_certificate`: a certificate that ACM issues, that a private authority issues, or that is imported.
//!
//! A requested certificate is made before anybody proved the names in it: what proves them is in `domain_validation_options`
//! some seconds later, which a create waits for. Certificates have no names of their own: a new one carries the mark of its
//! create among its tags until its identity is durable.

use std::time::Duration;

use aws_sdk_acm::types::{
    CertificateDetail, CertificateStatus, CertificateType, DomainValidation, KeyAlgorithm, RenewalEligibility,
    ValidationMethod,
};
use aws_smithy_types::Blob;
use jiff::{Span, Timestamp};
use model::path::Path;
use model::value::Value;
use provider::Token;
use provider::error::{ErrorKind, ProviderError};
use provider::resource::{Creation, Readiness, Refine, Refusal, Resource, Tags, Timeouts};
use serde::{Deserialize, Serialize};

use crate::acm::blocks::{Options, Proof, Renewal, ValidationOption};
use crate::acm::{describe, failure, plan, tags};
use crate::clients::Aws;
use crate::failure::Operation;
use crate::tags::{marked, settle_new, take_mark};
use crate::{given, refusals, retry, times};

/// How long a certificate may stay in use by what let go of it.
const RELEASE: Duration = Duration::from_secs(300);

/// The longest name of a domain; RequestCertificate, `DomainName`.
const DOMAIN_LENGTH_MAX: usize = 253;

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Certificate {
    arn: String,
    certificate_authority_arn: String,
    certificate_body: Option<String>,
    certificate_chain: Option<String>,
    domain_name: String,
    domain_validation_options: Vec<Proof>,
    early_renewal_duration: String,
    id: String,
    key_algorithm: String,
    not_after: String,
    not_before: String,
    options: Vec<Options>,
    pending_renewal: bool,
    private_key: Option<String>,
    renewal_eligibility: String,
    renewal_summary: Vec<Renewal>,
    status: String,
    subject_alternative_names: Vec<String>,
    tags: Tags,
    tags_all: Tags,
    #[serde(rename = "type")]
    kind: String,
    validation_emails: Vec<String>,
    validation_method: String,
    validation_option: Vec<ValidationOption>,
    #[serde(skip)]
    awaits_proofs: bool,
    #[serde(skip)]
    failure: String,
}

impl Resource for Certificate {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_acm_certificate";
    const TIMEOUTS: Timeouts = Timeouts::minutes(5, 5, 20);

    fn id(&self) -> &str {
        &self.id
    }

    async fn create(aws: &Aws, want: &Self, creation: &Creation<'_, Self>) -> Result<Self, ProviderError> {
        let tags = tags::request(&marked(&want.tags_all, creation.token));
        let arn = if want.is_imported() {
            want.import_call(aws).set_tags(tags).send().await.operation("acm:ImportCertificate")?.certificate_arn
        } else {
            let call = aws
                .acm()
                .request_certificate()
                .domain_name(&want.domain_name)
                // At most 32 characters of a word: what a UUID has without its hyphens.
                .idempotency_token(creation.token.id.replace('-', ""))
                .set_certificate_authority_arn(given::text(&want.certificate_authority_arn))
                .set_domain_validation_options(given::list(
                    want.validation_option.iter().map(ValidationOption::request),
                ))
                .set_key_algorithm(given::text(&want.key_algorithm).map(|kind| KeyAlgorithm::from(kind.as_str())))
                .set_options(want.options.first().map(Options::request))
                .set_subject_alternative_names(given::list(want.subject_alternative_names.iter().cloned()))
                .set_tags(tags)
                .set_validation_method(
                    given::text(&want.validation_method).map(|method| ValidationMethod::from(method.as_str())),
                );
            call.send().await.operation("acm:RequestCertificate")?.certificate_arn
        };
        let arn = arn.unwrap_or_default();
        let certificate = Certificate { id: arn.clone(), arn, ..want.clone() };
        settle_new(creation, &certificate, tags::unmark(aws, &certificate.id, &creation.token.id)).await?;
        Ok(certificate)
    }

    async fn read(aws: &Aws, have: &[Self]) -> Result<Vec<Option<Self>>, ProviderError> {
        let mut certificates = Vec::with_capacity(have.len());
        for certificate in have {
            certificates.push(read_one(aws, certificate).await?);
        }
        Ok(certificates)
    }

    async fn update(aws: &Aws, have: &Self, want: &Self) -> Result<(), ProviderError> {
        if want.is_imported() && have.imported() != want.imported() {
            want.import_call(aws).certificate_arn(&have.id).send().await.operation("acm:ImportCertificate")?;
        }
        if let Some(options) = want.options.first().filter(|_| have.options != want.options) {
            let call = aws.acm().update_certificate_options().certificate_arn(&have.id).options(options.request());
            call.send().await.operation("acm:UpdateCertificateOptions")?;
        }
        if have.pending_renewal {
            aws.acm().renew_certificate().certificate_arn(&have.id).send().await.operation("acm:RenewCertificate")?;
        }
        tags::update(aws, &have.id, &have.tags_all, &want.tags_all).await
    }

    async fn delete(aws: &Aws, have: &Self) -> Result<(), ProviderError> {
        let deleted = retry::while_passing(RELEASE, is_in_use, || async {
            aws.acm().delete_certificate().certificate_arn(&have.id).send().await.operation("acm:DeleteCertificate")
        });
        match deleted.await {
            Err(error) if is_in_use(&error) => {
                let users = describe(aws, &have.id).await.ok().flatten().and_then(|live| live.in_use_by);
                let users = users.unwrap_or_default().join(", ");
                Err(if users.is_empty() { error } else { error.hint(format!("these use it: {users}")) })
            }
            ended => ended.map(drop),
        }
    }

    async fn find(aws: &Aws, want: &Self, token: &Token) -> Result<Option<Self>, ProviderError> {
        let pages = aws.acm().list_certificates().includes(super::certificate_data::every_key()).into_paginator();
        let summaries = pages.items().send().collect::<Result<Vec<_>, _>>().await.operation("acm:ListCertificates")?;
        let is_candidate = |name: Option<&str>| want.domain_name.is_empty() || name == Some(want.domain_name.as_str());
        let candidates = summaries.into_iter().filter(|live| is_candidate(live.domain_name.as_deref()));
        for arn in candidates.filter_map(|live| live.certificate_arn) {
            if take_mark(&mut tags::read(aws, &arn).await?, token) {
                tags::unmark(aws, &arn, &token.id).await?;
                return read_one(aws, &Certificate { id: arn, ..want.clone() }).await;
            }
        }
        Ok(None)
    }

    fn import(id: &str) -> Result<Self, ProviderError> {
        if !crate::arn::is_arn(id) {
            let message = format!("`{id}` is not the ARN of a certificate");
            return Err(ProviderError::invalid("import aws_acm_certificate", message));
        }
        Ok(Certificate { id: id.to_string(), ..Certificate::default() })
    }

    fn readiness(&self, _want: &Self) -> Readiness {
        if self.status == CertificateStatus::Failed.as_str() {
            Readiness::Failed(self.failure.clone())
        } else if self.awaits_proofs {
            Readiness::Pending("what proves its names".into())
        } else {
            Readiness::Settled
        }
    }

    fn refine(refine: Refine<'_>) {
        plan::refine(refine);
    }

    /// White space around the blocks of a PEM text says nothing.
    fn equivalent(attribute: &str, prior: &Value, config: &Value) -> bool {
        let is_pem = matches!(attribute, "certificate_body" | "certificate_chain" | "private_key");
        match (prior.reveal().as_str(), config.reveal().as_str()) {
            (Some(prior), Some(config)) if is_pem => prior.split_whitespace().eq(config.split_whitespace()),
            (Some(_) | None, Some(_) | None) => false,
        }
    }

    fn validate(config: &Value) -> Vec<Refusal> {
        let domain = refusals::text(config, "domain_name");
        let domain = domain.and_then(|domain| refuse_domain(&domain, "domain_name"));
        let others = config.get("subject_alternative_names");
        let others = others.iter().flat_map(|names| names.reveal().items().unwrap_or_default());
        let others = others.filter_map(|name| refuse_domain(name.reveal().as_str()?, "subject_alternative_names"));
        let early = refusals::text(config, "early_renewal_duration").filter(|text| !text.is_empty());
        let early = early
            .filter(|text| text.parse::<Span>().is_err())
            .map(|_| refusals::invalid("early_renewal_duration", "It must be a duration, such as `P90D` or `2160h`."));
        domain.into_iter().chain(others).chain(early).chain(refuse_origin(config)).collect()
    }
}

impl Certificate {
    fn is_imported(&self) -> bool {
        self.private_key.is_some()
    }

    /// What an import replaces.
    fn imported(&self) -> impl PartialEq {
        (self.certificate_body.clone(), self.certificate_chain.clone(), self.private_key.clone())
    }

    fn import_call(
        &self,
        aws: &Aws,
    ) -> aws_sdk_acm::operation::import_certificate::builders::ImportCertificateFluentBuilder {
        let blob = |text: &Option<String>| {
            text.as_ref().filter(|text| !text.is_empty()).map(|text| Blob::new(text.as_bytes()))
        };
        aws.acm()
            .import_certificate()
            .set_certificate(blob(&self.certificate_body))
            .set_certificate_chain(blob(&self.certificate_chain))
            .set_private_key(blob(&self.private_key))
    }

    fn with_live(&self, live: CertificateDetail, tags_all: Tags) -> Certificate {
        let failure = failure(&live);
        let options = live.domain_validation_options.unwrap_or_default();
        let is_pending = live.status == Some(CertificateStatus::PendingValidation);
        let is_requested = live.r#type == Some(CertificateType::AmazonIssued);
        let arn = live.certificate_arn.unwrap_or_default();
        let is_early = self.is_due_early(live.not_after.as_ref());
        let is_renewable = live.renewal_eligibility == Some(RenewalEligibility::Eligible);
        Certificate {
            id: arn.clone(),
            arn,
            certificate_authority_arn: live.certificate_authority_arn.unwrap_or_default(),
            domain_name: live.domain_name.unwrap_or_default(),
            awaits_proofs: is_pending && is_requested && (options.is_empty() || options.iter().any(awaits_proof)),
            validation_method: options
                .iter()
                .find_map(|option| option.validation_method.as_ref())
                .map_or("NONE", ValidationMethod::as_str)
                .to_string(),
            validation_emails: options
                .iter()
                .flat_map(|option| option.validation_emails.iter().flatten().cloned())
                .collect(),
            domain_validation_options: options.into_iter().filter_map(Proof::of).collect(),
            // Answers write algorithms with hyphens, requests with underscores.
            key_algorithm: live.key_algorithm.map(|kind| kind.as_str().replace('-', "_")).unwrap_or_default(),
            not_after: times::stored(live.not_after.as_ref()),
            not_before: times::stored(live.not_before.as_ref()),
            options: live.options.map(Options::of).into_iter().collect(),
            pending_renewal: is_early && is_renewable && live.r#type == Some(CertificateType::Private),
            renewal_eligibility: live.renewal_eligibility.map(|text| text.as_str().to_string()).unwrap_or_default(),
            renewal_summary: live.renewal_summary.map(Renewal::of).into_iter().collect(),
            status: live.status.map(|status| status.as_str().to_string()).unwrap_or_default(),
            subject_alternative_names: live.subject_alternative_names.unwrap_or_default(),
            kind: live.r#type.map(|kind| kind.as_str().to_string()).unwrap_or_default(),
            failure,
            tags_all,
            ..self.clone()
        }
    }

    /// Whether the end is nearer than `early_renewal_duration`.
    fn is_due_early(&self, not_after: Option<&aws_smithy_types::DateTime>) -> bool {
        let end = not_after.and_then(|at| Timestamp::from_second(at.secs()).ok());
        match (self.early_renewal_duration.parse::<Span>(), end) {
            (Ok(early), Some(end)) => {
                let now = Timestamp::now().to_zoned_datetime(jiff::tz::TimeZone::UTC);
                now.checked_add(early).is_ok_and(|later| later.timestamp() >= end)
            }
            (Ok(_) | Err(_), Some(_) | None) => false,
        }
    }
}

/// Whether it is not said yet how to prove a name.
fn awaits_proof(option: &DomainValidation) -> bool {
    match option.validation_method {
        Some(ValidationMethod::Dns) => option.resource_record.is_none(),
        Some(ValidationMethod::Email) => option.validation_emails.as_ref().is_none_or(Vec::is_empty),
        Some(_) => false,
        None => true,
    }
}

fn is_in_use(error: &ProviderError) -> bool {
    error.kind == ErrorKind::Conflict && error.code.as_deref() == Some("ResourceInUseException")
}

async fn read_one(aws: &Aws, have: &Certificate) -> Result<Option<Certificate>, ProviderError> {
    let (live, tags_all) = futures::try_join!(describe(aws, &have.id), tags::read(aws, &have.id))?;
    Ok(live.map(|live| have.with_live(live, tags_all)))
}

/// RequestCertificate, `DomainName`: as in a certificate, so not with the dot that a zone's names end with.
fn refuse_domain(domain: &str, attribute: &str) -> Option<Refusal> {
    let detail = if domain.ends_with('.') {
        format!("A name in a certificate does not end with a dot: `{}`.", domain.trim_end_matches('.'))
    } else if domain.len() > DOMAIN_LENGTH_MAX {
        format!("A name has at most {DOMAIN_LENGTH_MAX} characters.")
    } else {
        return None;
    };
    Some(refusals::refusal(Path::attribute(attribute), format!("invalid value for {attribute}"), detail))
}

/// A certificate is requested for a domain, or imported with its key.
fn refuse_origin(config: &Value) -> Option<Refusal> {
    let is_missing = |name: &str| refusals::is_missing(config, name);
    let detail = if is_missing("domain_name") && is_missing("private_key") {
        "It needs `domain_name` to request one, or `private_key` and `certificate_body` to import one."
    } else if !is_missing("private_key") && is_missing("certificate_body") {
        "An import needs `certificate_body` with the key."
    } else {
        return None;
    };
    Some(refusals::refusal(Path::attribute("domain_name"), "the certificate is not whole", detail))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_renewal_is_due_when_the_end_is_near_enough() {
        let in_days =
            |days: i64| aws_smithy_types::DateTime::from_secs(Timestamp::now().as_second() + days * 24 * 3600);
        let due = |early: &str, days: i64| {
            let certificate = Certificate { early_renewal_duration: early.into(), ..Certificate::default() };
            certificate.is_due_early(Some(&in_days(days)))
        };
        assert!(due("P90D", 80) && due("2160h", 80));
        assert!(!due("P90D", 100) && !due("", 1));
    }
}
