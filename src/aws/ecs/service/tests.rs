//! Updates send what differs, and references keep their form.

use super::*;

fn service() -> EcsService {
    EcsService {
        id: "arn:aws:ecs:us-east-1:123456789012:service/main/api".into(),
        name: "api".into(),
        cluster: "arn:aws:ecs:us-east-1:123456789012:cluster/main".into(),
        task_definition: "arn:aws:ecs:us-east-1:123456789012:task-definition/api:1".into(),
        deployment_maximum_percent: Some(200),
        deployment_minimum_healthy_percent: Some(100),
        desired_count: 2,
        ..EcsService::default()
    }
}

fn live() -> ecs::Service {
    ecs::Service::builder()
        .service_arn("arn:aws:ecs:us-east-1:123456789012:service/main/api")
        .service_name("api")
        .cluster_arn("arn:aws:ecs:us-east-1:123456789012:cluster/main")
        .task_definition("arn:aws:ecs:us-east-1:123456789012:task-definition/api:1")
        .role_arn("arn:aws:iam::123456789012:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS")
        .build()
}

#[test]
fn only_the_engines_own_arguments_change_nothing_at_the_service() {
    let want = EcsService { wait_for_steady_state: Some(true), force_delete: Some(true), ..service() };
    assert!(!service().differs(&want));
    let same_revision = EcsService { task_definition: "api:1".into(), ..service() };
    assert!(!service().differs(&same_revision));
    assert!(service().differs(&EcsService { task_definition: "api:2".into(), ..service() }));
    assert!(service().differs(&EcsService { desired_count: 3, ..service() }));
}

#[test]
fn a_new_deployment_is_forced_when_that_or_its_triggers_change() {
    let forced = |trigger: &str| EcsService {
        force_new_deployment: Some(true),
        triggers: BTreeMap::from([("release".into(), trigger.into())]),
        ..service()
    };
    assert!(service().differs(&forced("1")));
    assert!(!forced("1").differs(&forced("1")));
    assert!(forced("1").differs(&forced("2")));
}

#[test]
fn references_are_written_as_they_were() {
    let by_name = EcsService { cluster: "main".into(), task_definition: "api:1".into(), ..service() };
    let read = by_name.as_it_is(&live());
    assert_eq!((read.cluster.as_str(), read.task_definition.as_str()), ("main", "api:1"));
    let read = service().as_it_is(&live());
    assert_eq!((read.cluster, read.task_definition), (service().cluster, service().task_definition));
    assert_eq!(read.iam_role, "/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS");
    assert_eq!(role_name("arn:aws:iam::123456789012:role/plain"), "plain");
}

#[test]
fn imports_name_cluster_and_service() {
    let imported = EcsService::import("main/api").expect("the form is right");
    assert!(imported.is(&live()));
    let read = imported.as_it_is(&live());
    assert_eq!((read.cluster, read.task_definition), (service().cluster, service().task_definition));
    assert!(EcsService::import("arn:aws:ecs:us-east-1:123456789012:service/main/api").is_ok());
    for wrong in ["api", "main/", "/api", "a/b/c", "arn:aws:ecs:us-east-1:123456789012:service/api"] {
        assert!(EcsService::import(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn a_service_without_a_cluster_is_in_the_one_its_id_names() {
    assert_eq!(EcsService::default().cluster(), "default");
    assert_eq!(EcsService { cluster: String::new(), ..service() }.cluster(), "main");
}
