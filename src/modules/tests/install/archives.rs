//! Modules from web servers and folders of this machine.

use std::fs;

use modules::load::Policy;
use sha2::Digest;

use crate::support::{Page, Repository, Server, Stack, write, zip};

const MODULE: &[(&str, &str)] =
    &[("main.tf", "output \"x\" { value = 1 }\n"), ("sub/main.tf", "output \"y\" { value = 1 }\n")];

fn call(source: &str) -> String {
    format!("module \"a\" {{\n  source = \"{source}\"\n}}\n")
}

#[test]
fn archives_are_unpacked_and_locked() {
    let server = Server::start();
    server.page("/vpc.zip", Page::new(zip(MODULE)));
    server.page("/download", Page::new(zip(MODULE)));
    let stack = Stack::new(&call(&server.url("/vpc.zip//sub")));
    assert_eq!(stack.install().paths(), ["module.a .infra/modules/a/sub"]);
    assert!(stack.lock_file().contains(&format!("module \"{}\" {{\n  checksum = \"sha256:", server.url("/vpc.zip"))));
    let named = Stack::new(&call(&server.url("/download?archive=zip&token=x")));
    named.install();
    let targets: Vec<String> = server.asked().into_iter().map(|asked| asked.target).collect();
    assert_eq!(targets, ["/vpc.zip", "/download?token=x"]);
}

#[test]
fn a_locked_archive_that_changed_is_refused() {
    let server = Server::start();
    server.page("/vpc.zip", Page::new(zip(MODULE)));
    let stack = Stack::new(&call(&server.url("/vpc.zip")));
    stack.install();
    let locked = stack.lock_file();
    server.page("/vpc.zip", Page::new(zip(&[("main.tf", "output \"evil\" { value = 1 }\n")])));
    fs::remove_dir_all(stack.path(".infra")).expect("it is there");
    let loaded = stack.load(Policy::Missing);
    assert!(
        loaded.messages.starts_with("error main.tf line 2: Module differs from the lock file"),
        "{}",
        loaded.messages
    );
    assert_eq!(stack.lock_file(), locked);
    assert!(!stack.path(".infra/modules/a").exists());
    let upgraded = stack.load(Policy::Upgrade);
    assert_eq!(upgraded.messages, "");
    assert_ne!(stack.lock_file(), locked);
}

#[test]
fn the_checksum_in_an_address_is_checked() {
    let server = Server::start();
    let bytes = zip(MODULE);
    let digest: String = sha2::Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    server.page("/vpc.zip", Page::new(bytes));
    Stack::new(&call(&server.url(&format!("/vpc.zip?checksum=sha256:{digest}")))).install();
    assert_eq!(server.asked().last().expect("it was asked").target, "/vpc.zip");
    let wrong = Stack::new(&call(&server.url(&format!("/vpc.zip?checksum=sha256:{}", digest.replace('a', "b")))));
    let messages = wrong.load(Policy::Missing).messages;
    assert!(messages.contains("the download has the SHA-256"), "{messages}");
    let unknown = Stack::new(&call(&server.url("/vpc.zip?checksum=file:http://x/y")));
    let messages = unknown.load(Policy::Missing).messages;
    assert!(messages.contains("the parameter `checksum` has the form"), "{messages}");
}

#[test]
fn a_page_says_where_the_module_is() {
    let server = Server::start();
    let repository =
        Repository::new("output \"x\" { value = 1 }\n--- sub/main.tf\nmodule \"up\" {\n  source = \"../\"\n}\n");
    server.page("/header", Page::status(204).header("X-Terraform-Get", &repository.url()));
    server.page("/relative", Page::new("").header("X-Terraform-Get", "./files/vpc.zip"));
    server.page("/files/vpc.zip", Page::new(zip(MODULE)));
    let meta = format!("<html><meta name=\"terraform-get\" content=\"{}\"></html>", server.url("/files/vpc.zip//sub"));
    server.page("/meta", Page::new(meta));
    server.page("/again", Page::new("").header("X-Terraform-Get", &server.url("/again")));
    server.page("/file", Page::new("").header("X-Terraform-Get", "file:///etc"));
    server.page("/nothing", Page::new("hello"));
    for path in ["/header", "/relative", "/meta"] {
        let loaded = Stack::new(&call(&server.url(path))).install();
        assert_eq!(loaded.paths(), ["module.a .infra/modules/a"], "{path}");
    }
    assert_eq!(server.asked()[0].target, "/header?terraform-get=1");
    for (path, expected) in [
        ("/again", "more than 10 times"),
        ("/file", "is on this machine, where nobody else says what to take"),
        ("/nothing", "names no module"),
        ("/missing", "the status 404"),
    ] {
        let messages = Stack::new(&call(&server.url(path))).load(Policy::Missing).messages;
        assert!(messages.contains(expected), "{path}: {messages}");
    }
}

#[test]
fn users_and_passwords_come_from_the_address_or_netrc() {
    let server = Server::start();
    server.page("/vpc.zip", Page::new(zip(MODULE)));
    let stack = Stack::new(&call(&format!("http://user:p%40ss@{}/vpc.zip", server.address)));
    stack.install();
    assert_eq!(server.asked()[0].headers["authorization"], "Basic dXNlcjpwQHNz");
    assert!(!stack.lock_file().contains("p%40ss"), "{}", stack.lock_file());
    let stack = Stack::new(&call(&server.url("/vpc.zip")));
    write(stack.dir.path(), "--- home/.netrc\nmachine 127.0.0.1 login a password b\n");
    stack.install();
    assert_eq!(server.asked()[1].headers["authorization"], "Basic YTpi");
}

#[test]
fn hostile_archives_leave_nothing() {
    let server = Server::start();
    server.page("/evil.zip", Page::new(zip(&[("../../../evil.tf", "")])));
    server.page("/half.zip", Page::new(zip(MODULE)[..40].to_vec()));
    for path in ["/evil.zip", "/half.zip"] {
        let stack = Stack::new(&call(&server.url(path)));
        let messages = stack.load(Policy::Missing).messages;
        assert!(messages.contains("Failed to download module"), "{messages}");
        assert!(!stack.path(".infra/modules/a").exists() && !stack.path("evil.tf").exists());
    }
}

#[test]
fn ways_that_are_not_supported_are_named() {
    for (source, expected) in [
        ("hg::http://example.com/x", "Mercurial repositories are not supported"),
        ("gcs::https://www.googleapis.com/storage/v1/b/k.zip", "Google Cloud Storage is not supported"),
        ("ssh://git@example.com/x.git", "write git::ssh://"),
        ("ftp://example.com/x.zip", "nothing is known of how to fetch from `ftp:`"),
    ] {
        let messages = Stack::new(&call(source)).load(Policy::Missing).messages;
        assert!(messages.contains(expected), "{messages}");
    }
}

#[test]
fn a_folder_of_this_machine_is_used_where_it_is_and_not_locked() {
    let folder = tempfile::tempdir().expect("temporary folders can be made");
    write(folder.path(), "module \"sub\" {\n  source = \"./sub\"\n}\n--- sub/main.tf\noutput \"y\" { value = 1 }\n");
    let real = folder.path().canonicalize().expect("it is there");
    let stack = Stack::new(&call(&folder.path().display().to_string()));
    let loaded = stack.install();
    assert_eq!(
        loaded.paths(),
        ["module.a .infra/modules/a".to_string(), format!("module.a.module.sub {}/sub", real.display())]
    );
    assert_eq!(stack.lock_file(), "");
    write(folder.path(), "output \"changed\" { value = 1 }\n");
    assert_eq!(stack.install().paths(), ["module.a .infra/modules/a"]);

    let inner = Stack::new(&call(&format!("{}//sub", folder.path().display())));
    assert_eq!(inner.install().paths(), ["module.a .infra/modules/a/sub"]);
    assert_eq!(inner.lock_file(), "");
    fs::write(folder.path().join("vpc.zip"), zip(MODULE)).expect("writable");
    let archive = Stack::new(&call(&format!("file://{}/vpc.zip//s*", folder.path().display())));
    assert_eq!(archive.install().paths(), ["module.a .infra/modules/a/sub"]);
    let missing = Stack::new(&call("/nowhere/at/all")).load(Policy::Missing).messages;
    assert!(missing.contains("the folder `/nowhere/at/all` does not exist"), "{missing}");
}
