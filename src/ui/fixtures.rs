//! Plans and values for tests, from as little text as possible.

use std::collections::BTreeMap;
use std::sync::Arc;

use engine::plan::{Action, Basis, Change, OutputChange, Plan, PlanMode};
use model::address::{InstanceAddr, Mode, ModuleAddr, ObjectKey, ProviderAddr, ProviderConfigAddr};
use model::json::from_json;
use model::schema::{Attribute, Block, NestedBlock, Nesting, Presence, Schema};
use model::ty::Type;
use model::value::{Kind, Marks, Value};
use serde_json::Value as Json;

/// The text that stands for an unknown value in a fixture.
pub const UNKNOWN: &str = "<unknown>";
/// What the text of a sensitive value in a fixture begins with.
pub const SECRET: &str = "<secret>";

/// The schema of the one type of these fixtures.
pub fn schema() -> Arc<Schema> {
    let attribute = |ty: Type| Attribute::new(ty, Presence::OptionalComputed);
    let names = |names: &[&str], ty: Type| -> BTreeMap<Arc<str>, Attribute> {
        names.iter().map(|name| (Arc::from(*name), attribute(ty.clone()))).collect()
    };
    let mut attributes = names(&["id", "name", "cidr", "policy"], Type::String);
    attributes.insert("size".into(), attribute(Type::Number));
    attributes.insert("tags".into(), attribute(Type::map(Type::String)));
    attributes.insert("password".into(), attribute(Type::String).sensitive());
    let rule = Block { attributes: names(&["port", "secret"], Type::String), ..Block::default() };
    let nested = NestedBlock { nesting: Nesting::Set, block: rule, min_items: 0, max_items: 0, computed: false };
    Arc::new(Schema {
        version: 0,
        block: Block { attributes, blocks: [(Arc::from("rule"), nested)].into(), deprecated: false },
    })
}

pub fn schemas(_: &ProviderAddr, _: Mode, _: &str) -> Option<Arc<Schema>> {
    Some(schema())
}

/// A value of a type, with [`UNKNOWN`] and [`SECRET`] texts replaced.
pub fn typed(json: &Json, ty: &Type) -> Value {
    let value = from_json(json, ty).expect("the fixture fits its type");
    value.map_parts(&mut |_, part| match part.reveal() {
        Kind::String(text) if **text == *UNKNOWN => Value::unknown(Type::String),
        Kind::String(text) if text.starts_with(SECRET) => part.with_marks(Marks::SENSITIVE),
        _ => part,
    })
}

pub fn object(json: Json) -> Value {
    typed(&json, &schema().block.implied_type())
}

pub fn key(addr: &str) -> ObjectKey {
    ObjectKey::current(addr.parse::<InstanceAddr>().expect("an address"))
}

pub fn provider() -> ProviderConfigAddr {
    ProviderConfigAddr { module: ModuleAddr::root(), provider: ProviderAddr::implied("test"), alias: None }
}

pub fn change(addr: &str, action: Action, before: Json, after: Json) -> Change {
    let side = |json: Json| if json.is_null() { None } else { Some(object(json)) };
    Change {
        key: key(addr),
        previous: None,
        provider: provider(),
        action,
        before: side(before),
        after: side(after),
        replace_paths: Vec::new(),
        reason: None,
        import: None,
        loss: None,
        range: None,
    }
}

pub fn output(name: &str, before: Option<Value>, after: Option<Value>) -> OutputChange {
    OutputChange { name: name.into(), before, after, sensitive: false, range: None }
}

pub fn plan(changes: Vec<Change>) -> Plan {
    Plan {
        mode: PlanMode::Normal,
        changes,
        moves: Vec::new(),
        outputs: Vec::new(),
        drift: Vec::new(),
        checks: Vec::new(),
        check_results: Vec::new(),
        module_outputs: Vec::new(),
        steps: petgraph::graph::DiGraph::new(),
        refreshed: state::State::default(),
        basis: Basis {
            lineage: "l".into(),
            serial: 1,
            workspace: "default".into(),
            at: "2026-01-02T03:04:05Z".parse().expect("a time"),
        },
        targets: Vec::new(),
        excludes: Vec::new(),
    }
}
