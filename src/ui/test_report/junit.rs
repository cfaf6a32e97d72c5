//! Results of tests in the XML form that JUnit began and that CI systems read.

use std::fmt::Write;

use model::diagnostic::Diagnostics;
use model::source::SourceMap;
use testing::report::{FileReport, Report, RunReport, Status};

use crate::{diagnostics, style};

/// The results: a `testsuite` a file, a `testcase` a run.
pub fn junit(report: &Report, sources: &SourceMap) -> String {
    let mut xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><testsuites>".to_string();
    for file in &report.files {
        suite(&mut xml, file, sources);
    }
    xml.push_str("\n</testsuites>");
    xml
}

fn suite(xml: &mut String, file: &FileReport, sources: &SourceMap) {
    let count = |status| file.runs.iter().filter(|run| run.status == status).count();
    let name = attribute(&file.name);
    push(
        xml,
        format_args!(
            "\n  <testsuite name=\"{name}\" tests=\"{}\" skipped=\"{}\" failures=\"{}\" errors=\"{}\">",
            file.runs.len(),
            count(Status::Skip),
            count(Status::Fail),
            count(Status::Error),
        ),
    );
    let errored = file.runs.iter().find(|run| run.status == Status::Error);
    for run in &file.runs {
        case(xml, file, run, errored, sources);
    }
    xml.push_str(if file.runs.is_empty() { "</testsuite>" } else { "\n  </testsuite>" });
}

fn case(xml: &mut String, file: &FileReport, run: &RunReport, errored: Option<&RunReport>, sources: &SourceMap) {
    let (name, class) = (attribute(&run.name), attribute(&file.name));
    push(xml, format_args!("\n    <testcase name=\"{name}\" classname=\"{class}\""));
    if run.status != Status::Skip {
        let started = run.started.strftime("%Y-%m-%dT%H:%M:%SZ");
        push(xml, format_args!(" time=\"{}\" timestamp=\"{started}\"", run.elapsed.as_secs_f64()));
    }
    xml.push('>');
    let inner = match run.status {
        Status::Pending | Status::Pass if run.diagnostics.is_empty() => None,
        Status::Pending | Status::Pass => Some(format!("<system-err>{}</system-err>", text(&run.diagnostics, sources))),
        Status::Fail => Some(element("failure", &failed(run), &text(&run.diagnostics, sources))),
        Status::Error => Some(element("error", "Encountered an error", &text(&run.diagnostics, sources))),
        Status::Skip => Some(match errored {
            Some(errored) => element(
                "skipped",
                "Testcase skipped due to a previous testcase error",
                &data(&format!("\"{}\" ended in an error, so the runs after it were skipped", errored.name)),
            ),
            None => element("skipped", "Testcase skipped", &data("the tests were interrupted")),
        }),
    };
    match inner {
        Some(inner) => push(xml, format_args!("\n      {inner}\n    </testcase>")),
        None => xml.push_str("</testcase>"),
    }
}

/// `2 of 3 assertions failed, including: ..`
fn failed(run: &RunReport) -> String {
    let (all, failed) = run.assertions;
    let first = run.diagnostics.iter().find(|diagnostic| diagnostic.is_error()).map_or("", |first| &first.detail);
    let including = if failed > 1 { ", including" } else { "" };
    format!("{failed} of {all} assertions failed{including}: {first}")
}

fn element(name: &str, message: &str, content: &str) -> String {
    format!("<{name} message=\"{}\">{content}</{name}>", attribute(message))
}

fn text(diagnostics: &Diagnostics, sources: &SourceMap) -> String {
    data(&format!("\n{}", style::plain(&diagnostics::text(diagnostics, sources))))
}

/// Text that is taken as it is. Its one forbidden part is split over two sections.
fn data(text: &str) -> String {
    format!("<![CDATA[{}]]>", printable(text).replace("]]>", "]]]]><![CDATA[>"))
}

fn attribute(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in printable(text).chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&#34;"),
            '\n' => out.push_str("&#xA;"),
            '\t' => out.push_str("&#x9;"),
            other => out.push(other),
        }
    }
    out
}

/// Characters that XML can't hold become the replacement character.
fn printable(text: &str) -> String {
    let allowed =
        |character: char| matches!(character, '\t' | '\n' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    text.chars().map(|character| if allowed(character) { character } else { '\u{fffd}' }).collect()
}

fn push(xml: &mut String, arguments: std::fmt::Arguments<'_>) {
    xml.write_fmt(arguments).expect("a string takes everything");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_that_would_end_a_section_or_break_an_attribute_is_escaped() {
        assert_eq!(data("a ]]> b\u{1b}"), "<![CDATA[a ]]]]><![CDATA[> b\u{fffd}]]>");
        assert_eq!(attribute("\"<&>\"\n"), "&#34;&lt;&amp;&gt;&#34;&#xA;");
    }
}
