//! `condition ? then : otherwise`.

use hcl::ast::{Conditional, Expr};
use model::convert::{convert, unify};
use model::ty::Type;
use model::value::{Bound, Facts, Kind, Refinement, Value};

use crate::evaluate::failure::Problem;
use crate::evaluate::lift::is_never_null;
use crate::evaluate::{Evaluator, Names};

const INCONSISTENT: &str = "Inconsistent conditional result types";

impl Evaluator<'_> {
    pub(super) fn conditional(&mut self, expr: &Expr, conditional: &Conditional, names: Option<&Names<'_>>) -> Value {
        // Both results are evaluated for their types; the mistakes of the one that is not chosen do not count.
        let (then, then_found) = self.isolated(|this| this.value(&conditional.then, names));
        let (otherwise, otherwise_found) = self.isolated(|this| this.value(&conditional.otherwise, names));
        let Some(ty) = common_type(&then, &otherwise) else {
            let detail = format!(
                "Both results of a conditional must be of one type. {}",
                describe_difference(&then.ty(), &otherwise.ty())
            );
            let span = conditional.then.span().to(conditional.otherwise.span());
            return self.fail(expr, span, names, Problem::new(INCONSISTENT, detail));
        };
        let condition = self.value(&conditional.condition, names);
        let span = conditional.condition.span();
        let unknown = || Value::unknown(ty.clone().unwrap_or_else(|| then.ty()));
        if condition.is_null() {
            let detail = "The condition is null. It must be true or false.";
            self.fail(expr, span, names, Problem::new("Null condition", detail));
            return unknown();
        }
        let condition = match convert(&condition, &Type::Bool) {
            Ok(condition) => condition,
            Err(_) => {
                let detail = format!("The condition must be a bool, and this is {}.", with_article(&condition.ty()));
                self.fail(expr, span, names, Problem::new("Incorrect condition type", detail));
                return unknown();
            }
        };
        let (condition, marks) = condition.unmark_deep();
        let Some(chosen) = condition.reveal().as_bool() else {
            let (then, then_marks) = then.unmark();
            let (otherwise, otherwise_marks) = otherwise.unmark();
            let ty = ty.unwrap_or_else(|| then.ty());
            return either(&then, &otherwise, ty).with_marks(marks | then_marks | otherwise_marks);
        };
        // What the result would have been is told by the choice, so both results give it their marks.
        let marks = marks | then.marks() | otherwise.marks();
        let (result, found, side, part) = match chosen {
            true => (then, then_found, "true", &conditional.then),
            false => (otherwise, otherwise_found, "false", &conditional.otherwise),
        };
        self.found.extend(found);
        let Some(ty) = ty else {
            return result.with_marks(marks);
        };
        match convert(&result, &ty) {
            Ok(result) => result.with_marks(marks),
            Err(error) => {
                let detail = format!("The {side} result has the wrong type: {error}.");
                self.fail(expr, part.span(), names, Problem::new(INCONSISTENT, detail));
                Value::unknown(ty).with_marks(marks)
            }
        }
    }
}

/// The type of the result: `Some(None)` where both results have it already, `None` where there is none.
fn common_type(then: &Value, otherwise: &Value) -> Option<Option<Type>> {
    match (then.reveal(), otherwise.reveal()) {
        (Kind::Bool(_), Kind::Bool(_)) | (Kind::Number(_), Kind::Number(_)) | (Kind::String(_), Kind::String(_)) => {
            Some(None)
        }
        (Kind::Null(Type::Dynamic), _) => Some(Some(otherwise.ty())),
        (_, Kind::Null(Type::Dynamic)) => Some(Some(then.ty())),
        (Kind::Unknown(Type::Dynamic, _), _) | (_, Kind::Unknown(Type::Dynamic, _)) => Some(Some(Type::Dynamic)),
        (
            Kind::Null(_)
            | Kind::Unknown(..)
            | Kind::Bool(_)
            | Kind::Number(_)
            | Kind::String(_)
            | Kind::List(..)
            | Kind::Set(..)
            | Kind::Map(..)
            | Kind::Tuple(_)
            | Kind::Object(_),
            _,
        ) => unify(&[then.ty(), otherwise.ty()]).map(Some),
    }
}

/// What is known of the result while the condition is not.
fn either(then: &Value, otherwise: &Value, ty: Type) -> Value {
    if then.is_null() && otherwise.is_null() {
        return Value::null(ty);
    }
    let mut facts = Facts { not_null: is_never_null(then) && is_never_null(otherwise), ..Facts::default() };
    match (then.reveal(), otherwise.reveal()) {
        (Kind::Number(a), Kind::Number(b)) => {
            let (low, high) = if a <= b { (a, b) } else { (b, a) };
            facts.number_min = Some((low.clone(), Bound::Inclusive));
            facts.number_max = Some((high.clone(), Bound::Inclusive));
        }
        (
            a @ (Kind::List(..) | Kind::Set(..) | Kind::Map(..)),
            b @ (Kind::List(..) | Kind::Set(..) | Kind::Map(..)),
        ) if then.ty() == otherwise.ty() => {
            if let (Some(a), Some(b)) = (a.length(), b.length()) {
                facts.length_min = Some(a.min(b));
                facts.length_max = Some(a.max(b));
            }
        }
        (_, _) => {}
    }
    let refinement = if ty == Type::Dynamic { Refinement::none() } else { Refinement::from(facts) };
    Value::unknown_with(ty, refinement)
}

/// Says in a sentence how two types differ that have nothing in common.
fn describe_difference(then: &Type, otherwise: &Type) -> String {
    match (then, otherwise) {
        (Type::Object(a), Type::Object(b)) => {
            if let Some(name) = a.attributes.keys().find(|name| !b.attributes.contains_key(*name)) {
                return format!("The attribute {name:?} is only in the true result.");
            }
            if let Some(name) = b.attributes.keys().find(|name| !a.attributes.contains_key(*name)) {
                return format!("The attribute {name:?} is only in the false result.");
            }
            let different = a.attributes.iter().zip(b.attributes.values()).find(|((_, a), b)| a != b);
            match different {
                Some(((name, a), b)) => format!("They differ in the attribute {name:?}. {}", describe_difference(a, b)),
                None => "They differ somewhere inside.".to_owned(),
            }
        }
        (Type::Tuple(a), Type::Tuple(b)) if a.len() != b.len() => {
            format!("The true result has {} elements, the false result {}.", a.len(), b.len())
        }
        (Type::Tuple(a), Type::Tuple(b)) => match a.iter().zip(b.iter()).enumerate().find(|(_, (a, b))| a != b) {
            Some((position, (a, b))) => format!("They differ in the element {position}. {}", describe_difference(a, b)),
            None => "They differ somewhere inside.".to_owned(),
        },
        (Type::List(a), Type::List(b)) | (Type::Set(a), Type::Set(b)) | (Type::Map(a), Type::Map(b)) => {
            format!("They differ in the type of their elements. {}", describe_difference(a, b))
        }
        (a, b) => format!("The true result is {}, the false result is {}.", with_article(a), with_article(b)),
    }
}

/// `a string`, `an object`
pub(super) fn with_article(ty: &Type) -> String {
    match ty {
        Type::Dynamic => "of any type".to_owned(),
        Type::Object(_) => "an object".to_owned(),
        Type::Bool | Type::Number | Type::String | Type::List(_) | Type::Set(_) | Type::Map(_) | Type::Tuple(_) => {
            format!("a {}", ty.friendly_name())
        }
    }
}
