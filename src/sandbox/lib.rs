//! A local AWS: moto in a Python environment of its own, with the corrections that make it answer as AWS does.
//!
//! [`environment::Environment::prepare`] installs the pinned moto into the user's cache folder, once.
//! [`server::Server::start`] runs it on a free port for as long as its guard lives, which is what tests want;
//! [`daemon`] runs one that outlives the command that started it. [`variables`] says what a client's environment must
//! hold so that it talks to the sandbox and cannot reach AWS.
//!
//! ```no_run
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let cache = sandbox::environment::user_cache_dir().expect("HOME is set");
//! let environment = sandbox::environment::Environment::prepare(&cache, &mut |_| {})?;
//! let server = sandbox::server::Server::start(&environment, &sandbox::server::Options::default())?;
//! println!("{}", server.endpoint());
//! # Ok(())
//! # }
//! ```
//!
//! Each client chooses an account by its access key: twelve digits as `AWS_ACCESS_KEY_ID` are the account's number, so
//! tests that share a server do not see each other's objects. Any other key means account 123456789012.
//!
//! Deployments of ECS services are done at once, or take [`server::Options::rollout`]; a container whose image has the tag
//! `fails-to-start` never comes up, so that deployments fail as they do on AWS. What AWS does and no client can do without,
//! such as refusing to delete what is in use, is done as well; what has no counterpart here are the states in between
//! (`creating`, `modifying`), health of targets, eventual consistency and permissions.
//!
//! [`proxy`] stands in front of a server for tests and measurements: it counts calls, stops at one, and makes them fail.
//!
//! The corrections are Python, in `launcher/`, and patch moto's classes when the server starts; moto's own files stay as
//! published. By hand, with any Python that has `launcher/requirements.txt` installed:
//!
//! ```text
//! python src/sandbox/launcher/launcher.py --port 5000
//! python src/sandbox/launcher/launcher.py --list-corrections
//! INFRA_SANDBOX_WITHOUT=rds-windows,ecs-rollout INFRA_SANDBOX_ROLLOUT_SECONDS=5 python src/sandbox/launcher/launcher.py --port 5000
//! ```

pub mod daemon;
pub mod environment;
pub mod proxy;
pub mod server;
pub mod variables;

mod launcher;
mod loopback;
mod process;
mod python;
