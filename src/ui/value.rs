//! Values and types in the notation that Terraform prints them in: after an apply, for `output` and in the console.

use std::fmt::Write;

use model::entries::Entries;
use model::ty::Type;
use model::value::{Kind, Marks, Value};

/// A value in the syntax of the language, as far as it has one. Secrets and what is not known are told, not shown.
///
/// The text holds what the value holds, control characters in texts of several lines included.
pub fn text(value: &Value) -> String {
    let mut out = String::new();
    write_value(&mut out, value, 0);
    out
}

/// A type, an attribute or element a line.
pub fn type_text(ty: &Type) -> String {
    let mut out = String::new();
    write_type(&mut out, ty, 0);
    out
}

fn write_value(out: &mut String, value: &Value, indent: usize) {
    if value.marks().contains(Marks::SENSITIVE) {
        out.push_str("(sensitive value)");
        return;
    }
    if value.marks().contains(Marks::EPHEMERAL) {
        out.push_str("(ephemeral value)");
        return;
    }
    match value.reveal() {
        Kind::Unknown(..) => out.push_str("(known after apply)"),
        Kind::Null(ty) => write_null(out, ty),
        Kind::Bool(value) => push(out, format_args!("{value}")),
        Kind::Number(number) => push(out, format_args!("{number}")),
        Kind::String(text) if text.contains('\n') => write_lines(out, text, indent),
        Kind::String(text) => write_quoted(out, text),
        Kind::List(_, items) => write_items(out, "tolist(", items, ")", indent),
        Kind::Set(_, items) => write_items(out, "toset(", items, ")", indent),
        Kind::Tuple(items) => write_items(out, "", items, "", indent),
        Kind::Map(_, entries) => write_entries(out, "tomap(", entries, ")", indent),
        Kind::Object(entries) => write_entries(out, "", entries, "", indent),
    }
}

fn push(out: &mut String, text: std::fmt::Arguments<'_>) {
    out.write_fmt(text).expect("writing to a string never fails");
}

fn write_null(out: &mut String, ty: &Type) {
    match ty {
        Type::Dynamic => out.push_str("null"),
        Type::String => out.push_str("tostring(null)"),
        Type::Number => out.push_str("tonumber(null)"),
        Type::Bool => out.push_str("tobool(null)"),
        Type::List(element) => push(out, format_args!("tolist(null) /* of {} */", element.friendly_name())),
        Type::Set(element) => push(out, format_args!("toset(null) /* of {} */", element.friendly_name())),
        Type::Map(element) => push(out, format_args!("tomap(null) /* of {} */", element.friendly_name())),
        Type::Tuple(_) | Type::Object(_) => push(out, format_args!("null /* {} */", ty.friendly_name())),
    }
}

/// A text of several lines as a heredoc, whose end is a line that the text does not have.
fn write_lines(out: &mut String, text: &str, indent: usize) {
    let mut end = String::from("EOT");
    while text.split('\n').any(|line| line.trim_start() == end) {
        end.push('_');
    }
    out.push_str(if indent > 0 { "<<-" } else { "<<" });
    out.push_str(&end);
    for line in text.split('\n').chain([end.as_str()]) {
        push(out, format_args!("\n{:indent$}{line}", ""));
    }
}

fn write_quoted(out: &mut String, text: &str) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{7}' => out.push_str("\\a"),
            '\u{8}' => out.push_str("\\b"),
            '\u{b}' => out.push_str("\\v"),
            '\u{c}' => out.push_str("\\f"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            character if is_printable(character) => out.push(character),
            character => {
                let code = u32::from(character);
                match code {
                    0..0x80 => push(out, format_args!("\\x{code:02x}")),
                    0x80..0x1_0000 => push(out, format_args!("\\u{code:04x}")),
                    0x1_0000.. => push(out, format_args!("\\U{code:08x}")),
                }
            }
        }
    }
    out.push('"');
}

/// Letters, marks, numbers, punctuation, symbols and the space.
fn is_printable(character: char) -> bool {
    // Marks are printable behind something.
    let mut text = String::from("a");
    text.push(character);
    !text.escape_debug().to_string().starts_with("a\\u")
}

fn write_items(out: &mut String, before: &str, items: &[Value], after: &str, indent: usize) {
    out.push_str(before);
    if items.is_empty() {
        out.push_str("[]");
    } else {
        out.push_str("[\n");
        for item in items {
            push(out, format_args!("{:width$}", "", width = indent + 2));
            write_value(out, item, indent + 2);
            out.push_str(",\n");
        }
        push(out, format_args!("{:indent$}]", ""));
    }
    out.push_str(after);
}

fn write_entries(out: &mut String, before: &str, entries: &Entries, after: &str, indent: usize) {
    out.push_str(before);
    if entries.is_empty() {
        out.push_str("{}");
    } else {
        out.push_str("{\n");
        for (name, value) in entries {
            push(out, format_args!("{:width$}", "", width = indent + 2));
            write_value(out, &Value::string(name.clone()), indent + 2);
            out.push_str(" = ");
            write_value(out, value, indent + 2);
            out.push('\n');
        }
        push(out, format_args!("{:indent$}}}", ""));
    }
    out.push_str(after);
}

fn write_type(out: &mut String, ty: &Type, indent: usize) {
    let inner = indent + 4;
    match ty {
        Type::Dynamic => out.push_str("dynamic"),
        Type::Bool => out.push_str("bool"),
        Type::Number => out.push_str("number"),
        Type::String => out.push_str("string"),
        Type::List(element) => write_collection(out, "list", element, indent),
        Type::Set(element) => write_collection(out, "set", element, indent),
        Type::Map(element) => write_collection(out, "map", element, indent),
        Type::Tuple(items) if items.is_empty() => out.push_str("tuple([])"),
        Type::Tuple(items) => {
            out.push_str("tuple([\n");
            for item in items.iter() {
                push(out, format_args!("{:inner$}", ""));
                write_type(out, item, inner);
                out.push_str(",\n");
            }
            push(out, format_args!("{:indent$}])", ""));
        }
        Type::Object(object) if object.attributes.is_empty() => out.push_str("object({})"),
        Type::Object(object) => {
            out.push_str("object({\n");
            for (name, ty) in &object.attributes {
                push(out, format_args!("{:inner$}{name}: ", ""));
                write_type(out, ty, inner);
                out.push_str(",\n");
            }
            push(out, format_args!("{:indent$}}})", ""));
        }
    }
}

/// Primitive elements stand on the same line.
fn write_collection(out: &mut String, name: &str, element: &Type, indent: usize) {
    if element.is_primitive() || *element == Type::Dynamic {
        push(out, format_args!("{name}("));
        write_type(out, element, indent);
        out.push(')');
    } else {
        push(out, format_args!("{name}(\n{:inner$}", "", inner = indent + 4));
        write_type(out, element, indent + 4);
        push(out, format_args!(",\n{:indent$})", ""));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_several_lines_are_heredocs_that_end_where_they_should() {
        insta::assert_snapshot!(text(&Value::tuple(vec![Value::from(" EOT\n\n x"), "a\u{7}\u{200b}é\u{e000}".into()])), @r#"
        [
          <<-EOT_
           EOT
          
           x
          EOT_,
          "a\a\u200bé\ue000",
        ]
        "#);
        assert_eq!(text(&"_EOT\nEOT".into()), "<<EOT_\n_EOT\nEOT\nEOT_");
    }

    #[test]
    fn values_tell_their_types_where_syntax_does_not() {
        let list = Value::list(Type::String, vec![Value::null(Type::String), "a".into()]);
        let object = Value::object([
            ("list", list),
            ("none", Value::map(Type::Number, Entries::default())),
            ("null", Value::null(Type::set(Type::Dynamic))),
            ("secret", Value::from("canary").sensitive()),
            ("later", Value::unknown(Type::Bool)),
        ]);
        insta::assert_snapshot!(text(&object), @r#"
        {
          "later" = (known after apply)
          "list" = tolist([
            tostring(null),
            "a",
          ])
          "none" = tomap({})
          "null" = toset(null) /* of dynamic */
          "secret" = (sensitive value)
        }
        "#);
        insta::assert_snapshot!(type_text(&object.ty()), @r"
        object({
            later: bool,
            list: list(string),
            none: map(number),
            null: set(dynamic),
            secret: string,
        })
        ");
        insta::assert_snapshot!(type_text(&Type::list(Type::tuple(vec![]))), @r"
        list(
            tuple([]),
        )
        ");
    }
}
