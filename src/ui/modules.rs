//! Modules and providers: what is said while modules are installed, and trees of what a configuration calls and needs.

use std::path::PathBuf;

use model::address::ProviderAddr;
use serde_json::{Value as Json, json};

use crate::escape::inert_line;
use crate::style::{self, paint};

/// A module of a configuration, with those that it calls.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ModuleNode {
    /// The name of the call; empty for the root module.
    pub name: String,
    /// The source in its normal form.
    pub source: String,
    /// The version, for a module of a registry.
    pub version: Option<String>,
    /// What the call says of versions.
    pub constraint: Option<String>,
    /// The providers that its own blocks need, with the constraints it sets.
    pub providers: Vec<(ProviderAddr, Option<String>)>,
    pub modules: Vec<ModuleNode>,
}

/// Says that a package is fetched.
pub fn downloading(package: &str, version: Option<&str>, key: &str) -> String {
    let version = version.map_or(String::new(), |version| format!(" {version}"));
    inert_line(&format!("Downloading {package}{version} for {key}...")).into_owned()
}

/// Says where a module is.
pub fn installed(key: &str, dir: &str) -> String {
    inert_line(&format!("- {key} in {dir}")).into_owned()
}

/// Says that there is another process.
pub fn waiting() -> String {
    "Waiting for another process that installs modules here...".into()
}

/// Says what of a package was not taken.
pub fn left_out(package: &str, links: &[PathBuf]) -> String {
    let names: Vec<String> = links.iter().map(|link| link.display().to_string()).collect();
    inert_line(&format!("Left out of {package}, since it leads out of it: {}", names.join(", "))).into_owned()
}

/// Says that a folder is ready.
pub fn initialized(place: Option<&str>) -> String {
    let place = place.map_or(String::new(), |place| format!("The state is kept in {place}.\n"));
    format!(
        "\n{}\n\nProviders are part of infra, so there was none to install. {place}",
        paint(style::GOOD, "infra has been successfully initialized!")
    )
}

/// Says that there is nothing to make ready.
pub fn initialized_empty() -> String {
    format!(
        "{}\n\nThere are no configuration files in this folder yet.\n",
        paint(style::GOOD, "infra initialized in an empty directory!")
    )
}

/// `providers`: which module needs which provider, and what the state needs.
pub fn providers(root: &ModuleNode, of_state: &[ProviderAddr]) -> String {
    let mut text = format!(
        "\nProviders required by configuration:\n.\n{}",
        tree(root, &provider_lines, &|module| { format!("module.{}", module.name) })
    );
    if !of_state.is_empty() {
        text.push_str("\nProviders required by state:\n\n");
        of_state.iter().for_each(|addr| text.push_str(&format!("    {}\n\n", provider(addr))));
    } else {
        text.push('\n');
    }
    text
}

/// `modules`: which module calls which.
pub fn modules(root: &ModuleNode) -> String {
    if root.modules.is_empty() {
        return "No modules found in configuration.\n".into();
    }
    let label = |module: &ModuleNode| {
        let version = module.version.as_ref().map_or(String::new(), |version| format!(" {version}"));
        let constraint = module.constraint.as_ref().map_or(String::new(), |constraint| format!(" ({constraint})"));
        inert_line(&format!("\"{}\"[{}]{version}{constraint}", module.name, module.source)).into_owned()
    };
    format!("\nModules declared by configuration:\n.\n{}\n", tree(root, &|_| Vec::new(), &label))
}

/// `modules -json`, in Terraform's format.
pub fn modules_json(root: &ModuleNode) -> Json {
    fn collect(module: &ModuleNode, all: &mut Vec<Json>) {
        for called in &module.modules {
            let version = called.version.as_deref().unwrap_or("");
            all.push(json!({"key": called.name, "source": called.source, "version": version}));
            collect(called, all);
        }
    }
    let mut all = Vec::new();
    collect(root, &mut all);
    json!({"format_version": "1.0", "modules": if all.is_empty() { Json::Null } else { all.into() }})
}

fn provider(addr: &ProviderAddr) -> String {
    format!("provider[{addr}]")
}

fn provider_lines(module: &ModuleNode) -> Vec<String> {
    let line = |(addr, constraint): &(ProviderAddr, Option<String>)| match constraint {
        Some(constraint) => format!("{} {constraint}", provider(addr)),
        None => provider(addr),
    };
    module.providers.iter().map(line).collect()
}

/// The lines and modules below a module, with branches drawn.
fn tree(
    module: &ModuleNode,
    lines: &dyn Fn(&ModuleNode) -> Vec<String>,
    label: &dyn Fn(&ModuleNode) -> String,
) -> String {
    let own = lines(module);
    let count = own.len() + module.modules.len();
    let branch = |place: usize| if place + 1 == count { ("└── ", "    ") } else { ("├── ", "│   ") };
    let mut text = String::new();
    for (place, line) in own.iter().enumerate() {
        text.push_str(&format!("{}{line}\n", branch(place).0));
    }
    for (place, called) in module.modules.iter().enumerate() {
        let (here, below) = branch(own.len() + place);
        text.push_str(&format!("{here}{}\n", label(called)));
        for line in tree(called, lines, label).lines() {
            text.push_str(&format!("{below}{line}\n"));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::style::plain;

    fn example() -> ModuleNode {
        let aws = || ProviderAddr::registry("hashicorp", "aws");
        let module = |name: &str, providers, modules| ModuleNode {
            name: name.into(),
            source: format!("./{name}"),
            version: None,
            constraint: None,
            providers,
            modules,
        };
        let deep = module("deep", vec![(aws(), None)], Vec::new());
        let mut vpc = module("vpc", vec![(aws(), Some("~> 5.1".into()))], vec![deep]);
        vpc.source = "registry.terraform.io/a/b/c".into();
        vpc.version = Some("1.2.0".into());
        vpc.constraint = Some("~> 1.0".into());
        let last = module("last", Vec::new(), Vec::new());
        module("", vec![(ProviderAddr::builtin(), None), (aws(), Some(">= 5.0.0".into()))], vec![vpc, last])
    }

    #[test]
    fn providers_are_a_tree_of_modules() {
        let of_state = [ProviderAddr::registry("hashicorp", "aws")];
        insta::assert_snapshot!(providers(&example(), &of_state), @r"

        Providers required by configuration:
        .
        ├── provider[terraform.io/builtin/terraform]
        ├── provider[registry.terraform.io/hashicorp/aws] >= 5.0.0
        ├── module.vpc
        │   ├── provider[registry.terraform.io/hashicorp/aws] ~> 5.1
        │   └── module.deep
        │       └── provider[registry.terraform.io/hashicorp/aws]
        └── module.last

        Providers required by state:

            provider[registry.terraform.io/hashicorp/aws]
        ");
    }

    #[test]
    fn modules_are_a_tree_or_a_list() {
        insta::assert_snapshot!(modules(&example()), @r#"

        Modules declared by configuration:
        .
        ├── "vpc"[registry.terraform.io/a/b/c] 1.2.0 (~> 1.0)
        │   └── "deep"[./deep]
        └── "last"[./last]
        "#);
        insta::assert_snapshot!(modules_json(&example()), @r#"{"format_version":"1.0","modules":[{"key":"vpc","source":"registry.terraform.io/a/b/c","version":"1.2.0"},{"key":"deep","source":"./deep","version":""},{"key":"last","source":"./last","version":""}]}"#);
        assert_eq!(modules_json(&ModuleNode::default())["modules"], Json::Null);
    }

    #[test]
    fn control_characters_in_addresses_are_inert() {
        assert!(!downloading("git::https://h/\u{1b}[31m", None, "a").contains('\u{1b}'));
        assert!(plain(&initialized_empty()).contains("empty"));
    }
}
