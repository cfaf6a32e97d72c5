//! The configuration: the blocks of a stack and of the modules it calls, with their expressions and source ranges.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use hcl::ast::Step;
use model::address::{ModuleAddr, ProviderAddr, ProviderConfigAddr, ResourceAddr, Target};
use model::path::Path;
use model::schema::{Attribute, Block, Presence};
use model::source::{SourceMap, SourceRange};
use model::ty::Type;
use model::value::Value;

use crate::body::Body;
use crate::expression::Expression;
use crate::reference::Reference;
use crate::type_expression::TypeConstraint;

/// All modules of a stack, as written: one [`Module`] for every call, before `count` and `for_each` make instances.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// By the path of calls. The root module is at the empty address and always there.
    pub modules: BTreeMap<ModuleAddr, Module>,
    pub sources: SourceMap,
    /// Whether something could not be read: a file with a syntax error, a module that is not there. Then what seems to be
    /// missing may only be what was not read.
    pub incomplete: bool,
}

/// The blocks of one module.
#[derive(Clone, Debug, Default)]
pub struct Module {
    pub addr: ModuleAddr,
    /// The folder its files were read from.
    pub dir: PathBuf,
    /// What `path.module` is: the folder relative to the root module's, `.` for the root itself.
    pub path: Arc<str>,
    pub required_version: Vec<RequiredVersion>,
    pub backend: Option<Backend>,
    /// Where the `required_providers` block is.
    pub required_providers: Option<SourceRange>,
    /// What `required_providers` says, by local name.
    pub requirements: BTreeMap<Arc<str>, Requirement>,
    pub providers: BTreeMap<ProviderKey, ProviderBlock>,
    /// The settings of `provider_meta` blocks by the local name of the provider.
    pub provider_meta: BTreeMap<Arc<str>, ProviderMeta>,
    pub variables: BTreeMap<Arc<str>, Variable>,
    pub locals: BTreeMap<Arc<str>, Local>,
    pub outputs: BTreeMap<Arc<str>, Output>,
    /// Managed resources, data sources and ephemeral resources; also the data sources inside `check` blocks.
    pub resources: BTreeMap<ResourceAddr, Resource>,
    pub calls: BTreeMap<Arc<str>, ModuleCall>,
    pub moved: Vec<Moved>,
    pub removed: Vec<Removed>,
    pub imports: Vec<Import>,
    pub checks: BTreeMap<Arc<str>, Check>,
}

/// A configuration of a provider as a module names it: `aws`, `aws.west`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ProviderKey {
    pub local_name: Arc<str>,
    pub alias: Option<Arc<str>>,
}

/// A mention of a provider configuration: in `provider = aws.west` or in `providers = { .. }`.
#[derive(Clone, PartialEq, Debug)]
pub struct ProviderRef {
    pub key: ProviderKey,
    pub range: SourceRange,
}

/// `required_version = ".."`.
#[derive(Clone, PartialEq, Debug)]
pub struct RequiredVersion {
    pub constraint: Arc<str>,
    pub range: SourceRange,
}

/// `backend "KIND" { .. }`: where the state is kept. Its arguments are constants.
#[derive(Clone, PartialEq, Debug)]
pub struct Backend {
    pub kind: Arc<str>,
    pub kind_range: SourceRange,
    pub body: Body,
    pub declared: SourceRange,
}

/// An entry of `required_providers`.
#[derive(Clone, PartialEq, Debug)]
pub struct Requirement {
    pub addr: ProviderAddr,
    /// The version constraint as written; `None` accepts any.
    pub version: Option<Arc<str>>,
    /// The aliases that callers of the module must pass (`configuration_aliases`).
    pub aliases: Vec<ProviderRef>,
    pub range: SourceRange,
}

/// `provider "NAME" { .. }`.
#[derive(Clone, PartialEq, Debug)]
pub struct ProviderBlock {
    pub key: ProviderKey,
    /// The provider's own arguments.
    pub body: Body,
    pub declared: SourceRange,
}

/// `provider_meta "NAME" { .. }`: settings that a module hands to a provider with each of its resources.
#[derive(Clone, PartialEq, Debug)]
pub struct ProviderMeta {
    pub body: Body,
    pub declared: SourceRange,
}

/// `variable "NAME" { .. }`.
#[derive(Clone, PartialEq, Debug)]
pub struct Variable {
    pub name: Arc<str>,
    /// The type constraint as written; without one any value is accepted as it is.
    pub constraint: Option<Expression>,
    pub ty: TypeConstraint,
    /// The default as written, a constant. A variable without a default must be given a value.
    pub default: Option<Expression>,
    /// The default, converted to the type.
    pub default_value: Option<Value>,
    pub description: Option<Arc<str>>,
    pub validations: Vec<Condition>,
    /// Whether null is a value of its own (the default) or means the default value.
    pub nullable: bool,
    pub sensitive: bool,
    pub ephemeral: bool,
    pub declared: SourceRange,
}

/// One name of a `locals` block.
#[derive(Clone, PartialEq, Debug)]
pub struct Local {
    pub name: Arc<str>,
    pub value: Expression,
    /// The whole `name = value`.
    pub declared: SourceRange,
}

/// `output "NAME" { .. }`.
#[derive(Clone, PartialEq, Debug)]
pub struct Output {
    pub name: Arc<str>,
    pub value: Expression,
    pub description: Option<Arc<str>>,
    pub sensitive: bool,
    pub ephemeral: bool,
    pub depends_on: Vec<Reference>,
    pub preconditions: Vec<Condition>,
    pub declared: SourceRange,
}

/// `condition` and `error_message`: of a validation, precondition, postcondition or assertion.
#[derive(Clone, PartialEq, Debug)]
pub struct Condition {
    pub condition: Expression,
    pub error_message: Expression,
    pub declared: SourceRange,
}

/// How many instances a block has.
#[derive(Clone, PartialEq, Debug)]
pub enum Repetition {
    /// One, without a key.
    Single,
    /// One for each whole number below the value.
    Count(Expression),
    /// One for each element of a set of strings or entry of a map.
    ForEach(Expression),
}

/// `resource`, `data` or `ephemeral` `"TYPE" "NAME" { .. }`.
#[derive(Clone, PartialEq, Debug)]
pub struct Resource {
    pub addr: ResourceAddr,
    pub repetition: Repetition,
    /// `None` means the default configuration of the provider that the type's name begins with.
    pub provider: Option<ProviderRef>,
    pub depends_on: Vec<Reference>,
    pub lifecycle: Lifecycle,
    /// The type's own arguments, without what is said by the fields above and below.
    pub body: Body,
    /// The `connection` block, which provisioners share.
    pub connection: Option<Body>,
    pub provisioners: Vec<Provisioner>,
    /// The `check` block that a data source stands in, which is then the only place that may mention it.
    pub check: Option<Arc<str>>,
    /// From `resource` to the last label.
    pub declared: SourceRange,
    /// The label with the type.
    pub type_range: SourceRange,
}

/// The `lifecycle` block of a resource.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Lifecycle {
    /// `None` where it is not said; then a resource that depends on this one may impose it.
    pub create_before_destroy: Option<bool>,
    /// Whether no instance may be destroyed. Sees the module, and no instance.
    pub prevent_destroy: Option<Expression>,
    pub ignore_changes: IgnoreChanges,
    /// References to resources or to attributes of them; indexes may use `count.index` and `each.key`.
    pub replace_triggered_by: Vec<Expression>,
    pub preconditions: Vec<Condition>,
    pub postconditions: Vec<Condition>,
}

/// Which differences between configuration and object are left alone.
#[derive(Clone, PartialEq, Debug)]
pub enum IgnoreChanges {
    All,
    /// Often none.
    Paths(Vec<IgnoredPath>),
}

impl IgnoreChanges {
    pub fn is_nothing(&self) -> bool {
        matches!(self, IgnoreChanges::Paths(paths) if paths.is_empty())
    }
}

/// One place that `ignore_changes` names.
///
/// `tags["Name"]` ends in a key step and `tags.Name` in an attribute step; both may be meant for an entry of a map.
#[derive(Clone, PartialEq, Debug)]
pub struct IgnoredPath {
    pub path: Path,
    pub range: SourceRange,
    /// The name that the path begins with.
    pub name_range: SourceRange,
    /// The steps after it, as they are written.
    pub steps: Vec<Step>,
}

/// `provisioner "local-exec" { .. }`: a command run after creation or before destruction.
#[derive(Clone, PartialEq, Debug)]
pub struct Provisioner {
    pub when: ProvisionerWhen,
    pub on_failure: OnFailure,
    /// `command`, `environment`, ...; expressions may use `self`.
    pub body: Body,
    pub connection: Option<Body>,
    pub declared: SourceRange,
}

/// When a provisioner runs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ProvisionerWhen {
    Create,
    Destroy,
}

/// What a failed provisioner does to its resource.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OnFailure {
    /// The step fails; a created object is tainted.
    Fail,
    /// The failure is reported and otherwise ignored.
    Continue,
}

/// `module "NAME" { .. }`.
#[derive(Clone, PartialEq, Debug)]
pub struct ModuleCall {
    pub name: Arc<str>,
    /// As written: `./modules/network`, `git::https://..`.
    pub source: Arc<str>,
    pub source_range: SourceRange,
    /// The version constraint of a module from a registry.
    pub version: Option<Arc<str>>,
    pub repetition: Repetition,
    pub providers: Vec<PassedProvider>,
    pub depends_on: Vec<Reference>,
    /// The values of the module's variables.
    pub body: Body,
    pub declared: SourceRange,
}

/// An entry of `providers`: the child's name for a configuration of the caller.
#[derive(Clone, PartialEq, Debug)]
pub struct PassedProvider {
    pub inner: ProviderRef,
    pub outer: ProviderRef,
}

/// `moved { from, to }`. Both are relative to the module that the block stands in, and name things of one kind:
/// two modules, or two resources (whole or one instance).
#[derive(Clone, PartialEq, Debug)]
pub struct Moved {
    pub from: Target,
    pub to: Target,
    pub from_range: SourceRange,
    pub to_range: SourceRange,
    pub declared: SourceRange,
}

/// `removed { .. }`: objects whose block is gone, to be forgotten or destroyed.
#[derive(Clone, PartialEq, Debug)]
pub struct Removed {
    /// A module or a resource without instance keys, relative to the module that the block stands in.
    pub from: Target,
    pub from_range: SourceRange,
    /// Whether the objects are destroyed (the default) or only forgotten.
    pub destroy: bool,
    /// Run before destruction.
    pub provisioners: Vec<Provisioner>,
    pub declared: SourceRange,
}

/// `import { to, id }`. Only in the root module.
#[derive(Clone, PartialEq, Debug)]
pub struct Import {
    /// The address to import to; its indexes may be expressions that use `each`.
    pub to: Expression,
    /// The resource that `to` names, without instance keys.
    pub module: ModuleAddr,
    pub resource: ResourceAddr,
    pub id: Expression,
    pub for_each: Option<Expression>,
    pub provider: Option<ProviderRef>,
    pub declared: SourceRange,
}

/// `check "NAME" { .. }`: assertions whose failure is a warning.
#[derive(Clone, PartialEq, Debug)]
pub struct Check {
    pub name: Arc<str>,
    /// The data source inside the block, which is among the module's resources.
    pub data: Option<ResourceAddr>,
    pub asserts: Vec<Condition>,
    pub declared: SourceRange,
}

impl Default for IgnoreChanges {
    fn default() -> IgnoreChanges {
        IgnoreChanges::Paths(Vec::new())
    }
}

impl Config {
    pub fn root(&self) -> &Module {
        self.modules.get(&ModuleAddr::root()).expect("the root module is always there")
    }

    pub fn module(&self, addr: &ModuleAddr) -> Option<&Module> {
        self.modules.get(addr)
    }

    /// The provider configuration that a resource uses.
    ///
    /// Follows what the calls pass down: an explicit `providers` entry, else, for a configuration without alias, the caller's
    /// of the same provider. The answer names the module whose block (or, in the root module, whose absence of one) counts.
    pub fn provider_of(&self, module: &Module, resource: &Resource) -> ProviderConfigAddr {
        let key = module.provider_key(resource);
        self.resolve_provider(module, &key)
    }

    /// The provider configuration that a name means in a module.
    pub fn resolve_provider(&self, module: &Module, key: &ProviderKey) -> ProviderConfigAddr {
        let mut module = module;
        let mut key = key.clone();
        let provider = module.provider_addr(&key.local_name);
        loop {
            let here = ProviderConfigAddr {
                module: module.addr.clone(),
                provider: provider.clone(),
                alias: key.alias.clone(),
            };
            let call = module.addr.parent().and_then(|parent| {
                let parent = self.modules.get(&parent)?;
                Some((parent, parent.calls.get(module.addr.0.last()?)?))
            });
            let Some((parent, call)) = call else { return here };
            if let Some(passed) = call.providers.iter().find(|passed| passed.inner.key == key) {
                key = passed.outer.key.clone();
            } else if module.providers.contains_key(&key) || key.alias.is_some() {
                return here;
            } else {
                let local_name = parent.local_name_of(&provider);
                key = ProviderKey { local_name, alias: None };
            }
            module = parent;
        }
    }
}

impl Provisioner {
    /// What the body of a `local-exec` provisioner may contain.
    pub fn schema() -> Block {
        let attribute = |name: &str, ty, presence| (name.into(), Attribute::new(ty, presence));
        let attributes = [
            attribute("command", Type::String, Presence::Required),
            attribute("environment", Type::map(Type::String), Presence::Optional),
            attribute("interpreter", Type::list(Type::String), Presence::Optional),
            attribute("quiet", Type::Bool, Presence::Optional),
            attribute("working_dir", Type::String, Presence::Optional),
        ];
        Block { attributes: attributes.into(), ..Block::default() }
    }
}

impl Module {
    /// The name that the module uses for the configuration of a resource's provider.
    pub fn provider_key(&self, resource: &Resource) -> ProviderKey {
        match &resource.provider {
            Some(reference) => reference.key.clone(),
            None => ProviderKey { local_name: implied_provider(&resource.addr.type_name).into(), alias: None },
        }
    }

    /// The provider that a local name stands for.
    pub fn provider_addr(&self, local_name: &str) -> ProviderAddr {
        match self.requirements.get(local_name) {
            Some(requirement) => requirement.addr.clone(),
            None => ProviderAddr::implied(local_name),
        }
    }

    /// The local name of a provider in this module.
    pub fn local_name_of(&self, provider: &ProviderAddr) -> Arc<str> {
        self.requirements
            .iter()
            .find(|(_, requirement)| requirement.addr == *provider)
            .map_or_else(|| provider.name.clone(), |(name, _)| name.clone())
    }
}

/// The local name of the provider of a resource type: what stands before the first underscore.
pub fn implied_provider(type_name: &str) -> &str {
    type_name.split_once('_').map_or(type_name, |(provider, _)| provider)
}

/// Prints the name as it is written: `aws`, `aws.west`.
impl fmt::Display for ProviderKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.alias {
            Some(alias) => write!(f, "{}.{alias}", self.local_name),
            None => f.write_str(&self.local_name),
        }
    }
}
