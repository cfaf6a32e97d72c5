//! Random expressions without references: mostly ones that evaluate, some that fail.

/// Makes expressions from a seed.
pub struct Generator {
    state: u64,
    names: Vec<String>,
}

/// What kind of value is wanted; others are made now and then, as conversions and mistakes.
#[derive(Clone, Copy, PartialEq)]
enum Want {
    Number,
    String,
    Bool,
    Sequence,
    Mapping,
    Any,
}

impl Generator {
    pub fn new(seed: u64) -> Generator {
        Generator { state: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1, names: Vec::new() }
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        self.state % limit
    }

    fn pick<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        choices[self.below(choices.len() as u64) as usize]
    }

    pub fn expression(&mut self) -> String {
        self.names.clear();
        self.make(Want::Any, 4)
    }

    fn make(&mut self, want: Want, depth: u64) -> String {
        if depth == 0 {
            return self.leaf(want);
        }
        if self.below(14) == 0 {
            return self.make(Want::Any, depth - 1);
        }
        if self.below(12) == 0 {
            return self.conditional(want, depth);
        }
        match want {
            Want::Number => self.number(depth),
            Want::String => self.string(depth),
            Want::Bool => self.bool(depth),
            Want::Sequence => self.sequence(depth),
            Want::Mapping => self.mapping(depth),
            Want::Any => {
                let want =
                    [Want::Number, Want::String, Want::Bool, Want::Sequence, Want::Mapping][self.below(5) as usize];
                self.make(want, depth)
            }
        }
    }

    fn leaf(&mut self, want: Want) -> String {
        if !self.names.is_empty() && self.below(3) == 0 {
            let index = self.below(self.names.len() as u64) as usize;
            return self.names[index].clone();
        }
        match want {
            Want::Number => self.pick(&[
                "0", "1", "2", "3", "10", "0.5", "-1", "1.25", "100", "7", "\"4\"", "1e3", "-0", "(1 / 0)", "(-1 / 0)",
            ]),
            Want::String => self.pick(&[
                "\"\"",
                "\"a\"",
                "\"b\"",
                "\"Hello, World\"",
                "\"é\"",
                "\"a,b,c\"",
                "\"10\"",
                "\"x<y&z\"",
                "\" pad \"",
                "\"l1\\nl2\\n\"",
            ]),
            Want::Bool => self.pick(&["true", "false", "true", "false", "\"true\""]),
            Want::Sequence => self.pick(&[
                "[]",
                "[1]",
                "[1, 2, 3]",
                "[\"a\", \"b\"]",
                "[\"b\", \"a\", \"b\"]",
                "toset([\"x\", \"y\"])",
                "tolist([3, 1, 2])",
                "[1, \"a\", true]",
                "[null, 1]",
                "[[1], [2, 3]]",
            ]),
            Want::Mapping => self.pick(&[
                "{}",
                "{ a = 1 }",
                "{ a = 1, b = 2 }",
                "{ a = \"x\", b = [1] }",
                "tomap({ k = \"v\", l = \"w\" })",
                "{ \"b c\" = null }",
                "{ a = { b = 1 } }",
            ]),
            Want::Any => return self.leaf(Want::Number),
        }
        .to_owned()
    }

    fn conditional(&mut self, want: Want, depth: u64) -> String {
        let (condition, then, otherwise) =
            (self.make(Want::Bool, depth - 1), self.make(want, depth - 1), self.make(want, depth - 1));
        format!("({condition} ? {then} : {otherwise})")
    }

    fn number(&mut self, depth: u64) -> String {
        let d = depth - 1;
        match self.below(15) {
            0..=2 => {
                let op = self.pick(&["+", "-", "*", "/", "%"]);
                format!("({} {op} {})", self.make(Want::Number, d), self.make(Want::Number, d))
            }
            3 => format!("-{}", self.leaf(Want::Number).replace('-', "")),
            4 => format!("length({})", self.make(Want::Sequence, d)),
            5 => format!("length({})", self.make(Want::Mapping, d)),
            6 => format!("length({})", self.make(Want::String, d)),
            7 => format!(
                "{}({}, {})",
                self.pick(&["max", "min"]),
                self.make(Want::Number, d),
                self.make(Want::Number, d)
            ),
            8 => format!("{}({})", self.pick(&["abs", "ceil", "floor"]), self.make(Want::Number, d)),
            9 => format!("sum([{}, {}])", self.make(Want::Number, d), self.make(Want::Number, d)),
            10 => format!("tonumber({})", self.make(Want::Number, d)),
            13 => format!("{}({}, {})", self.pick(&["pow", "log"]), self.leaf(Want::Number), self.leaf(Want::Number)),
            11 => format!("{}[{}]", self.leaf(Want::Sequence), self.leaf(Want::Number)),
            12 => format!("try({}, {})", self.make(Want::Number, d), self.leaf(Want::Number)),
            _ => self.leaf(Want::Number),
        }
    }

    fn string(&mut self, depth: u64) -> String {
        let d = depth - 1;
        match self.below(18) {
            0 | 1 => {
                let (inner, text) = (self.make(Want::String, d), self.pick(&["", "-", " and ", "$${"]));
                format!("\"{text}${{{inner}}}{text}\"")
            }
            2 => format!("\"${{{}}}/${{{}}}\"", self.make(Want::Number, d), self.make(Want::String, d)),
            3 => format!(
                "\"%{{ if {} }}{}%{{ else }}no%{{ endif }}\"",
                self.make(Want::Bool, d),
                self.pick(&["yes", "y", ""])
            ),
            4 => {
                let collection = self.make(Want::Sequence, d);
                format!("\"%{{ for item in {collection} ~}} ${{ jsonencode(item) }}, %{{ endfor }}\"")
            }
            5 => format!("join(\",\", {})", self.make(Want::Sequence, d)),
            6 => {
                let function = self.pick(&[
                    "upper",
                    "lower",
                    "title",
                    "trimspace",
                    "strrev",
                    "chomp",
                    "md5",
                    "base64encode",
                    "urlencode",
                ]);
                format!("{function}({})", self.make(Want::String, d))
            }
            7 => format!(
                "substr({}, {}, {})",
                self.make(Want::String, d),
                self.leaf(Want::Number),
                self.leaf(Want::Number)
            ),
            8 => format!(
                "replace({}, {}, {})",
                self.make(Want::String, d),
                self.leaf(Want::String),
                self.leaf(Want::String)
            ),
            9 => {
                let verb = self.pick(&["%s", "%v", "%q", "%5s", "%-5s|", "%#v"]);
                format!("format(\"<{verb}>\", {})", self.make(Want::String, d))
            }
            10 => {
                let verb = self.pick(&["%d", "%v", "%05d", "%x", "%.2f", "%e", "%g", "%+d", "%b"]);
                format!("format(\"<{verb}>\", {})", self.make(Want::Number, d))
            }
            11 => format!("jsonencode({})", self.make(Want::Any, d)),
            12 => format!("yamlencode({})", self.make(Want::Any, d)),
            13 => format!("tostring({})", self.make(Want::String, d)),
            14 => format!(
                "lookup({}, {}, {})",
                self.make(Want::Mapping, d),
                self.leaf(Want::String),
                self.leaf(Want::String)
            ),
            15 => format!("coalesce({}, {})", self.make(Want::String, d), self.make(Want::String, d)),
            16 => format!("trim({}, {})", self.make(Want::String, d), self.leaf(Want::String)),
            _ => self.leaf(Want::String),
        }
    }

    fn bool(&mut self, depth: u64) -> String {
        let d = depth - 1;
        match self.below(12) {
            0 | 1 => {
                let op = self.pick(&["==", "!="]);
                format!("({} {op} {})", self.make(Want::Any, d), self.make(Want::Any, d))
            }
            2 | 3 => {
                let op = self.pick(&["<", "<=", ">", ">="]);
                format!("({} {op} {})", self.make(Want::Number, d), self.make(Want::Number, d))
            }
            4 | 5 => {
                format!("({} {} {})", self.make(Want::Bool, d), self.pick(&["&&", "||"]), self.make(Want::Bool, d))
            }
            6 => format!("!{}", self.make(Want::Bool, d)),
            7 => format!("contains({}, {})", self.make(Want::Sequence, d), self.leaf(Want::Any)),
            8 => format!("can({})", self.make(Want::Any, d)),
            9 => format!(
                "{}({}, {})",
                self.pick(&["startswith", "endswith", "strcontains"]),
                self.make(Want::String, d),
                self.leaf(Want::String)
            ),
            10 => format!(
                "{}([{}, {}])",
                self.pick(&["alltrue", "anytrue"]),
                self.make(Want::Bool, d),
                self.make(Want::Bool, d)
            ),
            _ => self.leaf(Want::Bool),
        }
    }

    fn sequence(&mut self, depth: u64) -> String {
        let d = depth - 1;
        match self.below(18) {
            0 | 1 => {
                let items: Vec<String> = (0..self.below(4)).map(|_| self.make(Want::Any, d)).collect();
                format!("[{}]", items.join(", "))
            }
            2 | 3 => {
                let collection = self.make(Want::Sequence, d);
                let result = self.with_name("v", |this| this.make(Want::Any, d));
                let filter = if self.below(3) == 0 {
                    format!(" if {}", self.with_name("v", |this| this.make(Want::Bool, d)))
                } else {
                    String::new()
                };
                format!("[for v in {collection} : {result}{filter}]")
            }
            4 => {
                let collection = self.make(Want::Mapping, d);
                let result = self.with_name("k", |this| this.make(Want::Any, d));
                format!("[for k, w in {collection} : {result}]")
            }
            5 => format!("concat({}, {})", self.make(Want::Sequence, d), self.make(Want::Sequence, d)),
            6 => format!(
                "{}({})",
                self.pick(&["reverse", "flatten", "distinct", "sort", "compact", "tolist", "toset"]),
                self.make(Want::Sequence, d)
            ),
            7 => format!("{}({})", self.pick(&["keys", "values"]), self.make(Want::Mapping, d)),
            8 => format!("split(\",\", {})", self.make(Want::String, d)),
            9 => format!("slice({}, 0, {})", self.make(Want::Sequence, d), self.leaf(Want::Number)),
            10 => format!("{}[*]", self.make(Want::Any, d)),
            11 => format!("[{{ a = {} }}, {{ a = {} }}][*].a", self.make(Want::Any, d), self.make(Want::Any, d)),
            12 => format!("range({})", self.leaf(Want::Number)),
            13 => format!("chunklist({}, {})", self.make(Want::Sequence, d), self.leaf(Want::Number)),
            14 => {
                let function = self.pick(&["setunion", "setintersection", "setsubtract", "setproduct"]);
                format!("{function}({}, {})", self.make(Want::Sequence, d), self.make(Want::Sequence, d))
            }
            15 => format!("coalescelist({}, {})", self.make(Want::Sequence, d), self.make(Want::Sequence, d)),
            16 => format!("formatlist(\"%s-%s\", {}, {})", self.make(Want::Sequence, d), self.make(Want::String, d)),
            _ => self.leaf(Want::Sequence),
        }
    }

    fn mapping(&mut self, depth: u64) -> String {
        let d = depth - 1;
        match self.below(10) {
            0 | 1 => {
                let entries: Vec<String> = (0..self.below(4))
                    .map(|_| {
                        let key = self.pick(&["a", "b", "\"c d\"", "(\"e\")", "\"${\"f\"}\"", "1"]);
                        format!("{key} = {}", self.make(Want::Any, d))
                    })
                    .collect();
                format!("{{ {} }}", entries.join(", "))
            }
            2 => {
                let collection = self.make(Want::Sequence, d);
                let key = self.with_name("i", |this| this.make(Want::String, d));
                let result = self.with_name("v", |this| this.make(Want::Any, d));
                let grouping = if self.below(2) == 0 { "..." } else { "" };
                format!(
                    "{{for i, v in {collection} : \"${{i}}{}\" => {result}{grouping}}}",
                    key.trim_matches('"').replace(['$', '{', '}', '\\', '"', '%'], "")
                )
            }
            3 => {
                let collection = self.make(Want::Mapping, d);
                let result = self.with_name("v", |this| this.make(Want::Any, d));
                format!("{{for k, v in {collection} : k => {result}}}")
            }
            4 | 5 => format!("merge({}, {})", self.make(Want::Mapping, d), self.make(Want::Mapping, d)),
            6 => format!("tomap({})", self.make(Want::Mapping, d)),
            7 => format!("zipmap({}, {})", self.leaf(Want::Sequence), self.make(Want::Sequence, d)),
            8 => format!("jsondecode(jsonencode({}))", self.make(Want::Any, d)),
            _ => self.leaf(Want::Mapping),
        }
    }

    fn with_name(&mut self, name: &str, make: impl FnOnce(&mut Self) -> String) -> String {
        self.names.push(name.to_owned());
        let made = make(self);
        self.names.pop();
        made
    }
}
