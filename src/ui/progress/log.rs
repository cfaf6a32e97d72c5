//! Progress as lines, for logs: what begins, what ends, and a sign of life every ten seconds.

use std::collections::HashMap;
use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use engine::event::{Event, Events, Found};
use engine::plan::Op;
use model::address::ObjectKey;

use super::{bracketed, doing, elapsed, line, still};
use crate::escape::inert_line;
use crate::style::{self, counted, paint};

/// The time between two signs of life of a step.
const QUIET: Duration = Duration::from_secs(10);

/// A data source that is read faster than this is not worth two lines.
const SLOW_READ: Duration = Duration::from_secs(1);

/// Writes a line for each thing of note. A writer that fails is written to no more; the run goes on.
#[derive(Debug)]
pub struct LineLog<W> {
    inner: Mutex<Inner<W>>,
}

#[derive(Debug)]
struct Inner<W> {
    writer: Option<W>,
    running: HashMap<(ObjectKey, Op), Running>,
    objects: usize,
    changed: usize,
    gone: usize,
}

/// A step under way.
#[derive(Clone, Debug, Default)]
struct Running {
    id: Option<Arc<str>>,
    /// When it was last heard of, counted from its start.
    said: Duration,
}

impl<W: Write + Send> LineLog<W> {
    pub fn new(writer: W) -> LineLog<W> {
        let inner = Inner { writer: Some(writer), running: HashMap::new(), objects: 0, changed: 0, gone: 0 };
        LineLog { inner: Mutex::new(inner) }
    }
}

impl<W: Write + Send> Events for LineLog<W> {
    fn event(&self, event: Event) {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner).event(&event);
    }
}

impl<W: Write> Inner<W> {
    fn event(&mut self, event: &Event) {
        match event {
            Event::RefreshStarted { objects } => {
                (self.objects, self.changed, self.gone) = (*objects, 0, 0);
                if *objects > 0 {
                    self.say(&format!("Refreshing {}...", counted(*objects, "object")));
                }
            }
            Event::Refreshed { key, id, found } => self.refreshed(key, id.as_ref(), *found),
            Event::RefreshFinished { elapsed } if self.objects > 0 => {
                let (objects, changed, gone) = (counted(self.objects, "object"), self.changed, self.gone);
                self.say(&format!(
                    "Refreshed {objects} in {:.1}s: {changed} changed, {gone} gone",
                    elapsed.as_secs_f64()
                ));
            }
            Event::ReadFinished { addr, id, elapsed: time } if *time >= SLOW_READ => {
                let key = ObjectKey::current(addr.clone());
                self.of(&key, &format!("Read complete after {}{}", elapsed(*time), bracketed(id.as_ref())));
            }
            Event::StepStarted { key, op, id } => {
                self.running.insert((key.clone(), op.clone()), Running { id: id.clone(), said: Duration::ZERO });
                self.of(key, &format!("{}...{}", doing(op), bracketed(id.as_ref())));
            }
            Event::StepBorn { key, id, .. } => {
                let of_key = self.running.iter_mut().filter(|((other, _), _)| other == key);
                of_key.for_each(|(_, running)| running.id.clone_from(id));
            }
            Event::StepWaiting { key, op, what, elapsed } => self.waiting(key, op, what, *elapsed),
            Event::StepDone { key, op, .. } | Event::StepFailed { key, op, .. } => {
                self.running.remove(&(key.clone(), op.clone()));
                self.say_line(event);
            }
            Event::ReadFailed { .. } | Event::Recovered { .. } | Event::Stopping { .. } | Event::StepSkipped { .. } => {
                self.say_line(event);
            }
            Event::Provisioner { .. } | Event::Ephemeral { .. } | Event::EphemeralDeferred { .. } => {
                self.say_line(event);
            }
            Event::RefreshFinished { .. } | Event::ReadStarted { .. } | Event::ReadFinished { .. } => {}
            Event::ApplyStarted { .. } | Event::ApplyFinished { .. } | Event::StateSaved { .. } => {}
        }
    }

    fn refreshed(&mut self, key: &ObjectKey, id: Option<&Arc<str>>, found: Found) {
        match found {
            Found::AsRecorded => {}
            Found::Changed => {
                self.changed += 1;
                self.of(key, &format!("Changed since the last apply{}", bracketed(id)));
            }
            Found::Gone => {
                self.gone += 1;
                self.of(key, &format!("Gone since the last apply{}", bracketed(id)));
            }
        }
    }

    fn waiting(&mut self, key: &ObjectKey, op: &Op, what: &str, time: Duration) {
        let running = self.running.entry((key.clone(), op.clone())).or_default();
        if time < running.said + QUIET {
            return;
        }
        running.said = time;
        let id = running.id.as_ref().map(|id| format!("id={}, ", inert_line(id))).unwrap_or_default();
        let what = if what.is_empty() { String::new() } else { format!(", {}", inert_line(what)) };
        self.of(key, &format!("{}... [{id}{} elapsed{what}]", still(op), elapsed(time)));
    }

    fn say_line(&mut self, event: &Event) {
        if let Some(line) = line(event) {
            self.say(&line);
        }
    }

    fn of(&mut self, key: &ObjectKey, text: &str) {
        let key = paint(style::BOLD, format_args!("{}:", inert_line(&key.to_string())));
        self.say(&format!("{key} {text}"));
    }

    fn say(&mut self, text: &str) {
        let Some(writer) = &mut self.writer else { return };
        if writeln!(writer, "{text}").and_then(|()| writer.flush()).is_err() {
            self.writer = None;
        }
    }
}
