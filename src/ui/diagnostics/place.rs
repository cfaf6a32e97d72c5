//! Where a diagnostic points to: file, line, and the block around it.

use std::ops::Range;

use model::source::{Position, SourceMap, SourceRange};

use crate::escape::{inert_line, quoted};

/// A place in a source file and the top-level block it is in.
pub(super) struct Place<'a> {
    sources: &'a SourceMap,
    subject: SourceRange,
    header: Option<Header>,
}

/// What a block begins with: `resource "aws_vpc" "main"`.
struct Header {
    text: String,
    labels: Vec<String>,
    span: Range<usize>,
}

impl<'a> Place<'a> {
    pub fn of(subject: SourceRange, sources: &'a SourceMap) -> Place<'a> {
        Place { sources, subject, header: header(subject, sources) }
    }

    /// `on main.tf line 3, in resource "aws_vpc" "main":`
    pub fn text(&self) -> String {
        let file = &self.sources.file(self.subject.file).name;
        let line = self.start().line;
        let context = self.context().map(|context| format!(", in {context}")).unwrap_or_default();
        format!("on {} line {line}{context}:", inert_line(file))
    }

    /// The header of the block that the place is in.
    pub fn context(&self) -> Option<&str> {
        Some(&self.header.as_ref()?.text)
    }

    /// Whether the header of the block names the same resource as an address.
    pub fn names(&self, address: &str) -> bool {
        self.header.as_ref().is_some_and(|header| header.labels.len() > 1 && header.labels.join(".") == address)
    }

    pub fn start(&self) -> Position {
        self.sources.start(self.subject)
    }

    pub fn end(&self) -> Position {
        self.sources.end(self.subject)
    }

    /// The bytes to underline: within the text, and at least one where there is one.
    pub fn span(&self) -> Range<usize> {
        let text = &self.sources.file(self.subject.file).text;
        let start = self.start().byte;
        let end = self.end().byte.max(start);
        if end > start {
            return start..end;
        }
        let next = text[start..].chars().next().filter(|next| *next != '\n');
        start..start + next.map_or(0, char::len_utf8)
    }

    /// The bytes of the header, when it is on another line than the subject.
    pub fn header_span(&self) -> Option<Range<usize>> {
        let header = self.header.as_ref()?;
        let text = &self.sources.file(self.subject.file).text;
        text.get(header.span.start..self.start().byte)?.contains('\n').then(|| header.span.clone())
    }

    /// The whole lines of the subject, and the byte they start at.
    pub fn lines(&self) -> (&'a str, usize) {
        let text: &'a str = &self.sources.file(self.subject.file).text;
        let start = text[..self.start().byte].rfind('\n').map_or(0, |newline| newline + 1);
        let end = self.end().byte.max(self.start().byte);
        // A range that ends behind a line break does not reach into the next line.
        let last = if end > start && text[..end].ends_with('\n') { end - 1 } else { end };
        let end = text[last..].find('\n').map_or(text.len(), |newline| last + newline);
        (&text[start..end], start)
    }
}

/// What the names of files with blocks end in.
const IN_NATIVE_SYNTAX: [&str; 4] = [".tf", ".tfvars", ".tftest.hcl", ".tfmock.hcl"];

fn header(subject: SourceRange, sources: &SourceMap) -> Option<Header> {
    let file = sources.file(subject.file);
    if !IN_NATIVE_SYNTAX.iter().any(|ending| file.name.ends_with(ending)) {
        return None;
    }
    let parsed = hcl::parse(&file.text);
    let block = parsed.file.blocks().find(|block| {
        let end = block.span.end.max(block.header.end + 1);
        block.span.start <= subject.start && subject.start < end
    })?;
    if subject.start < block.header.end {
        // The subject is the block itself.
        return None;
    }
    let labels: Vec<String> = block.labels.iter().map(|label| label.text.to_string()).collect();
    let quoted: Vec<String> = labels.iter().map(|label| format!(" {}", quoted(label))).collect();
    let text = format!("{}{}", block.kind.name, quoted.concat());
    Some(Header { text, labels, span: block.header.range() })
}
