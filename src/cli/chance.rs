//! The machine's clock and source of randomness.

use engine::stack::Chance;
use jiff::Timestamp;

/// The real ones.
pub struct Machine;

impl Chance for Machine {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn random(&self) -> fn(&mut [u8]) {
        |bytes| getrandom::fill(bytes).expect("the operating system gives random bytes")
    }
}

/// Sixteen random bytes.
pub fn sixteen() -> [u8; 16] {
    let mut bytes = [0; 16];
    Machine.random()(&mut bytes);
    bytes
}
