//! Walks over trees: the expressions inside an expression, and the references it makes.

use crate::ast::{AccessStep, Body, Expr, ForResult, Ident, Item, ObjectKey, TemplatePart, Traversal};
use crate::stack::with_room;

impl Expr {
    /// Calls `found` with each reference to something outside of the expression, in source order.
    ///
    /// The names a `for` expression or directive introduces are no references where they hold, nor are bare keys of objects.
    /// In `aws_vpc.a[count.index].id` there are two: `aws_vpc.a` and `count.index`.
    pub fn for_each_reference<'a>(&'a self, found: &mut dyn FnMut(&'a Traversal)) {
        let mut references = References { found, local: Vec::new() };
        references.expr(self);
    }

    /// All references of [`Expr::for_each_reference`].
    pub fn references(&self) -> Vec<&Traversal> {
        let mut references = Vec::new();
        self.for_each_reference(&mut |traversal| references.push(traversal));
        references
    }

    /// Calls `visit` with the expression and every expression inside it, outer before inner.
    pub fn walk<'a>(&'a self, visit: &mut dyn FnMut(&'a Expr)) {
        Visitor::expr(&mut Walk { visit }, self);
    }
}

impl Body {
    /// Calls `visit` with the expression of each attribute, also in nested blocks, in source order.
    pub fn for_each_expr<'a>(&'a self, visit: &mut dyn FnMut(&'a Expr)) {
        for item in &self.items {
            match item {
                Item::Attribute(attribute) => visit(&attribute.expr),
                Item::Block(block) => block.body.for_each_expr(visit),
            }
        }
    }
}

/// What a walk does at the nodes that matter to it; it calls [`descend`] to go on inside.
trait Visitor<'a> {
    fn expr(&mut self, expr: &'a Expr);

    /// Visits what the names of a `for` hold for.
    fn scoped(&mut self, names: [Option<&'a Ident>; 2], inside: impl FnOnce(&mut Self));
}

struct Walk<'v, 'a> {
    visit: &'v mut dyn FnMut(&'a Expr),
}

impl<'a> Visitor<'a> for Walk<'_, 'a> {
    fn expr(&mut self, expr: &'a Expr) {
        (self.visit)(expr);
        with_room(|| descend(self, expr));
    }

    fn scoped(&mut self, _: [Option<&'a Ident>; 2], inside: impl FnOnce(&mut Self)) {
        inside(self);
    }
}

struct References<'v, 'a> {
    found: &'v mut dyn FnMut(&'a Traversal),
    /// The names of the `for`s around, innermost last.
    local: Vec<&'a str>,
}

impl<'a> Visitor<'a> for References<'_, 'a> {
    fn expr(&mut self, expr: &'a Expr) {
        match expr {
            Expr::Variable(traversal) if !self.local.contains(&traversal.root.name.as_str()) => (self.found)(traversal),
            other => with_room(|| descend(self, other)),
        }
    }

    fn scoped(&mut self, names: [Option<&'a Ident>; 2], inside: impl FnOnce(&mut Self)) {
        let outer = self.local.len();
        self.local.extend(names.into_iter().flatten().map(|ident| ident.name.as_str()));
        inside(self);
        self.local.truncate(outer);
    }
}

/// Visits the expressions directly inside.
fn descend<'a, V: Visitor<'a>>(visitor: &mut V, expr: &'a Expr) {
    match expr {
        Expr::Literal(_) | Expr::Variable(_) | Expr::Missing(_) => {}
        Expr::Template(template) => parts(visitor, &template.parts),
        Expr::TemplateWrap(wrap) => visitor.expr(&wrap.inner),
        Expr::Access(access) => {
            visitor.expr(&access.base);
            steps(visitor, &access.steps);
        }
        Expr::Call(call) => call.args.iter().for_each(|arg| visitor.expr(arg)),
        Expr::Unary(unary) => visitor.expr(&unary.operand),
        Expr::Binary(binary) => {
            visitor.expr(&binary.first);
            binary.rest.iter().for_each(|rest| visitor.expr(&rest.operand));
        }
        Expr::Conditional(conditional) => {
            visitor.expr(&conditional.condition);
            visitor.expr(&conditional.then);
            visitor.expr(&conditional.otherwise);
        }
        Expr::For(expr) => {
            visitor.expr(&expr.collection);
            visitor.scoped([expr.key.as_ref(), Some(&expr.value)], |visitor| {
                match &expr.result {
                    ForResult::Tuple { value } => visitor.expr(value),
                    ForResult::Object { key, value, grouping: _ } => {
                        visitor.expr(key);
                        visitor.expr(value);
                    }
                }
                expr.filter.iter().for_each(|filter| visitor.expr(filter));
            });
        }
        Expr::Tuple(tuple) => tuple.elements.iter().for_each(|element| visitor.expr(element)),
        Expr::Object(object) => {
            for entry in &object.entries {
                match &entry.key {
                    ObjectKey::Ident(_) => {}
                    ObjectKey::Expr(key) => visitor.expr(key),
                }
                visitor.expr(&entry.value);
            }
        }
        Expr::Paren(paren) => visitor.expr(&paren.inner),
    }
}

fn parts<'a, V: Visitor<'a>>(visitor: &mut V, parts_of: &'a [TemplatePart]) {
    for part in parts_of {
        match part {
            TemplatePart::Literal(_) => {}
            TemplatePart::Interpolation(interpolation) => visitor.expr(&interpolation.expr),
            TemplatePart::If(directive) => {
                visitor.expr(&directive.condition);
                parts(visitor, &directive.then);
                parts(visitor, &directive.otherwise);
            }
            TemplatePart::For(directive) => {
                visitor.expr(&directive.collection);
                visitor.scoped([directive.key.as_ref(), Some(&directive.value)], |visitor| {
                    parts(visitor, &directive.body);
                });
            }
        }
    }
}

fn steps<'a, V: Visitor<'a>>(visitor: &mut V, steps_of: &'a [AccessStep]) {
    for step in steps_of {
        match step {
            AccessStep::Static(_) => {}
            AccessStep::Index(index) => visitor.expr(&index.key),
            AccessStep::Splat(splat) => steps(visitor, &splat.steps),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::parse_expression;

    fn references(text: &str) -> Vec<String> {
        let parsed = parse_expression(text);
        assert_eq!(parsed.errors, []);
        let references = parsed.expr.references();
        references.iter().map(|traversal| text[traversal.span.range()].to_owned()).collect()
    }

    #[test]
    fn references_are_found_in_every_kind_of_expression() {
        let text = r#"[a.b[0], c[d].e, f(g...), !h, i + j * k, l ? m : n, {o = p, (q) = r}, "${s}x%{if t}${u}%{endif}", v[*].w[x]]"#;
        let expected =
            ["a.b[0]", "c", "d", "g", "h", "i", "j", "k", "l", "m", "n", "p", "q", "r", "s", "t", "u", "v", "x"];
        assert_eq!(references(text), expected);
    }

    #[test]
    fn names_of_a_for_are_local_to_its_result_and_filter() {
        assert_eq!(references("[for x in x.y : x.z if x]"), ["x.y"]);
        assert_eq!(references("{for k, v in a : k => [for k in v : b[k]]}"), ["a", "b"]);
        assert_eq!(references("[[for x in a : x], x]"), ["a", "x"]);
        assert_eq!(references(r#""%{for x in y}${x}${z}%{endfor}${x}""#), ["y", "z", "x"]);
    }

    #[test]
    fn walk_visits_outer_before_inner() {
        let parsed = parse_expression("[a, [b]]");
        let mut spans = Vec::new();
        parsed.expr.walk(&mut |expr| spans.push(expr.span().range()));
        assert_eq!(spans, [0..8, 1..2, 4..7, 5..6]);
    }
}
