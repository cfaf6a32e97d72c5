//! A machine that runs no commands, but plays what they ask for.

use std::sync::Arc;

use async_trait::async_trait;
use engine::command::{Command, CommandError, Commands, Stopping};

use crate::memory::Cloud;

/// Plays commands line by line: `say WORDS` puts out the words, `fail CODE` ends it, `hang` waits to be stopped. What runs
/// is noted in the log of the cloud.
pub struct Played {
    pub cloud: Arc<Cloud>,
}

#[async_trait]
impl Commands for Played {
    async fn run(
        &self,
        command: &Command,
        line: &mut (dyn for<'l> FnMut(&'l str) + Send),
        stop: Stopping<'_>,
    ) -> Result<(), CommandError> {
        self.cloud.mortal().await;
        let mut stop = Some(stop);
        for part in command.arguments.last().expect("a command has words").lines() {
            self.cloud.inner().log.push(format!("run {part}"));
            match part.split_once(' ') {
                Some(("say", words)) => line(words),
                Some(("env", name)) => line(command.environment.get(name).map_or("unset", String::as_str)),
                Some(("fail", code)) => return Err(CommandError::Exit(code.parse().expect("a number"))),
                _ if part == "hang" => {
                    stop.take().expect("a command hangs once").await;
                    return Err(CommandError::Stopped);
                }
                _ => panic!("no such play: {part}"),
            }
        }
        self.cloud.mortal().await;
        Ok(())
    }
}
