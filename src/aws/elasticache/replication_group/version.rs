//! Versions of engines: how they are written, and which is the newer one.

/// The version as it is known: in full up to 5, from 6 on without the patch, or as `6.x` where it was written so.
pub fn shown(actual: &str, known: &str) -> String {
    let parts: Vec<&str> = actual.split('.').collect();
    let major: u32 = parts.first().and_then(|major| major.parse().ok()).unwrap_or_default();
    match parts.as_slice() {
        _ if major < 6 => actual.to_string(),
        [major, ..] if known.ends_with(".x") => format!("{major}.x"),
        [major, minor, ..] => format!("{major}.{minor}"),
        [_] | [] => actual.to_string(),
    }
}

/// Whether a text is a version that calls take (Amazon ElastiCache User Guide, "Supported engines and versions").
pub fn is_version(text: &str) -> bool {
    let parts: Vec<&str> = text.split('.').collect();
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let major: u32 = parts.first().and_then(|major| major.parse().ok()).unwrap_or_default();
    match parts.as_slice() {
        [_, minor, patch] if (1..6).contains(&major) => is_number(minor) && is_number(patch),
        [_, "x"] => major == 6,
        [_, minor] => major >= 6 && is_number(minor),
        _ => false,
    }
}

/// Whether one version is older than another; `6.x` is the first of 6.
pub fn is_older(version: &str, than: &str) -> bool {
    let numbers = |text: &str| -> Vec<u32> { text.split('.').map(|part| part.parse().unwrap_or_default()).collect() };
    numbers(version).iter().zip(numbers(than)).find(|(a, b)| **a != *b).is_some_and(|(a, b)| *a < b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_shown_as_they_are_written() {
        assert_eq!(shown("5.0.6", ""), "5.0.6");
        assert_eq!(shown("6.2.6", "6.x"), "6.x");
        assert_eq!(shown("7.0.7", "7.0"), "7.0");
    }

    #[test]
    fn versions_are_told_from_other_texts() {
        for right in ["6.x", "7.0", "7.1", "5.0.6"] {
            assert!(is_version(right), "{right}");
        }
        for wrong in ["7", "7.0.5", "5.0", "abc", "7.x"] {
            assert!(!is_version(wrong), "{wrong}");
        }
    }

    #[test]
    fn older_versions_are_known() {
        assert!(is_older("7.0", "7.1") && is_older("6.x", "7.0") && !is_older("7.1", "7.1") && !is_older("7.2", "7.1"));
    }
}
