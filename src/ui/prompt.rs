//! Questions before anything is changed: what will be changed where, and whether that is wanted.

use std::fmt::Write;
use std::io::BufRead;

use engine::plan::{Action, Plan, PlanMode};

use crate::escape::inert_line;
use crate::style::{self, counted, paint};

/// Where a plan's changes would be made: one provider configuration.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Destination {
    /// The provider as people know it: `aws`, `aws.west`.
    pub provider: String,
    pub account: Option<String>,
    pub region: Option<String>,
    /// A custom endpoint; `None` for the service's own.
    pub endpoint: Option<String>,
}

/// What was answered.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Answer {
    Yes,
    /// Anything but `yes`.
    No,
    /// The input ended before there was an answer.
    Nothing,
}

/// The places that changes go to, a line each.
///
/// A custom endpoint stands out: no emulator is to be mistaken for the real service, nor the reverse.
pub fn destinations(destinations: &[Destination]) -> String {
    let mut out = String::new();
    for place in destinations {
        let known = |value: &Option<String>| value.as_deref().map_or("unknown".into(), inert_line).into_owned();
        let endpoint = match &place.endpoint {
            Some(endpoint) => paint(style::WARN, format_args!("custom endpoint {}", inert_line(endpoint))),
            None => "the service's own endpoints".into(),
        };
        let provider = paint(style::BOLD, inert_line(&place.provider));
        let (account, region) = (known(&place.account), known(&place.region));
        push(&mut out, &format!("  {provider}: account {account}, region {region}, {endpoint}"));
    }
    out
}

/// The question before an apply, with the places above it and what will be destroyed named; ends where the answer goes.
pub fn approval(plan: &Plan, places: &[Destination]) -> String {
    let mut out = String::new();
    if !places.is_empty() {
        push(&mut out, &paint(style::BOLD, "Changes go to:"));
        out.push_str(&destinations(places));
        out.push('\n');
    }
    destroyed(&mut out, plan);
    let (question, meaning) = match plan.mode {
        PlanMode::Normal => ("Do you want to perform these actions?", "perform the actions described above"),
        PlanMode::Destroy => ("Do you really want to destroy all of this?", "destroy what is listed above, for good"),
        PlanMode::RefreshOnly => {
            ("Do you want to record these changes in the state?", "write what was found to the state")
        }
    };
    push(&mut out, &paint(style::BOLD, question));
    push(&mut out, &format!("  infra will {meaning}. Only `yes` is accepted."));
    out.push_str(&format!("\n  {} ", paint(style::BOLD, "Enter a value:")));
    out
}

/// A question about what is shown above it; ends where the answer goes.
pub fn question(text: &str) -> String {
    let question = paint(style::BOLD, text);
    format!("\n{question}\n  Only `yes` is accepted.\n\n  {} ", paint(style::BOLD, "Enter a value:"))
}

/// Reads an answer, a line. Only `yes` is a yes.
///
/// # Errors
/// The input can't be read.
pub fn answer(input: &mut dyn BufRead) -> std::io::Result<Answer> {
    let mut line = String::new();
    Ok(match input.read_line(&mut line)? {
        0 => Answer::Nothing,
        _ if line.trim() == "yes" => Answer::Yes,
        _ => Answer::No,
    })
}

/// The question for a variable that has no value; ends where the answer goes.
pub fn variable(name: &str, description: Option<&str>) -> String {
    let mut out = String::new();
    push(&mut out, &paint(style::BOLD, format_args!("var.{}", inert_line(name))));
    for line in description.unwrap_or_default().lines() {
        push(&mut out, &format!("  {}", inert_line(line)));
    }
    out.push_str(&format!("\n  {} ", paint(style::BOLD, "Enter a value:")));
    out
}

/// The objects that will be gone for good, by name: they are what one regrets.
fn destroyed(out: &mut String, plan: &Plan) {
    let gone: Vec<String> = plan
        .changes
        .iter()
        .filter(|change| matches!(change.action, Action::Delete | Action::Replace { .. }))
        .map(|change| {
            let loss = change.loss.as_ref().map(|loss| format!(", and for good: {}", inert_line(&loss.what)));
            format!("{}{}", inert_line(&change.key.to_string()), loss.unwrap_or_default())
        })
        .collect();
    if gone.is_empty() {
        return;
    }
    push(out, &paint(style::BAD, format_args!("{} will be destroyed:", counted(gone.len(), "object"))));
    gone.iter().for_each(|key| push(out, &format!("  - {key}")));
    out.push('\n');
}

fn push(out: &mut String, line: &str) {
    writeln!(out, "{line}").expect("writing to a string never fails");
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::*;
    use crate::fixtures::{change, plan};
    use crate::style::plain;

    fn places() -> Vec<Destination> {
        let aws = Destination {
            provider: "aws".into(),
            account: Some("123456789012".into()),
            region: Some("us-east-1".into()),
            endpoint: None,
        };
        let sandbox = Destination {
            provider: "aws.local".into(),
            account: None,
            endpoint: Some("http://127.0.0.1:5000".into()),
            ..aws.clone()
        };
        vec![aws, sandbox]
    }

    #[test]
    fn question_says_where_and_what_is_destroyed() {
        let object = || json!({"id": "i-1"});
        let mut plan = plan(vec![
            change("test_thing.new", Action::Create, Json::Null, object()),
            change("test_thing.old", Action::Delete, object(), Json::Null),
            change("test_thing.other", Action::Replace { create_first: true }, object(), object()),
        ]);
        insta::assert_snapshot!(plain(&approval(&plan, &places())), @r"
        Changes go to:
          aws: account 123456789012, region us-east-1, the service's own endpoints
          aws.local: account unknown, region us-east-1, custom endpoint http://127.0.0.1:5000

        2 objects will be destroyed:
          - test_thing.old
          - test_thing.other

        Do you want to perform these actions?
          infra will perform the actions described above. Only `yes` is accepted.

          Enter a value:
        ");
        plan.changes.truncate(1);
        insta::assert_snapshot!(plain(&approval(&plan, &[])), @r"
        Do you want to perform these actions?
          infra will perform the actions described above. Only `yes` is accepted.

          Enter a value:
        ");
    }

    #[test]
    fn only_yes_is_a_yes() {
        let given = |text: &str| answer(&mut text.as_bytes()).expect("readable");
        assert_eq!(given("yes\n"), Answer::Yes);
        assert_eq!(given(" yes \n"), Answer::Yes);
        for no in ["y\n", "YES\n", "\n", "yes please\n"] {
            assert_eq!(given(no), Answer::No, "{no:?}");
        }
        assert_eq!(given(""), Answer::Nothing);
    }

    #[test]
    fn missing_variable_is_asked_for_with_its_description() {
        insta::assert_snapshot!(plain(&variable("db_password", Some("Password of the database.\nAt least 8 characters."))), @r"
        var.db_password
          Password of the database.
          At least 8 characters.

          Enter a value:
        ");
    }
}
