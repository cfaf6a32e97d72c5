//! What only shows with values that an expression refers to: unknowns, marks, places and values of mistakes.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use model::diagnostic::{Diagnostic, Diagnostics};
use model::source::{FileId, SourceRange};
use model::ty::Type;
use model::value::{Kind, Marks, Refinement, Value};

use super::{Evaluator, Names, evaluate};
use crate::expression::Expression;
use crate::reference::Subject;
use crate::scope::{Scope, Surroundings};

/// `var.NAME` for a few values of interest.
struct Variables(BTreeMap<&'static str, Value>);

impl Scope for Variables {
    fn value(&self, subject: &Subject, range: SourceRange) -> Result<Value, Diagnostic> {
        let found = match subject {
            Subject::Variable(name) => self.0.get(name.as_ref()).cloned(),
            _ => None,
        };
        found.ok_or_else(|| {
            Diagnostic::error("Reference to undeclared input variable", format!("There is no {subject}.")).at(range)
        })
    }

    fn surroundings(&self) -> Surroundings<'_> {
        Surroundings { base_dir: Path::new("."), home: Some(Path::new("/home/ada")), plan_time: None, impure: None }
    }
}

fn scope() -> Variables {
    let unknown_list = Value::unknown_with(Type::list(Type::String), Refinement::not_null());
    Variables(BTreeMap::from([
        ("name", Value::string("web")),
        ("secret", Value::string("hunter2").sensitive()),
        ("token", Value::string("t").with_marks(Marks::EPHEMERAL)),
        ("list", Value::tuple(vec![Value::number(1), Value::number(2)])),
        ("any", Value::unknown(Type::Dynamic)),
        ("text", Value::unknown(Type::String)),
        ("id", Value::unknown_with(Type::String, Refinement::not_null())),
        ("number", Value::unknown_with(Type::Number, Refinement::not_null())),
        ("flag", Value::unknown(Type::Bool)),
        ("names", unknown_list),
        ("object", Value::unknown(Type::object([("a", Type::String), ("b", Type::list(Type::Number))]))),
        ("map", Value::unknown(Type::map(Type::Number))),
        ("some", Value::tuple(vec![Value::string("x"), Value::unknown(Type::String)])),
    ]))
}

fn expression(text: &str) -> Expression {
    let parsed = hcl::parse_expression(text);
    assert_eq!(parsed.errors, [], "{text}");
    Expression::new(FileId(0), parsed.expr)
}

fn value(text: &str) -> Value {
    evaluate(&expression(text), &scope()).unwrap_or_else(|found| panic!("{text}: {found:?}"))
}

/// The type of an unknown result, or the value.
fn outcome(text: &str) -> String {
    let value = value(text);
    match value.reveal() {
        Kind::Unknown(ty, refinement) if refinement.is_not_null() => format!("unknown {ty}, not null"),
        Kind::Unknown(ty, _) => format!("unknown {ty}"),
        _ => value.to_string(),
    }
}

fn mistakes(text: &str) -> Diagnostics {
    evaluate(&expression(text), &scope()).expect_err("a mistake")
}

/// The text each mistake points at, and its summary.
fn places(text: &str) -> Vec<String> {
    let found = mistakes(text);
    let places = found.iter().map(|diagnostic| {
        let range = diagnostic.subject.expect("every mistake has a place");
        format!("{}: {}", &text[range.start as usize..range.end as usize], diagnostic.summary)
    });
    places.collect()
}

#[test]
fn operators_on_unknowns_give_unknowns_of_their_type() {
    assert_eq!(outcome("var.number + 1"), "unknown number, not null");
    assert_eq!(outcome("var.any + 1"), "unknown number, not null");
    assert_eq!(outcome("var.text == \"a\""), "unknown bool, not null");
    assert_eq!(outcome("!var.flag"), "unknown bool, not null");
    assert_eq!(outcome("-var.number"), "unknown number, not null");
}

#[test]
fn what_is_known_of_unknowns_can_decide() {
    assert_eq!(outcome("var.id == null"), "false");
    assert_eq!(outcome("var.text == null"), "unknown bool, not null");
    assert_eq!(outcome("\"a-${var.id}\" == \"b-1\""), "false");
    assert_eq!(outcome("length(var.names) > 3"), "unknown bool, not null");
    assert_eq!(outcome("var.id == 5"), "false");
    assert_eq!(outcome("[var.id, 1] == [\"a\", 2]"), "false");
}

#[test]
fn templates_with_unknown_parts_are_unknown_but_never_null() {
    assert_eq!(outcome("\"a${var.text}\""), "unknown string, not null");
    assert_eq!(outcome("\"${var.any}\""), "unknown any");
    assert_eq!(outcome("\"%{ if var.flag }a%{ endif }\""), "unknown string, not null");
    assert_eq!(outcome("\"%{ for x in var.names }a%{ endfor }\""), "unknown string, not null");
}

#[test]
fn conditionals_with_an_unknown_condition_have_the_common_type() {
    assert_eq!(outcome("var.flag ? 1 : \"a\""), "unknown string, not null");
    assert_eq!(outcome("var.flag ? 1 : null"), "unknown number");
    assert_eq!(outcome("var.flag ? null : null"), "null");
    assert_eq!(outcome("(var.flag ? 1 : 3) > 0"), "true");
    assert_eq!(outcome("length(var.flag ? tolist([1]) : tolist([1, 2])) > 0"), "true");
    assert_eq!(outcome("var.flag ? tolist([1]) : tolist([2])"), "[(known after apply)]");
}

#[test]
fn parts_of_unknown_values_have_the_types_they_will_have() {
    assert_eq!(outcome("var.object.b"), "unknown list(number)");
    assert_eq!(outcome("var.object[\"a\"]"), "unknown string");
    assert_eq!(outcome("var.map.x"), "unknown number");
    assert_eq!(outcome("var.names[0]"), "unknown string");
    assert_eq!(outcome("var.any.x[0].y"), "unknown any");
    assert_eq!(outcome("var.list[var.number]"), "unknown any");
    assert_eq!(places("var.object.c"), [".c: Unsupported attribute"]);
}

#[test]
fn splats_of_unknowns() {
    assert_eq!(outcome("var.names[*]"), "unknown list(string), not null");
    assert_eq!(outcome("var.any[*].x"), "unknown any");
    assert_eq!(outcome("var.id[*]"), "[(known after apply)]");
    assert_eq!(outcome("var.text[*]"), "unknown any");
    assert_eq!(outcome("var.some[*]"), "[\"x\", (known after apply)]");
}

#[test]
fn for_over_unknown_collections_is_open_but_elements_may_be_unknown() {
    assert_eq!(outcome("[for x in var.names : x]"), "unknown any");
    assert_eq!(outcome("[for x in var.some : \"${x}!\"]"), "[\"x!\", (known after apply)]");
    assert_eq!(outcome("{for x in var.some : x => 1}"), "unknown any");
    assert_eq!(outcome("{for i, x in var.some : i => x}"), "{\"0\" = \"x\", \"1\" = (known after apply)}");
    assert_eq!(outcome("[for x in var.some : x if x == \"x\"]"), "unknown any");
}

#[test]
fn calls_with_unknown_arguments_have_the_type_of_their_result() {
    assert_eq!(outcome("upper(var.text)"), "unknown string, not null");
    assert_eq!(outcome("length(var.some)"), "2");
    assert_eq!(outcome("length(var.object)"), "2");
    assert_eq!(outcome("keys(var.object)"), "[\"a\", \"b\"]");
    assert_eq!(outcome("split(\",\", var.text)"), "unknown list(string), not null");
    assert_eq!(outcome("merge({ a = 1 }, var.any)"), "unknown any");
    assert_eq!(outcome("merge(var.map, var.map)"), "unknown map(number), not null");
    assert_eq!(outcome("concat([\"a\"], var.some)"), "[\"a\", \"x\", (known after apply)]");
    assert_eq!(outcome("jsonencode({ a = var.text })"), "unknown string, not null");
    assert_eq!(outcome("startswith(jsonencode({ a = var.text }), \"[\")"), "false");
    assert_eq!(outcome("coalesce(null, var.text)"), "unknown string, not null");
    assert_eq!(outcome("coalesce(\"a\", var.text)"), "\"a\"");
    assert_eq!(outcome("element(var.some, 0)"), "\"x\"");
    assert_eq!(outcome("contains(var.some, \"x\")"), "true");
    assert_eq!(outcome("contains(var.some, \"y\")"), "unknown bool, not null");
    assert_eq!(outcome("lookup({ a = 1 }, var.text, 2)"), "unknown any");
    assert_eq!(outcome("toset(var.names)"), "unknown set(string)");
    assert_eq!(outcome("format(\"%s-%s\", \"a\", var.text)"), "unknown string, not null");
    assert_eq!(outcome("regex(\"(a)(b)\", var.text)"), "unknown tuple([string, string]), not null");
    assert_eq!(outcome("flatten([var.names, [\"a\"]])"), "unknown any");
    assert_eq!(outcome("flatten([var.some])"), "[\"x\", (known after apply)]");
    assert_eq!(outcome("max(var.names...)"), "unknown any");
    assert_eq!(outcome("setunion([\"a\"], var.some)"), "[\"a\", \"x\", (known after apply)]");
}

#[test]
fn impure_functions_are_unknown_while_planning() {
    assert_eq!(outcome("timestamp()"), "unknown string, not null");
    assert_eq!(outcome("plantimestamp()"), "unknown string, not null");
    assert_eq!(outcome("uuid()"), "unknown string, not null");
    assert_eq!(outcome("bcrypt(\"a\")"), "unknown string, not null");
}

#[test]
fn try_is_open_while_its_argument_is() {
    assert_eq!(outcome("try(var.some[5], var.text, \"x\")"), "unknown any");
    assert_eq!(outcome("try(var.list[5], \"x\")"), "\"x\"");
    assert_eq!(outcome("can(var.text)"), "unknown bool");
    assert_eq!(outcome("can(var.list[5])"), "false");
}

#[test]
fn marks_of_every_kind_go_through_operators_and_calls() {
    assert_eq!(value("\"${var.token}x\"").marks(), Marks::EPHEMERAL);
    assert_eq!(value("upper(\"${var.token}${var.secret}\")").marks(), Marks::EPHEMERAL | Marks::SENSITIVE);
    assert_eq!(value("var.secret == \"a\"").marks(), Marks::SENSITIVE);
    assert_eq!(value("[for c in split(\"\", var.secret) : c]").marks(), Marks::SENSITIVE);
    assert_eq!(value("{ a = var.secret }").marks(), Marks::NONE);
    assert_eq!(value("{ a = var.secret }").to_string(), "{\"a\" = (sensitive value)}");
    assert_eq!(value("{ (var.secret) = 1 }").marks(), Marks::SENSITIVE);
    assert_eq!(value("ephemeralasnull({ a = var.token, b = 1 })").to_string(), "{\"a\" = null, \"b\" = 1}");
    assert_eq!(value("templatestring(var.name, {})").to_string(), "\"web\"");
}

#[test]
fn marks_of_unknown_conditions_and_collections_stay() {
    assert_eq!(value("sensitive(var.flag) ? 1 : 2").marks(), Marks::SENSITIVE);
    assert_eq!(value("[for x in sensitive(var.names) : x]").marks(), Marks::SENSITIVE);
    assert_eq!(value("sensitive(var.names)[0]").marks(), Marks::SENSITIVE);
    assert_eq!(value("sensitive(var.names)[*]").marks(), Marks::SENSITIVE);
    assert_eq!(value("upper(sensitive(var.text))").marks(), Marks::SENSITIVE);
}

#[test]
fn mistakes_point_at_what_is_wrong() {
    assert_eq!(places("1 + var.name"), ["var.name: Invalid operand"]);
    assert_eq!(places("var.list[2]"), ["[2]: Invalid index"]);
    assert_eq!(places("var.name.x"), [".x: Unsupported attribute"]);
    assert_eq!(places("upper(var.list)"), ["var.list: Invalid function argument"]);
    assert_eq!(places("upper()"), ["upper(): Not enough function arguments"]);
    assert_eq!(places("uper(var.name)"), ["uper: Call to unknown function"]);
    assert_eq!(places("true ? [] : {}"), ["[] : {}: Inconsistent conditional result types"]);
    assert_eq!(places("\"a${var.list}\""), ["var.list: Invalid template interpolation value"]);
    assert_eq!(places("[for x in var.name : x]"), ["var.name: Iteration over non-iterable value"]);
    assert_eq!(places("{for x in [1, 1] : x => x}"), ["x: Duplicate object key"]);
    assert_eq!(places("{ (null) = 1 }"), ["(null): Null value as key"]);
    assert_eq!(places("{ a.b = 1 }"), ["a.b: Ambiguous attribute key"]);
}

#[test]
fn all_mistakes_are_found_at_once() {
    assert_eq!(places("[var.name.x, 1 + \"a\", { b = upper(null) }]").len(), 3);
}

#[test]
fn a_mistake_in_every_element_is_said_once() {
    assert_eq!(places("[for x in var.list : x.y]"), [".y: Unsupported attribute"]);
}

#[test]
fn mistakes_come_with_the_values_of_their_references_and_hide_sensitive_ones() {
    let found = mistakes("[for k in var.list : \"${k}${var.secret}\" + k + var.list[1]]");
    let values: Vec<String> = found.0[0].values.iter().map(|(name, value)| format!("{name} = {value}")).collect();
    assert_eq!(values, ["k = 1", "var.secret = (sensitive value)", "var.list[1] = 2"]);
}

#[test]
fn messages_never_hold_sensitive_texts() {
    for text in [
        "tonumber(var.secret)",
        "file(var.secret)",
        "parseint(var.secret, 10)",
        "cidrhost(var.secret, 1)",
        "base64decode(var.secret)",
        "1 + var.secret",
        "lookup({}, var.secret)",
        "formatdate(\"YYYY\", var.secret)",
        "{for x in [1, 2] : var.secret => x}",
        "jsondecode(var.secret)",
        "yamldecode(\"[${var.secret}\")",
        "regex(\"(${var.secret}\", \"x\")",
        "format(var.secret, 1)",
        "{ a = 1 }[var.secret]",
        "tobool(var.secret)",
        "uuidv5(var.secret, \"x\")",
        "timeadd(var.secret, \"1h\")",
        "templatestring(var.secret, 1)",
    ] {
        assert!(!format!("{:?}", mistakes(text)).contains("hunter2"), "{text}");
    }
}

#[test]
fn neither_try_nor_an_unchosen_result_hides_a_reference_to_nothing() {
    assert_eq!(places("try(var.nope, 1)"), ["var.nope: Reference to undeclared input variable"]);
    assert_eq!(places("true ? 1 : var.nope"), ["var.nope: Reference to undeclared input variable"]);
    assert_eq!(outcome("true ? 1 : tobool(\"x\") == true ? 1 : 2"), "1");
}

#[test]
fn names_of_for_shadow_each_other_and_objects() {
    assert_eq!(outcome("[for var in [{ name = 1 }] : var.name]"), "[1]");
    assert_eq!(outcome("[for x in [1] : [for x in [x + 1] : x]]"), "[[2]]");
    assert_eq!(outcome("[for k, k in [5] : k]"), "[5]");
}

#[test]
fn names_can_come_from_around_the_expression() {
    let scope = scope();
    let mut evaluator = Evaluator::new(&scope);
    let element = Value::object([("key", Value::string("a"))]);
    let names = Names { name: "setting", value: &element, outer: None };
    let value = evaluator.evaluate(&expression("\"${setting.key}-${var.name}\""), Some(&names));
    assert_eq!(value, Value::string("a-web"));
    assert!(evaluator.finish().is_empty());
}

#[test]
fn deep_expressions_do_not_exhaust_the_stack() {
    let deep = format!("{}1{}", "[".repeat(900), "]".repeat(900));
    let mut depth = 0;
    let mut value = value(&deep);
    while let Some(inner) = value.reveal().items().and_then(|items| items.first()).cloned() {
        value = inner;
        depth += 1;
    }
    assert_eq!(depth, 900);
}

#[test]
fn ten_thousand_elements_take_linear_time() {
    let list: Arc<[Value]> = (0..10_000).map(|index| Value::string(format!("n{index}"))).collect();
    let variables = Variables(BTreeMap::from([("many", Value::list(Type::String, list))]));
    let text = "{for i, x in var.many : x => { name = upper(x), index = i * 2, tags = merge({ a = x }, { b = \"${x}-${i}\" }) } if x != \"n5\"}";
    let started = std::time::Instant::now();
    let value = evaluate(&expression(text), &variables).expect("no mistake");
    assert_eq!(value.reveal().length(), Some(9_999));
    let elapsed = started.elapsed();
    assert!(elapsed.as_secs() < 5, "{elapsed:?}");
}
