//! `aws_db_parameter_group`: settings of the engine that instances share.

use serde::{Deserialize, Serialize};

use crate::rds::parameter_group::calls::Kind;
use crate::rds::parameter_group::{ParameterGroup, Scope};

pub type DbParameterGroup = ParameterGroup<OfInstances>;

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct OfInstances {
    skip_destroy: bool,
}

impl Scope for OfInstances {
    const TYPE: &'static str = "aws_db_parameter_group";
    const KIND: Kind = Kind::Instance;

    fn stays(&self) -> bool {
        self.skip_destroy
    }
}
