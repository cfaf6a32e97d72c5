//! Byte ranges and what they are in lines and columns.

use std::fmt;

use unicode_segmentation::UnicodeSegmentation;

/// A byte range of a text: `start` inclusive, `end` exclusive. Texts are at most 4 GiB.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Span {
    pub start: u32,
    pub end: u32,
}

impl Span {
    /// The range from `start` to before `end`.
    pub const fn new(start: u32, end: u32) -> Self {
        Span { start, end }
    }

    /// The empty range at `offset`.
    pub const fn at(offset: u32) -> Self {
        Span { start: offset, end: offset }
    }

    /// The smallest range with both in it.
    pub fn to(self, other: Span) -> Self {
        Span { start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// The length in bytes.
    pub const fn len(self) -> u32 {
        self.end - self.start
    }

    /// Whether nothing is in it.
    pub const fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// The range for slicing the text.
    pub const fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }
}

impl fmt::Debug for Span {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}..{}", self.start, self.end)
    }
}

/// A place in a text as people count it, both from 1.
///
/// Columns count grapheme clusters, as Terraform does: `é` is one however it is encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    pub line: u32,
    pub column: u32,
}

/// Finds the line and column of byte offsets: one pass to build, then a binary search an offset.
#[derive(Debug, Clone)]
pub struct LineIndex {
    /// Where each line begins; the first at 0.
    starts: Vec<u32>,
    ascii: bool,
}

impl LineIndex {
    /// Indexes a text. A line ends with its `\n`.
    pub fn new(text: &[u8]) -> Self {
        let newlines = text.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
        let starts = std::iter::once(0).chain(newlines.map(|(offset, _)| offset as u32 + 1)).collect();
        LineIndex { starts, ascii: text.is_ascii() }
    }

    /// The position of a byte offset; offsets past the end are the end. `text` is the text the index was built from.
    pub fn position(&self, text: &[u8], offset: u32) -> Position {
        let offset = offset.min(text.len() as u32);
        let line = self.starts.partition_point(|start| *start <= offset) - 1;
        let before = &text[self.starts[line] as usize..offset as usize];
        let clusters = if self.ascii || before.is_ascii() {
            before.len()
        } else {
            String::from_utf8_lossy(before).graphemes(true).count()
        };
        Position { line: line as u32 + 1, column: clusters as u32 + 1 }
    }

    /// The byte offset at which a line (from 1) begins, if there is such a line.
    pub fn line_start(&self, line: u32) -> Option<u32> {
        self.starts.get((line as usize).checked_sub(1)?).copied()
    }

    /// How many lines there are; a text that ends with a newline has an empty last line.
    pub fn line_count(&self) -> u32 {
        self.starts.len() as u32
    }
}
