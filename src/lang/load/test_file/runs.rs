//! `run` blocks.

use model::address::{InstanceAddr, Target};
use model::diagnostic::{Diagnostic, Diagnostics};
use model::source::SourceRange;

use super::Reader;
use crate::arguments::{Content, Grammar, Kind};
use crate::body::Block;
use crate::expression::range;
use crate::load::call::passed_providers;
use crate::load::provider::invalid_constraint;
use crate::load::statics::{bool_argument, checked_name, plain_traversal, static_list, text_argument};
use crate::load::values::condition;
use crate::reference::{Reference, parse_in_test};
use crate::test_file::{Command, OverrideKind, PlanOptions, Run, RunModule};
use crate::version::Constraint;

const RUN: Grammar = Grammar::new(
    &[],
    &["command", "expect_failures", "providers", "state_key"],
    &[
        Kind::new("plan_options", &[]),
        Kind::new("assert", &[]),
        Kind::new("variables", &[]),
        Kind::new("module", &[]),
        Kind::new("override_resource", &[]),
        Kind::new("override_data", &[]),
        Kind::new("override_module", &[]),
    ],
);

const PLAN_OPTIONS: Grammar = Grammar::new(&[], &["mode", "refresh", "replace", "target"], &[]);

const MODULE: Grammar = Grammar::new(&[], &["source", "version"], &[]);

impl Reader<'_> {
    pub(super) fn run(&mut self, block: &Block) -> Run {
        let name = checked_name(&block.labels[0], "Invalid run block name", self.diagnostics);
        let content = RUN.read(&block.body, self.diagnostics);
        let command = content.attribute("command").and_then(|attribute| self.keyword(attribute, &["apply", "plan"]));
        let mut run = Run {
            name,
            command: if command.as_deref() == Some("plan") { Command::Plan } else { Command::Apply },
            options: PlanOptions::default(),
            variables: Vec::new(),
            module: None,
            providers: passed_providers(&content, self.diagnostics),
            asserts: content.blocks_of("assert").map(|block| condition(block, self.diagnostics)).collect(),
            expect_failures: self.expectations(&content),
            overrides: Vec::new(),
            state_key: text_argument(&content, "state_key", self.diagnostics),
            declared: block.header,
        };
        for (kind, name) in [("variables", "run"), ("plan_options", "run"), ("module", "run")] {
            if let [first, second, ..] = content.blocks_of(kind).collect::<Vec<_>>().as_slice() {
                let detail =
                    format!("The {name} has a `{kind}` block at {} already.", self.sources.describe(first.header));
                self.diagnostics
                    .push(Diagnostic::error(format!("Multiple \"{kind}\" blocks"), detail).at(second.header));
            }
        }
        if let Some(block) = content.blocks_of("variables").next() {
            run.variables = self.variables(block);
        }
        if let Some(block) = content.blocks_of("plan_options").next() {
            run.options = self.plan_options(block);
        }
        if let Some(block) = content.blocks_of("module").next() {
            run.module = self.run_module(block);
        }
        for block in &content.blocks {
            let kind = match &*block.kind {
                "override_resource" => OverrideKind::Resource,
                "override_data" => OverrideKind::Data,
                "override_module" => OverrideKind::Module,
                _ => continue,
            };
            self.add_override(block, kind, None, &mut run.overrides);
        }
        run
    }

    fn expectations(&mut self, content: &Content) -> Vec<Reference> {
        let Some(attribute) = content.attribute("expect_failures") else { return Vec::new() };
        let file = attribute.expr.file;
        let mut found = Vec::new();
        for element in static_list(attribute, self.diagnostics) {
            let reference = plain_traversal(file, element).and_then(|traversal| parse_in_test(file, &traversal));
            match reference {
                Ok(reference) => found.push(Reference { range: range(file, element.span()), ..reference }),
                Err(error) => self.diagnostics.push(error),
            }
        }
        found
    }

    fn plan_options(&mut self, block: &Block) -> PlanOptions {
        let content = PLAN_OPTIONS.read(&block.body, self.diagnostics);
        let mode = content.attribute("mode").and_then(|attribute| self.keyword(attribute, &["normal", "refresh-only"]));
        let replace = content.attribute("replace").map(|attribute| self.targets(attribute)).unwrap_or_default();
        let targets = content.attribute("target").map(|attribute| self.targets(attribute)).unwrap_or_default();
        let options = PlanOptions {
            refresh_only: mode.as_deref() == Some("refresh-only"),
            refresh: bool_argument(&content, "refresh", self.diagnostics).unwrap_or(true),
            replace: replace.into_iter().filter_map(|(target, at)| instance(target, at, self.diagnostics)).collect(),
            targets: targets.into_iter().map(|(target, _)| target).collect(),
        };
        if options.refresh_only && !options.refresh {
            let detail = "A plan that only refreshes must be allowed to refresh.";
            let at = content.attribute("refresh").map_or(block.header, |attribute| attribute.range);
            self.diagnostics.push(Diagnostic::error("Incompatible plan options", detail).at(at));
        }
        if options.refresh_only && !options.replace.is_empty() {
            let detail = "A plan that only refreshes replaces nothing.";
            let at = content.attribute("replace").map_or(block.header, |attribute| attribute.range);
            self.diagnostics.push(Diagnostic::error("Incompatible plan options", detail).at(at));
        }
        options
    }

    fn run_module(&mut self, block: &Block) -> Option<RunModule> {
        let content = MODULE.read(&block.body, self.diagnostics);
        let Some(attribute) = content.attribute("source") else {
            self.diagnostics.push(
                Diagnostic::error(
                    "Missing \"source\" attribute for module block",
                    "A run of another module must say which: its source is missing.",
                )
                .at(block.header),
            );
            return None;
        };
        let version = text_argument(&content, "version", self.diagnostics);
        if version.as_ref().is_some_and(|version| version.parse::<Constraint>().is_err()) {
            let at = content.attribute("version").map(|attribute| attribute.expr.range());
            self.diagnostics.push(invalid_constraint().at(at));
        }
        Some(RunModule {
            source: text_argument(&content, "source", self.diagnostics)?,
            source_range: attribute.expr.range(),
            version,
            declared: block.header,
        })
    }
}

/// The one instance that a target names.
fn instance(target: Target, at: SourceRange, diagnostics: &mut Diagnostics) -> Option<InstanceAddr> {
    match target {
        Target::Instance(instance) => Some(instance),
        Target::Resource(module, resource) => Some(InstanceAddr { module, resource, key: None }),
        Target::Module(module) => {
            let detail = format!("Only instances of resources can be replaced, and {module} is a module.");
            diagnostics.push(Diagnostic::error("Invalid replace address", detail).at(at));
            None
        }
    }
}
