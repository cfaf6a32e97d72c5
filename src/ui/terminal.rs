//! The two channels of the program: stdout for data, stderr for everything else.

use std::io::{self, IsTerminal, Write};

use anstream::{AutoStream, ColorChoice};
use indicatif::ProgressDrawTarget;

use crate::progress::Live;

/// The streams of the process, with or without colour.
///
/// Without `-no-color`, colour is used on a terminal only, and not when `NO_COLOR` is set or `TERM` is `dumb`.
#[derive(Clone, Copy, Debug)]
pub struct Terminal {
    choice: ColorChoice,
}

impl Terminal {
    /// `no_color` is what `-no-color` says.
    pub fn new(no_color: bool) -> Terminal {
        Terminal { choice: if no_color { ColorChoice::Never } else { ColorChoice::Auto } }
    }

    /// Writes to stdout what the command was asked for.
    ///
    /// # Errors
    /// The reader is gone, or the disk is full.
    pub fn data(&self, text: &str) -> io::Result<()> {
        let mut stream = AutoStream::new(io::stdout().lock(), self.choice);
        stream.write_all(text.as_bytes())?;
        stream.flush()
    }

    /// Writes to stdout what the command was asked for and is the content of files: byte for byte, whatever it is.
    ///
    /// # Errors
    /// As [`Terminal::data`].
    pub fn content(&self, bytes: &[u8]) -> io::Result<()> {
        let mut stream = io::stdout().lock();
        stream.write_all(bytes)?;
        stream.flush()
    }

    /// Writes to stderr what is said beside the data. That nobody reads it stops nothing.
    pub fn note(&self, text: &str) {
        let mut stream = AutoStream::new(io::stderr().lock(), self.choice);
        let _unread = stream.write_all(text.as_bytes()).and_then(|()| stream.flush());
    }

    /// A stream to stderr for what is written over time.
    pub fn log(&self) -> AutoStream<io::Stderr> {
        AutoStream::new(io::stderr(), self.choice)
    }

    /// Progress drawn to stderr.
    pub fn live(&self) -> Live {
        let coloured = match self.choice {
            ColorChoice::Auto => AutoStream::choice(&io::stderr()) != ColorChoice::Never,
            ColorChoice::AlwaysAnsi | ColorChoice::Always => true,
            ColorChoice::Never => false,
        };
        Live::to(ProgressDrawTarget::stderr(), coloured)
    }

    /// Whether progress can be drawn: stderr is a terminal that understands cursor movements.
    pub fn is_live(&self) -> bool {
        io::stderr().is_terminal() && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
    }

    /// Whether questions can be asked: both the question and the answer have a person behind them.
    pub fn is_interactive(&self) -> bool {
        io::stdin().is_terminal() && io::stderr().is_terminal()
    }
}
