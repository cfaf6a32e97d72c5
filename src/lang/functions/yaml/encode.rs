//! Writes YAML in the layout of Terraform's `yamlencode`, byte for byte.
//!
//! Strings are in double quotes, those with newlines are literal blocks where that keeps them; everything else is plain, and
//! collections are blocks. Sequences in mappings are not indented. Long quoted strings are folded at spaces.

use model::entries::Entries;
use model::value::{Kind, Value};

/// A quoted string is folded at the first space beyond this column.
const WIDTH: usize = 80;
/// Keys up to this length (in bytes) may stand before a colon; longer ones follow a question mark.
const SIMPLE_KEY_BYTES_MAX: usize = 128;
const INDENT: usize = 2;

/// Writes a wholly known value as a document.
pub(super) fn encode(value: &Value) -> String {
    let mut writer = Writer { output: String::new() };
    match value.reveal() {
        Kind::String(text) => {
            writer.string(text, INDENT);
            writer.end_line();
        }
        _ if is_block(value) => writer.block(value, 0, true),
        Kind::Null(_) | Kind::Unknown(..) | Kind::Bool(_) | Kind::Number(_) => {
            // The end marker shows that a plain document ends here.
            writer.output.push_str(&plain(value));
            writer.output.push_str("\n...\n");
        }
        Kind::List(..) | Kind::Set(..) | Kind::Tuple(_) | Kind::Map(..) | Kind::Object(_) => {
            writer.output.push_str(&plain(value));
            writer.end_line();
        }
    }
    writer.output
}

/// Whether a value takes lines of its own.
fn is_block(value: &Value) -> bool {
    value.reveal().length().is_some_and(|length| length > 0)
}

/// The text of a value that is no string and has no elements.
fn plain(value: &Value) -> String {
    match value.reveal() {
        Kind::Bool(value) => value.to_string(),
        Kind::Number(number) => number.to_string(),
        Kind::List(..) | Kind::Set(..) | Kind::Tuple(_) => "[]".to_owned(),
        Kind::Map(..) | Kind::Object(_) => "{}".to_owned(),
        Kind::Null(_) | Kind::Unknown(..) | Kind::String(_) => "null".to_owned(),
    }
}

struct Writer {
    output: String,
}

impl Writer {
    fn end_line(&mut self) {
        if !self.output.ends_with('\n') {
            self.output.push('\n');
        }
    }

    fn indent(&mut self, indent: usize) {
        self.output.extend(std::iter::repeat_n(' ', indent));
    }

    /// Writes a collection with elements; its first line is where the output stands if `inline`.
    fn block(&mut self, value: &Value, indent: usize, inline: bool) {
        match value.reveal() {
            Kind::List(_, items) | Kind::Set(_, items) | Kind::Tuple(items) => self.sequence(items, indent, inline),
            Kind::Map(_, entries) | Kind::Object(entries) => self.mapping(entries, indent, inline),
            Kind::Null(_) | Kind::Unknown(..) | Kind::Bool(_) | Kind::Number(_) | Kind::String(_) => {}
        }
    }

    fn sequence(&mut self, items: &[Value], indent: usize, inline: bool) {
        for (index, item) in items.iter().enumerate() {
            if index > 0 || !inline {
                self.indent(indent);
            }
            self.output.push_str("- ");
            self.inline(item, indent + INDENT);
        }
    }

    fn mapping(&mut self, entries: &Entries, indent: usize, inline: bool) {
        for (index, (key, value)) in entries.iter().enumerate() {
            if index > 0 || !inline {
                self.indent(indent);
            }
            if is_simple_key(key) {
                self.quoted(key, None);
                self.output.push(':');
                self.after_colon(value, indent);
            } else {
                self.output.push_str("? ");
                self.string(key, indent + INDENT);
                self.end_line();
                self.indent(indent);
                self.output.push_str(": ");
                self.inline(value, indent + INDENT);
            }
        }
    }

    /// Writes a value on the line of its `- `, with everything further at `indent`.
    fn inline(&mut self, value: &Value, indent: usize) {
        match value.reveal() {
            _ if is_block(value) => self.block(value, indent, true),
            Kind::String(text) => {
                self.string(text, indent);
                self.end_line();
            }
            _ => {
                self.output.push_str(&plain(value));
                self.end_line();
            }
        }
    }

    /// Writes the value of a key of a mapping at `indent`.
    fn after_colon(&mut self, value: &Value, indent: usize) {
        match value.reveal() {
            Kind::List(..) | Kind::Set(..) | Kind::Tuple(_) if is_block(value) => {
                self.output.push('\n');
                self.block(value, indent, false);
            }
            Kind::Map(..) | Kind::Object(_) if is_block(value) => {
                self.output.push('\n');
                self.block(value, indent + INDENT, false);
            }
            _ => {
                self.output.push(' ');
                self.inline(value, indent + INDENT);
            }
        }
    }

    fn string(&mut self, text: &str, indent: usize) {
        if text.contains('\n') && fits_literal(text) {
            self.literal(text, indent);
        } else {
            self.quoted(text, Some(indent));
        }
    }

    /// `|` and the text as it is, line by line.
    fn literal(&mut self, text: &str, indent: usize) {
        self.output.push('|');
        if text.starts_with(|c: char| c == ' ' || is_break(c)) {
            self.output.push_str(&INDENT.to_string());
        }
        let mut from_end = text.chars().rev();
        match (from_end.next().is_some_and(is_break), from_end.next()) {
            (false, _) => self.output.push('-'),
            (true, None) => self.output.push('+'),
            (true, Some(before)) if is_break(before) => self.output.push('+'),
            (true, Some(_)) => {}
        }
        self.output.push('\n');
        let mut at_start = true;
        for c in text.chars() {
            if !is_break(c) && at_start {
                self.indent(indent);
            }
            self.output.push(c);
            at_start = is_break(c);
        }
    }

    /// A string in double quotes, folded to `indent` where that is allowed.
    fn quoted(&mut self, text: &str, folded_to: Option<usize>) {
        let line_start = self.output.rfind('\n').map_or(0, |newline| newline + 1);
        let mut column = self.output[line_start..].chars().count() + 1;
        self.output.push('"');
        let last = text.char_indices().next_back().map_or(0, |(at, _)| at);
        let mut after_space = false;
        for (at, c) in text.char_indices() {
            match (c, folded_to) {
                (' ', Some(indent)) if !after_space && column > WIDTH && at > 0 && at < last => {
                    self.output.push('\n');
                    self.indent(indent);
                    column = indent;
                    // A second space would be lost at the beginning of a line.
                    if text[at + 1..].starts_with(' ') {
                        self.output.push('\\');
                        column += 1;
                    }
                    after_space = true;
                }
                _ => {
                    column += self.quoted_character(c);
                    after_space = c == ' ';
                }
            }
        }
        self.output.push('"');
    }

    /// Writes a character as it is or escaped; gives how many columns it took.
    fn quoted_character(&mut self, c: char) -> usize {
        let short = match c {
            '\0' => "\\0",
            '\u{7}' => "\\a",
            '\u{8}' => "\\b",
            '\t' => "\\t",
            '\n' => "\\n",
            '\u{b}' => "\\v",
            '\u{c}' => "\\f",
            '\r' => "\\r",
            '\u{1b}' => "\\e",
            '"' => "\\\"",
            '\\' => "\\\\",
            '\u{85}' => "\\N",
            '\u{2028}' => "\\L",
            '\u{2029}' => "\\P",
            c if is_printable(c) => {
                self.output.push(c);
                return 1;
            }
            _ => "",
        };
        let escape = match (short, c as u32) {
            ("", code @ ..=0xff) => format!("\\x{code:02X}"),
            ("", code @ ..=0xffff) => format!("\\u{code:04X}"),
            ("", code) => format!("\\U{code:08X}"),
            (short, _) => short.to_owned(),
        };
        self.output.push_str(&escape);
        escape.len()
    }
}

fn is_simple_key(key: &str) -> bool {
    key.len() <= SIMPLE_KEY_BYTES_MAX && !key.contains(is_break)
}

fn is_break(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Characters that stand for themselves: none outside of the basic plane.
fn is_printable(c: char) -> bool {
    matches!(c, '\n' | ' '..='~' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}') && c != '\u{feff}'
}

/// Whether a literal block gives back this text: without characters to escape, and without spaces before a line's end.
fn fits_literal(text: &str) -> bool {
    let mut previous = None;
    for c in text.chars() {
        let space_before_break = is_break(c) && previous == Some(' ');
        if !is_printable(c) || space_before_break {
            return false;
        }
        previous = Some(c);
    }
    previous != Some(' ')
}
