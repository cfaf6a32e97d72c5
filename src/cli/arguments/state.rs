//! The arguments of commands that look into a state or change it by hand, and of workspaces.

use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgAction, Args, Subcommand};
use model::address::{InstanceAddr, ProviderAddr, Target};

use super::{Look, StateArguments, duration, instance, target};

/// How a state is changed by hand.
#[derive(Args, Debug, Clone)]
pub struct Editing {
    #[command(flatten)]
    pub state: StateArguments,
    /// Accepted for scripts: only remote backends have a version of their own.
    #[arg(long)]
    pub ignore_remote_version: bool,
}

#[derive(Args, Debug)]
pub struct Taint {
    #[command(flatten)]
    pub editing: Editing,
    /// Succeed, with a warning, when there is no such object.
    #[arg(long)]
    pub allow_missing: bool,
    /// The instance to mark.
    #[arg(value_name = "ADDRESS", value_parser = instance)]
    pub address: InstanceAddr,
}

#[derive(Args, Debug)]
pub struct State {
    #[command(subcommand)]
    pub command: StateCommand,
}

#[derive(Subcommand, Debug)]
pub enum StateCommand {
    /// List the addresses of all objects.
    List(StateList),
    /// Show one object.
    Show(StateShow),
    /// Give objects another address, in this state or another one.
    #[command(after_help = "Examples:\n  infra state mv aws_vpc.main aws_vpc.network\n  \
        infra state mv 'aws_eip.nat' 'aws_eip.nat[0]'\n  infra state mv 'module.app[0]' 'module.app[\"web\"]'\n  \
        infra state mv -state-out=../network/terraform.tfstate module.network module.network\n\n\
        A resource without a key is all its instances, unless one has no key. The state before is kept beside it,\n\
        with the time in its name.")]
    Mv(StateMv),
    /// Forget objects without destroying them.
    #[command(
        after_help = "Examples:\n  infra state rm aws_vpc.main\n  infra state rm -dry-run module.app 'aws_eip.nat[1]'\n\n\
        The state before is kept beside it, with the time in its name."
    )]
    Rm(StateRm),
    /// Write the state as it is to the standard output.
    #[command(after_help = "Example:\n  infra state pull >backup.tfstate")]
    Pull(StatePull),
    /// Put a state in the place of the present one.
    #[command(
        after_help = "Examples:\n  infra state push backup.tfstate\n  infra state push -force - <other.tfstate\n\n\
        Without -force it must be of the same lineage, and not older."
    )]
    Push(StatePush),
    /// Give resources of one provider to another.
    #[command(after_help = "Example:\n  infra state replace-provider registry.example.com/acme/aws hashicorp/aws")]
    ReplaceProvider(StateReplaceProvider),
}

#[derive(Args, Debug)]
pub struct StateList {
    /// Keep the state in this file.
    #[arg(long, value_name = "PATH")]
    pub state: Option<PathBuf>,
    /// List only the object with this identifier.
    #[arg(long, value_name = "ID")]
    pub id: Option<String>,
    /// List only these modules, resources or instances.
    #[arg(value_name = "ADDRESS", value_parser = target)]
    pub targets: Vec<Target>,
}

#[derive(Args, Debug)]
pub struct StateShow {
    #[command(flatten)]
    pub look: Look,
    /// Keep the state in this file.
    #[arg(long, value_name = "PATH")]
    pub state: Option<PathBuf>,
    #[arg(value_name = "ADDRESS", value_parser = instance)]
    pub address: InstanceAddr,
}

#[derive(Args, Debug)]
pub struct StateMv {
    #[command(flatten)]
    pub editing: Editing,
    /// Only say what would move.
    #[arg(long)]
    pub dry_run: bool,
    /// Move into the state in this file.
    #[arg(long, value_name = "PATH")]
    pub state_out: Option<PathBuf>,
    /// Keep what that file held before the run in this one.
    #[arg(long, value_name = "PATH", requires = "state_out")]
    pub backup_out: Option<PathBuf>,
    /// What moves: a module, a resource or an instance.
    #[arg(value_name = "SOURCE", value_parser = target)]
    pub source: Target,
    /// Its new address.
    #[arg(value_name = "DESTINATION", value_parser = target)]
    pub destination: Target,
}

#[derive(Args, Debug)]
pub struct StateRm {
    #[command(flatten)]
    pub editing: Editing,
    /// Only say what would be forgotten.
    #[arg(long)]
    pub dry_run: bool,
    /// Modules, resources and instances to forget.
    #[arg(value_name = "ADDRESS", required = true, value_parser = target)]
    pub targets: Vec<Target>,
}

#[derive(Args, Debug)]
pub struct StatePull {
    /// Keep the state in this file.
    #[arg(long, value_name = "PATH")]
    pub state: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub struct StatePush {
    #[command(flatten)]
    pub editing: Editing,
    /// Whatever the lineage and the serial are.
    #[arg(long)]
    pub force: bool,
    /// The file that holds the state; `-` is the standard input.
    #[arg(value_name = "PATH")]
    pub path: PathBuf,
}

#[derive(Args, Debug)]
pub struct StateReplaceProvider {
    #[command(flatten)]
    pub editing: Editing,
    /// Don't ask before changing anything.
    #[arg(long)]
    pub auto_approve: bool,
    /// The provider that resources have now: `[HOST/]NAMESPACE/NAME`.
    #[arg(value_name = "FROM", value_parser = provider)]
    pub from: ProviderAddr,
    /// The one that they get.
    #[arg(value_name = "TO", value_parser = provider)]
    pub to: ProviderAddr,
}

#[derive(Args, Debug)]
pub struct ForceUnlock {
    /// Don't ask. Nothing is asked anyway.
    #[arg(long)]
    pub force: bool,
    /// The identifier of the lock, as the message about it has it.
    #[arg(value_name = "LOCK_ID")]
    pub id: String,
}

#[derive(Args, Debug)]
pub struct Workspace {
    #[command(subcommand)]
    pub command: WorkspaceCommand,
}

#[derive(Subcommand, Debug)]
pub enum WorkspaceCommand {
    /// List all workspaces, with a star before the one in use.
    List,
    /// Write the name of the workspace in use.
    Show,
    /// Make a workspace and use it from now on.
    #[command(
        after_help = "Examples:\n  infra workspace new staging\n  infra workspace new -state=old.tfstate staging"
    )]
    New(WorkspaceNew),
    /// Use another workspace from now on.
    #[command(after_help = "Examples:\n  infra workspace select default\n  infra workspace select -or-create staging")]
    Select(WorkspaceSelect),
    /// Delete a workspace that is not in use.
    #[command(after_help = "Example:\n  infra workspace delete staging")]
    Delete(WorkspaceDelete),
}

/// The lock of a workspace's state.
#[derive(Args, Debug, Clone)]
pub struct Locking {
    /// Take the lock of the state.
    #[arg(long, default_value = "true", action = ArgAction::Set)]
    pub lock: bool,
    /// Wait this long for the lock: `30s`, `5m`.
    #[arg(long, value_name = "DURATION", default_value = "0s", value_parser = duration)]
    pub lock_timeout: Duration,
}

#[derive(Args, Debug)]
pub struct WorkspaceNew {
    #[command(flatten)]
    pub locking: Locking,
    /// Begin with what the state in this file records.
    #[arg(long, value_name = "PATH")]
    pub state: Option<PathBuf>,
    #[arg(value_name = "NAME")]
    pub name: String,
}

#[derive(Args, Debug)]
pub struct WorkspaceSelect {
    /// Make it when there is none.
    #[arg(long)]
    pub or_create: bool,
    #[arg(value_name = "NAME")]
    pub name: String,
}

#[derive(Args, Debug)]
pub struct WorkspaceDelete {
    #[command(flatten)]
    pub locking: Locking,
    /// Even when it records objects, which nobody knows of then.
    #[arg(long)]
    pub force: bool,
    #[arg(value_name = "NAME")]
    pub name: String,
}

impl Locking {
    /// The same for opening the state of the workspace in use.
    pub fn of_workspace(&self) -> StateArguments {
        StateArguments { state: None, backup: None, lock: self.lock, lock_timeout: self.lock_timeout }
    }
}

fn provider(text: &str) -> Result<ProviderAddr, model::address::AddressError> {
    text.parse()
}
