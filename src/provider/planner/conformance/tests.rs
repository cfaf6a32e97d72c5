//! The generic planner alone, held against everything that was observed of the embedded types.

use std::path::PathBuf;

use super::known::{KNOWN, Known};
use super::*;

fn suites() -> Vec<Suite> {
    let aws = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../aws");
    let mut names: Vec<String> = std::fs::read_dir(aws.join("conformance"))
        .expect("the observations are part of the source")
        .map(|entry| entry.expect("the folder can be listed").file_name().to_string_lossy().into_owned())
        .filter(|name| name.starts_with("aws_"))
        .collect();
    names.sort();
    let read = |folder: &str, name: &str| {
        std::fs::read_to_string(aws.join(folder).join(name)).unwrap_or_else(|error| panic!("{folder}/{name}: {error}"))
    };
    names
        .iter()
        .map(|name| {
            Suite::parse(&read("schema", name), &read("conformance", name))
                .unwrap_or_else(|error| panic!("{name}: {error}"))
        })
        .collect()
}

fn outcomes(suite: &Suite) -> Vec<Outcome> {
    let type_name = &suite.facts().type_name;
    Behaviour::of_facts(suite.facts(), |behaviour| suite.run(&behaviour))
        .unwrap_or_else(|error| panic!("{type_name}: {error}"))
}

fn known(type_name: &str, outcome: &Outcome) -> Option<&'static Known> {
    KNOWN.iter().find(|known| known.type_name == type_name && known.outcomes.contains(&outcome.name.as_str()))
}

#[test]
fn facts_plan_as_the_provider_does_but_for_the_known_differences() {
    let mut surprises = Vec::new();
    let mut disagreements = 0;
    let mut total = 0;
    for suite in suites() {
        let type_name = suite.facts().type_name.clone();
        for outcome in outcomes(&suite) {
            let Outcome { name, observed, answered } = &outcome;
            total += 1;
            disagreements += usize::from(!outcome.agrees());
            match known(&type_name, &outcome) {
                Some(known) if outcome.agrees() => {
                    let Known { needs, rule, .. } = known;
                    surprises.push(format!("{type_name}, {name}: agrees, but is listed as {needs:?}: {rule}"));
                }
                None if !outcome.agrees() => {
                    surprises.push(format!("{type_name}, {name}:\n   observed: {observed}\n   answered: {answered}"));
                }
                Some(_) | None => {}
            }
        }
    }
    assert!(surprises.is_empty(), "{}", surprises.join("\n"));
    let listed: usize = KNOWN.iter().map(|known| known.outcomes.len()).sum();
    assert_eq!(disagreements, listed, "the list names outcomes that are not there");
    assert!(total >= 655, "only {total} observations were found");
}

/// No value that the provider accepts may be refused: a user could do nothing about it.
#[test]
fn facts_refuse_nothing_that_the_provider_accepts() {
    for suite in suites() {
        for outcome in outcomes(&suite) {
            assert!(
                !(outcome.observed == "accepted" && outcome.answered == "refused"),
                "{}: {}",
                suite.facts().type_name,
                outcome.name
            );
        }
    }
}

#[test]
fn an_object_as_it_was_planned_needs_no_change() {
    for suite in suites() {
        let type_name = suite.facts().type_name.clone();
        let configs: Vec<Map<String, Json>> = suite
            .scenarios
            .iter()
            .flat_map(|scenario| [scenario.create.clone(), Some(scenario.before.clone()), Some(scenario.after.clone())])
            .flatten()
            .chain([Map::new()])
            .collect();
        Behaviour::of_facts(suite.facts(), |behaviour| {
            for patch in configs {
                let config = suite.config(&patch).expect("the observations fit the schema");
                let mut prior = sample::fill(suite.facts(), &suite.plan(&behaviour, None, &config).planned);
                for (name, given) in config.reveal().entries().into_iter().flatten() {
                    // An empty collection is planned as unknown where the provider supplies it, and comes out empty.
                    if !given.is_null() && is_empty(given) {
                        prior = prior.with(name.clone(), given.clone());
                    }
                }
                let again = suite.plan(&behaviour, Some(&prior), &config);
                assert_eq!(again, Planned { planned: prior, replace: Vec::new() }, "{type_name} {patch:?}");
            }
        });
    }
}
