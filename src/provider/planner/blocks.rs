//! Plans nested blocks: which continue a prior one, which are new, and which go away.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::entries::Entries;
use model::path::{Path, Step};
use model::schema::{Block, NestedBlock, Nesting, Presence};
use model::value::{Kind, Value};

use super::{Changes, Planner};
use crate::facts::{BlockRules, Effect, NestedRules};
use crate::propose::{is_empty, propose};

/// All blocks of a kind at one place.
pub(super) struct Blocks<'a> {
    pub(super) nested: &'a NestedBlock,
    pub(super) rules: &'a NestedRules,
    pub(super) path: &'a Path,
}

impl Planner<'_> {
    /// Plans all blocks of a kind; `prior` is `None` where the block around them is new.
    pub(super) fn blocks(
        &self,
        blocks: &Blocks<'_>,
        prior: Option<Value>,
        proposed: Value,
        changes: &mut Changes,
    ) -> Value {
        let unknown = || Value::unknown(blocks.nested.implied_type());
        if !proposed.is_known() {
            blocks.changed(changes);
            return unknown();
        }
        if is_empty(&proposed) {
            return match prior {
                Some(prior) if blocks.rules.computed || is_empty(&prior) => prior,
                Some(prior) if blocks.rules.missing_stays => {
                    let proposed = blocks.emptied(&prior, &proposed);
                    self.list(blocks, Some(&prior), &proposed, changes)
                }
                Some(prior) => {
                    self.removed_blocks(blocks, &prior, changes);
                    proposed
                }
                None if blocks.rules.computed => {
                    changes.any = true;
                    unknown()
                }
                None => proposed,
            };
        }
        match blocks.nested.nesting {
            Nesting::Single | Nesting::Group => {
                let prior = prior.filter(|prior| !prior.is_null());
                self.element(blocks, prior.as_ref(), &proposed, blocks.path, changes)
            }
            Nesting::List => self.list(blocks, prior.as_ref(), &proposed, changes),
            Nesting::Map => self.map(blocks, prior.as_ref(), &proposed, changes),
            Nesting::Set => self.set(blocks, prior, &proposed, changes),
        }
    }

    /// Plans one of the blocks; a new one is a change.
    fn element(
        &self,
        blocks: &Blocks<'_>,
        prior: Option<&Value>,
        proposed: &Value,
        path: &Path,
        changes: &mut Changes,
    ) -> Value {
        let reported = changes.replace.len();
        let Blocks { nested, rules, .. } = blocks;
        let planned = self.object(&nested.block, &rules.rules, prior, proposed, path, changes);
        if prior.is_none() {
            blocks.came_or_went(reported, changes);
        }
        planned
    }

    fn list(&self, blocks: &Blocks<'_>, prior: Option<&Value>, proposed: &Value, changes: &mut Changes) -> Value {
        let before = prior.and_then(|prior| prior.reveal().items()).unwrap_or_default();
        let items = proposed.reveal().items().unwrap_or_default();
        let mut planned = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            let path = blocks.path.child(Step::Index(index));
            planned.push(self.element(blocks, before.get(index), item, &path, changes));
        }
        for (index, gone) in before.iter().enumerate().skip(items.len()) {
            self.gone(blocks, gone, Step::Index(index), changes);
        }
        if let Kind::List(element, _) = proposed.reveal() {
            Value::list(element.clone(), planned)
        } else {
            Value::tuple(planned)
        }
    }

    fn map(&self, blocks: &Blocks<'_>, prior: Option<&Value>, proposed: &Value, changes: &mut Changes) -> Value {
        let none = Entries::default();
        let before = prior.and_then(|prior| prior.reveal().entries()).unwrap_or(&none);
        let entries = proposed.reveal().entries().unwrap_or(&none);
        let mut planned: BTreeMap<Arc<str>, Value> = BTreeMap::new();
        for (key, item) in entries {
            let path = blocks.path.child(Step::Key(key.clone()));
            planned.insert(key.clone(), self.element(blocks, before.get(key), item, &path, changes));
        }
        for (key, gone) in before.iter().filter(|(key, _)| !entries.contains_key(key)) {
            self.gone(blocks, gone, Step::Key(key.clone()), changes);
        }
        if let Kind::Map(element, _) = proposed.reveal() {
            Value::map(element.clone(), planned.into())
        } else {
            Value::object(planned)
        }
    }

    /// Plans blocks without an order: one that some prior block would become unchanged is that block; all others are new.
    fn set(&self, blocks: &Blocks<'_>, prior: Option<Value>, proposed: &Value, changes: &mut Changes) -> Value {
        let Blocks { nested, rules, path } = blocks;
        let before = prior.as_ref().and_then(|prior| prior.reveal().items()).unwrap_or_default();
        let items = proposed.reveal().items().unwrap_or_default();
        let mut used = vec![false; before.len()];
        let mut inner = Changes::default();
        let mut planned = Vec::with_capacity(items.len());
        for item in items {
            let path = path.child(Step::Element(item.clone()));
            let continues = |prior: &Value| {
                let mut trial = Changes::default();
                prior == item || {
                    self.object(&nested.block, &rules.rules, Some(prior), item, &path, &mut trial);
                    !trial.any
                }
            };
            if let Some(position) = before.iter().zip(&used).position(|(prior, used)| !used && continues(prior)) {
                used[position] = true;
                planned.push(before[position].clone());
            } else if !before.iter().zip(&used).any(|(prior, used)| *used && continues(prior)) {
                inner.any = true;
                planned.push(self.object(&nested.block, &rules.rules, None, item, &path, &mut inner));
            }
            // Else it is the same block once more, written differently: a set has it once.
        }
        for (gone, _) in before.iter().zip(&used).filter(|(_, used)| !**used) {
            let path = path.child(Step::Element(gone.clone()));
            self.removed(&nested.block, &rules.rules, gone, &path, &mut inner);
        }
        match prior {
            Some(prior) if !inner.any => prior,
            Some(_) | None => {
                changes.made_unknown.append(&mut inner.made_unknown);
                changes.reported_too.append(&mut inner.reported_too);
                blocks.changed_inside(inner.replace.is_empty(), changes);
                Value::set(nested.block.implied_type(), planned)
            }
        }
    }

    /// Notes that one of the blocks goes away.
    fn gone(&self, blocks: &Blocks<'_>, gone: &Value, step: Step, changes: &mut Changes) {
        let reported = changes.replace.len();
        self.removed(&blocks.nested.block, &blocks.rules.rules, gone, &blocks.path.child(step), changes);
        blocks.came_or_went(reported, changes);
    }

    /// Notes that all of the blocks go away.
    fn removed_blocks(&self, blocks: &Blocks<'_>, prior: &Value, changes: &mut Changes) {
        let Blocks { nested, rules, path } = blocks;
        match nested.nesting {
            Nesting::Single | Nesting::Group => {
                let reported = changes.replace.len();
                self.removed(&nested.block, &rules.rules, prior, path, changes);
                blocks.came_or_went(reported, changes);
            }
            Nesting::List | Nesting::Map => prior.each_child(|step, child| self.gone(blocks, child, step, changes)),
            Nesting::Set => {
                let mut inner = Changes::default();
                prior.each_child(|step, child| {
                    self.removed(&nested.block, &rules.rules, child, &path.child(step), &mut inner);
                });
                blocks.changed_inside(inner.replace.is_empty(), changes);
            }
        }
    }

    /// Notes which attributes of a block that goes away need a new object.
    fn removed(&self, block: &Block, rules: &BlockRules, prior: &Value, path: &Path, changes: &mut Changes) {
        changes.any = true;
        for (name, attribute) in &block.attributes {
            let Some(value) = prior.get(name).filter(|value| !is_empty(value)) else {
                continue;
            };
            let rules = rules.attributes.get(name);
            // A default goes on without its block.
            let default = rules.and_then(|rules| rules.default.as_ref());
            let stays = default.is_some_and(|default| self.same(&value, default));
            match attribute.presence {
                Presence::Required | Presence::Optional if !stays => {
                    let path = path.child(Step::Attribute(name.clone()));
                    self.changed(rules, Some(&value), None, &path, changes);
                }
                Presence::Required | Presence::Optional | Presence::OptionalComputed | Presence::Computed => {}
            }
        }
        for (name, nested) in &block.blocks {
            if let Some(prior) = prior.get(name).filter(|value| !is_empty(value))
                && let Some(rules) = rules.blocks.get(name)
            {
                let path = &path.child(Step::Attribute(name.clone()));
                self.removed_blocks(&Blocks { nested, rules, path }, &prior, changes);
            }
        }
    }
}

impl Blocks<'_> {
    /// As many list blocks as there were, of the same type as `none`, in which nothing is configured.
    fn emptied(&self, prior: &Value, none: &Value) -> Value {
        let block = &self.nested.block;
        let before = prior.reveal().items().unwrap_or_default();
        let items: Vec<Value> = before.iter().map(|prior| propose(block, Some(prior), &block.empty_value())).collect();
        if let Kind::List(element, _) = none.reveal() {
            Value::list(element.clone(), items)
        } else {
            Value::tuple(items)
        }
    }

    /// Notes that a block came or went, of whose attributes the paths from `reported` on need a new object.
    ///
    /// That is reported for the attributes; for the blocks where there are none, or where they are said to report themselves.
    fn came_or_went(&self, reported: usize, changes: &mut Changes) {
        if changes.replace.len() == reported || self.rules.reports_itself {
            self.changed(changes);
        } else {
            changes.any = true;
        }
    }

    /// Notes that blocks of a set changed: their attributes have no path of their own, so the set stands for them.
    fn changed_inside(&self, in_place: bool, changes: &mut Changes) {
        if in_place {
            self.changed(changes);
        } else {
            changes.any = true;
            changes.replace.push(self.path.clone());
        }
    }

    /// Notes that the blocks as a whole changed.
    fn changed(&self, changes: &mut Changes) {
        changes.any = true;
        match self.rules.change.effect(Some(()), Some(())) {
            Effect::Replaces => changes.replace.push(self.path.clone()),
            Effect::InPlace => changes.made_unknown.extend_from_slice(&self.rules.update_makes_unknown),
            Effect::Ignored => {}
        }
    }
}
