//! Version constraints, as `required_version` and `version` arguments have them: `~> 1.5, != 1.6.2`.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

/// A version: numbers, then optionally a pre-release name. Build metadata is read and dropped.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Version {
    /// At least one, as written: `1.2` has two.
    pub numbers: Vec<u64>,
    pub pre_release: Option<String>,
}

/// Conditions on a version that must all hold.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Constraint {
    conditions: Vec<(Operator, Version)>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Operator {
    Equal,
    NotEqual,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
    /// Only the last number that is written, and what follows it, may grow.
    Pessimistic,
}

/// Text that is no version or no version constraint.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("`{text}` is no {expected}")]
pub struct VersionError {
    pub text: String,
    expected: &'static str,
}

/// Longer operators before their beginnings.
const OPERATORS: [(&str, Operator); 7] = [
    ("~>", Operator::Pessimistic),
    (">=", Operator::GreaterOrEqual),
    ("<=", Operator::LessOrEqual),
    ("!=", Operator::NotEqual),
    (">", Operator::Greater),
    ("<", Operator::Less),
    ("=", Operator::Equal),
];

impl Version {
    /// The number at a place; those that are not written are 0.
    fn number(&self, place: usize) -> u64 {
        self.numbers.get(place).copied().unwrap_or(0)
    }

    fn same_numbers(&self, other: &Version) -> bool {
        (0..self.numbers.len().max(other.numbers.len())).all(|place| self.number(place) == other.number(place))
    }
}

impl Constraint {
    /// Whether a version meets all conditions.
    ///
    /// A pre-release is met only by conditions that name a pre-release of the same numbers, or exclude other versions.
    pub fn allows(&self, version: &Version) -> bool {
        self.conditions.iter().all(|(operator, wanted)| allows(*operator, wanted, version))
    }
}

fn allows(operator: Operator, wanted: &Version, version: &Version) -> bool {
    let order = version.cmp(wanted);
    let comparable = match (&version.pre_release, &wanted.pre_release) {
        (Some(_), Some(_)) => version.same_numbers(wanted),
        (Some(_), None) => false,
        (None, _) => true,
    };
    match operator {
        Operator::Equal => order == Ordering::Equal,
        Operator::NotEqual => order != Ordering::Equal,
        Operator::Greater => comparable && order == Ordering::Greater,
        Operator::GreaterOrEqual => comparable && order != Ordering::Less,
        Operator::Less => comparable && order == Ordering::Less,
        Operator::LessOrEqual => comparable && order != Ordering::Greater,
        Operator::Pessimistic => {
            let fixed = wanted.numbers.len() - 1;
            comparable
                && order != Ordering::Less
                && (0..fixed).all(|place| version.number(place) == wanted.number(place))
        }
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Version) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// By numbers; a pre-release before its release; pre-releases by their dotted parts, numeric ones by value.
impl Ord for Version {
    fn cmp(&self, other: &Version) -> Ordering {
        let places = self.numbers.len().max(other.numbers.len());
        let numbers = (0..places).map(|place| self.number(place).cmp(&other.number(place)));
        numbers.fold(Ordering::Equal, Ordering::then).then_with(|| match (&self.pre_release, &other.pre_release) {
            (None, None) => Ordering::Equal,
            (None, Some(_)) => Ordering::Greater,
            (Some(_), None) => Ordering::Less,
            (Some(a), Some(b)) => compare_pre_releases(a, b),
        })
    }
}

fn compare_pre_releases(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (a.split('.'), b.split('.'));
    loop {
        let order = match (a.next(), b.next()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => Ordering::Less,
            (Some(_), None) => Ordering::Greater,
            (Some(a), Some(b)) => match (a.parse::<u64>(), b.parse::<u64>()) {
                (Ok(a), Ok(b)) => a.cmp(&b),
                (Ok(_), Err(_)) => Ordering::Less,
                (Err(_), Ok(_)) => Ordering::Greater,
                (Err(_), Err(_)) => a.cmp(b),
            },
        };
        if order != Ordering::Equal {
            return order;
        }
    }
}

impl FromStr for Version {
    type Err = VersionError;

    fn from_str(text: &str) -> Result<Version, VersionError> {
        let error = || VersionError { text: text.to_string(), expected: "version" };
        let (release, metadata) = match text.trim().split_once('+') {
            Some((release, metadata)) => (release, Some(metadata)),
            None => (text.trim(), None),
        };
        let (numbers, pre_release) = match release.split_once('-') {
            Some((numbers, pre_release)) => (numbers, Some(pre_release)),
            None => (release, None),
        };
        let is_name = |name: &str| {
            !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '~'))
        };
        if !pre_release.is_none_or(is_name) || !metadata.is_none_or(is_name) {
            return Err(error());
        }
        let digits = |part: &str| if part.bytes().all(|byte| byte.is_ascii_digit()) { part.parse().ok() } else { None };
        let numbers: Option<Vec<u64>> = numbers.strip_prefix('v').unwrap_or(numbers).split('.').map(digits).collect();
        Ok(Version { numbers: numbers.ok_or_else(error)?, pre_release: pre_release.map(String::from) })
    }
}

impl FromStr for Constraint {
    type Err = VersionError;

    fn from_str(text: &str) -> Result<Constraint, VersionError> {
        let error = || VersionError { text: text.to_string(), expected: "version constraint" };
        let condition = |part: &str| {
            let part = part.trim();
            let (operator, version) = OPERATORS
                .iter()
                .find_map(|(symbol, operator)| part.strip_prefix(symbol).map(|version| (*operator, version)))
                .unwrap_or((Operator::Equal, part));
            Ok((operator, version.parse().map_err(|_| error())?))
        };
        Ok(Constraint { conditions: text.split(',').map(condition).collect::<Result<_, VersionError>>()? })
    }
}

/// Prints the conditions in the order of their versions, with three numbers each; what `~>` leaves open stays open.
impl fmt::Display for Constraint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut conditions: Vec<&(Operator, Version)> = self.conditions.iter().collect();
        conditions.sort_by(|(_, a), (_, b)| a.cmp(b));
        for (index, (operator, version)) in conditions.into_iter().enumerate() {
            let mut version = version.clone();
            if *operator != Operator::Pessimistic {
                version.numbers.resize(version.numbers.len().max(3), 0);
            }
            let symbol = match operator {
                Operator::Equal => "",
                Operator::NotEqual => "!= ",
                Operator::Greater => "> ",
                Operator::GreaterOrEqual => ">= ",
                Operator::Less => "< ",
                Operator::LessOrEqual => "<= ",
                Operator::Pessimistic => "~> ",
            };
            write!(f, "{}{symbol}{version}", if index == 0 { "" } else { ", " })?;
        }
        Ok(())
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let numbers: Vec<String> = self.numbers.iter().map(u64::to_string).collect();
        f.write_str(&numbers.join("."))?;
        match &self.pre_release {
            Some(name) => write!(f, "-{name}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(constraint: &str, version: &str) -> bool {
        constraint.parse::<Constraint>().expect("valid").allows(&version.parse().expect("valid"))
    }

    #[test]
    fn the_last_number_of_a_pessimistic_constraint_may_grow() {
        for (constraint, version, allowed) in [
            ("~> 1.2", "1.2.0", true),
            ("~> 1.2", "1.9", true),
            ("~> 1.2", "2.0", false),
            ("~> 1.2.3", "1.2.9", true),
            ("~> 1.2.3", "1.3.0", false),
            ("~> 1", "2.0", true),
            ("~>1.2.0", "1.1.9", false),
        ] {
            assert_eq!(allows(constraint, version), allowed, "{constraint} {version}");
        }
    }

    #[test]
    fn constraints_print_in_one_form() {
        for (written, printed) in [
            (">= 5.0, < 6,!= 5.1.2", ">= 5.0.0, != 5.1.2, < 6.0.0"),
            ("~> 5.0", "~> 5.0"),
            ("= 1.2", "1.2.0"),
            ("2.0.0-beta1", "2.0.0-beta1"),
        ] {
            assert_eq!(written.parse::<Constraint>().expect("valid").to_string(), printed);
        }
    }

    #[test]
    fn all_conditions_must_hold() {
        assert!(allows(">= 1.3, < 2, != 1.4.0", "1.5.7"));
        assert!(!allows(">= 1.3, < 2, != 1.4.0", "1.4"));
        assert!(!allows(">= 1.3, < 2", "2.0.0"));
        assert!(allows("1.5.0", "1.5"));
    }

    #[test]
    fn a_pre_release_must_be_asked_for() {
        assert!(!allows(">= 1.0", "1.1.0-beta1"));
        assert!(allows(">= 1.1.0-beta1", "1.1.0-beta2"));
        assert!(allows(">= 1.1.0-beta1", "1.1.0"));
        assert!(allows("1.1.0-rc.1", "1.1.0-rc.1"));
        assert!(!allows("< 1.1.0", "1.1.0-rc.1"));
    }

    #[test]
    fn text_that_is_no_constraint_is_refused() {
        for text in ["", "abc", ">= ", "=> 1.0", "1.x", "1.2, ", "~> -1", "1..2"] {
            assert!(text.parse::<Constraint>().is_err(), "{text}");
        }
    }
}
