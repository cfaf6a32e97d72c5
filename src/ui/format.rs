//! What `fmt` shows: the changes of a file as a unified diff.

use std::ops::Range;

use similar::{Algorithm, DiffOp, capture_diff_slices, group_diff_ops};

/// How many unchanged lines are shown around changed ones.
const CONTEXT_LINES: usize = 3;

/// The difference of two texts in the unified format, as `diff -u` and `terraform fmt -diff` have it: patches can be made of it.
///
/// The names in its head are `old/PATH` and `new/PATH`. Bytes are shown as they are, whatever they are.
pub fn unified_diff(path: &str, before: &[u8], after: &[u8]) -> Vec<u8> {
    let mut old = Side::new(before);
    let mut new = Side::new(after);
    for op in capture_diff_slices(Algorithm::Hunt, &old.lines, &new.lines) {
        if !matches!(op, DiffOp::Equal { .. }) {
            old.changed[op.old_range()].fill(true);
            new.changed[op.new_range()].fill(true);
        }
    }
    old.settle(&new.gaps());
    new.settle(&old.gaps());
    let mut diff = format!("--- old/{path}\n+++ new/{path}\n").into_bytes();
    for hunk in group_diff_ops(operations(&old, &new), CONTEXT_LINES) {
        let (Some(first), Some(last)) = (hunk.first(), hunk.last()) else { continue };
        let olds = place(first.old_range().start..last.old_range().end);
        let news = place(first.new_range().start..last.new_range().end);
        diff.extend_from_slice(format!("@@ -{olds} +{news} @@\n").as_bytes());
        for op in hunk {
            if let DiffOp::Equal { .. } = op {
                push_lines(&mut diff, b' ', &old.lines[op.old_range()]);
            } else {
                push_lines(&mut diff, b'-', &old.lines[op.old_range()]);
                push_lines(&mut diff, b'+', &new.lines[op.new_range()]);
            }
        }
    }
    diff
}

/// A text as lines, of which those that are not changed are the lines of the other text that are not changed.
struct Side<'a> {
    lines: Vec<&'a [u8]>,
    changed: Vec<bool>,
}

impl<'a> Side<'a> {
    fn new(text: &'a [u8]) -> Self {
        let lines: Vec<&[u8]> = text.split_inclusive(|byte| *byte == b'\n').collect();
        let changed = vec![false; lines.len()];
        Side { lines, changed }
    }

    /// For each place between two unchanged lines, and before and after all of them, whether there are changed lines.
    fn gaps(&self) -> Vec<bool> {
        let mut gaps = vec![false];
        for changed in &self.changed {
            match (changed, gaps.last_mut()) {
                (true, Some(gap)) => *gap = true,
                (true, None) | (false, _) => gaps.push(false),
            }
        }
        gaps
    }

    /// Moves each run of changed lines to where it reads best, if the lines around it are such that it may be any of several runs.
    ///
    /// That is beside a change of the other text, whose gaps are `opposite`, else as far down as possible; runs that meet are one.
    fn settle(&mut self, opposite: &[bool]) {
        let mut from = 0;
        let mut gap = 0;
        while let Some(unchanged) = self.changed[from..].iter().position(|changed| *changed) {
            let start = from + unchanged;
            let mut run = Run { lines: start..start, gap: gap + unchanged };
            self.extend(&mut run);
            loop {
                let length = run.lines.len();
                while self.move_up(&mut run) {}
                let mut beside = opposite[run.gap].then_some(run.lines.end);
                while self.move_down(&mut run) {
                    if opposite[run.gap] {
                        beside = Some(run.lines.end);
                    }
                }
                if run.lines.len() == length {
                    while beside.is_some_and(|end| run.lines.end > end) && self.move_up(&mut run) {}
                    break;
                }
            }
            (from, gap) = (run.lines.end, run.gap);
        }
    }

    /// Takes the runs above and below that a run touches into it.
    fn extend(&self, run: &mut Run) {
        let above = self.changed[..run.lines.start].iter().rev().take_while(|changed| **changed).count();
        let below = self.changed[run.lines.end..].iter().take_while(|changed| **changed).count();
        run.lines = run.lines.start - above..run.lines.end + below;
    }

    fn move_up(&mut self, run: &mut Run) -> bool {
        let Range { start, end } = run.lines;
        if start == 0 || self.lines[start - 1] != self.lines[end - 1] {
            return false;
        }
        self.changed[start - 1] = true;
        self.changed[end - 1] = false;
        *run = Run { lines: start - 1..end - 1, gap: run.gap - 1 };
        self.extend(run);
        true
    }

    fn move_down(&mut self, run: &mut Run) -> bool {
        let Range { start, end } = run.lines;
        if end == self.lines.len() || self.lines[start] != self.lines[end] {
            return false;
        }
        self.changed[start] = false;
        self.changed[end] = true;
        *run = Run { lines: start + 1..end + 1, gap: run.gap + 1 };
        self.extend(run);
        true
    }
}

/// Changed lines one after another.
struct Run {
    lines: Range<usize>,
    /// How many unchanged lines are before it.
    gap: usize,
}

/// What makes the new text of the old one.
fn operations(old: &Side<'_>, new: &Side<'_>) -> Vec<DiffOp> {
    let run = |side: &Side<'_>, from: usize, changed: bool| {
        side.changed[from..].iter().take_while(|is_changed| **is_changed == changed).count()
    };
    let mut ops = Vec::new();
    let (mut old_index, mut new_index) = (0, 0);
    while old_index < old.lines.len() || new_index < new.lines.len() {
        let (old_len, new_len) = (run(old, old_index, true), run(new, new_index, true));
        if old_len > 0 || new_len > 0 {
            ops.push(DiffOp::Replace { old_index, old_len, new_index, new_len });
            (old_index, new_index) = (old_index + old_len, new_index + new_len);
        }
        let len = run(old, old_index, false).min(run(new, new_index, false));
        if len > 0 {
            ops.push(DiffOp::Equal { old_index, new_index, len });
            (old_index, new_index) = (old_index + len, new_index + len);
        }
    }
    ops
}

/// Lines from 1 as the head of a hunk names them: the number of the first, and how many if not one.
fn place(lines: Range<usize>) -> String {
    match lines.len() {
        0 => format!("{},0", lines.start),
        1 => format!("{}", lines.start + 1),
        length => format!("{},{length}", lines.start + 1),
    }
}

fn push_lines(diff: &mut Vec<u8>, sign: u8, lines: &[&[u8]]) {
    for line in lines {
        diff.push(sign);
        diff.extend_from_slice(line);
        if !line.ends_with(b"\n") {
            diff.extend_from_slice(b"\n\\ No newline at end of file\n");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn diff(before: &str, after: &str) -> String {
        String::from_utf8(unified_diff("a.tf", before.as_bytes(), after.as_bytes())).expect("texts are UTF-8")
    }

    #[test]
    fn changed_lines_are_shown_with_three_around_them() {
        let before = "a\nb\nc\nd\ne=1\nf\ng\nh\ni\nj\nk\nl\nm=2\n";
        let after = "a\nb\nc\nd\ne = 1\nf\ng\nh\ni\nj\nk\nl\nm = 2\n";
        insta::assert_snapshot!(diff(before, after), @r"
        --- old/a.tf
        +++ new/a.tf
        @@ -2,7 +2,7 @@
         b
         c
         d
        -e=1
        +e = 1
         f
         g
         h
        @@ -10,4 +10,4 @@
         j
         k
         l
        -m=2
        +m = 2
        ");
    }

    #[test]
    fn line_that_is_there_several_times_changes_beside_its_successor() {
        insta::assert_snapshot!(diff("a {\n  b {\n    c\n}\n}\n}\n", "a {\n  b {\n    c\n  }\n}\n}\n"), @r"
        --- old/a.tf
        +++ new/a.tf
        @@ -1,6 +1,6 @@
         a {
           b {
             c
        -}
        +  }
         }
         }
        ");
        insta::assert_snapshot!(diff("a\nb\n\nb\nc\n", "a\nb\n\nb\n\nb\nc\n"), @r"
        --- old/a.tf
        +++ new/a.tf
        @@ -2,4 +2,6 @@
         b
         
         b
        +
        +b
         c
        ");
    }

    #[test]
    fn missing_newlines_and_empty_texts_are_said() {
        insta::assert_snapshot!(diff("a=1", "a = 1\n"), @r"
        --- old/a.tf
        +++ new/a.tf
        @@ -1 +1 @@
        -a=1
        \ No newline at end of file
        +a = 1
        ");
        insta::assert_snapshot!(diff("", "a\nb\n"), @r"
        --- old/a.tf
        +++ new/a.tf
        @@ -0,0 +1,2 @@
        +a
        +b
        ");
        assert_eq!(unified_diff("b", b"\xff\n", b"c\n"), b"--- old/b\n+++ new/b\n@@ -1 +1 @@\n-\xff\n+c\n");
    }
}
