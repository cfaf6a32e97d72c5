//! Reading the arguments and nested blocks that the language itself gives a meaning to.

use std::sync::Arc;

use model::diagnostic::{Diagnostic, Diagnostics};
use model::source::SourceRange;

use crate::body::{Attribute, Block, Body, Item, Syntax};
use crate::suggestion::{did_you_mean, similar};

/// What a block of the language may contain.
pub(crate) struct Grammar {
    pub required: &'static [&'static str],
    pub optional: &'static [&'static str],
    pub blocks: &'static [Kind],
    /// Names that later versions of the language may use here, and that nobody else may therefore.
    pub reserved_arguments: &'static [&'static str],
    pub reserved_blocks: &'static [&'static str],
    /// What the block is called in messages about reserved names.
    pub owner: &'static str,
}

/// A kind of block, with what its labels are called.
pub(crate) struct Kind {
    pub name: &'static str,
    pub labels: &'static [&'static str],
}

/// The parts of a body that a grammar names.
pub(crate) struct Content {
    attributes: Vec<Attribute>,
    /// With the right number of labels, in source order.
    pub blocks: Vec<Block>,
    /// What the grammar does not name.
    rest: Vec<Item>,
    syntax: Syntax,
    range: SourceRange,
    missing: SourceRange,
}

impl Kind {
    pub const fn new(name: &'static str, labels: &'static [&'static str]) -> Kind {
        Kind { name, labels }
    }
}

impl Grammar {
    pub const fn new(
        required: &'static [&'static str],
        optional: &'static [&'static str],
        blocks: &'static [Kind],
    ) -> Grammar {
        Grammar { required, optional, blocks, reserved_arguments: &[], reserved_blocks: &[], owner: "" }
    }

    pub const fn reserving(
        mut self,
        owner: &'static str,
        arguments: &'static [&'static str],
        blocks: &'static [&'static str],
    ) -> Grammar {
        self.owner = owner;
        self.reserved_arguments = arguments;
        self.reserved_blocks = blocks;
        self
    }

    /// Reads a body that may contain nothing else.
    pub fn read(&self, body: &Body, diagnostics: &mut Diagnostics) -> Content {
        let mut content = self.read_partial(body, diagnostics);
        for item in std::mem::take(&mut content.rest) {
            diagnostics.push(match item {
                Item::Attribute(attribute) => self.unsupported_argument(&attribute, body.syntax),
                Item::Block(block) => self.unsupported_block(&block),
            });
        }
        content
    }

    /// Reads the part of a body that the language gives a meaning to; the rest is somebody else's.
    pub fn read_partial(&self, body: &Body, diagnostics: &mut Diagnostics) -> Content {
        let mut content = Content {
            attributes: Vec::new(),
            blocks: Vec::new(),
            rest: Vec::new(),
            syntax: body.syntax,
            range: body.range,
            missing: body.missing,
        };
        for item in body.items.iter() {
            match item {
                Item::Attribute(attribute) if self.has_attribute(&attribute.name) => {
                    content.attributes.push(attribute.clone());
                }
                Item::Attribute(attribute) if self.reserved_arguments.contains(&&*attribute.name) => {
                    diagnostics.push(self.reserved("argument", &attribute.name, attribute.name_range));
                }
                Item::Block(block) if self.reserved_blocks.contains(&&*block.kind) => {
                    diagnostics.push(self.reserved("block type", &block.kind, block.kind_range));
                }
                Item::Block(block) => match self.blocks.iter().find(|kind| *kind.name == *block.kind) {
                    Some(kind) => match check_labels(kind, block) {
                        Ok(()) => content.blocks.push(block.clone()),
                        Err(error) => diagnostics.push(error),
                    },
                    None => content.rest.push(item.clone()),
                },
                Item::Attribute(_) => content.rest.push(item.clone()),
            }
        }
        for name in self.required {
            if body.attribute(name).is_none() {
                diagnostics.push(missing_argument(name, body.missing));
            }
        }
        content
    }

    fn has_attribute(&self, name: &str) -> bool {
        self.required.contains(&name) || self.optional.contains(&name)
    }

    fn attribute_names(&self) -> impl Iterator<Item = &'static str> {
        self.required.iter().chain(self.optional).copied()
    }

    fn reserved(&self, what: &str, name: &str, at: SourceRange) -> Diagnostic {
        Diagnostic::error(
            format!("Reserved {what} name in {} block", self.owner),
            format!("The name `{name}` is reserved here for later versions of the language."),
        )
        .at(at)
        .hint(format!("If the name is the provider's, write it inside an escape block: _ {{ {name} .. }}"))
    }

    fn unsupported_argument(&self, attribute: &Attribute, syntax: Syntax) -> Diagnostic {
        let is_block = self.blocks.iter().any(|kind| *kind.name == *attribute.name);
        let mut known: Vec<&str> = self.attribute_names().collect();
        if syntax == Syntax::Json {
            known.extend(self.blocks.iter().map(|kind| kind.name));
        }
        unsupported_argument(attribute, syntax, is_block, similar(&attribute.name, known))
    }

    fn unsupported_block(&self, block: &Block) -> Diagnostic {
        let is_attribute = self.has_attribute(&block.kind);
        let suggestion = similar(&block.kind, self.blocks.iter().map(|kind| kind.name));
        unsupported_block(block, is_attribute, suggestion)
    }
}

impl Content {
    /// The attribute of this name.
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|attribute| *attribute.name == *name)
    }

    /// The blocks of this kind in source order.
    pub fn blocks_of<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Block> {
        self.blocks.iter().filter(move |block| *block.kind == *kind)
    }

    /// The only block of this kind; further ones are errors.
    pub fn single_block(&self, kind: &str, owner: &str, diagnostics: &mut Diagnostics) -> Option<&Block> {
        let first = self.blocks.iter().find(|block| *block.kind == *kind)?;
        for other in self.blocks.iter().filter(|block| *block.kind == *kind).skip(1) {
            diagnostics.push(
                Diagnostic::error(
                    format!("Duplicate {kind} block"),
                    format!("A {owner} can have only one `{kind}` block, and there is one above already."),
                )
                .at(other.header),
            );
        }
        Some(first)
    }

    /// What the grammar does not name, as a body of its own. The content of an escape block `_ { }` is part of it.
    pub fn into_rest(self) -> Body {
        let escaped = self.blocks.iter().filter(|block| *block.kind == *"_").flat_map(|block| block.body.items.iter());
        let items: Arc<[Item]> = self.rest.into_iter().chain(escaped.cloned()).collect();
        Body { items, syntax: self.syntax, range: self.range, missing: self.missing }
    }
}

fn check_labels(kind: &Kind, block: &Block) -> Result<(), Diagnostic> {
    let (wanted, given) = (kind.labels.len(), block.labels.len());
    if given < wanted {
        let missing = kind.labels[given];
        let labels: Vec<String> = kind.labels.iter().map(|label| format!("\"{}\"", label.to_uppercase())).collect();
        return Err(Diagnostic::error(
            format!("Missing {missing} for {}", kind.name),
            format!("`{}` blocks are written with {}.", kind.name, count_labels(wanted, kind.labels)),
        )
        .at(block.body.missing)
        .within(block.header)
        .hint(format!("Write: {} {} {{", kind.name, labels.join(" "))));
    }
    match block.labels.get(wanted) {
        Some(extra) => Err(Diagnostic::error(
            format!("Extraneous label for {}", kind.name),
            format!("`{}` blocks are written with {}.", kind.name, count_labels(wanted, kind.labels)),
        )
        .at(extra.range)
        .within(block.header)),
        None => Ok(()),
    }
}

fn count_labels(wanted: usize, labels: &[&str]) -> String {
    match wanted {
        0 => "no label".to_string(),
        1 => format!("one label, the {}", labels[0]),
        _ => format!("{wanted} labels, the {}", labels.join(" and the ")),
    }
}

/// The error about a required argument that is not there.
pub(crate) fn missing_argument(name: &str, at: SourceRange) -> Diagnostic {
    Diagnostic::error("Missing required argument", format!("The argument `{name}` is required, but it is not given."))
        .at(at)
}

/// The error about an argument that is not known here.
pub(crate) fn unsupported_argument(
    attribute: &Attribute,
    syntax: Syntax,
    is_block: bool,
    suggestion: Option<&str>,
) -> Diagnostic {
    let name = &attribute.name;
    if syntax == Syntax::Json {
        let error = Diagnostic::error(
            "Extraneous JSON object property",
            format!("There is no argument or block `{name}` here."),
        )
        .at(attribute.name_range);
        return did_you_mean(error, suggestion);
    }
    let error = Diagnostic::error("Unsupported argument", format!("There is no argument `{name}` here."))
        .at(attribute.name_range);
    if is_block {
        error.hint(format!("To write a block of this kind, leave out the equals sign: {name} {{ .. }}"))
    } else {
        did_you_mean(error, suggestion)
    }
}

/// The error about a kind of block that is not known here.
pub(crate) fn unsupported_block(block: &Block, is_attribute: bool, suggestion: Option<&str>) -> Diagnostic {
    let kind = block.made_kind();
    let error =
        Diagnostic::error("Unsupported block type", format!("Blocks of the kind `{kind}` can't be written here."))
            .at(if *kind == *block.kind { block.kind_range } else { block.labels[0].range });
    if is_attribute {
        error.hint(format!("To set the argument of this name, use the equals sign: {kind} = .."))
    } else {
        did_you_mean(error, suggestion)
    }
}
