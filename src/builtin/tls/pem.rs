//! PEM: bytes as text between lines that name them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// How many characters a line has.
const LINE: usize = 64;

/// One block: what its bytes are, and they themselves.
#[derive(Clone, PartialEq)]
pub struct Block {
    pub label: String,
    pub bytes: Vec<u8>,
}

/// All blocks of a text; what stands between them says nothing.
///
/// A block that is broken, or has headers (as encrypted keys have), ends the list with an error that says so.
pub fn decode(text: &str) -> impl Iterator<Item = Result<Block, PemError>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let (_, from_label) = rest.split_once("-----BEGIN ")?;
        let Some((label, body)) = from_label.split_once("-----") else {
            rest = "";
            return Some(Err(PemError::Unfinished));
        };
        let end = format!("-----END {label}-----");
        let Some((content, after)) = body.split_once(&end) else {
            rest = "";
            return Some(Err(PemError::Unfinished));
        };
        rest = after;
        if content.contains(':') {
            return Some(Err(PemError::Headers));
        }
        let digits: String = content.split_ascii_whitespace().collect();
        Some(match STANDARD.decode(digits) {
            Ok(bytes) => Ok(Block { label: label.into(), bytes }),
            Err(_) => Err(PemError::Base64),
        })
    })
}

/// Writes a block, with a newline at the end.
pub fn encode(label: &str, bytes: &[u8]) -> String {
    let digits = STANDARD.encode(bytes);
    let mut text = format!("-----BEGIN {label}-----\n");
    for line in digits.as_bytes().chunks(LINE) {
        text.push_str(std::str::from_utf8(line).expect("base64 is ASCII"));
        text.push('\n');
    }
    text.push_str(&format!("-----END {label}-----\n"));
    text
}

/// Text that is no PEM. Says nothing of its content, which may be a secret.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum PemError {
    #[error("a PEM block does not end")]
    Unfinished,
    #[error("a PEM block has headers, as encrypted keys have; only plain ones can be read")]
    Headers,
    #[error("a PEM block is no base64")]
    Base64,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(text: &str) -> Result<Vec<(String, usize)>, PemError> {
        decode(text).map(|block| block.map(|block| (block.label, block.bytes.len()))).collect()
    }

    #[test]
    fn blocks_come_back_as_they_were_written() {
        let text = format!("note\n{}between\r\n{}end", encode("A B", &[7; 100]), encode("C", b""));
        assert_eq!(labels(&text), Ok(vec![("A B".into(), 100), ("C".into(), 0)]));
        assert!(text.lines().all(|line| line.len() <= 64));
    }

    #[test]
    fn broken_blocks_are_errors() {
        assert_eq!(labels("-----BEGIN A"), Err(PemError::Unfinished));
        assert_eq!(labels("-----BEGIN A-----\nAA==\n-----END B-----\n"), Err(PemError::Unfinished));
        assert_eq!(labels("-----BEGIN A-----\n?\n-----END A-----\n"), Err(PemError::Base64));
        assert_eq!(labels("-----BEGIN A-----\nProc-Type: 4\n\nAA==\n-----END A-----\n"), Err(PemError::Headers));
        assert_eq!(labels("nothing"), Ok(Vec::new()));
    }
}
