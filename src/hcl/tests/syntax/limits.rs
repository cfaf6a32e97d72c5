//! Hostile input is an error or a tree, never a crash and never slow.

use std::time::{Duration, Instant};

use hcl::ast::Expr;
use hcl::{NESTING_MAX, parse, parse_expression};

const DEEP: usize = 50_000;

fn nested(open: &str, middle: &str, close: &str, times: usize) -> String {
    format!("{}{middle}{}", open.repeat(times), close.repeat(times))
}

#[test]
fn nesting_up_to_the_limit_is_accepted_and_deeper_is_an_error() {
    for (open, middle, close) in [
        ("(", "1", ")"),
        ("[", "1", "]"),
        ("{a=", "1", "}"),
        ("f(", "1", ")"),
        ("\"${", "1", "}\""),
        ("-", "1", ""),
        ("!", "a", ""),
        ("a[", "1", "]"),
        ("a ? ", "b", " : c"),
        ("a ? b : ", "c", ""),
        ("[for x in y : ", "x", "]"),
        ("{for x in y : x => ", "x", "}"),
        ("a", "[*]", ""),
    ] {
        let fine = parse_expression(&nested(open, middle, close, NESTING_MAX - 2));
        assert_eq!(fine.errors, [], "{open}");
        let deep = parse_expression(&nested(open, middle, close, DEEP));
        if middle != "[*]" {
            assert_eq!(deep.errors[0].summary, "Nesting too deep", "{open}");
        }
        drop(fine.expr.clone());
    }
    let splats = parse_expression(&format!("a{}", "[*]".repeat(DEEP)));
    assert_eq!(splats.errors[0].summary, "Nesting too deep");
}

#[test]
fn blocks_and_directives_nest_up_to_the_limit() {
    let text = format!("{}{}", "a {\n".repeat(DEEP), "}\n".repeat(DEEP));
    assert_eq!(parse(&text).errors[0].summary, "Nesting too deep");
    let text = format!("{}{}", "a {\n".repeat(NESTING_MAX - 1), "}\n".repeat(NESTING_MAX - 1));
    assert_eq!(parse(&text).errors, []);
    let text = format!("\"{}{}\"", "%{if a}".repeat(DEEP), "%{endif}".repeat(DEEP));
    assert_eq!(parse_expression(&text).errors[0].summary, "Nesting too deep");
}

#[test]
fn chains_of_operators_and_steps_have_no_limit() {
    for (first, next) in [("1", " + 1"), ("a", ".b"), ("a", "[b]"), ("a", "[0]"), ("true", " && a == b")] {
        let parsed = parse_expression(&format!("{first}{}", next.repeat(DEEP)));
        assert_eq!(parsed.errors, [], "{next}");
        parsed.expr.references();
    }
    let Expr::Binary(binary) = parse_expression(&format!("1{}", " - 1".repeat(DEEP))).expr else {
        panic!("a chain of operators is one node");
    };
    assert_eq!(binary.rest.len(), DEEP);
}

/// Parses 20,000 of something and 5,000 of it, and fails if the first always takes far more than four times as long.
fn assert_linear(name: &str, text: impl Fn(usize) -> String) {
    let [small, large] = [text(5_000), text(20_000)];
    let time = |text: &str| {
        let start = Instant::now();
        std::hint::black_box(parse(text));
        start.elapsed()
    };
    let mut seen = Vec::new();
    for _ in 0..10 {
        let (small, large) = (time(&small), time(&large));
        if large < small * 10 + Duration::from_millis(20) {
            return;
        }
        seen.push((small, large));
    }
    panic!("{name}: for 5,000 and 20,000 it took {seen:?}");
}

#[test]
fn time_grows_with_the_length_alone() {
    assert_linear("attributes", |count| (0..count).map(|index| format!("key{index} = {index}\n")).collect());
    assert_linear("object keys", |count| {
        let entries: String = (0..count).map(|index| format!("key{index} = {index}\n")).collect();
        format!("a = {{\n{entries}}}\n")
    });
    assert_linear("duplicates", |count| "a = 1\n".repeat(count));
    assert_linear("errors", |count| "a = ]\n".repeat(count));
    assert_linear("unclosed comments", |count| "/* ".repeat(count));
    assert_linear("unclosed quotes", |count| "a = \"${\"\n".repeat(count));
    assert_linear("unclosed heredocs", |count| "a = <<A\n${\"${\"\n".repeat(count));
    assert_linear("unclosed brackets", |count| "a = [\n".repeat(count));
    assert_linear("unclosed blocks", |count| "a {\n".repeat(count));
    assert_linear("heredoc lines", |count| format!("a = <<-A\n{}A\n", "  x\n".repeat(count)));
    assert_linear("newlines in parentheses", |count| format!("a = ({}1)\n", "\n".repeat(count)));
    assert_linear("dollars", |count| format!("a = \"{}\"\n", "$".repeat(count)));
    assert_linear("escapes", |count| format!("a = \"{}\"\n", "\\n".repeat(count)));
}

#[test]
fn object_of_20_000_keys_parses_like_as_many_attributes() {
    let entries: String = (0..20_000).map(|index| format!("key{index} = {index}\n")).collect();
    let measure = |text: &str| {
        let start = Instant::now();
        assert_eq!(parse(text).errors, []);
        start.elapsed()
    };
    let attributes = measure(&entries);
    let object = measure(&format!("a = {{\n{entries}}}\n"));
    assert!(object < attributes * 3 + Duration::from_millis(20), "{object:?} against {attributes:?}");
}
