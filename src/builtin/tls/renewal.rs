//! When a certificate is due to be renewed, and what that does to plans.

use jiff::{SignedDuration, Timestamp};
use model::path::Path;
use model::ty::Type;
use model::value::Value;
use provider::error::ProviderError;
use provider::{PlanAnswer, PlanRequest};

use crate::world::World;

/// Whether the time for renewal has come: the given number of hours before the end.
pub fn is_due(end: &str, early_renewal_hours: i64, now: Timestamp) -> bool {
    let Ok(end) = end.parse::<Timestamp>() else { return false };
    let early = SignedDuration::from_secs(early_renewal_hours.saturating_mul(3600));
    end.checked_sub(early).map_or(true, |due| due <= now)
}

/// Plans a certificate: a new one is not due, and one that is due is replaced.
///
/// `pems` are arguments that older versions of the provider stored the hashes of: only text that differs from other text
/// needs a new certificate. `absent` are arguments that stay null where the configuration is silent.
pub fn refine(
    request: &PlanRequest<'_>,
    answer: &mut PlanAnswer,
    world: &dyn World,
    pems: &[&str],
    absent: &[&str],
) -> Result<(), ProviderError> {
    let mut planned = answer.planned.clone();
    for name in absent {
        let given = request.config.get(name).filter(|value| !value.is_null());
        if let (None, None, Some(unknown)) = (given, request.prior, planned.get(name)) {
            planned = planned.with(*name, Value::null(unknown.ty()));
        }
    }
    planned = planned.with("ready_for_renewal", false.into());
    if let Some(prior) = request.prior {
        answer.replace.extend(changed_pems(prior, &planned, pems));
        let end = prior.get("validity_end_time");
        let hours = planned.get("early_renewal_hours").and_then(|hours| hours.reveal().as_i64()).unwrap_or(0);
        if end.as_ref().and_then(|end| end.reveal().as_str()).is_some_and(|end| is_due(end, hours, world.now())) {
            planned = planned.with("ready_for_renewal", Value::unknown(Type::Bool));
            answer.replace.push(Path::attribute("ready_for_renewal"));
        }
    }
    answer.planned = planned;
    Ok(())
}

/// The arguments that hold other PEM text than before; where the object has none, the hash of an older version, none is known.
pub fn changed_pems(prior: &Value, planned: &Value, pems: &[&str]) -> Vec<Path> {
    let is_changed = |name: &&&str| {
        let before = prior.get(name);
        let is_text = before
            .as_ref()
            .and_then(|before| before.reveal().as_str())
            .is_some_and(|text| text.contains("-----BEGIN "));
        is_text && before != planned.get(name)
    };
    pems.iter().filter(is_changed).map(|name| Path::attribute(*name)).collect()
}
