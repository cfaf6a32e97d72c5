//! One object of a plan: a headline with the reason, and what is different about it.

use anstyle::Style;
use engine::drift::Drift;
use engine::plan::{Action, Change, Loss, Reason};
use model::address::{InstanceAddr, Mode, ProviderConfigAddr};

use crate::difference::{Comparison, Detail};
use crate::escape::{inert_line, quoted};
use crate::page::Page;
use crate::schemas::Schemas;
use crate::style::{self, paint};

/// The sign of an action, three columns wide.
pub(super) fn symbol(action: Action) -> (&'static str, Style) {
    match action {
        Action::NoOp => ("   ", style::DIM),
        Action::Create => ("  +", style::ADD),
        Action::Update => ("  ~", style::CHANGE),
        Action::Replace { create_first: false } => ("-/+", style::REMOVE),
        Action::Replace { create_first: true } => ("+/-", style::ADD),
        Action::Delete => ("  -", style::REMOVE),
        Action::Read => (" <=", style::READ),
        Action::Forget => ("  .", style::CHANGE),
    }
}

pub(super) fn write(page: &mut Page, change: &Change, schemas: &dyn Schemas) {
    page.raw(&paint(style::BOLD, format_args!("  # {}", headline(change))));
    for remark in remarks(change) {
        page.raw(&format!("  # ({remark})"));
    }
    if let Some(loss) = &change.loss {
        page.raw(&lost(change, loss));
    }
    let (symbol, sign_style) = symbol(change.action);
    let addr = &change.key.addr;
    // An object that is taken over is shown whole: nobody has seen it in a plan before.
    let detail = if change.import.is_some() { Detail::Everything } else { Detail::Changes };
    let comparison = Comparison::of_change(&change.replace_paths, detail);
    // What is forgotten stays as it is.
    let after = if change.action == Action::Forget { change.before.as_ref() } else { change.after.as_ref() };
    let schema = schema(schemas, &change.provider, addr);
    let body = comparison.object(change.before.as_ref(), after, schema.as_deref().map(|schema| &schema.block));
    page.raw(&format!("{} {} {{", paint(sign_style, symbol), block_header(addr)));
    page.body(1, &body);
    page.raw("    }");
}

pub(super) fn write_drift(page: &mut Page, drift: &Drift, schemas: &dyn Schemas) {
    let (what, symbol, sign_style) = match drift.live {
        Some(_) => ("has changed", "  ~", style::CHANGE),
        None => ("has been deleted", "  -", style::REMOVE),
    };
    page.raw(&paint(style::BOLD, format_args!("  # {} {what}", inert_line(&drift.key.to_string()))));
    let comparison = Comparison::of_change(&[], Detail::Changes);
    let schema = schema(schemas, &drift.provider, &drift.key.addr);
    let schema = schema.as_deref().map(|schema| &schema.block);
    page.raw(&format!("{} {} {{", paint(sign_style, symbol), block_header(&drift.key.addr)));
    match &drift.live {
        Some(live) => page.body(1, &comparison.object(Some(&drift.applied), Some(live), schema)),
        // What it was is of no use any more; which one it was is.
        None => page.body(1, &comparison.object(Some(&drift.applied), Some(&drift.applied), schema)),
    }
    page.raw("    }");
}

/// `resource "aws_vpc" "main"`.
pub(crate) fn block_header(addr: &InstanceAddr) -> String {
    let keyword = match addr.resource.mode {
        Mode::Managed => "resource",
        Mode::Data => "data",
        Mode::Ephemeral => "ephemeral",
    };
    format!("{keyword} {} {}", quoted(&addr.resource.type_name), quoted(&addr.resource.name))
}

fn schema(
    schemas: &dyn Schemas,
    provider: &ProviderConfigAddr,
    addr: &InstanceAddr,
) -> Option<std::sync::Arc<model::schema::Schema>> {
    schemas.schema(&provider.provider, addr.resource.mode, &addr.resource.type_name)
}

fn headline(change: &Change) -> String {
    let key = change.key.to_string();
    let addr = inert_line(&key);
    match change.action {
        Action::NoOp => match (&change.previous, &change.import) {
            (_, Some(_)) => format!("{addr} will be imported"),
            (Some(previous), None) => format!("{} has moved to {addr}", inert_line(&previous.to_string())),
            (None, None) => format!("{addr} stays as it is"),
        },
        Action::Create => format!("{addr} will be created"),
        Action::Update => format!("{addr} will be updated in-place"),
        Action::Replace { .. } => match change.reason {
            Some(Reason::Tainted) => format!("{addr} is tainted, so must be replaced"),
            Some(Reason::Requested) => format!("{addr} will be replaced, as requested"),
            Some(Reason::CannotUpdate | Reason::Triggered) | None => format!("{addr} must be replaced"),
            Some(
                Reason::NoConfig
                | Reason::NoModule
                | Reason::WrongRepetition
                | Reason::CountIndex
                | Reason::EachKey
                | Reason::Deposed
                | Reason::ConfigUnknown
                | Reason::DependencyPending,
            ) => format!("{addr} must be replaced"),
        },
        Action::Delete => format!("{addr} will be destroyed"),
        Action::Read => format!("{addr} will be read during apply"),
        Action::Forget => format!("{addr} will be forgotten, but not destroyed"),
    }
}

/// What is lost with an object, and whether somebody agreed to that.
fn lost(change: &Change, loss: &Loss) -> String {
    let what = inert_line(&loss.what);
    if loss.allowed {
        return paint(style::BAD, format_args!("  # (loses for good: {what})"));
    }
    let key = change.key.addr.to_string();
    let option = format!("-allow-loss='{}'", inert_line(&key));
    paint(style::BAD, format_args!("  # (blocked, as it loses for good: {what}. To agree: {option})"))
}

/// What is worth knowing beside the action, without parentheses.
fn remarks(change: &Change) -> Vec<String> {
    let mut remarks = Vec::new();
    let moved_alone = change.action == Action::NoOp && change.import.is_none();
    if let (Some(previous), false) = (&change.previous, moved_alone) {
        remarks.push(format!("moved from {}", inert_line(&previous.to_string())));
    }
    if let Some(id) = &change.import {
        remarks.push(format!("imported from {}", quoted(id)));
    }
    remarks.extend(change.reason.and_then(|reason| explain(reason, change)));
    remarks
}

fn explain(reason: Reason, change: &Change) -> Option<String> {
    let addr = &change.key.addr;
    let config = inert_line(&addr.config().to_string()).into_owned();
    let key = || addr.key.as_ref().map(|key| inert_line(&key.to_string()).into_owned()).unwrap_or_default();
    match reason {
        // The headline says it, or the attributes do.
        Reason::Tainted | Reason::Requested | Reason::CannotUpdate => None,
        Reason::Triggered => Some("because of what `replace_triggered_by` names".into()),
        Reason::NoConfig if change.action == Action::Forget => {
            Some("because it is removed without being destroyed".into())
        }
        Reason::NoConfig => Some(format!("because {config} is not in configuration")),
        Reason::NoModule => Some(format!("because {} is not in configuration", addr.module)),
        Reason::WrongRepetition if addr.key.is_some() => {
            Some(format!("because {config} is written without `count` or `for_each` now"))
        }
        Reason::WrongRepetition => Some(format!("because {config} is written with `count` or `for_each` now")),
        Reason::CountIndex => Some(format!("because index {} is out of range for count", key())),
        Reason::EachKey => Some(format!("because key {} is not in for_each", key())),
        Reason::Deposed => Some("left over from a replacement that was interrupted".into()),
        Reason::ConfigUnknown => Some("because its configuration holds values that are not known yet".into()),
        Reason::DependencyPending => Some("because something it depends on has changes pending".into()),
    }
}
