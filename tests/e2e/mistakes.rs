//! Bad input: each a clear error with a place, exit code 1, and nothing changed.

use crate::project::{Project, program, server};

/// Runs a plan of a text that must fail, and gives what it said.
#[track_caller]
fn refused(text: &str) -> String {
    let Some(server) = server() else { return String::new() };
    let project = Project::new(server, text);
    let run = project.expect(1, &["plan", "-input=false"]);
    assert!(
        !project.path().join("terraform.tfstate").exists()
            || std::fs::metadata(project.path().join("terraform.tfstate")).is_ok_and(|data| data.len() == 0),
        "a refused plan leaves no state"
    );
    run.stderr
}

/// Checks that a message has all of these parts.
#[track_caller]
fn says(message: &str, parts: &[&str]) {
    if server().is_none() {
        return;
    }
    for part in parts {
        assert!(message.contains(part), "{part:?} is missing in:\n{message}");
    }
}

#[test]
fn syntax_error_has_a_place() {
    says(&refused("resource \"aws_vpc\" \"main\" {\n  cidr_block = \n}\n"), &["Error", "main.tf", "2"]);
}

#[test]
fn unknown_argument_has_a_place_and_a_suggestion() {
    let message = refused("resource \"aws_vpc\" \"main\" {\n  cidr_blok = \"10.0.0.0/16\"\n}\n");
    says(&message, &["Unsupported argument", "main.tf", "2", "cidr_block"]);
}

#[test]
fn wrong_type_has_a_place() {
    let message = refused(
        "resource \"aws_vpc\" \"main\" {\n  cidr_block = \"10.0.0.0/16\"\n  enable_dns_support = \"maybe\"\n}\n",
    );
    says(&message, &["enable_dns_support", "main.tf", "3", "bool"]);
}

#[test]
fn missing_variable_is_named() {
    says(&refused("variable \"size\" {\n  type = number\n}\n"), &["No value for required variable", "size", "main.tf"]);
}

#[test]
fn reference_to_nothing_is_named() {
    let message = refused(
        "output \"id\" {\n  value = aws_vpc.mian.id\n}\nresource \"aws_vpc\" \"main\" {\n  cidr_block = \"10.0.0.0/16\"\n}\n",
    );
    says(&message, &["Reference to undeclared resource", "mian", "main.tf", "2"]);
}

#[test]
fn cycle_is_named() {
    let message = refused("locals {\n  a = local.b\n  b = local.a\n}\noutput \"a\" {\n  value = local.a\n}\n");
    says(&message, &["Cycle", "local.a", "local.b"]);
}

#[test]
fn duplicate_resource_names_both_places() {
    let block = "resource \"aws_vpc\" \"main\" {\n  cidr_block = \"10.0.0.0/16\"\n}\n";
    says(&refused(&format!("{block}{block}")), &["Duplicate resource", "aws_vpc", "main.tf"]);
}

#[test]
fn unknown_type_suggests_a_near_one() {
    says(&refused("resource \"aws_vcp\" \"main\" {\n}\n"), &["aws_vcp", "aws_vpc", "main.tf"]);
}

#[test]
fn invalid_network_is_refused_before_any_call() {
    says(
        &refused("resource \"aws_vpc\" \"main\" {\n  cidr_block = \"10.0.0.1/16\"\n}\n"),
        &["10.0.0.1/16", "main.tf", "2"],
    );
}

#[test]
fn broken_state_is_left_as_it_is() {
    let Some(server) = server() else { return };
    let project = Project::new(server, "");
    project.write("terraform.tfstate", "{\"version\": 4, \"serial\": ");
    let run = project.expect(1, &["plan"]);
    says(&run.stderr, &["terraform.tfstate", "line 1"]);
    let text = std::fs::read_to_string(project.path().join("terraform.tfstate")).expect("still there");
    assert_eq!(text, "{\"version\": 4, \"serial\": ");
}

#[test]
fn unreachable_endpoint_is_named_with_the_call() {
    let Some(server) = server() else { return };
    let mut project = Project::new(server, "resource \"aws_ecs_cluster\" \"main\" {\n  name = \"a\"\n}\n");
    project.set_endpoint("http://127.0.0.1:9");
    let run = project.expect(1, &["apply", "-auto-approve"]);
    says(&run.stderr, &["Error"]);
}

#[test]
fn denied_call_names_what_to_allow() {
    use sandbox::proxy::Proxy;
    use sandbox::proxy::failure::Failure;
    use sandbox::proxy::rules::{Action, Matching, Occurrence, Point, Rule};

    let Some(server) = server() else { return };
    let denied = Action::Fail(Failure::AccessDenied);
    let rule = Rule::new(Matching::mutating(), Occurrence::Every, Point::BeforeSending, denied);
    let proxy = Proxy::start(server.port(), vec![rule]).expect("a free port");
    let mut project = Project::new(server, "resource \"aws_ecs_cluster\" \"main\" {\n  name = \"a\"\n}\n");
    project.set_endpoint(&proxy.endpoint());
    let run = project.expect(1, &["apply", "-auto-approve"]);
    says(&run.stderr, &["ecs:CreateCluster", "AccessDenied", "aws_ecs_cluster.main", "main.tf"]);
}

#[test]
fn wrong_command_line_exits_1_and_names_the_way_out() {
    let output =
        std::process::Command::new(program()).args(["plan", "-refrsh=false"]).output().expect("the program runs");
    assert_eq!(output.status.code(), Some(1));
    says(&String::from_utf8_lossy(&output.stderr), &["--refresh"]);
}

#[test]
fn destroy_takes_no_plan() {
    let output = std::process::Command::new(program()).args(["destroy", "saved"]).output().expect("the program runs");
    assert_eq!(output.status.code(), Some(1));
    says(&String::from_utf8_lossy(&output.stderr), &["Too many command line arguments", "infra plan -destroy -out"]);
}
