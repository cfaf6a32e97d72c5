//! Marks and unknowns around plain operations, written once.

use model::ty::Type;
use model::value::{Kind, Marks, Refinement, Value};

/// Takes the marks off operands at every depth, applies an operation, and puts the union of the marks on its result.
pub(super) fn lift<const N: usize, E>(
    operands: [Value; N],
    operate: impl FnOnce([Value; N]) -> Result<Value, E>,
) -> Result<Value, E> {
    let mut marks = Marks::NONE;
    let operands = operands.map(|operand| {
        let (operand, own) = operand.unmark_deep();
        marks |= own;
        operand
    });
    Ok(operate(operands)?.with_marks(marks))
}

/// An unknown value that will not be null.
pub(super) fn unknown(ty: Type) -> Value {
    Value::unknown_with(ty, Refinement::not_null())
}

/// Whether a value is known never to be null.
pub(super) fn is_never_null(value: &Value) -> bool {
    match value.reveal() {
        Kind::Null(_) => false,
        Kind::Unknown(_, refinement) => refinement.is_not_null(),
        Kind::Bool(_)
        | Kind::Number(_)
        | Kind::String(_)
        | Kind::List(..)
        | Kind::Set(..)
        | Kind::Map(..)
        | Kind::Tuple(_)
        | Kind::Object(_) => true,
    }
}
