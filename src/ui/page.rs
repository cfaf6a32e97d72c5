//! Trees of differences as indented lines, in the language's own syntax with signs in front.
//!
//! Every level is four columns wide; a line's sign stands two columns before its text.

use anstyle::Style;
use unicode_width::UnicodeWidthStr;

use crate::difference::{Block, BlockContent, Body, Difference, Element, Field, FieldsKind, Line, Note, Shape, Sign};
use crate::style::{self, counted, paint};

/// A text under construction.
#[derive(Clone, Debug)]
pub struct Page {
    text: String,
    /// The column of text at level 0.
    margin: usize,
    /// Inside JSON only the parts that differ carry a sign, not the structures around them.
    in_document: bool,
    /// Inside something that is removed as a whole no part says again that nothing comes after it.
    in_removed: bool,
}

impl Page {
    pub fn new(margin: usize) -> Page {
        Page { text: String::new(), margin, in_document: false, in_removed: false }
    }

    pub fn finish(self) -> String {
        self.text
    }

    /// A line as it is.
    pub fn raw(&mut self, text: &str) {
        self.text.push_str(text);
        self.text.push('\n');
    }

    pub fn blank(&mut self) {
        self.text.push('\n');
    }

    /// The attributes and blocks of an object.
    pub fn body(&mut self, level: usize, body: &Body) {
        self.fields(level, &body.attributes, true);
        self.hidden(level, body.attributes_hidden, "unchanged attribute");
        let mut previous: Option<&str> = None;
        for block in &body.blocks {
            if previous != Some(&block.name) && !(previous.is_none() && body.attributes.is_empty()) {
                self.blank();
            }
            previous = Some(&block.name);
            self.block(level, block);
        }
        if body.blocks_hidden > 0 {
            self.blank();
            self.hidden(level, body.blocks_hidden, "unchanged block");
        }
    }

    /// Named values, their equals signs in one column.
    pub fn fields(&mut self, level: usize, fields: &[Field], null_suffix: bool) {
        let width = fields.iter().map(|field| field.name.width()).max().unwrap_or(0);
        for field in fields {
            let padding = " ".repeat(width - field.name.width());
            let removed = null_suffix && !self.in_removed && field.difference.sign == Sign::Remove;
            let suffix = if removed { paint(style::DIM, " -> null") } else { String::new() };
            self.value(level, &format!("{}{padding} = ", field.name), &field.difference, &suffix);
        }
    }

    fn block(&mut self, level: usize, block: &Block) {
        let label = block.label.as_ref().map(|label| format!(" {label}")).unwrap_or_default();
        let comment = comment(block.forces, None);
        match &block.content {
            BlockContent::Opaque(text) => {
                let arrow = if block.sign == Sign::Change { "-> " } else { "" };
                self.line(level, block.sign, &format!("{}{label} {arrow}{text}{comment}", block.name));
            }
            BlockContent::Body(body) => {
                self.line(level, block.sign, &format!("{}{label} {{{comment}", block.name));
                self.body(level + 1, body);
                self.line(level, Sign::Same, "}");
            }
        }
    }

    /// A value: `prefix` goes before its first line, `suffix` after its last.
    fn value(&mut self, level: usize, prefix: &str, difference: &Difference, suffix: &str) {
        let comment = comment(difference.forces, difference.note);
        let sign = difference.sign;
        match &difference.shape {
            Shape::Plain(text) => self.line(level, sign, &format!("{prefix}{text}{suffix}{comment}")),
            Shape::Pair(before, after) => {
                let arrow = paint(style::CHANGE, "->");
                self.line(level, sign, &format!("{prefix}{before} {arrow} {after}{suffix}{comment}"));
            }
            Shape::SameDocument => self.line(level, sign, &format!("{prefix}jsonencode(..){suffix}{comment}")),
            Shape::Lines(lines) => self.lines(level, sign, prefix, lines, suffix, &comment),
            Shape::List(elements) if elements.is_empty() => {
                self.line(level, sign, &format!("{prefix}[]{suffix}{comment}"));
            }
            Shape::List(elements) => {
                self.open(level, sign, &format!("{prefix}[{comment}"));
                self.inside(sign, |page| page.elements(level + 1, elements));
                self.close(level, &format!("]{suffix}"));
            }
            Shape::Fields { fields, hidden: 0, .. } if fields.is_empty() => {
                self.line(level, sign, &format!("{prefix}{{}}{suffix}{comment}"));
            }
            Shape::Fields { fields, hidden, kind } => {
                self.open(level, sign, &format!("{prefix}{{{comment}"));
                self.inside(sign, |page| {
                    page.fields(level + 1, fields, !page.in_document);
                    let what = match kind {
                        FieldsKind::Map => "unchanged element",
                        FieldsKind::Object => "unchanged attribute",
                    };
                    page.hidden(level + 1, *hidden, what);
                });
                self.close(level, &format!("}}{suffix}"));
            }
            Shape::Document(content) => {
                self.line(level, sign, &format!("{prefix}jsonencode({comment}"));
                let outer = std::mem::replace(&mut self.in_document, true);
                // The sign in front of the attribute stands for the whole document.
                self.value(level + 1, "", &Difference { sign: Sign::Same, ..Difference::clone(content) }, "");
                self.in_document = outer;
                self.close(level, &format!("){suffix}"));
            }
            Shape::Swap(before, after) => self.swap(level, prefix, before, after, &format!("{suffix}{comment}")),
        }
    }

    /// One value and then the one that takes its place.
    fn swap(&mut self, level: usize, prefix: &str, before: &Difference, after: &Difference, suffix: &str) {
        let arrow = paint(style::CHANGE, "->");
        let removed = Difference { sign: Sign::Change, ..before.clone() };
        if let Shape::Plain(text) = &after.shape {
            self.inside(Sign::Remove, |page| {
                page.value(level, prefix, &removed, &format!(" {arrow} {text}{suffix}"));
            });
            return;
        }
        self.inside(Sign::Remove, |page| page.value(level, prefix, &removed, &format!(" {arrow}")));
        let added = Difference { sign: Sign::Same, ..after.clone() };
        self.value(level, "", &added, suffix);
    }

    fn elements(&mut self, level: usize, elements: &[Element]) {
        for element in elements {
            match element {
                Element::Shown(difference) => self.value(level, "", difference, ","),
                Element::Hidden(count) => self.hidden(level, *count, "unchanged element"),
            }
        }
    }

    fn lines(&mut self, level: usize, sign: Sign, prefix: &str, lines: &[Line], suffix: &str, comment: &str) {
        self.line(level, sign, &format!("{prefix}<<-EOT{comment}"));
        for line in lines {
            match line {
                Line::Shown(Sign::Same, text) if text.is_empty() => self.blank(),
                Line::Shown(sign, text) => self.line(level + 1, *sign, text),
                Line::Hidden(count) => self.hidden(level + 1, *count, "unchanged line"),
            }
        }
        self.close(level, &format!("EOT{suffix}"));
    }

    /// A comment that counts what is not shown; nothing when all is.
    fn hidden(&mut self, level: usize, count: usize, what: &str) {
        if count > 0 {
            let text = paint(style::DIM, format!("# ({} hidden)", counted(count, what)));
            self.line(level, Sign::Same, &text);
        }
    }

    fn open(&mut self, level: usize, sign: Sign, text: &str) {
        let sign = if self.in_document && sign == Sign::Change { Sign::Same } else { sign };
        self.line(level, sign, text);
    }

    fn close(&mut self, level: usize, text: &str) {
        self.line(level, Sign::Same, text);
    }

    fn inside(&mut self, sign: Sign, write: impl FnOnce(&mut Page)) {
        let outer = self.in_removed;
        self.in_removed |= sign == Sign::Remove;
        write(self);
        self.in_removed = outer;
    }

    fn line(&mut self, level: usize, sign: Sign, text: &str) {
        let column = self.margin + 4 * level;
        match symbol(sign) {
            Some((symbol, style)) if column >= 2 => {
                self.indent(column - 2);
                self.text.push_str(&paint(style, symbol));
                self.text.push(' ');
            }
            Some(_) | None => self.indent(column),
        }
        self.raw(text);
    }

    fn indent(&mut self, columns: usize) {
        self.text.extend(std::iter::repeat_n(' ', columns));
    }
}

fn symbol(sign: Sign) -> Option<(&'static str, Style)> {
    match sign {
        Sign::Same => None,
        Sign::Add => Some(("+", style::ADD)),
        Sign::Remove => Some(("-", style::REMOVE)),
        Sign::Change => Some(("~", style::CHANGE)),
    }
}

fn comment(forces: bool, note: Option<Note>) -> String {
    let note = note.map(|note| match note {
        Note::WhitespaceOnly => "only whitespace changes",
        Note::NotationOnly => "same content: only the order of keys or the notation changes",
        Note::OrderOnly => "only the order of elements changes",
        Note::OrderToo => "the order of elements changes as well",
        Note::BecomesSensitive => "becomes sensitive, the value stays",
        Note::NoLongerSensitive => "is no longer sensitive and will be shown from now on, the value stays",
    });
    match (forces, note) {
        (false, None) => String::new(),
        (true, None) => format!(" {}", paint(style::REMOVE, "# forces replacement")),
        (false, Some(note)) => format!(" {}", paint(style::DIM, format_args!("# {note}"))),
        (true, Some(note)) => {
            format!(" {} {}", paint(style::REMOVE, "# forces replacement"), paint(style::DIM, format_args!("({note})")))
        }
    }
}
