//! Asks providers whether keys are live. Off unless the user asks for it.
//!
//! Whom to ask, how, and what the answers mean is data of the rules ([`crate::rules::Verify`]);
//! what was scanned has no say in it. A [`KeyToVerify`] becomes a request (`request`), the pool sends
//! each once (`pool`: budget, two at a time a host, repeats), a transport carries it
//! (`transport`: TLS, no redirects, no private addresses), and `judge` reads the answer. Nothing
//! of an answer is kept but what the rule asks for. Without the feature `verify` there is no
//! transport, and [`ready`] says so.

#![cfg_attr(
    not(feature = "verify"),
    allow(dead_code, reason = "requests that nothing carries are only told of")
)]

#[cfg(feature = "verify")]
mod answer;
#[cfg(feature = "verify")]
mod dispatcher;
mod endpoint;
mod options;
mod request;
#[cfg(feature = "verify")]
mod transport;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64};

pub use options::{
    DEFAULT_BUDGET, DEFAULT_TIMEOUT, VerifyOptions, VerifyOptionsError, VerifySettings,
};

use crate::model::{Call, Secret, Verification};
use crate::rules::{Rule, Ruleset};

/// A key of which it is asked whether it is live. Its rule says how to ask.
#[derive(Debug, Clone, Copy)]
pub struct KeyToVerify<'q> {
    /// The rule that found it.
    pub rule: &'q Rule,
    /// The key.
    pub secret: &'q Secret,
}

/// What came of all keys.
#[derive(Debug, Default)]
pub struct VerifyResults {
    /// One for each key, in their order.
    pub verifications: Vec<Verification>,
    /// What was sent; in a dry run, what would be.
    pub calls: Vec<Call>,
}

/// How far asking has come, and the way to end it; share it with another thread.
#[derive(Debug, Clone)]
pub struct Watch {
    /// How many keys there are to ask about.
    pub keys: Arc<AtomicU64>,
    /// How many of them are decided.
    pub decided: Arc<AtomicU64>,
    /// Whether no requests are being sent, before and after.
    pub is_idle: Arc<AtomicBool>,
    /// Set it to end at once: what is not decided then stays so.
    pub is_stopped: Arc<AtomicBool>,
}

impl Default for Watch {
    fn default() -> Self {
        Self {
            keys: Arc::default(),
            decided: Arc::default(),
            is_idle: Arc::new(AtomicBool::new(true)),
            is_stopped: Arc::default(),
        }
    }
}

/// Whether this build can ask at all.
///
/// # Errors
/// The feature `verify` was left out.
pub fn ready() -> Result<(), VerifyOptionsError> {
    if cfg!(feature = "verify") {
        return Ok(());
    }
    Err(VerifyOptionsError(
        "this keyside was built without the feature `verify`: there is no network code in it, and \
         it cannot ask anybody"
            .to_owned(),
    ))
}

/// Asks about each distinct key once. A dry run only tells what would be sent.
pub fn verify_keys(
    keys: &[KeyToVerify<'_>],
    rules: &Ruleset,
    options: &VerifyOptions,
    watch: &Watch,
) -> VerifyResults {
    let plan = request::plan(keys, rules, options);
    if options.is_dry_run {
        return plan.dry_run();
    }
    #[cfg(feature = "verify")]
    {
        let transport = Arc::new(transport::Http::new(options.timeout));
        dispatcher::Dispatcher::new(plan, transport, options, watch).run()
    }
    #[cfg(not(feature = "verify"))]
    {
        // `ready` has turned away whoever asks for it.
        let _ = watch;
        plan.dry_run()
    }
}
