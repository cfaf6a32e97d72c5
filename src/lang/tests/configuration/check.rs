//! References are checked against what is declared, and the message says what was probably meant.

use lang::check::check_references;
use lang::load::{Options, load};

use crate::support::{Builtin, render, write_files};

/// What is wrong with the references of a stack.
fn mistakes(text: &str) -> String {
    let dir = tempfile::tempdir().expect("temporary folders can be made");
    write_files(dir.path(), text);
    let (config, diagnostics) = load(dir.path(), &Options::default());
    assert_eq!(render(&diagnostics, &config.sources), "");
    render(&check_references(&config, &Builtin), &config.sources)
}

#[test]
fn what_is_not_declared_is_reported_with_what_was_meant() {
    insta::assert_snapshot!(mistakes(r#"
variable "region" {}
locals { zone = 1 }
module "network" { source = "./network" }
resource "terraform_data" "web" {}
data "terraform_remote_state" "base" { backend = "local" }
output "a" { value = var.regoin }
output "b" { value = var.zone }
output "c" { value = local.region }
output "d" { value = var.nothing }
output "e" { value = local.zoen }
output "f" { value = module.netwrok.id }
output "g" { value = module.network.nope }
output "h" { value = terraform_data.wbe.id }
output "i" { value = terrafrom_data.web.id }
output "j" { value = terraform_remote_state.base.outputs }
output "k" { value = data.terraform_data.web.id }
output "l" { value = variable.region }
output "m" { value = aws_vpc.main.id }
output "n" { value = path.modul }
output "o" { value = region }
--- network/main.tf
output "id" { value = 1 }
"#), @r#"
        error main.tf:7,22-7,32: Reference to undeclared input variable
          There is no variable `regoin` in the root module.
          hint: Did you mean "region"?
        error main.tf:8,22-8,30: Reference to undeclared input variable
          There is no variable `zone` in the root module.
          hint: Did you mean local.zone?
        error main.tf:9,22-9,34: Reference to undeclared local value
          There is no local value `region` in the root module.
          hint: Did you mean var.region?
        error main.tf:10,22-10,33: Reference to undeclared input variable
          There is no variable `nothing` in the root module.
          hint: Declare it with a block: variable "nothing" {}
        error main.tf:11,22-11,32: Reference to undeclared local value
          There is no local value `zoen` in the root module.
          hint: Did you mean "zone"?
        error main.tf:12,22-12,39: Reference to undeclared module
          There is no module call `netwrok` in the root module.
          hint: Did you mean "network"?
        error main.tf:13,36-13,41: Unsupported attribute
          The module `network` has no output `nope`.
        error main.tf:14,22-14,40: Reference to undeclared resource
          There is no managed resource "terraform_data" "wbe" in the root module.
          hint: Did you mean terraform_data.web?
        error main.tf:15,22-15,40: Reference to undeclared resource
          There is no managed resource "terrafrom_data" "web" in the root module.
          hint: Did you mean terraform_data.web?
        error main.tf:16,22-16,49: Reference to undeclared resource
          There is no managed resource "terraform_remote_state" "base" in the root module.
          hint: Did you mean data.terraform_remote_state.base?
        error main.tf:17,22-17,45: Reference to undeclared resource
          There is no data resource "terraform_data" "web" in the root module.
          hint: Did you mean terraform_data.web?
        error main.tf:18,22-18,37: Reference to undeclared resource
          There is no managed resource "variable" "region" in the root module.
          hint: Did you mean var.region?
        error main.tf:19,22-19,34: Reference to undeclared resource
          There is no managed resource "aws_vpc" "main" in the root module.
        error main.tf:20,22-20,32: Invalid "path" attribute
          The `path` object has no attribute `modul`. There is path.module, path.root, path.cwd.
          hint: Did you mean "module"?
        error main.tf:21,22-21,28: Invalid reference
          The name of a resource type must be followed by a dot and the name of a resource; a bare name refers to nothing.
          hint: For text, write it in quotes: "region". For a variable or local value, write var.region or local.region.
        "#);
}

#[test]
fn instances_are_named_as_count_and_for_each_make_them() {
    insta::assert_snapshot!(mistakes(r#"
resource "terraform_data" "one" {}
resource "terraform_data" "counted" { count = 2 }
resource "terraform_data" "each" { for_each = { a = 1 } }
module "counted" {
  source = "./m"
  count  = 2
}
module "one" { source = "./m" }
output "a" { value = terraform_data.one[0].id }
output "b" { value = terraform_data.counted.id }
output "c" { value = terraform_data.counted["x"].id }
output "d" { value = terraform_data.each.id }
output "e" { value = module.counted.x }
output "f" { value = module.one[0].x }
output "right" {
  value = [
    terraform_data.one.id,
    terraform_data.counted[0].id,
    terraform_data.counted[*].id,
    terraform_data.counted.*.id,
    terraform_data.each["a"].id,
    terraform_data.counted,
    [for key, one in terraform_data.each : one.id],
    module.counted[0].x,
    module.counted[*].x,
    module.one.x,
    module.one["x"],
  ]
}
--- m/main.tf
output "x" { value = 1 }
"#), @r"
        error main.tf:10,22-10,43: Unexpected resource instance key
          `terraform_data.one` has neither `count` nor `for_each`, so it is one instance without a key.
          hint: Leave out the brackets.
        error main.tf:11,22-11,44: Missing resource instance key
          `terraform_data.counted` has `count`, so it stands for all its instances, and attributes are those of one.
          hint: Name an instance: terraform_data.counted[count.index]; or take the attribute of all: terraform_data.counted[*]
        error main.tf:12,44-12,49: Invalid index
          The instances of `terraform_data.counted` have `count`, so their keys are numbers.
        error main.tf:13,22-13,41: Missing resource instance key
          `terraform_data.each` has `for_each`, so it stands for all its instances, and attributes are those of one.
          hint: Name an instance: terraform_data.each[each.key]; or take the attribute of all: values(terraform_data.each)[*]
        error main.tf:14,36-14,38: Unsupported attribute
          `module.counted` has `count`, so it stands for all its instances, and outputs are those of one.
          hint: Name an instance: module.counted[count.index]; or take the output of all: module.counted[*]
        error main.tf:15,32-15,35: Unexpected module instance key
          `module.one` has neither `count` nor `for_each`, so it is one instance without a key.
          hint: Leave out the brackets.
        ");
}

#[test]
fn steps_into_instances_follow_the_schema_through_indexes_and_splats() {
    insta::assert_snapshot!(mistakes(r#"
resource "terraform_data" "one" {}
resource "terraform_data" "counted" { count = 2 }
locals {
  index = 1
  a     = terraform_data.one.inptu
  b     = terraform_data.counted[local.index].nope
  c     = terraform_data.counted[*].nope
  d     = terraform_data.counted.*.nope
  e     = terraform_data.one.id.nope
  f     = terraform_data.one.id[0]
  g     = terraform_data.one["id"]
  h     = terraform_data.one.input.anything[0].goes
}
"#), @r#"
        error main.tf:6,29-6,35: Unsupported attribute
          There is no argument, block or attribute `inptu` here.
          hint: Did you mean "input"?
        error main.tf:7,46-7,51: Unsupported attribute
          There is no argument, block or attribute `nope` here.
        error main.tf:8,36-8,41: Unsupported attribute
          There is no argument, block or attribute `nope` here.
        error main.tf:9,35-9,40: Unsupported attribute
          There is no argument, block or attribute `nope` here.
        error main.tf:10,32-10,37: Unsupported attribute
          There is no attribute `nope` here, because the value is a string.
        error main.tf:11,32-11,35: Invalid index
          The value is a string, which has no elements.
        error main.tf:12,11-12,35: Unexpected resource instance key
          `terraform_data.one` has neither `count` nor `for_each`, so it is one instance without a key.
          hint: Leave out the brackets.
        "#);
}

#[test]
fn objects_that_stand_for_an_instance_are_known_where_there_is_one() {
    insta::assert_snapshot!(mistakes(r#"
locals {
  a = each.key
  b = count.index
  c = self.id
}
resource "terraform_data" "counted" {
  count = 2
  input = [count.index, each.key]
  lifecycle {
    precondition {
      condition     = count.index == self.id
      error_message = each.value
    }
    postcondition {
      condition     = self.id == self.nope
      error_message = terraform_data.counted[0].id
    }
  }
}
resource "terraform_data" "each" {
  for_each = each.key
  input    = "${each.key}${each.value}${count.index}"
  provisioner "local-exec" {
    command = "${self.id} ${self.nope} ${each.key}"
  }
}
"#), @r#"
        error main.tf:3,7-3,15: Reference to "each" in context without for_each
          `each` stands for the current element of `for_each`, and there is no `for_each` here.
        error main.tf:4,7-4,18: Reference to "count" in non-counted context
          `count.index` is the number of the current instance, and there is no `count` here.
        error main.tf:5,7-5,11: Invalid "self" reference
          `self` stands for the current instance in postconditions, provisioners and connections alone.
        error main.tf:9,25-9,33: Reference to "each" in context without for_each
          `each` stands for the current element of `for_each`, and there is no `for_each` here.
        error main.tf:12,38-12,42: Invalid "self" reference
          `self` stands for the current instance in postconditions, provisioners and connections alone.
        error main.tf:13,23-13,33: Reference to "each" in context without for_each
          `each` stands for the current element of `for_each`, and there is no `for_each` here.
        error main.tf:16,38-16,43: Unsupported attribute
          There is no argument, block or attribute `nope` here.
        error main.tf:17,23-17,48: Invalid reference in postcondition
          A condition of `terraform_data.counted` can't use the resource by its name.
          hint: Write `self` for the instance that the condition is about.
        error main.tf:22,14-22,22: Reference to "each" in context without for_each
          `each` stands for the current element of `for_each`, and there is no `for_each` here.
        error main.tf:23,41-23,52: Reference to "count" in non-counted context
          `count.index` is the number of the current instance, and there is no `count` here.
        error main.tf:25,33-25,38: Unsupported attribute
          There is no argument, block or attribute `nope` here.
        "#);
}

#[test]
fn names_of_a_for_and_iterators_of_dynamic_blocks_are_no_references() {
    insta::assert_snapshot!(mistakes(r#"
locals {
  a = [for x in local.b : x.y if x.z]
  b = { for k, v in {} : k => v }
  c = "%{for line in local.b}${line.text}%{endfor}"
  d = [for x in x.y : x]
}
resource "aws_thing" "a" {
  dynamic "rule" {
    for_each = rule.value
    content {
      port = rule.value.port
      dynamic "inner" {
        for_each = rule.value.inner
        iterator = it
        content {
          a = [it.value, rule.key, inner.value]
        }
      }
    }
  }
}
"#), @r#"
        error main.tf:6,17-6,20: Reference to undeclared resource
          There is no managed resource "x" "y" in the root module.
        error main.tf:10,16-10,26: Reference to undeclared resource
          There is no managed resource "rule" "value" in the root module.
        error main.tf:17,36-17,47: Reference to undeclared resource
          There is no managed resource "inner" "value" in the root module.
        "#);
}

#[test]
fn malformed_references_say_how_to_write_them() {
    insta::assert_snapshot!(mistakes(r#"
locals {
  a = var
  b = var["x"]
  c = data.x
  d = module
  e = resource.x
  f = each
  g = count.idx
  h = terraform.env
  i = lazy.x
  j = data["a"].b
  k = path
}
"#), @r#"
        error main.tf:3,7-3,10: Invalid reference
          The `var` object can't be used as a whole. Name one of its attributes after a dot.
        error main.tf:4,10-4,15: Invalid reference
          The `var` object can't be indexed. Name one of its attributes after a dot.
        error main.tf:5,7-5,13: Invalid reference
          The `data` object must be followed by two names: those of the data source's type and of the data source.
        error main.tf:6,7-6,13: Invalid reference
          The `module` object can't be used as a whole. Name one of its attributes after a dot.
        error main.tf:7,7-7,17: Invalid reference
          The `resource` object must be followed by two names: those of the resource's type and of the resource.
        error main.tf:8,7-8,11: Invalid reference
          The `each` object can't be used as a whole. Name one of its attributes after a dot.
        error main.tf:9,7-9,16: Invalid "count" attribute
          The `count` object has no attribute `idx`. There is count.index.
          hint: Did you mean "index"?
        error main.tf:10,7-10,20: Invalid "terraform" attribute
          The `terraform` object has no attribute `env`. There is terraform.workspace, terraform.applying.
          hint: The environment is called a workspace now: write terraform.workspace.
        error main.tf:11,7-11,11: Reserved symbol name
          The name `lazy` is reserved for later versions of the language.
          hint: If a provider has a resource type of this name, write resource.lazy.
        error main.tf:12,11-12,16: Invalid reference
          The `data` object must be followed by two names: those of the data source's type and of the data source.
        error main.tf:13,7-13,11: Invalid reference
          The `path` object can't be used as a whole. Name one of its attributes after a dot.
        "#);
}

#[test]
fn a_module_that_is_called_many_times_has_each_mistake_once() {
    let calls: String = (0..50).map(|n| format!("module \"m{n}\" {{\n  source = \"./m\"\n}}\n")).collect();
    insta::assert_snapshot!(mistakes(&format!("{calls}--- m/main.tf\noutput \"x\" {{ value = var.x }}\n")), @r#"
        error m/main.tf:1,22-1,27: Reference to undeclared input variable
          There is no variable `x` in module.m0.
          hint: Declare it with a block: variable "x" {}
        "#);
}

#[test]
fn the_data_source_of_a_check_is_known_inside_of_it_only() {
    insta::assert_snapshot!(mistakes(r#"
check "a" {
  data "terraform_remote_state" "x" {
    backend = "local"
  }
  assert {
    condition     = data.terraform_remote_state.x.outputs != null
    error_message = "None."
  }
}
check "b" {
  assert {
    condition     = data.terraform_remote_state.x.outputs != null
    error_message = "None."
  }
}
"#), @r"
        error main.tf:13,21-13,50: Reference to scoped resource
          `data.terraform_remote_state.x` belongs to the check `a`, and only that can use it.
        ");
}

#[test]
fn a_thousand_modules_with_sixty_variables_are_checked_in_a_moment() {
    let calls: String = (0..1000).map(|n| format!("module \"m{n}\" {{\n  source = \"./m\"\n}}\n")).collect();
    let variables: String = (0..60)
        .map(|n| format!("variable \"v{n}\" {{\n  default = {n}\n}}\noutput \"o{n}\" {{\n  value = var.v{n}\n}}\n"))
        .collect();
    let started = std::time::Instant::now();
    assert_eq!(mistakes(&format!("{calls}--- m/main.tf\n{variables}")), "");
    assert!(started.elapsed().as_secs() < 5, "it took {:?}", started.elapsed());
}
