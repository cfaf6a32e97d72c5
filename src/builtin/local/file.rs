//! `local_file`: a file with a content.
//!
//! A file that somebody removed or changed is not this object any more: a read says that it is gone, and it is made anew.

use model::value::Value;
use provider::error::ProviderError;
use provider::resource::Refusal;
use serde::{Deserialize, Serialize};

use crate::local::content::{Checksums, Origin, Target, read, remove, validate};
use crate::resource::Resource;
use crate::world::World;

#[derive(Serialize, Deserialize, Default)]
#[serde(default)]
pub struct LocalFile {
    #[serde(flatten)]
    checksums: Checksums,
    content: Option<String>,
    content_base64: Option<String>,
    directory_permission: String,
    file_permission: String,
    filename: String,
    sensitive_content: Option<String>,
    source: Option<String>,
}

impl LocalFile {
    fn content(&self, operation: &str) -> Result<Vec<u8>, ProviderError> {
        let text = self.sensitive_content.as_deref().or(self.content.as_deref());
        let origin = match (text, &self.content_base64, &self.source) {
            (Some(text), _, _) => Origin::Text(text),
            (None, Some(base64), _) => Origin::Base64(base64),
            (None, None, Some(source)) => Origin::Source(source),
            (None, None, None) => Origin::Text(""),
        };
        origin.load(operation)
    }
}

impl Resource for LocalFile {
    const TYPE: &'static str = "local_file";

    const IS_OBSERVED: bool = true;

    fn create(self, _: &dyn World) -> Result<LocalFile, ProviderError> {
        let operation = "create local_file";
        let content = self.content(operation)?;
        let target = Target {
            filename: &self.filename,
            file_permission: &self.file_permission,
            directory_permission: &self.directory_permission,
        };
        target.write(operation, &content)?;
        Ok(LocalFile { checksums: Checksums::of(&content), ..self })
    }

    fn read(self, _: &dyn World) -> Result<Option<LocalFile>, ProviderError> {
        let content = read("read local_file", &self.filename)?;
        Ok(content.is_some_and(|content| self.checksums.are_of(&content)).then_some(self))
    }

    fn delete(self, _: &dyn World) -> Result<(), ProviderError> {
        remove("delete local_file", &self.filename)
    }

    /// The file was made if it holds what was to be written; else it is written again.
    fn find(self, _: &dyn World) -> Result<Option<LocalFile>, ProviderError> {
        let operation = "look for local_file";
        let Some(present) = read(operation, &self.filename)? else { return Ok(None) };
        let content = self.content(operation)?;
        Ok((present == content).then(|| LocalFile { checksums: Checksums::of(&content), ..self }))
    }

    fn validate(config: &Value) -> Vec<Refusal> {
        validate(config, &["content", "sensitive_content", "content_base64", "source"])
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use serde_json::{Value as Json, json};

    use crate::testing::{Lab, text};

    const TYPE: &str = "local_file";

    fn folder() -> tempfile::TempDir {
        tempfile::tempdir().expect("a temporary folder")
    }

    fn config(folder: &tempfile::TempDir, content: &str) -> Json {
        json!({"filename": folder.path().join("a/b/file"), "content": content})
    }

    fn path(config: &Json) -> &str {
        config["filename"].as_str().expect("text")
    }

    #[test]
    fn a_file_is_made_with_its_folders_and_checksums() {
        let (lab, folder) = (Lab::of("local"), folder());
        let config = config(&folder, "abc");
        let object = lab.create(TYPE, config.clone());
        assert_eq!(std::fs::read_to_string(path(&config)).expect("it is there"), "abc");
        assert_eq!(text(&object, "id"), "a9993e364706816aba3e25717850c26c9cd0d89d");
        assert_eq!(text(&object, "content_md5"), "900150983cd24fb0d6963f7d28e17f72");
        assert_eq!(text(&object, "content_base64sha256"), "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=");
        assert_eq!(lab.read(TYPE, &object), Some(object.clone()));
        assert!(lab.is_no_change(TYPE, &object, config.clone()));
        lab.delete(TYPE, &object);
        assert!(!std::fs::exists(path(&config)).expect("it can be looked for"));
        lab.delete(TYPE, &object);
    }

    #[test]
    fn a_changed_or_removed_file_is_gone() {
        let (lab, folder) = (Lab::of("local"), folder());
        let config = config(&folder, "abc");
        let object = lab.create(TYPE, config.clone());
        std::fs::write(path(&config), "other").expect("writable");
        assert_eq!(lab.read(TYPE, &object), None);
        std::fs::remove_file(path(&config)).expect("it is there");
        assert_eq!(lab.read(TYPE, &object), None);
    }

    #[test]
    fn the_content_comes_from_text_base64_or_another_file() {
        let (lab, folder) = (Lab::of("local"), folder());
        let source = folder.path().join("source");
        std::fs::write(&source, [0xff, 0x00]).expect("writable");
        let filename = folder.path().join("file");
        for (argument, value, content) in [
            ("content", json!("é"), "é".as_bytes()),
            ("sensitive_content", json!("s"), b"s"),
            ("content_base64", json!("/wA="), &[0xff, 0x00]),
            ("source", json!(source), &[0xff, 0x00]),
        ] {
            lab.create(TYPE, json!({"filename": filename, argument: value}));
            assert_eq!(std::fs::read(&filename).expect("it is there"), content, "{argument}");
        }
        let error = lab.try_create(TYPE, json!({"filename": filename, "content_base64": "?"})).expect_err("no base64");
        assert_eq!(error.to_string(), "failed to create local_file: `content_base64` is no base64");
        lab.try_create(TYPE, json!({"filename": filename, "source": folder.path().join("no")})).expect_err("no file");
    }

    #[test]
    fn permissions_are_those_asked_for() {
        let (lab, folder) = (Lab::of("local"), folder());
        let filename = folder.path().join("sub/file");
        let object = lab.create(
            TYPE,
            json!({"filename": filename, "content": "", "file_permission": "0600", "directory_permission": "700"}),
        );
        let mode = |path: &std::path::Path| std::fs::metadata(path).expect("it is there").permissions().mode() & 0o777;
        assert_eq!(mode(&filename), 0o600);
        assert_eq!(mode(filename.parent().expect("it has a folder")), 0o700);
        assert_eq!(
            lab.replaces(TYPE, &object, json!({"filename": filename, "content": ""})),
            ["directory_permission", "file_permission"]
        );
    }

    #[test]
    fn exactly_one_content_and_octal_permissions_are_required() {
        let lab = Lab::of("local");
        let file = |more: Json| {
            let mut config = json!({"filename": "f"});
            config.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
            lab.validate(TYPE, config)
        };
        assert_eq!(file(json!({})), ["content: Invalid Attribute Combination"]);
        assert_eq!(file(json!({"content": "a", "source": "b"})), ["content: Invalid Attribute Combination"]);
        assert!(file(json!({"content": "a", "source": "(unknown)"})).is_empty());
        assert!(file(json!({"content": "", "file_permission": "644"})).is_empty());
        for wrong in ["99", "0888", "07777", "rwx", "1777", "+77"] {
            let found = file(json!({"content": "", "file_permission": wrong}));
            assert_eq!(found, ["file_permission: Invalid File Permission String Value"], "{wrong}");
        }
    }

    #[test]
    fn an_interrupted_create_is_found_by_its_content() {
        let (lab, folder) = (Lab::of("local"), folder());
        let config = config(&folder, "abc");
        assert_eq!(lab.find(TYPE, config.clone()).expect("looked for"), None);
        let object = lab.create(TYPE, config.clone());
        assert_eq!(lab.find(TYPE, config.clone()).expect("looked for"), Some(object));
        std::fs::write(path(&config), "ab").expect("writable");
        assert_eq!(lab.find(TYPE, config).expect("looked for"), None);
    }
}
