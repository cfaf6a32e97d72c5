//! Against Terraform itself, where it is installed: the same texts accepted, the same layout.

use crate::random::{Random, SNIPPETS, mutant, untidy};
use crate::reference::{cases, fmt, seed, terraform};
use crate::{corpus, meaning, messy};

/// How a set of texts compares.
#[derive(Default)]
pub struct Tally {
    agree: usize,
    pub valid: usize,
    /// Where Terraform's output is broken or means something else, and ours does not.
    kept: usize,
    differences: Vec<String>,
}

/// Compares acceptance and layout of texts, in portions, and says how many agree.
#[expect(clippy::print_stderr, reason = "the figures say how much was compared")]
pub fn compare(kind: &str, texts: &[String]) -> Option<Tally> {
    let terraform = terraform()?;
    let mut tally = Tally::default();
    for portion in texts.chunks(4_000) {
        for (text, theirs) in portion.iter().zip(fmt(&terraform, portion)) {
            let ours = hcl::format::format(text);
            let theirs = theirs.map(|bytes| String::from_utf8(bytes).expect("the text was UTF-8"));
            tally.valid += usize::from(theirs.is_some());
            match (&ours, &theirs) {
                (Err(_), None) => tally.agree += 1,
                (Ok(ours), Some(theirs)) if ours == theirs => tally.agree += 1,
                (Ok(ours), Some(theirs)) if is_kept(text, ours, theirs) => tally.kept += 1,
                (Ok(_) | Err(_), Some(_) | None) => {
                    tally.differences.push(format!("{text:?}\n  ours:   {ours:?}\n  theirs: {theirs:?}"));
                }
            }
        }
    }
    eprintln!(
        "{kind}: {} of {} agree, {} more are broken by Terraform; {} are valid",
        tally.agree,
        texts.len(),
        tally.kept,
        tally.valid
    );
    Some(tally)
}

impl Tally {
    #[track_caller]
    pub fn assert_agreement(mut self) {
        self.differences.sort_by_key(String::len);
        let shortest = &self.differences[..self.differences.len().min(12)];
        assert!(shortest.is_empty(), "{} differ, shortest first:\n{}", self.differences.len(), shortest.join("\n"));
    }
}

/// Whether our layout means what the text means, and Terraform's does not.
fn is_kept(text: &str, ours: &str, theirs: &str) -> bool {
    let before = meaning::of_text(text);
    before == meaning::of_text(ours) && before != meaning::of_text(theirs)
}

#[test]
fn mutants_of_snippets_are_laid_out_as_terraform_does_or_refused_as_by_it() {
    let mut random = Random::new(seed(3));
    let snippets = SNIPPETS.iter().map(|snippet| (*snippet).to_owned());
    let texts: Vec<String> = snippets.chain((0..cases(2_000)).map(|_| mutant(&mut random))).collect();
    let Some(tally) = compare("mutants of snippets", &texts) else { return };
    tally.assert_agreement();
}

#[test]
fn untidy_files_are_laid_out_as_terraform_does() {
    let mut random = Random::new(seed(4));
    let texts: Vec<String> = (0..cases(1_000)).map(|_| untidy(&mut random)).collect();
    let Some(tally) = compare("untidy files", &texts) else { return };
    tally.assert_agreement();
}

#[test]
fn messy_files_are_laid_out_as_terraform_does() {
    let mut random = Random::new(seed(6));
    let texts: Vec<String> = (0..cases(1_500)).map(|_| messy::file(&mut random)).collect();
    let Some(tally) = compare("messy files", &texts) else { return };
    assert!(tally.valid * 10 > texts.len() * 7, "only {} of {} are valid", tally.valid, texts.len());
    tally.assert_agreement();
}

#[test]
fn files_of_the_project_are_laid_out_as_terraform_does() {
    let files = corpus::files();
    let texts: Vec<String> = files.into_iter().map(|(_, text)| text).collect();
    let Some(tally) = compare("files", &texts) else { return };
    tally.assert_agreement();
}

#[test]
fn broken_files_of_the_project_are_refused_as_by_terraform() {
    let mut random = Random::new(seed(7));
    let files: Vec<String> = corpus::files().into_iter().map(|(_, text)| text).collect();
    let texts: Vec<String> =
        (0..cases(600)).map(|_| corpus::broken(&files[random.below(files.len())], &mut random)).collect();
    let Some(tally) = compare("broken files", &texts) else { return };
    tally.assert_agreement();
}
