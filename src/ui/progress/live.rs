//! Progress on a terminal: a line for each step under way, what it waits for, and how far the whole is.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use engine::event::{Event, Events};
use engine::plan::Op;
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use model::address::ObjectKey;

use super::{doing, line};
use crate::escape::inert_line;
use crate::style::{self, paint};
use crate::terminal::Terminal;

/// How often the elapsed times move.
const TICK: Duration = Duration::from_millis(200);

/// Draws progress to a terminal. What ends leaves a line; the rest vanishes with its end.
#[derive(Debug)]
pub struct Live {
    bars: MultiProgress,
    /// Whether colours are shown.
    coloured: bool,
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    /// How far the refresh or the apply is.
    whole: Option<ProgressBar>,
    steps: HashMap<ObjectKey, ProgressBar>,
}

impl Live {
    /// Draws to stderr, with colours unless `NO_COLOR` is set.
    pub fn new() -> Live {
        Terminal::new(false).live()
    }

    pub fn to(target: ProgressDrawTarget, coloured: bool) -> Live {
        Live { bars: MultiProgress::with_draw_target(target), coloured, inner: Mutex::default() }
    }

    /// Writes above what is drawn.
    pub fn say(&self, text: &str) {
        // When the terminal is gone there is nobody to tell.
        let _unread = self.bars.println(self.shown(text.trim_end_matches('\n').to_owned()));
    }

    /// Text with its styles, or without where there are no colours.
    fn shown(&self, text: String) -> String {
        if self.coloured { text } else { style::plain(&text) }
    }

    fn begin(&self, inner: &mut Inner, what: &str, count: usize) {
        if count == 0 {
            return;
        }
        let bar = self.bars.add(ProgressBar::new(count as u64));
        bar.set_style(template("{prefix} {bar:24} {pos}/{len} {elapsed}").progress_chars("=> "));
        bar.set_prefix(self.shown(paint(style::BOLD, what)));
        bar.enable_steady_tick(TICK);
        inner.whole = Some(bar);
    }

    fn start(&self, inner: &mut Inner, key: &ObjectKey, what: &str) {
        let bar = ProgressBar::new_spinner();
        let bar = match &inner.whole {
            Some(whole) => self.bars.insert_before(whole, bar),
            None => self.bars.add(bar),
        };
        bar.set_style(template("{spinner} {prefix} {msg} {elapsed}"));
        bar.set_prefix(self.shown(paint(style::BOLD, format_args!("{}:", inert_line(&key.to_string())))));
        bar.set_message(what.to_owned());
        bar.enable_steady_tick(TICK);
        inner.steps.insert(key.clone(), bar);
    }

    fn end(inner: &mut Inner, key: &ObjectKey) {
        if let Some(bar) = inner.steps.remove(key) {
            bar.finish_and_clear();
        }
    }

    fn advance(inner: &Inner) {
        if let Some(whole) = &inner.whole {
            whole.inc(1);
        }
    }

    fn finish(inner: &mut Inner) {
        for (_, bar) in inner.steps.drain() {
            bar.finish_and_clear();
        }
        if let Some(whole) = inner.whole.take() {
            whole.finish_and_clear();
        }
    }
}

impl Default for Live {
    fn default() -> Live {
        Live::new()
    }
}

impl Events for Live {
    fn event(&self, event: Event) {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        match &event {
            Event::RefreshStarted { objects } => self.begin(&mut inner, "Refreshing", *objects),
            Event::Refreshed { .. } => Live::advance(&inner),
            Event::RefreshFinished { .. } | Event::ApplyFinished { .. } => Live::finish(&mut inner),
            Event::ApplyStarted { steps } => self.begin(&mut inner, "Applying", *steps),
            Event::ReadStarted { addr } => {
                self.start(&mut inner, &ObjectKey::current(addr.clone()), doing(&Op::Read));
            }
            Event::ReadFinished { addr, .. } | Event::ReadFailed { addr, .. } => {
                Live::end(&mut inner, &ObjectKey::current(addr.clone()));
            }
            Event::StepStarted { key, op, .. } => self.start(&mut inner, key, doing(op)),
            Event::StepWaiting { key, op, what, .. } => {
                if let Some(bar) = inner.steps.get(key) {
                    bar.set_message(self.shown(format!("{}, {}", doing(op), paint(style::DIM, inert_line(what)))));
                }
            }
            Event::StepDone { key, .. } | Event::StepFailed { key, .. } => {
                Live::end(&mut inner, key);
                Live::advance(&inner);
            }
            Event::StepSkipped { .. } => Live::advance(&inner),
            Event::Provisioner { .. } | Event::Ephemeral { .. } | Event::EphemeralDeferred { .. } => {}
            Event::StepBorn { .. } | Event::Recovered { .. } | Event::Stopping { .. } | Event::StateSaved { .. } => {}
        }
        if let Some(text) = line(&event) {
            self.say(&text);
        }
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        Live::finish(self.inner.get_mut().unwrap_or_else(PoisonError::into_inner));
    }
}

fn template(text: &str) -> ProgressStyle {
    ProgressStyle::with_template(text).expect("the templates of this module are well formed")
}
