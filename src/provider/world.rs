//! All objects of one provider as a plan leaves them, for checks that look at several of them at once.

use std::sync::Arc;

use model::address::InstanceAddr;
use model::diagnostic::Severity;
use model::path::Path;
use model::value::{Kind, Value};

/// What a plan makes of the objects of one provider configuration.
///
/// Attributes that only the apply will know are told apart all the same: an identifier that is still unknown is a text of its
/// own ([`pending`]), and whatever is configured to be that identifier is the same text. So objects that refer to each other
/// are found by comparing attributes, whether they exist or are still to be made.
#[derive(Debug, Default)]
pub struct World {
    objects: Vec<Planned>,
}

/// One object in a [`World`].
#[derive(Clone, Debug)]
pub struct Planned {
    pub addr: InstanceAddr,
    pub fate: Fate,
    /// The object afterwards; what it was where it is deleted. Unmarked: must not be shown but for names that no schema calls
    /// sensitive.
    pub value: Value,
    /// The object as it is now; `None` where it is still to be made. Unmarked as well.
    pub before: Option<Value>,
}

/// What a plan does to an object.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fate {
    Stays,
    /// It is created, or replaced.
    Made,
    Changed,
    Deleted,
}

/// Looks at a whole plan.
pub type Preflight = fn(&World) -> Vec<Finding>;

/// Something that the service would refuse.
#[derive(Clone, PartialEq, Debug)]
pub struct Finding {
    pub addr: InstanceAddr,
    pub attribute: Path,
    /// The error code that the service would answer with: `DuplicateListener`.
    pub code: &'static str,
    /// Sentences.
    pub detail: String,
    /// A warning where the service takes the object, and what runs of it fails until somebody makes what is missing.
    pub severity: Severity,
}

impl Finding {
    pub fn as_warning(self) -> Finding {
        Finding { severity: Severity::Warning, ..self }
    }
}

impl World {
    pub fn new(objects: Vec<Planned>) -> World {
        World { objects }
    }

    /// All objects of a type that are there afterwards.
    pub fn all<'a>(&'a self, type_name: &'a str) -> impl Iterator<Item = &'a Planned> {
        self.each(type_name).filter(|object| object.fate != Fate::Deleted)
    }

    /// The objects of a type that the service is asked to make or change.
    pub fn asked<'a>(&'a self, type_name: &'a str) -> impl Iterator<Item = &'a Planned> {
        self.each(type_name).filter(|object| matches!(object.fate, Fate::Made | Fate::Changed))
    }

    /// The objects of a type that are new, or take the place of another one.
    pub fn made<'a>(&'a self, type_name: &'a str) -> impl Iterator<Item = &'a Planned> {
        self.each(type_name).filter(|object| object.fate == Fate::Made)
    }

    pub fn deleted<'a>(&'a self, type_name: &'a str) -> impl Iterator<Item = &'a Planned> {
        self.each(type_name).filter(|object| object.fate == Fate::Deleted)
    }

    /// The objects of a type that are deleted, or replaced.
    pub fn leaving<'a>(&'a self, type_name: &'a str) -> impl Iterator<Item = &'a Planned> {
        let is_leaving = |object: &&Planned| match object.fate {
            Fate::Deleted => true,
            Fate::Made => object.before.is_some(),
            Fate::Stays | Fate::Changed => false,
        };
        self.each(type_name).filter(is_leaving)
    }

    fn each<'a>(&'a self, type_name: &'a str) -> impl Iterator<Item = &'a Planned> {
        self.objects.iter().filter(move |object| *object.addr.resource.type_name == *type_name)
    }

    /// The object of a type one of whose attributes is this text.
    pub fn by<'a>(&'a self, type_name: &'a str, attributes: &[&str], text: &str) -> Option<&'a Planned> {
        let is_it = |object: &&Planned| attributes.iter().any(|name| object.text(name).as_deref() == Some(text));
        (!text.is_empty()).then(|| self.all(type_name).find(is_it)).flatten()
    }

    /// Whether an object of a type has this text in one of its attributes before the apply: it is this stack's own.
    pub fn had(&self, type_name: &str, attributes: &[&str], text: &str) -> bool {
        let mut known = self.each(type_name).filter_map(|object| object.before.as_ref());
        known.any(|before| attributes.iter().any(|name| self::text(before, name).as_deref() == Some(text)))
    }

    /// Whether an object, other than the one at an address, holds a text anywhere before the apply.
    pub fn held_by_another(&self, addr: &InstanceAddr, text: &str) -> bool {
        let others = self.objects.iter().filter(|object| object.addr != *addr);
        others.filter_map(|object| object.before.as_ref()).any(|before| holds(before, text))
    }
}

/// Whether a flag of an object or block is known to be on.
pub fn is_on(value: &Value, name: &str) -> bool {
    value.get(name).is_some_and(|value| value.reveal().as_bool() == Some(true))
}

/// Whether a text is somewhere in a value, alone or as a part of another one.
fn holds(value: &Value, text: &str) -> bool {
    let mut found = false;
    value.walk(&mut |_, part| {
        found = found || part.reveal().as_str().is_some_and(|part| part.contains(text));
        !found
    });
    found
}

impl Planned {
    /// A text attribute that is given, and not empty.
    pub fn text(&self, name: &str) -> Option<Arc<str>> {
        text(&self.value, name)
    }

    /// As [`text`](Self::text), where it is known before the apply.
    pub fn known(&self, name: &str) -> Option<Arc<str>> {
        self.text(name).filter(|text| !is_pending(text))
    }

    pub fn number(&self, name: &str) -> Option<i64> {
        self.value.get(name)?.reveal().as_i64()
    }

    pub fn is(&self, name: &str) -> bool {
        is_on(&self.value, name)
    }

    /// The known texts of a list or set.
    pub fn texts(&self, name: &str) -> Vec<Arc<str>> {
        texts(&self.value, name)
    }

    /// The blocks of a kind.
    pub fn blocks(&self, name: &str) -> Vec<Value> {
        blocks(&self.value, name)
    }

    /// Whether how many elements a list, set or block kind has is known, and all of them.
    pub fn knows(&self, name: &str) -> bool {
        self.value.get(name).is_some_and(|value| value.is_wholly_known())
    }

    pub fn finding(&self, attribute: &str, code: &'static str, detail: impl Into<String>) -> Finding {
        Finding {
            addr: self.addr.clone(),
            attribute: Path::attribute(attribute),
            code,
            detail: detail.into(),
            severity: Severity::Error,
        }
    }
}

/// A text attribute of an object or block that is given, and not empty.
pub fn text(value: &Value, name: &str) -> Option<Arc<str>> {
    match value.get(name)?.reveal() {
        Kind::String(text) if !text.is_empty() => Some(text.clone()),
        _ => None,
    }
}

/// The known texts of a list or set.
pub fn texts(value: &Value, name: &str) -> Vec<Arc<str>> {
    blocks(value, name).iter().filter_map(|item| item.reveal().as_str().map(Arc::from)).collect()
}

/// The elements of a list or set; none where it is null or unknown.
pub fn blocks(value: &Value, name: &str) -> Vec<Value> {
    let value = value.get(name);
    value.and_then(|value| value.reveal().items().map(<[Value]>::to_vec)).unwrap_or_default()
}

/// The text that stands for an attribute of an object which only the apply will know.
pub fn pending(addr: &InstanceAddr, attribute: &str) -> String {
    format!("{PENDING}{addr}#{attribute}")
}

/// Whether a text is, or holds, one that only the apply will know.
pub fn is_pending(text: &str) -> bool {
    text.contains(PENDING)
}

/// No service accepts it in a name, so no text means something else.
const PENDING: char = '\u{1}';
