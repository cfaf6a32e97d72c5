//! Texts that mean the same and texts that don't, as `hashicorp/aws` 5.100 was seen to plan them.

use super::*;

/// One container with these members besides its name.
fn with(members: &str) -> String {
    format!(r#"[{{"name": "app", "image": "nginx:1", "memory": 128{members}}}]"#)
}

fn same(a: &str, b: &str, is_awsvpc: bool) -> bool {
    let parse = |text: &str| parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    mean_the_same(&parse(a), &parse(b), is_awsvpc)
}

#[test]
fn defaults_that_are_spelled_out_mean_the_same() {
    for (a, b) in [
        ("", r#", "essential": true, "cpu": 0"#),
        ("", r#", "command": [], "environment": [], "mountPoints": [], "credentialSpecs": []"#),
        ("", r#", "environment": [null, {}], "portMappings": [{}], "probeKey": 1, "command": null"#),
        (
            r#", "portMappings": [{"containerPort": 80}]"#,
            r#", "portMappings": [{"containerPort": 80, "protocol": "tcp"}]"#,
        ),
        (r#", "portMappings": [{"containerPort": 80}]"#, r#", "PORTMAPPINGS": [{"containerport": 80, "hostPort": 0}]"#),
        (
            r#", "healthCheck": {"command": ["CMD", "x"]}"#,
            r#", "healthCheck": {"command": ["CMD", "x"], "interval": 30, "timeout": 5, "retries": 3}"#,
        ),
        (
            r#", "secrets": [{"name": "A", "valueFrom": "a"}, {"name": "B", "valueFrom": "b"}]"#,
            r#", "secrets": [{"name": "B", "valueFrom": "b"}, {"name": "A", "valueFrom": "a"}]"#,
        ),
    ] {
        assert!(same(&with(a), &with(b), false), "{a} and {b}");
    }
}

#[test]
fn what_the_service_keeps_apart_differs() {
    for (a, b) in [
        ("", r#", "essential": false"#),
        ("", r#", "privileged": false"#),
        ("", r#", "dockerLabels": {}"#),
        ("", r#", "linuxParameters": {}"#),
        ("", r#", "environment": [{"name": "A"}]"#),
        (r#", "environment": [{"name": "A", "value": ""}]"#, r#", "environment": [{"name": "A"}]"#),
        (
            r#", "portMappings": [{"containerPort": 80}]"#,
            r#", "portMappings": [{"containerPort": 80, "hostPort": 80}]"#,
        ),
        (
            r#", "portMappings": [{"containerPort": 80}]"#,
            r#", "portMappings": [{"containerPort": 80, "protocol": "TCP"}]"#,
        ),
        (r#", "command": ["a", "b"]"#, r#", "command": ["b", "a"]"#),
        (
            r#", "logConfiguration": {"logDriver": "awslogs"}"#,
            r#", "logConfiguration": {"logDriver": "awslogs", "secretOptions": []}"#,
        ),
        (
            r#", "healthCheck": {"command": ["CMD", "x"]}"#,
            r#", "healthCheck": {"command": ["CMD", "x"], "startPeriod": 0}"#,
        ),
    ] {
        assert!(!same(&with(a), &with(b), false), "{a} and {b}");
    }
}

#[test]
fn in_an_awsvpc_network_a_host_port_is_the_container_port() {
    let port = |host: &str| with(&format!(r#", "portMappings": [{{"containerPort": 80{host}}}]"#));
    assert!(same(&port(""), &port(r#", "hostPort": 80"#), true));
    assert!(same(&port(r#", "hostPort": 0"#), &port(r#", "hostPort": 80"#), true));
    assert!(!same(&port(""), &port(r#", "hostPort": 81"#), true));
}

#[test]
fn containers_of_one_name_keep_their_order() {
    let pair =
        |first: i32, second: i32| format!(r#"[{{"name":"a","memory":{first}}},{{"name":"a","memory":{second}}}]"#);
    assert!(!same(&pair(1, 2), &pair(2, 1), false));
    assert!(same(r#"[{"name":"a"},{"name":"b"}]"#, r#"[{"name":"b"},{"name":"a"}]"#, false));
}

#[test]
fn what_is_no_list_of_containers_is_refused_with_its_place() {
    let refused = |text: &str| parse(text).expect_err(text).to_string();
    assert_eq!(refused("not json").split(':').next(), Some("it is no JSON"));
    assert_eq!(refused("{}"), "a list of container definitions is required, not an object");
    assert_eq!(refused("[null]"), "at `[0]`: an object is required, not null");
    assert_eq!(refused("[{}]"), "at `[0]`: the container definition is empty");
    assert_eq!(
        refused(&with(r#", "portMappings": [{"containerPort": 80}, {"containerPort": "80"}]"#)),
        "at `[0].portMappings[1].containerPort`: a number is required, not a string"
    );
    assert_eq!(
        refused(&with(r#", "environment": {"A": "1"}"#)),
        "at `[0].environment`: a list is required, not an object"
    );
    assert_eq!(
        refused(&with(r#", "memory": 3000000000"#)),
        "at `[0].memory`: a whole number up to 2147483647 is required, not 3000000000"
    );
    assert_eq!(refused(&with(r#", "secrets": [{"name": "A"}]"#)), "at `[0].secrets[0]`: `valueFrom` is required");
    assert_eq!(
        refused(&with(r#", "dockerLabels": {"a.b": 1}"#)),
        "at `[0].dockerLabels.a.b`: a string is required, not a number"
    );
}

#[test]
fn texts_that_differ_in_the_order_of_members_are_told() {
    assert!(is_reordered(r#"[{"a":{"b":1,"c":2}}]"#, r#"[{"a":{"c":2,"b":1}}]"#));
    assert!(!is_reordered(r#"[{"a":1},{"b":1}]"#, r#"[{"b":1},{"a":1}]"#));
    assert!(!is_reordered("[]", "[]"));
    assert!(!is_reordered("", "[]"));
}

#[test]
fn nothing_and_null_are_no_containers() {
    for text in ["", "null", "[]"] {
        assert_eq!(parse(text), Ok(Vec::new()), "{text:?}");
    }
}

/// Every member, all the way to the SDK's types and back to the text.
#[test]
fn every_member_comes_back_from_the_service_as_it_was_sent() {
    let text = include_str!("every_member.json");
    let containers = parse(text).expect("the text is right");
    let back = to_text(&from_api(into_api(containers)));
    let compact: Json = serde_json::from_str(text).expect("the text is JSON");
    assert_eq!(back, compact.to_string());
    let members = compact[0].as_object().map_or(0, serde_json::Map::len);
    assert_eq!(members, 42, "the text has every member of a container definition");
}

#[test]
fn texts_for_the_state_are_in_order_and_not_escaped_for_html() {
    let text = r#"[{"name": "b", "memory": 1},
        {"name": "a", "cpu": 0, "command": ["a && b < c\u2028"], "environment": [{"value": "1", "name": "Z"}, {"name": "A", "value": ""}]}]"#;
    let stored = to_text(&from_api(into_api(parse(text).expect("the text is right"))));
    assert_eq!(
        stored,
        r#"[{"command":["a && b < c\u2028"],"environment":[{"name":"A","value":""},{"name":"Z","value":"1"}],"name":"a"},{"memory":1,"name":"b"}]"#
    );
}
