//! Numbers by chance: all of a range alike, from the world or from a seed.

use sha2::{Digest, Sha256};

use crate::world::World;

/// A source of numbers.
pub enum Dice<'a> {
    /// Nobody can foretell what comes.
    World(&'a dyn World),
    /// What comes is the same for the same seed: the hashes of the seed with a counter.
    ///
    /// Which numbers come is this program's own; other engines draw others from the same seed.
    Seeded { seed: String, drawn: u64 },
}

impl<'a> Dice<'a> {
    /// Dice for a seed; without one, or with an empty one, those of the world.
    pub fn new(seed: Option<&str>, world: &'a dyn World) -> Dice<'a> {
        match seed {
            Some(seed) if !seed.is_empty() => Dice::Seeded { seed: seed.into(), drawn: 0 },
            Some(_) | None => Dice::World(world),
        }
    }

    fn next(&mut self) -> u128 {
        match self {
            Dice::World(world) => u128::from_le_bytes(world.bytes()),
            Dice::Seeded { seed, drawn } => {
                let hash = Sha256::new().chain_update(drawn.to_le_bytes()).chain_update(seed.as_bytes()).finalize();
                *drawn += 1;
                let half: [u8; 16] = hash[..16].try_into().expect("a hash has 32 bytes");
                u128::from_le_bytes(half)
            }
        }
    }

    /// A number below a limit, which must not be 0.
    pub fn below(&mut self, limit: u128) -> u128 {
        assert!(limit > 0, "there is no number below 0");
        // What is left over at the end of the range would make small numbers likelier.
        let rest = (u128::MAX % limit + 1) % limit;
        loop {
            let number = self.next();
            if number <= u128::MAX - rest {
                return number % limit;
            }
        }
    }

    /// An index of a slice, which must not be empty.
    pub fn index(&mut self, length: usize) -> usize {
        usize::try_from(self.below(length as u128)).expect("it is below a length")
    }

    pub fn pick<'t, T>(&mut self, choices: &'t [T]) -> &'t T {
        &choices[self.index(choices.len())]
    }

    /// Brings items into an order, all orders alike.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            let other = self.index(last + 1);
            items.swap(last, other);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Lab;

    #[test]
    fn all_numbers_of_a_range_come() {
        let lab = Lab::of("random");
        let mut dice = Dice::new(None, lab.world.as_ref());
        let mut seen = [0; 7];
        for _ in 0..700 {
            seen[dice.index(7)] += 1;
        }
        assert!(seen.iter().all(|count| (60..140).contains(count)), "{seen:?}");
    }

    #[test]
    fn a_seed_repeats_itself() {
        let lab = Lab::of("random");
        let draw = |seed| {
            let mut items: Vec<u32> = (0..20).collect();
            Dice::new(Some(seed), lab.world.as_ref()).shuffle(&mut items);
            items
        };
        assert_eq!(draw("a"), draw("a"));
        assert_ne!(draw("a"), draw("b"));
        let mut sorted = draw("a");
        sorted.sort_unstable();
        assert_eq!(sorted, (0..20).collect::<Vec<_>>());
    }
}
