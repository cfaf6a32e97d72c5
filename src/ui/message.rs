//! Short answers of commands that show nothing else.

use std::path::Path;

use model::address::InstanceAddr;

use crate::escape::inert_line;
use crate::style::{self, paint};

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
