//! Asks providers whether keys are live. Off unless the user asks for it.
//!
//! Whom to ask, how, and what the answers mean is data of the rules ([`crate::rules::Verify`]); the
//! scanned files have no say in it. `request` turns each [`KeyToVerify`] into a request,
//! `dispatcher` sends each distinct one once (budget, two at a time per host, retries), `http`
//! carries it (TLS, no redirects, no private addresses), and `answer` interprets the reply. Of a
//! reply, only what the rule asks for is kept. Without the feature `verify` there is no network
//! code, and [`VerifyOptions::new`] fails.

#![cfg_attr(
    not(feature = "verify"),
    allow(dead_code, reason = "without network code, requests are only shown")
)]

#[cfg(feature = "verify")]
mod answer;
#[cfg(feature = "verify")]
mod dispatcher;
mod endpoint;
mod error;
#[cfg(feature = "verify")]
mod http;
mod key;
mod options;
mod request;
mod run;
mod sigv4;
#[cfg(feature = "verify")]
mod transport;
mod watch;

pub use error::VerifyOptionsError;
pub use key::{KeyToVerify, VerifyResults};
pub use options::{DEFAULT_BUDGET, DEFAULT_TIMEOUT, VerifyOptions, VerifySettings};
pub use run::verify_keys;
pub use watch::Watch;
