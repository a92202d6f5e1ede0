//! Ctrl-C while providers are asked: the run ends its questions and still reports. A second one, and
//! one at any other time, ends the program as ever.

use crate::config::Plan;
use crate::run::Progress;

/// Takes care of it, if the plan is to ask anybody.
#[cfg(feature = "verify")]
pub(super) fn install_handler(plan: &Plan, progress: &Progress) -> anyhow::Result<()> {
    use anyhow::Context;
    use signal_hook::consts::SIGINT;
    use signal_hook::flag;

    if plan.verify.is_none() {
        return Ok(());
    }
    let watch = &progress.watch;
    // In this order: the first two end the program, the last makes the next one do so.
    flag::register_conditional_default(SIGINT, watch.is_idle.clone())
        .and_then(|_| flag::register_conditional_default(SIGINT, watch.is_stopped.clone()))
        .and_then(|_| flag::register(SIGINT, watch.is_stopped.clone()))
        .map(drop)
        .context("Ctrl-C cannot be heeded")
}

/// Nobody is asked by a build that cannot.
#[cfg(not(feature = "verify"))]
pub(super) fn install_handler(_plan: &Plan, _progress: &Progress) -> anyhow::Result<()> {
    Ok(())
}
