//! Caches and the subnets they are in.

use serde_json::json;

use super::agreement::both_agree;
use super::{Case, NETWORK, id, live};

fn subnet_group(name: &str, more: &str) -> String {
    format!(
        "resource \"aws_elasticache_subnet_group\" \"it\" {{\n name = \"{name}\"\n subnet_ids = aws_subnet.around[*].id\n{more}\n}}\n"
    )
}

fn group(name: &str, members: u32, more: &str) -> String {
    format!(
        r#"
resource "aws_elasticache_replication_group" "it" {{
  replication_group_id = "{name}"
  description          = "it"
  engine               = "redis"
  engine_version       = "7.0"
  node_type            = "cache.t3.micro"
  num_cache_clusters   = {members}
  apply_immediately    = true
  {more}
}}"#
    )
}

#[test]
fn elasticache_subnet_group_lives() {
    live(&Case {
        address: "aws_elasticache_subnet_group.it",
        around: NETWORK,
        create: subnet_group("it", "").leak(),
        update: subnet_group("it", "description = \"ours\"\n tags = { a = \"1\" }").leak(),
        replace: subnet_group("other", "").leak(),
        drift: ("description", || json!("by hand")),
        import: id,
        import_is_whole: true,
    });
}

#[test]
fn elasticache_replication_group_lives() {
    live(&Case {
        address: "aws_elasticache_replication_group.it",
        around: "",
        create: group("it", 2, "automatic_failover_enabled = true").leak(),
        update: group(
            "it",
            3,
            "automatic_failover_enabled = true\n snapshot_retention_limit = 3\n tags = { a = \"1\" }",
        )
        .leak(),
        replace: group("other", 2, "").leak(),
        drift: ("snapshot_retention_limit", || json!(9)),
        import: id,
        import_is_whole: false,
    });
}

#[test]
fn caches_are_exchanged_with_terraform() {
    let more = "automatic_failover_enabled = true\n subnet_group_name = aws_elasticache_subnet_group.it.name\n tags = { a = \"1\" }";
    both_agree(&format!("{NETWORK}{}{}", subnet_group("it", ""), group("it", 2, more)));
}
