//! Points in time.

mod date_format;
mod duration;

use jiff::civil::DateTime;
use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};
use model::number::Number;
use model::ty::Type;
use model::value::{Refinement, Value};

use crate::functions::arguments::text;
use crate::functions::{Context, Error, Function, Parameter, Shape};

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(
        "formatdate",
        &[Parameter::string("format"), Parameter::string("time")],
        Shape::String,
        formatdate,
        "Writes a point in time in a format such as \"DD MMM YYYY\".",
    ),
    Function::new(
        "plantimestamp",
        &[],
        Shape::String,
        |context, _| Ok(context.surroundings.plan_time.map_or_else(unknown, Value::from)),
        "Gives the time of the plan.",
    ),
    Function::new(
        "timeadd",
        &[Parameter::string("timestamp"), Parameter::string("duration")],
        Shape::String,
        timeadd,
        "Adds a duration such as \"1h30m\" to a point in time.",
    ),
    Function::new(
        "timecmp",
        &[Parameter::string("timestamp_a"), Parameter::string("timestamp_b")],
        Shape::Number,
        timecmp,
        "Gives -1, 0 or 1 for a point in time before, at and after another.",
    ),
    Function::new(
        "timestamp",
        &[],
        Shape::String,
        |context, _| Ok(context.surroundings.impure.map_or_else(unknown, |impure| Value::from(impure.now))),
        "Gives the time at which it is evaluated, which is during apply.",
    ),
];

fn unknown() -> Value {
    Value::unknown_with(Type::String, Refinement::not_null())
}

/// A point in time with the offset it was written with.
struct Moment {
    civil: DateTime,
    offset: Offset,
}

impl Moment {
    /// Reads RFC 3339.
    fn parse(text: &str) -> Option<Moment> {
        let digits = |range: std::ops::Range<usize>| -> Option<i16> {
            let part = text.get(range)?;
            if part.bytes().all(|byte| byte.is_ascii_digit()) { part.parse().ok() } else { None }
        };
        let small = |range| digits(range).and_then(|number| i8::try_from(number).ok());
        let marks = [(4, "-"), (7, "-"), (10, "T"), (13, ":"), (16, ":")];
        if !marks.iter().all(|(at, mark)| text.get(*at..*at + 1) == Some(mark)) {
            return None;
        }
        let mut rest = text.get(19..)?;
        let mut nanoseconds = 0;
        if let Some(fraction) = rest.strip_prefix(['.', ',']) {
            let length = fraction.bytes().take_while(u8::is_ascii_digit).count();
            if length == 0 {
                return None;
            }
            let nine = format!("{:0<9}", &fraction[..length.min(9)]);
            nanoseconds = nine.parse().ok()?;
            rest = &fraction[length..];
        }
        let second = small(17..19)?;
        if second > 59 {
            return None;
        }
        let civil = DateTime::new(
            digits(0..4)?,
            small(5..7)?,
            small(8..10)?,
            small(11..13)?,
            small(14..16)?,
            second,
            nanoseconds,
        )
        .ok()?;
        let offset = if rest == "Z" { Offset::UTC } else { parse_offset(rest)? };
        Some(Moment { civil, offset })
    }

    fn instant(&self) -> Option<Timestamp> {
        self.offset.to_timestamp(self.civil).ok()
    }

    /// Writes RFC 3339 without fractions of a second.
    fn to_text(&self) -> String {
        let (date, time) = (self.civil.date(), self.civil.time());
        format!(
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}{}",
            date.year(),
            date.month(),
            date.day(),
            time.hour(),
            time.minute(),
            time.second(),
            if self.offset == Offset::UTC { "Z".to_owned() } else { offset_text(self.offset, ":") }
        )
    }
}

/// A time as YAML writes it (`2001-1-1`, `2001-01-01 10:00:00`, RFC 3339 also with a small `t`) in RFC 3339; `None` for other text.
pub(super) fn normalize_yaml_timestamp(text: &str) -> Option<String> {
    let (date, time) = match text.find(['T', 't', ' ']) {
        Some(at) => (&text[..at], Some((&text[at..at + 1], &text[at + 1..]))),
        None => (text, None),
    };
    let number = |text: &str, widths: std::ops::RangeInclusive<usize>| {
        let digits = widths.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        if digits { text.parse::<u32>().ok() } else { None }
    };
    let mut parts = date.split('-');
    let mut next = |widths| parts.next().and_then(|part| number(part, widths));
    let (year, month, day) = (next(4..=4)?, next(1..=2)?, next(1..=2)?);
    if parts.next().is_some() {
        return None;
    }
    let (clock, offset) = match time {
        None => ("00:00:00", "Z"),
        Some((" ", clock)) => (clock, "Z"),
        Some((_, clock)) => clock.split_at(clock.find(['Z', '+', '-'])?),
    };
    let (whole, fraction) = clock.split_once('.').unwrap_or((clock, ""));
    if !fraction.bytes().all(|byte| byte.is_ascii_digit()) || clock.ends_with('.') {
        return None;
    }
    let mut parts = whole.split(':');
    let mut next = || parts.next().and_then(|part| number(part, 1..=2));
    let (hour, minute, second) = (next()?, next()?, next()?);
    if parts.next().is_some() {
        return None;
    }
    let text = format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{offset}");
    Moment::parse(&text).map(|moment| moment.to_text())
}

/// `+02:00`
fn parse_offset(text: &str) -> Option<Offset> {
    let sign = match text.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let (hours, minutes) = text[1..].split_once(':')?;
    let part = |part: &str, max: i32| -> Option<i32> {
        let digits = part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
        part.parse().ok().filter(|number| digits && *number <= max)
    };
    Offset::from_seconds(sign * (part(hours, 24)? * 3600 + part(minutes, 60)? * 60)).ok()
}

/// An offset with its hours and minutes separated as given.
fn offset_text(offset: Offset, separator: &str) -> String {
    let minutes = offset.seconds() / 60;
    let sign = if minutes < 0 { '-' } else { '+' };
    format!("{sign}{:02}{separator}{:02}", minutes.abs() / 60, minutes.abs() % 60)
}

fn moment(context: &Context<'_>, arguments: &[Value], index: usize) -> Result<Moment, Error> {
    let given = text(arguments, index);
    Moment::parse(given).ok_or_else(|| {
        Error::argument(
            index,
            format!("{} is not a time in the form of RFC 3339, such as 2006-01-02T15:04:05Z", context.show(given)),
        )
    })
}

fn formatdate(context: &Context<'_>, arguments: &[Value]) -> Result<Value, Error> {
    let moment = moment(context, arguments, 1)?;
    date_format::write(text(arguments, 0), &moment)
        .map(Value::string)
        .map_err(|error| Error::argument(0, error.to_string()))
}

fn timeadd(context: &Context<'_>, arguments: &[Value]) -> Result<Value, Error> {
    let moment = moment(context, arguments, 0)?;
    let written = text(arguments, 1);
    let duration: SignedDuration = duration::parse(written)
        .ok_or_else(|| Error::argument(1, format!("{} is not a duration such as \"1h30m\"", context.show(written))))?;
    let civil = moment
        .civil
        .checked_add(duration)
        .map_err(|_| Error::call("the sum is outside of the years that times can have"))?;
    Ok(Value::string(Moment { civil, offset: moment.offset }.to_text()))
}

fn timecmp(context: &Context<'_>, arguments: &[Value]) -> Result<Value, Error> {
    let (a, b) = (moment(context, arguments, 0)?.instant(), moment(context, arguments, 1)?.instant());
    Ok(Value::number(Number::from(match a.cmp(&b) {
        std::cmp::Ordering::Less => -1,
        std::cmp::Ordering::Equal => 0,
        std::cmp::Ordering::Greater => 1,
    })))
}
