//! How often the services were called in a run, and how often they throttled it.

use std::collections::BTreeMap;
use std::fmt::Write;

use provider::CallCount;

use crate::style::counted;

/// `API calls: 23, 1 throttled`, and a line for each operation, the most frequent first.
pub fn text(calls: &BTreeMap<String, CallCount>) -> String {
    let sum: u64 = calls.values().map(|count| count.calls).sum();
    let throttled: u64 = calls.values().map(|count| count.throttled).sum();
    let mut out = format!("API calls: {sum}, {throttled} throttled\n");
    let mut operations: Vec<(&String, &CallCount)> = calls.iter().collect();
    operations.sort_by(|a, b| b.1.calls.cmp(&a.1.calls).then(a.0.cmp(b.0)));
    for (operation, count) in operations {
        let throttled = if count.throttled > 0 {
            format!(", {} throttled", counted(count.throttled as usize, "time"))
        } else {
            String::new()
        };
        writeln!(out, "  {:5}  {operation}{throttled}", count.calls).expect("a string takes all text");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_frequent_operation_comes_first() {
        let count = |calls, throttled| CallCount { calls, throttled };
        let calls =
            BTreeMap::from([("ecs:DescribeServices".into(), count(1, 0)), ("ec2:DescribeVpcs".into(), count(12, 1))]);
        assert_eq!(
            text(&calls),
            "API calls: 13, 1 throttled\n     12  ec2:DescribeVpcs, 1 time throttled\n      1  ecs:DescribeServices\n"
        );
    }
}
