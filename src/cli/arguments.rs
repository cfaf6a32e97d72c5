//! The command line: Terraform's flags where it has them, with one dash or two.

mod state;

pub use state::{
    ForceUnlock, State, StateCommand, StateList, StateMv, StatePull, StatePush, StateReplaceProvider, StateRm,
    StateShow, Taint, Workspace, WorkspaceCommand, WorkspaceDelete, WorkspaceNew, WorkspaceSelect,
};

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;
use std::time::Duration;

use clap::builder::styling::{AnsiColor, Styles};
use clap::{ArgAction, Args, CommandFactory, FromArgMatches, Parser, Subcommand};
use lang::variables::Setting;
use model::address::{InstanceAddr, Target};

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default().bold())
    .placeholder(AnsiColor::Cyan.on_default());

/// Plans and applies Terraform configurations, natively: no plugins, no lost resources.
#[derive(Parser, Debug)]
#[command(name = "infra", version, styles = STYLES, disable_version_flag = true, max_term_width = 100)]
#[command(after_help = "Options may be written with one dash or two: `-auto-approve`, `--auto-approve`.\n\
    Start with `infra plan` in the folder of a stack; `infra sandbox run -- infra apply` tries it without an account.")]
pub struct Arguments {
    /// Switch to this folder before running the command.
    #[arg(long, value_name = "DIR", global = true)]
    pub chdir: Option<PathBuf>,

    #[command(subcommand)]
    pub command: Command,
}

#[derive(Subcommand, Debug)]
pub enum Command {
    /// Check a configuration: syntax, references, types, and the rules of its resource types.
    Validate(Validate),
    /// Show what an apply would change, and why.
    #[command(after_help = "Examples:\n  infra plan\n  infra plan -out=tf.plan -var-file=production.tfvars\n  \
        infra plan -detailed-exitcode    exits 0 when nothing changes, 2 when something does, 1 on an error")]
    Plan(Plan),
    /// Make the changes that bring the world to what the configuration says.
    #[command(after_help = "Examples:\n  infra apply\n  infra apply -auto-approve\n  infra apply tf.plan")]
    Apply(Apply),
    /// Delete everything that the stack made.
    Destroy(Apply),
    /// Tell what was changed behind the engine's back. Reads only.
    #[command(after_help = "Exits 0 when nothing drifted, 2 when something did, 1 on an error.\n\
        A configuration that is yet to be applied never counts as drift.")]
    Drift(Drift),
    /// Show the state, or a saved plan.
    Show(Show),
    /// Show the outputs of the last apply.
    Output(Output),
    /// Look into the state, or change it by hand.
    State(State),
    /// Mark an object for replacement by the next apply.
    #[command(
        after_help = "Examples:\n  infra taint 'aws_eip.nat[0]'\n  infra taint -allow-missing module.app.aws_lb.front\n\n\
        `infra apply -replace=ADDRESS` does the same at once, and shows it in a plan first."
    )]
    Taint(Taint),
    /// Take the mark of an object off again, so that it is not replaced.
    #[command(after_help = "Example:\n  infra untaint 'aws_eip.nat[0]'")]
    Untaint(Taint),
    /// Bring the state up to date with what exists: `apply -refresh-only -auto-approve`.
    #[command(
        after_help = "Example:\n  infra refresh\n\n`infra plan -refresh-only` shows first what that would change."
    )]
    Refresh(Refresh),
    /// Give up the lock of another process on the state, which can't be done for a local one.
    ForceUnlock(ForceUnlock),
    /// Keep several states of one configuration.
    Workspace(Workspace),
    /// Take an object that exists into the state.
    #[command(after_help = "Example:\n  infra import aws_vpc.main vpc-0a1b2c3d")]
    Import(Import),
    /// Try expressions: their values over the configuration and the state.
    #[command(
        after_help = "Examples:\n  infra console\n  echo 'cidrsubnet(var.network, 8, 1)' | infra console -var-file=production.tfvars"
    )]
    Console(Console),
    /// Run the tests of a configuration, and take down what they make.
    #[command(after_help = "Examples:\n  infra test\n  infra test -filter=tests/network.tftest.hcl -verbose\n  \
        infra test -junit-xml=results.xml    exits 0 when all pass, else 1")]
    Test(Test),
    /// Write the dependencies of the configuration as a graph in the DOT language.
    #[command(
        after_help = "Examples:\n  infra graph | dot -Tsvg > graph.svg\n  infra graph -type=plan    every block, not only resources"
    )]
    Graph(Graph),
    /// Tell programs about the language.
    Metadata(Metadata),
    /// Make the folder of a stack ready: install its modules, check where its state is kept and what providers it needs.
    #[command(
        after_help = "Other commands install missing modules as well; `init -upgrade` is what takes newer ones.\n\
        What is installed is written to .infra.lock.hcl, which belongs into version control."
    )]
    Init(Init),
    /// Install the modules that a configuration calls.
    Get(Get),
    /// Show the modules that a configuration calls.
    Modules(Modules),
    /// Show which providers a configuration needs, and why.
    Providers(Providers),
    /// Rewrite configuration files to the canonical layout.
    #[command(
        after_help = "Examples:\n  infra fmt -recursive\n  infra fmt -check -recursive -diff\n  infra fmt - <main.tf\n\n\
        Exits 0 when done, 2 on an error, and with -check 3 when a file is not in that layout."
    )]
    Fmt(Fmt),
    /// Run a local AWS to try stacks on.
    #[command(after_help = "Examples:\n  infra sandbox up\n  eval \"$(infra sandbox env)\"\n  \
        infra sandbox run -- infra apply -auto-approve\n  infra sandbox down")]
    Sandbox(Sandbox),
    /// Show the version.
    Version(Version),
}

/// How the output looks.
#[derive(Args, Debug, Clone, Copy)]
pub struct Look {
    /// Leave out colours.
    #[arg(long)]
    pub no_color: bool,
    /// Write JSON, for programs.
    #[arg(long)]
    pub json: bool,
    /// Show at most one warning of a kind in full.
    #[arg(long)]
    pub compact_warnings: bool,
}

/// Where the state is, and who may change it meanwhile.
#[derive(Args, Debug, Clone)]
pub struct StateArguments {
    /// Keep the state in this file.
    #[arg(long, value_name = "PATH")]
    pub state: Option<PathBuf>,
    /// Keep the state before the run in this file; `-` keeps none.
    #[arg(long, value_name = "PATH")]
    pub backup: Option<PathBuf>,
    /// Take the lock of the state.
    #[arg(long, default_value = "true", action = ArgAction::Set)]
    pub lock: bool,
    /// Wait this long for the lock: `30s`, `5m`.
    #[arg(long, value_name = "DURATION", default_value = "0s", value_parser = duration)]
    pub lock_timeout: Duration,
}

/// Values for the variables of the root module.
#[derive(Args, Debug, Clone)]
pub struct Variables {
    /// Set a variable of the root module.
    #[arg(long = "var", value_name = "NAME=VALUE")]
    pub values: Vec<String>,
    /// Read variables from a file.
    #[arg(long = "var-file", value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Both in the order they were given in: the last one counts.
    #[arg(skip)]
    pub settings: Vec<Setting>,
    /// Ask for variables that have no value.
    #[arg(long, default_value = "true", action = ArgAction::Set)]
    pub input: bool,
}

/// What to plan.
#[derive(Args, Debug, Clone)]
pub struct Planning {
    /// Limit the plan to this module, resource or instance and what it needs. May be given several times.
    #[arg(long = "target", value_name = "ADDRESS", value_parser = target)]
    pub targets: Vec<Target>,
    /// Leave out this module, resource or instance and what depends on it. May be given several times.
    #[arg(long = "exclude", value_name = "ADDRESS", value_parser = target, conflicts_with = "targets")]
    pub excludes: Vec<Target>,
    /// Replace this object although nothing asks for it. May be given several times.
    #[arg(long, value_name = "ADDRESS", value_parser = instance)]
    pub replace: Vec<InstanceAddr>,
    /// Delete or replace this module, resource or instance although data is lost with it. May be given several times.
    #[arg(long, value_name = "ADDRESS", value_parser = target)]
    pub allow_loss: Vec<Target>,
    /// Look at what exists before planning.
    #[arg(long, default_value = "true", action = ArgAction::Set)]
    pub refresh: bool,
    /// Only bring the state up to date with what exists.
    #[arg(long)]
    pub refresh_only: bool,
    /// Plan to delete everything.
    #[arg(long)]
    pub destroy: bool,
    /// How many objects to work on at the same time.
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = parallelism())]
    pub parallelism: usize,
}

#[derive(Args, Debug)]
pub struct Validate {
    #[command(flatten)]
    pub look: Look,
}

#[derive(Args, Debug)]
pub struct Plan {
    #[command(flatten)]
    pub planning: Planning,
    #[command(flatten)]
    pub variables: Variables,
    #[command(flatten)]
    pub state: StateArguments,
    #[command(flatten)]
    pub look: Look,
    /// Save the plan, to apply exactly it later.
    #[arg(long, value_name = "PATH")]
    pub out: Option<PathBuf>,
    /// Exit 2 when something would change.
    #[arg(long)]
    pub detailed_exitcode: bool,
    /// Write blocks for objects that `import` blocks name without any, into a new file of the root module.
    #[arg(long, value_name = "FILE", conflicts_with = "destroy")]
    pub generate_config_out: Option<PathBuf>,
    /// Count the calls to the service.
    #[arg(long)]
    pub verbose: bool,
}

#[derive(Args, Debug)]
pub struct Apply {
    #[command(flatten)]
    pub planning: Planning,
    #[command(flatten)]
    pub variables: Variables,
    #[command(flatten)]
    pub state: StateArguments,
    #[command(flatten)]
    pub look: Look,
    /// Don't ask before changing anything.
    #[arg(long)]
    pub auto_approve: bool,
    /// Count the calls to the service.
    #[arg(long)]
    pub verbose: bool,
    /// A saved plan to apply.
    #[arg(value_name = "PLAN")]
    pub plan: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub struct Refresh {
    /// Limit it to this module, resource or instance and what it needs. May be given several times.
    #[arg(long = "target", value_name = "ADDRESS", value_parser = target)]
    pub targets: Vec<Target>,
    /// Leave out this module, resource or instance and what depends on it. May be given several times.
    #[arg(long = "exclude", value_name = "ADDRESS", value_parser = target, conflicts_with = "targets")]
    pub excludes: Vec<Target>,
    /// How many objects to work on at the same time.
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = parallelism())]
    pub parallelism: usize,
    #[command(flatten)]
    pub variables: Variables,
    #[command(flatten)]
    pub state: StateArguments,
    #[command(flatten)]
    pub look: Look,
    /// Count the calls to the service.
    #[arg(long)]
    pub verbose: bool,
}

#[derive(Args, Debug)]
pub struct Drift {
    #[command(flatten)]
    pub variables: Variables,
    #[command(flatten)]
    pub state: StateArguments,
    #[command(flatten)]
    pub look: Look,
    /// Count the calls to the service.
    #[arg(long)]
    pub verbose: bool,
}

#[derive(Args, Debug)]
pub struct Show {
    #[command(flatten)]
    pub look: Look,
    /// Keep the state in this file.
    #[arg(long, value_name = "PATH")]
    pub state: Option<PathBuf>,
    /// A saved plan, or a state file.
    #[arg(value_name = "FILE")]
    pub file: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub struct Output {
    #[command(flatten)]
    pub look: Look,
    /// Write the bare text of one output.
    #[arg(long)]
    pub raw: bool,
    /// Keep the state in this file.
    #[arg(long, value_name = "PATH")]
    pub state: Option<PathBuf>,
    /// The output to show.
    #[arg(value_name = "NAME")]
    pub name: Option<String>,
}

#[derive(Args, Debug)]
pub struct Import {
    #[command(flatten)]
    pub variables: Variables,
    #[command(flatten)]
    pub state: StateArguments,
    #[command(flatten)]
    pub look: Look,
    /// Where the object belongs in the configuration.
    #[arg(value_name = "ADDRESS", value_parser = instance)]
    pub address: InstanceAddr,
    /// The identifier that the service knows the object by.
    #[arg(value_name = "ID")]
    pub id: String,
}

#[derive(Args, Debug)]
pub struct Console {
    #[command(flatten)]
    pub variables: Variables,
    /// Read the state from this file.
    #[arg(long, value_name = "PATH")]
    pub state: Option<PathBuf>,
    /// Leave out colours.
    #[arg(long)]
    pub no_color: bool,
}

#[derive(Args, Debug)]
pub struct Test {
    #[command(flatten)]
    pub variables: Variables,
    /// Run only this test file. May be given several times.
    #[arg(long, value_name = "FILE")]
    pub filter: Vec<String>,
    /// Look for test files in this folder, and beside the configuration. `tests` unless it is given.
    #[arg(long, value_name = "DIR")]
    pub test_directory: Option<String>,
    /// Save the results in JUnit's XML.
    #[arg(long, value_name = "FILE")]
    pub junit_xml: Option<PathBuf>,
    /// Show the plan or the state of each run.
    #[arg(long)]
    pub verbose: bool,
    /// Write JSON, for programs.
    #[arg(long)]
    pub json: bool,
    /// Leave out colours.
    #[arg(long)]
    pub no_color: bool,
}

#[derive(Args, Debug)]
pub struct Metadata {
    #[command(subcommand)]
    pub command: MetadataCommand,
}

#[derive(Subcommand, Debug)]
pub enum MetadataCommand {
    /// Write the signatures of all functions.
    #[command(after_help = "Example:\n  infra metadata functions -json")]
    Functions(MetadataFunctions),
}

#[derive(Args, Debug)]
pub struct MetadataFunctions {
    #[command(flatten)]
    pub look: Look,
}

#[derive(Args, Debug)]
pub struct Graph {
    /// Show every block that the operation evaluates, not only resources.
    #[arg(long = "type", value_name = "TYPE")]
    pub kind: Option<GraphKind>,
}

/// The operations that Terraform has graphs of. They all evaluate the same blocks.
#[derive(clap::ValueEnum, Clone, Copy, Debug)]
pub enum GraphKind {
    Plan,
    PlanRefreshOnly,
    PlanDestroy,
    Apply,
}

#[derive(Args, Debug)]
pub struct Init {
    #[command(flatten)]
    pub look: Look,
    /// Nothing that `init` does depends on variables; they are taken for scripts that give them.
    #[command(flatten)]
    pub variables: Variables,
    /// Install the newest versions of modules that their calls accept, and lock those.
    #[arg(long)]
    pub upgrade: bool,
    /// Check where the state is kept.
    #[arg(long, alias = "cloud", default_value = "true", action = ArgAction::Set)]
    pub backend: bool,
    /// Not supported: settings of the backend stand in its block.
    #[arg(long, value_name = "PATH or NAME=VALUE")]
    pub backend_config: Vec<String>,
    /// Copy a module into this folder first, which must have no configuration yet.
    #[arg(long, value_name = "SOURCE")]
    pub from_module: Option<String>,
    /// Install modules.
    #[arg(long, default_value = "true", action = ArgAction::Set)]
    pub get: bool,
    /// `readonly`: fail when the lock file would have to change.
    #[arg(long, value_name = "MODE")]
    pub lockfile: Option<LockFileMode>,
    /// Forget how the backend was configured before. It is read anew each time anyway.
    #[arg(long)]
    pub reconfigure: bool,
    /// Not supported: states are not moved.
    #[arg(long)]
    pub migrate_state: bool,
    /// Not supported: states are not moved.
    #[arg(long)]
    pub force_copy: bool,
    /// Take the lock of a state that is moved. None is.
    #[arg(long, default_value = "true", action = ArgAction::Set)]
    pub lock: bool,
    /// Wait this long for that lock.
    #[arg(long, value_name = "DURATION", default_value = "0s", value_parser = duration)]
    pub lock_timeout: Duration,
    /// Not supported: providers are built in.
    #[arg(long, value_name = "DIR")]
    pub plugin_dir: Vec<PathBuf>,
    /// Not supported: tests are not looked at.
    #[arg(long, value_name = "PATH")]
    pub test_directory: Option<PathBuf>,
}

/// What may be done to the lock file.
#[derive(clap::ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum LockFileMode {
    Readonly,
}

#[derive(Args, Debug)]
pub struct Get {
    /// Install the newest versions that calls accept, and lock those.
    #[arg(long)]
    pub update: bool,
    /// Leave out colours.
    #[arg(long)]
    pub no_color: bool,
}

#[derive(Args, Debug)]
pub struct Modules {
    #[command(flatten)]
    pub look: Look,
}

#[derive(Args, Debug)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Providers {
    /// Leave out colours.
    #[arg(long)]
    pub no_color: bool,
    #[command(subcommand)]
    pub command: Option<ProvidersCommand>,
}

#[derive(Subcommand, Debug)]
pub enum ProvidersCommand {
    /// Show what blocks of the providers in use may contain.
    Schema(ProvidersSchema),
    /// Not needed: providers are part of infra.
    Lock(Unneeded),
    /// Not needed: providers are part of infra.
    Mirror(Unneeded),
}

#[derive(Args, Debug)]
pub struct ProvidersSchema {
    #[command(flatten)]
    pub look: Look,
}

/// Whatever a command that is refused was given.
#[derive(Args, Debug)]
pub struct Unneeded {
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, hide = true)]
    pub arguments: Vec<OsString>,
}

impl Providers {
    pub fn look(&self) -> Look {
        match &self.command {
            Some(ProvidersCommand::Schema(arguments)) => arguments.look,
            Some(ProvidersCommand::Lock(_) | ProvidersCommand::Mirror(_)) | None => {
                Look { no_color: self.no_color, json: false, compact_warnings: false }
            }
        }
    }
}

#[derive(Args, Debug)]
pub struct Fmt {
    /// List the files that change. Never for standard input.
    #[arg(long, default_value = "true", action = ArgAction::Set)]
    pub list: bool,
    /// Write the files. Never with -check and for standard input.
    #[arg(long, default_value = "true", action = ArgAction::Set)]
    pub write: bool,
    /// Show what changes in each file.
    #[arg(long)]
    pub diff: bool,
    /// Change nothing, and exit 3 when something would change.
    #[arg(long)]
    pub check: bool,
    /// Go into the folders in a folder too.
    #[arg(long)]
    pub recursive: bool,
    /// Leave out colours.
    #[arg(long)]
    pub no_color: bool,
    /// Files, and folders with files: .tf, .tfvars, .tftest.hcl and .tfmock.hcl. By default the folder it runs in; `-` is standard input.
    #[arg(value_name = "PATH")]
    pub targets: Vec<PathBuf>,
}

#[derive(Args, Debug)]
pub struct Sandbox {
    #[command(subcommand)]
    pub command: SandboxCommand,
}

#[derive(Subcommand, Debug)]
pub enum SandboxCommand {
    /// Start it, or say where it runs. What is made in it lasts until `down`.
    Up(SandboxUp),
    /// Stop it and forget everything in it.
    Down,
    /// Say whether and where it runs. Exits 0 when it runs, 1 when it doesn't.
    Status,
    /// Write the environment variables that point a client at it, for `eval`.
    Env,
    /// Run a command in it. Starts one for the command alone when none runs.
    Run(SandboxRun),
}

#[derive(Args, Debug)]
pub struct SandboxUp {
    /// How long a deployment of an ECS service takes: `5s`.
    #[arg(long, value_name = "DURATION", default_value = "0s", value_parser = duration)]
    pub rollout: Duration,
}

#[derive(Args, Debug)]
pub struct SandboxRun {
    #[arg(value_name = "COMMAND", required = true, trailing_var_arg = true, allow_hyphen_values = true)]
    pub command: Vec<OsString>,
}

#[derive(Args, Debug)]
pub struct Version {
    #[command(flatten)]
    pub look: Look,
}

impl Arguments {
    /// Reads the command line: the program's name first.
    ///
    /// # Errors
    /// It is wrong, or asks for help; the error prints itself.
    pub fn read(arguments: impl IntoIterator<Item = OsString>) -> Result<Arguments, clap::Error> {
        let matches = Arguments::whole_command().try_get_matches_from(with_two_dashes(arguments))?;
        let mut arguments = Arguments::from_arg_matches(&matches)?;
        if let (Some(variables), Some((_, matches))) = (arguments.command.variables_mut(), matches.subcommand()) {
            variables.settings = settings(matches);
        }
        Ok(arguments)
    }

    /// The command with flags that take a value too, as Terraform's do: `-json`, `-json=true`, `-refresh=false`.
    pub fn whole_command() -> clap::Command {
        with_flag_values(Arguments::command())
    }
}

impl Command {
    fn variables_mut(&mut self) -> Option<&mut Variables> {
        match self {
            Command::Plan(arguments) => Some(&mut arguments.variables),
            Command::Apply(arguments) | Command::Destroy(arguments) => Some(&mut arguments.variables),
            Command::Drift(arguments) => Some(&mut arguments.variables),
            Command::Import(arguments) => Some(&mut arguments.variables),
            Command::Console(arguments) => Some(&mut arguments.variables),
            Command::Init(arguments) => Some(&mut arguments.variables),
            Command::Test(arguments) => Some(&mut arguments.variables),
            Command::Refresh(arguments) => Some(&mut arguments.variables),
            Command::Validate(_) | Command::Show(_) | Command::Output(_) | Command::State(_) => None,
            Command::Taint(_) | Command::Untaint(_) | Command::ForceUnlock(_) | Command::Workspace(_) => None,
            Command::Get(_) | Command::Modules(_) | Command::Providers(_) => None,
            Command::Fmt(_) | Command::Graph(_) | Command::Metadata(_) | Command::Sandbox(_) | Command::Version(_) => {
                None
            }
        }
    }
}

/// The values and files of variables in the order of the command line.
fn settings(matches: &clap::ArgMatches) -> Vec<Setting> {
    let mut settings: Vec<(usize, Setting)> = Vec::new();
    let values = matches.get_many::<String>("values").into_iter().flatten();
    let places = matches.indices_of("values").into_iter().flatten();
    settings.extend(places.zip(values.cloned().map(Setting::Value)));
    let files = matches.get_many::<PathBuf>("files").into_iter().flatten();
    let places = matches.indices_of("files").into_iter().flatten();
    settings
        .extend(places.zip(files.map(|path| Setting::File { shown: path.display().to_string(), path: path.clone() })));
    settings.sort_by_key(|(place, _)| *place);
    settings.into_iter().map(|(_, setting)| setting).collect()
}

fn with_flag_values(command: clap::Command) -> clap::Command {
    let is_flag = |argument: &clap::Arg| {
        matches!(argument.get_action(), ArgAction::SetTrue)
            || argument.get_default_values().first().is_some_and(|value| value == "true")
    };
    command
        .mut_args(|argument| {
            if !is_flag(&argument) {
                return argument;
            }
            let default = if matches!(argument.get_action(), ArgAction::SetTrue) { "false" } else { "true" };
            argument
                .action(ArgAction::Set)
                .num_args(0..=1)
                .require_equals(true)
                .default_missing_value("true")
                .default_value(default)
                .hide_possible_values(true)
                .hide_default_value(default == "false")
                .value_name("BOOL")
                .value_parser(clap::value_parser!(bool))
        })
        .mut_subcommands(with_flag_values)
}

fn parallelism() -> clap::builder::RangedU64ValueParser<usize> {
    clap::builder::RangedU64ValueParser::new().range(1..=1000)
}

fn duration(text: &str) -> Result<Duration, &'static str> {
    provider::adapter::parse_duration(text).ok_or("a duration is written like `30s`, `5m` or `1h30m`")
}

fn target(text: &str) -> Result<Target, model::address::AddressError> {
    text.parse()
}

fn instance(text: &str) -> Result<InstanceAddr, model::address::AddressError> {
    text.parse()
}

/// Arguments with one dash before a long name given the second one; everything after `--` stays as it is.
///
/// A single letter (`-h`), a lone dash and numbers are left alone. `-version` and `-help` alone are the command and the flag.
pub fn with_two_dashes(arguments: impl IntoIterator<Item = OsString>) -> Vec<OsString> {
    let mut is_rest = false;
    let widen = |argument: OsString| {
        is_rest = is_rest || argument == "--";
        let is_long = |text: &str| {
            let name = text.strip_prefix('-')?;
            let mut letters = name.chars();
            (letters.next()?.is_ascii_lowercase() && letters.next()?.is_ascii_lowercase()).then_some(())
        };
        match argument.to_str() {
            Some(text) if !is_rest && is_long(text).is_some() => OsString::from(format!("-{text}")),
            Some(_) | None => argument,
        }
    };
    let mut widened: Vec<OsString> = arguments.into_iter().map(widen).collect();
    let version = [OsStr::new("--version"), OsStr::new("-v"), OsStr::new("-V")];
    if widened.len() == 2 && version.contains(&widened[1].as_os_str()) {
        widened[1] = "version".into();
    }
    widened
}

#[cfg(test)]
mod tests {
    use super::*;

    fn widened(arguments: &[&str]) -> Vec<String> {
        let arguments = arguments.iter().map(OsString::from);
        with_two_dashes(arguments).into_iter().map(|argument| argument.into_string().expect("text")).collect()
    }

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::whole_command().debug_assert();
    }

    #[test]
    fn one_dash_is_as_good_as_two() {
        assert_eq!(
            widened(&["infra", "-chdir=x", "plan", "-out", "p", "--json", "-h", "-"]),
            ["infra", "--chdir=x", "plan", "--out", "p", "--json", "-h", "-"]
        );
        assert_eq!(
            widened(&["infra", "sandbox", "run", "--", "ls", "-la"]),
            ["infra", "sandbox", "run", "--", "ls", "-la"]
        );
        assert_eq!(widened(&["infra", "-version"]), ["infra", "version"]);
    }

    #[test]
    fn flags_take_a_value_as_terraforms_do() {
        let arguments = [
            "infra",
            "plan",
            "-refresh=false",
            "-lock=false",
            "-detailed-exitcode",
            "-parallelism=3",
            "-target=aws_vpc.a[0]",
        ];
        let arguments = Arguments::read(arguments.map(OsString::from)).expect("valid");
        let Command::Plan(plan) = arguments.command else { panic!("a plan") };
        assert!(!plan.planning.refresh && !plan.state.lock && plan.detailed_exitcode && !plan.look.json);
        assert_eq!((plan.planning.parallelism, plan.planning.targets.len()), (3, 1));
    }
}
