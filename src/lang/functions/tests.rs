//! Functions whose results depend on more than their arguments, and those of providers.

use std::path::Path;

use model::diagnostic::Diagnostic;
use model::source::{FileId, SourceRange};
use model::value::Value;

use crate::evaluate::evaluate;
use crate::expression::Expression;
use crate::reference::Subject;
use crate::scope::{Impure, Scope, Surroundings};

/// An apply in a folder, in which nothing can be referred to.
struct Apply<'a> {
    base_dir: &'a Path,
}

impl Scope for Apply<'_> {
    fn value(&self, subject: &Subject, range: SourceRange) -> Result<Value, Diagnostic> {
        Err(Diagnostic::error("Unknown reference", format!("There is no {subject}.")).at(range))
    }

    fn surroundings(&self) -> Surroundings<'_> {
        Surroundings {
            base_dir: self.base_dir,
            home: Some(Path::new("/home/ada")),
            plan_time: Some("2024-01-01T00:00:00Z"),
            impure: Some(Impure { now: "2024-01-01T00:05:00Z", random: |bytes| bytes.fill(1) }),
        }
    }
}

fn result_in(base_dir: &Path, text: &str) -> Result<String, String> {
    let parsed = hcl::parse_expression(text);
    assert_eq!(parsed.errors, [], "{text}");
    evaluate(&Expression::new(FileId(0), parsed.expr), &Apply { base_dir })
        .map(|value| value.to_string())
        .map_err(|found| found.iter().map(|error| error.detail.clone()).collect::<Vec<_>>().join("\n"))
}

fn result(text: &str) -> String {
    result_in(Path::new("/stack"), text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

#[test]
fn times_come_from_the_surroundings() {
    assert_eq!(result("[plantimestamp(), timestamp()]"), r#"["2024-01-01T00:00:00Z", "2024-01-01T00:05:00Z"]"#);
}

#[test]
fn randomness_comes_from_the_surroundings() {
    assert_eq!(result("uuid()"), r#""01010101-0101-4101-8101-010101010101""#);
    assert_eq!(result("substr(bcrypt(\"a\", 4), 0, 7)"), r#""$2a$04$""#);
}

#[test]
fn paths_start_from_the_folder_of_the_stack() {
    assert_eq!(result("abspath(\"../x/./y\")"), r#""/x/y""#);
    assert_eq!(
        result("[pathexpand(\"~/a\"), pathexpand(\"~\"), pathexpand(\"~b\")]"),
        r#"["/home/ada/a", "/home/ada", "~b"]"#
    );
}

#[test]
fn templates_may_render_each_other_but_not_themselves() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let write = |name: &str, text: &str| std::fs::write(dir.path().join(name), text).expect("the folder is writable");
    write("outer.tpl", "<${templatefile(\"inner.tpl\", { x = x })}>");
    write("inner.tpl", "${x + 1}");
    write("self.tpl", "${templatefile(\"self.tpl\", {})}");
    write("broken.tpl", "a\n${y}");
    write("syntax.tpl", "a\n${");
    let render = |name: &str| result_in(dir.path(), &format!("templatefile({name:?}, {{ x = 1 }})"));
    assert_eq!(render("outer.tpl").as_deref(), Ok("\"<2>\""));
    let error = render("self.tpl").expect_err("endless");
    assert!(error.contains("more than 64 deep"), "{error}");
    let error = render("broken.tpl").expect_err("no variable y");
    assert!(error.contains("broken.tpl:2,3-4: Unknown variable"), "{error}");
    assert!(render("syntax.tpl").expect_err("no template").contains("syntax.tpl:2,"));
}

#[test]
fn compressed_text_can_be_decompressed() {
    use base64::Engine;
    use std::io::Read;
    let encoded = result("base64gzip(join(\"\", [for i in range(100) : \"line ${i}\\n\"]))");
    let bytes = base64::engine::general_purpose::STANDARD.decode(encoded.trim_matches('"')).expect("base64");
    let mut text = String::new();
    flate2::read::GzDecoder::new(bytes.as_slice()).read_to_string(&mut text).expect("gzip");
    assert!(text.ends_with("line 99\n"), "{text}");
}

#[test]
fn values_are_written_in_the_syntax_of_the_language() {
    assert_eq!(
        result(
            "provider::terraform::encode_tfvars({ a = 1, bcd = \"x\", e = [1, { x = 1, yyy = [2] }], f = {}, k = \"m\\n$${x}\" })"
        ),
        format!("{:?}", "a   = 1\nbcd = \"x\"\ne = [1, {\n  x   = 1\n  yyy = [2]\n}]\nf = {}\nk = \"m\\n$${x}\"\n")
    );
    assert_eq!(
        result("provider::terraform::encode_expr({ a = 1, \"b c\" = \"x\", \"1\" = 2, d = [[1, 2], [{}]] })"),
        format!("{:?}", "{\n  \"1\"   = 2\n  a     = 1\n  \"b c\" = \"x\"\n  d     = [[1, 2], [{}]]\n}")
    );
    for call in ["encode_expr([-1 / 0])", "encode_tfvars({ a = 1 / 0 })"] {
        assert!(result_in(Path::new("."), &format!("provider::terraform::{call}")).is_err(), "{call}");
    }
    assert_eq!(
        result("provider::terraform::encode_expr(\"é\\t\\u0001\\\\ ☃\")"),
        format!("{:?}", "\"é\\t\\u0001\\\\ ☃\"")
    );
    assert!(result_in(Path::new("."), "provider::terraform::encode_tfvars({ \"a b\" = 1 })").is_err());
}

#[test]
fn files_of_variable_values_are_read_as_objects() {
    assert_eq!(
        result("provider::terraform::decode_tfvars(\"a = 1\\nb = [1, \\\"x\\\"]\\nc = { d = 1 }\\n\")"),
        r#"{"a" = 1, "b" = [1, "x"], "c" = {"d" = 1}}"#
    );
    for text in ["a = upper(\\\"x\\\")", "a = b", "a {}", "a ="] {
        assert!(
            result_in(Path::new("."), &format!("provider::terraform::decode_tfvars(\"{text}\")")).is_err(),
            "{text}"
        );
    }
}

#[test]
fn amazon_resource_names_come_apart_and_together() {
    assert_eq!(
        result("provider::aws::arn_parse(\"arn:aws:s3:::b:c/d\")"),
        r#"{"account_id" = "", "partition" = "aws", "region" = "", "resource" = "b:c/d", "service" = "s3"}"#
    );
    assert_eq!(
        result("provider::aws::arn_build(\"aws\", \"iam\", \"\", \"444455556666\", \"role/example\")"),
        r#""arn:aws:iam::444455556666:role/example""#
    );
    assert_eq!(
        result("provider::aws::trim_iam_role_path(\"arn:aws:iam::444455556666:role/with/path/example\")"),
        r#""arn:aws:iam::444455556666:role/example""#
    );
    for text in [
        "arn_parse(\"x\")",
        "arn_parse(\"arn:a:b:c:d\")",
        "trim_iam_role_path(\"arn:aws:iam::4:user/x\")",
        "trim_iam_role_path(\"arn:aws:s3:::role/x\")",
        "nope(1)",
    ] {
        assert!(result_in(Path::new("."), &format!("provider::aws::{text}")).is_err(), "{text}");
    }
}
