//! Rules, certificates and targets of load balancers, and data sources that look at them.

use serde_json::json;

use super::{BALANCER, Case, attributes, attributes_of_data, id, live, text};
use crate::project::{Project, server};

const LISTENER: &str = r#"
resource "aws_lb_listener" "around" {
  load_balancer_arn = aws_lb.around.arn
  port              = 80
  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.around.arn
  }
}
"#;

#[test]
fn lb_listener_rule_lives() {
    let around = format!("{BALANCER}{LISTENER}");
    let block = |priority: &str, action: &str, conditions: &str, more: &str| {
        format!(
            "resource \"aws_lb_listener_rule\" \"it\" {{\n listener_arn = aws_lb_listener.around.arn\n{priority}\n{action}\n{conditions}\n{more}\n}}"
        )
    };
    let forward = "action {\n type = \"forward\"\n target_group_arn = aws_lb_target_group.around.arn\n }";
    let fixed = "action {\n type = \"fixed-response\"\n fixed_response {\n content_type = \"text/plain\"\n message_body = \"gone\"\n status_code = \"410\"\n }\n }";
    let few = "condition {\n path_pattern { values = [\"/a/*\", \"/b\"] }\n }";
    let many = r#"
condition {
  host_header { values = ["a.example.com"] }
}
condition {
  http_header {
    http_header_name = "X-Canary"
    values           = ["1", "true"]
  }
}
condition {
  http_request_method { values = ["GET"] }
}
condition {
  query_string {
    key   = "a"
    value = "b"
  }
  query_string { value = "c" }
}
condition {
  source_ip { values = ["10.0.0.0/8"] }
}
"#;
    live(&Case {
        address: "aws_lb_listener_rule.it",
        around: around.leak(),
        create: block("priority = 20", forward, few, "").leak(),
        update: block("priority = 50", fixed, many, "tags = { a = \"1\" }").leak(),
        replace: "",
        drift: ("priority", || json!(7)),
        import: id,
        import_is_whole: true,
    });
}

#[test]
fn lb_target_group_attachment_lives() {
    let block = |address: &str, more: &str| {
        format!(
            "resource \"aws_lb_target_group_attachment\" \"it\" {{\n target_group_arn = aws_lb_target_group.around.arn\n target_id = \"{address}\"\n{more}\n}}"
        )
    };
    live(&Case {
        address: "aws_lb_target_group_attachment.it",
        around: BALANCER,
        create: block("10.1.0.7", "").leak(),
        update: "",
        replace: block("10.1.0.7", "port = 8080").leak(),
        drift: ("target_id", || json!("10.1.0.8")),
        import: |attributes| format!("{},10.1.0.7,8080", text(attributes, "target_group_arn")),
        import_is_whole: true,
    });
}

#[test]
fn rules_without_a_priority_come_behind_the_others() {
    let Some(server) = server() else { return };
    let rule = |name: &str, priority: &str| {
        format!(
            "resource \"aws_lb_listener_rule\" \"{name}\" {{\n listener_arn = aws_lb_listener.around.arn\n{priority}\n action {{\n type = \"forward\"\n target_group_arn = aws_lb_target_group.around.arn\n }}\n condition {{\n path_pattern {{ values = [\"/{name}\"] }}\n }}\n}}"
        )
    };
    let listener = format!("{BALANCER}{LISTENER}{}", rule("first", "priority = 7"));
    let project = Project::new(server, &listener);
    project.apply();
    project.write("main.tf", &format!("{listener}\n{}", rule("second", "")));
    project.apply();
    project.expect_no_changes();
    assert_eq!(attributes(&project.state(), "aws_lb_listener_rule.second")["priority"], 8);
    project.write("main.tf", &format!("{listener}\n{}", rule("second", "priority = 7")));
    let refused = project.expect(1, &["plan", "-input=false"]);
    assert!(
        refused.stderr.contains("that of aws_lb_listener_rule.first as well. (PriorityInUse)"),
        "{}",
        refused.stderr
    );
    // A plan of this rule alone does not see the other one.
    let alone = ["apply", "-auto-approve", "-input=false", "-target=aws_lb_listener_rule.second"];
    let failed = project.expect(1, &alone);
    assert!(failed.stderr.contains("has the priority 7 already"), "{}", failed.stderr);
    project.destroy();
}

#[test]
fn load_balancers_are_looked_up() {
    let Some(server) = server() else { return };
    let looked_up = r#"
data "aws_lb" "by_name" { name = aws_lb.around.name }
data "aws_lb_target_group" "by_arn" { arn = aws_lb_target_group.around.arn }
data "aws_lb_listener" "by_port" {
  load_balancer_arn = aws_lb.around.arn
  port              = aws_lb_listener.around.port
}
"#;
    let project = Project::new(server, &format!("{BALANCER}{LISTENER}{looked_up}"));
    project.apply();
    project.expect_no_changes();
    let state = project.state();
    let found = |address: &str| attributes_of_data(&state, address);
    assert_eq!(found("aws_lb.by_name")["dns_name"], attributes(&state, "aws_lb.around")["dns_name"]);
    assert_eq!(found("aws_lb_target_group.by_arn")["name"], "around");
    assert_eq!(found("aws_lb_listener.by_port")["arn"], attributes(&state, "aws_lb_listener.around")["arn"]);
    project.destroy();
}

#[test]
fn rules_change_places() {
    let Some(server) = server() else { return };
    let rule = |name: &str, priority: u32| {
        format!(
            "resource \"aws_lb_listener_rule\" \"{name}\" {{\n listener_arn = aws_lb_listener.around.arn\n priority = {priority}\n action {{\n type = \"forward\"\n target_group_arn = aws_lb_target_group.around.arn\n }}\n condition {{\n path_pattern {{ values = [\"/{name}\"] }}\n }}\n}}\n"
        )
    };
    let stack = |a, b, c| format!("{BALANCER}{LISTENER}{}{}{}", rule("a", a), rule("b", b), rule("c", c));
    let project = Project::new(server, &stack(1, 2, 3));
    project.apply();
    project.write("main.tf", &stack(2, 3, 1));
    let run = project.expect(0, &["apply", "-auto-approve", "-input=false", "-verbose"]);
    project.expect_no_changes();
    let told = format!("{}{}", run.stdout, run.stderr);
    let calls = told.lines().find(|line| line.contains("SetRulePriorities"));
    assert!(calls.is_some_and(|line| line.split_whitespace().any(|word| word == "1")), "{calls:?}");

    // A new rule takes the place that another one leaves in the same run.
    project.write("main.tf", &format!("{}{}", stack(2, 3, 4), rule("d", 1)));
    project.apply();
    project.expect_no_changes();
    project.destroy();
}
