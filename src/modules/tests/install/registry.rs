//! Modules from registries, whose services are named by the user's settings so that no TLS is needed.

use std::fs;

use modules::load::Policy;

use crate::support::{Page, Repository, Server, Stack, zip};

/// A registry with these versions of `ns/name/aws`, each of which is at this place.
pub fn registry(versions: &[&str], location: &str) -> Server {
    let server = Server::start();
    let listed: Vec<String> = versions.iter().map(|version| format!("{{\"version\": \"{version}\"}}")).collect();
    let body = format!("{{\"modules\": [{{\"versions\": [{}]}}]}}", listed.join(","));
    server.page("/v1/modules/ns/name/aws/versions", Page::new(body));
    for version in versions {
        let version = version.trim_start_matches('v');
        let page = Page::status(204).header("X-Terraform-Get", location);
        server.page(&format!("/v1/modules/ns/name/aws/{version}/download"), page);
    }
    server
}

/// The settings of a user who says where the registry is, and has a token for it.
pub fn settings(server: &Server) -> String {
    format!(
        "host \"{address}\" {{\n  services = {{\n    \"modules.v1\" = \"http://{address}/v1/modules/\"\n  }}\n}}\ncredentials \"{address}\" {{\n  token = \"canary-token\"\n}}\n",
        address = server.address
    )
}

pub fn stack(server: &Server, subdir: &str, version: &str) -> Stack {
    let stack = Stack::new(&text(server, subdir, version));
    stack.write(&format!("--- home/.terraformrc\n{}", settings(server)));
    stack
}

fn text(server: &Server, subdir: &str, version: &str) -> String {
    let version = if version.is_empty() { String::new() } else { format!("  version = \"{version}\"\n") };
    format!("module \"a\" {{\n  source = \"{}/ns/name/aws{subdir}\"\n{version}}}\n", server.address)
}

fn chosen(stack: &Stack) -> String {
    let manifest = fs::read_to_string(stack.path(".infra/modules/modules.json")).expect("it is there");
    let json: serde_json::Value = serde_json::from_str(&manifest).expect("JSON");
    json["Modules"][1]["Version"].as_str().unwrap_or_default().to_string()
}

#[test]
fn the_newest_version_that_the_constraint_accepts_is_taken() {
    let repository = Repository::new("output \"x\" { value = 1 }\n");
    let server = registry(&["1.0.0", "1.1.0", "v1.1.5", "2.0.0-beta1", "bad"], &repository.url());
    for (constraint, expected) in
        [("", "1.1.5"), ("~> 1.0.0", "1.0.0"), ("2.0.0-beta1", "2.0.0-beta1"), ("!= 1.1.5", "1.1.0")]
    {
        let stack = stack(&server, "", constraint);
        stack.install();
        assert_eq!(chosen(&stack), expected, "{constraint}");
    }
    let asked = server.asked();
    assert!(asked.iter().all(|asked| asked.headers.get("authorization").is_some_and(|it| it == "Bearer canary-token")));
}

#[test]
fn the_locked_version_stays_until_an_upgrade_or_another_constraint() {
    let repository = Repository::new("output \"x\" { value = 1 }\n");
    let server = registry(&["1.0.0"], &repository.url());
    let first = stack(&server, "", "~> 1.0");
    first.install();
    let newer = registry(&["1.0.0", "1.2.0"], &repository.url());
    let move_to = |stack: &Stack, version: &str| stack.write(&text(&newer, "", version));
    let second = stack(&newer, "", "~> 1.0");
    fs::write(second.path(".infra.lock.hcl"), first.lock_file().replace(&server.address, &newer.address))
        .expect("writable");
    second.install();
    assert_eq!(chosen(&second), "1.0.0");
    assert!(
        newer.asked().iter().all(|asked| !asked.target.ends_with("/versions")),
        "a locked version is not searched for"
    );
    move_to(&second, "> 1.0");
    second.install();
    assert_eq!(chosen(&second), "1.2.0");
    move_to(&second, "~> 1.0");
    assert_eq!(second.load(Policy::Tidy).messages, "");
    assert!(!second.lock_file().contains("1.0.0"), "{}", second.lock_file());
    assert_eq!(second.load(Policy::Upgrade).messages, "");
    assert_eq!(chosen(&second), "1.2.0");
}

#[test]
fn the_registry_may_name_a_folder_of_the_package() {
    let repository = Repository::new(
        "--- modules/deep/er/main.tf\nmodule \"up\" {\n  source = \"../../../shared\"\n}\n--- shared/main.tf\n",
    );
    let server = registry(&["1.0.0"], &format!("{}//modules/deep", repository.url()));
    let stack = stack(&server, "//er", "");
    let expected = ["module.a .infra/modules/a/modules/deep/er", "module.a.module.up .infra/modules/a/shared"];
    assert_eq!(stack.install().paths(), expected);
    // With the package still there, the lock file is enough.
    fs::remove_dir_all(stack.path(".infra/modules")).expect("it is there");
    let before = server.asked().len();
    let again = stack.install();
    assert_eq!(
        (again.paths(), server.asked().len(), again.downloads()),
        (expected.map(String::from).to_vec(), before, 0)
    );
}

#[test]
fn a_location_may_be_relative_to_the_answer() {
    let server = registry(&["1.0.0"], "/files/vpc.zip");
    server.page("/files/vpc.zip", Page::new(zip(&[("main.tf", "output \"x\" { value = 1 }\n")])));
    stack(&server, "", "").install();
    // The token is for the registry alone.
    let download = server.asked().pop().expect("it was asked");
    assert_eq!((download.target.as_str(), download.headers.get("authorization")), ("/files/vpc.zip", None));
}

#[test]
fn what_a_registry_does_not_have_is_said_as_terraform_says_it() {
    let server = registry(&["1.0.0", "1.1.5"], "git::file:///nowhere");
    let messages = stack(&server, "", "> 3").load(Policy::Missing).messages;
    assert!(
        messages.contains("Unresolvable module version constraint") && messages.contains("The newest is 1.1.5"),
        "{messages}"
    );
    let missing = stack(&server, "", "");
    missing.write(&format!("module \"a\" {{\n  source = \"{}/ns/other/aws\"\n}}\n", server.address));
    let messages = missing.load(Policy::Missing).messages;
    assert!(messages.contains("Module not found"), "{messages}");
    server.page("/v1/modules/ns/name/aws/versions", Page::status(401));
    let denied = stack(&server, "", "").load(Policy::Missing).messages;
    assert!(denied.contains("does not let you see") && denied.contains("TF_TOKEN_"), "{denied}");
    assert!(!denied.contains("canary-token"), "{denied}");
    server.page("/v1/modules/ns/name/aws/versions", Page::new("<html>"));
    let broken = stack(&server, "", "").load(Policy::Missing).messages;
    assert!(broken.contains("Error accessing remote module registry"), "{broken}");
}

#[test]
fn a_version_needs_a_registry() {
    for source in ["git::https://example.com/x.git", "github.com/foo/bar", "https://example.com/x.zip"] {
        let stack = Stack::new(&format!("module \"a\" {{\n  source = \"{source}\"\n  version = \"1.0\"\n}}\n"));
        let messages = stack.load(Policy::Missing).messages;
        assert!(messages.starts_with("error main.tf line 2: Invalid registry module source address"), "{messages}");
        assert!(!stack.path(".infra").exists());
    }
}
