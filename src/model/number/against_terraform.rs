//! Numbers compute and print what Terraform does, where it is installed: one `terraform console` a test answers it all.

use std::process::{Command, Stdio};

use super::tests::number;
use super::{ArithmeticError, Number};

/// Expressions of the language with what they must print, `None` where there is no number.
struct Differential {
    cases: Vec<(String, Option<String>)>,
    seed: u64,
}

/// A result of an operation, without the reason where there is none.
struct Outcome(Option<Number>);

impl From<Option<Number>> for Outcome {
    fn from(result: Option<Number>) -> Self {
        Self(result)
    }
}

impl From<Result<Number, ArithmeticError>> for Outcome {
    fn from(result: Result<Number, ArithmeticError>) -> Self {
        Self(result.ok())
    }
}

impl Differential {
    fn random(&mut self, below: u64) -> u64 {
        // Knuth's multiplier and increment; the high bits are the good ones.
        self.seed = self.seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.seed >> 33) % below
    }

    fn digits(&mut self, count: u64) -> String {
        (0..count).map(|_| char::from(b'0' + self.random(10) as u8)).collect()
    }

    /// A number with an expression that makes it, at any of the precisions there are.
    fn operand(&mut self) -> (String, Number) {
        let (sign, size) = (if self.random(2) == 0 { "-" } else { "" }, 1 + self.random(60));
        match self.random(7) {
            0 => {
                let count = self.random(4);
                let list = vec!["0"; count as usize].join(",");
                (format!("length([{list}])"), Number::from(count))
            }
            1 => {
                let text = format!("{sign}{}", self.digits(size * 3));
                let value = Number::parse_int(&text, 10).expect("digits");
                (format!("parseint(\"{text}\", 10)"), value)
            }
            2 => {
                let (base, power) = (1 + self.random(40), self.random(30));
                let value = Number::from(base).pow(&Number::from(power)).expect("finite");
                (format!("pow({base}, {power})"), value)
            }
            3 => {
                let text = (self.random(2001) as i64 - 1000).to_string();
                (format!("tonumber(\"{text}\")"), number(&text))
            }
            4 => {
                let special = ["0", "-0", "Inf", "-Inf", "1"];
                let text = special[self.random(special.len() as u64) as usize];
                (format!("tonumber(\"{text}\")"), number(text))
            }
            5 => {
                let text = format!("{sign}{}.{}", self.digits(1), self.digits(1 + size % 3));
                (format!("tonumber(\"{text}\")"), number(&text))
            }
            _ => {
                let exponent = self.random(200) as i64 - 100;
                let text = format!("{sign}{}.{}e{exponent}", self.digits(size), self.digits(60));
                (format!("tonumber(\"{text}\")"), number(&text))
            }
        }
    }

    fn case(&mut self, expression: String, result: impl Into<Outcome>) {
        let Outcome(result) = result.into();
        self.cases.push((format!("tostring({expression})"), result.map(|number| number.to_string())));
    }

    fn arithmetic(&mut self) {
        let ((left_text, left), (right_text, right)) = (self.operand(), self.operand());
        self.case(left_text.clone(), Some(left.clone()));
        self.case(format!("{left_text} + {right_text}"), left.add(&right));
        self.case(format!("{left_text} - {right_text}"), left.sub(&right));
        self.case(format!("{left_text} * {right_text}"), left.mul(&right));
        self.case(format!("{left_text} % {right_text}"), left.rem(&right));
        self.case(format!("{left_text} / {right_text}"), left.div(&right));
        self.case(format!("floor({left_text} / {right_text})"), left.div(&right).map(|quotient| quotient.floor()));
        self.case(format!("ceil({left_text} / {right_text})"), left.div(&right).map(|quotient| quotient.ceil()));
        self.case(format!("abs(-({left_text}))"), Some(left.neg().abs()));
        self.case(format!("signum({left_text})"), left.signum());
        self.cases.push((format!("jsonencode({left_text})"), left.to_json_string()));
        self.cases.push((format!("tostring({left_text} < {right_text})"), Some((left < right).to_string())));
        self.cases.push((format!("tostring({left_text} == {right_text})"), Some((left == right).to_string())));
    }

    /// What Terraform prints for each case.
    fn ask_terraform(&self) -> Vec<Option<String>> {
        let folder = std::env::temp_dir().join(format!("infra-number-{}-{}", std::process::id(), self.cases.len()));
        std::fs::create_dir_all(&folder).expect("the temporary folder is writable");
        let lines: Vec<String> =
            self.cases.iter().map(|(expression, _)| format!("  try({expression}, null),\n")).collect();
        std::fs::write(folder.join("main.tf"), format!("locals {{\n values = [\n{} ]\n}}\n", lines.concat()))
            .expect("the temporary folder is writable");
        let mut terraform = Command::new("terraform")
            .arg("console")
            .current_dir(&folder)
            .env("CHECKPOINT_DISABLE", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("terraform starts");
        let mut stdin = terraform.stdin.take().expect("stdin is piped");
        std::io::Write::write_all(&mut stdin, b"jsonencode(local.values)\n").expect("terraform reads");
        drop(stdin);
        let output = terraform.wait_with_output().expect("terraform ends");
        std::fs::remove_dir_all(&folder).expect("the temporary folder is ours");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let text: String = serde_json::from_slice(&output.stdout).expect("console prints a quoted string");
        serde_json::from_str(&text).expect("jsonencode prints JSON")
    }

    fn disagreements(&self) -> Vec<String> {
        self.cases
            .iter()
            .zip(self.ask_terraform())
            .filter(|((_, ours), theirs)| ours != theirs)
            .map(|((expression, ours), theirs)| format!("{expression}\n  ours   {ours:?}\n  theirs {theirs:?}"))
            .collect()
    }
}

/// How many random pairs of numbers are tried; `NUMBER_COUNT` in the environment chooses another count than usual.
fn pairs() -> u32 {
    std::env::var("NUMBER_COUNT").ok().and_then(|text| text.parse().ok()).unwrap_or(60)
}

fn terraform_is_here() -> bool {
    let here = Command::new("terraform").arg("version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok();
    if !here {
        eprintln!("skipped: no terraform on the PATH");
    }
    here
}

#[test]
fn arithmetic_prints_as_terraform_prints_it() {
    if !terraform_is_here() {
        return;
    }
    let mut differential = Differential { cases: Vec::new(), seed: 7 };
    let of = |left: &str, right: &str| number(left).div(&number(right));
    for (left, right) in [("1", "3"), ("2", "3"), ("10", "7"), ("1e300", "7"), ("1e-300", "7"), ("0", "-5")] {
        differential.case(format!("{left} / {right}"), of(left, right));
    }
    for _ in 0..pairs() {
        differential.arithmetic();
    }
    let disagreements = differential.disagreements();
    assert!(disagreements.is_empty(), "{}", disagreements.join("\n"));
}

#[test]
fn set_elements_sort_by_their_hash_text_as_in_terraform() {
    if !terraform_is_here() {
        return;
    }
    let mut differential = Differential { cases: Vec::new(), seed: 17 };
    let mut elements: Vec<(String, Number)> = (0..100).map(|_| differential.operand()).collect();
    elements.sort_by_key(|(_, number)| number.set_hash_text() + ";");
    elements.dedup_by_key(|(_, number)| number.set_hash_text());
    let sorted: Vec<String> = elements.iter().map(|(_, number)| number.to_string()).collect();
    elements.reverse();
    let objects: Vec<String> = elements.iter().map(|(text, _)| format!("{{ a = {text} }}")).collect();
    differential
        .cases
        .push((format!("join(\" \", [for e in toset([{}]) : e.a])", objects.join(", ")), Some(sorted.join(" "))));
    let disagreements = differential.disagreements();
    assert!(disagreements.is_empty(), "{}", disagreements.join("\n"));
}

/// Terraform's builds for other processors fuse other operations, and differ from this one in the last digit.
#[cfg(target_arch = "x86_64")]
#[test]
fn powers_and_logarithms_print_as_terraform_prints_them() {
    if !terraform_is_here() {
        return;
    }
    let mut differential = Differential { cases: Vec::new(), seed: 11 };
    for _ in 0..300 {
        let base = format!("{}.{}", differential.random(50), differential.digits(2));
        let exponent = format!("{}.{}", differential.random(5), differential.digits(2));
        let whole = differential.random(120) as i64 - 60;
        for (expression, result) in [
            (format!("pow({base}, {whole})"), number(&base).pow(&Number::from(whole))),
            (format!("pow({base}, -{exponent})"), number(&base).pow(&number(&exponent).neg())),
            (format!("pow({base}, {exponent})"), number(&base).pow(&number(&exponent))),
            (format!("log({base}, {exponent})"), number(&base).log(&number(&exponent))),
        ] {
            differential.case(expression, result);
        }
    }
    let disagreements = differential.disagreements();
    assert!(disagreements.is_empty(), "{}", disagreements.join("\n"));
}
