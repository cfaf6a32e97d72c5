//! The options of an option group: what is asked for, what is live, and the way from one to the other.

use aws_sdk_rds::types::{Option as LiveOption, OptionConfiguration, OptionSetting};
use serde::{Deserialize, Serialize};

use crate::rds::given;

#[derive(Clone, Default, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct GroupOption {
    db_security_group_memberships: Vec<String>,
    option_name: String,
    option_settings: Vec<Setting>,
    port: Option<i32>,
    version: String,
    vpc_security_group_memberships: Vec<String>,
}

#[derive(Clone, Default, PartialEq, Debug, Serialize, Deserialize)]
#[serde(default)]
struct Setting {
    name: String,
    value: String,
}

/// The options to set, and the names of those to remove, to get from one list to another.
pub fn difference(have: &[GroupOption], want: &[GroupOption]) -> (Vec<OptionConfiguration>, Vec<String>) {
    let include =
        want.iter().filter(|want| !have.iter().any(|have| have.is_same(want))).map(GroupOption::request).collect();
    let is_wanted = |have: &GroupOption| want.iter().any(|want| want.option_name == have.option_name);
    let remove = have.iter().filter(|have| !is_wanted(have)).map(|have| have.option_name.clone()).collect();
    (include, remove)
}

impl GroupOption {
    /// The option as it is live, with the settings that were asked for or are not at their defaults.
    pub fn of(live: LiveOption, known: &[GroupOption]) -> GroupOption {
        let option_name = live.option_name.unwrap_or_default();
        let known = known.iter().find(|known| known.option_name == option_name);
        let is_known =
            |name: &str| known.is_some_and(|known| known.option_settings.iter().any(|setting| setting.name == name));
        let is_told = |setting: &OptionSetting| {
            let is_default = setting.value == setting.default_value;
            setting.value.is_some() && (!is_default || is_known(setting.name.as_deref().unwrap_or_default()))
        };
        let settings = live.option_settings.unwrap_or_default().into_iter().filter(is_told).map(|setting| Setting {
            name: setting.name.unwrap_or_default(),
            value: setting.value.unwrap_or_default(),
        });
        let db_groups = live.db_security_group_memberships.unwrap_or_default().into_iter();
        let vpc_groups = live.vpc_security_group_memberships.unwrap_or_default().into_iter();
        GroupOption {
            db_security_group_memberships: db_groups.filter_map(|group| group.db_security_group_name).collect(),
            option_settings: settings.collect(),
            port: live.port,
            version: live.option_version.unwrap_or_default(),
            vpc_security_group_memberships: vpc_groups.filter_map(|group| group.vpc_security_group_id).collect(),
            option_name,
        }
    }

    fn request(&self) -> OptionConfiguration {
        let list = |names: &[String]| (!names.is_empty()).then(|| names.to_vec());
        let settings = self
            .option_settings
            .iter()
            .map(|setting| OptionSetting::builder().name(&setting.name).value(&setting.value).build());
        let settings: Vec<OptionSetting> = settings.collect();
        OptionConfiguration::builder()
            .option_name(&self.option_name)
            .set_port(self.port)
            .set_option_version(given(&self.version))
            .set_db_security_group_memberships(list(&self.db_security_group_memberships))
            .set_vpc_security_group_memberships(list(&self.vpc_security_group_memberships))
            .set_option_settings((!settings.is_empty()).then_some(settings))
            .build()
    }

    /// Whether both ask for the same, in any order.
    fn is_same(&self, other: &GroupOption) -> bool {
        fn same<T: PartialEq>(a: &[T], b: &[T]) -> bool {
            a.len() == b.len() && a.iter().all(|item| b.contains(item))
        }
        self.option_name == other.option_name
            && self.port == other.port
            && self.version == other.version
            && same(&self.db_security_group_memberships, &other.db_security_group_memberships)
            && same(&self.vpc_security_group_memberships, &other.vpc_security_group_memberships)
            && same(&self.option_settings, &other.option_settings)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn option(name: &str, settings: &[(&str, &str)]) -> GroupOption {
        let setting = |(name, value): &(&str, &str)| Setting { name: name.to_string(), value: value.to_string() };
        GroupOption {
            option_name: name.into(),
            option_settings: settings.iter().map(setting).collect(),
            ..GroupOption::default()
        }
    }

    #[test]
    fn only_options_that_differ_are_set_and_those_not_wanted_removed() {
        let have = [option("A", &[("x", "1"), ("y", "1")]), option("B", &[("x", "1")]), option("C", &[])];
        let want = [option("A", &[("y", "1"), ("x", "1")]), option("B", &[("x", "2")])];
        let (include, remove) = difference(&have, &want);
        assert_eq!(include, [option("B", &[("x", "2")]).request()]);
        assert_eq!(remove, ["C"]);
    }

    #[test]
    fn settings_at_their_defaults_are_told_only_where_they_were_asked_for() {
        let setting =
            |name: &str, value: &str| OptionSetting::builder().name(name).value(value).default_value("0").build();
        let live = LiveOption::builder()
            .option_name("A")
            .option_settings(setting("asked", "0"))
            .option_settings(setting("other", "0"))
            .option_settings(setting("changed", "1"))
            .build();
        let seen = GroupOption::of(live, &[option("A", &[("asked", "0")])]);
        let names: Vec<&str> = seen.option_settings.iter().map(|setting| setting.name.as_str()).collect();
        assert_eq!(names, ["asked", "changed"]);
    }
}
