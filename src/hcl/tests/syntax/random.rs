//! Texts from a seed: mutants of snippets, and well-formed files.

/// A small generator of repeatable numbers.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// A number below `limit`.
    pub fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % limit.max(1)
    }

    pub fn one_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    pub fn pick<'a, T: ?Sized>(&mut self, from: &[&'a T]) -> &'a T {
        from[self.below(from.len())]
    }
}

/// Snippets with every construct, each a valid file.
pub const SNIPPETS: &[&str] = &[
    "a = 1\n",
    "a = \"x${b}y\"\n",
    "a = [1, 2, 3,]\n",
    "a = {\n  b = 1\n  c : 2,\n (d) = 3 \n \"e\" = 4\n}\n",
    "a = [for k, v in y : v if k]\n",
    "a = {\nfor k, v in y :\n k => v\n...\nif v\n}\n",
    "a = f(\nx,\ny...)\nb = provider::aws::arn_parse(x)\n",
    "a = b ? c ? 1 : 2 : d\nee = (b\n? c\n: d)\n",
    "a = b.c[0].d[\"e\"].f.0\n",
    "a = b.*.c.0.d\nb = c[*].d[0].*.e\n",
    "a = (b)[c].d + f(x).y[0]\n",
    "a = [1,2][0]\nb = {b=1}.b\n",
    "a = -1 + -b * !c\n",
    "a = a && b || c == d != e < f <= g > h >= i + j - k * l / m % n\n",
    "a = \"${~ b ~}\"\nb = \"%{ if b }c%{ else }d%{ endif }\"\n",
    "a = \"%{~ for k, v in y ~}${k}%{~ endfor ~}\"\n",
    "a = <<EOT\nhello ${b}\nEOT\nb = 1\n",
    "a = <<-EOT\n  hello\n    ${b}\n\n %{ if b }\n  x\n%{ endif }\n  EOT\n",
    "a = [<<EOT\nx\nEOT\n, 1]\n",
    "a = {\n b = <<EOT\nx\nEOT\n c = 1\n}\n",
    "a = \"\\n\\t\\\"\\\\\\u00e9\\U0001F600 $${x} %%{y}\"\n",
    "a {}\nb { c = 1 }\nd {\n e = 1\n}\n",
    "a \"b\" c {\n d \"e\" {\n f = 1\n }\n}\n",
    "# c\na = 1 // d\n/* e */ b = 2 /* f */ # g\n",
    "a = { true = 1, null = 2, for_each = 3 }\n",
    "a = [\n # c\n 1, // d\n 2 /* e */\n]\nb = 1.5e3\n",
    "a = \"${b ? \"x\" : \"y\"}\"\nb = \"${[for x in y : \"${x}\"]}\"\n",
    "a = jsonencode({\n a = [\n {\n b = 1\n }\n ]\n})\n",
    "a = <<EOT\nEOT\nb = <<EOT\n${ {\n c = 1\n ddd = 2\n} } x\nEOT\n",
    "a = { for x in y : \"${x}\" => { a = x } }\n",
    "variable \"x\" {\n  type = object({\n a = optional(string, \"b\")\n })\n validation {\n condition = length(var.x) > 0\n }\n}\n",
    "variable x y {\n type = \"list\"\n default = \"${\n x\n }\"\n}\n",
    "a = 1 # c\nbbb = 2 # d\n\nc = 3 // e\ndd = { # x\n e = 1 // y\n }\n",
    "module \"a\" {\n providers = { aws.x = aws.y, aws = aws }\n}\n",
    "locals {\na = 1\nbb = [\n]\nccc = 2\n\ndddd = 3\n# x\ne = 4\n}\n",
];

const FRAGMENTS: &[&str] = &[
    "\n",
    " ",
    "a",
    "1",
    "\"",
    "${",
    "%{",
    "}",
    "{",
    "[",
    "]",
    "(",
    ")",
    ".",
    "*",
    ",",
    "=",
    ":",
    "?",
    "+",
    "-",
    "!",
    "~}",
    "...",
    "=>",
    "for",
    "in",
    "if",
    "endif",
    "else",
    "EOT",
    "<<EOT\n",
    "<<-EOT\n",
    "\nEOT\n",
    "\\",
    "\\n",
    "#c",
    "/*",
    "*/",
    "0.1",
    ".0",
    "[*]",
    ".*",
    "\r\n",
    "\r",
    "\t",
    "$",
    "%",
    "$$",
    "%%",
    "|",
    "&",
    "'",
    "::",
    "null",
    "é",
    "\u{a0}",
    "\u{200d}",
    "1.",
    "1e",
    " \n",
    "\n\n",
    "//",
    "~",
    "${~",
    "for x in y :",
    "==",
    "/* \n */",
    "%{if b}",
    "%{endif}",
    "%{else}",
    "%{for x in y}",
    "%{endfor}",
    "\u{feff}",
];

/// Tokens of a text, roughly: words, space, newlines, and single characters.
fn split(text: &str) -> Vec<String> {
    let mut tokens: Vec<String> = Vec::new();
    let class = |char: char| match char {
        'a'..='z' | 'A'..='Z' | '0'..='9' | '_' => 1,
        ' ' | '\t' => 2,
        '.' | '=' | '<' | '>' | '/' | '*' | '&' | '|' => 3,
        _ => 0,
    };
    for char in text.chars() {
        match tokens.last_mut() {
            Some(last) if class(char) != 0 && last.chars().all(|before| class(before) == class(char)) => {
                last.push(char)
            }
            Some(_) | None => tokens.push(char.to_string()),
        }
    }
    tokens
}

/// A snippet with a few tokens removed, added, replaced or swapped.
pub fn mutant(random: &mut Random) -> String {
    let mut tokens = split(random.pick(SNIPPETS));
    for _ in 0..1 + random.below(3) {
        let at = random.below(tokens.len());
        match random.below(10) {
            0..3 if tokens.len() > 1 => drop(tokens.remove(at)),
            3..6 => tokens.insert(at, random.pick(FRAGMENTS).to_owned()),
            6 | 7 => tokens[at] = random.pick(FRAGMENTS).to_owned(),
            8 => {
                let again = tokens[random.below(tokens.len())].clone();
                tokens.insert(at, again);
            }
            _ => {
                let other = random.below(tokens.len());
                tokens.swap(at, other);
            }
        }
    }
    tokens.concat()
}

/// Snippets put together and into blocks, with space, comments and newlines changed here and there.
pub fn untidy(random: &mut Random) -> String {
    let mut text: String = (0..1 + random.below(3)).map(|_| random.pick(SNIPPETS)).collect();
    for _ in 0..random.below(3) {
        text = format!("b{} \"l\" {{\n{text}}}\n", random.below(9));
    }
    let mut changed = String::new();
    for token in split(&text) {
        let is_space = token.chars().all(|char| char == ' ' || char == '\t');
        changed.push_str(if is_space && random.one_in(3) { random.pick(&["", " ", "   ", "\t"]) } else { &token });
        if random.one_in(16) {
            changed.push_str(random.pick(&[" ", "  ", "\t", " /* c */ ", "\n", " # c\n", "\n\n", "// d\n", "\r\n"]));
        }
    }
    changed
}

/// A well-formed file without what implementations disagree on.
pub fn file(random: &mut Random) -> String {
    let items = 1 + random.below(5);
    body(random, items, 2)
}

fn body(random: &mut Random, items: usize, depth: usize) -> String {
    let mut text = String::new();
    for index in 0..items {
        if depth > 0 && random.one_in(4) {
            let label = random.pick(&["", " \"l\"", " \"l\" \"m\"", " n"]);
            let items = 1 + random.below(3);
            text.push_str(&format!("block{label} {{\n{}}}\n", body(random, items, depth - 1)));
        } else {
            text.push_str(&format!("key{index} = {}\n", expr(random, 4)));
        }
    }
    text
}

fn expr(random: &mut Random, depth: usize) -> String {
    let leaf = depth == 0 || random.one_in(4);
    if leaf {
        let leaves =
            ["1", "2.5", "true", "null", "a", "b.c", "d[0].e", "\"s\"", "\"x\\ty\"", "\"${a}\"", "f.*.g", "h[*].i"];
        return random.pick(&leaves).to_owned();
    }
    let mut inner = || expr(random, depth - 1);
    let (a, b, c) = (inner(), inner(), inner());
    match random.below(11) {
        0 => format!("({a})"),
        1 => format!("[{a}, {b}]"),
        2 => format!("{{ k = {a}, \"l\" = {b} }}"),
        3 => format!("{{\n  k = {a}\n  m = {b}\n}}"),
        4 => format!("f({a}, {b})"),
        5 => {
            let op = random.pick(&["+", "-", "*", "/", "%", "==", "!=", "<", "<=", ">", ">=", "&&", "||"]);
            format!("{a} {op} {b}")
        }
        6 => format!("({a} ? {b} : {c})"),
        7 => format!("[for k, v in {a} : {b} if {c}]"),
        8 => format!("{{ for v in {a} : {b} => {c} }}"),
        9 => format!("\"p ${{{a}}} q\""),
        _ => format!("(!{a})"),
    }
}
