//! Fetching: from the address of a package to a folder with its files.

pub mod archive;
pub mod git;
pub mod http;
pub mod s3;

mod folder;
mod meta;
mod netrc;

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use sha2::Digest;
use url::Url;

use crate::checksum::hex;
use crate::environment::Environment;
use crate::links;
use crate::source::clean;
use crate::source::package::{Getter, Package};
use archive::{ArchiveError, Format, LIMITS, unpack};
use git::GitError;
use http::{Http, HttpError, HttpErrorKind};
use s3::{AwsCredentials, S3Error};

/// A web page may send on to another address this often.
const REDIRECTIONS_MAX: usize = 10;

/// Fetches packages, several at the same time.
pub struct Fetcher<'a> {
    pub http: Http,
    pub environment: &'a Environment,
    pub aws: &'a dyn AwsCredentials,
}

/// What came of a package.
#[derive(Debug)]
pub struct Fetched {
    pub place: Place,
    /// The commit, for a git repository.
    pub commit: Option<String>,
    /// Links that led out of the package and were left out.
    pub left_out: Vec<PathBuf>,
}

/// Where the files are.
#[derive(Debug)]
pub enum Place {
    /// In the folder that was asked for.
    Copied,
    /// Where they always are: a folder of this machine that is used in place.
    Linked(PathBuf),
}

/// Why a package was not fetched.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    #[error("{}", unsupported(.0))]
    Unsupported(String),
    #[error(transparent)]
    Git(#[from] GitError),
    #[error(transparent)]
    Http(#[from] HttpError),
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    #[error(transparent)]
    S3(#[from] S3Error),
    #[error("the folder `{0}` does not exist")]
    NoFolder(String),
    #[error("`{path}` does not exist in the package")]
    NoSubfolder { path: String },
    #[error("the download has the {kind} {actual} and not {expected}")]
    WrongDigest { kind: &'static str, expected: String, actual: String },
    #[error("the parameter `checksum` has the form md5:, sha1:, sha256: or sha512: and hexadecimal digits")]
    Digest,
    #[error("{url} says no more than where else to look, more than {REDIRECTIONS_MAX} times")]
    Redirections { url: String },
    #[error("{url} names no module: it has neither a header `X-Terraform-Get` nor a meta tag `terraform-get`")]
    NoSource { url: String },
    #[error("{url} sends on to `{source_text}`, which {reason}")]
    Redirection { url: String, source_text: String, reason: String },
    #[error("{0}")]
    Io(#[from] io::Error),
}

fn unsupported(scheme: &str) -> String {
    match scheme {
        "hg" => "Mercurial repositories are not supported: of repositories, only those of git are".into(),
        "gcs" => "Google Cloud Storage is not supported; where the object is public, its https:// address is".into(),
        "ssh" => {
            "an address that begins with ssh:// does not say what is there; for a git repository, write git::ssh://"
                .into()
        }
        "oci" => "registries of containers are not supported".into(),
        scheme => format!("nothing is known of how to fetch from `{scheme}:` addresses"),
    }
}

impl Fetcher<'_> {
    /// Fetches a package into a folder that is not there yet, and of whose parent nothing else is touched but names that
    /// begin with the folder's. On failure the folder may hold a part.
    ///
    /// `commit` is what to take from a git repository whatever its address says.
    ///
    /// # Errors
    /// The package can't be had, or holds what is refused. Errors show no credentials.
    pub fn fetch(&self, package: &Package, commit: Option<&str>, into: &Path) -> Result<Fetched, FetchError> {
        let mut fetched = self.fetch_from(package, commit, into, 0)?;
        if let Place::Copied = fetched.place {
            for link in links::leading_outside(into)? {
                fs::remove_file(into.join(&link))?;
                fetched.left_out.push(link);
            }
        }
        Ok(fetched)
    }

    fn fetch_from(
        &self,
        package: &Package,
        commit: Option<&str>,
        into: &Path,
        redirections: usize,
    ) -> Result<Fetched, FetchError> {
        let copied = |commit| Fetched { place: Place::Copied, commit, left_out: Vec::new() };
        match package.getter() {
            Getter::Git(url) => git::fetch(url, commit, into, self.environment).map(|commit| copied(Some(commit))),
            Getter::Http(url) => self.fetch_http(url, commit, into, redirections),
            Getter::S3(url) => self.fetch_s3(url, into).map(|()| copied(None)),
            Getter::File(url) => {
                let (_, format) = archive_of(url);
                let path = folder::path_of(url);
                if let Some(format) = format {
                    fs::create_dir_all(into)?;
                    let archive = File::open(&path).map_err(|_| FetchError::NoFolder(path.display().to_string()))?;
                    unpack(format, archive, into, LIMITS)?;
                    return Ok(copied(None));
                }
                if !path.is_dir() {
                    return Err(FetchError::NoFolder(path.display().to_string()));
                }
                Ok(Fetched { place: Place::Linked(path.canonicalize()?), commit: None, left_out: Vec::new() })
            }
            Getter::Unsupported(scheme) => Err(FetchError::Unsupported(scheme.to_string())),
        }
    }

    /// An archive, or a page that says where the module is.
    fn fetch_http(
        &self,
        text: &str,
        commit: Option<&str>,
        into: &Path,
        redirections: usize,
    ) -> Result<Fetched, FetchError> {
        let (text, format) = archive_of(text);
        let bare = without_parameters(&text, &["checksum"]);
        let url = Url::parse(&bare).map_err(|error| HttpError {
            url: crate::redact::redact(&bare).into_owned(),
            kind: HttpErrorKind::Address(error.to_string()),
        })?;
        let Some(format) = format else { return self.follow(&url, commit, into, redirections) };
        let file = into.with_extension("download");
        self.http.download(&url, &[], &file)?;
        let unpacked = (|| {
            if let Some(wanted) = query_parameter(&text, "checksum") {
                check_digest(&file, &wanted)?;
            }
            fs::create_dir_all(into)?;
            Ok(unpack(format, File::open(&file)?, into, LIMITS)?)
        })();
        fs::remove_file(&file)?;
        unpacked.map(|()| Fetched { place: Place::Copied, commit: None, left_out: Vec::new() })
    }

    /// Fetches what a page names.
    fn follow(&self, url: &Url, commit: Option<&str>, into: &Path, redirections: usize) -> Result<Fetched, FetchError> {
        let shown = || crate::redact::redact(url.as_str()).into_owned();
        if redirections >= REDIRECTIONS_MAX {
            return Err(FetchError::Redirections { url: shown() });
        }
        let mut asked = url.clone();
        asked.query_pairs_mut().append_pair("terraform-get", "1");
        let document = self.http.expect_document(&asked, &[])?;
        let header = document.headers.get("x-terraform-get").cloned();
        let source = header
            .filter(|source| !source.is_empty())
            .or_else(|| meta::terraform_get(&String::from_utf8_lossy(&document.body)))
            .ok_or_else(|| FetchError::NoSource { url: shown() })?;
        let refuse = |reason: &str| FetchError::Redirection {
            url: shown(),
            source_text: crate::redact::redact(&source).into_owned(),
            reason: reason.to_string(),
        };
        let source = relative_to(url, &source);
        let (package, subdir) = Package::parse(&source).map_err(|error| refuse(&format!("is refused: {error}")))?;
        if let Getter::File(_) = package.getter() {
            return Err(refuse("is on this machine, where nobody else says what to take"));
        }
        if subdir.is_empty() {
            return self.fetch_from(&package, commit, into, redirections + 1);
        }
        let whole = into.with_extension("whole");
        let fetched = self.fetch_from(&package, commit, &whole, redirections + 1)?;
        let subfolder = subfolder(&whole, &subdir)?;
        fs::rename(whole.join(&subfolder), into)?;
        fs::remove_dir_all(&whole).or_else(|error| if whole.exists() { Err(error) } else { Ok(()) })?;
        Ok(fetched)
    }

    fn fetch_s3(&self, url: &str, into: &Path) -> Result<(), FetchError> {
        let (url, format) = archive_of(url);
        let Some(format) = format else { return Err(S3Error::NoArchive.into()) };
        let file = into.with_extension("download");
        s3::download(&self.http, self.aws, &url, &file)?;
        fs::create_dir_all(into)?;
        let unpacked = unpack(format, File::open(&file)?, into, LIMITS);
        fs::remove_file(&file)?;
        Ok(unpacked?)
    }
}

/// An address without the parameter `archive`, and the format that it or the end of the path says.
fn archive_of(url: &str) -> (String, Option<Format>) {
    let bare = without_parameters(url, &["archive"]);
    match query_parameter(url, "archive").filter(|archive| !archive.is_empty()) {
        Some(archive) => (bare, Format::of_extension(&archive)),
        None => {
            let path = &url[..url.find(['?', '#']).unwrap_or(url.len())];
            let format = Format::of_extension(path);
            (bare, format)
        }
    }
}

/// A place that begins with a dot or slash is beside the page that names it.
pub(crate) fn relative_to(url: &Url, source: &str) -> String {
    let is_relative = source.starts_with("./") || source.starts_with("../") || source.starts_with('/');
    match url.join(source) {
        Ok(joined) if is_relative => joined.to_string(),
        Ok(_) | Err(_) => source.to_string(),
    }
}

/// The folder of a package that a path means, which may have wildcards that only one folder fits. Relative to the package.
///
/// # Errors
/// None fits, or several do.
pub(crate) fn subfolder(package: &Path, path: &str) -> Result<PathBuf, FetchError> {
    let error = |path: String| FetchError::NoSubfolder { path };
    let inside = Path::new(path);
    let found = if path.contains(['*', '?', '[']) {
        let pattern = format!("{}/{path}", glob::Pattern::escape(&package.to_string_lossy()));
        let found = glob::glob(&pattern).map_err(|_| error(path.to_string()))?;
        let mut found: Vec<PathBuf> = found.filter_map(Result::ok).filter(|path| path.is_dir()).collect();
        match (found.pop(), found.pop()) {
            (Some(only), None) => {
                only.strip_prefix(package).map(Path::to_path_buf).map_err(|_| error(path.to_string()))?
            }
            (Some(_), Some(_)) => return Err(error(format!("{path}, for one folder alone,"))),
            (None, _) => return Err(error(path.to_string())),
        }
    } else {
        PathBuf::from(clean(path))
    };
    let is_inside = links::stays_inside(package, &found)?;
    if !is_inside || !package.join(&found).is_dir() {
        return Err(error(inside.display().to_string()));
    }
    Ok(found)
}

/// Checks a download against the parameter `checksum` of its address.
fn check_digest(file: &Path, wanted: &str) -> Result<(), FetchError> {
    let (kind, digits) = match wanted.split_once(':') {
        Some((kind, digits)) => (Some(kind), digits),
        None => (None, wanted),
    };
    let bytes = fs::read(file)?;
    let (kind, actual) = match (kind, digits.len()) {
        (Some("md5") | None, 32) => ("MD5", hex(&md5::Md5::digest(&bytes))),
        (Some("sha1") | None, 40) => ("SHA-1", hex(&sha1::Sha1::digest(&bytes))),
        (Some("sha256") | None, 64) => ("SHA-256", hex(&sha2::Sha256::digest(&bytes))),
        (Some("sha512") | None, 128) => ("SHA-512", hex(&sha2::Sha512::digest(&bytes))),
        _ => return Err(FetchError::Digest),
    };
    if actual.eq_ignore_ascii_case(digits) {
        return Ok(());
    }
    Err(FetchError::WrongDigest { kind, expected: digits.to_string(), actual })
}

/// The value of the first parameter of this name in the query of an address.
pub(crate) fn query_parameter(url: &str, name: &str) -> Option<String> {
    let (_, query) = url.split_once('?')?;
    let query = query.split_once('#').map_or(query, |(query, _)| query);
    url::form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

/// The address without some parameters; the others stay as they are written.
pub(crate) fn without_parameters(url: &str, names: &[&str]) -> String {
    let Some((path, query)) = url.split_once('?') else { return url.to_string() };
    let is_kept = |pair: &&str| !names.contains(&pair.split('=').next().unwrap_or_default());
    let kept: Vec<&str> = query.split('&').filter(is_kept).collect();
    if kept.is_empty() { path.to_string() } else { format!("{path}?{}", kept.join("&")) }
}
