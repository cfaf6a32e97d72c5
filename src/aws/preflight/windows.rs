//! Windows for backups and maintenance: long enough, and apart from each other.

use std::ops::Range;

use provider::world::{Finding, Planned, World};

/// Types with windows: the attributes for backups and for maintenance, and the fewest minutes of either.
const WINDOWS: &[(&str, &str, &str, u32)] = &[
    ("aws_db_instance", "backup_window", "maintenance_window", 30),
    ("aws_elasticache_replication_group", "snapshot_window", "maintenance_window", 60),
    ("aws_rds_cluster", "preferred_backup_window", "preferred_maintenance_window", 30),
];

const DAY: u32 = 24 * 60;
const WEEK: u32 = 7 * DAY;
const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const CODE: &str = "InvalidParameterValue";

/// `CreateDBInstance`, `CreateDBCluster`, `CreateReplicationGroup` and their changes.
pub fn check(world: &World) -> Vec<Finding> {
    let windows = WINDOWS.iter();
    windows.flat_map(|(kind, ..)| world.asked(kind).filter_map(|object| fault(object, kind))).collect()
}

fn fault(object: &Planned, kind: &str) -> Option<Finding> {
    let (_, backup, maintenance, least) = WINDOWS.iter().find(|(own, ..)| *own == kind)?;
    let daily = object.known(backup).and_then(|text| daily(&text));
    let weekly = object.known(maintenance).and_then(|text| weekly(&text));
    for (attribute, window) in [(backup, &daily), (maintenance, &weekly)] {
        if let Some(window) = window.as_ref().filter(|window| window.end - window.start < *least) {
            let length = window.end - window.start;
            let detail = format!("The window has {length} minutes, and needs at least {least}.");
            return Some(object.finding(attribute, CODE, detail));
        }
    }
    let (daily, weekly) = (daily?, weekly?);
    let overlaps = |start: u32| start < weekly.end && weekly.start < start + (daily.end - daily.start);
    // The week goes round: a window of its last day may reach into the first.
    (0..=8)
        .map(|day| day * DAY + daily.start)
        .any(|start| overlaps(start) || (start >= DAY && overlaps(start - DAY)))
        .then(|| {
            let detail = format!("It overlaps the window of `{backup}`.");
            object.finding(maintenance, CODE, detail)
        })
}

/// `03:00-04:00` in minutes of a day; the end may be on the next one.
fn daily(text: &str) -> Option<Range<u32>> {
    let (from, to) = text.split_once('-')?;
    let (from, to) = (time(from)?, time(to)?);
    Some(from..if to <= from { to + DAY } else { to })
}

/// `sun:04:00-sun:05:00` in minutes of a week; the end may be in the next one.
fn weekly(text: &str) -> Option<Range<u32>> {
    let (from, to) = text.split_once('-')?;
    let (from, to) = (moment(from)?, moment(to)?);
    Some(from..if to <= from { to + WEEK } else { to })
}

fn moment(text: &str) -> Option<u32> {
    let (day, clock) = text.split_once(':')?;
    let day = DAYS.iter().position(|known| *known == day.to_ascii_lowercase())?;
    Some(u32::try_from(day).expect("a week has seven days") * DAY + time(clock)?)
}

fn time(text: &str) -> Option<u32> {
    let (hours, minutes) = text.split_once(':')?;
    Some(hours.parse::<u32>().ok()? * 60 + minutes.parse::<u32>().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_may_reach_into_the_next_day_or_week() {
        assert_eq!(daily("23:30-00:30"), Some(1410..1470));
        assert_eq!(weekly("sun:23:30-mon:00:30"), Some(WEEK - 30..WEEK + 30));
        assert_eq!(weekly("Tue:00:00-tue:01:00"), Some(DAY..DAY + 60));
        assert_eq!(daily("soon"), None);
    }
}
