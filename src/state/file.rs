//! The state on disk: Terraform's state file, version 4, read and written byte for byte as Terraform lays it out.
//!
//! What is known of the format was learned from files that Terraform 1.11 writes:
//!
//! - two spaces of indent, keys in a fixed order, a newline at the end; `<`, `>`, `&` and the two Unicode line
//!   separators are escaped;
//! - resources are ordered by the text of their module's address, then mode, type and name; instances by key, where no
//!   key comes first, then texts, then numbers; deposed objects come after the current one;
//! - a field that says nothing is left out, but for `sensitive_attributes` and `check_results`.
//!
//! Fields that are not known are kept ([`crate::Unrecognized`]), as a newer tool may have written them. Two that only
//! tools before Terraform 1.0 wrote are dropped as Terraform drops them: `each` of a resource and `depends_on` of an
//! instance.

pub(crate) mod disk;
mod error;
mod layout;
pub(crate) mod read;
mod sensitive;
#[cfg(test)]
mod tests;
pub(crate) mod write;

pub use error::StateFileError;
pub use layout::compact;

use std::fmt;

use serde::de::{Deserializer, Error, IgnoredAny, MapAccess, Visitor};

use crate::State;

/// The version of the format.
pub const FORMAT: u64 = 4;

/// The version of Terraform whose format is written: what a state that `infra` wrote names as its writer.
pub const TERRAFORM_VERSION: &str = "1.11.4";

/// What identifies a state among all others.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Header {
    pub lineage: String,
    pub serial: u64,
}

/// Reads a state file.
///
/// # Errors
/// Anything but a whole state of version 4. [`StateFileError::hint`] says what to do about each.
pub fn parse(bytes: &[u8]) -> Result<State, StateFileError> {
    read::state(bytes)
}

/// Writes a state as a file.
pub fn render(state: &State) -> Vec<u8> {
    write::state(state)
}

/// Reads only which state a file holds, and no further than needed; `None` where that cannot be told.
pub fn header(bytes: &[u8]) -> Option<Header> {
    struct Seek(Option<u64>, Option<String>);

    impl<'de> Visitor<'de> for &mut Seek {
        type Value = ();

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a state")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
            while let Some(key) = map.next_key::<String>()? {
                match key.as_str() {
                    "serial" => self.0 = map.next_value()?,
                    "lineage" => self.1 = map.next_value()?,
                    _ => drop(map.next_value::<IgnoredAny>()?),
                }
                if self.0.is_some() && self.1.is_some() {
                    return Err(A::Error::custom("the rest does not matter"));
                }
            }
            Ok(())
        }
    }

    let mut seek = Seek(None, None);
    let whole = serde_json::Deserializer::from_slice(bytes).deserialize_map(&mut seek).is_ok();
    match seek {
        Seek(Some(serial), Some(lineage)) => Some(Header { lineage, serial }),
        Seek(serial, lineage) if whole => {
            Some(Header { lineage: lineage.unwrap_or_default(), serial: serial.unwrap_or_default() })
        }
        Seek(..) => None,
    }
}
