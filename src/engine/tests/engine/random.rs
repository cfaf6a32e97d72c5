//! Random stacks: whatever they are changed into, an apply makes the cloud what the state says, and the next plan is empty.

use std::fmt::Write;

use engine::plan::PlanMode;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::memory::text;
use crate::world::{World, messages, plan_text};

/// One thing of a random stack.
#[derive(Clone, Debug)]
struct Block {
    /// Whether the block is there at all.
    present: bool,
    size: u8,
    zone: u8,
    repetition: Repetition,
    create_first: bool,
    /// Things before this one that it mentions, by their number.
    needs: Vec<usize>,
    /// Mentions by an argument that can't change in place.
    zone_of: Option<usize>,
    rules: u8,
}

#[derive(Clone, Debug)]
enum Repetition {
    Single,
    Count(u8),
    Each(u8),
}

fn block() -> impl Strategy<Value = Block> {
    let repetition = prop_oneof![
        3 => Just(Repetition::Single),
        1 => (0..3u8).prop_map(Repetition::Count),
        1 => (0..3u8).prop_map(Repetition::Each),
    ];
    let needs = prop::collection::vec(0..8usize, 0..3);
    let zone_of = prop::option::weighted(0.2, 0..8usize);
    (prop::bool::weighted(0.8), 0..3u8, 0..2u8, repetition, prop::bool::weighted(0.2), needs, zone_of, 0..3u8).prop_map(
        |(present, size, zone, repetition, create_first, needs, zone_of, rules)| Block {
            present,
            size,
            zone,
            repetition,
            create_first,
            needs,
            zone_of,
            rules,
        },
    )
}

fn configuration(blocks: &[Block]) -> String {
    let mut text = String::new();
    let is_there = |number: &usize| blocks.get(*number).is_some_and(|block| block.present);
    for (number, block) in blocks.iter().enumerate().filter(|(_, block)| block.present) {
        let name = format!("t{number}");
        let (repeat, own_name) = match block.repetition {
            Repetition::Single => (String::new(), format!("\"{name}\"")),
            Repetition::Count(count) => (format!("count = {count}"), format!("\"{name}-${{count.index}}\"")),
            Repetition::Each(count) => {
                let keys: Vec<String> = (0..count).map(|key| format!("\"k{key}\"")).collect();
                (format!("for_each = toset([{}])", keys.join(", ")), format!("\"{name}-${{each.key}}\""))
            }
        };
        let all_ids = |other: &usize| match blocks[*other].repetition {
            Repetition::Single => format!("[memory_thing.t{other}.id]"),
            Repetition::Count(_) => format!("memory_thing.t{other}[*].id"),
            Repetition::Each(_) => format!("[for thing in memory_thing.t{other} : thing.id]"),
        };
        let needs: Vec<String> =
            block.needs.iter().filter(|other| **other < number && is_there(other)).map(all_ids).collect();
        let zone = match block.zone_of.filter(|other| *other < number && is_there(other)) {
            Some(other) => format!("join(\",\", {})", all_ids(&other)),
            None => format!("\"z{}\"", block.zone),
        };
        let rules = "rule { port = 1 }\n".repeat(block.rules.into());
        writeln!(
            text,
            "resource \"memory_thing\" \"{name}\" {{\n{repeat}\nname = {own_name}\nsize = {}\nzone = {zone}\n\
             needs = concat({})\n{rules}lifecycle {{ create_before_destroy = {} }}\n}}",
            block.size,
            std::iter::once("[\"x\"]".to_string()).chain(needs).collect::<Vec<_>>().join(", "),
            block.create_first,
        )
        .expect("writing to a string never fails");
    }
    text
}

/// Few cases, unless more are asked for.
fn settings() -> Config {
    let asked = std::env::var_os("PROPTEST_CASES").is_some();
    let cases = if asked { Config::default().cases } else { 48 };
    Config { cases, failure_persistence: None, ..Config::default() }
}

/// What the state says exists is what exists.
fn agree(world: &World) {
    let objects =
        world.state.instances.values().flat_map(|instance| instance.current.iter().chain(instance.deposed.values()));
    let mut recorded: Vec<String> = objects.filter_map(|object| object.names().id).collect();
    recorded.sort();
    let mut existing: Vec<String> =
        world.cloud.inner().objects.values().map(|thing| text(&thing.value, "id")).collect();
    existing.sort();
    assert_eq!(recorded, existing);
}

#[test]
fn applied_stacks_plan_empty_whatever_they_were_before() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime can be made");
    let mut runner = TestRunner::new(settings());
    let stacks = prop::collection::vec(prop::collection::vec(block(), 1..7), 1..4);
    let outcome = runner.run(&stacks, |stacks| {
        runtime.block_on(async {
            let mut world = World::new("");
            for blocks in &stacks {
                world.rewrite(&configuration(blocks));
                let outcome = world.try_apply().await;
                assert!(!outcome.diagnostics.has_errors(), "{}", messages(&outcome.diagnostics, None));
                agree(&world);
                let again = world.plan().await;
                assert!(again.is_empty(), "{}", plan_text(&again));
            }
            world.options.mode = PlanMode::Destroy;
            world.apply().await;
            agree(&world);
            assert!(world.state.is_empty());
        });
        Ok(())
    });
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
}

#[test]
fn failing_applies_converge_once_nothing_fails_any_more() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime can be made");
    let mut runner = TestRunner::new(settings());
    let names = prop::collection::btree_set((0..6u8).prop_map(|number| format!("t{number}")), 0..3);
    let cases = (
        prop::collection::vec(block(), 1..7),
        prop::collection::vec(block(), 1..7),
        names.clone(),
        names.clone(),
        names,
    );
    let outcome = runner.run(&cases, |(before, after, fail_create, fail_after, fail_delete)| {
        runtime.block_on(async {
            let mut world = World::new(&configuration(&before));
            world.apply().await;
            world.rewrite(&configuration(&after));
            {
                let mut cloud = world.cloud.inner();
                cloud.fail_create = fail_create;
                cloud.fail_after_create = fail_after;
                cloud.fail_delete = fail_delete;
            }
            world.try_apply().await;
            agree(&world);
            {
                let mut cloud = world.cloud.inner();
                cloud.fail_create.clear();
                cloud.fail_after_create.clear();
                cloud.fail_delete.clear();
            }
            world.apply().await;
            agree(&world);
            let again = world.plan().await;
            assert!(again.is_empty(), "{}", plan_text(&again));
        });
        Ok(())
    });
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
}
