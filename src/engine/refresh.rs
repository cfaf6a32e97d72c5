//! Refresh: what became of all recorded objects, asked for in as few calls as the services allow.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use futures::future::join_all;
use model::address::{Mode, ObjectKey, ProviderConfigAddr};
use model::diagnostic::{Diagnostic, Diagnostics};
use model::value::Marks;
use provider::error::ProviderError;
use provider::{Provider, Remote};

use crate::evaluator::Evaluator;
use crate::event::{Event, Found};
use crate::object;
use crate::prior::Prior;
use crate::providers::configured;

/// Reads all managed objects of `prior`, one call of the provider for each type; types are read at the same time.
///
/// `evaluator` knows the recorded objects: provider configurations that depend on resources see them as they were recorded.
/// Objects that can't be read stay as they were, with an error for each.
pub async fn refresh(evaluator: &Evaluator<'_>, prior: &mut Prior) -> Diagnostics {
    let started = Instant::now();
    let mut groups: BTreeMap<(ProviderConfigAddr, Arc<str>), Vec<ObjectKey>> = BTreeMap::new();
    for (key, object) in &prior.objects {
        if key.addr.resource.mode == Mode::Managed {
            groups.entry((object.provider.clone(), key.addr.resource.type_name.clone())).or_default().push(key.clone());
        }
    }
    let events = evaluator.stack.events;
    events.event(Event::RefreshStarted { objects: groups.values().map(Vec::len).sum() });
    let mut diagnostics = Diagnostics::new();
    let mut providers: BTreeMap<ProviderConfigAddr, Arc<dyn Provider>> = BTreeMap::new();
    for (addr, _) in groups.keys() {
        if !providers.contains_key(addr)
            && let Ok(provider) = configured(evaluator, addr).await
        {
            providers.insert(addr.clone(), provider);
        }
    }
    diagnostics.extend(evaluator.take_diagnostics());
    let stand_ins = evaluator.stack.stand_ins;
    let reads = groups.into_iter().filter_map(|((addr, type_name), keys)| {
        let provider = providers.get(&addr)?.clone();
        // What is made up is as it was made up.
        let keys: Vec<ObjectKey> =
            keys.into_iter().filter(|key| stand_ins.object(&key.addr, &provider).is_none()).collect();
        if keys.is_empty() {
            return None;
        }
        let objects: Vec<Remote> = keys.iter().map(|key| prior.objects[key].recorded()).collect();
        Some(async move {
            let answers = provider.read(&type_name, &objects).await;
            (provider, type_name, keys, answers)
        })
    });
    let answers: Vec<_> = join_all(reads.collect::<Vec<_>>()).await;
    for (provider, type_name, keys, answers) in answers {
        assert_eq!(answers.len(), keys.len(), "a provider answers for every object it is asked to read");
        for (key, answer) in keys.into_iter().zip(answers) {
            match answer.and_then(|remote| checked(remote, provider.as_ref(), &type_name)) {
                Ok(remote) => {
                    let (found, id) = take(prior, &key, remote, provider.as_ref());
                    events.event(Event::Refreshed { key, id, found });
                }
                Err(error) => diagnostics.push(unreadable(&key, &error)),
            }
        }
    }
    events.event(Event::RefreshFinished { elapsed: started.elapsed() });
    diagnostics
}

/// Refuses answers that could not be recorded.
fn checked(remote: Option<Remote>, provider: &dyn Provider, type_name: &str) -> Result<Option<Remote>, ProviderError> {
    if let (Some(remote), Some(schema)) = (&remote, provider.schema(Mode::Managed, type_name)) {
        object::check(&remote.value, &schema, type_name)?;
    }
    Ok(remote)
}

fn take(
    prior: &mut Prior,
    key: &ObjectKey,
    remote: Option<Remote>,
    provider: &dyn Provider,
) -> (Found, Option<Arc<str>>) {
    let object = prior.objects.get_mut(key).expect("only objects of the state are read");
    let id = object::identifier(&object.applied);
    let Some(remote) = remote else {
        object.live = None;
        return (Found::Gone, id);
    };
    let sensitive = object.applied.marked_paths(Marks::SENSITIVE);
    let mut value = remote.value.mark_at(&sensitive, Marks::SENSITIVE);
    if let Some(schema) = provider.schema(key.addr.resource.mode, &key.addr.resource.type_name) {
        value = object::mark(value, &schema.block);
    }
    let found = if value.same(&object.applied) { Found::AsRecorded } else { Found::Changed };
    object.private = remote.private;
    object.live = Some(value);
    (found, id)
}

fn unreadable(key: &ObjectKey, error: &ProviderError) -> Diagnostic {
    let diagnostic =
        Diagnostic::error(format!("Failed to read {key}"), format!("{}.", sentence(error))).of(key.addr.clone());
    match &error.hint {
        Some(hint) => diagnostic.hint(hint.clone()),
        None => diagnostic,
    }
}

/// A provider's error as the start of a sentence.
pub fn sentence(error: &ProviderError) -> String {
    let text = error.to_string();
    let mut characters = text.chars();
    match characters.next() {
        Some(first) => first.to_uppercase().chain(characters).collect(),
        None => text,
    }
}
