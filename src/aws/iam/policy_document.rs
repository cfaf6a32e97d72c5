//! `data.aws_iam_policy_document`: a policy document written as blocks. Makes no call.
//!
//! The text is the one that `hashicorp/aws` makes, byte for byte: other attributes are compared with it. That includes the
//! order in which that provider's sets list their elements, which follows from a checksum of each element.

use std::collections::BTreeMap;

use provider::data_source::DataSource;
use provider::error::ProviderError;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use crate::clients::Aws;

const VERSION: &str = "2012-10-17";

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct PolicyDocument {
    id: String,
    json: String,
    minified_json: String,
    override_json: Option<String>,
    override_policy_documents: Vec<String>,
    policy_id: Option<String>,
    source_json: Option<String>,
    source_policy_documents: Vec<String>,
    statement: Vec<Statement>,
    version: Option<String>,
}

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct Statement {
    actions: Vec<String>,
    condition: Vec<Condition>,
    effect: Option<String>,
    not_actions: Vec<String>,
    not_principals: Vec<Principal>,
    not_resources: Vec<String>,
    principals: Vec<Principal>,
    resources: Vec<String>,
    sid: String,
}

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct Condition {
    test: String,
    values: Vec<String>,
    variable: String,
}

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct Principal {
    identifiers: Vec<String>,
    r#type: String,
}

/// A document as it is written out: the order of the fields is the order in the text.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Document {
    #[serde(rename = "Version", skip_serializing_if = "String::is_empty")]
    version: String,
    #[serde(rename = "Id", skip_serializing_if = "String::is_empty")]
    id: String,
    #[serde(rename = "Statement", skip_serializing_if = "Vec::is_empty")]
    statements: Vec<DocumentStatement>,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct DocumentStatement {
    #[serde(skip_serializing_if = "String::is_empty")]
    sid: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    effect: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    action: Option<Json>,
    #[serde(skip_serializing_if = "Option::is_none")]
    not_action: Option<Json>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource: Option<Json>,
    #[serde(skip_serializing_if = "Option::is_none")]
    not_resource: Option<Json>,
    #[serde(skip_serializing_if = "Option::is_none")]
    principal: Option<Json>,
    #[serde(skip_serializing_if = "Option::is_none")]
    not_principal: Option<Json>,
    #[serde(skip_serializing_if = "Option::is_none")]
    condition: Option<Json>,
}

impl DataSource for PolicyDocument {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_iam_policy_document";

    async fn read(_aws: &Aws, want: &Self) -> Result<Self, ProviderError> {
        want.filled()
    }
}

impl PolicyDocument {
    /// The same with the document's text, and with what was left out filled in.
    fn filled(&self) -> Result<Self, ProviderError> {
        let document = self.document()?;
        let json = go_json(&document, true);
        let mut filled = PolicyDocument {
            id: crc32fast::hash(json.as_bytes()).to_string(),
            minified_json: go_json(&document, false),
            json,
            version: Some(self.version.clone().unwrap_or_else(|| VERSION.to_string())),
            ..self.clone()
        };
        for statement in &mut filled.statement {
            statement.effect.get_or_insert_with(|| "Allow".to_string());
        }
        Ok(filled)
    }

    fn document(&self) -> Result<Document, ProviderError> {
        let mut document = Document::default();
        let sources = self.source_json.iter().chain(&self.source_policy_documents);
        for source in sources.filter(|source| !source.is_empty()) {
            document.merge(parse(source, "source_policy_documents")?);
        }
        document.merge(self.own()?);
        let overrides = self.override_json.iter().chain(&self.override_policy_documents);
        for source in overrides.filter(|source| !source.is_empty()) {
            document.merge(parse(source, "override_policy_documents")?);
        }
        Ok(document)
    }

    /// The document of this block's own statements.
    fn own(&self) -> Result<Document, ProviderError> {
        let version = self.version.clone().unwrap_or_else(|| VERSION.to_string());
        let mut statements = Vec::with_capacity(self.statement.len());
        for statement in &self.statement {
            let is_taken = |other: &DocumentStatement| !statement.sid.is_empty() && other.sid == statement.sid;
            if statements.iter().any(is_taken) {
                let message =
                    format!("duplicate Sid ({}), each statement's `sid` must be unique or left out", statement.sid);
                return Err(ProviderError::invalid("build an IAM policy document", message));
            }
            statements.push(statement.written(&version)?);
        }
        Ok(Document { version, id: self.policy_id.clone().unwrap_or_default(), statements })
    }
}

fn parse(text: &str, argument: &str) -> Result<Document, ProviderError> {
    serde_json::from_str(text).map_err(|error| {
        ProviderError::invalid(
            "build an IAM policy document",
            format!("a text of `{argument}` is no policy document: {error}"),
        )
        .attribute(model::path::Path::attribute(argument))
    })
}

impl Document {
    /// Takes over another document: its statements replace those with the same `Sid`, the others are added.
    fn merge(&mut self, other: Document) {
        if !other.id.is_empty() {
            self.id = other.id;
        }
        if other.version > self.version {
            self.version = other.version;
        }
        for statement in other.statements {
            let same = self.statements.iter_mut().find(|own| !own.sid.is_empty() && own.sid == statement.sid);
            match same {
                Some(own) => *own = statement,
                None => self.statements.push(statement),
            }
        }
    }
}

impl Statement {
    fn written(&self, version: &str) -> Result<DocumentStatement, ProviderError> {
        if version == "2008-10-17" && self.uses_variables() {
            let message = "the version 2008-10-17 has no `&{..}` variables; use 2012-10-17";
            return Err(ProviderError::invalid("build an IAM policy document", message));
        }
        Ok(DocumentStatement {
            sid: self.sid.clone(),
            effect: self.effect.clone().unwrap_or_else(|| "Allow".to_string()),
            action: one_or_many(descending(&self.actions)),
            not_action: one_or_many(descending(&self.not_actions)),
            resource: one_or_many(with_variables(descending(&self.resources))),
            not_resource: one_or_many(with_variables(descending(&self.not_resources))),
            principal: principals(&self.principals),
            not_principal: principals(&self.not_principals),
            condition: conditions(&self.condition),
        })
    }

    fn uses_variables(&self) -> bool {
        let texts = self.resources.iter().chain(&self.not_resources);
        texts.chain(self.condition.iter().flat_map(|condition| &condition.values)).any(|text| text.contains("&{"))
    }
}

fn descending(texts: &[String]) -> Vec<String> {
    let mut texts = texts.to_vec();
    texts.sort_by(|a, b| b.cmp(a));
    texts.dedup();
    texts
}

/// `&{..}` stands for the `${..}` of policies, which the language would take for its own.
fn with_variables(texts: Vec<String>) -> Vec<String> {
    texts.into_iter().map(|text| text.replace("&{", "${")).collect()
}

fn one_or_many(mut texts: Vec<String>) -> Option<Json> {
    match texts.len() {
        0 => None,
        1 => texts.pop().map(Json::String),
        _ => Some(texts.into()),
    }
}

fn principals(principals: &[Principal]) -> Option<Json> {
    let mut by_type: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for principal in in_set_order(principals, |principal| {
        format!(
            "identifiers:{{{}}};type:{};",
            list_text(&in_string_set_order(&principal.identifiers)),
            principal.r#type
        )
    }) {
        let identifiers = with_variables(descending(&principal.identifiers));
        by_type.entry(&principal.r#type).or_default().extend(identifiers);
    }
    match by_type.iter().next() {
        None => None,
        Some((&"*", names)) if by_type.len() == 1 && names.as_slice() == ["*"] => Some(Json::String("*".into())),
        Some(_) => Some(Json::Object(
            by_type.into_iter().filter_map(|(kind, names)| Some((kind.to_string(), one_or_many(names)?))).collect(),
        )),
    }
}

fn conditions(conditions: &[Condition]) -> Option<Json> {
    let mut by_test: BTreeMap<&str, BTreeMap<&str, Vec<String>>> = BTreeMap::new();
    for condition in in_set_order(conditions, |condition| {
        let values = list_text(&condition.values);
        format!("test:{};values:({values});variable:{};", condition.test, condition.variable)
    }) {
        let values = with_variables(condition.values.clone());
        by_test.entry(&condition.test).or_default().entry(&condition.variable).or_default().extend(values);
    }
    let tests = by_test.into_iter().map(|(test, variables)| {
        let variables =
            variables.into_iter().filter_map(|(name, values)| Some((name.to_string(), one_or_many(values)?)));
        (test.to_string(), Json::Object(variables.collect()))
    });
    let tests: Map<String, Json> = tests.collect();
    (!tests.is_empty()).then_some(Json::Object(tests))
}

/// Elements in the order in which the reference's sets list them: by the decimal text of the CRC-32 of an element's text.
fn in_set_order<T>(elements: &[T], text: impl Fn(&T) -> String) -> Vec<&T> {
    let mut elements: Vec<&T> = elements.iter().collect();
    elements.sort_by_cached_key(|element| crc32fast::hash(text(element).as_bytes()).to_string());
    elements
}

fn in_string_set_order(texts: &[String]) -> Vec<String> {
    in_set_order(texts, |text| format!("{text};")).into_iter().cloned().collect()
}

fn list_text(texts: &[String]) -> String {
    texts.iter().map(|text| format!("{text};")).collect()
}

/// JSON as Go writes it: two spaces of indent, and `<`, `>`, `&` and line separators escaped.
fn go_json(document: &Document, is_indented: bool) -> String {
    let text = if is_indented { serde_json::to_string_pretty(document) } else { serde_json::to_string(document) };
    let text = text.expect("a document has only texts for keys");
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => escaped.push_str(&format!("\\u{:04x}", character as u32)),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_those_of_the_reference_byte_for_byte() {
        let reads: Json =
            serde_json::from_str(include_str!("../conformance/data/aws_iam_policy_document.json")).expect("valid");
        let mut differences = Vec::new();
        for read in reads["reads"].as_array().expect("a list") {
            let config: PolicyDocument = serde_json::from_value(read["config"].clone()).expect("fits");
            let (name, filled) = (&read["name"], config.filled());
            let is_same = match (&filled, read["json"].as_str()) {
                (Ok(filled), Some(json)) => {
                    filled.json == json
                        && read["id"] == filled.id.as_str()
                        && read["minified_json"] == filled.minified_json.as_str()
                }
                (Err(_), None) => true,
                (Ok(_), None) | (Err(_), Some(_)) => false,
            };
            if !is_same {
                differences.push(format!("{name}: {:?}", filled.map(|filled| filled.minified_json)));
            }
        }
        assert!(differences.is_empty(), "{}", differences.join("\n"));
    }
}
