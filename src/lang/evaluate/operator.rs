//! Unary and binary operators.

use hcl::ast::{Binary, BinaryOp, Expr, Unary, UnaryOp};
use hcl::span::Span;
use model::convert::convert;
use model::number::Number;
use model::ty::Type;
use model::value::{Bound, Facts, Kind, Value, set_order};

use crate::evaluate::failure::Problem;
use crate::evaluate::lift::{is_never_null, lift, unknown};
use crate::evaluate::{Evaluator, Names};

impl Evaluator<'_> {
    pub(super) fn unary(&mut self, expr: &Expr, unary: &Unary, names: Option<&Names<'_>>) -> Value {
        let mistakes = self.mistakes();
        let operand = self.value(&unary.operand, names);
        let ty = match unary.op {
            UnaryOp::Negate => Type::Number,
            UnaryOp::Not => Type::Bool,
        };
        if self.mistakes() > mistakes {
            return unknown(ty);
        }
        let operand = match convert(&operand, &ty) {
            Ok(operand) => operand,
            Err(error) => {
                let detail = format!("Unsuitable value for the operand of `{}`: {error}.", unary.op.symbol());
                self.fail(expr, unary.operand.span(), names, Problem::new("Invalid operand", detail));
                return unknown(ty);
            }
        };
        // As Terraform, whose functions for these operators see to marks only when there are values.
        if !operand.is_known() {
            return unknown(ty);
        }
        let result = lift([operand], |[operand]| match (unary.op, operand.reveal()) {
            (_, Kind::Null(_)) => Err(null_operand(unary.op.symbol())),
            (UnaryOp::Negate, Kind::Number(number)) => Ok(Value::number(number.neg())),
            (UnaryOp::Not, Kind::Bool(value)) => Ok(Value::bool(!value)),
            (UnaryOp::Negate | UnaryOp::Not, _) => Ok(unknown(ty.clone())),
        });
        result.unwrap_or_else(|problem| {
            self.fail(expr, unary.span, names, problem);
            unknown(ty)
        })
    }

    pub(super) fn binary(&mut self, expr: &Expr, binary: &Binary, names: Option<&Names<'_>>) -> Value {
        let mistakes = self.mistakes();
        let mut left = self.value(&binary.first, names);
        let mut left_span = binary.first.span();
        for rest in &binary.rest {
            let right = self.value(&rest.operand, names);
            let right_span = rest.operand.span();
            left = if self.mistakes() > mistakes {
                unknown(operand_type(rest.op).1)
            } else {
                self.operate(expr, rest.op, (left, left_span), (right, right_span), names)
            };
            left_span = left_span.to(right_span);
        }
        left
    }

    fn operate(
        &mut self,
        expr: &Expr,
        op: BinaryOp,
        left: (Value, Span),
        right: (Value, Span),
        names: Option<&Names<'_>>,
    ) -> Value {
        let (operand_ty, result_ty) = operand_type(op);
        let mistakes = self.mistakes();
        let mut operand = |(value, span): (Value, Span), side: &str| match convert(&value, &operand_ty) {
            Ok(value) => value,
            Err(error) => {
                let detail = format!("Unsuitable value for the {side} operand of `{}`: {error}.", op.symbol());
                self.fail(expr, span, names, Problem::new("Invalid operand", detail))
            }
        };
        let span = left.1.to(right.1);
        let operands = [operand(left, "left"), operand(right, "right")];
        if self.mistakes() > mistakes {
            return unknown(result_ty);
        }
        let is_logical = matches!(op, BinaryOp::Or | BinaryOp::And);
        if is_logical && operands.iter().any(|operand| !operand.is_known()) {
            return unknown(result_ty);
        }
        lift(operands, |[left, right]| apply(op, &left, &right)).unwrap_or_else(|problem| {
            self.fail(expr, span, names, problem);
            unknown(result_ty)
        })
    }
}

/// The types of the operands and of the result.
fn operand_type(op: BinaryOp) -> (Type, Type) {
    match op {
        BinaryOp::Or | BinaryOp::And => (Type::Bool, Type::Bool),
        BinaryOp::Equal | BinaryOp::NotEqual => (Type::Dynamic, Type::Bool),
        BinaryOp::Less | BinaryOp::LessEqual | BinaryOp::Greater | BinaryOp::GreaterEqual => (Type::Number, Type::Bool),
        BinaryOp::Add | BinaryOp::Subtract | BinaryOp::Multiply | BinaryOp::Divide | BinaryOp::Modulo => {
            (Type::Number, Type::Number)
        }
    }
}

fn null_operand(symbol: &str) -> Problem {
    Problem::new("Operation failed", format!("An operand of `{symbol}` is null. The operator needs a value."))
}

/// Applies an operator to operands of its type, without marks.
fn apply(op: BinaryOp, left: &Value, right: &Value) -> Result<Value, Problem> {
    match op {
        BinaryOp::Equal => return Ok(equal(left, right).map_or_else(|| unknown(Type::Bool), Value::bool)),
        BinaryOp::NotEqual => {
            return Ok(equal(left, right).map_or_else(|| unknown(Type::Bool), |equal| Value::bool(!equal)));
        }
        BinaryOp::Or
        | BinaryOp::And
        | BinaryOp::Less
        | BinaryOp::LessEqual
        | BinaryOp::Greater
        | BinaryOp::GreaterEqual
        | BinaryOp::Add
        | BinaryOp::Subtract
        | BinaryOp::Multiply
        | BinaryOp::Divide
        | BinaryOp::Modulo => {}
    }
    if left.is_null() || right.is_null() {
        return Err(null_operand(op.symbol()));
    }
    match (left.reveal(), right.reveal()) {
        (Kind::Bool(left), Kind::Bool(right)) => {
            Ok(Value::bool(if op == BinaryOp::Or { *left || *right } else { *left && *right }))
        }
        (Kind::Number(left), Kind::Number(right)) => calculate(op, left, right),
        (left, right) => Ok(foresee(op, left, right)),
    }
}

fn calculate(op: BinaryOp, left: &Number, right: &Number) -> Result<Value, Problem> {
    let number = match op {
        BinaryOp::Less => return Ok(Value::bool(left < right)),
        BinaryOp::LessEqual => return Ok(Value::bool(left <= right)),
        BinaryOp::Greater => return Ok(Value::bool(left > right)),
        BinaryOp::GreaterEqual => return Ok(Value::bool(left >= right)),
        BinaryOp::Add => left.add(right),
        BinaryOp::Subtract => left.sub(right),
        BinaryOp::Multiply => left.mul(right),
        BinaryOp::Divide => left.div(right),
        BinaryOp::Modulo => left.rem(right),
        BinaryOp::Or | BinaryOp::And | BinaryOp::Equal | BinaryOp::NotEqual => {
            unreachable!("these operators do not take numbers")
        }
    };
    number.map(Value::number).map_err(|error| {
        Problem::new("Operation failed", format!("Error during operation `{}`: {error}.", op.symbol()))
    })
}

/// The result where an operand is unknown: unknown too, unless what is known of it decides.
fn foresee(op: BinaryOp, left: &Kind, right: &Kind) -> Value {
    match op {
        BinaryOp::Less | BinaryOp::LessEqual => compare_ranges(left, right),
        BinaryOp::Greater | BinaryOp::GreaterEqual => compare_ranges(right, left),
        BinaryOp::Or | BinaryOp::And | BinaryOp::Equal | BinaryOp::NotEqual => unknown(Type::Bool),
        BinaryOp::Add | BinaryOp::Subtract | BinaryOp::Multiply | BinaryOp::Divide | BinaryOp::Modulo => {
            unknown(Type::Number)
        }
    }
}

/// A number that a value is at least or at most, as far as that is known.
struct Range {
    min: Option<(Number, Bound)>,
    max: Option<(Number, Bound)>,
}

fn range_of(kind: &Kind) -> Range {
    match kind {
        Kind::Number(number) => {
            let exact = Some((number.clone(), Bound::Inclusive));
            Range { min: exact.clone(), max: exact }
        }
        Kind::Unknown(_, refinement) => {
            let facts = refinement.facts().cloned().unwrap_or_default();
            let Facts { number_min, number_max, not_null: _, string_prefix: _, length_min: _, length_max: _ } = facts;
            Range { min: number_min, max: number_max }
        }
        Kind::Null(_)
        | Kind::Bool(_)
        | Kind::String(_)
        | Kind::List(..)
        | Kind::Set(..)
        | Kind::Map(..)
        | Kind::Tuple(_)
        | Kind::Object(_) => Range { min: None, max: None },
    }
}

/// Whether the left number is smaller, where the ranges do not touch.
fn compare_ranges(left: &Kind, right: &Kind) -> Value {
    let (left, right) = (range_of(left), range_of(right));
    if is_below(&left, &right) {
        Value::bool(true)
    } else if is_below(&right, &left) {
        Value::bool(false)
    } else {
        unknown(Type::Bool)
    }
}

/// Whether the left range ends before the right one begins.
fn is_below(left: &Range, right: &Range) -> bool {
    matches!((&left.max, &right.min), (Some((left, _)), Some((right, _))) if left < right)
}

/// Whether two values without marks are equal; `None` while that is open. Values of different types are not equal, nulls are.
pub(crate) fn equal(left: &Value, right: &Value) -> Option<bool> {
    let is_list = matches!(left.reveal(), Kind::List(..));
    match (left.reveal(), right.reveal()) {
        (Kind::Null(_), Kind::Null(_)) => Some(true),
        (Kind::Null(_), Kind::Unknown(..)) => is_never_null(right).then_some(false),
        (Kind::Unknown(..), Kind::Null(_)) => is_never_null(left).then_some(false),
        (Kind::Null(_), _) | (_, Kind::Null(_)) => Some(false),
        (Kind::Unknown(..), _) => unknown_equal(left, right),
        (_, Kind::Unknown(..)) => unknown_equal(right, left),
        (Kind::Bool(left), Kind::Bool(right)) => Some(left == right),
        (Kind::Number(left), Kind::Number(right)) => Some(left == right),
        (Kind::String(left), Kind::String(right)) => Some(left == right),
        (Kind::List(left_ty, left), Kind::List(right_ty, right))
        | (Kind::Set(left_ty, left), Kind::Set(right_ty, right)) => {
            if left_ty != right_ty && !left_ty.has_dynamic() && !right_ty.has_dynamic() {
                return Some(false);
            }
            let pairs = || left.iter().zip(right.iter());
            let equal = all_equal(left.len() == right.len(), pairs());
            // As elements of sets, the two zeros differ.
            let same_place = || is_list || pairs().all(|(left, right)| set_order(left, right).is_eq());
            if equal == Some(true) && !same_place() { Some(false) } else { equal }
        }
        (Kind::Tuple(left), Kind::Tuple(right)) => all_equal(left.len() == right.len(), left.iter().zip(right.iter())),
        (Kind::Map(left_ty, left), Kind::Map(right_ty, right)) => {
            if left_ty != right_ty && !left_ty.has_dynamic() && !right_ty.has_dynamic() {
                return Some(false);
            }
            all_equal(left.keys().eq(right.keys()), left.values().zip(right.values()))
        }
        (Kind::Object(left), Kind::Object(right)) => {
            all_equal(left.keys().eq(right.keys()), left.values().zip(right.values()))
        }
        (
            Kind::Bool(_)
            | Kind::Number(_)
            | Kind::String(_)
            | Kind::List(..)
            | Kind::Set(..)
            | Kind::Map(..)
            | Kind::Tuple(_)
            | Kind::Object(_),
            _,
        ) => Some(false),
    }
}

fn all_equal<'a>(same_shape: bool, pairs: impl Iterator<Item = (&'a Value, &'a Value)>) -> Option<bool> {
    if !same_shape {
        return Some(false);
    }
    let mut open = false;
    for (left, right) in pairs {
        // Nulls of different types inside make the types of the wholes different.
        if left.is_null() && right.is_null() && left.ty() != right.ty() {
            return Some(false);
        }
        match equal(left, right) {
            Some(true) => {}
            Some(false) => return Some(false),
            None => open = true,
        }
    }
    (!open).then_some(true)
}

/// Whether an unknown value can equal another: no where type or range exclude it.
fn unknown_equal(open: &Value, other: &Value) -> Option<bool> {
    let Kind::Unknown(ty, refinement) = open.reveal() else { return None };
    let other_ty = other.ty();
    if !ty.has_dynamic() && !other_ty.has_dynamic() && *ty != other_ty {
        return Some(false);
    }
    let facts = refinement.facts()?;
    let excluded = match other.reveal() {
        Kind::String(text) => facts.string_prefix.as_ref().is_some_and(|prefix| !text.starts_with(prefix.as_ref())),
        number @ Kind::Number(_) => {
            let (range, exact) = (range_of(open.reveal()), range_of(number));
            is_below(&range, &exact) || is_below(&exact, &range)
        }
        other => other.length().is_some_and(|length| {
            facts.length_min.is_some_and(|min| length < min) || facts.length_max.is_some_and(|max| length > max)
        }),
    };
    excluded.then_some(false)
}
