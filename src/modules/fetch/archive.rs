//! Unpacking archives from anybody: what would land outside of the folder, or never end, is refused.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufReader, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, symlink};
use std::path::{Component, Path, PathBuf};

use bzip2::read::MultiBzDecoder;
use flate2::read::MultiGzDecoder;
use lzma_rust2::XzReader;

use crate::links;

/// The kinds of archives that modules come in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Format {
    TarGzip,
    TarBzip2,
    TarXz,
    Zip,
}

/// How much an archive may hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    pub bytes_max: u64,
    pub entries_max: u64,
}

/// Larger than any module, smaller than any disk.
pub const LIMITS: Limits = Limits { bytes_max: 1 << 30, entries_max: 100_000 };

/// Why an archive was not unpacked.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    #[error("the archive is damaged: {0}")]
    Damaged(String),
    #[error("the archive has an entry `{0}`, which would be outside of its folder")]
    Outside(String),
    #[error("the archive has a link `{0}` that leads outside of its folder")]
    LinkOutside(String),
    #[error("the archive has an entry `{0}` that is neither a file, a folder nor a link")]
    Special(String),
    #[error("the archive has two entries in the place of `{0}`")]
    Conflict(String),
    #[error("the archive holds more than {} MiB", .0 >> 20)]
    TooLarge(u64),
    #[error("the archive holds more than {0} files")]
    TooMany(u64),
    #[error("failed to write what the archive holds: {0}")]
    Io(#[from] io::Error),
}

impl Format {
    /// The format that the end of a name or the parameter `archive` says, as Terraform knows them.
    pub fn of_extension(name: &str) -> Option<Format> {
        let known = [
            ("tar.gz", Format::TarGzip),
            ("tgz", Format::TarGzip),
            ("tar.bz2", Format::TarBzip2),
            ("tar.tbz2", Format::TarBzip2),
            ("tar.xz", Format::TarXz),
            ("txz", Format::TarXz),
            ("zip", Format::Zip),
        ];
        let ends = |extension: &str| name == extension || name.ends_with(&format!(".{extension}"));
        known.into_iter().find(|(extension, _)| ends(extension)).map(|(_, format)| format)
    }
}

/// Unpacks an archive into an empty folder.
///
/// # Errors
/// It is damaged, too large, or holds something that is refused; then the folder may hold a part of it.
pub fn unpack(format: Format, archive: File, into: &Path, limits: Limits) -> Result<(), ArchiveError> {
    let mut unpacking = Unpacking { into, limits, bytes: 0, entries: 0, links: BTreeMap::new() };
    let reader = BufReader::with_capacity(256 * 1024, archive);
    match format {
        Format::TarGzip => untar(MultiGzDecoder::new(reader), &mut unpacking)?,
        Format::TarBzip2 => untar(MultiBzDecoder::new(reader), &mut unpacking)?,
        Format::TarXz => untar(XzReader::new(reader, true), &mut unpacking)?,
        Format::Zip => unzip(reader, &mut unpacking)?,
    }
    unpacking.make_links()
}

struct Unpacking<'a> {
    into: &'a Path,
    limits: Limits,
    bytes: u64,
    entries: u64,
    /// Made last, so that nothing is written through one: path and target.
    links: BTreeMap<PathBuf, PathBuf>,
}

fn damaged(error: impl std::fmt::Display) -> ArchiveError {
    ArchiveError::Damaged(error.to_string())
}

fn untar(reader: impl Read, unpacking: &mut Unpacking<'_>) -> Result<(), ArchiveError> {
    use tar::EntryType;

    let mut archive = tar::Archive::new(reader);
    for entry in archive.entries().map_err(damaged)? {
        let mut entry = entry.map_err(damaged)?;
        let path = entry.path().map_err(damaged)?.into_owned();
        let shown = path.display().to_string();
        unpacking.count_entry()?;
        match entry.header().entry_type() {
            EntryType::Directory => unpacking.folder(&path)?,
            EntryType::Regular | EntryType::Continuous | EntryType::GNUSparse => {
                let mode = entry.header().mode().unwrap_or(0o644);
                unpacking.file(&path, mode, &mut entry)?;
            }
            EntryType::Symlink => {
                let target = entry.link_name().map_err(damaged)?.ok_or_else(|| damaged("a link has no target"))?;
                unpacking.link(&path, &target)?;
            }
            EntryType::Link => {
                let target = entry.link_name().map_err(damaged)?.ok_or_else(|| damaged("a link has no target"))?;
                unpacking.copy(&path, &target)?;
            }
            // Says something of the archive as a whole.
            EntryType::XGlobalHeader => {}
            EntryType::XHeader | EntryType::GNULongName | EntryType::GNULongLink => {
                return Err(damaged("a header has no entry"));
            }
            EntryType::Char | EntryType::Block | EntryType::Fifo => return Err(ArchiveError::Special(shown)),
            _ => return Err(ArchiveError::Special(shown)),
        }
    }
    Ok(())
}

fn unzip(reader: BufReader<File>, unpacking: &mut Unpacking<'_>) -> Result<(), ArchiveError> {
    let mut archive = zip::ZipArchive::new(reader).map_err(damaged)?;
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).map_err(damaged)?;
        unpacking.count_entry()?;
        let path = PathBuf::from(entry.name().map_err(damaged)?.into_owned());
        if entry.is_dir() {
            unpacking.folder(&path)?;
        } else if entry.is_symlink() {
            let mut target = String::new();
            // No path is longer.
            (&mut entry).take(4096).read_to_string(&mut target).map_err(damaged)?;
            unpacking.link(&path, Path::new(&target))?;
        } else {
            let mode = entry.unix_mode().unwrap_or(0o644);
            unpacking.file(&path, mode, &mut entry)?;
        }
    }
    Ok(())
}

impl Unpacking<'_> {
    fn count_entry(&mut self) -> Result<(), ArchiveError> {
        self.entries += 1;
        if self.entries > self.limits.entries_max {
            Err(ArchiveError::TooMany(self.limits.entries_max))
        } else {
            Ok(())
        }
    }

    /// The path of an entry without needless parts; `None` for the folder itself.
    fn inside(path: &Path) -> Result<Option<PathBuf>, ArchiveError> {
        let mut inside = PathBuf::new();
        for component in path.components() {
            match component {
                Component::Normal(name) => inside.push(name),
                Component::CurDir => {}
                Component::ParentDir | Component::RootDir | Component::Prefix(_) => {
                    return Err(ArchiveError::Outside(path.display().to_string()));
                }
            }
        }
        Ok((!inside.as_os_str().is_empty()).then_some(inside))
    }

    fn folder(&mut self, path: &Path) -> Result<(), ArchiveError> {
        match Unpacking::inside(path)? {
            Some(inside) => self.make_folder(&inside),
            None => Ok(()),
        }
    }

    fn make_folder(&self, inside: &Path) -> Result<(), ArchiveError> {
        if inside.ancestors().any(|above| self.links.contains_key(above)) {
            return Err(ArchiveError::Conflict(inside.display().to_string()));
        }
        fs::create_dir_all(self.into.join(inside)).map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists | io::ErrorKind::NotADirectory => {
                ArchiveError::Conflict(inside.display().to_string())
            }
            _ => ArchiveError::Io(error),
        })
    }

    /// The place of a file or link, with the folder it is in, and without what an earlier entry put there.
    fn place(&mut self, path: &Path) -> Result<PathBuf, ArchiveError> {
        let inside = Unpacking::inside(path)?.ok_or_else(|| ArchiveError::Outside(path.display().to_string()))?;
        if let Some(folder) = inside.parent() {
            self.make_folder(folder)?;
        }
        self.links.remove(&inside);
        match fs::remove_file(self.into.join(&inside)) {
            Ok(()) => Ok(inside),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(inside),
            Err(_) => Err(ArchiveError::Conflict(inside.display().to_string())),
        }
    }

    fn file(&mut self, path: &Path, mode: u32, contents: &mut impl Read) -> Result<(), ArchiveError> {
        let inside = self.place(path)?;
        let mode = if mode & 0o111 == 0 { 0o644 } else { 0o755 };
        let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(self.into.join(&inside))?;
        let left = self.limits.bytes_max - self.bytes;
        let mut written = 0;
        let mut buffer = vec![0; 64 * 1024];
        loop {
            let read = contents.read(&mut buffer).map_err(damaged)?;
            if read == 0 {
                break;
            }
            written += read as u64;
            if written > left {
                return Err(ArchiveError::TooLarge(self.limits.bytes_max));
            }
            file.write_all(&buffer[..read])?;
        }
        self.bytes += written;
        Ok(())
    }

    fn link(&mut self, path: &Path, target: &Path) -> Result<(), ArchiveError> {
        let inside = self.place(path)?;
        self.links.insert(inside, target.to_path_buf());
        Ok(())
    }

    /// A hard link is made a file of its own.
    fn copy(&mut self, path: &Path, target: &Path) -> Result<(), ArchiveError> {
        let source = Unpacking::inside(target)?.ok_or_else(|| ArchiveError::Outside(target.display().to_string()))?;
        if let Some(target) = self.links.get(&source).cloned() {
            return self.link(path, &target);
        }
        let mut source = File::open(self.into.join(source)).map_err(damaged)?;
        let mode = std::os::unix::fs::MetadataExt::mode(&source.metadata()?);
        self.file(path, mode, &mut source)
    }

    fn make_links(self) -> Result<(), ArchiveError> {
        for (path, target) in &self.links {
            symlink(target, self.into.join(path))?;
        }
        for path in self.links.keys() {
            if !links::stays_inside(self.into, path)? {
                return Err(ArchiveError::LinkOutside(path.display().to_string()));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
