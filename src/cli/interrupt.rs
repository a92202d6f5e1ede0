//! Ctrl-C during verification stops the requests, and the run still reports. A second one, or one at
//! any other time, terminates the program as usual.

use crate::config::Plan;
use crate::run::Progress;

/// Installs the handler if the plan verifies keys.
#[cfg(feature = "verify")]
pub(super) fn install_handler(plan: &Plan, progress: &Progress) -> anyhow::Result<()> {
    use anyhow::Context;
    use signal_hook::consts::SIGINT;
    use signal_hook::flag;

    if plan.verify.is_none() {
        return Ok(());
    }
    let watch = &progress.watch;
    // The order matters: the first two terminate the program; the last one only sets the flag that
    // makes the next Ctrl-C do so.
    flag::register_conditional_default(SIGINT, watch.is_idle.clone())
        .and_then(|_| flag::register_conditional_default(SIGINT, watch.is_stopped.clone()))
        .and_then(|_| flag::register(SIGINT, watch.is_stopped.clone()))
        .map(drop)
        .context("cannot handle Ctrl-C")
}

/// A build without network code has nothing to interrupt.
#[cfg(not(feature = "verify"))]
pub(super) fn install_handler(_plan: &Plan, _progress: &Progress) -> anyhow::Result<()> {
    Ok(())
}
