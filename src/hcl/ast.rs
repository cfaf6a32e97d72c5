//! The tree of the native syntax: what a file says, with the byte range of every part.
//!
//! The tree is owned (no lifetime) and holds values as the language means them: string escapes are processed, heredocs are
//! dedented, strip markers are applied. Layout lives in the tokens ([`crate::token`]), not here.
//!
//! Depth is bounded by the parser ([`crate::NESTING_MAX`]), and what people chain without nesting is flat: operators of one
//! precedence are one [`Binary`] and access steps are one [`Access`], so recursion over a tree is safe.

use smol_str::SmolStr;

use crate::span::Span;

/// The content of a file or of a block: attributes and blocks in source order.
///
/// Two attributes of one name are a syntax error; both stay in `items`, and [`Body::attribute`] finds the first.
#[derive(Debug, Clone, PartialEq)]
pub struct Body {
    pub items: Vec<Item>,
    /// The whole file, or what is between the braces of a block.
    pub span: Span,
    /// Where an item could be added: an empty range at the end of the body. Errors about something missing point here.
    pub end: Span,
}

/// One item of a body.
#[derive(Debug, Clone, PartialEq)]
pub enum Item {
    Attribute(Attribute),
    Block(Block),
}

/// `name = expression`.
#[derive(Debug, Clone, PartialEq)]
pub struct Attribute {
    pub name: Ident,
    pub equals: Span,
    pub expr: Expr,
    /// From the name to the end of the expression.
    pub span: Span,
}

/// `kind "label" label { body }`.
#[derive(Debug, Clone, PartialEq)]
pub struct Block {
    pub kind: Ident,
    pub labels: Vec<Label>,
    pub body: Body,
    /// From the kind to the last label: what an error about the block as a whole underlines.
    pub header: Span,
    /// The opening brace.
    pub open: Span,
    /// The closing brace; empty where it is missing.
    pub close: Span,
    /// From the kind to the closing brace.
    pub span: Span,
}

/// A label of a block, with its escapes processed.
#[derive(Debug, Clone, PartialEq)]
pub struct Label {
    pub text: SmolStr,
    /// Written in quotes. `resource aws_vpc main {` is valid too.
    pub quoted: bool,
    /// With the quotes.
    pub span: Span,
}

/// A name as written.
#[derive(Debug, Clone, PartialEq)]
pub struct Ident {
    pub name: SmolStr,
    pub span: Span,
}

/// An expression.
#[derive(Debug, Clone, PartialEq)]
pub enum Expr {
    /// A number, `true`, `false` or `null`.
    Literal(Literal),
    /// A quoted string, a heredoc or a whole template file; its value is a string.
    Template(Template),
    /// `"${x}"` and nothing else: the value of `x` itself, of whatever type.
    TemplateWrap(Box<TemplateWrap>),
    /// `name`, `name.attr[0]["key"]`: a root name and steps known from the text alone.
    Variable(Traversal),
    /// Steps applied to any other expression, or steps that need evaluation (`a[b]`, `a[*].c`).
    Access(Box<Access>),
    /// `name(arguments)`.
    Call(Box<Call>),
    /// `-x`, `!x`.
    Unary(Box<Unary>),
    /// `a + b - c`.
    Binary(Box<Binary>),
    /// `a ? b : c`.
    Conditional(Box<Conditional>),
    /// `[for ..]` or `{for ..}`.
    For(Box<For>),
    /// `[a, b]`.
    Tuple(Tuple),
    /// `{ a = b }`.
    Object(Object),
    /// `(x)`: the value of `x`; kept because it makes an object key an expression.
    Paren(Box<Paren>),
    /// Stands where no expression could be parsed; there is a syntax error for it.
    Missing(Span),
}

/// A number, `true`, `false` or `null`.
#[derive(Debug, Clone, PartialEq)]
pub struct Literal {
    pub value: LiteralValue,
    pub span: Span,
}

/// The value of a [`Literal`].
#[derive(Debug, Clone, PartialEq)]
pub enum LiteralValue {
    Null,
    Bool(bool),
    /// Decimal digits, optionally with a fraction and an exponent, never a sign: `1`, `0.5`, `1e400`.
    Number(SmolStr),
}

/// A string with parts to evaluate; see [`TemplateForm`] for how it was written.
///
/// No two literals are adjacent, and none is empty: `""` has no parts.
#[derive(Debug, Clone, PartialEq)]
pub struct Template {
    pub parts: Vec<TemplatePart>,
    pub form: TemplateForm,
    /// With the quotes or the heredoc markers.
    pub span: Span,
}

/// How a template was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TemplateForm {
    /// `"..."`.
    Quoted,
    /// `<<EOT` or `<<-EOT`.
    Heredoc,
    /// The whole text, from [`crate::parse_template`].
    Bare,
    /// A string of the JSON syntax; its span has the quotes.
    Json,
}

/// A part of a template.
#[derive(Debug, Clone, PartialEq)]
pub enum TemplatePart {
    Literal(TemplateLiteral),
    Interpolation(Interpolation),
    If(Box<TemplateIf>),
    For(Box<TemplateFor>),
}

/// Text of a template: escapes processed, strip markers and heredoc dedent applied. Not normalised to NFC.
#[derive(Debug, Clone, PartialEq)]
pub struct TemplateLiteral {
    pub value: SmolStr,
    pub span: Span,
}

/// `${expr}`: must be convertible to a string.
#[derive(Debug, Clone, PartialEq)]
pub struct Interpolation {
    pub expr: Expr,
    /// With `${` and `}`.
    pub span: Span,
}

/// `%{if condition}then%{else}otherwise%{endif}`.
#[derive(Debug, Clone, PartialEq)]
pub struct TemplateIf {
    pub condition: Expr,
    pub then: Vec<TemplatePart>,
    /// Empty without an `else`.
    pub otherwise: Vec<TemplatePart>,
    /// From the opening of `%{if` to the end of `%{endif}`.
    pub span: Span,
}

/// `%{for key, value in collection}body%{endfor}`.
#[derive(Debug, Clone, PartialEq)]
pub struct TemplateFor {
    pub key: Option<Ident>,
    pub value: Ident,
    pub collection: Expr,
    pub body: Vec<TemplatePart>,
    /// From the opening of `%{for` to the end of `%{endfor}`.
    pub span: Span,
}

/// `"${inner}"`.
#[derive(Debug, Clone, PartialEq)]
pub struct TemplateWrap {
    pub inner: Expr,
    /// With the quotes.
    pub span: Span,
}

/// A root name and the steps from it: what refers to an object of the configuration.
#[derive(Debug, Clone, PartialEq)]
pub struct Traversal {
    pub root: Ident,
    pub steps: Vec<Step>,
    pub span: Span,
}

/// A step whose key is in the text.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    Attr(AttrStep),
    Index(IndexStep),
}

/// `.name`.
#[derive(Debug, Clone, PartialEq)]
pub struct AttrStep {
    pub name: Ident,
    /// With the dot.
    pub span: Span,
}

/// `[0]`, `["key"]`, or `.0`, which older configurations have.
#[derive(Debug, Clone, PartialEq)]
pub struct IndexStep {
    pub key: IndexKey,
    /// Written as `.0`.
    pub legacy: bool,
    /// With the brackets or the dot.
    pub span: Span,
}

/// A literal key of an index.
#[derive(Debug, Clone, PartialEq)]
pub enum IndexKey {
    /// A number as written; as [`LiteralValue::Number`]. May be fractional or out of range.
    Number(SmolStr),
    String(SmolStr),
}

/// Steps applied to the value of an expression, from left to right.
///
/// `base` is a [`Expr::Variable`] where one begins the chain, and then holds all steps before the first that needs evaluation:
/// `aws_instance.web[count.index].id` has the base `aws_instance.web`.
#[derive(Debug, Clone, PartialEq)]
pub struct Access {
    pub base: Expr,
    pub steps: Vec<AccessStep>,
    pub span: Span,
}

/// A step of an [`Access`].
#[derive(Debug, Clone, PartialEq)]
pub enum AccessStep {
    /// `.name`, `[0]`, `["key"]`, `.0`.
    Static(Step),
    /// `[expr]`.
    Index(DynamicIndex),
    /// `.*` or `[*]` with the steps that apply to each element.
    Splat(Splat),
}

/// `[key]` with a key that needs evaluation.
#[derive(Debug, Clone, PartialEq)]
pub struct DynamicIndex {
    pub key: Expr,
    /// With the brackets.
    pub span: Span,
}

/// A splat: `steps` are applied to each element of the value so far, and the results are a tuple.
///
/// A value that is no list, set or tuple counts as a list of it alone, and null as an empty one.
#[derive(Debug, Clone, PartialEq)]
pub struct Splat {
    pub kind: SplatKind,
    /// For [`SplatKind::Attr`] only [`AccessStep::Static`]; for [`SplatKind::Full`] everything that follows in the chain.
    pub steps: Vec<AccessStep>,
    /// `.*` or `[*]`.
    pub marker: Span,
    /// With the steps.
    pub span: Span,
}

/// Which splat was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SplatKind {
    /// `.*`: takes attributes and legacy indexes; a bracket after them applies to the whole result.
    Attr,
    /// `[*]`: takes everything after it.
    Full,
}

/// A call of a function.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// The whole name: `length`, `provider::aws::arn_parse`.
    pub name: Ident,
    pub args: Vec<Expr>,
    /// The `...` after the last argument, which is then a list of arguments.
    pub expand: Option<Span>,
    /// From `(` to `)`.
    pub parens: Span,
    pub span: Span,
}

/// An operator before one operand.
#[derive(Debug, Clone, PartialEq)]
pub struct Unary {
    pub op: UnaryOp,
    pub op_span: Span,
    pub operand: Expr,
    pub span: Span,
}

/// The operators of [`Unary`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnaryOp {
    /// `-`
    Negate,
    /// `!`
    Not,
}

/// Operators of one precedence, from left to right: `first op operand op operand ..`, with at least one of `rest`.
#[derive(Debug, Clone, PartialEq)]
pub struct Binary {
    pub first: Expr,
    pub rest: Vec<BinaryRest>,
    pub span: Span,
}

/// An operator and its right operand.
#[derive(Debug, Clone, PartialEq)]
pub struct BinaryRest {
    pub op: BinaryOp,
    pub op_span: Span,
    pub operand: Expr,
}

/// The operators of [`Binary`], by precedence, lowest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BinaryOp {
    /// `||`
    Or,
    /// `&&`
    And,
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterEqual,
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
    /// `%`
    Modulo,
}

/// `condition ? then : otherwise`.
#[derive(Debug, Clone, PartialEq)]
pub struct Conditional {
    pub condition: Expr,
    pub then: Expr,
    pub otherwise: Expr,
    pub span: Span,
}

/// A `for` expression. Its names shadow others in `result` and `filter`, not in `collection`.
#[derive(Debug, Clone, PartialEq)]
pub struct For {
    /// The first of two names.
    pub key: Option<Ident>,
    pub value: Ident,
    pub collection: Expr,
    pub result: ForResult,
    /// What follows `if`.
    pub filter: Option<Expr>,
    /// With the brackets or braces.
    pub span: Span,
}

/// What a `for` expression builds.
#[derive(Debug, Clone, PartialEq)]
pub enum ForResult {
    /// `[for .. : value]`.
    Tuple { value: Expr },
    /// `{for .. : key => value}`; with `grouping` (the `...`) a value is the tuple of all values of its key.
    Object { key: Expr, value: Expr, grouping: Option<Span> },
}

/// `[a, b]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Tuple {
    pub elements: Vec<Expr>,
    /// With the brackets.
    pub span: Span,
}

/// `{ a = 1, b = 2 }`. A key may occur twice; the last one wins.
#[derive(Debug, Clone, PartialEq)]
pub struct Object {
    pub entries: Vec<ObjectEntry>,
    /// With the braces.
    pub span: Span,
}

/// A key and its value.
#[derive(Debug, Clone, PartialEq)]
pub struct ObjectEntry {
    pub key: ObjectKey,
    pub value: Expr,
    /// From the key to the end of the value.
    pub span: Span,
}

/// A key of an object.
#[derive(Debug, Clone, PartialEq)]
pub enum ObjectKey {
    /// A bare name (also `true`, `null`): the text itself, not a reference.
    Ident(Ident),
    /// Anything else; converted to a string. A [`Expr::Variable`] with steps (`a.b = 1`) is ambiguous and an error of evaluation.
    Expr(Expr),
}

/// `(inner)`.
#[derive(Debug, Clone, PartialEq)]
pub struct Paren {
    pub inner: Expr,
    pub span: Span,
}

impl Body {
    /// The attributes in source order.
    pub fn attributes(&self) -> impl Iterator<Item = &Attribute> {
        self.items.iter().filter_map(|item| match item {
            Item::Attribute(attribute) => Some(attribute),
            Item::Block(_) => None,
        })
    }

    /// The blocks in source order.
    pub fn blocks(&self) -> impl Iterator<Item = &Block> {
        self.items.iter().filter_map(|item| match item {
            Item::Attribute(_) => None,
            Item::Block(block) => Some(block),
        })
    }

    /// The first attribute of this name.
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes().find(|attribute| attribute.name.name == name)
    }

    /// The blocks of this kind in source order.
    pub fn blocks_of<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Block> {
        self.blocks().filter(move |block| block.kind.name == kind)
    }
}

impl Item {
    /// The range of the item without the newline after it.
    pub fn span(&self) -> Span {
        match self {
            Item::Attribute(attribute) => attribute.span,
            Item::Block(block) => block.span,
        }
    }
}

impl Expr {
    /// The range of the expression in its text.
    pub fn span(&self) -> Span {
        match self {
            Expr::Literal(literal) => literal.span,
            Expr::Template(template) => template.span,
            Expr::TemplateWrap(wrap) => wrap.span,
            Expr::Variable(traversal) => traversal.span,
            Expr::Access(access) => access.span,
            Expr::Call(call) => call.span,
            Expr::Unary(unary) => unary.span,
            Expr::Binary(binary) => binary.span,
            Expr::Conditional(conditional) => conditional.span,
            Expr::For(expr) => expr.span,
            Expr::Tuple(tuple) => tuple.span,
            Expr::Object(object) => object.span,
            Expr::Paren(paren) => paren.span,
            Expr::Missing(span) => *span,
        }
    }

    /// The reference this expression is, for arguments that name objects rather than evaluate (`depends_on`, `provider`).
    pub fn as_traversal(&self) -> Option<&Traversal> {
        match self {
            Expr::Variable(traversal) => Some(traversal),
            Expr::Literal(_)
            | Expr::Template(_)
            | Expr::TemplateWrap(_)
            | Expr::Access(_)
            | Expr::Call(_)
            | Expr::Unary(_)
            | Expr::Binary(_)
            | Expr::Conditional(_)
            | Expr::For(_)
            | Expr::Tuple(_)
            | Expr::Object(_)
            | Expr::Paren(_)
            | Expr::Missing(_) => None,
        }
    }

    /// The single bare name this expression is (`all`, `string`; not `true`, which is a literal).
    pub fn as_keyword(&self) -> Option<&str> {
        self.as_traversal().filter(|traversal| traversal.steps.is_empty()).map(|traversal| traversal.root.name.as_str())
    }

    /// The text of a quoted string or heredoc without parts to evaluate, for arguments that must be known from the text.
    pub fn as_string_literal(&self) -> Option<&str> {
        if let Expr::Template(template) = self { template.as_literal() } else { None }
    }

    /// The call this expression is, for arguments that give calls a meaning of their own (`type = list(string)`).
    pub fn as_call(&self) -> Option<&Call> {
        if let Expr::Call(call) = self { Some(call) } else { None }
    }

    /// The elements of a literal list, for arguments that must be known from the text (`ignore_changes`, `depends_on`).
    pub fn as_list(&self) -> Option<&[Expr]> {
        if let Expr::Tuple(tuple) = self { Some(&tuple.elements) } else { None }
    }

    /// The entries of a literal object, for arguments that must be known from the text (`providers`, `required_providers`).
    pub fn as_object(&self) -> Option<&[ObjectEntry]> {
        if let Expr::Object(object) = self { Some(&object.entries) } else { None }
    }

    /// The expression inside any number of parentheses.
    pub fn without_parens(&self) -> &Expr {
        let mut expr = self;
        while let Expr::Paren(paren) = expr {
            expr = &paren.inner;
        }
        expr
    }
}

impl Template {
    /// The text of a template that has nothing to evaluate.
    pub fn as_literal(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [] => Some(""),
            [TemplatePart::Literal(literal)] => Some(&literal.value),
            [_] | [_, _, ..] => None,
        }
    }
}

impl TemplatePart {
    /// The range of the part; of a literal, the range it was written in.
    pub fn span(&self) -> Span {
        match self {
            TemplatePart::Literal(literal) => literal.span,
            TemplatePart::Interpolation(interpolation) => interpolation.span,
            TemplatePart::If(directive) => directive.span,
            TemplatePart::For(directive) => directive.span,
        }
    }
}

impl Step {
    /// The range of the step with its dot or brackets.
    pub fn span(&self) -> Span {
        match self {
            Step::Attr(step) => step.span,
            Step::Index(step) => step.span,
        }
    }
}

impl AccessStep {
    /// The range of the step; of a splat with the steps it contains.
    pub fn span(&self) -> Span {
        match self {
            AccessStep::Static(step) => step.span(),
            AccessStep::Index(index) => index.span,
            AccessStep::Splat(splat) => splat.span,
        }
    }
}

impl ObjectKey {
    /// The range of the key.
    pub fn span(&self) -> Span {
        match self {
            ObjectKey::Ident(ident) => ident.span,
            ObjectKey::Expr(expr) => expr.span(),
        }
    }

    /// The key where it is known from the text: a bare name or a string without parts to evaluate.
    pub fn as_literal(&self) -> Option<&str> {
        match self {
            ObjectKey::Ident(ident) => Some(&ident.name),
            ObjectKey::Expr(expr) => expr.as_string_literal(),
        }
    }
}

impl BinaryOp {
    /// The operator as written.
    pub fn symbol(self) -> &'static str {
        match self {
            BinaryOp::Or => "||",
            BinaryOp::And => "&&",
            BinaryOp::Equal => "==",
            BinaryOp::NotEqual => "!=",
            BinaryOp::Less => "<",
            BinaryOp::LessEqual => "<=",
            BinaryOp::Greater => ">",
            BinaryOp::GreaterEqual => ">=",
            BinaryOp::Add => "+",
            BinaryOp::Subtract => "-",
            BinaryOp::Multiply => "*",
            BinaryOp::Divide => "/",
            BinaryOp::Modulo => "%",
        }
    }
}

impl UnaryOp {
    /// The operator as written.
    pub fn symbol(self) -> &'static str {
        match self {
            UnaryOp::Negate => "-",
            UnaryOp::Not => "!",
        }
    }
}
