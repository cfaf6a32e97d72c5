//! The parts of a state file as they are on disk, borrowed from the file or from the state.
//!
//! The names of the fields are those of the file. Every field may be missing; [`super::read`] says which may not.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde::ser::{SerializeMap, Serializer};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use serde_json::value::RawValue;

/// Fields that no struct here names, in their order.
#[derive(Default)]
pub(crate) struct Fields<'a>(pub Vec<(Cow<'a, str>, &'a RawValue)>);

impl Serialize for Fields<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, raw) in &self.0 {
            map.serialize_entry(name, raw)?;
        }
        map.end()
    }
}

/// Declares a struct that is read from an object and written as one: named fields in order, `drop`ped names ignored,
/// others kept.
///
/// The derive of serde cannot do it: its `flatten` loses raw JSON when reading.
macro_rules! object {
    (
        $(#[$meta:meta])*
        struct $name:ident<'a> {
            $($(#[$field_meta:meta])* $field:ident = $key:literal: $ty:ty,)*
        }
        drop $($dropped:literal)*
    ) => {
        $(#[$meta])*
        #[derive(Default, Serialize)]
        pub(crate) struct $name<'a> {
            $(
                #[serde(rename = $key, skip_serializing_if = "Option::is_none")]
                $(#[$field_meta])*
                pub $field: Option<$ty>,
            )*
            #[serde(flatten)]
            pub unrecognized: Fields<'a>,
        }

        impl<'de: 'a, 'a> Deserialize<'de> for $name<'a> {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct ObjectVisitor;

                impl<'de> Visitor<'de> for ObjectVisitor {
                    type Value = $name<'de>;

                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str("an object")
                    }

                    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<$name<'de>, A::Error> {
                        let mut object = $name::default();
                        while let Some(key) = map.next_key::<String>()? {
                            match key.as_str() {
                                $($key => object.$field = map.next_value()?,)*
                                $($dropped => { map.next_value::<IgnoredAny>()?; })*
                                _ => object.unrecognized.0.push((Cow::Owned(key), map.next_value()?)),
                            }
                        }
                        Ok(object)
                    }
                }

                deserializer.deserialize_map(ObjectVisitor)
            }
        }
    };
}

object! {
    /// The whole file.
    struct StateV4<'a> {
        version = "version": u64,
        terraform_version = "terraform_version": Cow<'a, str>,
        serial = "serial": u64,
        lineage = "lineage": Cow<'a, str>,
        outputs = "outputs": BTreeMap<Cow<'a, str>, OutputV4<'a>>,
        resources = "resources": Vec<ResourceV4<'a>>,
        check_results = "check_results": &'a RawValue,
    }
    drop
}

object! {
    /// An output of the root module.
    struct OutputV4<'a> {
        value = "value": Cow<'a, RawValue>,
        ty = "type": Json,
        sensitive = "sensitive": bool,
    }
    drop
}

object! {
    /// A resource with the objects of all its instances.
    struct ResourceV4<'a> {
        module = "module": Cow<'a, str>,
        mode = "mode": Cow<'a, str>,
        type_name = "type": Cow<'a, str>,
        name = "name": Cow<'a, str>,
        provider = "provider": Cow<'a, str>,
        instances = "instances": Vec<ObjectV4<'a>>,
    }
    drop "each"
}

object! {
    /// One object of an instance.
    struct ObjectV4<'a> {
        index_key = "index_key": Json,
        status = "status": Cow<'a, str>,
        deposed = "deposed": Cow<'a, str>,
        schema_version = "schema_version": u64,
        attributes = "attributes": &'a RawValue,
        /// How states older than Terraform 0.12 had their attributes.
        attributes_flat = "attributes_flat": IgnoredFlat,
        sensitive_attributes = "sensitive_attributes": Vec<Vec<StepV4<'a>>>,
        identity_schema_version = "identity_schema_version": u64,
        identity = "identity": &'a RawValue,
        private = "private": Cow<'a, str>,
        dependencies = "dependencies": Vec<Cow<'a, str>>,
        create_before_destroy = "create_before_destroy": bool,
    }
    drop "depends_on"
}

/// Stands for attributes in a form that is not read.
#[derive(Serialize, Deserialize)]
pub(crate) struct IgnoredFlat {}

/// One step of the path to a sensitive attribute. `value` is a name, or an object of `value` and `type`.
#[derive(Serialize, Deserialize)]
pub(crate) struct StepV4<'a> {
    #[serde(rename = "type")]
    pub kind: Cow<'a, str>,
    pub value: StepValue,
}

/// Written in the order of the fields.
#[derive(Serialize)]
#[serde(untagged)]
pub(crate) enum StepValue {
    Plain(Json),
    Typed { value: Json, r#type: Json },
}

impl<'de> Deserialize<'de> for StepValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<StepValue, D::Error> {
        Ok(match Json::deserialize(deserializer)? {
            Json::Object(mut object) if object.len() == 2 => match (object.remove("value"), object.remove("type")) {
                (Some(value), Some(ty)) => StepValue::Typed { value, r#type: ty },
                _ => StepValue::Plain(Json::Object(object)),
            },
            other => StepValue::Plain(other),
        })
    }
}
