//! Durations as Go writes them: `1h30m`, `-1.5h`, `100ms`.

use jiff::SignedDuration;

/// Reads a duration: a sign, then numbers with units, without spaces. `0` needs no unit.
pub(super) fn parse(text: &str) -> Option<SignedDuration> {
    let (negative, mut rest) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    if rest == "0" {
        return Some(SignedDuration::ZERO);
    }
    if rest.is_empty() {
        return None;
    }
    let mut nanoseconds: i128 = 0;
    while !rest.is_empty() {
        let number_end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let (number, after) = rest.split_at(number_end);
        let unit_end = after.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(after.len());
        let (unit, after) = after.split_at(unit_end);
        let scale: i128 = match unit {
            "ns" => 1,
            "us" | "µs" | "μs" => 1_000,
            "ms" => 1_000_000,
            "s" => 1_000_000_000,
            "m" => 60_000_000_000,
            "h" => 3_600_000_000_000,
            _ => return None,
        };
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        if whole.is_empty() && fraction.is_empty() || fraction.contains('.') {
            return None;
        }
        if !whole.is_empty() {
            nanoseconds = nanoseconds.checked_add(whole.parse::<i128>().ok()?.checked_mul(scale)?)?;
        }
        // More digits than a nanosecond has in an hour say nothing.
        let fraction = &fraction[..fraction.len().min(18)];
        if !fraction.is_empty() {
            let denominator = 10_i128.pow(u32::try_from(fraction.len()).ok()?);
            nanoseconds = nanoseconds.checked_add(fraction.parse::<i128>().ok()? * scale / denominator)?;
        }
        rest = after;
    }
    let nanoseconds = i64::try_from(if negative { -nanoseconds } else { nanoseconds }).ok()?;
    Some(SignedDuration::from_nanos(nanoseconds))
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn durations_add_up_their_parts() {
        let seconds = |text| parse(text).map(|duration| duration.as_secs_f64());
        assert_eq!(seconds("1h30m"), Some(5400.0));
        assert_eq!(seconds("-1.5h"), Some(-5400.0));
        assert_eq!(seconds("100ms"), Some(0.1));
        assert_eq!(seconds("0"), Some(0.0));
        assert_eq!(["", "1", "1x", "h", "1..5s", "-", "1h 2m"].map(seconds), [None; 7]);
    }
}
