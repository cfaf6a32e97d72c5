//! New priorities of listener rules: rules that change places do so in one call.
//!
//! Each rule is changed by itself, several at a time. A priority that another rule has is free once that rule has moved too, so
//! a move waits for others of its listener, and is sent together with them.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use aws_sdk_elasticloadbalancingv2::types::RulePriorityPair;
use provider::error::ProviderError;
use tokio::time::{Instant, sleep};

use crate::clients::Aws;
use crate::failure::Operation;

/// How long a rule may hold a priority that it is about to give up.
const PATIENCE: Duration = Duration::from_secs(20);

/// Moves that begin together meet within this time.
const GATHERING: Duration = Duration::from_millis(150);
const PAUSE_MAX: Duration = Duration::from_secs(3);

/// The moves under way.
#[derive(Default)]
pub struct Moves {
    /// By listener, the rules and the priorities they are to have.
    wanted: Mutex<BTreeMap<String, BTreeMap<String, i32>>>,
    /// Held by the one whose call takes the others along.
    sending: tokio::sync::Mutex<()>,
}

impl Moves {
    fn with<T>(&self, change: impl FnOnce(&mut BTreeMap<String, BTreeMap<String, i32>>) -> T) -> T {
        change(&mut self.wanted.lock().expect("no holder of the lock panics"))
    }

    fn of(&self, listener: &str) -> BTreeMap<String, i32> {
        self.with(|moves| moves.get(listener).cloned().unwrap_or_default())
    }

    fn add(&self, listener: &str, rule: &str, priority: i32) {
        self.with(|moves| moves.entry(listener.into()).or_default().insert(rule.into(), priority));
    }

    fn remove<'a>(&self, listener: &str, rules: impl IntoIterator<Item = &'a String>) {
        self.with(|moves| {
            if let Some(of_listener) = moves.get_mut(listener) {
                for rule in rules {
                    of_listener.remove(rule);
                }
            }
        });
    }
}

/// Takes a move off the list when its rule is done, however that ends.
struct Move<'a> {
    moves: &'a Moves,
    listener: &'a str,
    rule: String,
}

impl Drop for Move<'_> {
    fn drop(&mut self) {
        self.moves.remove(self.listener, [&self.rule]);
    }
}

/// Gives a rule a priority, along with all other rules of the listener that move at the same time.
///
/// # Errors
/// The priority stays that of a rule that does not move, or the call fails for another reason.
pub async fn set(aws: &Aws, listener: &str, rule: &str, priority: i32) -> Result<(), ProviderError> {
    let moves = aws.moves();
    moves.add(listener, rule, priority);
    let own = Move { moves, listener, rule: rule.to_string() };
    sleep(GATHERING).await;
    while_taken(|| async {
        let _turn = moves.sending.lock().await;
        let wanted = moves.of(listener);
        if !wanted.contains_key(&own.rule) {
            // Another one's call took it along.
            return Ok(());
        }
        match send(aws, &wanted).await {
            Ok(()) => moves.remove(listener, wanted.keys()),
            // What is wrong with another rule is no fault of this one.
            Err(error) if wanted.len() > 1 && !is_in_use(&error) => {
                send(aws, &BTreeMap::from([(own.rule.clone(), priority)])).await?;
            }
            Err(error) => return Err(error),
        }
        Ok(())
    })
    .await
}

/// Makes a call that needs a priority, again and again while a rule has it that may be about to move or go.
///
/// # Errors
/// The last failure.
pub async fn while_taken<T, F>(call: impl Fn() -> F + Send + Sync) -> Result<T, ProviderError>
where
    F: Future<Output = Result<T, ProviderError>> + Send,
{
    let start = Instant::now();
    let mut pause = GATHERING;
    loop {
        match call().await {
            Err(error) if is_in_use(&error) && start.elapsed() < PATIENCE => {}
            ended => return ended,
        }
        sleep(pause).await;
        pause = (pause * 2).min(PAUSE_MAX);
    }
}

pub fn is_in_use(error: &ProviderError) -> bool {
    error.code.as_deref().is_some_and(|code| code.starts_with("PriorityInUse"))
}

async fn send(aws: &Aws, wanted: &BTreeMap<String, i32>) -> Result<(), ProviderError> {
    let pair =
        |(rule, priority): (&String, &i32)| RulePriorityPair::builder().rule_arn(rule).priority(*priority).build();
    let pairs = wanted.iter().map(pair).collect();
    let call = aws.elbv2().set_rule_priorities().set_rule_priorities(Some(pairs));
    call.send().await.operation("elasticloadbalancing:SetRulePriorities").map(drop)
}
