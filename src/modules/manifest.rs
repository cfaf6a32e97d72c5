//! `modules.json`: which modules are installed where, in the form that Terraform gives the file.
//!
//! Programs that look for it in Terraform's folder find here the same under our own, with a few more fields.

use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::checksum::Checksum;

/// The file's name.
pub const FILE_NAME: &str = "modules.json";

/// All modules of a stack.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Manifest {
    #[serde(rename = "Modules")]
    pub modules: Vec<Entry>,
}

/// One call and where its module is.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Entry {
    /// The names of the calls that lead to it, with dots between them; empty for the root module.
    pub key: Arc<str>,
    /// The source in its normal form.
    pub source: Arc<str>,
    /// The version, for a module of a registry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<Arc<str>>,
    /// What `path.module` is there.
    pub dir: Arc<str>,
    /// The folder with the package, relative to the root module's or absolute. Terraform writes none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub package: Option<Arc<str>>,
    /// The checksum of that folder; none for a folder of this machine that is used in place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checksum: Option<Arc<str>>,
    /// The commit, for a git repository.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<Arc<str>>,
    /// The folder of the package that the registry names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub folder: Option<Arc<str>>,
}

impl Manifest {
    /// Reads the manifest in a folder. `None` without one, or with one that can't be read: then all is installed anew.
    pub fn read(folder: &Path) -> Option<Manifest> {
        serde_json::from_slice(&fs::read(folder.join(FILE_NAME)).ok()?).ok()
    }

    /// Writes the manifest into a folder; the old one stays until the new one is whole.
    ///
    /// # Errors
    /// It can't be written.
    pub fn write(&self, folder: &Path) -> io::Result<()> {
        let text = serde_json::to_string(self).map_err(io::Error::other)?;
        crate::store::write_whole(&folder.join(FILE_NAME), text.as_bytes())
    }

    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.modules.iter().find(|entry| *entry.key == *key)
    }
}

impl Entry {
    /// The checksum that the entry has.
    pub fn checksum(&self) -> Option<Checksum> {
        self.checksum.as_ref()?.parse().ok()
    }
}
