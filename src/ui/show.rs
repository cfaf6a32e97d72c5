//! States and plans for `show`, and the state for `state list` and `state show`.
//!
//! The JSON forms are Terraform's: format 1.0 of states, 1.2 of plans.

mod checks;
mod object;
mod plan_json;
mod state_json;

use model::address::{InstanceAddr, ObjectKey, Target};
use state::{State, Status};

pub(crate) use plan_json::reason;
pub use plan_json::{PlanExtras, plan_json};
pub use state_json::state_json;

use self::object::{Shown, objects};
use crate::difference::Comparison;
use crate::escape::inert_line;
use crate::output;
use crate::page::Page;
use crate::plan::block_header;
use crate::schemas::Schemas;
use crate::style::{self, paint};

/// The version whose formats the JSON forms follow.
pub const TERRAFORM_VERSION: &str = "1.11.4";

/// A whole state as text: every object, then the outputs. Sensitive values are hidden.
pub fn state_text(state: &State, schemas: &dyn Schemas) -> String {
    let mut page = Page::new(0);
    for object in objects(state, schemas) {
        write(&mut page, &object);
        page.blank();
    }
    let mut out = page.finish();
    if !state.outputs.is_empty() {
        out.push('\n');
        out.push_str(&output::section(&state.outputs));
    }
    if out.is_empty() {
        out.push_str("The state is empty. No resources are recorded.\n");
    }
    out
}

/// One instance as `state show` has it; `None` when the state does not have it.
pub fn instance_text(state: &State, addr: &InstanceAddr, schemas: &dyn Schemas) -> Option<String> {
    let mut page = Page::new(0);
    let mut found = false;
    for object in objects(state, schemas).into_iter().filter(|object| object.key.addr == *addr) {
        if found {
            page.blank();
        }
        write(&mut page, &object);
        found = true;
    }
    found.then(|| page.finish())
}

/// The addresses of a state, a line each: all, or those within one of the targets.
pub fn list(state: &State, targets: &[Target]) -> String {
    let within = |addr: &InstanceAddr| targets.is_empty() || targets.iter().any(|target| target.contains(addr));
    let mut addrs: Vec<&InstanceAddr> = state.instances.keys().filter(|addr| within(addr)).collect();
    addrs.sort_by(|a, b| a.listing(b));
    addrs.into_iter().map(|addr| inert_line(&addr.to_string()).into_owned() + "\n").collect()
}

fn write(page: &mut Page, object: &Shown<'_>) {
    let tainted = if object.object.status == Status::Tainted { " (tainted)" } else { "" };
    let key: &ObjectKey = &object.key;
    page.raw(&format!("{}{tainted}", paint(style::BOLD, format_args!("# {}:", inert_line(&key.to_string())))));
    page.raw(&format!("{} {{", block_header(&key.addr)));
    match &object.value {
        Some(value) => {
            let block = object.schema.as_deref().map(|schema| &schema.block);
            page.body(1, &Comparison::of_everything().object(Some(value), Some(value), block));
        }
        None => page.raw("    # (not shown: the schema that says which attributes are secret is not available)"),
    }
    page.raw("}");
}

#[cfg(test)]
mod tests;
