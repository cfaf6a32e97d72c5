//! `infra`: Terraform's language and state, run natively.
//!
//! # The map
//!
//! One workspace; every folder of `src/` with a manifest is a crate and a layer, and the compiler refuses a use that a
//! manifest does not name:
//!
//! | crate | what it is | knows |
//! |---|---|---|
//! | `model` | vocabulary: values, types, addresses, schemas, diagnostics | nothing |
//! | `hcl` | HCL syntax: lexer, parser, tree with spans, formatter | nothing |
//! | `lang` | files to blocks, expressions to values | `hcl`, `model` |
//! | `modules` | modules from elsewhere: sources, fetching, the store and its lock file | `lang`, `hcl`, `model` |
//! | `provider` | what a provider is; the generic planner; the adapter for native types | `model` |
//! | `state` | state files, stores, locks, the journal | `model` |
//! | `engine` | graph, refresh, plan, order, apply, recovery, drift, import | `lang`, `provider`, `state`, `model` |
//! | `testing` | test files: runs, mocks, assertions, taking down | `engine`, `lang`, `provider`, `state`, `model` |
//! | `aws` | the AWS provider: facts as data, behaviour as one file a type | `provider`, `model` |
//! | `builtin` | small providers without a cloud: `terraform_data`, `null_*`, `random_*`, `time_*`, `tls_*`, `local_*` | `provider`, `model` |
//! | `ui` | everything that is shown: text, progress, JSON | `engine`'s and `testing`'s data, `state`, `model` |
//! | `sandbox` | a local AWS, and a proxy in front of it for tests | nothing |
//! | `infra` (here) | the command line: arguments, environment, signals, exit codes | all of them |
//!
//! # The way of the data
//!
//! `infra plan`: text → `modules::load` (and in it `lang::load`) → `engine::graph` → `engine::refresh` (all prior objects, in batches) →
//! `engine::planner` (evaluate, expand, propose, ask the provider) → `engine::plan::Plan` → `ui`. `infra apply` runs
//! `plan.steps` and nothing else; each effect is in the journal before it happens.
//!
//! # Invariants
//!
//! - `lang` knows no provider and no state; `provider` knows no `lang` and no `state` (manifests).
//! - A plan performs no writes; an apply makes no decisions: every step it runs is in the plan.
//! - Only `ui` prints (lints `print_stdout` and `print_stderr`); only this crate reads arguments and environment.
//! - The journal is durable before an effect, the state before the journal's removal.
//! - Tests touch no state of a stack: theirs are in memory, and `testing` knows no store.
//! - A sensitive value is seen only through `Value::reveal`; `Display` and `Debug` hide it.

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::run(std::env::args_os())
}
