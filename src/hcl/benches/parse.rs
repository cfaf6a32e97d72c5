//! How fast texts are lexed, parsed and formatted, beside hcl-edit in the same run.
#![expect(clippy::print_stdout, reason = "the figures are the output")]

use std::fmt::Write;
use std::hint::black_box;
use std::time::{Duration, Instant};

fn main() {
    let text = configuration(100);
    let megabytes = text.len() as f64 / 1e6;
    println!("{:.2} MB of an ordinary configuration, best of several runs", megabytes);
    let report = |name: &str, best: Duration| println!("{name:<16} {:>7.1} MB/s", megabytes / best.as_secs_f64());
    let lex = best(|| drop(black_box(hcl::lexer::tokenize(&text))));
    let parse = best(|| drop(black_box(hcl::parse(&text))));
    let format = best(|| drop(black_box(hcl::format::format(&text))));
    let hcl_edit = best(|| drop(black_box(hcl_edit::parser::parse_body(&text))));
    report("lex", lex);
    report("parse", parse);
    report("format", format);
    report("hcl-edit parse", hcl_edit);
    println!("parse is {:.1} times as fast as hcl-edit", hcl_edit.as_secs_f64() / parse.as_secs_f64());
    let json = json(20_000);
    let best_json = best(|| drop(black_box(hcl::json::parse(&json))));
    println!("{:<16} {:>7.1} MB/s", "json parse", json.len() as f64 / 1e6 / best_json.as_secs_f64());
}

/// The shortest of the runs of about two seconds.
fn best(mut run: impl FnMut()) -> Duration {
    let start = Instant::now();
    let mut best = Duration::MAX;
    while start.elapsed() < Duration::from_secs(2) {
        let before = Instant::now();
        run();
        best = best.min(before.elapsed());
    }
    best
}

/// Blocks as configurations have them.
fn configuration(blocks: usize) -> String {
    let mut text = String::new();
    for index in 0..blocks {
        write!(
            text,
            r#"
# The service number {index} and what it needs.
resource "aws_ecs_service" "service_{index}" {{
  name            = "${{var.project}}-${{var.environment}}-{index}"
  cluster         = aws_ecs_cluster.main.id
  task_definition = aws_ecs_task_definition.service_{index}.arn
  desired_count   = var.environment == "production" ? 3 : 1
  launch_type     = "FARGATE"

  network_configuration {{
    subnets         = [for subnet in aws_subnet.private : subnet.id if subnet.availability_zone != "eu-west-1c"]
    security_groups = [aws_security_group.api.id, aws_security_group.db[0].id] // both
  }}

  dynamic "load_balancer" {{
    for_each = toset(local.ports)
    content {{
      container_port   = load_balancer.value
      target_group_arn = lookup(local.target_groups, load_balancer.key, null)
    }}
  }}

  environment = jsonencode([
    {{ name = "DATABASE_URL", value = "postgresql://${{var.db_user}}@${{aws_db_instance.main.endpoint}}/app" }},
    {{ name = "WORKERS", value = {index} * 2 + 1 }},
  ])

  user_data = <<-EOT
    #!/bin/sh
    echo "service ${{var.name}} number {index}"
    exec run --port ${{local.ports[0]}}
  EOT

  tags = merge(local.tags, {{
    Name = "service-{index}"
  }})
}}
"#
        )
        .expect("writing to a string never fails");
    }
    text
}

/// A file of variable values.
fn json(values: usize) -> String {
    let members: Vec<String> = (0..values)
        .map(|index| format!("\n  \"value_{index}\": {{\"name\": \"x{index}\", \"ports\": [80, {index}]}}"))
        .collect();
    format!("{{{}\n}}\n", members.join(","))
}
