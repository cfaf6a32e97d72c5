//! What errors say, where they point, and that one does not hide or cause others.

use hcl::parse;
use hcl::span::LineIndex;

/// Each error as `line:column-line:column summary: detail`.
fn errors(text: &str) -> String {
    let index = LineIndex::new(text.as_bytes());
    let place = |offset| {
        let position = index.position(text.as_bytes(), offset);
        format!("{}:{}", position.line, position.column)
    };
    let error = |error: &hcl::error::SyntaxError| {
        format!("{}-{} {}: {}", place(error.range.start), place(error.range.end), error.summary, error.detail)
    };
    parse(text).errors.iter().map(error).collect::<Vec<_>>().join("\n")
}

/// Line and summary of each error.
fn places(text: &str) -> Vec<(u32, &'static str)> {
    let index = LineIndex::new(text.as_bytes());
    let place =
        |error: &hcl::error::SyntaxError| (index.position(text.as_bytes(), error.range.start).line, error.summary);
    parse(text).errors.iter().map(place).collect()
}

#[test]
fn each_item_gives_its_own_error() {
    let text = "a = ]\nb = 1\nc = [1 2]\nd \"x\" {\n  e = (\n  f = 2\n  g = \"h\n  i = 3\n}\nj = 4 5\n";
    assert_eq!(
        places(text),
        [
            (1, "Invalid expression"),
            (3, "Missing item separator"),
            (6, "Unbalanced parentheses"),
            (7, "Invalid multi-line string"),
            (10, "Missing newline after argument")
        ]
    );
    let file = parse(text).file;
    let names: Vec<&str> = file.attributes().map(|attribute| attribute.name.name.as_str()).collect();
    assert_eq!(names, ["a", "b", "c", "j"]);
    let block = file.blocks().next().expect("the block is kept");
    assert_eq!(block.body.attributes().count(), 3);
}

#[test]
fn missing_quote_costs_its_own_line_only() {
    assert_eq!(places("a = \"${b\nc = 1\n"), [(1, "Unclosed template interpolation sequence")]);
    assert_eq!(
        places("a = f(\"b)\nc = [\"d\", e\"]\nf = 1\n"),
        [(1, "Invalid multi-line string"), (2, "Missing item separator")]
    );
}

#[test]
fn missing_bracket_ends_where_the_layout_says() {
    let text = "resource \"a\" \"b\" {\n  c = [\n    1,\n    2\n  d = 3\n}\n\nresource \"e\" \"f\" {\n  g = 1\n}\n";
    assert_eq!(places(text), [(5, "Missing item separator")]);
    assert_eq!(parse(text).file.blocks().count(), 2);
}

#[test]
fn opening_brace_on_the_next_line_is_one_error() {
    assert_eq!(places("a \"b\"\n{\n  c = 1\n}\nd = 1\n"), [(1, "Invalid block definition")]);
}

#[test]
fn messages_say_what_was_expected_and_found() {
    insta::assert_snapshot!(errors("a = 1 b = 2\nc\n\"d\" = 1\ne: 1\nf = ,\n"), @r#"
    1:7-1:8 Missing newline after argument: An argument must end with a newline, but found the name `b`.
    2:2-2:2 Argument or block definition required: `c` must be followed by an equals sign to set an argument, or by labels and an opening brace to begin a block, but the end of the line follows.
    3:1-3:2 Invalid argument name: Argument names must not be quoted.
    4:2-4:3 Argument or block definition required: To set the argument `e`, use an equals sign: `e = ...`.
    5:5-5:6 Invalid expression: Expected the start of an expression, but found `,`.
    "#);
    insta::assert_snapshot!(errors("a { b = 1, c = 2 }\nd { e = 1\n}\nf { g { } }\nh \"${i}\" {}\nj k = 1\n"), @r#"
    1:10-1:11 Invalid single-argument block definition: A block on one line can hold a single argument. To set several, place each on a line of its own.
    2:10-2:10 Invalid single-argument block definition: An argument on the line of the opening brace makes a block of one line, which must be closed on that line. Place the closing brace right after the argument, or the argument on a line of its own.
    4:7-4:8 Argument definition required: A block on one line can hold a single argument and no block. To set the argument `g`, use an equals sign; to begin a block `g`, place it on a line of its own.
    5:4-5:6 Invalid string literal: A label is fixed text, it cannot hold template sequences. For a literal `${`, write `$${`.
    6:5-6:6 Invalid block definition: An equals sign sets an argument, whose name is a single word. A block has no equals sign before its opening brace.
    "#);
    insta::assert_snapshot!(errors("a = 'b'\nc = `d`\ne = f & g\nh = \u{201c}i\u{201d}\nj = 1;\nk = l\u{a0}+ 1\n"), @r#"
    1:5-1:6 Invalid character: Strings are quoted with double quotes (`"`), single quotes mean nothing.
    2:5-2:6 Invalid character: For text of several lines use a heredoc (`<<EOT`), backticks mean nothing.
    3:7-3:8 Unsupported operator: There are no bitwise operators. Did you mean logical and (`&&`)?
    4:5-4:6 Invalid character: Typographic quotes mean nothing. Strings are quoted with straight double quotes (`"`).
    5:6-5:7 Invalid character: Items are separated by newlines, semicolons mean nothing.
    6:6-6:7 Invalid character: This is a space of another kind (it may come from a web page or a document). Replace it by a normal space.
    "#);
    insta::assert_snapshot!(errors("a = \"\\q \\u12 \\ud800 \\${b}\"\nc = \"${d:e}\"\nf = \"${g h}\"\ni = \"%{else}%{endfor}%{if j}\"\nk = \"%{foo}\"\n"), @r#"
    1:6-1:8 Invalid escape sequence: `\q` is not an escape sequence. For a literal backslash, write `\\`.
    1:9-1:13 Invalid escape sequence: `\u` must be followed by 4 hexadecimal digits.
    1:14-1:20 Invalid escape sequence: There is no Unicode character U+D800.
    1:21-1:23 Invalid escape sequence: `\$` is not an escape sequence. For a literal `${`, write `$${`.
    2:9-2:10 Extra characters after interpolation expression: An interpolation holds one expression, a colon cannot follow it. If the text is meant for another language, such as a shell script, write `$${` for a literal `${`.
    3:10-3:11 Extra characters after interpolation expression: Expected a closing brace after the expression, but found the name `h`. If the text is meant for another language, such as a shell script, write `$${` for a literal `${`.
    4:6-4:13 Unexpected else directive: There is no `if` directive that this `else` could belong to.
    4:13-4:22 Unexpected endfor directive: There is no `for` directive that this `endfor` could close.
    4:22-4:29 Unexpected end of template: The `if` directive is not closed: there is no `%{ endif }` for it.
    5:8-5:11 Invalid template control keyword: `foo` is not a directive: there are `if`, `else`, `endif`, `for` and `endfor`. For a literal `%{`, write `%%{`.
    "#);
    insta::assert_snapshot!(errors("a = b ? c\nd = e.\nf = g[1\nh = i(1 2)\nj = k(l... m)\nn = {o}\np = {q r}\ns = [for t u]\nv = {for w in x : w}\ny = provider::z\n"), @r#"
    1:10-1:10 Missing false expression in conditional: A conditional has the form `condition ? if_true : if_false`. Expected the colon after the first result, but found the end of the line.
    2:7-2:7 Invalid attribute name: An attribute name is required after a dot, but found the end of the line.
    4:1-4:2 Missing close bracket on index: An index must end with a closing bracket, but found the name `h`.
    4:9-4:10 Missing argument separator: Arguments of a function are separated by commas and end with `)`, but found the number `2`.
    5:12-5:13 Missing closing parenthesis: An argument with `...` must be the last one, followed by the closing parenthesis, but found the name `m`.
    6:7-6:8 Missing attribute value: A key of an object must be followed by an equals sign and its value, but found `}`.
    7:8-7:9 Missing key/value separator: Expected an equals sign or a colon between a key and its value, but found the name `r`.
    8:12-8:13 Invalid 'for' expression: Expected the keyword `in` after the names, but found the name `u`.
    9:20-9:21 Invalid 'for' expression: Between braces, a 'for' expression builds an object and needs a key and a value: `{for .. : key => value}`. To build a list, use brackets.
    10:16-10:16 Missing open parenthesis: `provider::z` names a function, which must be called: `provider::z(..)`.
    "#);
    insta::assert_snapshot!(errors("a = <<EOT\nx\n  EOT, y\n"), @"1:5-1:10 Unterminated template string: There is no line with the closing marker `EOT` alone, followed by a newline, before the end of the file. Line 3 begins with it, but something follows.");
    insta::assert_snapshot!(errors("a = <<EOT\nx\nEOT"), @"1:5-1:10 Unterminated template string: There is no line with the closing marker `EOT` alone, followed by a newline, before the end of the file. Line 3 holds it, but the newline after it is missing.");
    insta::assert_snapshot!(errors("a {\n  b {\n}\n"), @"1:1-1:4 Unclosed configuration block: There is no closing brace for this block before the end of the file. The brace that closes the block on line 2 is indented less than that block, so the one of that block may be missing.");
    insta::assert_snapshot!(errors("}\na = 1\na = 2\n"), @r#"
    1:1-1:2 Unexpected closing brace: No block is open here, so there is nothing to close. A brace further up may be missing or one too many.
    3:1-3:2 Attribute redefined: The argument `a` was already set on line 2. Each argument may be set only once.
    "#);
    insta::assert_snapshot!(errors("a = {\n  b = [1, 2\n  c = 3\n"), @"3:3-3:4 Missing item separator: Items of a list are separated by commas and end with `]`, but found the name `c`.");
}
