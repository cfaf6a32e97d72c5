//! `aws_rds_cluster_parameter_group`: settings of the engine that clusters share.

use serde::{Deserialize, Serialize};

use crate::rds::parameter_group::calls::Kind;
use crate::rds::parameter_group::{ParameterGroup, Scope};

pub type ClusterParameterGroup = ParameterGroup<OfClusters>;

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct OfClusters {}

impl Scope for OfClusters {
    const TYPE: &'static str = "aws_rds_cluster_parameter_group";
    const KIND: Kind = Kind::Cluster;
}
