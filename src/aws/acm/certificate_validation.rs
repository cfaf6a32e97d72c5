//! `aws_acm_certificate_validation`: waits until a certificate is issued. There is nothing of it in AWS.

use aws_sdk_acm::types::{CertificateDetail, CertificateStatus, CertificateType, ValidationMethod};
use aws_smithy_types::DateTime;
use jiff::Timestamp;
use model::path::Path;
use provider::Token;
use provider::error::{ErrorKind, ProviderError};
use provider::resource::{Creation, Readiness, Resource, Timeouts};
use serde::{Deserialize, Serialize};

use crate::acm::{describe, failure};
use crate::clients::Aws;

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CertificateValidation {
    certificate_arn: String,
    /// When the certificate was issued; its ARN until then.
    id: String,
    timeouts: Option<WrittenTimeouts>,
    validation_record_fqdns: Vec<String>,
    #[serde(skip)]
    state: State,
}

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct WrittenTimeouts {
    create: Option<String>,
}

#[derive(Clone, Default)]
enum State {
    #[default]
    Issued,
    Pending,
    Failed(String),
}

impl Resource for CertificateValidation {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_acm_certificate_validation";
    const WAITS_FOR_DELETE: bool = false;
    const TIMEOUTS: Timeouts = Timeouts::minutes(75, 75, 1);

    fn id(&self) -> &str {
        &self.id
    }

    async fn create(aws: &Aws, want: &Self, _creation: &Creation<'_, Self>) -> Result<Self, ProviderError> {
        let Some(live) = describe(aws, &want.certificate_arn).await? else {
            let message = format!("there is no certificate `{}`", want.certificate_arn);
            return Err(ProviderError::new(ErrorKind::NotFound, "acm:DescribeCertificate", message)
                .attribute(Path::attribute("certificate_arn")));
        };
        if live.r#type != Some(CertificateType::AmazonIssued) {
            let kind = live.r#type.as_ref().map_or("unknown", CertificateType::as_str);
            let message = format!("a certificate of the type {kind} is not validated");
            return Err(
                ProviderError::invalid("validate a certificate", message).attribute(Path::attribute("certificate_arn"))
            );
        }
        want.check_records(&live)?;
        Ok(CertificateValidation { id: want.certificate_arn.clone(), ..want.clone() })
    }

    async fn read(aws: &Aws, have: &[Self]) -> Result<Vec<Option<Self>>, ProviderError> {
        let mut validations = Vec::with_capacity(have.len());
        for validation in have {
            let live = describe(aws, &validation.certificate_arn).await?;
            validations.push(live.and_then(|live| validation.with_live(&live)));
        }
        Ok(validations)
    }

    async fn delete(_aws: &Aws, _have: &Self) -> Result<(), ProviderError> {
        Ok(())
    }

    async fn find(aws: &Aws, want: &Self, _token: &Token) -> Result<Option<Self>, ProviderError> {
        let live = describe(aws, &want.certificate_arn).await?;
        let issued = live.filter(|live| live.status == Some(CertificateStatus::Issued));
        Ok(issued.and_then(|live| want.with_live(&live)))
    }

    /// Takes the certificate's ARN.
    fn import(id: &str) -> Result<Self, ProviderError> {
        Ok(CertificateValidation {
            certificate_arn: id.to_string(),
            id: id.to_string(),
            ..CertificateValidation::default()
        })
    }

    fn readiness(&self, _want: &Self) -> Readiness {
        match &self.state {
            State::Issued => Readiness::Settled,
            State::Pending => Readiness::Pending("the certificate to be issued".into()),
            State::Failed(why) => Readiness::Failed(why.clone()),
        }
    }
}

impl CertificateValidation {
    /// A certificate that is not issued any more has no validation, and one that is not yet has one that waits.
    fn with_live(&self, live: &CertificateDetail) -> Option<CertificateValidation> {
        let was_issued = self.id != self.certificate_arn;
        let state = match live.status {
            Some(CertificateStatus::Issued) => State::Issued,
            _ if was_issued => return None,
            Some(CertificateStatus::PendingValidation) | None => State::Pending,
            Some(_) => State::Failed(failure(live)),
        };
        let id = match state {
            State::Issued => written(live.issued_at.as_ref()),
            State::Pending | State::Failed(_) => self.id.clone(),
        };
        Some(CertificateValidation { id, state, ..self.clone() })
    }

    /// The records that are said to prove the names must be those that do.
    fn check_records(&self, live: &CertificateDetail) -> Result<(), ProviderError> {
        if self.validation_record_fqdns.is_empty() {
            return Ok(());
        }
        let invalid = |message: String| {
            Err(ProviderError::invalid("validate a certificate", message)
                .attribute(Path::attribute("validation_record_fqdns")))
        };
        let options = live.domain_validation_options.as_deref().unwrap_or_default();
        if options.iter().any(|option| option.validation_method != Some(ValidationMethod::Dns)) {
            return invalid("only certificates that are validated by DNS have records".into());
        }
        let given = |name: &str| {
            self.validation_record_fqdns.iter().any(|given| given.trim_end_matches('.') == name.trim_end_matches('.'))
        };
        let records = options.iter().filter_map(|option| option.resource_record.as_ref());
        let missing: Vec<&str> =
            records.map(|record| record.name.trim_end_matches('.')).filter(|name| !given(name)).collect();
        match missing.is_empty() {
            true => Ok(()),
            false => invalid(format!("these records are missing: {}", missing.join(", "))),
        }
    }
}

/// A time as Go writes it: `2024-01-02 03:04:05 +0000 UTC`, with a fraction where there is one.
fn written(at: Option<&DateTime>) -> String {
    let Some(at) = at else { return String::new() };
    let Ok(second) = Timestamp::from_second(at.secs()) else { return String::new() };
    let fraction = match at.subsec_nanos() {
        0 => String::new(),
        nanos => format!(".{nanos:09}").trim_end_matches('0').to_string(),
    };
    format!("{}{fraction} +0000 UTC", second.strftime("%Y-%m-%d %H:%M:%S"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_of_issue_is_written_as_go_writes_it() {
        let at = |secs, nanos| written(Some(&DateTime::from_secs_and_nanos(secs, nanos)));
        assert_eq!(at(1_704_164_645, 0), "2024-01-02 03:04:05 +0000 UTC");
        assert_eq!(at(1_704_164_645, 120_000_000), "2024-01-02 03:04:05.12 +0000 UTC");
    }
}
