//! Details in which plans, and the states that applies leave, are Terraform's: found by comparing the two on random stacks.

use engine::plan::{Action, Plan, PlanMode, Reason};
use engine::planner;
use serde_json::json;

use crate::world::{World, messages};

async fn plan_with(world: &World, change: impl FnOnce(&mut planner::Options)) -> (Option<Plan>, String) {
    let mut options = planner::Options::default();
    change(&mut options);
    let config = world.config();
    let pool = world.pool();
    let (plan, diagnostics) = planner::plan(world.stack(&config, &pool), &world.state, &options).await;
    (plan, messages(&diagnostics, None))
}

fn target(text: &str) -> model::address::Target {
    text.parse().expect("an address")
}

const MODULE: &str = r#"
    resource "memory_thing" "used" { name = "used" }
    resource "memory_thing" "other" { name = "other" }
    output "id" {
      value     = memory_thing.used.id
      sensitive = true
    }
"#;

#[tokio::test]
async fn a_module_mentioned_as_a_whole_is_waited_for_as_a_whole() {
    let world = World::new(
        r#"
        module "m" { source = "./m" }
        resource "memory_thing" "a" {
          name  = "a"
          needs = [for output in values(module.m) : output]
        }
        resource "memory_thing" "b" {
          name  = "b"
          needs = [module.m.id]
        }
        "#,
    );
    world.write("m/main.tf", MODULE);
    let plan = world.plan().await;
    let dependencies = |addr: &str| {
        let steps = plan.steps.node_weights().filter_map(|step| step.object());
        let step = steps.into_iter().find(|step| step.key.to_string() == addr).expect("a step");
        step.dependencies.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(dependencies("memory_thing.a"), ["module.m.memory_thing.other", "module.m.memory_thing.used"]);
    assert_eq!(dependencies("memory_thing.b"), ["module.m.memory_thing.used"]);
}

#[tokio::test]
async fn a_target_without_a_key_means_all_instances_of_the_module() {
    let world = World::new("module \"m\" {\n  source = \"./m\"\n  count = 2\n}");
    world.write("m/main.tf", MODULE);
    let (plan, _) = plan_with(&world, |options| options.targets = vec![target("module.m")]).await;
    assert_eq!(plan.expect("a plan").summary().add, 4);
    let (plan, _) = plan_with(&world, |options| options.targets = vec![target("module.m[0]")]).await;
    assert_eq!(plan.expect("a plan").summary().add, 2);
}

#[tokio::test]
async fn outputs_that_need_no_targeted_object_are_left_out() {
    let world = World::new(
        r#"
        variable "v" { default = "a" }
        resource "memory_thing" "a" { name = var.v }
        resource "memory_thing" "b" { name = "b" }
        output "a" { value = memory_thing.a.name }
        output "both" { value = [memory_thing.a.name, memory_thing.b.name] }
        output "variable" { value = var.v }
        "#,
    );
    let (plan, _) = plan_with(&world, |options| options.targets = vec![target("memory_thing.a")]).await;
    let plan = plan.expect("a plan");
    assert_eq!(plan.outputs.iter().map(|output| &*output.name).collect::<Vec<_>>(), ["a"]);
}

#[tokio::test]
async fn a_target_must_not_leave_out_what_moves() {
    let world = World::applied("resource \"memory_thing\" \"a\" { name = \"a\" }").await;
    world.rewrite(
        r#"
        resource "memory_thing" "b" { name = "a" }
        resource "memory_thing" "c" { name = "c" }
        moved {
          from = memory_thing.a
          to   = memory_thing.b
        }
        "#,
    );
    let (plan, text) = plan_with(&world, |options| options.targets = vec![target("memory_thing.c")]).await;
    assert!(plan.is_none() && text.contains("Moved resource instances excluded by targeting"), "{text}");
    let both = vec![target("memory_thing.a"), target("memory_thing.b")];
    let (plan, _) = plan_with(&world, |options| options.targets = both).await;
    assert!(plan.is_some());
}

#[tokio::test]
async fn a_request_is_the_reason_even_where_an_update_is_impossible() {
    let world = World::applied("resource \"memory_thing\" \"a\" { name = \"a\" }").await;
    world.rewrite("resource \"memory_thing\" \"a\" { name = \"b\" }");
    let (plan, _) = plan_with(&world, |options| {
        options.replace = vec!["memory_thing.a".parse().expect("an address")];
    })
    .await;
    let plan = plan.expect("a plan");
    assert_eq!(plan.changes[0].action, Action::Replace { create_first: false });
    assert_eq!(plan.changes[0].reason, Some(Reason::Requested));
}

#[tokio::test]
async fn an_output_that_is_known_is_recorded_before_the_apply() {
    let world = World::new(
        r#"
        resource "memory_thing" "a" { name = "a" }
        output "known" { value = memory_thing.a.name }
        output "later" { value = memory_thing.a.id }
        output "nothing" { value = null }
        "#,
    );
    let plan = world.plan().await;
    assert_eq!(plan.refreshed.outputs.keys().map(AsRef::as_ref).collect::<Vec<&str>>(), ["known"]);
    let nothing = plan.outputs.iter().find(|output| &*output.name == "nothing").expect("it is told");
    assert!(!nothing.is_change());
}

#[tokio::test]
async fn results_of_conditions_are_planned_and_recorded() {
    let mut world = World::new(
        r#"
        resource "memory_thing" "a" {
          count = 2
          name  = "a${count.index}"
          lifecycle {
            postcondition {
              condition     = self.id != ""
              error_message = "no id"
            }
          }
        }
        resource "memory_thing" "none" {
          count = 0
          name  = "none"
          lifecycle {
            precondition {
              condition     = path.module != ""
              error_message = "never"
            }
          }
        }
        check "c" {
          assert {
            condition     = path.module == ""
            error_message = "not so"
          }
        }
        "#,
    );
    let short = |results: &[state::checks::CheckResult]| {
        let objects = |result: &state::checks::CheckResult| {
            result.objects.iter().map(|object| format!(" {}={}", object.addr, object.status.name())).collect::<String>()
        };
        let line = |result: &state::checks::CheckResult| {
            format!("{} {}:{}", result.block, result.status.name(), objects(result))
        };
        results.iter().map(line).collect::<Vec<_>>().join("\n")
    };
    let plan = world.plan().await;
    insta::assert_snapshot!(short(&plan.check_results), @r"
    memory_thing.a unknown: memory_thing.a[0]=unknown memory_thing.a[1]=unknown
    memory_thing.none pass:
    check.c fail: check.c=fail
    ");
    world.run(&plan).await;
    let recorded = world.state.check_results.as_deref().expect("results are recorded");
    insta::assert_snapshot!(short(&state::checks::parse(recorded).expect("known")), @r"
    memory_thing.a pass: memory_thing.a[0]=pass memory_thing.a[1]=pass
    memory_thing.none pass:
    check.c fail: check.c=fail
    ");
}

#[tokio::test]
async fn a_configuration_is_described_by_constants_and_references() {
    let world = World::new(
        r#"
        variable "v" { default = 1 }
        module "m" {
          source = "./m"
          count  = 2
        }
        resource "memory_thing" "a" {
          for_each = toset(["x"])
          name     = "n-${each.key}"
          needs    = [module.m[0].id]
        }
        output "constant" { value = 1 + 2 }
        output "called" { value = upper("x") }
        output "part" { value = memory_thing.a["x"].id }
        "#,
    );
    world.write("m/main.tf", "output \"id\" { value = \"m\" }");
    let config = world.config();
    let described = engine::configuration::describe(&config.config, &world.pool());
    let root = &described["root_module"];
    assert_eq!(root["outputs"]["constant"]["expression"], json!({"constant_value": 3}));
    assert_eq!(root["outputs"]["called"]["expression"], json!({}));
    let references = json!(["memory_thing.a[\"x\"].id", "memory_thing.a[\"x\"]", "memory_thing.a"]);
    assert_eq!(root["outputs"]["part"]["expression"], json!({"references": references}));
    let resource = &root["resources"][0];
    assert_eq!(resource["expressions"]["needs"], json!({"references": ["module.m[0].id", "module.m[0]"]}));
    assert_eq!(resource["expressions"]["name"], json!({"references": ["each.key"]}));
    assert!(resource.get("for_each_expression").is_none(), "a call is neither a constant nor a reference");
    assert_eq!(root["module_calls"]["m"]["count_expression"], json!({"constant_value": 2}));
    assert_eq!(root["variables"], json!({"v": {"default": 1}}));
}

#[tokio::test]
async fn what_changes_come_from_is_followed_to_resources() {
    let world = World::new(
        r#"
        resource "memory_thing" "a" { name = "a" }
        resource "memory_thing" "quiet" { name = "quiet" }
        locals { l = { id = memory_thing.a.id } }
        module "m" {
          source = "./m"
          v      = local.l.id
        }
        "#,
    );
    world.write(
        "m/main.tf",
        "variable \"v\" {}\nresource \"memory_thing\" \"b\" {\n  name = \"b\"\n  needs = [var.v]\n}\noutput \"o\" { value = memory_thing.b.arn }",
    );
    let plan = world.plan().await;
    let found = engine::relevant::attributes(&world.config().config, &plan);
    let expected = [
        json!({"resource": "memory_thing.a", "attribute": ["id"]}),
        json!({"resource": "module.m.memory_thing.b", "attribute": ["arn"]}),
    ];
    assert_eq!(found, expected);
}

#[tokio::test]
async fn what_is_excluded_stays_with_all_that_depends_on_it() {
    let text = |name: &str| {
        format!(
            r#"
            resource "memory_thing" "a" {{ name = "a{name}" }}
            resource "memory_thing" "b" {{
              count = 2
              name  = "${{memory_thing.a.name}}-${{count.index}}"
            }}
            resource "memory_thing" "c" {{ name = "c{name}" }}
            output "b" {{ value = memory_thing.b[0].name }}
            output "c" {{ value = memory_thing.c.name }}
            "#
        )
    };
    let changed = |plan: &Plan| {
        let changes = plan.changes.iter().filter(|change| change.action != Action::NoOp);
        changes.map(|change| change.key.to_string()).collect::<Vec<_>>().join(" ")
    };
    let world = World::new(&text(""));
    let (plan, warning) = plan_with(&world, |options| options.excludes = vec![target("memory_thing.a")]).await;
    let plan = plan.expect("a plan");
    assert_eq!(changed(&plan), "memory_thing.c");
    assert_eq!(plan.outputs.iter().map(|output| &*output.name).collect::<Vec<_>>(), ["c"]);
    assert!(warning.contains("Resource exclusion is in effect"), "{warning}");
    let (plan, _) = plan_with(&world, |options| options.excludes = vec![target("memory_thing.b[1]")]).await;
    assert_eq!(changed(&plan.expect("a plan")), "memory_thing.a memory_thing.b[0] memory_thing.c");

    // A destroy keeps what the excluded object needs.
    let world = World::applied(&text("")).await;
    let (plan, _) = plan_with(&world, |options| {
        options.mode = PlanMode::Destroy;
        options.excludes = vec![target("memory_thing.b[0]")];
    })
    .await;
    assert_eq!(changed(&plan.expect("a plan")), "memory_thing.b[1] memory_thing.c");

    // Objects without a block go, unless they are excluded or depend on what is.
    world.rewrite("");
    let (plan, _) = plan_with(&world, |options| options.excludes = vec![target("memory_thing.a")]).await;
    assert_eq!(changed(&plan.expect("a plan")), "memory_thing.c");
}

#[tokio::test]
async fn an_excluded_module_instance_leaves_the_others() {
    let world = World::new(
        "module \"m\" {\n  source = \"./m\"\n  count = 2\n}\nresource \"memory_thing\" \"z\" { name = module.m[0].o }",
    );
    world.write(
        "m/main.tf",
        r#"
        resource "memory_thing" "x" { name = "x" }
        locals { n = memory_thing.x.name }
        resource "memory_thing" "y" { name = local.n }
        output "o" { value = memory_thing.y.name }
        "#,
    );
    let (plan, _) = plan_with(&world, |options| options.excludes = vec![target("module.m[0]")]).await;
    let plan = plan.expect("a plan");
    let names: Vec<String> = plan.changes.iter().map(|change| change.key.to_string()).collect();
    assert_eq!(names, ["module.m[1].memory_thing.x", "module.m[1].memory_thing.y"]);
}
