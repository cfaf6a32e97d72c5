//! Type constraints of variables: `list(object({ name = string, size = optional(number, 1) }))`.

mod defaults;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use hcl::ast::{Call, Expr, LiteralValue, ObjectEntry, ObjectKey};
use hcl::span::Span;
use model::convert::{ConvertError, convert};
use model::diagnostic::{Diagnostic, Diagnostics};
use model::source::FileId;
use model::ty::{ObjectType, Type};
use model::value::Value;

use crate::constant::constant_value;
use crate::expression::{Expression, range};
use crate::suggestion::{did_you_mean, similar};

pub use defaults::Defaults;

/// A type constraint: what values are converted to, and what stands for attributes that they leave out.
#[derive(Clone, PartialEq, Debug)]
pub struct TypeConstraint {
    /// With the optional attributes of object types marked so, and `any` where anything goes.
    pub ty: Type,
    pub defaults: Defaults,
}

impl TypeConstraint {
    /// The constraint that takes every value as it is.
    pub fn any() -> TypeConstraint {
        TypeConstraint { ty: Type::Dynamic, defaults: Defaults::default() }
    }

    /// Reads a type constraint.
    ///
    /// # Errors
    /// All mistakes found in it.
    pub fn parse(expr: &Expression) -> Result<TypeConstraint, Diagnostics> {
        let mut reader = Reader { file: expr.file, diagnostics: Diagnostics::new() };
        let constraint = reader.top(&expr.node);
        if reader.diagnostics.has_errors() { Err(reader.diagnostics) } else { Ok(constraint) }
    }

    /// Fills in defaults, and converts a value to the type.
    ///
    /// # Errors
    /// The value, or a part of it, can't be what the constraint asks for.
    pub fn convert(&self, value: &Value) -> Result<Value, ConvertError> {
        if self.defaults.is_empty() {
            return convert(value, &self.ty);
        }
        convert(&self.defaults.apply(value), &self.ty)
    }
}

struct Reader {
    file: FileId,
    diagnostics: Diagnostics,
}

const PRIMITIVES: [(&str, Type); 4] =
    [("bool", Type::Bool), ("number", Type::Number), ("string", Type::String), ("any", Type::Dynamic)];

const CONSTRUCTORS: [&str; 5] = ["list", "set", "map", "object", "tuple"];

impl Reader {
    /// A whole constraint, which may also have one of the forms of old versions of the language.
    fn top(&mut self, expr: &Expr) -> TypeConstraint {
        if let Some(text) = expr.as_string_literal() {
            self.diagnostics.push(quoted(text).at(range(self.file, expr.span())));
            return TypeConstraint::any();
        }
        match expr.as_keyword() {
            Some("list") => TypeConstraint { ty: Type::list(Type::Dynamic), defaults: Defaults::default() },
            Some("map") => TypeConstraint { ty: Type::map(Type::Dynamic), defaults: Defaults::default() },
            Some(_) | None => self.constraint(expr),
        }
    }

    fn constraint(&mut self, expr: &Expr) -> TypeConstraint {
        match expr {
            Expr::Call(call) => self.constructed(call),
            Expr::Variable(traversal) if traversal.steps.is_empty() => self.keyword(&traversal.root.name, expr.span()),
            Expr::Literal(literal) => match literal.value {
                LiteralValue::Null => self.keyword("null", expr.span()),
                LiteralValue::Bool(true) => self.keyword("true", expr.span()),
                LiteralValue::Bool(false) => self.keyword("false", expr.span()),
                LiteralValue::Number(_) => self.not_a_type(expr),
            },
            // The parser has reported what is missing.
            Expr::Missing(_) => TypeConstraint::any(),
            Expr::Variable(_)
            | Expr::Template(_)
            | Expr::TemplateWrap(_)
            | Expr::Access(_)
            | Expr::Unary(_)
            | Expr::Binary(_)
            | Expr::Conditional(_)
            | Expr::For(_)
            | Expr::Tuple(_)
            | Expr::Object(_)
            | Expr::Paren(_) => self.not_a_type(expr),
        }
    }

    fn keyword(&mut self, word: &str, at: Span) -> TypeConstraint {
        if let Some((_, ty)) = PRIMITIVES.iter().find(|(name, _)| *name == word) {
            return TypeConstraint { ty: ty.clone(), defaults: Defaults::default() };
        }
        if CONSTRUCTORS.contains(&word) {
            return self.wrong_arguments(word, at);
        }
        if word == "optional" {
            return self.misplaced_optional(at);
        }
        let known = PRIMITIVES.iter().map(|(name, _)| *name).chain(CONSTRUCTORS);
        let error = invalid(format!("There is no type `{word}`."));
        self.diagnostics.push(did_you_mean(error, similar(word, known)).at(range(self.file, at)));
        TypeConstraint::any()
    }

    fn constructed(&mut self, call: &Call) -> TypeConstraint {
        let name = call.name.name.as_str();
        match (name, call.args.as_slice()) {
            ("list", [element]) => self.collection(element, Type::list),
            ("set", [element]) => self.collection(element, Type::set),
            ("map", [element]) => self.collection(element, Type::map),
            ("object", [Expr::Object(object)]) => self.object(&object.entries),
            ("tuple", [Expr::Tuple(tuple)]) => self.tuple(&tuple.elements),
            ("object" | "tuple", [other]) => self.wrong_arguments(name, other.span()),
            ("list" | "set" | "map" | "object" | "tuple", []) => self.wrong_arguments(name, call.parens),
            ("list" | "set" | "map" | "object" | "tuple", [_, second, ..]) => self.wrong_arguments(name, second.span()),
            ("optional", _) => self.misplaced_optional(call.name.span),
            ("bool" | "number" | "string" | "any", _) => {
                self.diagnostics
                    .push(invalid(format!("The type `{name}` takes no arguments.")).at(range(self.file, call.parens)));
                TypeConstraint::any()
            }
            (other, _) => {
                let error = invalid(format!("There is no type constructor `{other}`."));
                let error = did_you_mean(error, similar(other, CONSTRUCTORS));
                self.diagnostics.push(error.at(range(self.file, call.span)));
                TypeConstraint::any()
            }
        }
    }

    fn collection(&mut self, element: &Expr, of: fn(Type) -> Type) -> TypeConstraint {
        let element = self.constraint(element);
        TypeConstraint { ty: of(element.ty), defaults: Defaults::of_elements(element.defaults) }
    }

    fn tuple(&mut self, elements: &[Expr]) -> TypeConstraint {
        let elements: Vec<TypeConstraint> = elements.iter().map(|element| self.constraint(element)).collect();
        let defaults = Defaults::of_places(elements.iter().map(|element| element.defaults.clone()).collect());
        let types: Vec<Type> = elements.into_iter().map(|element| element.ty).collect();
        TypeConstraint { ty: Type::tuple(types), defaults }
    }

    fn object(&mut self, entries: &[ObjectEntry]) -> TypeConstraint {
        let mut attributes = BTreeMap::new();
        let mut optional = BTreeSet::new();
        let mut values = BTreeMap::new();
        let mut parts = BTreeMap::new();
        for entry in entries {
            let ObjectKey::Ident(ident) = &entry.key else {
                self.diagnostics.push(
                    invalid("The names of attributes are written without quotes or parentheses.")
                        .at(range(self.file, entry.key.span())),
                );
                continue;
            };
            let name: Arc<str> = ident.name.as_str().into();
            if attributes.contains_key(&name) {
                self.diagnostics
                    .push(invalid(format!("There is an attribute `{name}` already.")).at(range(self.file, ident.span)));
                continue;
            }
            let constraint = match &entry.value {
                Expr::Call(call) if call.name.name == "optional" => {
                    optional.insert(name.clone());
                    let (constraint, default) = self.optional(call);
                    if let Some(default) = default {
                        values.insert(name.clone(), default);
                    }
                    constraint
                }
                other => self.constraint(other),
            };
            if !constraint.defaults.is_empty() {
                parts.insert(name.clone(), constraint.defaults);
            }
            attributes.insert(name, constraint.ty);
        }
        TypeConstraint {
            ty: Type::Object(Arc::new(ObjectType { attributes, optional })),
            defaults: Defaults::of_attributes(values, parts),
        }
    }

    /// `optional(TYPE)` or `optional(TYPE, DEFAULT)`.
    fn optional(&mut self, call: &Call) -> (TypeConstraint, Option<Value>) {
        match call.args.as_slice() {
            [ty] => (self.constraint(ty), None),
            [ty, default] => {
                let constraint = self.constraint(ty);
                let default = self.default_value(default, &constraint);
                (constraint, default)
            }
            [] | [_, _, _, ..] => {
                self.diagnostics.push(
                    invalid(
                        "`optional` takes the type of the attribute, and after it a default value if there is one.",
                    )
                    .at(range(self.file, call.parens)),
                );
                (TypeConstraint::any(), None)
            }
        }
    }

    fn default_value(&mut self, expr: &Expr, constraint: &TypeConstraint) -> Option<Value> {
        let expr = Expression::new(self.file, expr.clone());
        let value = constant_value(&expr, &mut self.diagnostics)?;
        match constraint.convert(&value) {
            // The defaults inside of the default are filled in when it is used, so that it needs no second type.
            Ok(_) => Some(value),
            Err(error) => {
                self.diagnostics.push(
                    Diagnostic::error(
                        "Invalid default value for optional attribute",
                        format!("The default value does not fit the type of the attribute: {error}."),
                    )
                    .at(expr.range()),
                );
                None
            }
        }
    }

    fn wrong_arguments(&mut self, constructor: &str, at: Span) -> TypeConstraint {
        let error = match constructor {
            "object" => invalid("The type `object` takes one argument, the types of the attributes by name.")
                .hint("For example: object({ name = string, size = optional(number) })"),
            "tuple" => invalid("The type `tuple` takes one argument, the list of the element types.")
                .hint("For example: tuple([string, number])"),
            other => invalid(format!("The type `{other}` takes one argument, the type of the elements."))
                .hint(format!("For example: {other}(string)")),
        };
        self.diagnostics.push(error.at(range(self.file, at)));
        TypeConstraint::any()
    }

    fn misplaced_optional(&mut self, at: Span) -> TypeConstraint {
        self.diagnostics
            .push(invalid("Only the attributes of an object type can be `optional`.").at(range(self.file, at)));
        TypeConstraint::any()
    }

    fn not_a_type(&mut self, expr: &Expr) -> TypeConstraint {
        self.diagnostics.push(
            invalid("A type is a name, as `string`, `number`, `bool` or `any`, or a constructor with the types inside of it.")
                .at(range(self.file, expr.span()))
                .hint("For example: list(string)"),
        );
        TypeConstraint::any()
    }
}

fn invalid(detail: impl Into<String>) -> Diagnostic {
    Diagnostic::error("Invalid type specification", detail)
}

fn quoted(text: &str) -> Diagnostic {
    match text {
        "string" => Diagnostic::error("Invalid quoted type constraints", "Types are written without quotes.")
            .hint("Write: type = string"),
        "list" | "map" => Diagnostic::error("Invalid quoted type constraints", "Types are written without quotes.")
            .hint(format!("Write: type = {text}(string)")),
        _ => Diagnostic::error("Invalid legacy variable type hint", "Types are written without quotes."),
    }
}

#[cfg(test)]
mod tests {
    use model::source::FileId;

    use super::*;

    fn parse(text: &str) -> Result<TypeConstraint, Diagnostics> {
        let parsed = hcl::parse_expression(text);
        assert!(parsed.errors.is_empty(), "{text}: {:?}", parsed.errors);
        TypeConstraint::parse(&Expression::new(FileId(0), parsed.expr))
    }

    fn converted(constraint: &str, value: &str) -> String {
        let parsed = hcl::parse_expression(value);
        let mut diagnostics = Diagnostics::new();
        let value = constant_value(&Expression::new(FileId(0), parsed.expr), &mut diagnostics).expect("a constant");
        match parse(constraint).expect("a constraint").convert(&value) {
            Ok(value) => format!("{value}: {}", value.ty()),
            Err(error) => error.to_string(),
        }
    }

    fn mistake(text: &str) -> String {
        let diagnostics = parse(text).expect_err("a mistake");
        let found = diagnostics.iter().map(|found| {
            let at = found.subject.expect("it has a place");
            format!("`{}` {}", &text[at.start as usize..at.end as usize], found.detail)
        });
        found.collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn constraints_print_as_they_are_written() {
        for text in [
            "string",
            "any",
            "list(map(bool))",
            "tuple([string, set(number)])",
            "object({a = optional(string), b = list(any)})",
        ] {
            assert_eq!(parse(text).expect("valid").ty.to_string(), text);
        }
    }

    #[test]
    fn a_bare_list_or_map_holds_anything() {
        assert_eq!(parse("list").expect("valid").ty, Type::list(Type::Dynamic));
        assert_eq!(parse("map").expect("valid").ty, Type::map(Type::Dynamic));
        assert!(parse("set").is_err());
    }

    #[test]
    fn defaults_fill_in_what_is_absent_or_null_at_any_depth() {
        let constraint = r#"object({
            a = optional(list(object({ b = optional(string, "x"), c = optional(number) })), [{}]),
            m = optional(map(object({ q = optional(bool, true) })), {}),
        })"#;
        insta::assert_snapshot!(
            converted(constraint, "{ m = { k = {}, j = { q = null } } }"),
            @r#"{"a" = [{"b" = "x", "c" = null}], "m" = {"j" = {"q" = true}, "k" = {"q" = true}}}: object({a = list(object({b = string, c = number})), m = map(object({q = bool}))})"#
        );
        insta::assert_snapshot!(converted(constraint, "null"), @"null: object({a = list(object({b = string, c = number})), m = map(object({q = bool}))})");
    }

    #[test]
    fn defaults_reach_into_sets_and_tuples() {
        insta::assert_snapshot!(
            converted(r#"set(object({ q = optional(string, "t") }))"#, "[{}, { q = 1 }, {}]"),
            @r#"[{"q" = "1"}, {"q" = "t"}]: set(object({q = string}))"#
        );
        insta::assert_snapshot!(
            converted(r#"tuple([object({ a = optional(string, "d") }), string])"#, "[{}, 1]"),
            @r#"[{"a" = "d"}, "1"]: tuple([object({a = string}), string])"#
        );
    }

    #[test]
    fn values_that_do_not_fit_say_where() {
        insta::assert_snapshot!(
            converted("list(object({ a = number }))", r#"[{ a = 1 }, { a = "x" }]"#),
            @"[1].a: a number is required"
        );
    }

    #[test]
    fn mistakes_are_all_reported_with_their_place() {
        insta::assert_snapshot!(
            mistake("object({ a = strin, (b) = string, c = list(), d = optional(number, \"x\"), e = optional(string, var.y) })"),
            @r#"
        `strin` There is no type `strin`.
        `(b)` The names of attributes are written without quotes or parentheses.
        `()` The type `list` takes one argument, the type of the elements.
        `"x"` The default value does not fit the type of the attribute: a number is required.
        `var` This must be a constant; it can't refer to anything.
        "#
        );
        insta::assert_snapshot!(mistake("optional(string)"), @"`optional` Only the attributes of an object type can be `optional`.");
        insta::assert_snapshot!(mistake("\"string\""), @"`\"string\"` Types are written without quotes.");
    }
}
