//! What a plan says of a certificate's names: its own is always among the alternative ones, and those that DNS proves are
//! known before there is anything to prove them with, so that records can be planned for each.

use model::path::Path;
use model::ty::Type;
use model::value::Value;
use provider::resource::Refine;

use crate::refusals::{is_missing, text};

const NAMES: &str = "subject_alternative_names";
const OPTIONS: &str = "domain_validation_options";

pub fn refine(refine: Refine<'_>) {
    let wanted = names(&refine);
    match refine.prior {
        None => {
            let options = options(refine.config, &wanted, refine.planned);
            *refine.planned = refine.planned.clone().with(NAMES, wanted).with(OPTIONS, options);
        }
        Some(prior) if prior.get(NAMES).as_ref() == Some(&wanted) => {
            *refine.planned = refine.planned.clone().with(NAMES, wanted);
            refine.replace.retain(|path| *path != Path::attribute(NAMES));
        }
        Some(_) => {
            let options = options(refine.config, &wanted, refine.planned);
            *refine.planned = refine.planned.clone().with(NAMES, wanted).with(OPTIONS, options);
        }
    }
    // A renewal is an update of nothing else.
    if refine.prior.and_then(|prior| prior.get("pending_renewal")).and_then(|due| due.reveal().as_bool()) == Some(true)
    {
        *refine.planned = refine.planned.clone().with("pending_renewal", Value::unknown(Type::Bool));
    }
}

/// The alternative names with the certificate's own: those of the configuration, else those that are there.
fn names(refine: &Refine<'_>) -> Value {
    let unknown = || Value::unknown(Type::set(Type::String));
    let own = match refine.config.get("domain_name") {
        Some(name) if !name.is_known() => return unknown(),
        Some(_) | None => text(refine.config, "domain_name").filter(|name| !name.is_empty()),
    };
    let given = refine.config.get(NAMES).filter(|names| !names.is_null());
    let names = match (given, refine.prior) {
        (Some(names), _) => names,
        (None, Some(prior)) => return prior.get(NAMES).map_or_else(unknown, |names| with_own(&names, own)),
        // An imported certificate tells its names.
        (None, None) if own.is_none() => return unknown(),
        (None, None) => Value::set(Type::String, Vec::new()),
    };
    if names.is_wholly_known() { with_own(&names, own) } else { unknown() }
}

fn with_own(names: &Value, own: Option<String>) -> Value {
    let mut names: Vec<Value> = names.reveal().items().unwrap_or_default().to_vec();
    let own = own.map(Value::string).filter(|own| !names.contains(own));
    names.extend(own);
    Value::set(Type::String, names)
}

/// What is to be proved of each name; only the names are known, and only where DNS proves them.
fn options(config: &Value, names: &Value, planned: &Value) -> Value {
    let ty = planned.get(OPTIONS).expect("the schema has the attribute").ty();
    let is_proved_by_dns = text(config, "validation_method").as_deref() == Some("DNS");
    let is_requested = is_missing(config, "certificate_authority_arn");
    let Some(names) = names.reveal().items().filter(|_| is_proved_by_dns && is_requested) else {
        return Value::unknown(ty);
    };
    let option = |name: &Value| {
        let unknown = || Value::unknown(Type::String);
        Value::object([
            ("domain_name", name.clone()),
            ("resource_record_name", unknown()),
            ("resource_record_type", unknown()),
            ("resource_record_value", unknown()),
        ])
    };
    let element = match &ty {
        Type::Set(element) => element.as_ref().clone(),
        _ => return Value::unknown(ty),
    };
    Value::set(element, names.iter().map(option).collect::<Vec<_>>())
}
