//! The values of all blocks of a stack in one phase: computed when first asked for, kept, and dropped when what they depend
//! on changes.
//!
//! The same evaluator serves validation, plan and apply. A plan visits blocks in the order of the graph and so finds
//! everything a block needs already there; an apply replaces planned objects by real ones as its steps end, and every value
//! that was computed from them is computed again when next asked for.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard};

use lang::config::{Module, ModuleCall, Output, ProviderBlock, Repetition, Resource, Variable};
use lang::decode::infinite;
use lang::expression::Expression;
use lang::variables::{Given, Origin, variable_value};
use model::address::{ConfigAddr, InstanceAddr, Key, Mode, ModuleAddr, ModuleInstance, ProviderConfigAddr};
use model::checkable::{Checkable, CheckableAddr};
use model::diagnostic::{Diagnostic, Diagnostics, Severity};
use model::schema::Block;
use model::source::{SourceMap, SourceRange};
use model::ty::Type;
use model::value::{Marks, Value};
use petgraph::graph::NodeIndex;
use provider::Provider;
use tokio::sync::OnceCell;

use crate::conditions::{self, Checked};
use crate::graph::{Graph, Node};
use crate::places;
use crate::plan::{Check, CheckKind};
use crate::repetition::{self, Each, Keys};
use crate::scope::BlockScope;
use crate::stack::Stack;

/// The values of a stack's blocks.
pub struct Evaluator<'a> {
    pub stack: Stack<'a>,
    pub graph: &'a Graph,
    pub phase: Phase,
    /// Indexed as the graph's nodes.
    cells: Vec<Mutex<Cells>>,
    /// The ephemeral blocks that were opened, or could not be.
    openings: Mutex<HashMap<NodeIndex, Arc<Opening>>>,
    diagnostics: Mutex<Diagnostics>,
    /// Conditions that were evaluated while applying.
    checks: Mutex<Vec<Check>>,
}

/// What the values are computed for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Phase {
    /// Everything that only a plan could know is unknown.
    Validate,
    /// Anything may be asked for at any time; objects are as they were recorded.
    Prior,
    /// As `Prior`, with the time and chance of now: what a console answers from.
    Console { now: String },
    /// Blocks are visited in order; outputs not visited yet are unknown. Times are RFC 3339 in UTC.
    Plan { at: String },
    /// Anything may be asked for at any time; `now` is what `timestamp()` gives.
    Apply { plan_at: String, now: String },
}

/// The message about what went wrong has been recorded; the value is not there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Failed;

/// What came of opening a block: the conditions that were checked.
type Opening = OnceCell<Result<Vec<Check>, Failed>>;

/// What is known of one block, by the instance of its module.
#[derive(Default)]
struct Cells {
    values: HashMap<ModuleInstance, Result<Value, Failed>>,
    keys: HashMap<ModuleInstance, Result<Keys, Failed>>,
    objects: HashMap<ModuleInstance, BTreeMap<Option<Key>, Value>>,
}

impl<'a> Evaluator<'a> {
    pub fn new(stack: Stack<'a>, graph: &'a Graph, phase: Phase) -> Evaluator<'a> {
        let cells = (0..graph.dag.node_count()).map(|_| Mutex::default()).collect();
        Evaluator {
            stack,
            graph,
            phase,
            cells,
            openings: Mutex::default(),
            diagnostics: Mutex::default(),
            checks: Mutex::default(),
        }
    }

    /// The messages so far, taken away.
    pub fn take_diagnostics(&self) -> Diagnostics {
        std::mem::take(&mut *self.diagnostics.lock().expect("no holder of the lock panics"))
    }

    pub fn report(&self, diagnostics: impl IntoIterator<Item = Diagnostic>) {
        self.diagnostics.lock().expect("no holder of the lock panics").extend(diagnostics);
    }

    /// Remembers what came of conditions.
    pub fn checked(&self, checks: Vec<Check>) {
        self.checks.lock().expect("no holder of the lock panics").extend(checks);
    }

    /// The conditions that were remembered, taken away.
    pub fn take_checks(&self) -> Vec<Check> {
        std::mem::take(&mut *self.checks.lock().expect("no holder of the lock panics"))
    }

    /// Records an error.
    pub fn fail<T>(&self, diagnostic: Diagnostic) -> Result<T, Failed> {
        self.report([diagnostic]);
        Err(Failed)
    }

    /// The value, or a failure whose messages are recorded.
    pub fn accept<T>(&self, outcome: Result<T, Diagnostics>) -> Result<T, Failed> {
        outcome.map_err(|diagnostics| {
            self.report(diagnostics);
            Failed
        })
    }

    /// As [`accept`](Self::accept). Warnings are said once, while validating, not again in each later phase.
    fn accept_decoded(&self, (value, diagnostics): (Value, Diagnostics)) -> Result<Value, Failed> {
        let failed = diagnostics.has_errors();
        let validating = self.phase == Phase::Validate;
        self.report(diagnostics.into_iter().filter(|diagnostic| validating || diagnostic.is_error()));
        if failed { Err(Failed) } else { Ok(value) }
    }

    pub fn module(&self, addr: &ModuleAddr) -> &'a Module {
        self.stack.config.module(addr).expect("the graph has nodes of modules of the configuration only")
    }

    pub fn block(&self, addr: &ConfigAddr) -> &'a Resource {
        self.module(&addr.module)
            .resources
            .get(&addr.resource)
            .expect("the graph has nodes of blocks of the configuration only")
    }

    pub(crate) fn opening(&self, node: NodeIndex) -> Arc<Opening> {
        self.openings.lock().expect("no holder of the lock panics").entry(node).or_default().clone()
    }

    fn cells(&self, node: NodeIndex) -> MutexGuard<'_, Cells> {
        self.cells[node.index()].lock().expect("no holder of the lock panics")
    }
}

/// # Values
impl<'a> Evaluator<'a> {
    /// What expressions of a block see, in an instance of its module.
    pub fn scope(&self, module: &ModuleInstance, each: Each) -> BlockScope<'_, 'a> {
        BlockScope::new(self, module.clone(), each)
    }

    /// Evaluates an expression, recording what is wrong with it.
    pub fn evaluate(&self, expression: &Expression, scope: &BlockScope<'_, 'a>) -> Result<Value, Failed> {
        self.accept(lang::evaluate::evaluate(expression, scope))
    }

    /// The configuration of an instance under its type's schema. Plans and applies both start from this.
    ///
    /// The type is one that the provider has.
    pub fn desired(&self, addr: &InstanceAddr, provider: &dyn Provider) -> Result<Value, Failed> {
        let config = addr.config();
        let node = self.graph.resource(&config).expect("instances of blocks that are not there have no configuration");
        let keys = self.keys(node, &addr.module)?;
        let scope = self.scope(&addr.module, keys.each(addr.key.as_ref()));
        let (mode, type_name) = (addr.resource.mode, &addr.resource.type_name);
        let written = provider.config_block(mode, type_name).expect("the provider has the type");
        let block = self.block(&config);
        let value = self.accept_decoded(lang::decode::decode(&block.body, &written, &scope))?;
        self.accept(provider.fold(mode, type_name, value).map_err(|refused| {
            refused
                .into_iter()
                .map(|diagnostic| places::place(diagnostic, &block.body, block.declared).of(addr.clone()))
                .collect()
        }))
    }

    /// The value of a variable, local or output in an instance of its module.
    pub fn value(&self, node: NodeIndex, module: &ModuleInstance) -> Result<Value, Failed> {
        if let Some(value) = self.cells(node).values.get(module) {
            return value.clone();
        }
        let value = match &self.graph.dag[node] {
            Node::Variable(addr, name) => self.variable(addr, name, module),
            Node::Local(addr, name) => {
                let local = &self.module(addr).locals[name];
                self.evaluate(&local.value, &self.scope(module, Each::None))
            }
            Node::Output(addr, name) => self.output(addr, name, module),
            Node::Resource(_) => self.resource(node, module),
            Node::Call(addr, name) => return self.call(node, addr, name, module),
            Node::Provider(_) | Node::Check(..) => unreachable!("expressions can't mention providers and checks"),
        };
        self.cells(node).values.insert(module.clone(), value.clone());
        match (&self.graph.dag[node], &self.phase) {
            // What a plan could not decide is decided when the value is first used.
            (Node::Variable(addr, name), Phase::Apply { .. }) if value.is_ok() => {
                let checked = self.check_variable(addr, name, module);
                if checked.is_err() {
                    self.cells(node).values.insert(module.clone(), Err(Failed));
                }
                checked.and(value)
            }
            _ => value,
        }
    }

    fn check_variable(&self, addr: &ModuleAddr, name: &Arc<str>, module: &ModuleInstance) -> Result<(), Failed> {
        let variable = &self.module(addr).variables[name];
        if variable.validations.is_empty() {
            return Ok(());
        }
        let checked = Checked {
            object: &CheckableAddr { module: module.clone(), object: Checkable::Variable(name.clone()) },
            kind: CheckKind::Validation,
            summary: "Invalid value for variable",
            severity: Severity::Error,
            subject: Some(self.argument(module, name).unwrap_or(variable.declared)),
        };
        let (checks, diagnostics) = conditions::check(&variable.validations, &self.scope(module, Each::None), checked);
        self.checked(checks);
        if diagnostics.is_empty() { Ok(()) } else { self.accept(Err(diagnostics)) }
    }

    fn variable(&self, addr: &ModuleAddr, name: &Arc<str>, module: &ModuleInstance) -> Result<Value, Failed> {
        let variable = &self.module(addr).variables[name];
        let Some((caller, key)) = caller(module) else {
            let missing = || lang::variables::missing_value(variable);
            return Ok(self.stack.variables.get(name).cloned().unwrap_or_else(missing));
        };
        let call_node = self.call_node(module).expect("a module instance has a call");
        let call = self.call_block(module).expect("a module instance has a call");
        let given = match call.body.attribute(name) {
            None => None,
            Some(argument) => {
                let keys = self.keys(call_node, &caller)?;
                let value = self.evaluate(&argument.expr, &self.scope(&caller, keys.each(key.as_ref())))?;
                Some((value, argument.expr.range()))
            }
        };
        self.accept_argument(variable, given, call.declared)
    }

    /// The value of a called module's variable: what the call gives, else the default.
    fn accept_argument(
        &self,
        variable: &Variable,
        given: Option<(Value, SourceRange)>,
        call: SourceRange,
    ) -> Result<Value, Failed> {
        let Some((value, range)) = given else {
            return match &variable.default_value {
                Some(_) => self.accept_one(variable_value(variable, None, self.sources())),
                None => self.fail(
                    Diagnostic::error(
                        "Missing required argument",
                        format!("The argument \"{}\" is required, but no definition was found.", variable.name),
                    )
                    .at(call),
                ),
            };
        };
        if value.marks_deep().contains(Marks::EPHEMERAL) && !variable.ephemeral {
            return self.fail(
                Diagnostic::error(
                    "Ephemeral value not allowed",
                    format!(
                        "The variable \"{}\" does not accept ephemeral values, as it is not declared as ephemeral.",
                        variable.name
                    ),
                )
                .at(range)
                .within(call)
                .hint("Add `ephemeral = true` to the variable, if nothing that it is used for must last."),
            );
        }
        let given = Given { value, origin: Origin::Written(range) };
        self.accept_one(variable_value(variable, Some(&given), self.sources()))
    }

    fn accept_one<T>(&self, outcome: Result<T, Diagnostic>) -> Result<T, Failed> {
        outcome.or_else(|diagnostic| self.fail(diagnostic))
    }

    fn sources(&self) -> &'a SourceMap {
        &self.stack.config.sources
    }

    fn output(&self, addr: &ModuleAddr, name: &Arc<str>, module: &ModuleInstance) -> Result<Value, Failed> {
        let output = &self.module(addr).outputs[name];
        let value = self.evaluate(&output.value, &self.scope(module, Each::None))?;
        self.accept_lifetime(output, &value)?;
        if addr.is_root() && !output.sensitive && value.marks_deep().contains(Marks::SENSITIVE) {
            return self.fail(
                Diagnostic::error(
                    "Output refers to sensitive values",
                    format!(
                        "The value of output \"{name}\" is, or holds, a sensitive value. To show that this is meant, the \
                         output must say so itself."
                    ),
                )
                .at(output.value.range())
                .within(output.declared)
                .hint("Add `sensitive = true` to the output, or `nonsensitive(..)` around what is not."),
            );
        }
        if addr.is_root() && value.has_infinity() {
            let place = format!("output \"{name}\"");
            return self.fail(infinite(&place).at(output.value.range()).within(output.declared));
        }
        // Of a called module only what is sensitive by itself is so for the caller.
        Ok(if output.sensitive && addr.is_root() { value.sensitive() } else { value })
    }

    /// Only ephemeral outputs give ephemeral values on, and they give no others.
    fn accept_lifetime(&self, output: &Output, value: &Value) -> Result<(), Failed> {
        let diagnostic = match (output.ephemeral, value.marks_deep().contains(Marks::EPHEMERAL)) {
            (false, false) | (true, true) => return Ok(()),
            // While validating, what failed is unknown without any mark.
            (true, false) if self.phase == Phase::Validate && !value.is_wholly_known() => return Ok(()),
            (true, false) => Diagnostic::error(
                "Value not allowed in ephemeral output",
                format!("The output \"{}\" is declared as ephemeral, and its value is not.", output.name),
            ),
            (false, true) => Diagnostic::error(
                "Ephemeral value not allowed",
                format!(
                    "The output \"{}\" is not declared as ephemeral, and its value is, or holds one that is.",
                    output.name
                ),
            ),
        };
        self.fail(diagnostic.at(output.value.range()).within(output.declared))
    }

    /// All instances of a resource block.
    fn resource(&self, node: NodeIndex, module: &ModuleInstance) -> Result<Value, Failed> {
        let keys = self.keys(node, module)?;
        let cells = self.cells(node);
        let objects = cells.objects.get(module);
        let is_ephemeral = self.graph.dag[node].resource().is_some_and(|addr| addr.resource.mode == Mode::Ephemeral);
        let unknown = || match is_ephemeral {
            true => Value::unknown(Type::Dynamic).with_marks(Marks::EPHEMERAL),
            false => Value::unknown(Type::Dynamic),
        };
        if objects.is_none() && matches!(self.phase, Phase::Console { .. }) {
            // Nothing was ever applied of it.
            return Ok(unknown());
        }
        let object = |key: Option<Key>| objects.and_then(|objects| objects.get(&key)).cloned();
        Ok(match &keys {
            // While validating, one object stands for all instances of an unknown number.
            Keys::UnknownCount | Keys::UnknownEach => unknown(),
            keys => keys.combine(|key| object(key).unwrap_or_else(unknown)),
        })
    }

    /// The outputs of all instances of a called module. Not kept: outputs become ready one by one.
    fn call(
        &self,
        node: NodeIndex,
        addr: &ModuleAddr,
        name: &Arc<str>,
        module: &ModuleInstance,
    ) -> Result<Value, Failed> {
        let keys = self.keys(node, module)?;
        let child = addr.child(name.clone());
        let called = self.module(&child);
        Ok(keys.combine(|key| {
            let instance = module.child(name.clone(), key);
            let given = self.stack.stand_ins.module(&instance);
            Value::object(called.outputs.keys().map(|output| {
                if let Some(given) = given {
                    let null = || Value::null(Type::Dynamic);
                    return (output.clone(), given.get(output).cloned().unwrap_or_else(null));
                }
                let node =
                    self.graph.find(&Node::Output(child.clone(), output.clone())).expect("every output is a node");
                (output.clone(), self.output_so_far(node, &instance))
            }))
        }))
    }

    fn output_so_far(&self, node: NodeIndex, module: &ModuleInstance) -> Value {
        let value = match self.phase {
            Phase::Validate | Phase::Plan { .. } => self.cells(node).values.get(module).cloned().unwrap_or(Err(Failed)),
            Phase::Prior | Phase::Console { .. } | Phase::Apply { .. } => self.value(node, module),
        };
        value.unwrap_or_else(|Failed| Value::unknown(Type::Dynamic))
    }

    /// The block of a provider's configuration; there need not be one.
    pub fn provider_block(&self, addr: &ProviderConfigAddr) -> Option<&'a ProviderBlock> {
        let module = self.stack.config.module(&addr.module)?;
        let mut blocks = module.providers.values();
        blocks
            .find(|block| block.key.alias == addr.alias && module.provider_addr(&block.key.local_name) == addr.provider)
    }

    /// The value of a provider's block; without a block, that of an empty one.
    pub fn provider_config(&self, addr: &ProviderConfigAddr, schema: &Block) -> Result<Value, Failed> {
        if let Some(given) = self.stack.stand_ins.provider_config(addr, schema) {
            return self.accept(given);
        }
        match self.provider_block(addr) {
            Some(block) => {
                // Modules that hold provider blocks can't be repeated, so there is one instance.
                let instance = ModuleInstance(addr.module.0.iter().map(|name| (name.clone(), None)).collect());
                self.accept_decoded(lang::decode::decode(&block.body, schema, &self.scope(&instance, Each::None)))
            }
            None => Ok(schema.empty_value()),
        }
    }
}

/// # Instances
impl<'a> Evaluator<'a> {
    /// The keys of a resource block or module call in an instance of its module.
    pub fn keys(&self, node: NodeIndex, module: &ModuleInstance) -> Result<Keys, Failed> {
        if let Some(keys) = self.cells(node).keys.get(module) {
            return keys.clone();
        }
        let repetition = match &self.graph.dag[node] {
            Node::Resource(addr) => &self.block(addr).repetition,
            Node::Call(addr, name) => &self.module(addr).calls[name].repetition,
            Node::Variable(..) | Node::Local(..) | Node::Output(..) | Node::Provider(_) | Node::Check(..) => {
                &Repetition::Single
            }
        };
        let keys = self.repeat(repetition, module);
        self.cells(node).keys.insert(module.clone(), keys.clone());
        keys
    }

    fn repeat(&self, repetition: &Repetition, module: &ModuleInstance) -> Result<Keys, Failed> {
        let (expression, read, unknown): (_, ReadKeys, _) = match repetition {
            Repetition::Single => return Ok(Keys::Single),
            Repetition::Count(expression) => (expression, repetition::count, Keys::UnknownCount),
            Repetition::ForEach(expression) => (expression, repetition::for_each, Keys::UnknownEach),
        };
        let value = self.evaluate(expression, &self.scope(module, Each::None))?;
        let keys = match self.phase {
            // One instance stands for all; what only a plan knows is no mistake yet.
            Phase::Validate if value.is_wholly_known() => read(&value, expression.range()).map(|_| unknown),
            Phase::Validate => Ok(unknown),
            Phase::Prior | Phase::Console { .. } | Phase::Plan { .. } | Phase::Apply { .. } => {
                read(&value, expression.range())
            }
        };
        keys.or_else(|diagnostic| self.fail(diagnostic))
    }

    /// The instances of a module; those whose callers failed are left out, and those that something stands in for.
    pub fn instances(&self, module: &ModuleAddr) -> Vec<ModuleInstance> {
        let mut instances = vec![ModuleInstance::root()];
        let mut addr = ModuleAddr::root();
        for name in &module.0 {
            let node = self.graph.find(&Node::Call(addr.clone(), name.clone())).expect("a called module has a call");
            let mut inner = Vec::new();
            for instance in instances {
                if let Ok(keys) = self.keys(node, &instance) {
                    let all = keys.iter().map(|key| instance.child(name.clone(), key));
                    inner.extend(all.filter(|instance| self.stack.stand_ins.module(instance).is_none()));
                }
            }
            instances = inner;
            addr = addr.child(name.clone());
        }
        instances
    }

    /// All instances of all modules.
    pub fn all_instances(&self) -> BTreeSet<ModuleInstance> {
        self.stack.config.modules.keys().flat_map(|module| self.instances(module)).collect()
    }

    /// Where the call of a module gives one of its variables a value.
    pub fn argument(&self, module: &ModuleInstance, variable: &str) -> Option<SourceRange> {
        Some(self.call_block(module)?.body.attribute(variable)?.expr.range())
    }

    fn call_node(&self, module: &ModuleInstance) -> Option<NodeIndex> {
        let parent = module.parent()?;
        let (name, _) = module.0.last()?;
        self.graph.find(&Node::Call(parent.module(), name.clone()))
    }

    fn call_block(&self, module: &ModuleInstance) -> Option<&'a ModuleCall> {
        let parent = module.parent()?;
        let (name, _) = module.0.last()?;
        self.module(&parent.module()).calls.get(name)
    }
}

/// # Objects
impl Evaluator<'_> {
    /// Gives an instance its value, and forgets all that was computed from its former one.
    pub fn set_object(&self, node: NodeIndex, addr: &InstanceAddr, value: Value) {
        let before =
            self.cells(node).objects.entry(addr.module.clone()).or_default().insert(addr.key.clone(), value.clone());
        self.cells(node).values.remove(&addr.module);
        if before.is_some_and(|before| before != value) {
            self.forget(node);
        }
    }

    pub fn object(&self, node: NodeIndex, addr: &InstanceAddr) -> Option<Value> {
        self.cells(node).objects.get(&addr.module)?.get(&addr.key).cloned()
    }

    /// Forgets what was computed from a block, however indirectly; objects stay, whatever they were made from.
    fn forget(&self, changed: NodeIndex) {
        let mut pending: Vec<NodeIndex> = self.graph.needed_by(changed).collect();
        while let Some(node) = pending.pop() {
            let mut cells = self.cells(node);
            // Whatever was computed through this node was computed after it: nothing here, nothing further on.
            if cells.values.is_empty() && cells.keys.is_empty() {
                continue;
            }
            cells.keys.clear();
            cells.values.clear();
            drop(cells);
            pending.extend(self.graph.needed_by(node));
        }
    }
}

/// Reads the value of `count` or `for_each`.
type ReadKeys = fn(&Value, SourceRange) -> Result<Keys, Diagnostic>;

/// The instance that calls a module instance, and the key of the call.
fn caller(module: &ModuleInstance) -> Option<(ModuleInstance, Option<Key>)> {
    let (_, key) = module.0.last()?;
    Some((module.parent()?, key.clone()))
}
