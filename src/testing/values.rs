//! The values of variables in a run: from outside, from the file, from the run itself.

use std::collections::BTreeMap;
use std::sync::Arc;

use lang::body::Attribute;
use lang::evaluate::evaluate;
use lang::scope::{Impure, Surroundings};
use lang::test_file::{Run, TestFile};
use lang::variables::{Given, Origin, variable_value};
use model::diagnostic::{Diagnostic, Diagnostics};
use model::value::Value;

use crate::Settings;
use crate::scope::{OuterScope, Runs};
use crate::suite::UnderTest;

/// The values that a run works with.
#[derive(Debug, Default)]
pub struct Values {
    /// Of the variables that the module under test declares, converted to their types.
    pub declared: BTreeMap<Arc<str>, Value>,
    /// Of all variables of the test that the module does not declare.
    pub others: BTreeMap<Arc<str>, Value>,
    /// All values as they were given: what providers of the test file see.
    pub given: BTreeMap<Arc<str>, Value>,
}

/// Evaluates the variables of a run.
///
/// # Errors
/// A value is missing, or wrong.
pub fn values(
    under_test: &UnderTest,
    file: &TestFile,
    run: &Run,
    runs: Runs<'_>,
    settings: Settings<'_>,
    now: &str,
    warnings: &mut Diagnostics,
) -> Result<Values, Diagnostics> {
    let surroundings = surroundings(settings, now);
    let mut given: BTreeMap<Arc<str>, Given> = under_test.given(file).clone();
    let outside: BTreeMap<Arc<str>, Value> =
        given.iter().map(|(name, given)| (name.clone(), given.value.clone())).collect();
    let scope = OuterScope { runs: None, variables: &outside, surroundings };
    let of_file = written(&file.variables, &scope)?;
    let mut visible = outside.clone();
    visible.extend(of_file.iter().map(|(name, given)| (name.clone(), given.value.clone())));
    let scope = OuterScope { runs: Some(runs), variables: &visible, surroundings };
    let of_run = written(&run.variables, &scope)?;
    let root = under_test.config.root();
    for attribute in &run.variables {
        if !root.variables.contains_key(&attribute.name) {
            let detail = format!(
                "The run \"{}\" gives a value to `{}`, which the module under test does not declare.",
                run.name, attribute.name
            );
            warnings.push(Diagnostic::warning("Value for undeclared variable", detail).at(attribute.range));
        }
    }
    let mut others: BTreeMap<Arc<str>, Value> = BTreeMap::new();
    for (name, one) in of_file.iter().chain(&of_run) {
        if !root.variables.contains_key(name) {
            others.insert(name.clone(), one.value.clone());
        }
    }
    given.extend(of_file);
    given.extend(of_run);
    let mut errors = Diagnostics::new();
    let mut declared = BTreeMap::new();
    for variable in root.variables.values() {
        let one = given.get(&variable.name);
        if one.is_none() && variable.default_value.is_none() {
            errors.push(
                Diagnostic::error(
                    "No value for required variable",
                    format!(
                        "The variable `{}` of the module that the run \"{}\" is about has no default value, and it is given none.",
                        variable.name, run.name
                    ),
                )
                .at(variable.declared)
                .hint("Give it one: in a `variables` block of the file or of the run, or with -var or -var-file."),
            );
            continue;
        }
        match variable_value(variable, one, &under_test.config.sources) {
            Ok(value) => drop(declared.insert(variable.name.clone(), value)),
            Err(error) => errors.push(error),
        }
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    let given = given.into_iter().map(|(name, given)| (name, given.value)).collect();
    Ok(Values { declared, others, given })
}

/// The values that a `variables` block gives.
fn written(attributes: &[Attribute], scope: &OuterScope<'_>) -> Result<BTreeMap<Arc<str>, Given>, Diagnostics> {
    let mut errors = Diagnostics::new();
    let mut given = BTreeMap::new();
    for attribute in attributes {
        let known = scope.runs.map_or(Ok(()), |runs| runs.known(&attribute.expr));
        match known.and_then(|()| evaluate(&attribute.expr, scope)) {
            Ok(value) => {
                given.insert(attribute.name.clone(), Given { value, origin: Origin::Written(attribute.expr.range()) });
            }
            Err(found) => errors.extend(found),
        }
    }
    if errors.is_empty() { Ok(given) } else { Err(errors) }
}

/// What functions in variables of tests need of the world.
pub fn surroundings<'a>(settings: Settings<'a>, now: &'a str) -> Surroundings<'a> {
    Surroundings {
        base_dir: settings.dir,
        home: settings.home,
        plan_time: Some(now),
        impure: Some(Impure { now, random: settings.chance.random() }),
    }
}
