//! Tuples, objects and `for` expressions.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

use hcl::ast::{Expr, For, ForResult, Object, ObjectKey, Tuple};
use hcl::span::Span;
use model::convert::convert;
use model::number::Number;
use model::ty::Type;
use model::value::{Kind, Marks, Value};

use crate::evaluate::conditional::with_article;
use crate::evaluate::failure::Problem;
use crate::evaluate::{Evaluator, Names};

const DUPLICATE_KEY: &str = "Duplicate object key";

/// A key of an object as far as it is known.
enum ObjectName {
    Known(Arc<str>, Marks),
    Unknown(Marks),
    Failed,
}

impl Evaluator<'_> {
    pub(super) fn tuple(&mut self, tuple: &Tuple, names: Option<&Names<'_>>) -> Value {
        Value::tuple(tuple.elements.iter().map(|element| self.value(element, names)).collect::<Vec<_>>())
    }

    pub(super) fn object(&mut self, expr: &Expr, object: &Object, names: Option<&Names<'_>>) -> Value {
        let mut attributes = BTreeMap::new();
        let mut marks = Marks::NONE;
        let mut known = true;
        for entry in &object.entries {
            let name = match &entry.key {
                ObjectKey::Ident(ident) => ObjectName::Known(Arc::from(ident.name.as_str()), Marks::NONE),
                ObjectKey::Expr(key) => self.object_name(expr, key, names),
            };
            let value = self.value(&entry.value, names);
            match name {
                ObjectName::Known(name, own) => {
                    marks |= own;
                    attributes.insert(name, value);
                }
                ObjectName::Unknown(own) => {
                    marks |= own;
                    known = false;
                }
                ObjectName::Failed => known = false,
            }
        }
        let value = if known { Value::object(attributes) } else { Value::unknown(Type::Dynamic) };
        value.with_marks(marks)
    }

    fn object_name(&mut self, expr: &Expr, key: &Expr, names: Option<&Names<'_>>) -> ObjectName {
        if key.as_traversal().is_some() {
            let problem = Problem::new(
                "Ambiguous attribute key",
                "A reference with several parts as the key of an object could as well be meant as a name with periods in it.",
            )
            .hint("Put the reference in parentheses, or the name in quotes.".to_owned());
            self.fail(expr, key.span(), names, problem);
            return ObjectName::Failed;
        }
        let mistakes = self.mistakes();
        let value = self.value(key, names);
        if self.mistakes() > mistakes {
            return ObjectName::Failed;
        }
        if value.is_null() {
            self.fail(
                expr,
                key.span(),
                names,
                Problem::new("Null value as key", "The key of an object can't be null."),
            );
            return ObjectName::Failed;
        }
        let marks = value.marks();
        match convert(&value, &Type::String) {
            Ok(value) => match value.reveal() {
                Kind::String(name) => ObjectName::Known(name.clone(), marks),
                _ => ObjectName::Unknown(marks),
            },
            Err(error) => {
                let detail = format!("The key of an object must be a string: {error}.");
                self.fail(expr, key.span(), names, Problem::new("Incorrect key type", detail));
                ObjectName::Failed
            }
        }
    }

    pub(super) fn for_each(&mut self, expr: &Expr, node: &For, names: Option<&Names<'_>>) -> Value {
        let collection = self.value(&node.collection, names);
        let (collection, marks) = collection.unmark();
        let elements = match elements(&collection) {
            Ok(Some(elements)) => elements,
            Ok(None) => {
                self.check_filter(expr, node, names);
                return Value::unknown(Type::Dynamic).with_marks(marks);
            }
            Err(problem) => return self.fail(expr, node.collection.span(), names, problem),
        };
        let mistakes = self.mistakes();
        self.check_filter(expr, node, names);
        if self.mistakes() > mistakes {
            return Value::unknown(Type::Dynamic).with_marks(marks);
        }
        match &node.result {
            ForResult::Tuple { value } => self.for_tuple(expr, node, value, elements, names).with_marks(marks),
            ForResult::Object { key, value, grouping: None } => {
                self.for_object(expr, node, key, value, elements, names).with_marks(marks)
            }
            ForResult::Object { key, value, grouping: Some(_) } => {
                self.for_groups(expr, node, key, value, elements, names).with_marks(marks)
            }
        }
    }

    fn for_tuple(
        &mut self,
        expr: &Expr,
        node: &For,
        result: &Expr,
        elements: Vec<(Value, Value)>,
        names: Option<&Names<'_>>,
    ) -> Value {
        let mut results = Vec::with_capacity(elements.len());
        let mut marks = Marks::NONE;
        let mut known = true;
        let mistakes = self.mistakes();
        for (key, value) in &elements {
            let seen = self.mistakes() > mistakes;
            with_element(node, key, value, names, |inner| {
                self.quietly(seen, |this| match this.included(expr, node, inner, &mut marks) {
                    Some(true) => results.push(this.value(result, inner)),
                    Some(false) => {}
                    None => known = false,
                });
            });
        }
        let value = if known { Value::tuple(results) } else { Value::unknown(Type::Dynamic) };
        value.with_marks(marks)
    }

    fn for_object(
        &mut self,
        expr: &Expr,
        node: &For,
        key_expr: &Expr,
        result: &Expr,
        elements: Vec<(Value, Value)>,
        names: Option<&Names<'_>>,
    ) -> Value {
        let mut results: BTreeMap<Arc<str>, Value> = BTreeMap::new();
        let duplicate = |this: &mut Self, name: &str, own: Marks, inner: Option<&Names<'_>>| {
            let shown = if own.contains(Marks::SENSITIVE) {
                "a key twice (it is sensitive)".into()
            } else {
                format!("the key {name:?} twice")
            };
            let problem = Problem::new(DUPLICATE_KEY, format!("The elements of this for expression give {shown}."))
                .hint("With `...` after the value, the values of equal keys are grouped into a tuple.".to_owned());
            this.fail(expr, key_expr.span(), inner, problem);
        };
        self.for_entries(expr, node, key_expr, result, elements, names, |this, name, own, value, inner| {
            match results.entry(name) {
                Entry::Occupied(entry) => duplicate(this, entry.key(), own, inner),
                Entry::Vacant(entry) => {
                    entry.insert(value);
                }
            }
        })
        .map_or_else(
            |marks| Value::unknown(Type::Dynamic).with_marks(marks),
            |marks| Value::object(std::mem::take(&mut results)).with_marks(marks),
        )
    }

    fn for_groups(
        &mut self,
        expr: &Expr,
        node: &For,
        key_expr: &Expr,
        result: &Expr,
        elements: Vec<(Value, Value)>,
        names: Option<&Names<'_>>,
    ) -> Value {
        let mut groups: BTreeMap<Arc<str>, Vec<Value>> = BTreeMap::new();
        let ended = self.for_entries(expr, node, key_expr, result, elements, names, |_, name, _, value, _| {
            groups.entry(name).or_default().push(value);
        });
        match ended {
            Ok(marks) => {
                Value::object(groups.into_iter().map(|(name, values)| (name, Value::tuple(values)))).with_marks(marks)
            }
            Err(marks) => Value::unknown(Type::Dynamic).with_marks(marks),
        }
    }

    /// Calls `add` with the key and value of each included element. `Err` where the result can't be known; the marks are
    /// those of keys and filters.
    #[expect(clippy::too_many_arguments, reason = "the parts of one for expression, which have no other home")]
    fn for_entries(
        &mut self,
        expr: &Expr,
        node: &For,
        key_expr: &Expr,
        result: &Expr,
        elements: Vec<(Value, Value)>,
        names: Option<&Names<'_>>,
        mut add: impl FnMut(&mut Self, Arc<str>, Marks, Value, Option<&Names<'_>>),
    ) -> Result<Marks, Marks> {
        let mut marks = Marks::NONE;
        let mut known = true;
        let mistakes = self.mistakes();
        for (key, value) in &elements {
            let seen = self.mistakes() > mistakes;
            with_element(node, key, value, names, |inner| {
                self.quietly(seen, |this| match this.included(expr, node, inner, &mut marks) {
                    Some(true) => match this.for_key(expr, key_expr, inner) {
                        ObjectName::Known(name, own) => {
                            marks |= own;
                            let value = this.value(result, inner);
                            add(this, name, own, value, inner);
                        }
                        ObjectName::Unknown(own) => {
                            marks |= own;
                            known = false;
                        }
                        ObjectName::Failed => known = false,
                    },
                    Some(false) => {}
                    None => known = false,
                });
            });
        }
        if known { Ok(marks) } else { Err(marks) }
    }

    /// Evaluates something; with `quiet`, mistakes in it are not kept: what is wrong with one element is mostly wrong with all.
    fn quietly(&mut self, quiet: bool, evaluate: impl FnOnce(&mut Self)) {
        if quiet {
            self.guards += 1;
            let _dropped = self.isolated(evaluate);
            self.guards -= 1;
        } else {
            evaluate(self);
        }
    }

    fn for_key(&mut self, expr: &Expr, key: &Expr, names: Option<&Names<'_>>) -> ObjectName {
        let value = self.value(key, names);
        let marks = value.marks();
        if value.is_null() {
            self.fail(
                expr,
                key.span(),
                names,
                Problem::new("Invalid object key", "The key of a for expression can't be null."),
            );
            return ObjectName::Failed;
        }
        match convert(&value, &Type::String) {
            Ok(value) => match value.reveal() {
                Kind::String(name) => ObjectName::Known(name.clone(), marks),
                _ => ObjectName::Unknown(marks),
            },
            Err(error) => {
                let detail = format!("The key of a for expression must be a string: {error}.");
                self.fail(expr, key.span(), names, Problem::new("Invalid object key", detail));
                ObjectName::Failed
            }
        }
    }

    /// Whether the `if` clause keeps the element; `None` where that is not known.
    fn included(&mut self, expr: &Expr, node: &For, names: Option<&Names<'_>>, marks: &mut Marks) -> Option<bool> {
        let Some(filter) = &node.filter else { return Some(true) };
        let value = self.value(filter, names);
        *marks |= value.marks();
        if value.is_null() {
            let problem = Problem::new(
                "Invalid 'for' condition",
                "The value of the `if` clause is null. It must be true or false.",
            );
            self.fail(expr, filter.span(), names, problem);
            return None;
        }
        match convert(&value, &Type::Bool) {
            Ok(value) => value.reveal().as_bool(),
            Err(error) => {
                let detail = format!("The value of the `if` clause must be true or false: {error}.");
                self.fail(expr, filter.span(), names, Problem::new("Invalid 'for' condition", detail));
                None
            }
        }
    }

    /// Looks for mistakes in the `if` clause that do not depend on the elements, which are unknown.
    fn check_filter(&mut self, expr: &Expr, node: &For, names: Option<&Names<'_>>) {
        let open = Value::unknown(Type::Dynamic);
        let mut marks = Marks::NONE;
        with_element(node, &open, &open, names, |inner| {
            self.included(expr, node, inner, &mut marks);
        });
    }

    /// The elements of the collection of a template's `for`, as those of a `for` expression.
    pub(super) fn elements_of(
        &mut self,
        expr: &Expr,
        collection: &Value,
        span: Span,
        names: Option<&Names<'_>>,
    ) -> Option<Vec<(Value, Value)>> {
        match elements(collection) {
            Ok(elements) => elements,
            Err(problem) => {
                self.fail(expr, span, names, problem);
                None
            }
        }
    }
}

/// Runs with the names of the `for` bound to an element.
fn with_element(
    node: &For,
    key: &Value,
    value: &Value,
    names: Option<&Names<'_>>,
    run: impl FnOnce(Option<&Names<'_>>),
) {
    let outer = node.key.as_ref().map(|ident| Names { name: &ident.name, value: key, outer: names });
    let outer = outer.as_ref().or(names);
    run(Some(&Names { name: &node.value.name, value, outer }));
}

/// The keys and values of what can be iterated; `None` for a collection that is not known.
fn elements(collection: &Value) -> Result<Option<Vec<(Value, Value)>>, Problem> {
    match collection.reveal() {
        Kind::Null(_) => Err(Problem::new(
            "Iteration over null value",
            "The collection of a for expression is null. It must have a value.",
        )),
        Kind::Unknown(
            Type::Dynamic | Type::List(_) | Type::Set(_) | Type::Map(_) | Type::Tuple(_) | Type::Object(_),
            _,
        ) => Ok(None),
        Kind::List(_, items) | Kind::Tuple(items) => {
            let index = |position: usize| Value::number(Number::from(position));
            Ok(Some(items.iter().enumerate().map(|(position, item)| (index(position), item.clone())).collect()))
        }
        Kind::Set(_, items) => Ok(Some(items.iter().map(|item| (item.clone(), item.clone())).collect())),
        Kind::Map(_, entries) | Kind::Object(entries) => {
            Ok(Some(entries.iter().map(|(key, item)| (Value::string(key.clone()), item.clone())).collect()))
        }
        Kind::Unknown(..) | Kind::Bool(_) | Kind::Number(_) | Kind::String(_) => {
            let detail = format!(
                "A for expression goes over lists, sets, maps, tuples and objects, and this is {}.",
                with_article(&collection.ty())
            );
            Err(Problem::new("Iteration over non-iterable value", detail))
        }
    }
}
