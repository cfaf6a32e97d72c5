//! A stack as the engine sees it: its configuration, variables, providers and surroundings.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use lang::config::Config;
use model::value::Value;

use crate::event::Events;
use crate::pool::Pool;
use crate::stand_in::StandIns;

/// All that plans and applies of one stack share.
#[derive(Clone, Copy)]
pub struct Stack<'a> {
    pub config: &'a Config,
    /// The values of the root module's variables: converted to their types, defaults filled in, sensitive ones marked.
    /// Validations are checked while planning.
    pub variables: &'a BTreeMap<Arc<str>, Value>,
    pub providers: &'a Pool<'a>,
    /// What is not asked for but made up: nothing outside of tests.
    pub stand_ins: &'a dyn StandIns,
    pub chance: &'a dyn Chance,
    pub events: &'a dyn Events,
    /// The folder of the root module, which relative file names start from.
    pub dir: &'a Path,
    /// What `path.cwd` is: the folder the command was started in.
    pub cwd: &'a Path,
    /// What `~` stands for in `pathexpand`.
    pub home: Option<&'a Path>,
    pub workspace: &'a str,
}

/// Time and randomness.
pub trait Chance: Send + Sync {
    fn now(&self) -> Timestamp;

    /// Fills a buffer with random bytes.
    fn random(&self) -> fn(&mut [u8]);
}

/// A new random UUID in its hyphenated form.
pub fn uuid(chance: &dyn Chance) -> String {
    let mut bytes = [0; 16];
    chance.random()(&mut bytes);
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}
