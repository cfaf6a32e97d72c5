//! What an expression refers to: the objects of the configuration that its value depends on.

use std::fmt;
use std::sync::Arc;

use hcl::ast::Step;
use model::address::ResourceAddr;
use model::source::SourceRange;

/// One mention of an object in an expression: `aws_vpc.main.id` mentions `aws_vpc.main`, and `.id` remains.
#[derive(Clone, PartialEq, Debug)]
pub struct Reference {
    pub subject: Subject,
    /// The steps after the subject that are known from the text: `.id`, `[0].id`.
    pub rest: Vec<Step>,
    /// The whole traversal in the source.
    pub range: SourceRange,
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

/// Prints the subject as it is written in the language.
impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Subject::Variable(name) => write!(f, "var.{name}"),
            Subject::Local(name) => write!(f, "local.{name}"),
            Subject::Resource(resource) => write!(f, "{resource}"),
            Subject::Module(name) => write!(f, "module.{name}"),
            Subject::Output(name) => write!(f, "output.{name}"),
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
