//! Modules that tests run in the place of the root module.

use std::fs;

use model::address::ModuleAddr;
use modules::load::Policy;

use crate::registry::{registry, settings};
use crate::support::{Repository, Stack};

fn keys(stack: &Stack) -> Vec<String> {
    let manifest = fs::read_to_string(stack.path(".infra/modules/modules.json")).expect("it is there");
    let json: serde_json::Value = serde_json::from_str(&manifest).expect("JSON");
    let entries = json["Modules"].as_array().expect("a list");
    entries
        .iter()
        .map(|entry| format!("{} {} {}", entry["Key"], entry["Source"], entry["Dir"]).replace('"', ""))
        .collect()
}

fn key(run: &str) -> ModuleAddr {
    ModuleAddr(["test", "tests", "main", run].map(Into::into).into())
}

#[test]
fn modules_of_runs_and_those_they_call_are_installed_beside_those_of_the_stack() {
    let repository =
        Repository::new("module \"inner\" {\n  source = \"./inner\"\n}\n--- inner/x.tf\noutput \"x\" { value = 1 }\n");
    let server = registry(&["1.0.0", "2.0.0"], &repository.url());
    let source = format!("{}/ns/name/aws", server.address);
    let text = format!("module \"a\" {{\n  source = \"{}\"\n}}\n", repository.url());
    let setup = format!("--- setup/main.tf\nmodule \"b\" {{\n  source = \"{}\"\n}}\n", repository.url());
    let stack = Stack::new(&text);
    stack.write(&setup);
    stack.write(&format!("--- home/.terraformrc\n{}", settings(&server)));
    stack.install();
    let (local, remote) = (key("setup"), key("far"));

    let loaded = stack.load_run(&local, "./setup", None);
    assert_eq!(loaded.messages, "");
    assert_eq!(
        loaded.paths(),
        [
            "module.b .infra/modules/test.tests.main.setup.b",
            "module.b.module.inner .infra/modules/test.tests.main.setup.b/inner"
        ]
    );

    let loaded = stack.load_run(&remote, &source, Some("~> 1.0"));
    assert_eq!(loaded.messages, "");
    assert_eq!(&*loaded.config.root().path, ".infra/modules/test.tests.main.far");
    assert_eq!(loaded.paths(), ["module.inner .infra/modules/test.tests.main.far/inner"]);

    let all = keys(&stack);
    let names: Vec<&str> = all.iter().map(|entry| entry.split(' ').next().unwrap_or_default()).collect();
    let runs = ["far", "far.inner", "setup", "setup.b", "setup.b.inner"].map(|run| format!("test.tests.main.{run}"));
    assert_eq!(names[..3], ["", "a", "a.inner"]);
    assert_eq!(names[3..], runs);

    // Nothing is asked for again, and tidying the stack leaves them.
    let asked = server.asked().len();
    assert_eq!(stack.load_run(&remote, &source, Some("~> 1.0")).events, Vec::<String>::new());
    let locked = stack.lock_file();
    assert_eq!(stack.load(Policy::Tidy).messages, "");
    assert_eq!((keys(&stack), stack.lock_file()), (all, locked));
    assert_eq!(stack.load_run(&local, "./setup", None).events, Vec::<String>::new());
    assert_eq!(server.asked().len(), asked);

    let loaded = stack.load_run(&remote, &source, Some("2.0.0"));
    assert_eq!((loaded.messages.as_str(), loaded.downloads()), ("", 1));
}

#[test]
fn runs_take_folders_and_modules_of_registries_only() {
    let stack = Stack::new("");
    let run = key("setup");
    for (source, version, expected) in [
        (
            "git::file:///nowhere",
            None,
            "Invalid module source address: The module `git::file:///nowhere` is neither a folder nor in a registry",
        ),
        ("./nowhere", None, "Module not installed: There is no folder `./nowhere`"),
        ("./nowhere", Some("1.0"), "Invalid registry module source address"),
        ("nothing at all", None, "Invalid module source address"),
    ] {
        let loaded = stack.load_run(&run, source, version);
        assert!(loaded.messages.contains(expected), "{source}: {}", loaded.messages);
    }
}
