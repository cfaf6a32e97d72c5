//! The colours and weights of the output, and how text gets them.
//!
//! Text carries its styles as escape sequences; [`crate::terminal`] takes them out where nobody would see them.

use std::fmt::Display;

use anstyle::{AnsiColor, Effects, Style};

pub const ADD: Style = AnsiColor::Green.on_default();
pub const REMOVE: Style = AnsiColor::Red.on_default();
pub const CHANGE: Style = AnsiColor::Yellow.on_default();
pub const READ: Style = AnsiColor::Cyan.on_default();
pub const BOLD: Style = Style::new().effects(Effects::BOLD);
pub const DIM: Style = Style::new().effects(Effects::DIMMED);
pub const GOOD: Style = AnsiColor::Green.on_default().effects(Effects::BOLD);
pub const BAD: Style = AnsiColor::Red.on_default().effects(Effects::BOLD);
pub const WARN: Style = AnsiColor::Yellow.on_default().effects(Effects::BOLD);

/// Text in a style. Gives it back plain when the style is plain.
pub fn paint(style: Style, text: impl Display) -> String {
    format!("{style}{text}{style:#}")
}

/// `1 object`, `3 objects`.
pub fn counted(count: usize, one: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {one}s") }
}

/// Text without styles.
pub fn plain(text: &str) -> String {
    anstream::adapter::strip_str(text).to_string()
}
