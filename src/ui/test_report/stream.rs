//! `test -json`: a line of JSON an event, in Terraform's format.

use std::io::Write;

use jiff::Timestamp;
use model::address::Generation;
use model::diagnostic::Diagnostics;
use model::source::SourceMap;
use serde_json::{Map, Value as Json, json};
use testing::report::{Audience, Event, FileReport, Leftover, Made, Report, RunReport, Status};

use super::{counts, found, plain_word};
use crate::schemas::Schemas;
use crate::show::{PlanExtras, plan_json, state_json};
use crate::stream::Stream;
use crate::values::Secrets;

/// Writes a stream of test events.
pub struct TestStream<'a, W, C> {
    pub stream: &'a Stream<W, C>,
    pub verbose: bool,
    pub sources: &'a SourceMap,
    pub schemas: &'a (dyn Schemas + Sync),
}

impl<W: Write + Send, C: Fn() -> Timestamp + Send + Sync> Audience for TestStream<'_, W, C> {
    fn event(&self, event: Event<'_>) {
        match event {
            Event::Found(files) => {
                let runs = files.iter().map(|file| {
                    let names: Vec<&str> = file.runs.iter().map(|run| &*run.name).collect();
                    (file.name.to_string(), Json::from(names))
                });
                let runs: Map<String, Json> = runs.collect();
                let fields = [("test_abstract", Json::Object(runs))];
                self.stream.tagged(&[], "info", &format!("Found {}", found(files)), "test_abstract", fields);
            }
            Event::FileStarted(file) => self.file(&file.name, "in progress", json!({"progress": "starting"})),
            Event::RunStarted { file, run } => {
                self.run(file, run, "in progress", json!({"progress": "starting", "elapsed": 0}));
            }
            Event::RunFinished { file, report } => self.run_finished(file, report),
            Event::TearDown { file } => self.file(file, "tearing down", json!({"progress": "teardown"})),
            Event::TearDownRun { file, run } => {
                self.run(file, run, "tearing down", json!({"progress": "teardown", "elapsed": 0}));
            }
            Event::Left { file, leftover } => self.left(file, leftover),
            Event::FileFinished(report) => self.file_finished(report),
            Event::Finished(report) => self.finished(report),
        }
    }
}

impl<W: Write + Send, C: Fn() -> Timestamp + Send + Sync> TestStream<'_, W, C> {
    fn file(&self, file: &str, what: &str, mut fields: Json) {
        fields["path"] = file.into();
        let message = format!("{file}... {what}");
        self.stream.tagged(&[("@testfile", file)], "info", &message, "test_file", [("test_file", fields)]);
    }

    fn run(&self, file: &str, run: &str, what: &str, mut fields: Json) {
        fields["path"] = file.into();
        fields["run"] = run.into();
        let message = format!("  \"{run}\"... {what}");
        self.tagged(file, run, "info", &message, "test_run", fields);
    }

    /// A line about a run whose kind is also the name of its field.
    fn tagged(&self, file: &str, run: &str, level: &str, message: &str, kind: &str, fields: Json) {
        self.stream.tagged(&[("@testfile", file), ("@testrun", run)], level, message, kind, [(kind, fields)]);
    }

    fn run_finished(&self, file: &str, report: &RunReport) {
        let fields = json!({"progress": "complete", "status": name(report.status)});
        self.run(file, &report.name, plain_word(report.status), fields);
        if self.verbose {
            self.made(file, report);
        }
        self.diagnostics(&[("@testfile", file), ("@testrun", &report.name)], &report.diagnostics);
    }

    /// What a run planned or made. The schemas of its providers are left out.
    fn made(&self, file: &str, report: &RunReport) {
        match &report.made {
            None => {}
            Some(Made::Plan(plan)) => {
                let whole = plan_json(plan, self.schemas, PlanExtras::default());
                let mut fields = json!({"plan_format_version": "1.2", "provider_format_version": "1.0"});
                for part in ["resource_changes", "output_changes", "resource_drift", "relevant_attributes"] {
                    if let Some(value) = whole.get(part).filter(|value| !is_empty(value)) {
                        fields[part] = value.clone();
                    }
                }
                self.tagged(file, &report.name, "info", "-verbose flag enabled, printing plan", "test_plan", fields);
            }
            Some(Made::State(state)) => {
                let whole = state_json(state, self.schemas, Secrets::Hidden);
                let mut fields = json!({"state_format_version": "1.0", "provider_format_version": "1.0"});
                for part in ["root_module", "outputs"] {
                    if let Some(value) = whole.get("values").and_then(|values| values.get(part)) {
                        fields[part] = value.clone();
                    }
                }
                self.tagged(file, &report.name, "info", "-verbose flag enabled, printing state", "test_state", fields);
            }
        }
    }

    fn left(&self, file: &str, leftover: &Leftover) {
        if !leftover.objects.is_empty() {
            let objects = leftover.objects.iter().map(|key| {
                let mut object = json!({"instance": key.addr.to_string()});
                if let Generation::Deposed(deposed) = &key.generation {
                    object["deposed_key"] = (**deposed).into();
                }
                object
            });
            let fields = json!({"failed_resources": objects.collect::<Vec<_>>()});
            let message = format!(
                "Some objects are left after executing {file}/{}, they need to be cleaned up manually.",
                leftover.run
            );
            self.tagged(file, &leftover.run, "error", &message, "test_cleanup", fields);
        }
        self.diagnostics(&[("@testfile", file), ("@testrun", &leftover.run)], &leftover.diagnostics);
    }

    fn file_finished(&self, report: &FileReport) {
        let fields = json!({"progress": "complete", "status": name(report.status)});
        self.file(&report.name, plain_word(report.status), fields);
        self.diagnostics(&[("@testfile", &report.name)], &report.diagnostics);
    }

    fn finished(&self, report: &Report) {
        let status = report.status();
        let headline = if status >= Status::Fail { "Failure!" } else { "Success!" };
        let fields = json!({
            "status": name(status),
            "passed": report.count(Status::Pass),
            "failed": report.count(Status::Fail),
            "errored": report.count(Status::Error),
            "skipped": report.count(Status::Skip),
        });
        let message = format!("{headline} {}", counts(report));
        self.stream.tagged(&[], "info", &message, "test_summary", [("test_summary", fields)]);
    }

    fn diagnostics(&self, tags: &[(&str, &str)], diagnostics: &Diagnostics) {
        for diagnostic in diagnostics.iter() {
            let (level, word) = if diagnostic.is_error() { ("error", "Error") } else { ("warn", "Warning") };
            let fields = [("diagnostic", crate::diagnostics::json(diagnostic, self.sources))];
            self.stream.tagged(tags, level, &format!("{word}: {}", diagnostic.summary), "diagnostic", fields);
        }
    }
}

fn is_empty(value: &Json) -> bool {
    value.as_array().is_some_and(Vec::is_empty)
}

fn name(status: Status) -> &'static str {
    match status {
        Status::Pending => "pending",
        Status::Skip => "skip",
        Status::Pass => "pass",
        Status::Fail => "fail",
        Status::Error => "error",
    }
}
