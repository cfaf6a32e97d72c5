//! Attributes, indexes and splats.

use hcl::ast::{Access, AccessStep, DynamicIndex, Expr, IndexKey, Splat, Step};
use model::convert::convert;
use model::number::Number;
use model::ty::Type;
use model::value::{Facts, Kind, Marks, Refinement, Value};

use crate::evaluate::failure::Problem;
use crate::evaluate::{Evaluator, Names};
use crate::suggestion::similar;

impl Evaluator<'_> {
    pub(super) fn access(&mut self, expr: &Expr, access: &Access, names: Option<&Names<'_>>) -> Value {
        let mistakes = self.mistakes();
        let base = self.value(&access.base, names);
        let is_splat = |step: &AccessStep| matches!(step, AccessStep::Splat(_));
        // The right parts of a value with mistakes are there, but nothing is repeated over such a value.
        match access.steps.iter().position(is_splat).filter(|_| self.mistakes() > mistakes) {
            Some(splat) => {
                self.steps(expr, base, &access.steps[..splat], names);
                Value::unknown(Type::Dynamic)
            }
            None => self.steps(expr, base, &access.steps, names),
        }
    }

    /// Applies steps that are known from the text.
    pub(super) fn static_steps(
        &mut self,
        expr: &Expr,
        mut value: Value,
        steps: &[Step],
        names: Option<&Names<'_>>,
    ) -> Value {
        for step in steps {
            match static_step(&value, step) {
                Ok(next) => value = next,
                Err(problem) => return self.fail(expr, step.span(), names, problem),
            }
        }
        value
    }

    fn steps(&mut self, expr: &Expr, mut value: Value, steps: &[AccessStep], names: Option<&Names<'_>>) -> Value {
        for step in steps {
            value = match step {
                AccessStep::Static(step) => self.static_steps(expr, value, std::slice::from_ref(step), names),
                AccessStep::Index(step) => self.dynamic_index(expr, value, step, names),
                AccessStep::Splat(splat) => self.splat(expr, value, splat, names),
            };
        }
        value
    }

    fn dynamic_index(&mut self, expr: &Expr, value: Value, step: &DynamicIndex, names: Option<&Names<'_>>) -> Value {
        let key = self.value(&step.key, names);
        match index(&value, &key) {
            Ok(part) => part,
            Err(problem) => self.fail(expr, step.span, names, problem),
        }
    }

    fn splat(&mut self, expr: &Expr, source: Value, splat: &Splat, names: Option<&Names<'_>>) -> Value {
        let (source, marks) = source.unmark();
        let result = match source.reveal() {
            Kind::Null(Type::List(_) | Type::Set(_) | Type::Tuple(_)) => {
                let detail = "The splat operator `*` can't be applied to a null list, set or tuple.";
                return self.fail(expr, splat.marker, names, Problem::new("Splat of null value", detail));
            }
            Kind::Null(_) => Value::tuple(Vec::new()),
            Kind::Unknown(Type::Dynamic, _) => Value::unknown(Type::Dynamic),
            Kind::Unknown(ty @ (Type::List(_) | Type::Set(_) | Type::Tuple(_)), refinement) => {
                self.splat_unknown(expr, ty, refinement, splat, names)
            }
            Kind::Unknown(_, refinement) if refinement.is_not_null() => {
                Value::tuple(vec![self.steps(expr, source.clone(), &splat.steps, names)])
            }
            Kind::Unknown(..) => {
                // One element or, if it turns out to be null, none: only the mistakes in the steps are of interest.
                self.steps(expr, source.clone(), &splat.steps, names);
                Value::unknown(Type::Dynamic)
            }
            Kind::List(element, items) | Kind::Set(element, items) => {
                let results: Vec<Value> =
                    items.iter().map(|item| self.steps(expr, item.clone(), &splat.steps, names)).collect();
                match results.first() {
                    None => Value::list(self.splat_type(expr, element, splat, names), results),
                    Some(first) => {
                        let ty = first.ty();
                        let alike = results.len() < 2 || results[1..].iter().all(|result| result.ty() == ty);
                        if alike { Value::list(ty, results) } else { Value::tuple(results) }
                    }
                }
            }
            Kind::Tuple(items) => Value::tuple(
                items.iter().map(|item| self.steps(expr, item.clone(), &splat.steps, names)).collect::<Vec<_>>(),
            ),
            Kind::Bool(_) | Kind::Number(_) | Kind::String(_) | Kind::Map(..) | Kind::Object(_) => {
                Value::tuple(vec![self.steps(expr, source.clone(), &splat.steps, names)])
            }
        };
        result.with_marks(marks)
    }

    fn splat_unknown(
        &mut self,
        expr: &Expr,
        ty: &Type,
        refinement: &Refinement,
        splat: &Splat,
        names: Option<&Names<'_>>,
    ) -> Value {
        let (ty, length_min, length_max) = match ty {
            Type::Tuple(elements) => {
                let results: Vec<Type> =
                    elements.iter().map(|element| self.splat_type(expr, element, splat, names)).collect();
                (Type::tuple(results), None, None)
            }
            Type::List(element) | Type::Set(element) => {
                let facts = refinement.facts();
                let ty = Type::list(self.splat_type(expr, element, splat, names));
                (ty, facts.and_then(|facts| facts.length_min), facts.and_then(|facts| facts.length_max))
            }
            Type::Dynamic | Type::Bool | Type::Number | Type::String | Type::Map(_) | Type::Object(_) => {
                (Type::Dynamic, None, None)
            }
        };
        let facts = Facts { not_null: ty != Type::Dynamic, length_min, length_max, ..Facts::default() };
        Value::unknown_with(ty, Refinement::from(facts))
    }

    /// The type that the steps of a splat give for an element type.
    fn splat_type(&mut self, expr: &Expr, element: &Type, splat: &Splat, names: Option<&Names<'_>>) -> Type {
        self.steps(expr, Value::unknown(element.clone()), &splat.steps, names).ty()
    }
}

/// The part of a value that a step of the text leads to.
pub(super) fn static_step(value: &Value, step: &Step) -> Result<Value, Problem> {
    match step {
        Step::Attr(step) => attribute(value, &step.name.name),
        Step::Index(step) => match &step.key {
            IndexKey::String(key) => index(value, &Value::string(key.as_str())),
            IndexKey::Number(text) => match Number::parse(text) {
                Some(number) => index(value, &Value::number(number)),
                None => Err(Problem::new(INVALID_INDEX, "This index is larger or smaller than numbers can be.")),
            },
        },
    }
}

const INVALID_INDEX: &str = "Invalid index";
const UNSUPPORTED_ATTRIBUTE: &str = "Unsupported attribute";

/// `value.name`
fn attribute(value: &Value, name: &str) -> Result<Value, Problem> {
    let marks = value.marks();
    match value.reveal() {
        Kind::Null(_) => Err(Problem::new(
            "Attempt to get attribute from null value",
            "This value is null, so it does not have any attributes.",
        )),
        Kind::Unknown(ty, _) => attribute_of_unknown(ty, name).map(|part| part.with_marks(marks)),
        Kind::Object(attributes) => match attributes.get(name) {
            Some(part) => Ok(part.clone().with_marks(marks)),
            None => Err(no_attribute(name, attributes.keys().map(AsRef::as_ref))),
        },
        Kind::Map(_, entries) => match entries.get(name) {
            Some(part) => Ok(part.clone().with_marks(marks)),
            None => {
                let suggestion = if marks.is_empty() { similar(name, entries.keys().map(AsRef::as_ref)) } else { None };
                Err(Problem::new(
                    "Missing map element",
                    format!("This map does not have an element with the key {name:?}."),
                )
                .hint(suggestion.map(|name| format!("Did you mean \"{name}\"?"))))
            }
        },
        Kind::Bool(_) | Kind::Number(_) | Kind::String(_) | Kind::List(..) | Kind::Set(..) | Kind::Tuple(_) => {
            Err(not_attributable(value, name))
        }
    }
}

fn attribute_of_unknown(ty: &Type, name: &str) -> Result<Value, Problem> {
    match ty {
        Type::Dynamic => Ok(Value::unknown(Type::Dynamic)),
        Type::Map(element) => Ok(Value::unknown(element.as_ref().clone())),
        Type::Object(object) => match object.attributes.get(name) {
            Some(attribute) => Ok(Value::unknown(attribute.clone())),
            None => Err(no_attribute(name, object.attributes.keys().map(AsRef::as_ref))),
        },
        Type::Bool | Type::Number | Type::String | Type::List(_) | Type::Set(_) | Type::Tuple(_) => {
            Err(not_attributable(&Value::unknown(ty.clone()), name))
        }
    }
}

fn no_attribute<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Problem {
    Problem::new(UNSUPPORTED_ATTRIBUTE, format!("This object does not have an attribute named {name:?}."))
        .hint(similar(name, known).map(|name| format!("Did you mean \"{name}\"?")))
}

fn not_attributable(value: &Value, name: &str) -> Problem {
    let ty = value.ty();
    let (kind, of_objects) = match &ty {
        Type::List(element) => ("list", matches!(element.as_ref(), Type::Object(_) | Type::Map(_))),
        Type::Set(element) => ("set", matches!(element.as_ref(), Type::Object(_) | Type::Map(_))),
        Type::Tuple(elements) => {
            ("tuple", elements.iter().any(|element| matches!(element, Type::Object(_) | Type::Map(_))))
        }
        Type::Dynamic | Type::Bool | Type::Number | Type::String | Type::Map(_) | Type::Object(_) => {
            let detail = format!("A {} has no attributes, so `.{name}` can't be used on it.", ty.friendly_name());
            return Problem::new(UNSUPPORTED_ATTRIBUTE, detail);
        }
    };
    let problem =
        Problem::new(UNSUPPORTED_ATTRIBUTE, format!("A {kind} has no attributes itself, only its elements may."));
    match (of_objects, kind) {
        (true, "set") => {
            problem.hint(format!("For `{name}` of all elements use a splat or a for expression: [*].{name}"))
        }
        (true, _) => {
            problem.hint(format!("Name one element, as in [0].{name}, or ask for all of them with a splat: [*].{name}"))
        }
        (false, _) => problem,
    }
}

/// `value[key]`
fn index(value: &Value, key: &Value) -> Result<Value, Problem> {
    // As Terraform: a key does not count as long as nothing is selected by it.
    let selects = value.is_known() && key.is_known();
    let marks = if selects { value.marks() | key.marks() } else { value.marks() };
    if value.is_null() {
        return Err(Problem::new(
            "Attempt to index null value",
            "This value is null, so it does not have any indices.",
        ));
    }
    if key.is_null() {
        return Err(Problem::new(INVALID_INDEX, "Null can't be used as an index."));
    }
    if is_open(value) || is_open(key) {
        return Ok(Value::unknown(Type::Dynamic).with_marks(marks));
    }
    let part = match value.reveal() {
        Kind::List(..) | Kind::Tuple(_) | Kind::Unknown(Type::List(_) | Type::Tuple(_), _) => {
            index_sequence(value, key)
        }
        Kind::Map(..) | Kind::Unknown(Type::Map(_), _) => index_map(value, key),
        Kind::Object(_) | Kind::Unknown(Type::Object(_), _) => index_object(value, key),
        Kind::Set(..) | Kind::Unknown(Type::Set(_), _) => Err(Problem::new(
            INVALID_INDEX,
            "The elements of a set have no order and no key, so none of them can be selected with an index.",
        )
        .hint(
            "Use a for expression over all elements, or tolist() or one() where the order does not matter.".to_owned(),
        )),
        Kind::Null(_) | Kind::Unknown(..) | Kind::Bool(_) | Kind::Number(_) | Kind::String(_) => {
            let detail = format!("A {} does not have any indices.", value.ty().friendly_name());
            Err(Problem::new(INVALID_INDEX, detail))
        }
    };
    part.map(|part| part.with_marks(marks))
}

/// Whether not even the type is known.
fn is_open(value: &Value) -> bool {
    matches!(value.reveal(), Kind::Unknown(Type::Dynamic, _))
}

fn bad_key(why: impl std::fmt::Display) -> Problem {
    Problem::new(INVALID_INDEX, format!("The given key does not identify an element in this collection value: {why}."))
}

fn index_sequence(value: &Value, key: &Value) -> Result<Value, Problem> {
    let key = convert(key, &Type::Number).map_err(bad_key)?;
    let Kind::Number(number) = key.reveal() else {
        return Ok(Value::unknown(sequence_element(value)));
    };
    if !number.is_integer() {
        return Err(bad_key("an index into a sequence must be a whole number, and this one has a fractional part"));
    }
    if number.is_negative() && !number.is_zero() {
        return Err(bad_key("an index into a sequence can't be negative"));
    }
    let out_of_range = |length: usize| {
        if value.marks().contains(Marks::SENSITIVE) || key.marks().contains(Marks::SENSITIVE) {
            bad_key("the index is outside of the sequence")
        } else if length == 0 {
            bad_key("the collection has no elements")
        } else {
            bad_key(format!("the index {number} is not below the length of the collection, which is {length}"))
        }
    };
    let position = number.as_usize();
    match value.reveal() {
        Kind::List(_, items) | Kind::Tuple(items) => {
            position.and_then(|position| items.get(position)).cloned().ok_or_else(|| out_of_range(items.len()))
        }
        Kind::Unknown(Type::Tuple(elements), _) => position
            .and_then(|position| elements.get(position))
            .map(|element| Value::unknown(element.clone()))
            .ok_or_else(|| out_of_range(elements.len())),
        Kind::Unknown(_, refinement) => {
            let length_max = refinement.facts().and_then(|facts| facts.length_max);
            match (length_max, position) {
                (Some(length), Some(position)) if position >= length => Err(out_of_range(length)),
                (Some(length), None) => Err(out_of_range(length)),
                (Some(_) | None, _) => Ok(Value::unknown(sequence_element(value))),
            }
        }
        Kind::Null(_)
        | Kind::Bool(_)
        | Kind::Number(_)
        | Kind::String(_)
        | Kind::Set(..)
        | Kind::Map(..)
        | Kind::Object(_) => Ok(Value::unknown(Type::Dynamic)),
    }
}

/// What is known of the type of an element at an unknown position.
fn sequence_element(value: &Value) -> Type {
    match value.reveal() {
        Kind::List(element, _) => element.clone(),
        Kind::Unknown(Type::List(element), _) => element.as_ref().clone(),
        Kind::Null(_)
        | Kind::Unknown(..)
        | Kind::Bool(_)
        | Kind::Number(_)
        | Kind::String(_)
        | Kind::Set(..)
        | Kind::Map(..)
        | Kind::Tuple(_)
        | Kind::Object(_) => Type::Dynamic,
    }
}

fn index_map(value: &Value, key: &Value) -> Result<Value, Problem> {
    let shown = key.marks().is_empty() && value.marks().is_empty();
    let key = convert(key, &Type::String).map_err(bad_key)?;
    match (value.reveal(), key.reveal()) {
        (Kind::Map(_, entries), Kind::String(key)) => entries.get(key).cloned().ok_or_else(|| {
            let suggestion = if shown { similar(key, entries.keys().map(AsRef::as_ref)) } else { None };
            Problem::new(INVALID_INDEX, "The given key does not identify an element in this collection value.")
                .hint(suggestion.map(|name| format!("Did you mean \"{name}\"?")))
        }),
        (Kind::Map(element, _), _) => Ok(Value::unknown(element.clone())),
        (Kind::Unknown(Type::Map(element), _), _) => Ok(Value::unknown(element.as_ref().clone())),
        (_, _) => Ok(Value::unknown(Type::Dynamic)),
    }
}

fn index_object(value: &Value, key: &Value) -> Result<Value, Problem> {
    let by_number = matches!(key.reveal(), Kind::Number(_));
    let shown = key.marks().is_empty();
    let key = convert(key, &Type::String).map_err(bad_key)?;
    let Kind::String(name) = key.reveal() else {
        return Ok(Value::unknown(Type::Dynamic));
    };
    let found = match value.reveal() {
        Kind::Object(attributes) => attributes.get(name).cloned(),
        Kind::Unknown(Type::Object(object), _) => {
            object.attributes.get(name).map(|attribute| Value::unknown(attribute.clone()))
        }
        Kind::Null(_)
        | Kind::Unknown(..)
        | Kind::Bool(_)
        | Kind::Number(_)
        | Kind::String(_)
        | Kind::List(..)
        | Kind::Set(..)
        | Kind::Map(..)
        | Kind::Tuple(_) => None,
    };
    found.ok_or_else(|| {
        let problem =
            Problem::new(INVALID_INDEX, "The given key does not identify an element in this collection value.");
        if by_number {
            return problem.hint("The attributes of an object are selected by name, not by number.".to_owned());
        }
        let known: Vec<&str> =
            value.reveal().entries().into_iter().flat_map(|entries| entries.keys().map(AsRef::as_ref)).collect();
        let suggestion = if shown { similar(name, known) } else { None };
        problem.hint(suggestion.map(|name| format!("Did you mean \"{name}\"?")))
    })
}
