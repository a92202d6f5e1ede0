//! Exit codes, and which one a scan or a verification ends with. Whether a run is incomplete is
//! decided by `NoticeKind::is_incomplete`; hooks, imports and baselines choose among these codes.

use crate::model::{Completeness, Finding, Liveness, Report};

/// Nothing was found, and everything requested was read.
pub(super) const CLEAN: u8 = 0;
/// Something was found.
pub(super) const FOUND: u8 = 1;
/// Wrong arguments, configuration or environment.
pub(super) const USAGE: u8 = 2;
/// Nothing was found, but not everything was read.
pub(super) const INCOMPLETE: u8 = 3;

/// The exit code of a scan; `found` is the code for findings, 0 with `--exit-zero`.
///
/// Findings win over an incomplete scan. If findings do not fail the run, an incomplete scan still
/// does: the code is never 0 if something was not read.
pub(super) fn of(report: &Report, found: u8) -> u8 {
    match (report.findings.is_empty(), report.state()) {
        (true, Completeness::Complete) => CLEAN,
        (true, Completeness::Incomplete) => INCOMPLETE,
        (false, Completeness::Incomplete) if found == CLEAN => INCOMPLETE,
        (false, _) => found,
    }
}

/// The exit code of `keyside verify`: `FOUND` if a key is live, `CLEAN` if all are known to be dead.
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
