//! Trees as one line of text: operators and conditionals in brackets, all else close to the source.

use hcl::ast::{
    AccessStep, BinaryOp, Body, Expr, ForResult, IndexKey, Item, LiteralValue, ObjectKey, SplatKind, Step, TemplatePart,
};

/// A body as its items, one a line, blocks with their content in braces.
pub fn body(body: &Body) -> String {
    let items: Vec<String> = body.items.iter().map(item).collect();
    items.join("; ")
}

fn item(item: &Item) -> String {
    match item {
        Item::Attribute(attribute) => format!("{} = {}", attribute.name.name, expr(&attribute.expr)),
        Item::Block(block) => {
            let labels: String = block.labels.iter().map(|label| format!(" {:?}", label.text)).collect();
            format!("{}{labels} {{{}}}", block.kind.name, body(&block.body))
        }
    }
}

/// An expression.
pub fn expr(node: &Expr) -> String {
    match node {
        Expr::Literal(literal) => match &literal.value {
            LiteralValue::Null => "null".to_owned(),
            LiteralValue::Bool(bool) => bool.to_string(),
            LiteralValue::Number(number) => number.to_string(),
        },
        Expr::Template(template) => format!("\"{}\"", parts(&template.parts)),
        Expr::TemplateWrap(wrap) => format!("wrap({})", expr(&wrap.inner)),
        Expr::Variable(traversal) => {
            let steps: String = traversal.steps.iter().map(step).collect();
            format!("{}{steps}", traversal.root.name)
        }
        Expr::Access(access) => match &access.base {
            // Else `1 .2` would look like a number.
            Expr::Literal(base) => format!("<{}>{}", expr(&Expr::Literal(base.clone())), access_steps(&access.steps)),
            base => format!("{}{}", expr(base), access_steps(&access.steps)),
        },
        Expr::Call(call) => {
            let args: Vec<String> = call.args.iter().map(expr).collect();
            let expand = if call.expand.is_some() { "..." } else { "" };
            format!("{}({}{expand})", call.name.name, args.join(", "))
        }
        Expr::Unary(unary) => format!("<{}{}>", unary.op.symbol(), expr(&unary.operand)),
        Expr::Binary(binary) => binary.rest.iter().fold(expr(&binary.first), |left, rest| {
            format!("<{left} {} {}>", BinaryOp::symbol(rest.op), expr(&rest.operand))
        }),
        Expr::Conditional(conditional) => format!(
            "<{} ? {} : {}>",
            expr(&conditional.condition),
            expr(&conditional.then),
            expr(&conditional.otherwise)
        ),
        Expr::For(node) => {
            let names = match &node.key {
                Some(key) => format!("{}, {}", key.name, node.value.name),
                None => node.value.name.to_string(),
            };
            let filter = node.filter.as_ref().map(|filter| format!(" if {}", expr(filter))).unwrap_or_default();
            let head = format!("for {names} in {} :", expr(&node.collection));
            match &node.result {
                ForResult::Tuple { value } => format!("[{head} {}{filter}]", expr(value)),
                ForResult::Object { key, value, grouping } => {
                    let grouping = if grouping.is_some() { "..." } else { "" };
                    format!("{{{head} {} => {}{grouping}{filter}}}", expr(key), expr(value))
                }
            }
        }
        Expr::Tuple(tuple) => format!("[{}]", tuple.elements.iter().map(expr).collect::<Vec<_>>().join(", ")),
        Expr::Object(object) => {
            let entry = |(key, value): (String, String)| format!("{key} = {value}");
            let entries = object.entries.iter().map(|entry| {
                let key = match &entry.key {
                    ObjectKey::Ident(ident) => ident.name.to_string(),
                    ObjectKey::Expr(key) => expr(key),
                };
                (key, expr(&entry.value))
            });
            format!("{{{}}}", entries.map(entry).collect::<Vec<_>>().join(", "))
        }
        Expr::Paren(paren) => format!("({})", expr(&paren.inner)),
        Expr::Missing(_) => "?".to_owned(),
    }
}

fn parts(list: &[TemplatePart]) -> String {
    list.iter().map(part).collect()
}

fn part(part: &TemplatePart) -> String {
    match part {
        TemplatePart::Literal(literal) => escaped(&literal.value),
        TemplatePart::Interpolation(interpolation) => format!("${{{}}}", expr(&interpolation.expr)),
        TemplatePart::If(directive) => format!(
            "%{{if {}}}{}%{{else}}{}%{{endif}}",
            expr(&directive.condition),
            parts(&directive.then),
            parts(&directive.otherwise)
        ),
        TemplatePart::For(directive) => {
            let key = directive.key.as_ref().map(|key| format!("{}, ", key.name)).unwrap_or_default();
            let head = format!("{key}{} in {}", directive.value.name, expr(&directive.collection));
            format!("%{{for {head}}}{}%{{endfor}}", parts(&directive.body))
        }
    }
}

/// Text as it would be in quotes, but not escaping `${`.
pub fn escaped(text: &str) -> String {
    text.escape_debug().to_string().replace("\\'", "'")
}

fn step(step: &Step) -> String {
    match step {
        Step::Attr(attr) => format!(".{}", attr.name.name),
        Step::Index(index) => match &index.key {
            IndexKey::Number(number) if index.legacy => format!(".{number}"),
            IndexKey::Number(number) => format!("[{number}]"),
            IndexKey::String(key) => format!("[\"{}\"]", escaped(key)),
        },
    }
}

fn access_steps(steps: &[AccessStep]) -> String {
    let access_step = |node: &AccessStep| match node {
        AccessStep::Static(node) => step(node),
        AccessStep::Index(index) => format!("[{}]", expr(&index.key)),
        AccessStep::Splat(splat) => {
            let marker = match splat.kind {
                SplatKind::Attr => ".*",
                SplatKind::Full => "[*]",
            };
            format!("{marker}<{}>", access_steps(&splat.steps))
        }
    };
    steps.iter().map(access_step).collect()
}
