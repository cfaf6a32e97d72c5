//! `local_sensitive_file`: a file whose content is a secret.

use model::value::Value;
use provider::error::ProviderError;
use provider::resource::Refusal;
use serde::{Deserialize, Serialize};

use crate::local::content::{Checksums, Origin, Target, read, remove, validate};
use crate::resource::Resource;
use crate::world::World;

#[derive(Serialize, Deserialize, Default)]
#[serde(default)]
pub struct LocalSensitiveFile {
    #[serde(flatten)]
    checksums: Checksums,
    content: Option<String>,
    content_base64: Option<String>,
    directory_permission: String,
    file_permission: String,
    filename: String,
    source: Option<String>,
}

impl LocalSensitiveFile {
    fn content(&self, operation: &str) -> Result<Vec<u8>, ProviderError> {
        let origin = match (&self.content, &self.content_base64, &self.source) {
            (Some(text), _, _) => Origin::Text(text),
            (None, Some(base64), _) => Origin::Base64(base64),
            (None, None, Some(source)) => Origin::Source(source),
            (None, None, None) => Origin::Text(""),
        };
        origin.load(operation)
    }
}

impl Resource for LocalSensitiveFile {
    const TYPE: &'static str = "local_sensitive_file";

    const IS_OBSERVED: bool = true;

    fn create(self, _: &dyn World) -> Result<LocalSensitiveFile, ProviderError> {
        let operation = "create local_sensitive_file";
        let content = self.content(operation)?;
        let target = Target {
            filename: &self.filename,
            file_permission: &self.file_permission,
            directory_permission: &self.directory_permission,
        };
        target.write(operation, &content)?;
        Ok(LocalSensitiveFile { checksums: Checksums::of(&content), ..self })
    }

    fn read(self, _: &dyn World) -> Result<Option<LocalSensitiveFile>, ProviderError> {
        let content = read("read local_sensitive_file", &self.filename)?;
        Ok(content.is_some_and(|content| self.checksums.are_of(&content)).then_some(self))
    }

    fn delete(self, _: &dyn World) -> Result<(), ProviderError> {
        remove("delete local_sensitive_file", &self.filename)
    }

    /// The file was made if it holds what was to be written; else it is written again.
    fn find(self, _: &dyn World) -> Result<Option<LocalSensitiveFile>, ProviderError> {
        let operation = "look for local_sensitive_file";
        let Some(present) = read(operation, &self.filename)? else { return Ok(None) };
        let content = self.content(operation)?;
        Ok((present == content).then(|| LocalSensitiveFile { checksums: Checksums::of(&content), ..self }))
    }

    fn validate(config: &Value) -> Vec<Refusal> {
        validate(config, &["content", "content_base64", "source"])
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use serde_json::json;

    use crate::testing::Lab;

    const TYPE: &str = "local_sensitive_file";

    #[test]
    fn only_the_owner_may_read_the_file() {
        let lab = Lab::of("local");
        let folder = tempfile::tempdir().expect("a temporary folder");
        let filename = folder.path().join("file");
        let config = json!({"filename": filename, "content": "secret"});
        let object = lab.create(TYPE, config.clone());
        let mode = std::fs::metadata(&filename).expect("it is there").permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
        assert_eq!(lab.read(TYPE, &object), Some(object.clone()));
        assert_eq!(lab.find(TYPE, config).expect("looked for"), Some(object.clone()));
        lab.delete(TYPE, &object);
        assert_eq!(lab.read(TYPE, &object), None);
    }

    #[test]
    fn messages_do_not_show_the_content() {
        let lab = Lab::of("local");
        let error = lab.try_create(TYPE, json!({"filename": "/", "content": "canary"})).expect_err("that is a folder");
        assert!(!error.to_string().contains("canary"), "{error}");
    }
}
