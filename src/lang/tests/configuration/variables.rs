//! Values of variables: which of several counts, what they become, and what is wrong with them.

use lang::load::{Options, load};
use lang::variables::{Setting, collect, root_values};

use crate::support::{render, write_files};

/// The values of the variables of a stack, one a line, and what was wrong. Options are `-var=..` and `-var-file=..`.
fn values(text: &str, environment: &[(&str, &str)], options: &[&str]) -> String {
    let dir = tempfile::tempdir().expect("temporary folders can be made");
    write_files(dir.path(), text);
    let (mut config, diagnostics) = load(dir.path(), &Options::default());
    assert_eq!(render(&diagnostics, &config.sources), "");
    let environment: Vec<(String, String)> =
        environment.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
    let setting = |option: &&str| match option.split_once('=') {
        Some(("-var", text)) => Setting::Value(text.to_string()),
        Some(("-var-file", name)) => Setting::File { shown: name.to_string(), path: dir.path().join(name) },
        Some(_) | None => panic!("`{option}` is no option of values"),
    };
    let settings: Vec<Setting> = options.iter().map(setting).collect();
    let root = config.root().clone();
    let (given, mut diagnostics) = collect(&root, &environment, &settings, &mut config.sources);
    let (values, wrong) = root_values(&root, &given, &config.sources);
    diagnostics.extend(wrong);
    let lines: String = values.iter().map(|(name, value)| format!("{name} = {value}\n")).collect();
    lines + &render(&diagnostics, &config.sources)
}

#[test]
fn the_last_source_that_gives_a_value_wins() {
    let text = r#"
variable "a" { default = "default" }
variable "b" {}
variable "c" {}
variable "d" {}
variable "e" {}
variable "f" {}
variable "g" {}
--- terraform.tfvars
c = "terraform.tfvars"
d = "terraform.tfvars"
e = "terraform.tfvars"
f = "terraform.tfvars"
g = "terraform.tfvars"
--- terraform.tfvars.json
{ "d": "terraform.tfvars.json", "e": "terraform.tfvars.json", "f": "terraform.tfvars.json" }
--- a.auto.tfvars
e = "a.auto.tfvars"
f = "a.auto.tfvars"
--- b.auto.tfvars.json
{ "e": "b.auto.tfvars.json" }
--- more.tfvars
f = "more.tfvars"
g = "more.tfvars"
"#;
    let environment =
        [("TF_VAR_b", "environment"), ("TF_VAR_c", "environment"), ("b", "no prefix"), ("TF_VAR_nope", "x")];
    insta::assert_snapshot!(values(text, &environment, &["-var=f=first", "-var-file=more.tfvars", "-var=g=last"]), @r#"
        a = "default"
        b = "environment"
        c = "terraform.tfvars"
        d = "terraform.tfvars.json"
        e = "b.auto.tfvars.json"
        f = "more.tfvars"
        g = "last"
        "#);
}

#[test]
fn text_is_an_expression_unless_the_type_is_simple() {
    let text = r#"
variable "untyped" {}
variable "string" { type = string }
variable "number" { type = number }
variable "bool" { type = bool }
variable "list" { type = list(string) }
variable "any" { type = any }
"#;
    insta::assert_snapshot!(
        values(
            text,
            &[("TF_VAR_any", "{ a = 1 }")],
            &["-var=untyped=[1]", "-var=string=\"quoted\"", "-var=number=5", "-var=bool=true", "-var=list=[\"a\", 2]"],
        ),
        @r#"
        any = {"a" = 1}
        bool = true
        list = ["a", "2"]
        number = 5
        string = "\"quoted\""
        untyped = "[1]"
        "#
    );
    insta::assert_snapshot!(
        values(text, &[("TF_VAR_any", "plain")], &["-var=untyped=", "-var=string=", "-var=number=x", "-var=bool=yes", "-var=list=[1,"]),
        @r#"
        any = (known after apply)
        bool = (known after apply)
        list = (known after apply)
        number = (known after apply)
        string = ""
        untyped = ""
        error <value for var.any>:1,1-1,6: Variables not allowed
          The value of `any` is read as an expression, which can't refer to anything.
          hint: To give a text, put it in double quotes, and these in quotes for the shell: '"text"'
        error <value for var.list>:1,1-1,2: Unterminated tuple constructor expression
          There is no closing bracket (`]`) for this list before the end of the file. Brackets may be nested wrongly further down.
        error main.tf:5,1-5,16: Invalid value for input variable
          The value on the command line does not suit the variable `bool`: a bool is required.
        error main.tf:4,1-4,18: Invalid value for input variable
          The value on the command line does not suit the variable `number`: a number is required.
        "#
    );
}

#[test]
fn values_are_converted_with_the_defaults_of_optional_attributes() {
    insta::assert_snapshot!(
        values(
            r#"
variable "service" {
  type = object({
    name = string
    port = optional(number, 80)
    tags = optional(map(string), {})
  })
}
--- terraform.tfvars
service = {
  name  = 5
  extra = true
}
"#,
            &[],
            &[]
        ),
        @r#"service = {"name" = "5", "port" = 80, "tags" = {}}"#
    );
}

#[test]
fn null_is_a_value_where_the_variable_allows_it() {
    let text = r#"
variable "nullable" { default = "d" }
variable "defaulted" {
  default  = "d"
  nullable = false
}
variable "required" { nullable = false }
--- terraform.tfvars
nullable  = null
defaulted = null
required  = null
"#;
    insta::assert_snapshot!(values(text, &[], &[]), @r#"
        defaulted = "d"
        nullable = null
        required = (known after apply)
        error terraform.tfvars:3,13-3,17: Required variable not set
          The value does not suit the variable `required`: it must not be null.
        "#);
}

#[test]
fn a_variable_without_a_value_is_reported_where_it_is_declared() {
    insta::assert_snapshot!(values("variable \"region\" {}\nvariable \"zone\" { default = 1 }\n", &[], &[]), @r"
        region = (known after apply)
        zone = 1
        error main.tf:1,1-1,18: No value for required variable
          The variable `region` has no default value, and it is given none.
          hint: Give it one: with -var 'region=VALUE', in a file that -var-file names, or in the environment as TF_VAR_region.
        ");
}

#[test]
fn values_for_nothing_are_errors_on_the_command_line_warnings_in_files_and_nothing_in_the_environment() {
    let text = r#"
variable "region" { default = "a" }
--- terraform.tfvars
regoin = 1
b = 2
c = 3
d = 4
"#;
    insta::assert_snapshot!(values(text, &[("TF_VAR_nope", "1")], &["-var=regon=1", "-var=other=2"]), @r#"
        region = "a"
        warning terraform.tfvars:1,10-1,11: Value for undeclared variable
          terraform.tfvars gives a value to `regoin`, but the root module declares no variable of that name.
          hint: Did you mean "region"?
        warning terraform.tfvars:2,5-2,6: Value for undeclared variable
          terraform.tfvars gives a value to `b`, but the root module declares no variable of that name.
          hint: Declare it with a `variable` block to use the value. For values that many stacks share, of which each uses a part, TF_VAR_NAME environment variables give no such warning.
        error: Value for undeclared variable
          A `-var` option gives a value to `regon`, but the root module declares no variable of that name.
          hint: Did you mean "region"?
        error: Value for undeclared variable
          A `-var` option gives a value to `other`, but the root module declares no variable of that name.
          hint: Declare it: variable "other" {}
        warning: Values for undeclared variables
          There are 2 more values for variables that the root module does not declare.
        "#);
}

#[test]
fn options_that_give_no_value_are_refused_without_showing_their_text() {
    insta::assert_snapshot!(values("variable \"x\" { default = 1 }\n", &[], &["-var=hunter2", "-var=x =1", "-var-file=nope.tfvars"]), @r"
        x = 1
        error: Invalid -var option
          A `-var` option has no equals sign.
          hint: Write the name of a variable and its value: -var 'NAME=VALUE'
        error: Invalid -var option
          There is a space between `x` and the equals sign.
          hint: Write: -var 'x=VALUE'
        error: Failed to read variables file
          The file nope.tfvars can't be read: No such file or directory (os error 2).
        ");
}

#[test]
fn files_of_values_hold_constants() {
    let text = r#"
variable "x" { default = 1 }
--- terraform.tfvars
x = var.y
x {}
variable "x" {}
--- more.auto.tfvars
x = file("x")
--- broken.auto.tfvars
x = [
--- broken.auto.tfvars.json
{ "x": }
"#;
    insta::assert_snapshot!(values(text, &[], &[]), @r#"
        x = (known after apply)
        error terraform.tfvars:2,1-2,2: Unexpected "x" block
          A file of variable values holds nothing but arguments: the names of variables with their values.
          hint: For an object, write an equals sign: x = { .. }
        error terraform.tfvars:3,1-3,9: Unexpected "variable" block
          A file of variable values holds nothing but arguments: the names of variables with their values.
          hint: To declare a variable, write its block into a file whose name ends in `.tf`.
        error terraform.tfvars:1,5-1,8: Variables not allowed
          This must be a constant; it can't refer to anything.
        error broken.auto.tfvars:1,5-1,6: Unterminated tuple constructor expression
          There is no closing bracket (`]`) for this list before the end of the file. Brackets may be nested wrongly further down.
        error broken.auto.tfvars.json:1,8-1,9: Invalid start of value
          A JSON value begins with a brace, a bracket, a quote, a digit, or is `true`, `false` or `null`.
        error more.auto.tfvars:1,5-1,14: Function calls not allowed
          This must be a constant; it can't call functions.
        "#);
}

#[test]
fn sensitive_values_are_never_shown() {
    let text = r#"
variable "a" {
  type      = number
  sensitive = true
}
variable "b" {
  type      = list(string)
  sensitive = true
}
variable "c" {
  type      = string
  sensitive = true
  default   = "hunter2"
}
variable "d" {
  type      = string
  ephemeral = true
  default   = "hunter2"
}
--- terraform.tfvars
a = "hunter2"
"#;
    let shown = values(text, &[], &["-var=b=[hunter2"]);
    assert!(!shown.contains("hunter2"));
    insta::assert_snapshot!(shown, @r"
        a = (sensitive value)
        b = (sensitive value)
        c = (sensitive value)
        d = (ephemeral value)
        error <value for var.b>:1,1-1,2: Unterminated tuple constructor expression
          There is no closing bracket (`]`) for this list before the end of the file. Brackets may be nested wrongly further down.
        error main.tf:2,1-2,13: Invalid value for input variable
          The value at terraform.tfvars line 1 does not suit the variable `a`: a number is required.
        ");
}

#[test]
fn the_text_of_a_sensitive_value_is_not_kept_for_excerpts() {
    let dir = tempfile::tempdir().expect("temporary folders can be made");
    write_files(dir.path(), "variable \"b\" {\n  type = list(string)\n  sensitive = true\n}\n");
    let (mut config, _) = load(dir.path(), &Options::default());
    let root = config.root().clone();
    let settings = [Setting::Value("b=[hunter2".to_string())];
    let (_, diagnostics) = collect(&root, &[], &settings, &mut config.sources);
    assert!(diagnostics.has_errors());
    assert!(config.sources.files().all(|(_, file)| !file.text.contains("hunter2")));
}
