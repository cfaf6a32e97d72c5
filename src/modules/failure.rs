//! What is said of modules that can't be had. The place, the call's source, is added where the call is read.

use lang::version::Version;
use model::diagnostic::Diagnostic;

use crate::checksum::Checksum;
use crate::fetch::FetchError;
use crate::fetch::git::GitError;
use crate::fetch::http::HttpErrorKind;
use crate::registry::RegistryError;
use crate::source::registry::RegistryAddr;
use crate::source::{SourceError, registry};
use crate::store::StoreError;

/// A source that can't be understood.
pub(crate) fn source(text: &str, has_version: bool, error: &SourceError) -> Diagnostic {
    let summary = if has_version { "Invalid registry module source address" } else { "Invalid module source address" };
    let why = match error {
        SourceError::NotRegistry(error) if has_version => {
            format!("The call has a `version`, which only modules of a registry have, and {error}.")
        }
        SourceError::NotRegistry(_)
        | SourceError::Unrecognized { .. }
        | SourceError::OutsidePackage { .. }
        | SourceError::Incomplete { .. } => format!("{}.", sentence(&error.to_string())),
    };
    let found = Diagnostic::error(summary, why);
    match error {
        SourceError::Unrecognized { address } if is_like_a_path(text) => {
            found.hint(format!("A folder beside this one is written with a dot in front: ./{address}"))
        }
        SourceError::NotRegistry(registry::RegistryError::Folder) => {
            found.hint("Leave out `version`, or name a module of a registry: NAMESPACE/NAME/PROVIDER")
        }
        SourceError::NotRegistry(_) => found
            .hint("Leave out `version`; of a git repository, a tag or branch is chosen with ?ref=NAME in the source."),
        SourceError::Unrecognized { .. } | SourceError::OutsidePackage { .. } | SourceError::Incomplete { .. } => found,
    }
}

/// A source that a module to call may have, and a module to run in a test may not.
pub(crate) fn not_for_runs(source: &str) -> Diagnostic {
    Diagnostic::error(
        "Invalid module source address",
        format!("The module `{source}` is neither a folder nor in a registry, and runs of tests take no others."),
    )
    .hint("Call it from a module in a folder of its own, and run that one: `source = \"./tests/setup\"`.")
}

/// A folder to run in a test that is not there.
pub(crate) fn no_folder(source: &str) -> Diagnostic {
    Diagnostic::error("Module not installed", format!("There is no folder `{source}`, as seen from the root module."))
}

fn is_like_a_path(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '/' | '.'))
}

pub(crate) fn fetch(key: &str, package: &str, error: &FetchError) -> Diagnostic {
    let found = Diagnostic::error(
        "Failed to download module",
        format!("The module {key} can't be had from {package}: {error}."),
    );
    let hint = match error {
        FetchError::Git(GitError::NotFound(_)) => Some("Install git, and see that it is on the PATH."),
        FetchError::Git(GitError::CommitGone(_)) => {
            Some("`infra init -upgrade` takes what the source names now, and locks that.")
        }
        FetchError::Git(GitError::Failed { .. }) => {
            Some("Whatever credentials git itself uses are used here: try `git ls-remote` with the address.")
        }
        FetchError::Http(error) => match &error.kind {
            HttpErrorKind::Status(401 | 403) => {
                Some("A user and password are taken from the address, or from ~/.netrc.")
            }
            HttpErrorKind::Status(_)
            | HttpErrorKind::Address(_)
            | HttpErrorKind::Unreachable(_)
            | HttpErrorKind::TooLarge(_)
            | HttpErrorKind::Interrupted(_)
            | HttpErrorKind::Write(_)
            | HttpErrorKind::Redirections => None,
        },
        FetchError::Unsupported(_)
        | FetchError::Git(_)
        | FetchError::Archive(_)
        | FetchError::S3(_)
        | FetchError::NoFolder(_)
        | FetchError::NoSubfolder { .. }
        | FetchError::WrongDigest { .. }
        | FetchError::Digest
        | FetchError::Redirections { .. }
        | FetchError::NoSource { .. }
        | FetchError::Redirection { .. }
        | FetchError::Io(_) => None,
    };
    match hint {
        Some(hint) => found.hint(hint),
        None => found,
    }
}

pub(crate) fn subfolder(key: &str, package: &str, error: &FetchError) -> Diagnostic {
    Diagnostic::error("Unreadable module subdirectory", format!("The module {key} is not in {package}: {error}."))
}

pub(crate) fn registry(addr: &RegistryAddr, error: &RegistryError) -> Diagnostic {
    let summary = match error {
        RegistryError::NotFound { .. } => "Module not found",
        RegistryError::Settings(_)
        | RegistryError::Http(_)
        | RegistryError::NoService { .. }
        | RegistryError::Denied { .. }
        | RegistryError::Answer { .. } => "Error accessing remote module registry",
    };
    let found = Diagnostic::error(summary, format!("The module {addr} can't be had: {error}."));
    match error {
        RegistryError::Denied { host, .. } => found.hint(format!(
            "A token for {host} is taken from the variable TF_TOKEN_{}, from ~/.terraformrc, or from where `terraform login` \
             puts it.",
            host.replace('-', "__").replace('.', "_")
        )),
        RegistryError::Settings(_)
        | RegistryError::Http(_)
        | RegistryError::NoService { .. }
        | RegistryError::NotFound { .. }
        | RegistryError::Answer { .. } => found,
    }
}

pub(crate) fn location(addr: &RegistryAddr, error: &SourceError) -> Diagnostic {
    Diagnostic::error(
        "Invalid response from remote module registry",
        format!("The registry at {} says that {addr} is at an address that is none: {error}.", addr.host),
    )
}

pub(crate) fn no_version(addr: &RegistryAddr, available: &[Version]) -> Diagnostic {
    let newest = available.iter().find(|version| version.pre_release.is_none());
    let detail = match newest {
        Some(newest) => {
            format!("No version of {addr} meets the constraint of the call. The newest is {newest}.")
        }
        None => format!("The registry at {} has no released version of {addr}.", addr.host),
    };
    Diagnostic::error("Unresolvable module version constraint", detail)
}

/// What was fetched is not what is locked.
pub(crate) fn mismatch(key: &str, package: &str, locked: &Checksum, actual: &Checksum) -> Diagnostic {
    Diagnostic::error(
        "Module differs from the lock file",
        format!(
            "What {package} gives for the module {key} has the checksum {actual}, and `{}` has {locked}. Either it was changed \
             there after it was locked, or it is not what was asked for.",
            crate::lock::FILE_NAME
        ),
    )
    .hint("Find out why. `infra init -upgrade` takes what is there now, and locks that.")
}

/// What is installed was changed.
pub(crate) fn changed(key: &str, dir: &str) -> Diagnostic {
    Diagnostic::error(
        "Module differs from the lock file",
        format!("The files of the module {key} in {dir} were changed after they were installed."),
    )
    .hint("`infra init -upgrade` installs modules anew. To try a change of your own, let `source` name a folder with a copy.")
}

pub(crate) fn store(key: &str, error: &StoreError) -> Diagnostic {
    Diagnostic::error("Failed to install module", format!("The module {key} can't be installed: {error}."))
}

/// A fragment as the beginning of a sentence.
pub(crate) fn sentence(fragment: &str) -> String {
    let mut letters = fragment.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
