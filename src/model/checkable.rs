//! The identity of what conditions belong to: variables, outputs, resources and checks.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use crate::address::{AddressError, InstanceAddr, Key, ModuleInstance, ResourceAddr, Target};

/// An object that conditions belong to, or, without any keys, the block that makes such objects.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct CheckableAddr {
    pub module: ModuleInstance,
    pub object: Checkable,
}

/// What it is inside its module.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Checkable {
    Variable(Arc<str>),
    Output(Arc<str>),
    Resource(ResourceAddr, Option<Key>),
    Check(Arc<str>),
}

impl CheckableAddr {
    /// The block, without any keys.
    pub fn block(&self) -> CheckableAddr {
        let module = self.module.0.iter().map(|(name, _)| (name.clone(), None)).collect();
        let object = match &self.object {
            Checkable::Resource(resource, _) => Checkable::Resource(resource.clone(), None),
            same @ (Checkable::Variable(_) | Checkable::Output(_) | Checkable::Check(_)) => same.clone(),
        };
        CheckableAddr { module: ModuleInstance(module), object }
    }

    /// The instance of a resource; `None` for everything else.
    pub fn instance(&self) -> Option<InstanceAddr> {
        match &self.object {
            Checkable::Resource(resource, key) => {
                Some(InstanceAddr { module: self.module.clone(), resource: resource.clone(), key: key.clone() })
            }
            Checkable::Variable(_) | Checkable::Output(_) | Checkable::Check(_) => None,
        }
    }
}

impl From<&InstanceAddr> for CheckableAddr {
    fn from(addr: &InstanceAddr) -> CheckableAddr {
        let object = Checkable::Resource(addr.resource.clone(), addr.key.clone());
        CheckableAddr { module: addr.module.clone(), object }
    }
}

impl fmt::Display for CheckableAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.module.is_root() {
            write!(f, "{}.", self.module)?;
        }
        match &self.object {
            Checkable::Variable(name) => write!(f, "var.{name}"),
            Checkable::Output(name) => write!(f, "output.{name}"),
            Checkable::Check(name) => write!(f, "check.{name}"),
            Checkable::Resource(resource, key) => {
                write!(f, "{resource}")?;
                key.as_ref().map_or(Ok(()), |key| write!(f, "{key}"))
            }
        }
    }
}

/// Reads what `Display` writes. A resource type called `var`, `output` or `check` is not told from the other kinds.
impl FromStr for CheckableAddr {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<CheckableAddr, AddressError> {
        let (module, resource, key) = match text.parse()? {
            Target::Instance(addr) => (addr.module, addr.resource, addr.key),
            Target::Resource(module, resource) => (module, resource, None),
            Target::Module(_) => {
                return Err(AddressError { text: text.to_string(), reason: "a module has no conditions" });
            }
        };
        let object = match (&*resource.type_name, resource.mode, &key) {
            ("var", crate::address::Mode::Managed, None) => Checkable::Variable(resource.name),
            ("output", crate::address::Mode::Managed, None) => Checkable::Output(resource.name),
            ("check", crate::address::Mode::Managed, None) => Checkable::Check(resource.name),
            _ => Checkable::Resource(resource, key),
        };
        Ok(CheckableAddr { module, object })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_as_they_are_written() {
        for (text, block) in [
            ("var.a", "var.a"),
            ("module.m[0].output.o", "module.m.output.o"),
            ("module.m[\"k\"].module.n.check.c", "module.m.module.n.check.c"),
            ("data.test_thing.a[1]", "data.test_thing.a"),
            ("module.m.test_thing.a[\"x.y\"]", "module.m.test_thing.a"),
        ] {
            let addr: CheckableAddr = text.parse().expect("an address");
            assert_eq!(addr.to_string(), text);
            assert_eq!(addr.block().to_string(), block);
        }
        assert!("module.m".parse::<CheckableAddr>().is_err());
    }
}
