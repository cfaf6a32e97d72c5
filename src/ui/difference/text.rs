//! Differences of strings: one line, several lines, or JSON.

use similar::{Algorithm, DiffOp, capture_diff_slices};

use super::document;
use super::{Comparison, Difference, Line, Note, Shape, Sign};
use crate::escape;

/// How many unchanged lines are shown on either side of a changed one.
const CONTEXT_LINES: usize = 3;

impl Comparison<'_> {
    pub(super) fn strings(&self, before: &str, after: &str) -> Difference {
        if before == after {
            return Difference::new(Sign::Same, self.whole_string(Sign::Same, after));
        }
        if let (Some(old), Some(new)) = (document::parse(before), document::parse(after)) {
            return self.documents(before, &old, after, &new);
        }
        if !before.contains('\n') && !after.contains('\n') {
            let pair = Shape::Pair(escape::quoted(before), escape::quoted(after));
            return Difference::new(Sign::Change, pair);
        }
        let mut difference = Difference::new(Sign::Change, Shape::Lines(changed_lines(before, after)));
        if before.split_whitespace().eq(after.split_whitespace()) {
            difference.note = Some(Note::WhitespaceOnly);
        }
        difference
    }

    pub(super) fn whole_string(&self, sign: Sign, text: &str) -> Shape {
        if let Some(document) = document::parse(text) {
            return Shape::Document(Box::new(self.whole_document(sign, &document)));
        }
        if !text.contains('\n') {
            return Shape::Plain(escape::quoted(text));
        }
        let lines = text.strip_suffix('\n').unwrap_or(text).split('\n');
        // A text that is removed or added as a whole needs no sign on every line.
        Shape::Lines(lines.map(|line| Line::Shown(Sign::Same, shown_line(line))).collect())
    }
}

fn changed_lines(before: &str, after: &str) -> Vec<Line> {
    let (before, after) = match (before.strip_suffix('\n'), after.strip_suffix('\n')) {
        (Some(before), Some(after)) => (before, after),
        (Some(_), None) | (None, Some(_)) | (None, None) => (before, after),
    };
    let old: Vec<&str> = before.split('\n').collect();
    let new: Vec<&str> = after.split('\n').collect();
    let ops = capture_diff_slices(Algorithm::Myers, &old, &new);
    let mut lines = Vec::new();
    for (index, op) in ops.iter().enumerate() {
        if let DiffOp::Equal { new_index, len, .. } = *op {
            let run = &new[new_index..new_index + len];
            let head = if index == 0 { 0 } else { CONTEXT_LINES };
            let tail = if index + 1 == ops.len() { 0 } else { CONTEXT_LINES };
            push_unchanged(&mut lines, run, head, tail);
        } else {
            lines.extend(old[op.old_range()].iter().map(|line| Line::Shown(Sign::Remove, shown_line(line))));
            lines.extend(new[op.new_range()].iter().map(|line| Line::Shown(Sign::Add, shown_line(line))));
        }
    }
    lines
}

/// The first and last lines of an unchanged run, and a count of those between; a single line is not worth hiding.
fn push_unchanged(lines: &mut Vec<Line>, run: &[&str], head: usize, tail: usize) {
    let shown = |line: &&str| Line::Shown(Sign::Same, shown_line(line));
    if run.len() <= head + tail + 1 {
        lines.extend(run.iter().map(shown));
        return;
    }
    lines.extend(run[..head].iter().map(shown));
    lines.push(Line::Hidden(run.len() - head - tail));
    lines.extend(run[run.len() - tail..].iter().map(shown));
}

fn shown_line(line: &str) -> String {
    escape::inert(line).into_owned()
}
