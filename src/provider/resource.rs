//! The behaviour of one resource type: what a file of a native provider implements.

use std::collections::BTreeMap;
use std::future::Future;
use std::time::Duration;

use async_trait::async_trait;
use model::path::Path;
use model::value::Value;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::ProviderError;
use crate::{PlanAnswer, PlanRequest, Token};

/// Tags as services know them.
pub type Tags = BTreeMap<String, String>;

/// What resource types of one provider share: its clients and settings.
pub trait Cloud: Send + Sync + 'static {
    /// Tags that every taggable object gets, below its own.
    fn default_tags(&self) -> &Tags;

    /// Whether a live tag is none of ours: the service's own, or one the user asked to ignore.
    fn ignores_tag(&self, key: &str) -> bool;
}

/// A resource type, typed by a plain struct whose fields are the schema's attributes and blocks.
///
/// The adapter converts between the struct and values by field names. A null or missing attribute is the field's default:
/// derive `Default` and put `#[serde(default)]` on every struct; use `Option<T>` where null and zero differ. List and set
/// blocks are `Vec<Block>`. Fields that are no attributes are `#[serde(skip)]`: they carry live facts such as a status from
/// `read` to `readiness`.
///
/// If the type has tags, it has fields `tags` and `tags_all`. Behaviour only ever uses `tags_all`: it is what the object
/// shall carry (`create`, `update`) and what it carries (`read`). The adapter splits off `tags`.
pub trait Resource: Clone + Default + Serialize + DeserializeOwned + Send + Sync + 'static {
    type Cloud: Cloud;

    const TYPE: &'static str;

    /// How many objects one call of `read` takes at most.
    const READ_BATCH: usize = 1;

    /// Whether a delete takes effect some time after its call, so that `read` is polled until the object is gone.
    const WAITS_FOR_DELETE: bool = true;

    /// How long to wait for readiness where `timeouts` doesn't say.
    const TIMEOUTS: Timeouts = Timeouts::minutes(20, 20, 20);

    /// The identifier: the attribute `id`.
    fn id(&self) -> &str;

    /// Makes the object: no waiting for readiness. Gives back `want` with at least its `id` set.
    ///
    /// A create of several calls reports the object as soon as the first one made it, through [`Creation::born`]. When a
    /// later call fails, return the error: the adapter knows from `born` that the object exists.
    ///
    /// An object of the same name that is there already is an error of kind `AlreadyExists`, also where the service would
    /// answer with it silently.
    fn create(
        cloud: &Self::Cloud,
        want: &Self,
        creation: &Creation<'_, Self>,
    ) -> impl Future<Output = Result<Self, ProviderError>> + Send;

    /// Reads objects, at most `READ_BATCH`: one answer each, in order; `None` means it is gone.
    ///
    /// `have` is what is known of each: at least what `import` gave, usually all attributes. Attributes that the service
    /// does not return are carried over from it.
    fn read(
        cloud: &Self::Cloud,
        have: &[Self],
    ) -> impl Future<Output = Result<Vec<Option<Self>>, ProviderError>> + Send;

    /// Changes the object in place, all of what differs between `have` and `want`. Types that can't be changed leave it out.
    fn update(cloud: &Self::Cloud, have: &Self, want: &Self) -> impl Future<Output = Result<(), ProviderError>> + Send {
        let _ = (cloud, have, want);
        async {
            Err(ProviderError::invalid(
                format!("update {}", Self::TYPE),
                "objects of this type can't be changed in place",
            ))
        }
    }

    /// Deletes the object; that it is gone already is a success. `read` is polled until it is gone.
    fn delete(cloud: &Self::Cloud, have: &Self) -> impl Future<Output = Result<(), ProviderError>> + Send;

    /// What a fresh `read` says of the object's state, after a create or an update of it to `want`.
    fn readiness(&self, want: &Self) -> Readiness {
        let _ = want;
        Readiness::Settled
    }

    /// What the service tells of why an object did not become ready: asked once, when a wait for it ends without success.
    ///
    /// A phrase to put behind the reason that [`readiness`](Resource::readiness) gave. What can't be found out is left out.
    fn explain(cloud: &Self::Cloud, live: &Self) -> impl Future<Output = Option<String>> + Send {
        let _ = (cloud, live);
        async { None }
    }

    /// What a fresh `read` says of an object that is being deleted: `Failed` ends the wait.
    fn leaving(&self) -> Readiness {
        Readiness::Pending("it to be gone".into())
    }

    /// What an interrupted create of `want` left behind: by its unique name, its client token or its owner tag.
    ///
    /// # Errors
    /// `AlreadyExists` when there is an object of that name that this create can't have made: older than the token.
    fn find(
        cloud: &Self::Cloud,
        want: &Self,
        token: &Token,
    ) -> impl Future<Output = Result<Option<Self>, ProviderError>> + Send;

    /// What a delete would destroy for good: see [`Provider::loss`](crate::Provider::loss).
    fn loss(&self) -> Option<&'static str> {
        None
    }

    /// The least that `read` needs to know of an object named by an import identifier.
    fn import(id: &str) -> Result<Self, ProviderError>;

    /// Whether a configured value of the attribute means the same as the prior one although it is written differently.
    ///
    /// `attribute` is the path's names joined by dots, without indexes: `container_definitions`, `setting.value`.
    fn equivalent(attribute: &str, prior: &Value, config: &Value) -> bool {
        let _ = (attribute, prior, config);
        false
    }

    /// Plan rules that data can't state. Sees the plan that the facts gave, and changes it.
    fn refine(refine: Refine<'_>) {
        let _ = refine;
    }

    /// Takes back what a plan would change of an object that exists and what somebody else decides, as a look at the service
    /// tells, and notes each. Reads only.
    fn keep(
        cloud: &Self::Cloud,
        request: &PlanRequest<'_>,
        answer: &mut PlanAnswer,
    ) -> impl Future<Output = ()> + Send {
        let _ = (cloud, request, answer);
        std::future::ready(())
    }

    /// Checks that data can't state. `config` may hold unknown values.
    fn validate(config: &Value) -> Vec<Refusal> {
        let _ = config;
        Vec::new()
    }
}

/// A plan under refinement.
pub struct Refine<'a> {
    /// `None` for a create.
    pub prior: Option<&'a Value>,
    pub config: &'a Value,
    pub planned: &'a mut Value,
    /// Attributes whose change needs a new object.
    pub replace: &'a mut Vec<Path>,
}

/// A value that a type's own rules refuse.
#[derive(Clone, PartialEq, Debug)]
pub struct Refusal {
    pub attribute: Path,
    /// A short phrase: `invalid Fargate size`.
    pub summary: String,
    /// Sentences.
    pub detail: String,
}

/// What a create knows besides the wanted object.
pub struct Creation<'a, R> {
    pub token: &'a Token,
    pub(crate) reporter: &'a dyn Reporter<R>,
}

/// Makes the identity of a new object durable.
#[async_trait]
pub(crate) trait Reporter<R>: Send + Sync {
    /// Says whether it is durable.
    async fn born(&self, object: &R) -> bool;

    fn waiting(&self, what: &str);
}

impl<R: Sync> Creation<'_, R> {
    /// Makes the identity of the object durable; call it as soon as there is one. Says whether it is.
    ///
    /// Where it is not, as when the disk is full, what marks the object as this create's must stay on it: nothing else may
    /// tell the next run whose it is.
    #[must_use = "the mark of the create stays on an object whose identity is not durable"]
    pub async fn born(&self, object: &R) -> bool {
        self.reporter.born(object).await
    }

    /// Tells what the create waits for before it can begin, in a few words.
    pub fn waiting(&self, what: &str) {
        self.reporter.waiting(what);
    }
}

/// How far an object is from what was asked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Readiness {
    Settled,
    /// What it waits for, in a few words: `status creating`.
    Pending(String),
    /// It will not become ready, and why.
    Failed(String),
}

/// How long to wait for an object, by what is done to it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Timeouts {
    pub create: Duration,
    pub update: Duration,
    pub delete: Duration,
}

impl Timeouts {
    pub const fn minutes(create: u64, update: u64, delete: u64) -> Timeouts {
        Timeouts {
            create: Duration::from_secs(create * 60),
            update: Duration::from_secs(update * 60),
            delete: Duration::from_secs(delete * 60),
        }
    }
}
