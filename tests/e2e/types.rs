//! Every resource type through its whole life: create, empty plan, drift, update, replace, import, destroy.

mod adopted;
pub mod agreement;
mod alarms;
mod autoscaling;
mod balancing;
mod borders;
mod certificates;
mod dynamodb;
mod ecr;
mod ecs;
mod elasticache;
mod iam;
mod messages;
mod network;
mod observed;
mod rds;
mod route53;
mod s3;
mod secrets;
mod service_discovery;

use serde_json::{Value as Json, json};

use crate::project::{Project, server, terraform};

/// One type and what is done to an object of it.
struct Case {
    address: &'static str,
    /// What the object needs around it.
    around: &'static str,
    /// The block at first.
    create: &'static str,
    /// The block with something that changes in place; empty when nothing of the type can.
    update: &'static str,
    /// The block with something that needs a new object; empty when nothing does.
    replace: &'static str,
    /// An attribute of the object and another value for it: a state that says so has drifted.
    drift: (&'static str, fn() -> Json),
    /// The identifier to import by, made of attributes.
    import: fn(&Json) -> String,
    /// Whether the plan is empty after an import: not where arguments exist only in the configuration.
    import_is_whole: bool,
}

fn id(attributes: &Json) -> String {
    text(attributes, "id")
}

fn text(attributes: &Json, name: &str) -> String {
    attributes[name].as_str().expect("a string").to_string()
}

#[track_caller]
fn live(case: &Case) {
    lives(case);
    interchanges(case);
}

/// Applies, changes, replaces, imports and destroys the object.
#[track_caller]
fn lives(case: &Case) {
    let Some(server) = server() else { return };
    let project = Project::new(server, &format!("{}\n{}", case.around, case.create));
    project.apply();
    project.expect_no_changes();
    project.expect(0, &["drift"]);

    let state = std::fs::read_to_string(project.path().join("terraform.tfstate")).expect("there is a state");
    set_attribute(&project, case.address, case.drift.0, (case.drift.1)());
    let drift = project.expect(2, &["drift"]);
    // What identifies an object can't differ from it: then the object of that name is gone.
    let is_told = drift.stdout.contains(case.drift.0) || drift.stdout.contains("has been deleted");
    assert!(drift.stdout.contains(case.address) && is_told, "{}", drift.stdout);
    project.write("terraform.tfstate", &state);

    if !case.update.is_empty() {
        project.write("main.tf", &format!("{}\n{}", case.around, case.update));
        let plan = project.expect(2, &["plan", "-detailed-exitcode"]);
        let says = format!("{} will be updated in-place", case.address);
        assert!(plan.stdout.contains(&says), "{}", plan.stdout);
        project.apply();
        project.expect_no_changes();
    }
    if !case.replace.is_empty() {
        project.write("main.tf", &format!("{}\n{}", case.around, case.replace));
        let plan = project.expect(2, &["plan", "-detailed-exitcode"]);
        assert!(plan.stdout.contains(&format!("{} must be replaced", case.address)), "{}", plan.stdout);
        project.expect(0, &["apply", "-auto-approve", "-input=false", &format!("-allow-loss={}", case.address)]);
        project.expect_no_changes();
    }
    let identifier = (case.import)(&attributes(&project.state(), case.address));
    forget(&project, case.address);
    project.expect(0, &["import", "-input=false", case.address, &identifier]);
    if case.import_is_whole {
        project.expect_no_changes();
    } else {
        project.apply();
        project.expect_no_changes();
    }
    project.destroy();
    assert_eq!(project.state()["resources"], json!([]));
}

/// Each engine goes on from what the other applied, with nothing to do, and destroys it.
#[track_caller]
fn interchanges(case: &Case) {
    let (Some(server), Some(terraform)) = (server(), terraform()) else { return };
    let project = Project::new(server, &format!("{}\n{}", case.around, case.create));
    agreement::is_taken_over(&project, terraform);
    assert_eq!(project.state()["resources"], json!([]));
    agreement::goes_on(&project, terraform);
    assert_eq!(project.state()["resources"], json!([]));
    println!("{}: infra -> terraform clean, terraform -> infra clean", case.address);
}

/// Terraform goes on from what infra applied; the other way round can't be, for Terraform can't apply it on the emulator.
#[track_caller]
fn live_without_terraforms_apply(case: &Case, why: &str) {
    lives(case);
    let (Some(server), Some(terraform)) = (server(), terraform()) else { return };
    let project = Project::new(server, &format!("{}\n{}", case.around, case.create));
    agreement::is_taken_over(&project, terraform);
    println!("{}: infra -> terraform clean, terraform -> infra not tried: {why}", case.address);
}

fn resource<'a>(state: &'a mut Json, mode: &str, address: &str) -> &'a mut Json {
    let (type_name, name) = address.split_once('.').expect("TYPE.NAME");
    let resources = state["resources"].as_array_mut().expect("a list");
    resources
        .iter_mut()
        .find(|resource| resource["mode"] == mode && resource["type"] == type_name && resource["name"] == name)
        .expect("the object is in the state")
}

fn attributes(state: &Json, address: &str) -> Json {
    resource(&mut state.clone(), "managed", address)["instances"][0]["attributes"].clone()
}

/// What a data source answered: `address` is without `data.`.
fn attributes_of_data(state: &Json, address: &str) -> Json {
    resource(&mut state.clone(), "data", address)["instances"][0]["attributes"].clone()
}

fn set_attribute(project: &Project, address: &str, name: &str, value: Json) {
    let mut state = project.state();
    let attributes = &mut resource(&mut state, "managed", address)["instances"][0]["attributes"];
    assert_ne!(attributes[name], value, "the value must differ from the applied one");
    attributes[name] = value;
    project.write("terraform.tfstate", &state.to_string());
}

fn forget(project: &Project, address: &str) {
    let (type_name, name) = address.split_once('.').expect("TYPE.NAME");
    let mut state = project.state();
    let resources = state["resources"].as_array_mut().expect("a list");
    resources.retain(|resource| resource["type"] != type_name || resource["name"] != name);
    project.write("terraform.tfstate", &state.to_string());
}

const NETWORK: &str = r#"
resource "aws_vpc" "around" {
  cidr_block = "10.1.0.0/16"
}
resource "aws_subnet" "around" {
  count             = 2
  vpc_id            = aws_vpc.around.id
  cidr_block        = cidrsubnet("10.1.0.0/16", 8, count.index)
  availability_zone = ["us-east-1a", "us-east-1b"][count.index]
}
"#;

const BALANCER: &str = r#"
resource "aws_vpc" "around" {
  cidr_block = "10.1.0.0/16"
}
resource "aws_subnet" "around" {
  count             = 2
  vpc_id            = aws_vpc.around.id
  cidr_block        = cidrsubnet("10.1.0.0/16", 8, count.index)
  availability_zone = ["us-east-1a", "us-east-1b"][count.index]
}
resource "aws_lb" "around" {
  name    = "around"
  subnets = aws_subnet.around[*].id
}
resource "aws_lb_target_group" "around" {
  name        = "around"
  port        = 80
  protocol    = "HTTP"
  target_type = "ip"
  vpc_id      = aws_vpc.around.id
}
"#;

const ROLE: &str = r#"
resource "aws_iam_role" "around" {
  name               = "around"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ecs-tasks.amazonaws.com" } }]
  })
}
"#;

#[test]
fn vpc_lives() {
    live(&Case {
        address: "aws_vpc.it",
        around: "",
        create: r#"resource "aws_vpc" "it" { cidr_block = "10.0.0.0/16" }"#,
        update: "resource \"aws_vpc\" \"it\" {\n cidr_block = \"10.0.0.0/16\"\n enable_dns_hostnames = true\n tags = { a = \"1\" }\n}",
        replace: "resource \"aws_vpc\" \"it\" {\n cidr_block = \"10.9.0.0/16\"\n enable_dns_hostnames = true\n tags = { a = \"1\" }\n}",
        drift: ("enable_dns_support", || json!(false)),
        import: id,
        import_is_whole: true,
    });
}

#[test]
fn subnet_lives() {
    let block = |cidr: &str, more: &str| {
        format!("resource \"aws_subnet\" \"it\" {{\n vpc_id = aws_vpc.around.id\n cidr_block = \"{cidr}\"\n{more}\n}}")
    };
    live(&Case {
        address: "aws_subnet.it",
        around: NETWORK,
        create: block("10.1.9.0/24", "").leak(),
        update: block("10.1.9.0/24", "map_public_ip_on_launch = true\n tags = { a = \"1\" }").leak(),
        replace: block("10.1.10.0/24", "map_public_ip_on_launch = true").leak(),
        drift: ("map_public_ip_on_launch", || json!(true)),
        import: id,
        import_is_whole: true,
    });
}

#[test]
fn internet_gateway_lives() {
    live(&Case {
        address: "aws_internet_gateway.it",
        around: NETWORK,
        create: r#"resource "aws_internet_gateway" "it" { vpc_id = aws_vpc.around.id }"#,
        update: "resource \"aws_internet_gateway\" \"it\" {\n vpc_id = aws_vpc.around.id\n tags = { a = \"1\" }\n}",
        replace: "",
        drift: ("vpc_id", || json!("vpc-gone")),
        import: id,
        import_is_whole: true,
    });
}

#[test]
fn eip_lives() {
    live(&Case {
        address: "aws_eip.it",
        around: "",
        create: r#"resource "aws_eip" "it" { domain = "vpc" }"#,
        update: "resource \"aws_eip\" \"it\" {\n domain = \"vpc\"\n tags = { a = \"1\" }\n}",
        replace: "",
        drift: ("tags", || json!({"a": "2"})),
        import: id,
        import_is_whole: true,
    });
}

#[test]
fn nat_gateway_lives() {
    let around = format!(
        "{NETWORK}\nresource \"aws_internet_gateway\" \"around\" {{ vpc_id = aws_vpc.around.id }}\nresource \"aws_eip\" \"around\" {{\n count = 2\n domain = \"vpc\"\n depends_on = [aws_internet_gateway.around]\n}}"
    );
    let block = |eip: u8, more: &str| {
        format!(
            "resource \"aws_nat_gateway\" \"it\" {{\n subnet_id = aws_subnet.around[0].id\n allocation_id = aws_eip.around[{eip}].id\n{more}\n}}"
        )
    };
    live(&Case {
        address: "aws_nat_gateway.it",
        around: around.leak(),
        create: block(0, "").leak(),
        update: block(0, "tags = { a = \"1\" }").leak(),
        replace: block(1, "").leak(),
        drift: ("subnet_id", || json!("subnet-gone")),
        import: id,
        import_is_whole: true,
    });
}

#[test]
fn route_table_lives() {
    let around = format!("{NETWORK}\nresource \"aws_internet_gateway\" \"around\" {{ vpc_id = aws_vpc.around.id }}");
    live(&Case {
        address: "aws_route_table.it",
        around: around.leak(),
        create: r#"resource "aws_route_table" "it" { vpc_id = aws_vpc.around.id }"#,
        update: "resource \"aws_route_table\" \"it\" {\n vpc_id = aws_vpc.around.id\n route {\n cidr_block = \"0.0.0.0/0\"\n gateway_id = aws_internet_gateway.around.id\n }\n tags = { a = \"1\" }\n}",
        replace: "",
        drift: ("vpc_id", || json!("vpc-gone")),
        import: id,
        import_is_whole: true,
    });
}

#[test]
fn route_lives() {
    let around = format!(
        "{NETWORK}\nresource \"aws_internet_gateway\" \"around\" {{ vpc_id = aws_vpc.around.id }}\nresource \"aws_route_table\" \"around\" {{ vpc_id = aws_vpc.around.id }}"
    );
    let block = |cidr: &str| {
        format!(
            "resource \"aws_route\" \"it\" {{\n route_table_id = aws_route_table.around.id\n destination_cidr_block = \"{cidr}\"\n gateway_id = aws_internet_gateway.around.id\n}}"
        )
    };
    live(&Case {
        address: "aws_route.it",
        around: around.leak(),
        create: block("0.0.0.0/0").leak(),
        update: "",
        replace: block("192.0.2.0/24").leak(),
        drift: ("gateway_id", || json!("igw-gone")),
        import: |attributes| {
            format!("{}_{}", text(attributes, "route_table_id"), text(attributes, "destination_cidr_block"))
        },
        import_is_whole: true,
    });
}

#[test]
fn route_table_association_lives() {
    let around =
        format!("{NETWORK}\nresource \"aws_route_table\" \"around\" {{\n count = 2\n vpc_id = aws_vpc.around.id\n}}");
    let block = |subnet: u8, table: u8| {
        format!(
            "resource \"aws_route_table_association\" \"it\" {{\n subnet_id = aws_subnet.around[{subnet}].id\n route_table_id = aws_route_table.around[{table}].id\n}}"
        )
    };
    live(&Case {
        address: "aws_route_table_association.it",
        around: around.leak(),
        create: block(0, 0).leak(),
        update: block(0, 1).leak(),
        replace: block(1, 1).leak(),
        drift: ("route_table_id", || json!("rtb-gone")),
        import: |attributes| format!("{}/{}", text(attributes, "subnet_id"), text(attributes, "route_table_id")),
        import_is_whole: true,
    });
}

#[test]
fn security_group_lives() {
    let block = |name: &str, cidr: &str| {
        format!(
            "resource \"aws_security_group\" \"it\" {{\n name = \"{name}\"\n vpc_id = aws_vpc.around.id\n ingress {{\n from_port = 80\n to_port = 80\n protocol = \"tcp\"\n cidr_blocks = [{cidr}]\n description = \"web\"\n }}\n egress {{\n from_port = 0\n to_port = 0\n protocol = \"-1\"\n cidr_blocks = [\"0.0.0.0/0\"]\n }}\n}}"
        )
    };
    live(&Case {
        address: "aws_security_group.it",
        around: NETWORK,
        create: block("it", "\"10.0.0.0/8\"").leak(),
        update: block("it", "\"10.0.0.0/8\", \"172.16.0.0/12\"").leak(),
        replace: block("other", "\"10.0.0.0/8\"").leak(),
        drift: ("ingress", || json!([])),
        import: id,
        import_is_whole: false,
    });
}

#[test]
fn log_group_lives() {
    live(&Case {
        address: "aws_cloudwatch_log_group.it",
        around: "",
        create: "resource \"aws_cloudwatch_log_group\" \"it\" {\n name = \"/it\"\n retention_in_days = 7\n}",
        update: "resource \"aws_cloudwatch_log_group\" \"it\" {\n name = \"/it\"\n retention_in_days = 14\n tags = { a = \"1\" }\n}",
        replace: "resource \"aws_cloudwatch_log_group\" \"it\" {\n name = \"/other\"\n retention_in_days = 14\n}",
        drift: ("retention_in_days", || json!(3)),
        import: id,
        import_is_whole: false,
    });
}

#[test]
fn iam_role_lives() {
    let block = |name: &str, service: &str| {
        format!(
            "resource \"aws_iam_role\" \"it\" {{\n name = \"{name}\"\n assume_role_policy = jsonencode({{\n Version = \"2012-10-17\"\n Statement = [{{ Effect = \"Allow\", Action = [\"sts:AssumeRole\"], Principal = {{ Service = \"{service}\" }} }}]\n }})\n}}"
        )
    };
    live(&Case {
        address: "aws_iam_role.it",
        around: "",
        create: block("it", "ecs-tasks.amazonaws.com").leak(),
        update: block("it", "ec2.amazonaws.com").leak(),
        replace: block("other", "ec2.amazonaws.com").leak(),
        drift: ("description", || json!("by hand")),
        import: id,
        import_is_whole: false,
    });
}

#[test]
fn iam_role_policy_lives() {
    let block = |name: &str, action: &str| {
        format!(
            "resource \"aws_iam_role_policy\" \"it\" {{\n name = \"{name}\"\n role = aws_iam_role.around.id\n policy = jsonencode({{\n Version = \"2012-10-17\"\n Statement = [{{ Effect = \"Allow\", Action = [\"{action}\"], Resource = \"*\" }}]\n }})\n}}"
        )
    };
    live(&Case {
        address: "aws_iam_role_policy.it",
        around: ROLE,
        create: block("it", "s3:GetObject").leak(),
        update: block("it", "s3:PutObject").leak(),
        replace: block("other", "s3:PutObject").leak(),
        drift: ("policy", || json!("{}")),
        import: id,
        import_is_whole: true,
    });
}

#[test]
fn iam_role_policy_attachment_lives() {
    let block = |policy: &str| {
        format!(
            "resource \"aws_iam_role_policy_attachment\" \"it\" {{\n role = aws_iam_role.around.name\n policy_arn = \"arn:aws:iam::aws:policy/{policy}\"\n}}"
        )
    };
    live(&Case {
        address: "aws_iam_role_policy_attachment.it",
        around: ROLE,
        create: block("ReadOnlyAccess").leak(),
        update: "",
        replace: block("PowerUserAccess").leak(),
        drift: ("policy_arn", || json!("arn:aws:iam::aws:policy/AdministratorAccess")),
        import: |attributes| format!("{}/{}", text(attributes, "role"), text(attributes, "policy_arn")),
        import_is_whole: true,
    });
}

#[test]
fn ecs_cluster_lives() {
    let block = |name: &str, insights: &str| {
        format!(
            "resource \"aws_ecs_cluster\" \"it\" {{\n name = \"{name}\"\n setting {{\n name = \"containerInsights\"\n value = \"{insights}\"\n }}\n}}"
        )
    };
    live(&Case {
        address: "aws_ecs_cluster.it",
        around: "",
        create: block("it", "disabled").leak(),
        update: block("it", "enabled").leak(),
        replace: block("other", "enabled").leak(),
        drift: ("tags", || json!({"a": "2"})),
        import: |attributes| text(attributes, "name"),
        import_is_whole: true,
    });
}

fn task_definition(image: &str, tags: &str) -> String {
    format!(
        "resource \"aws_ecs_task_definition\" \"it\" {{\n family = \"it\"\n cpu = 256\n memory = 512\n network_mode = \"awsvpc\"\n requires_compatibilities = [\"FARGATE\"]\n container_definitions = jsonencode([{{ name = \"app\", image = \"{image}\", essential = true, portMappings = [{{ containerPort = 80 }}], environment = [{{ name = \"B\", value = \"2\" }}, {{ name = \"A\", value = \"1\" }}] }}])\n{tags}\n}}"
    )
}

#[test]
fn ecs_task_definition_lives() {
    live(&Case {
        address: "aws_ecs_task_definition.it",
        around: "",
        create: task_definition("nginx:1", "").leak(),
        update: task_definition("nginx:1", "tags = { a = \"1\" }").leak(),
        replace: task_definition("nginx:2", "").leak(),
        drift: ("cpu", || json!("512")),
        import: |attributes| text(attributes, "arn"),
        import_is_whole: false,
    });
}

#[test]
fn ecs_service_lives() {
    let around = format!(
        "{NETWORK}\nresource \"aws_ecs_cluster\" \"around\" {{ name = \"around\" }}\n{}",
        task_definition("nginx:1", "")
    );
    let block = |name: &str, count: u8| {
        format!(
            "resource \"aws_ecs_service\" \"it\" {{\n name = \"{name}\"\n cluster = aws_ecs_cluster.around.id\n task_definition = aws_ecs_task_definition.it.arn\n desired_count = {count}\n launch_type = \"FARGATE\"\n deployment_maximum_percent = 200\n deployment_minimum_healthy_percent = 50\n  network_configuration {{\n subnets = aws_subnet.around[*].id\n }}\n}}"
        )
    };
    live(&Case {
        address: "aws_ecs_service.it",
        around: around.leak(),
        create: block("it", 1).leak(),
        update: block("it", 2).leak(),
        replace: block("other", 2).leak(),
        drift: ("desired_count", || json!(7)),
        import: |attributes| format!("around/{}", text(attributes, "name")),
        import_is_whole: false,
    });
}

#[test]
fn lb_lives() {
    let block = |name: &str, idle: u16| {
        format!(
            "resource \"aws_lb\" \"it\" {{\n name = \"{name}\"\n subnets = aws_subnet.around[*].id\n idle_timeout = {idle}\n}}"
        )
    };
    live(&Case {
        address: "aws_lb.it",
        around: NETWORK,
        create: block("it", 60).leak(),
        update: block("it", 120).leak(),
        replace: block("other", 120).leak(),
        drift: ("enable_deletion_protection", || json!(true)),
        import: id,
        import_is_whole: true,
    });
}

#[test]
fn lb_target_group_lives() {
    let block = |port: u16, path: &str| {
        format!(
            "resource \"aws_lb_target_group\" \"it\" {{\n name = \"it-{port}\"\n port = {port}\n protocol = \"HTTP\"\n target_type = \"ip\"\n vpc_id = aws_vpc.around.id\n health_check {{\n path = \"{path}\"\n }}\n}}"
        )
    };
    live(&Case {
        address: "aws_lb_target_group.it",
        around: NETWORK,
        create: block(80, "/").leak(),
        update: block(80, "/health").leak(),
        replace: block(81, "/health").leak(),
        drift: ("deregistration_delay", || json!("7")),
        import: id,
        import_is_whole: false,
    });
}

#[test]
fn lb_listener_lives() {
    let block = |port: u16| {
        format!(
            "resource \"aws_lb_listener\" \"it\" {{\n load_balancer_arn = aws_lb.around.arn\n port = {port}\n protocol = \"HTTP\"\n default_action {{\n type = \"forward\"\n target_group_arn = aws_lb_target_group.around.arn\n }}\n}}"
        )
    };
    live(&Case {
        address: "aws_lb_listener.it",
        around: BALANCER,
        create: block(80).leak(),
        update: block(81).leak(),
        replace: "",
        drift: ("port", || json!(90)),
        import: id,
        import_is_whole: true,
    });
}

#[test]
fn db_subnet_group_lives() {
    let block = |name: &str, description: &str| {
        format!(
            "resource \"aws_db_subnet_group\" \"it\" {{\n name = \"{name}\"\n description = \"{description}\"\n subnet_ids = aws_subnet.around[*].id\n}}"
        )
    };
    live(&Case {
        address: "aws_db_subnet_group.it",
        around: NETWORK,
        create: block("it", "a").leak(),
        update: block("it", "b").leak(),
        replace: block("other", "b").leak(),
        drift: ("description", || json!("by hand")),
        import: id,
        import_is_whole: true,
    });
}

#[test]
fn db_instance_lives() {
    let block = |name: &str, retention: u8| {
        format!(
            "resource \"aws_db_instance\" \"it\" {{\n identifier = \"{name}\"\n engine = \"postgres\"\n engine_version = \"15.4\"\n instance_class = \"db.t3.micro\"\n allocated_storage = 20\n storage_encrypted = true\n username = \"someone\"\n password = \"canary-password-77\"\n backup_retention_period = {retention}\n backup_window = \"03:00-04:00\"\n maintenance_window = \"Sun:04:00-Sun:05:00\"\n apply_immediately = true\n skip_final_snapshot = true\n}}"
        )
    };
    live(&Case {
        address: "aws_db_instance.it",
        around: "",
        create: block("it", 1).leak(),
        update: block("it", 2).leak(),
        replace: "",
        drift: ("backup_retention_period", || json!(9)),
        import: |attributes| text(attributes, "identifier"),
        import_is_whole: false,
    });
}
