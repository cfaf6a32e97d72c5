//! A place inside a value: the steps from its top to a part.

use std::fmt;
use std::sync::Arc;

use crate::number::Number;
use crate::value::Value;

/// One step down into a value.
#[derive(Clone, PartialEq, Debug)]
pub enum Step {
    /// An attribute of an object.
    Attribute(Arc<str>),
    /// An element of a list or tuple, counted from 0.
    Index(usize),
    /// An element of a map.
    Key(Arc<str>),
    /// An element of a set, which has no other name than itself.
    Element(Value),
}

/// The steps from the top of a value to a part of it. The empty path is the value itself.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Path {
    pub steps: Vec<Step>,
}

impl Path {
    pub fn root() -> Path {
        Path::default()
    }

    pub fn attribute(name: impl Into<Arc<str>>) -> Path {
        Path { steps: vec![Step::Attribute(name.into())] }
    }

    pub fn is_root(&self) -> bool {
        self.steps.is_empty()
    }

    /// This path with one more step.
    pub fn child(&self, step: Step) -> Path {
        let mut steps = Vec::with_capacity(self.steps.len() + 1);
        steps.extend_from_slice(&self.steps);
        steps.push(step);
        Path { steps }
    }

    pub fn starts_with(&self, prefix: &Path) -> bool {
        self.steps.starts_with(&prefix.steps)
    }

    /// The names of the attributes along the path, without indexes: `ingress.cidr_blocks` of `ingress[3].cidr_blocks[0]`.
    ///
    /// This is how schema facts name a place.
    pub fn names(&self) -> String {
        let names: Vec<&str> = self
            .steps
            .iter()
            .filter_map(|step| match step {
                Step::Attribute(name) => Some(name.as_ref()),
                Step::Index(_) | Step::Key(_) | Step::Element(_) => None,
            })
            .collect();
        names.join(".")
    }
}

/// Prints the path as it would be written after a resource address, without the leading dot: `setting[0].value`.
impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, step) in self.steps.iter().enumerate() {
            match step {
                Step::Attribute(name) if index == 0 => write!(f, "{name}")?,
                Step::Attribute(name) => write!(f, ".{name}")?,
                Step::Index(position) => write!(f, "[{position}]")?,
                Step::Key(key) => write!(f, "[{key:?}]")?,
                Step::Element(element) => write!(f, "[{element}]")?,
            }
        }
        Ok(())
    }
}

impl Step {
    /// The step as an index value of the language, where it is one.
    pub fn to_value(&self) -> Option<Value> {
        match self {
            Step::Attribute(_) => None,
            Step::Index(position) => Some(Value::number(Number::from(*position))),
            Step::Key(key) => Some(Value::string(key.clone())),
            Step::Element(element) => Some(element.clone()),
        }
    }
}
