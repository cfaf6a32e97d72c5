//! What a file says, apart from the ways of writing that the formatter replaces.

use hcl::ast::{Attribute, Body, Expr, Item};
use unicode_normalization::UnicodeNormalization;

use crate::notation;

/// A body with labels in NFC, without the quotes and parentheses around whole values, and without the types of variables.
pub fn meaning(file: &Body) -> String {
    body(file, &[])
}

/// The meaning of a text; none where it has errors.
pub fn of_text(text: &str) -> Option<String> {
    let parsed = hcl::parse(text);
    parsed.errors.is_empty().then(|| meaning(&parsed.file))
}

fn body(of: &Body, around: &[&str]) -> String {
    let item = |item: &Item| match item {
        Item::Attribute(attribute) => self::attribute(attribute, around),
        Item::Block(block) => {
            let labels: String =
                block.labels.iter().map(|label| format!(" {:?}", label.text.nfc().to_string())).collect();
            let around = [around, &[block.kind.name.as_str()]].concat();
            format!("{}{labels} {{{}}}", block.kind.name, body(&block.body, &around))
        }
    };
    of.items.iter().map(item).collect::<Vec<_>>().join("; ")
}

fn attribute(attribute: &Attribute, around: &[&str]) -> String {
    if around == ["variable"] && attribute.name.name == "type" {
        return "type".to_owned();
    }
    let mut expr = &attribute.expr;
    loop {
        expr = match expr {
            Expr::TemplateWrap(wrap) => &wrap.inner,
            Expr::Paren(paren) => &paren.inner,
            _ => break,
        };
    }
    format!("{} = {}", attribute.name.name, notation::expr(expr))
}
