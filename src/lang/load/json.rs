//! What the blocks of the language hold in JSON syntax: which properties are blocks, and how the strings of arguments are read.

use hcl::json::body::{BlockSchema, Schema};
use hcl::json::expression::Strings::{Expressions, Literals, Templates};

/// A whole configuration file.
pub(super) const ROOT: Schema = Schema {
    attributes: &[],
    blocks: &[
        block("terraform", &[], &TERRAFORM),
        block("provider", &["name"], &PROVIDER),
        block("variable", &["name"], &VARIABLE),
        block("locals", &[], &EVALUATED),
        block("output", &["name"], &OUTPUT),
        block("module", &["name"], &MODULE),
        block("resource", &["type", "name"], &RESOURCE),
        block("data", &["type", "name"], &RESOURCE),
        block("ephemeral", &["type", "name"], &RESOURCE),
        block("moved", &[], &ADDRESSES),
        block("removed", &[], &REMOVED),
        block("import", &[], &IMPORT),
        block("check", &["name"], &CHECK),
    ],
    other: Templates,
};

/// A test file.
pub(super) const TEST_FILE: Schema = Schema {
    attributes: &[],
    blocks: &[
        block("run", &["name"], &RUN),
        block("variables", &[], &EVALUATED),
        block("provider", &["name"], &PROVIDER),
        block("mock_provider", &["name"], &MOCK_PROVIDER),
        block("mock_resource", &["type"], &MOCKED),
        block("mock_data", &["type"], &MOCKED),
        block("override_resource", &[], &MOCKED),
        block("override_data", &[], &MOCKED),
        block("override_module", &[], &MOCKED),
    ],
    other: Templates,
};

const RUN: Schema = Schema {
    attributes: &[
        ("command", Expressions),
        ("expect_failures", Expressions),
        ("providers", Expressions),
        ("state_key", Literals),
    ],
    blocks: &[
        block("assert", &[], &EVALUATED),
        block("variables", &[], &EVALUATED),
        block("plan_options", &[], &ADDRESSES),
        block("module", &[], &CONSTANTS),
        block("override_resource", &[], &MOCKED),
        block("override_data", &[], &MOCKED),
        block("override_module", &[], &MOCKED),
    ],
    other: Templates,
};

const MOCK_PROVIDER: Schema = Schema {
    attributes: &[("alias", Literals), ("source", Literals), ("override_during", Expressions)],
    blocks: &[
        block("mock_resource", &["type"], &MOCKED),
        block("mock_data", &["type"], &MOCKED),
        block("override_resource", &[], &MOCKED),
        block("override_data", &[], &MOCKED),
    ],
    other: Templates,
};

/// A mocked type or an override.
const MOCKED: Schema =
    Schema { attributes: &[("target", Expressions), ("override_during", Expressions)], blocks: &[], other: Literals };

const fn block(kind: &'static str, labels: &'static [&'static str], body: &'static Schema) -> BlockSchema {
    BlockSchema { kind, labels, body }
}

/// Arguments that are evaluated.
const EVALUATED: Schema = Schema::of_attributes(Templates);

/// Arguments that are constants.
const CONSTANTS: Schema = Schema::of_attributes(Literals);

/// Arguments that name things.
const ADDRESSES: Schema = Schema::of_attributes(Expressions);

const TERRAFORM: Schema = Schema {
    attributes: &[("language", Expressions), ("experiments", Expressions)],
    blocks: &[
        block("required_providers", &[], &CONSTANTS),
        block("backend", &["type"], &CONSTANTS),
        block("cloud", &[], &CONSTANTS),
        block("provider_meta", &["provider"], &EVALUATED),
    ],
    other: Literals,
};

const PROVIDER: Schema =
    Schema { attributes: &[("alias", Literals), ("version", Literals)], blocks: &[], other: Templates };

const VARIABLE: Schema =
    Schema { attributes: &[("type", Expressions)], blocks: &[block("validation", &[], &EVALUATED)], other: Literals };

const OUTPUT: Schema = Schema {
    attributes: &[("description", Literals), ("depends_on", Expressions)],
    blocks: &[block("precondition", &[], &EVALUATED), block("postcondition", &[], &EVALUATED)],
    other: Templates,
};

const MODULE: Schema = Schema {
    attributes: &[("source", Literals), ("version", Literals), ("providers", Expressions), ("depends_on", Expressions)],
    blocks: &[],
    other: Templates,
};

const RESOURCE: Schema = Schema {
    attributes: &[("provider", Expressions), ("depends_on", Expressions)],
    blocks: &[
        block("lifecycle", &[], &LIFECYCLE),
        block("connection", &[], &EVALUATED),
        block("provisioner", &["type"], &PROVISIONER),
    ],
    other: Templates,
};

const LIFECYCLE: Schema = Schema {
    attributes: &[("ignore_changes", Expressions), ("replace_triggered_by", Expressions)],
    blocks: &[block("precondition", &[], &EVALUATED), block("postcondition", &[], &EVALUATED)],
    other: Literals,
};

const PROVISIONER: Schema = Schema {
    attributes: &[("when", Expressions), ("on_failure", Expressions)],
    blocks: &[block("connection", &[], &EVALUATED)],
    other: Templates,
};

const REMOVED: Schema = Schema {
    attributes: &[("from", Expressions)],
    blocks: &[
        block("lifecycle", &[], &CONSTANTS),
        block("provisioner", &["type"], &PROVISIONER),
        block("connection", &[], &EVALUATED),
    ],
    other: Templates,
};

const IMPORT: Schema =
    Schema { attributes: &[("to", Expressions), ("provider", Expressions)], blocks: &[], other: Templates };

const CHECK: Schema = Schema {
    attributes: &[],
    blocks: &[block("data", &["type", "name"], &RESOURCE), block("assert", &[], &EVALUATED)],
    other: Templates,
};
