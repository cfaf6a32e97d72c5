//! What is said of references to what is not there, and what was probably meant.

use model::address::{Mode, ResourceAddr};
use model::diagnostic::Diagnostic;
use model::source::SourceRange;

use super::{Checker, Place};
use crate::load::module_name;
use crate::suggestion::{did_you_mean, similar};

impl Checker<'_> {
    pub(super) fn undeclared_variable(&self, name: &str, at: SourceRange) -> Diagnostic {
        let error = Diagnostic::error(
            "Reference to undeclared input variable",
            format!("There is no variable `{name}` in {}.", module_name(&self.module.addr)),
        )
        .at(at);
        match similar(name, self.module.variables.keys().map(|name| &**name)) {
            Some(similar) => did_you_mean(error, Some(similar)),
            None if self.module.locals.contains_key(name) => error.hint(format!("Did you mean local.{name}?")),
            None => error.hint(format!("Declare it with a block: variable \"{name}\" {{}}")),
        }
    }

    pub(super) fn undeclared_local(&self, name: &str, at: SourceRange) -> Diagnostic {
        let error = Diagnostic::error(
            "Reference to undeclared local value",
            format!("There is no local value `{name}` in {}.", module_name(&self.module.addr)),
        )
        .at(at);
        match similar(name, self.module.locals.keys().map(|name| &**name)) {
            Some(similar) => did_you_mean(error, Some(similar)),
            None if self.module.variables.contains_key(name) => error.hint(format!("Did you mean var.{name}?")),
            None => error,
        }
    }

    pub(super) fn undeclared_output(&self, name: &str, at: SourceRange) -> Diagnostic {
        let error = Diagnostic::error(
            "Reference to undeclared output value",
            format!("There is no output `{name}` in {}.", module_name(&self.module.addr)),
        )
        .at(at);
        did_you_mean(error, similar(name, self.module.outputs.keys().map(|name| &**name)))
    }

    pub(super) fn undeclared_call(&self, name: &str, at: SourceRange) -> Diagnostic {
        let error = Diagnostic::error(
            "Reference to undeclared module",
            format!("There is no module call `{name}` in {}.", module_name(&self.module.addr)),
        )
        .at(at);
        did_you_mean(error, similar(name, self.module.calls.keys().map(|name| &**name)))
    }

    pub(super) fn undeclared_resource(
        &self,
        addr: &ResourceAddr,
        at: SourceRange,
        place: Place<'_>,
    ) -> Option<Diagnostic> {
        let what = match addr.mode {
            Mode::Managed => "managed resource",
            Mode::Data => "data resource",
            Mode::Ephemeral => "ephemeral resource",
        };
        if let Some(resource) = self.module.resources.get(addr) {
            if let Some(check) = &resource.check
                && place.check != Some(check)
            {
                return Some(
                    Diagnostic::error(
                        "Reference to scoped resource",
                        format!("`{addr}` belongs to the check `{check}`, and only that can use it."),
                    )
                    .at(at),
                );
            }
            return match place.condition_of {
                Some((own, condition)) if own == addr => Some(
                    Diagnostic::error(
                        format!("Invalid reference in {condition}"),
                        format!("A condition of `{addr}` can't use the resource by its name."),
                    )
                    .at(at)
                    .hint(match condition {
                        "postcondition" => "Write `self` for the instance that the condition is about.",
                        _ => "A precondition is checked before the object exists; write a postcondition, which can use `self`.",
                    }),
                ),
                Some(_) | None => None,
            };
        }
        let error = Diagnostic::error(
            "Reference to undeclared resource",
            format!(
                "There is no {what} \"{}\" \"{}\" in {}.",
                addr.type_name,
                addr.name,
                module_name(&self.module.addr)
            ),
        )
        .at(at);
        Some(match self.meant_instead(addr) {
            Some(meant) => error.hint(format!("Did you mean {meant}?")),
            None => error,
        })
    }

    /// What was probably meant by an address that is not declared.
    fn meant_instead(&self, addr: &ResourceAddr) -> Option<String> {
        let name = &*addr.name;
        let named = match &*addr.type_name {
            "variable" | "vars" | "variables" if self.module.variables.contains_key(name) => {
                Some(format!("var.{name}"))
            }
            "locals" if self.module.locals.contains_key(name) => Some(format!("local.{name}")),
            "modules" if self.module.calls.contains_key(name) => Some(format!("module.{name}")),
            _ => None,
        };
        let other_mode = || {
            let mut modes = [Mode::Managed, Mode::Data, Mode::Ephemeral].into_iter();
            let other =
                modes.find_map(|mode| self.module.resources.get_key_value(&ResourceAddr { mode, ..addr.clone() }));
            other.map(|(found, _)| found.to_string())
        };
        named.or_else(other_mode).or_else(|| {
            let same_mode = || self.module.resources.keys().filter(|other| other.mode == addr.mode);
            let same_type = same_mode().filter(|other| other.type_name == addr.type_name).map(|other| &*other.name);
            if let Some(similar) = similar(name, same_type) {
                return Some(ResourceAddr { name: similar.into(), ..addr.clone() }.to_string());
            }
            let same_name = same_mode().filter(|other| other.name == addr.name).map(|other| &*other.type_name);
            similar(&addr.type_name, same_name)
                .map(|similar| ResourceAddr { type_name: similar.into(), ..addr.clone() }.to_string())
        })
    }
}

pub(super) fn each_unavailable(at: SourceRange) -> Diagnostic {
    Diagnostic::error(
        "Reference to \"each\" in context without for_each",
        "`each` stands for the current element of `for_each`, and there is no `for_each` here.",
    )
    .at(at)
}

pub(super) fn check_unavailable(at: SourceRange) -> Diagnostic {
    Diagnostic::error(
        "Reference to \"check\" in invalid context",
        "The \"check\" object can be mentioned only in the `expect_failures` of a `run` block of a test file.",
    )
    .at(at)
}

pub(super) fn count_unavailable(at: SourceRange) -> Diagnostic {
    Diagnostic::error(
        "Reference to \"count\" in non-counted context",
        "`count.index` is the number of the current instance, and there is no `count` here.",
    )
    .at(at)
}

pub(super) fn self_unavailable(at: SourceRange) -> Diagnostic {
    Diagnostic::error(
        "Invalid \"self\" reference",
        "`self` stands for the current instance in postconditions, provisioners and connections alone.",
    )
    .at(at)
}
