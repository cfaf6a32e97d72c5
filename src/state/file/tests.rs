//! Tests of the file format.
//!
//! The fixtures are states that Terraform 1.11.4 wrote: `everything` has modules, `count`, `for_each`, sensitive parts, checks, outputs of every
//! type and a tainted object; `deposed` has replacements that failed half-way.

use std::fmt::Write;

use model::path::Step;

use super::*;
use crate::Status;

const EVERYTHING: &str = include_str!("fixtures/everything.tfstate");
const DEPOSED: &str = include_str!("fixtures/deposed.tfstate");

fn parsed(text: &str) -> State {
    parse(text.as_bytes()).expect("a whole state")
}

fn rendered(state: &State) -> String {
    String::from_utf8(render(state)).expect("JSON is text")
}

/// A state with one resource, around the fields of its only object.
fn with_object(fields: &str) -> String {
    format!(
        r#"{{"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "l", "outputs": {{}}, "resources": [{{"mode": "managed",
        "type": "t", "name": "n", "provider": "provider[\"terraform.io/builtin/terraform\"]", "instances": [{{{fields}}}]}}], "check_results": null}}"#
    )
}

fn error(text: &str) -> String {
    parse(text.as_bytes()).expect_err("not a whole state").to_string()
}

#[test]
fn states_of_terraform_come_back_byte_for_byte() {
    for text in [EVERYTHING, DEPOSED] {
        assert_eq!(rendered(&parsed(text)), text);
    }
}
