//! Random stacks: whatever they are changed into, whatever fails, dies or is changed from outside meanwhile, an apply makes the
//! cloud what the state says, and the next plan is empty.

use std::collections::BTreeSet;
use std::fmt::Write;

use engine::plan::PlanMode;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::journaled::{self, Ended, agree};
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

/// One thing that happens to a stack.
#[derive(Clone, Debug)]
enum Happening {
    /// The configuration is changed.
    Rewritten(Vec<Block>),
    /// Calls about some things fail from now on: creates, waits after creates, deletes, in this order.
    Failing([BTreeSet<String>; 3]),
    /// New things stay unseen for so many looks from now on.
    Lagging(u32),
    /// Somebody else changes the size of a thing, and deletes another.
    Meddled(String, String),
    /// A run, killed after so many points if it gets there.
    Run { killed_after: Option<u64> },
}

fn happening() -> impl Strategy<Value = Happening> {
    let names = || prop::collection::btree_set((0..6u8).prop_map(|number| format!("t{number}")), 0..3);
    let name = || (0..6u8).prop_map(|number| format!("t{number}"));
    prop_oneof![
        3 => prop::collection::vec(block(), 1..7).prop_map(Happening::Rewritten),
        1 => [names(), names(), names()].prop_map(Happening::Failing),
        1 => (1..4u32).prop_map(Happening::Lagging),
        1 => (name(), name()).prop_map(|(changed, gone)| Happening::Meddled(changed, gone)),
        6 => prop::option::weighted(0.7, 0..20u64).prop_map(|killed_after| Happening::Run { killed_after }),
    ]
}

/// The ids of all things that exist.
fn existing(world: &World) -> BTreeSet<String> {
    world.cloud.inner().objects.keys().cloned().collect()
}

#[test]
fn whatever_fails_and_dies_nothing_is_lost_made_twice_or_deleted_without_a_plan() {
    // What a run waits for comes at once.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build();
    let runtime = runtime.expect("a runtime can be made");
    let mut runner = TestRunner::new(settings());
    let happenings = prop::collection::vec(happening(), 2..14);
    let outcome = runner.run(&happenings, |happenings| {
        runtime.block_on(async {
            let folder = tempfile::tempdir().expect("a temporary folder can be made");
            let path = folder.path().join("terraform.tfstate");
            let mut world = World::new("");
            for happening in happenings {
                match happening {
                    Happening::Rewritten(blocks) => drop(world.rewrite(&configuration(&blocks))),
                    Happening::Failing([create, after, delete]) => {
                        let mut cloud = world.cloud.inner();
                        (cloud.fail_create, cloud.fail_after_create, cloud.fail_delete) = (create, after, delete);
                    }
                    Happening::Lagging(looks) => world.cloud.inner().lag = looks,
                    Happening::Meddled(changed, gone) => {
                        world.cloud.tamper(&changed, "size", 9.into());
                        world.cloud.vanish(&gone);
                    }
                    Happening::Run { killed_after } => {
                        world.cloud.inner().kill_after = killed_after;
                        let ended = journaled::run(&mut world, &path).await;
                        world.cloud.inner().kill_after = None;
                        if let Ended::Finished(_) = ended {
                            agree(&world);
                        }
                    }
                }
            }
            {
                let mut cloud = world.cloud.inner();
                cloud.fail_create.clear();
                cloud.fail_after_create.clear();
                cloud.fail_delete.clear();
            }
            // One plain run brings everything in order.
            let Ended::Finished(diagnostics) = journaled::run(&mut world, &path).await else { panic!("nothing dies") };
            assert!(!diagnostics.has_errors(), "{}", messages(&diagnostics, None));
            agree(&world);
            let again = world.plan().await;
            assert!(again.is_empty(), "{}", plan_text(&again));
            let names = world.cloud.names();
            let distinct: BTreeSet<&String> = names.iter().collect();
            assert_eq!(distinct.len(), names.len(), "made twice: {names:?}");

            let before = existing(&world);
            world.cloud.take_log();
            let Ended::Finished(_) = journaled::run(&mut world, &path).await else { panic!("nothing dies") };
            assert_eq!(existing(&world), before, "an empty plan changed something: {:?}", world.cloud.take_log());
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
