//! A user who stops the tests: nothing new runs, and what was made is taken down.

use std::sync::Mutex;

use engine::apply::{Level, StopSource};
use testing::report::{Audience, Event, Status};

use crate::world::World;

const STACK: &str = r#"
--- main.tf
variable "name" { default = "x" }
resource "terraform_data" "a" { input = var.name }
output "id" { value = terraform_data.a.id }
--- main.tftest.hcl
run "first" {}
run "second" {
  variables { name = "y" }
}
run "third" {}
--- other.tftest.hcl
run "never" {}
"#;

/// Raises levels of stopping when a run begins or the taking down does.
struct Impatient {
    source: StopSource,
    at_run: &'static str,
    again_at_teardown: bool,
    heard: Mutex<Vec<String>>,
}

impl Audience for Impatient {
    fn event(&self, event: Event<'_>) {
        let mut heard = self.heard.lock().expect("no holder of the lock panics");
        match event {
            Event::RunStarted { run, .. } if run == self.at_run => self.source.raise(Level::Finish),
            Event::TearDownRun { run, .. } => {
                heard.push(format!("tear down {run}"));
                if self.again_at_teardown {
                    self.source.raise(Level::Abandon);
                }
            }
            Event::RunFinished { report, .. } => heard.push(format!("{} {:?}", report.name, report.status)),
            Event::Left { leftover, .. } => heard.push(format!("left {}", leftover.objects.len())),
            Event::Found(_)
            | Event::FileStarted(_)
            | Event::RunStarted { .. }
            | Event::TearDown { .. }
            | Event::FileFinished(_)
            | Event::Finished(_) => {}
        }
    }
}

async fn interrupted(at_run: &'static str, again_at_teardown: bool) -> (Vec<String>, Status, usize) {
    let world = World::of(STACK);
    let (suite, found) = world.suite();
    assert!(!found.has_errors(), "{found:?}");
    let (source, stop) = StopSource::new();
    let audience = Impatient { source, at_run, again_at_teardown, heard: Mutex::default() };
    let report = world.heard(&suite, &stop, &audience).await;
    (audience.heard.into_inner().expect("no holder of the lock panics"), report.status(), report.files.len())
}

#[tokio::test]
async fn an_interrupt_skips_the_runs_that_are_left_and_takes_down_what_was_made() {
    let (heard, status, files) = interrupted("second", false).await;
    assert_eq!(heard, ["first Pass", "second Error", "third Skip", "tear down first"]);
    assert_eq!((status, files), (Status::Error, 1), "the next file is not begun");
}

#[tokio::test]
async fn a_second_interrupt_leaves_what_was_made_and_says_so() {
    let (heard, status, _) = interrupted("second", true).await;
    assert_eq!(heard, ["first Pass", "second Error", "third Skip", "tear down first", "left 1"]);
    assert_eq!(status, Status::Error);
}

#[tokio::test]
async fn states_are_destroyed_in_the_reverse_order_of_their_last_runs() {
    let world = World::of(
        r#"
--- main.tf
resource "terraform_data" "a" {}
--- main.tftest.hcl
run "one" { state_key = "one" }
run "two" { state_key = "two" }
run "one_again" { state_key = "one" }
run "only_plans" {
  state_key = "two"
  command = plan
}
"#,
    );
    let (suite, _) = world.suite();
    let (source, stop) = StopSource::new();
    let audience = Impatient { source, at_run: "", again_at_teardown: false, heard: Mutex::default() };
    let report = world.heard(&suite, &stop, &audience).await;
    assert_eq!(report.status(), Status::Pass);
    let heard = audience.heard.into_inner().expect("no holder of the lock panics");
    assert_eq!(heard[4..], ["tear down one_again", "tear down two"]);
}

/// Stops the tests between two runs.
struct Between(StopSource);

impl Audience for Between {
    fn event(&self, event: Event<'_>) {
        if matches!(event, Event::RunFinished { report, .. } if &*report.name == "first") {
            self.0.raise(Level::Finish);
        }
    }
}

#[tokio::test]
async fn an_interrupt_between_runs_is_said_of_the_file() {
    let world = World::of(STACK);
    let (suite, _) = world.suite();
    let (source, stop) = StopSource::new();
    let report = world.heard(&suite, &stop, &Between(source)).await;
    let file = &report.files[0];
    assert_eq!((file.status, file.runs[1].status), (Status::Error, Status::Skip));
    assert_eq!(file.diagnostics.0[0].summary, "Test interrupted");
}
