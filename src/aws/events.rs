//! Amazon EventBridge: rules that pick events, and where they go.

pub mod rule;
pub mod target;

mod blocks;
mod ecs;
mod tags;

/// The event bus of an account that needs no name.
const DEFAULT_BUS: &str = "default";

/// The name of an event bus that may be given by its ARN.
fn bus_name(bus: &str) -> &str {
    match bus.rsplit_once(":event-bus/") {
        Some((_, name)) => name,
        None => bus,
    }
}
