//! What behaviours know of the world: its time, its randomness, and the states of other stacks.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use model::value::Value;
use provider::error::ProviderError;

/// The clock, the source of randomness, and the reader of states.
pub trait World: Send + Sync {
    fn now(&self) -> Timestamp;

    /// Fills a buffer with random bytes that nobody can foretell.
    fn random(&self, bytes: &mut [u8]);

    /// The outputs of a stack whose state is in a file, without marks; `None` when there is no such file.
    ///
    /// # Errors
    /// The file can't be read, or is no state.
    fn stored_outputs(&self, path: &Path) -> Result<Option<BTreeMap<Arc<str>, Value>>, ProviderError>;
}

impl dyn World + '_ {
    /// An array of random bytes.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.random(&mut bytes);
        bytes
    }

    /// A random number of 63 bits in decimal digits, as an identifier.
    pub fn decimal_id(&self) -> String {
        (u64::from_le_bytes(self.bytes()) >> 1).to_string()
    }

    /// A random UUID of version 4 in its hyphenated form.
    pub fn uuid(&self) -> String {
        uuid::Builder::from_random_bytes(self.bytes()).into_uuid().to_string()
    }
}
