//! A configuration as JSON, in the form of the `configuration` part of Terraform's plans.
//!
//! Expressions are described, not evaluated: a constant by its value, any other by what it refers to.

use hcl::ast::{IndexKey, Step};
use lang::body::Body;
use lang::config::{Config, Module, ModuleCall, Output, Provisioner, Repetition, Resource, Variable};
use lang::expression::Expression;
use lang::reference::{Reference, Subject, references};
use lang::schemas::Schemas;
use model::address::{Mode, ModuleAddr};
use model::diagnostic::Diagnostics;
use model::json::to_json;
use model::schema::{Block, Nesting};
use model::value::Value;
use serde_json::{Map, Value as Json, json};

mod providers;

use self::providers::ProviderConfigs;

/// Describes a configuration. Types that no schema is known of are described without their arguments.
pub fn describe(config: &Config, schemas: &dyn Schemas) -> Json {
    let describer = Describer { config, schemas, providers: ProviderConfigs::of(config) };
    let mut object = Map::new();
    let providers = describer.providers.describe(&describer);
    if !providers.is_empty() {
        object.insert("provider_config".into(), Json::Object(providers));
    }
    object.insert("root_module".into(), describer.module(config.root()));
    Json::Object(object)
}

struct Describer<'a> {
    config: &'a Config,
    schemas: &'a dyn Schemas,
    providers: ProviderConfigs,
}

impl Describer<'_> {
    fn module(&self, module: &Module) -> Json {
        let mut object = Map::new();
        if !module.outputs.is_empty() {
            let outputs = module.outputs.values().map(|output| (output.name.to_string(), output_json(output)));
            object.insert("outputs".into(), Json::Object(outputs.collect()));
        }
        let of_mode = |mode: Mode| module.resources.values().filter(move |resource| resource.addr.mode == mode);
        let resources: Vec<Json> = [Mode::Managed, Mode::Data, Mode::Ephemeral]
            .into_iter()
            .flat_map(of_mode)
            .map(|resource| self.resource(module, resource))
            .collect();
        if !resources.is_empty() {
            object.insert("resources".into(), resources.into());
        }
        if !module.calls.is_empty() {
            let calls = module.calls.values().map(|call| (call.name.to_string(), self.call(module, call)));
            object.insert("module_calls".into(), Json::Object(calls.collect()));
        }
        if !module.variables.is_empty() {
            let described =
                module.variables.values().map(|variable| (variable.name.to_string(), variable_json(variable)));
            object.insert("variables".into(), Json::Object(described.collect()));
        }
        Json::Object(object)
    }

    fn resource(&self, module: &Module, resource: &Resource) -> Json {
        let addr = &resource.addr;
        let mut object = Map::new();
        object.insert("address".into(), addr.to_string().into());
        let mode = match addr.mode {
            Mode::Managed => "managed",
            Mode::Data => "data",
            Mode::Ephemeral => "ephemeral",
        };
        object.insert("mode".into(), mode.into());
        object.insert("type".into(), (*addr.type_name).into());
        object.insert("name".into(), (*addr.name).into());
        object.insert("provider_config_key".into(), self.providers.key(module, resource).into());
        if !resource.provisioners.is_empty() {
            object.insert("provisioners".into(), resource.provisioners.iter().map(provisioner_json).collect());
        }
        let provider = self.config.provider_of(module, resource).provider;
        let schema = self.schemas.resource(&provider, addr.mode, &addr.type_name);
        if let Some(schema) = &schema {
            let expressions = body_json(&resource.body, &schema.block);
            if !expressions.is_empty() {
                object.insert("expressions".into(), Json::Object(expressions));
            }
        }
        object.insert("schema_version".into(), schema.map_or(0, |schema| schema.version).into());
        insert_repetition(&mut object, &resource.repetition);
        insert_depends_on(&mut object, &resource.depends_on);
        Json::Object(object)
    }

    fn call(&self, module: &Module, call: &ModuleCall) -> Json {
        let mut object = Map::new();
        object.insert("source".into(), (*call.source).into());
        let expressions: Map<String, Json> = call
            .body
            .attributes()
            .map(|argument| (argument.name.to_string(), Json::Object(expression_json(&argument.expr))))
            .collect();
        if !expressions.is_empty() {
            object.insert("expressions".into(), Json::Object(expressions));
        }
        insert_repetition(&mut object, &call.repetition);
        let called = self.config.module(&module.addr.child(call.name.clone()));
        object.insert("module".into(), called.map_or_else(|| json!({}), |called| self.module(called)));
        if let Some(version) = &call.version {
            object.insert("version_constraint".into(), (**version).into());
        }
        insert_depends_on(&mut object, &call.depends_on);
        Json::Object(object)
    }
}

fn output_json(output: &Output) -> Json {
    let mut object = Map::new();
    if output.sensitive {
        object.insert("sensitive".into(), true.into());
    }
    if output.ephemeral {
        object.insert("ephemeral".into(), true.into());
    }
    object.insert("expression".into(), Json::Object(expression_json(&output.value)));
    insert_depends_on(&mut object, &output.depends_on);
    if let Some(description) = output.description.as_ref().filter(|description| !description.is_empty()) {
        object.insert("description".into(), (**description).into());
    }
    Json::Object(object)
}

fn variable_json(variable: &Variable) -> Json {
    let mut object = Map::new();
    if let Some(default) = variable.default_value.as_ref().and_then(constant_json) {
        object.insert("default".into(), default);
    }
    if let Some(description) = variable.description.as_ref().filter(|description| !description.is_empty()) {
        object.insert("description".into(), (**description).into());
    }
    if variable.sensitive {
        object.insert("sensitive".into(), true.into());
    }
    Json::Object(object)
}

fn provisioner_json(provisioner: &Provisioner) -> Json {
    json!({"type": "local-exec", "expressions": body_json(&provisioner.body, &Provisioner::schema())})
}

fn insert_repetition(object: &mut Map<String, Json>, repetition: &Repetition) {
    let (name, expression) = match repetition {
        Repetition::Single => return,
        Repetition::Count(expression) => ("count_expression", expression),
        Repetition::ForEach(expression) => ("for_each_expression", expression),
    };
    let described = expression_json(expression);
    if !described.is_empty() {
        object.insert(name.into(), Json::Object(described));
    }
}

fn insert_depends_on(object: &mut Map<String, Json>, depends_on: &[Reference]) {
    if !depends_on.is_empty() {
        let written = depends_on.iter().filter_map(|reference| parts(reference).into_iter().next());
        object.insert("depends_on".into(), written.map(Json::from).collect());
    }
}

/// The arguments of a block by name. `dynamic` blocks are left out: nobody knows what they make.
fn body_json(body: &Body, schema: &Block) -> Map<String, Json> {
    let mut object = Map::new();
    // What is malformed is said when the body is decoded.
    let body = body.resolve(schema, &mut Diagnostics::new());
    for attribute in body.attributes() {
        if schema.attributes.contains_key(&attribute.name) {
            object.insert(attribute.name.to_string(), Json::Object(expression_json(&attribute.expr)));
        }
    }
    for block in body.blocks() {
        let kind = block.kind.to_string();
        if let Some(nested) = schema.blocks.get(&block.kind) {
            let inner = Json::Object(body_json(&block.body, &nested.block));
            match nested.nesting {
                Nesting::Single | Nesting::Group => drop(object.insert(kind, inner)),
                Nesting::List | Nesting::Set => {
                    if let Json::Array(items) = object.entry(kind).or_insert_with(|| json!([])) {
                        items.push(inner);
                    }
                }
                Nesting::Map => {
                    let label = block.labels.first().map_or_else(String::new, |label| label.text.to_string());
                    if let Json::Object(entries) = object.entry(kind).or_insert_with(|| json!({})) {
                        entries.insert(label, inner);
                    }
                }
            }
        } else if schema.attributes.contains_key(&block.kind) {
            // An attribute that is written as blocks.
            let mut mentioned = Vec::new();
            each_expression(&block.body, &mut |expression| mentioned.extend(mentions(expression)));
            if let (false, Json::Object(described)) =
                (mentioned.is_empty(), object.entry(kind).or_insert_with(|| json!({})))
                && let Json::Array(present) = described.entry("references").or_insert_with(|| json!([]))
            {
                present.extend(mentioned);
            }
        }
    }
    object
}

fn each_expression(body: &Body, found: &mut dyn FnMut(&Expression)) {
    body.attributes().for_each(|attribute| found(&attribute.expr));
    body.blocks().for_each(|block| each_expression(&block.body, found));
}

/// The value of a constant; what anything else refers to; nothing for what is neither.
fn expression_json(expression: &Expression) -> Map<String, Json> {
    let mut object = Map::new();
    if let Some(constant) = lang::constant::of(expression).as_ref().and_then(constant_json) {
        object.insert("constant_value".into(), constant);
    }
    let mentioned = mentions(expression);
    if !mentioned.is_empty() {
        object.insert("references".into(), mentioned.into());
    }
    object
}

fn mentions(expression: &Expression) -> Vec<Json> {
    references(expression).iter().flat_map(parts).map(Json::from).collect()
}

fn constant_json(value: &Value) -> Option<Json> {
    to_json(value, &value.ty()).ok()
}

/// A reference as it is written, then what is left of it as its last parts are taken off, down to the block it names.
pub(crate) fn parts(reference: &Reference) -> Vec<String> {
    let mut texts = vec![reference.subject.to_string()];
    for step in &reference.rest {
        let mut text = texts.last().expect("the subject is there").clone();
        match step {
            Step::Attr(step) => {
                text.push('.');
                text.push_str(&step.name.name);
            }
            Step::Index(step) => match &step.key {
                IndexKey::Number(number) => text.push_str(&format!("[{number}]")),
                IndexKey::String(name) => text.push_str(&format!("[{name:?}]")),
            },
        }
        texts.push(text);
    }
    // An output of one instance of a module names that instance last.
    let is_instance_output = matches!(reference.rest.as_slice(), [Step::Index(_), Step::Attr(_), ..]);
    if matches!(reference.subject, Subject::Module(_)) && is_instance_output {
        texts.remove(0);
    }
    texts.reverse();
    texts
}

/// What the keys of a module's provider configurations begin with.
fn prefix(module: &ModuleAddr) -> String {
    if module.is_root() { String::new() } else { format!("{module}:") }
}
