//! `.netrc`: users and passwords by host, as web clients share them.

/// The user and password for a host: its own entry, else the default one.
pub(super) fn lookup(text: &str, host: &str) -> Option<(String, String)> {
    let mut words = text.lines().map(str::trim).filter(|line| !line.starts_with('#')).flat_map(str::split_whitespace);
    let mut entry: Option<Entry> = None;
    while let Some(word) = words.next() {
        match word {
            "machine" | "default" => {
                if let Some(found) = entry.take().filter(Entry::is_meant) {
                    return Some(found.credentials());
                }
                let is_meant = word == "default" || words.next() == Some(host);
                entry = Some(Entry { is_meant, user: String::new(), password: String::new() });
            }
            "login" => {
                let user = words.next().unwrap_or_default().to_string();
                entry = entry.map(|entry| Entry { user, ..entry });
            }
            "password" => {
                let password = words.next().unwrap_or_default().to_string();
                entry = entry.map(|entry| Entry { password, ..entry });
            }
            // `account` has a value; a macro definition ends the entries that can be read.
            "macdef" => break,
            _ => {}
        }
    }
    entry.filter(Entry::is_meant).map(|found| found.credentials())
}

struct Entry {
    is_meant: bool,
    user: String,
    password: String,
}

impl Entry {
    fn is_meant(&self) -> bool {
        self.is_meant
    }

    fn credentials(self) -> (String, String) {
        (self.user, self.password)
    }
}

#[cfg(test)]
mod tests {
    use super::lookup;

    #[test]
    fn a_hosts_own_entry_comes_before_the_default() {
        let text = "# comment\nmachine a.example login x password y\nmachine b.example\n  login z\n  password w\ndefault login d password e\n";
        let of = |host| lookup(text, host).expect("there is a default");
        assert_eq!(of("a.example"), ("x".into(), "y".into()));
        assert_eq!(of("b.example"), ("z".into(), "w".into()));
        assert_eq!(of("c.example"), ("d".into(), "e".into()));
        assert_eq!(lookup("machine a login x password y", "b"), None);
    }
}
