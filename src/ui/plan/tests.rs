//! Whole plans as text.

use engine::drift::Drift;
use engine::plan::{Action, PlanMode, Reason};
use model::address::Generation;
use model::path::Path;
use model::value::Value;
use serde_json::{Value as Json, json};

use super::*;
use crate::fixtures::{self, change, object, output, plan, schemas};
use crate::style::plain;

fn shown(plan: &Plan) -> String {
    plain(&text(plan, &schemas))
}

#[test]
fn created_object_shows_what_is_known_and_what_is_not() {
    let after = json!({"id": "<unknown>", "name": "main", "size": 3, "password": "<secret>canary",
        "tags": {"Name": "main", "Team": "a"}, "rule": [{"port": "80"}]});
    let plan = plan(vec![change("test_thing.main", Action::Create, Json::Null, after)]);
    insta::assert_snapshot!(shown(&plan), @r#"
    infra will perform these actions, as the sign in front of each object says:
      + create

      # test_thing.main will be created
      + resource "test_thing" "main" {
          + id       = (known after apply)
          + name     = "main"
          + password = (sensitive value)
          + size     = 3
          + tags     = {
              + "Name" = "main"
              + "Team" = "a"
            }

          + rule {
              + port = "80"
            }
        }

    Plan: 1 to add, 0 to change, 0 to destroy.
    "#);
}

#[test]
fn replacement_says_which_attribute_forces_it() {
    let before = json!({"id": "i-1", "name": "main", "cidr": "10.0.0.0/16", "tags": {"Name": "main"}});
    let after = json!({"id": "<unknown>", "name": "main", "cidr": "10.1.0.0/16", "tags": {"Name": "main"}});
    let mut replaced = change("test_thing.main", Action::Replace { create_first: false }, before, after);
    replaced.reason = Some(Reason::CannotUpdate);
    replaced.replace_paths = vec![Path::attribute("cidr")];
    let mut first = replaced.clone();
    first.key = fixtures::key("module.net[\"a\"].test_thing.other[0]");
    first.action = Action::Replace { create_first: true };
    insta::assert_snapshot!(shown(&plan(vec![first, replaced])), @r#"
    infra will perform these actions, as the sign in front of each object says:
    -/+ destroy, then create a replacement
    +/- create a replacement, then destroy

      # module.net["a"].test_thing.other[0] must be replaced
    +/- resource "test_thing" "other" {
          ~ cidr = "10.0.0.0/16" -> "10.1.0.0/16" # forces replacement
          ~ id   = "i-1" -> (known after apply)
            name = "main"
            tags = {
                "Name" = "main"
            }
        }

      # test_thing.main must be replaced
    -/+ resource "test_thing" "main" {
          ~ cidr = "10.0.0.0/16" -> "10.1.0.0/16" # forces replacement
          ~ id   = "i-1" -> (known after apply)
            name = "main"
            tags = {
                "Name" = "main"
            }
        }

    Plan: 2 to add, 0 to change, 2 to destroy.
    "#);
}

#[test]
fn every_reason_is_given_in_words() {
    let object = || json!({"id": "i-1", "name": "n"});
    let delete = |addr: &str, reason| {
        let mut change = change(addr, Action::Delete, object(), Json::Null);
        change.reason = Some(reason);
        change
    };
    let mut changes = vec![
        delete("test_thing.gone", Reason::NoConfig),
        delete("module.old.test_thing.gone", Reason::NoModule),
        delete("test_thing.single[1]", Reason::WrongRepetition),
        delete("test_thing.many[3]", Reason::CountIndex),
        delete("test_thing.each[\"b\"]", Reason::EachKey),
    ];
    let mut deposed = delete("test_thing.put_aside", Reason::Deposed);
    deposed.key.generation = Generation::Deposed("0a1b2c3d".into());
    let replace = |addr: &str, reason| {
        let mut change = change(addr, Action::Replace { create_first: false }, object(), object());
        change.reason = Some(reason);
        change
    };
    changes.extend([
        deposed,
        replace("test_thing.tainted", Reason::Tainted),
        replace("test_thing.requested", Reason::Requested),
        replace("test_thing.triggered", Reason::Triggered),
    ]);
    let read = |addr: &str, reason| {
        let mut change = change(addr, Action::Read, Json::Null, json!({"id": "<unknown>"}));
        change.reason = Some(reason);
        change
    };
    changes.extend([
        read("data.test_thing.a", Reason::ConfigUnknown),
        read("data.test_thing.b", Reason::DependencyPending),
    ]);
    let mut forget = change("test_thing.forgotten", Action::Forget, object(), Json::Null);
    forget.reason = Some(Reason::NoConfig);
    changes.push(forget);
    let text = shown(&plan(changes));
    let headlines: Vec<&str> = text.lines().filter(|line| line.starts_with("  #")).collect();
    insta::assert_snapshot!(headlines.join("\n"), @r#"
    # test_thing.gone will be destroyed
    # (because test_thing.gone is not in configuration)
    # module.old.test_thing.gone will be destroyed
    # (because module.old is not in configuration)
    # test_thing.single[1] will be destroyed
    # (because test_thing.single is written without `count` or `for_each` now)
    # test_thing.many[3] will be destroyed
    # (because index [3] is out of range for count)
    # test_thing.each["b"] will be destroyed
    # (because key ["b"] is not in for_each)
    # test_thing.put_aside (deposed object 0a1b2c3d) will be destroyed
    # (left over from a replacement that was interrupted)
    # test_thing.tainted is tainted, so must be replaced
    # test_thing.requested will be replaced, as requested
    # test_thing.triggered must be replaced
    # (because of what `replace_triggered_by` names)
    # data.test_thing.a will be read during apply
    # (because its configuration holds values that are not known yet)
    # data.test_thing.b will be read during apply
    # (because something it depends on has changes pending)
    # test_thing.forgotten will be forgotten, but not destroyed
    # (because it is removed without being destroyed)
    "#);
    insta::assert_snapshot!(text.lines().last().unwrap_or_default(), @"Plan: 3 to add, 0 to change, 9 to destroy, 1 to forget.");
}

#[test]
fn moved_and_imported_objects_are_shown_although_nothing_is_done_to_them() {
    let object = || json!({"id": "i-1", "name": "n", "size": 2, "tags": {"Name": "n"}});
    let mut moved = change("test_thing.new", Action::NoOp, object(), object());
    moved.previous = Some("test_thing.old".parse().expect("an address"));
    let mut imported = change("test_thing.taken", Action::NoOp, object(), object());
    imported.import = Some("i-1".into());
    let mut both = change("test_thing.both", Action::Update, object(), json!({"id": "i-1", "name": "n", "size": 3}));
    both.previous = Some("test_thing.before".parse().expect("an address"));
    insta::assert_snapshot!(shown(&plan(vec![moved, imported, both])), @r#"
    infra will perform these actions, as the sign in front of each object says:
      ~ update in place

      # test_thing.old has moved to test_thing.new
        resource "test_thing" "new" {
            id   = "i-1"
            name = "n"
            tags = {
                "Name" = "n"
            }
            # (1 unchanged attribute hidden)
        }

      # test_thing.taken will be imported
      # (imported from "i-1")
        resource "test_thing" "taken" {
            id   = "i-1"
            name = "n"
            size = 2
            tags = {
                "Name" = "n"
            }
        }

      # test_thing.both will be updated in-place
      # (moved from test_thing.before)
      ~ resource "test_thing" "both" {
            id   = "i-1"
            name = "n"
          ~ size = 2 -> 3
          - tags = {
              - "Name" = "n"
            } -> null
        }

    Plan: 1 to import, 0 to add, 1 to change, 0 to destroy.
    "#);
}

#[test]
fn plan_without_changes_is_one_sentence() {
    let object = || json!({"id": "i-1"});
    let mut plan = plan(vec![change("test_thing.main", Action::NoOp, object(), object())]);
    insta::assert_snapshot!(shown(&plan), @"No changes. Your infrastructure matches the configuration.");
    plan.mode = PlanMode::Destroy;
    insta::assert_snapshot!(shown(&plan), @"No changes. No objects need to be destroyed.");
    plan.mode = PlanMode::RefreshOnly;
    insta::assert_snapshot!(shown(&plan), @"No changes. Your infrastructure still matches the state.");
}

#[test]
fn outputs_alone_change_no_object() {
    let mut plan = plan(Vec::new());
    plan.outputs = vec![
        output("added", None, Some(Value::unknown(model::ty::Type::String))),
        output("changed", Some("a".into()), Some("b".into())),
        output("removed", Some("a".into()), None),
        output("same", Some("a".into()), Some("a".into())),
        output("secret", Some("canary".into()), Some("canary2".into())),
    ];
    plan.outputs[4].sensitive = true;
    insta::assert_snapshot!(shown(&plan), @r#"
    Changes to Outputs:
      + added   = (known after apply)
      ~ changed = "a" -> "b"
      - removed = "a" -> null
      ~ secret  = (sensitive value)

    An apply saves these outputs and changes no object.
    "#);
}

#[test]
fn drift_that_matters_stands_before_the_actions() {
    let drift = |addr: &str, live: Option<Json>, relevant| Drift {
        key: fixtures::key(addr),
        provider: fixtures::provider(),
        applied: object(json!({"id": "i-1", "name": "n", "size": 2})),
        live: live.map(object),
        attributes: Vec::new(),
        relevant,
        range: None,
    };
    let before = json!({"id": "i-1", "name": "n", "size": 5});
    let after = json!({"id": "i-1", "name": "n", "size": 2});
    let mut plan = plan(vec![change("test_thing.main", Action::Update, before.clone(), after)]);
    plan.drift = vec![
        drift("test_thing.main", Some(before), true),
        drift("test_thing.gone", None, true),
        drift("test_thing.other", None, false),
    ];
    insta::assert_snapshot!(shown(&plan), @r#"
    Objects have changed outside of infra

    Since the last apply, in ways that may have led to the actions below:

      # test_thing.main has changed
      ~ resource "test_thing" "main" {
            id   = "i-1"
            name = "n"
          ~ size = 2 -> 5
        }

      # test_thing.gone has been deleted
      - resource "test_thing" "gone" {
            id   = "i-1"
            name = "n"
            # (1 unchanged attribute hidden)
        }

    1 more object changed without effect on this plan; `infra drift` shows all.

    infra will perform these actions, as the sign in front of each object says:
      ~ update in place

      # test_thing.main will be updated in-place
      ~ resource "test_thing" "main" {
            id   = "i-1"
            name = "n"
          ~ size = 5 -> 2
        }

    Plan: 0 to add, 1 to change, 0 to destroy.
    "#);
    plan.changes.clear();
    plan.mode = PlanMode::RefreshOnly;
    insta::assert_snapshot!(shown(&plan), @r#"
    Objects have changed outside of infra

    Since the last apply:

      # test_thing.main has changed
      ~ resource "test_thing" "main" {
            id   = "i-1"
            name = "n"
          ~ size = 2 -> 5
        }

      # test_thing.gone has been deleted
      - resource "test_thing" "gone" {
            id   = "i-1"
            name = "n"
            # (1 unchanged attribute hidden)
        }

      # test_thing.other has been deleted
      - resource "test_thing" "other" {
            id   = "i-1"
            name = "n"
            # (1 unchanged attribute hidden)
        }

    This is a refresh-only plan: an apply records what is shown above in the state and changes no object.
    "#);
}

#[test]
fn limited_plan_says_what_it_is_limited_to() {
    let mut plan = plan(Vec::new());
    plan.targets = vec!["test_thing.main".parse().expect("a target")];
    insta::assert_snapshot!(shown(&plan), @r"
    No changes. Your infrastructure matches the configuration.

    Note: the plan is limited to `test_thing.main` with all dependencies. Plan again without `-target` afterwards.
    ");
}
