//! The fuzz targets on mutations of files, from a seed: some seconds as a test, as long as one likes by `INFRA_HCL_FUZZ_SECONDS`.

use std::time::{Duration, Instant};

use crate::random::{Random, SNIPPETS, mutant, untidy};
use crate::reference::seed;
use crate::{corpus, messy};

#[path = "../../fuzz/targets.rs"]
mod targets;

/// How long one target runs.
fn duration() -> Duration {
    let seconds = std::env::var("INFRA_HCL_FUZZ_SECONDS").ok().and_then(|seconds| seconds.parse().ok());
    Duration::from_secs_f64(seconds.unwrap_or(1.5))
}

/// Runs a target on inputs until the time is over, and says how many there were.
#[expect(clippy::print_stderr, reason = "the figure says how much was tried")]
fn run(name: &str, mut input: impl FnMut(&mut Random) -> Vec<u8>, target: fn(&[u8])) {
    let mut random = Random::new(seed(11));
    let start = Instant::now();
    let mut executions = 0_u64;
    let mut slowest = Duration::ZERO;
    while executions < 200 || start.elapsed() < duration() {
        let bytes = input(&mut random);
        let before = Instant::now();
        if let Err(reason) = std::panic::catch_unwind(|| target(&bytes)) {
            eprintln!("{name}: execution {executions} fails on {:?}", String::from_utf8_lossy(&bytes));
            std::panic::resume_unwind(reason);
        }
        slowest = slowest.max(before.elapsed());
        executions += 1;
    }
    eprintln!("{name}: {executions} executions, the slowest took {slowest:?}");
}

/// A text of any sort, and often damaged: tokens moved, bytes changed, parts of two texts joined.
fn native(random: &mut Random) -> Vec<u8> {
    let text = match random.below(8) {
        0 | 1 => mutant(random),
        2 | 3 => untidy(random),
        4 => random.pick(SNIPPETS).to_owned(),
        _ => messy::file(random),
    };
    let mut text = text;
    for _ in 0..random.below(3) {
        text = corpus::broken(&text, random);
    }
    damaged(text.into_bytes(), random)
}

/// A file that is valid but for few accidents.
fn valid(random: &mut Random) -> Vec<u8> {
    let text = match random.below(4) {
        0 => untidy(random),
        1 => mutant(random),
        _ => messy::file(random),
    };
    text.into_bytes()
}

fn json(random: &mut Random) -> Vec<u8> {
    let mut text = String::new();
    json_value(random, 4, &mut text);
    damaged(text.into_bytes(), random)
}

fn json_value(random: &mut Random, depth: usize, text: &mut String) {
    const LEAVES: &[&str] = &[
        "null",
        "true",
        "false",
        "0",
        "-1.5e3",
        "1e400",
        "\"\"",
        "\"${a}\"",
        "\"a ${b[\\\"c\\\"]} %{if d}e%{endif}\"",
        "\"\\u00e9\\ud83d\\ude00\\n\"",
        "\"list(string)\"",
        "\"${\"",
        "\"\\ud800\"",
        "\"//\"",
    ];
    const KEYS: &[&str] =
        &["\"resource\"", "\"locals\"", "\"inner\"", "\"depends_on\"", "\"default\"", "\"a\"", "\"//\"", "\"${k}\""];
    text.push_str(random.pick(&["", "", " ", "\n", "\t"]));
    match if depth == 0 { 0 } else { random.below(5) } {
        0 | 1 => text.push_str(random.pick(LEAVES)),
        2 => {
            text.push('[');
            for index in 0..random.below(4) {
                text.push_str(if index > 0 { "," } else { "" });
                json_value(random, depth - 1, text);
            }
            text.push(']');
        }
        _ => {
            text.push('{');
            for index in 0..random.below(5) {
                text.push_str(if index > 0 { ", " } else { "" });
                text.push_str(random.pick(KEYS));
                text.push(':');
                json_value(random, depth - 1, text);
            }
            text.push('}');
        }
    }
    text.push_str(random.pick(&["", "", "", " ", "\r\n"]));
}

/// Bytes with some of them changed, left out or put in, one time in two.
fn damaged(mut bytes: Vec<u8>, random: &mut Random) -> Vec<u8> {
    const LIKELY: &[u8] = b"\"\\${}%~[]().,:=\n\r# */<-E0e'!&|?";
    if random.one_in(2) {
        return bytes;
    }
    for _ in 0..random.below(6) {
        let at = random.below(bytes.len() + 1);
        let byte = if random.one_in(4) { random.below(256) as u8 } else { LIKELY[random.below(LIKELY.len())] };
        match random.below(4) {
            0 => bytes.insert(at, byte),
            1 if at < bytes.len() => bytes[at] = byte,
            2 if at < bytes.len() => drop(bytes.remove(at)),
            _ => {
                let length = random.below(20).min(bytes.len() - at);
                let part = bytes[at..at + length].to_vec();
                let to = random.below(bytes.len() + 1);
                bytes.splice(to..to, part);
            }
        }
    }
    bytes
}

#[test]
fn native_syntax_holds_for_any_bytes() {
    run("native", native, targets::native);
}

#[test]
fn json_syntax_holds_for_any_bytes() {
    run("json", json, targets::json);
}

#[test]
fn formatter_is_faithful_and_settles() {
    run("format", |random| if random.one_in(4) { native(random) } else { valid(random) }, targets::format);
}

#[test]
fn values_of_variables_hold_for_any_bytes() {
    run("values", |random| if random.one_in(2) { json(random) } else { native(random) }, targets::values);
}
