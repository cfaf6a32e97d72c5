//! Gives a file new content at once: whoever reads it meanwhile, or after a crash, sees the old or the new one.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, chown};
use std::path::Path;

/// Replaces the content of a file that exists. A symbolic link stays, and what it points to changes.
///
/// The file keeps its permissions, owner and group. Where it has several names, or its folder takes no new file, it is written in
/// place instead: a rename would part the names, or can't be done.
///
/// # Errors
/// The file can't be written: by its permissions, or because the disk is full. It has its old content then, if it was not to be
/// written in place.
pub fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    let path = path.canonicalize()?;
    let original = OpenOptions::new().write(true).open(&path)?;
    let metadata = original.metadata()?;
    let folder = path.parent().unwrap_or(Path::new("/"));
    let prefix = format!(".{}.", path.file_name().unwrap_or_default().to_string_lossy());
    let beside = (metadata.nlink() == 1).then(|| tempfile::Builder::new().prefix(&prefix).tempfile_in(folder));
    let Some(Ok(mut new)) = beside else { return write_in_place(original, content) };
    let owner = new.as_file().metadata()?;
    if (owner.uid(), owner.gid()) != (metadata.uid(), metadata.gid())
        && chown(new.path(), Some(metadata.uid()), Some(metadata.gid())).is_err()
    {
        return write_in_place(original, content);
    }
    new.as_file().set_permissions(metadata.permissions())?;
    new.write_all(content)?;
    new.as_file().sync_all()?;
    new.persist(&path)?;
    Ok(())
}

fn write_in_place(mut file: File, content: &[u8]) -> io::Result<()> {
    file.set_len(0)?;
    file.write_all(content)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    #[test]
    fn permissions_links_and_other_names_stay() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = |name: &str| folder.path().join(name);
        std::fs::write(path("a"), "old").expect("writable");
        std::fs::set_permissions(path("a"), std::fs::Permissions::from_mode(0o640)).expect("its own file");
        symlink("a", path("link")).expect("a link");
        replace(&path("link"), b"new").expect("writable");
        assert_eq!(std::fs::read(path("a")).expect("readable"), b"new");
        assert_eq!(std::fs::metadata(path("a")).expect("there").permissions().mode() & 0o777, 0o640);
        assert!(path("link").is_symlink());
        std::fs::hard_link(path("a"), path("b")).expect("a second name");
        replace(&path("a"), b"no").expect("writable");
        assert_eq!(std::fs::read(path("b")).expect("readable"), b"no");
        assert_eq!(std::fs::read_dir(folder.path()).expect("there").count(), 3);
    }

    #[test]
    fn missing_file_is_an_error() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        assert!(replace(&folder.path().join("a"), b"new").is_err());
    }
}
