//! Source files and ranges in them.

use std::sync::Arc;

/// A file of a [`SourceMap`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct FileId(pub u32);

/// A range of bytes of a file: `start` inclusive, `end` exclusive.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct SourceRange {
    pub file: FileId,
    pub start: u32,
    pub end: u32,
}

/// All source text that diagnostics may point into.
#[derive(Clone, Debug, Default)]
pub struct SourceMap {
    files: Vec<SourceFile>,
}

/// One source file: its name as shown to the user, and its text.
#[derive(Clone, Debug)]
pub struct SourceFile {
    pub name: Arc<str>,
    pub text: Arc<str>,
}

/// A place as people count it: line and column from 1, columns in characters; `byte` from 0.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Position {
    pub line: usize,
    pub column: usize,
    pub byte: usize,
}

impl SourceMap {
    pub fn add(&mut self, name: impl Into<Arc<str>>, text: impl Into<Arc<str>>) -> FileId {
        let id = FileId(u32::try_from(self.files.len()).expect("fewer than 2^32 source files"));
        self.files.push(SourceFile { name: name.into(), text: text.into() });
        id
    }

    pub fn file(&self, id: FileId) -> &SourceFile {
        &self.files[id.0 as usize]
    }

    pub fn files(&self) -> impl Iterator<Item = (FileId, &SourceFile)> {
        self.files.iter().enumerate().map(|(index, file)| (FileId(index as u32), file))
    }

    /// The text of a range.
    pub fn text(&self, range: SourceRange) -> &str {
        self.file(range.file).text.get(range.start as usize..range.end as usize).unwrap_or("")
    }

    /// Where a range starts.
    pub fn start(&self, range: SourceRange) -> Position {
        self.file(range.file).position(range.start as usize)
    }

    /// Where a range ends (the first place after it).
    pub fn end(&self, range: SourceRange) -> Position {
        self.file(range.file).position(range.end as usize)
    }

    /// `network.tf line 12`, as the first line of a diagnostic's place.
    pub fn describe(&self, range: SourceRange) -> String {
        format!("{} line {}", self.file(range.file).name, self.start(range).line)
    }
}

impl SourceFile {
    /// The place of a byte offset; an offset past the end is the end.
    pub fn position(&self, byte: usize) -> Position {
        let byte = (0..=byte.min(self.text.len())).rev().find(|at| self.text.is_char_boundary(*at)).unwrap_or(0);
        let before = &self.text[..byte];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Position {
            line: before.bytes().filter(|byte| *byte == b'\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
            byte,
        }
    }
}

impl SourceRange {
    /// The smallest range that holds both; both must be of one file.
    pub fn to(self, other: SourceRange) -> SourceRange {
        debug_assert_eq!(self.file, other.file, "ranges of two files have no common range");
        SourceRange { file: self.file, start: self.start.min(other.start), end: self.end.max(other.end) }
    }
}
