//! Recovery: what became of the effects that an interrupted run left without an outcome.

use std::time::Duration;

use model::address::{Mode, ObjectKey};
use model::diagnostic::{Diagnostic, Diagnostics};
use model::json::from_json;
use model::value::Value;
use provider::error::{ErrorKind, ProviderError};
use provider::{Provider, Token};
use state::State;
use state::journal::{Intent, IntentOp, Uncertain, resolve};

use crate::ephemeral::while_open;
use crate::event::{Event, Recovery};
use crate::graph::Graph;
use crate::object;
use crate::planner::prior_evaluator;
use crate::prior::{Prior, provider_for};
use crate::providers::configured;
use crate::provisioner::Provisioners;
use crate::refresh::sentence;
use crate::stack::Stack;

/// Between looks for what may not be seen yet.
const PAUSE: Duration = Duration::from_millis(500);

/// Finds out what came of uncertain intents, and records it in the state in memory.
///
/// A create may have made an object before the run could record it: the provider looks for it by its unique name or token.
/// What an update or delete did, the refresh of the next plan sees. Changes no object, but for a mark that a provider put on a
/// new one to find it by. Answers the intents that could
/// not be resolved, with an error for each: the journal must stay while there are any.
pub async fn recover(stack: Stack<'_>, state: &mut State, uncertain: Vec<Uncertain>) -> (Vec<Uncertain>, Diagnostics) {
    if uncertain.is_empty() {
        return (uncertain, Diagnostics::new());
    }
    let ((unresolved, mut diagnostics), closed) = while_open(stack, None, find_out(stack, state, uncertain)).await;
    diagnostics.extend(closed);
    (unresolved, diagnostics)
}

async fn find_out(stack: Stack<'_>, state: &mut State, uncertain: Vec<Uncertain>) -> (Vec<Uncertain>, Diagnostics) {
    let graph = match Graph::of(stack.config) {
        Ok(graph) => graph,
        Err(diagnostics) => return (uncertain, diagnostics),
    };
    let (prior, mut diagnostics) = Prior::read(&stack, &graph, state);
    let evaluator = prior_evaluator(stack, &graph, &prior);
    let mut unresolved = Vec::new();
    for one in uncertain {
        let intent = &one.intent;
        let key = intent.key.clone();
        if !matches!(intent.op, IntentOp::Create { .. }) {
            stack.events.event(Event::Recovered { key, recovery: Recovery::LeftToRefresh });
            continue;
        }
        let provider_addr = provider_for(&stack, &key.addr, &intent.provider);
        let provider = configured(&evaluator, &provider_addr).await;
        diagnostics.extend(evaluator.take_diagnostics());
        let Ok(provider) = provider else {
            unresolved.push(one);
            continue;
        };
        let found = match one.born {
            true => find(&stack, provider.as_ref(), intent).await,
            false => once_seen(&stack, provider.as_ref(), intent, || find(&stack, provider.as_ref(), intent)).await,
        };
        match found {
            // It is in the state already; looking for it let the provider take off what marked it as new.
            Ok(Some((_, value))) if one.born => {
                stack
                    .events
                    .event(Event::Recovered { key, recovery: Recovery::Found { id: object::identifier(&value) } });
            }
            Ok(None) if one.born => match see(&stack, provider.as_ref(), intent, &prior).await {
                Ok(()) => stack.events.event(Event::Recovered { key, recovery: Recovery::LeftToRefresh }),
                Err(error) => {
                    diagnostics.push(unfound(&key, &error));
                    unresolved.push(one);
                }
            },
            // Without the mark the provider can't tell it from somebody else's; the journal can.
            Err(error) if one.born && error.kind == ErrorKind::AlreadyExists => {
                stack.events.event(Event::Recovered { key, recovery: Recovery::LeftToRefresh });
            }
            Ok(found) => {
                let recovery = match &found {
                    Some((_, value)) => Recovery::Found { id: object::identifier(value) },
                    None => Recovery::NothingMade,
                };
                resolve(state, intent, found.map(|(object, _)| object));
                stack.events.event(Event::Recovered { key, recovery });
            }
            Err(error) => {
                diagnostics.push(unfound(&key, &error));
                unresolved.push(one);
            }
        }
    }
    (unresolved, diagnostics)
}

/// Looks until there is something to see, or there would be by now.
async fn once_seen<T, F: Future<Output = Result<Option<T>, ProviderError>>>(
    stack: &Stack<'_>,
    provider: &dyn Provider,
    intent: &Intent,
    look: impl Fn() -> F,
) -> Result<Option<T>, ProviderError> {
    let mut is_told = false;
    loop {
        let age = stack.chance.now().duration_since(intent.token.at);
        match look().await? {
            None if age.unsigned_abs() < provider.seen_after() => {}
            answer => return Ok(answer),
        }
        if !std::mem::replace(&mut is_told, true) {
            let key = intent.key.clone();
            stack.events.event(Event::Recovered { key, recovery: Recovery::MaybeUnseen });
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Waits until a new object that the journal knows can be seen: else the refresh would take it for gone, and the plan make
/// another.
async fn see(stack: &Stack<'_>, provider: &dyn Provider, intent: &Intent, prior: &Prior) -> Result<(), ProviderError> {
    let Some(object) = prior.objects.get(&intent.key) else { return Ok(()) };
    let recorded = [object.recorded()];
    let seen = once_seen(stack, provider, intent, || async {
        let mut answers = provider.read(&intent.key.addr.resource.type_name, &recorded).await;
        answers.pop().unwrap_or(Ok(None))
    });
    seen.await.map(drop)
}

async fn find(
    stack: &Stack<'_>,
    provider: &dyn Provider,
    intent: &Intent,
) -> Result<Option<(state::Object, Value)>, ProviderError> {
    let type_name = &intent.key.addr.resource.type_name;
    let operation = || format!("look for the interrupted create of {}", intent.key);
    let schema = provider
        .schema(Mode::Managed, type_name)
        .ok_or_else(|| ProviderError::invalid(operation(), format!("the provider has no type `{type_name}`")))?;
    let planned = intent
        .planned
        .as_ref()
        .ok_or_else(|| ProviderError::invalid(operation(), "the journal does not say what was wanted"))?;
    let planned = match intent.schema_version == schema.version {
        true => from_json(planned, &schema.block.implied_type())
            .map_err(|error| ProviderError::invalid(operation(), error.to_string()))?,
        false => provider.upgrade(type_name, intent.schema_version, planned)?,
    };
    let token = Token { id: intent.token.id.clone(), at: intent.token.at };
    let Some(remote) = provider.find(type_name, &planned, &token).await? else { return Ok(None) };
    object::check(&remote.value, &schema, type_name)?;
    let value = object::mark(remote.value, &schema.block);
    let object = object::encode(&value, remote.private, &schema, type_name)?;
    // What was to be run after its creation was not.
    let is_provisioned = !Provisioners::on_create(stack.config, &intent.key.addr.config()).is_empty();
    let object = state::Object {
        status: if is_provisioned { state::Status::Tainted } else { object.status },
        dependencies: intent.dependencies.clone(),
        create_before_destroy: intent.create_before_destroy,
        ..object
    };
    Ok(Some((object, value)))
}

fn unfound(key: &ObjectKey, error: &ProviderError) -> Diagnostic {
    let mut diagnostic = match error.kind {
        ErrorKind::AlreadyExists => Diagnostic::error(
            format!("An object in the way of {key}"),
            format!(
                "An interrupted run was creating {key}. There is an object of that name, and it is not from that run: {}.",
                sentence(error)
            ),
        )
        .hint("Import that object, or delete it, or choose another name."),
        ErrorKind::NotFound
        | ErrorKind::Conflict
        | ErrorKind::Denied
        | ErrorKind::Credentials
        | ErrorKind::Invalid
        | ErrorKind::Throttled
        | ErrorKind::Unavailable
        | ErrorKind::NotReady
        | ErrorKind::Interrupted
        | ErrorKind::Other => Diagnostic::error(
            format!("Failed to find out about {key}"),
            format!(
                "An interrupted run was creating {key}, and it could not be found out whether it did: {}.",
                sentence(error)
            ),
        ),
    };
    if let Some(hint) = &error.hint {
        diagnostic.hint = Some(hint.clone());
    }
    diagnostic.of(key.addr.clone())
}
