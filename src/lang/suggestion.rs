//! The name that was probably meant instead of one that does not exist.

use model::diagnostic::Diagnostic;

/// How many letters may differ. More makes suggestions that have nothing to do with what was meant.
const DISTANCE_MAX: usize = 2;

/// Among how many names one is searched. In larger crowds the search for thousands of wrong names would take seconds.
const KNOWN_MAX: usize = 1000;

/// The known name nearest to the given one, if any is near.
pub fn similar<'a>(given: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let length = given.chars().count();
    let letters = letters(given);
    known
        .into_iter()
        .take(KNOWN_MAX)
        .filter(|name| may_be_near(name, length, &letters))
        .map(|name| (strsim::osa_distance(given, name), name))
        .filter(|(distance, name)| {
            *distance > 0 && *distance <= DISTANCE_MAX && *distance < name.chars().count().max(length)
        })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// How often each letter occurs; letters beyond ASCII share places.
fn letters(name: &str) -> [i8; 64] {
    let mut letters = [0_i8; 64];
    for byte in name.bytes() {
        let count = &mut letters[usize::from(byte % 64)];
        *count = count.saturating_add(1);
    }
    letters
}

/// A quick look that leaves out most names: each slip changes the number of at most two letters.
fn may_be_near(name: &str, length: usize, given: &[i8; 64]) -> bool {
    if name.chars().count().abs_diff(length) > DISTANCE_MAX {
        return false;
    }
    if !name.is_ascii() {
        return true;
    }
    let difference: u32 = letters(name).iter().zip(given).map(|(a, b)| u32::from(a.abs_diff(*b))).sum();
    difference as usize <= 2 * DISTANCE_MAX
}

/// Adds the suggestion to an error about a name that does not exist.
pub fn did_you_mean(error: Diagnostic, suggestion: Option<&str>) -> Diagnostic {
    match suggestion {
        Some(name) => error.hint(format!("Did you mean \"{name}\"?")),
        None => error,
    }
}

#[cfg(test)]
mod tests {
    use super::similar;

    #[test]
    fn a_name_with_two_slips_is_suggested_and_one_with_three_is_not() {
        assert_eq!(similar("regoin", ["region", "zone"]), Some("region"));
        assert_eq!(similar("rgin", ["region"]), Some("region"));
        assert_eq!(similar("rgn", ["region"]), None);
    }

    #[test]
    fn the_nearest_name_is_suggested() {
        assert_eq!(similar("subnet_idz", ["subnet_arn", "subnet_ids", "subnet_id"]), Some("subnet_ids"));
    }

    #[test]
    fn short_names_are_not_suggested_for_wholly_different_ones() {
        assert_eq!(similar("a", ["b", "id"]), None);
    }
}
