//! Modules from git repositories.

use std::fs;
use std::os::unix::fs::symlink;

use modules::load::Policy;

use crate::support::{Repository, Stack};

/// A package whose modules call each other over three levels, up and down.
const NESTED: &str = r#"
module "deep" {
  source = "./modules/deep"
}
--- modules/deep/main.tf
module "deeper" {
  source = "./er"
}
--- modules/deep/er/main.tf
module "shared" {
  source = "../../../shared"
}
--- shared/main.tf
output "version" { value = 1 }
"#;

#[test]
fn modules_of_one_package_call_each_other_and_it_is_fetched_once() {
    let repository = Repository::new(NESTED);
    let stack = Stack::new(&format!(
        "module \"a\" {{\n  source = \"{url}\"\n}}\nmodule \"b\" {{\n  source = \"{url}//modules/deep\"\n}}\nmodule \"c\" {{\n  source = \"{url}//modules/../shared\"\n}}\n",
        url = repository.url()
    ));
    let loaded = stack.install();
    assert_eq!(
        loaded.paths(),
        [
            "module.a .infra/modules/a",
            "module.a.module.deep .infra/modules/a/modules/deep",
            "module.a.module.deep.module.deeper .infra/modules/a/modules/deep/er",
            "module.a.module.deep.module.deeper.module.shared .infra/modules/a/shared",
            "module.b .infra/modules/b/modules/deep",
            "module.b.module.deeper .infra/modules/b/modules/deep/er",
            "module.b.module.deeper.module.shared .infra/modules/b/shared",
            "module.c .infra/modules/c/shared",
        ]
    );
    assert_eq!(loaded.downloads(), 1, "{:?}", loaded.events);
    assert!(stack.path(".infra/modules/b/modules/deep/main.tf").is_file());
    assert!(!stack.path(".infra/modules/a/.git").exists());
    let again = stack.install();
    assert_eq!((again.paths(), again.events), (loaded.paths(), Vec::new()));
}

#[test]
fn a_ref_is_a_branch_a_tag_a_commit_or_what_leads_to_one() {
    let repository = Repository::new("output \"first\" { value = 1 }\n");
    let first = repository.git(&["rev-parse", "HEAD"]).trim().to_string();
    repository.git(&["tag", "v1.0.0"]);
    repository.commit("output \"second\" { value = 1 }\n");
    repository.git(&["branch", "feature/x"]);
    repository.commit("output \"third\" { value = 1 }\n");
    let output = |reference: &str| {
        let source = format!("{}?{reference}", repository.url());
        let stack = Stack::new(&format!("module \"a\" {{\n  source = \"{source}\"\n}}\n"));
        let loaded = stack.install();
        let module = loaded.config.modules.values().find(|module| !module.addr.is_root()).expect("it is installed");
        module.outputs.keys().map(|name| name.to_string()).collect::<String>()
    };
    assert_eq!(output("ref=v1.0.0"), "first");
    assert_eq!(output(&format!("ref={first}")), "first");
    assert_eq!(output(&format!("ref={}", &first[..9])), "first");
    assert_eq!(output("ref=feature/x"), "second");
    assert_eq!(output("ref=origin/feature/x"), "second");
    assert_eq!(output("ref=main~2&depth=1"), "first");
    assert_eq!(output("depth=1"), "third");
}

#[test]
fn mistakes_are_said_at_the_source_and_nothing_is_left() {
    let repository = Repository::new(
        "output \"x\" { value = 1 }\n--- bad/main.tf\nmodule \"out\" {\n  source = \"../../outside\"\n}\n",
    );
    let url = repository.url();
    let said = |source: &str| {
        let stack = Stack::new(&format!("module \"a\" {{\n  source = \"{source}\"\n}}\n"));
        let messages = stack.load(Policy::Missing).messages;
        assert!(!stack.path(".infra.lock.hcl").exists() && !stack.path(".infra/modules/modules.json").exists());
        messages.replace(repository.dir.path().to_str().expect("text"), "REPOSITORY")
    };
    let message = said(&format!("{url}?ref=nope"));
    assert!(message.starts_with("error main.tf line 2: Failed to download module: The module a can't be had from git::file://REPOSITORY?ref=nope: the repository has no branch, tag or commit `nope`."), "{message}");
    let message = said(&format!("{url}//nope"));
    assert!(message.starts_with("error main.tf line 2: Unreadable module subdirectory: The module a is not in git::file://REPOSITORY: `nope` does not exist in the package."), "{message}");
    let message = said("git::file:///nowhere/at/all");
    assert!(
        message.contains("git could not fetch: '/nowhere/at/all' does not appear to be a git repository"),
        "{message}"
    );
    let message = said(&format!("{url}?ref=--upload-pack=touch"));
    assert!(message.contains("`--upload-pack=touch` can't be the name of a branch"), "{message}");
    let message = said("git::ext::sh -c touch");
    assert!(message.contains("not allowed"), "{message}");
    let message = said(&format!("{url}//bad"));
    assert!(
        message.starts_with("error .infra/modules/a/bad/main.tf line 2: Local module path escapes module package"),
        "{message}"
    );
}

#[test]
fn a_module_that_calls_itself_is_an_error() {
    let repository = Repository::new("");
    repository.commit(&format!("module \"again\" {{\n  source = \"{}\"\n}}\n", repository.url()));
    let stack = Stack::new(&format!("module \"a\" {{\n  source = \"{}\"\n}}\n", repository.url()));
    let loaded = stack.load(Policy::Missing);
    assert!(loaded.messages.contains("Module calls itself"), "{}", loaded.messages);
    assert_eq!(loaded.downloads(), 1);
}

#[test]
fn installed_modules_call_others_from_elsewhere() {
    let inner = Repository::new("output \"x\" { value = 1 }\n");
    let outer = Repository::new(&format!("module \"inner\" {{\n  source = \"{}\"\n}}\n", inner.url()));
    let stack = Stack::new(&format!("module \"outer\" {{\n  source = \"{}\"\n}}\n", outer.url()));
    let loaded = stack.install();
    assert_eq!(
        loaded.paths(),
        ["module.outer .infra/modules/outer", "module.outer.module.inner .infra/modules/outer.inner"]
    );
    assert_eq!(loaded.downloads(), 2);
}

#[test]
fn the_locked_commit_is_installed_until_an_upgrade() {
    let repository = Repository::new("output \"old\" { value = 1 }\n");
    let source = format!("module \"a\" {{\n  source = \"{}?ref=main\"\n}}\n", repository.url());
    let first = Stack::new(&source);
    first.install();
    let commit = repository.git(&["rev-parse", "HEAD"]);
    assert!(first.lock_file().contains(&format!("commit   = \"{}\"", commit.trim())), "{}", first.lock_file());
    repository.commit("output \"new\" { value = 1 }\n");

    let second = Stack::new(&source);
    fs::write(second.path(".infra.lock.hcl"), first.lock_file()).expect("writable");
    let output = |stack: &Stack, policy: Policy| {
        let loaded = stack.load(policy);
        assert_eq!(loaded.messages, "");
        let module = loaded.config.modules.values().find(|module| !module.addr.is_root()).expect("it is installed");
        module.outputs.keys().map(|name| name.to_string()).collect::<String>()
    };
    assert_eq!(output(&second, Policy::Missing), "old");
    assert_eq!(second.lock_file(), first.lock_file());
    assert_eq!(output(&second, Policy::Upgrade), "new");
    assert_ne!(second.lock_file(), first.lock_file());

    // The first checkout gets the newer lock file and follows it.
    fs::write(first.path(".infra.lock.hcl"), second.lock_file()).expect("writable");
    assert_eq!(output(&first, Policy::Missing), "new");
}

#[test]
fn a_locked_commit_that_is_gone_is_an_error_with_the_way_out() {
    let repository = Repository::new("output \"old\" { value = 1 }\n");
    let stack = Stack::new(&format!("module \"a\" {{\n  source = \"{}\"\n}}\n", repository.url()));
    stack.install();
    fs::remove_dir_all(stack.path(".infra")).expect("it is there");
    repository.git(&["commit", "--quiet", "--amend", "--message=other", "--allow-empty"]);
    repository.git(&["reflog", "expire", "--expire=now", "--all"]);
    repository.git(&["gc", "--quiet", "--prune=now"]);
    let messages = stack.load(Policy::Missing).messages;
    assert!(messages.contains("which the lock file asks for. (`infra init -upgrade`"), "{messages}");
}

#[test]
fn submodules_come_along() {
    let part = Repository::new("output \"x\" { value = 1 }\n");
    let repository = Repository::new("module \"part\" {\n  source = \"./part\"\n}\n");
    repository.git(&["submodule", "--quiet", "add", part.dir.path().to_str().expect("text"), "part"]);
    repository.commit("");
    let mut stack = Stack::new(&format!("module \"a\" {{\n  source = \"{}\"\n}}\n", repository.url()));
    for (name, value) in
        [("GIT_CONFIG_COUNT", "1"), ("GIT_CONFIG_KEY_0", "protocol.file.allow"), ("GIT_CONFIG_VALUE_0", "always")]
    {
        stack.environment.variables.insert(name.into(), value.into());
    }
    let loaded = stack.install();
    assert_eq!(loaded.paths(), ["module.a .infra/modules/a", "module.a.module.part .infra/modules/a/part"]);
    assert!(!stack.path(".infra/modules/a/part/.git").exists());
}

#[test]
fn links_out_of_a_repository_are_left_out_and_said() {
    let repository = Repository::new("output \"x\" { value = 1 }\n");
    symlink("/etc/hostname", repository.dir.path().join("host")).expect("writable");
    symlink("main.tf", repository.dir.path().join("same")).expect("writable");
    repository.commit("");
    let stack = Stack::new(&format!("module \"a\" {{\n  source = \"{}\"\n}}\n", repository.url()));
    let loaded = stack.install();
    assert!(loaded.events.iter().any(|event| event.ends_with("[\"host\"]")), "{:?}", loaded.events);
    assert!(stack.path(".infra/modules/a/host").symlink_metadata().is_err());
    assert!(stack.path(".infra/modules/a/same").is_file());
}

#[test]
fn the_repository_that_a_hook_runs_in_is_left_alone() {
    let repository = Repository::new("output \"x\" { value = 1 }\n");
    let mut stack = Stack::new(&format!("module \"a\" {{\n  source = \"{}\"\n}}\n", repository.url()));
    let other = stack.path("other.git");
    stack.environment.variables.insert("GIT_DIR".into(), other.display().to_string());
    stack.install();
    assert!(!other.exists());
}

#[test]
fn passwords_in_addresses_are_in_no_message_and_no_file() {
    let mut stack = Stack::new(
        "module \"a\" {\n  source = \"git::https://user:hunter2@127.0.0.1:1/x.git?sshkey=a2V5c2VjcmV0\"\n}\n",
    );
    let loaded = stack.load(Policy::Missing);
    assert!(loaded.messages.contains("git::https://***@127.0.0.1:1/x.git?sshkey=***"), "{}", loaded.messages);
    assert!(!loaded.messages.contains("hunter2") && !loaded.messages.contains("a2V5"), "{}", loaded.messages);

    let repository = Repository::new("output \"x\" { value = 1 }\n");
    let redirected = format!("url.file://{}.insteadOf", repository.dir.path().display());
    for (name, value) in [
        ("GIT_CONFIG_COUNT", "1"),
        ("GIT_CONFIG_KEY_0", redirected.as_str()),
        ("GIT_CONFIG_VALUE_0", "https://user:hunter2@127.0.0.1:1/x.git"),
    ] {
        stack.environment.variables.insert(name.into(), value.into());
    }
    let loaded = stack.install();
    let manifest = fs::read_to_string(stack.path(".infra/modules/modules.json")).expect("it is there");
    let said = format!("{:?}{manifest}{}", loaded.events, stack.lock_file());
    assert!(!said.contains("hunter2") && !said.contains("a2V5"), "{said}");
    assert!(said.contains("git::https://***@127.0.0.1:1/x.git?sshkey=***"), "{said}");
}
