//! A proxy in front of the sandbox that knows AWS's protocols: it counts calls, stops at them, and makes them fail.
//!
//! Tests and measurements start one in their own process and give its endpoint to the client:
//!
//! ```no_run
//! # use std::time::Duration;
//! # use sandbox::proxy::{Proxy, rules::{Action, Matching, Occurrence, Point, Rule}};
//! # fn test(server: &sandbox::server::Server) -> std::io::Result<()> {
//! // Stops at the third call that changes something, before it reaches the sandbox.
//! let rule = Rule::new(Matching::mutating(), Occurrence::Nth(3), Point::BeforeSending, Action::Hold);
//! let proxy = Proxy::start(server.port(), vec![rule])?;
//! // .. start a client with AWS_ENDPOINT_URL = proxy.endpoint() ..
//! let call = proxy.wait_for_held(Duration::from_secs(30)).expect("a third call is made");
//! // .. kill the client, then look at what it left behind ..
//! println!("stopped at {} {}; made so far: {}", call.service, call.operation, proxy.calls().len());
//! # Ok(())
//! # }
//! ```
//!
//! It runs on a thread with a runtime of its own, so the code that starts it may block or not as it likes. Every call is
//! passed on whole: bodies are read to their end first, and an answer is passed on as it came. A call that has been sent
//! to the sandbox is finished and recorded even if the client is gone; one that is held when its client goes is never sent.

pub mod call;
pub mod failure;
pub mod log;
pub mod rules;

mod serve;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::oneshot;

use call::Call;
use log::Calls;
use rules::Rule;
use serve::Shared;

/// A running proxy; it ends when dropped, and what it holds is never sent.
#[derive(Debug)]
pub struct Proxy {
    port: u16,
    shared: Arc<Shared>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Proxy {
    /// Starts a proxy on a free port in front of a server on 127.0.0.1.
    ///
    /// # Errors
    /// No free port, or no thread.
    pub fn start(upstream_port: u16, rules: Vec<Rule>) -> io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let listener = runtime.block_on(TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))))?;
        let port = listener.local_addr()?.port();
        let shared = Arc::new(Shared::new(upstream_port, rules));
        let (stop, stopped) = oneshot::channel();
        let serving = Arc::clone(&shared);
        let thread = thread::Builder::new().name("sandbox-proxy".to_string()).spawn(move || {
            runtime.block_on(serve::accept(listener, serving, stopped));
            // Connections and held calls end here.
            runtime.shutdown_background();
        })?;
        Ok(Self { port, shared, stop: Some(stop), thread: Some(thread) })
    }

    /// The address for `AWS_ENDPOINT_URL`.
    pub fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// The calls so far, in the order in which they arrived.
    pub fn calls(&self) -> Calls {
        self.shared.calls()
    }

    /// Forgets the calls so far; numbers start again at 1.
    pub fn forget_calls(&self) {
        self.shared.forget_calls();
    }

    /// Replaces the rules, with their counts at zero; calls under way keep to the old ones.
    pub fn set_rules(&self, rules: Vec<Rule>) {
        self.shared.set_rules(rules);
    }

    /// Waits, blocking, until a call is held, and returns the first of those that are; `None` if none is in time.
    pub fn wait_for_held(&self, timeout: Duration) -> Option<Call> {
        self.shared.wait_for_held(timeout)
    }

    /// Lets every held call go on.
    pub fn release(&self) {
        self.shared.release();
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            // An error means that the thread has ended by itself.
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            // A panic over there has been printed already.
            let _ = thread.join();
        }
    }
}
