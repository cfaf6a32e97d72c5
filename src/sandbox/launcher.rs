//! The Python launcher and its corrections, embedded, and written out where Python can run them.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

/// Pairs each path with the text of that file below `launcher/`.
macro_rules! embed {
    ($($path:literal),* $(,)?) => { &[$(($path, include_str!(concat!("launcher/", $path)))),*] };
}

/// Every Python file under `launcher/`: path relative to it, and text.
const FILES: &[(&str, &str)] = embed![
    "launcher.py",
    "corrections/__init__.py",
    "corrections/accounts.py",
    "corrections/cloudwatch.py",
    "corrections/ec2_gateways.py",
    "corrections/ec2_rules.py",
    "corrections/ecs_checks.py",
    "corrections/ecs_deployment.py",
    "corrections/ecs_network.py",
    "corrections/ecs_rollout.py",
    "corrections/ecs_service.py",
    "corrections/ecs_service_task.py",
    "corrections/elasticache.py",
    "corrections/elbv2.py",
    "corrections/in_use.py",
    "corrections/logs.py",
    "corrections/not_implemented.py",
    "corrections/rds_instance.py",
    "corrections/rds_others.py",
    "corrections/route53.py",
    "corrections/s3.py",
    "corrections/scaling.py",
    "corrections/sqs.py",
    "speed.py",
];

/// The packages to install, in pip's format, with exact versions.
pub const REQUIREMENTS: &str = include_str!("launcher/requirements.txt");

/// The version of moto that [`REQUIREMENTS`] pins.
pub fn moto_version() -> &'static str {
    REQUIREMENTS.lines().find_map(|line| line.strip_prefix("moto==")).expect("the requirements pin moto")
}

/// Twelve hexadecimal digits that stand for some text.
pub fn short_hash<'a>(parts: impl IntoIterator<Item = &'a str>) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    hash.finalize().iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}

/// Writes the launcher into a folder of its own below `parent`, unless it is there, and returns the path of `launcher.py`.
///
/// The folder's name contains a hash of all files, so binaries of different builds don't disturb each other. The caller
/// holds the lock of `parent`.
pub fn write(parent: &Path) -> io::Result<PathBuf> {
    let hash = short_hash(FILES.iter().flat_map(|(path, text)| [*path, *text]));
    let folder = parent.join(format!("launcher-{hash}"));
    let entry = folder.join("launcher.py");
    if entry.exists() {
        return Ok(entry);
    }
    let aside = parent.join(format!("launcher-{hash}.building"));
    if aside.exists() {
        fs::remove_dir_all(&aside)?;
    }
    for (path, text) in FILES {
        let path = aside.join(path);
        fs::create_dir_all(path.parent().expect("a launcher file lies in the launcher's folder"))?;
        fs::write(path, text)?;
    }
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::rename(&aside, &folder)?;
    Ok(entry)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn python_files(folder: &Path, prefix: &str, found: &mut BTreeSet<String>) {
        for entry in fs::read_dir(folder).expect("the launcher's folder is readable") {
            let entry = entry.expect("the launcher's folder is readable");
            let name = entry.file_name().into_string().expect("file names are UTF-8");
            if entry.path().is_dir() {
                python_files(&entry.path(), &format!("{prefix}{name}/"), found);
            } else if name.ends_with(".py") {
                found.insert(format!("{prefix}{name}"));
            }
        }
    }

    #[test]
    fn every_python_file_of_the_launcher_is_embedded() {
        let mut found = BTreeSet::new();
        python_files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("launcher"), "", &mut found);
        let embedded: BTreeSet<String> = FILES.iter().map(|(path, _)| (*path).to_string()).collect();
        assert_eq!(embedded, found);
    }

    #[test]
    fn every_requirement_has_an_exact_version() {
        for line in REQUIREMENTS.lines().filter(|line| !line.starts_with('#')) {
            let package = line.split(';').next().expect("split yields at least one part");
            assert!(package.contains("=="), "{line}");
        }
        assert_eq!(moto_version(), "5.2.5");
    }

    #[test]
    fn the_launcher_is_written_once_and_repaired_when_incomplete() {
        let parent = tempfile::tempdir().expect("a temporary folder can be made");
        let entry = write(parent.path()).expect("the launcher can be written");
        fs::remove_file(&entry).expect("the file is there");
        assert_eq!(write(parent.path()).expect("the launcher can be written again"), entry);
        assert_eq!(fs::read_to_string(&entry).expect("the file is back"), FILES[0].1);
        assert_eq!(fs::read_dir(parent.path()).expect("the folder is readable").count(), 1);
    }
}
