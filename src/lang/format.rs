//! The canonical layout of files, with errors that can be shown.

use model::diagnostic::Diagnostics;
use model::source::SourceMap;

use crate::load::files;

/// Formats a file in native syntax, a configuration or values of variables, as `terraform fmt` does.
///
/// `name` is what messages call it. Only a file with errors is remembered in `sources`.
///
/// # Errors
/// The syntax errors of the file.
pub fn format(name: &str, bytes: &[u8], sources: &mut SourceMap) -> Result<Vec<u8>, Diagnostics> {
    hcl::format::format_bytes(bytes).map_err(|errors| {
        let file = sources.add(name, files::text_of(bytes));
        let mut diagnostics = Diagnostics::new();
        files::report(file, errors, &mut diagnostics);
        diagnostics
    })
}
