//! The folder `.infra`: what is there is used, what is damaged is noticed, what is not needed goes.

use std::fs;

use modules::load::{LockFile, Policy};

use crate::support::{Page, Repository, Server, Stack, zip};

fn two_calls(repository: &Repository) -> String {
    format!(
        "module \"a\" {{\n  source = \"{url}\"\n}}\nmodule \"b\" {{\n  source = \"{url}?ref=main\"\n}}\n",
        url = repository.url()
    )
}

fn names(folder: &std::path::Path) -> Vec<String> {
    let found = fs::read_dir(folder).expect("it is there").filter_map(Result::ok);
    let mut names: Vec<String> = found.filter_map(|found| found.file_name().into_string().ok()).collect();
    names.sort();
    names
}

#[test]
fn a_stack_without_such_modules_gets_no_folder() {
    let stack = Stack::new("module \"a\" {\n  source = \"./a\"\n}\n--- a/main.tf\n");
    assert_eq!(stack.load(Policy::Tidy).messages, "");
    assert!(!stack.path(".infra").exists() && !stack.path(".infra.lock.hcl").exists());
}

#[test]
fn a_configuration_with_errors_has_nothing_installed() {
    let repository = Repository::new("");
    let stack = Stack::new(&format!("module \"a\" {{\n  source = \"{}\"\n  count = \n}}\n", repository.url()));
    let loaded = stack.load(Policy::Missing);
    assert!(
        loaded.messages.contains("Invalid expression") && !loaded.messages.contains("not installed"),
        "{}",
        loaded.messages
    );
    assert!(!stack.path(".infra").exists());
}

#[test]
fn without_leave_to_install_missing_modules_are_errors() {
    let repository = Repository::new("");
    let stack = Stack::new(&format!("module \"a\" {{\n  source = \"{}\"\n}}\n", repository.url()));
    let loaded = stack.load(Policy::Never);
    assert!(loaded.messages.starts_with("error main.tf line 2: Module not installed"), "{}", loaded.messages);
    assert!(!stack.path(".infra").exists());
}

#[test]
fn what_a_killed_process_left_is_removed_and_the_rest_goes_on() {
    let repository = Repository::new("output \"x\" { value = 1 }\n");
    let stack = Stack::new(&two_calls(&repository));
    stack.write("--- .infra/packages/.new-0/main.tf\nhalf a fi\n--- .infra/modules/.lock\n--- .infra/modules/.modules.json.1.new\n{\"Mod");
    fs::create_dir_all(stack.path(".infra/modules/a")).expect("writable");
    assert_eq!(stack.install().paths(), ["module.a .infra/modules/a", "module.b .infra/modules/b"]);
    assert_eq!(names(&stack.path(".infra/packages")).len(), 1);
}

#[test]
fn a_manifest_that_is_not_whole_counts_as_none() {
    let repository = Repository::new("output \"x\" { value = 1 }\n");
    let stack = Stack::new(&two_calls(&repository));
    stack.install();
    fs::write(stack.path(".infra/modules/modules.json"), "{\"Modules\": [").expect("writable");
    let again = stack.install();
    assert_eq!((again.paths().len(), again.downloads()), (2, 0), "the packages are still there");
}

#[test]
fn files_that_were_changed_are_noticed_until_an_upgrade() {
    let repository = Repository::new("output \"x\" { value = 1 }\n");
    let stack = Stack::new(&two_calls(&repository));
    stack.install();
    fs::write(stack.path(".infra/modules/a/main.tf"), "output \"evil\" { value = 1 }\n").expect("writable");
    let messages = stack.load(Policy::Missing).messages;
    assert!(messages.starts_with("error main.tf line 2: Module differs from the lock file: The files of the module a in .infra/modules/a were changed"), "{messages}");
    assert_eq!(stack.load(Policy::Upgrade).messages, "");
    assert_eq!(stack.install().events, Vec::<String>::new());
}

#[test]
fn another_source_or_a_local_one_takes_the_place_of_what_is_installed() {
    let one = Repository::new("output \"one\" { value = 1 }\n");
    let two = Repository::new("output \"two\" { value = 1 }\n");
    let stack = Stack::new(&two_calls(&one));
    stack.install();
    stack.write(&two_calls(&two));
    let loaded = stack.load(Policy::Tidy);
    assert_eq!((loaded.messages.as_str(), loaded.downloads()), ("", 2));
    assert_eq!(names(&stack.path(".infra/packages")).len(), 1);
    stack.write("module \"a\" {\n  source = \"./local\"\n}\n--- local/main.tf\n");
    assert_eq!(stack.load(Policy::Tidy).paths(), ["module.a local"]);
    assert_eq!(names(&stack.path(".infra/packages")), Vec::<String>::new());
    assert_eq!(names(&stack.path(".infra/modules")), [".lock", "modules.json"]);
    assert!(!stack.lock_file().contains("module \""), "{}", stack.lock_file());
}

#[test]
fn a_lock_file_that_is_to_stay_is_not_written() {
    let repository = Repository::new("output \"x\" { value = 1 }\n");
    let stack = Stack::new(&two_calls(&repository));
    let messages = stack.load_with(Policy::Tidy, LockFile::ReadOnly).messages;
    assert!(messages.contains("Lock file would change"), "{messages}");
    assert!(!stack.path(".infra.lock.hcl").exists());
    stack.install();
    assert_eq!(stack.load_with(Policy::Tidy, LockFile::ReadOnly).messages, "");
}

#[test]
fn a_broken_lock_file_is_an_error_and_stays() {
    let repository = Repository::new("output \"x\" { value = 1 }\n");
    let stack = Stack::new(&two_calls(&repository));
    stack.write("--- .infra.lock.hcl\nmodule \"x\" {\n");
    let messages = stack.load(Policy::Missing).messages;
    assert!(messages.contains("Invalid lock file") && messages.contains("line 1"), "{messages}");
    assert_eq!(stack.lock_file(), "module \"x\" {\n");
}

#[test]
fn a_lock_file_that_is_gone_is_written_again_without_asking_anybody() {
    let repository = Repository::new("output \"x\" { value = 1 }\n");
    let stack = Stack::new(&two_calls(&repository));
    stack.install();
    let locked = stack.lock_file();
    fs::remove_file(stack.path(".infra.lock.hcl")).expect("it is there");
    let again = stack.install();
    assert_eq!((again.downloads(), stack.lock_file()), (0, locked));
}

#[test]
fn two_at_once_fetch_each_package_once() {
    let server = Server::start();
    let names = ["a", "b", "c"];
    let mut text = String::new();
    for name in names {
        server.page(
            &format!("/{name}.zip"),
            Page::new(zip(&[("main.tf", &format!("output \"{name}\" {{ value = 1 }}\n"))])),
        );
        text.push_str(&format!("module \"{name}\" {{\n  source = \"{}\"\n}}\n", server.url(&format!("/{name}.zip"))));
    }
    let stack = Stack::new(&text);
    let loaded: Vec<_> = std::thread::scope(|scope| {
        let both: Vec<_> = (0..4).map(|_| scope.spawn(|| stack.load(Policy::Missing))).collect();
        both.into_iter().map(|one| one.join().expect("no thread panics")).collect()
    });
    for one in &loaded {
        assert_eq!((one.messages.as_str(), one.paths().len()), ("", 3));
    }
    assert_eq!(server.asked().len(), 3, "{:?}", server.asked());
    assert_eq!(stack.install().events, Vec::<String>::new());
}
