//! The blocks of a certificate, and what its answers have as lists.

#![expect(
    deprecated,
    reason = "certificates can't be kept out of the public logs any more; the provider has the block still"
)]

use aws_sdk_acm::types::{
    CertificateOptions, CertificateTransparencyLoggingPreference, DomainValidation, DomainValidationOption,
    RenewalSummary as LiveRenewal,
};
use serde::{Deserialize, Serialize};

use crate::{given, times};

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Proof {
    domain_name: String,
    resource_record_name: String,
    resource_record_type: String,
    resource_record_value: String,
}

#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Options {
    certificate_transparency_logging_preference: String,
}

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Renewal {
    renewal_status: String,
    renewal_status_reason: String,
    updated_at: String,
}

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct ValidationOption {
    domain_name: String,
    validation_domain: String,
}

impl Proof {
    pub(super) fn of(live: DomainValidation) -> Option<Proof> {
        let record = live.resource_record?;
        Some(Proof {
            domain_name: live.domain_name,
            resource_record_name: record.name,
            resource_record_type: record.r#type.as_str().to_string(),
            resource_record_value: record.value,
        })
    }
}

impl Options {
    pub(super) fn request(&self) -> CertificateOptions {
        let preference = given::text(&self.certificate_transparency_logging_preference);
        let preference =
            preference.map(|preference| CertificateTransparencyLoggingPreference::from(preference.as_str()));
        CertificateOptions::builder().set_certificate_transparency_logging_preference(preference).build()
    }

    pub(super) fn of(live: CertificateOptions) -> Options {
        let preference = live.certificate_transparency_logging_preference;
        Options {
            certificate_transparency_logging_preference: preference
                .map(|preference| preference.as_str().to_string())
                .unwrap_or_default(),
        }
    }
}

impl Renewal {
    pub(super) fn of(live: LiveRenewal) -> Renewal {
        Renewal {
            renewal_status: live.renewal_status.as_str().to_string(),
            renewal_status_reason: live.renewal_status_reason.map(|why| why.as_str().to_string()).unwrap_or_default(),
            updated_at: times::stored(Some(&live.updated_at)),
        }
    }
}

impl ValidationOption {
    pub(super) fn request(&self) -> DomainValidationOption {
        DomainValidationOption::builder()
            .domain_name(&self.domain_name)
            .validation_domain(&self.validation_domain)
            .build()
            .expect("both domains are given")
    }
}
