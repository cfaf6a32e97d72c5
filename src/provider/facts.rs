//! What is known of a type without its code: its schema and how it plans, parsed from the type's JSON file.
//!
//! A file has the members `type`, `schema_version`, `block`, `conflicts` and `config_blocks` (blocks that a configuration may
//! have in the place of attributes, see [`aliases`]). `block` is shaped as in `providers schema
//! -json` (`attributes`, `block_types`, `nesting_mode`), and each attribute and block also says how it plans:
//!
//! | member | meaning |
//! |---|---|
//! | `force_new` | whether a change needs a new object: `true`, `false`, `"conditional"` as `probe` says, `null` = changes are ignored |
//! | `default` | planned when the configuration says nothing |
//! | `unknown_after_create` | planned as unknown for a new object when the configuration says nothing |
//! | `update_makes_unknown` | attributes of the object that become unknown when this one changes |
//! | `replace_reported_for` | names that a replacement is also reported for; of a block its own |
//! | `plan_rewrites` | rewritings of a text that the plan makes itself, or takes for no change |
//! | `missing_block_stays` | a block that stays when the configuration has none, its content back at its defaults |
//! | `accepts` | limits of the value |

pub mod aliases;
mod format;
mod rewrite;

use std::collections::BTreeMap;
use std::sync::Arc;

use model::number::Number;
use model::schema::{Block, Schema};
use model::value::Value;

use crate::facts::aliases::Aliases;

/// The schema of a type and its rules.
#[derive(Clone, Debug)]
pub struct TypeFacts {
    pub type_name: Arc<str>,
    pub schema: Arc<Schema>,
    /// What a configuration is written against: the schema's block and the blocks of `aliases`.
    pub config_block: Arc<Block>,
    pub aliases: Aliases,
    pub flavor: Flavor,
    pub rules: BlockRules,
    /// Pairs of top-level names that may not be set together.
    pub conflicts: Vec<(Arc<str>, Arc<str>)>,
}

/// Which of the two libraries a type of the provider is written with: they differ in what they take for a change.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Flavor {
    /// The older one: null, empty text, zero, false and empty collections are the same; `id` may be configured.
    Sdk,
    /// The newer one: null differs from everything else.
    Framework,
}

/// Rules of the attributes and blocks of a block, by name. What has no rules of its own is not listed.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct BlockRules {
    pub attributes: BTreeMap<Arc<str>, AttributeRules>,
    pub blocks: BTreeMap<Arc<str>, NestedRules>,
}

/// How a kind of block plans.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct NestedRules {
    /// What adding or removing one does.
    pub change: Change,
    /// A replacement for something in a list block that comes or goes is reported for the block as well.
    pub reports_itself: bool,
    /// The provider supplies the blocks when the configuration has none: such blocks are kept, and unknown for a new object.
    pub computed: bool,
    /// Without a configuration the blocks stay, and what is in them goes back to its defaults. An object may come to have
    /// such a block although none was ever configured.
    pub missing_stays: bool,
    pub update_makes_unknown: Vec<Arc<str>>,
    pub rules: BlockRules,
}

/// How an attribute plans and what it accepts.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct AttributeRules {
    pub change: Change,
    /// Planned when the configuration says nothing.
    pub default: Option<Value>,
    /// Top-level names that an update in place of this attribute makes unknown.
    pub update_makes_unknown: Vec<Arc<str>>,
    /// Further top-level names that a replacement for this attribute is reported for.
    pub replace_reported_for: Vec<Arc<str>>,
    /// Changes that the plan makes to a text.
    pub rewrites: Vec<Rewrite>,
    /// Differences of a text that are no change.
    pub ignores: Vec<Rewrite>,
    pub accepts: Accepts,
}

/// What a change of a value does to the object.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Change {
    /// The object is changed in place.
    #[default]
    InPlace,
    /// Another object takes its place.
    Replaces,
    /// Nothing: the object stays as it is.
    Ignored,
    /// It depends on what there was and what there is to be.
    Depends(Transitions),
}

/// What each kind of transition does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Transitions {
    /// From one value to another.
    pub change: Effect,
    /// From nothing to a value.
    pub set: Effect,
    /// From a value to nothing.
    pub unset: Effect,
}

/// What one transition does to the object.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Effect {
    InPlace,
    Replaces,
    Ignored,
}

/// A way to write a text differently.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Rewrite {
    LowerCase,
    UpperCase,
    /// Without the dot at the end of a domain name.
    TrailingDot,
    /// JSON without white space, members sorted, `<`, `>` and `&` escaped; text that is no JSON stays as it is.
    Json,
}

/// Limits of a value. For collections they hold for each element.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Accepts {
    /// The value must be in one of these; no limit when empty.
    pub values: Vec<Allowed>,
    /// The number of characters, least and most.
    pub length: Option<(usize, usize)>,
}

/// A part of the values that are accepted.
#[derive(Clone, PartialEq, Debug)]
pub enum Allowed {
    OneOf(Vec<Value>),
    /// Between two numbers, both included.
    Range(Number, Number),
    AtLeast(Number),
    AtMost(Number),
    MultipleOf(Number),
}

/// Facts that can't be understood: a mistake in the file.
#[derive(Debug, thiserror::Error)]
#[error("invalid facts at `{key}`: {reason}")]
pub struct FactsError {
    /// The members that lead to the mistake: `block.attributes.cidr_block.type`.
    pub key: String,
    pub reason: String,
}

impl TypeFacts {
    /// Reads the facts of one resource type or data source.
    ///
    /// # Errors
    /// Text that is no JSON, or JSON that says something this planner doesn't know. Nothing is skipped.
    pub fn parse(json: &str) -> Result<TypeFacts, FactsError> {
        format::parse(json)
    }

    /// The rules of an attribute named by its path's names joined by dots, as [`model::path::Path::names`] gives it.
    pub fn attribute(&self, names: &str) -> Option<&AttributeRules> {
        let mut rules = &self.rules;
        let mut names = names.split('.').peekable();
        while let Some(name) = names.next() {
            if names.peek().is_none() {
                return rules.attributes.get(name);
            }
            rules = &rules.blocks.get(name)?.rules;
        }
        None
    }
}

impl Change {
    /// The effect of going from one value to another, where `None` is nothing.
    pub fn effect<T>(self, from: Option<T>, to: Option<T>) -> Effect {
        match self {
            Change::InPlace => Effect::InPlace,
            Change::Replaces => Effect::Replaces,
            Change::Ignored => Effect::Ignored,
            Change::Depends(transitions) => match (from, to) {
                (None, _) => transitions.set,
                (Some(_), None) => transitions.unset,
                (Some(_), Some(_)) => transitions.change,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::ty::Type;

    fn parse(attribute: &str) -> Result<TypeFacts, FactsError> {
        TypeFacts::parse(&format!(
            r#"{{"type": "t", "schema_version": 2, "block": {{"attributes": {{"a": {attribute}}}}}}}"#
        ))
    }

    fn error(attribute: &str) -> String {
        parse(attribute).expect_err("the facts are wrong").to_string()
    }

    #[test]
    fn every_embedded_type_parses() {
        let mut types = 0;
        for folder in ["schema", "schema/data"] {
            let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../aws").join(folder);
            for entry in std::fs::read_dir(&folder).expect("the folder is part of the source") {
                let path = entry.expect("the folder can be listed").path();
                let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default().to_string();
                if !stem.starts_with("aws_") {
                    continue;
                }
                let text = std::fs::read_to_string(&path).expect("the file is text");
                let facts = TypeFacts::parse(&text).unwrap_or_else(|error| panic!("{stem}: {error}"));
                assert_eq!(facts.type_name.as_ref(), stem);
                types += 1;
            }
        }
        assert!(types >= 26, "only {types} types were found");
    }

    #[test]
    fn a_null_force_new_differs_from_a_missing_one() {
        let change = |attribute| {
            let facts = parse(attribute).expect("the facts are right");
            facts.attribute("a").map(|rules| rules.change)
        };
        assert_eq!(change(r#"{"type": "string", "optional": true}"#), None);
        assert_eq!(change(r#"{"type": "string", "optional": true, "force_new": null}"#), Some(Change::Ignored));
        assert_eq!(change(r#"{"type": "string", "optional": true, "force_new": true}"#), Some(Change::Replaces));
    }

    #[test]
    fn a_conditional_force_new_depends_on_the_transition() {
        let facts = parse(
            r#"{"type": "string", "optional": true, "force_new": "conditional",
                "probe": {"change": "in_place", "set": "replace", "unset": "no_diff"}}"#,
        )
        .expect("the facts are right");
        let change = facts.attribute("a").expect("it has rules").change;
        assert_eq!(change.effect(Some(1), Some(2)), Effect::InPlace);
        assert_eq!(change.effect(None, Some(2)), Effect::Replaces);
        assert_eq!(change.effect(Some(1), None), Effect::Ignored);
    }

    #[test]
    fn defaults_are_of_the_type_of_their_attribute() {
        let facts = parse(r#"{"type": ["set", "string"], "optional": true, "default": ["b", "a"]}"#).expect("right");
        let expected = Value::set(Type::String, vec!["a".into(), "b".into()]);
        assert_eq!(facts.attribute("a").and_then(|rules| rules.default.clone()), Some(expected));
    }

    #[test]
    fn mistakes_are_found_and_named() {
        assert_eq!(
            error(r#"{"type": "string", "optional": true, "forcenew": true}"#).split(", expected").next(),
            Some("invalid facts at `block.attributes.a.forcenew`: unknown field `forcenew`")
        );
        assert_eq!(
            error(r#"{"type": "strung", "optional": true}"#),
            "invalid facts at `block.attributes.a.type`: `\"strung\"` is not a type"
        );
        assert_eq!(
            error(r#"{"type": "string"}"#),
            "invalid facts at `block.attributes.a`: one of `required`, `optional`, `computed` is required"
        );
        assert_eq!(
            error(r#"{"type": "number", "optional": true, "default": "x"}"#),
            "invalid facts at `block.attributes.a.default`: number is required, not a string"
        );
        assert_eq!(
            error(
                r#"{"type": "string", "optional": true, "plan_rewrites": {"upper_case": {"given": "A", "planned": "b"}}}"#
            ),
            "invalid facts at `block.attributes.a.plan_rewrites`: it is not known how `A` becomes `b`"
        );
    }
}
