//! `infra init`: installs modules, and checks that the state has a place and that there are all providers.

use std::path::Path;

use engine::pool::Pool;
use lang::config::Config;
use model::diagnostic::{Diagnostic, Diagnostics};
use modules::copy::copy_module;
use modules::load::{LockFile, Policy};

use crate::cli::arguments::{self, LockFileMode};
use crate::cli::modules::{self as installing, Options, ROOT, Telling, with_surroundings};
use crate::cli::providers::Native;
use crate::cli::report::{Failure, Outcome, Reporter};
use crate::cli::requirements::of_module;
use crate::cli::session::Session;

/// Makes a folder ready.
pub fn run(arguments: &arguments::Init, reporter: &Reporter) -> Result<Outcome, Failure> {
    check(arguments)?;
    if let Some(source) = &arguments.from_module {
        step(reporter, &format!("Copying configuration from \"{source}\"..."), "copying_configuration_message")?;
        with_surroundings(Telling::Data, reporter, |surroundings| copy_module(source, Path::new(ROOT), surroundings))?;
    }
    let policy = match (arguments.get, arguments.upgrade) {
        (false, _) => Policy::Never,
        (true, false) => Policy::Tidy,
        (true, true) => Policy::Upgrade,
    };
    if policy == Policy::Upgrade {
        step(reporter, "Upgrading modules...", "upgrading_modules_message")?;
    } else if policy == Policy::Tidy {
        step(reporter, "Initializing modules...", "initializing_modules_message")?;
    }
    let lock_file = match arguments.lockfile {
        Some(LockFileMode::Readonly) => LockFile::ReadOnly,
        None => LockFile::Update,
    };
    let loaded = installing::load(
        Options { policy, lock_file, telling: Telling::Data, allow_empty: true, for_tests: true },
        reporter,
    );
    let (config, mut diagnostics) = (loaded.config, loaded.diagnostics);
    if !diagnostics.has_errors() {
        diagnostics.extend(missing_providers(&config));
    }
    if diagnostics.has_errors() {
        return Err(Failure { diagnostics, sources: config.sources });
    }
    reporter.diagnostics(&diagnostics, &config.sources);
    let is_empty = config.sources.files().next().is_none();
    let session = Session::of(config)?;
    let place = if arguments.backend { Some(session.place(None)?.name()) } else { None };
    if is_empty {
        return done(reporter, &ui::modules::initialized_empty(), "output_init_empty_message");
    }
    done(reporter, &ui::modules::initialized(place.as_deref()), "output_init_success_message")
}

fn step(reporter: &Reporter, message: &str, code: &str) -> Result<(), Failure> {
    match &reporter.stream {
        Some(stream) => stream.init_output(message, code),
        None => reporter.terminal.data(&format!("{message}\n"))?,
    }
    Ok(())
}

fn done(reporter: &Reporter, text: &str, code: &str) -> Result<Outcome, Failure> {
    match &reporter.stream {
        Some(stream) => {
            let first = text.trim().lines().next().unwrap_or_default();
            stream.init_output(&ui::style::plain(first), code);
        }
        None => reporter.terminal.data(text)?,
    }
    Ok(Outcome::Done)
}

/// Refuses options whose effect there can't be.
fn check(arguments: &arguments::Init) -> Result<(), Failure> {
    let refuse = |detail: &str, hint: &str| Err(Diagnostic::error("Invalid init options", detail).hint(hint).into());
    if arguments.migrate_state && arguments.reconfigure {
        return refuse(
            "The -migrate-state and -reconfigure options are mutually-exclusive.",
            "Neither is needed: where the state is kept is read from the configuration each time.",
        );
    }
    if arguments.migrate_state || arguments.force_copy {
        return refuse(
            "States are not moved from one backend to another by `init`.",
            "Copy the file to where the state is to be kept. `infra init` says where that is.",
        );
    }
    if !arguments.backend_config.is_empty() {
        return refuse(
            "Settings of the backend are taken from its block alone, not from -backend-config.",
            "Write them into the `backend` block.",
        );
    }
    if !arguments.plugin_dir.is_empty() {
        return refuse("Providers are part of infra and are loaded from no folder.", "Leave out -plugin-dir.");
    }
    if arguments.test_directory.is_some() {
        return refuse("Tests of a configuration are not looked at by `init`.", "Leave out -test-directory.");
    }
    Ok(())
}

/// The providers that the configuration requires and this build does not have, where they are required.
fn missing_providers(config: &Config) -> Diagnostics {
    let pool = Pool::new(&Native);
    let mut diagnostics = Diagnostics::new();
    for module in config.modules.values() {
        for required in of_module(module) {
            if let Err(error) = pool.schemas(&required.addr) {
                diagnostics.push(error.at(required.place));
            }
        }
    }
    diagnostics
}
