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
