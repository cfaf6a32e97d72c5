//! Shorthands for addresses: services whose names stand for a way to fetch, and absolute paths.

use super::SourceError;

/// Completes an address that is no URL: `(getter, URL)`.
///
/// # Errors
/// It is no shorthand either, or not a complete one.
pub(super) fn detect(address: &str) -> Result<(Option<&'static str>, String), SourceError> {
    if let Some(rest) = address.strip_prefix("github.com/") {
        return github(address, rest).map(|url| (Some("git"), url));
    }
    if let Some(url) = scp(address) {
        return Ok((Some("git"), url));
    }
    if let Some(rest) = address.strip_prefix("bitbucket.org/") {
        return Ok((Some("git"), bitbucket(rest)));
    }
    if address.contains("googleapis.com/") {
        return google(address).map(|url| (Some("gcs"), url));
    }
    if address.contains(".amazonaws.com/") {
        return amazon(address).map(|url| (Some("s3"), url));
    }
    if address.starts_with('/') {
        return Ok((None, format!("file://{address}")));
    }
    Err(SourceError::Unrecognized { address: address.to_string() })
}

/// `github.com/OWNER/REPO[/FOLDER..]`.
fn github(address: &str, rest: &str) -> Result<String, SourceError> {
    let (path, query) = rest.split_at(rest.find('?').unwrap_or(rest.len()));
    let mut parts = path.splitn(3, '/');
    let (Some(owner), Some(repository)) = (parts.next(), parts.next()) else {
        let form = "github.com/OWNER/REPOSITORY";
        return Err(SourceError::Incomplete { address: address.to_string(), service: "GitHub", form });
    };
    let folder = match parts.next() {
        Some(folder) if !folder.is_empty() => format!("//{folder}"),
        Some(_) | None => String::new(),
    };
    Ok(format!("https://github.com/{owner}/{}{folder}{query}", with_git(repository)))
}

fn bitbucket(rest: &str) -> String {
    let (path, query) = rest.split_at(rest.find('?').unwrap_or(rest.len()));
    format!("https://bitbucket.org/{}{query}", with_git(path))
}

fn with_git(path: &str) -> String {
    if path.ends_with(".git") { path.to_string() } else { format!("{path}.git") }
}

/// `git@HOST:PATH`, as `scp` has it. Only the user `git` makes it a repository.
fn scp(address: &str) -> Option<String> {
    let (host, path) = address.strip_prefix("git@")?.split_once(':')?;
    let path = path.strip_prefix('/').unwrap_or(path);
    if host.is_empty() || path.is_empty() {
        return None;
    }
    let (path, query) = match path.split_once('?') {
        Some((path, query)) => {
            let mut pairs: Vec<&str> = query.split('&').collect();
            pairs.sort_unstable_by_key(|pair| pair.split('=').next());
            (path, format!("?{}", pairs.join("&")))
        }
        None => (path, String::new()),
    };
    Some(format!("ssh://git@{host}/{path}{query}"))
}

/// `www.googleapis.com/storage/VERSION/BUCKET/OBJECT`.
fn google(address: &str) -> Result<String, SourceError> {
    let parts: Vec<&str> = address.splitn(5, '/').collect();
    match parts.as_slice() {
        [_, _, version, bucket, object] => {
            Ok(format!("https://www.googleapis.com/storage/{version}/{bucket}/{object}"))
        }
        _ => {
            let form = "www.googleapis.com/storage/v1/BUCKET/OBJECT";
            Err(SourceError::Incomplete { address: address.to_string(), service: "Google Cloud Storage", form })
        }
    }
}

/// The addresses of objects in S3, with the bucket in the path or in the name of the host.
fn amazon(address: &str) -> Result<String, SourceError> {
    let incomplete = || SourceError::Incomplete {
        address: address.to_string(),
        service: "Amazon S3",
        form: "s3-REGION.amazonaws.com/BUCKET/OBJECT",
    };
    let (host, path) = address.split_once('/').ok_or_else(incomplete)?;
    let labels: Vec<&str> = host.split('.').collect();
    match labels.as_slice() {
        [service, _, _] => Ok(format!("https://{service}.amazonaws.com/{path}")),
        [bucket, service, _, _] => Ok(format!("https://{service}.amazonaws.com/{bucket}/{path}")),
        [bucket, "s3", region, _, _] => Ok(format!("https://s3.{region}.amazonaws.com/{bucket}/{path}")),
        _ => Err(incomplete()),
    }
}
