//! Cases in which implementations of HCL differ; each follows what Terraform does.

use hcl::{parse, parse_bytes, parse_expression, parse_template};

use crate::notation;

/// The tree of a file without errors.
fn file(text: &str) -> String {
    let parsed = parse(text);
    assert_eq!(parsed.errors, [], "{text:?}");
    notation::body(&parsed.file)
}

/// The tree of an expression without errors.
fn expr(text: &str) -> String {
    let parsed = parse_expression(text);
    assert_eq!(parsed.errors, [], "{text:?}");
    notation::expr(&parsed.expr)
}

/// The summary of the first error.
fn error(text: &str) -> &'static str {
    let parsed = parse(text);
    assert_ne!(parsed.errors, [], "{text:?} is no file");
    parsed.errors[0].summary
}

#[test]
fn empty_heredoc_does_not_swallow_what_follows() {
    assert_eq!(file("a = <<EOT\nEOT\nb = <<EOT\nx\nEOT\n"), r#"a = ""; b = "x\n""#);
}

#[test]
fn heredoc_ends_only_where_its_marker_is_alone_on_a_line() {
    assert_eq!(file("a = <<EOT\nEOT.\nEOT foo\nEOT;\nxEOT\n  EOT \t\n"), r#"a = "EOT.\nEOT foo\nEOT;\nxEOT\n""#);
    assert_eq!(file("a = <<EOT\n${b}EOT\n${b}\nEOT\n"), r#"a = "${b}EOT\n${b}\n""#);
}

#[test]
fn line_without_indent_means_no_dedent() {
    let text = "a = <<-EOT\nx\n    ${\"b\"}\n    y\n    EOT\n";
    assert_eq!(file(text), r#"a = "x\n    ${"b"}\n    y\n""#);
}

#[test]
fn dedent_counts_text_inside_of_directives() {
    let text = "a = <<-EOT\n    %{if b}\n  x\n    %{else}\n   y\n    %{endif}\n    EOT\n";
    assert_eq!(file(text), r#"a = "  %{if b}\nx\n  %{else}\n y\n  %{endif}\n""#);
    let text = "a = <<-EOT\n    %{for x in y}\n      x\n    %{endfor}\n  EOT\n";
    assert_eq!(file(text), r#"a = "%{for x in y}\n  x\n%{endfor}\n""#);
}

#[test]
fn dedent_ignores_blank_lines_and_counts_space_before_interpolations() {
    assert_eq!(file("a = <<-EOT\n    x\n\n  \n    y\n  EOT\n"), r#"a = "x\n\n  \ny\n""#);
    assert_eq!(file("a = <<-EOT\n    x\n  ${b} c\n  EOT\n"), r#"a = "  x\n${b} c\n""#);
    assert_eq!(file("a = <<-EOT\n    x\n${b} c\n  EOT\n"), r#"a = "    x\n${b} c\n""#);
    assert_eq!(file("a = <<-EOT\r\n   x\r\n\r\n  ${1}\r\n  EOT\r\n"), r#"a = " x\r\n\r\n${1}\r\n""#);
    assert_eq!(file("a = <<-EOT\n\t\tx\n\t y\n\t\t z\n\tEOT\n"), r#"a = "x\ny\n z\n""#);
}

#[test]
fn quoted_directives_process_escapes_and_end_with_the_string() {
    assert_eq!(expr(r#""%{if a}x\ty\"%{else}\\%{endif}""#), r#""%{if a}x\ty\"%{else}\\%{endif}""#);
    assert_eq!(error("a = \"%{if b}x\"\n"), "Unexpected end of template");
    assert_eq!(error("a = \"%{if b}\\q%{endif}\"\n"), "Invalid escape sequence");
}

#[test]
fn strip_markers_trim_all_unicode_space_of_the_adjacent_token() {
    assert_eq!(expr("\"x \\n\\u00a0\u{2003} ${~ b ~} \\t\\n y\""), r#""x${b}y""#);
    assert_eq!(file("a = <<EOT\nx\n  ${~ b ~}  \n  y\nEOT\n"), r#"a = "x\n${b}  y\n""#);
    assert_eq!(
        file("a = <<EOT\n  %{~ if b ~}  \n  y\n  %{~ endif ~}\nz\nEOT\n"),
        r#"a = "%{if b}  y\n%{else}%{endif}z\n""#
    );
    assert_eq!(expr(r#""${~ b ~}""#), "wrap(b)");
    assert_eq!(expr(r#"" ${~ b ~}""#), r#""${b}""#);
}

#[test]
fn dollars_and_percent_signs_escape_a_brace_after_another() {
    assert_eq!(
        expr(r#""$${a} %%{b} $$$${c} $ % $$ $x $%{if a}${b}%{endif}""#),
        r#""${a} %{b} $$${c} $ % $$ $x $%{if a}${b}%{else}%{endif}""#
    );
    assert_eq!(file("a = <<EOT\n$${a} %%%{b} \\n\nEOT\n"), r#"a = "${a} %%{b} \\n\n""#);
}

#[test]
fn numbers_are_kept_as_written() {
    for number in ["0.1", "1e-400", "1e400", "340282366920938463463374607431768211456.5", "1.e5", "007"] {
        assert_eq!(expr(number), number);
    }
}

#[test]
fn attribute_splat_takes_the_legacy_indexes_after_it() {
    assert_eq!(expr("a.*.b.1"), "a.*<.b.1>");
    assert_eq!(expr("a.*.b[1].c"), "a.*<.b>[1].c");
    assert_eq!(expr("a[*].b[1].c"), "a[*]<.b[1].c>");
    assert_eq!(expr("a[*].b[*].c"), "a[*]<.b[*]<.c>>");
    assert_eq!(expr("a[*].b.*.c[0]"), "a[*]<.b.*<.c>[0]>");
}

#[test]
fn indexes_may_be_strings_or_legacy_numbers_on_any_value() {
    assert_eq!(expr(r#"[1, 2]["1"]"#), r#"[1, 2]["1"]"#);
    assert_eq!(expr(r#"{"0" = 1}.0"#), r#"{"0" = 1}.0"#);
    assert_eq!(expr("{null = 1}"), "{null = 1}");
    assert_eq!(expr("{true = 1, for_each = 2}"), "{true = 1, for_each = 2}");
}

#[test]
fn object_keys_may_occur_twice() {
    assert_eq!(expr("{a = 1, a = 2}"), "{a = 1, a = 2}");
    assert_eq!(expr(r#"{("a") = 1, ("a") = 2}"#), r#"{("a") = 1, ("a") = 2}"#);
}

#[test]
fn newlines_mean_nothing_in_for_expressions_parentheses_and_sequences() {
    assert_eq!(file("a = [for x in b\n||\nc :\nx\n+\n1 if\nx\n]\n"), "a = [for x in <b || c> : <x + 1> if x]");
    assert_eq!(file("a = {for\nx\nin\nb\n:\nx\n+ 1 =>\nx\n...\n}\n"), "a = {for x in b : <x + 1> => x...}");
    assert_eq!(file("a = [for\r\nx in b : x]\r\n"), "a = [for x in b : x]");
    assert_eq!(file("a = \"%{\nif\nb\n}x%{\nendif\n}\"\n"), r#"a = "%{if b}x%{else}%{endif}""#);
    assert_eq!(file("a = (-\n5)\nb = (!\ntrue)\n"), "a = (<-5>); b = (<!true>)");
    assert_eq!(file("a = (b\n? c\n: d\n)\n"), "a = (<b ? c : d>)");
    assert_eq!(file("a = f(\nb\n,\nc\n)\n"), "a = f(b, c)");
}

#[test]
fn more_than_64_levels_and_128_operators_are_accepted() {
    expr(&format!("{}1{}", "(".repeat(500), ")".repeat(500)));
    expr(&format!("{}1{}", "[".repeat(500), "]".repeat(500)));
    expr(&format!("1{}", " + 1".repeat(5_000)));
    file(&format!("{}{}", "a {\n".repeat(300), "}\n".repeat(300)));
}

#[test]
fn byte_order_mark_is_skipped_at_the_beginning_only() {
    assert_eq!(file("\u{feff}a = 1\n"), "a = 1");
    assert_eq!(error("a = 1\u{feff}\n"), "Invalid character");
}

#[test]
fn comments_may_hold_a_lone_carriage_return_and_invalid_utf_8() {
    let parsed = parse_bytes(b"# \x80\na = 1 # \r \xff\n/* \xfe */ b = 2\n");
    assert_eq!(parsed.errors, []);
    assert_eq!(notation::body(&parsed.file), "a = 1; b = 2");
}

#[test]
fn invalid_utf_8_outside_of_comments_is_one_error_with_its_place() {
    for (bytes, place) in [
        (&b"a = \"\x80\"\n"[..], 5..6),
        (b"a = \xff\xfe\n", 4..6),
        (b"a = <<EOT\n\xe2\x82\nEOT\n", 10..12),
        (b"\xff", 0..1),
    ] {
        let parsed = parse_bytes(bytes);
        let found: Vec<_> = parsed.errors.iter().map(|error| (error.summary, error.range.range())).collect();
        assert_eq!(found[0], ("Invalid character encoding", place), "{found:?}");
    }
}

#[test]
fn legacy_index_may_have_leading_zeros_and_an_exponent() {
    assert_eq!(expr("a.01"), "a.01");
    assert_eq!(expr("a.1e0"), "a.1e0");
}

#[test]
fn identifiers_may_begin_with_letters_outside_of_xid_start() {
    assert_eq!(file("\u{37a}x = \u{e33}\n"), "\u{37a}x = \u{e33}");
}

#[test]
fn newline_in_a_quoted_string_or_label_is_an_error() {
    assert_eq!(error("a = \"b\nc\"\n"), "Invalid multi-line string");
    assert_eq!(error("a \"b\nc\" {\n}\n"), "Invalid multi-line string");
    assert_eq!(error("a = \"b\r\nc\"\n"), "Invalid multi-line string");
}

#[test]
fn heredoc_marker_needs_a_newline_right_after_it() {
    for text in [
        "a = <<EOT\nx\nEOT",
        "a = [<<EOT\nx\nEOT, 1]\n",
        "a = [<<EOT\nx\nEOT]\n",
        "a = f(<<EOT\nx\nEOT)\n",
        "a = <<EOT\nx\nEOT # c\n",
    ] {
        assert_eq!(error(text), "Unterminated template string", "{text:?}");
    }
    assert_eq!(file("a = [<<EOT\nx\nEOT\n, 1]\n"), r#"a = ["x\n", 1]"#);
}

#[test]
fn keywords_are_whole_words() {
    assert_eq!(error("a = [for x inx : x]\n"), "Invalid 'for' expression");
    assert_eq!(error("a = [for x in y : x ifx]\n"), "Invalid 'for' expression");
    assert_eq!(error("a = \"%{ iffy }\"\n"), "Invalid template control keyword");
    assert_eq!(error("a = [for]\n"), "Invalid 'for' expression");
    assert_eq!(error("a = {for=1}\n"), "Invalid 'for' expression");
    assert_eq!(expr("[fort, format]"), "[fort, format]");
}

#[test]
fn chained_legacy_indexes_nested_splats_and_malformed_numbers_are_errors() {
    assert_eq!(error("a = b.0.1\n"), "Invalid legacy index syntax");
    assert_eq!(error("a = b.*.0.1\n"), "Invalid legacy index syntax");
    assert_eq!(error("a = b.*.c.*.d\n"), "Nested splat expression not allowed");
    assert_eq!(error("a = 1.2.3\n"), "Invalid number literal");
    assert_eq!(error("a = 1e5.5\n"), "Invalid number literal");
}

#[test]
fn newline_after_a_dot_or_in_a_splat_is_an_error() {
    assert_eq!(error("a = b.\nc\n"), "Invalid attribute name");
    assert_eq!(error("a = b[\n*\n]\n"), "Invalid expression");
    assert_eq!(expr("(b.\nc[\n*\n])"), "(b.c[*]<>)");
}

#[test]
fn permission_for_newlines_ends_with_its_brackets() {
    for text in
        ["v = [1,2]\n.1\n", "v = {for x in y : x => x}\n.a\n", "v = f(1)\n.a\n", "v = (a)\n.b\n", "v = a[\n0\n]\n.b\n"]
    {
        assert_eq!(error(text), "Argument or block definition required", "{text:?}");
    }
    assert_eq!(error("a = {\n b = (c\n)\n.d\n}\n"), "Invalid expression");
}

#[test]
fn joiners_and_letters_newer_than_unicode_9_are_not_in_identifiers() {
    assert_eq!(error("a\u{200d}b = 1\n"), "Invalid character");
    assert_eq!(error("a = \u{200c}b\n"), "Invalid character");
    assert_eq!(error("\u{10570} = 1\n"), "Invalid character");
}

#[test]
fn lone_carriage_return_is_an_error_in_code_and_heredocs_and_text_in_templates() {
    assert_eq!(error("a = 1\rb = 2\n"), "Invalid character");
    assert_eq!(error("a = <<EOT\nx\ry\nEOT\n"), "Invalid character");
    assert_eq!(notation::expr(&parse_template("a\rb").expr), r#""a\rb""#);
}

#[test]
fn tokens_are_the_text_byte_for_byte() {
    let text = "\u{feff}a /* x */ = ( # c\r\n\t1\n+ // d\n2\r\n)\r\nb = \"\\u00e9\t${ c }\"\nd = <<-EOT\n\t\tx ${ y } \n\tEOT\ne \"f\" {}";
    let parsed = parse(text);
    let joined: String = parsed.tokens.iter().map(|token| &text[token.span.range()]).collect();
    assert_eq!(joined, text);
    assert_eq!(notation::body(&parsed.file), "a = (<1 + 2>); b = \"é\\t${c}\"; d = \"x ${y} \\n\"; e \"f\" {}");
}

#[test]
fn single_interpolation_yields_its_value_in_every_form_of_template() {
    assert_eq!(expr(r#""${a}""#), "wrap(a)");
    assert_eq!(notation::expr(&parse_template("${a}").expr), "wrap(a)");
    assert_eq!(notation::expr(&parse_template("${a}\n").expr), r#""${a}\n""#);
    assert_eq!(expr(r#""%{if a}${b}%{endif}""#), r#""%{if a}${b}%{else}%{endif}""#);
}

#[test]
fn operators_bind_as_in_c_and_group_to_the_left() {
    assert_eq!(expr("a || b && c == d < e + f * -g"), "<a || <b && <c == <d < <e + <f * <-g>>>>>>>");
    assert_eq!(expr("1 - 2 - 3 * 4 / 5 % 6 + 7"), "<<<1 - 2> - <<<3 * 4> / 5> % 6>> + 7>");
    assert_eq!(expr("a == b != c"), "<<a == b> != c>");
    assert_eq!(expr("!a.b && -c[0] > 1"), "<<!a.b> && <<-c[0]> > 1>>");
    assert_eq!(expr("a ? b : c ? d : e"), "<a ? b : <c ? d : e>>");
    assert_eq!(expr("a || b ? c + 1 : d"), "<<a || b> ? <c + 1> : d>");
}
