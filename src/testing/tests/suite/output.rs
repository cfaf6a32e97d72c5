//! What programs read: the stream of JSON and JUnit's XML.

use engine::apply::StopSource;
use engine::pool::Pool;
use jiff::Timestamp;
use ui::stream::Stream;
use ui::test_report::{TestStream, junit};

use crate::world::{Builtin, World};

const STACK: &str = r#"
--- main.tf
variable "name" {}
resource "terraform_data" "a" {
  input = var.name
  lifecycle { prevent_destroy = true }
}
output "name" { value = terraform_data.a.output }
--- main.tftest.hcl
override_resource {
  target = terraform_data.a
  values = { id = "made-up", output = "made-up" }
}
variables {
  name = "x"
}
run "passes" {
  command = plan
  variables { other = 1 }
}
run "fails" {
  assert {
    condition     = output.name == "x"
    error_message = "it is <${output.name}>"
  }
}
run "errs" {
  command = plan
  assert {
    condition     = local.nothing == 1
    error_message = "never"
  }
}
run "skipped" {}
"#;

/// What is written, with times taken out.
async fn stream(verbose: bool) -> (String, String) {
    let world = World::of(STACK);
    let (suite, found) = world.suite();
    assert!(!found.has_errors(), "{found:?}");
    let (_source, stop) = StopSource::new();
    let pool = Pool::new(&Builtin);
    let (reader, writer) = std::io::pipe().expect("there are pipes");
    let reading = std::thread::spawn(move || std::io::read_to_string(reader).expect("the stream is text"));
    let clock: fn() -> Timestamp = || Timestamp::UNIX_EPOCH;
    let stream = Stream::new(writer, clock, "0.0.0");
    let audience = TestStream { stream: &stream, verbose, sources: &suite.sources, schemas: &pool };
    let report = world.heard(&suite, &stop, &audience).await;
    let xml = junit(&report, &suite.sources);
    drop(stream);
    (reading.join().expect("the reader does not panic"), xml)
}

#[tokio::test]
async fn events_are_lines_of_json_in_terraforms_form() {
    let (text, _) = stream(false).await;
    let lines: Vec<serde_json::Value> =
        text.lines().map(|line| serde_json::from_str(line).expect("each line is JSON")).collect();
    let short = lines.iter().map(|line| {
        let tags = ["@testfile", "@testrun"].map(|tag| line[tag].as_str().unwrap_or("-").to_string());
        let kind = line["type"].as_str().expect("each line has a type").to_string();
        let rest = match &line[&*kind] {
            serde_json::Value::Null => String::new(),
            _ if kind == "diagnostic" => line[&*kind]["summary"].to_string(),
            fields => fields.to_string(),
        };
        format!(
            "{} {} {kind} {rest} | {}",
            tags[0],
            tags[1],
            line["@message"].as_str().expect("each line has a message")
        )
    });
    insta::assert_snapshot!(short.collect::<Vec<_>>().join("\n"));
}

#[tokio::test]
async fn a_verbose_stream_has_plans_and_states() {
    let (text, _) = stream(true).await;
    let kinds = ["test_plan", "test_state"];
    let lines: Vec<serde_json::Value> =
        text.lines().map(|line| serde_json::from_str(line).expect("each line is JSON")).collect();
    let of = |kind: &str| lines.iter().find(|line| line["type"] == kind).map(|line| line[kind].clone());
    let [plan, state] = kinds.map(|kind| of(kind).expect("there is such a line"));
    assert_eq!(plan["resource_changes"][0]["change"]["actions"], serde_json::json!(["create"]));
    assert_eq!(plan["plan_format_version"], "1.2");
    assert_eq!(state["root_module"]["resources"][0]["values"]["output"], "made-up");
    assert_eq!(state["outputs"]["name"]["value"], "made-up");
}

#[tokio::test]
async fn results_are_written_as_junit_reads_them() {
    let (_, xml) = stream(false).await;
    // How long runs took is another thing each time.
    let steady = xml.lines().map(|line| match line.split_once(" time=\"") {
        Some((before, after)) => {
            let (_, after) = after.split_once("\" timestamp=").expect("a time is followed by a timestamp");
            let (_, after) = after[1..].split_once('"').expect("a timestamp ends");
            format!("{before} time=\"..\" timestamp=\"..\"{after}")
        }
        None => line.to_string(),
    });
    insta::assert_snapshot!(steady.collect::<Vec<_>>().join("\n"));
}
