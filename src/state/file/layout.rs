//! The layout of JSON in state files, which is that of Go's indented encoder, and JSON without any layout.

use std::io;

use serde_json::ser::{CharEscape, Formatter};

/// Lays JSON out as Go's `json.MarshalIndent` does with two spaces, raw parts included.
#[derive(Default)]
pub(super) struct Indented {
    depth: usize,
    /// Whether the innermost open array or object has anything in it yet.
    filled: bool,
}

/// Drops all white space around the tokens of valid JSON. Strings and numbers keep their spelling.
pub fn compact(json: &str) -> String {
    if !json.bytes().any(|byte| matches!(byte, b' ' | b'\n' | b'\r' | b'\t')) {
        return json.to_owned();
    }
    let mut out = String::with_capacity(json.len());
    let bytes = json.as_bytes();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let end = match byte {
            b' ' | b'\n' | b'\r' | b'\t' => {
                at += 1;
                continue;
            }
            b'"' => string_end(bytes, at),
            _ => word_end(bytes, at),
        };
        out.push_str(&json[at..end]);
        at = end;
    }
    out
}

/// Where the string that starts at `start` ends, its closing quote included.
fn string_end(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    loop {
        match bytes.get(at) {
            None => return bytes.len(),
            Some(b'"') => return at + 1,
            Some(b'\\') => at = (at + 2).min(bytes.len()),
            Some(_) => at += 1,
        }
    }
}

/// Where a run of characters that are neither white space nor a string ends.
fn word_end(bytes: &[u8], start: usize) -> usize {
    let run = &bytes[start..];
    start + run.iter().position(|byte| matches!(byte, b' ' | b'\n' | b'\r' | b'\t' | b'"')).unwrap_or(run.len())
}

impl Indented {
    fn new_line<W: ?Sized + io::Write>(&self, writer: &mut W) -> io::Result<()> {
        const SPACES: &[u8] = &[b' '; 64];
        writer.write_all(b"\n")?;
        let mut left = self.depth * 2;
        while left > 0 {
            let part = left.min(SPACES.len());
            writer.write_all(&SPACES[..part])?;
            left -= part;
        }
        Ok(())
    }

    fn open<W: ?Sized + io::Write>(&mut self, writer: &mut W, bracket: &[u8]) -> io::Result<()> {
        self.depth += 1;
        self.filled = false;
        writer.write_all(bracket)
    }

    fn close<W: ?Sized + io::Write>(&mut self, writer: &mut W, bracket: &[u8]) -> io::Result<()> {
        self.depth -= 1;
        if self.filled {
            self.new_line(writer)?;
        }
        self.filled = true;
        writer.write_all(bracket)
    }

    fn next<W: ?Sized + io::Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        if !first {
            writer.write_all(b",")?;
        }
        self.filled = true;
        self.new_line(writer)
    }

    /// Writes the inside of a string with the characters escaped that Go escapes beyond what JSON asks for.
    fn text<W: ?Sized + io::Write>(&self, writer: &mut W, text: &str) -> io::Result<()> {
        let bytes = text.as_bytes();
        let mut written = 0;
        let mut at = 0;
        while at < bytes.len() {
            let (escaped, length): (&[u8], usize) = match bytes[at] {
                b'<' => (b"\\u003c", 1),
                b'>' => (b"\\u003e", 1),
                b'&' => (b"\\u0026", 1),
                0xE2 if bytes[at..].starts_with("\u{2028}".as_bytes()) => (b"\\u2028", 3),
                0xE2 if bytes[at..].starts_with("\u{2029}".as_bytes()) => (b"\\u2029", 3),
                _ => {
                    at += 1;
                    continue;
                }
            };
            writer.write_all(&bytes[written..at])?;
            writer.write_all(escaped)?;
            at += length;
            written = at;
        }
        writer.write_all(&bytes[written..])
    }
}

impl Formatter for Indented {
    fn begin_array<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.open(writer, b"[")
    }

    fn end_array<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.close(writer, b"]")
    }

    fn begin_array_value<W: ?Sized + io::Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.next(writer, first)
    }

    fn begin_object<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.open(writer, b"{")
    }

    fn end_object<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.close(writer, b"}")
    }

    fn begin_object_key<W: ?Sized + io::Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.next(writer, first)
    }

    fn begin_object_value<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        writer.write_all(b": ")
    }

    fn write_string_fragment<W: ?Sized + io::Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        self.text(writer, fragment)
    }

    fn write_char_escape<W: ?Sized + io::Write>(&mut self, writer: &mut W, escape: CharEscape) -> io::Result<()> {
        let text: &[u8] = match escape {
            CharEscape::Quote => b"\\\"",
            CharEscape::ReverseSolidus => b"\\\\",
            CharEscape::Solidus => b"/",
            CharEscape::Backspace => b"\\b",
            CharEscape::FormFeed => b"\\f",
            CharEscape::LineFeed => b"\\n",
            CharEscape::CarriageReturn => b"\\r",
            CharEscape::Tab => b"\\t",
            CharEscape::AsciiControl(byte) => return write!(writer, "\\u{byte:04x}"),
        };
        writer.write_all(text)
    }

    /// Lays out JSON that was kept as text; its strings and numbers keep their spelling but for the escapes of
    /// [`Self::text`].
    fn write_raw_fragment<W: ?Sized + io::Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        let bytes = fragment.as_bytes();
        // Whether the next token is the first of its array or object.
        let mut first = false;
        let mut at = 0;
        while let Some(&byte) = bytes.get(at) {
            let closes = matches!(byte, b']' | b'}');
            if first && !closes && !byte.is_ascii_whitespace() {
                self.next(writer, true)?;
                first = false;
            }
            at = match byte {
                b' ' | b'\n' | b'\r' | b'\t' => at + 1,
                b'[' | b'{' => {
                    self.open(writer, &bytes[at..=at])?;
                    first = true;
                    at + 1
                }
                b']' | b'}' => {
                    self.close(writer, &bytes[at..=at])?;
                    first = false;
                    at + 1
                }
                b',' => {
                    self.next(writer, false)?;
                    at + 1
                }
                b':' => {
                    writer.write_all(b": ")?;
                    at + 1
                }
                b'"' => {
                    let end = string_end(bytes, at);
                    self.text(writer, &fragment[at..end])?;
                    end
                }
                _ => {
                    let rest = &bytes[at..];
                    let stop = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b',' | b']' | b'}' | b':');
                    let end = at + rest.iter().position(stop).unwrap_or(rest.len());
                    writer.write_all(&bytes[at..end])?;
                    end
                }
            };
        }
        Ok(())
    }
}
