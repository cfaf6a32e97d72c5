//! Every construct of the language, right and almost right: accepted exactly where Terraform accepts it.

use crate::terraform::compare;

/// Values of an attribute each; which of them are valid is Terraform's to say.
#[rustfmt::skip]
const EXPRESSIONS: &[&str] = &[
    // Numbers
    "0", "-0", "1.", "1.0", ".5", "1.e5", "1e", "1e+", "1e+5", "1E-5", "1e5.5", "1.2.3", "0x10", "1_000", "01", "1 2", "1..2", "1...", "+1", "- 1",
    "99999999999999999999999999999999", "1e400", "1e-400", "1a", "1.a", "1.0.a", "1.e", "1.e5e", "١",
    // Keywords and names
    "true", "false", "null", "True", "a-b", "-a", "a--b", "a-", "_", "_a-1", "a.b-c", "é", "e\u{301}", "a\u{200d}b", "日本", "a·b", "·a", "a$", "$a", "a@b", "\\a",
    // Strings
    "\"\"", "\"a\"", "\"\\n\\r\\t\\\"\\\\\"", "\"\\a\"", "\"\\u12\"", "\"\\u1234\"", "\"\\U0001F600\"", "\"\\U1234567\"", "\"\\UFFFFFFFF\"", "\"\\ud800\"", "\"\\u0000\"",
    "\"a\" \"b\"", "'a'", "\"a", "a\"", "\"\t\"", "\"$\"", "\"$$\"", "\"$${a}\"", "\"$$${a}\"", "\"%%{a}\"", "\"%\"", "\"${\"", "\"${}\"", "\"${ }\"", "\"${a\"", "\"${a}}\"",
    "\"${a} ${b}\"", "\"${\"${a}\"}\"", "\"${\"\\\"\"}\"", "\"${~a~}\"", "\"${~ a ~}\"", "\"${ ~a}\"", "\"${a ~ }\"", "\"${a~b}\"", "\"${a b}\"", "\"${{}}\"", "\"${{a=1}}\"", "\"${{a=1}.a}\"",
    "\"$ {a}\"", "\"\u{0}\"", "\"\u{7f}\"", "\"${a /* } */}\"", "\"${a # }\n}\"", "\"${\na\n}\"", "\"#{a}\"",
    // Directives
    "\"%{if a}b%{endif}\"", "\"%{if a}b%{else}c%{endif}\"", "\"%{if a}b%{else}c%{else}d%{endif}\"", "\"%{if a}b\"", "\"b%{endif}\"", "\"%{else}\"", "\"%{if}b%{endif}\"",
    "\"%{ if a ~}b%{~ endif }\"", "\"%{for a in b}c%{endfor}\"", "\"%{for a, b in c}d%{endfor}\"", "\"%{for a b in c}d%{endfor}\"", "\"%{for in in in}%{endfor}\"", "\"%{for a in b}c%{endif}\"",
    "\"%{for a in b}%{if c}d%{endif}%{endfor}\"", "\"%{for a in b}%{if c}d%{endfor}%{endif}\"", "\"%{unless a}b%{end}\"", "\"%{a}\"", "\"%{}\"", "\"%{elseif a}\"", "\"%{if a}%{else if b}%{endif}\"",
    "\"%{for a, b, c in d}%{endfor}\"", "\"%{for a in b if c}%{endfor}\"", "\"%{endfor x}\"", "\"%{if a}%{endif b}\"",
    // Heredocs
    "<<E\nE", "<<E\na\nE", "<<-E\n  a\n  E", "<<E\n  E", "<<E\na", "<<E a\nE", "<< E\na\nE", "<<E\na\nE # c", "<<E\na\n E \t", "<<E\nEE\nE", "<<E\n${a}\nE", "<<E\n${\nE", "<<E\n${<<F\nb\nF\n}\nE",
    "<<1\na\n1", "<<-\na\n-", "<<é\na\né", "<<\"E\"\na\nE", "<<E\n\\q\nE", "<<E\n%{if a}\nb\n%{endif}\nE", "<<E\n%{if a}\nb\nE", "<<~E\na\nE", "<<a-b\nc\na-b", "<<E\n\"\nE", "<<E\r\na\r\nE", "[<<E\na\nE\n]",
    "[<<E\na\nE\n, b]", "[<<E\na\nE, b]", "f(<<E\na\nE\n)", "f(<<E\na\nE)", "{a = <<E\nb\nE\n}", "<<E\na\nE\n + 1", "(<<E\na\nE\n)",
    // Operators
    "a+b", "a + b - c * d / e % f", "a && b || !c", "a == b != c", "a < b <= c > d >= e", "!", "a +", "+ a", "a ++ b", "a -- b", "a & b", "a | b", "a ^ b", "~a", "a ** b", "a // b", "a === b", "a <> b",
    "a = b", "a := b", "a => b", "!a == b", "-a.b", "- - a", "!!a", "a and b", "a ? b : c", "a ? b", "a ? : c", "a ? b : c ? d : e", "a ? b ? c : d : e", "a ?? b", "a ? b :: c", "a ? b.c : d", "a?b:c",
    "a\n+ b", "(a\n+ b)", "(a +\nb)", "(\na\n)", "(a\n? b\n: c)", "(a)(b)", "()", "(a", "a)", "(a, b)", "((a))",
    // Tuples and objects
    "[]", "[a]", "[a,]", "[,]", "[a,,b]", "[a b]", "[a\n,b]", "[a,\nb]", "[a\nb]", "[\n]", "[a", "a]", "[a;b]", "[...]", "[a...]", "[[a], [b]]", "{}", "{a = b}", "{a : b}", "{a = b, c = d}", "{a = b,}", "{,}",
    "{a = b\nc = d}", "{a = b c = d}", "{a}", "{a =}", "{= b}", "{a = \nb}", "{a\n= b}", "{a = b\n, c = d}", "{a = b,\n\n c = d}", "{\"a\" = b}", "{(a) = b}", "{a.b = c}", "{a[0] = c}", "{1 = a}", "{null = a}", "{true = a}",
    "{\"${a}\" = b}", "{f(a) = b}", "{a + b = c}", "{-a = b}", "{!a = b}", "{[a] = b}", "{a => b}", "{a == b}", "{a = b; c = d}", "{for = a}", "{\"for\" = a}", "{(for) = a}", "{if = a}", "{in = a}", "{a = b # c\n}", "{a = b /* c */, d = e}",
    "{\n# c\n}", "{a ? b : c = d}", "{a = 1, a = 2}",
    // For
    "[for a in b : c]", "[for a, b in c : d]", "[for a, b, c in d : e]", "[for a in b c]", "[for a of b : c]", "[for in b : c]", "[for a in : c]", "[for a in b :]", "[for a in b : c if d]", "[for a in b : c if]", "[for a in b if d : c]",
    "[for a in b : c => d]", "[for a in b : c...]", "[for a in b : c, d]", "[for a in b : c\n]", "[\nfor a in b : c]", "[for\na\nin\nb\n:\nc]", "[for a in b : [for c in d : e]]", "[for for in in : if]", "[for a.b in c : d]", "[for \"a\" in b : c]",
    "{for a in b : c => d}", "{for a, b in c : a => b if d}", "{for a in b : c => d...}", "{for a in b : c => d... if e}", "{for a in b : c => d if e ...}", "{for a in b : c}", "{for a in b : c = d}", "{for a in b : c : d}", "{for a in b : c => d, e => f}",
    "{\nfor a in b : c => d\n}", "{for a in b : c => {e = d}}", "[for a in b : c]\n.d", "[for a in b : c].d", "{for a in b : c => d}.e", "[for_a]", "[fora in b : c]", "[for a in b: c]", "[for a in b:c]",
    // Traversals
    "a.b", "a . b", "a.\nb", "a\n.b", "a.b.c", "a[0]", "a[\"b\"]", "a[b]", "a[b.c]", "a[0].b[1]", "a [0]", "a[ 0 ]", "a[\n0\n]", "a[]", "a[0", "a[0,1]", "a[0:1]", "a[-1]", "a[1.5]", "a[true]", "a[null]", "a.0", "a.0.b", "a.0.1", "a.01", "a.1e1", "a.1.b.2",
    "a.\"b\"", "a.(b)", "a.", "a..b", ".a", "a.b-1", "a?.b", "a.b()", "a[\"${b}\"]", "a[\"b${c}\"]", "\"a\".b", "\"a\"[0]", "1.b", "1[0]", "[1].0", "(a).b", "(a)[0]", "f(a).b", "f(a)[0]", "f(a).0", "{a=1}.a", "{a=1}[\"a\"]", "null.a", "true.a",
    // Splats
    "a.*", "a[*]", "a.*.b", "a[*].b", "a[*][0]", "a.*[0]", "a.*.0", "a.*.0.b", "a.*.b.0", "a[*].0", "a[*].b[*].c", "a.*.b.*.c", "a[*].b.*.c", "a.*.b[*].c", "a. *", "a .*", "a[ * ]", "a[\n*\n]", "(a[\n*\n])", "a[*", "a[**]", "a.**", "[a][*].b", "f(a)[*].b", "a.*.*",
    // Calls
    "f()", "f(a)", "f(a,)", "f(,)", "f(a b)", "f(a,,b)", "f(a...)", "f(a..., b)", "f(a ...)", "f(...)", "f(a...,)", "f (a)", "f(\na\n)", "f(a\n, b)", "f(a,\nb,\n)", "f(a", "f(a]", "f(a;b)", "a::b()", "a::b::c(d)", "a::b", "a::", "::a()", "a :: b()", "a::b.c", "a:b()", "f()()",
    "f(a = b)", "f.g()", "a.b(c)", "f(a)...", "f(for a in b : c)", "f(a # c\n)", "f(a /* c */)", "f(// c\n)",
];

/// Whole files.
#[rustfmt::skip]
const FILES: &[&str] = &[
    "", "\n", " ", "\t\n", "\r\n", "\r", "\u{feff}", "\u{feff}a = 1\n", "a = 1", "a = 1\n\n\n", "a = 1 b = 2\n", "a = 1; b = 2\n", "a = 1, b = 2\n", "a = 1,\n", "a\n", "a =\n", "a = \\\n1\n", "= 1\n", "\"a\" = 1\n", "a.b = 1\n", "1 = a\n", "a: 1\n", "a == 1\n",
    "a = 1\na = 2\n", "a += 1\n", "-a = 1\n", "a-b = 1\n", "true = 1\n", "null = 1\n", "for = 1\n", "a = 1 # c\n", "a = 1 // c\n", "a = 1 /* c */\n", "a = 1 /* c\n */\n", "a = 1 /* c\n", "# c", "// c", "/* c */", "/* c", "/* a /* b */ c */\n", "a /* c */ = /* d */ 1\n", "a # c\n = 1\n",
    "#\n", "/**/\n", "/***/\n", "/*/\n", "a = 1 # c\r\n", "a = 1\r\nb = 2\r\n", "a = 1\rb = 2\n", "a {}\n", "a {\n}\n", "a { }\n", "a {\n", "a }\n", "}\n", "{}\n", "a\n{\n}\n", "a {} b {}\n", "a {}\nb {}", "a { b = 1 }\n", "a { b = 1\n}\n", "a {\nb = 1 }\n", "a { b = 1, c = 2 }\n",
    "a { b = 1 c = 2 }\n", "a { b {} }\n", "a {\nb {}\n}\n", "a { b {\n} }\n", "a \"b\" {}\n", "a b {}\n", "a \"b\" \"c\" {}\n", "a \"b\" c {}\n", "a b \"c\" {}\n", "a \"b\", \"c\" {}\n", "a \"${b}\" {}\n", "a \"%{b}\" {}\n", "a \"$${b}\" {}\n", "a \"b\\n\" {}\n", "a \"\\q\" {}\n", "a \"\" {}\n",
    "a \"b\nc\" {}\n", "a \"b\"\n{}\n", "a b.c {}\n", "a 1 {}\n", "a (b) {}\n", "a [b] {}\n", "a <<E\nb\nE\n {}\n", "a = {}\n{}\n", "a {} # c\n", "a { # c\n}\n", "a {\n# c\n}\n", "a /* c */ \"b\" /* d */ {\n}\n", "a { b = {} }\n", "a { b = {\n} }\n", "a { b = [\n] }\n", "a { b = f(\n) }\n",
    "a { b = <<E\nc\nE\n}\n", "a { b = 1 # c }\n", "a { b = 1 /* c */ }\n", "a { /* c */ b = 1 }\n", "a { /* c */ }\n", "a { // c }\n", "a {\n  b {\n    c = 1\n  }\n", "a {\n  b {\n    c = 1\n  }\n}\n}\n", "a \"b {\n}\n", "a = \"b\nc = 1\n", "a = [\nb = 1\n", "a = {\nb = 1\n", "\u{a0}a = 1\n",
    "a\u{a0}= 1\n", "a = 1\u{b}\n", "a = 1\u{c}\n", "\u{2028}a = 1\n", "a = 1 # \u{0}\n", "a = \u{0}\n", "a = `b`\n", "a = @\n", "a = $\n", "a = 1 $\n", "a = ?\n", "% a\n", "a = b ? c : d\n", "a = b\n? c\n: d\n", "日本 = 1\n", "é {\n}\n", "e\u{301} = 1\n", "a = [for x in y : x\n]\n",
];

#[test]
fn constructs_are_accepted_and_laid_out_as_by_terraform() {
    let expressions = EXPRESSIONS.iter().flat_map(|text| {
        [
            format!("a = {text}\n"),
            format!("a = {text}"),
            format!("b {{ a = {text} }}\n"),
            format!("a = \"x ${{ {text} }}\"\n"),
        ]
    });
    let inside = EXPRESSIONS.iter().flat_map(|text| {
        [format!("a = [{text}]\n"), format!("a = {{\nb = {text}\n}}\n"), format!("a = (\n{text}\n)\n")]
    });
    let files = FILES.iter().map(|text| (*text).to_owned());
    let texts: Vec<String> = expressions.chain(inside).chain(files).collect();
    let Some(tally) = compare("constructs", &texts) else { return };
    assert!(tally.valid > texts.len() / 3, "only {} are valid", tally.valid);
    tally.assert_agreement();
}
