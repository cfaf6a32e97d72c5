//! Buckets and their parts.

use serde_json::json;

use super::agreement::both_agree;
use super::{Case, attributes, attributes_of_data, id, live, live_without_terraforms_apply, text};
use crate::project::{Project, server};

/// A bucket around a part of one: names of buckets are taken in all accounts alike.
fn bucket(name: &str) -> String {
    format!("resource \"aws_s3_bucket\" \"around\" {{\n bucket = \"around-{name}\"\n force_destroy = true\n}}\n")
}

#[test]
fn s3_bucket_lives() {
    let block = |name: &str, more: &str| {
        format!("resource \"aws_s3_bucket\" \"it\" {{\n bucket = \"{name}\"\n force_destroy = true\n{more}\n}}")
    };
    live(&Case {
        address: "aws_s3_bucket.it",
        around: "",
        create: block("it-lives", "tags = { a = \"1\" }").leak(),
        update: block("it-lives", "tags = { b = \"2\" }\n versioning { enabled = true }").leak(),
        replace: block("it-moves", "tags = { b = \"2\" }").leak(),
        drift: ("tags", || json!({"a": "by hand"})),
        import: id,
        import_is_whole: false,
    });
}

/// Every part in the older form, as a block of the bucket.
#[test]
fn s3_bucket_has_all_its_parts() {
    let Some(server) = server() else { return };
    let parts = |days: u32, index: &str| {
        format!(
            r#"
resource "aws_s3_bucket" "it" {{
  bucket        = "all-parts"
  acl           = "private"
  request_payer = "BucketOwner"
  versioning {{ enabled = true }}
  cors_rule {{
    allowed_methods = ["GET"]
    allowed_origins = ["*"]
    max_age_seconds = 10
  }}
  lifecycle_rule {{
    id      = "logs"
    enabled = true
    prefix  = "logs/"
    tags    = {{ a = "1" }}
    abort_incomplete_multipart_upload_days = 3
    expiration {{ days = {days} }}
    transition {{
      days          = 30
      storage_class = "STANDARD_IA"
    }}
    noncurrent_version_expiration {{ days = 5 }}
  }}
  server_side_encryption_configuration {{
    rule {{
      apply_server_side_encryption_by_default {{ sse_algorithm = "aws:kms" }}
    }}
  }}
  website {{
    index_document = "{index}"
    routing_rules  = jsonencode([{{ Condition = {{ KeyPrefixEquals = "a/" }}, Redirect = {{ ReplaceKeyPrefixWith = "b/" }} }}])
  }}
  policy = jsonencode({{
    Version   = "2012-10-17"
    Statement = [{{ Effect = "Allow", Action = ["s3:GetObject"], Resource = "arn:aws:s3:::all-parts/*", Principal = "*" }}]
  }})
}}
"#
        )
    };
    let project = Project::new(server, &parts(90, "index.html"));
    project.apply();
    project.expect_no_changes();
    let bucket = attributes(&project.state(), "aws_s3_bucket.it");
    assert_eq!(bucket["website_endpoint"], "all-parts.s3-website-us-east-1.amazonaws.com");
    assert_eq!(bucket["lifecycle_rule"][0]["expiration"][0]["days"], 90);
    project.write("main.tf", &parts(60, "start.html"));
    project.apply();
    project.expect_no_changes();
    project.write("main.tf", "resource \"aws_s3_bucket\" \"it\" {\n bucket = \"all-parts\"\n}");
    project.apply();
    project.expect_no_changes();
    project.destroy();
}

#[test]
fn a_bucket_with_objects_is_emptied_only_if_it_may_be() {
    let Some(server) = server() else { return };
    let bucket = |force: bool| {
        format!("resource \"aws_s3_bucket\" \"it\" {{\n bucket = \"not-empty-{force}\"\n force_destroy = {force}\n}}")
    };
    for force in [false, true] {
        let project = Project::new(server, &bucket(force));
        project.apply();
        project.send("s3", &format!("PUT /not-empty-{force}/key"), "", "x");
        if force {
            project.destroy();
        } else {
            project.write("main.tf", "");
            let refused = project.expect(1, &["plan", "-input=false"]);
            assert!(refused.stderr.contains("(BucketNotEmpty)"), "{}", refused.stderr);
            let run = project.expect(1, &["destroy", "-auto-approve", "-input=false"]);
            assert!(run.stderr.contains("force_destroy = true"), "{}", run.stderr);
        }
    }
}

#[test]
fn s3_bucket_versioning_lives() {
    let block = |status: &str| {
        format!(
            "resource \"aws_s3_bucket_versioning\" \"it\" {{\n bucket = aws_s3_bucket.around.id\n versioning_configuration {{ status = \"{status}\" }}\n}}"
        )
    };
    live(&Case {
        address: "aws_s3_bucket_versioning.it",
        around: bucket("versioning").leak(),
        create: block("Enabled").leak(),
        update: block("Suspended").leak(),
        replace: "",
        drift: ("versioning_configuration", || json!([{"mfa_delete": "", "status": "Suspended"}])),
        import: id,
        import_is_whole: true,
    });
}

#[test]
fn s3_bucket_policy_lives() {
    let block = |action: &str| {
        format!(
            r#"
resource "aws_s3_bucket_policy" "it" {{
  bucket = aws_s3_bucket.around.id
  policy = jsonencode({{
    Version   = "2012-10-17"
    Statement = [{{ Effect = "Allow", Action = "{action}", Resource = "${{aws_s3_bucket.around.arn}}/*", Principal = "*" }}]
  }})
}}"#
        )
    };
    live(&Case {
        address: "aws_s3_bucket_policy.it",
        around: bucket("policy").leak(),
        create: block("s3:GetObject").leak(),
        update: block("s3:PutObject").leak(),
        replace: "",
        drift: ("policy", || json!("{\"Version\":\"2012-10-17\",\"Statement\":[]}")),
        import: id,
        import_is_whole: true,
    });
}

#[test]
fn s3_bucket_public_access_block_lives() {
    let block = |more: &str| {
        format!(
            "resource \"aws_s3_bucket_public_access_block\" \"it\" {{\n bucket = aws_s3_bucket.around.id\n{more}\n}}"
        )
    };
    live(&Case {
        address: "aws_s3_bucket_public_access_block.it",
        around: bucket("access-block").leak(),
        create: block("block_public_acls = true").leak(),
        update: block("block_public_acls = true\n restrict_public_buckets = true").leak(),
        replace: "",
        drift: ("block_public_acls", || json!(false)),
        import: id,
        import_is_whole: true,
    });
}

#[test]
fn s3_bucket_server_side_encryption_configuration_lives() {
    let block = |rule: &str| {
        format!(
            "resource \"aws_s3_bucket_server_side_encryption_configuration\" \"it\" {{\n bucket = aws_s3_bucket.around.id\n rule {{\n{rule}\n }}\n}}"
        )
    };
    let default = |inner: &str| format!("apply_server_side_encryption_by_default {{\n{inner}\n}}");
    let kms = "sse_algorithm = \"aws:kms\"\n kms_master_key_id = \"arn:aws:kms:us-east-1:123456789012:key/a\"";
    live(&Case {
        address: "aws_s3_bucket_server_side_encryption_configuration.it",
        around: bucket("encryption").leak(),
        create: block(&default("sse_algorithm = \"AES256\"")).leak(),
        update: block(&format!("{}\nbucket_key_enabled = true", default(kms))).leak(),
        replace: "",
        drift: (
            "rule",
            || json!([{"apply_server_side_encryption_by_default": [{"kms_master_key_id": "", "sse_algorithm": "aws:kms"}], "bucket_key_enabled": null}]),
        ),
        import: id,
        import_is_whole: true,
    });
}

#[test]
fn s3_bucket_ownership_controls_live() {
    let block = |ownership: &str| {
        format!(
            "resource \"aws_s3_bucket_ownership_controls\" \"it\" {{\n bucket = aws_s3_bucket.around.id\n rule {{ object_ownership = \"{ownership}\" }}\n}}"
        )
    };
    live(&Case {
        address: "aws_s3_bucket_ownership_controls.it",
        around: bucket("ownership").leak(),
        create: block("BucketOwnerPreferred").leak(),
        update: block("ObjectWriter").leak(),
        replace: "",
        drift: ("rule", || json!([{"object_ownership": "BucketOwnerEnforced"}])),
        import: id,
        import_is_whole: true,
    });
}

#[test]
fn s3_bucket_lifecycle_configuration_lives() {
    let block = |days: u32| {
        format!(
            r#"
resource "aws_s3_bucket_lifecycle_configuration" "it" {{
  bucket = aws_s3_bucket.around.id
  rule {{
    id     = "all"
    status = "Enabled"
    filter {{}}
    expiration {{ days = {days} }}
  }}
  rule {{
    id     = "some"
    status = "Enabled"
    filter {{
      and {{
        prefix = "a/"
        tags   = {{ a = "1", b = "2" }}
      }}
    }}
    transition {{
      days          = 30
      storage_class = "STANDARD_IA"
    }}
    noncurrent_version_expiration {{ noncurrent_days = 3 }}
  }}
}}"#
        )
    };
    let case = Case {
        address: "aws_s3_bucket_lifecycle_configuration.it",
        around: bucket("lifecycle").leak(),
        create: block(90).leak(),
        update: block(60).leak(),
        replace: "",
        drift: ("rule", || json!([])),
        import: id,
        import_is_whole: true,
    };
    live_without_terraforms_apply(
        &case,
        "it waits until the emulator answers with the very rules, for as long as it may",
    );
}

#[test]
fn a_bucket_is_looked_up() {
    let Some(server) = server() else { return };
    let project = Project::new(
        server,
        &format!("{}data \"aws_s3_bucket\" \"it\" {{ bucket = aws_s3_bucket.around.id }}", bucket("looked-up")),
    );
    project.apply();
    project.expect_no_changes();
    let found = attributes_of_data(&project.state(), "aws_s3_bucket.it");
    assert_eq!(text(&found, "bucket_regional_domain_name"), "around-looked-up.s3.us-east-1.amazonaws.com");
    assert_eq!((&found["region"], &found["website_endpoint"]), (&json!("us-east-1"), &json!(null)));
    project.destroy();
}

#[test]
fn buckets_are_exchanged_with_terraform() {
    both_agree(
        r#"
resource "aws_s3_bucket" "it" {
  bucket_prefix = "exchanged-"
  force_destroy = true
  tags          = { a = "1" }
}
resource "aws_s3_bucket" "older" {
  bucket = "exchanged-older"
  versioning { enabled = true }
  cors_rule {
    allowed_methods = ["GET"]
    allowed_origins = ["*"]
  }
  lifecycle_rule {
    enabled = false
    id      = "a"
    expiration { date = "2030-01-01" }
  }
}
resource "aws_s3_bucket_versioning" "it" {
  bucket = aws_s3_bucket.it.id
  versioning_configuration { status = "Enabled" }
}
resource "aws_s3_bucket_policy" "it" {
  bucket = aws_s3_bucket.it.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "${aws_s3_bucket.it.arn}/*", Principal = "*" }]
  })
}
resource "aws_s3_bucket_public_access_block" "it" {
  bucket            = aws_s3_bucket.it.id
  block_public_acls = true
}
resource "aws_s3_bucket_server_side_encryption_configuration" "it" {
  bucket = aws_s3_bucket.it.id
  rule {
    apply_server_side_encryption_by_default { sse_algorithm = "AES256" }
  }
}
resource "aws_s3_bucket_ownership_controls" "it" {
  bucket = aws_s3_bucket.it.id
  rule { object_ownership = "BucketOwnerPreferred" }
}
resource "aws_s3_bucket_lifecycle_configuration" "it" {
  bucket = aws_s3_bucket.it.id
  rule {
    id     = "all"
    status = "Enabled"
    filter { prefix = "a/" }
    expiration { days = 90 }
    noncurrent_version_expiration { noncurrent_days = 3 }
  }
}
data "aws_s3_bucket" "it" { bucket = aws_s3_bucket.it.id }
"#,
    );
}
