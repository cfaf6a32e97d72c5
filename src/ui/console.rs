//! What the console says: answers, and how to use it.

use model::ty::Type;
use model::value::Value;

use crate::escape::inert;
use crate::value;

/// What stands before an expression that is typed.
pub const PROMPT: &str = "> ";

/// What stands before the further lines of an expression.
pub const CONTINUATION: &str = ": ";

/// The answer to an expression. On a terminal control characters are escaped; elsewhere the text is as it is.
pub fn answer(value: &Value, to_terminal: bool) -> String {
    let text = value::text(value) + "\n";
    if to_terminal { inert(&text).into_owned() } else { text }
}

/// The answer to `type(..)`.
pub fn type_answer(ty: &Type) -> String {
    inert(&value::type_text(ty)).into_owned() + "\n"
}

/// The answer to `help`.
pub fn help() -> &'static str {
    "Type an expression of the language and press enter: its value is shown. Expressions see the root module: variables, \
     locals, the outputs of modules, and the objects of the state as they were last applied.\n\n\
     An expression with an open bracket goes on in the next line. `type(EXPRESSION)` shows the type of a value.\n\
     `exit`, Control-C and Control-D end the console.\n"
}
