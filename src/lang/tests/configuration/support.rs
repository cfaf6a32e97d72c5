//! Stacks in temporary folders, schemas to check them with, and diagnostics as text.

use std::path::Path;
use std::sync::Arc;

use lang::reference::Subject;
use lang::schemas::Schemas;
use lang::scope::{Scope, Surroundings};
use model::address::{Mode, ProviderAddr};
use model::diagnostic::{Diagnostic, Diagnostics, Severity};
use model::schema::{Attribute, Block, Presence, Schema};
use model::source::{SourceMap, SourceRange};
use model::ty::Type;
use model::value::Value;

/// Files of a stack, written one after another: what follows a line `--- NAME` is the file of that name, and what comes
/// before the first such line is `main.tf`.
pub fn write_files(dir: &Path, text: &str) {
    let mut name = "main.tf".to_string();
    let mut content = String::new();
    for line in text.lines() {
        if let Some(next) = line.strip_prefix("--- ") {
            write_file(dir, &name, &content);
            name = next.trim().to_string();
            content.clear();
        } else {
            content.push_str(line);
            content.push('\n');
        }
    }
    write_file(dir, &name, &content);
}

fn write_file(dir: &Path, name: &str, content: &str) {
    let path = dir.join(name);
    std::fs::create_dir_all(path.parent().expect("it is inside the folder")).expect("the temporary folder is writable");
    std::fs::write(path, content).expect("the temporary folder is writable");
}

/// Diagnostics as text: severity, place, summary, detail, hint.
pub fn render(diagnostics: &Diagnostics, sources: &SourceMap) -> String {
    let mut text = String::new();
    for found in diagnostics.iter() {
        let severity = match found.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        let place = found.subject.map_or(String::new(), |range| {
            let (start, end) = (sources.start(range), sources.end(range));
            let name = &sources.file(range.file).name;
            format!(" {name}:{},{}-{},{}", start.line, start.column, end.line, end.column)
        });
        text.push_str(&format!("{severity}{place}: {}\n  {}\n", found.summary, found.detail));
        if let Some(hint) = &found.hint {
            text.push_str(&format!("  hint: {hint}\n"));
        }
    }
    text
}

/// A scope in which everything is there and nothing is known.
pub struct AllUnknown;

impl Scope for AllUnknown {
    fn value(&self, _: &Subject, _: SourceRange) -> Result<Value, Diagnostic> {
        Ok(Value::unknown(Type::Dynamic))
    }

    fn surroundings(&self) -> Surroundings<'_> {
        Surroundings { base_dir: Path::new("."), home: None, plan_time: None, impure: None }
    }
}

/// The schemas of the provider that is part of Terraform.
pub struct Builtin;

impl Schemas for Builtin {
    fn provider(&self, provider: &ProviderAddr) -> Option<Arc<Block>> {
        (*provider == ProviderAddr::builtin()).then(Arc::default)
    }

    fn resource(&self, provider: &ProviderAddr, mode: Mode, type_name: &str) -> Option<Arc<Schema>> {
        if *provider != ProviderAddr::builtin() {
            return None;
        }
        let attributes = match (mode, type_name) {
            (Mode::Managed, "terraform_data") => vec![
                ("id", Attribute::new(Type::String, Presence::Computed)),
                ("input", Attribute::new(Type::Dynamic, Presence::Optional)),
                ("output", Attribute::new(Type::Dynamic, Presence::Computed)),
                ("triggers_replace", Attribute::new(Type::Dynamic, Presence::Optional)),
            ],
            (Mode::Data, "terraform_remote_state") => vec![
                ("backend", Attribute::new(Type::String, Presence::Required)),
                ("config", Attribute::new(Type::Dynamic, Presence::Optional)),
                ("defaults", Attribute::new(Type::Dynamic, Presence::Optional)),
                ("outputs", Attribute::new(Type::Dynamic, Presence::Computed)),
                ("workspace", Attribute::new(Type::String, Presence::Optional)),
            ],
            _ => return None,
        };
        let attributes = attributes.into_iter().map(|(name, attribute)| (name.into(), attribute)).collect();
        Some(Arc::new(Schema { version: 0, block: Block { attributes, ..Block::default() } }))
    }

    fn type_names(&self, provider: &ProviderAddr, mode: Mode) -> Vec<Arc<str>> {
        match mode {
            Mode::Managed if *provider == ProviderAddr::builtin() => vec!["terraform_data".into()],
            Mode::Data if *provider == ProviderAddr::builtin() => vec!["terraform_remote_state".into()],
            Mode::Managed | Mode::Data | Mode::Ephemeral => Vec::new(),
        }
    }
}
