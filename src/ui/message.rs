//! Short answers of commands that show nothing else.

use std::collections::BTreeSet;
use std::fmt::Display;
use std::path::Path;

use model::address::{InstanceAddr, ModuleInstance, ProviderAddr, ResourceAddr, Target};
use state::relocate::Relocation;

use crate::escape::inert_line;
use crate::style::{self, paint};

/// Says where blocks for imported objects were written.
pub fn generated(blocks: usize, path: &Path) -> String {
    let path = path.display().to_string();
    let blocks = if blocks == 1 { "a block".to_string() } else { format!("{blocks} blocks") };
    format!("Wrote {blocks} for imported objects into {}. Look through it, and make it your own.\n", inert_line(&path))
}

/// Says how a saved plan is applied.
pub fn saved_plan(path: &Path) -> String {
    let path = path.display().to_string();
    let path = inert_line(&path);
    format!(
        "\nSaved the plan to: {path}\n\nTo perform exactly these actions, run the following command to apply:\n    \
         infra apply \"{path}\"\n"
    )
}

/// Says that a configuration is valid.
pub fn valid(has_warnings: bool) -> String {
    let but = if has_warnings { ", but there were some validation warnings as shown above" } else { "" };
    format!("{} The configuration is valid{but}.\n", paint(style::GOOD, "Success!"))
}

pub fn imported(addr: &InstanceAddr, id: &str) -> String {
    format!(
        "{}\n\n{addr} is in the state now, as it is ({}). `infra plan` shows how it differs from the configuration.\n",
        paint(style::GOOD, "Import successful!"),
        inert_line(id)
    )
}

pub fn tainted(addr: &InstanceAddr) -> String {
    format!("Resource instance {} has been marked as tainted.\n", shown(addr))
}

pub fn untainted(addr: &InstanceAddr) -> String {
    format!("Resource instance {} has been successfully untainted.\n", shown(addr))
}

/// What a move would do, a line each.
pub fn would_move(relocations: &[Relocation]) -> String {
    moves("Would move", relocations)
}

/// What `force-unlock` did.
pub fn unlocked() -> String {
    "The lock of the state has been removed.\n".to_owned()
}

/// What a move did.
pub fn moved(relocations: &[Relocation]) -> String {
    format!("{}Successfully moved {} object(s).\n", moves("Move", relocations), relocations.len())
}

fn moves(verb: &str, relocations: &[Relocation]) -> String {
    let quoted = |target: &Target| format!("{:?}", target.to_string());
    relocations.iter().map(|one| format!("{verb} {} to {}\n", quoted(&one.from), quoted(&one.to))).collect()
}

/// What would be forgotten, a line each.
pub fn would_forget(addrs: &[InstanceAddr]) -> String {
    addrs.iter().map(|addr| format!("Would remove {}\n", shown(addr))).collect()
}

/// What was forgotten.
pub fn forgotten(addrs: &[InstanceAddr]) -> String {
    let lines: String = addrs.iter().map(|addr| format!("Removed {}\n", shown(addr))).collect();
    format!("{lines}Successfully removed {} resource instance(s).\n", addrs.len())
}

/// What giving resources to another provider comes to.
pub fn provider_change(
    from: &ProviderAddr,
    to: &ProviderAddr,
    resources: &BTreeSet<(ModuleInstance, ResourceAddr)>,
) -> String {
    let name = |(module, resource): &(ModuleInstance, ResourceAddr)| {
        format!("  {}\n", shown(&Target::Resource(module.clone(), resource.clone())))
    };
    let [update, remove, add] =
        [(style::CHANGE, "~"), (style::REMOVE, "-"), (style::ADD, "+")].map(|(style, sign)| paint(style, sign));
    format!(
        "  {update} Updating provider:\n    {remove} {from}\n    {add} {to}\n\n{} {} resources:\n\n{}",
        paint(style::BOLD, "Changing"),
        resources.len(),
        resources.iter().map(name).collect::<String>()
    )
}

/// All workspaces, a line each, with a star before the one in use.
pub fn workspaces(names: &[String], current: &str) -> String {
    let line = |name: &String| format!("{} {}\n", if name == current { "*" } else { " " }, inert_line(name));
    names.iter().map(line).collect()
}

pub fn workspace_created(name: &str) -> String {
    format!(
        "{}\n\nIts state is empty, or what -state said: objects of other workspaces are in theirs.\n",
        paint(style::GOOD, format_args!("Created and switched to workspace \"{name}\"!"))
    )
}

pub fn workspace_selected(name: &str) -> String {
    format!("{}\n", paint(style::GOOD, format_args!("Switched to workspace \"{name}\".")))
}

pub fn workspace_deleted(name: &str) -> String {
    format!("{}\n", paint(style::GOOD, format_args!("Deleted workspace \"{name}\"!")))
}

fn shown(addr: &impl Display) -> String {
    inert_line(&addr.to_string()).into_owned()
}
