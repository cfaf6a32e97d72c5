//! Connections and the course of a call through the proxy.

use std::io;
use std::net::TcpStream as StdTcpStream;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use http::header::{self, HeaderMap, HeaderName};
use http::uri::{Authority, PathAndQuery, Scheme};
use http::{Request, Response, StatusCode, Uri};
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{oneshot, watch};

use super::call::{Call, Recognised};
use super::failure::Failure;
use super::log::Calls;
use super::rules::{Action, Point, Rule};

/// What the connections and the proxy's owner share.
#[derive(Debug)]
pub(super) struct Shared {
    upstream: Authority,
    client: Client<HttpConnector, Full<Bytes>>,
    state: Mutex<State>,
    /// Signalled when a call is held.
    held: Condvar,
    /// How many times held calls have been released.
    released: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct State {
    calls: Vec<Call>,
    /// Raised when the record is cleared, so that a call under way does not write into the new one.
    generation: u64,
    rules: Arc<Vec<Rule>>,
    held: Vec<Call>,
}

/// Where a call is recorded.
#[derive(Debug, Clone, Copy)]
struct Entry {
    generation: u64,
    index: usize,
}

impl Shared {
    pub fn new(upstream_port: u16, rules: Vec<Rule>) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let state = State { rules: Arc::new(rules), ..State::default() };
        Self {
            upstream: format!("127.0.0.1:{upstream_port}").parse().expect("an address and a port are an authority"),
            client: Client::builder(TokioExecutor::new()).pool_timer(TokioTimer::new()).build(connector),
            state: Mutex::new(state),
            held: Condvar::new(),
            released: watch::Sender::new(0),
        }
    }

    /// Nothing that holds the lock can fail halfway, so what a panicking thread leaves is whole.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn calls(&self) -> Calls {
        Calls(self.state().calls.clone())
    }

    pub fn forget_calls(&self) {
        let mut state = self.state();
        state.calls.clear();
        state.generation += 1;
    }

    pub fn set_rules(&self, rules: Vec<Rule>) {
        self.state().rules = Arc::new(rules);
    }

    pub fn wait_for_held(&self, timeout: Duration) -> Option<Call> {
        let waited = self.held.wait_timeout_while(self.state(), timeout, |state| state.held.is_empty());
        let (state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        state.held.first().cloned()
    }

    pub fn release(&self) {
        self.released.send_modify(|count| *count += 1);
    }

    fn arrive(&self, recognised: &Recognised) -> (Entry, Call, Arc<Vec<Rule>>) {
        let mut state = self.state();
        let index = state.calls.len();
        let call = Call {
            number: index as u64 + 1,
            service: recognised.service.clone(),
            operation: recognised.operation.clone(),
            kind: recognised.kind,
            access_key: recognised.access_key.clone(),
            sent: false,
            status: None,
            took: None,
        };
        state.calls.push(call.clone());
        (Entry { generation: state.generation, index }, call, Arc::clone(&state.rules))
    }

    fn note(&self, entry: Entry, change: impl FnOnce(&mut Call)) {
        let mut state = self.state();
        if state.generation == entry.generation {
            change(&mut state.calls[entry.index]);
        }
    }
}

/// Accepts connections until told to stop.
pub(super) async fn accept(listener: TcpListener, shared: Arc<Shared>, mut stopped: oneshot::Receiver<()>) {
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = &mut stopped => return,
        };
        // A connection that was gone before it was accepted is nobody's loss.
        let Ok((stream, _)) = accepted else { continue };
        let shared = Arc::clone(&shared);
        // What goes wrong with a connection is for the client to notice.
        tokio::spawn(async move { serve(stream, shared).await });
    }
}

async fn serve(stream: TcpStream, shared: Arc<Shared>) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let stream = stream.into_std()?;
    // A second handle to the same socket, by which a reset is arranged while hyper owns the first.
    let handle = Arc::new(stream.try_clone()?);
    let stream = TcpStream::from_std(stream)?;
    let service = service_fn(move |request| {
        let (shared, handle) = (Arc::clone(&shared), Arc::clone(&handle));
        async move {
            match answer(request, &shared).await {
                Ok(response) => Ok(response),
                Err(Lost) => {
                    reset_on_close(&handle);
                    Err(Lost)
                }
            }
        }
    });
    let served = http1::Builder::new().timer(TokioTimer::new()).serve_connection(TokioIo::new(stream), service).await;
    served.map_err(io::Error::other)
}

/// The answer will not come: the connection is to be closed without one.
#[derive(Debug, thiserror::Error)]
#[error("the connection is reset by a rule")]
struct Lost;

/// With no time to linger, closing a socket sends a reset instead of an orderly end.
fn reset_on_close(handle: &StdTcpStream) {
    // Where that fails, the client sees the connection closed, which is as good a fault.
    let _ = rustix::net::sockopt::set_socket_linger(handle, Some(Duration::ZERO));
}

async fn answer(request: Request<Incoming>, shared: &Arc<Shared>) -> Result<Response<Full<Bytes>>, Lost> {
    let arrived = Instant::now();
    let (parts, body) = request.into_parts();
    // A client that breaks off within its request has made no call.
    let body = body.collect().await.map_err(|_| Lost)?.to_bytes();
    let recognised = Recognised::of(&parts, &body);
    let (entry, call, rules) = shared.arrive(&recognised);
    let applying: Vec<bool> = rules.iter().map(|rule| rule.count(&call)).collect();
    let at = |point| {
        let applies = |(rule, applies): &(&Rule, &bool)| **applies && rule.point() == point;
        let pairs = rules.iter().zip(&applying).filter(applies);
        pairs.map(|(rule, _)| rule.action().clone()).collect::<Vec<_>>()
    };
    let mut response = match enact(at(Point::BeforeSending), &call, &recognised, shared).await? {
        Some(failure) => failure,
        None => {
            shared.note(entry, |call| call.sent = true);
            let upstream = upstream_request(parts, body, &shared.upstream);
            let sending = Arc::clone(shared);
            // A task of its own: a call that was sent is carried through, whatever becomes of the client.
            let sent = tokio::spawn(async move {
                let response = send(&sending, upstream).await;
                sending.note(entry, |call| call.status = Some(response.status().as_u16()));
                response
            });
            let received = sent.await.map_err(|_| Lost)?;
            enact(at(Point::AfterReceiving), &call, &recognised, shared).await?.unwrap_or(received)
        }
    };
    remove_hop_by_hop(response.headers_mut());
    let status = response.status().as_u16();
    shared.note(entry, |call| {
        call.status = Some(status);
        call.took = Some(arrived.elapsed());
    });
    Ok(response)
}

/// Does what the rules say; an answer where one of them ends the call with an error.
async fn enact(
    actions: Vec<Action>,
    call: &Call,
    recognised: &Recognised,
    shared: &Shared,
) -> Result<Option<Response<Full<Bytes>>>, Lost> {
    for action in actions {
        match action {
            Action::Delay(delay) => tokio::time::sleep(delay).await,
            Action::Fail(failure) => return Ok(Some(failed(&failure, call, recognised))),
            Action::Reset => return Err(Lost),
            Action::Hold => hold(call, shared).await,
            Action::Run(function) => function(call),
        }
    }
    Ok(None)
}

fn failed(failure: &Failure, call: &Call, recognised: &Recognised) -> Response<Full<Bytes>> {
    failure.answer(recognised.protocol, &format!("proxy-{:08}", call.number)).map(|body| Full::new(Bytes::from(body)))
}

/// Waits for the next release. If the client goes away, the connection drops this future, and the call is held no longer.
async fn hold(call: &Call, shared: &Shared) {
    struct Held<'a>(&'a Shared, u64);
    impl Drop for Held<'_> {
        fn drop(&mut self) {
            self.0.state().held.retain(|held| held.number != self.1);
        }
    }
    let mut released = shared.released.subscribe();
    let _held = Held(shared, call.number);
    shared.state().held.push(call.clone());
    shared.held.notify_all();
    // The sender lives as long as `shared`.
    let _ = released.changed().await;
}

/// The same request for the server behind; the host stays as the client named it, since answers may contain it.
fn upstream_request(parts: http::request::Parts, body: Bytes, upstream: &Authority) -> Request<Full<Bytes>> {
    let mut uri = parts.uri.into_parts();
    uri.scheme = Some(Scheme::HTTP);
    uri.authority = Some(upstream.clone());
    uri.path_and_query.get_or_insert_with(|| PathAndQuery::from_static("/"));
    let mut request = Request::new(Full::new(body));
    *request.method_mut() = parts.method;
    *request.uri_mut() = Uri::from_parts(uri).expect("scheme, authority and path make a URI");
    *request.headers_mut() = parts.headers;
    remove_hop_by_hop(request.headers_mut());
    // The body is whole, so its length is known, whatever way it was sent.
    request.headers_mut().remove(header::CONTENT_LENGTH);
    request.headers_mut().remove(header::EXPECT);
    request
}

async fn send(shared: &Shared, request: Request<Full<Bytes>>) -> Response<Full<Bytes>> {
    let reason = match shared.client.request(request).await {
        Ok(response) => {
            let (parts, body) = response.into_parts();
            match body.collect().await {
                Ok(body) => return Response::from_parts(parts, Full::new(body.to_bytes())),
                Err(error) => error.to_string(),
            }
        }
        Err(error) => error.to_string(),
    };
    let mut response = Response::new(Full::new(Bytes::from(format!("the sandbox did not answer: {reason}\n"))));
    *response.status_mut() = StatusCode::BAD_GATEWAY;
    response
}

/// Headers that are about one connection and not about the message (RFC 9110, 7.6.1).
fn remove_hop_by_hop(headers: &mut HeaderMap) {
    const NAMES: [HeaderName; 6] = [
        header::CONNECTION,
        header::TRANSFER_ENCODING,
        header::TE,
        header::TRAILER,
        header::UPGRADE,
        header::PROXY_AUTHORIZATION,
    ];
    for name in NAMES {
        headers.remove(name);
    }
    headers.remove("keep-alive");
}
