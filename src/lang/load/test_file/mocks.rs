//! `mock_provider` blocks with the files they take values from, and `override_*` blocks.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use model::address::{Mode, Target};
use model::diagnostic::Diagnostic;
use model::source::SourceRange;
use model::value::{Kind as ValueKind, Value};

use super::{Reader, listed, read};
use crate::arguments::{Content, Grammar, Kind};
use crate::body::{Attribute, Block};
use crate::config::ProviderKey;
use crate::constant::constant_value;
use crate::load::statics::{name, text_argument};
use crate::test_file::{During, Mock, MockedType, Override, OverrideKind};

const MOCK_PROVIDER: Grammar = Grammar::new(
    &[],
    &["alias", "source", "override_during"],
    &[
        Kind::new("mock_resource", &["type"]),
        Kind::new("mock_data", &["type"]),
        Kind::new("override_resource", &[]),
        Kind::new("override_data", &[]),
    ],
);

/// A `*.tfmock.hcl` file.
const MOCK_FILE: Grammar = Grammar::new(
    &[],
    &[],
    &[
        Kind::new("mock_resource", &["type"]),
        Kind::new("mock_data", &["type"]),
        Kind::new("override_resource", &[]),
        Kind::new("override_data", &[]),
    ],
);

const MOCKED_TYPE: Grammar = Grammar::new(&[], &["defaults", "override_during"], &[]);

const OVERRIDE: Grammar = Grammar::new(&[], &["target", "values", "override_during"], &[]);

const OVERRIDE_MODULE: Grammar = Grammar::new(&[], &["target", "outputs", "override_during"], &[]);

/// What a mock provider is told by its block and by files.
#[derive(Default)]
struct Told {
    types: BTreeMap<(Mode, Arc<str>), MockedType>,
    overrides: Vec<Override>,
}

impl Reader<'_> {
    pub(super) fn mock_provider(&mut self, block: &Block) -> Mock {
        let local_name = name(&block.labels[0], "provider", self.diagnostics);
        let content = MOCK_PROVIDER.read(&block.body, self.diagnostics);
        let alias = text_argument(&content, "alias", self.diagnostics);
        let during = self.during(&content);
        let mut told = Told::default();
        self.told(&content, during, &mut told);
        if let Some(attribute) = content.attribute("source")
            && let Some(source) = text_argument(&content, "source", self.diagnostics)
        {
            let beside = self.mock_files(&source, attribute, during);
            for (key, mocked) in beside.types {
                // What the block says itself counts before what files say.
                told.types.entry(key).or_insert(mocked);
            }
            for over in beside.overrides {
                if !told.overrides.iter().any(|own| own.target == over.target) {
                    told.overrides.push(over);
                }
            }
        }
        Mock {
            key: ProviderKey { local_name, alias },
            range: block.labels[0].range,
            types: told.types,
            overrides: told.overrides,
            declared: block.header,
        }
    }

    /// Reads `mock_*` and `override_*` blocks.
    fn told(&mut self, content: &Content, during: Option<During>, told: &mut Told) {
        for block in &content.blocks {
            match &*block.kind {
                "mock_resource" => self.mocked_type(block, Mode::Managed, during, told),
                "mock_data" => self.mocked_type(block, Mode::Data, during, told),
                "override_resource" => self.add_override(block, OverrideKind::Resource, during, &mut told.overrides),
                "override_data" => self.add_override(block, OverrideKind::Data, during, &mut told.overrides),
                other => unreachable!("the grammar has no block `{other}`"),
            }
        }
    }

    fn mocked_type(&mut self, block: &Block, mode: Mode, during: Option<During>, told: &mut Told) {
        let type_name = block.labels[0].text.clone();
        let content = MOCKED_TYPE.read(&block.body, self.diagnostics);
        let mocked = MockedType {
            defaults: self.object(content.attribute("defaults"), &block.kind, "defaults"),
            during: self.during(&content).or(during).unwrap_or_default(),
            declared: block.header,
        };
        match told.types.get(&(mode, type_name.clone())) {
            Some(first) => {
                let detail =
                    format!("{type_name} has such a block at {} already.", self.sources.describe(first.declared));
                self.diagnostics
                    .push(Diagnostic::error(format!("Duplicate {} block", block.kind), detail).at(block.header));
            }
            None => drop(told.types.insert((mode, type_name), mocked)),
        }
    }

    /// Reads the `*.tfmock.hcl` and `*.tfmock.json` files of a folder.
    fn mock_files(&mut self, source: &str, attribute: &Attribute, during: Option<During>) -> Told {
        let mut told = Told::default();
        let folder = self.root.join(source);
        if !folder.is_dir() {
            let detail = format!("The folder {source} of the mock provider's files is not there.");
            self.diagnostics.push(Diagnostic::error("Failed to read mock data", detail).at(attribute.expr.range()));
            return told;
        }
        let shown = Path::new(source).strip_prefix(".").unwrap_or(Path::new(source)).display().to_string();
        for (file, path) in listed(&folder, &[".tfmock.hcl", ".tfmock.json"], "mock directory", self.diagnostics) {
            let Some(body) = read(&format!("{shown}/{file}"), &path, self.sources, self.diagnostics) else { continue };
            let content = MOCK_FILE.read(&body, self.diagnostics);
            self.told(&content, during, &mut told);
        }
        told
    }

    pub(super) fn add_override(
        &mut self,
        block: &Block,
        kind: OverrideKind,
        during: Option<During>,
        overrides: &mut Vec<Override>,
    ) {
        let (grammar, values) = match kind {
            OverrideKind::Resource | OverrideKind::Data => (&OVERRIDE, "values"),
            OverrideKind::Module => (&OVERRIDE_MODULE, "outputs"),
        };
        let content = grammar.read(&block.body, self.diagnostics);
        let during = self.during(&content).or(during).unwrap_or_default();
        let values = self.object(content.attribute(values), kind.name(), values);
        let Some(attribute) = content.attribute("target") else {
            let detail = format!("`{}` must say what it overrides: the argument `target` is missing.", kind.name());
            self.diagnostics.push(Diagnostic::error("Missing target attribute", detail).at(block.header));
            return;
        };
        let Some((target, target_range)) = self.target(attribute.expr.file, &attribute.expr.node) else { return };
        if !fits(kind, &target) {
            self.diagnostics.push(misplaced(kind, &target, target_range));
            return;
        }
        if let Some(first) = overrides.iter().find(|first| first.target == target) {
            let detail = format!("{target} is overridden at {} already.", self.sources.describe(first.declared));
            self.diagnostics
                .push(Diagnostic::error(format!("Duplicate {} block", kind.name()), detail).at(block.header));
            return;
        }
        overrides.push(Override { kind, target, target_range, values, during, declared: block.header });
    }

    /// An argument that is a constant object; an empty one where it is absent or wrong.
    fn object(&mut self, attribute: Option<&Attribute>, owner: &str, name: &str) -> Value {
        let Some(attribute) = attribute else { return Value::empty_object() };
        let before = self.diagnostics.0.len();
        let value = constant_value(&attribute.expr, self.diagnostics);
        match value {
            Some(value) if matches!(value.reveal(), ValueKind::Object(_) | ValueKind::Map(..)) => value,
            Some(_) => {
                self.diagnostics.push(
                    Diagnostic::error(
                        format!("Invalid {name} attribute"),
                        format!("The argument `{name}` of `{owner}` must be an object."),
                    )
                    .at(attribute.range),
                );
                Value::empty_object()
            }
            None => {
                debug_assert!(self.diagnostics.0.len() > before, "what has no value has a message");
                Value::empty_object()
            }
        }
    }

    fn during(&mut self, content: &Content) -> Option<During> {
        let word = self.keyword(content.attribute("override_during")?, &["plan", "apply"])?;
        Some(if word == "plan" { During::Plan } else { During::Apply })
    }
}

fn fits(kind: OverrideKind, target: &Target) -> bool {
    let mode = match target {
        Target::Module(_) => None,
        Target::Resource(_, resource) => Some(resource.mode),
        Target::Instance(instance) => Some(instance.resource.mode),
    };
    match kind {
        OverrideKind::Resource => mode == Some(Mode::Managed),
        OverrideKind::Data => mode == Some(Mode::Data),
        OverrideKind::Module => mode.is_none(),
    }
}

fn misplaced(kind: OverrideKind, target: &Target, at: SourceRange) -> Diagnostic {
    let what = match kind {
        OverrideKind::Resource => "resources",
        OverrideKind::Data => "data sources",
        OverrideKind::Module => "modules",
    };
    let detail = format!("`{}` is for {what} alone, and {target} is none of them.", kind.name());
    Diagnostic::error("Invalid override target", detail).at(at)
}
