//! What the plan deletes, and is protected from it or lacks what a deletion needs.

use provider::world::{Finding, Planned, World, is_on, text};

/// Types with a protection, the attribute that is on with it, and the code of the refusal.
const PROTECTED: &[(&str, &str, &str)] = &[
    ("aws_db_instance", "deletion_protection", "InvalidParameterCombination"),
    ("aws_dynamodb_table", "deletion_protection_enabled", "ValidationException"),
    ("aws_lb", "enable_deletion_protection", "OperationNotPermitted"),
    ("aws_rds_cluster", "deletion_protection", "InvalidParameterCombination"),
];

/// `DeleteDBInstance`, `DeleteDBCluster`, `DeleteLoadBalancer`, `DeleteTable`.
pub fn check(world: &World) -> Vec<Finding> {
    let mut found = Vec::new();
    for (kind, attribute, code) in PROTECTED {
        let detail =
            || format!("It is protected from deletion. Set `{attribute}` to false and apply that before it goes.");
        let leaving = world.leaving(kind).filter(|object| was(object, attribute));
        found.extend(leaving.map(|object| object.finding(attribute, code, detail())));
    }
    for kind in ["aws_db_instance", "aws_rds_cluster"] {
        found.extend(world.leaving(kind).filter_map(nameless_snapshot));
    }
    found
}

/// Whether an attribute is on before the apply.
fn was(object: &Planned, attribute: &str) -> bool {
    object.before.as_ref().is_some_and(|before| is_on(before, attribute))
}

/// A deletion takes a snapshot with a name, or says that it takes none.
fn nameless_snapshot(database: &Planned) -> Option<Finding> {
    let before = database.before.as_ref()?;
    let is_skipped = before.get("skip_final_snapshot")?.reveal().as_bool()?;
    // What a replica holds is in its source.
    let is_replica = text(before, "replicate_source_db").is_some();
    (!is_skipped && !is_replica && text(before, "final_snapshot_identifier").is_none()).then(|| {
        let detail = "Its deletion takes a final snapshot, and `final_snapshot_identifier` gives it no name. Set that, or `skip_final_snapshot`, and apply it before it goes.";
        database.finding("final_snapshot_identifier", "InvalidParameterCombination", detail)
    })
}
