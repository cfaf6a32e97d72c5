//! Provisioners: which ones an object has, and what their arguments come to.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use lang::body::Body;
use lang::config::{Config, Provisioner, ProvisionerWhen};
use lang::decode::decode;
use lang::scope::Scope;
use model::address::{ConfigAddr, ModuleAddr};
use model::diagnostic::{Diagnostic, Diagnostics};
use model::schema::{Attribute, Block, Presence};
use model::ty::Type;
use model::value::{Kind, Marks, Value};

use crate::command::Command;
use crate::removed::removal;

/// How many bytes of a failed command's output its message ends with at most.
pub const OUTPUT_MAX: usize = 8 * 1024;

/// What runs a command line where no `interpreter` is named.
const SHELL: [&str; 2] = ["/bin/sh", "-c"];

static LOCAL_EXEC: LazyLock<Block> = LazyLock::new(|| {
    block([
        ("command", Type::String, Presence::Required),
        ("interpreter", Type::list(Type::String), Presence::Optional),
        ("working_dir", Type::String, Presence::Optional),
        ("environment", Type::map(Type::String), Presence::Optional),
        ("quiet", Type::Bool, Presence::Optional),
    ])
});

/// What a `connection` may say. `local-exec` connects to nothing, but what is written is checked.
static CONNECTION: LazyLock<Block> = LazyLock::new(|| {
    let texts = [
        "agent_identity",
        "bastion_certificate",
        "bastion_host",
        "bastion_host_key",
        "bastion_password",
        "bastion_private_key",
        "bastion_user",
        "cacert",
        "certificate",
        "host",
        "host_key",
        "password",
        "private_key",
        "proxy_host",
        "proxy_scheme",
        "proxy_user_name",
        "proxy_user_password",
        "script_path",
        "target_platform",
        "timeout",
        "type",
        "user",
    ];
    let numbers = ["bastion_port", "port", "proxy_port"];
    let truths = ["agent", "https", "insecure", "use_ntlm"];
    let typed = |ty: Type| move |name| (name, ty.clone(), Presence::Optional);
    let all = texts.into_iter().map(typed(Type::String));
    block(all.chain(numbers.into_iter().map(typed(Type::Number))).chain(truths.into_iter().map(typed(Type::Bool))))
});

fn block<'a>(attributes: impl IntoIterator<Item = (&'a str, Type, Presence)>) -> Block {
    let attributes =
        attributes.into_iter().map(|(name, ty, presence)| (Arc::from(name), Attribute::new(ty, presence))).collect();
    Block { attributes, ..Block::default() }
}

/// The provisioners of one object.
#[derive(Clone, Copy, Debug)]
pub struct Provisioners<'a> {
    /// The module whose names they use.
    pub module: &'a ModuleAddr,
    /// The connection that they share.
    connection: Option<&'a Body>,
    all: &'a [Provisioner],
    when: ProvisionerWhen,
}

impl<'a> Provisioners<'a> {
    /// What is to run once an object of a block is created.
    pub fn on_create(config: &'a Config, addr: &ConfigAddr) -> Provisioners<'a> {
        Provisioners::of(config, addr, ProvisionerWhen::Create)
    }

    /// What is to run before an object is destroyed: what its block says, or where that is gone, a `removed` block.
    pub fn on_destroy(config: &'a Config, addr: &ConfigAddr) -> Provisioners<'a> {
        Provisioners::of(config, addr, ProvisionerWhen::Destroy)
    }

    fn of(config: &'a Config, addr: &ConfigAddr, when: ProvisionerWhen) -> Provisioners<'a> {
        let module = config.module(&addr.module);
        if let Some((module, block)) = module.and_then(|module| Some((module, module.resources.get(&addr.resource)?))) {
            let connection = block.connection.as_ref();
            return Provisioners { module: &module.addr, connection, all: &block.provisioners, when };
        }
        match removal(config, &addr.module, &addr.resource) {
            Some((module, removed)) => {
                Provisioners { module: &module.addr, connection: None, all: &removed.provisioners, when }
            }
            None => Provisioners { module: &config.root().addr, connection: None, all: &[], when },
        }
    }

    pub fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }

    /// In the order they run.
    pub fn iter(&self) -> impl Iterator<Item = &'a Provisioner> {
        let when = self.when;
        self.all.iter().filter(move |provisioner| provisioner.when == when)
    }

    /// Evaluates a provisioner.
    ///
    /// # Errors
    /// What is wrong with its arguments or its connection.
    pub fn arguments(&self, provisioner: &Provisioner, scope: &dyn Scope) -> Result<Arguments, Diagnostics> {
        let (value, mut diagnostics) = decode(&provisioner.body, &LOCAL_EXEC, scope);
        let mut marks = value.marks_deep();
        let mut has_host = true;
        for (index, body) in [provisioner.connection.as_ref(), self.connection].into_iter().flatten().enumerate() {
            let (connection, found) = decode(body, &CONNECTION, scope);
            diagnostics.extend(found);
            marks |= connection.marks_deep();
            let host = connection.get("host").is_some_and(|host| !host.is_null());
            has_host = host || (index > 0 && has_host);
        }
        if !has_host {
            diagnostics.push(
                Diagnostic::error("Missing required argument", "A connection needs a `host` to connect to.")
                    .at(provisioner.declared),
            );
        }
        if diagnostics.has_errors() { Err(diagnostics) } else { Ok(Arguments { value, marks }) }
    }
}

/// What the arguments of a provisioner come to.
#[derive(Clone)]
pub struct Arguments {
    value: Value,
    marks: Marks,
}

impl Arguments {
    /// Whether the output shows neither the command itself nor that it runs.
    pub fn is_quiet(&self) -> bool {
        self.value.get("quiet").is_some_and(|quiet| matches!(quiet.reveal(), Kind::Bool(true)))
    }

    /// What hides the command and its output, if anything does: `sensitive`, `ephemeral`, or both with a comma.
    pub fn hidden(&self) -> Option<&'static str> {
        match (self.marks.contains(Marks::SENSITIVE), self.marks.contains(Marks::EPHEMERAL)) {
            (true, true) => Some("sensitive, ephemeral"),
            (true, false) => Some("sensitive"),
            (false, true) => Some("ephemeral"),
            (false, false) => None,
        }
    }

    /// The command line as it is written.
    pub fn line(&self) -> String {
        self.text("command").unwrap_or_default()
    }

    /// The command to run; `None` when a part of it is not known.
    ///
    /// # Errors
    /// There is no command in it.
    pub fn command(&self, provisioner: &Provisioner) -> Option<Result<Command, Diagnostic>> {
        if !self.value.is_wholly_known() {
            return None;
        }
        let line = self.line();
        if line.is_empty() {
            return Some(Err(Diagnostic::error(
                "Invalid local-exec provisioner command",
                "The command of a local-exec provisioner must be a text that is not empty.",
            )
            .at(provisioner.declared)));
        }
        let interpreter = self.value.get("interpreter").filter(|interpreter| !interpreter.is_null());
        let mut arguments: Vec<String> = match &interpreter {
            Some(interpreter) => {
                let parts = interpreter.reveal().items().unwrap_or_default();
                parts.iter().filter_map(|part| part.reveal().as_str().map(str::to_string)).collect()
            }
            None => SHELL.map(str::to_string).to_vec(),
        };
        arguments.push(line);
        let environment = self.value.get("environment");
        let environment: BTreeMap<String, String> = environment
            .as_ref()
            .and_then(|environment| environment.reveal().entries())
            .into_iter()
            .flatten()
            .filter_map(|(name, value)| Some((name.to_string(), value.reveal().as_str()?.to_string())))
            .collect();
        let working_dir = self.text("working_dir").filter(|dir| !dir.is_empty());
        Some(Ok(Command { arguments, working_dir, environment }))
    }

    fn text(&self, attribute: &str) -> Option<String> {
        self.value.get(attribute)?.reveal().as_str().map(str::to_string)
    }
}

/// A command as its output shows it: `["/bin/sh" "-c" "echo \"hi\""]`.
pub fn shown(command: &Command) -> String {
    let quoted: Vec<String> = command.arguments.iter().map(|argument| quoted(argument)).collect();
    format!("[{}]", quoted.join(" "))
}

fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            control if control.is_control() => out.push_str(&format!("\\x{:02x}", u32::from(control))),
            letter => out.push(letter),
        }
    }
    out.push('"');
    out
}

/// The end of an output that is too long to be shown whole.
#[derive(Debug, Default)]
pub struct Tail(String);

impl Tail {
    pub fn push(&mut self, line: &str) {
        self.0.push_str(line);
        self.0.push('\n');
        // Cut seldom: each cut moves what is left.
        if self.0.len() > 2 * OUTPUT_MAX {
            self.cut();
        }
    }

    fn cut(&mut self) {
        let start = self.0.len().saturating_sub(OUTPUT_MAX);
        let start = (start..self.0.len()).find(|at| self.0.is_char_boundary(*at)).unwrap_or(self.0.len());
        self.0.drain(..start);
    }

    /// At most [`OUTPUT_MAX`] bytes.
    pub fn into_text(mut self) -> String {
        self.cut();
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_shown_as_quoted_words() {
        let command = Command {
            arguments: vec!["sh".into(), "a \"b\"\n\\ \u{7}ä".into()],
            working_dir: None,
            environment: BTreeMap::new(),
        };
        assert_eq!(shown(&command), "[\"sh\" \"a \\\"b\\\"\\n\\\\ \\x07ä\"]");
    }

    #[test]
    fn the_end_of_a_long_output_is_kept() {
        let mut tail = Tail::default();
        for number in 0..10_000 {
            tail.push(&format!("ä{number}"));
        }
        let text = tail.into_text();
        assert!(text.len() <= OUTPUT_MAX && text.ends_with("ä9998\nä9999\n"), "{}", text.len());
    }
}
