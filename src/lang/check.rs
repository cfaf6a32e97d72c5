//! Checks every reference of a configuration against what is declared, without evaluating anything.

mod attributes;
mod imports;
mod undeclared;

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use hcl::ast::{AccessStep, Expr, IndexKey, IndexStep, Step, Traversal};
use model::address::ResourceAddr;
use model::diagnostic::{Diagnostic, Diagnostics};
use model::schema::{self, Presence, Schema};
use model::source::{FileId, SourceRange};
use model::value::Value;

use crate::body::Body;
use crate::config::{Condition, Config, IgnoreChanges, Module, ModuleCall, Output, Repetition, Resource};
use crate::expression::{Expression, range};
use crate::reference::{Reference, Subject, each_mention, parse, parse_in_test};
use crate::schemas::Schemas;
use crate::suggestion::{did_you_mean, similar};

use attributes::{Steps, check_ignored, check_instance_steps};
use undeclared::{check_unavailable, count_unavailable, each_unavailable, self_unavailable};

/// Checks all references of all modules: that they are well-formed, may be used where they are, and name something that is
/// declared, down to the attributes of resources as far as the schemas say.
///
/// Says nothing of an incomplete configuration, of which nobody can tell what it declares.
pub fn check_references(config: &Config, schemas: &dyn Schemas) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    if config.incomplete {
        return diagnostics;
    }
    for module in config.modules.values() {
        Checker { config, module, schemas, diagnostics: &mut diagnostics }.module();
    }
    // A module that is called many times has the same mistakes each time.
    let mut seen = std::collections::HashSet::new();
    diagnostics.0.retain(|found| seen.insert((found.subject, found.summary.clone())));
    diagnostics
}

/// Checks the references of an expression that stands in a module by itself, as one of a console does.
pub fn check_expression(
    config: &Config,
    module: &Module,
    expression: &Expression,
    schemas: &dyn Schemas,
) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    Checker { config, module, schemas, diagnostics: &mut diagnostics }.expression(expression, Place::default());
    diagnostics
}

/// Checks the references of an expression of a test file, which sees a root module from outside: its outputs too, and
/// `variables` of the test beside those that the module declares. References to runs are the caller's matter.
pub fn check_test_expression(
    config: &Config,
    expression: &Expression,
    variables: &BTreeMap<Arc<str>, Value>,
    schemas: &dyn Schemas,
) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    let place = Place { test: Some(variables), ..Place::default() };
    Checker { config, module: config.root(), schemas, diagnostics: &mut diagnostics }.expression(expression, place);
    diagnostics
}

struct Checker<'a> {
    config: &'a Config,
    module: &'a Module,
    schemas: &'a dyn Schemas,
    diagnostics: &'a mut Diagnostics,
}

/// What may be used at a place besides what the module declares.
#[derive(Clone, Copy, Default)]
struct Place<'a> {
    each: bool,
    count: bool,
    /// The resource that `self` is.
    this: Option<&'a Resource>,
    /// The resource whose condition this is, which must use `self` instead of its own name.
    condition_of: Option<(&'a ResourceAddr, &'static str)>,
    /// The check whose data source may be used.
    check: Option<&'a str>,
    /// In a test file: the variables of the test.
    test: Option<&'a BTreeMap<Arc<str>, Value>>,
}

impl<'a> Place<'a> {
    fn in_block(repetition: &Repetition) -> Place<'a> {
        let mut place = Place::default();
        match repetition {
            Repetition::Single => {}
            Repetition::Count(_) => place.count = true,
            Repetition::ForEach(_) => place.each = true,
        }
        place
    }
}

impl<'a> Checker<'a> {
    fn module(&mut self) {
        let module = self.module;
        for variable in module.variables.values() {
            self.conditions(&variable.validations, Place::default());
        }
        for local in module.locals.values() {
            self.expression(&local.value, Place::default());
        }
        for output in module.outputs.values() {
            self.output(output);
        }
        for provider in module.providers.values() {
            let addr = module.provider_addr(&provider.key.local_name);
            let schema = self.schemas.provider(&addr);
            self.body(&provider.body, schema.as_deref(), Place::default());
        }
        for resource in module.resources.values() {
            self.resource(resource);
        }
        for call in module.calls.values() {
            self.call(call);
        }
        for check in module.checks.values() {
            let place = Place { check: Some(&check.name), ..Place::default() };
            self.conditions(&check.asserts, place);
        }
        for import in &module.imports {
            let place = Place { each: import.for_each.is_some(), ..Place::default() };
            self.expression(&import.id, place);
            if let Some(for_each) = &import.for_each {
                self.expression(for_each, Place::default());
            }
            self.import_target(import);
        }
    }

    fn output(&mut self, output: &Output) {
        self.expression(&output.value, Place::default());
        self.conditions(&output.preconditions, Place::default());
        self.depends_on(&output.depends_on);
    }

    fn resource(&mut self, resource: &'a Resource) {
        self.repetition(&resource.repetition);
        let schema = self.schema_of(self.module, resource);
        let mut place = Place::in_block(&resource.repetition);
        place.check = resource.check.as_deref();
        self.body(&resource.body, schema.as_ref().map(|schema| &schema.block), place);
        self.depends_on(&resource.depends_on);
        if let Some(schema) = &schema {
            self.ignored(resource, &schema.block);
        }
        if let Some(prevent_destroy) = &resource.lifecycle.prevent_destroy {
            self.expression(prevent_destroy, Place::default());
        }
        for trigger in &resource.lifecycle.replace_triggered_by {
            self.expression(trigger, place);
        }
        let before = Place { condition_of: Some((&resource.addr, "precondition")), ..place };
        self.conditions(&resource.lifecycle.preconditions, before);
        let after = Place { this: Some(resource), condition_of: Some((&resource.addr, "postcondition")), ..place };
        self.conditions(&resource.lifecycle.postconditions, after);
        let with_self = Place { this: Some(resource), ..place };
        if let Some(connection) = &resource.connection {
            self.body(connection, None, with_self);
        }
        for provisioner in &resource.provisioners {
            self.body(&provisioner.body, None, with_self);
            if let Some(connection) = &provisioner.connection {
                self.body(connection, None, with_self);
            }
        }
    }

    /// The places that `ignore_changes` names.
    fn ignored(&mut self, resource: &Resource, schema: &schema::Block) {
        let IgnoreChanges::Paths(paths) = &resource.lifecycle.ignore_changes else { return };
        for ignored in paths {
            if let Some(error) = check_ignored(ignored, schema) {
                self.diagnostics.push(error);
                continue;
            }
            let name = ignored.path.names();
            if schema.attributes.get(&*name).is_some_and(|attribute| attribute.presence == Presence::Computed) {
                self.diagnostics.push(
                    Diagnostic::warning(
                        "Redundant ignore_changes element",
                        format!(
                            "`{name}` is given by the provider alone, so the configuration has no value for it whose change \
                             could be ignored."
                        ),
                    )
                    .at(ignored.range),
                );
            }
        }
    }

    fn call(&mut self, call: &'a ModuleCall) {
        self.repetition(&call.repetition);
        self.body(&call.body, None, Place::in_block(&call.repetition));
        self.depends_on(&call.depends_on);
    }

    fn repetition(&mut self, repetition: &Repetition) {
        match repetition {
            Repetition::Single => {}
            Repetition::Count(expr) | Repetition::ForEach(expr) => self.expression(expr, Place::default()),
        }
    }

    fn conditions(&mut self, conditions: &[Condition], place: Place<'_>) {
        for condition in conditions {
            self.expression(&condition.condition, place);
            self.expression(&condition.error_message, place);
        }
    }

    fn depends_on(&mut self, references: &[Reference]) {
        for reference in references {
            if let (Some(first), Some(last)) = (reference.rest.first(), reference.rest.last()) {
                let is_instance = matches!(reference.subject, Subject::Resource(_) | Subject::Module(_))
                    && matches!(reference.rest.as_slice(), [Step::Index(_)]);
                if !is_instance {
                    self.diagnostics.push(
                        Diagnostic::error(
                            "Invalid depends_on reference",
                            "A block can depend on a whole object of the configuration, not on a part of it.",
                        )
                        .at(range(reference.range.file, first.span().to(last.span())))
                        .hint(format!("Write: depends_on = [{}]", reference.subject)),
                    );
                }
            }
            // `each` and the like have no meaning here, and do no harm either.
            let everything = Place { each: true, count: true, ..Place::default() };
            if !matches!(reference.subject, Subject::SelfObject) {
                self.declared(reference, everything);
            }
        }
    }

    fn body(&mut self, body: &Body, schema: Option<&schema::Block>, place: Place<'_>) {
        let body = &*match schema {
            Some(schema) => body.resolve(schema, &mut Diagnostics::new()),
            None => Cow::Borrowed(body),
        };
        let mut mentions = Vec::new();
        each_mention(body, schema, &mut Vec::new(), &mut |file, traversal| mentions.push((file, traversal)));
        if mentions.is_empty() {
            return;
        }
        let mut following = HashMap::new();
        collect_accesses(body, &mut following);
        for (file, traversal) in mentions {
            let after = following.get(&std::ptr::from_ref(traversal)).copied().unwrap_or(&[]);
            self.mention(file, traversal, after, place);
        }
    }

    fn expression(&mut self, expr: &Expression, place: Place<'_>) {
        let mut following = HashMap::new();
        accesses_of(&expr.node, &mut following);
        let mut mentions = Vec::new();
        expr.node.for_each_reference(&mut |traversal| mentions.push(traversal));
        for traversal in mentions {
            let after = following.get(&std::ptr::from_ref(traversal)).copied().unwrap_or(&[]);
            self.mention(expr.file, traversal, after, place);
        }
    }

    /// One mention, with the steps that need evaluation after it.
    fn mention(&mut self, file: FileId, traversal: &Traversal, after: &[AccessStep], place: Place<'_>) {
        let parsed = if place.test.is_some() { parse_in_test(file, traversal) } else { parse(file, traversal) };
        let reference = match parsed {
            Ok(reference) => reference,
            Err(error) => {
                self.diagnostics.push(error);
                return;
            }
        };
        if self.declared(&reference, place) {
            self.parts(&reference, after, place);
        }
    }

    /// Whether the subject is declared and may be used at the place; else an error is reported.
    fn declared(&mut self, reference: &Reference, place: Place<'_>) -> bool {
        let at = reference.subject_range;
        let error = match &reference.subject {
            Subject::Variable(name) if self.module.variables.contains_key(name) => None,
            Subject::Variable(name) if place.test.is_some_and(|variables| variables.contains_key(name)) => None,
            Subject::Variable(name) => Some(self.undeclared_variable(name, at)),
            Subject::Local(name) if self.module.locals.contains_key(name) => None,
            Subject::Local(name) => Some(self.undeclared_local(name, at)),
            Subject::Module(name) if self.module.calls.contains_key(name) => None,
            Subject::Module(name) => Some(self.undeclared_call(name, at)),
            Subject::Resource(addr) => self.undeclared_resource(addr, at, place),
            Subject::EachKey | Subject::EachValue if !place.each => Some(each_unavailable(at)),
            Subject::CountIndex if !place.count => Some(count_unavailable(at)),
            Subject::SelfObject if place.this.is_none() => Some(self_unavailable(at)),
            Subject::Output(name) if !self.module.outputs.contains_key(name) => Some(self.undeclared_output(name, at)),
            Subject::Check(_) => Some(check_unavailable(at)),
            Subject::Output(_)
            | Subject::Run(_)
            | Subject::EachKey
            | Subject::EachValue
            | Subject::CountIndex
            | Subject::PathModule
            | Subject::PathRoot
            | Subject::PathCwd
            | Subject::Workspace
            | Subject::Applying
            | Subject::SelfObject => None,
        };
        let declared = error.is_none();
        self.diagnostics.extend(error);
        declared
    }

    /// The steps after a subject: instance keys, attributes and outputs.
    fn parts(&mut self, reference: &Reference, after: &[AccessStep], place: Place<'_>) {
        let steps = Steps { file: reference.range.file, known: &reference.rest, after };
        let error = match &reference.subject {
            Subject::Resource(addr) => {
                let Some(resource) = self.module.resources.get(addr) else { return };
                let schema = self.schema_of(self.module, resource);
                check_instance_steps(
                    &addr.to_string(),
                    &resource.repetition,
                    schema.as_ref().map(|schema| &schema.block),
                    steps,
                    reference.subject_range,
                )
            }
            Subject::SelfObject => {
                let Some(resource) = place.this else { return };
                let schema = self.schema_of(self.module, resource);
                let block = schema.as_ref().map(|schema| &schema.block);
                check_instance_steps("self", &Repetition::Single, block, steps, reference.subject_range)
            }
            Subject::Module(name) => self.module_output(name, reference, after),
            Subject::Variable(_)
            | Subject::Local(_)
            | Subject::Output(_)
            | Subject::EachKey
            | Subject::EachValue
            | Subject::CountIndex
            | Subject::PathModule
            | Subject::PathRoot
            | Subject::PathCwd
            | Subject::Workspace
            | Subject::Run(_)
            | Subject::Check(_)
            | Subject::Applying => None,
        };
        self.diagnostics.extend(error);
    }

    /// The output that `module.NAME.OUTPUT` or `module.NAME[KEY].OUTPUT` names.
    fn module_output(&self, name: &str, reference: &Reference, after: &[AccessStep]) -> Option<Diagnostic> {
        let call = self.module.calls.get(name)?;
        let called = self.config.modules.get(&self.module.addr.child(name))?;
        let file = reference.range.file;
        let (output_name, span) = match (&call.repetition, reference.rest.as_slice()) {
            // `module.NAME[*].OUTPUT` and `module.NAME[KEY].OUTPUT` with a key that needs evaluation.
            (Repetition::Count(_) | Repetition::ForEach(_), []) => match (&call.repetition, after) {
                (_, [AccessStep::Index(_), AccessStep::Static(Step::Attr(output)), ..]) => {
                    (output.name.name.as_str(), output.span)
                }
                (Repetition::Count(_), [AccessStep::Splat(splat), ..]) => match splat.steps.first() {
                    Some(AccessStep::Static(Step::Attr(output))) => (output.name.name.as_str(), output.span),
                    Some(_) | None => return None,
                },
                (_, _) => return None,
            },
            (Repetition::Single, [Step::Attr(output), ..])
            | (Repetition::Count(_) | Repetition::ForEach(_), [Step::Index(_), Step::Attr(output), ..]) => {
                (output.name.name.as_str(), output.span)
            }
            // One instance is an object of its outputs, which can be indexed by their names.
            (Repetition::Single, [Step::Index(IndexStep { key: IndexKey::String(name), span, .. }), ..])
                if called.outputs.contains_key(name.as_str()) =>
            {
                (name.as_str(), *span)
            }
            (Repetition::Single, [Step::Index(step), ..]) => {
                return Some(
                    Diagnostic::error(
                        "Unexpected module instance key",
                        format!(
                            "`module.{name}` has neither `count` nor `for_each`, so it is one instance without a key."
                        ),
                    )
                    .at(range(file, step.span))
                    .hint("Leave out the brackets."),
                );
            }
            (Repetition::Count(_), [Step::Attr(step), ..]) => {
                return Some(missing_module_key(name, "count", "count.index", range(file, step.span)));
            }
            // With `for_each` the value is an object by key, and keys can be written as attributes.
            (Repetition::ForEach(_), [Step::Attr(_), ..])
            | (Repetition::Count(_) | Repetition::ForEach(_), [Step::Index(_), ..])
            | (_, []) => return None,
        };
        if called.outputs.contains_key(output_name) {
            return None;
        }
        let error =
            Diagnostic::error("Unsupported attribute", format!("The module `{name}` has no output `{output_name}`."))
                .at(range(file, span));
        Some(did_you_mean(error, similar(output_name, called.outputs.keys().map(|name| &**name))))
    }

    fn schema_of(&self, module: &Module, resource: &Resource) -> Option<Arc<Schema>> {
        let provider = module.provider_addr(&module.provider_key(resource).local_name);
        self.schemas.resource(&provider, resource.addr.mode, &resource.addr.type_name)
    }
}

fn missing_module_key(name: &str, argument: &str, key: &str, at: SourceRange) -> Diagnostic {
    Diagnostic::error(
        "Unsupported attribute",
        format!("`module.{name}` has `{argument}`, so it stands for all its instances, and outputs are those of one."),
    )
    .at(at)
    .hint(format!("Name an instance: module.{name}[{key}]; or take the output of all: module.{name}[*]"))
}

/// For the traversal that begins an access, the steps that come after it and need evaluation.
type Following<'a> = HashMap<*const Traversal, &'a [AccessStep]>;

fn collect_accesses<'a>(body: &'a Body, following: &mut Following<'a>) {
    for attribute in body.attributes() {
        accesses_of(&attribute.expr.node, following);
    }
    for block in body.blocks() {
        collect_accesses(&block.body, following);
    }
}

fn accesses_of<'a>(expr: &'a Expr, following: &mut Following<'a>) {
    expr.walk(&mut |part| {
        if let Expr::Access(access) = part
            && let Expr::Variable(traversal) = &access.base
        {
            following.insert(std::ptr::from_ref(traversal), &access.steps);
        }
    });
}
