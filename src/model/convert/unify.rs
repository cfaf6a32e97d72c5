//! The common type of several types.

use crate::convert::{Mode, converts};
use crate::ty::{ObjectType, Type};

/// Finds the type that values of all these types can convert to, preferring the one that loses least.
///
/// Numbers and bools meet in strings; objects with the same attributes and tuples of the same length meet part by part,
/// others in a map or list of the common type of their parts. `None` if nothing is common, and for no types at all.
pub fn unify(types: &[Type]) -> Option<Type> {
    unify_iter(types.iter(), Mode::Any)
}

/// [`unify`] for types that are not in a slice.
pub(super) fn unify_iter<'a>(types: impl Iterator<Item = &'a Type>, mode: Mode) -> Option<Type> {
    let mut distinct: Vec<&Type> = Vec::new();
    for ty in types {
        if !distinct.contains(&ty) {
            distinct.push(ty);
        }
    }
    unify_distinct(&distinct, mode)
}

/// How many of the types are of each kind that unifies structurally.
#[derive(Default)]
struct Census {
    maps: usize,
    lists: usize,
    sets: usize,
    objects: usize,
    tuples: usize,
    dynamics: usize,
}

impl Census {
    fn of(types: &[&Type]) -> Census {
        let mut census = Census::default();
        for ty in types {
            match ty {
                Type::Map(_) => census.maps += 1,
                Type::List(_) => census.lists += 1,
                Type::Set(_) => census.sets += 1,
                Type::Object(_) => census.objects += 1,
                Type::Tuple(_) => census.tuples += 1,
                Type::Dynamic => census.dynamics += 1,
                Type::Bool | Type::Number | Type::String => {}
            }
        }
        census
    }
}

fn unify_distinct(types: &[&Type], mode: Mode) -> Option<Type> {
    match types {
        [] => return None,
        [only] => return Some((*only).clone()),
        [_, _, ..] => {}
    }
    let total = types.len();
    let census = Census::of(types);
    let open = census.dynamics > 0;
    let all = |count: usize| count > 0 && count + census.dynamics == total;
    // With a type that is not known yet the common type can't be foreseen.
    if all(census.maps) {
        return if open { Some(Type::Dynamic) } else { unify_elements(types, mode).map(Type::map) };
    }
    if census.maps > 0 && all(census.maps + census.objects) {
        if let Some(map) = unify_objects_into_maps(types, mode) {
            return Some(map);
        }
    } else if all(census.lists) {
        return if open { Some(Type::Dynamic) } else { unify_elements(types, mode).map(Type::list) };
    } else if census.lists > 0 && all(census.lists + census.tuples) {
        if let Some(list) = unify_tuples_into_lists(types, mode) {
            return Some(list);
        }
    } else if all(census.sets) {
        return if open { Some(Type::Dynamic) } else { unify_elements(types, mode).map(Type::set) };
    } else if all(census.objects) {
        return if open { Some(Type::Dynamic) } else { unify_objects(types, mode) };
    } else if all(census.tuples) {
        return if open { Some(Type::Dynamic) } else { unify_tuples(types, mode) };
    } else if census.objects > 0 && census.tuples > 0 {
        return None;
    }
    in_order_of_preference(types).into_iter().find(|wanted| types.iter().all(|ty| converts(ty, wanted, mode))).cloned()
}

fn unify_elements(collections: &[&Type], mode: Mode) -> Option<Type> {
    unify_iter(collections.iter().filter_map(|ty| ty.element()), mode)
}

/// Types of which some are maps and the others objects, which then count as the maps that they could be.
fn unify_objects_into_maps(types: &[&Type], mode: Mode) -> Option<Type> {
    let objects: Vec<&Type> = types.iter().copied().filter(|ty| matches!(ty, Type::Object(_))).collect();
    let as_map = objects_to_map(&objects, mode)?;
    let mut replaced: Vec<&Type> = types.iter().copied().filter(|ty| !matches!(ty, Type::Object(_))).collect();
    replaced.push(&as_map);
    unify_iter(replaced.into_iter(), mode).filter(|ty| matches!(ty, Type::Map(_)))
}

/// As [`unify_objects_into_maps`] for tuples among lists.
fn unify_tuples_into_lists(types: &[&Type], mode: Mode) -> Option<Type> {
    let tuples: Vec<&Type> = types.iter().copied().filter(|ty| matches!(ty, Type::Tuple(_))).collect();
    let as_list = tuples_to_list(&tuples, mode)?;
    let mut replaced: Vec<&Type> = types.iter().copied().filter(|ty| !matches!(ty, Type::Tuple(_))).collect();
    replaced.push(&as_list);
    unify_iter(replaced.into_iter(), mode).filter(|ty| matches!(ty, Type::List(_)))
}

fn unify_objects(types: &[&Type], mode: Mode) -> Option<Type> {
    let objects: Vec<&ObjectType> = types
        .iter()
        .filter_map(|ty| if let Type::Object(object) = ty { Some(object.as_ref()) } else { None })
        .collect();
    let (first, others) = objects.split_first()?;
    if !others.iter().all(|other| other.attributes.keys().eq(first.attributes.keys())) {
        return objects_to_map(types, mode);
    }
    let mut attributes = Vec::with_capacity(first.attributes.len());
    for name in first.attributes.keys() {
        attributes
            .push((name.clone(), unify_iter(objects.iter().filter_map(|object| object.attributes.get(name)), mode)?));
    }
    Some(Type::object(attributes))
}

fn objects_to_map(types: &[&Type], mode: Mode) -> Option<Type> {
    let attributes = types.iter().flat_map(|ty| {
        if let Type::Object(object) = ty { Some(object.attributes.values()) } else { None }.into_iter().flatten()
    });
    unify_iter(attributes, mode).map(Type::map).filter(|map| types.iter().all(|ty| converts(ty, map, mode)))
}

fn unify_tuples(types: &[&Type], mode: Mode) -> Option<Type> {
    let tuples: Vec<&[Type]> =
        types.iter().filter_map(|ty| if let Type::Tuple(items) = ty { Some(items.as_ref()) } else { None }).collect();
    let (first, others) = tuples.split_first()?;
    if !others.iter().all(|other| other.len() == first.len()) {
        return tuples_to_list(types, mode);
    }
    let items: Option<Vec<Type>> =
        (0..first.len()).map(|index| unify_iter(tuples.iter().filter_map(|items| items.get(index)), mode)).collect();
    Some(Type::tuple(items?))
}

fn tuples_to_list(types: &[&Type], mode: Mode) -> Option<Type> {
    let items = types.iter().flat_map(|ty| if let Type::Tuple(items) = ty { items.iter() } else { [].iter() });
    unify_iter(items, mode).map(Type::list).filter(|list| types.iter().all(|ty| converts(ty, list, mode)))
}

/// The types with the more general before the more special, otherwise as they came.
fn in_order_of_preference<'a>(types: &[&'a Type]) -> Vec<&'a Type> {
    let mut rest: Vec<&Type> = types.to_vec();
    let mut ordered = Vec::with_capacity(rest.len());
    while !rest.is_empty() {
        let next = (0..rest.len())
            .find(|candidate| {
                !(0..rest.len()).any(|other| other != *candidate && is_preferred(rest[other], rest[*candidate]))
            })
            .unwrap_or(0);
        ordered.push(rest.remove(next));
    }
    ordered
}

/// Whether `a` is the better common type of the two.
fn is_preferred(a: &Type, b: &Type) -> bool {
    match (a, b) {
        (Type::Dynamic, _) => false,
        (_, Type::Dynamic) => true,
        (Type::String, Type::Bool | Type::Number) => true,
        (Type::List(a), Type::List(b)) | (Type::Set(a), Type::Set(b)) | (Type::Map(a), Type::Map(b)) => {
            is_preferred(a, b)
        }
        (Type::List(_) | Type::Tuple(_), Type::Set(_))
        | (Type::List(_), Type::Tuple(_))
        | (Type::Map(_), Type::Object(_)) => true,
        (
            Type::Bool
            | Type::Number
            | Type::String
            | Type::List(_)
            | Type::Set(_)
            | Type::Map(_)
            | Type::Tuple(_)
            | Type::Object(_),
            _,
        ) => false,
    }
}
