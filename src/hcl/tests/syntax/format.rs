//! The canonical layout.

use hcl::format::{format, format_bytes};

fn formatted(text: &str) -> String {
    format(text).expect("the text has no syntax errors")
}

#[test]
fn equals_signs_and_comments_of_neighbouring_lines_are_aligned() {
    insta::assert_snapshot!(formatted("a = 1 # x\nbbb = 22   # y\n\ncccc = {\nd = 1\n  ee = [\n1,\n]\nfff = 2 // z\n  }\n"), @r#"
    a   = 1  # x
    bbb = 22 # y

    cccc = {
      d = 1
      ee = [
        1,
      ]
      fff = 2 // z
    }
    "#);
}

#[test]
fn indentation_follows_brackets_not_their_number() {
    insta::assert_snapshot!(formatted("a = f([{\nb = 1\n}, {\nc = 2\n}])\nd \"e\" {\nf {\n# g\nh = (\ni\n)\n}\n}\n"), @r#"
    a = f([{
      b = 1
      }, {
      c = 2
    }])
    d "e" {
      f {
        # g
        h = (
          i
        )
      }
    }
    "#);
}

#[test]
fn space_between_tokens_is_canonical() {
    let text = "a=-1\nb = c -1\nd = [ for x in[1]:x ]\ne = {f=g}\nh = { }\ni = j ( k,l ... )\nm = ! n&&o\np = q . r [ 0 ] . s\nt = \"${ u }x${ {} }\"\nv = provider :: w :: x( )\n";
    insta::assert_snapshot!(formatted(text), @r#"
    a = -1
    b = c - 1
    d = [for x in [1] : x]
    e = { f = g }
    h = {}
    i = j(k, l...)
    m = !n && o
    p = q.r[0].s
    t = "${u}x${ {} }"
    v = provider::w::x()
    "#);
}

#[test]
fn lone_interpolations_labels_and_old_types_are_rewritten() {
    let text = "variable a {\n type = \"list\"\n default = \"${b}\"\n}\nvariable \"c\" {\n type = map\n}\nd e \"f\" {\n g = \"${h}${i}\"\n j = \"${\n k\n ? l : m}\"\n n = [\"${o}\"]\n}\n";
    insta::assert_snapshot!(formatted(text), @r#"
    variable "a" {
      type    = list(string)
      default = b
    }
    variable "c" {
      type = map(any)
    }
    d "e" "f" {
      g = "${h}${i}"
      j = (k
      ? l : m)
      n = ["${o}"]
    }
    "#);
}

#[test]
fn label_with_a_dollar_or_percent_sign_is_kept() {
    assert_eq!(formatted("a \"b$c\"  \"%%{d}\" {}\n"), "a \"b$c\" \"%%{d}\" {}\n");
}

#[test]
fn heredoc_stays_in_quotes_where_no_newline_would_follow_its_marker() {
    assert_eq!(formatted("a = \"${<<EOT\nx\nEOT\n}\"\n"), "a = <<EOT\nx\nEOT\n");
    assert_eq!(formatted("a = \"${<<EOT\nx\nEOT\n}\""), "a = \"${<<EOT\nx\nEOT\n}\"");
    assert_eq!(formatted("a { b = \"${<<EOT\nx\nEOT\n}\" }\n"), "a { b = \"${<<EOT\nx\nEOT\n}\" }\n");
}

#[test]
fn legacy_indexes_stay_apart_from_what_would_make_them_a_number() {
    assert_eq!(formatted("a = b.0.  1\n"), "a = b.0. 1\n");
    assert_eq!(formatted("a = 1 .2\n"), "a = 1. 2\n");
    assert_eq!(formatted("a = b. 0 . e3\n"), "a = b.0. e3\n");
    assert_eq!(formatted("a = b. 0 . e-3\n"), "a = b.0. e-3\n");
    assert_eq!(formatted("a = b. 0 . each\n"), "a = b.0.each\n");
}

#[test]
fn index_that_is_a_keyword_is_kept() {
    assert_eq!(formatted("a = b[ true ].c[null]\n"), "a = b[true].c[null]\n");
}

#[test]
fn unwrapped_expression_gets_parentheses_where_a_comment_breaks_its_line() {
    assert_eq!(formatted("a = \"${b # c\n? d : e}\"\n"), "a = (b # c\n? d : e)\n");
    assert_eq!(formatted("a = \"${ # c\nb}\"\n"), "a = ( # c\nb)\n");
    assert_eq!(formatted("a = \"${(b) +\n(c)}\"\n"), "a = ((b) +\n(c))\n");
    // At its end it breaks nothing, unless a brace follows.
    assert_eq!(formatted("a = \"${b # c\n}\"\n"), "a = b # c\n\n");
    assert_eq!(formatted("a { b = \"${c # d\n}\" }\n"), "a { b = \"${c # d\n}\" }\n");
    assert_eq!(formatted("a = \"${ # c\n<<E\nE\n}\"\n"), "a = \"${ # c\n  <<E\nE\n}\"\n");
}

#[test]
fn line_with_an_equals_sign_before_a_heredoc_is_indented_by_what_is_before_the_sign() {
    assert_eq!(
        formatted("a = f(\ng({\nb = 1 }), <<E\n${[\nc]}\nE\n)\n"),
        "a = f(\n  g({\n    b = 1 }), <<E\n${[\n  c]}\nE\n)\n"
    );
}

#[test]
fn lone_sign_before_a_newline_of_a_heredoc_makes_that_two_columns_wide() {
    assert_eq!(
        formatted("a = <<E\r\nx$\r\n${[ // c\r\n1, // d\r\n]}\r\nE\r\n"),
        "a = <<E\r\nx$\r\n${[ // c\r\n1,              // d\r\n]}\r\nE\r\n"
    );
}

#[test]
fn byte_order_mark_alone_becomes_as_many_spaces_as_it_has_bytes() {
    assert_eq!(formatted("\u{feff}"), "   ");
    assert_eq!(formatted("\u{feff}\t"), "    ");
}

#[test]
fn heredocs_newline_styles_and_byte_order_marks_are_kept_or_dropped_as_terraform_does() {
    assert_eq!(
        formatted("\u{feff}a = <<-EOT\n   x   ${  y  }\n  EOT\nbb=1\n"),
        "a  = <<-EOT\n   x   ${y}\n  EOT\nbb = 1\n"
    );
    assert_eq!(formatted("a=1\r\n\tb {}   \r\n"), "a = 1\r\nb {}\r\n");
    assert_eq!(formatted("a = 1\n\t "), "a = 1\n  ");
}

#[test]
fn file_with_syntax_errors_gives_these() {
    let errors = format("a = \n").expect_err("there is no expression");
    assert_eq!(errors[0].summary, "Invalid expression");
}

#[test]
fn bytes_that_are_not_utf_8_are_kept_in_comments() {
    let formatted = format_bytes(b"a=1 # \xff\xfe \x1a\nbb=2 /* \x80 */ # x\nb /* \xff */ \"x\" {}\n");
    let expected = b"a  = 1         # \xff\xfe \x1a\nbb = 2 /* \x80 */ # x\nb \"x\" {}\n";
    assert_eq!(formatted.as_deref(), Ok(expected.as_slice()));
    assert!(format_bytes(b"a = \"\xff\"\n").is_err());
}
