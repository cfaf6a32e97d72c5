//! No output shows a sensitive value: held with random values at random places.

use std::collections::BTreeMap;
use std::sync::Arc;

use engine::apply::{Counts, Outcome};
use engine::drift::{AttributeDrift, Drift};
use engine::echo::Echoes;
use engine::plan::{Action, Plan};
use model::diagnostic::{Diagnostic, Diagnostics};
use model::path::Path;
use model::source::SourceMap;
use model::ty::Type;
use model::value::Value;
use proptest::prelude::*;

use crate::fixtures::{change, key, output, plan, provider};
use crate::values::Secrets;
use crate::{apply, diagnostics, drift, output as outputs, plan as plan_text, show, stream};

/// Part of every secret of these tests, and of nothing else.
const CANARY: &str = "c4n4ry";

/// Texts of all shapes that are shown in different ways.
fn text(secret: bool) -> impl Strategy<Value = String> {
    let word = if secret { CANARY } else { "plain" };
    (0..5_u8, 0..6_u8).prop_map(move |(shape, n)| match shape {
        0 => format!("{word}-{n}"),
        1 => format!("first {n}\n{word}\nlast\n"),
        2 => format!("{{\"name\": \"{word}\", \"{word}{n}\": [{n}, \"{word}\"]}}"),
        3 => format!("[{{\"name\":\"x{n}\",\"value\":\"{word}\"}}]"),
        _ => format!("{word}\u{1b}[{n}m"),
    })
}

/// A value in which all that is below a sensitive mark is secret, and nothing else is.
fn value() -> impl Strategy<Value = Value> {
    let tree = |secret| inner(secret).prop_recursive(2, 10, 4, move |item| container(item.boxed(), secret));
    let part = prop_oneof![tree(false), tree(true).prop_map(Value::sensitive)];
    part.prop_recursive(3, 30, 5, |item| container(item.boxed(), false))
}

fn inner(secret: bool) -> BoxedStrategy<Value> {
    prop_oneof![
        4 => text(secret).prop_map(Value::from),
        1 => Just(Value::null(Type::String)),
        1 => Just(Value::unknown(Type::String)),
        1 => (0..4_i64).prop_map(Value::from),
    ]
    .boxed()
}

fn container(item: BoxedStrategy<Value>, secret: bool) -> BoxedStrategy<Value> {
    let names = prop_oneof![Just("id"), Just("name"), Just("a"), Just("b"), Just("tags")];
    let objects = prop::collection::btree_map(names, item.clone(), 0..5).prop_map(Value::object);
    let tuples = prop::collection::vec(item, 0..5).prop_map(Value::tuple);
    let sets = prop::collection::vec(text(secret), 0..4)
        .prop_map(|texts| Value::set(Type::String, texts.into_iter().map(Value::from).collect()));
    prop_oneof![objects, tuples, sets].boxed()
}

fn object() -> impl Strategy<Value = Value> {
    let names = prop_oneof![Just("id"), Just("name"), Just("a"), Just("b"), Just("policy"), Just("tags")];
    let objects = prop::collection::btree_map(names, value(), 0..6).prop_map(Value::object);
    // As a provider does that repeats what it was given, without the marks.
    objects.prop_map(|object| match object.get("tags") {
        Some(tags) => object.with("tags_all", tags.unmark_deep().0),
        None => object,
    })
}

/// Everything that is made of these two values, but for what gives secrets on demand.
fn everything(before: &Value, after: &Value) -> String {
    let no_schema = |_: &model::address::ProviderAddr, _: model::address::Mode, _: &str| None;
    // Only objects repeat secrets: the marks of what the language makes are complete.
    let marked = |value: &Value| Echoes::of([value]).hide(value);
    let sources = SourceMap::default();
    let drifted = Drift {
        key: key("test_thing.main"),
        provider: provider(),
        applied: before.clone(),
        live: Some(after.clone()),
        attributes: vec![AttributeDrift {
            path: Path::attribute("a"),
            configuration: Some(before.clone()),
            applied: Some(before.clone()),
            live: Some(after.clone()),
        }],
        relevant: true,
        range: None,
    };
    let messages: Diagnostics = {
        let mut message = Diagnostic::error("Failed", "It failed.");
        message.values = vec![("var.a".into(), marked(before)), ("var.b".into(), marked(after))];
        message.into()
    };
    let plan = made_of(before, after, &drifted);
    let state = state::State {
        outputs: [("a", before), ("b", after)]
            .map(|(name, value)| (name.into(), state::Output { value: marked(value) }))
            .into(),
        ..state::State::default()
    };
    let variables: BTreeMap<Arc<str>, Value> = [("a".into(), marked(before)), ("b".into(), marked(after))].into();
    let extras = show::PlanExtras { variables: Some(&variables), ..show::PlanExtras::default() };
    let outcome = Outcome {
        state: state.clone(),
        diagnostics: messages.clone(),
        done: Counts::default(),
        stopped: false,
        uncertain: Vec::new(),
    };
    let mut streamed = Vec::new();
    let machine = stream::Stream::new(&mut streamed, || jiff::Timestamp::UNIX_EPOCH, "0");
    machine.plan(&plan);
    machine.applied(&plan, &outcome, &sources);
    drop(machine);
    let report = apply::report(&plan, &outcome, &apply::Record::default(), &sources);
    [
        plan_text::text(&plan, &no_schema),
        show::plan_json(&plan, &no_schema, extras).to_string(),
        show::state_text(&state, &no_schema),
        show::state_json(&state, &no_schema, Secrets::Hidden).to_string(),
        outputs::section(&state.outputs),
        drift::text(std::slice::from_ref(&drifted), 1, &sources),
        drift::json(&[drifted], 1, &messages, &sources).to_string(),
        diagnostics::text(&messages, &sources),
        diagnostics::report(&messages, &sources).to_string(),
        report.problems,
        report.summary,
        String::from_utf8(streamed).expect("JSON is UTF-8"),
    ]
    .join("\n")
}

/// A plan with every kind of change between the two values.
fn made_of(before: &Value, after: &Value, drifted: &Drift) -> Plan {
    let nothing = serde_json::Value::Null;
    let actions = [
        Action::NoOp,
        Action::Create,
        Action::Update,
        Action::Replace { create_first: true },
        Action::Delete,
        Action::Read,
        Action::Forget,
    ];
    let changes = actions.into_iter().map(|action| {
        let mut change = change("test_thing.main", action, nothing.clone(), nothing.clone());
        change.before = (!matches!(action, Action::Create | Action::Read)).then(|| before.clone());
        change.after = (!matches!(action, Action::Delete | Action::Forget)).then(|| after.clone());
        change.previous = Some(key("test_thing.old").addr);
        change.replace_paths = vec![Path::attribute("a")];
        change
    });
    let marked = |value: &Value| Echoes::of([value]).hide(value);
    let mut plan = plan(changes.collect());
    plan.drift = vec![drifted.clone()];
    plan.outputs = vec![
        output("changed", Some(marked(before)), Some(marked(after))),
        output("added", None, Some(marked(after))),
        output("removed", Some(marked(before)), None),
    ];
    plan
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_output_shows_a_sensitive_value(before in object(), after in object()) {
        let text = everything(&before, &after);
        prop_assert!(!text.contains(CANARY), "a secret is shown in\n{text}");
    }

    #[test]
    fn no_output_holds_a_control_character(before in object(), after in object()) {
        let text = crate::style::plain(&everything(&before, &after));
        let control = text.chars().find(|character| character.is_control() && *character != '\n');
        prop_assert!(control.is_none(), "{control:?} is in\n{text}");
    }

    #[test]
    fn values_that_are_the_same_make_no_change(object in object()) {
        let (known, _) = object.unmark_deep();
        prop_assume!(known.is_wholly_known());
        let comparison = crate::difference::Comparison::of_change(&[], crate::difference::Detail::Changes);
        prop_assert!(!comparison.object(Some(&known), Some(&known), None).is_change());
    }

    #[test]
    fn values_that_differ_make_a_change(before in object(), after in object()) {
        let (before, after) = (before.unmark_deep().0, after.unmark_deep().0);
        // What is null and what isn't there are shown alike, and so are all kinds of sequences.
        let there = |value: &Value| value.clone().map_parts(&mut |_, part| match part.reveal() {
            model::value::Kind::Object(entries) => {
                Value::object(entries.iter().filter(|(_, value)| !value.is_null()).map(|(name, value)| (name.clone(), value.clone())))
            }
            model::value::Kind::Set(_, items) => Value::tuple(items.clone()),
            _ => part,
        });
        prop_assume!(!there(&before).same(&there(&after)));
        let comparison = crate::difference::Comparison::of_change(&[], crate::difference::Detail::Changes);
        prop_assert!(comparison.object(Some(&before), Some(&after), None).is_change());
    }
}
