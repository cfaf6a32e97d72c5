//! Secrets, parameters and keys, and what looks at them.

use serde_json::json;

use super::agreement::both_agree;
use super::{Case, attributes, attributes_of_data, id, live, text};
use crate::project::{Project, server};

const POLICY: &str = r#"jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = "*", Action = "secretsmanager:GetSecretValue", Resource = "*" }]
  })"#;

#[test]
fn secretsmanager_secret_lives() {
    let block = |name: &str, more: &str| {
        format!("resource \"aws_secretsmanager_secret\" \"it\" {{\n name = \"{name}\"\n{more}\n}}")
    };
    live(&Case {
        address: "aws_secretsmanager_secret.it",
        around: "",
        create: block("it", "description = \"a\"\n recovery_window_in_days = 0\n tags = { a = \"1\", b = \"1\" }").leak(),
        update: block("it", &format!("description = \"b\"\n policy = {POLICY}\n tags = {{ a = \"2\" }}\n replica {{\n region = \"us-west-2\"\n }}")).leak(),
        replace: block("other", "description = \"b\"").leak(),
        drift: ("description", || json!("c")),
        import: id,
        import_is_whole: true,
    });
}

#[test]
fn secretsmanager_secret_version_lives() {
    let block = |value: &str, more: &str| {
        format!(
            "resource \"aws_secretsmanager_secret_version\" \"it\" {{\n secret_id = aws_secretsmanager_secret.around.id\n{value}\n{more}\n}}"
        )
    };
    live(&Case {
        address: "aws_secretsmanager_secret_version.it",
        around: "resource \"aws_secretsmanager_secret\" \"around\" {\n name = \"around\"\n recovery_window_in_days = 0\n}",
        create: block("secret_string = \"canary-secret-1\"", "").leak(),
        update: block("secret_string = \"canary-secret-1\"", "version_stages = [\"AWSCURRENT\", \"BLUE\"]").leak(),
        replace: block("secret_binary = base64encode(\"canary-secret-2\")", "").leak(),
        drift: ("secret_string", || json!("other")),
        import: id,
        import_is_whole: true,
    });
}

#[test]
fn values_that_only_the_configuration_holds_are_kept_nowhere() {
    let Some(server) = server() else { return };
    let stack = |version: u8| {
        format!(
            r#"
resource "aws_secretsmanager_secret" "it" {{ name = "it" }}
resource "aws_secretsmanager_secret_version" "it" {{
  secret_id                = aws_secretsmanager_secret.it.id
  secret_string_wo         = "canary-secret-{version}"
  secret_string_wo_version = {version}
}}
resource "aws_ssm_parameter" "it" {{
  name             = "/it"
  type             = "SecureString"
  value_wo         = "canary-secret-{version}"
  value_wo_version = {version}
}}
"#
        )
    };
    let project = Project::new(server, &stack(1));
    project.apply();
    project.expect_no_changes();
    project.write("main.tf", &stack(2));
    let run = project.apply();
    project.expect_no_changes();
    let state = std::fs::read_to_string(project.path().join("terraform.tfstate")).expect("there is a state");
    for text in [&state, &run.stdout, &run.stderr] {
        assert!(!text.contains("canary-secret"), "{text}");
    }
    project.write(
        "data.tf",
        "data \"aws_secretsmanager_secret_version\" \"it\" { secret_id = \"it\" }\ndata \"aws_ssm_parameter\" \"it\" { name = \"/it\" }",
    );
    let run = project.apply();
    assert!(!run.stdout.contains("canary-secret"), "{}", run.stdout);
    let state = project.state();
    assert_eq!(attributes_of_data(&state, "aws_secretsmanager_secret_version.it")["secret_string"], "canary-secret-2");
    assert_eq!(attributes_of_data(&state, "aws_ssm_parameter.it")["value"], "canary-secret-2");
    project.destroy();
}

#[test]
fn values_are_read_for_one_run_only() {
    let Some(server) = server() else { return };
    let project = Project::new(
        server,
        r#"
resource "aws_secretsmanager_secret" "it" { name = "it" }
resource "aws_secretsmanager_secret_version" "it" {
  secret_id     = aws_secretsmanager_secret.it.id
  secret_string = "canary-secret-1"
}
resource "aws_ssm_parameter" "it" {
  name  = "it"
  type  = "SecureString"
  value = "canary-secret-2"
}
ephemeral "aws_secretsmanager_secret_version" "it" {
  secret_id = aws_secretsmanager_secret_version.it.secret_id
}
ephemeral "aws_ssm_parameter" "it" { arn = aws_ssm_parameter.it.arn }
resource "aws_ssm_parameter" "copy" {
  name             = "copy"
  type             = "String"
  value_wo         = "${ephemeral.aws_secretsmanager_secret_version.it.secret_string} ${ephemeral.aws_ssm_parameter.it.value}"
  value_wo_version = 1
}
"#,
    );
    project.apply();
    project.expect_no_changes();
    project.write("data.tf", "data \"aws_ssm_parameter\" \"copy\" { name = \"copy\" }");
    project.apply();
    let copy = attributes_of_data(&project.state(), "aws_ssm_parameter.copy");
    assert_eq!(copy["value"], "canary-secret-1 canary-secret-2");
    project.destroy();
}

#[test]
fn ssm_parameter_lives() {
    let block =
        |name: &str, more: &str| format!("resource \"aws_ssm_parameter\" \"it\" {{\n name = \"{name}\"\n{more}\n}}");
    live(&Case {
        address: "aws_ssm_parameter.it",
        around: "",
        create: block("/it", "type = \"String\"\n value = \"a\"").leak(),
        update: block("/it", "type = \"SecureString\"\n value = \"b\"\n description = \"d\"\n tags = { a = \"1\" }")
            .leak(),
        replace: block("/other", "type = \"StringList\"\n value = \"b,c\"").leak(),
        drift: ("value", || json!("c")),
        import: |attributes| text(attributes, "name"),
        import_is_whole: true,
    });
}

#[test]
fn an_insecure_value_is_stored_as_such() {
    live(&Case {
        address: "aws_ssm_parameter.it",
        around: "",
        create: "resource \"aws_ssm_parameter\" \"it\" {\n name = \"it\"\n type = \"String\"\n insecure_value = \"a\"\n}",
        update: "resource \"aws_ssm_parameter\" \"it\" {\n name = \"it\"\n type = \"String\"\n insecure_value = \"b\"\n}",
        replace: "",
        drift: ("insecure_value", || json!("c")),
        import: id,
        import_is_whole: false,
    });
}

#[test]
fn kms_key_lives() {
    let block = |more: &str| format!("resource \"aws_kms_key\" \"it\" {{\n{more}\n}}");
    live(&Case {
        address: "aws_kms_key.it",
        around: "",
        create: block("description = \"a\"").leak(),
        update: block("description = \"b\"\n enable_key_rotation = true\n tags = { a = \"1\" }").leak(),
        replace: block("description = \"b\"\n key_usage = \"SIGN_VERIFY\"\n customer_master_key_spec = \"RSA_2048\"\n is_enabled = false").leak(),
        drift: ("description", || json!("c")),
        import: id,
        import_is_whole: false,
    });
}

#[test]
fn kms_alias_lives() {
    let block = |name: &str, key: u8| {
        format!("resource \"aws_kms_alias\" \"it\" {{\n {name}\n target_key_id = aws_kms_key.around[{key}].arn\n}}")
    };
    live(&Case {
        address: "aws_kms_alias.it",
        around: "resource \"aws_kms_key\" \"around\" {\n count = 2\n}",
        create: block("name = \"alias/it\"", 0).leak(),
        update: block("name = \"alias/it\"", 1).leak(),
        replace: block("name_prefix = \"alias/other-\"", 1).leak(),
        drift: ("target_key_id", || json!("gone")),
        import: id,
        import_is_whole: true,
    });
}

#[test]
fn keys_and_secrets_are_looked_up() {
    let Some(server) = server() else { return };
    let project = Project::new(
        server,
        r#"
resource "aws_kms_key" "it" {}
resource "aws_kms_alias" "it" {
  name          = "alias/it"
  target_key_id = aws_kms_key.it.id
}
resource "aws_secretsmanager_secret" "it" {
  name       = "it"
  kms_key_id = aws_kms_key.it.arn
  tags       = { a = "1" }
}
data "aws_kms_alias" "it" { name = aws_kms_alias.it.name }
data "aws_kms_key" "it" { key_id = aws_kms_alias.it.name }
data "aws_secretsmanager_secret" "by_name" { name = aws_secretsmanager_secret.it.name }
data "aws_secretsmanager_secret" "by_arn" { arn = aws_secretsmanager_secret.it.arn }
"#,
    );
    project.apply();
    project.expect_no_changes();
    let state = project.state();
    let key = attributes(&state, "aws_kms_key.it");
    assert_eq!(attributes_of_data(&state, "aws_kms_alias.it")["target_key_arn"], key["arn"]);
    let looked_up = attributes_of_data(&state, "aws_kms_key.it");
    assert_eq!((&looked_up["id"], &looked_up["key_state"]), (&key["id"], &json!("Enabled")));
    let by_name = attributes_of_data(&state, "aws_secretsmanager_secret.by_name");
    assert_eq!(by_name, attributes_of_data(&state, "aws_secretsmanager_secret.by_arn"));
    assert_eq!((&by_name["kms_key_id"], &by_name["tags"]), (&key["arn"], &json!({"a": "1"})));
    project.destroy();
}

#[test]
fn terraform_agrees_on_secrets_parameters_and_keys() {
    both_agree(
        r#"
resource "aws_kms_key" "plain" {}
resource "aws_kms_key" "full" {
  description             = "full"
  enable_key_rotation     = true
  deletion_window_in_days = 7
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Sid = "a", Effect = "Allow", Principal = { AWS = "*" }, Action = "kms:*", Resource = "*" }]
  })
  tags = { a = "1" }
}
resource "aws_kms_alias" "plain" {
  name          = "alias/plain"
  target_key_id = aws_kms_key.plain.key_id
}
resource "aws_kms_alias" "made_up" { target_key_id = aws_kms_key.plain.arn }
data "aws_kms_key" "plain" { key_id = aws_kms_alias.plain.name }
data "aws_kms_alias" "plain" { name = aws_kms_alias.plain.name }

resource "aws_secretsmanager_secret" "plain" { name = "plain" }
resource "aws_secretsmanager_secret" "full" {
  name_prefix             = "full-"
  description             = "d"
  recovery_window_in_days = 0
  kms_key_id              = aws_kms_key.full.arn
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { AWS = "*" }, Action = "secretsmanager:GetSecretValue", Resource = "*" }]
  })
  tags = { a = "1" }
}
resource "aws_secretsmanager_secret_version" "text" {
  secret_id     = aws_secretsmanager_secret.plain.id
  secret_string = "s3cret"
}
resource "aws_secretsmanager_secret_version" "bytes" {
  secret_id     = aws_secretsmanager_secret.full.id
  secret_binary = base64encode("bin")
}
data "aws_secretsmanager_secret" "plain" { name = aws_secretsmanager_secret.plain.name }
data "aws_secretsmanager_secret_version" "text" { secret_id = aws_secretsmanager_secret_version.text.secret_id }

resource "aws_ssm_parameter" "text" {
  name  = "/a/text"
  type  = "String"
  value = "v"
}
resource "aws_ssm_parameter" "insecure" {
  name           = "/a/insecure"
  type           = "String"
  insecure_value = "v"
  description    = "d"
  tags           = { a = "1" }
}
resource "aws_ssm_parameter" "secure" {
  name            = "secure"
  type            = "SecureString"
  value           = "v"
  tier            = "Advanced"
  allowed_pattern = ".*"
}
resource "aws_ssm_parameter" "hidden" {
  name             = "/a/hidden"
  type             = "SecureString"
  value_wo         = "v"
  value_wo_version = 1
  key_id           = aws_kms_key.full.key_id
}
data "aws_ssm_parameter" "text" { name = aws_ssm_parameter.text.name }
data "aws_ssm_parameter" "secure" { name = aws_ssm_parameter.secure.name }
"#,
    );
}
