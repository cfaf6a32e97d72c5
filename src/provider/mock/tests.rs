//! What a mock makes up.

use std::sync::Arc;

use model::schema::{Attribute, Block, NestedBlock, Nesting, Presence};
use model::ty::Type;
use model::value::Value;

use super::Values;
use super::make::{Maker, unknown};

fn block() -> Block {
    let attribute = |name: &str, ty, presence| (Arc::<str>::from(name), Attribute::new(ty, presence));
    let rule = Block {
        attributes: [
            attribute("port", Type::Number, Presence::Required),
            attribute("id", Type::String, Presence::Computed),
        ]
        .into(),
        ..Block::default()
    };
    Block {
        attributes: [
            attribute("name", Type::String, Presence::Required),
            attribute("size", Type::Number, Presence::Optional),
            attribute("id", Type::String, Presence::Computed),
            attribute("arn", Type::String, Presence::OptionalComputed),
            attribute("count", Type::Number, Presence::Computed),
            attribute("ready", Type::Bool, Presence::Computed),
            attribute("zones", Type::list(Type::String), Presence::Computed),
            attribute("any", Type::Dynamic, Presence::Computed),
        ]
        .into(),
        blocks: [(
            Arc::<str>::from("rule"),
            NestedBlock { nesting: Nesting::List, block: rule, min_items: 0, max_items: 0, computed: false },
        )]
        .into(),
        deprecated: false,
    }
}

fn config() -> Value {
    let block = block();
    let rule = &block.blocks["rule"].block;
    let one = rule.empty_value().with("port", Value::number(80));
    block.empty_value().with("name", Value::string("web")).with("rule", Value::list(rule.implied_type(), vec![one]))
}

fn made(values: &Values, seed: u64) -> Value {
    Maker::new(values, seed).complete("test_thing", &block(), &config()).expect("the values fit")
}

#[test]
fn what_is_computed_is_made_up_by_its_type_and_the_rest_is_as_configured() {
    let value = made(&Values::default(), 1);
    let text = |name: &str| value.get(name).and_then(|value| value.reveal().as_str().map(str::to_string));
    assert_eq!(text("name").as_deref(), Some("web"));
    assert!(value.get("size").is_some_and(|size| size.is_null()), "optional attributes stay as they are");
    for name in ["id", "arn"] {
        let text = text(name).expect("a string is made up");
        assert!(
            text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()),
            "{text}"
        );
    }
    assert_eq!(value.get("count"), Some(Value::number(0)));
    assert_eq!(value.get("ready"), Some(Value::bool(false)));
    assert_eq!(value.get("zones"), Some(Value::list(Type::String, Vec::new())));
    assert_eq!(value.get("any"), Some(Value::null(Type::Dynamic)));
    let rules = value.get("rule").expect("the blocks are there");
    let rule = &rules.reveal().items().expect("a list")[0];
    assert_eq!(rule.get("port"), Some(Value::number(80)));
    assert!(
        rule.get("id").is_some_and(|id| id.reveal().as_str().is_some()),
        "computed parts of blocks are made up too"
    );
}

#[test]
fn the_same_seed_makes_up_the_same_values() {
    assert_eq!(made(&Values::default(), 7), made(&Values::default(), 7));
    assert_ne!(made(&Values::default(), 7), made(&Values::default(), 8));
}

#[test]
fn values_of_the_test_are_taken_for_what_is_computed_alone() {
    let given = Value::object([
        ("id", Value::string("i-1")),
        ("count", Value::string("3")),
        ("name", Value::string("other")),
        ("unheard_of", Value::number(1)),
        ("rule", Value::object([("id", Value::string("r"))])),
    ]);
    let value = made(&Values { given: Some(given), ..Values::default() }, 1);
    assert_eq!(value.get("id"), Some(Value::string("i-1")));
    assert_eq!(value.get("count"), Some(Value::number(3)), "values are converted to the type");
    assert_eq!(value.get("name"), Some(Value::string("web")));
    let rules = value.get("rule").expect("the blocks are there");
    assert_eq!(rules.reveal().items().expect("a list")[0].get("id"), Some(Value::string("r")));
}

#[test]
fn a_value_that_does_not_fit_says_where_it_was_given() {
    let given = Value::object([("id", Value::tuple(vec![Value::number(1)]))]);
    let values = Values { given: Some(given), place: Some("main.tftest.hcl line 3".into()), ..Values::default() };
    let error = Maker::new(&values, 1).complete("test_thing", &block(), &config()).expect_err("a tuple is no string");
    assert!(error.to_string().contains("main.tftest.hcl line 3"), "{error}");
}

#[test]
fn before_an_apply_what_is_computed_is_unknown() {
    let planned = unknown(&block(), &config());
    assert_eq!(planned.get("name"), Some(Value::string("web")));
    for name in ["id", "arn", "count", "ready", "zones", "any"] {
        assert!(!planned.get(name).expect("the attribute is there").is_known(), "{name}");
    }
}
