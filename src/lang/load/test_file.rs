//! Test files: which there are, and from their text to blocks.

mod mocks;
mod runs;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use hcl::ast::Expr;
use model::address::Target;
use model::diagnostic::{Diagnostic, Diagnostics};
use model::source::{FileId, SourceMap, SourceRange};

use super::files::{is_left_behind, parse_file, parse_json_file};
use super::provider::provider;
use super::refactor::target_of;
use crate::arguments::{Grammar, Kind};
use crate::body::{Attribute, Block, Body};
use crate::config::ProviderKey;
use crate::test_file::{OverrideKind, TestFile, TestProvider};

/// The folder for tests unless the command line names another.
pub const TEST_DIRECTORY: &str = "tests";

const FILE: Grammar = Grammar::new(
    &[],
    &[],
    &[
        Kind::new("run", &["name"]),
        Kind::new("variables", &[]),
        Kind::new("provider", &["name"]),
        Kind::new("mock_provider", &["name"]),
        Kind::new("override_resource", &[]),
        Kind::new("override_data", &[]),
        Kind::new("override_module", &[]),
    ],
);

/// Reads the test files in the root module's folder and in the folder for tests, by their names.
///
/// The text of the files goes into `sources`. A folder for tests that is not there is an empty one; a warning says so where
/// it was asked for (`requested`).
pub fn load_tests(
    root: &Path,
    directory: &str,
    requested: bool,
    sources: &mut SourceMap,
) -> (Vec<TestFile>, Diagnostics) {
    let mut diagnostics = Diagnostics::new();
    let mut files: BTreeMap<String, TestFile> = BTreeMap::new();
    let mut folders = vec![(root.to_path_buf(), String::new(), false)];
    let tests = root.join(directory);
    if tests.is_dir() {
        let shown = directory.trim_start_matches("./").trim_end_matches('/').to_string();
        if !shown.is_empty() && shown != "." {
            folders.push((tests, shown, true));
        }
    } else if requested {
        diagnostics.push(Diagnostic::warning(
            "Test directory does not exist",
            format!("The folder {directory} is not there, so only the test files beside the configuration count."),
        ));
    }
    for (folder, shown, in_test_directory) in folders {
        for (file, path) in test_files(&folder, &mut diagnostics) {
            let name = if shown.is_empty() { file } else { format!("{shown}/{file}") };
            let Some(body) = read(&name, &path, sources, &mut diagnostics) else { continue };
            let reader = Reader { root, sources, diagnostics: &mut diagnostics };
            files.insert(name.clone(), reader.file(name.into(), in_test_directory, &body));
        }
    }
    (files.into_values().collect(), diagnostics)
}

fn test_files(folder: &Path, diagnostics: &mut Diagnostics) -> Vec<(String, PathBuf)> {
    listed(folder, &[".tftest.hcl", ".tftest.json"], "test directory", diagnostics)
}

/// The files of a folder whose names end in one of these, sorted.
fn listed(folder: &Path, endings: &[&str], what: &str, diagnostics: &mut Diagnostics) -> Vec<(String, PathBuf)> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) => {
            diagnostics.push(Diagnostic::error(
                format!("Unreadable {what}"),
                format!("The folder {} can't be read: {error}.", folder.display()),
            ));
            return Vec::new();
        }
    };
    let mut found: Vec<(String, PathBuf)> = entries
        .filter_map(Result::ok)
        .filter_map(|entry| Some((entry.file_name().into_string().ok()?, entry.path())))
        .filter(|(name, path)| endings.iter().any(|ending| name.ends_with(ending)) && !path.is_dir())
        .filter(|(name, _)| !is_left_behind(name))
        .collect();
    found.sort();
    found
}

fn read(name: &str, path: &Path, sources: &mut SourceMap, diagnostics: &mut Diagnostics) -> Option<Body> {
    match fs::read(path) {
        Ok(bytes) if name.ends_with(".json") => {
            Some(parse_json_file(name, &bytes, &super::json::TEST_FILE, sources, diagnostics))
        }
        Ok(bytes) => Some(parse_file(name, &bytes, sources, diagnostics)),
        Err(error) => {
            diagnostics
                .push(Diagnostic::error("Failed to read file", format!("The file {name} can't be read: {error}.")));
            None
        }
    }
}

/// Reads the blocks of one file.
struct Reader<'a> {
    root: &'a Path,
    sources: &'a mut SourceMap,
    diagnostics: &'a mut Diagnostics,
}

impl Reader<'_> {
    fn file(mut self, name: Arc<str>, in_test_directory: bool, body: &Body) -> TestFile {
        let mut file = TestFile {
            name,
            in_test_directory,
            variables: Vec::new(),
            providers: BTreeMap::new(),
            overrides: Vec::new(),
            runs: Vec::new(),
        };
        let content = FILE.read(body, self.diagnostics);
        let mut variables: Option<&Block> = None;
        let mut names: BTreeMap<ProviderKey, SourceRange> = BTreeMap::new();
        for block in &content.blocks {
            match &*block.kind {
                "run" => {
                    let run = self.run(block);
                    match file.runs.iter().find(|other| other.name == run.name) {
                        Some(first) => {
                            let at = self.sources.describe(first.declared);
                            let detail =
                                format!("A test file has each name of a run once, and \"{}\" is at {at}.", run.name);
                            self.diagnostics
                                .push(Diagnostic::error("Duplicate \"run\" block names", detail).at(block.header));
                        }
                        None => file.runs.push(run),
                    }
                }
                "variables" => match variables {
                    Some(first) => self.second_variables(first, block, "test file"),
                    None => {
                        file.variables = self.variables(block);
                        variables = Some(block);
                    }
                },
                "provider" => {
                    let provider = TestProvider::Real(provider(block, self.diagnostics));
                    self.add_provider(&mut file, &mut names, provider, block.labels[0].range);
                }
                "mock_provider" => {
                    let mock = self.mock_provider(block);
                    self.add_provider(&mut file, &mut names, TestProvider::Mock(mock), block.labels[0].range);
                }
                "override_resource" => self.add_override(block, OverrideKind::Resource, None, &mut file.overrides),
                "override_data" => self.add_override(block, OverrideKind::Data, None, &mut file.overrides),
                "override_module" => self.add_override(block, OverrideKind::Module, None, &mut file.overrides),
                other => unreachable!("the grammar has no block `{other}`"),
            }
        }
        file
    }

    fn add_provider(
        &mut self,
        file: &mut TestFile,
        names: &mut BTreeMap<ProviderKey, SourceRange>,
        provider: TestProvider,
        range: SourceRange,
    ) {
        let key = provider.key().clone();
        if let Some(first) = names.get(&key) {
            let detail = format!("The provider {key} is declared at {} already.", self.sources.describe(*first));
            self.diagnostics.push(Diagnostic::error("Duplicate provider block", detail).at(range));
            return;
        }
        names.insert(key.clone(), range);
        file.providers.insert(key, provider);
    }

    fn second_variables(&mut self, first: &Block, second: &Block, owner: &str) {
        let detail = format!("The {owner} has a `variables` block at {} already.", self.sources.describe(first.header));
        self.diagnostics.push(Diagnostic::error("Multiple \"variables\" blocks", detail).at(second.header));
    }

    /// The arguments of a `variables` block.
    fn variables(&mut self, block: &Block) -> Vec<Attribute> {
        for nested in block.body.blocks() {
            self.diagnostics.push(
                Diagnostic::error(
                    format!("Unexpected \"{}\" block", nested.kind),
                    "A `variables` block holds arguments only: the names of variables with their values.",
                )
                .at(nested.kind_range)
                .hint(format!("Write an equals sign: {} = {{ .. }}", nested.kind)),
            );
        }
        block.body.attributes().cloned().collect()
    }

    /// The addresses that a list names.
    fn targets(&mut self, attribute: &Attribute) -> Vec<(Target, SourceRange)> {
        let file = attribute.expr.file;
        let elements: Vec<&Expr> = super::statics::static_list(attribute, self.diagnostics).iter().collect();
        elements.into_iter().filter_map(|element| self.target(file, element)).collect()
    }

    fn target(&mut self, file: FileId, expr: &Expr) -> Option<(Target, SourceRange)> {
        let at = crate::expression::range(file, expr.span());
        match target_of(file, expr) {
            Ok(target) => Some((target, at)),
            Err(error) => {
                self.diagnostics.push(error);
                None
            }
        }
    }

    /// The word that an argument is, in quotes only in JSON syntax.
    fn keyword(&mut self, attribute: &Attribute, words: &[&str]) -> Option<String> {
        let node = &attribute.expr.node;
        let reread = hcl::json::expression::reread(node);
        let word = match &reread {
            Some(parsed) => parsed.expr.as_keyword(),
            None => node.as_keyword(),
        };
        match word.filter(|word| words.contains(word)) {
            Some(word) => Some(word.to_string()),
            None => {
                self.diagnostics.push(
                    Diagnostic::error(
                        format!("Invalid \"{}\" keyword", attribute.name),
                        format!("The argument is one of these words, without quotes: {}.", words.join(", ")),
                    )
                    .at(attribute.expr.range()),
                );
                None
            }
        }
    }
}
