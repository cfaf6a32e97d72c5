//! Blocks about objects whose address changes, or that come from or go to the outside: `moved`, `removed`, `import`.

use std::sync::Arc;

use hcl::ast::{AccessStep, Expr, Ident, IndexKey, IndexStep, Step, Traversal};
use hcl::span::Span;
use model::address::{InstanceAddr, Key, Mode, ModuleAddr, ModuleInstance, ResourceAddr, Target};
use model::diagnostic::{Diagnostic, Diagnostics};
use model::source::{FileId, SourceRange};

use super::provider::provider_ref;
use super::provisioner::provisioner;
use super::statics::{bool_argument, plain_traversal};
use super::values::argument_or_null;
use crate::arguments::{Content, Grammar, Kind};
use crate::body::{Attribute, Block};
use crate::config::{Import, Moved, ProvisionerWhen, Removed};
use crate::expression::range;
use crate::reference::static_reference_required;

const MOVED: Grammar = Grammar::new(&["from", "to"], &[], &[]);

const REMOVED: Grammar = Grammar::new(
    &["from"],
    &[],
    &[Kind::new("lifecycle", &[]), Kind::new("provisioner", &["type"]), Kind::new("connection", &[])],
);

const REMOVED_LIFECYCLE: Grammar = Grammar::new(&[], &["destroy"], &[]);

const IMPORT: Grammar = Grammar::new(&["to", "id"], &["for_each", "provider"], &[]);

/// Names that a resource type can't have without `resource.` before it.
const RESERVED_TYPES: [&str; 11] =
    ["var", "local", "each", "count", "self", "path", "terraform", "output", "template", "lazy", "arg"];

pub(super) fn moved(block: &Block, diagnostics: &mut Diagnostics) -> Option<Moved> {
    let content = MOVED.read(&block.body, diagnostics);
    let mut endpoint = |name| {
        let attribute = content.attribute(name)?;
        Some((address_argument(attribute, diagnostics)?.0, attribute.expr.range()))
    };
    let (from, to) = (endpoint("from"), endpoint("to"));
    let ((from, from_range), (to, to_range)) = (from?, to?);
    if matches!(from, Target::Module(_)) != matches!(to, Target::Module(_)) {
        diagnostics.push(
            Diagnostic::error(
                "Invalid \"moved\" addresses",
                "Either two modules or two resources are named; a module can't become a resource.",
            )
            .at(block.header),
        );
        return None;
    }
    Some(Moved { from, to, from_range, to_range, declared: block.header })
}

pub(super) fn removed(block: &Block, diagnostics: &mut Diagnostics) -> Option<Removed> {
    let content = REMOVED.read(&block.body, diagnostics);
    let mut destroy = None;
    for block in content.blocks_of("lifecycle") {
        let content = REMOVED_LIFECYCLE.read(&block.body, diagnostics);
        destroy = bool_argument(&content, "destroy", diagnostics).or(destroy);
    }
    let mut provisioners = Vec::new();
    for block in content.blocks_of("provisioner") {
        let Some(provisioner) = provisioner(block, diagnostics) else { continue };
        if provisioner.when == ProvisionerWhen::Create {
            diagnostics.push(
                Diagnostic::error("Invalid provisioner block", "Nothing is created here, so this would never run.")
                    .at(block.header)
                    .hint("To run it before the destruction, add: when = destroy"),
            );
        }
        provisioners.push(provisioner);
    }
    let attribute = content.attribute("from")?;
    let (from, key) = address_argument(attribute, diagnostics)?;
    check_removed(&from, key, attribute, diagnostics).then(|| Removed {
        from,
        from_range: attribute.expr.range(),
        destroy: destroy.unwrap_or(true),
        provisioners,
        declared: block.header,
    })
}

fn check_removed(
    from: &Target,
    key: Option<SourceRange>,
    attribute: &Attribute,
    diagnostics: &mut Diagnostics,
) -> bool {
    let (module, resource) = match from {
        Target::Module(module) => (module, None),
        Target::Resource(module, resource) => (module, Some(resource)),
        Target::Instance(instance) => (&instance.module, Some(&instance.resource)),
    };
    let error = if let Some(key) = key {
        let what = if module.0.iter().any(|(_, key)| key.is_some()) { "Module" } else { "Resource" };
        Diagnostic::error(format!("{what} instance keys not allowed"), "All instances are removed together.").at(key)
    } else if resource.is_some_and(|resource| resource.mode != Mode::Managed) {
        Diagnostic::error(
            "Data source address not allowed",
            "Only managed resources are objects that can be removed; nothing is left behind when the block of another goes.",
        )
        .at(attribute.expr.range())
    } else {
        return true;
    };
    diagnostics.push(error);
    false
}

pub(super) fn import(block: &Block, diagnostics: &mut Diagnostics) -> Option<Import> {
    let content: Content = IMPORT.read(&block.body, diagnostics);
    let provider = content
        .attribute("provider")
        .and_then(|attribute| provider_ref(attribute.expr.file, &attribute.expr.node, diagnostics));
    let to = content.attribute("to")?;
    let (module, resource) = match import_target(to) {
        Ok(target) => target,
        Err(error) => {
            diagnostics.push(error);
            return None;
        }
    };
    if resource.mode != Mode::Managed {
        diagnostics
            .push(Diagnostic::error("Invalid import address", "Only managed resources can be imported.").at(to.range));
        return None;
    }
    Some(Import {
        to: to.expr.clone(),
        module,
        resource,
        id: argument_or_null(content.attribute("id"), block.header),
        for_each: content.attribute("for_each").map(|attribute| attribute.expr.clone()),
        provider,
        declared: block.header,
    })
}

/// The resource that the `to` of an import names, its keys left aside: they may be expressions.
fn import_target(to: &Attribute) -> Result<(ModuleAddr, ResourceAddr), Diagnostic> {
    let file = to.expr.file;
    let required = || static_reference_required(to.expr.range());
    let mut parts = Parts { file, parts: Vec::new() };
    match &*to.expr.node {
        Expr::Variable(_) | Expr::Template(_) => {
            let traversal = plain_traversal(file, &to.expr.node)?;
            parts.traversal(&traversal)?;
        }
        Expr::Access(access) => {
            parts.traversal(access.base.as_traversal().ok_or_else(required)?)?;
            for step in &access.steps {
                match step {
                    AccessStep::Static(step) => parts.step(step)?,
                    AccessStep::Index(index) => parts.key(None, index.span)?,
                    AccessStep::Splat(_) => return Err(required()),
                }
            }
        }
        _ => return Err(required()),
    }
    match parts.target(range(file, to.expr.node.span()))? {
        Target::Resource(module, resource) => Ok((module.module(), resource)),
        Target::Instance(instance) => Ok((instance.module.module(), instance.resource)),
        Target::Module(_) => {
            Err(invalid_address(file, to.expr.node.span(), "A resource is needed here, not a module."))
        }
    }
}

/// The address that an argument is, and the place of its first key.
fn address_argument(attribute: &Attribute, diagnostics: &mut Diagnostics) -> Option<(Target, Option<SourceRange>)> {
    let file = attribute.expr.file;
    let target = plain_traversal(file, &attribute.expr.node).and_then(|traversal| {
        let mut parts = Parts { file, parts: Vec::new() };
        parts.traversal(&traversal)?;
        let key = parts.parts.iter().find_map(|part| part.key.as_ref()).map(|(_, span)| range(file, *span));
        Ok((parts.target(attribute.expr.range())?, key))
    });
    match target {
        Ok(target) => Some(target),
        Err(error) => {
            diagnostics.push(error);
            None
        }
    }
}

/// The address that an expression is, as an override or a plan option of a test names it.
pub(super) fn target_of(file: FileId, expr: &Expr) -> Result<Target, Diagnostic> {
    let traversal = plain_traversal(file, expr)?;
    let mut parts = Parts { file, parts: Vec::new() };
    parts.traversal(&traversal)?;
    parts.target(range(file, expr.span()))
}

/// The names of an address with their keys.
struct Parts {
    file: FileId,
    parts: Vec<Part>,
}

struct Part {
    name: Arc<str>,
    span: Span,
    /// The key and where it stands; a key that is only known after evaluation is `None`.
    key: Option<(Option<Key>, Span)>,
}

impl Parts {
    fn traversal(&mut self, traversal: &Traversal) -> Result<(), Diagnostic> {
        self.name(&traversal.root, traversal.root.span);
        traversal.steps.iter().try_for_each(|step| self.step(step))
    }

    /// Adds a name; `span` is where it stands, with the dot before it.
    fn name(&mut self, ident: &Ident, span: Span) {
        self.parts.push(Part { name: ident.name.as_str().into(), span, key: None });
    }

    fn step(&mut self, step: &Step) -> Result<(), Diagnostic> {
        match step {
            Step::Attr(step) => {
                self.name(&step.name, step.span);
                Ok(())
            }
            Step::Index(step) => self.key(Some(self.static_key(step)?), step.span),
        }
    }

    fn static_key(&self, step: &IndexStep) -> Result<Key, Diagnostic> {
        match &step.key {
            IndexKey::String(name) => Ok(Key::Name(name.as_str().into())),
            IndexKey::Number(number) => number.parse().map(Key::Index).map_err(|_| {
                invalid_address(self.file, step.span, "The number of an instance is a whole number, from 0.")
            }),
        }
    }

    fn key(&mut self, key: Option<Key>, span: Span) -> Result<(), Diagnostic> {
        let last = self.parts.last_mut().expect("an address begins with a name");
        if last.key.is_some() {
            return Err(invalid_address(self.file, span, "An instance has one key."));
        }
        last.key = Some((key, span));
        Ok(())
    }

    fn target(self, whole: SourceRange) -> Result<Target, Diagnostic> {
        let file = self.file;
        let mut parts = self.parts.into_iter().peekable();
        let mut module = ModuleInstance::root();
        while let Some(keyword) = parts.next_if(|part| *part.name == *"module") {
            no_key(file, &keyword)?;
            let Some(part) = parts.next() else {
                return Err(
                    Diagnostic::error("Invalid address", "The name of a module must follow `module`.").at(whole)
                );
            };
            module = module.child(part.name, part.key.and_then(|(key, _)| key));
        }
        let Some(first) = parts.next() else { return Ok(Target::Module(module)) };
        let mode = match &*first.name {
            "data" => Some(Mode::Data),
            "ephemeral" => Some(Mode::Ephemeral),
            "resource" => Some(Mode::Managed),
            _ => None,
        };
        let incomplete = |at: Span| {
            invalid_address(file, at, "A resource is named by its type and its name, with a dot between them.")
        };
        let type_name = match mode {
            Some(_) => {
                no_key(file, &first)?;
                parts.next().ok_or_else(|| incomplete(first.span))?
            }
            None => {
                if RESERVED_TYPES.contains(&&*first.name) {
                    return Err(invalid_address(
                        file,
                        Span::new(first.span.start, whole.end),
                        &format!(
                            "`{}` names no resource. If a resource type is called so, write `resource.` before it.",
                            first.name
                        ),
                    ));
                }
                first
            }
        };
        no_key(file, &type_name)?;
        let name = parts.next().ok_or_else(|| incomplete(type_name.span))?;
        if let Some(extra) = parts.next() {
            return Err(invalid_address(
                file,
                extra.span,
                "Nothing can follow the name of a resource but a key in brackets.",
            ));
        }
        let mode = mode.unwrap_or(Mode::Managed);
        let resource = ResourceAddr { mode, type_name: type_name.name, name: name.name };
        Ok(match name.key {
            Some((key, _)) => Target::Instance(InstanceAddr { module, resource, key }),
            None => Target::Resource(module, resource),
        })
    }
}

fn no_key(file: FileId, part: &Part) -> Result<(), Diagnostic> {
    match &part.key {
        Some((_, span)) => {
            Err(invalid_address(file, *span, &format!("`{}` has no instances, so no key can follow it.", part.name)))
        }
        None => Ok(()),
    }
}

fn invalid_address(file: FileId, span: Span, detail: &str) -> Diagnostic {
    Diagnostic::error("Invalid address", detail).at(range(file, span))
}
