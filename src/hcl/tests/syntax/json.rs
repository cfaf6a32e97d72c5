//! The JSON syntax as the tree of the native one.

use hcl::ast::{Expr, Item};
use hcl::error::SyntaxError;
use hcl::json::body::{BlockSchema, Schema, blocks, read};
use hcl::json::expression::{Strings, reread};
use hcl::json::{parse, parse_bytes};

use crate::notation;

const PLAIN: Schema = Schema::of_attributes(Strings::Templates);

const ROOT: Schema = Schema {
    attributes: &[],
    blocks: &[
        BlockSchema { kind: "locals", labels: &[], body: &PLAIN },
        BlockSchema {
            kind: "resource",
            labels: &["type", "name"],
            body: &Schema {
                attributes: &[("depends_on", Strings::Expressions), ("provider", Strings::Expressions)],
                blocks: &[BlockSchema { kind: "lifecycle", labels: &[], body: &PLAIN }],
                other: Strings::Templates,
            },
        },
        BlockSchema {
            kind: "variable",
            labels: &["name"],
            body: &Schema {
                attributes: &[("type", Strings::Expressions), ("default", Strings::Literals)],
                blocks: &[],
                other: Strings::Literals,
            },
        },
    ],
    other: Strings::Templates,
};

fn file(text: &str) -> (String, Vec<SyntaxError>) {
    let mut parsed = parse(text);
    let body = read(&parsed.value, &ROOT, &mut parsed.errors);
    (notation::body(&body), parsed.errors)
}

fn tree(text: &str) -> String {
    let (tree, errors) = file(text);
    assert_eq!(errors, [], "{text}");
    tree
}

/// Summary and marked text of each error.
fn errors(text: &str) -> Vec<(&'static str, &str)> {
    let (_, errors) = file(text);
    errors.iter().map(|error| (error.summary, &text[error.range.range()])).collect()
}

#[test]
fn objects_and_arrays_are_blocks_where_the_schema_says_so() {
    assert_eq!(
        tree(r#"{"resource": {"a": {"b": {"c": 1}, "d": [{"c": 2}, {"c": 3}], "e": null, "f": []}}}"#),
        r#"resource "a" "b" {c = 1}; resource "a" "d" {c = 2}; resource "a" "d" {c = 3}"#
    );
    assert_eq!(tree(r#"{"locals": [{"a": 1}, {"b": {"c": 2}}]}"#), r#"locals {a = 1}; locals {b = {"c" = 2}}"#);
    assert_eq!(
        tree(r#"{"resource": [{"a": {"b": {}}}, {"c": [{"d": {}}, {"e": {}}]}]}"#),
        r#"resource "a" "b" {}; resource "c" "d" {}; resource "c" "e" {}"#
    );
    assert_eq!(tree(r#"[{"locals": {"a": 1}}, {"locals": {"b": -1.5e3}}]"#), "locals {a = 1}; locals {b = <-1.5e3>}");
    assert_eq!(tree(r#"{"locals": {"a": 1}, "locals": {"b": 2}}"#), "locals {a = 1}; locals {b = 2}");
}

#[test]
fn comments_are_left_out_of_bodies_and_kept_in_values() {
    assert_eq!(tree(r#"{"//": "x", "locals": {"//": 1, "a": {"//": 2}}}"#), r#"locals {a = {"//" = 2}}"#);
}

#[test]
fn strings_are_templates_literals_or_expressions() {
    assert_eq!(
        tree(
            r#"{"resource": {"a": {"b": {"depends_on": ["c.d[0]"], "provider": "aws.e", "f": "x${g}", "h": "${i}", "j": "$${k}"}}}}"#
        ),
        r#"resource "a" "b" {depends_on = [c.d[0]]; provider = aws.e; f = "x${g}"; h = wrap(i); j = "${k}"}"#
    );
    assert_eq!(
        tree(r#"{"variable": {"a": {"type": "list(string)", "default": "${b}", "description": "%{c"}}}"#),
        r#"variable "a" {type = list(string); default = "${b}"; description = "%{c"}"#
    );
    assert_eq!(tree(r#"{"locals": {"a": {"${b}c": 1}}}"#), r#"locals {a = {"${b}c" = 1}}"#);
}

#[test]
fn escapes_are_processed_and_errors_behind_them_have_the_right_place() {
    assert_eq!(tree(r#"{"locals": {"a": "\u00e9\n\ud83d\ude00\ud83d\/\"\\"}}"#), r#"locals {a = "é\n😀�/\"\\"}"#);
    assert_eq!(errors(r#"{"locals": {"a": "\u00e9\n${1 + }"}}"#), [("Invalid expression", "}")]);
    assert_eq!(
        errors(r#"{"resource": {"a": {"b": {"depends_on": ["x\t)"]}}}}"#),
        [("Extra characters after expression", ")")]
    );
}

#[test]
fn references_in_templates_have_their_place_in_the_file() {
    let text = r#"{"locals": {"a": "\t\"${ b.c }\" ${d}"}}"#;
    let parsed = parse(text);
    let body = read(&parsed.value, &ROOT, &mut Vec::new());
    let mut references = Vec::new();
    body.for_each_expr(&mut |expr| references.extend(expr.references()));
    let texts: Vec<&str> = references.iter().map(|traversal| &text[traversal.span.range()]).collect();
    assert_eq!(texts, ["b.c", "d"]);
}

#[test]
fn blocks_that_only_a_provider_knows_are_made_of_arguments() {
    let text = r#"{"resource": {"a": {"b": {"ingress": [{"//": "x", "c": "${d}", "e": {"f": 1}}, null], "dynamic": {"g": {"for_each": []}}}}}}"#;
    let parsed = parse(text);
    let body = read(&parsed.value, &ROOT, &mut Vec::new());
    let resource = body.blocks().next().expect("there is one");
    let made = |name: &str, labels| {
        let attribute = resource.body.attribute(name).expect("it is an argument first");
        let mut errors = Vec::new();
        let blocks = blocks(&attribute.name, &attribute.expr, labels, &mut errors);
        assert_eq!(errors, []);
        let items = blocks.into_iter().map(Item::Block).collect();
        notation::body(&hcl::ast::Body { items, ..resource.body.clone() })
    };
    assert_eq!(made("ingress", 0), r#"ingress {c = wrap(d); e = {"f" = 1}}"#);
    assert_eq!(made("dynamic", 1), r#"dynamic "g" {for_each = []}"#);
}

#[test]
fn string_can_be_read_again_as_an_expression() {
    let text = r#"{"locals": {"a": "aws.b"}}"#;
    let parsed = parse(text);
    let body = read(&parsed.value, &ROOT, &mut Vec::new());
    let locals = body.blocks().next().expect("there is one");
    let again = reread(&locals.body.attribute("a").expect("there is one").expr).expect("it is a string");
    assert_eq!(again.errors, []);
    assert_eq!(&text[again.expr.span().range()], "aws.b");
    assert!(matches!(again.expr, Expr::Variable(_)));
}

#[test]
fn syntax_errors_have_places_and_do_not_hide_each_other() {
    assert_eq!(
        errors(r#"{"a": tru, "b": 01, "c": "\x", "d": [1,], "e": {"f": 1,}}"#),
        [
            ("Invalid JSON keyword", "tru"),
            ("Invalid JSON number", "01"),
            ("Invalid JSON string", "\\x"),
            ("Trailing comma in array", ","),
            ("Trailing comma in object", ","),
        ]
    );
    for (text, summary) in [
        ("", "Missing value"),
        ("{", "Unclosed object"),
        ("[1", "Unclosed array"),
        ("{\"a\"", "Missing property value colon"),
        ("{\"a\" 1}", "Missing property value colon"),
        ("{\"a\"=1}", "Missing property value colon"),
        ("{a: 1}", "Invalid object property name"),
        ("{\"a\": 1 \"b\": 2}", "Missing attribute separator comma"),
        ("{\"a\": [1}", "Mismatched braces"),
        ("{\"a\": 'x'}", "Invalid start of value"),
        ("{\"a\": \"x}", "Unclosed string"),
        ("{\"a\": \"\t\"}", "Invalid JSON string"),
        ("{} x", "Extraneous data after value"),
        ("\u{feff}{}", "Invalid start of value"),
        ("{\"a\": // x\n1}", "Invalid start of value"),
        ("{\"a\": +1}", "Invalid JSON number"),
        ("{\"a\": 1.}", "Invalid JSON number"),
        ("{\"a\": .5}", "Invalid JSON number"),
    ] {
        assert_eq!(errors(text).first().map(|error| error.0), Some(summary), "{text}");
    }
}

#[test]
fn wrong_shapes_are_errors() {
    assert_eq!(errors("1"), [("Root value must be object", "1")]);
    assert_eq!(errors(r#"{"resource": "x"}"#), [("Incorrect JSON value type", "\"x\"")]);
    assert_eq!(errors(r#"{"resource": {"a": {}}}"#), [("Missing block label", "{}")]);
    assert_eq!(errors(r#"{"locals": true}"#), [("Incorrect JSON value type", "true")]);
    assert_eq!(errors(r#"{"locals": {"a": 1, "a": 2}}"#), [("Duplicate argument", "\"a\"")]);
    assert_eq!(errors(r#"{"locals": {"a": {"b": 1, "b": 2}}}"#), [("Duplicate object attribute", "\"b\"")]);
}

#[test]
fn bytes_that_are_not_utf_8_are_errors() {
    let parsed = parse_bytes(b"{\"a\": \"\xff\"}");
    assert_eq!(parsed.errors.len(), 1);
    assert_eq!((parsed.errors[0].summary, parsed.errors[0].range.range()), ("Invalid character encoding", 7..8));
}

#[test]
fn deep_nesting_is_an_error() {
    let deep = |levels: usize| format!("{}1{}", "[".repeat(levels), "]".repeat(levels));
    assert_eq!(parse(&deep(hcl::NESTING_MAX)).errors, []);
    assert_eq!(parse(&deep(50_000)).errors[0].summary, "Nesting too deep");
    let value = parse(&format!("{{\"a\": {}}}", deep(hcl::NESTING_MAX - 1)));
    read(&value.value, &PLAIN, &mut Vec::new());
}
