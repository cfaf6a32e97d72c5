//! The file that `-generate-config-out` asks for.

use std::io::Write;
use std::path::Path;

use engine::event::Events;
use engine::generate::generate;
use engine::pool::Pool;
use model::diagnostic::Diagnostic;
use state::State;

use crate::cli::report::{Failure, Reporter};
use crate::cli::session::Session;

/// Where to write blocks.
pub struct Target<'a> {
    path: &'a Path,
}

impl<'a> Target<'a> {
    /// A new file of the configuration: what is written is planned in the same run.
    ///
    /// # Errors
    /// There is such a file, or it would not be a part of the root module.
    pub fn new(path: &'a Path) -> Result<Target<'a>, Failure> {
        let refuse = |detail: String, hint: &str| {
            Err(Failure::from(Diagnostic::error("Can't write generated configuration there", detail).hint(hint)))
        };
        let shown = path.display();
        if path.symlink_metadata().is_ok() {
            return refuse(
                format!("{shown} exists, and generated configuration is only written into a new file."),
                "Name another file, or move what is in this one and remove it.",
            );
        }
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let is_within = match (parent.canonicalize(), Path::new(".").canonicalize()) {
            (Ok(parent), Ok(root)) => parent == root,
            (Err(_), _) | (_, Err(_)) => false,
        };
        let name = path.file_name().map(|name| name.to_string_lossy());
        if !is_within || !name.is_some_and(|name| name.ends_with(".tf") && !name.starts_with('.')) {
            return refuse(
                format!("{shown} would be no part of the configuration."),
                "Name a file in the folder of the root module that ends in `.tf`, such as generated.tf.",
            );
        }
        Ok(Target { path })
    }

    /// Writes blocks for objects that are to be imported and have none. Says whether there were any.
    ///
    /// # Errors
    /// An object can't be read, or the file can't be written.
    pub async fn write(
        &self,
        session: &Session,
        pool: &Pool<'_>,
        events: &dyn Events,
        state: &State,
        parallelism: usize,
        reporter: &Reporter,
    ) -> Result<bool, Failure> {
        let (generated, diagnostics) = generate(session.stack(pool, events), state, parallelism).await;
        if diagnostics.has_errors() {
            return Err(session.failure(diagnostics));
        }
        reporter.diagnostics(&diagnostics, &session.config.sources);
        let Some(generated) = generated else { return Ok(false) };
        std::fs::File::create_new(self.path).and_then(|mut file| file.write_all(generated.text.as_bytes())).map_err(
            |error| {
                let detail = format!("{} can't be written: {error}.", self.path.display());
                Failure::from(Diagnostic::error("Failed to write generated configuration", detail))
            },
        )?;
        if !reporter.json {
            reporter.terminal.note(&ui::message::generated(generated.blocks, self.path));
        }
        Ok(true)
    }
}
