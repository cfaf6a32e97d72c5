//! The configuration files of the project, and of other folders where the environment names them.

use std::path::{Path, PathBuf};

use hcl::lexer::tokenize;

use crate::random::Random;

/// All files in native syntax under the root of the project and under the folders that `INFRA_HCL_FILES` lists as a PATH does.
pub fn files() -> Vec<(PathBuf, String)> {
    let mut files = Vec::new();
    collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../.."), &mut files);
    let more = std::env::var_os("INFRA_HCL_FILES").unwrap_or_default();
    for folder in std::env::split_paths(&more).filter(|folder| !folder.as_os_str().is_empty()) {
        collect(&folder, &mut files);
    }
    files.sort();
    assert!(files.len() > 10, "the project has stacks and examples, but only {} files are there", files.len());
    files
}

fn collect(folder: &Path, files: &mut Vec<(PathBuf, String)>) {
    for entry in std::fs::read_dir(folder).expect("the folder is there").flatten() {
        let path = entry.path();
        let name = entry.file_name();
        let Some(name) = name.to_str() else { continue };
        let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
        if is_folder && !name.starts_with('.') && name != "target" {
            collect(&path, files);
        } else if [".tf", ".tfvars", ".tftest.hcl"].iter().any(|extension| name.ends_with(extension))
            && let Ok(text) = std::fs::read_to_string(&path)
        {
            files.push((path, text));
        }
    }
}

/// A text with a token left out, put in, doubled or replaced, or cut off anywhere.
pub fn broken(text: &str, random: &mut Random) -> String {
    let tokens = tokenize(text);
    let slice = |index: usize| &text[tokens[index].span.range()];
    let count = tokens.len() - 1;
    if count == 0 {
        return "}".to_owned();
    }
    let at = random.below(count);
    let place = tokens[at].span.range();
    let (before, after) = (&text[..place.start], &text[place.end..]);
    let other = slice(random.below(count));
    match random.below(8) {
        0 | 1 => format!("{before}{after}"),
        2 => format!("{before}{0}{0}{after}", slice(at)),
        3 | 4 => format!("{before}{other}{}{after}", slice(at)),
        5 => format!("{before}{other}{after}"),
        6 => before.to_owned(),
        _ => {
            let mut cut = random.below(text.len());
            while !text.is_char_boundary(cut) {
                cut -= 1;
            }
            text[..cut].to_owned()
        }
    }
}
