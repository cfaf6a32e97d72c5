//! The JSON of a facts file, and its translation into a schema and rules.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::json::{JsonError, from_json, type_from_json};
use model::number::Number;
use model::schema::{Attribute, Block, NestedBlock, Nesting, Presence, Schema};
use model::ty::Type;
use model::value::{Kind, Value};
use serde::{Deserialize, Deserializer};
use serde_json::Value as Json;

use super::aliases::Aliases;
use super::{
    Accepts, Allowed, AttributeRules, BlockRules, Change, Effect, FactsError, Flavor, NestedRules, Rewrite,
    Transitions, TypeFacts,
};

/// How a default writes a part that only the apply tells.
const UNKNOWN: &str = "(unknown)";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    r#type: Arc<str>,
    schema_version: u64,
    block: BlockFacts,
    #[serde(default)]
    conflicts: Vec<(Arc<str>, Arc<str>)>,
    #[serde(default)]
    config_blocks: BTreeMap<Arc<str>, BTreeMap<Arc<str>, Arc<str>>>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct BlockFacts {
    attributes: BTreeMap<Arc<str>, AttributeFacts>,
    block_types: BTreeMap<Arc<str>, NestedFacts>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AttributeFacts {
    r#type: Json,
    #[serde(default)]
    required: bool,
    #[serde(default)]
    optional: bool,
    #[serde(default)]
    computed: bool,
    #[serde(default)]
    sensitive: bool,
    #[serde(default)]
    deprecated: bool,
    #[serde(default)]
    write_only: bool,
    #[serde(default, deserialize_with = "force_new")]
    force_new: ForceNew,
    probe: Option<Probe>,
    default: Option<Json>,
    #[serde(default)]
    unknown_after_create: bool,
    #[serde(default)]
    update_makes_unknown: Vec<Arc<str>>,
    #[serde(default)]
    replace_reported_for: Vec<Arc<str>>,
    #[serde(default)]
    plan_rewrites: BTreeMap<Rewriting, RewriteFacts>,
    #[serde(default)]
    accepts: AcceptsFacts,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NestedFacts {
    nesting_mode: NestingMode,
    #[serde(default)]
    min_items: u32,
    #[serde(default)]
    max_items: u32,
    #[serde(default)]
    deprecated: bool,
    #[serde(default, deserialize_with = "force_new")]
    force_new: ForceNew,
    probe: Option<Probe>,
    #[serde(default)]
    unknown_after_create: bool,
    #[serde(default)]
    update_makes_unknown: Vec<Arc<str>>,
    /// The block's own path or nothing.
    #[serde(default)]
    replace_reported_for: Vec<Arc<str>>,
    #[serde(default)]
    missing_block_stays: bool,
    block: BlockFacts,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "lowercase")]
enum NestingMode {
    Single,
    Group,
    List,
    Set,
    Map,
}

/// `force_new`, where a null says something else than a missing member.
#[derive(Clone, Copy, Default)]
enum ForceNew {
    #[default]
    Unstated,
    Known(bool),
    Conditional,
    NoDiff,
}

fn force_new<'de, D: Deserializer<'de>>(deserializer: D) -> Result<ForceNew, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Written {
        Known(bool),
        Word(Word),
        NoDiff(()),
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Word {
        Conditional,
    }
    Ok(match Written::deserialize(deserializer)? {
        Written::Known(known) => ForceNew::Known(known),
        Written::Word(Word::Conditional) => ForceNew::Conditional,
        Written::NoDiff(()) => ForceNew::NoDiff,
    })
}

/// What each kind of change was seen to do. `back` is the change in the other direction.
#[derive(Deserialize, Clone, Copy)]
#[serde(deny_unknown_fields)]
struct Probe {
    change: Option<Seen>,
    set: Option<Seen>,
    unset: Option<Seen>,
    back: Option<Seen>,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "snake_case")]
enum Seen {
    Replace,
    InPlace,
    NoDiff,
    /// The provider refused the plan, so nothing is known.
    Error,
}

#[derive(Deserialize, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "snake_case")]
enum Rewriting {
    AsGiven,
    UpperCase,
    LowerCase,
    TrailingDot,
    JsonSpacedKeysSorted,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum RewriteFacts {
    Ignored(NoDiff),
    Planned(Planned),
}

#[derive(Deserialize)]
enum NoDiff {
    #[serde(rename = "no_diff")]
    NoDiff,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Planned {
    given: String,
    planned: String,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct AcceptsFacts {
    r#enum: Option<Json>,
    range: Option<OneOrAny<(serde_json::Number, serde_json::Number)>>,
    length: Option<(usize, usize)>,
    min: Option<serde_json::Number>,
    max: Option<serde_json::Number>,
    divisible_by: Option<serde_json::Number>,
    /// The provider also looks at the form of the text, in code.
    checked_format: bool,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrAny<T> {
    One(T),
    Any { any_of: Vec<T> },
}

pub(super) fn parse(json: &str) -> Result<TypeFacts, FactsError> {
    let mut deserializer = serde_json::Deserializer::from_str(json);
    let document: Document = serde_path_to_error::deserialize(&mut deserializer)
        .map_err(|error| FactsError { key: error.path().to_string(), reason: error.inner().to_string() })?;
    deserializer.end().map_err(|error| FactsError { key: ".".into(), reason: error.to_string() })?;

    let (block, rules) = block(document.block, "block")?;
    let flavor = match block.attributes.get("id").map(|id| id.presence) {
        Some(Presence::Computed) => Flavor::Framework,
        Some(Presence::Required | Presence::Optional | Presence::OptionalComputed) | None => Flavor::Sdk,
    };
    for name in document.conflicts.iter().flat_map(|(a, b)| [a, b]) {
        if !block.attributes.contains_key(name) && !block.blocks.contains_key(name) {
            return Err(FactsError { key: "conflicts".into(), reason: format!("there is no `{name}` in the block") });
        }
    }
    let aliases = Aliases(document.config_blocks);
    let written = aliases.over(&block).map_err(|reason| FactsError { key: "config_blocks".into(), reason })?;
    Ok(TypeFacts {
        type_name: document.r#type,
        config_block: Arc::new(written.unwrap_or_else(|| block.clone())),
        aliases,
        schema: Arc::new(Schema { version: document.schema_version, block }),
        flavor,
        rules,
        conflicts: document.conflicts,
    })
}

fn block(facts: BlockFacts, key: &str) -> Result<(Block, BlockRules), FactsError> {
    let mut block = Block::default();
    let mut rules = BlockRules::default();
    for (name, facts) in facts.attributes {
        let key = format!("{key}.attributes.{name}");
        let (attribute, own) = attribute(facts, &key)?;
        if own != AttributeRules::default() {
            rules.attributes.insert(name.clone(), own);
        }
        block.attributes.insert(name, attribute);
    }
    for (name, facts) in facts.block_types {
        let key = format!("{key}.block_types.{name}");
        let (nested, own) = nested(facts, &key)?;
        if own != NestedRules::default() {
            rules.blocks.insert(name.clone(), own);
        }
        block.blocks.insert(name, nested);
    }
    Ok((block, rules))
}

fn nested(facts: NestedFacts, key: &str) -> Result<(NestedBlock, NestedRules), FactsError> {
    let (mut block, rules) = block(facts.block, &format!("{key}.block"))?;
    block.deprecated = facts.deprecated;
    let nesting = match facts.nesting_mode {
        NestingMode::Single => Nesting::Single,
        NestingMode::Group => Nesting::Group,
        NestingMode::List => Nesting::List,
        NestingMode::Set => Nesting::Set,
        NestingMode::Map => Nesting::Map,
    };
    let own = NestedRules {
        change: change(facts.force_new, facts.probe, key)?,
        reports_itself: !facts.replace_reported_for.is_empty(),
        computed: facts.unknown_after_create,
        missing_stays: facts.missing_block_stays,
        update_makes_unknown: facts.update_makes_unknown,
        rules,
    };
    let (min_items, max_items, computed) = (facts.min_items, facts.max_items, own.computed);
    Ok((NestedBlock { nesting, block, min_items, max_items, computed }, own))
}

fn attribute(facts: AttributeFacts, key: &str) -> Result<(Attribute, AttributeRules), FactsError> {
    let at = |member: &str, reason: String| FactsError { key: format!("{key}.{member}"), reason };
    let ty = type_from_json(&facts.r#type).map_err(|error| at("type", error.to_string()))?;
    let presence = match (facts.required, facts.optional, facts.computed) {
        (true, false, false) => Presence::Required,
        (false, true, false) => Presence::Optional,
        (false, true, true) => Presence::OptionalComputed,
        (false, false, true) => Presence::Computed,
        (true, true, _) | (true, _, true) | (false, false, false) => {
            return Err(FactsError {
                key: key.into(),
                reason: "one of `required`, `optional`, `computed` is required".into(),
            });
        }
    };
    if facts.unknown_after_create && !presence.is_computed() {
        return Err(at("unknown_after_create", "only a computed attribute can be unknown".into()));
    }
    let default =
        facts.default.map(|json| default(&json, &ty)).transpose().map_err(|error| at("default", error.to_string()))?;
    let (mut rewrites, mut ignores) = (Vec::new(), Vec::new());
    for (rewriting, facts) in &facts.plan_rewrites {
        let rewrite = match rewriting {
            Rewriting::UpperCase | Rewriting::LowerCase | Rewriting::AsGiven => Rewrite::LowerCase,
            Rewriting::TrailingDot => Rewrite::TrailingDot,
            Rewriting::JsonSpacedKeysSorted => Rewrite::Json,
        };
        match facts {
            RewriteFacts::Ignored(NoDiff::NoDiff) => {
                ignores.push(rewrite);
                // Whoever takes two JSON texts for the same also plans them in one form.
                if rewrite == Rewrite::Json {
                    rewrites.push(rewrite);
                }
            }
            RewriteFacts::Planned(seen) => rewrites.push(seen.rewrite().ok_or_else(|| {
                at("plan_rewrites", format!("it is not known how `{}` becomes `{}`", seen.given, seen.planned))
            })?),
        }
    }
    let rules = AttributeRules {
        change: change(facts.force_new, facts.probe, key)?,
        default,
        update_makes_unknown: facts.update_makes_unknown,
        replace_reported_for: facts.replace_reported_for,
        rewrites,
        ignores,
        accepts: accepts(facts.accepts, &ty, &format!("{key}.accepts"))?,
    };
    let attribute = Attribute {
        ty,
        presence,
        sensitive: facts.sensitive,
        write_only: facts.write_only,
        deprecated: facts.deprecated,
        nested: None,
    };
    Ok((attribute, rules))
}

impl Planned {
    /// The rewriting that makes the one text of the other.
    fn rewrite(&self) -> Option<Rewrite> {
        if self.planned == self.given.to_lowercase() {
            Some(Rewrite::LowerCase)
        } else if self.planned == self.given.to_uppercase() {
            Some(Rewrite::UpperCase)
        } else if self.given.strip_suffix('.') == Some(&self.planned) {
            Some(Rewrite::TrailingDot)
        } else {
            None
        }
    }
}

fn change(force_new: ForceNew, probe: Option<Probe>, key: &str) -> Result<Change, FactsError> {
    Ok(match (force_new, probe) {
        (ForceNew::Unstated | ForceNew::Known(false), _) => Change::InPlace,
        (ForceNew::Known(true), _) => Change::Replaces,
        (ForceNew::NoDiff, _) => Change::Ignored,
        (ForceNew::Conditional, Some(probe)) => {
            let effect = |seen: Option<Seen>| match seen {
                Some(Seen::Replace) => Effect::Replaces,
                Some(Seen::NoDiff) => Effect::Ignored,
                Some(Seen::InPlace | Seen::Error) | None => Effect::InPlace,
            };
            Change::Depends(Transitions {
                change: effect(probe.change.or(probe.back)),
                set: effect(probe.set),
                unset: effect(probe.unset),
            })
        }
        (ForceNew::Conditional, None) => {
            return Err(FactsError { key: format!("{key}.force_new"), reason: "`conditional` needs a `probe`".into() });
        }
    })
}

/// A default as a value of its type; parts written `(unknown)` are unknown.
fn default(json: &Json, ty: &Type) -> Result<Value, JsonError> {
    let value = from_json(json, ty)?;
    Ok(value.map_parts(&mut |_, part| match part.reveal() {
        Kind::String(text) if text.as_ref() == UNKNOWN => Value::unknown(Type::String),
        Kind::String(_)
        | Kind::Null(_)
        | Kind::Unknown(..)
        | Kind::Bool(_)
        | Kind::Number(_)
        | Kind::List(..)
        | Kind::Set(..)
        | Kind::Map(..)
        | Kind::Tuple(_)
        | Kind::Object(_) => part,
    }))
}

fn accepts(facts: AcceptsFacts, ty: &Type, key: &str) -> Result<Accepts, FactsError> {
    let number = |number: &serde_json::Number| {
        Number::parse(&number.to_string())
            .ok_or_else(|| FactsError { key: key.into(), reason: format!("`{number}` is out of range") })
    };
    // The form is the type's own code's matter.
    let _ = facts.checked_format;
    let element = match ty {
        Type::List(element) | Type::Set(element) | Type::Map(element) => element,
        Type::Dynamic | Type::Bool | Type::Number | Type::String | Type::Tuple(_) | Type::Object(_) => ty,
    };
    let mut values = Vec::new();
    if let Some(json) = facts.r#enum {
        let members = from_json(&json, &Type::list(element.clone()))
            .map_err(|error| FactsError { key: format!("{key}.enum"), reason: error.to_string() })?;
        values.push(Allowed::OneOf(members.reveal().items().unwrap_or_default().to_vec()));
    }
    match facts.range {
        Some(OneOrAny::One((least, most))) => values.push(Allowed::Range(number(&least)?, number(&most)?)),
        Some(OneOrAny::Any { any_of }) => {
            for (least, most) in &any_of {
                values.push(Allowed::Range(number(least)?, number(most)?));
            }
        }
        None => {}
    }
    match (facts.min, facts.max) {
        (Some(least), Some(most)) => values.push(Allowed::Range(number(&least)?, number(&most)?)),
        (Some(least), None) => values.push(Allowed::AtLeast(number(&least)?)),
        (None, Some(most)) => values.push(Allowed::AtMost(number(&most)?)),
        (None, None) => {}
    }
    if let Some(divisor) = &facts.divisible_by {
        values.push(Allowed::MultipleOf(number(divisor)?));
    }
    Ok(Accepts { values, length: facts.length })
}
