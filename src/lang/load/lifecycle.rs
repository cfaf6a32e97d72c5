//! The `lifecycle` block of a resource.

use hcl::ast::{AccessStep, Expr, IndexKey, Step};
use model::address::Mode;
use model::diagnostic::{Diagnostic, Diagnostics};
use model::path::{self, Path};
use model::source::FileId;

use super::statics::{bool_argument, static_list, static_traversal};
use super::values::condition;
use crate::arguments::{Content, Grammar, Kind};
use crate::body::{Attribute, Block};
use crate::config::{IgnoreChanges, IgnoredPath, Lifecycle};
use crate::expression::{Expression, range};
use crate::reference::{Subject, references};

const LIFECYCLE: Grammar = Grammar::new(
    &[],
    &["create_before_destroy", "prevent_destroy", "ignore_changes", "replace_triggered_by"],
    &[Kind::new("precondition", &[]), Kind::new("postcondition", &[])],
);

pub(super) fn lifecycle(block: &Block, mode: Mode, diagnostics: &mut Diagnostics) -> Lifecycle {
    let content = LIFECYCLE.read(&block.body, diagnostics);
    let mut lifecycle = Lifecycle::default();
    match mode {
        Mode::Managed => managed(&content, &mut lifecycle, diagnostics),
        Mode::Data => only_conditions(&content, "data resource", diagnostics),
        Mode::Ephemeral => only_conditions(&content, "ephemeral resource", diagnostics),
    }
    lifecycle.preconditions = content.blocks_of("precondition").map(|block| condition(block, diagnostics)).collect();
    lifecycle.postconditions = content.blocks_of("postcondition").map(|block| condition(block, diagnostics)).collect();
    lifecycle
}

fn managed(content: &Content, lifecycle: &mut Lifecycle, diagnostics: &mut Diagnostics) {
    lifecycle.create_before_destroy = bool_argument(content, "create_before_destroy", diagnostics);
    lifecycle.prevent_destroy = content.attribute("prevent_destroy").and_then(|attribute| {
        let is_constant = references(&attribute.expr).is_empty();
        let is_valid = !is_constant || bool_argument(content, "prevent_destroy", diagnostics).is_some();
        is_valid.then(|| attribute.expr.clone())
    });
    if let Some(attribute) = content.attribute("ignore_changes") {
        lifecycle.ignore_changes = ignore_changes(attribute, diagnostics);
    }
    if let Some(attribute) = content.attribute("replace_triggered_by") {
        let file = attribute.expr.file;
        for element in static_list(attribute, diagnostics) {
            lifecycle.replace_triggered_by.extend(trigger(file, element, diagnostics));
        }
    }
}

fn only_conditions(content: &Content, what: &str, diagnostics: &mut Diagnostics) {
    for name in LIFECYCLE.optional {
        if let Some(attribute) = content.attribute(name) {
            diagnostics.push(
                Diagnostic::error(
                    format!("Invalid {what} lifecycle argument"),
                    format!(
                        "The argument `{name}` has a meaning only for objects that are managed, in `resource` blocks."
                    ),
                )
                .at(attribute.name_range),
            );
        }
    }
}

fn ignore_changes(attribute: &Attribute, diagnostics: &mut Diagnostics) -> IgnoreChanges {
    if attribute.expr.node.as_keyword() == Some("all") {
        return IgnoreChanges::All;
    }
    let file = attribute.expr.file;
    let mut paths = Vec::new();
    for element in static_list(attribute, diagnostics) {
        let at = range(file, element.span());
        if element.as_string_literal() == Some("*") {
            diagnostics.push(
                Diagnostic::error("Invalid ignore_changes wildcard", "The form `[\"*\"]` is not valid any more.")
                    .at(attribute.expr.range())
                    .hint("To ignore changes of all attributes, write: ignore_changes = all"),
            );
            continue;
        }
        let traversal = match static_traversal(file, element, diagnostics) {
            Ok(traversal) => traversal,
            Err(error) => {
                diagnostics.push(error);
                continue;
            }
        };
        let mut path = Path::attribute(traversal.root.name.as_str());
        path.steps.extend(traversal.steps.iter().map(path_step));
        paths.push(IgnoredPath {
            path,
            range: at,
            name_range: range(file, traversal.root.span),
            steps: traversal.steps.clone(),
        });
    }
    IgnoreChanges::Paths(paths)
}

/// A step of the syntax as a step into a value.
fn path_step(step: &Step) -> path::Step {
    match step {
        Step::Attr(step) => path::Step::Attribute(step.name.name.as_str().into()),
        Step::Index(step) => match &step.key {
            IndexKey::String(key) => path::Step::Key(key.as_str().into()),
            IndexKey::Number(number) => match number.parse() {
                Ok(index) => path::Step::Index(index),
                Err(_) => path::Step::Key(number.as_str().into()),
            },
        },
    }
}

/// An element of `replace_triggered_by`: a managed resource, one of its instances, or an attribute of one.
fn trigger(file: FileId, element: &Expr, diagnostics: &mut Diagnostics) -> Option<Expression> {
    let expr = Expression::new(file, element.clone());
    let plain = match element {
        Expr::Variable(_) => true,
        Expr::Access(access) => {
            matches!(access.base, Expr::Variable(_))
                && access.steps.iter().all(|step| matches!(step, AccessStep::Static(_) | AccessStep::Index(_)))
        }
        _ => false,
    };
    let mut resources = 0;
    let mut others = Vec::new();
    for reference in references(&expr) {
        match &reference.subject {
            Subject::Resource(addr) if addr.mode != Mode::Ephemeral => resources += 1,
            Subject::CountIndex | Subject::EachKey => {}
            Subject::Resource(_)
            | Subject::Variable(_)
            | Subject::Local(_)
            | Subject::Module(_)
            | Subject::Output(_)
            | Subject::EachValue
            | Subject::PathModule
            | Subject::PathRoot
            | Subject::PathCwd
            | Subject::Workspace
            | Subject::Run(_)
            | Subject::Check(_)
            | Subject::Applying
            | Subject::SelfObject => others.push(reference),
        }
    }
    for reference in &others {
        diagnostics.push(
            Diagnostic::error(
                "Invalid reference in replace_triggered_by expression",
                "Only resources and their attributes can trigger a replacement, with `count.index` or `each.key` as instance \
                 keys.",
            )
            .at(reference.subject_range),
        );
    }
    if others.is_empty() && (resources != 1 || !plain) {
        diagnostics.push(
            Diagnostic::error(
                "Invalid replace_triggered_by expression",
                "Each element must be a reference to one resource, or to an attribute of one.",
            )
            .at(expr.range()),
        );
        return None;
    }
    others.is_empty().then_some(expr)
}
