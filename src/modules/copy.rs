//! A module as the beginning of a new stack.

use std::fs;
use std::io;
use std::path::Path;

use model::diagnostic::Diagnostic;

use crate::failure;
use crate::fetch::{FetchError, Place, subfolder};
use crate::install::{Surroundings, fetcher};
use crate::registry::{Registries, select};
use crate::source::Source;
use crate::source::package::Package;
use crate::store::Store;

/// Copies the files of a module into a folder without configuration. Names that begin with a dot are left.
///
/// `source` is one as calls have it; a relative folder is one beside `into`.
///
/// # Errors
/// The folder has configuration files, or the module can't be had.
pub fn copy_module(source: &str, into: &Path, surroundings: Surroundings<'_>) -> Result<(), Diagnostic> {
    let failed = |error: &dyn std::error::Error| {
        Diagnostic::error("Failed to copy module", format!("The files of {source} can't be copied: {error}."))
    };
    if has_configuration(into).map_err(|error| failed(&error))? {
        return Err(Diagnostic::error(
            "The working directory already contains files",
            "A module is copied into a folder that has no configuration files yet.",
        )
        .hint("Leave out -from-module to work on what is there."));
    }
    let parsed = Source::parse(source, false).map_err(|error| failure::source(source, false, &error))?;
    let (package, subdir) = match parsed {
        Source::Local(path) => return copy(&into.join(&*path), into).map_err(|error| failed(&error)),
        Source::Remote { package, subdir } => (package, subdir.to_string()),
        Source::Registry { addr, subdir } => {
            let fetcher = fetcher(surroundings);
            let registries = Registries::new(&fetcher.http, surroundings.environment);
            let registry = |error| failure::registry(&addr, &error);
            let available = registries.versions(&addr).map_err(registry)?;
            let version = select(&available, &[], None).ok_or_else(|| failure::no_version(&addr, &available))?;
            let location = registries.location(&addr, &version).map_err(registry)?;
            let (package, folder) = Package::parse(&location).map_err(|error| failure::location(&addr, &error))?;
            (package, Path::new(&*folder).join(&*subdir).to_string_lossy().into_owned())
        }
    };
    let fetch_failed = |error: FetchError| failure::fetch("to copy", &package.to_string(), &error);
    let store = Store::hold(into, || {}).map_err(|error| failed(&error))?;
    let new = store.new_folder();
    let fetched = fetcher(surroundings).fetch(&package, None, &new).map_err(fetch_failed)?;
    let whole = match &fetched.place {
        Place::Copied => &new,
        Place::Linked(folder) => folder,
    };
    let from = match subdir.as_str() {
        "" => whole.clone(),
        subdir => whole.join(subfolder(whole, subdir).map_err(fetch_failed)?),
    };
    copy(&from, into).map_err(|error| failed(&error))?;
    store.prune(&[], &[]).map_err(|error| failed(&error))
}

fn has_configuration(folder: &Path) -> io::Result<bool> {
    for found in fs::read_dir(folder)? {
        let name = found?.file_name();
        let name = name.to_string_lossy();
        if !name.starts_with('.') && (name.ends_with(".tf") || name.ends_with(".tf.json")) {
            return Ok(true);
        }
    }
    Ok(false)
}

fn copy(from: &Path, into: &Path) -> io::Result<()> {
    for found in fs::read_dir(from)? {
        let found = found?;
        if found.file_name().to_string_lossy().starts_with('.') {
            continue;
        }
        let (source, target) = (found.path(), into.join(found.file_name()));
        if source.is_dir() {
            fs::create_dir_all(&target)?;
            copy(&source, &target)?;
        } else {
            fs::copy(&source, &target)?;
        }
    }
    Ok(())
}
