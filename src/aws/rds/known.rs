//! What is live of a database, seen beside what is known of it: versions that are given short, and changes that wait.

/// Whether `actual` (`15.4`) is the version that `written` (`15.4` or `15`) names.
pub fn is_version_of(actual: &str, written: &str) -> bool {
    match actual.strip_prefix(written) {
        Some(rest) => !written.is_empty() && (rest.is_empty() || rest.starts_with('.') || written.ends_with('.')),
        None => false,
    }
}

/// The version as it is known, where the actual one is of it or is about to become it; else the actual one.
pub fn version(known: &str, actual: &str, pending: Option<&str>) -> String {
    let is_known = is_version_of(actual, known) || pending.is_some_and(|pending| is_version_of(pending, known));
    if is_known { known.to_string() } else { actual.to_string() }
}

/// What is live, or what is known where the live value is about to become it.
pub fn scheduled<T: PartialEq>(live: T, pending: Option<T>, known: &T) -> T {
    match pending {
        Some(pending) if pending == *known => pending,
        Some(_) | None => live,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_known_by_its_first_parts() {
        for (actual, written) in [("15.4", "15.4"), ("15.4", "15"), ("15.00.4153.1.v1", "15.00")] {
            assert!(is_version_of(actual, written), "{actual} {written}");
        }
        for (actual, written) in [("15.4", "1"), ("15.4", "15.4.1"), ("15.4", ""), ("16.1", "15")] {
            assert!(!is_version_of(actual, written), "{actual} {written}");
        }
    }
}
