//! Validation: everything that can be said of a configuration without a state and without asking a service.

use std::sync::Arc;

use lang::config::OnFailure;
use lang::decode::refuse_ephemeral;
use model::address::{ConfigAddr, InstanceAddr, Mode, ModuleInstance};
use model::diagnostic::{Diagnostic, Diagnostics};
use model::ty::Type;
use model::value::{Marks, Value};
use petgraph::graph::NodeIndex;
use provider::Provider;

use crate::evaluator::{Evaluator, Failed, Phase};
use crate::graph::{Graph, Node};
use crate::places;
use crate::pool::unknown_type;
use crate::provisioner::Provisioners;
use crate::repetition::Each;
use crate::stack::Stack;

/// Evaluates every block once, with unknown values for whatever only a plan can know, and lets providers check theirs.
///
/// Variables that `stack` has no values for are unknown.
pub fn validate(stack: Stack<'_>, graph: &Graph) -> Diagnostics {
    let evaluator = Evaluator::new(stack, graph, Phase::Validate);
    for node in &graph.order {
        // What failed is recorded; what depends on it sees an unknown value and goes on.
        let module = graph.dag[*node].module();
        let instance = ModuleInstance(module.0.iter().map(|name| (name.clone(), None)).collect());
        let outcome: Result<(), Failed> = match &graph.dag[*node] {
            Node::Variable(..) | Node::Local(..) | Node::Output(..) => evaluator.value(*node, &instance).map(drop),
            Node::Call(..) => evaluator.keys(*node, &instance).map(drop),
            Node::Provider(addr) => provider(&evaluator, addr),
            Node::Resource(addr) => resource(&evaluator, *node, addr, &instance),
            Node::Check(..) => Ok(()),
        };
        let _recorded = outcome;
    }
    evaluator.take_diagnostics()
}

fn schemas(evaluator: &Evaluator<'_>, addr: &model::address::ProviderConfigAddr) -> Result<Arc<dyn Provider>, Failed> {
    evaluator.stack.providers.schemas(&addr.provider).or_else(|diagnostic| {
        let block = evaluator.provider_block(addr);
        evaluator.fail(diagnostic.at(block.map(|block| block.declared)))
    })
}

fn provider(evaluator: &Evaluator<'_>, addr: &model::address::ProviderConfigAddr) -> Result<(), Failed> {
    // Aliases that a call must pass are no blocks; whether they are passed is checked when the configuration is loaded.
    if evaluator.provider_block(addr).is_none() && addr.alias.is_some() {
        return Ok(());
    }
    let provider = schemas(evaluator, addr)?;
    evaluator.provider_config(addr, &provider.config_schema()).map(drop)
}

fn resource(
    evaluator: &Evaluator<'_>,
    node: NodeIndex,
    addr: &ConfigAddr,
    module: &ModuleInstance,
) -> Result<(), Failed> {
    let block = evaluator.block(addr);
    let instance = InstanceAddr { module: module.clone(), resource: addr.resource.clone(), key: None };
    // Until the type is known, anything may be asked of the object.
    let lasting = if addr.resource.mode == Mode::Ephemeral { Marks::EPHEMERAL } else { Marks::NONE };
    evaluator.set_object(node, &instance, Value::unknown(Type::Dynamic).with_marks(lasting));
    let provider_addr = evaluator.stack.config.provider_of(evaluator.module(&addr.module), block);
    let Ok(provider) = evaluator.stack.providers.schemas(&provider_addr.provider) else { return Err(Failed) };
    let Some(schema) = provider.schema(addr.resource.mode, &addr.resource.type_name) else {
        return evaluator.fail(unknown_type(provider.as_ref(), addr).at(block.type_range));
    };
    evaluator.set_object(node, &instance, Value::unknown(schema.block.implied_type()).with_marks(lasting));
    let config = evaluator.desired(&instance, provider.as_ref())?;
    if addr.resource.mode != Mode::Ephemeral {
        let refused = refuse_ephemeral(&config, &schema.block, &block.body);
        let failed = refused.has_errors();
        evaluator.report(refused.into_iter().map(|diagnostic| diagnostic.of(instance.clone())));
        if failed {
            return Err(Failed);
        }
    }
    let (config, _) = config.unmark_deep();
    let found = provider.validate(addr.resource.mode, &addr.resource.type_name, &config);
    let placed: Vec<Diagnostic> = found
        .into_iter()
        .map(|diagnostic| places::place(diagnostic, &block.body, block.declared).of(instance.clone()))
        .collect();
    let failed = placed.iter().any(Diagnostic::is_error);
    evaluator.report(placed);
    let this = Value::unknown(schema.block.implied_type());
    let each = evaluator.keys(node, module)?.each(None);
    provisioners(evaluator, addr, module, &each, &this);
    conditions(evaluator, block, module);
    if failed { Err(Failed) } else { Ok(()) }
}

/// Commands can't be run yet, but what is wrong with their arguments can be said.
fn provisioners(evaluator: &Evaluator<'_>, addr: &ConfigAddr, module: &ModuleInstance, each: &Each, this: &Value) {
    let config = evaluator.stack.config;
    for provisioners in [Provisioners::on_create(config, addr), Provisioners::on_destroy(config, addr)] {
        for provisioner in provisioners.iter() {
            let scope = evaluator.scope(module, each.clone()).with_self(this.clone());
            match provisioners.arguments(provisioner, &scope) {
                Ok(arguments) => {
                    // What is wrong with a command that is known already, unless that is to be passed over.
                    let refused = arguments.command(provisioner).and_then(Result::err);
                    evaluator.report(refused.filter(|_| provisioner.on_failure == OnFailure::Fail));
                }
                Err(found) => evaluator.report(found),
            }
        }
    }
}

/// Conditions can't be decided yet, but what is wrong with them can be said.
fn conditions(evaluator: &Evaluator<'_>, block: &lang::config::Resource, module: &ModuleInstance) {
    let lifecycle = &block.lifecycle;
    if matches!(block.repetition, lang::config::Repetition::Single) {
        let scope = evaluator.scope(module, Each::None);
        for condition in &lifecycle.preconditions {
            let _recorded = evaluator.evaluate(&condition.condition, &scope);
        }
    }
}
