//! Symbolic links in a package: none may lead out of it.

use std::collections::VecDeque;
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

/// More links than this in a row go in circles.
const LINKS_MAX: usize = 40;

/// The links below a folder that lead out of it, through whatever other links; relative to the folder.
///
/// # Errors
/// The folder can't be read.
pub(crate) fn leading_outside(root: &Path) -> io::Result<Vec<PathBuf>> {
    let mut outside = Vec::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(below) = folders.pop() {
        for found in fs::read_dir(root.join(&below))? {
            let found = found?;
            let path = below.join(found.file_name());
            let kind = found.file_type()?;
            if kind.is_dir() {
                folders.push(path);
            } else if kind.is_symlink() && !stays_inside(root, &path)? {
                outside.push(path);
            }
        }
    }
    outside.sort();
    Ok(outside)
}

/// Whether a path relative to the root stays below it when all links on the way are followed. It need not exist.
pub(crate) fn stays_inside(root: &Path, path: &Path) -> io::Result<bool> {
    let mut pending: VecDeque<PathBuf> = components(path);
    let mut at = PathBuf::new();
    let mut links = 0;
    while let Some(next) = pending.pop_front() {
        match next.components().next() {
            Some(Component::Normal(name)) => at.push(name),
            Some(Component::ParentDir) => {
                if !at.pop() {
                    return Ok(false);
                }
                continue;
            }
            Some(Component::CurDir) | None => continue,
            Some(Component::RootDir | Component::Prefix(_)) => return Ok(false),
        }
        let is_link = match fs::symlink_metadata(root.join(&at)) {
            Ok(data) => data.file_type().is_symlink(),
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => false,
            Err(error) => return Err(error),
        };
        if is_link {
            links += 1;
            if links > LINKS_MAX {
                return Ok(false);
            }
            let target = fs::read_link(root.join(&at))?;
            at.pop();
            let mut steps = components(&target);
            steps.append(&mut pending);
            pending = steps;
        }
    }
    Ok(true)
}

fn components(path: &Path) -> VecDeque<PathBuf> {
    path.components().map(|component| PathBuf::from(component.as_os_str())).collect()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn links_are_followed_through_other_links() {
        let dir = tempfile::tempdir().expect("temporary folders can be made");
        let root = dir.path();
        fs::create_dir_all(root.join("sub/deep")).expect("writable");
        for (name, target) in [
            ("inside", "sub/deep"),
            ("sub/up", ".."),
            ("missing", "sub/nothing"),
            ("absolute", "/etc/passwd"),
            ("parent", "../x"),
            ("through", "sub/up/../x"),
            ("loop", "loop"),
            ("deep", "inside/../../sub"),
        ] {
            symlink(target, root.join(name)).expect("writable");
        }
        let outside = leading_outside(root).expect("readable");
        let names: Vec<&str> = outside.iter().filter_map(|path| path.to_str()).collect();
        assert_eq!(names, ["absolute", "loop", "parent", "through"]);
    }
}
