//! The proxy passes calls on, records them, stops at them and makes them fail.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use sandbox::proxy::Proxy;
use sandbox::proxy::call::Kind;
use sandbox::proxy::failure::Failure;
use sandbox::proxy::rules::{Action, Matching, Occurrence, Point, Rule};

const PATIENCE: Duration = Duration::from_secs(10);

/// A server that answers every request with its body, and counts them.
struct Echo {
    port: u16,
    seen: Arc<AtomicUsize>,
}

impl Echo {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let port = listener.local_addr().expect("the listener has an address").port();
        let seen = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&seen);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let counter = Arc::clone(&counter);
                thread::spawn(move || {
                    let mut stream = BufReader::new(stream.expect("the connection is there"));
                    while let Some((_, body)) = read_message(&mut stream) {
                        counter.fetch_add(1, Ordering::SeqCst);
                        let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len());
                        if stream.get_mut().write_all(answer.as_bytes()).is_err() {
                            return;
                        }
                    }
                });
            }
        });
        Self { port, seen }
    }

    fn seen(&self) -> usize {
        self.seen.load(Ordering::SeqCst)
    }

    fn wait_until_seen(&self, count: usize) {
        let started = Instant::now();
        while self.seen() < count {
            assert!(started.elapsed() < PATIENCE, "only {} requests arrived", self.seen());
            thread::yield_now();
        }
    }
}

/// Reads a request or an answer: its first line and its body; `None` at the end of the connection.
fn read_message(stream: &mut BufReader<TcpStream>) -> Option<(String, String)> {
    let mut first = String::new();
    if stream.read_line(&mut first).ok()? == 0 {
        return None;
    }
    let mut length = 0;
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).ok()?;
        if line.trim().is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().expect("a length is a number");
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).ok()?;
    Some((first.trim().to_string(), String::from_utf8(body).expect("the tests' bodies are text")))
}

/// A kept-alive connection to the proxy.
struct Client(BufReader<TcpStream>);

impl Client {
    fn connect(proxy: &Proxy) -> Self {
        let stream = TcpStream::connect(("127.0.0.1", proxy.port())).expect("the proxy listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("a timeout can be set");
        Self(BufReader::new(stream))
    }

    fn send(&mut self, action: &str) {
        let body = format!("Action={action}&Version=2014-10-31");
        let request = format!(
            "POST / HTTP/1.1\r\nHost: sandbox\r\nContent-Type: application/x-www-form-urlencoded\r\n\
             Authorization: AWS4-HMAC-SHA256 Credential=111122223333/20260101/us-east-1/rds/aws4_request\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        );
        self.0.get_mut().write_all(request.as_bytes()).expect("the proxy reads");
    }

    fn call(&mut self, action: &str) -> Option<(String, String)> {
        self.send(action);
        read_message(&mut self.0)
    }
}

fn rule(matching: Matching, occurrence: Occurrence, point: Point, action: Action) -> Vec<Rule> {
    vec![Rule::new(matching, occurrence, point, action)]
}

#[test]
fn calls_are_passed_on_and_recorded() {
    let echo = Echo::start();
    let proxy = Proxy::start(echo.port, Vec::new()).expect("the proxy starts");
    let mut client = Client::connect(&proxy);
    for action in ["DescribeDBInstances", "CreateDBInstance", "DescribeDBInstances"] {
        let (status, body) = client.call(action).expect("an answer comes");
        assert_eq!(status, "HTTP/1.1 200 OK");
        assert_eq!(body, format!("Action={action}&Version=2014-10-31"));
    }
    let calls = proxy.calls();
    assert_eq!(calls.len(), 3);
    assert_eq!(calls.count("rds", "DescribeDBInstances"), 2);
    assert_eq!(calls.mutating().map(|call| call.number).collect::<Vec<_>>(), [2]);
    assert_eq!(calls.to_string(), "     1 rds CreateDBInstance\n     2 rds DescribeDBInstances\n");
    let first = &calls[0];
    assert_eq!((first.kind, first.sent, first.status), (Kind::Reading, true, Some(200)));
    assert_eq!(first.access_key.as_deref(), Some("111122223333"));
    assert!(first.took.is_some());
    proxy.forget_calls();
    assert!(proxy.calls().is_empty());
}

#[test]
fn the_nth_mutating_call_is_held_before_it_is_sent() {
    let echo = Echo::start();
    let rules = rule(Matching::mutating(), Occurrence::Nth(2), Point::BeforeSending, Action::Hold);
    let proxy = Proxy::start(echo.port, rules).expect("the proxy starts");
    let mut client = Client::connect(&proxy);
    client.call("CreateDBSubnetGroup").expect("the first one passes");
    client.call("DescribeDBInstances").expect("reading does not count");
    client.send("CreateDBInstance");
    let held = proxy.wait_for_held(PATIENCE).expect("the second one is held");
    assert_eq!((held.operation.as_str(), held.number, echo.seen()), ("CreateDBInstance", 3, 2));
    proxy.release();
    let (status, _) = read_message(&mut client.0).expect("it goes on when released");
    assert_eq!((status.as_str(), echo.seen()), ("HTTP/1.1 200 OK", 3));
}

#[test]
fn a_call_held_before_sending_is_never_sent_when_its_client_is_gone() {
    let echo = Echo::start();
    let rules = rule(Matching::any(), Occurrence::Every, Point::BeforeSending, Action::Hold);
    let proxy = Proxy::start(echo.port, rules).expect("the proxy starts");
    let mut client = Client::connect(&proxy);
    client.send("CreateDBInstance");
    proxy.wait_for_held(PATIENCE).expect("the call is held");
    drop(client);
    let started = Instant::now();
    while proxy.wait_for_held(Duration::ZERO).is_some() {
        assert!(started.elapsed() < PATIENCE, "the call is still held");
        thread::yield_now();
    }
    proxy.release();
    proxy.set_rules(Vec::new());
    Client::connect(&proxy).call("DescribeDBInstances").expect("another client's call passes");
    assert_eq!(echo.seen(), 1);
    assert!(!proxy.calls()[0].sent);
}

#[test]
fn a_call_held_after_receiving_has_been_done() {
    let echo = Echo::start();
    let rules =
        rule(Matching::operation("rds", "CreateDBInstance"), Occurrence::Nth(1), Point::AfterReceiving, Action::Hold);
    let proxy = Proxy::start(echo.port, rules).expect("the proxy starts");
    let mut client = Client::connect(&proxy);
    client.send("CreateDBInstance");
    proxy.wait_for_held(PATIENCE).expect("the call is held");
    assert_eq!(echo.seen(), 1);
    assert_eq!((proxy.calls()[0].sent, proxy.calls()[0].took), (true, None));
}

#[test]
fn a_function_runs_between_answer_and_client() {
    let echo = Echo::start();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let noting = Arc::clone(&seen);
    let action = Action::Run(Arc::new(move |call| noting.lock().expect("nobody panics").push(call.operation.clone())));
    let rules = rule(Matching::any(), Occurrence::From(2), Point::AfterReceiving, action);
    let proxy = Proxy::start(echo.port, rules).expect("the proxy starts");
    let mut client = Client::connect(&proxy);
    for action in ["One", "Two", "Three"] {
        client.call(action).expect("an answer comes");
    }
    assert_eq!(*seen.lock().expect("nobody panics"), ["Two", "Three"]);
}

#[test]
fn throttled_calls_are_not_sent() {
    let echo = Echo::start();
    let rules = rule(Matching::any(), Occurrence::First(2), Point::BeforeSending, Action::Fail(Failure::Throttled));
    let proxy = Proxy::start(echo.port, rules).expect("the proxy starts");
    let mut client = Client::connect(&proxy);
    for _ in 0..2 {
        let (status, body) = client.call("DescribeDBInstances").expect("an answer comes");
        assert_eq!(status, "HTTP/1.1 400 Bad Request");
        assert!(body.contains("<Code>Throttling</Code>"), "{body}");
    }
    let (status, _) = client.call("DescribeDBInstances").expect("an answer comes");
    assert_eq!((status.as_str(), echo.seen()), ("HTTP/1.1 200 OK", 1));
    assert_eq!(
        proxy.calls().iter().map(|call| (call.sent, call.status)).collect::<Vec<_>>(),
        [(false, Some(400)), (false, Some(400)), (true, Some(200)),]
    );
}

#[test]
fn an_answer_can_be_lost_to_an_error() {
    let echo = Echo::start();
    let rules =
        rule(Matching::mutating(), Occurrence::Nth(1), Point::AfterReceiving, Action::Fail(Failure::InternalError));
    let proxy = Proxy::start(echo.port, rules).expect("the proxy starts");
    let (status, _) = Client::connect(&proxy).call("CreateDBInstance").expect("an answer comes");
    assert_eq!((status.as_str(), echo.seen()), ("HTTP/1.1 500 Internal Server Error", 1));
}

#[test]
fn a_reset_reaches_the_client_as_one() {
    let echo = Echo::start();
    for (point, seen) in [(Point::BeforeSending, 0), (Point::AfterReceiving, 1)] {
        let rules = rule(Matching::any(), Occurrence::Nth(1), point, Action::Reset);
        let proxy = Proxy::start(echo.port, rules).expect("the proxy starts");
        let mut client = Client::connect(&proxy);
        client.send("CreateDBInstance");
        let error = client.0.read(&mut [0; 1]).expect_err("the connection is reset");
        assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
        assert_eq!(echo.seen(), seen);
    }
}

#[test]
fn a_delayed_call_takes_at_least_that_long() {
    let echo = Echo::start();
    let delay = Duration::from_millis(120);
    let rules = rule(Matching::any(), Occurrence::Every, Point::BeforeSending, Action::Delay(delay));
    let proxy = Proxy::start(echo.port, rules).expect("the proxy starts");
    Client::connect(&proxy).call("DescribeDBInstances").expect("an answer comes");
    assert!(proxy.calls()[0].took.expect("it was answered") >= delay);
}

#[test]
fn a_call_that_was_sent_is_recorded_although_its_client_is_gone() {
    let echo = Echo::start();
    let rules = rule(Matching::any(), Occurrence::Every, Point::AfterReceiving, Action::Hold);
    let proxy = Proxy::start(echo.port, rules).expect("the proxy starts");
    let mut client = Client::connect(&proxy);
    client.send("CreateDBInstance");
    echo.wait_until_seen(1);
    drop(client);
    let started = Instant::now();
    while proxy.calls()[0].status.is_none() {
        assert!(started.elapsed() < PATIENCE, "the answer is not recorded");
        thread::yield_now();
    }
    assert!(proxy.calls()[0].sent);
}

#[test]
fn a_server_that_is_gone_is_a_bad_gateway() {
    let nobody = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let port = nobody.local_addr().expect("the listener has an address").port();
    drop(nobody);
    let proxy = Proxy::start(port, Vec::new()).expect("the proxy starts");
    let (status, body) = Client::connect(&proxy).call("DescribeDBInstances").expect("an answer comes");
    assert_eq!(status, "HTTP/1.1 502 Bad Gateway");
    assert!(body.starts_with("the sandbox did not answer: "), "{body}");
}
