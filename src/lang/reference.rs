//! What an expression refers to: the objects of the configuration that its value depends on.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use hcl::ast::{IndexKey, Step, Traversal};
use hcl::span::Span;
use model::address::{Key, Mode, ResourceAddr};
use model::diagnostic::{Diagnostic, Diagnostics};
use model::schema;
use model::source::{FileId, SourceRange};

use crate::body::{Block, Body, Item};
use crate::expression::{Expression, range};
use crate::suggestion::{did_you_mean, similar};

/// One mention of an object in an expression: `aws_vpc.main.id` mentions `aws_vpc.main`, and `.id` remains.
#[derive(Clone, PartialEq, Debug)]
pub struct Reference {
    pub subject: Subject,
    /// The steps after the subject that are known from the text: `.id`, `[0].id`.
    pub rest: Vec<Step>,
    /// The whole traversal in the source.
    pub range: SourceRange,
    /// The part of the source that names the subject, with the instance key that follows it and, of a module, the output.
    pub subject_range: SourceRange,
}

/// An object that expressions can mention, relative to the module the expression stands in.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Subject {
    /// `var.NAME`
    Variable(Arc<str>),
    /// `local.NAME`
    Local(Arc<str>),
    /// `TYPE.NAME`, `data.TYPE.NAME`, `ephemeral.TYPE.NAME`: the value of the block with all its instances.
    Resource(ResourceAddr),
    /// `module.NAME`: the outputs of a call, with all its instances.
    Module(Arc<str>),
    /// `output.NAME`: only in test files.
    Output(Arc<str>),
    /// `run.NAME`: the outputs of an earlier run of a test file.
    Run(Arc<str>),
    /// `check.NAME`: only where a test file says what it expects to fail.
    Check(Arc<str>),
    /// `each.key`
    EachKey,
    /// `each.value`
    EachValue,
    /// `count.index`
    CountIndex,
    /// `path.module`
    PathModule,
    /// `path.root`
    PathRoot,
    /// `path.cwd`
    PathCwd,
    /// `terraform.workspace`
    Workspace,
    /// `terraform.applying`
    Applying,
    /// `self`: in conditions and provisioners.
    SelfObject,
}

impl Reference {
    /// The key of the instance of a resource or module that is named; `None` where none is, or none that can be one.
    pub fn key(&self) -> Option<Key> {
        match (&self.subject, self.rest.first()?) {
            (Subject::Resource(_) | Subject::Module(_), Step::Index(step)) => match &step.key {
                IndexKey::Number(number) => number.parse().ok().map(Key::Index),
                IndexKey::String(name) => Some(Key::Name(name.as_str().into())),
            },
            _ => None,
        }
    }
}

/// Prints the subject as it is written in the language.
impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Subject::Variable(name) => write!(f, "var.{name}"),
            Subject::Local(name) => write!(f, "local.{name}"),
            Subject::Resource(resource) => write!(f, "{resource}"),
            Subject::Module(name) => write!(f, "module.{name}"),
            Subject::Output(name) => write!(f, "output.{name}"),
            Subject::Run(name) => write!(f, "run.{name}"),
            Subject::Check(name) => write!(f, "check.{name}"),
            Subject::EachKey => f.write_str("each.key"),
            Subject::EachValue => f.write_str("each.value"),
            Subject::CountIndex => f.write_str("count.index"),
            Subject::PathModule => f.write_str("path.module"),
            Subject::PathRoot => f.write_str("path.root"),
            Subject::PathCwd => f.write_str("path.cwd"),
            Subject::Workspace => f.write_str("terraform.workspace"),
            Subject::Applying => f.write_str("terraform.applying"),
            Subject::SelfObject => f.write_str("self"),
        }
    }
}

/// The objects that an expression mentions, in source order. Names that a `for` introduces are no references.
///
/// Malformed references are left out; [`check_references`](crate::check::check_references) reports them.
pub fn references(expr: &Expression) -> Vec<Reference> {
    let mut found = Vec::new();
    expr.node.for_each_reference(&mut |traversal| found.extend(parse(expr.file, traversal)));
    found
}

/// The objects that the expressions of a body mention, also in nested blocks, in source order.
///
/// With a schema only what the schema knows counts, so that arguments that are not there can't make dependencies. The iterators
/// of `dynamic` blocks are no references inside their `content`.
pub fn body_references(body: &Body, schema: Option<&schema::Block>) -> Vec<Reference> {
    let mut found = Vec::new();
    // What is malformed is said when the body is decoded.
    let body = match schema {
        Some(schema) => body.resolve(schema, &mut Diagnostics::new()),
        None => Cow::Borrowed(body),
    };
    each_mention(&body, schema, &mut Vec::new(), &mut |file, traversal| found.extend(parse(file, traversal)));
    found
}

/// Calls `found` with every traversal in the body that leaves it, well-formed or not, in source order.
pub(crate) fn each_mention<'a>(
    body: &'a Body,
    schema: Option<&schema::Block>,
    iterators: &mut Vec<Arc<str>>,
    found: &mut dyn FnMut(FileId, &'a Traversal),
) {
    for item in body.items.iter() {
        match item {
            Item::Attribute(attribute) => {
                let known = schema.is_none_or(|schema| schema.attributes.contains_key(&attribute.name));
                if known {
                    expression_mentions(&attribute.expr, iterators, found);
                }
            }
            Item::Block(block) if block.kind.as_ref() == "dynamic" && !block.labels.is_empty() => {
                dynamic_mentions(block, schema, iterators, found);
            }
            Item::Block(block) => {
                let nested = schema.and_then(|schema| schema.blocks.get(&block.kind)).map(|nested| &nested.block);
                // An attribute may be written as blocks; its element type is no schema, so all of it counts.
                let as_blocks = schema.is_some_and(|schema| schema.attributes.contains_key(&block.kind));
                if nested.is_some() || as_blocks || schema.is_none() {
                    each_mention(&block.body, nested, iterators, found);
                }
            }
        }
    }
}

fn dynamic_mentions<'a>(
    block: &'a Block,
    schema: Option<&schema::Block>,
    iterators: &mut Vec<Arc<str>>,
    found: &mut dyn FnMut(FileId, &'a Traversal),
) {
    let kind = block.made_kind();
    for name in ["for_each", "labels"] {
        if let Some(attribute) = block.body.attribute(name) {
            // `labels` may use the iterator, `for_each` may not.
            let scoped = name == "labels";
            if scoped {
                iterators.push(iterator_name(block));
            }
            expression_mentions(&attribute.expr, iterators, found);
            if scoped {
                iterators.pop();
            }
        }
    }
    let nested = schema.and_then(|schema| schema.blocks.get(kind)).map(|nested| &nested.block);
    iterators.push(iterator_name(block));
    for content in block.body.blocks_of("content") {
        each_mention(&content.body, nested, iterators, found);
    }
    iterators.pop();
}

/// The name that stands for the current element in a `dynamic` block: its `iterator`, else its label.
pub(crate) fn iterator_name(block: &Block) -> Arc<str> {
    let named = block.body.attribute("iterator").and_then(|attribute| attribute.expr.node.as_keyword().map(Arc::from));
    named.unwrap_or_else(|| block.made_kind().into())
}

fn expression_mentions<'a>(expr: &'a Expression, iterators: &[Arc<str>], found: &mut dyn FnMut(FileId, &'a Traversal)) {
    expr.node.for_each_reference(&mut |traversal| {
        if !iterators.iter().any(|iterator| **iterator == *traversal.root.name) {
            found(expr.file, traversal);
        }
    });
}

/// Reads a traversal as a reference.
///
/// # Errors
/// The traversal names no object: the root stands alone, an attribute is unknown, or an index stands where a name must.
pub fn parse(file: FileId, traversal: &Traversal) -> Result<Reference, Diagnostic> {
    let parser = Parser { file, traversal };
    match traversal.root.name.as_str() {
        "var" => parser.named(Subject::Variable),
        "local" => parser.named(Subject::Local),
        "module" => parser.module(),
        "data" => parser.resource(Mode::Data, 0, "The `data` object must be followed by two names: those of the data source's type and of the data source."),
        "ephemeral" => parser.resource(Mode::Ephemeral, 0, "The `ephemeral` object must be followed by two names: those of the ephemeral resource's type and of the ephemeral resource."),
        "resource" => parser.resource(Mode::Managed, 0, "The `resource` object must be followed by two names: those of the resource's type and of the resource."),
        "each" => parser.one_of(&[("key", Subject::EachKey), ("value", Subject::EachValue)]),
        "count" => parser.one_of(&[("index", Subject::CountIndex)]),
        "path" => parser.one_of(&[("module", Subject::PathModule), ("root", Subject::PathRoot), ("cwd", Subject::PathCwd)]),
        "terraform" => parser.one_of(&[("workspace", Subject::Workspace), ("applying", Subject::Applying)]),
        "self" => Ok(parser.reference(Subject::SelfObject, 0)),
        reserved @ ("template" | "lazy" | "arg") => Err(parser.reserved(reserved)),
        _ => parser.implicit_resource(),
    }
}

/// Reads a traversal in a test file as a reference: there are outputs, runs and checks besides what modules know.
///
/// # Errors
/// As [`parse`].
pub fn parse_in_test(file: FileId, traversal: &Traversal) -> Result<Reference, Diagnostic> {
    let parser = Parser { file, traversal };
    match traversal.root.name.as_str() {
        "output" => parser.named(Subject::Output),
        "run" => parser.named(Subject::Run),
        "check" => parser.named(Subject::Check),
        _ => parse(file, traversal),
    }
}

/// Reads an expression that must be nothing but a reference, as in `depends_on`.
///
/// # Errors
/// It is another expression, or a malformed reference.
pub fn parse_static(expr: &Expression) -> Result<Reference, Diagnostic> {
    match expr.node.as_traversal() {
        Some(traversal) => parse(expr.file, traversal),
        None => Err(static_reference_required(expr.range())),
    }
}

/// The error about an expression that had to be nothing but a reference.
pub(crate) fn static_reference_required(at: SourceRange) -> Diagnostic {
    Diagnostic::error(
        "Invalid expression",
        "A plain reference is required here: a name followed by attributes and constant indexes, without operators, \
         function calls or templates.",
    )
    .at(at)
}

struct Parser<'a> {
    file: FileId,
    traversal: &'a Traversal,
}

impl Parser<'_> {
    /// `ROOT.NAME`
    fn named(&self, subject: fn(Arc<str>) -> Subject) -> Result<Reference, Diagnostic> {
        let name = self.name_after_root()?;
        Ok(self.reference(subject(name), 1))
    }

    /// `ROOT.NAME` with a fixed set of names.
    fn one_of(&self, subjects: &[(&str, Subject)]) -> Result<Reference, Diagnostic> {
        let name = self.name_after_root()?;
        match subjects.iter().find(|(known, _)| **known == *name) {
            Some((_, subject)) => Ok(self.reference(subject.clone(), 1)),
            None => Err(self.unknown_attribute(&name, subjects)),
        }
    }

    /// `module.NAME`, with the key and the output in the subject's range.
    fn module(&self) -> Result<Reference, Diagnostic> {
        let name = self.name_after_root()?;
        let mut reference = self.reference(Subject::Module(name), 1);
        let output = match reference.rest.as_slice() {
            [Step::Index(_), Step::Attr(step), ..] | [Step::Attr(step), ..] => Some(step.span),
            [Step::Index(step), ..] => Some(step.span),
            [] => None,
        };
        if let Some(span) = output {
            reference.subject_range.end = span.end;
        }
        Ok(reference)
    }

    /// `TYPE.NAME` after `skipped` leading steps of the traversal, its root included.
    fn resource(&self, mode: Mode, first: usize, rule: &str) -> Result<Reference, Diagnostic> {
        match (self.traversal.steps.get(first), self.traversal.steps.get(first + 1)) {
            (Some(Step::Attr(type_name)), Some(Step::Attr(name))) => {
                let subject = ResourceAddr {
                    mode,
                    type_name: type_name.name.name.as_str().into(),
                    name: name.name.name.as_str().into(),
                };
                Ok(self.keyed_reference(Subject::Resource(subject), first + 2))
            }
            (Some(Step::Attr(_)), Some(Step::Index(step))) | (Some(Step::Index(step)), _) => {
                Err(self.invalid(step.span, rule))
            }
            (Some(Step::Attr(_)), None) | (None, _) => Err(self.invalid(self.traversal.span, rule)),
        }
    }

    /// `TYPE.NAME`
    fn implicit_resource(&self) -> Result<Reference, Diagnostic> {
        let root = &self.traversal.root;
        match self.traversal.steps.first() {
            Some(Step::Attr(name)) => {
                let subject = ResourceAddr {
                    mode: Mode::Managed,
                    type_name: root.name.as_str().into(),
                    name: name.name.name.as_str().into(),
                };
                Ok(self.keyed_reference(Subject::Resource(subject), 1))
            }
            Some(Step::Index(step)) => Err(self.invalid(
                root.span.to(step.span),
                "The name of a resource type must be followed by a dot and the name of a resource.",
            )),
            None => {
                let error = self.invalid(
                    root.span,
                    "The name of a resource type must be followed by a dot and the name of a resource; a bare name refers to \
                     nothing.",
                );
                Err(error.hint(format!(
                    "For text, write it in quotes: \"{name}\". For a variable or local value, write var.{name} or local.{name}.",
                    name = root.name
                )))
            }
        }
    }

    fn name_after_root(&self) -> Result<Arc<str>, Diagnostic> {
        let root = &self.traversal.root;
        match self.traversal.steps.first() {
            Some(Step::Attr(step)) => Ok(step.name.name.as_str().into()),
            Some(Step::Index(step)) => Err(self.invalid(
                step.span,
                &format!("The `{}` object can't be indexed. Name one of its attributes after a dot.", root.name),
            )),
            None => Err(self.invalid(
                root.span,
                &format!(
                    "The `{}` object can't be used as a whole. Name one of its attributes after a dot.",
                    root.name
                ),
            )),
        }
    }

    /// The reference whose subject takes the first `taken` steps after the root.
    fn reference(&self, subject: Subject, taken: usize) -> Reference {
        let end = match taken.checked_sub(1) {
            Some(last) => self.traversal.steps[last].span(),
            None => self.traversal.root.span,
        };
        Reference {
            subject,
            rest: self.traversal.steps[taken..].to_vec(),
            range: range(self.file, self.traversal.span),
            subject_range: range(self.file, self.traversal.root.span.to(end)),
        }
    }

    fn keyed_reference(&self, subject: Subject, taken: usize) -> Reference {
        let mut reference = self.reference(subject, taken);
        if let Some(Step::Index(step)) = reference.rest.first() {
            reference.subject_range.end = step.span.end;
        }
        reference
    }

    fn invalid(&self, at: Span, detail: &str) -> Diagnostic {
        Diagnostic::error("Invalid reference", detail).at(range(self.file, at))
    }

    fn unknown_attribute(&self, name: &str, subjects: &[(&str, Subject)]) -> Diagnostic {
        let root = &self.traversal.root.name;
        let known: Vec<&str> = subjects.iter().map(|(known, _)| *known).collect();
        let listed: Vec<String> = known.iter().map(|known| format!("{root}.{known}")).collect();
        let at = self.reference(Subject::SelfObject, 1).subject_range;
        let error = Diagnostic::error(
            format!("Invalid \"{root}\" attribute"),
            format!("The `{root}` object has no attribute `{name}`. There is {}.", listed.join(", ")),
        )
        .at(at);
        match (root.as_str(), name) {
            ("terraform", "env") => error.hint("The environment is called a workspace now: write terraform.workspace."),
            (_, name) => did_you_mean(error, similar(name, known)),
        }
    }

    fn reserved(&self, name: &str) -> Diagnostic {
        Diagnostic::error(
            "Reserved symbol name",
            format!("The name `{name}` is reserved for later versions of the language."),
        )
        .at(range(self.file, self.traversal.root.span))
        .hint(format!("If a provider has a resource type of this name, write resource.{name}."))
    }
}
