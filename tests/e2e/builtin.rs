//! Stacks of objects that no cloud holds: their whole life, and `terraform_data` beside Terraform.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use crate::difference::{differences, plans};
use crate::project::{Project, terraform_without_providers};

/// A stack with every resource type and data source that needs no cloud.
const ALL: &str = r#"
variable "generation" {
  default = "1"
}

resource "terraform_data" "it" {
  input            = { generation = var.generation, list = [1, "a", true, null] }
  triggers_replace = [var.generation]
}

resource "null_resource" "it" {
  triggers = { generation = var.generation, data = terraform_data.it.id }
}

data "null_data_source" "it" {
  inputs = { generation = var.generation }
}

resource "random_id" "it" {
  byte_length = 8
  prefix      = "it-"
  keepers     = { generation = var.generation }
}

resource "random_integer" "it" {
  min     = 1
  max     = 50000
  keepers = { generation = var.generation }
}

resource "random_password" "it" {
  length      = 24
  min_numeric = 2
  keepers     = { generation = var.generation }
}

resource "random_pet" "it" {
  keepers = { generation = var.generation }
}

resource "random_shuffle" "it" {
  input = ["a", "b", "c", random_pet.it.id]
}

resource "random_string" "it" {
  length  = 12
  special = false
}

resource "random_uuid" "it" {}
resource "random_uuid4" "it" {}
resource "random_uuid7" "it" {}

resource "random_bytes" "it" {
  length = 16
}

resource "time_static" "it" {
  triggers = { generation = var.generation }
}

resource "time_offset" "it" {
  offset_days = tonumber(var.generation)
}

resource "time_rotating" "it" {
  rotation_years = tonumber(var.generation)
}

resource "time_sleep" "it" {
  create_duration  = "10ms"
  destroy_duration = "10ms"
  triggers         = { generation = var.generation }
}

resource "local_file" "it" {
  filename = "${path.root}/made/file"
  content  = "generation ${var.generation} of ${random_id.it.hex}"
}

resource "local_sensitive_file" "it" {
  filename       = "made/secret"
  content_base64 = base64encode(random_password.it.result)
}

data "local_file" "it" {
  filename = local_file.it.filename
}

data "local_sensitive_file" "it" {
  filename = local_sensitive_file.it.filename
}

resource "tls_private_key" "authority" {
  algorithm   = "ECDSA"
  ecdsa_curve = "P256"
}

resource "tls_private_key" "it" {
  algorithm       = "ED25519"
  openssh_comment = "generation ${var.generation}"
}

resource "tls_self_signed_cert" "authority" {
  private_key_pem       = tls_private_key.authority.private_key_pem
  validity_period_hours = 24
  is_ca_certificate     = true
  allowed_uses          = ["cert_signing"]
  subject {
    common_name  = "authority"
    organization = "infra"
  }
}

resource "tls_cert_request" "it" {
  private_key_pem = tls_private_key.it.private_key_pem
  dns_names       = ["it.example"]
  ip_addresses    = ["192.0.2.1"]
  subject {
    common_name = "it.example"
  }
}

resource "tls_locally_signed_cert" "it" {
  ca_cert_pem           = tls_self_signed_cert.authority.cert_pem
  ca_private_key_pem    = tls_private_key.authority.private_key_pem
  cert_request_pem      = tls_cert_request.it.cert_request_pem
  validity_period_hours = 12
  early_renewal_hours   = tonumber(var.generation)
  allowed_uses          = ["server_auth", "digital_signature"]
}

data "tls_public_key" "it" {
  private_key_openssh = tls_private_key.it.private_key_openssh
}

data "tls_certificate" "it" {
  content = tls_locally_signed_cert.it.cert_pem
}

output "names" {
  value = data.tls_certificate.it.certificates[*].issuer
}

output "content" {
  value = data.local_file.it.content
}

output "wide" {
  value = "${time_offset.it.rfc3339} ${time_rotating.it.rotation_rfc3339} ${random_integer.it.result}"
}
"#;

fn instances(state: &Json) -> BTreeMap<String, Json> {
    let resources = state["resources"].as_array().expect("a list");
    let address = |resource: &Json| {
        let text = |name: &str| resource[name].as_str().expect("text").to_string();
        format!("{}.{}.{}", text("mode"), text("type"), text("name"))
    };
    resources.iter().map(|resource| (address(resource), resource["instances"].clone())).collect()
}

#[test]
fn objects_without_a_cloud_live_and_end() {
    let project = Project::without_cloud(ALL);
    let made = project.apply();
    assert!(made.stdout.contains("content = \"generation 1 of it-"), "{}", made.stdout);
    let first = instances(&project.state());
    let secret = first["managed.random_password.it"][0]["attributes"]["result"].as_str().expect("text").to_string();
    assert_eq!(std::fs::read_to_string(project.path().join("made/secret")).expect("it was made"), secret);
    project.expect_no_changes();
    project.expect(0, &["drift"]);

    std::fs::write(project.path().join("made/file"), "by hand").expect("writable");
    let plan = project.expect(2, &["plan", "-detailed-exitcode"]);
    assert!(plan.stdout.contains("local_file.it will be created"), "{}", plan.stdout);
    project.apply();
    project.expect_no_changes();

    project.write("terraform.tfvars", "generation = \"2\"");
    let plan = project.expect(2, &["plan", "-detailed-exitcode"]);
    for said in [
        "terraform_data.it must be replaced",
        "null_resource.it must be replaced",
        "random_id.it must be replaced",
        "random_shuffle.it must be replaced",
        "time_static.it must be replaced",
        "time_offset.it will be updated in-place",
        "time_rotating.it will be updated in-place",
        "local_file.it must be replaced",
        "local_sensitive_file.it must be replaced",
        "tls_private_key.it must be replaced",
        "tls_locally_signed_cert.it must be replaced",
    ] {
        assert!(plan.stdout.contains(said), "{said}\n{}", plan.stdout);
    }
    assert!(!plan.stdout.contains(&secret), "the plan shows a secret");
    project.apply();
    project.expect_no_changes();
    let second = instances(&project.state());
    for kept in ["random_string", "random_uuid", "random_uuid7", "random_bytes"] {
        let address = format!("managed.{kept}.it");
        assert_eq!(first[&address], second[&address], "{kept}");
    }
    project.destroy();
    assert_eq!(project.state()["resources"], json!([]));
    assert!(!project.path().join("made/file").exists() && !project.path().join("made/secret").exists());
}

#[test]
fn objects_without_a_cloud_are_imported() {
    let project = Project::without_cloud("");
    for (block, identifier) in [
        ("resource \"terraform_data\" \"it\" {}", "x"),
        ("resource \"random_id\" \"it\" {\n byte_length = 3\n prefix = \"p-\"\n}", "p-,AP_-"),
        ("resource \"random_integer\" \"it\" {\n min = 1\n max = 9\n}", "5,1,9"),
        ("resource \"random_password\" \"it\" {\n length = 6\n}", "secret"),
        ("resource \"random_string\" \"it\" {\n length = 4\n}", "text"),
        ("resource \"random_uuid\" \"it\" {}", "aabbccdd-eeff-0011-2233-445566778899"),
        ("resource \"random_bytes\" \"it\" {\n length = 2\n}", "/wA="),
        ("resource \"time_static\" \"it\" {}", "2020-02-12T06:36:13Z"),
        ("resource \"time_offset\" \"it\" {\n offset_days = 7\n}", "2020-02-12T06:36:13Z,,,7,,,"),
        ("resource \"time_rotating\" \"it\" {\n rotation_years = 1000\n}", "2020-02-12T06:36:13Z,1000,,,,"),
        ("resource \"time_sleep\" \"it\" {\n create_duration = \"30s\"\n}", "30s,"),
    ] {
        project.write("main.tf", block);
        let type_name = block.split('"').nth(1).expect("a type");
        let address = format!("{type_name}.it");
        project.expect(0, &["import", "-input=false", &address, identifier]);
        project.expect_no_changes();
        project.destroy();
    }
}

/// Values of every shape, with what is unknown until the first object is there, and their successors.
const SHAPES: &str = r#"
locals {
  second = terraform_data.first.id != "" && var.changed
}

variable "changed" {
  type    = bool
  default = false
}

variable "secret" {
  default   = "canary-77"
  sensitive = true
}

resource "terraform_data" "first" {}

resource "terraform_data" "nothing" {
  input = null
}

resource "terraform_data" "shape" {
  for_each = {
    bool      = true
    empty     = {}
    float     = 0.1
    huge      = 123456789012345678901234567890
    list      = tolist(["a", "b"])
    map       = tomap({ a = 1, b = 2 })
    negative  = -17
    nested    = [{ a = [{ b = toset([1, 2]) }], c = null }, [[]], "x"]
    objects   = toset([{ name = "b", size = 2 }, { name = "a", size = null }])
    set       = toset(["b", "a", "b"])
    text      = "line\nline \u00e9 ${"$"}{not} \"quoted\""
    tuple     = [1, "a", true, null]
    typed     = tolist([null, "a"])
  }
  input = each.value
}

resource "terraform_data" "unknown" {
  input = {
    whole  = terraform_data.first.id
    inside = [terraform_data.first.id, "known"]
    text   = "id ${terraform_data.first.id}"
    set    = toset([terraform_data.first.id])
  }
  triggers_replace = [terraform_data.first.id, 1]
}

resource "terraform_data" "secret" {
  input = { plain = "a", secret = var.secret }
}

resource "terraform_data" "changing" {
  count = 2
  input = var.changed ? { a = [1, 2, 3], b = "x" } : { a = [1, 2], b = "x" }
}

resource "terraform_data" "retyped" {
  input = jsondecode(var.changed ? "[\"a\", 1]" : "{\"a\": 1}")
}

resource "terraform_data" "emptied" {
  input = jsondecode(var.changed ? "null" : "{\"a\": [1]}")
}

resource "terraform_data" "triggered" {
  input            = "kept"
  triggers_replace = { a = var.changed ? 2 : 1, b = toset(["x"]) }
}

resource "terraform_data" "untriggered" {
  triggers_replace = jsondecode(var.changed ? "null" : "[1]")
}

resource "terraform_data" "first_replaced" {
  input            = terraform_data.triggered.output
  triggers_replace = var.changed
  lifecycle {
    create_before_destroy = true
  }
}

resource "terraform_data" "ignored" {
  input = var.changed ? "b" : "a"
  lifecycle {
    ignore_changes = [input]
  }
}

resource "terraform_data" "cascade" {
  lifecycle {
    replace_triggered_by = [terraform_data.changing[1].output]
  }
}

output "shapes" {
  value = { for key, one in terraform_data.shape : key => one.output }
}

output "secret" {
  value     = terraform_data.secret.output
  sensitive = true
}
"#;

/// The parts of a plan that both engines must agree about.
fn essence(plan: &Json) -> Json {
    let mut changes = plan["resource_changes"].as_array().cloned().unwrap_or_default();
    changes.sort_by_key(|change| change["address"].to_string());
    json!({
        "resource_changes": changes,
        "output_changes": plan["output_changes"],
        "planned_values": plan["planned_values"],
    })
}

fn parse(text: &str) -> Json {
    serde_json::from_str(text).expect("the output is JSON")
}

/// Plans with both on the same state, and compares.
#[track_caller]
fn agree_about_the_plan(project: &Project, terraform: &str) {
    let (ours, theirs) = plans(project, terraform);
    let found = differences(&essence(&ours), &essence(&theirs));
    assert!(found.is_empty(), "{found}");
}

/// A state without what chance chose.
fn settled(state: &Json) -> Json {
    let mut state = state.clone();
    for name in ["lineage", "serial", "check_results"] {
        state.as_object_mut().expect("an object").remove(name);
    }
    let mut text = state.to_string();
    let ids: Vec<String> = state["resources"]
        .as_array()
        .expect("a list")
        .iter()
        .flat_map(|resource| resource["instances"].as_array().expect("a list"))
        .filter_map(|instance| instance["attributes"]["id"].as_str().map(str::to_string))
        .collect();
    for id in ids {
        text = text.replace(&id, "id");
    }
    parse(&text)
}

#[test]
fn terraform_data_plans_and_applies_as_terraform_does() {
    let Some(terraform) = terraform_without_providers() else { return };
    let project = Project::without_cloud(SHAPES);
    let changed = "changed = true";
    project.terraform(terraform, 0, &["init", "-input=false", "-no-color"]);
    agree_about_the_plan(&project, terraform);

    // What infra makes, Terraform takes over.
    project.apply();
    let ours = project.state();
    project.terraform(terraform, 0, &["plan", "-detailed-exitcode", "-input=false", "-no-color"]);
    project.write("terraform.tfvars", changed);
    agree_about_the_plan(&project, terraform);
    project.terraform(terraform, 0, &["apply", "-auto-approve", "-input=false", "-no-color"]);
    project.expect_no_changes();
    let theirs_changed = project.state();

    // What Terraform makes, infra takes over.
    std::fs::remove_file(project.path().join("terraform.tfvars")).expect("it is there");
    project.terraform(terraform, 0, &["destroy", "-auto-approve", "-input=false", "-no-color"]);
    project.terraform(terraform, 0, &["apply", "-auto-approve", "-input=false", "-no-color"]);
    assert_eq!(differences(&settled(&ours), &settled(&project.state())), "");
    project.expect_no_changes();
    project.write("terraform.tfvars", changed);
    agree_about_the_plan(&project, terraform);
    project.apply();
    assert_eq!(differences(&settled(&project.state()), &settled(&theirs_changed)), "");
    project.terraform(terraform, 0, &["plan", "-detailed-exitcode", "-input=false", "-no-color"]);
    project.destroy();
}

#[test]
fn terraform_data_is_imported_as_terraform_does() {
    let Some(terraform) = terraform_without_providers() else { return };
    let project = Project::without_cloud("resource \"terraform_data\" \"it\" {}");
    project.expect(0, &["import", "-input=false", "terraform_data.it", "x"]);
    let ours = project.state();
    std::fs::remove_file(project.path().join("terraform.tfstate")).expect("there is a state");
    project.terraform(terraform, 0, &["init", "-input=false", "-no-color"]);
    project.terraform(terraform, 0, &["import", "-input=false", "-no-color", "terraform_data.it", "x"]);
    assert_eq!(differences(&settled(&ours), &settled(&project.state())), "");
}

#[test]
fn the_outputs_of_another_stack_are_read_as_terraform_does() {
    let Some(terraform) = terraform_without_providers() else { return };
    let other = Project::without_cloud(
        "output \"shape\" {\n value = { a = [1, \"b\"], c = toset([\"x\"]) }\n}\noutput \"n\" {\n value = 1.5\n}\n",
    );
    other.apply();
    let project = Project::without_cloud(
        r#"
        variable "path" {}
        data "terraform_remote_state" "other" {
          backend  = "local"
          config   = { path = var.path }
          defaults = { n = 7, more = "default" }
        }
        output "all" {
          value = data.terraform_remote_state.other.outputs
        }
        "#,
    );
    let path = other.path().join("terraform.tfstate");
    project.write("terraform.tfvars", &format!("path = {path:?}"));
    project.apply();
    let ours = project.state();
    std::fs::remove_file(project.path().join("terraform.tfstate")).expect("there is a state");
    project.terraform(terraform, 0, &["init", "-input=false", "-no-color"]);
    project.terraform(terraform, 0, &["apply", "-auto-approve", "-input=false", "-no-color"]);
    assert_eq!(differences(&settled(&ours), &settled(&project.state())), "");
    project.expect_no_changes();
    project.write("terraform.tfvars", "path = \"none\"");
    let refused = project.expect(1, &["plan", "-input=false"]);
    assert!(refused.stderr.contains("there is no state `none`"), "{}", refused.stderr);
}
