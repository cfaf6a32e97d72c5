//! Trees of differences, shown as the plan shows them.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::json::from_simple_json;
use model::path::{Path, Step};
use model::schema::{Attribute, Block, NestedBlock, Nesting, Presence};
use model::ty::Type;
use model::value::{Marks, Value};

use super::*;
use crate::page::Page;
use crate::style::plain;

fn value(json: serde_json::Value) -> Value {
    from_simple_json(&json).expect("the fixture is JSON")
}

fn shown(before: Value, after: Value) -> String {
    let comparison = Comparison::of_values();
    let Some(difference) = comparison.value(&Path::root(), Some(&before), Some(&after), None) else {
        return "nothing".into();
    };
    let mut page = Page::new(4);
    page.fields(0, &[Field { name: "x".into(), difference }], true);
    plain(&page.finish())
}

fn object(before: serde_json::Value, after: serde_json::Value, schema: &Block) -> String {
    let read = |json: serde_json::Value| match json.is_null() {
        true => None,
        false => Some(model::json::from_json(&json, &schema.implied_type()).expect("the fixture fits the schema")),
    };
    let comparison = Comparison::of_change(&[], Detail::Changes);
    let mut page = Page::new(4);
    page.body(0, &comparison.object(read(before).as_ref(), read(after).as_ref(), Some(schema)));
    plain(&page.finish())
}

fn strings(names: &[&str]) -> BTreeMap<Arc<str>, Attribute> {
    names.iter().map(|name| (Arc::from(*name), Attribute::new(Type::String, Presence::Optional))).collect()
}

fn blocks(name: &str, nesting: Nesting, attributes: &[&str]) -> Block {
    let block = Block { attributes: strings(attributes), ..Block::default() };
    let nested = NestedBlock { nesting, block, min_items: 0, max_items: 0, computed: false };
    Block { attributes: strings(&["id", "note"]), blocks: [(Arc::from(name), nested)].into(), deprecated: false }
}

macro_rules! json {
    ($($tokens:tt)*) => { value(serde_json::json!($($tokens)*)) };
}

#[test]
fn list_elements_are_shown_with_their_neighbours() {
    insta::assert_snapshot!(shown(json!(["a", "b", "c", "d", "e", "f", "g"]), json!(["a", "b", "X", "d", "e", "f", "g", "h"])), @r#"
    ~ x = [
          # (1 unchanged element hidden)
          "b",
        - "c",
        + "X",
          "d",
          # (2 unchanged elements hidden)
          "g",
        + "h",
      ]
    "#);
}

#[test]
fn list_of_objects_shows_only_what_differs_in_them() {
    let before = json!([{"role": "a", "port": 1, "ip": "x"}, {"role": "b", "port": 2, "ip": "y"}]);
    let after = json!([{"role": "n", "port": 9, "ip": "z"}, {"role": "a", "port": 1, "ip": "x"}, {"role": "b", "port": 5, "ip": "y"}]);
    insta::assert_snapshot!(shown(before, after), @r#"
      ~ x = [
          + {
              + ip   = "z"
              + port = 9
              + role = "n"
            },
            # (1 unchanged element hidden)
          ~ {
              ~ port = 2 -> 5
                # (2 unchanged attributes hidden)
            },
        ]
    "#);
}

#[test]
fn maps_are_compared_by_key() {
    let map = |entries: &[(&str, &str)]| {
        Value::map(Type::String, entries.iter().map(|(key, value)| (Arc::from(*key), Value::from(*value))).collect())
    };
    insta::assert_snapshot!(shown(map(&[("a", "1"), ("bb", "2"), ("c", "3")]), map(&[("a", "1"), ("bb", "22"), ("d:e", "3")])), @r#"
      ~ x = {
          ~ "bb"  = "2" -> "22"
          - "c"   = "3" -> null
          + "d:e" = "3"
            # (1 unchanged element hidden)
        }
    "#);
}

#[test]
fn text_is_compared_by_line() {
    let before: String = (1..=20).map(|line| format!("line {line}\n")).collect();
    let after = before.replace("line 10\n", "line ten\u{1b}[31m\n");
    insta::assert_snapshot!(shown(before.into(), after.into()), @r"
      ~ x = <<-EOT
            # (6 unchanged lines hidden)
            line 7
            line 8
            line 9
          - line 10
          + line ten\u001b[31m
            line 11
            line 12
            line 13
            # (7 unchanged lines hidden)
        EOT
    ");
}

#[test]
fn text_that_differs_in_space_alone_says_so() {
    insta::assert_snapshot!(shown("a: 1\nb: 2\n".into(), "a:  1\nb: 2\n".into()), @r"
      ~ x = <<-EOT # only whitespace changes
          - a: 1
          + a:  1
            b: 2
        EOT
    ");
}

fn containers(change: impl Fn(&mut serde_json::Value)) -> String {
    let mut containers: serde_json::Value = (0..8)
        .map(|index| {
            let environment: Vec<_> =
                (0..10).map(|n| serde_json::json!({"name": format!("VAR_{n}"), "value": format!("{n}")})).collect();
            serde_json::json!({
                "name": format!("container-{index}"), "image": "repo/app:1.0", "cpu": 10 * index, "essential": true,
                "environment": environment, "portMappings": [{"containerPort": 8000 + index, "protocol": "tcp"}],
            })
        })
        .collect();
    change(&mut containers);
    containers.to_string()
}

#[test]
fn one_environment_variable_of_eight_containers_is_two_changed_lines() {
    let before = containers(|_| ());
    let after = containers(|all| all[3]["environment"][4]["value"] = "changed".into());
    let text = shown(before.into(), after.into());
    let changed = text.lines().filter(|line| line.trim_start().starts_with(['+', '-', '~'])).count();
    assert!(changed <= 3, "{changed} changed lines in {text}");
    insta::assert_snapshot!(text, @r#"
      ~ x = jsonencode(
            [
                # (3 unchanged elements hidden)
                {
                    environment = [
                        # (4 unchanged elements hidden)
                        {
                            name  = "VAR_4"
                          ~ value = "4" -> "changed"
                        },
                        # (5 unchanged elements hidden)
                    ]
                    name        = "container-3"
                    # (4 unchanged attributes hidden)
                },
                # (4 unchanged elements hidden)
            ]
        )
    "#);
}

#[test]
fn elements_of_json_are_matched_by_name_wherever_they_stand() {
    let before = containers(|_| ());
    let after = containers(|all| {
        let all = all.as_array_mut().expect("an array");
        all.swap(0, 7);
        all.remove(2);
    });
    insta::assert_snapshot!(shown(before.into(), after.into()), @r#"
    ~ x = jsonencode(
          [ # the order of elements changes as well
            - {
                - cpu          = 20
                - environment  = [
                    - {
                        - name  = "VAR_0"
                        - value = "0"
                      },
                    - {
                        - name  = "VAR_1"
                        - value = "1"
                      },
                    - {
                        - name  = "VAR_2"
                        - value = "2"
                      },
                    - {
                        - name  = "VAR_3"
                        - value = "3"
                      },
                    - {
                        - name  = "VAR_4"
                        - value = "4"
                      },
                    - {
                        - name  = "VAR_5"
                        - value = "5"
                      },
                    - {
                        - name  = "VAR_6"
                        - value = "6"
                      },
                    - {
                        - name  = "VAR_7"
                        - value = "7"
                      },
                    - {
                        - name  = "VAR_8"
                        - value = "8"
                      },
                    - {
                        - name  = "VAR_9"
                        - value = "9"
                      },
                  ]
                - essential    = true
                - image        = "repo/app:1.0"
                - name         = "container-2"
                - portMappings = [
                    - {
                        - containerPort = 8002
                        - protocol      = "tcp"
                      },
                  ]
              },
              # (7 unchanged elements hidden)
          ]
      )
    "#);
}

#[test]
fn json_that_is_only_written_differently_says_so() {
    let before = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*"}]}"#;
    let spaces = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*"}]}"#;
    let order = r#"{"Statement":[{"Action":"s3:*","Effect":"Allow"}],"Version":"2012-10-17"}"#;
    insta::assert_snapshot!(shown(before.into(), spaces.into()), @r#"  ~ x = jsonencode(..) # only whitespace changes"#);
    insta::assert_snapshot!(shown(before.into(), order.into()), @r#"  ~ x = jsonencode(..) # same content: only the order of keys or the notation changes"#);
}

#[test]
fn json_whose_elements_only_change_places_says_so() {
    insta::assert_snapshot!(shown(r#"{"Action":["a","b","c"]}"#.into(), r#"{"Action":["c","a","b"]}"#.into()), @r#"
    ~ x = jsonencode(
          {
              Action = [ # only the order of elements changes
                + "c",
                  "a",
                  "b",
                - "c",
              ]
          }
      )
    "#);
    let names = |first: &str, second: &str| format!(r#"[{{"name":"{first}"}},{{"name":"{second}"}}]"#);
    insta::assert_snapshot!(shown(names("a", "b").into(), names("b", "a").into()), @r"
    ~ x = jsonencode(
          [ # only the order of elements changes
              # (2 unchanged elements hidden)
          ]
      )
    ");
}

#[test]
fn what_becomes_unknown_shows_what_it_was() {
    insta::assert_snapshot!(shown(json!(["a"]), Value::unknown(Type::list(Type::String))), @r#"
    ~ x = [
        - "a",
      ] -> (known after apply)
    "#);
    insta::assert_snapshot!(shown("a".into(), Value::unknown(Type::String)), @r#"  ~ x = "a" -> (known after apply)"#);
    insta::assert_snapshot!(shown(json!({"a": 1}), "text".into()), @r#"
    ~ x = {
        - a = 1
      } -> "text"
    "#);
    insta::assert_snapshot!(shown("text".into(), json!({"a": 1})), @r#"
    ~ x = "text" ->
      {
        + a = 1
      }
    "#);
}

#[test]
fn sensitive_parts_are_hidden_on_both_sides() {
    let secret = |text: &str| Value::from(text).sensitive();
    insta::assert_snapshot!(shown(secret("old"), "new".into()), @r#"  ~ x = (sensitive value)"#);
    insta::assert_snapshot!(shown("old".into(), secret("new")), @r#"  ~ x = (sensitive value)"#);
    insta::assert_snapshot!(shown("same".into(), secret("same")), @r#"  ~ x = (sensitive value) # becomes sensitive, the value stays"#);
    insta::assert_snapshot!(shown(Value::object([("a", secret("same")), ("b", 1.into())]), json!({"a": "same", "b": 2})), @r"
    ~ x = {
        ~ a = (sensitive value) # is no longer sensitive and will be shown from now on, the value stays
        ~ b = 1 -> 2
      }
    ");
    insta::assert_snapshot!(shown(secret("old"), Value::unknown(Type::String)), @r#"  ~ x = (sensitive value) -> (known after apply)"#);
    let list = |secret: Value| Value::tuple(vec!["a".into(), secret]);
    insta::assert_snapshot!(shown(list("b".into()), list(secret("b"))), @r#"
    ~ x = [
          "a",
        ~ (sensitive value), # becomes sensitive, the value stays
      ]
    "#);
}

#[test]
fn blocks_of_a_set_are_matched_by_what_they_have_in_common() {
    let schema = blocks("ingress", Nesting::Set, &["from_port", "to_port", "protocol", "description"]);
    let before = serde_json::json!({"id": "sg-1", "ingress": [
        {"from_port": "80", "to_port": "80", "protocol": "tcp", "description": "HTTP"},
        {"from_port": "8000", "to_port": "8000", "protocol": "tcp", "description": "Service"},
    ]});
    let after = serde_json::json!({"id": "sg-1", "ingress": [
        {"from_port": "80", "to_port": "80", "protocol": "tcp", "description": "HTTP"},
        {"from_port": "8000", "to_port": "8001", "protocol": "tcp", "description": "Service"},
        {"from_port": "443", "to_port": "443", "protocol": "tcp", "description": ""},
    ]});
    insta::assert_snapshot!(object(before, after, &schema), @r#"
      id = "sg-1"

    ~ ingress {
          description = "Service"
          from_port   = "8000"
          protocol    = "tcp"
        ~ to_port     = "8000" -> "8001"
      }
    + ingress {
        + from_port = "443"
        + protocol  = "tcp"
        + to_port   = "443"
          # (1 unchanged attribute hidden)
      }

      # (1 unchanged block hidden)
    "#);
}

#[test]
fn named_blocks_are_matched_by_name() {
    let schema = blocks("setting", Nesting::Set, &["name", "value"]);
    let before = serde_json::json!({"id": "c", "setting": [{"name": "containerInsights", "value": "enabled"}]});
    let after = serde_json::json!({"id": "c", "setting": [{"name": "containerInsights", "value": "disabled"}]});
    insta::assert_snapshot!(object(before, after, &schema), @r#"
      id = "c"

    ~ setting {
          name  = "containerInsights"
        ~ value = "enabled" -> "disabled"
      }
    "#);
}

#[test]
fn removed_blocks_and_empty_strings_are_hidden_with_a_count() {
    let schema = blocks("setting", Nesting::List, &["name", "value"]);
    let before = serde_json::json!({"id": "c", "note": "", "setting": [{"name": "a", "value": ""}]});
    insta::assert_snapshot!(object(before, serde_json::Value::Null, &schema), @r#"
    - id = "c" -> null
      # (1 unchanged attribute hidden)

    - setting {
        - name = "a" -> null
          # (1 unchanged attribute hidden)
      }
    "#);
}

#[test]
fn change_of_an_empty_string_alone_is_shown() {
    let schema = blocks("setting", Nesting::List, &["name", "value"]);
    let before = serde_json::json!({"id": "c", "note": "", "setting": []});
    insta::assert_snapshot!(object(before, serde_json::json!({"id": "c", "setting": []}), &schema), @r#"
      id   = "c"
    - note = "" -> null
    "#);
}

#[test]
fn blocks_of_a_map_carry_their_keys() {
    let schema = blocks("rule", Nesting::Map, &["value"]);
    let before = serde_json::json!({"id": "c", "rule": {"a": {"value": "1"}, "b": {"value": "2"}}});
    let after = serde_json::json!({"id": "c", "rule": {"a": {"value": "9"}, "b": {"value": "2"}, "c": {"value": "3"}}});
    insta::assert_snapshot!(object(before, after, &schema), @r#"
      id = "c"

    ~ rule "a" {
        ~ value = "1" -> "9"
      }
    + rule "c" {
        + value = "3"
      }

      # (1 unchanged block hidden)
    "#);
}

#[test]
fn place_that_forces_replacement_is_marked_where_it_is() {
    let paths = [
        Path::attribute("id"),
        Path { steps: vec![Step::Attribute("setting".into()), Step::Index(0), Step::Attribute("value".into())] },
    ];
    let schema = blocks("setting", Nesting::List, &["name", "value"]);
    let read = |json: serde_json::Value| model::json::from_json(&json, &schema.implied_type()).expect("fits");
    let before = read(serde_json::json!({"id": "a", "setting": [{"name": "a", "value": "1"}]}));
    let after = read(serde_json::json!({"id": "b", "setting": [{"name": "a", "value": "2"}]}));
    let comparison = Comparison::of_change(&paths, Detail::Changes);
    let mut page = Page::new(4);
    page.body(0, &comparison.object(Some(&before), Some(&after), Some(&schema)));
    insta::assert_snapshot!(plain(&page.finish()), @r#"
    ~ id = "a" -> "b" # forces replacement

    ~ setting {
          name  = "a"
        ~ value = "1" -> "2" # forces replacement
      }
    "#);
}

#[test]
fn sensitive_attributes_of_the_schema_are_hidden_without_a_mark() {
    let mut schema = blocks("setting", Nesting::Single, &["name"]);
    schema.attributes.insert("password".into(), Attribute::new(Type::String, Presence::Optional).sensitive());
    let before = serde_json::json!({"id": "a", "password": "canary"});
    let after = serde_json::json!({"id": "a", "password": "canary2"});
    insta::assert_snapshot!(object(before, after, &schema), @r#"
      id       = "a"
    ~ password = (sensitive value)
    "#);
}

#[test]
fn ephemeral_values_are_not_shown() {
    let ephemeral = Value::from("canary").with_marks(Marks::EPHEMERAL);
    insta::assert_snapshot!(shown("a".into(), ephemeral), @r#"  ~ x = (ephemeral value)"#);
}
