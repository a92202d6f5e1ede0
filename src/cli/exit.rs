//! Exit codes, the only place where they are decided.

use crate::model::{Completeness, Finding, Liveness, Report};

/// Nothing found, and everything that was asked for was read.
pub(super) const CLEAN: u8 = 0;
/// Something was found.
pub(super) const FOUND: u8 = 1;
/// The arguments, the configuration or the environment are wrong.
pub(super) const USAGE: u8 = 2;
/// Nothing was found, but not everything was read.
pub(super) const INCOMPLETE: u8 = 3;

/// The exit code of a scan; `found` is the one for findings, 0 with `--exit-zero`.
///
/// Findings win over an incomplete scan. Where they are not to fail the run, an incomplete scan
/// still does: 0 is never said when something was not read.
pub(super) fn of(report: &Report, found: u8) -> u8 {
    match (report.findings.is_empty(), report.state()) {
        (true, Completeness::Complete) => CLEAN,
        (true, Completeness::Incomplete) => INCOMPLETE,
        (false, Completeness::Incomplete) if found == CLEAN => INCOMPLETE,
        (false, _) => found,
    }
}

/// The exit code of `keyside verify`: whether any key is live, or all are known to be dead.
pub(super) fn of_verification(report: &Report) -> u8 {
    let is_dead = |own: &Finding| own.verification.liveness == Liveness::Dead;
    if report.findings.iter().any(Finding::is_live) {
        FOUND
    } else if report.findings.is_empty() || !report.findings.iter().all(is_dead) {
        INCOMPLETE
    } else {
        CLEAN
    }
}
