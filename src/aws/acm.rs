//! AWS Certificate Manager.

pub mod certificate;
pub mod certificate_data;
pub mod certificate_validation;

mod blocks;
mod plan;
mod tags;

use aws_sdk_acm::types::{CertificateDetail, CertificateStatus};
use provider::error::ProviderError;

use crate::clients::Aws;
use crate::failure::Operation;

/// A certificate by its ARN; `None` when it is gone, or will never be issued because nobody validated it in time.
async fn describe(aws: &Aws, arn: &str) -> Result<Option<CertificateDetail>, ProviderError> {
    let call = aws.acm().describe_certificate().certificate_arn(arn);
    match call.send().await.operation("acm:DescribeCertificate") {
        Ok(answer) => {
            let is_over = |live: &CertificateDetail| live.status == Some(CertificateStatus::ValidationTimedOut);
            Ok(answer.certificate.filter(|live| !is_over(live)))
        }
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}

/// Why a certificate was not issued.
fn failure(live: &CertificateDetail) -> String {
    let status = live.status.as_ref().map_or("unknown", CertificateStatus::as_str);
    match &live.failure_reason {
        Some(reason) => format!("the certificate is {status}: {}", reason.as_str()),
        None => format!("the certificate is {status}"),
    }
}
