//! Against hcl-edit, on files where it follows the language.

use hcl_edit::expr::{Expression, TraversalOperator};
use hcl_edit::structure::{Body, Structure};
use hcl_edit::template::{Element, StringTemplate};

use crate::corpus;
use crate::notation::{self, escaped};
use crate::random::{Random, file};
use crate::reference::{cases, seed};

#[test]
fn generated_files_have_the_same_tree() {
    let mut random = Random::new(5);
    for _ in 0..2_000 {
        let text = file(&mut random);
        let ours = hcl::parse(&text);
        assert_eq!(ours.errors, [], "{text}");
        let theirs = hcl_edit::parser::parse_body(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
        assert_eq!(notation::body(&ours.file), body(&theirs), "{text}");
    }
}

#[test]
fn files_of_the_project_have_the_same_tree() {
    for (path, text) in corpus::files() {
        let ours = hcl::parse(&text);
        assert_eq!(ours.errors, [], "{}", path.display());
        let theirs = hcl_edit::parser::parse_body(&text).expect("the file is valid");
        // hcl-edit cuts text off a heredoc whose lines are indented in different ways.
        if !text.contains("<<-") {
            assert_eq!(notation::body(&ours.file), body(&theirs), "{}", path.display());
        }
    }
}

/// What hcl-edit takes although the language has none of it.
const TAKEN_BY_HCL_EDIT: [(&str, &str); 6] = [
    ("Argument or block definition required", "newlines mean something again after the brackets of a call"),
    ("Invalid 'for' expression", "the keywords of a for expression are whole words"),
    ("Invalid multi-line string", "a quoted string or label ends on its line"),
    ("Unterminated template string", "a heredoc's marker has a newline after it"),
    ("Invalid attribute name", "a newline after a dot ends the attribute"),
    ("Invalid expression", "a newline in the brackets of a splat ends the attribute"),
];

/// What hcl-edit refuses although the language has it, by its messages.
const REFUSED_BY_HCL_EDIT: [(&str, &str); 2] = [
    ("expected newline or eof", "a heredoc goes on where its marker does not stand alone on a line"),
    ("expected `:`", "newlines mean nothing in a for expression"),
];

#[test]
fn broken_files_are_accepted_or_refused_by_both_but_for_known_reasons() {
    let mut random = Random::new(seed(12));
    let files = corpus::files();
    let count = cases(600);
    let mut differences = 0;
    for _ in 0..count {
        let text = corpus::broken(&files[random.below(files.len())].1, &mut random);
        let ours = hcl::parse(&text).errors;
        let theirs = hcl_edit::parser::parse_body(&text);
        if ours.is_empty() != theirs.is_ok() {
            let is_known = match (ours.first(), &theirs) {
                (Some(first), _) => TAKEN_BY_HCL_EDIT.iter().any(|(summary, _)| *summary == first.summary),
                (None, Err(error)) => REFUSED_BY_HCL_EDIT.iter().any(|(message, _)| error.message().contains(message)),
                (None, Ok(_)) => unreachable!("both accept it"),
            };
            assert!(is_known, "{text}\n{ours:?}\n{:?}", theirs.err());
            differences += 1;
        }
    }
    eprintln!("broken files beside hcl-edit: {} of {count} agree", count - differences);
}

fn body(node: &Body) -> String {
    let items: Vec<String> = node.iter().map(structure).collect();
    items.join("; ")
}

fn structure(node: &Structure) -> String {
    match node {
        Structure::Attribute(attribute) => format!("{} = {}", attribute.key.as_str(), expr(&attribute.value)),
        Structure::Block(block) => {
            let labels: String = block.labels.iter().map(|label| format!(" {:?}", label.as_str())).collect();
            format!("{}{labels} {{{}}}", block.ident.as_str(), body(&block.body))
        }
    }
}

fn expr(node: &Expression) -> String {
    match node {
        Expression::Null(_) => "null".to_owned(),
        Expression::Bool(bool) => bool.value().to_string(),
        Expression::Number(number) => number.value().to_string(),
        Expression::String(text) => format!("\"{}\"", escaped(text.value())),
        Expression::Array(array) => format!("[{}]", array.iter().map(expr).collect::<Vec<_>>().join(", ")),
        Expression::Object(object) => {
            let entry = |(key, value): (&hcl_edit::expr::ObjectKey, &hcl_edit::expr::ObjectValue)| {
                let key = match key {
                    hcl_edit::expr::ObjectKey::Ident(ident) => ident.as_str().to_owned(),
                    hcl_edit::expr::ObjectKey::Expression(key) => expr(key),
                };
                format!("{key} = {}", expr(value.expr()))
            };
            format!("{{{}}}", object.iter().map(entry).collect::<Vec<_>>().join(", "))
        }
        Expression::StringTemplate(template) => string_template(template),
        Expression::HeredocTemplate(heredoc) => {
            format!("\"{}\"", heredoc.template.iter().map(element).collect::<String>())
        }
        Expression::Parenthesis(paren) => format!("({})", expr(paren.inner())),
        Expression::Variable(name) => name.as_str().to_owned(),
        Expression::ForExpr(node) => {
            let key = node.intro.key_var.as_ref().map(|key| format!("{}, ", key.as_str())).unwrap_or_default();
            let head = format!("for {key}{} in {} :", node.intro.value_var.as_str(), expr(&node.intro.collection_expr));
            let filter = node.cond.as_ref().map(|cond| format!(" if {}", expr(&cond.expr))).unwrap_or_default();
            let value = expr(&node.value_expr);
            match &node.key_expr {
                Some(key) => {
                    let grouping = if node.grouping { "..." } else { "" };
                    format!("{{{head} {} => {value}{grouping}{filter}}}", expr(key))
                }
                None => format!("[{head} {value}{filter}]"),
            }
        }
        Expression::Conditional(node) => {
            format!("<{} ? {} : {}>", expr(&node.cond_expr), expr(&node.true_expr), expr(&node.false_expr))
        }
        Expression::FuncCall(call) => {
            let args: Vec<String> = call.args.iter().map(expr).collect();
            format!("{}({})", call.name.name.as_str(), args.join(", "))
        }
        Expression::UnaryOp(node) => format!("<{}{}>", node.operator.value(), expr(&node.expr)),
        Expression::BinaryOp(node) => {
            format!("<{} {} {}>", expr(&node.lhs_expr), node.operator.value(), expr(&node.rhs_expr))
        }
        Expression::Traversal(node) => {
            let operators: Vec<&TraversalOperator> = node.operators.iter().map(|operator| operator.value()).collect();
            format!("{}{}", expr(&node.expr), traversal(&operators))
        }
    }
}

fn traversal(operators: &[&TraversalOperator]) -> String {
    let Some((first, rest)) = operators.split_first() else {
        return String::new();
    };
    match first {
        TraversalOperator::GetAttr(name) => format!(".{}{}", name.as_str(), traversal(rest)),
        TraversalOperator::Index(key) => format!("[{}]{}", expr(key), traversal(rest)),
        TraversalOperator::LegacyIndex(index) => format!(".{}{}", index.value(), traversal(rest)),
        TraversalOperator::FullSplat(_) => format!("[*]<{}>", traversal(rest)),
        TraversalOperator::AttrSplat(_) => {
            let is_attr = |operator: &&&TraversalOperator| matches!(operator, TraversalOperator::GetAttr(_));
            let inside = rest.iter().take_while(is_attr).count();
            format!(".*<{}>{}", traversal(&rest[..inside]), traversal(&rest[inside..]))
        }
    }
}

fn string_template(template: &StringTemplate) -> String {
    let elements: Vec<&Element> = template.iter().collect();
    if let [Element::Interpolation(only)] = elements.as_slice() {
        return format!("wrap({})", expr(&only.expr));
    }
    format!("\"{}\"", elements.into_iter().map(element).collect::<String>())
}

fn element(element: &Element) -> String {
    match element {
        Element::Literal(text) => escaped(text.value()),
        Element::Interpolation(interpolation) => format!("${{{}}}", expr(&interpolation.expr)),
        Element::Directive(_) => panic!("no directives are generated"),
    }
}
