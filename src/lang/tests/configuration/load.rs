//! Folders of configuration become blocks, and what is wrong with them is said all at once.

use std::sync::Arc;

use lang::config::{Config, IgnoreChanges, Repetition};
use lang::load::{Installed, Options, Package, load};
use model::address::{ModuleAddr, ResourceAddr};
use model::diagnostic::{Diagnostic, Diagnostics};

use crate::support::{render, write_files};

fn load_text(text: &str) -> (Config, Diagnostics) {
    let dir = tempfile::tempdir().expect("temporary folders can be made");
    write_files(dir.path(), text);
    load(dir.path(), &Options::default())
}

/// What is wrong with a stack.
fn mistakes(text: &str) -> String {
    let (config, diagnostics) = load_text(text);
    render(&diagnostics, &config.sources)
}

/// A stack in which nothing is wrong.
fn valid(text: &str) -> Config {
    let (config, diagnostics) = load_text(text);
    assert_eq!(render(&diagnostics, &config.sources), "");
    config
}

const EVERYTHING: &str = r#"
terraform {
  required_version = ">= 1.5, < 2.0"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.0"
    }
    null = "~> 3.0"
  }
  backend "s3" {
    bucket = "state"
  }
}

provider "aws" {
  region = "eu-west-1"
}

provider "aws" {
  alias  = "west"
  region = var.region
}

variable "region" {
  type        = string
  default     = "us-west-2"
  description = "Where."
  sensitive   = true
  validation {
    condition     = length(var.region) > 3
    error_message = "Too short."
  }
}

locals {
  a = 1
  b = local.a
}

data "aws_region" "current" {}

resource "aws_vpc" "main" {
  count      = 2
  provider   = aws.west
  cidr_block = "10.0.0.0/16"
  depends_on = [data.aws_region.current]

  lifecycle {
    create_before_destroy = true
    prevent_destroy       = true
    ignore_changes        = [tags["Name"], cidr_block]
    replace_triggered_by  = [terraform_data.trigger[count.index].id]
    precondition {
      condition     = var.region != ""
      error_message = "No region."
    }
    postcondition {
      condition     = self.id != ""
      error_message = "No id."
    }
  }

  provisioner "local-exec" {
    when       = destroy
    on_failure = continue
    command    = "echo ${self.id}"
  }
}

resource "terraform_data" "trigger" {
  for_each = toset(["a"])
}

module "network" {
  source    = "./network"
  count     = 2
  cidr      = "10.0.0.0/8"
  providers = { aws.peer = aws.west }
}

output "id" {
  value     = aws_vpc.main[0].id
  sensitive = true
  precondition {
    condition     = local.b == 1
    error_message = "Not one."
  }
}

moved {
  from = aws_vpc.old
  to   = aws_vpc.main[0]
}

removed {
  from = module.gone.aws_vpc.x
  lifecycle {
    destroy = false
  }
}

import {
  to = module.network[0].aws_subnet.a
  id = "subnet-1"
}

check "health" {
  data "aws_region" "here" {}
  assert {
    condition     = data.aws_region.here.name == var.region
    error_message = "Elsewhere."
  }
}
--- network/main.tf
terraform {
  required_providers {
    aws = {
      source                = "hashicorp/aws"
      configuration_aliases = [aws.peer]
    }
  }
}
variable "cidr" {}
resource "aws_subnet" "a" {
  provider = aws.peer
}
output "subnet" {
  value = aws_subnet.a.id
}
"#;

#[test]
fn every_block_of_the_language_is_read() {
    let config = valid(EVERYTHING);
    let root = config.root();
    assert_eq!(root.backend.as_ref().map(|backend| &*backend.kind), Some("s3"));
    assert_eq!(root.requirements["aws"].version.as_deref(), Some("~> 5.0"));
    assert_eq!(root.requirements["null"].addr.source(), "hashicorp/null");
    assert_eq!(root.providers.keys().map(ToString::to_string).collect::<Vec<_>>(), ["aws", "aws.west"]);
    let region = &root.variables["region"];
    assert!(region.sensitive && region.nullable && !region.ephemeral);
    assert_eq!(region.validations.len(), 1);
    assert_eq!(root.locals.keys().map(|name| &**name).collect::<Vec<_>>(), ["a", "b"]);

    let vpc = &root.resources[&ResourceAddr::managed("aws_vpc", "main")];
    assert!(matches!(vpc.repetition, Repetition::Count(_)));
    assert_eq!(vpc.body.attributes().map(|attribute| &*attribute.name).collect::<Vec<_>>(), ["cidr_block"]);
    assert_eq!(vpc.depends_on[0].subject.to_string(), "data.aws_region.current");
    let IgnoreChanges::Paths(ignored) = &vpc.lifecycle.ignore_changes else { panic!("paths are written") };
    let ignored: Vec<String> = ignored.iter().map(|ignored| ignored.path.to_string()).collect();
    assert_eq!(ignored, [r#"tags["Name"]"#, "cidr_block"]);
    assert_eq!(vpc.lifecycle.replace_triggered_by.len(), 1);
    assert_eq!(vpc.provisioners.len(), 1);

    assert_eq!(root.moved[0].to.to_string(), "aws_vpc.main[0]");
    assert_eq!(root.removed[0].from.to_string(), "module.gone.aws_vpc.x");
    assert!(!root.removed[0].destroy);
    assert_eq!(root.imports[0].resource.to_string(), "aws_subnet.a");
    let here = &root.resources[&ResourceAddr::data("aws_region", "here")];
    assert_eq!(here.check.as_deref(), Some("health"));
}

#[test]
fn a_resource_of_a_module_uses_the_configuration_that_the_call_passes() {
    let config = valid(EVERYTHING);
    let network = config.module(&ModuleAddr::root().child("network")).expect("it is called");
    assert_eq!(&*network.path, "network");
    let subnet = &network.resources[&ResourceAddr::managed("aws_subnet", "a")];
    insta::assert_snapshot!(
        config.provider_of(network, subnet),
        @r#"provider["registry.terraform.io/hashicorp/aws"].west"#
    );
}

#[test]
fn a_configuration_without_alias_is_that_of_the_caller() {
    let config = valid(
        r#"
module "a" { source = "./a" }
--- a/main.tf
module "b" { source = "../b" }
--- b/main.tf
resource "aws_vpc" "main" {}
"#,
    );
    let inner = config.module(&ModuleAddr::root().child("a").child("b")).expect("it is called");
    assert_eq!(&*inner.path, "b");
    let vpc = &inner.resources[&ResourceAddr::managed("aws_vpc", "main")];
    insta::assert_snapshot!(config.provider_of(inner, vpc), @r#"provider["registry.terraform.io/hashicorp/aws"]"#);
}

#[test]
fn all_mistakes_of_all_files_are_reported() {
    insta::assert_snapshot!(mistakes(r#"
variable "a" {
  tpye = string
}
resource "aws_vpc" {}
--- b.tf
outptu "x" {}
variable "a" {}
locals { a = }
--- c/unused.tf
nonsense
"#), @r#"
        error b.tf:1,1-1,7: Unsupported block type
          Blocks of the kind `outptu` can't be written here.
          hint: Did you mean "output"?
        error b.tf:3,14-3,15: Invalid expression
          Expected the start of an expression, but found `}`.
        error main.tf:2,1-2,13: Duplicate variable declaration
          There is a variable `a` at b.tf line 2 already. A module has each name once.
        error main.tf:3,3-3,7: Unsupported argument
          There is no argument `tpye` here.
          hint: Did you mean "type"?
        error main.tf:5,20-5,21: Missing name for resource
          `resource` blocks are written with 2 labels, the type and the name.
          hint: Write: resource "TYPE" "NAME" {
        "#);
}

#[test]
fn files_of_editors_and_other_files_are_not_read() {
    valid(
        r#"
locals { a = 1 }
--- .hidden.tf
nonsense
--- main.tf~
nonsense
--- #main.tf#
nonsense
--- notes.txt
nonsense
"#,
    );
}

#[test]
fn a_folder_without_configuration_is_refused_unless_that_is_asked_for() {
    let dir = tempfile::tempdir().expect("temporary folders can be made");
    let (_, diagnostics) = load(dir.path(), &Options::default());
    assert_eq!(diagnostics.0[0].summary, "No configuration files");
    let (config, diagnostics) = load(dir.path(), &Options { allow_empty: true, ..Options::default() });
    assert!(diagnostics.is_empty());
    assert!(config.root().resources.is_empty());
}

#[test]
fn a_folder_that_is_not_there_is_refused() {
    let (config, diagnostics) = load(std::path::Path::new("/nowhere/at/all"), &Options::default());
    assert_eq!(diagnostics.0[0].summary, "Unreadable module directory");
    assert!(config.root().resources.is_empty());
}

#[test]
fn override_files_are_laid_over_the_blocks_they_name() {
    let config = valid(
        r#"
variable "x" {
  type    = string
  default = "base"
}
resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
  tags       = { a = 1 }
  lifecycle {
    prevent_destroy       = true
    create_before_destroy = true
  }
  ingress { port = 1 }
  ingress { port = 2 }
  egress { port = 3 }
}
locals {
  a = 1
  b = 2
}
terraform {
  required_providers {
    aws  = { source = "hashicorp/aws", version = "~> 4.0" }
    null = { source = "hashicorp/null" }
  }
  backend "s3" {}
}
--- a_override.tf
variable "x" {
  default = "over"
}
resource "aws_vpc" "main" {
  cidr_block = "10.1.0.0/16"
  lifecycle {
    prevent_destroy = false
  }
  dynamic "ingress" {
    for_each = []
    content {}
  }
}
locals { a = 10 }
terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "~> 5.0" }
  }
  backend "local" {}
}
--- override.tf
variable "x" {
  default = "last"
}
"#,
    );
    let root = config.root();
    assert_eq!(root.variables["x"].default_value, Some("last".into()));
    let vpc = &root.resources[&ResourceAddr::managed("aws_vpc", "main")];
    let prevent_destroy = vpc.lifecycle.prevent_destroy.as_ref().map(|expression| expression.range());
    assert!(prevent_destroy.is_some_and(|at| config.sources.text(at) == "false"));
    assert_eq!(vpc.lifecycle.create_before_destroy, Some(true));
    let kinds: Vec<&str> = vpc.body.blocks().map(|block| block.made_kind()).collect();
    assert_eq!(kinds, ["egress", "ingress"]);
    let cidr = vpc.body.attribute("cidr_block").expect("it is written");
    assert_eq!(config.sources.text(cidr.range), r#"cidr_block = "10.1.0.0/16""#);
    assert_eq!(config.sources.text(root.locals["a"].declared), "a = 10");
    assert_eq!(config.sources.text(root.locals["b"].declared), "b = 2");
    assert_eq!(root.backend.as_ref().map(|backend| &*backend.kind), Some("local"));
    assert_eq!(root.requirements["aws"].version.as_deref(), Some("~> 5.0"));
    assert!(root.requirements.contains_key("null"));
}

#[test]
fn json_files_say_the_same_as_native_ones() {
    let config = valid(
        r#"
--- main.tf.json
{
  "//": "a comment",
  "variable": { "x": { "type": "list(string)", "default": ["${not_evaluated}"] } },
  "locals": { "a": "${var.x[0]}-x" },
  "resource": {
    "aws_vpc": {
      "main": {
        "provider": "aws.west",
        "for_each": "${toset(var.x)}",
        "cidr_block": "10.0.0.0/16",
        "depends_on": ["data.aws_region.current"],
        "lifecycle": { "ignore_changes": ["tags[\"a\"]"], "prevent_destroy": true }
      }
    }
  },
  "data": [ { "aws_region": { "current": {} } } ],
  "provider": { "aws": [ { "region": "a" }, { "alias": "west", "region": "b" } ] },
  "output": { "id": { "value": "${aws_vpc.main}" } },
  "moved": { "from": "aws_vpc.old", "to": "aws_vpc.main[\"a\"]" },
  "terraform": { "required_providers": { "aws": { "source": "hashicorp/aws" } } }
}
"#,
    );
    let root = config.root();
    assert_eq!(root.variables["x"].ty.ty.to_string(), "list(string)");
    insta::assert_snapshot!(root.variables["x"].default_value.as_ref().expect("there is one"), @r#"["${not_evaluated}"]"#);
    let vpc = &root.resources[&ResourceAddr::managed("aws_vpc", "main")];
    assert!(matches!(vpc.repetition, Repetition::ForEach(_)));
    assert_eq!(vpc.provider.as_ref().map(|provider| provider.key.to_string()).as_deref(), Some("aws.west"));
    assert_eq!(vpc.depends_on[0].subject.to_string(), "data.aws_region.current");
    assert!(vpc.lifecycle.prevent_destroy.is_some());
    assert_eq!(root.moved[0].to.to_string(), r#"aws_vpc.main["a"]"#);
    assert_eq!(root.providers.len(), 2);
}

#[test]
fn a_module_that_calls_itself_is_refused_at_the_call() {
    insta::assert_snapshot!(mistakes(r#"
module "a" { source = "./a" }
--- a/main.tf
module "b" { source = "../b" }
--- b/main.tf
module "a" { source = "./../a" }
"#), @r"
        error b/main.tf:1,23-1,31: Module calls itself
          module.a.module.b.module.a is in the folder of a module that it is called from, so the calls would never end. The source `./../a` must name another folder.
        ");
}

#[test]
fn modules_that_are_not_in_a_folder_must_be_installed() {
    insta::assert_snapshot!(mistakes(r#"
module "vpc" {
  source  = "terraform-aws-modules/vpc/aws"
  version = "~> 5.0"
}
module "missing" {
  source = "./missing"
}
"#), @r"
        error main.tf:3,13-3,44: Module not installed
          The module `vpc` is not on this machine yet.
          hint: `infra init` installs all modules of a configuration.
        error main.tf:7,12-7,23: Unreadable module directory
          The folder missing can't be read: No such file or directory (os error 2).
        ");
}

/// The stack of a text, in which `module.vpc` is installed from `.infra/packages/p//modules/vpc` under the name `.infra/modules/vpc`.
fn load_installed(text: &str) -> (Config, Diagnostics) {
    let dir = tempfile::tempdir().expect("temporary folders can be made");
    write_files(dir.path(), text);
    let package = dir.path().join(".infra/packages/p");
    let installed = Installed {
        dir: package.join("modules/vpc"),
        path: ".infra/modules/vpc/modules/vpc".into(),
        package: Arc::new(Package {
            dir: package,
            path: ".infra/modules/vpc".into(),
            source: "git::https://example.com/network".into(),
        }),
    };
    let installed = [(ModuleAddr::root().child("vpc"), installed)].into();
    load(dir.path(), &Options { installed, ..Options::default() })
}

#[test]
fn installed_modules_are_read_from_where_they_are_and_call_others_of_their_package() {
    let (config, diagnostics) = load_installed(
        r#"module "vpc" { source = "git::https://example.com/network//modules/vpc" }
--- .infra/packages/p/modules/vpc/main.tf
module "labels" { source = "./../labels" }
--- .infra/packages/p/modules/labels/main.tf
module "shared" { source = "../../shared/" }
--- .infra/packages/p/shared/main.tf
output "id" { value = 1 }
"#,
    );
    assert_eq!(render(&diagnostics, &config.sources), "");
    let paths: Vec<String> =
        config.modules.iter().map(|(addr, module)| format!("{addr} {}", module.path).trim().to_string()).collect();
    assert_eq!(
        paths,
        [
            ".",
            "module.vpc .infra/modules/vpc/modules/vpc",
            "module.vpc.module.labels .infra/modules/vpc/modules/labels",
            "module.vpc.module.labels.module.shared .infra/modules/vpc/shared",
        ]
    );
}

#[test]
fn a_module_calls_nothing_outside_of_its_package() {
    let (config, diagnostics) = load_installed(
        r#"module "vpc" { source = "git::https://example.com/network//modules/vpc" }
--- .infra/packages/p/modules/vpc/main.tf
module "out" { source = "../../../q" }
--- .infra/packages/q/main.tf
output "id" { value = 1 }
"#,
    );
    insta::assert_snapshot!(render(&diagnostics, &config.sources), @r"
    error .infra/modules/vpc/modules/vpc/main.tf:1,25-1,37: Local module path escapes module package
      The folder `../../../q` of module.vpc.module.out is outside of the package `git::https://example.com/network` that its caller is in. Only what was fetched with the caller can be called by a relative path.
    ");
}

#[test]
fn why_a_module_is_not_there_is_said_at_its_source() {
    let dir = tempfile::tempdir().expect("temporary folders can be made");
    write_files(dir.path(), "module \"vpc\" { source = \"git::https://example.com/vpc\" }\n");
    let error = Diagnostic::error("Failed to download module", "The host does not answer.");
    let unavailable = [(ModuleAddr::root().child("vpc"), error)].into();
    let (config, diagnostics) = load(dir.path(), &Options { unavailable, ..Options::default() });
    insta::assert_snapshot!(render(&diagnostics, &config.sources), @r"
    error main.tf:1,25-1,55: Failed to download module
      The host does not answer.
    ");
}

#[test]
fn what_only_terraform_or_a_login_could_do_is_refused_with_the_reason() {
    insta::assert_snapshot!(mistakes(r#"
terraform {
  cloud {
    organization = "x"
  }
  required_version = ">= 1.12"
}
resource "aws_instance" "web" {
  provisioner "remote-exec" {
    inline = ["x"]
  }
  provisioner "file" {
    source = "x"
  }
}
"#), @r#"
        error main.tf:3,3-3,8: Unsupported cloud block
          A `cloud` block hands runs and state to HCP Terraform, which only Terraform itself can talk to.
          hint: Keep the state in a backend instead: backend "s3", for example.
        error main.tf:6,3-6,31: Unsupported Terraform Core version
          This configuration asks for Terraform >= 1.12, and the language that is understood here is that of Terraform 1.11.4.
        error main.tf:9,15-9,28: Unsupported provisioner
          `remote-exec` logs into the new machine and changes it there, where no plan can see it. Only `local-exec` is run.
          hint: Give the machine what it needs at its start, in `user_data` or in its image; or connect from a `local-exec` command.
        error main.tf:12,15-12,21: Unsupported provisioner
          `file` logs into the new machine and changes it there, where no plan can see it. Only `local-exec` is run.
          hint: Give the machine what it needs at its start, in `user_data` or in its image; or connect from a `local-exec` command.
        "#);
}

#[test]
fn bytes_that_are_not_text_are_refused_at_their_place() {
    let dir = tempfile::tempdir().expect("temporary folders can be made");
    std::fs::write(dir.path().join("main.tf"), b"locals {\n  a = \"\xff\"\n}\n").expect("the folder is writable");
    let (config, diagnostics) = load(dir.path(), &Options::default());
    insta::assert_snapshot!(render(&diagnostics, &config.sources), @r"
        error main.tf:2,8-2,9: Invalid character encoding
          Files must be encoded in UTF-8; these bytes are not. Select that encoding in the editor and save again.
        ");
}

#[test]
fn provider_configurations_that_do_not_meet_are_reported() {
    insta::assert_snapshot!(mistakes(r#"
provider "aws" {
  alias  = "west"
  region = "us-west-2"
}
module "a" {
  source = "./a"
  count  = 2
  providers = {
    aws      = aws.wset
    aws.own  = aws.west
    aws.nope = aws.west
    null     = aws.west
  }
}
resource "aws_vpc" "x" {
  provider = aws.wets
}
--- a/main.tf
terraform {
  required_providers {
    aws = {
      source                = "hashicorp/aws"
      configuration_aliases = [aws.peer]
    }
    amazon = "~> 5.0"
    aws2   = { source = "hashicorp/aws" }
  }
}
provider "aws" {
  alias  = "own"
  region = "eu-west-1"
}
provider "null" {}
resource "aws_vpc" "x" {
  provider = aws.other
}
"#), @r#"
        error main.tf:6,1-6,11: Missing required provider configuration
          The module needs a configuration of hashicorp/aws under the name `aws.peer`, beside the default one.
          hint: Pass one: providers = { aws.peer = aws.NAME }
        error main.tf:8,12-8,13: Module is incompatible with count, for_each, and depends_on
          module.a has provider blocks of its own, or calls a module that has. Such a module can be called once and without conditions only.
          hint: Take the provider blocks out of the module, and pass the configurations in with `providers`.
        error main.tf:10,16-10,24: Provider configuration not present
          There is no provider configuration `aws.wset` in the root module.
          hint: Did you mean "aws.west"?
        error main.tf:11,5-11,12: Cannot override provider configuration
          The module has a block for `aws.own` of its own, so it can't be given another configuration.
        warning main.tf:12,5-12,13: Reference to undefined provider
          The module does not list `aws.nope` among the providers it requires.
          hint: In its required_providers: aws = { source = "hashicorp/aws", configuration_aliases = [aws.nope] }
        error main.tf:13,16-13,24: Provider type mismatch
          `aws.west` is a configuration of hashicorp/aws, but the module knows `null` as a configuration of hashicorp/null.
        error main.tf:17,14-17,22: Provider configuration not present
          There is no provider configuration `aws.wets` in the root module.
          hint: Did you mean "aws.west"?
        warning a/main.tf:8,14-8,42: Duplicate required provider
          hashicorp/aws is listed as `aws` already; one local name is enough.
        warning a/main.tf:15,1-15,16: Redundant empty provider block
          An empty provider block in a called module says nothing; what the module needs is said in its `required_providers`.
          hint: In its required_providers: null = { source = "hashicorp/null" }
        error a/main.tf:17,14-17,23: Provider configuration not present
          There is no provider configuration `aws.other` in module.a.
        "#);
}

#[test]
fn a_thousand_modules_load_in_a_moment() {
    let calls: String = (0..1000).map(|n| format!("module \"m{n}\" {{\n  source = \"./m\"\n  a = {n}\n}}\n")).collect();
    let variables: String = (0..60).map(|n| format!("variable \"v{n}\" {{\n  default = {n}\n}}\n")).collect();
    let started = std::time::Instant::now();
    let config = valid(&format!("{calls}--- m/main.tf\nvariable \"a\" {{}}\n{variables}"));
    assert_eq!(config.modules.len(), 1001);
    assert_eq!(config.sources.files().count(), 2);
    assert!(started.elapsed().as_secs() < 5, "it took {:?}", started.elapsed());
}
