//! `random_password`: random text that is a secret, and its hash.

use bcrypt::{DEFAULT_COST, Version};
use provider::error::{ErrorKind, ProviderError};
use provider::resource::Refusal;
use provider::{PlanAnswer, PlanRequest};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use crate::data_source::DataSource;
use crate::random::characters::Characters;
use crate::resource::Resource;
use crate::world::World;

/// The cost that Go's library takes by default; this one's is higher.
const COST: u32 = 10;
const _: () = assert!(COST <= DEFAULT_COST);

/// How many bytes of a password are hashed; the algorithm can't take more.
const HASHED_BYTES_MAX: usize = 72;

#[derive(Serialize, Deserialize, Default)]
#[serde(default)]
pub struct RandomPassword {
    #[serde(flatten)]
    characters: Characters,
    bcrypt_hash: String,
    id: String,
    result: String,
}

impl RandomPassword {
    fn of(result: String, characters: Characters, world: &dyn World) -> Result<RandomPassword, ProviderError> {
        Ok(RandomPassword { bcrypt_hash: hash(&result, world)?, characters, id: "none".into(), result })
    }
}

impl Resource for RandomPassword {
    const TYPE: &'static str = "random_password";

    fn create(self, world: &dyn World) -> Result<RandomPassword, ProviderError> {
        RandomPassword::of(self.characters.draw(Self::TYPE, world)?, self.characters, world)
    }

    /// Takes the password itself.
    fn import(id: &str, world: &dyn World) -> Result<RandomPassword, ProviderError> {
        RandomPassword::of(id.into(), Characters::of(id), world)
    }

    /// Objects of version 0 have no hash, and some of version 2 have one of another text.
    fn upgrade(version: u64, stored: &mut Map<String, Json>, world: &dyn World) -> Result<(), ProviderError> {
        Characters::upgrade(stored);
        let result = stored.get("result").and_then(Json::as_str).unwrap_or_default();
        let present = stored.get("bcrypt_hash").and_then(Json::as_str).unwrap_or_default();
        let is_right = match version {
            0 => false,
            1 => !present.is_empty(),
            2.. => bcrypt::verify(hashed(result), present).unwrap_or(false),
        };
        if !is_right {
            let hash = hash(result, world)?;
            stored.insert("bcrypt_hash".into(), hash.into());
        }
        Ok(())
    }

    fn refine(request: &PlanRequest<'_>, answer: &mut PlanAnswer, _: &dyn World) -> Result<(), ProviderError> {
        Characters::refine(request, answer)
    }

    fn validate(config: &model::value::Value) -> Vec<Refusal> {
        Characters::validate(config)
    }
}

/// A password that lasts for one run.
#[derive(Serialize, Deserialize, Default)]
#[serde(default)]
pub struct EphemeralPassword {
    bcrypt_hash: String,
    length: usize,
    lower: Option<bool>,
    min_lower: usize,
    min_numeric: usize,
    min_special: usize,
    min_upper: usize,
    numeric: Option<bool>,
    override_special: Option<String>,
    result: String,
    special: Option<bool>,
    upper: Option<bool>,
}

impl DataSource for EphemeralPassword {
    const TYPE: &'static str = "random_password";

    fn read(self, world: &dyn World) -> Result<EphemeralPassword, ProviderError> {
        let is_on = |kind: Option<bool>| kind.unwrap_or(true);
        let characters = Characters {
            length: self.length,
            lower: is_on(self.lower),
            min_lower: self.min_lower,
            min_numeric: self.min_numeric,
            min_special: self.min_special,
            min_upper: self.min_upper,
            numeric: is_on(self.numeric),
            override_special: self.override_special.clone(),
            special: is_on(self.special),
            upper: is_on(self.upper),
            ..Characters::default()
        };
        let result = characters.draw(Self::TYPE, world)?;
        Ok(EphemeralPassword {
            bcrypt_hash: hash(&result, world)?,
            lower: Some(characters.lower),
            numeric: Some(characters.numeric),
            special: Some(characters.special),
            upper: Some(characters.upper),
            result,
            ..self
        })
    }

    fn validate(config: &model::value::Value) -> Vec<Refusal> {
        Characters::validate(config)
    }
}

fn hashed(password: &str) -> &[u8] {
    &password.as_bytes()[..password.len().min(HASHED_BYTES_MAX)]
}

fn hash(password: &str, world: &dyn World) -> Result<String, ProviderError> {
    let parts = bcrypt::hash_with_salt(hashed(password), COST, world.bytes())
        .map_err(|error| ProviderError::new(ErrorKind::Other, "hash a random_password", error.to_string()))?;
    Ok(parts.format_for_version(Version::TwoA))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{Lab, text};

    const TYPE: &str = "random_password";

    #[test]
    fn the_hash_is_of_the_password() {
        let lab = Lab::of("random");
        let object = lab.create(TYPE, json!({"length": 80}));
        let (hash, password) = (text(&object, "bcrypt_hash"), text(&object, "result"));
        assert!(hash.starts_with("$2a$10$"), "{hash}");
        assert!(bcrypt::verify(&password[..72], &hash).expect("a hash"));
        assert_eq!(text(&object, "id"), "none");
        assert!(lab.is_no_change(TYPE, &object, json!({"length": 80})));
    }

    #[test]
    fn an_ephemeral_password_is_another_each_time_it_is_opened() {
        let lab = Lab::of("random");
        let config = json!({"length": 12, "special": false, "min_upper": 3});
        let [first, second] = [(), ()].map(|()| lab.open(TYPE, config.clone()).expect("it opens"));
        let password = text(&first, "result");
        assert_eq!(password.len(), 12);
        assert!(password.chars().all(char::is_alphanumeric), "{password}");
        assert!(password.chars().filter(char::is_ascii_uppercase).count() >= 3, "{password}");
        assert!(bcrypt::verify(&password, &text(&first, "bcrypt_hash")).expect("a hash"));
        assert_eq!(first.get("lower"), Some(true.into()));
        assert_ne!(password, text(&second, "result"));
        assert!(lab.open(TYPE, json!({"length": 2, "min_lower": 3})).is_err());
    }

    #[test]
    fn an_imported_password_stays_with_its_length() {
        let lab = Lab::of("random");
        let object = lab.import(TYPE, "secret").expect("any password can be imported");
        assert!(lab.is_no_change(TYPE, &object, json!({"length": 6})));
    }

    #[test]
    fn wrong_hashes_of_older_versions_are_made_anew() {
        let lab = Lab::of("random");
        let right = text(&lab.import(TYPE, "secret").expect("imported"), "bcrypt_hash");
        let stored = |hash: &str| json!({"id": "none", "result": "secret", "bcrypt_hash": hash});
        assert_eq!(text(&lab.upgrade(TYPE, 2, stored(&right)), "bcrypt_hash"), right);
        for (version, hash) in [(0, ""), (2, "$2a$10$wrong")] {
            let object = lab.upgrade(TYPE, version, stored(hash));
            assert!(bcrypt::verify("secret", &text(&object, "bcrypt_hash")).expect("a hash"));
            assert!(lab.is_no_change(TYPE, &object, json!({"length": 6})));
        }
    }
}
