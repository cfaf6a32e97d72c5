//! Patterns for file names, and the files that match them.

use std::path::Path;

/// A text that is no pattern, because something in it does not end.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub(super) enum PatternError {
    #[error("a brace is not closed")]
    Brace,
    #[error("a bracket is not closed")]
    Bracket,
    #[error("an escape is at the end")]
    Escape,
}

/// A pattern for file names: `*`, `?`, `[class]` and `{a,b}` within a part, `**` for any number of folders.
pub(super) struct Glob {
    alternatives: Vec<Vec<String>>,
}

impl Glob {
    pub fn parse(pattern: &str) -> Result<Glob, PatternError> {
        let mut alternatives = Vec::new();
        for text in expand_braces(pattern)? {
            let parts: Vec<String> = text.split('/').map(str::to_owned).collect();
            for part in &parts {
                matches_part(part, "")?;
            }
            alternatives.push(parts);
        }
        Ok(Glob { alternatives })
    }

    /// Appends the paths of matching files, relative to `root`.
    pub fn find(&self, root: &Path, found: &mut Vec<String>) -> std::io::Result<()> {
        if !root.exists() {
            return Ok(());
        }
        for parts in &self.alternatives {
            find_below(root, "", parts, found)?;
        }
        Ok(())
    }
}

fn find_below(folder: &Path, prefix: &str, parts: &[String], found: &mut Vec<String>) -> std::io::Result<()> {
    let Some((part, rest)) = parts.split_first() else { return Ok(()) };
    if part == ".." || part == "." {
        return find_below(&folder.join(part), &format!("{prefix}{part}/"), rest, found);
    }
    let deep = part == "**";
    if deep && !rest.is_empty() {
        find_below(folder, prefix, rest, found)?;
    }
    let mut entries: Vec<_> = std::fs::read_dir(folder)?.collect::<Result<_, _>>()?;
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let name = entry.file_name().to_string_lossy().into_owned();
        // Links count as what they lead to; a link to nothing is not found.
        let Ok(metadata) = std::fs::metadata(entry.path()) else { continue };
        let path = format!("{prefix}{name}");
        if metadata.is_dir() {
            let below = format!("{path}/");
            if deep {
                find_below(&entry.path(), &below, parts, found)?;
            } else if matches_part(part, &name).unwrap_or(false) {
                find_below(&entry.path(), &below, rest, found)?;
            }
        } else if rest.is_empty() && (deep || matches_part(part, &name).unwrap_or(false)) {
            found.push(path);
        }
    }
    Ok(())
}

/// All texts that the alternatives in braces stand for.
fn expand_braces(pattern: &str) -> Result<Vec<String>, PatternError> {
    let Some(open) = pattern.find('{') else { return Ok(vec![pattern.to_owned()]) };
    let mut depth = 0;
    let mut starts = vec![open + 1];
    let mut close = None;
    for (at, c) in pattern.char_indices().skip_while(|(at, _)| *at < open) {
        match c {
            '{' => depth += 1,
            '}' if depth == 1 => {
                close = Some(at);
                break;
            }
            '}' => depth -= 1,
            ',' if depth == 1 => starts.push(at + 1),
            _ => {}
        }
    }
    let close = close.ok_or(PatternError::Brace)?;
    let mut expanded = Vec::new();
    for (index, start) in starts.iter().enumerate() {
        let end = starts.get(index + 1).map_or(close, |next| next - 1);
        let text = format!("{}{}{}", &pattern[..open], &pattern[*start..end], &pattern[close + 1..]);
        expanded.extend(expand_braces(&text)?);
    }
    Ok(expanded)
}

/// Whether a name matches one part of a pattern.
fn matches_part(pattern: &str, name: &str) -> Result<bool, PatternError> {
    let pattern: Vec<char> = pattern.chars().collect();
    let name: Vec<char> = name.chars().collect();
    let mut at = 0;
    let mut position = 0;
    // Where to go on after the last star: the pattern behind it, and the first character it has not taken yet.
    let mut retry: Option<(usize, usize)> = None;
    loop {
        if at == pattern.len() {
            if position == name.len() {
                return Ok(true);
            }
        } else if pattern[at] == '*' {
            retry = Some((at + 1, position));
            at += 1;
            continue;
        } else {
            let (length, matched) = match_one(&pattern[at..], name.get(position).copied())?;
            if matched {
                at += length;
                position += 1;
                continue;
            }
        }
        match retry {
            Some((after, from)) if from < name.len() => {
                retry = Some((after, from + 1));
                at = after;
                position = from + 1;
            }
            Some(_) | None => {
                // The rest of the pattern is looked at for mistakes only.
                let mut rest = at;
                while rest < pattern.len() {
                    rest += if pattern[rest] == '*' { 1 } else { match_one(&pattern[rest..], None)?.0 };
                }
                return Ok(false);
            }
        }
    }
}

/// Matches one character; gives how long that element of the pattern is.
fn match_one(pattern: &[char], c: Option<char>) -> Result<(usize, bool), PatternError> {
    match pattern[0] {
        '?' => Ok((1, c.is_some())),
        '\\' => match pattern.get(1) {
            Some(escaped) => Ok((2, c == Some(*escaped))),
            None => Err(PatternError::Escape),
        },
        '[' => {
            let mut at = 1;
            let negated = matches!(pattern.get(at), Some('^' | '!'));
            at += usize::from(negated);
            let mut matched = false;
            let mut first = true;
            loop {
                let literal = |at: &mut usize| -> Result<char, PatternError> {
                    let escaped = pattern.get(*at) == Some(&'\\');
                    *at += usize::from(escaped);
                    let c = pattern.get(*at).copied().ok_or(PatternError::Bracket)?;
                    *at += 1;
                    Ok(c)
                };
                if pattern.get(at) == Some(&']') && !first {
                    return Ok((at + 1, c.is_some() && matched != negated));
                }
                first = false;
                let low = literal(&mut at)?;
                let high = if pattern.get(at) == Some(&'-') && pattern.get(at + 1) != Some(&']') {
                    at += 1;
                    literal(&mut at)?
                } else {
                    low
                };
                matched |= c.is_some_and(|c| (low..=high).contains(&c));
            }
        }
        literal => Ok((1, c == Some(literal))),
    }
}
