//! What holds for every plan, whatever the type and the configuration.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, LazyLock};

use model::entries::Entries;
use model::schema::{Block, NestedBlock, Nesting, Presence};
use model::ty::Type;
use model::value::{Kind, Value};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::strategy::BoxedStrategy;

use crate::PlanRequest;
use crate::facts::{BlockRules, TypeFacts};
use crate::planner::conformance::sample::fill;
use crate::planner::{Planned, plan};
use crate::propose::{is_empty, propose};

/// Types that have between them sets, lists and maps of blocks, computed blocks, objects in sets, rewritings and defaults.
static TYPES: LazyLock<Vec<Arc<TypeFacts>>> = LazyLock::new(|| {
    let names = [
        "aws_vpc",
        "aws_security_group",
        "aws_ecs_service",
        "aws_ecs_cluster",
        "aws_lb_target_group",
        "aws_db_instance",
    ];
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../aws/schema");
    let read =
        |name| std::fs::read_to_string(folder.join(format!("{name}.json"))).expect("the facts are part of the source");
    names.iter().map(|name| Arc::new(TypeFacts::parse(&read(name)).expect("they are right"))).collect()
});

fn value(ty: &Type, with_unknown: bool) -> BoxedStrategy<Value> {
    let known = match ty {
        Type::Dynamic | Type::String | Type::Tuple(_) => prop_oneof!["", "a", "B", "c"].prop_map(Value::string).boxed(),
        Type::Bool => any::<bool>().prop_map(Value::bool).boxed(),
        Type::Number => (0_i64..3).prop_map(Value::number).boxed(),
        Type::List(element) => {
            let ty = element.as_ref().clone();
            vec(value(element, with_unknown), 0..3).prop_map(move |items| Value::list(ty.clone(), items)).boxed()
        }
        Type::Set(element) => {
            let ty = element.as_ref().clone();
            vec(value(element, with_unknown), 0..3).prop_map(move |items| Value::set(ty.clone(), items)).boxed()
        }
        Type::Map(element) => {
            let ty = element.as_ref().clone();
            btree_map("[ab]", value(element, with_unknown), 0..2)
                .prop_map(move |entries| {
                    Value::map(ty.clone(), entries.into_iter().map(|(key, value)| (Arc::from(key), value)).collect())
                })
                .boxed()
        }
        Type::Object(object) => {
            let parts: Vec<BoxedStrategy<(Arc<str>, Value)>> = object
                .attributes
                .iter()
                .map(|(name, ty)| {
                    let (name, null) = (name.clone(), Value::null(ty.clone()));
                    prop_oneof![Just(null), value(ty, with_unknown)]
                        .prop_map(move |value| (name.clone(), value))
                        .boxed()
                })
                .collect();
            parts.prop_map(Value::object).boxed()
        }
    };
    if with_unknown { prop_oneof![9 => known, 1 => Just(Value::unknown(ty.clone()))].boxed() } else { known }
}

fn config(block: &Block, with_unknown: bool) -> BoxedStrategy<Value> {
    let mut parts: Vec<BoxedStrategy<(Arc<str>, Value)>> = Vec::new();
    for (name, attribute) in &block.attributes {
        let (name, null) = (name.clone(), Value::null(attribute.ty.clone()));
        let strategy = match attribute.presence {
            Presence::Computed => Just(null).boxed(),
            Presence::Required => value(&attribute.ty, with_unknown),
            Presence::Optional | Presence::OptionalComputed => {
                prop_oneof![2 => Just(null), 1 => value(&attribute.ty, with_unknown)].boxed()
            }
        };
        parts.push(strategy.prop_map(move |value| (name.clone(), value)).boxed());
    }
    for (name, nested) in &block.blocks {
        let name = name.clone();
        parts.push(blocks(nested, with_unknown).prop_map(move |value| (name.clone(), value)).boxed());
    }
    parts.prop_map(Value::object).boxed()
}

fn blocks(nested: &NestedBlock, with_unknown: bool) -> BoxedStrategy<Value> {
    let none = Just(nested.empty_value());
    let ty = nested.block.implied_type();
    let most = if nested.max_items == 0 { 2 } else { nested.max_items.min(2) as usize };
    let some = vec(config(&nested.block, with_unknown), 1..=most);
    let some = match nested.nesting {
        Nesting::Single | Nesting::Group => config(&nested.block, with_unknown),
        Nesting::List => some.prop_map(move |items| Value::list(ty.clone(), items)).boxed(),
        Nesting::Set => some.prop_map(move |items| Value::set(ty.clone(), items)).boxed(),
        Nesting::Map => some
            .prop_map(move |items| {
                let entries = items.into_iter().enumerate().map(|(index, item)| (Arc::from(index.to_string()), item));
                Value::map(ty.clone(), entries.collect())
            })
            .boxed(),
    };
    prop_oneof![3 => none, 1 => some].boxed()
}

/// A type with two configurations of it, the second of which may have unknown parts.
///
/// The type is its position in `TYPES`, which prints better than its facts.
fn changes() -> impl Strategy<Value = (usize, Value, Value)> {
    (0..TYPES.len()).prop_flat_map(|index| {
        let block = &TYPES[index].schema.block;
        (Just(index), config(block, false), config(block, true))
    })
}

fn planned(facts: &TypeFacts, prior: Option<&Value>, config: &Value) -> Planned {
    let proposed = propose(&facts.schema.block, prior, config);
    let request = PlanRequest { type_name: &facts.type_name, prior, config, proposed: &proposed, private: &[] };
    plan(facts, &request, &BTreeMap::new(), &|_, _, _| false)
}

/// The object that an apply of the configuration makes.
fn applied(facts: &TypeFacts, config: &Value) -> Value {
    let planned = planned(facts, None, config).planned;
    let mut object = as_given(&facts.schema.block, fill(facts, &planned), config);
    if let Some(tags) = planned.get("tags") {
        let all = if tags.is_null() { Value::map(Type::String, Entries::default()) } else { tags };
        object = object.with("tags_all", all);
    }
    object
}

/// An empty value given for what the provider supplies is planned as unknown, and comes out empty.
fn as_given(block: &Block, object: Value, config: &Value) -> Value {
    let mut object = object;
    for (name, _) in block.attributes.iter().filter(|(_, attribute)| !attribute.write_only) {
        if let Some(given) = config.get(name).filter(|given| !given.is_null() && is_empty(given)) {
            object = object.with(name.clone(), given);
        }
    }
    for (name, nested) in &block.blocks {
        if let (Some(given), Some(blocks)) = (config.get(name), object.get(name))
            && let (Kind::List(_, given), Kind::List(ty, items)) = (given.reveal(), blocks.reveal())
            && given.len() == items.len()
        {
            let items =
                items.iter().zip(given.iter()).map(|(item, given)| as_given(&nested.block, item.clone(), given));
            object = object.with(name.clone(), Value::list(ty.clone(), items.collect::<Vec<_>>()));
        }
    }
    object
}

/// The names of attributes that only the configuration sets, and that the provider does not rewrite.
fn plain_names(block: &Block, rules: &BlockRules) -> Vec<Arc<str>> {
    let plain = block.attributes.iter().filter(|(name, attribute)| {
        matches!(attribute.presence, Presence::Required | Presence::Optional)
            && !attribute.write_only
            && rules.attributes.get(*name).is_none_or(|rules| rules.rewrites.is_empty() && rules.ignores.is_empty())
    });
    plain.map(|(name, _)| name.clone()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_second_plan_of_the_same_configuration_changes_nothing((index, config, _) in changes()) {
        let facts = &TYPES[index];
        let prior = applied(facts, &config);
        let Planned { planned, replace } = planned(facts, Some(&prior), &config);
        for (name, part) in planned.reveal().entries().into_iter().flatten() {
            prop_assert_eq!(Some(part.clone()), prior.get(name), "{}", name);
        }
        prop_assert_eq!(replace, Vec::new());
    }

    #[test]
    fn a_plan_is_of_the_type_of_the_schema((index, before, after) in changes()) {
        let facts = &TYPES[index];
        let ty = facts.schema.block.implied_type();
        prop_assert_eq!(planned(facts, None, &after).planned.ty(), ty.clone());
        let prior = applied(facts, &before);
        prop_assert_eq!(planned(facts, Some(&prior), &after).planned.ty(), ty);
    }

    #[test]
    fn an_object_that_stays_is_not_replaced((index, before, after) in changes()) {
        let facts = &TYPES[index];
        let prior = applied(facts, &before);
        let Planned { planned, replace } = planned(facts, Some(&prior), &after);
        prop_assert!(planned != prior || replace.is_empty(), "{:?}", replace);
    }

    #[test]
    fn a_plan_holds_what_the_configuration_gives((index, before, after) in changes()) {
        let facts = &TYPES[index];
        let prior = applied(facts, &before);
        let Planned { planned, .. } = planned(facts, Some(&prior), &after);
        for name in plain_names(&facts.schema.block, &facts.rules) {
            let (Some(planned), Some(given)) = (planned.get(&name), after.get(&name)) else {
                continue;
            };
            if !given.is_wholly_known() {
                prop_assert!(!planned.is_wholly_known(), "{} is known", name);
            } else if !is_empty(&given) && facts.attribute(&name).is_none_or(|rules| rules.change != crate::facts::Change::Ignored) {
                prop_assert_eq!(planned, given, "{}", name);
            }
        }
    }
}
