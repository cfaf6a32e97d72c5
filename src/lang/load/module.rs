//! From the files of a folder to the blocks of a module, each name once.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::address::Mode;
use model::diagnostic::{Diagnostic, Diagnostics};
use model::source::{SourceMap, SourceRange};

use super::call::call;
use super::check::check;
use super::files::Files;
use super::overrides;
use super::provider::provider;
use super::refactor::{import, moved, removed};
use super::resource::resource;
use super::settings::terraform;
use super::values::{local, output, variable};
use crate::arguments::{Grammar, Kind};
use crate::body::{Block, Body};
use crate::config::{Module, Resource};
use crate::version::Version;

const ROOT: Grammar = Grammar::new(
    &[],
    &[],
    &[
        Kind::new("terraform", &[]),
        Kind::new("required_providers", &[]),
        Kind::new("provider", &["name"]),
        Kind::new("variable", &["name"]),
        Kind::new("locals", &[]),
        Kind::new("output", &["name"]),
        Kind::new("module", &["name"]),
        Kind::new("resource", &["type", "name"]),
        Kind::new("data", &["type", "name"]),
        Kind::new("ephemeral", &["type", "name"]),
        Kind::new("moved", &[]),
        Kind::new("removed", &[]),
        Kind::new("import", &[]),
        Kind::new("check", &["name"]),
    ],
);

/// Reads the blocks of a module; only its place among the others is left to the caller.
pub(super) fn module(files: Files, language: &Version, sources: &SourceMap, diagnostics: &mut Diagnostics) -> Module {
    let mut top_level = |bodies: Vec<Body>| -> Vec<Block> {
        bodies.iter().flat_map(|body| ROOT.read(body, diagnostics).blocks).collect()
    };
    let mut blocks = top_level(files.primary);
    let overriding = top_level(files.overrides);
    overrides::apply(&mut blocks, overriding, diagnostics);
    let mut builder = Builder { module: Module::default(), language, sources, diagnostics };
    for block in &blocks {
        builder.add(block);
    }
    builder.module
}

struct Builder<'a> {
    module: Module,
    language: &'a Version,
    sources: &'a SourceMap,
    diagnostics: &'a mut Diagnostics,
}

impl Builder<'_> {
    fn add(&mut self, block: &Block) {
        match &*block.kind {
            "terraform" => terraform(block, &mut self.module, self.language, self.sources, self.diagnostics),
            "required_providers" => self.diagnostics.push(
                Diagnostic::error(
                    "Invalid required_providers block",
                    "A `required_providers` block stands inside of a `terraform` block.",
                )
                .at(block.header)
                .hint("Write: terraform { required_providers { .. } }"),
            ),
            "provider" => self.provider(block),
            "variable" => {
                let variable = variable(block, self.diagnostics);
                let name = variable.name.clone();
                let duplicate =
                    insert(&mut self.module.variables, name.clone(), variable, |variable| variable.declared);
                self.refuse(duplicate, "Duplicate variable declaration", &format!("variable `{name}`"), block.header);
            }
            "locals" => self.locals(block),
            "output" => {
                let output = output(block, self.diagnostics);
                let name = output.name.clone();
                let duplicate = insert(&mut self.module.outputs, name.clone(), output, |output| output.declared);
                self.refuse(duplicate, "Duplicate output definition", &format!("output `{name}`"), block.header);
            }
            "module" => {
                let call = call(block, self.diagnostics);
                let name = call.name.clone();
                let duplicate = insert(&mut self.module.calls, name.clone(), call, |call| call.declared);
                self.refuse(duplicate, "Duplicate module call", &format!("module call `{name}`"), block.header);
            }
            "resource" => self.resource(block, Mode::Managed),
            "data" => self.resource(block, Mode::Data),
            "ephemeral" => self.resource(block, Mode::Ephemeral),
            "moved" => self.module.moved.extend(moved(block, self.diagnostics)),
            "removed" => self.module.removed.extend(removed(block, self.diagnostics)),
            "import" => self.module.imports.extend(import(block, self.diagnostics)),
            "check" => self.check(block),
            other => unreachable!("the grammar has no block `{other}`"),
        }
    }

    fn provider(&mut self, block: &Block) {
        let provider = provider(block, self.diagnostics);
        let key = provider.key.clone();
        let what = format!("configuration of the provider `{key}`");
        let duplicate = insert(&mut self.module.providers, key, provider, |provider| provider.declared);
        let hint = duplicate.map(|_| "Give further configurations an `alias`, each its own.".to_string());
        self.refuse_with(duplicate, "Duplicate provider configuration", &what, block.header, hint);
    }

    fn locals(&mut self, block: &Block) {
        for nested in block.body.blocks() {
            self.diagnostics.push(
                Diagnostic::error(
                    format!("Unexpected \"{}\" block", nested.kind),
                    "Local values are arguments, not blocks.",
                )
                .at(nested.kind_range)
                .hint(format!("Write an equals sign: {} = {{ .. }}", nested.kind)),
            );
        }
        for attribute in block.body.attributes() {
            let local = local(attribute, self.diagnostics);
            let name = local.name.clone();
            let duplicate = insert(&mut self.module.locals, name.clone(), local, |local| local.declared);
            self.refuse(
                duplicate,
                "Duplicate local value definition",
                &format!("local value `{name}`"),
                attribute.range,
            );
        }
    }

    fn resource(&mut self, block: &Block, mode: Mode) {
        let resource = resource(block, mode, self.diagnostics);
        self.add_resource(resource);
    }

    fn add_resource(&mut self, resource: Resource) {
        let (addr, declared) = (resource.addr.clone(), resource.declared);
        let kind = match addr.mode {
            Mode::Managed => "resource",
            Mode::Data => "data",
            Mode::Ephemeral => "ephemeral",
        };
        let duplicate = insert(&mut self.module.resources, addr.clone(), resource, |resource| resource.declared);
        let summary = format!("Duplicate {kind} \"{}\" configuration", addr.type_name);
        self.refuse(duplicate, &summary, &format!("block `{addr}`"), declared);
    }

    fn check(&mut self, block: &Block) {
        let (check, data) = check(block, self.sources, self.diagnostics);
        let name = check.name.clone();
        let duplicate = insert(&mut self.module.checks, name.clone(), check, |check| check.declared);
        let summary = format!("Duplicate check \"{name}\" configuration");
        self.refuse(duplicate, &summary, &format!("check `{name}`"), block.header);
        if let Some(data) = data {
            self.add_resource(data);
        }
    }

    fn refuse(&mut self, first: Option<SourceRange>, summary: &str, what: &str, at: SourceRange) {
        self.refuse_with(first, summary, what, at, None);
    }

    fn refuse_with(
        &mut self,
        first: Option<SourceRange>,
        summary: &str,
        what: &str,
        at: SourceRange,
        hint: Option<String>,
    ) {
        let Some(first) = first else { return };
        let detail =
            format!("There is a {what} at {} already. A module has each name once.", self.sources.describe(first));
        let mut error = Diagnostic::error(summary, detail).at(at);
        error.hint = hint;
        self.diagnostics.push(error);
    }
}

/// Inserts an item unless its name is taken; then gives the place of the first.
fn insert<K: Ord, T>(
    items: &mut BTreeMap<K, T>,
    key: K,
    item: T,
    declared: fn(&T) -> SourceRange,
) -> Option<SourceRange> {
    match items.entry(key) {
        std::collections::btree_map::Entry::Occupied(first) => Some(declared(first.get())),
        std::collections::btree_map::Entry::Vacant(free) => {
            free.insert(item);
            None
        }
    }
}

/// A name that nothing has yet, for messages about the root module and others alike.
pub(crate) fn module_name(addr: &model::address::ModuleAddr) -> Arc<str> {
    if addr.is_root() { "the root module".into() } else { addr.to_string().into() }
}
