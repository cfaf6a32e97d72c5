//! States and plans as `show` gives them.

use std::sync::Arc;

use engine::plan::{Action, Reason};
use model::path::Path;
use model::value::Value;
use serde_json::json;
use state::checks::{CheckResult, CheckStatus, CheckedObject};
use state::{Instance, Object, Output, Unrecognized};

use super::*;
use crate::fixtures::{change, output, plan, provider, schemas};
use crate::style::plain;
use crate::values::Secrets;

fn stored(json: serde_json::Value) -> Object {
    Object::new(0, serde_json::value::to_raw_value(&json).expect("JSON").into())
}

fn state() -> State {
    let mut state = State { lineage: "l".into(), serial: 3, ..State::default() };
    let mut add = |addr: &str, object: Object| {
        let instance = Instance {
            provider: provider(),
            current: Some(object),
            deposed: Default::default(),
            unrecognized: Unrecognized::default(),
        };
        state.instances.insert(addr.parse().expect("an address"), instance);
    };
    let mut main = stored(json!({
        "id": "i-1", "name": "main", "cidr": null, "policy": "{\"a\":\"b\"}", "size": 2, "tags": {"Name": "main", "T": "canary3"},
        "password": "canary", "rule": [{"port": "80", "secret": null}],
    }));
    main.sensitive =
        vec![Path { steps: vec![model::path::Step::Attribute("tags".into()), model::path::Step::Key("T".into())] }];
    add("test_thing.main", main);
    let mut tainted = stored(json!({"id": "i-2", "rule": []}));
    tainted.status = Status::Tainted;
    tainted.dependencies = vec![model::address::ConfigAddr {
        module: model::address::ModuleAddr::root(),
        resource: model::address::ResourceAddr::managed("test_thing", "main"),
    }];
    add("module.net[\"a\"].module.deep.test_thing.each[1]", tainted);
    let deposed = stored(json!({"id": "i-0", "password": "canary"}));
    let main = state.instances.get_mut(&"test_thing.main".parse().expect("an address")).expect("was added");
    main.deposed.insert("0a1b2c3d".into(), deposed);
    state.outputs.insert("url".into(), Output { value: Value::from("canary2").sensitive() });
    state.outputs.insert("id".into(), Output { value: "i-1".into() });
    state
}

#[test]
fn state_is_shown_object_by_object() {
    insta::assert_snapshot!(plain(&state_text(&state(), &schemas)), @r#"
    # test_thing.main:
    resource "test_thing" "main" {
        id       = "i-1"
        name     = "main"
        password = (sensitive value)
        policy   = jsonencode(
            {
                a = "b"
            }
        )
        size     = 2
        tags     = {
            "Name" = "main"
            "T"    = (sensitive value)
        }

        rule {
            port = "80"
        }
    }

    # test_thing.main (deposed object 0a1b2c3d):
    resource "test_thing" "main" {
        id       = "i-0"
        password = (sensitive value)
    }

    # module.net["a"].module.deep.test_thing.each[1]: (tainted)
    resource "test_thing" "each" {
        id = "i-2"
    }


    Outputs:

    id = "i-1"
    url = <sensitive>
    "#);
    insta::assert_snapshot!(state_text(&State::default(), &schemas), @"The state is empty. No resources are recorded.");
}

#[test]
fn object_without_a_schema_is_not_shown() {
    let nobody = |_: &model::address::ProviderAddr, _: model::address::Mode, _: &str| None;
    let text = plain(&state_text(&state(), &nobody));
    assert!(!text.contains("canary") && text.contains("not shown"), "{text}");
    let json = state_json(&state(), &nobody, Secrets::Hidden).to_string();
    assert!(!json.contains("canary"), "{json}");
}

#[test]
fn one_instance_is_shown_with_its_deposed_objects() {
    let text = instance_text(&state(), &"test_thing.main".parse().expect("an address"), &schemas).expect("it is there");
    assert_eq!(text.matches("# test_thing.main").count(), 2);
    assert_eq!(instance_text(&state(), &"test_thing.none".parse().expect("an address"), &schemas), None);
}

#[test]
fn addresses_are_listed_within_targets() {
    let list_of = |targets: &[&str]| {
        let targets: Vec<Target> = targets.iter().map(|target| target.parse().expect("a target")).collect();
        list(&state(), &targets)
    };
    assert_eq!(list_of(&[]), "test_thing.main\nmodule.net[\"a\"].module.deep.test_thing.each[1]\n");
    assert_eq!(list_of(&["test_thing.main"]), "test_thing.main\n");
    assert_eq!(list_of(&["module.none"]), "");
}

#[test]
fn state_as_json_has_the_form_of_terraform() {
    let text = serde_json::to_string_pretty(&state_json(&state(), &schemas, Secrets::Hidden)).expect("JSON");
    insta::assert_snapshot!(text, @r#"
    {
      "format_version": "1.0",
      "terraform_version": "1.11.4",
      "values": {
        "outputs": {
          "id": {
            "sensitive": false,
            "type": "string",
            "value": "i-1"
          },
          "url": {
            "sensitive": true,
            "type": "string",
            "value": null
          }
        },
        "root_module": {
          "child_modules": [
            {
              "address": "module.net[\"a\"]",
              "child_modules": [
                {
                  "address": "module.net[\"a\"].module.deep",
                  "resources": [
                    {
                      "address": "module.net[\"a\"].module.deep.test_thing.each[1]",
                      "depends_on": [
                        "test_thing.main"
                      ],
                      "index": 1,
                      "mode": "managed",
                      "name": "each",
                      "provider_name": "registry.terraform.io/hashicorp/test",
                      "schema_version": 0,
                      "sensitive_values": {
                        "password": true,
                        "rule": []
                      },
                      "tainted": true,
                      "type": "test_thing",
                      "values": {
                        "cidr": null,
                        "id": "i-2",
                        "name": null,
                        "password": null,
                        "policy": null,
                        "rule": [],
                        "size": null,
                        "tags": null
                      }
                    }
                  ]
                }
              ]
            }
          ],
          "resources": [
            {
              "address": "test_thing.main",
              "mode": "managed",
              "name": "main",
              "provider_name": "registry.terraform.io/hashicorp/test",
              "schema_version": 0,
              "sensitive_values": {
                "password": true,
                "rule": [
                  {}
                ],
                "tags": {
                  "T": true
                }
              },
              "type": "test_thing",
              "values": {
                "cidr": null,
                "id": "i-1",
                "name": "main",
                "password": null,
                "policy": "{\"a\":\"b\"}",
                "rule": [
                  {
                    "port": "80",
                    "secret": null
                  }
                ],
                "size": 2,
                "tags": {
                  "Name": "main",
                  "T": null
                }
              }
            },
            {
              "address": "test_thing.main",
              "deposed_key": "0a1b2c3d",
              "mode": "managed",
              "name": "main",
              "provider_name": "registry.terraform.io/hashicorp/test",
              "schema_version": 0,
              "sensitive_values": {
                "password": true
              },
              "type": "test_thing",
              "values": {
                "cidr": null,
                "id": "i-0",
                "name": null,
                "password": null,
                "policy": null,
                "rule": null,
                "size": null,
                "tags": null
              }
            }
          ]
        }
      }
    }
    "#);
    assert_eq!(state_json(&State::default(), &schemas, Secrets::Hidden), json!({"format_version": "1.0"}));
    assert!(state_json(&state(), &schemas, Secrets::Shown).to_string().contains("canary2"));
}

#[test]
fn plan_as_json_has_the_form_of_terraform() {
    let before = json!({"id": "i-1", "name": "main", "cidr": "a", "password": "<secret>canary", "tags": {"A": "b"}});
    let after = json!({"id": "<unknown>", "name": "main", "cidr": "b", "password": "<secret>canary2", "tags": {"A": "<unknown>"},
        "rule": [{"port": "<unknown>", "secret": null}]});
    let mut replaced =
        change("module.net[\"a\"].test_thing.main", Action::Replace { create_first: true }, before, after);
    replaced.replace_paths = vec![Path::attribute("cidr")];
    replaced.reason = Some(Reason::CannotUpdate);
    replaced.previous = Some("test_thing.old".parse().expect("an address"));
    let mut plan = plan(vec![replaced]);
    plan.outputs = vec![
        output("secret", Some("canary".into()), Some(Value::from("canary").sensitive())),
        output("later", None, Some(Value::unknown(model::ty::Type::String))),
    ];
    plan.outputs[0].sensitive = true;
    let addr: model::checkable::CheckableAddr = "var.cidr".parse().expect("an address");
    let checked =
        CheckedObject { addr: addr.clone(), status: CheckStatus::Fail, messages: vec!["must be private".into()] };
    plan.check_results = vec![CheckResult { block: addr, status: CheckStatus::Fail, objects: vec![checked] }];
    let variables =
        [(Arc::from("password"), Value::from("canary").sensitive()), (Arc::from("env"), "dev".into())].into();
    let extras = PlanExtras { variables: Some(&variables), ..PlanExtras::default() };
    let text = serde_json::to_string_pretty(&plan_json(&plan, &schemas, extras)).expect("JSON");
    assert!(!text.contains("canary"), "{text}");
    insta::assert_snapshot!(text, @r#"
    {
      "applyable": true,
      "checks": [
        {
          "address": {
            "kind": "var",
            "name": "cidr",
            "to_display": "var.cidr"
          },
          "instances": [
            {
              "address": {
                "to_display": "var.cidr"
              },
              "problems": [
                {
                  "message": "must be private"
                }
              ],
              "status": "fail"
            }
          ],
          "status": "fail"
        }
      ],
      "complete": true,
      "errored": false,
      "format_version": "1.2",
      "output_changes": {
        "later": {
          "actions": [
            "create"
          ],
          "after_sensitive": false,
          "after_unknown": true,
          "before": null,
          "before_sensitive": false
        },
        "secret": {
          "actions": [
            "update"
          ],
          "after": null,
          "after_sensitive": true,
          "after_unknown": false,
          "before": null,
          "before_sensitive": true
        }
      },
      "planned_values": {
        "outputs": {
          "later": {
            "sensitive": false
          },
          "secret": {
            "sensitive": true,
            "type": "string",
            "value": null
          }
        },
        "root_module": {
          "child_modules": [
            {
              "address": "module.net[\"a\"]",
              "resources": [
                {
                  "address": "module.net[\"a\"].test_thing.main",
                  "mode": "managed",
                  "name": "main",
                  "provider_name": "registry.terraform.io/hashicorp/test",
                  "schema_version": 0,
                  "sensitive_values": {
                    "password": true,
                    "rule": [
                      {}
                    ],
                    "tags": {}
                  },
                  "type": "test_thing",
                  "values": {
                    "cidr": "b",
                    "name": "main",
                    "password": null,
                    "policy": null,
                    "rule": [
                      {
                        "secret": null
                      }
                    ],
                    "size": null,
                    "tags": {}
                  }
                }
              ]
            }
          ]
        }
      },
      "resource_changes": [
        {
          "action_reason": "replace_because_cannot_update",
          "address": "module.net[\"a\"].test_thing.main",
          "change": {
            "actions": [
              "create",
              "delete"
            ],
            "after": {
              "cidr": "b",
              "name": "main",
              "password": null,
              "policy": null,
              "rule": [
                {
                  "secret": null
                }
              ],
              "size": null,
              "tags": {}
            },
            "after_sensitive": {
              "password": true,
              "rule": [
                {}
              ],
              "tags": {}
            },
            "after_unknown": {
              "id": true,
              "rule": [
                {
                  "port": true
                }
              ],
              "tags": {
                "A": true
              }
            },
            "before": {
              "cidr": "a",
              "id": "i-1",
              "name": "main",
              "password": null,
              "policy": null,
              "rule": null,
              "size": null,
              "tags": {
                "A": "b"
              }
            },
            "before_sensitive": {
              "password": true,
              "tags": {}
            },
            "replace_paths": [
              [
                "cidr"
              ]
            ]
          },
          "mode": "managed",
          "module_address": "module.net[\"a\"]",
          "name": "main",
          "previous_address": "test_thing.old",
          "provider_name": "registry.terraform.io/hashicorp/test",
          "type": "test_thing"
        }
      ],
      "terraform_version": "1.11.4",
      "timestamp": "2026-01-02T03:04:05Z",
      "variables": {
        "env": {
          "value": "dev"
        },
        "password": {
          "value": null
        }
      }
    }
    "#);
}
