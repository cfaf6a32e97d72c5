//! Packages that are folders of this machine.

use std::path::PathBuf;

use percent_encoding::percent_decode_str;

/// The path that a `file:` URL means.
pub(super) fn path_of(url: &str) -> PathBuf {
    let rest = url.split_once(':').map_or(url, |(_, rest)| rest);
    let path = match rest.strip_prefix("//") {
        // Whatever host is named, it is this one.
        Some(rest) => &rest[rest.find('/').unwrap_or(rest.len())..],
        None => rest,
    };
    let path = &path[..path.find(['?', '#']).unwrap_or(path.len())];
    PathBuf::from(percent_decode_str(path).decode_utf8_lossy().into_owned())
}
