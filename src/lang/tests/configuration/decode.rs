//! Bodies become values of their schema's type, and what does not fit it is said at its place.

use std::collections::BTreeMap;
use std::path::Path as FilePath;
use std::sync::Arc;

use lang::body::{Body, Syntax};
use lang::decode::{decode, locate, refuse_ephemeral};
use lang::reference::{Subject, body_references};
use lang::scope::{Scope, Surroundings};
use model::diagnostic::Diagnostic;
use model::path::{Path, Step};
use model::schema::{Attribute, Block, NestedAttribute, NestedBlock, Nesting, Presence};
use model::source::{SourceMap, SourceRange};
use model::ty::Type;
use model::value::{Marks, Value};

use crate::support::render;

/// Variables by name.
struct Variables(BTreeMap<&'static str, Value>);

impl Scope for Variables {
    fn value(&self, subject: &Subject, range: SourceRange) -> Result<Value, Diagnostic> {
        let value = if let Subject::Variable(name) = subject { self.0.get(&**name) } else { None };
        value.cloned().ok_or_else(|| Diagnostic::error("Nothing there", format!("There is no {subject}.")).at(range))
    }

    fn surroundings(&self) -> Surroundings<'_> {
        Surroundings { base_dir: FilePath::new("."), home: None, plan_time: None, impure: None }
    }
}

fn variables() -> Variables {
    Variables(BTreeMap::from([
        ("names", Value::tuple(vec!["a".into(), "b".into()])),
        ("ports", Value::map(Type::Number, BTreeMap::from([("http".into(), Value::number(80))]).into())),
        ("unknown", Value::unknown(Type::Dynamic)),
        ("secret", Value::string("hunter2").sensitive()),
        ("secrets", Value::tuple(vec!["hunter2".into()]).sensitive()),
        ("token", Value::string("t").with_marks(Marks::EPHEMERAL)),
        ("none", Value::null(Type::Dynamic)),
    ]))
}

fn attribute(ty: Type, presence: Presence) -> Attribute {
    Attribute::new(ty, presence)
}

fn block(attributes: Vec<(&str, Attribute)>, blocks: Vec<(&str, NestedBlock)>) -> Block {
    Block {
        attributes: attributes.into_iter().map(|(name, attribute)| (Arc::from(name), attribute)).collect(),
        blocks: blocks.into_iter().map(|(name, nested)| (Arc::from(name), nested)).collect(),
        deprecated: false,
    }
}

fn nested(nesting: Nesting, min_items: u32, max_items: u32, block: Block) -> NestedBlock {
    NestedBlock { nesting, block, min_items, max_items, computed: false }
}

/// A resource type with everything that schemas can have.
fn schema() -> Block {
    let rule = Type::object([("port", Type::Number), ("hosts", Type::list(Type::String))]);
    let port = || block(vec![("port", attribute(Type::Number, Presence::Required))], vec![]);
    let mut old = attribute(Type::String, Presence::Optional);
    old.deprecated = true;
    let mut write_only = attribute(Type::String, Presence::Optional);
    write_only.write_only = true;
    let options = NestedAttribute {
        nesting: Nesting::Single,
        attributes: BTreeMap::from([
            ("name".into(), attribute(Type::String, Presence::Required)),
            ("size".into(), attribute(Type::Number, Presence::Optional)),
        ]),
    };
    let mut with_options =
        attribute(Type::object([("name", Type::String), ("size", Type::Number)]), Presence::Optional);
    with_options.nested = Some(Box::new(options));
    block(
        vec![
            ("name", attribute(Type::String, Presence::Required)),
            ("size", attribute(Type::Number, Presence::Optional)),
            ("id", attribute(Type::String, Presence::Computed)),
            ("tags", attribute(Type::map(Type::String), Presence::Optional)),
            ("rule", attribute(Type::list(rule.clone()), Presence::OptionalComputed)),
            ("options", with_options),
            ("old", old),
            ("password", write_only),
        ],
        vec![
            (
                "timeouts",
                nested(
                    Nesting::Single,
                    0,
                    0,
                    block(vec![("create", attribute(Type::String, Presence::Optional))], vec![]),
                ),
            ),
            (
                "group",
                nested(Nesting::Group, 0, 0, block(vec![("a", attribute(Type::String, Presence::Optional))], vec![])),
            ),
            ("ingress", nested(Nesting::Set, 0, 0, port())),
            (
                "step",
                nested(
                    Nesting::List,
                    0,
                    2,
                    block(
                        vec![("label", attribute(Type::String, Presence::Optional))],
                        vec![("port", nested(Nesting::List, 0, 0, port()))],
                    ),
                ),
            ),
            ("volume", nested(Nesting::Map, 0, 0, port())),
        ],
    )
}

fn parse(text: &str) -> (Body, SourceMap) {
    let mut sources = SourceMap::default();
    let file = sources.add("main.tf", text);
    let parsed = hcl::parse(text);
    assert!(parsed.errors.is_empty(), "{:?}", parsed.errors);
    (Body::from_tree(file, parsed.file, Syntax::Native), sources)
}

fn parse_json(text: &str) -> (Body, SourceMap) {
    use hcl::json::{body, expression::Strings};
    let mut sources = SourceMap::default();
    let file = sources.add("main.tf.json", text);
    let mut parsed = hcl::json::parse(text);
    let tree = body::read(&parsed.value, &body::Schema::of_attributes(Strings::Templates), &mut parsed.errors);
    assert!(parsed.errors.is_empty(), "{:?}", parsed.errors);
    (Body::from_tree(file, tree, Syntax::Json), sources)
}

/// The parts of the value that are not null or empty, one a line, and what was wrong.
fn decoded_body(body: &Body, sources: &SourceMap) -> String {
    let (value, diagnostics) = decode(body, &schema(), &variables());
    assert_eq!(value.ty(), schema().implied_type(), "the value has the schema's type");
    let mut text = String::new();
    value.each_child(|step, part| {
        let empty = part.is_null() || part.reveal().length() == Some(0) && part.marks().is_empty();
        if let (Step::Attribute(name), false) = (step, empty) {
            text.push_str(&format!("{name} = {part}\n"));
        }
    });
    text.push_str(&render(&diagnostics, sources));
    text
}

fn decoded(text: &str) -> String {
    let (body, sources) = parse(text);
    decoded_body(&body, &sources)
}

#[test]
fn arguments_are_converted_and_blocks_collected() {
    insta::assert_snapshot!(decoded(r#"
name = 5
size = "12"
tags = { a = true }
options = { name = "x" }
timeouts { create = "5m" }
ingress { port = 443 }
ingress { port = "80" }
ingress { port = 80 }
step {
  label = "one"
  port { port = 1 }
  port { port = 2 }
}
step {}
volume "data" { port = 1 }
"#), @r#"
        group = {"a" = null}
        ingress = [{"port" = 443}, {"port" = 80}]
        name = "5"
        options = {"name" = "x", "size" = null}
        size = 12
        step = [{"label" = "one", "port" = [{"port" = 1}, {"port" = 2}]}, {"label" = null, "port" = []}]
        tags = {"a" = "true"}
        timeouts = {"create" = "5m"}
        volume = {"data" = {"port" = 1}}
        "#);
}

#[test]
fn what_is_missing_wrong_or_unknown_to_the_schema_is_reported() {
    insta::assert_snapshot!(decoded(r#"
siez = 1
size = [1]
tags = { a = [] }
old  = "x"
id   = "x"
options = { size = 1 }
timeouts {}
timeouts {}
ingress {}
ingress "x" { port = 1 }
step {}
step {}
step {}
volume { port = 1 }
volume "a" { port = 1 }
volume "a" { port = 2 }
name {}
stpe {}
ingress = []
"#), @r#"
        group = {"a" = null}
        id = "x"
        ingress = [{"port" = (known after apply)}]
        name = (known after apply)
        old = "x"
        options = (known after apply)
        size = (known after apply)
        step = [{"label" = null, "port" = []}, {"label" = null, "port" = []}, {"label" = null, "port" = []}]
        tags = (known after apply)
        timeouts = {"create" = null}
        volume = {"a" = {"port" = 1}}
        error main.tf:2,1-2,5: Unsupported argument
          There is no argument `siez` here.
          hint: Did you mean "size"?
        error main.tf:3,8-3,11: Incorrect attribute value type
          Inappropriate value for attribute `size`: number required.
        error main.tf:4,8-4,18: Incorrect attribute value type
          Inappropriate value for attribute `tags`: element "a": string required.
        warning main.tf:5,8-5,11: Argument is deprecated
          The argument `old` is deprecated and may be gone in a later version of the provider.
        error main.tf:6,8-6,11: Value for unconfigurable attribute
          The provider alone decides the value of `id`; it can be read, but not set.
        error main.tf:7,11-7,23: Incorrect attribute value type
          Inappropriate value for attribute `options`: attribute "name" is required.
        error main.tf:9,1-9,9: Duplicate timeouts block
          Only one `timeouts` block can be written here, and there is one above already.
        error main.tf:10,9-10,10: Missing required argument
          The argument `port` is required, but it is not given.
        error main.tf:11,9-11,12: Extraneous label for ingress
          `ingress` blocks are written without labels.
        error main.tf:14,6-14,7: Too many step blocks
          At most 2 `step` blocks are allowed, but there are 3.
        error main.tf:15,8-15,9: Missing key for volume
          `volume` blocks are written with one label, their key.
        error main.tf:17,1-17,11: Duplicate volume block
          There is a `volume` block with the key `a` already.
        error main.tf:18,1-18,5: Unsupported block type
          Blocks of the kind `name` can't be written here.
          hint: To set the argument of this name, use the equals sign: name = ..
        error main.tf:19,1-19,5: Unsupported block type
          Blocks of the kind `stpe` can't be written here.
          hint: Did you mean "step"?
        error main.tf:20,1-20,8: Unsupported argument
          There is no argument `ingress` here.
          hint: To write a block of this kind, leave out the equals sign: ingress { .. }
        error main.tf:21,1-21,1: Missing required argument
          The argument `name` is required, but it is not given.
        "#);
}

#[test]
fn an_attribute_of_objects_can_be_written_as_blocks() {
    insta::assert_snapshot!(decoded(r#"
name = "x"
rule { port = 1 }
rule { hosts = ["a"] }
dynamic "rule" {
  for_each = var.names
  content {
    hosts = [rule.value]
  }
}
"#), @r#"
        group = {"a" = null}
        name = "x"
        rule = [{"hosts" = null, "port" = 1}, {"hosts" = ["a"], "port" = null}, {"hosts" = ["a"], "port" = null}, {"hosts" = ["b"], "port" = null}]
        "#);
    insta::assert_snapshot!(decoded("name = \"x\"\nrule = [{ port = 1, hosts = [] }]\n"), @r#"
        group = {"a" = null}
        name = "x"
        rule = [{"hosts" = [], "port" = 1}]
        "#);
    insta::assert_snapshot!(decoded("name = \"x\"\nrule = [{ port = 1 }]\nrule {}\n"), @r#"
        group = {"a" = null}
        name = "x"
        rule = (known after apply)
        error main.tf:2,8-2,22: Incorrect attribute value type
          Inappropriate value for attribute `rule`: element 0: attribute "hosts" is required.
        error main.tf:3,1-3,5: Unsupported block type
          Blocks of the kind `rule` can't be written here.
          hint: To set the argument of this name, use the equals sign: rule = ..
        "#);
}

#[test]
fn dynamic_blocks_repeat_their_content() {
    insta::assert_snapshot!(decoded(r#"
name = "x"
dynamic "ingress" {
  for_each = var.ports
  iterator = port
  content {
    port = port.value
  }
}
dynamic "step" {
  for_each = var.names
  content {
    label = "${step.key}-${step.value}"
    dynamic "port" {
      for_each = [step.key + 1, step.key + 2]
      content {
        port = port.value * 10
      }
    }
  }
}
dynamic "volume" {
  for_each = var.ports
  labels   = [volume.key]
  content {
    port = volume.value
  }
}
"#), @r#"
        group = {"a" = null}
        ingress = [{"port" = 80}]
        name = "x"
        step = [{"label" = "0-a", "port" = [{"port" = 10}, {"port" = 20}]}, {"label" = "1-b", "port" = [{"port" = 20}, {"port" = 30}]}]
        volume = {"http" = {"port" = 80}}
        "#);
}

#[test]
fn a_dynamic_block_over_something_unknown_makes_the_whole_collection_unknown() {
    insta::assert_snapshot!(decoded(r#"
name = "x"
step { label = "known" }
dynamic "step" {
  for_each = var.unknown
  content {
    label = step.value
    nope  = 1
  }
}
dynamic "ingress" {
  for_each = var.unknown
  content {
    port = ingress.value
  }
}
"#), @r#"
        group = {"a" = null}
        ingress = (known after apply)
        name = "x"
        step = (known after apply)
        error main.tf:8,5-8,9: Unsupported argument
          There is no argument `nope` here.
        "#);
}

#[test]
fn broken_dynamic_blocks_are_reported() {
    insta::assert_snapshot!(decoded(r#"
name = "x"
dynamic {}
dynamic "stpe" {}
dynamic "step" {}
dynamic "step" {
  for_each = 1
  content {}
}
dynamic "step" {
  for_each = var.none
  iterator = "x"
  labels   = []
  content {}
  content {}
}
dynamic "step" {
  for_each = [1]
  content {
    label = stpe.value
  }
}
"#), @r#"
        group = {"a" = null}
        name = "x"
        step = [{"label" = (known after apply), "port" = []}]
        error main.tf:3,9-3,10: Missing type for dynamic
          `dynamic` blocks are written with one label, the kind of the blocks they make.
        error main.tf:4,9-4,15: Unsupported block type
          Blocks of the kind `stpe` can't be written here.
          hint: Did you mean "step"?
        error main.tf:5,16-5,17: Missing required argument
          The argument `for_each` is required, but it is not given.
        error main.tf:5,16-5,17: Missing dynamic content block
          A `dynamic` block holds a `content` block, which says what each block has.
        error main.tf:7,14-7,15: Invalid dynamic for_each value
          `for_each` is a number; it must be a list, set, map, tuple or object.
        error main.tf:11,14-11,22: Invalid dynamic for_each value
          `for_each` is null; it must be a list, set, map, tuple or object.
          hint: For no blocks, use an empty list: []
        error main.tf:12,14-12,17: Invalid expression
          A plain reference is required here: a name followed by attributes and constant indexes, without operators, function calls or templates.
        error main.tf:13,3-13,9: Unsupported argument
          There is no argument `labels` here.
        error main.tf:15,3-15,10: Extraneous dynamic content block
          A `dynamic` block holds only one `content` block.
        error main.tf:20,13-20,23: Nothing there
          There is no stpe.value.
        "#);
}

#[test]
fn marks_stay_where_the_expressions_put_them() {
    let (body, _) = parse(
        r#"
name = var.secret
tags = { a = var.secret, b = "x" }
step { label = var.secret }
dynamic "ingress" {
  for_each = var.secrets
  content {
    port = 1
  }
}
"#,
    );
    let (value, diagnostics) = decode(&body, &schema(), &variables());
    assert!(diagnostics.is_empty());
    let marked: Vec<String> = value.marked_paths(Marks::SENSITIVE).iter().map(Path::to_string).collect();
    assert_eq!(marked, ["ingress", "name", "step[0].label", r#"tags["a"]"#]);
}

#[test]
fn ephemeral_values_are_for_write_only_arguments() {
    let (body, sources) =
        parse("name = \"x\"\npassword = var.token\ntags = { a = var.token }\nstep { label = var.token }\n");
    let (value, _) = decode(&body, &schema(), &variables());
    insta::assert_snapshot!(render(&refuse_ephemeral(&value, &schema(), &body), &sources), @r#"
        error main.tf:4,16-4,25: Invalid use of ephemeral value
          An ephemeral value can't be used for `step[0].label`, because that is kept in the state, and only write-only arguments are not.
        error main.tf:3,14-3,23: Invalid use of ephemeral value
          An ephemeral value can't be used for `tags["a"]`, because that is kept in the state, and only write-only arguments are not.
        "#);
}

#[test]
fn json_bodies_have_the_same_values() {
    let (body, sources) = parse_json(
        r#"{
  "name": "${var.names[0]}",
  "size": 3,
  "step": [ { "label": "one", "port": { "port": 1 } }, {} ],
  "volume": { "data": { "port": 1 } },
  "ingress": { "port": 80 },
  "rule": [ { "port": 1, "hosts": [] } ],
  "dynamic": { "step": { "for_each": [], "content": { "label": "${step.value}" } } }
}"#,
    );
    insta::assert_snapshot!(decoded_body(&body, &sources), @r#"
        group = {"a" = null}
        ingress = [{"port" = 80}]
        name = "a"
        rule = [{"hosts" = [], "port" = 1}]
        size = 3
        step = [{"label" = "one", "port" = [{"port" = 1}]}, {"label" = null, "port" = []}]
        volume = {"data" = {"port" = 1}}
        "#);
    let references = body_references(&body, Some(&schema()));
    assert_eq!(references.iter().map(|found| found.subject.to_string()).collect::<Vec<_>>(), ["var.names"]);
}

#[test]
fn json_that_is_no_block_is_reported_at_its_place() {
    let (body, sources) = parse_json(r#"{ "name": "x", "step": "one", "volume": { "data": 1 } }"#);
    insta::assert_snapshot!(decoded_body(&body, &sources), @r#"
        group = {"a" = null}
        name = "x"
        error main.tf.json:1,24-1,29: Incorrect JSON value type
          A JSON object or an array of objects is needed here, with the content of blocks of kind "step".
        error main.tf.json:1,51-1,52: Incorrect JSON value type
          A JSON object or an array of objects is needed here, with the content of blocks of kind "volume".
        "#);
}

#[test]
fn references_of_a_body_leave_out_iterators_and_what_the_schema_does_not_know() {
    let (body, _) = parse(
        r#"
name  = aws_vpc.main.id
other = aws_vpc.other.id
dynamic "step" {
  for_each = [for s in var.steps : s.name if s != local.none]
  iterator = it
  content {
    label = "${it.value} ${data.aws_region.current.name}"
    dynamic "port" {
      for_each = it.value.ports
      content {
        port = port.value + step.value
      }
    }
  }
}
"#,
    );
    let subjects = |schema: Option<&Block>| {
        body_references(&body, schema).iter().map(|found| found.subject.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(
        subjects(Some(&schema())),
        ["aws_vpc.main", "var.steps", "local.none", "data.aws_region.current", "step.value"]
    );
    assert_eq!(subjects(None)[1], "aws_vpc.other");
}

#[test]
fn the_place_of_a_path_is_found_as_deep_as_it_is_written_out() {
    let text = r#"
name = "x"
tags = {
  a = "b"
}
step {
  port { port = 7 }
}
step { label = "two" }
ingress { port = 80 }
ingress { port = 443 }
volume "data" { port = 9 }
options = merge({}, { name = "x" })
timeouts { create = "1m" }
"#;
    let (body, sources) = parse(text);
    let found =
        |steps: &[Step]| locate(&body, &Path { steps: steps.to_vec() }).map(|range| sources.text(range).to_string());
    let name = |name: &str| Step::Attribute(name.into());
    let element = |port: i64| Step::Element(Value::object([("port", Value::number(port))]));
    assert_eq!(found(&[name("name")]).as_deref(), Some("\"x\""));
    assert_eq!(found(&[name("tags"), Step::Key("a".into())]).as_deref(), Some("\"b\""));
    assert_eq!(
        found(&[name("step"), Step::Index(0), name("port"), Step::Index(0), name("port")]).as_deref(),
        Some("7")
    );
    assert_eq!(found(&[name("step"), Step::Index(1), name("port")]).as_deref(), Some("step"));
    assert_eq!(found(&[name("ingress"), element(443), name("port")]).as_deref(), Some("443"));
    assert_eq!(found(&[name("volume"), Step::Key("data".into()), name("port")]).as_deref(), Some("9"));
    assert_eq!(found(&[name("options"), name("name")]).as_deref(), Some("merge({}, { name = \"x\" })"));
    assert_eq!(found(&[name("timeouts"), name("create")]).as_deref(), Some("\"1m\""));
    assert_eq!(found(&[name("size")]), None);
    assert_eq!(found(&[name("ingress"), element(1), name("port")]), None);
}

#[test]
fn ten_thousand_dynamic_blocks_are_made_in_a_moment() {
    let mut scope = variables();
    let items: Vec<Value> = (0..10_000).map(|index| Value::number(index as i64)).collect();
    scope.0.insert("many", Value::tuple(items));
    let (body, _) = parse(
        "name = \"x\"\ndynamic \"ingress\" {\n  for_each = var.many\n  content {\n    port = ingress.value\n  }\n}\n",
    );
    let started = std::time::Instant::now();
    let (value, diagnostics) = decode(&body, &schema(), &scope);
    assert!(diagnostics.is_empty());
    assert_eq!(value.get("ingress").and_then(|ingress| ingress.reveal().length()), Some(10_000));
    assert!(started.elapsed().as_secs() < 5, "it took {:?}", started.elapsed());
}
