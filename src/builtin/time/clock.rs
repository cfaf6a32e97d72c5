//! Times as RFC 3339 writes them, with the arithmetic and the attributes that the types share.

use std::fmt;

use jiff::civil::{Date, DateTime};
use jiff::fmt::temporal::{Pieces, PiecesOffset};
use jiff::tz::Offset;
use jiff::{Span, Timestamp, ToSpan};
use model::path::Path;
use model::ty::Type;
use model::value::Value;
use provider::error::ProviderError;
use provider::resource::Refusal;
use serde::{Deserialize, Serialize};

/// A date and time with its distance to UTC, as somebody wrote it.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Time {
    civil: DateTime,
    offset: Offset,
}

/// How far one time is from another. Months and years count by the calendar.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Distance {
    pub years: i64,
    pub months: i64,
    pub days: i64,
    pub hours: i64,
    pub minutes: i64,
    pub seconds: i64,
}

/// A time in parts, as attributes.
#[derive(Serialize, Deserialize, Default)]
#[serde(default)]
pub struct Parts {
    day: i8,
    hour: i8,
    minute: i8,
    month: i8,
    second: i8,
    unix: i64,
    year: i16,
}

impl Time {
    pub fn utc(at: Timestamp) -> Time {
        Time { civil: Offset::UTC.to_datetime(at), offset: Offset::UTC }
    }

    /// Reads `2020-02-12T06:36:13Z`; `None` for anything that is not RFC 3339.
    pub fn parse(text: &str) -> Option<Time> {
        let pieces = Pieces::parse(text).ok()?;
        let offset = match pieces.offset()? {
            PiecesOffset::Zulu => Offset::UTC,
            PiecesOffset::Numeric(numeric) => numeric.offset(),
            _ => return None,
        };
        let form = text.as_bytes();
        let is_rfc3339 = pieces.time_zone_annotation().is_none()
            && form.get(10) == Some(&b'T')
            && form.get(13) == Some(&b':')
            && form.get(16) == Some(&b':')
            && (form.ends_with(b"Z") || form.len() >= 6 && form[form.len() - 3] == b':');
        is_rfc3339.then(|| Time { civil: pieces.date().to_datetime(pieces.time().unwrap_or_default()), offset })
    }

    /// Reads an argument.
    ///
    /// # Errors
    /// It is not RFC 3339.
    pub fn argument(operation: &str, name: &str, text: &str) -> Result<Time, ProviderError> {
        Time::parse(text).ok_or_else(|| {
            ProviderError::invalid(operation, format!("`{text}` is no time of the form 2020-02-12T06:36:13Z"))
                .attribute(Path::attribute(name))
        })
    }

    pub fn timestamp(self) -> Option<Timestamp> {
        self.offset.to_timestamp(self.civil).ok()
    }

    /// The time that is a distance later.
    ///
    /// A day that the month doesn't have runs over into the next one: one month after January 31 is March 2 or 3.
    ///
    /// # Errors
    /// There is no such time: years end at 9999.
    pub fn after(self, operation: &str, distance: Distance) -> Result<Time, ProviderError> {
        let civil = (|| {
            let civil = add(self.civil, 1.day(), distance.days)?;
            let civil = add(civil, 1.hour(), distance.hours)?;
            let civil = add(civil, 1.minute(), distance.minutes)?;
            let civil = add_months(civil, distance.months)?;
            let civil = add(civil, 1.second(), distance.seconds)?;
            add_months(civil, distance.years.checked_mul(12)?)
        })();
        let civil = civil.ok_or_else(|| ProviderError::invalid(operation, "the time is out of range"))?;
        Ok(Time { civil, ..self })
    }

    pub fn parts(self) -> Parts {
        Parts {
            day: self.civil.day(),
            hour: self.civil.hour(),
            minute: self.civil.minute(),
            month: self.civil.month(),
            second: self.civil.second(),
            unix: self.timestamp().map_or(0, Timestamp::as_second),
            year: self.civil.year(),
        }
    }
}

impl Parts {
    /// An object with these parts.
    pub fn fill(&self, object: Value) -> Value {
        [
            ("day", i64::from(self.day)),
            ("hour", i64::from(self.hour)),
            ("minute", i64::from(self.minute)),
            ("month", i64::from(self.month)),
            ("second", i64::from(self.second)),
            ("unix", self.unix),
            ("year", i64::from(self.year)),
        ]
        .into_iter()
        .fold(object, |object, (name, number)| object.with(name, number.into()))
    }

    /// An object whose parts are to be seen.
    pub fn forget(object: Value) -> Value {
        ["day", "hour", "minute", "month", "second", "unix", "year"]
            .into_iter()
            .fold(object, |object, name| object.with(name, Value::unknown(Type::Number)))
    }
}

fn add(civil: DateTime, unit: Span, count: i64) -> Option<DateTime> {
    civil.checked_add(unit.checked_mul(count).ok()?).ok()
}

fn add_months(civil: DateTime, months: i64) -> Option<DateTime> {
    let count =
        i64::from(civil.year()).checked_mul(12)?.checked_add(i64::from(civil.month()) - 1)?.checked_add(months)?;
    let year = i16::try_from(count.div_euclid(12)).ok()?;
    let month = i8::try_from(count.rem_euclid(12) + 1).expect("it is a month");
    let first = Date::new(year, month, 1).ok()?;
    let date = first.checked_add((i64::from(civil.day()) - 1).days()).ok()?;
    Some(date.to_datetime(civil.time()))
}

/// Prints the time as RFC 3339 with whole seconds.
impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.civil.strftime("%Y-%m-%dT%H:%M:%S"))?;
        let minutes = self.offset.seconds() / 60;
        if minutes == 0 {
            return f.write_str("Z");
        }
        let sign = if minutes < 0 { '-' } else { '+' };
        write!(f, "{sign}{:02}:{:02}", minutes.abs() / 60, minutes.abs() % 60)
    }
}

/// Refuses arguments that are given and are not RFC 3339.
pub fn refuse_other_forms(config: &Value, names: &[&str]) -> Vec<Refusal> {
    let is_wrong = |name: &&&str| {
        config.get(name).and_then(|value| value.reveal().as_str().map(|text| Time::parse(text).is_none())) == Some(true)
    };
    names
        .iter()
        .filter(is_wrong)
        .map(|name| Refusal {
            attribute: Path::attribute(*name),
            summary: "Invalid RFC3339 String Value".into(),
            detail: "A time has the form 2020-02-12T06:36:13Z or 2020-02-12T06:36:13+02:00.".into(),
        })
        .collect()
}

/// Refuses a configuration that has none of some arguments.
pub fn require_one(config: &Value, names: &[&str]) -> Option<Refusal> {
    let is_given = names.iter().any(|name| config.get(name).is_some_and(|value| !value.is_null()));
    (!is_given).then(|| Refusal {
        attribute: Path::attribute(names[0]),
        summary: "Missing Attribute Configuration".into(),
        detail: format!("At least one of these must be given: {}.", names.join(", ")),
    })
}

/// The parts of an identifier for `import`; an empty part is a number that is not given.
///
/// # Errors
/// A part is no whole number.
pub fn numbers<const N: usize>(operation: &str, parts: &[&str]) -> Result<[Option<i64>; N], ProviderError> {
    let mut numbers = [None; N];
    for (number, part) in numbers.iter_mut().zip(parts).filter(|(_, part)| !part.is_empty()) {
        let read = part.parse();
        *number = Some(read.map_err(|_| ProviderError::invalid(operation, format!("`{part}` is no whole number")))?);
    }
    Ok(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(text: &str, distance: Distance) -> String {
        Time::parse(text).expect("a time").after("test", distance).expect("in range").to_string()
    }

    #[test]
    fn times_print_as_they_were_written() {
        for text in ["2020-02-12T06:36:13Z", "2020-02-12T06:36:13+02:00", "2020-02-12T06:36:13-05:30"] {
            assert_eq!(Time::parse(text).expect("a time").to_string(), text);
        }
        assert_eq!(Time::parse("2020-02-12T06:36:13.5Z").expect("a time").to_string(), "2020-02-12T06:36:13Z");
    }

    #[test]
    fn other_forms_are_no_times() {
        for text in [
            "",
            "2020-02-12",
            "2020-02-12T06:36:13",
            "2020-02-12 06:36:13Z",
            "2020-02-12T06:36Z",
            "20200212T063613Z",
            "2020-02-30T06:36:13Z",
            "2020-02-12T06:36:13+02:00[Europe/Berlin]",
            "2020-02-12T06:36:13+0200",
        ] {
            assert_eq!(Time::parse(text), None, "{text}");
        }
    }

    #[test]
    fn days_that_a_month_does_not_have_run_over() {
        let months = |months| Distance { months, ..Distance::default() };
        assert_eq!(after("2023-01-31T00:00:00Z", months(1)), "2023-03-03T00:00:00Z");
        assert_eq!(after("2024-01-31T00:00:00Z", months(1)), "2024-03-02T00:00:00Z");
        assert_eq!(after("2024-03-31T00:00:00Z", months(-13)), "2023-03-03T00:00:00Z");
        assert_eq!(after("2024-02-29T00:00:00Z", Distance { years: 1, ..Distance::default() }), "2025-03-01T00:00:00Z");
    }

    #[test]
    fn all_parts_of_a_distance_count() {
        let distance = Distance { years: 1, months: 1, days: 1, hours: 1, minutes: 1, seconds: 1 };
        assert_eq!(after("2020-01-01T00:00:00+02:00", distance), "2021-02-02T01:01:01+02:00");
    }

    #[test]
    fn times_end_with_the_year_9999() {
        let time = Time::parse("2020-01-01T00:00:00Z").expect("a time");
        for distance in [
            Distance { years: 8000, ..Distance::default() },
            Distance { seconds: i64::MAX, ..Distance::default() },
            Distance { years: i64::MAX, ..Distance::default() },
        ] {
            time.after("test", distance).expect_err("out of range");
        }
    }

    #[test]
    fn parts_are_those_of_the_written_time() {
        let parts = Time::parse("1970-01-01T01:30:00+01:00").expect("a time").parts();
        assert_eq!((parts.year, parts.hour, parts.minute, parts.unix), (1970, 1, 30, 1800));
    }
}
