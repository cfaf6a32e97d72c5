//! Tests of the file format.
//!
//! The fixtures are states that Terraform 1.11.4 wrote: `everything` has modules, `count`, `for_each`, sensitive parts,
//! checks, outputs of every type and a tainted object; `deposed` has replacements that failed half-way.

use std::time::{Duration, Instant};

use model::address::{InstanceAddr, Key};
use model::path::{Path, Step};
use model::ty::Type;
use model::value::Value;
use proptest::prelude::*;

use super::*;
use crate::{Object, Status};

const EVERYTHING: &str = include_str!("fixtures/everything.tfstate");
const DEPOSED: &str = include_str!("fixtures/deposed.tfstate");

fn parsed(text: &str) -> State {
    parse(text.as_bytes()).expect("a whole state")
}

fn rendered(state: &State) -> String {
    String::from_utf8(render(state)).expect("JSON is text")
}

/// A state with one resource, around these fields of it.
fn with_resource(fields: &str) -> String {
    format!(
        r#"{{"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "l", "outputs": {{}}, "resources": [{{{fields}}}], "check_results": null}}"#
    )
}

/// A state with one resource, around these objects of it.
fn with_objects(objects: &str) -> String {
    with_resource(&format!(
        r#""mode": "managed", "type": "t", "name": "n", "provider": "provider[\"terraform.io/builtin/terraform\"]", "instances": [{objects}]"#
    ))
}

fn only_object(state: &State) -> &Object {
    let instance = state.instances.values().next().expect("one instance");
    instance.current.as_ref().expect("one object")
}

fn error(text: &str) -> String {
    parse(text.as_bytes()).expect_err("not a whole state").to_string()
}

fn addr(text: &str) -> InstanceAddr {
    text.parse().expect("valid")
}

#[test]
fn states_of_terraform_come_back_byte_for_byte() {
    for text in [EVERYTHING, DEPOSED] {
        assert_eq!(rendered(&parsed(text)), text);
    }
}

#[test]
fn a_state_of_terraform_reads_as_what_it_says() {
    let state = parsed(EVERYTHING);
    assert_eq!(state.object(&addr(r#"terraform_data.each["a"]"#)).map(|object| object.status), Some(Status::Tainted));
    assert!(state.object(&addr(r#"module.m2["x"].terraform_data.in"#)).is_some());
    assert!(state.object(&addr("module.m3[10].terraform_data.in")).is_some());

    let secret = state.object(&addr("terraform_data.sec")).expect("it is there");
    let input = |step: Step| Path { steps: vec![Step::Attribute("input".into()), step] };
    assert!(secret.sensitive.contains(&input(Step::Attribute("pw".into()))));
    assert!(secret.sensitive.contains(&input(Step::Attribute("list".into())).child(Step::Index(1))));
    assert!(secret.sensitive.contains(&input(Step::Attribute("m".into())).child(Step::Key("k".into()))));
    assert!(secret.sensitive.contains(&Path::attribute("triggers_replace")));

    let dependent = state.object(&addr("module.m3[0].terraform_data.in")).expect("it is there");
    let dependencies: Vec<String> = dependent.dependencies.iter().map(ToString::to_string).collect();
    assert_eq!(dependencies, ["module.m1.terraform_data.in", "module.m2.terraform_data.in", "terraform_data.each"]);

    assert_eq!(state.outputs["num"].value, Value::number(model::number::Number::parse("1.5").expect("a number")));
    assert_eq!(state.outputs["set"].value.ty(), Type::set(Type::Number));
    assert!(state.outputs["secret"].value.is_sensitive());
    assert!(!state.outputs["str"].value.is_sensitive());
}

#[test]
fn deposed_objects_are_kept_beside_the_current_one() {
    let state = parsed(DEPOSED);
    let instance = &state.instances[&addr("terraform_data.a[0]")];
    assert_eq!(instance.deposed.len(), 2);
    assert!(instance.current.is_some());
    assert_eq!(instance.current.as_ref().map(|object| object.create_before_destroy), Some(true));
}

#[test]
fn resources_and_instances_are_ordered_as_terraform_orders_them() {
    let provider: model::address::ProviderConfigAddr = r#"provider["a/b"]"#.parse().expect("valid");
    let mut state = State::default();
    let object = || Object::new(0, serde_json::value::to_raw_value(&()).expect("JSON").into());
    for text in [
        "t.n[9]",
        "t.n[10]",
        r#"t.n["b"]"#,
        r#"t.n["9"]"#,
        "t.n",
        "module.m[9].t.n",
        "module.m[10].t.n",
        "data.z.n",
        "t.a",
        "a.z",
        "ephemeral.t.n",
    ] {
        state.insert(&model::address::ObjectKey::current(addr(text)), &provider, object());
    }
    let file: serde_json::Value = serde_json::from_slice(&render(&state)).expect("JSON");
    let mut order = Vec::new();
    for resource in file["resources"].as_array().expect("an array") {
        for instance in resource["instances"].as_array().expect("an array") {
            let part = |name: &str| resource[name].as_str().unwrap_or("").to_owned();
            order.push(format!(
                "{} {} {}.{} {}",
                part("module"),
                part("mode"),
                part("type"),
                part("name"),
                instance["index_key"]
            ));
        }
    }
    assert_lines(
        &order,
        "
         data z.n null
         managed a.z null
         managed t.a null
         managed t.n null
         managed t.n \"9\"
         managed t.n \"b\"
         managed t.n 9
         managed t.n 10
        module.m[10] managed t.n null
        module.m[9] managed t.n null
        ",
    );
}

fn assert_lines(lines: &[String], expected: &str) {
    let expected: Vec<&str> = expected.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let lines: Vec<&str> = lines.iter().map(|line| line.trim()).collect();
    assert_eq!(lines, expected);
}

#[test]
fn an_instance_with_another_provider_keeps_it() {
    let mut state = parsed(&with_objects(
        r#"{"index_key": 0, "attributes": {}}, {"index_key": 1, "attributes": {}}, {"index_key": 2, "attributes": {}}"#,
    ));
    let west = r#"provider["terraform.io/builtin/terraform"].west"#;
    let instance = state.instances.get_mut(&addr("t.n[1]")).expect("it is there");
    instance.provider = west.parse().expect("valid");
    let again = parsed(&rendered(&state));
    let providers: Vec<String> = again.instances.values().map(|instance| instance.provider.to_string()).collect();
    assert_eq!(providers[1], west);
    assert_eq!(providers[0], providers[2]);
    assert_ne!(providers[0], west);
}

#[test]
fn attributes_keep_their_spelling_but_for_what_go_escapes() {
    let state =
        parsed(&with_objects(r#"{"attributes": {"id":"\/\b\u0041<&>\u2028 ","n":1.50,"e":1E2,"l":[ ],"o":{ }}}"#));
    let text = rendered(&state);
    for line in [
        r#""id": "\/\b\u0041\u003c\u0026\u003e\u2028\u2028","#.replace(r"\u2028\u2028", r"\u2028 "),
        r#""n": 1.50,"#.to_owned(),
        r#""e": 1E2,"#.to_owned(),
        r#""l": [],"#.to_owned(),
        r#""o": {}"#.to_owned(),
    ] {
        assert!(text.contains(&line), "{line} is missing in {text}");
    }
}

#[test]
fn fields_of_newer_versions_are_kept_at_every_level() {
    let text = r#"{"version":4,"terraform_version":"1.99.0","serial":1,"lineage":"l","outputs":{},"resources":[{"mode":"managed","type":"t","name":"n",
        "provider":"provider[\"terraform.io/builtin/terraform\"]","instances":[{"schema_version":0,"attributes":{},"sensitive_attributes":[],"identity_schema_version":2,
        "identity":{"arn":"x"},"of_object":[1,{"a":null}]}],"of_resource":{"b":1.0}}],"check_results":null,"of_state":"text"}"#;
    let again = compact(rendered(&parsed(text)).trim_end());
    assert_eq!(again, compact(text));
}

#[test]
fn fields_that_only_old_versions_wrote_are_dropped() {
    let text = with_resource(
        r#""mode": "managed", "type": "t", "name": "n", "each": "list", "provider": "provider[\"a/b\"]", "instances": [{"attributes": {}, "depends_on": ["a.b"]}]"#,
    );
    let again = rendered(&parsed(&text));
    assert!(!again.contains("each") && !again.contains("depends_on"), "{again}");
}

#[test]
fn a_step_that_is_neither_position_nor_key_survives_in_a_path() {
    let path = r#"[[{"type":"get_attr","value":"set"},{"type":"index","value":{"value":{"a":true},"type":["object",{"a":"bool"}]}}]]"#;
    let text = with_objects(&format!(r#"{{"schema_version":0,"attributes":{{}},"sensitive_attributes":{path}}}"#));
    let state = parsed(&text);
    assert!(matches!(only_object(&state).sensitive[0].steps[1], Step::Element(_)));
    assert!(compact(&rendered(&state)).contains(path));
}

#[test]
fn broken_json_is_an_error_with_its_place_and_a_way_out() {
    let cut = &EVERYTHING[..EVERYTHING.len() / 2];
    let error = parse(cut.as_bytes()).expect_err("cut");
    assert!(error.to_string().starts_with("the state is not valid JSON at line "), "{error}");
    assert!(error.hint().contains(".backup"), "{}", error.hint());
    assert_eq!(
        self::error("{\"version\": 4,\n  \"serial\": }"),
        "the state is not valid JSON at line 2, column 13: expected value"
    );
}

#[test]
fn other_versions_are_refused_with_the_way_to_go() {
    let old = r#"{"version": 3, "terraform_version": "0.11.14", "serial": 1, "lineage": "l", "modules": [{"path": ["root"], "outputs": {}, "resources": {}}]}"#;
    assert_eq!(
        error(old),
        "the state has format version 3, written by Terraform 0.11.14, which is too old: version 4 is read"
    );
    assert!(parse(old.as_bytes()).expect_err("old").hint().contains("terraform apply -refresh-only"));
    // Whatever shape a later version has.
    assert_eq!(
        error(r#"{"version": 5, "resources": {}}"#),
        "the state has format version 5, which is too new: version 4 is read"
    );
    assert_eq!(
        error(r#"{"name": "package"}"#),
        "the state names no format version, so it is no state of Terraform or `infra`"
    );
}

#[test]
fn wrong_parts_are_named_with_their_path() {
    let cases = [
        (
            with_objects(r#"{"schema_version": "hunter2"}"#),
            "`resources[0].instances[0].schema_version`: expected a whole number at line 1, column ",
        ),
        (with_objects(r#"{"status": "hunter2"}"#), "`resources[0].instances[0].status`: expected `tainted` or nothing"),
        (
            with_objects(r#"{"index_key": -1}"#),
            "`resources[0].instances[0].index_key`: expected a text or a whole number from 0",
        ),
        (with_objects(r#"{"private": "hunter2!"}"#), "`resources[0].instances[0].private`: expected Base64"),
        (
            with_objects(r#"{"dependencies": ["a.b", "a"]}"#),
            "`resources[0].instances[0].dependencies[1]`: invalid address `a`",
        ),
        (
            with_objects(r#"{"sensitive_attributes": [[], [{"type": "hop", "value": "hunter2"}]]}"#),
            "`resources[0].instances[0].sensitive_attributes[1]`: expected a path of attributes and indexes",
        ),
        (with_objects(r#"{}, {}"#), "`resources[0].instances[1]`: the same object was listed before"),
        (
            with_objects(r#"{"attributes_flat": {"id": "hunter2"}}"#),
            "`resources[0].instances[0].attributes_flat`: the form of Terraform 0.11",
        ),
        (with_objects("[]"), "`resources[0].instances[0]`: expected an object at line 1, column "),
        (with_resource(r#""type": "t""#), "`resources[0].mode`: it is missing"),
        (with_resource(r#""mode": "hunter2""#), "`resources[0].mode`: expected `managed` or `data`"),
        (
            with_resource(r#""mode": "data", "type": "t", "name": "n", "provider": "aws""#),
            "`resources[0].provider`: invalid address `aws`",
        ),
        (with_resource(r#""mode": "data", "type": "t", "name": "n", "module": "m""#), "`resources[0].module`: "),
        (
            r#"{"version": 4, "outputs": {"o": {"type": "strin", "value": "hunter2"}}}"#.to_owned(),
            "`outputs.o.type`: `\"strin\"` is not a type",
        ),
        (
            r#"{"version": 4, "outputs": {"o": {"type": "number", "value": "hunter2"}}}"#.to_owned(),
            "`outputs.o.value`: number is required",
        ),
        (
            r#"{"version": 4, "outputs": {"o": {"sensitive": "hunter2"}}}"#.to_owned(),
            "`outputs.o.sensitive`: expected `true` or `false` at line 1, column ",
        ),
    ];
    for (text, expected) in cases {
        let error = error(&text);
        assert!(error.starts_with(&format!("the state has a wrong part at {expected}")), "{error}");
        assert!(!error.contains("hunter2"), "{error}");
    }
}

#[test]
fn a_header_is_read_without_the_rest() {
    let cut = &EVERYTHING[..300];
    let whole = parsed(EVERYTHING);
    assert_eq!(header(cut.as_bytes()), Some(Header { lineage: whole.lineage, serial: whole.serial }));
    assert_eq!(header(br#"{"version": 4}"#), Some(Header { lineage: String::new(), serial: 0 }));
    assert_eq!(header(b"{\"version\": 4"), None);
    assert_eq!(header(b"text"), None);
}

#[test]
fn large_states_are_read_and_written_in_linear_time() {
    let object = |index: usize| {
        format!(
            r#"{{"index_key": {index}, "schema_version": 0, "attributes": {{"id": "{index}", "list": [{}]}}}}"#,
            "\"x\",\n        ".repeat(200) + "1"
        )
    };
    let state_of = |count: usize| with_objects(&(0..count).map(object).collect::<Vec<_>>().join(", "));
    let time = |text: &str| {
        (0..3)
            .map(|_| {
                let start = Instant::now();
                let state = parsed(text);
                assert!(render(&state).len() > text.len() / 2);
                start.elapsed()
            })
            .min()
            .expect("three times")
    };
    let (small, large) = (state_of(100), state_of(1600));
    let (small, large) = (time(&small), time(&large));
    assert!(large < small * 16 * 4 + Duration::from_millis(50), "{small:?} for 1, {large:?} for 16");
}

fn json() -> impl Strategy<Value = serde_json::Value> {
    use serde_json::Value as Json;
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        any::<String>().prop_map(Json::from),
        "[<>&\u{2028}\u{2029}\\\\\"\n\t\u{7f}é]{0,6}".prop_map(Json::from),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Json::from),
            prop::collection::btree_map(any::<String>(), inner, 0..4)
                .prop_map(|map| Json::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_state_comes_back_as_it_was(
        attributes in json(),
        private in any::<Vec<u8>>(),
        key in prop_oneof![any::<u64>().prop_map(Key::Index), any::<String>().prop_map(|name| Key::Name(name.into()))],
        deposed in prop::collection::btree_map("[0-9a-f]{8}", json(), 0..3),
        tainted in any::<bool>(),
        secret in any::<String>(),
        module_key in prop::option::of(any::<String>()),
    ) {
        let wrap = |json: &serde_json::Value| serde_json::json!({"id": "i", "part": json});
        let raw = |json: &serde_json::Value| serde_json::value::to_raw_value(json).expect("JSON").into();
        let mut addr = addr("module.m.t.n");
        addr.module.0[0].1 = module_key.map(|name| Key::Name(name.into()));
        addr.key = Some(key);
        let mut instance = crate::Instance::new(r#"module.m.provider["a/b"].west"#.parse().expect("valid"));
        instance.current = Some(Object {
            status: if tainted { Status::Tainted } else { Status::Ready },
            private: private.into(),
            sensitive: vec![Path { steps: vec![Step::Attribute(secret.as_str().into()), Step::Key(secret.as_str().into()), Step::Index(3)] }],
            ..Object::new(7, raw(&wrap(&attributes)))
        });
        instance.deposed = deposed.iter().map(|(key, json)| (key.as_str().into(), Object::new(0, raw(&wrap(json))))).collect();
        let mut state = State { lineage: secret.clone(), serial: 3, ..State::default() };
        state.instances.insert(addr.clone(), instance.clone());
        state.outputs.insert(secret.as_str().into(), crate::Output { value: Value::string(secret.as_str()).sensitive() });

        let bytes = render(&state);
        let again = parse(&bytes).expect("whole");
        prop_assert_eq!(render(&again), bytes);
        prop_assert_eq!(&again.outputs, &state.outputs);
        prop_assert_eq!(again.lineage, state.lineage);
        let back = &again.instances[&addr];
        // Characters that Go escapes come back escaped; as JSON they are the same.
        let json = |object: &Object| serde_json::from_str::<serde_json::Value>(object.attributes.get()).expect("JSON");
        let (current, before) = (back.current.as_ref().expect("one"), instance.current.as_ref().expect("one"));
        prop_assert_eq!(json(current), wrap(&attributes));
        prop_assert_eq!(&current.sensitive, &before.sensitive);
        prop_assert_eq!(&current.private, &before.private);
        prop_assert_eq!(current.status, before.status);
        prop_assert_eq!(back.deposed.values().map(json).collect::<Vec<_>>(), deposed.values().map(wrap).collect::<Vec<_>>());
    }

    #[test]
    fn no_bytes_make_the_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), cut in 0..EVERYTHING.len(), byte in any::<u8>()) {
        drop(parse(&bytes));
        let mut damaged = EVERYTHING.as_bytes().to_vec();
        damaged[cut] = byte;
        if let Ok(state) = parse(&damaged) {
            drop(render(&state));
        }
    }
}
