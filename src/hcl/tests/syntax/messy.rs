//! Well-formed files as nobody would write them: odd space, comments everywhere, and every way of writing there is.

use crate::random::Random;

/// A file that is valid but for few accidents.
pub fn file(random: &mut Random) -> String {
    let crlf = random.one_in(8);
    let mut messy = Messy { random, text: String::new(), free: false };
    if messy.one_in(16) {
        messy.push("\u{feff}");
    }
    let items = messy.below(7);
    messy.body(items, 3);
    if messy.one_in(10) {
        let trimmed = messy.text.trim_end_matches('\n').len();
        messy.text.truncate(trimmed);
    }
    if messy.one_in(12) {
        messy.push_one_of(&[" ", "\t", "\n\n\n", "# end", "/* end */", "// end\n", " \n ", "\n \t"]);
    }
    let text = messy.text;
    if crlf { text.replace('\n', "\r\n") } else { text }
}

const NAMES: &[&str] = &[
    "a",
    "bb",
    "count",
    "for_each",
    "name",
    "in",
    "if",
    "for",
    "null",
    "true",
    "type",
    "default",
    "x-y",
    "été",
    "변수",
    "each",
    "self",
    "var",
    "local",
    "provider",
    "depends_on",
    "source",
    "endfor",
    "e",
    "e1",
    "_",
    "a_long_name_for_a_thing",
];

const KINDS: &[&str] = &[
    "resource",
    "variable",
    "variable",
    "variable",
    "locals",
    "data",
    "module",
    "output",
    "terraform",
    "provider",
    "dynamic",
    "content",
    "lifecycle",
    "moved",
    "b",
    "content-x",
    "é",
];

const LABELS: &[&str] = &[
    "\"a\"",
    "b",
    "\"aws_x\"",
    "\"\"",
    "\"with space\"",
    "\"é\"",
    "\"e\u{301}\"",
    "\"q\\\"q\"",
    "\"t\\tn\\n\"",
    "\"\\u00e9\"",
    "\"\\\\\"",
    "\"日本\"",
    "x-y",
    "été",
    "\"a.b\"",
    "\"\u{a0}\"",
    "\"\u{1f468}\u{200d}\u{1f469}\"",
    "\"\\U0001F600\"",
    "\"\\u200b\"",
];

const TEXTS: &[&str] = &[
    "x",
    " ",
    "a b",
    "\\n",
    "\\\"",
    "\\\\",
    "$",
    "%",
    "$$",
    "$${a}",
    "%%{b}",
    "é",
    "e\u{301}",
    "\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467}",
    "日本語",
    "#",
    "//",
    "/* */",
    "{",
    "}",
    "=",
    "\\u00e9",
    "\t",
    "'",
    "$$$${",
    "\u{a0}",
    "<<EOT",
    "한국",
    "\u{200b}",
    "a\u{300}\u{301}",
];

const COMMENTS: &[&str] =
    &["c", " c", "  c  ", "", "é", "# {", "\"", "${", "<<EOT", "日本語\t", "*", "x = 1", "}", "c\t", "]"];

struct Messy<'a> {
    random: &'a mut Random,
    text: String,
    /// Whether newlines mean nothing here.
    free: bool,
}

impl Messy<'_> {
    fn below(&mut self, limit: usize) -> usize {
        self.random.below(limit)
    }

    fn one_in(&mut self, times: usize) -> bool {
        self.random.one_in(times)
    }

    fn push(&mut self, text: &str) {
        self.text.push_str(text);
    }

    fn push_one_of(&mut self, texts: &[&str]) {
        let text = self.random.pick(texts);
        self.text.push_str(text);
    }

    /// Space that may be missing.
    fn gap(&mut self) {
        match self.below(24) {
            0..6 => {}
            6..16 => self.push(" "),
            16 | 17 => self.push_one_of(&["  ", "\t", "    ", " \t "]),
            18 => self.block_comment(),
            19 | 20 if self.free => {
                self.push_one_of(&["\n", " \n ", "\n\n", "\n\t"]);
            }
            21 if self.free => self.line_comment(),
            _ => self.push(" "),
        }
    }

    /// Space that words need between them.
    fn space(&mut self) {
        if self.one_in(30) {
            self.push("/*s*/");
        } else {
            self.push_one_of(&[" ", " ", " ", "  ", "\t"]);
        }
        if self.one_in(3) {
            self.gap();
        }
    }

    fn block_comment(&mut self) {
        let space = self.random.pick(&["", " "]);
        let inside = self.random.pick(COMMENTS);
        let newline = if self.one_in(8) { "\n  " } else { "" };
        if inside.ends_with('*') || !newline.is_empty() && self.one_in(2) {
            self.push("/**/");
        } else {
            self.push(&format!("{space}/*{inside}{newline}*/{space}"));
        }
    }

    fn line_comment(&mut self) {
        let start = self.random.pick(&["#", "//", " # ", "\t//", "  #"]);
        let inside = self.random.pick(COMMENTS);
        self.push(&format!("{start}{inside}\n"));
    }

    /// What ends a line.
    fn end_line(&mut self) {
        match self.below(12) {
            0 | 1 => self.line_comment(),
            2 => self.push_one_of(&[" \n", "\t\n", "  \n"]),
            3 => {
                self.block_comment();
                self.push("\n");
            }
            _ => self.push("\n"),
        }
    }

    fn body(&mut self, items: usize, depth: usize) {
        for _ in 0..items {
            self.between();
            self.push_one_of(&["", "  ", "", " ", "\t", "    ", "\t\t"]);
            if depth > 0 && self.one_in(3) {
                self.block(depth - 1);
            } else {
                self.attribute(depth + 1);
            }
        }
        self.between();
    }

    /// Blank lines and comments between items.
    fn between(&mut self) {
        match self.below(12) {
            0 => self.push_one_of(&["\n", "\n\n", "  \n", "\t\n\n"]),
            1 => {
                self.push_one_of(&["", "  ", "\t"]);
                self.line_comment();
            }
            2 => {
                self.block_comment();
                if self.one_in(2) {
                    self.push("\n");
                }
            }
            _ => {}
        }
    }

    fn name(&mut self) {
        self.push_one_of(NAMES);
        if self.one_in(2) {
            let number = self.below(100);
            self.push(&number.to_string());
        }
    }

    fn attribute(&mut self, depth: usize) {
        if self.one_in(8) {
            self.push("type");
        } else {
            self.name();
        }
        self.gap();
        self.push("=");
        self.gap();
        if self.one_in(8) {
            self.heredoc(depth.min(2));
            self.push("\n");
            return;
        }
        match self.below(12) {
            0 => self.type_constraint(2),
            1 | 2 => self.wrapped(depth),
            _ => self.expr(depth),
        }
        self.end_line();
    }

    fn block(&mut self, depth: usize) {
        self.push_one_of(KINDS);
        for _ in 0..self.below(4) {
            self.space();
            self.push_one_of(LABELS);
        }
        self.space();
        self.push("{");
        match self.below(6) {
            0 => {
                self.push_one_of(&["", " ", "  ", "\t", "/* e */", " /* e */ "]);
            }
            1 => {
                self.gap();
                self.name();
                self.gap();
                self.push("=");
                self.gap();
                self.expr(2);
                self.gap();
            }
            _ => {
                self.end_line();
                let items = self.below(5);
                self.body(items, depth);
                self.push_one_of(&["", "  ", "\t"]);
            }
        }
        self.push("}");
        self.end_line();
    }

    fn type_constraint(&mut self, depth: usize) {
        if depth == 0 || self.one_in(2) {
            self.push_one_of(&[
                "string",
                "number",
                "bool",
                "any",
                "list",
                "map",
                "set",
                "\"string\"",
                "\"list\"",
                "\"map\"",
                "\"number\"",
                "\"set\"",
                "\"any\"",
                "tuple",
                "object",
                "\"bool\"",
                "(list)",
                "\"list\" ",
                "\"${list}\"",
                "\"${string}\"",
                "\"${\"map\"}\"",
            ]);
            return;
        }
        let constructor = self.random.pick(&["list", "set", "map", "optional", "tuple"]);
        match self.below(4) {
            0 => {
                self.push("object");
                self.gap();
                self.push("(");
                self.within(true, |messy| messy.gap());
                self.object(depth - 1);
                self.within(true, |messy| messy.gap());
                self.push(")");
            }
            _ => {
                self.push(constructor);
                self.gap();
                self.push("(");
                self.within(true, |messy| {
                    messy.gap();
                    messy.type_constraint(depth - 1);
                    messy.gap();
                });
                self.push(")");
            }
        }
    }

    fn within(&mut self, free: bool, write: impl FnOnce(&mut Self)) {
        let outer = std::mem::replace(&mut self.free, free);
        write(self);
        self.free = outer;
    }

    /// An expression in quotes that need not be there.
    fn wrapped(&mut self, depth: usize) {
        self.push_one_of(&["\"${", "\"${", "\"${", "\"${~"]);
        self.within(true, |messy| {
            messy.gap();
            if messy.one_in(8) {
                messy.push("(");
                messy.expr(depth);
                messy.gap();
                messy.push(")");
            } else if messy.one_in(16) {
                messy.heredoc(1);
                messy.push("\n");
            } else {
                messy.expr(depth);
            }
            messy.gap();
        });
        self.push_one_of(&["}\"", "}\"", "}\"", "~}\"", "}${b}\"", "} \""]);
    }

    fn leaf(&mut self) {
        match self.below(20) {
            0..3 => self.push_one_of(&["0", "1", "42", "1.5", "1e3", "1E-3", "0.0", "10e+2", "007", "3.14159"]),
            3 => self.push_one_of(&["true", "false", "null"]),
            4..8 => self.name(),
            8 => {
                self.push_one_of(&["\"\"", "\"s\"", "\"a b\"", "\"é\""]);
            }
            9 | 10 => self.template(0),
            _ => {
                self.name();
                for _ in 0..self.below(4) {
                    self.step(0);
                }
            }
        }
    }

    fn step(&mut self, depth: usize) {
        match self.below(16) {
            0..7 => {
                let around = self.one_in(12);
                if around {
                    self.push_one_of(&[" ", "/*d*/"]);
                }
                self.push(".");
                if around && self.one_in(2) {
                    self.push(" ");
                }
                self.name();
            }
            7..11 => {
                self.push_one_of(&["[", "[", "[ ", " ["]);
                self.within(true, |messy| {
                    messy.gap();
                    let start = messy.text.len();
                    messy.expr(depth);
                    if matches!(&messy.text[start..], "true" | "false" | "null") && !messy.one_in(20) {
                        // Terraform leaves such an index out.
                        messy.text.truncate(start);
                        messy.push("0");
                    }
                    messy.gap();
                });
                self.push("]");
            }
            11 => self.push_one_of(&[".0", ".12", ". 0"]),
            12 => self.push_one_of(&["[*]", "[ * ]", "[*].x", "[*] . x"]),
            13 => self.push_one_of(&[".*.x", ".*", ". * . x"]),
            14 => {
                self.within(true, |messy| {
                    messy.push("[");
                    messy.gap();
                    messy.push("0");
                    messy.gap();
                    messy.push("]");
                });
            }
            _ => self.push("[\"k\"]"),
        }
    }

    fn expr(&mut self, depth: usize) {
        if depth == 0 {
            self.leaf();
            return;
        }
        let inner = depth - 1;
        match self.below(22) {
            0..4 => self.leaf(),
            4 => {
                self.push("(");
                self.within(true, |messy| {
                    messy.gap();
                    messy.expr(inner);
                    messy.gap();
                });
                self.push(")");
                if self.one_in(4) {
                    self.step(inner);
                }
            }
            5 | 6 => self.tuple(inner),
            7..10 => self.object(inner),
            10 | 11 => self.call(inner),
            12 | 13 => {
                for _ in 0..1 + self.below(3) {
                    self.expr(inner);
                    self.gap();
                    self.push_one_of(&[
                        "+", "-", "*", "/", "%", "==", "!=", "<", "<=", ">", ">=", "&&", "||", "-", "/",
                    ]);
                    self.gap();
                }
                self.expr(inner);
            }
            14 => {
                self.expr(inner);
                self.gap();
                self.push("?");
                self.gap();
                self.expr(inner);
                self.gap();
                self.push(":");
                self.gap();
                self.expr(inner);
            }
            15 => self.for_tuple(inner),
            16 => self.for_object(inner),
            17 | 18 => self.template(inner),
            19 => {
                self.push_one_of(&["!", "-", "! ", "- ", "!!", "--", "-!"]);
                self.expr(inner);
            }
            20 => self.wrapped(inner),
            _ => {
                self.call(inner);
                self.step(inner);
            }
        }
    }

    fn tuple(&mut self, depth: usize) {
        self.push("[");
        self.within(true, |messy| {
            let elements = messy.below(4);
            for index in 0..elements {
                messy.gap();
                if messy.one_in(20) {
                    messy.heredoc(depth.min(1));
                    messy.push("\n");
                } else {
                    messy.expr(depth);
                }
                messy.gap();
                if index + 1 < elements || messy.one_in(3) {
                    messy.push(",");
                }
            }
            messy.gap();
        });
        self.push("]");
    }

    fn object(&mut self, depth: usize) {
        self.push("{");
        self.within(false, |messy| {
            let entries = messy.below(4);
            let lines = messy.one_in(2);
            let newline = |messy: &mut Self| if lines { messy.end_line() } else { messy.gap() };
            newline(messy);
            for index in 0..entries {
                messy.key(depth);
                messy.gap();
                messy.push_one_of(&["=", "=", "=", ":"]);
                messy.gap();
                if lines && messy.one_in(12) {
                    messy.heredoc(depth.min(1));
                    messy.push("\n");
                    continue;
                }
                match messy.below(8) {
                    0 => messy.wrapped(depth.min(1)),
                    1 => messy.type_constraint(1),
                    _ => messy.expr(depth),
                }
                if !lines || messy.one_in(4) {
                    messy.gap();
                    if lines || index + 1 < entries || messy.one_in(4) {
                        messy.push(",");
                    }
                }
                newline(messy);
            }
        });
        self.push("}");
    }

    fn key(&mut self, depth: usize) {
        match self.below(10) {
            0..6 => self.name(),
            6 => self.push_one_of(&["\"k\"", "\"a b\"", "\"${x}\"", "\"x${ y }\"", "1", "null", "\"é\""]),
            7 => {
                self.push("(");
                self.within(true, |messy| {
                    messy.gap();
                    messy.expr(depth.min(1));
                    messy.gap();
                });
                self.push(")");
            }
            8 => self.push_one_of(&["a.b", "f(x)", "a[0]", "local.x", "aws.east"]),
            _ => self.template(0),
        }
    }

    fn call(&mut self, depth: usize) {
        self.push_one_of(&["f", "merge", "provider::aws::arn", "jsonencode", "a :: b", "x-y", "for_each", "in"]);
        self.push_one_of(&["(", "(", "(", " (", "( "]);
        self.within(true, |messy| {
            let arguments = messy.below(4);
            for index in 0..arguments {
                messy.gap();
                if messy.one_in(20) {
                    messy.heredoc(depth.min(1));
                    messy.push("\n");
                } else {
                    messy.expr(depth);
                }
                messy.gap();
                if index + 1 < arguments || messy.one_in(4) {
                    messy.push(",");
                } else if messy.one_in(6) {
                    messy.push("...");
                }
            }
            messy.gap();
        });
        self.push(")");
    }

    fn for_names(&mut self) {
        self.gap();
        self.push("for");
        self.space();
        self.push_one_of(&["x", "k, v", "k,v", "k , v", "for", "in"]);
        self.space();
        self.push("in");
        self.space();
    }

    fn for_tuple(&mut self, depth: usize) {
        self.push("[");
        self.within(true, |messy| {
            messy.for_names();
            messy.expr(depth);
            messy.gap();
            messy.push(":");
            messy.gap();
            messy.expr(depth);
            messy.filter(depth);
        });
        self.push("]");
    }

    fn for_object(&mut self, depth: usize) {
        self.push("{");
        self.within(true, |messy| {
            messy.for_names();
            messy.expr(depth);
            messy.gap();
            messy.push(":");
            messy.gap();
            messy.expr(depth);
            messy.gap();
            messy.push("=>");
            messy.gap();
            messy.expr(depth);
            if messy.one_in(3) {
                messy.gap();
                messy.push("...");
            }
            messy.filter(depth);
        });
        self.push("}");
    }

    fn filter(&mut self, depth: usize) {
        if self.one_in(3) {
            self.space();
            self.push("if");
            self.space();
            self.expr(depth);
        }
        self.gap();
    }

    fn sequence(&mut self, depth: usize, heredoc: bool) {
        let space = self.random.pick(&["", " ", "", "~", "~ "]);
        match self.below(4) {
            0..2 => {
                self.push(&format!("${{{space}"));
                self.within(true, |messy| {
                    messy.gap();
                    messy.expr(depth);
                    messy.gap();
                });
                self.push_one_of(&["}", "}", "~}"]);
            }
            2 => {
                self.push(&format!("%{{{space}if "));
                self.within(true, |messy| {
                    messy.expr(depth);
                    messy.gap();
                });
                self.push_one_of(&["}", "~}"]);
                self.text(depth, heredoc);
                if self.one_in(2) {
                    self.push_one_of(&["%{else}", "%{ else }", "%{~ else ~}"]);
                    self.text(depth, heredoc);
                }
                self.push_one_of(&["%{endif}", "%{ endif }", "%{~endif~}"]);
            }
            _ => {
                self.push(&format!("%{{{space}for x in "));
                self.within(true, |messy| {
                    messy.expr(depth);
                    messy.gap();
                });
                self.push_one_of(&["}", "~}"]);
                self.text(depth, heredoc);
                self.push_one_of(&["%{endfor}", "%{ endfor }", "%{~ endfor }"]);
            }
        }
    }

    fn text(&mut self, depth: usize, heredoc: bool) {
        for _ in 0..self.below(4) {
            if depth > 0 && self.one_in(3) {
                self.sequence(depth - 1, heredoc);
            } else if heredoc && self.one_in(3) {
                self.push_one_of(&["\n", "\n  ", "\n\t", "\n\n"]);
            } else {
                let text = self.random.pick(TEXTS);
                // In a heredoc a backslash means itself.
                self.push(text);
            }
        }
    }

    fn template(&mut self, depth: usize) {
        self.push("\"");
        self.text(depth + 1, false);
        self.push("\"");
    }

    /// A heredoc without the newline that must follow it.
    fn heredoc(&mut self, depth: usize) {
        let marker = self.random.pick(&["EOT", "E", "END_1", "été"]);
        let dash = self.random.pick(&["", "-"]);
        self.push(&format!("<<{dash}{marker}\n"));
        let free = std::mem::replace(&mut self.free, false);
        for _ in 0..self.below(4) {
            self.push_one_of(&["", "  ", "    ", "\t"]);
            self.text(depth + 1, true);
            self.push("\n");
        }
        self.free = free;
        self.push_one_of(&["", "  ", "\t"]);
        self.push(marker);
        self.push_one_of(&["", "", "", " "]);
    }
}
