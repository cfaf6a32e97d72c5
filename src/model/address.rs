//! The identity of modules, resources, their instances and objects, and of providers.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use crate::value::{Kind, Value};

/// The key of an instance made by `count` or `for_each`.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Key {
    Index(u64),
    Name(Arc<str>),
}

/// A module as written: the names of the calls that lead to it. The root module has none.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct ModuleAddr(pub Vec<Arc<str>>);

/// An instance of a module: calls with their instance keys.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct ModuleInstance(pub Vec<(Arc<str>, Option<Key>)>);

/// How a resource block is declared.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Mode {
    Data,
    Managed,
    Ephemeral,
}

/// A resource block inside its module: `aws_vpc.main`, `data.aws_region.current`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ResourceAddr {
    pub mode: Mode,
    pub type_name: Arc<str>,
    pub name: Arc<str>,
}

/// A resource block of the configuration: one node of the graph, before any expansion.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ConfigAddr {
    pub module: ModuleAddr,
    pub resource: ResourceAddr,
}

/// One instance of a resource: the only identity that plan, state and apply know.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct InstanceAddr {
    pub module: ModuleInstance,
    pub resource: ResourceAddr,
    pub key: Option<Key>,
}

/// Which object of an instance: the current one, or one that a replacement put aside.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Generation {
    Current,
    /// Eight hexadecimal digits.
    Deposed(Arc<str>),
}

/// One object that exists (or will): the unit of the steps of an apply.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ObjectKey {
    pub addr: InstanceAddr,
    pub generation: Generation,
}

/// A provider: `registry.terraform.io/hashicorp/aws`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ProviderAddr {
    pub hostname: Arc<str>,
    pub namespace: Arc<str>,
    pub name: Arc<str>,
}

/// A configuration of a provider, as states name it: `provider["registry.terraform.io/hashicorp/aws"].west`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ProviderConfigAddr {
    pub module: ModuleAddr,
    pub provider: ProviderAddr,
    pub alias: Option<Arc<str>>,
}

/// Text that is not an address.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("invalid address `{text}`: {reason}")]
pub struct AddressError {
    pub text: String,
    pub reason: &'static str,
}

/// What a `-target` or a command's argument may name: a whole module, a resource with all its instances, or one instance.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Target {
    Module(ModuleInstance),
    /// All instances of a resource, in one module instance.
    Resource(ModuleInstance, ResourceAddr),
    Instance(InstanceAddr),
}

impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Key) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Indexes by value before names by bytes.
impl Ord for Key {
    fn cmp(&self, other: &Key) -> Ordering {
        match (self, other) {
            (Key::Index(a), Key::Index(b)) => a.cmp(b),
            (Key::Name(a), Key::Name(b)) => a.cmp(b),
            (Key::Index(_), Key::Name(_)) => Ordering::Less,
            (Key::Name(_), Key::Index(_)) => Ordering::Greater,
        }
    }
}

impl Key {
    pub fn to_value(&self) -> Value {
        match self {
            Key::Index(index) => Value::number(*index),
            Key::Name(name) => Value::string(name.clone()),
        }
    }

    /// The key that an index expression's value names; `None` for values that are no key.
    pub fn from_value(value: &Value) -> Option<Key> {
        match value.reveal() {
            Kind::String(name) => Some(Key::Name(name.clone())),
            Kind::Number(number) => u64::try_from(number.as_i64()?).ok().map(Key::Index),
            _ => None,
        }
    }
}

impl ModuleAddr {
    pub fn root() -> ModuleAddr {
        ModuleAddr::default()
    }

    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    pub fn child(&self, name: impl Into<Arc<str>>) -> ModuleAddr {
        let mut names = self.0.clone();
        names.push(name.into());
        ModuleAddr(names)
    }

    pub fn parent(&self) -> Option<ModuleAddr> {
        let (_, names) = self.0.split_last()?;
        Some(ModuleAddr(names.to_vec()))
    }
}

impl ModuleInstance {
    pub fn root() -> ModuleInstance {
        ModuleInstance::default()
    }

    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    pub fn child(&self, name: impl Into<Arc<str>>, key: Option<Key>) -> ModuleInstance {
        let mut steps = self.0.clone();
        steps.push((name.into(), key));
        ModuleInstance(steps)
    }

    pub fn parent(&self) -> Option<ModuleInstance> {
        let (_, steps) = self.0.split_last()?;
        Some(ModuleInstance(steps.to_vec()))
    }

    /// The module this is an instance of.
    pub fn module(&self) -> ModuleAddr {
        ModuleAddr(self.0.iter().map(|(name, _)| name.clone()).collect())
    }

    pub fn starts_with(&self, prefix: &ModuleInstance) -> bool {
        self.0.starts_with(&prefix.0)
    }
}

impl ResourceAddr {
    pub fn managed(type_name: impl Into<Arc<str>>, name: impl Into<Arc<str>>) -> ResourceAddr {
        ResourceAddr { mode: Mode::Managed, type_name: type_name.into(), name: name.into() }
    }

    pub fn data(type_name: impl Into<Arc<str>>, name: impl Into<Arc<str>>) -> ResourceAddr {
        ResourceAddr { mode: Mode::Data, type_name: type_name.into(), name: name.into() }
    }
}

impl InstanceAddr {
    /// The resource block this is an instance of.
    pub fn config(&self) -> ConfigAddr {
        ConfigAddr { module: self.module.module(), resource: self.resource.clone() }
    }

    /// The order in which states are listed: modules further outside first.
    pub fn listing(&self, other: &InstanceAddr) -> Ordering {
        (self.module.0.len(), self).cmp(&(other.module.0.len(), other))
    }
}

impl ObjectKey {
    pub fn current(addr: InstanceAddr) -> ObjectKey {
        ObjectKey { addr, generation: Generation::Current }
    }
}

impl ProviderAddr {
    pub const REGISTRY: &'static str = "registry.terraform.io";

    /// A provider of the public registry.
    pub fn registry(namespace: impl Into<Arc<str>>, name: impl Into<Arc<str>>) -> ProviderAddr {
        ProviderAddr { hostname: ProviderAddr::REGISTRY.into(), namespace: namespace.into(), name: name.into() }
    }

    /// The provider of `terraform_data` and `terraform_remote_state`.
    pub fn builtin() -> ProviderAddr {
        ProviderAddr { hostname: "terraform.io".into(), namespace: "builtin".into(), name: "terraform".into() }
    }

    /// The provider that a local name means when `required_providers` does not say: `hashicorp/NAME`.
    pub fn implied(name: &str) -> ProviderAddr {
        if name == "terraform" { ProviderAddr::builtin() } else { ProviderAddr::registry("hashicorp", name) }
    }

    /// The form of `source`: the hostname is left out for the public registry.
    pub fn source(&self) -> String {
        if self.hostname.as_ref() == ProviderAddr::REGISTRY {
            format!("{}/{}", self.namespace, self.name)
        } else {
            self.to_string()
        }
    }
}

impl Target {
    /// Whether the target names this instance. A module without a key at its end stands for all its instances.
    pub fn contains(&self, addr: &InstanceAddr) -> bool {
        match self {
            Target::Module(module) => match module.0.split_last() {
                Some(((name, None), outer)) => {
                    let at = addr.module.0.split_at_checked(outer.len());
                    at.is_some_and(|(own, inner)| own == outer && inner.first().is_some_and(|(own, _)| own == name))
                }
                Some(_) | None => addr.module.starts_with(module),
            },
            Target::Resource(module, resource) => addr.module == *module && addr.resource == *resource,
            Target::Instance(instance) => addr == instance,
        }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Key::Index(index) => write!(f, "[{index}]"),
            Key::Name(name) => {
                f.write_str("[\"")?;
                write_escaped(f, name)?;
                f.write_str("\"]")
            }
        }
    }
}

/// Writes text as the inside of a quoted string of the language.
fn write_escaped(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    let mut rest = text.chars().peekable();
    while let Some(character) = rest.next() {
        match character {
            '"' => f.write_str("\\\"")?,
            '\\' => f.write_str("\\\\")?,
            '\n' => f.write_str("\\n")?,
            '\r' => f.write_str("\\r")?,
            '\t' => f.write_str("\\t")?,
            '$' | '%' if rest.peek() == Some(&'{') => write!(f, "{character}{character}")?,
            other => write!(f, "{other}")?,
        }
    }
    Ok(())
}

impl fmt::Display for ModuleAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, name) in self.0.iter().enumerate() {
            write!(f, "{}module.{name}", if index == 0 { "" } else { "." })?;
        }
        Ok(())
    }
}

impl fmt::Display for ModuleInstance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (name, key)) in self.0.iter().enumerate() {
            write!(f, "{}module.{name}", if index == 0 { "" } else { "." })?;
            if let Some(key) = key {
                write!(f, "{key}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for ResourceAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.mode {
            Mode::Managed => {}
            Mode::Data => f.write_str("data.")?,
            Mode::Ephemeral => f.write_str("ephemeral.")?,
        }
        write!(f, "{}.{}", self.type_name, self.name)
    }
}

impl fmt::Display for ConfigAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.module.is_root() {
            write!(f, "{}.", self.module)?;
        }
        write!(f, "{}", self.resource)
    }
}

impl fmt::Display for InstanceAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.module.is_root() {
            write!(f, "{}.", self.module)?;
        }
        write!(f, "{}", self.resource)?;
        match &self.key {
            Some(key) => write!(f, "{key}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for ObjectKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.generation {
            Generation::Current => write!(f, "{}", self.addr),
            Generation::Deposed(key) => write!(f, "{} (deposed object {key})", self.addr),
        }
    }
}

impl fmt::Display for ProviderAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.hostname, self.namespace, self.name)
    }
}

impl fmt::Display for ProviderConfigAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.module.is_root() {
            write!(f, "{}.", self.module)?;
        }
        write!(f, "provider[\"{}\"]", self.provider)?;
        match &self.alias {
            Some(alias) => write!(f, ".{alias}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Target::Module(module) => write!(f, "{module}"),
            Target::Resource(module, resource) if module.is_root() => write!(f, "{resource}"),
            Target::Resource(module, resource) => write!(f, "{module}.{resource}"),
            Target::Instance(instance) => write!(f, "{instance}"),
        }
    }
}

impl FromStr for Target {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Target, AddressError> {
        let error = |reason| AddressError { text: text.to_string(), reason };
        let steps = split_steps(text).map_err(error)?;
        let mut steps = steps.into_iter().peekable();
        let mut module = ModuleInstance::root();
        while steps.peek().is_some_and(|(name, _)| name == "module") {
            let (_, key) = steps.next().expect("peeked");
            if key.is_some() {
                return Err(error("`module` must be followed by a name"));
            }
            let (name, key) = steps.next().ok_or_else(|| error("a module name is missing after `module.`"))?;
            module = module.child(name, key);
        }
        let Some((first, key)) = steps.next() else {
            return if module.is_root() { Err(error("it is empty")) } else { Ok(Target::Module(module)) };
        };
        let (mode, type_name, key) = match first.as_str() {
            "data" | "ephemeral" if key.is_none() => {
                let (type_name, key) = steps.next().ok_or_else(|| error("a resource type is missing"))?;
                (if first == "data" { Mode::Data } else { Mode::Ephemeral }, type_name, key)
            }
            _ => (Mode::Managed, first, key),
        };
        if key.is_some() {
            return Err(error("a resource name must follow the resource type"));
        }
        let (name, key) = steps.next().ok_or_else(|| error("a resource name must follow the resource type"))?;
        if steps.next().is_some() {
            return Err(error("nothing may follow the resource's name and key"));
        }
        let resource = ResourceAddr { mode, type_name: type_name.into(), name: name.into() };
        Ok(match key {
            Some(key) => Target::Instance(InstanceAddr { module, resource, key: Some(key) }),
            None => Target::Resource(module, resource),
        })
    }
}

/// An instance address; a resource without a key is its instance without a key.
impl FromStr for InstanceAddr {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<InstanceAddr, AddressError> {
        match text.parse()? {
            Target::Instance(instance) => Ok(instance),
            Target::Resource(module, resource) => Ok(InstanceAddr { module, resource, key: None }),
            Target::Module(_) => {
                Err(AddressError { text: text.to_string(), reason: "a resource is needed, not a module" })
            }
        }
    }
}

impl FromStr for ProviderAddr {
    type Err = AddressError;

    /// Reads `NAME`, `NAMESPACE/NAME` or `HOST/NAMESPACE/NAME`, as a `source` argument has it.
    fn from_str(text: &str) -> Result<ProviderAddr, AddressError> {
        let error = |reason| AddressError { text: text.to_string(), reason };
        let parts: Vec<&str> = text.split('/').collect();
        let valid = |part: &str| {
            !part.is_empty()
                && part.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '_' || c == '.' || c == ':')
        };
        if !parts.iter().all(|part| valid(part)) {
            return Err(error("each part must be made of letters, digits, dashes and underscores"));
        }
        match parts.as_slice() {
            [name] => Ok(ProviderAddr::implied(&name.to_lowercase())),
            [namespace, name] => Ok(ProviderAddr::registry(namespace.to_lowercase(), name.to_lowercase())),
            [hostname, namespace, name] => Ok(ProviderAddr {
                hostname: hostname.to_lowercase().into(),
                namespace: namespace.to_lowercase().into(),
                name: name.to_lowercase().into(),
            }),
            _ => Err(error("it must have the form `[HOSTNAME/]NAMESPACE/NAME`")),
        }
    }
}

impl FromStr for ProviderConfigAddr {
    type Err = AddressError;

    /// Reads the form of state files: `[module.NAME.]provider["SOURCE"][.ALIAS]`.
    fn from_str(text: &str) -> Result<ProviderConfigAddr, AddressError> {
        let error = |reason| AddressError { text: text.to_string(), reason };
        let mut steps = split_steps(text).map_err(error)?.into_iter();
        let mut module = ModuleAddr::root();
        loop {
            let (name, key) = steps.next().ok_or_else(|| error("`provider[\"SOURCE\"]` is missing"))?;
            match (name.as_str(), key) {
                ("module", None) => {
                    let (name, _) = steps.next().ok_or_else(|| error("a module name is missing after `module.`"))?;
                    module = module.child(name);
                }
                ("provider", Some(Key::Name(source))) => {
                    let alias = steps.next().map(|(alias, _)| alias.into());
                    return Ok(ProviderConfigAddr { module, provider: source.parse()?, alias });
                }
                _ => return Err(error("`provider[\"SOURCE\"]` is missing")),
            }
        }
    }
}

/// Splits `a.b["k"].c[0]` at its dots: names with their optional keys.
fn split_steps(text: &str) -> Result<Vec<(String, Option<Key>)>, &'static str> {
    let mut steps = Vec::new();
    let mut rest = text;
    loop {
        let end = rest.find(['.', '[']).unwrap_or(rest.len());
        let name = &rest[..end];
        let is_start = |c: char| c.is_alphabetic() || c == '_';
        if !name.starts_with(is_start) || !name.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-') {
            return Err(
                "a name must start with a letter or underscore and hold only letters, digits, underscores and dashes",
            );
        }
        rest = &rest[end..];
        let mut key = None;
        if rest.starts_with('[') {
            let (parsed, after) = parse_key(rest)?;
            key = Some(parsed);
            rest = after;
        }
        steps.push((name.to_string(), key));
        match rest.strip_prefix('.') {
            Some(after) => rest = after,
            None if rest.is_empty() => return Ok(steps),
            None => return Err("a `.` is expected after `]`"),
        }
    }
}

/// Reads `["text"]` or `[12]` at the start of `text`; gives the key and what follows.
fn parse_key(text: &str) -> Result<(Key, &str), &'static str> {
    let inner = text.strip_prefix('[').expect("the caller saw the bracket");
    let Some(quoted) = inner.strip_prefix('"') else {
        let end = inner.find(']').ok_or("a `]` is missing")?;
        let index = inner[..end].trim().parse().map_err(|_| "a key must be a whole number or a quoted string")?;
        return Ok((Key::Index(index), &inner[end + 1..]));
    };
    let mut name = String::new();
    let mut characters = quoted.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => {
                let after = quoted[at + 1..].strip_prefix(']').ok_or("a `]` is missing")?;
                return Ok((Key::Name(name.into()), after));
            }
            '\\' => match characters.next().map(|(_, escaped)| escaped) {
                Some('n') => name.push('\n'),
                Some('r') => name.push('\r'),
                Some('t') => name.push('\t'),
                Some(escaped @ ('"' | '\\')) => name.push(escaped),
                _ => return Err("an escape in a key is not known"),
            },
            '$' | '%' if quoted[at + 1..].starts_with(character) && quoted[at + 2..].starts_with('{') => {
                name.push(character);
                characters.next();
            }
            other => name.push(other),
        }
    }
    Err("a quote is not closed")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_print_as_they_are_written() {
        for text in [
            "aws_vpc.main",
            "aws_subnet.private[0]",
            r#"module.network["eu-west-1"].data.aws_region.current"#,
            r#"module.a.module.b[2].aws_eip.nat["a\"b${"]"#,
            "ephemeral.random_password.db",
        ] {
            let text = text.replace("${", "$${");
            assert_eq!(text.parse::<InstanceAddr>().expect("valid").to_string(), text);
        }
    }

    #[test]
    fn provider_configurations_read_as_states_write_them() {
        let text = r#"module.a.provider["registry.terraform.io/hashicorp/aws"].west"#;
        assert_eq!(text.parse::<ProviderConfigAddr>().expect("valid").to_string(), text);
    }

    #[test]
    fn broken_addresses_say_what_is_wrong() {
        for text in [
            "",
            "aws_vpc",
            "aws_vpc.",
            "aws_vpc.main[",
            "aws_vpc.main[x]",
            "module",
            "aws_vpc.main.id",
            "a.b[\"x]",
            "0.a",
        ] {
            assert!(text.parse::<InstanceAddr>().is_err(), "`{text}` must be refused");
        }
    }

    #[test]
    fn index_keys_come_before_names_and_count_by_value() {
        let mut keys = [Key::Name("a".into()), Key::Index(10), Key::Index(9)];
        keys.sort();
        assert_eq!(keys, [Key::Index(9), Key::Index(10), Key::Name("a".into())]);
    }
}
