//! Random stacks that are valid: a root module, and modules that know nothing of each other but what the root hands on.
//!
//! A stack has generations. A later one has the same blocks with other values, other numbers of instances, and some blocks
//! moved, gone or new, so that plans from one to the next hold every action there is.

use std::collections::BTreeMap;

/// Files by name.
pub type Files = BTreeMap<String, String>;

/// The files of a stack of `modules` modules in one of its generations.
pub fn files(seed: u64, generation: u64, modules: u64) -> Files {
    let mut files = Files::new();
    let mut root = Root { text: String::new(), outputs: Vec::new() };
    for index in 0..modules {
        let module = Module::of(seed.wrapping_mul(1009) + index, generation);
        files.insert(format!("m{index}/main.tf"), module.text);
        root.call(seed, generation, index, &module.variables, &module.outputs);
    }
    files.insert("main.tf".to_string(), root.text);
    files
}

/// What an expression comes to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    Text,
    Number,
    Bool,
    /// A list of texts.
    List,
    /// A map of texts.
    Map,
    /// `{ name = text, size = number, tags = list of texts }`.
    Object,
}

const KINDS: [Kind; 6] = [Kind::Text, Kind::Number, Kind::Bool, Kind::List, Kind::Map, Kind::Object];

/// Something that can be mentioned.
#[derive(Clone, Debug)]
struct Name {
    text: String,
    kind: Kind,
    /// Whether a plan always knows it.
    known: bool,
    sensitive: bool,
}

struct Root {
    text: String,
    outputs: Vec<Name>,
}

struct Module {
    text: String,
    variables: Vec<(String, Kind)>,
    outputs: Vec<Name>,
}

/// A generator of numbers, the same on every machine.
struct Random(u64);

impl Random {
    fn new(seed: u64) -> Random {
        let mut random = Random(seed.wrapping_add(0x9e37_79b9_7f4a_7c15).wrapping_mul(0xbf58_476d_1ce4_e5b9) | 1);
        (0..4).for_each(|_| _ = random.below(2));
        random
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % limit
    }

    fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }

    fn pick<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        choices[self.below(choices.len() as u64) as usize]
    }
}

impl Root {
    fn call(&mut self, seed: u64, generation: u64, index: u64, variables: &[(String, Kind)], outputs: &[Name]) {
        let mut random = Random::new(seed.wrapping_mul(31) + index * 7 + 5);
        let changes = random.one_in(3);
        let mut values = Random::new(seed.wrapping_mul(17) + index * 11 + if changes { generation } else { 0 });
        let repetition = if random.one_in(4) { 1 + random.below(2) } else { 0 };
        self.text.push_str(&format!("module \"m{index}\" {{\n  source = \"./m{index}\"\n"));
        match repetition {
            1 => self.text.push_str(&format!("  count = {}\n", 1 + values.below(2))),
            2 => {
                self.text.push_str(&format!("  for_each = toset({})\n", values.pick(&["[\"a\"]", "[\"a\", \"b c\"]"])))
            }
            _ => {}
        }
        let mut has_secrets = false;
        let mut writer = Writer { random: &mut values, names: &self.outputs, only_known: false };
        for (name, kind) in variables {
            if writer.random.one_in(4) {
                continue;
            }
            let value = writer.expression(*kind, 2);
            has_secrets |= value.sensitive;
            self.text.push_str(&format!("  {name} = {}\n", value.text));
        }
        self.text.push_str("}\n\n");
        for output in outputs {
            let one = match repetition {
                1 => "[0]",
                2 => "[\"a\"]",
                _ => "",
            };
            // The caller can't know that what a module gives is known: it may come from what it was given.
            let name = Name {
                text: format!("module.m{index}{one}.{}", output.text),
                known: false,
                sensitive: output.sensitive || has_secrets,
                ..output.clone()
            };
            self.outputs.push(name.clone());
            let whole = if repetition > 0 && random.one_in(2) {
                match repetition {
                    1 => format!("module.m{index}[*].{}", output.text),
                    _ => format!("{{ for key, one in module.m{index} : key => one.{} }}", output.text),
                }
            } else {
                name.text.clone()
            };
            let sensitive = if name.sensitive { "\n  sensitive = true" } else { "" };
            self.text
                .push_str(&format!("output \"m{index}_{}\" {{\n  value = {whole}{sensitive}\n}}\n\n", output.text));
        }
    }
}

/// An expression with what is known of it.
struct Made {
    text: String,
    known: bool,
    sensitive: bool,
}

/// Writes expressions of names.
struct Writer<'a> {
    random: &'a mut Random,
    names: &'a [Name],
    /// Whether to mention only what a plan always knows, and nothing sensitive.
    only_known: bool,
}

impl Writer<'_> {
    fn expression(&mut self, kind: Kind, depth: u64) -> Made {
        let mut made = Made { text: String::new(), known: true, sensitive: false };
        made.text = self.make(kind, depth, &mut made);
        made
    }

    fn make(&mut self, kind: Kind, depth: u64, made: &mut Made) -> String {
        if depth == 0 || self.random.one_in(4) {
            return self.leaf(kind, made);
        }
        if self.random.one_in(9) {
            let condition = self.make(Kind::Bool, depth - 1, made);
            let yes = self.make(kind, depth - 1, made);
            let no = self.make(kind, depth - 1, made);
            return format!("({condition} ? {yes} : {no})");
        }
        match kind {
            Kind::Text => self.text(depth - 1, made),
            Kind::Number => self.number(depth - 1, made),
            Kind::Bool => self.truth(depth - 1, made),
            Kind::List => self.list(depth - 1, made),
            Kind::Map => self.map(depth - 1, made),
            Kind::Object => self.object(depth - 1, made),
        }
    }

    fn leaf(&mut self, kind: Kind, made: &mut Made) -> String {
        let usable = |name: &&Name| name.kind == kind && (!self.only_known || (name.known && !name.sensitive));
        let names: Vec<&Name> = self.names.iter().filter(usable).collect();
        if !names.is_empty() && !self.random.one_in(3) {
            let name = names[self.random.below(names.len() as u64) as usize];
            made.known &= name.known;
            made.sensitive |= name.sensitive;
            return name.text.clone();
        }
        match kind {
            Kind::Text => self
                .random
                .pick(&[
                    "\"\"",
                    "\"a\"",
                    "\"web\"",
                    "\"two words\"",
                    "\"line\\nline\"",
                    "\"é$${x}\"",
                    "\"10\"",
                    "\"true\"",
                ])
                .to_string(),
            Kind::Number => {
                self.random.pick(&["0", "1", "2", "3", "0.5", "-7", "1e3", "12345678901234567890"]).to_string()
            }
            Kind::Bool => self.random.pick(&["true", "false"]).to_string(),
            Kind::List => {
                self.random.pick(&["tolist([])", "tolist([\"a\"])", "tolist([\"b\", \"a\", \"b\"])"]).to_string()
            }
            Kind::Map => self
                .random
                .pick(&["tomap({})", "tomap({ a = \"1\" })", "tomap({ a = \"x\", \"b c\" = \"y\" })"])
                .to_string(),
            Kind::Object => {
                let name = self.random.pick(&["a", "b", "web"]);
                let size = self.random.below(5);
                format!("{{ name = \"{name}\", size = {size}, tags = tolist([\"{name}\"]) }}")
            }
        }
    }

    fn text(&mut self, depth: u64, made: &mut Made) -> String {
        match self.random.below(12) {
            0 => {
                format!("\"${{{}}}-${{{}}}\"", self.make(Kind::Text, depth, made), self.make(Kind::Number, depth, made))
            }
            1 => format!("upper({})", self.make(Kind::Text, depth, made)),
            2 => format!("join(\",\", {})", self.make(Kind::List, depth, made)),
            3 => format!(
                "format(\"%s/%s\", {}, {})",
                self.make(Kind::Text, depth, made),
                self.make(Kind::Bool, depth, made)
            ),
            4 => {
                format!("lookup({}, \"a\", {})", self.make(Kind::Map, depth, made), self.make(Kind::Text, depth, made))
            }
            5 => format!("{}.name", self.make(Kind::Object, depth, made)),
            6 => format!("jsonencode({})", self.any(depth, made)),
            7 => format!(
                "replace({}, \"a\", {})",
                self.make(Kind::Text, depth, made),
                self.make(Kind::Text, depth, made)
            ),
            8 => format!("try({}[0], {})", self.make(Kind::List, depth, made), self.make(Kind::Text, depth, made)),
            9 => format!(
                "\"%{{ if {} }}{}%{{ else }}no%{{ endif }}\"",
                self.make(Kind::Bool, depth, made),
                self.random.pick(&["yes", "", " y "])
            ),
            10 => format!("md5({})", self.make(Kind::Text, depth, made)),
            _ => format!("coalesce({}, \"none\")", self.make(Kind::Text, depth, made)),
        }
    }

    fn number(&mut self, depth: u64, made: &mut Made) -> String {
        match self.random.below(6) {
            0 => format!("length({})", self.make(Kind::List, depth, made)),
            1 => format!("({} + {})", self.make(Kind::Number, depth, made), self.make(Kind::Number, depth, made)),
            2 => format!("max({}, {})", self.make(Kind::Number, depth, made), self.make(Kind::Number, depth, made)),
            3 => format!("length({})", self.make(Kind::Text, depth, made)),
            4 => format!("{}.size", self.make(Kind::Object, depth, made)),
            _ => format!("floor({} * 2)", self.make(Kind::Number, depth, made)),
        }
    }

    fn truth(&mut self, depth: u64, made: &mut Made) -> String {
        match self.random.below(6) {
            0 => format!("({} > {})", self.make(Kind::Number, depth, made), self.make(Kind::Number, depth, made)),
            1 => format!("({} == {})", self.make(Kind::Text, depth, made), self.make(Kind::Text, depth, made)),
            2 => format!("contains({}, {})", self.make(Kind::List, depth, made), self.make(Kind::Text, depth, made)),
            3 => format!("!{}", self.make(Kind::Bool, depth, made)),
            4 => format!("({} && {})", self.make(Kind::Bool, depth, made), self.make(Kind::Bool, depth, made)),
            _ => format!("can({}[1])", self.make(Kind::List, depth, made)),
        }
    }

    fn list(&mut self, depth: u64, made: &mut Made) -> String {
        match self.random.below(8) {
            0 => format!("tolist([for item in {} : upper(item)])", self.make(Kind::List, depth, made)),
            1 => format!("tolist([for item in {} : item if item != \"a\"])", self.make(Kind::List, depth, made)),
            2 => format!("sort({})", self.make(Kind::List, depth, made)),
            3 => format!("distinct({})", self.make(Kind::List, depth, made)),
            4 => format!("concat({}, {})", self.make(Kind::List, depth, made), self.make(Kind::List, depth, made)),
            5 => format!("values({})", self.make(Kind::Map, depth, made)),
            6 => format!("{}.tags", self.make(Kind::Object, depth, made)),
            _ => format!("tolist([{}, {}])", self.make(Kind::Text, depth, made), self.make(Kind::Text, depth, made)),
        }
    }

    fn map(&mut self, depth: u64, made: &mut Made) -> String {
        match self.random.below(4) {
            0 => format!("merge({}, {})", self.make(Kind::Map, depth, made), self.make(Kind::Map, depth, made)),
            1 => format!(
                "tomap({{ for key, item in {} : key => \"${{key}}=${{item}}\" }})",
                self.make(Kind::Map, depth, made)
            ),
            2 => format!(
                "tomap({{ a = {}, b = {} }})",
                self.make(Kind::Text, depth, made),
                self.make(Kind::Text, depth, made)
            ),
            _ => format!(
                "tomap({{ for item in distinct({}) : \"k${{item}}\" => item }})",
                self.make(Kind::List, depth, made)
            ),
        }
    }

    fn object(&mut self, depth: u64, made: &mut Made) -> String {
        format!(
            "{{ name = {}, size = {}, tags = {} }}",
            self.make(Kind::Text, depth, made),
            self.make(Kind::Number, depth, made),
            self.make(Kind::List, depth, made)
        )
    }

    fn any(&mut self, depth: u64, made: &mut Made) -> String {
        let kind = KINDS[self.random.below(KINDS.len() as u64) as usize];
        self.make(kind, depth, made)
    }
}

/// Writes one module.
struct ModuleWriter {
    seed: u64,
    generation: u64,
    text: String,
    names: Vec<Name>,
    blocks: u64,
}

impl Module {
    fn of(seed: u64, generation: u64) -> Module {
        let mut writer = ModuleWriter { seed, generation, text: String::new(), names: Vec::new(), blocks: 0 };
        let mut shape = Random::new(seed);
        let variables: Vec<(String, Kind)> = (0..1 + shape.below(4))
            .map(|index| (format!("v{index}"), KINDS[shape.below(KINDS.len() as u64) as usize]))
            .collect();
        for (name, kind) in &variables {
            writer.variable(name, *kind);
        }
        for index in 0..3 + shape.below(6) {
            if shape.one_in(3) {
                writer.local(&format!("l{index}"));
            } else {
                writer.resource(&format!("r{index}"));
            }
        }
        if shape.one_in(3) {
            writer.check();
        }
        let outputs = (0..1 + shape.below(3)).map(|index| writer.output(&format!("o{index}"))).collect();
        Module { text: writer.text, variables, outputs }
    }
}

impl ModuleWriter {
    /// Numbers that are the same in all generations, and numbers that may differ in each.
    fn random(&mut self) -> (Random, Random) {
        self.blocks += 1;
        let of_block = self.seed.wrapping_mul(131) + self.blocks;
        let mut shape = Random::new(of_block);
        let generation = if shape.one_in(2) { self.generation } else { 0 };
        (shape, Random::new(of_block.wrapping_mul(257) + generation))
    }

    fn variable(&mut self, name: &str, kind: Kind) {
        let (mut shape, mut values) = self.random();
        let ty = match kind {
            Kind::Text => "string",
            Kind::Number => "number",
            Kind::Bool => "bool",
            Kind::List => "list(string)",
            Kind::Map => "map(string)",
            Kind::Object => "object({ name = string, size = optional(number, 3), tags = optional(list(string), []) })",
        };
        let default = constant(kind, &mut values);
        let sensitive = shape.one_in(6);
        self.text.push_str(&format!("variable \"{name}\" {{\n  type = {ty}\n  default = {default}\n"));
        if sensitive {
            self.text.push_str("  sensitive = true\n");
        }
        if shape.one_in(3) {
            self.text.push_str("  nullable = false\n");
        }
        if shape.one_in(4) {
            self.text.push_str(&format!(
                "  validation {{\n    condition = var.{name} == var.{name}\n    error_message = \"Never said.\"\n  }}\n"
            ));
        }
        self.text.push_str("}\n\n");
        self.names.push(Name { text: format!("var.{name}"), kind, known: false, sensitive });
    }

    fn local(&mut self, name: &str) {
        let (mut shape, mut values) = self.random();
        let kind = KINDS[shape.below(KINDS.len() as u64) as usize];
        let only_known = shape.one_in(2);
        let made = Writer { random: &mut values, names: &self.names, only_known }.expression(kind, 3);
        self.text.push_str(&format!("locals {{\n  {name} = {}\n}}\n\n", made.text));
        // With other values it may be known in one generation and not in another, so it depends on how it was made.
        let known = only_known;
        // What may be sensitive in a later generation is taken for it in all of them.
        let sensitive = !only_known && self.names.iter().any(|name| name.sensitive);
        self.names.push(Name { text: format!("local.{name}"), kind, known, sensitive });
    }

    fn resource(&mut self, name: &str) {
        let (mut shape, mut values) = self.random();
        // Blocks that nothing mentions may come, go and move.
        let fate = if shape.one_in(3) { 1 + shape.below(3) } else { 0 };
        let is_there = match fate {
            1 => self.generation == 0,
            2 => self.generation > 0,
            _ => true,
        };
        if !is_there {
            return;
        }
        let label = if fate == 3 && self.generation > 0 { format!("{name}_moved") } else { name.to_string() };
        let kind = KINDS[shape.below(KINDS.len() as u64) as usize];
        let repetition = shape.below(4);
        let names = &self.names;
        let input = Writer { random: &mut values, names, only_known: false }.expression(kind, 3).text;
        self.text.push_str(&format!("resource \"terraform_data\" \"{label}\" {{\n"));
        match repetition {
            1 => self.text.push_str(&format!("  count = {}\n", values.below(4))),
            2 => {
                let keys = Writer { random: &mut values, names, only_known: true }.expression(Kind::List, 2).text;
                self.text.push_str(&format!("  for_each = toset({keys})\n"));
            }
            _ => {}
        }
        let each = match repetition {
            1 => "[count.index, ",
            2 => "[each.key, ",
            _ => "",
        };
        let end = if each.is_empty() { "" } else { "]" };
        self.text.push_str(&format!("  input = {each}{input}{end}\n"));
        // Few, because of them Terraform finds cycles in many of its own plans.
        let lifecycle = shape.one_in(3).then(|| shape.below(20) % 7);
        // Terraform forgets what is sensitive in the ignored arguments of a replaced object.
        let is_ignoring = matches!(lifecycle, Some(1 | 2));
        if shape.one_in(3) && !is_ignoring {
            let triggers = Writer { random: &mut values, names, only_known: false }.expression(Kind::Text, 1).text;
            let triggers = if shape.one_in(2) { format!("[{triggers}]") } else { triggers };
            self.text.push_str(&format!("  triggers_replace = {triggers}\n"));
        }
        let others: Vec<String> = names
            .iter()
            .filter_map(|name| name.text.strip_prefix("terraform_data."))
            .filter_map(|rest| rest.split(['.', '[']).next().map(str::to_string))
            .collect();
        let other = (!others.is_empty()).then(|| others[shape.below(others.len() as u64) as usize].clone());
        if let Some(other) = &other
            && shape.one_in(4)
        {
            self.text.push_str(&format!("  depends_on = [terraform_data.{other}]\n"));
        }
        if let Some(lifecycle) = lifecycle {
            self.lifecycle(lifecycle, &mut shape, other.as_deref());
        }
        self.text.push_str("}\n\n");
        if fate == 3 && self.generation > 0 {
            self.text
                .push_str(&format!("moved {{\n  from = terraform_data.{name}\n  to = terraform_data.{label}\n}}\n\n"));
        }
        if fate != 0 {
            return;
        }
        let sensitive = self.names.iter().any(|name| name.sensitive);
        let reference = format!("terraform_data.{label}");
        match repetition {
            1 => {
                self.names.push(Name {
                    text: format!("tolist({reference}[*].id)"),
                    kind: Kind::List,
                    known: false,
                    sensitive: false,
                });
                self.names.push(Name {
                    text: format!("length({reference})"),
                    kind: Kind::Number,
                    known: true,
                    sensitive: false,
                });
            }
            2 => {
                let text = format!("tomap({{ for key, one in {reference} : key => one.id }})");
                self.names.push(Name { text, kind: Kind::Map, known: false, sensitive: false });
                let text = format!("tolist(keys({reference}))");
                self.names.push(Name { text, kind: Kind::List, known: true, sensitive: false });
            }
            _ => {
                self.names.push(Name { text: format!("{reference}.output"), kind, known: false, sensitive });
                let text = format!("{reference}.id");
                self.names.push(Name { text, kind: Kind::Text, known: false, sensitive: false });
            }
        }
    }

    fn lifecycle(&mut self, which: u64, shape: &mut Random, other: Option<&str>) {
        self.text.push_str("  lifecycle {\n");
        match which {
            0 if self.seed.is_multiple_of(4) => self.text.push_str("    create_before_destroy = true\n"),
            1 => self.text.push_str("    ignore_changes = [input]\n"),
            2 => self.text.push_str("    ignore_changes = all\n"),
            3 => {
                if let Some(other) = other {
                    let attribute = if shape.one_in(2) { ".id" } else { "" };
                    self.text.push_str(&format!("    replace_triggered_by = [terraform_data.{other}{attribute}]\n"));
                }
            }
            _ => self.text.push_str(
                "    precondition {\n      condition = var.v0 == var.v0\n      error_message = \"Never said.\"\n    }\n    postcondition {\n      \
                 condition = self.id != \"\"\n      error_message = \"Never said.\"\n    }\n",
            ),
        }
        self.text.push_str("  }\n");
    }

    fn check(&mut self) {
        let (_, mut values) = self.random();
        let condition =
            Writer { random: &mut values, names: &self.names, only_known: true }.expression(Kind::Bool, 2).text;
        self.text.push_str(&format!(
            "check \"c\" {{\n  assert {{\n    condition = {condition} || var.v0 == var.v0\n    error_message = \"Never said.\"\n  }}\n}}\n\n"
        ));
    }

    fn output(&mut self, name: &str) -> Name {
        let (mut shape, mut values) = self.random();
        let kind = KINDS[shape.below(KINDS.len() as u64) as usize];
        let made = Writer { random: &mut values, names: &self.names, only_known: false }.expression(kind, 2);
        self.text.push_str(&format!("output \"{name}\" {{\n  value = {}\n", made.text));
        let sensitive = self.names.iter().any(|name| name.sensitive);
        if sensitive {
            self.text.push_str("  sensitive = true\n");
        }
        self.text.push_str("}\n\n");
        Name { text: name.to_string(), kind, known: false, sensitive }
    }
}

/// A value of a kind, written without functions.
fn constant(kind: Kind, random: &mut Random) -> String {
    let choices: &[&str] = match kind {
        Kind::Text => &["\"d\"", "\"\"", "\"10\"", "\"two\\nlines\""],
        Kind::Number => &["0", "1.5", "-2", "1e21"],
        Kind::Bool => &["true", "false"],
        Kind::List => &["[]", "[\"x\"]", "[\"y\", \"x\"]", "[\"10\", 10]"],
        Kind::Map => &["{}", "{ x = \"1\" }", "{ x = \"1\", y = 2 }", "{ \"z z\" = \"\" }"],
        Kind::Object => &[
            "{ name = \"d\" }",
            "{ name = \"d\", size = 1 }",
            "{ name = \"\", tags = [\"t\"] }",
            "{ name = 1, size = null }",
        ],
    };
    random.pick(choices).to_string()
}
