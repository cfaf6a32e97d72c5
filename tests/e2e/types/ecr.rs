//! Repositories of images and their policies.

use serde_json::json;

use super::agreement::both_agree;
use super::{Case, attributes, attributes_of_data, id, live};
use crate::project::{Project, server};

#[test]
fn ecr_repository_lives() {
    let block =
        |name: &str, more: &str| format!("resource \"aws_ecr_repository\" \"it\" {{\n name = \"{name}\"\n{more}\n}}");
    live(&Case {
        address: "aws_ecr_repository.it",
        around: "",
        create: block("team/it", "").leak(),
        update: block("team/it", "image_tag_mutability = \"IMMUTABLE\"\n image_scanning_configuration {\n scan_on_push = true\n }\n tags = { a = \"1\" }").leak(),
        replace: block("team/it", "encryption_configuration {\n encryption_type = \"KMS\"\n }").leak(),
        drift: ("image_tag_mutability", || json!("IMMUTABLE")),
        import: id,
        import_is_whole: true,
    });
}

fn lifecycle(count: u8) -> String {
    format!(
        "resource \"aws_ecr_lifecycle_policy\" \"it\" {{\n repository = aws_ecr_repository.around.name\n policy = jsonencode({{ rules = [{{ rulePriority = 1, selection = {{ tagStatus = \"any\", countType = \"imageCountMoreThan\", countNumber = {count} }}, action = {{ type = \"expire\" }} }}] }})\n}}"
    )
}

#[test]
fn ecr_lifecycle_policy_lives() {
    live(&Case {
        address: "aws_ecr_lifecycle_policy.it",
        around: "resource \"aws_ecr_repository\" \"around\" {\n name = \"around\"\n}",
        create: lifecycle(5).leak(),
        update: "",
        replace: lifecycle(6).leak(),
        drift: ("policy", || json!("{\"rules\":[]}")),
        import: id,
        import_is_whole: true,
    });
}

#[test]
fn ecr_repository_policy_lives() {
    let block = |repository: u8, action: &str| {
        format!(
            "resource \"aws_ecr_repository_policy\" \"it\" {{\n repository = aws_ecr_repository.around[{repository}].name\n policy = jsonencode({{ Version = \"2012-10-17\", Statement = [{{ Effect = \"Allow\", Principal = \"*\", Action = [\"{action}\"] }}] }})\n}}"
        )
    };
    live(&Case {
        address: "aws_ecr_repository_policy.it",
        around: "resource \"aws_ecr_repository\" \"around\" {\n count = 2\n name = \"around${count.index}\"\n}",
        create: block(0, "ecr:BatchGetImage").leak(),
        update: block(0, "ecr:GetDownloadUrlForLayer").leak(),
        replace: block(1, "ecr:GetDownloadUrlForLayer").leak(),
        drift: ("policy", || json!("{}")),
        import: id,
        import_is_whole: true,
    });
}

#[test]
fn a_repository_is_looked_up() {
    let Some(server) = server() else { return };
    let project = Project::new(
        server,
        "resource \"aws_ecr_repository\" \"it\" {\n name = \"it\"\n}\ndata \"aws_ecr_repository\" \"it\" { name = aws_ecr_repository.it.name }",
    );
    project.apply();
    project.expect_no_changes();
    let state = project.state();
    let (made, found) =
        (attributes(&state, "aws_ecr_repository.it"), attributes_of_data(&state, "aws_ecr_repository.it"));
    for name in ["arn", "repository_url", "registry_id", "encryption_configuration", "image_scanning_configuration"] {
        assert_eq!(made[name], found[name], "{name}");
    }
    project.write(
        "image.tf",
        "data \"aws_ecr_image\" \"it\" {\n repository_name = aws_ecr_repository.it.name\n most_recent = true\n}",
    );
    let plan = project.expect(1, &["plan", "-input=false"]);
    assert!(plan.stderr.contains("the repository `it` has no such image"), "{}", plan.stderr);
}

#[test]
fn terraform_agrees_on_repositories() {
    both_agree(
        r#"
resource "aws_ecr_repository" "plain" { name = "plain" }
resource "aws_ecr_repository" "full" {
  name                 = "team/full"
  image_tag_mutability = "IMMUTABLE"
  force_delete         = true
  image_scanning_configuration { scan_on_push = true }
  encryption_configuration {
    encryption_type = "KMS"
    kms_key         = aws_kms_key.it.arn
  }
  tags = { a = "1" }
}
resource "aws_kms_key" "it" {}
resource "aws_ecr_lifecycle_policy" "plain" {
  repository = aws_ecr_repository.plain.name
  policy = jsonencode({
    rules = [{
      rulePriority = 1
      description  = "few"
      selection    = { tagStatus = "any", countType = "imageCountMoreThan", countNumber = 5 }
      action       = { type = "expire" }
    }]
  })
}
resource "aws_ecr_repository_policy" "plain" {
  repository = aws_ecr_repository.plain.name
  policy = jsonencode({
    Version   = "2008-10-17"
    Statement = [{ Sid = "a", Effect = "Allow", Principal = "*", Action = ["ecr:GetDownloadUrlForLayer"] }]
  })
}
data "aws_ecr_repository" "plain" { name = aws_ecr_repository.plain.name }
"#,
    );
}
