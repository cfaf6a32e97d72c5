//! Differences of lists and sets: which elements belong together.

use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use model::path::{Path, Step};
use model::schema::Attribute;
use model::value::{Kind, Value};
use similar::{Algorithm, DiffOp, capture_diff_slices};

use super::{Comparison, Detail, Difference, Element, Note, Shape, Sign, nested};

/// What names an element among its siblings, the best name first.
const NAMES: [&str; 10] = ["name", "Name", "Sid", "sid", "id", "Id", "key", "Key", "containerPath", "containerPort"];

/// An element of two lists: on one side, or on both.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Pairing {
    Removed(usize),
    Added(usize),
    Both(usize, usize),
}

/// How the elements of two lists belong together, in the order to show them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Pairings {
    pub pairs: Vec<Pairing>,
    pub order: Order,
    /// Whether nothing but their content says which elements belong together.
    pub by_content: bool,
}

/// Whether elements that both lists have stand in another order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Order {
    Kept,
    Changed,
    /// Nothing else changes.
    OnlyChanged,
}

impl Comparison<'_> {
    pub(super) fn lists(
        &self,
        path: &Path,
        before: &[Value],
        after: &[Value],
        attribute: Option<&Attribute>,
    ) -> Difference {
        let pairings = pair_list(before, after);
        let step = |_: &Value, index: usize| Step::Index(index);
        self.elements(path, before, after, attribute, &pairings, &step)
    }

    pub(super) fn sets(
        &self,
        path: &Path,
        before: &[Value],
        after: &[Value],
        attribute: Option<&Attribute>,
    ) -> Difference {
        let pairings = pair_set(before, after);
        let step = |value: &Value, _: usize| Step::Element(value.clone());
        self.elements(path, before, after, attribute, &pairings, &step)
    }

    fn elements(
        &self,
        path: &Path,
        before: &[Value],
        after: &[Value],
        attribute: Option<&Attribute>,
        pairings: &Pairings,
        step: &dyn Fn(&Value, usize) -> Step,
    ) -> Difference {
        let nested = nested(attribute, None);
        let mut all: Vec<Difference> = Vec::with_capacity(pairings.pairs.len());
        for pairing in &pairings.pairs {
            let mut difference = match *pairing {
                Pairing::Removed(old) => self.whole(Sign::Remove, &before[old], nested),
                Pairing::Added(new) => self.whole(Sign::Add, &after[new], nested),
                Pairing::Both(old, new) => {
                    let path = path.child(step(&before[old], old));
                    match before[old].is_null() || after[new].is_null() {
                        true => self.swap_if_different(&before[old], &after[new], nested),
                        false if pairings.by_content => {
                            self.of_content().both(&path, &before[old], &after[new], nested)
                        }
                        false => self.both(&path, &before[old], &after[new], nested),
                    }
                }
            };
            let place = match *pairing {
                Pairing::Removed(old) => step(&before[old], old),
                Pairing::Added(new) => step(&after[new], new),
                Pairing::Both(old, _) => step(&before[old], old),
            };
            if difference.sign != Sign::Same {
                difference.forces |= self.forces(&path.child(place), &difference);
            }
            all.push(difference);
        }
        let all_same = all.iter().all(|difference| difference.sign == Sign::Same);
        let changed = !all_same || pairings.order != Order::Kept;
        let note = match pairings.order {
            Order::Kept => None,
            Order::Changed if !all_same => Some(Note::OrderToo),
            Order::Changed | Order::OnlyChanged => Some(Note::OrderOnly),
        };
        let elements = match self.detail {
            Detail::Everything | Detail::Content => all.into_iter().map(Element::Shown).collect(),
            Detail::Changes => fold_unchanged(all),
        };
        let sign = if changed { Sign::Change } else { Sign::Same };
        Difference { sign, shape: Shape::List(elements), forces: false, note }
    }

    fn swap_if_different(&self, before: &Value, after: &Value, nested: Option<&Attribute>) -> Difference {
        match before.same(after) {
            true => self.whole(Sign::Same, after, nested),
            false => self.swap(before, after, nested),
        }
    }
}

/// Hides runs of unchanged elements; of simple ones the neighbours of a change stay, and one alone is not worth hiding.
fn fold_unchanged(all: Vec<Difference>) -> Vec<Element> {
    let is_simple = |difference: &Difference| matches!(difference.shape, Shape::Plain(_));
    let kept: Vec<bool> = (0..all.len())
        .map(|index| {
            let changed = |index: usize| all.get(index).is_some_and(|neighbour| neighbour.sign != Sign::Same);
            changed(index) || is_simple(&all[index]) && (changed(index + 1) || index > 0 && changed(index - 1))
        })
        .collect();
    let mut elements = Vec::new();
    let mut run: Vec<Difference> = Vec::new();
    for (difference, kept) in all.into_iter().zip(kept) {
        if kept {
            flush(&mut elements, &mut run);
            elements.push(Element::Shown(difference));
        } else {
            run.push(difference);
        }
    }
    flush(&mut elements, &mut run);
    elements
}

fn flush(elements: &mut Vec<Element>, run: &mut Vec<Difference>) {
    let simple = run.len() == 1 && matches!(run[0].shape, Shape::Plain(_));
    match run.len() {
        0 => {}
        1 if simple && !elements.is_empty() => elements.extend(run.drain(..).map(Element::Shown)),
        count => {
            elements.push(Element::Hidden(count));
            run.clear();
        }
    }
}

/// Pairs the elements of two lists: by name where they have one, else the longest common subsequence.
pub(super) fn pair_list(before: &[Value], after: &[Value]) -> Pairings {
    if let Some((old, new)) = names(before, after) {
        return pair_named(&old, &new);
    }
    let (old, new) = classes(before, after);
    let mut pairs = Vec::new();
    for op in capture_diff_slices(Algorithm::Myers, &old, &new) {
        match op {
            DiffOp::Equal { old_index, new_index, len } => {
                pairs.extend((0..len).map(|offset| Pairing::Both(old_index + offset, new_index + offset)));
            }
            DiffOp::Delete { .. } | DiffOp::Insert { .. } | DiffOp::Replace { .. } => {
                pair_gap(before, after, op.old_range(), op.new_range(), &mut pairs);
            }
        }
    }
    let sorted = |classes: &[usize]| {
        let mut sorted = classes.to_vec();
        sorted.sort_unstable();
        sorted
    };
    let order = if old != new && sorted(&old) == sorted(&new) { Order::OnlyChanged } else { Order::Kept };
    Pairings { pairs, order, by_content: false }
}

/// Pairs the elements of two sets: equal ones, then by name, then those that have most in common.
pub(super) fn pair_set(before: &[Value], after: &[Value]) -> Pairings {
    if let Some((old, new)) = names(before, after) {
        return Pairings { order: Order::Kept, ..pair_named(&old, &new) };
    }
    let (old, new) = classes(before, after);
    let mut partner: HashMap<usize, usize> = HashMap::new();
    let mut taken = vec![false; after.len()];
    let mut by_class: HashMap<usize, Vec<usize>> = HashMap::new();
    for (index, class) in new.iter().enumerate().rev() {
        by_class.entry(*class).or_default().push(index);
    }
    for (index, class) in old.iter().enumerate() {
        if let Some(found) = by_class.get_mut(class).and_then(Vec::pop) {
            partner.insert(index, found);
            taken[found] = true;
        }
    }
    for (index, element) in before.iter().enumerate() {
        if partner.contains_key(&index) {
            continue;
        }
        let candidates = after.iter().enumerate().filter(|(candidate, _)| !taken[*candidate]);
        let best = candidates
            .map(|(candidate, other)| (likeness(element, other), candidate))
            .max_by(|a, b| a.0.partial_cmp(&b.0).unwrap_or(Ordering::Equal).then(b.1.cmp(&a.1)));
        if let Some((likeness, found)) = best
            && likeness > 0.5
        {
            partner.insert(index, found);
            taken[found] = true;
        }
    }
    let mut pairs: Vec<Pairing> = (0..before.len())
        .map(|old| partner.get(&old).map_or(Pairing::Removed(old), |new| Pairing::Both(old, *new)))
        .collect();
    pairs.extend((0..after.len()).filter(|new| !taken[*new]).map(Pairing::Added));
    Pairings { pairs, order: Order::Kept, by_content: true }
}

/// Pairs what lies between two common elements: structures in their order where they have something in common.
fn pair_gap(
    before: &[Value],
    after: &[Value],
    old: std::ops::Range<usize>,
    new: std::ops::Range<usize>,
    pairs: &mut Vec<Pairing>,
) {
    let mut next = new.start;
    for index in old.clone() {
        let alike = (next..new.end).find(|candidate| {
            let least = if old.len() == new.len() { 0.0 } else { 0.5 };
            candidate - next <= new.len().saturating_sub(old.len())
                && likeness(&before[index], &after[*candidate]) > least
        });
        match alike {
            Some(found) => {
                pairs.extend((next..found).map(Pairing::Added));
                pairs.push(Pairing::Both(index, found));
                next = found + 1;
            }
            None => pairs.push(Pairing::Removed(index)),
        }
    }
    pairs.extend((next..new.end).map(Pairing::Added));
}

/// Pairs elements by name, in the order of the second list; removed ones stand where they were.
fn pair_named(old: &[String], new: &[String]) -> Pairings {
    let place: HashMap<&str, usize> = old.iter().enumerate().map(|(index, name)| (name.as_str(), index)).collect();
    let kept: Vec<usize> = new.iter().filter_map(|name| place.get(name.as_str()).copied()).collect();
    let reordered = kept.windows(2).any(|window| window[0] > window[1]);
    let present: HashSet<&str> = new.iter().map(String::as_str).collect();
    let mut removed = (0..old.len()).filter(|index| !present.contains(old[*index].as_str())).peekable();
    let mut pairs = Vec::new();
    for (index, name) in new.iter().enumerate() {
        match place.get(name.as_str()) {
            Some(&found) => {
                while let Some(gone) = removed.next_if(|gone| *gone < found) {
                    pairs.push(Pairing::Removed(gone));
                }
                pairs.push(Pairing::Both(found, index));
            }
            None => pairs.push(Pairing::Added(index)),
        }
    }
    pairs.extend(removed.map(Pairing::Removed));
    Pairings { pairs, order: if reordered { Order::Changed } else { Order::Kept }, by_content: false }
}

/// The names of the elements of both lists, when all have one and no two of a list have the same.
fn names(before: &[Value], after: &[Value]) -> Option<(Vec<String>, Vec<String>)> {
    if before.is_empty() || after.is_empty() {
        return None;
    }
    NAMES.iter().find_map(|name| Some((names_by(before, name)?, names_by(after, name)?)))
}

fn names_by(items: &[Value], name: &str) -> Option<Vec<String>> {
    let mut seen = HashSet::new();
    items
        .iter()
        .map(|item| {
            let value = item.get(name).filter(|value| value.marks().is_empty())?;
            let text = match value.reveal() {
                Kind::String(text) => text.to_string(),
                Kind::Number(number) => number.to_string(),
                Kind::Null(_) | Kind::Unknown(..) | Kind::Bool(_) => return None,
                Kind::List(..) | Kind::Set(..) | Kind::Map(..) | Kind::Tuple(_) | Kind::Object(_) => return None,
            };
            seen.insert(text.clone()).then_some(text)
        })
        .collect()
}

/// Numbers the elements of both lists so that equal ones, marks aside, have the same number. Unknown ones equal nothing.
fn classes(before: &[Value], after: &[Value]) -> (Vec<usize>, Vec<usize>) {
    let all: Vec<&Value> = before.iter().chain(after).collect();
    let mut first: HashMap<u64, Vec<usize>> = HashMap::new();
    let mut classes = Vec::with_capacity(all.len());
    for (index, value) in all.iter().enumerate() {
        let mut hasher = DefaultHasher::new();
        let known = hash(value, &mut hasher);
        let alike = first.entry(hasher.finish()).or_default();
        let equal = alike.iter().copied().find(|other| known && all[*other].same(value));
        if equal.is_none() {
            alike.push(index);
        }
        classes.push(equal.unwrap_or(index));
    }
    let after = classes.split_off(before.len());
    (classes, after)
}

/// Hashes a value without its marks, and says whether it is wholly known.
fn hash(value: &Value, hasher: &mut DefaultHasher) -> bool {
    match value.reveal() {
        Kind::Null(_) => 0_u8.hash(hasher),
        Kind::Unknown(..) => return false,
        Kind::Bool(value) => value.hash(hasher),
        Kind::Number(number) => number.hash(hasher),
        Kind::String(text) => text.hash(hasher),
        Kind::List(_, items) | Kind::Set(_, items) | Kind::Tuple(items) => {
            items.len().hash(hasher);
            return items.iter().all(|item| hash(item, hasher));
        }
        Kind::Map(_, entries) | Kind::Object(entries) => {
            entries.len().hash(hasher);
            return entries.iter().all(|(name, item)| {
                name.hash(hasher);
                hash(item, hasher)
            });
        }
    }
    true
}

/// How much two structures have in common, from 0 to 1; 0 for anything else.
fn likeness(before: &Value, after: &Value) -> f64 {
    if !before.marks().is_empty() || !after.marks().is_empty() {
        return 0.0;
    }
    let (Some(old), Some(new)) = (before.reveal().entries(), after.reveal().entries()) else {
        return 0.0;
    };
    let is_empty =
        |value: &Value| value.is_null() || value.reveal().length() == Some(0) || value.reveal().as_str() == Some("");
    let mut total = 0;
    let mut equal = 0;
    for (name, value) in old {
        match new.get(name) {
            Some(other) if is_empty(value) && is_empty(other) => {}
            Some(other) => {
                total += 1;
                equal += usize::from(value.same(other));
            }
            None => total += 1,
        }
    }
    total += new.keys().filter(|name| !old.contains_key(name)).count();
    if total == 0 { 0.0 } else { f64::from(equal as u32) / f64::from(total as u32) }
}
