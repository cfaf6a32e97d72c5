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

/// The prefix that a name was made up from, as `hashicorp/aws` tells it: what stands before 26 hexadecimal digits at its
/// end. Empty for a name that was given.
pub fn prefix_of(name: &str) -> &str {
    let at = name.len().saturating_sub(SUFFIX_LENGTH);
    match name.split_at_checked(at) {
        Some((prefix, suffix)) if suffix.len() == SUFFIX_LENGTH && suffix.bytes().all(is_suffix_digit) => prefix,
        Some(_) | None => "",
    }
}

fn is_suffix_digit(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'a'..=b'f')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_prefix_of_a_made_up_name_is_known_from_it() {
        let token = Token { id: "0f8fad5b-d9cb-469f-a165-70867728950e".into(), at: jiff::Timestamp::UNIX_EPOCH };
        assert_eq!(prefix_of(&unique("db-", &token)), "db-");
        assert_eq!(prefix_of("db-main"), "");
        assert_eq!(prefix_of(&"x".repeat(40)), "");
    }
}
