//! Domain names as the API and as the configuration write them.

/// A name without the dot at its end, in lower case, and with its escapes decoded: `*.example.com` of `\052.Example.com.`.
///
/// The API writes what is no letter, digit, `-`, `_` or `.` as a backslash and three octal digits (Route 53 Developer
/// Guide, "DNS domain name format").
pub fn plain(name: &str) -> String {
    let mut decoded = Vec::with_capacity(name.len());
    let mut rest = name.as_bytes();
    while let Some((&byte, tail)) = rest.split_first() {
        match (byte, tail) {
            (b'\\', [a, b, c, after @ ..]) if [a, b, c].iter().all(|digit| (b'0'..=b'7').contains(*digit)) => {
                let code = u16::from(a - b'0') * 64 + u16::from(b - b'0') * 8 + u16::from(c - b'0');
                decoded.push(u8::try_from(code).unwrap_or(b'?'));
                rest = after;
            }
            _ => {
                decoded.push(byte);
                rest = tail;
            }
        }
    }
    let text = String::from_utf8_lossy(&decoded).to_lowercase();
    text.strip_suffix('.').map(str::to_string).unwrap_or(text)
}

/// The whole name of a record: a name that does not end in the zone's is below it, and no name is the zone's own.
pub fn full(name: &str, zone: &str) -> String {
    let (name, zone) = (plain(name), plain(zone));
    if name.is_empty() {
        return zone;
    }
    let is_whole = name == zone || name.strip_suffix(zone.as_str()).is_some_and(|rest| rest.ends_with('.'));
    if is_whole || zone.is_empty() { name } else { format!("{name}.{zone}") }
}

/// A name as the API answers with it: the star of a wildcard is escaped. Calls take both, but look for this one.
pub fn wire(name: &str) -> String {
    name.strip_prefix('*').map_or_else(|| name.to_string(), |rest| format!("\\052{rest}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_case_and_the_last_dot_make_no_difference() {
        assert_eq!(plain("\\052.Example.com."), "*.example.com");
        assert_eq!(plain("a\\057b.example.com"), "a/b.example.com");
        assert_eq!(plain("."), "");
        assert_eq!(wire("*.example.com"), "\\052.example.com");
    }

    #[test]
    fn short_names_are_below_the_zone() {
        assert_eq!(full("www", "example.com."), "www.example.com");
        assert_eq!(full("www.example.com.", "example.com"), "www.example.com");
        assert_eq!(full("", "example.com"), "example.com");
        assert_eq!(full("example.com", "example.com"), "example.com");
        assert_eq!(full("notexample.com", "example.com"), "notexample.com.example.com");
    }
}
