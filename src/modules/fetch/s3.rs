//! Archives in S3 or a service that speaks like it, asked for with signed requests.

use std::path::Path;
use std::time::SystemTime;

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SigningSettings, UriPathNormalizationMode,
    sign,
};
use aws_sigv4::sign::v4::SigningParams;
use url::Url;

use super::http::{Http, HttpError};
use super::{query_parameter, without_parameters};

/// The region of buckets whose address says none.
const REGION: &str = "us-east-1";

/// Gives the credentials of the user, who has them in variables, files or from the machine.
pub trait AwsCredentials: Sync {
    /// `profile` is the one to take them from, else the one in use. `None` when there are none; then requests go unsigned.
    ///
    /// # Errors
    /// They can't be had.
    fn credentials(
        &self,
        profile: Option<&str>,
    ) -> Result<Option<Credentials>, Box<dyn std::error::Error + Send + Sync>>;
}

/// Why an object was not fetched.
#[derive(Debug, thiserror::Error)]
pub enum S3Error {
    #[error("`{0}` is no address of an object in S3")]
    Address(String),
    #[error(
        "only archives are fetched from S3, and the object's name ends in none of .zip, .tar.gz, .tgz, .tar.bz2, .tar.xz; where it is one, add the parameter archive=zip"
    )]
    NoArchive,
    #[error("failed to get credentials for AWS: {0}")]
    Credentials(#[source] Box<dyn std::error::Error + Send + Sync>),
    #[error("failed to sign the request: {0}")]
    Signing(#[source] Box<dyn std::error::Error + Send + Sync>),
    #[error(transparent)]
    Http(#[from] HttpError),
}

/// An object: where it is asked for, and in which region.
#[derive(PartialEq, Eq, Debug)]
struct Object {
    url: Url,
    region: String,
}

/// Downloads an object into a new file.
pub(super) fn download(http: &Http, aws: &dyn AwsCredentials, url: &str, into: &Path) -> Result<(), S3Error> {
    let object = object(url)?;
    let credentials = match given(url) {
        Some(credentials) => Some(credentials),
        None => aws.credentials(query_parameter(url, "aws_profile").as_deref()).map_err(S3Error::Credentials)?,
    };
    let headers = match &credentials {
        Some(credentials) => signature(&object, credentials)?,
        None => Vec::new(),
    };
    let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    Ok(http.download(&object.url, &headers, into)?)
}

/// The credentials in an address.
fn given(url: &str) -> Option<Credentials> {
    let key = query_parameter(url, "aws_access_key_id")?;
    let secret = query_parameter(url, "aws_access_key_secret").unwrap_or_default();
    Some(Credentials::new(key, secret, query_parameter(url, "aws_access_token"), None, "module source"))
}

/// Understands the addresses of S3 (bucket in the path or in the host's name) and of services like it (in the path).
fn object(text: &str) -> Result<Object, S3Error> {
    let bare = without_parameters(
        text,
        &["region", "version", "aws_profile", "aws_access_key_id", "aws_access_key_secret", "aws_access_token"],
    );
    let error = || S3Error::Address(crate::redact::redact(&bare).into_owned());
    let mut url = Url::parse(&bare).map_err(|_| error())?;
    let host = url.host_str().ok_or_else(error)?;
    let region = match host.strip_suffix(".amazonaws.com") {
        None => query_parameter(text, "region").unwrap_or_else(|| REGION.into()),
        Some(labels) => {
            let labels: Vec<&str> = labels.split('.').collect();
            let of_service = |service: &str| match service.strip_prefix("s3-") {
                Some(region) => Some(region.to_string()),
                None if service == "s3" => Some(REGION.into()),
                None => None,
            };
            match labels.as_slice() {
                ["s3", region] | [_, "s3", region] => (*region).to_string(),
                [service] => of_service(service).ok_or_else(error)?,
                [_, service] => of_service(service).ok_or_else(error)?,
                _ => return Err(error()),
            }
        }
    };
    let parts = url.path().trim_start_matches('/').split('/').filter(|part| !part.is_empty()).count();
    let bucket_in_host = host.ends_with(".amazonaws.com") && !host.starts_with("s3.") && !host.starts_with("s3-");
    if parts < if bucket_in_host { 1 } else { 2 } {
        return Err(error());
    }
    if let Some(version) = query_parameter(text, "version") {
        url.query_pairs_mut().append_pair("versionId", &version);
    }
    Ok(Object { url, region })
}

/// The headers that sign a request.
fn signature(object: &Object, credentials: &Credentials) -> Result<Vec<(String, String)>, S3Error> {
    let mut settings = SigningSettings::default();
    settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
    settings.percent_encoding_mode = PercentEncodingMode::Single;
    settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
    let identity = credentials.clone().into();
    let parameters = SigningParams::builder()
        .identity(&identity)
        .region(&object.region)
        .name("s3")
        .time(SystemTime::now())
        .settings(settings)
        .build()
        .map_err(|error| S3Error::Signing(error.into()))?
        .into();
    let request = SignableRequest::new("GET", object.url.as_str(), std::iter::empty(), SignableBody::Bytes(&[]))
        .map_err(|error| S3Error::Signing(error.into()))?;
    let (instructions, _) = sign(request, &parameters).map_err(|error| S3Error::Signing(error.into()))?.into_parts();
    Ok(instructions.headers().map(|(name, value)| (name.to_string(), value.to_string())).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_region_is_in_the_address() {
        let of = |text: &str| object(text).map(|object| format!("{} {}", object.region, object.url)).ok();
        for (text, expected) in [
            ("https://s3.amazonaws.com/b/k.zip", Some("us-east-1 https://s3.amazonaws.com/b/k.zip")),
            (
                "https://s3-eu-west-1.amazonaws.com/b/k.zip",
                Some("eu-west-1 https://s3-eu-west-1.amazonaws.com/b/k.zip"),
            ),
            (
                "https://s3.eu-west-1.amazonaws.com/b/k.zip",
                Some("eu-west-1 https://s3.eu-west-1.amazonaws.com/b/k.zip"),
            ),
            (
                "https://b.s3.eu-west-1.amazonaws.com/k.zip",
                Some("eu-west-1 https://b.s3.eu-west-1.amazonaws.com/k.zip"),
            ),
            (
                "https://b.s3-eu-west-1.amazonaws.com/k.zip",
                Some("eu-west-1 https://b.s3-eu-west-1.amazonaws.com/k.zip"),
            ),
            ("http://127.0.0.1:9000/b/k.zip?region=x", Some("x http://127.0.0.1:9000/b/k.zip")),
            (
                "http://127.0.0.1:9000/b/k.zip?version=3&aws_access_key_secret=y",
                Some("us-east-1 http://127.0.0.1:9000/b/k.zip?versionId=3"),
            ),
            ("https://s3.amazonaws.com/b", None),
            ("https://ec2.amazonaws.com/b/k.zip", None),
            ("nothing", None),
        ] {
            assert_eq!(of(text).as_deref(), expected, "{text}");
        }
    }
}
