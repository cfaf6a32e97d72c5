//! Checks every reference of a configuration against what is declared, without evaluating anything.

mod attributes;

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use hcl::ast::{AccessStep, Expr, IndexKey, IndexStep, Step, Traversal};
use model::address::{Mode, ResourceAddr};
use model::diagnostic::{Diagnostic, Diagnostics};
use model::schema::{self, Presence, Schema};
use model::source::{FileId, SourceRange};

use crate::body::Body;
use crate::config::{Condition, Config, IgnoreChanges, Module, ModuleCall, Output, Repetition, Resource};
use crate::expression::{Expression, range};
use crate::load::module_name;
use crate::reference::{Reference, Subject, each_mention, parse};
use crate::schemas::Schemas;
use crate::suggestion::{did_you_mean, similar};

use attributes::{Steps, check_ignored, check_instance_steps};

/// Checks all references of all modules: that they are well-formed, may be used where they are, and name something that is
/// declared, down to the attributes of resources as far as the schemas say.
pub fn check_references(config: &Config, schemas: &dyn Schemas) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    for module in config.modules.values() {
        Checker { config, module, schemas, diagnostics: &mut diagnostics }.module();
    }
    // A module that is called many times has the same mistakes each time.
    let mut seen = std::collections::HashSet::new();
    diagnostics.0.retain(|found| seen.insert((found.subject, found.summary.clone())));
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
            self.import_target(import, place);
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

    /// The keys in the address that an import names.
    fn import_target(&mut self, import: &crate::config::Import, place: Place<'_>) {
        let mut first = true;
        let file = import.to.file;
        let mut keys = Vec::new();
        import.to.node.for_each_reference(&mut |traversal| {
            if !std::mem::take(&mut first) {
                keys.push(traversal);
            }
        });
        for traversal in keys {
            self.mention(file, traversal, &[], place);
        }
        let target = import.module.0.iter().fold(self.module.addr.clone(), |addr, name| addr.child(name.clone()));
        if !target.is_root()
            && self.config.module(&target).is_none_or(|module| !module.resources.contains_key(&import.resource))
        {
            self.diagnostics.push(
                Diagnostic::error(
                    "Configuration for import target does not exist",
                    format!(
                        "There is no block for `{}.{}`, so nothing says what the imported object is to be.",
                        target, import.resource
                    ),
                )
                .at(import.to.range()),
            );
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
        let reference = match parse(file, traversal) {
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
            Subject::Variable(name) => Some(self.undeclared_variable(name, at)),
            Subject::Local(name) if self.module.locals.contains_key(name) => None,
            Subject::Local(name) => Some(self.undeclared_local(name, at)),
            Subject::Module(name) if self.module.calls.contains_key(name) => None,
            Subject::Module(name) => Some(self.undeclared_call(name, at)),
            Subject::Resource(addr) => self.undeclared_resource(addr, at, place),
            Subject::EachKey | Subject::EachValue if !place.each => Some(each_unavailable(at)),
            Subject::CountIndex if !place.count => Some(count_unavailable(at)),
            Subject::SelfObject if place.this.is_none() => Some(self_unavailable(at)),
            Subject::Output(_)
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

    fn undeclared_variable(&self, name: &str, at: SourceRange) -> Diagnostic {
        let error = Diagnostic::error(
            "Reference to undeclared input variable",
            format!("There is no variable `{name}` in {}.", module_name(&self.module.addr)),
        )
        .at(at);
        match similar(name, self.module.variables.keys().map(|name| &**name)) {
            Some(similar) => did_you_mean(error, Some(similar)),
            None if self.module.locals.contains_key(name) => error.hint(format!("Did you mean local.{name}?")),
            None => error.hint(format!("Declare it with a block: variable \"{name}\" {{}}")),
        }
    }

    fn undeclared_local(&self, name: &str, at: SourceRange) -> Diagnostic {
        let error = Diagnostic::error(
            "Reference to undeclared local value",
            format!("There is no local value `{name}` in {}.", module_name(&self.module.addr)),
        )
        .at(at);
        match similar(name, self.module.locals.keys().map(|name| &**name)) {
            Some(similar) => did_you_mean(error, Some(similar)),
            None if self.module.variables.contains_key(name) => error.hint(format!("Did you mean var.{name}?")),
            None => error,
        }
    }

    fn undeclared_call(&self, name: &str, at: SourceRange) -> Diagnostic {
        let error = Diagnostic::error(
            "Reference to undeclared module",
            format!("There is no module call `{name}` in {}.", module_name(&self.module.addr)),
        )
        .at(at);
        did_you_mean(error, similar(name, self.module.calls.keys().map(|name| &**name)))
    }

    fn undeclared_resource(&self, addr: &ResourceAddr, at: SourceRange, place: Place<'_>) -> Option<Diagnostic> {
        let what = match addr.mode {
            Mode::Managed => "managed resource",
            Mode::Data => "data resource",
            Mode::Ephemeral => "ephemeral resource",
        };
        if let Some(resource) = self.module.resources.get(addr) {
            if let Some(check) = &resource.check
                && place.check != Some(check)
            {
                return Some(
                    Diagnostic::error(
                        "Reference to scoped resource",
                        format!("`{addr}` belongs to the check `{check}`, and only that can use it."),
                    )
                    .at(at),
                );
            }
            return match place.condition_of {
                Some((own, condition)) if own == addr => Some(
                    Diagnostic::error(
                        format!("Invalid reference in {condition}"),
                        format!("A condition of `{addr}` can't use the resource by its name."),
                    )
                    .at(at)
                    .hint(match condition {
                        "postcondition" => "Write `self` for the instance that the condition is about.",
                        _ => "A precondition is checked before the object exists; write a postcondition, which can use `self`.",
                    }),
                ),
                Some(_) | None => None,
            };
        }
        let error = Diagnostic::error(
            "Reference to undeclared resource",
            format!(
                "There is no {what} \"{}\" \"{}\" in {}.",
                addr.type_name,
                addr.name,
                module_name(&self.module.addr)
            ),
        )
        .at(at);
        Some(match self.meant_instead(addr) {
            Some(meant) => error.hint(format!("Did you mean {meant}?")),
            None => error,
        })
    }

    /// What was probably meant by an address that is not declared.
    fn meant_instead(&self, addr: &ResourceAddr) -> Option<String> {
        let name = &*addr.name;
        let named = match &*addr.type_name {
            "variable" | "vars" | "variables" if self.module.variables.contains_key(name) => {
                Some(format!("var.{name}"))
            }
            "locals" if self.module.locals.contains_key(name) => Some(format!("local.{name}")),
            "modules" if self.module.calls.contains_key(name) => Some(format!("module.{name}")),
            _ => None,
        };
        let other_mode = || {
            let mut modes = [Mode::Managed, Mode::Data, Mode::Ephemeral].into_iter();
            let other =
                modes.find_map(|mode| self.module.resources.get_key_value(&ResourceAddr { mode, ..addr.clone() }));
            other.map(|(found, _)| found.to_string())
        };
        named.or_else(other_mode).or_else(|| {
            let same_mode = || self.module.resources.keys().filter(|other| other.mode == addr.mode);
            let same_type = same_mode().filter(|other| other.type_name == addr.type_name).map(|other| &*other.name);
            if let Some(similar) = similar(name, same_type) {
                return Some(ResourceAddr { name: similar.into(), ..addr.clone() }.to_string());
            }
            let same_name = same_mode().filter(|other| other.name == addr.name).map(|other| &*other.type_name);
            similar(&addr.type_name, same_name)
                .map(|similar| ResourceAddr { type_name: similar.into(), ..addr.clone() }.to_string())
        })
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
            Subject::Module(name) => self.module_output(name, reference),
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
            | Subject::Applying => None,
        };
        self.diagnostics.extend(error);
    }

    /// The output that `module.NAME.OUTPUT` or `module.NAME[KEY].OUTPUT` names.
    fn module_output(&self, name: &str, reference: &Reference) -> Option<Diagnostic> {
        let call = self.module.calls.get(name)?;
        let called = self.config.modules.get(&self.module.addr.child(name))?;
        let file = reference.range.file;
        let (output_name, span) = match (&call.repetition, reference.rest.as_slice()) {
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

fn each_unavailable(at: SourceRange) -> Diagnostic {
    Diagnostic::error(
        "Reference to \"each\" in context without for_each",
        "`each` stands for the current element of `for_each`, and there is no `for_each` here.",
    )
    .at(at)
}

fn count_unavailable(at: SourceRange) -> Diagnostic {
    Diagnostic::error(
        "Reference to \"count\" in non-counted context",
        "`count.index` is the number of the current instance, and there is no `count` here.",
    )
    .at(at)
}

fn self_unavailable(at: SourceRange) -> Diagnostic {
    Diagnostic::error(
        "Invalid \"self\" reference",
        "`self` stands for the current instance in postconditions, provisioners and connections alone.",
    )
    .at(at)
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
