//! Verifies keys, or shows the requests it would send.

#[cfg(feature = "verify")]
use std::sync::Arc;

#[cfg(feature = "verify")]
use super::dispatcher::Dispatcher;
#[cfg(feature = "verify")]
use super::http::Http;
use super::key::{KeyToVerify, VerifyResults};
use super::options::VerifyOptions;
use super::request;
use super::watch::Watch;
use crate::rules::Ruleset;

/// Asks about each distinct key once. A dry run only lists the requests.
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
        let transport = Arc::new(Http::new(options.timeout));
        Dispatcher::new(plan, transport, options, watch).run()
    }
    #[cfg(not(feature = "verify"))]
    {
        // `VerifyOptions::new` fails without the feature.
        let _ = watch;
        plan.dry_run()
    }
}
