//! `infra console`: answers expressions, from a person at a terminal or from the standard input.

use std::io::{BufRead, IsTerminal};

use engine::console::Console;
use engine::event::Silent;
use engine::graph::Graph;
use engine::pool::Pool;
use hcl::ast::{Call, Expr};
use jiff::Timestamp;
use lang::expression::Expression;
use model::diagnostic::{Diagnostic, Diagnostics};
use model::source::{SourceMap, SourceRange};
use rustyline::error::ReadlineError;

use crate::cli::arguments;
use crate::cli::providers::{Native, OfPool};
use crate::cli::report::{Failure, Outcome, Reporter};
use crate::cli::session::Session;

/// What the text that is typed is called in messages.
const INPUT: &str = "<console-input>";

/// Answers expressions until the input ends. From a pipe, only the last answer is shown, as scripts expect it.
pub async fn run(arguments: &arguments::Console, reporter: &Reporter) -> Result<Outcome, Failure> {
    let mut session = Session::load_if_any(reporter)?;
    session.set_given_variables(&arguments.variables)?;
    let state = session.peek(arguments.state.as_deref()).await?;
    let graph = Graph::of(&session.config).map_err(|errors| session.failure(errors))?;
    let pool = Pool::new(&Native);
    let (events, schemas) = (Silent, OfPool(&pool));
    let (console, warnings) = Console::new(session.stack(&pool, &events), &graph, &state, &schemas, Timestamp::now());
    reporter.diagnostics(&warnings, &session.config.sources);
    let speaker = Speaker { console, sources: &session.config.sources, to_terminal: std::io::stdout().is_terminal() };
    if reporter.terminal.is_interactive() { at_terminal(&speaker, reporter) } else { from_pipe(&speaker, reporter) }
}

fn at_terminal(speaker: &Speaker<'_>, reporter: &Reporter) -> Result<Outcome, Failure> {
    let failed = |error: ReadlineError| Diagnostic::error("Failed to read from the terminal", format!("{error}."));
    let mut editor = rustyline::DefaultEditor::new().map_err(failed)?;
    let mut entry = Entry::default();
    loop {
        let prompt = if entry.is_empty() { ui::console::PROMPT } else { ui::console::CONTINUATION };
        let line = match editor.readline(prompt) {
            Ok(line) => line,
            Err(ReadlineError::Eof | ReadlineError::Interrupted) => return Ok(Outcome::Done),
            Err(error) => return Err(failed(error).into()),
        };
        let Some(text) = entry.add(&line) else { continue };
        // That a line can't be remembered stops nothing.
        let _forgotten = editor.add_history_entry(&text);
        match speaker.answer(&text) {
            Answer::Text(text) => reporter.terminal.data(&text)?,
            Answer::Exit => return Ok(Outcome::Done),
            Answer::Failed(failure) => reporter.diagnostics(&failure.diagnostics, &failure.sources),
        }
    }
}

fn from_pipe(speaker: &Speaker<'_>, reporter: &Reporter) -> Result<Outcome, Failure> {
    let mut entry = Entry::default();
    let mut last = String::new();
    for line in std::io::stdin().lock().lines() {
        let Some(text) = entry.add(&line?) else { continue };
        match speaker.answer(&text) {
            Answer::Text(text) => last = text,
            Answer::Exit => return Ok(Outcome::Done),
            Answer::Failed(failure) => return Err(failure),
        }
    }
    if !entry.is_empty() {
        match speaker.answer(&entry.text) {
            Answer::Text(text) => last = text,
            Answer::Exit => {}
            Answer::Failed(failure) => return Err(failure),
        }
    }
    reporter.terminal.data(&last)?;
    Ok(Outcome::Done)
}

/// Lines that are one expression together.
#[derive(Default)]
struct Entry {
    text: String,
}

impl Entry {
    fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Adds a line; the whole text when it is complete.
    fn add(&mut self, line: &str) -> Option<String> {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        self.text.push_str(line);
        (!hcl::is_open(&self.text)).then(|| std::mem::take(&mut self.text))
    }
}

enum Answer {
    Text(String),
    Exit,
    Failed(Failure),
}

struct Speaker<'a> {
    console: Console<'a>,
    sources: &'a SourceMap,
    to_terminal: bool,
}

impl Speaker<'_> {
    fn answer(&self, text: &str) -> Answer {
        match text.trim() {
            "" => return Answer::Text("\n".into()),
            "exit" => return Answer::Exit,
            "help" => return Answer::Text(ui::console::help().into()),
            _ => {}
        }
        // The end of a heredoc is a whole line.
        let text = text.trim().to_owned() + "\n";
        let mut sources = self.sources.clone();
        let parsed = hcl::parse_expression(&text);
        let file = sources.add(INPUT, text);
        if !parsed.errors.is_empty() {
            let at = |span| SourceRange { file, ..lang::expression::range(file, span) };
            let errors = parsed.errors.into_iter();
            let diagnostics: Diagnostics =
                errors.map(|error| Diagnostic::error(error.summary, error.detail).at(at(error.range))).collect();
            return Answer::Failed(Failure { diagnostics, sources });
        }
        let asks_type = type_question(&parsed.expr);
        let expr = match asks_type {
            Some(Ok(argument)) => argument.clone(),
            Some(Err(call)) => {
                let detail = format!("Function \"type\" expects 1 argument, and {} are given.", call.args.len());
                let at = lang::expression::range(file, call.span);
                let summary =
                    if call.args.is_empty() { "Not enough function arguments" } else { "Too many function arguments" };
                let diagnostics = Diagnostic::error(summary, detail).at(at).into();
                return Answer::Failed(Failure { diagnostics, sources });
            }
            None => parsed.expr.clone(),
        };
        match self.console.evaluate(&Expression::new(file, expr)) {
            Ok(value) if asks_type.is_some() => Answer::Text(ui::console::type_answer(&value.ty())),
            Ok(value) => Answer::Text(ui::console::answer(&value, self.to_terminal)),
            Err(diagnostics) => Answer::Failed(Failure { diagnostics, sources }),
        }
    }
}

/// The argument when the expression is `type(ARGUMENT)`; the call when it has another number of arguments.
///
/// The type of a value is no value of the language, so only the console knows the function, and only as the whole expression.
fn type_question(expr: &Expr) -> Option<Result<&Expr, &Call>> {
    match expr.without_parens() {
        Expr::Call(call) if &*call.name.name == "type" => Some(match call.args.as_slice() {
            [argument] if call.expand.is_none() => Ok(argument),
            _ => Err(call),
        }),
        _ => None,
    }
}
