//! `provisioner` blocks of managed resources and of `removed` blocks.

use model::diagnostic::{Diagnostic, Diagnostics};
use model::source::SourceRange;

use super::statics::keyword;
use crate::arguments::{Grammar, Kind};
use crate::body::{Block, Body};
use crate::config::{OnFailure, Provisioner, ProvisionerWhen};
use crate::reference::{Subject, body_references};

const PROVISIONER: Grammar = Grammar::new(
    &[],
    &["when", "on_failure"],
    &[Kind::new("connection", &[]), Kind::new("_", &[])],
)
.reserving("provisioner", &[], &["lifecycle"]);

/// The arguments of the command itself.
const LOCAL_EXEC: Grammar = Grammar::new(&["command"], &["environment", "interpreter", "quiet", "working_dir"], &[]);

/// Reads a provisioner; `None` for kinds that can't be run.
pub(super) fn provisioner(block: &Block, diagnostics: &mut Diagnostics) -> Option<Provisioner> {
    let kind = &block.labels[0];
    if *kind.text != *"local-exec" {
        diagnostics.push(unsupported(&kind.text, kind.range));
        return None;
    }
    let content = PROVISIONER.read_partial(&block.body, diagnostics);
    let when = content.attribute("when").map_or(ProvisionerWhen::Create, |attribute| {
        match keyword(attribute, diagnostics).as_deref() {
            Some("create") => ProvisionerWhen::Create,
            Some("destroy") => ProvisionerWhen::Destroy,
            _ => {
                diagnostics.push(
                    Diagnostic::error(
                        "Invalid \"when\" keyword",
                        "A provisioner runs when its resource is created or destroyed.",
                    )
                    .at(attribute.expr.range())
                    .hint("Write `create` or `destroy`, without quotes."),
                );
                ProvisionerWhen::Create
            }
        }
    });
    let on_failure = content.attribute("on_failure").map_or(OnFailure::Fail, |attribute| {
        match keyword(attribute, diagnostics).as_deref() {
            Some("fail") => OnFailure::Fail,
            Some("continue") => OnFailure::Continue,
            _ => {
                diagnostics.push(
                    Diagnostic::error(
                        "Invalid \"on_failure\" keyword",
                        "The failure of a provisioner either fails its resource or is passed over.",
                    )
                    .at(attribute.expr.range())
                    .hint("Write `fail` or `continue`, without quotes."),
                );
                OnFailure::Fail
            }
        }
    });
    let connection = content.single_block("connection", "provisioner", diagnostics).map(|block| block.body.clone());
    let body = content.into_rest();
    LOCAL_EXEC.read(&body, diagnostics);
    if when == ProvisionerWhen::Destroy {
        check_destroy_references(&body, diagnostics);
        if let Some(connection) = &connection {
            check_destroy_references(connection, diagnostics);
        }
    }
    Some(Provisioner { when, on_failure, body, connection, declared: block.header })
}

fn unsupported(kind: &str, at: SourceRange) -> Diagnostic {
    match kind {
        "remote-exec" | "file" => Diagnostic::error(
            "Unsupported provisioner",
            format!(
                "`{kind}` logs into the new machine and changes it there, where no plan can see it. Only `local-exec` is run."
            ),
        )
        .at(at)
        .hint("Give the machine what it needs at its start, in `user_data` or in its image; or connect from a `local-exec` command."),
        other => Diagnostic::error(
            "Unsupported provisioner",
            format!("There is no provisioner `{other}`. Only `local-exec` is run."),
        )
        .at(at),
    }
}

/// While an object is destroyed, others that it refers to may be gone already: only the object itself can be used.
pub(super) fn check_destroy_references(body: &Body, diagnostics: &mut Diagnostics) {
    for reference in body_references(body, None) {
        let allowed = match reference.subject {
            Subject::SelfObject
            | Subject::CountIndex
            | Subject::EachKey
            | Subject::PathModule
            | Subject::PathRoot
            | Subject::PathCwd
            | Subject::Workspace => true,
            Subject::Variable(_)
            | Subject::Local(_)
            | Subject::Resource(_)
            | Subject::Module(_)
            | Subject::Output(_)
            | Subject::EachValue
            | Subject::Run(_)
            | Subject::Check(_)
            | Subject::Applying => false,
        };
        if !allowed {
            diagnostics.push(
                Diagnostic::error(
                    "Invalid reference from destroy provisioner",
                    format!(
                        "`{}` may be gone or changed when the object is destroyed. A provisioner that runs then can use only the \
                         object itself (`self`), `count.index` and `each.key`.",
                        reference.subject
                    ),
                )
                .at(reference.range),
            );
        }
    }
}
