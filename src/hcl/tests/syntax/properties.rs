//! What holds for every text.

use hcl::format::format;
use hcl::lexer::{tokenize, tokenize_template};
use hcl::span::LineIndex;
use hcl::token::{Token, TokenKind};
use hcl::{parse, parse_bytes, parse_expression, parse_template};
use proptest::prelude::*;

use crate::random::{Random, SNIPPETS, file, mutant, untidy};

fn assert_lossless(text: &str, tokens: &[Token]) {
    let mut end = 0;
    for token in tokens {
        assert_eq!(token.span.start, end, "{text:?}");
        end = token.span.end;
    }
    assert_eq!(end as usize, text.len(), "{text:?}");
    assert_eq!(tokens.last().map(|token| token.kind), Some(TokenKind::End));
}

/// Everything that must not panic, with what must hold of it.
fn exercise(text: &str) {
    assert_lossless(text, &tokenize(text));
    assert_lossless(text, &tokenize_template(text));
    let parsed = parse(text);
    for error in &parsed.errors {
        let range = error.range.to(error.context.unwrap_or(error.range));
        assert!(error.range.start <= error.range.end, "{text:?}: {error:?}");
        assert!(text.get(range.range()).is_some(), "{text:?}: {error:?}");
        assert!(!error.summary.is_empty() && !error.detail.is_empty(), "{text:?}: {error:?}");
    }
    parsed.file.for_each_expr(&mut |expr| {
        expr.walk(&mut |inner| assert!(text.get(inner.span().range()).is_some(), "{text:?}: {inner:?}"));
    });
    parse_expression(text).expr.references();
    parse_template(text).expr.references();
    hcl::json::parse(text);
    if let Ok(formatted) = format(text) {
        let again = format(&formatted);
        assert!(again.is_ok(), "{text:?} becomes {formatted:?}");
    }
}

proptest! {
    #[test]
    fn any_text_has_lossless_tokens_and_no_panic(text in ".{0,80}") {
        exercise(&text);
    }

    #[test]
    fn any_text_of_the_language_has_lossless_tokens_and_no_panic(text in r#"([ \n"$%{}\[\]().,=:*+!?~<>&|/#\\-]|EOT|<<-?EOT\n|a|1|\r\n|é|for|if|in ){0,60}"#) {
        exercise(&text);
    }

    #[test]
    fn any_bytes_are_parsed_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        parse_bytes(&bytes);
        hcl::json::parse_bytes(&bytes);
    }

    #[test]
    fn line_index_agrees_with_counting(text in "[a-c\n\ré\u{301}]{0,40}", offset in 0..60u32) {
        let position = LineIndex::new(text.as_bytes()).position(text.as_bytes(), offset);
        let mut end = (offset as usize).min(text.len());
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        prop_assert_eq!(position.line as usize, 1 + text[..end].matches('\n').count());
        if text.is_ascii() {
            let line_start = text[..end].rfind('\n').map_or(0, |newline| newline + 1);
            prop_assert_eq!(position.column as usize, 1 + end - line_start);
        }
    }
}

#[test]
fn mutants_have_lossless_tokens_and_no_panic() {
    let mut random = Random::new(1);
    for _ in 0..1_000 {
        exercise(&mutant(&mut random));
        exercise(&untidy(&mut random));
    }
}

#[test]
fn formatting_keeps_the_tree_and_is_stable() {
    let mut random = Random::new(2);
    let texts = SNIPPETS.iter().map(|snippet| (*snippet).to_owned()).chain((0..500).map(|_| file(&mut random)));
    for text in texts {
        let formatted = format(&text).expect("the file is well-formed");
        assert_eq!(format(&formatted).as_ref(), Ok(&formatted), "{text:?}");
    }
}
