//! Names that the provider makes up where the configuration gives none or only a prefix.

use provider::Token;

/// The prefix of names without any given part, as `hashicorp/aws` has it.
pub const PREFIX: &str = "terraform-";

/// The length of what is added to a prefix, in characters.
pub const SUFFIX_LENGTH: usize = 26;

/// A name that no other create makes up: the prefix and 26 hexadecimal digits of the token.
///
/// It follows from the token alone, so that what an interrupted create left behind is found under it.
pub fn unique(prefix: &str, token: &Token) -> String {
    let digits: String = token.id.chars().filter(char::is_ascii_hexdigit).take(SUFFIX_LENGTH).collect();
    format!("{prefix}{digits}")
}

/// The name to use: the given one, else one made up from the given prefix.
pub fn given_or_unique(name: &str, prefix: &str, token: &Token) -> String {
    match (name.is_empty(), prefix.is_empty()) {
        (false, _) => name.to_string(),
        (true, false) => unique(prefix, token),
        (true, true) => unique(PREFIX, token),
    }
}

/// The prefix of a name that [`unique`], or `hashicorp/aws`, made up: what is before 26 hexadecimal digits at its end.
pub fn prefix_of(name: &str) -> Option<&str> {
    let (prefix, suffix) = name.split_at_checked(name.len().checked_sub(SUFFIX_LENGTH)?)?;
    (!prefix.is_empty() && suffix.bytes().all(|byte| byte.is_ascii_hexdigit())).then_some(prefix)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_made_up_name_tells_its_prefix() {
        assert_eq!(prefix_of("web-20240101120000000000000001"), Some("web-"));
        assert_eq!(prefix_of("web"), None);
        assert_eq!(prefix_of("20240101120000000000000001"), None);
    }
}
