//! The commands that provisioners run: after an object is created, and before it is destroyed.
//!
//! An object with commands to run after its creation is recorded as tainted until all of them have succeeded, so a run that
//! ends in between, in whatever way, has it replaced by the next.

use lang::config::{OnFailure, Provisioner};
use model::address::{Key, ModuleInstance};
use model::diagnostic::Diagnostic;
use model::ty::Type;
use model::value::Value;

use super::Run;
use super::stop::Level;
use crate::command::CommandError;
use crate::event::{Event, Provision};
use crate::object;
use crate::plan::{ObjectStep, Op};
use crate::provisioner::{Arguments, Provisioners, Tail, shown};
use crate::repetition::Each;

impl Run<'_> {
    /// Whether commands are still to be run once a step has made its object.
    pub(super) fn is_provisioned(&self, step: &ObjectStep) -> bool {
        matches!(step.op, Op::Create { .. })
            && !Provisioners::on_create(self.evaluator.stack.config, &step.key.addr.config()).is_empty()
    }

    /// Runs the commands that belong to the creation of an object.
    pub(super) async fn provision_created(
        &self,
        step: &ObjectStep,
        each: &Each,
        this: &Value,
    ) -> Result<(), Box<Diagnostic>> {
        let provisioners = Provisioners::on_create(self.evaluator.stack.config, &step.key.addr.config());
        self.provision(step, provisioners, each, this).await
    }

    /// Runs the commands that belong to the destruction of the current object.
    ///
    /// Not for tainted objects, whose creation may not have got to what the commands undo; and not for those that a
    /// replacement put aside, since `self` would be taken for their successor.
    pub(super) async fn provision_doomed(
        &self,
        step: &ObjectStep,
        provider: &dyn provider::Provider,
    ) -> Result<(), Box<Diagnostic>> {
        let addr = &step.key.addr;
        let provisioners = Provisioners::on_destroy(self.evaluator.stack.config, &addr.config());
        let is_current = step.key == model::address::ObjectKey::current(addr.clone());
        let present = self.present(&step.key).filter(|present| present.status != state::Status::Tainted);
        let Some(present) = present.filter(|_| is_current && !provisioners.is_empty()) else { return Ok(()) };
        let this = object::decode(&present, provider, addr.resource.mode, &addr.resource.type_name)
            .map_err(|error| Box::new(self.refused(step, "Failed to read the state of", &error)))?;
        self.provision(step, provisioners, &keyed(addr.key.as_ref()), &this).await
    }

    async fn provision(
        &self,
        step: &ObjectStep,
        provisioners: Provisioners<'_>,
        each: &Each,
        this: &Value,
    ) -> Result<(), Box<Diagnostic>> {
        for provisioner in provisioners.iter() {
            let module = ModuleInstance(step.key.addr.module.0[..provisioners.module.0.len()].to_vec());
            let scope = self.evaluator.scope(&module, each.clone()).with_self(this.clone());
            let arguments = provisioners.arguments(provisioner, &scope).map_err(|diagnostics| {
                let mut all = diagnostics.into_iter();
                let first = all.next().expect("what failed says why");
                self.evaluator.report(all.map(|diagnostic| diagnostic.of(step.key.addr.clone())));
                Box::new(first.of(step.key.addr.clone()))
            })?;
            self.command(step, provisioner, &arguments).await?;
        }
        Ok(())
    }

    /// Runs one command and tells what it does.
    async fn command(
        &self,
        step: &ObjectStep,
        provisioner: &Provisioner,
        arguments: &Arguments,
    ) -> Result<(), Box<Diagnostic>> {
        let tell = |what: Provision| {
            self.evaluator.stack.events.event(Event::Provisioner { key: step.key.clone(), what });
        };
        tell(Provision::Started);
        let placed = |diagnostic: Diagnostic| Box::new(diagnostic.of(step.key.addr.clone()));
        let command = match arguments.command(provisioner) {
            Some(Ok(command)) => command,
            Some(Err(diagnostic)) => return self.failed(step, provisioner, placed(diagnostic)),
            None => {
                tell(Provision::Failed);
                let detail = "The command depends on something that is not known, so it was not run.";
                return Err(placed(Diagnostic::error("local-exec provisioner error", detail).at(provisioner.declared)));
            }
        };
        match (arguments.hidden(), arguments.is_quiet()) {
            (Some(why), _) => tell(Provision::Output(format!("(output suppressed due to {why} value in config)"))),
            (None, true) => tell(Provision::Output("local-exec: Executing: Suppressed by quiet=true".into())),
            (None, false) => tell(Provision::Output(format!("Executing: {}", shown(&command)))),
        }
        let mut tail = Tail::default();
        let mut line = |line: &str| {
            if arguments.hidden().is_none() {
                tail.push(line);
                tell(Provision::Output(line.to_string()));
            }
        };
        let stop = self.options.stop;
        let outcome = match stop.level() {
            Level::Run => {
                let stopped = Box::pin(stop.reached(Level::Finish));
                self.options.commands.run(&command, &mut line, stopped).await
            }
            Level::Finish | Level::Abandon => Err(CommandError::Stopped),
        };
        match outcome {
            Ok(()) => {
                tell(Provision::Done);
                Ok(())
            }
            Err(error) => {
                let diagnostic = placed(failure(arguments, &error, tail).at(provisioner.declared));
                match error {
                    // What was stopped is not done, whatever its failure would have meant.
                    CommandError::Stopped => {
                        tell(Provision::Failed);
                        Err(diagnostic)
                    }
                    CommandError::Start { .. }
                    | CommandError::Follow { .. }
                    | CommandError::Exit(_)
                    | CommandError::Signal(_) => self.failed(step, provisioner, diagnostic),
                }
            }
        }
    }

    /// What the failure of a command means for its object.
    fn failed(
        &self,
        step: &ObjectStep,
        provisioner: &Provisioner,
        diagnostic: Box<Diagnostic>,
    ) -> Result<(), Box<Diagnostic>> {
        self.evaluator.stack.events.event(Event::Provisioner { key: step.key.clone(), what: Provision::Failed });
        match provisioner.on_failure {
            OnFailure::Fail => Err(diagnostic),
            OnFailure::Continue => {
                let hint = "The run goes on, as `on_failure = continue` asks for.";
                let warning = Diagnostic { severity: model::diagnostic::Severity::Warning, ..*diagnostic };
                self.evaluator.report([warning.hint(hint)]);
                Ok(())
            }
        }
    }
}

fn failure(arguments: &Arguments, error: &CommandError, tail: Tail) -> Diagnostic {
    let detail = match arguments.hidden() {
        Some(why) => {
            let why = why.replace(", ", " and ");
            // The error may repeat what it was told.
            let error = match error {
                CommandError::Start { source, .. } | CommandError::Follow { source, .. } => source.kind().to_string(),
                CommandError::Exit(_) | CommandError::Signal(_) | CommandError::Stopped => error.to_string(),
            };
            format!("Error running a command that is not shown, as {why} values are in it: {error}.")
        }
        None => {
            format!("Error running command '{}': {error}. Output: {}", arguments.line(), tail.into_text())
        }
    };
    Diagnostic::error("local-exec provisioner error", detail)
}

/// What `count.index` and `each.key` are in an instance that the configuration may have no more.
fn keyed(key: Option<&Key>) -> Each {
    match key {
        None => Each::None,
        Some(Key::Index(index)) => Each::Count(*index),
        Some(Key::Name(name)) => Each::Entry { key: name.clone(), value: Value::unknown(Type::Dynamic) },
    }
}
