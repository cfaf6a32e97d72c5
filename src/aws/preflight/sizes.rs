//! Sizes that Fargate has for tasks.

use provider::world::{Finding, Planned, World};

/// CPU units, with the least and most MiB of memory and the steps between them (Amazon ECS Developer Guide, "Task CPU and
/// memory"). The smallest size has no memory of 1.5 GiB.
const SIZES: [(i64, i64, i64, i64); 7] = [
    (256, 512, 2048, 512),
    (512, 1024, 4096, 1024),
    (1024, 2048, 8192, 1024),
    (2048, 4096, 16384, 1024),
    (4096, 8192, 30720, 1024),
    (8192, 16384, 61440, 4096),
    (16384, 32768, 122_880, 8192),
];

/// `ecs:RegisterTaskDefinition`.
pub fn check(world: &World) -> Vec<Finding> {
    world.asked("aws_ecs_task_definition").filter_map(fault).collect()
}

fn fault(definition: &Planned) -> Option<Finding> {
    let refuse = |attribute: &str, detail: String| Some(definition.finding(attribute, "ClientException", detail));
    if !definition.texts("requires_compatibilities").iter().any(|one| **one == *"FARGATE") {
        return None;
    }
    for attribute in ["cpu", "memory"] {
        if definition.text(attribute).is_none() && definition.knows(attribute) {
            return refuse(attribute, format!("Fargate needs the `{attribute}` of the task."));
        }
    }
    let cpu = definition.known("cpu").and_then(|text| units(&text, "vCPU"))?;
    let memory = definition.known("memory").and_then(|text| units(&text, "GB"))?;
    let Some((_, least, most, step)) = SIZES.iter().find(|(own, ..)| *own == cpu) else {
        let sizes = SIZES.map(|(cpu, ..)| cpu.to_string()).join(", ");
        return refuse("cpu", format!("Fargate has tasks of {sizes} CPU units, not of {cpu}."));
    };
    let is_offered = (*least..=*most).contains(&memory) && memory % step == 0 && (cpu, memory) != (256, 1536);
    if !is_offered {
        let detail = format!(
            "With {cpu} CPU units Fargate has {least} to {most} MiB of memory in steps of {step}, and not {memory}."
        );
        return refuse("memory", detail);
    }
    None
}

/// A number of units, or of the larger one that has 1024 of them: `512`, `.5 vCPU`, `1GB`.
fn units(text: &str, large: &str) -> Option<i64> {
    let text = text.trim().to_ascii_lowercase();
    match text.strip_suffix(&large.to_ascii_lowercase()) {
        Some(number) => {
            let number: f64 = number.trim().parse().ok()?;
            let units = (number * 1024.0).round();
            // Larger ones are no size at all.
            (0.0..1_000_000.0).contains(&units).then_some(units as i64)
        }
        None => text.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_written_in_units_or_in_larger_ones() {
        assert_eq!(units("256", "vCPU"), Some(256));
        assert_eq!(units(".5 vCPU", "vCPU"), Some(512));
        assert_eq!(units("1 GB", "GB"), Some(1024));
        assert_eq!(units("much", "GB"), None);
    }
}
