//! Strings with interpolations and directives.

use std::collections::BTreeMap;
use std::sync::Arc;

use hcl::ast::{Interpolation, Template, TemplateFor, TemplateIf, TemplatePart};
use hcl::span::LineIndex;
use model::convert::convert;
use model::diagnostic::Diagnostic;
use model::source::SourceRange;
use model::ty::Type;
use model::value::{Facts, Kind, Marks, Refinement, Value};
use unicode_segmentation::UnicodeSegmentation;

use crate::evaluate::failure::Problem;
use crate::evaluate::{Evaluator, Names, Root};
use crate::scope::Surroundings;
use crate::suggestion::{did_you_mean, similar};

/// More of a known prefix is not worth keeping.
const PREFIX_BYTES_MAX: usize = 128;

/// The text of a template so far.
struct Output {
    text: String,
    /// Once a part is unknown, `text` stays what is known of the beginning.
    known: bool,
    marks: Marks,
}

impl Output {
    fn new() -> Output {
        Output { text: String::new(), known: true, marks: Marks::NONE }
    }

    fn push(&mut self, text: &str) {
        if self.known {
            self.text.push_str(text);
        }
    }

    /// Adds a part that was rendered on its own. What is known of an unknown one does not count, as in Terraform.
    fn append(&mut self, part: Output) {
        self.marks |= part.marks;
        match part.known {
            true => self.push(&part.text),
            false => self.known = false,
        }
    }

    fn finish(self) -> Value {
        let value = if self.known {
            Value::string(self.text)
        } else {
            let string_prefix = safe_prefix(&self.text).map(Arc::from);
            let facts = Facts { not_null: true, string_prefix, ..Facts::default() };
            Value::unknown_with(Type::String, Refinement::from(facts))
        };
        value.with_marks(self.marks)
    }
}

impl Evaluator<'_> {
    pub(super) fn template(&mut self, template: &Template, names: Option<&Names<'_>>) -> Value {
        if let Some(text) = template.as_literal() {
            return Value::string(text);
        }
        let mut output = Output::new();
        self.parts(&template.parts, names, &mut output);
        output.finish()
    }

    fn parts(&mut self, parts: &[TemplatePart], names: Option<&Names<'_>>, output: &mut Output) {
        for part in parts {
            match part {
                TemplatePart::Literal(literal) => output.push(&literal.value),
                TemplatePart::Interpolation(interpolation) => self.interpolation(interpolation, names, output),
                TemplatePart::If(directive) => self.template_if(directive, names, output),
                TemplatePart::For(directive) => self.template_for(directive, names, output),
            }
        }
    }

    fn interpolation(&mut self, interpolation: &Interpolation, names: Option<&Names<'_>>, output: &mut Output) {
        let value = self.value(&interpolation.expr, names);
        self.append(value, interpolation, names, output);
    }

    fn append(&mut self, value: Value, interpolation: &Interpolation, names: Option<&Names<'_>>, output: &mut Output) {
        const SUMMARY: &str = "Invalid template interpolation value";
        let span = interpolation.expr.span();
        let (value, marks) = value.unmark_deep();
        output.marks |= marks;
        if value.is_null() {
            let detail = "The value of the interpolation is null, and null can't be put into a string.";
            self.fail(&interpolation.expr, span, names, Problem::new(SUMMARY, detail));
            output.known = false;
            return;
        }
        // As Terraform, which looks at types only when there are values.
        if !value.is_known() {
            output.known = false;
            return;
        }
        match convert(&value, &Type::String) {
            Ok(value) => match value.reveal() {
                Kind::String(text) => output.push(text),
                _ => output.known = false,
            },
            Err(error) => {
                let detail = format!("The value of the interpolation can't be put into a string: {error}.");
                let problem =
                    Problem::new(SUMMARY, detail).hint(value.reveal().length().map(|_| {
                        "Use jsonencode() to write the whole value, or join() for a list of strings.".to_owned()
                    }));
                self.fail(&interpolation.expr, span, names, problem);
                output.known = false;
            }
        }
    }

    fn template_if(&mut self, directive: &TemplateIf, names: Option<&Names<'_>>, output: &mut Output) {
        // The part that is not chosen is evaluated too, for the references in it.
        let condition = self.value(&directive.condition, names);
        let span = directive.condition.span();
        let (condition, marks) = condition.unmark_deep();
        output.marks |= marks;
        if condition.is_null() {
            let problem = Problem::new("Null condition", "The condition is null. It must be true or false.");
            self.fail(&directive.condition, span, names, problem);
            output.known = false;
            return;
        }
        let chosen = match convert(&condition, &Type::Bool) {
            Ok(condition) => condition.reveal().as_bool(),
            Err(error) => {
                let detail = format!("The condition must be true or false: {error}.");
                self.fail(&directive.condition, span, names, Problem::new("Incorrect condition type", detail));
                None
            }
        };
        let branch = |this: &mut Self, parts: &[TemplatePart]| {
            this.isolated(|this| {
                let mut inner = Output::new();
                this.parts(parts, names, &mut inner);
                inner
            })
        };
        let (then, then_found) = branch(self, &directive.then);
        let (otherwise, otherwise_found) = branch(self, &directive.otherwise);
        match chosen {
            Some(chosen) => {
                let (part, found) = if chosen { (then, then_found) } else { (otherwise, otherwise_found) };
                self.found.extend(found);
                output.append(part);
            }
            None => {
                output.marks |= then.marks | otherwise.marks;
                output.known = false;
            }
        }
    }

    fn template_for(&mut self, directive: &TemplateFor, names: Option<&Names<'_>>, output: &mut Output) {
        let mistakes = self.mistakes();
        let collection = self.value(&directive.collection, names);
        if self.mistakes() > mistakes {
            output.known = false;
            return;
        }
        let (collection, marks) = collection.unmark();
        let Some(elements) = self.elements_of(&directive.collection, &collection, directive.collection.span(), names)
        else {
            output.known = false;
            return;
        };
        let mut all = Output { marks, ..Output::new() };
        for (key, value) in &elements {
            let mistakes = self.mistakes();
            let outer = directive.key.as_ref().map(|ident| Names { name: &ident.name, value: key, outer: names });
            let outer = outer.as_ref().or(names);
            let inner = Names { name: &directive.value.name, value, outer };
            self.parts(&directive.body, Some(&inner), &mut all);
            if self.mistakes() > mistakes {
                all.known = false;
                break;
            }
        }
        // As Terraform, which marks the texts of elements only when all are known.
        if !all.known {
            all.marks = marks;
        }
        output.append(all);
    }
}

/// The beginning of a text that stays as it is whatever is appended: the last character may still combine with the next.
fn safe_prefix(text: &str) -> Option<&str> {
    const ENDS: &str = "-_:;/\\,.(){}[]|?!~ \t@#$%^&*+\"'=<>";
    let cut = (0..=text.len().min(PREFIX_BYTES_MAX)).rev().find(|at| text.is_char_boundary(*at))?;
    let text = &text[..cut];
    let (last_at, last) = text.grapheme_indices(true).next_back()?;
    let prefix = if ENDS.contains(last) { text } else { &text[..last_at] };
    (!prefix.is_empty()).then_some(prefix)
}

/// Why a template could not be rendered, with places inside the template's own text: `file.tpl:3,5-9: Summary; detail`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TemplateError {
    pub message: String,
}

/// Renders the text of a template with the given variables, as `templatefile` does. `name` stands for it in messages.
///
/// `depth` counts the templates around this one.
///
/// # Errors
/// The text is no template, or an expression in it fails.
pub fn render(
    text: &str,
    name: &str,
    variables: &BTreeMap<Arc<str>, Value>,
    surroundings: Surroundings<'_>,
    depth: usize,
) -> Result<Value, TemplateError> {
    let parsed = hcl::parse_template(text);
    let lines = LineIndex::new(text.as_bytes());
    let place = |start: u32, end: u32| {
        let (from, to) = (lines.position(text.as_bytes(), start), lines.position(text.as_bytes(), end));
        if from.line == to.line {
            format!("{name}:{},{}-{}", from.line, from.column, to.column)
        } else {
            format!("{name}:{},{}-{},{}", from.line, from.column, to.line, to.column)
        }
    };
    if let Some(error) = parsed.errors.first() {
        let at = place(error.range.start, error.range.end);
        return Err(TemplateError { message: format!("{at}: {}; {}", error.summary, sentence_end(&error.detail)) });
    }
    let mut evaluator = Evaluator {
        // The values are not shown: the diagnostic is about the call, whose own references are.
        guards: 1,
        templates: depth,
        ..Evaluator::rooted(Root::Template(variables), surroundings)
    };
    let value = evaluator.value(&parsed.expr, None);
    match evaluator.finish().iter().next() {
        None => Ok(value),
        Some(diagnostic) => {
            let at = diagnostic.subject.map_or_else(|| name.to_owned(), |range| place(range.start, range.end));
            let message = format!("{at}: {}; {}", diagnostic.summary, sentence_end(&diagnostic.detail));
            Err(TemplateError { message })
        }
    }
}

/// The text without the period at its end, for use inside a sentence.
fn sentence_end(detail: &str) -> &str {
    detail.strip_suffix('.').unwrap_or(detail)
}

/// A template mentions a variable that it was not given.
pub(super) fn missing_variable(range: SourceRange, name: &str, variables: &BTreeMap<Arc<str>, Value>) -> Diagnostic {
    let detail = format!("The variables given to the template do not contain {name:?}.");
    let diagnostic = Diagnostic::error("Unknown variable", detail).at(range);
    did_you_mean(diagnostic, similar(name, variables.keys().map(AsRef::as_ref)))
}
