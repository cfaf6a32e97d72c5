//! Calls of functions.

use hcl::ast::{Call, Expr};
use model::convert::convert;
use model::diagnostic::Diagnostic;
use model::ty::Type;
use model::value::{Kind, Value};

use crate::evaluate::failure::Problem;
use crate::evaluate::{Evaluator, Names, Root};
use crate::functions::{self, Context, Function, Parameter};
use crate::suggestion::similar;

impl Evaluator<'_> {
    pub(super) fn call(&mut self, expr: &Expr, call: &Call, names: Option<&Names<'_>>) -> Value {
        let name = call.name.name.strip_prefix("core::").unwrap_or(&call.name.name);
        if matches!(self.root, Root::Nothing) {
            return self.fail(expr, call.name.span, names, unknown_function(name));
        }
        match name {
            "try" if call.expand.is_none() && !call.args.is_empty() => return self.call_try(expr, call, names),
            "can" if call.expand.is_none() && call.args.len() == 1 => return self.call_can(&call.args[0], names),
            _ => {}
        }
        let Some(function) = functions::find(name) else {
            let problem = unknown_function(name);
            return self.fail(expr, call.name.span, names, problem);
        };
        if name == "templatestring"
            && let Some(template) = call.args.first()
            && !is_reference(template)
        {
            let problem = Problem::new(
                "Invalid function argument",
                "The template must be a reference to a string that comes from elsewhere. A template that is written in place \
                 needs no function: it is rendered as it stands.",
            );
            return self.fail(expr, template.span(), names, problem);
        }
        let mistakes = self.mistakes();
        let mut arguments: Vec<Value> = call.args.iter().map(|argument| self.value(argument, names)).collect();
        if self.mistakes() > mistakes {
            return Value::unknown(Type::Dynamic);
        }
        if name == "templatestring"
            && let (Some(argument), Some(template)) = (arguments.first(), call.args.first())
            && !matches!(argument.ty(), Type::String | Type::Dynamic)
        {
            let problem = Problem::new("Invalid function argument", "The template must be a string.");
            return self.fail(expr, template.span(), names, problem);
        }
        if call.expand.is_some() {
            match self.expand(expr, call, &mut arguments, names) {
                Ok(()) => {}
                Err(value) => return value,
            }
        }
        if let Some(problem) = wrong_count(function, arguments.len()) {
            return self.fail(expr, call.span, names, problem);
        }
        for (index, argument) in arguments.iter_mut().enumerate() {
            let Some(parameter) = function.parameter(index) else { continue };
            match convert(argument, &parameter.shape.ty()) {
                Ok(converted) => *argument = converted,
                Err(error) => {
                    let problem = invalid_argument(parameter, &error.to_string());
                    return self.fail(expr, argument_span(call, index), names, problem);
                }
            }
        }
        let context = Context::new(self.surroundings, self.templates);
        match functions::call(function, arguments, context) {
            Ok(value) => value,
            Err(error) => {
                let parameter = error.argument.and_then(|index| Some((index, function.parameter(index)?)));
                match parameter {
                    Some((index, parameter)) => {
                        let problem = invalid_argument(parameter, &error.message);
                        self.fail(expr, argument_span(call, index), names, problem)
                    }
                    None => {
                        let detail = format!("The call of {name:?} failed: {}.", error.message);
                        self.fail(expr, call.span, names, Problem::new("Error in function call", detail))
                    }
                }
            }
        }
    }

    /// Replaces the last argument by its elements. `Err` is the result of the call where it can't be made.
    fn expand(
        &mut self,
        expr: &Expr,
        call: &Call,
        arguments: &mut Vec<Value>,
        names: Option<&Names<'_>>,
    ) -> Result<(), Value> {
        const SUMMARY: &str = "Invalid expanding argument value";
        let Some(last) = arguments.pop() else { return Ok(()) };
        let span = call.args.last().map_or(call.span, Expr::span);
        let (last, marks) = last.unmark();
        match last.reveal() {
            Kind::List(_, items) | Kind::Set(_, items) | Kind::Tuple(items) => {
                arguments.extend(items.iter().map(|item| item.clone().with_marks(marks)));
                Ok(())
            }
            Kind::Unknown(Type::Dynamic | Type::List(_) | Type::Set(_) | Type::Tuple(_), _) => {
                Err(Value::unknown(Type::Dynamic).with_marks(marks))
            }
            Kind::Null(_) => {
                Err(self.fail(expr, span, names, Problem::new(SUMMARY, "The argument before `...` is null.")))
            }
            Kind::Unknown(..) | Kind::Bool(_) | Kind::Number(_) | Kind::String(_) | Kind::Map(..) | Kind::Object(_) => {
                let detail = "The argument before `...` must be a list, set or tuple.";
                Err(self.fail(expr, span, names, Problem::new(SUMMARY, detail)))
            }
        }
    }

    /// The first argument that evaluates without a mistake.
    fn call_try(&mut self, expr: &Expr, call: &Call, names: Option<&Names<'_>>) -> Value {
        let mut failures = Vec::new();
        for argument in &call.args {
            let (value, found) = self.guarded(argument, names);
            if !found.is_empty() {
                failures.extend(found);
                continue;
            }
            // What is unknown may fail once it is known, and then another argument is the result.
            return if value.is_wholly_known() { value } else { Value::unknown(Type::Dynamic) };
        }
        let mut detail = "None of the arguments of \"try\" could be evaluated:".to_owned();
        for failure in &failures {
            detail.push_str(&format!("\n- {}: {}", failure.summary, failure.detail));
        }
        self.fail(expr, call.span, names, Problem::new("Error in function call", detail))
    }

    fn call_can(&mut self, argument: &Expr, names: Option<&Names<'_>>) -> Value {
        let (value, found) = self.guarded(argument, names);
        if !found.is_empty() {
            Value::bool(false)
        } else if value.is_wholly_known() {
            Value::bool(true)
        } else {
            Value::unknown(Type::Bool)
        }
    }

    fn guarded(&mut self, argument: &Expr, names: Option<&Names<'_>>) -> (Value, Vec<Diagnostic>) {
        self.guards += 1;
        let result = self.isolated(|this| this.value(argument, names));
        self.guards -= 1;
        result
    }
}

fn unknown_function(name: &str) -> Problem {
    const SUMMARY: &str = "Call to unknown function";
    let problem = Problem::new(SUMMARY, format!("There is no function named {name:?}."));
    if let Some(provider) = name.strip_prefix("provider::").and_then(|rest| rest.split("::").next()) {
        return problem.hint(format!("The provider {provider:?} offers no such function."));
    }
    problem.hint(similar(name, functions::names()).map(|name| format!("Did you mean \"{name}\"?")))
}

fn wrong_count(function: &Function, given: usize) -> Option<Problem> {
    let required = function.parameters.len();
    let name = function.name;
    let arguments = |count: usize| if count == 1 { "1 argument".to_owned() } else { format!("{count} arguments") };
    if let Some(missing) = function.parameters.get(given) {
        let least = if function.variadic.is_some() { "at least " } else { "" };
        let detail = format!(
            "The function {name:?} takes {least}{}, and {given} {} given. The value of {:?} is missing.",
            arguments(required),
            if given == 1 { "is" } else { "are" },
            missing.name
        );
        return Some(Problem::new("Not enough function arguments", detail));
    }
    (given > required && function.variadic.is_none()).then(|| {
        let detail = format!("The function {name:?} takes {}, and {given} are given.", arguments(required));
        Problem::new("Too many function arguments", detail)
    })
}

fn invalid_argument(parameter: &Parameter, why: &str) -> Problem {
    Problem::new("Invalid function argument", format!("Invalid value for the parameter {:?}: {why}.", parameter.name))
}

/// Whether an expression names something, with attributes and indexes.
fn is_reference(expr: &Expr) -> bool {
    match expr {
        Expr::Variable(_) => true,
        Expr::Access(access) => is_reference(&access.base),
        Expr::Literal(_)
        | Expr::Template(_)
        | Expr::TemplateWrap(_)
        | Expr::Call(_)
        | Expr::Unary(_)
        | Expr::Binary(_)
        | Expr::Conditional(_)
        | Expr::For(_)
        | Expr::Tuple(_)
        | Expr::Object(_)
        | Expr::Paren(_)
        | Expr::Missing(_) => false,
    }
}

/// Where an argument stands; elements of an expanded one stand where that does.
fn argument_span(call: &Call, index: usize) -> hcl::span::Span {
    call.args.get(index).or(call.args.last()).map_or(call.span, Expr::span)
}
