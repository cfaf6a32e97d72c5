//! Whole trees with their ranges.

use hcl::ast::Expr;
use hcl::{parse, parse_expression};

#[test]
fn block_has_the_ranges_errors_need() {
    let parsed = parse("resource \"a\" b {\n  c = 1\n}\n");
    insta::assert_debug_snapshot!(parsed.file);
}

#[test]
fn access_keeps_static_steps_in_its_base() {
    insta::assert_debug_snapshot!(parse_expression("a.b[count.index].c.*.d").expr);
}

#[test]
fn template_parts_have_the_range_they_were_written_in() {
    insta::assert_debug_snapshot!(parse_expression(r#""a\n${~ b }%{ if c }d%{ endif }""#).expr);
}

#[test]
fn operators_keep_their_own_ranges() {
    insta::assert_debug_snapshot!(parse_expression("a - -b ? [c] : {d = e}").expr);
}

#[test]
fn static_forms_are_seen_through_accessors() {
    let expr = |text: &str| parse_expression(text).expr;
    assert_eq!(expr("all").as_keyword(), Some("all"));
    assert_eq!(expr("a.b").as_keyword(), None);
    assert_eq!(expr("a.b").as_traversal().map(|traversal| traversal.steps.len()), Some(1));
    assert_eq!(expr("\"a\\n\"").as_string_literal(), Some("a\n"));
    assert_eq!(expr("\"\"").as_string_literal(), Some(""));
    assert_eq!(expr("\"${a}\"").as_string_literal(), None);
    assert_eq!(expr("list(string)").as_call().map(|call| call.args.len()), Some(1));
    assert_eq!(expr("[a, b]").as_list().map(<[Expr]>::len), Some(2));
    assert_eq!(expr("{a = b}").as_object().and_then(|entries| entries[0].key.as_literal()), Some("a"));
    assert_eq!(expr("((a))").without_parens().as_keyword(), Some("a"));
}
