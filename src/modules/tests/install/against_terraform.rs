//! What Terraform makes of module sources is made of them here, where Terraform is installed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use modules::load::Policy;
use modules::source::Source;

use crate::registry::{registry, settings};
use crate::support::{Repository, Stack};

/// Sources with and without a version. Those that only a network could tell more of are refused by Terraform as well.
const SOURCES: &str = r#"
hashicorp/consul/aws
hashicorp/consul/aws @ ~> 1.0
app.example.com/ns/name/prov//sub/dir
EXAMPLE.com:8443/ns/name/prov
127.0.0.1:9/ns/name/prov
ns/name/prov//sub//x
ns/name/prov//*
a--b/c/d
a_b/c/d
-a/b/c
a-/b/c
a/b/cD
ns/na.me/prov
ns/name/pro-v
a//b/c
a/b/c//../x
ns/name/prov?ref=1
ns/name/prov/sub
xn--80akhbyknj4f.com/a/b/c
github.com/foo/bar
github.com/foo/bar.git
github.com/foo/bar//sub?ref=v1
github.com/foo/bar/baz/quux//sub?ref=v1
github.com/foo/bar/
github.com/foo
github.com/
github.com/ns/name/prov
bitbucket.org/foo/bar
bitbucket.org/ns/name/prov
git::github.com/foo/bar//modules/deep
git@github.com:foo/bar.git//x?ref=y&depth=1
git@host.com:/foo/bar.git
git@host.com:22/foo/bar.git
git@host.com/foo/bar.git
user@host.com:foo/bar.git
git::https://example.com/foo.git?ref=1
git::ssh://git@example.com/foo.git
git::git@example.com:foo/bar.git
git::ssh://git@github.com:foo/bar.git
git::example.com/foo
git::/nonexistent/repo//x
git::./x
git::https://example.com//foo.git
git::https://example.com/foo.git//.
git::https://example.com/foo.git//./modules/
git::https://example.com/foo.git//
file:///nonexistent/foo
/nonexistent/foo//bar
modules/x
foo
.
..
~/foo
 ./foo
example.com/foo.git
https://example.com/x.zip//../y
https://example.com/x.zip//a/../../y
https://exam ple.com/x.zip
https://example.com/%zz.zip
https://github.com/foo/bar
http::https://example.com/x.zip
https::example.com/x.zip
ssh://git@github.com/foo/bar.git
foo::https://example.com/x
ftp://example.com/x
localhost:8080/ns/name/prov
C:/foo
://x
:
github.com/foo/bar @ 1.0
https://example.com/x.zip @ 1.0
git::https://example.com/x @ 1.0
ns/name @ 1.0
a/b/c/d/e @ 1.0
a.b/c/d/e @ 1.0
www.googleapis.com/storage
s3.amazonaws.com
a.bucket.s3.eu-west-1.amazonaws.com/k.zip
"#;

const SKIPPED: &str = "skipped: terraform is not on the PATH";

fn terraform_is_installed() -> bool {
    Command::new("terraform").arg("version").output().is_ok()
}

/// Runs Terraform where nothing can be reached.
fn terraform(dir: &Path, settings: &Path, arguments: &[&str]) -> String {
    let output = Command::new("terraform")
        .args(arguments)
        .current_dir(dir)
        .env("TF_CLI_CONFIG_FILE", settings)
        .env("CHECKPOINT_DISABLE", "1")
        .env("TF_REGISTRY_DISCOVERY_RETRY", "0")
        .env("HTTPS_PROXY", "http://127.0.0.1:9")
        .env("HTTP_PROXY", "http://127.0.0.1:9")
        .env("NO_PROXY", "127.0.0.1")
        .env("GIT_ALLOW_PROTOCOL", "file")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .output()
        .expect("it is installed");
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

#[test]
fn sources_are_accepted_and_completed_as_terraform_does_it() {
    if !terraform_is_installed() {
        println!("{SKIPPED}");
        return;
    }
    let sources: Vec<&str> = SOURCES.lines().filter(|line| !line.is_empty()).collect();
    let mut text = String::new();
    for (index, source) in sources.iter().enumerate() {
        let (source, version) = source.split_once(" @ ").unwrap_or((source, ""));
        let version = if version.is_empty() { String::new() } else { format!("\n  version = \"{version}\"") };
        text.push_str(&format!("module \"m{index}\" {{\n  source = \"{source}\"{version}\n}}\n"));
    }
    let dir = tempfile::tempdir().expect("temporary folders can be made");
    std::fs::write(dir.path().join("main.tf"), text).expect("writable");
    let none = dir.path().join("none.tfrc");
    std::fs::write(&none, "").expect("writable");
    let said = terraform(dir.path(), &none, &["init", "-backend=false", "-json"]);
    let mut downloads: BTreeMap<usize, String> = BTreeMap::new();
    let mut refused: BTreeSet<usize> = BTreeSet::new();
    for line in said.lines() {
        let Ok(json) = serde_json::from_str::<serde_json::Value>(line) else { continue };
        let message = json["@message"].as_str().unwrap_or_default();
        if let Some((package, name)) = message.strip_prefix("Downloading ").and_then(|rest| rest.rsplit_once(" for m"))
        {
            let index = name.trim_end_matches("...").parse().expect("modules are numbered");
            downloads.insert(index, package.to_string());
        }
        let snippet = json["diagnostic"]["snippet"]["context"].as_str().unwrap_or_default();
        if let Some(index) = snippet.strip_prefix("module \"m").and_then(|rest| rest.trim_end_matches('"').parse().ok())
            && message.contains("module source address")
        {
            refused.insert(index);
        }
    }
    assert!(!downloads.is_empty() && !refused.is_empty(), "{said}");
    let mut differences = Vec::new();
    for (index, source) in sources.iter().enumerate() {
        let (text, version) = source.split_once(" @ ").unwrap_or((source, ""));
        let ours = Source::parse(text, !version.is_empty());
        let agrees = match &ours {
            Err(_) => refused.contains(&index),
            Ok(Source::Remote { package, .. }) => downloads.get(&index) == Some(&package.to_string()),
            Ok(Source::Local(_) | Source::Registry { .. }) => {
                !refused.contains(&index) && !downloads.contains_key(&index)
            }
        };
        if !agrees {
            let theirs = downloads.get(&index).map_or("nothing to download", String::as_str);
            differences.push(format!("{source}: {ours:?} and {theirs}, refused: {}", refused.contains(&index)));
        }
    }
    assert_eq!(differences, Vec::<String>::new(), "of {} sources", sources.len());
    println!("{} sources agree", sources.len());
}

/// The modules of Terraform's manifest or ours: key, source, version, and the folder without where modules are kept.
fn manifest(dir: &Path, folder: &str) -> Vec<String> {
    let text = std::fs::read_to_string(dir.join(folder).join("modules/modules.json")).expect("it was written");
    let json: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let field = |entry: &serde_json::Value, name: &str| entry[name].as_str().unwrap_or_default().to_string();
    let entries = json["Modules"].as_array().expect("a list").iter();
    let mut lines: Vec<String> = entries
        .map(|entry| {
            let dir = field(entry, "Dir").replace(&format!("{folder}/"), "");
            format!("{} {} {} {dir}", field(entry, "Key"), field(entry, "Source"), field(entry, "Version"))
        })
        .collect();
    lines.sort();
    lines
}

#[test]
fn the_same_modules_are_installed_in_the_same_places() {
    if !terraform_is_installed() {
        println!("{SKIPPED}");
        return;
    }
    let repository = Repository::new(
        "module \"deep\" {\n  source = \"./modules/deep\"\n}\n--- modules/deep/main.tf\nmodule \"er\" {\n  source = \"./er/\"\n}\n\
         --- modules/deep/er/main.tf\nmodule \"shared\" {\n  source = \"../../../shared\"\n}\n--- shared/main.tf\noutput \"x\" {\n  value = path.module\n}\n",
    );
    repository.git(&["tag", "v1"]);
    // Terraform copies a folder that it has linked to already; so each is called once.
    let folder = Repository::new("--- sub/main.tf\nmodule \"er\" {\n  source = \"../er\"\n}\n--- er/main.tf\n");
    let folder = folder.dir.path().canonicalize().expect("it is there");
    let (url, path) = (repository.url(), repository.dir.path().canonicalize().expect("it is there"));
    let server = registry(&["1.0.0", "1.1.0", "2.0.0-rc1"], &format!("{url}//modules/deep?ref=v1"));
    let stack = Stack::new(&format!(
        "module \"git\" {{\n  source = \"{url}\"\n}}\nmodule \"sub\" {{\n  source = \"{url}//modules/deep?ref=v1\"\n}}\n\
         module \"wild\" {{\n  source = \"{url}//modules/*/er?ref=main\"\n}}\nmodule \"folder\" {{\n  source = \"{path}\"\n}}\n\
         module \"inner\" {{\n  source = \"{folder}//sub\"\n}}\nmodule \"local\" {{\n  source = \"./local\"\n}}\n\
         module \"registry\" {{\n  source = \"{address}/ns/name/aws\"\n}}\nmodule \"old\" {{\n  source = \"{address}/ns/name/aws//er\"\n  version = \"~> 1.0.0\"\n}}\n\
         --- local/main.tf\nmodule \"git\" {{\n  source = \"{url}//shared\"\n}}\n",
        path = path.display(),
        folder = folder.display(),
        address = server.address,
    ));
    stack.write(&format!("--- home/.terraformrc\n{}", settings(&server)));
    stack.install();
    let said = terraform(stack.dir.path(), &stack.path("home/.terraformrc"), &["get", "-no-color"]);
    assert!(stack.path(".terraform/modules/modules.json").exists(), "{said}");
    assert_eq!(manifest(stack.dir.path(), ".infra"), manifest(stack.dir.path(), ".terraform"));
}

#[test]
fn what_terraform_installed_is_used_where_it_fits() {
    if !terraform_is_installed() {
        println!("{SKIPPED}");
        return;
    }
    let repository = Repository::new("module \"sub\" {\n  source = \"./sub\"\n}\n--- sub/main.tf\n");
    let stack = Stack::new(&format!("module \"a\" {{\n  source = \"{}\"\n}}\n", repository.url()));
    let none = stack.path("none.tfrc");
    std::fs::write(&none, "").expect("writable");
    terraform(stack.dir.path(), &none, &["get", "-no-color"]);
    let theirs = ["module.a .terraform/modules/a", "module.a.module.sub .terraform/modules/a/sub"];
    let loaded = stack.install();
    assert_eq!((loaded.paths(), loaded.events), (theirs.map(String::from).to_vec(), Vec::new()));
    assert!(!stack.path(".infra").exists() && !stack.path(".infra.lock.hcl").exists());

    // A newer lock file of somebody else asks for other contents than Terraform installed.
    repository.commit("output \"x\" {\n  value = 1\n}\n--- sub/main.tf\n");
    let other = Stack::new(&format!("module \"a\" {{\n  source = \"{}\"\n}}\n", repository.url()));
    other.install();
    std::fs::write(stack.path(".infra.lock.hcl"), other.lock_file()).expect("writable");
    assert_eq!(stack.install().paths(), ["module.a .infra/modules/a"]);

    // So does another source.
    stack.write(&format!("module \"a\" {{\n  source = \"{}?ref=main\"\n}}\n", repository.url()));
    assert_eq!(stack.load(Policy::Missing).paths(), ["module.a .infra/modules/a"]);
}
