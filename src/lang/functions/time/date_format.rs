//! The formats of `formatdate`.

use jiff::tz::Offset;

use super::{Moment, offset_text};

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const DAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// A format that can't be used.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub(super) enum FormatError {
    #[error("a quote is not closed")]
    OpenQuote,
    #[error("`{0}` is no part of a time; letters that stand for themselves must be in single quotes")]
    UnknownPart(String),
}

/// Writes a point in time: runs of a letter are parts of it, text in single quotes and everything that is no letter is itself.
pub(super) fn write(format: &str, moment: &Moment) -> Result<String, FormatError> {
    let mut output = String::new();
    let mut rest = format;
    while let Some(c) = rest.chars().next() {
        if c == '\'' {
            rest = quoted(&rest[1..], &mut output)?;
            continue;
        }
        let length =
            if c.is_ascii_alphabetic() { rest.chars().take_while(|next| *next == c).count() } else { c.len_utf8() };
        let (run, after) = rest.split_at(length);
        if c.is_ascii_alphabetic() {
            output.push_str(&part(run, moment)?)
        } else {
            output.push(c)
        }
        rest = after;
    }
    Ok(output)
}

/// Appends quoted text up to its closing quote, in which two quotes are one.
fn quoted<'a>(mut rest: &'a str, output: &mut String) -> Result<&'a str, FormatError> {
    loop {
        let Some(at) = rest.find('\'') else {
            return Err(FormatError::OpenQuote);
        };
        output.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        match rest.strip_prefix('\'') {
            Some(after) => {
                output.push('\'');
                rest = after;
            }
            None => return Ok(rest),
        }
    }
}

fn part(run: &str, moment: &Moment) -> Result<String, FormatError> {
    let (date, time) = (moment.civil.date(), moment.civil.time());
    let month = MONTHS[usize::from(date.month().unsigned_abs() - 1)];
    let day = DAYS[usize::from(date.weekday().to_monday_zero_offset().unsigned_abs())];
    let hour12 = (time.hour() + 11) % 12 + 1;
    let utc = moment.offset == Offset::UTC;
    Ok(match run {
        "YYYY" => format!("{:04}", date.year()),
        "YY" => format!("{:02}", date.year() % 100),
        "MMMM" => month.to_owned(),
        "MMM" => month[..3].to_owned(),
        "MM" => format!("{:02}", date.month()),
        "M" => date.month().to_string(),
        "DD" => format!("{:02}", date.day()),
        "D" => date.day().to_string(),
        "EEEE" => day.to_owned(),
        "EEE" => day[..3].to_owned(),
        "hh" => format!("{:02}", time.hour()),
        "h" => time.hour().to_string(),
        "HH" => format!("{hour12:02}"),
        "H" => hour12.to_string(),
        "AA" => if time.hour() < 12 { "AM" } else { "PM" }.to_owned(),
        "aa" => if time.hour() < 12 { "am" } else { "pm" }.to_owned(),
        "mm" => format!("{:02}", time.minute()),
        "m" => time.minute().to_string(),
        "ss" => format!("{:02}", time.second()),
        "s" => time.second().to_string(),
        "ZZZZZ" => offset_text(moment.offset, ":"),
        "ZZZZ" => offset_text(moment.offset, ""),
        "ZZZ" => {
            if utc {
                "UTC".to_owned()
            } else {
                offset_text(moment.offset, "")
            }
        }
        "Z" => {
            if utc {
                "Z".to_owned()
            } else {
                offset_text(moment.offset, ":")
            }
        }
        _ => return Err(FormatError::UnknownPart(run.to_owned())),
    })
}
