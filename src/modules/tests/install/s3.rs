//! Archives in services that speak like S3.

use modules::load::Policy;

use crate::support::{Page, Server, Stack, zip};

#[test]
fn objects_are_asked_for_with_a_signature() {
    let server = Server::start();
    server.page("/bucket/vpc.zip", Page::new(zip(&[("main.tf", "output \"x\" { value = 1 }\n")])));
    let source = format!(
        "s3::{}?region=eu-west-1&aws_access_key_id=AKIAX&aws_access_key_secret=canary-secret",
        server.url("/bucket/vpc.zip")
    );
    let stack = Stack::new(&format!("module \"a\" {{\n  source = \"{source}\"\n}}\n"));
    let loaded = stack.install();
    let asked = &server.asked()[0];
    let authorization = &asked.headers["authorization"];
    assert!(authorization.starts_with("AWS4-HMAC-SHA256 Credential=AKIAX/"), "{authorization}");
    assert!(authorization.contains("/eu-west-1/s3/aws4_request"), "{authorization}");
    assert_eq!(asked.target, "/bucket/vpc.zip");
    assert!(!format!("{:?}{}", loaded.events, stack.lock_file()).contains("canary-secret"));
}

#[test]
fn objects_that_are_no_archives_are_refused() {
    let server = Server::start();
    let stack = Stack::new(&format!("module \"a\" {{\n  source = \"s3::{}\"\n}}\n", server.url("/bucket/folder")));
    let messages = stack.load(Policy::Missing).messages;
    assert!(messages.contains("only archives are fetched from S3"), "{messages}");
    let missing = Stack::new(&format!("module \"a\" {{\n  source = \"s3::{}\"\n}}\n", server.url("/bucket/x.zip")));
    let messages = missing.load(Policy::Missing).messages;
    assert!(messages.contains("the status 404"), "{messages}");
    // Nobody's credentials: the request is not signed.
    assert!(!server.asked()[0].headers.contains_key("authorization"));
}
