//! Commands that change a state by hand, each beside Terraform: the states must be equal afterwards.

use std::path::Path;

use serde_json::Value as Json;

use crate::project::{Project, terraform_without_providers};

/// Single, counted and keyed resources, in the root module and in counted and keyed modules with one inside.
const ROOT: &str = r#"
resource "terraform_data" "one" {
  input = "a"
}
resource "terraform_data" "counted" {
  count = 2
  input = count.index
}
resource "terraform_data" "keyed" {
  for_each   = toset(["x", "y"])
  input      = each.key
  depends_on = [terraform_data.one]
}
module "m" {
  source = "./m"
  count  = 2
}
module "k" {
  source   = "./m"
  for_each = toset(["p", "q"])
}
module "s" {
  source = "./m"
}
resource "terraform_data" "last" {
  input      = terraform_data.counted[0].id
  depends_on = [module.s]
}
output "o" {
  value = terraform_data.one.id
}
"#;
const MODULE: &str = r#"
resource "terraform_data" "in" {
  input = "a"
}
resource "terraform_data" "of" {
  count = 2
  input = terraform_data.in.id
}
module "n" {
  source = "./n"
}
"#;

/// Each row is run on the state that the stack has after an apply: commands one after the other, split at spaces.
const TABLE: &[&[&str]] = &[
    // Marks.
    &["taint terraform_data.one"],
    &["taint terraform_data.one", "taint terraform_data.one"],
    &["taint terraform_data.counted[1]", "untaint terraform_data.counted[1]"],
    &["taint module.m[0].terraform_data.of[1]", r#"taint module.k["p"].module.n.terraform_data.deep"#],
    &["untaint terraform_data.one"],
    &["untaint data.x.y"],
    &["taint terraform_data.counted"],
    &["taint terraform_data.none"],
    &["taint data.x.y"],
    &["taint module.m"],
    &["taint ??"],
    &["taint"],
    &["taint a.b c.d"],
    &["taint -allow-missing terraform_data.none"],
    &["untaint -allow-missing terraform_data.none"],
    &["taint -backup=- terraform_data.one"],
    &["taint -backup=kept terraform_data.one"],
    &["taint -lock=false -lock-timeout=3s -ignore-remote-version terraform_data.one"],
    &["taint --state=copy.tfstate --allow-missing terraform_data.one"],
    // Instances.
    &["state mv terraform_data.one terraform_data.two"],
    &[r#"state mv module.k["p"].terraform_data.in module.k["p"].terraform_data.in2"#],
    &["state mv module.s module.s2"],
    &["state mv module.s[0] module.s2"],
    &["state mv module.s.terraform_data.in terraform_data.in"],
    &["state mv -dry-run terraform_data.one terraform_data.two"],
    &["state mv terraform_data.one terraform_data.one"],
    &["state mv terraform_data.one terraform_data.one[0]"],
    &["state mv terraform_data.one terraform_data.counted"],
    &["state mv terraform_data.one terraform_data.counted", "state mv terraform_data.counted terraform_data.solo"],
    &["state mv terraform_data.one terraform_data.counted[5]"],
    &["state mv terraform_data.one terraform_data.counted[1]"],
    &[r#"state mv terraform_data.one terraform_data.counted["a"]"#],
    &[r#"state mv terraform_data.one terraform_data.new["a"]"#],
    &[r#"state mv terraform_data.one module.x["z"].terraform_data.one"#],
    &["state mv terraform_data.one module.m[0].terraform_data.of"],
    &["state mv terraform_data.one module.q"],
    &["state mv terraform_data.counted[0] terraform_data.counted"],
    &["state mv terraform_data.counted[0] terraform_data.one"],
    &["state mv terraform_data.counted[0] terraform_data.counted[7]"],
    &["state mv terraform_data.counted[0] terraform_data.counted[0]"],
    &[r#"state mv terraform_data.counted[0] terraform_data.counted["zero"]"#],
    &["state mv terraform_data.counted[9] terraform_data.of"],
    &["state mv terraform_data.counted[0] data.terraform_data.of[0]"],
    &["state mv terraform_data.counted[0] null_resource.of[0]"],
    &["state mv module.m[0].terraform_data.of[1] terraform_data.of"],
    &["state mv module.m[0].terraform_data.none terraform_data.of"],
    // Whole resources.
    &["state mv terraform_data.counted terraform_data.fresh"],
    &["state mv terraform_data.counted terraform_data.fresh[0]"],
    &["state mv terraform_data.counted terraform_data.one"],
    &["state mv terraform_data.counted terraform_data.keyed"],
    &["state mv terraform_data.counted module.m[0].terraform_data.of"],
    &["state mv terraform_data.counted module.m[0].terraform_data.fresh"],
    &["state mv terraform_data.counted null_resource.fresh"],
    &["state mv terraform_data.counted data.terraform_data.fresh"],
    &["state mv module.m[0].terraform_data.of module.q.terraform_data.of"],
    &["state mv module.m.terraform_data.of module.q.terraform_data.of"],
    // Modules.
    &["state mv module.m[0] module.m"],
    &["state mv module.m[0] module.m[1]"],
    &["state mv module.m[0] module.m[0].module.q"],
    &[r#"state mv module.m[0] module.new.module.newer["a"]"#],
    &["state mv module.m module.nn"],
    &[r#"state mv module.k["p"] module.k["r"]"#],
    &["state mv module.m[0].module.n module.n"],
    &["state mv module.m[0] terraform_data.x"],
    &["state mv module.none module.x"],
    &["state mv terraform_data.one"],
    &["state mv ??? a.b"],
    &["state mv terraform_data.one x"],
    &["state mv terraform_data.one x.y.z"],
    // Into another state.
    &["state mv -state-out=out.tfstate terraform_data.one terraform_data.two"],
    &[
        "state mv -state-out=out.tfstate terraform_data.one terraform_data.two",
        "state mv -state-out=out.tfstate terraform_data.counted terraform_data.counted",
        "state mv -state-out=out.tfstate terraform_data.keyed terraform_data.counted",
        "state mv -state-out=out.tfstate module.m[1] module.moved",
    ],
    &["state mv -state=copy.tfstate -backup=kept terraform_data.one terraform_data.two"],
    // Forgetting.
    &["state rm terraform_data.one module.m[0]"],
    &["state rm -dry-run terraform_data.one module.m"],
    &["state rm terraform_data.none"],
    &["state rm terraform_data.none terraform_data.counted"],
    &[r#"state rm terraform_data.keyed["x"]"#],
    &["state rm terraform_data.counted[0]", "state rm terraform_data.counted[1]"],
    &["state rm terraform_data.one terraform_data.counted terraform_data.keyed module.k module.m"],
    &["state rm module.m.terraform_data.in"],
    &["state rm module.m[0].module.n"],
    &["state rm"],
    &["state rm ??"],
    &["state rm -backup=- terraform_data.one"],
    &["state rm -backup=kept -lock=false -ignore-remote-version terraform_data.one"],
    // Whole states.
    &["state push terraform.tfstate"],
    &["state push newer.tfstate"],
    &["state push newer-same.tfstate"],
    &["state push older.tfstate"],
    &["state push -force older.tfstate"],
    &["state push same-serial.tfstate"],
    &["state push -force same-serial.tfstate"],
    &["state push other-lineage.tfstate"],
    &["state push -force other-lineage.tfstate"],
    &["state push no-lineage.tfstate"],
    &["state push none.tfstate"],
    &["state push main.tf"],
    &["state push"],
    &["state rm module.k", "state push -force copy.tfstate"],
    // Providers.
    &["state replace-provider -auto-approve terraform.io/builtin/terraform a/b"],
    &["state replace-provider -auto-approve hashicorp/aws a/b"],
    &["state replace-provider terraform.io/builtin/terraform a/b"],
    &["state replace-provider a"],
    &["state replace-provider -auto-approve a ??"],
    // The rest.
    &["force-unlock abc"],
    &["force-unlock -force abc"],
    &["refresh"],
    &["taint terraform_data.one", "refresh"],
    &["apply -refresh-only -auto-approve"],
];

/// Commands about workspaces, each row in a folder without a state.
const WORKSPACES: &[&[&str]] = &[
    &["workspace list"],
    &["workspace new w1", "workspace list", "workspace show"],
    &["workspace new w1", "workspace new w1"],
    &["workspace new w1", "workspace select default", "workspace select default", "workspace list"],
    &["workspace new w1", "workspace delete w1"],
    &["workspace new w1", "workspace select default", "workspace delete w1", "workspace list"],
    &["workspace select none"],
    &["workspace select -or-create w2", "workspace show", "workspace select -or-create=true default"],
    &["workspace delete none"],
    &["workspace delete default"],
    &["workspace new w1", "workspace delete default"],
    &["workspace new default"],
    &["workspace new a/b"],
    &["workspace new ä"],
    &["workspace new a+b~c"],
    &["workspace new"],
    &["workspace new x y"],
    &["workspace new -state=copy.tfstate w3", "workspace select default", "workspace delete w3"],
    &[
        "workspace new -state=copy.tfstate w3",
        "workspace select default",
        "workspace delete -force w3",
        "workspace list",
    ],
    &["workspace new -lock=false -lock-timeout=1s w4", "taint terraform_data.one"],
];

/// A stack with the files that the table names, and the state of one apply.
fn stack(state: &[u8]) -> Project {
    let project = Project::without_cloud(ROOT);
    for (name, text) in [("m", MODULE), ("m/n", "resource \"terraform_data\" \"deep\" {}\n")] {
        std::fs::create_dir_all(project.path().join(name)).expect("writable");
        project.write(&format!("{name}/main.tf"), text);
    }
    if state.is_empty() {
        return project;
    }
    let variant = |name: &str, change: &dyn Fn(&mut Json)| {
        let mut json: Json = serde_json::from_slice(state).expect("a state is JSON");
        change(&mut json);
        project.write(name, &serde_json::to_string_pretty(&json).expect("JSON is text"));
    };
    let serial = |json: &Json| json["serial"].as_u64().expect("a number");
    let other = |json: &mut Json| json["outputs"]["o"]["value"] = "other".into();
    std::fs::write(project.path().join("copy.tfstate"), state).expect("writable");
    variant("newer.tfstate", &|json| {
        other(json);
        json["serial"] = (serial(json) + 20).into();
    });
    variant("newer-same.tfstate", &|json| json["serial"] = (serial(json) + 20).into());
    variant("older.tfstate", &|json| json["serial"] = 1.into());
    variant("same-serial.tfstate", &other);
    variant("other-lineage.tfstate", &|json| {
        other(json);
        json["lineage"] = "00000000-0000-0000-0000-000000000000".into();
    });
    variant("no-lineage.tfstate", &|json| {
        other(json);
        json["lineage"] = "".into();
        json["serial"] = (serial(json) + 20).into();
    });
    project
}

/// All states of a folder with their backups, by name without the seconds in it, as what they say; and what is selected.
fn states(folder: &Path, found: &mut Vec<(String, Json)>, prefix: &str) {
    for entry in std::fs::read_dir(folder).expect("readable") {
        let entry = entry.expect("readable");
        let name = entry.file_name().into_string().expect("a text");
        let path = entry.path();
        if name == "terraform.tfstate.d" || prefix.starts_with("terraform.tfstate.d/") && path.is_dir() {
            found.push((format!("{prefix}{name}/"), Json::Null));
            states(&path, found, &format!("{prefix}{name}/"));
        } else if name == ".terraform" {
            let selected = std::fs::read_to_string(path.join("environment")).unwrap_or_default();
            if !selected.is_empty() {
                found.push(("selected".into(), selected.into()));
            }
        } else if name.contains("tfstate") || name == "kept" {
            let bytes = std::fs::read(&path).expect("readable");
            let mut json: Json = serde_json::from_slice(&bytes).unwrap_or_else(|_| panic!("{name} is a state"));
            // A lineage that the run made itself is another one each time.
            if name == "out.tfstate" || name.starts_with("out.tfstate.") || prefix.ends_with("w3/") {
                json["lineage"] = "new".into();
            }
            // Where numbers and texts are keys of one resource, Terraform writes them in any order.
            for resource in json["resources"].as_array_mut().into_iter().flatten() {
                let instances = resource["instances"].as_array_mut().expect("a resource has instances");
                let texts = instances.iter().filter(|instance| instance["index_key"].is_string()).count();
                if texts > 0 && texts < instances.len() {
                    instances.sort_by_key(|instance| instance["index_key"].to_string());
                }
            }
            let parts = name.split('.').filter(|part| part.is_empty() || !part.bytes().all(|b| b.is_ascii_digit()));
            let name = format!("{prefix}{}", parts.collect::<Vec<_>>().join("."));
            // Terraform replaces a backup of the same second, so only the last one is compared.
            match found.iter_mut().find(|(other, _)| *other == name) {
                Some((_, other)) if other["serial"].as_u64() < json["serial"].as_u64() => *other = json,
                Some(_) => {}
                None => found.push((name, json)),
            }
        }
    }
    found.sort_by(|(a, x), (b, y)| (a, x.to_string()).cmp(&(b, y.to_string())));
}

/// Runs a table with both programs; answers how many rows there were, and which differed.
fn compare(terraform: &str, table: &[&[&str]], state: &[u8], start: bool) -> (usize, Vec<String>) {
    let rows: Vec<(usize, &[&str])> = table.iter().copied().enumerate().collect();
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    let differing = std::thread::scope(|scope| {
        let part = |thread: usize| {
            let rows = rows.iter().filter(move |(index, _)| index % threads == thread);
            rows.filter_map(|(_, row)| differs(terraform, row, state, start)).collect::<Vec<_>>()
        };
        let parts: Vec<_> = (0..threads).map(|thread| scope.spawn(move || part(thread))).collect();
        parts.into_iter().flat_map(|part| part.join().expect("no panic")).collect::<Vec<String>>()
    });
    (rows.len(), differing)
}

fn differs(terraform: &str, row: &[&str], state: &[u8], start: bool) -> Option<String> {
    let run = |program: &Path| {
        let project = stack(state);
        if start {
            std::fs::write(project.path().join("terraform.tfstate"), state).expect("writable");
        }
        let mut codes = Vec::new();
        let mut text = String::new();
        // Terraform loads installed modules only.
        if program == Path::new(terraform) {
            project.terraform(terraform, 0, &["init"]);
        }
        for command in row {
            let output = project.command(program).args(command.split(' ')).output().expect("it runs");
            codes.push(output.status.code());
            text += &format!("$ {command}\n");
            text += &String::from_utf8_lossy(&output.stdout);
            text += &String::from_utf8_lossy(&output.stderr);
        }
        let mut found = Vec::new();
        states(project.path(), &mut found, "");
        (codes, found, text)
    };
    let (codes, found, text) = run(&crate::project::program());
    let (wanted_codes, wanted, wanted_text) = run(Path::new(terraform));
    if codes == wanted_codes && found == wanted {
        return None;
    }
    let names = |found: &[(String, Json)]| {
        found.iter().map(|(name, json)| format!("{name}@{}", json["serial"])).collect::<Vec<_>>().join(" ")
    };
    Some(format!(
        "{row:?}\n  own:       {codes:?} {}\n{text}\n  Terraform: {wanted_codes:?} {}\n{wanted_text}",
        names(&found),
        names(&wanted)
    ))
}

/// The state of the stack after an apply by Terraform.
fn applied(terraform: &str) -> Vec<u8> {
    let project = stack(&[]);
    project.terraform(terraform, 0, &["init"]);
    project.terraform(terraform, 0, &["apply", "-auto-approve"]);
    std::fs::read(project.path().join("terraform.tfstate")).expect("there is a state")
}

#[test]
fn states_changed_by_hand_are_as_terraform_leaves_them() {
    let Some(terraform) = terraform_without_providers() else { return };
    let state = applied(terraform);
    let (rows, differing) = compare(terraform, TABLE, &state, true);
    let (more, others) = compare(terraform, WORKSPACES, &state, false);
    let differing = [differing, others].concat();
    println!("{} of {} rows are equal", rows + more - differing.len(), rows + more);
    assert!(differing.is_empty(), "{}", differing.join("\n"));
}

#[test]
fn what_an_interrupted_run_left_is_found_out_before_a_state_is_changed_by_hand() {
    let project = Project::without_cloud(
        r#"
        resource "terraform_data" "a" {}
        resource "terraform_data" "b" {
          input = terraform_data.a.id
          provisioner "local-exec" {
            command = "kill -9 $PPID"
          }
        }
        "#,
    );
    project.infra(&["apply", "-auto-approve"]);
    assert!(project.path().join("terraform.tfstate.journal").exists(), "the run is interrupted");
    for command in [
        &["taint", "terraform_data.a"][..],
        &["state", "mv", "terraform_data.a", "terraform_data.c"],
        &["state", "rm", "terraform_data.a"],
        &["state", "replace-provider", "-auto-approve", "terraform.io/builtin/terraform", "a/b"],
    ] {
        let refused = project.expect(1, command).stderr;
        assert!(refused.contains("Unfinished run") && refused.contains("terraform_data.b"), "{refused}");
    }
    project.write("main.tf", "resource \"terraform_data\" \"a\" {}\nresource \"terraform_data\" \"b\" {}\n");
    project.expect(0, &["refresh"]);
    project.expect(0, &["untaint", "terraform_data.b"]);
    assert_eq!(project.expect(0, &["state", "list"]).stdout, "terraform_data.a\nterraform_data.b\n");
}

#[test]
fn pulled_state_is_the_one_that_is_stored_and_can_be_pushed_from_standard_input() {
    use std::io::Write;
    use std::process::Stdio;
    let project = Project::without_cloud("resource \"terraform_data\" \"a\" {}\n");
    assert_eq!(project.expect(0, &["state", "pull"]).stdout, "");
    project.apply();
    let pulled = project.expect(0, &["state", "pull"]).stdout;
    let stored = project.path().join("terraform.tfstate");
    assert_eq!(pulled.as_bytes(), std::fs::read(&stored).expect("there is a state"));
    std::fs::remove_file(&stored).expect("it is there");
    let mut command = project.command(crate::project::program());
    let mut child = command.args(["state", "push", "-"]).stdin(Stdio::piped()).spawn().expect("the program runs");
    child.stdin.take().expect("piped").write_all(pulled.as_bytes()).expect("it is read");
    assert!(child.wait().expect("it ends").success());
    assert_eq!(pulled.as_bytes(), std::fs::read(&stored).expect("there is a state"));
}

#[test]
fn overridden_workspace_is_neither_selected_nor_replaced() {
    let project = Project::without_cloud("");
    let run = |arguments: &[&str]| {
        let mut command = project.command(crate::project::program());
        let output = command.args(arguments).env("TF_WORKSPACE", "other").output().expect("the program runs");
        (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
    };
    assert_eq!(run(&["workspace", "show"]), (Some(0), "other\n".into()));
    assert_eq!(run(&["workspace", "select", "default"]).0, Some(1));
    assert_eq!(run(&["workspace", "new", "third"]).0, Some(1));
    assert_eq!(run(&["workspace", "new", "other"]).0, Some(0));
    assert_eq!(run(&["workspace", "list"]).1, "  default\n* other\n");
}
