//! What a plan changes about the outputs of the root module.

use engine::plan::OutputChange;
use model::path::Path;
use model::value::{Marks, Value};

use crate::difference::{Comparison, Field, Sign};
use crate::page::Page;
use crate::style::{self, paint};

pub(super) fn write(page: &mut Page, outputs: &[OutputChange]) {
    page.raw(&paint(style::BOLD, "Changes to Outputs:"));
    let comparison = Comparison::of_values();
    let fields: Vec<Field> = outputs
        .iter()
        .filter(|output| output.is_change())
        .filter_map(|output| {
            let side = |value: &Option<Value>| value.clone().map(|value| marked(output, value));
            let (before, after) = (side(&output.before), side(&output.after));
            let mut difference = comparison.value(&Path::root(), before.as_ref(), after.as_ref(), None)?;
            if difference.sign == Sign::Same {
                difference.sign = Sign::Change;
            }
            Some(Field { name: output.name.to_string(), difference })
        })
        .collect();
    page.fields(0, &fields, true);
}

/// The value with the output's own sensitivity.
fn marked(output: &OutputChange, value: Value) -> Value {
    if output.sensitive { value.with_marks(Marks::SENSITIVE) } else { value }
}
