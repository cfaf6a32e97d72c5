//! `local_file` and `local_sensitive_file` as data sources: what a file holds.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use provider::error::ProviderError;
use serde::{Deserialize, Serialize};

use crate::data_source::DataSource;
use crate::local::content::{Checksums, failed};
use crate::world::World;

/// What both data sources hold.
#[derive(Serialize, Deserialize, Default)]
#[serde(default)]
struct Held {
    #[serde(flatten)]
    checksums: Checksums,
    /// Bytes that are no UTF-8 are replaced by U+FFFD.
    content: String,
    content_base64: String,
    filename: String,
}

impl Held {
    fn read(self, type_name: &str) -> Result<Held, ProviderError> {
        let content = std::fs::read(&self.filename)
            .map_err(|error| failed(&format!("read {type_name}"), &self.filename, &error))?;
        Ok(Held {
            checksums: Checksums::of(&content),
            content: String::from_utf8_lossy(&content).into_owned(),
            content_base64: STANDARD.encode(&content),
            ..self
        })
    }
}

#[derive(Serialize, Deserialize, Default)]
#[serde(transparent)]
pub struct LocalFileData(Held);

impl DataSource for LocalFileData {
    const TYPE: &'static str = "local_file";

    fn read(self, _: &dyn World) -> Result<LocalFileData, ProviderError> {
        self.0.read(Self::TYPE).map(LocalFileData)
    }
}

#[derive(Serialize, Deserialize, Default)]
#[serde(transparent)]
pub struct LocalSensitiveFileData(Held);

impl DataSource for LocalSensitiveFileData {
    const TYPE: &'static str = "local_sensitive_file";

    fn read(self, _: &dyn World) -> Result<LocalSensitiveFileData, ProviderError> {
        self.0.read(Self::TYPE).map(LocalSensitiveFileData)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{Lab, text};

    #[test]
    fn a_file_is_read_as_text_and_as_base64() {
        let lab = Lab::of("local");
        let file = tempfile::NamedTempFile::new().expect("a temporary file");
        std::fs::write(file.path(), b"a\xff").expect("writable");
        for type_name in ["local_file", "local_sensitive_file"] {
            let answer = lab.read_data(type_name, json!({"filename": file.path()})).expect("it is there");
            assert_eq!(
                (text(&answer, "content"), text(&answer, "content_base64")),
                ("a\u{fffd}".into(), "Yf8=".into())
            );
            assert_eq!(text(&answer, "id"), text(&answer, "content_sha1"));
        }
    }

    #[test]
    fn a_missing_file_is_an_error() {
        let error = Lab::of("local").read_data("local_file", json!({"filename": "/no/such"})).expect_err("not there");
        assert!(error.to_string().starts_with("failed to read local_file: `/no/such`: "), "{error}");
    }
}
