//! Conversions and common types, one rule a test.

use std::collections::BTreeSet;

use crate::entries::Entries;
use std::sync::Arc;

use super::{convert, unify};
use crate::ty::{ObjectType, Type};
use crate::value::{Refinement, Value};

fn number(value: i64) -> Value {
    Value::number(value)
}

fn message(value: &Value, ty: &Type) -> String {
    convert(value, ty).expect_err("no conversion").to_string()
}

fn constraint(attributes: &[(&str, Type)], optional: &[&str]) -> Type {
    Type::Object(Arc::new(ObjectType {
        attributes: attributes.iter().map(|(name, ty)| (Arc::from(*name), ty.clone())).collect(),
        optional: optional.iter().map(|name| Arc::from(*name)).collect::<BTreeSet<Arc<str>>>(),
    }))
}

#[test]
fn primitives_convert_through_their_text() {
    assert_eq!(convert(&number(5), &Type::String).expect("text"), "5".into());
    assert_eq!(convert(&"5".into(), &Type::Number).expect("a number"), number(5));
    assert_eq!(convert(&"1".into(), &Type::Bool).expect("a bool"), true.into());
    assert_eq!(convert(&false.into(), &Type::String).expect("text"), "false".into());
}

#[test]
fn numbers_and_bools_do_not_convert_to_each_other() {
    assert_eq!(message(&number(1), &Type::Bool), "bool required");
    assert_eq!(message(&true.into(), &Type::Number), "number required");
}

#[test]
fn messages_name_the_place_and_what_is_required_there() {
    let numbers = Type::list(Type::Number);
    let a = |value: Value| Value::object([("a", value)]);
    assert_eq!(message(&Value::tuple(vec!["a".into(), Value::empty_object()]), &numbers), "element 1: number required");
    assert_eq!(message(&Value::tuple(vec!["a".into()]), &numbers), "[0]: a number is required");
    let three = constraint(&[("a", Type::String), ("b", Type::String), ("c", Type::Number)], &[]);
    assert_eq!(message(&a(Value::tuple(vec![])), &three), "attributes \"b\" and \"c\" are required");
    assert_eq!(
        message(&a(Value::tuple(vec![])), &constraint(&[("a", Type::String)], &[])),
        "attribute \"a\": string required"
    );
    let nested = Type::map(constraint(&[("a", Type::Number)], &[]));
    assert_eq!(message(&Value::object([("x", a("x".into()))]), &nested), "[\"x\"].a: a number is required");
    assert_eq!(message(&Value::tuple(vec![]), &Type::String), "string required");
    assert_eq!(
        message(&"TRUE".into(), &Type::Bool),
        "a bool is required; to convert from string, use lowercase \"true\""
    );
    assert_eq!(
        message(&Value::tuple(vec![number(1), true.into()]), &Type::list(Type::Dynamic)),
        "all list elements must have the same type"
    );
    assert_eq!(message(&a("x".into()), &Type::map(Type::list(Type::String))), "element \"a\": list of string required");
    assert_eq!(
        message(&Value::tuple(vec!["a".into()]), &Type::tuple(vec![Type::String, Type::Number])),
        "tuple required"
    );
    assert_eq!(
        message(&Value::empty_object(), &constraint(&[("a", Type::String)], &[])),
        "attribute \"a\" is required"
    );
}

#[test]
fn absent_optional_attributes_become_typed_nulls_and_unnamed_ones_are_dropped() {
    let ty = constraint(&[("a", Type::String), ("b", Type::Number)], &["b"]);
    let value = Value::object([("a", number(1)), ("other", number(2))]);
    let expected = Value::object([("a", "1".into()), ("b", Value::null(Type::Number))]);
    assert_eq!(convert(&value, &ty).expect("fits"), expected);
    let map = Value::map(Type::String, Entries::from_iter([("a".into(), "1".into())]));
    assert_eq!(convert(&map, &ty).expect("fits"), expected);
}

#[test]
fn a_map_without_a_required_key_is_no_object() {
    let map = Value::map(Type::String, Entries::default());
    assert_eq!(
        message(&map, &constraint(&[("a", Type::String)], &[])),
        "map has no element for required attribute \"a\""
    );
}

#[test]
fn any_takes_the_common_type_of_the_elements() {
    let any = Type::list(Type::Dynamic);
    let mixed = convert(&Value::tuple(vec![number(1), "a".into(), true.into()]), &any).expect("strings");
    assert_eq!(mixed, Value::list(Type::String, vec!["1".into(), "a".into(), "true".into()]));
    let nested = Value::tuple(vec![Value::tuple(vec![number(1)]), Value::tuple(vec!["a".into(), number(2)])]);
    assert_eq!(convert(&nested, &any).expect("lists").ty(), Type::list(Type::list(Type::String)));
}

#[test]
fn elements_of_open_objects_are_brought_to_one_type() {
    let ty = Type::list(constraint(&[("a", Type::Dynamic)], &[]));
    let value = Value::tuple(vec![Value::object([("a", number(1))]), Value::object([("a", "x".into())])]);
    assert_eq!(convert(&value, &ty).expect("unified").ty(), Type::list(Type::object([("a", Type::String)])));
}

#[test]
fn empty_tuples_of_any_keep_an_open_element_type() {
    assert_eq!(
        convert(&Value::tuple(vec![]), &Type::set(Type::Dynamic)).expect("empty"),
        Value::set(Type::Dynamic, vec![])
    );
}

#[test]
fn unknown_values_stay_unknown_and_nulls_null() {
    let unknown = Value::unknown_with(Type::Number, Refinement::not_null());
    assert_eq!(
        convert(&unknown, &Type::String).expect("unknown"),
        Value::unknown_with(Type::String, Refinement::not_null())
    );
    assert_eq!(convert(&Value::unknown(Type::Dynamic), &Type::Bool).expect("unknown"), Value::unknown(Type::Bool));
    assert_eq!(convert(&Value::null(Type::Dynamic), &Type::Bool).expect("null"), Value::null(Type::Bool));
    assert_eq!(message(&Value::unknown(Type::tuple(vec![])), &Type::Bool), "bool required");
    let open = convert(&Value::unknown(Type::tuple(vec![Type::String])), &Type::list(Type::Dynamic)).expect("unknown");
    assert_eq!(open.ty(), Type::list(Type::String));
}

#[test]
fn marks_stay_where_they_are() {
    let value = Value::tuple(vec![number(1).sensitive(), number(2)]);
    let list = convert(&value, &Type::list(Type::String)).expect("a list");
    assert_eq!(list, Value::list(Type::String, vec![Value::string("1").sensitive(), "2".into()]));
    assert!(convert(&value, &Type::set(Type::String)).expect("a set").is_sensitive());
}

#[test]
fn common_types_lose_as_little_as_possible() {
    let object = |ty: Type| Type::object([("a", ty)]);
    assert_eq!(unify(&[Type::Number, Type::Bool]), None);
    assert_eq!(unify(&[Type::Number, Type::Bool, Type::String]), Some(Type::String));
    assert_eq!(unify(&[Type::Number, Type::Dynamic]), Some(Type::Number));
    assert_eq!(unify(&[object(Type::Number), object(Type::String)]), Some(object(Type::String)));
    assert_eq!(unify(&[object(Type::Number), Type::object([("b", Type::String)])]), Some(Type::map(Type::String)));
    assert_eq!(unify(&[Type::tuple(vec![Type::Number]), Type::list(Type::String)]), Some(Type::list(Type::String)));
    assert_eq!(unify(&[Type::set(Type::String), Type::list(Type::Number)]), Some(Type::list(Type::Number)));
    assert_eq!(unify(&[object(Type::Number), Type::tuple(vec![])]), None);
    assert_eq!(unify(&[]), None);
}
