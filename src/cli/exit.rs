//! Exit codes, and which one a scan or a verification ends with. Whether a run is incomplete is
//! decided by `NoticeKind::is_incomplete`; hooks, imports and baselines choose among these codes.

use crate::model::{Completeness, Finding, Liveness, Report, Severity, Side};

/// Nothing was found, and everything requested was read.
pub(super) const CLEAN: u8 = 0;
/// Something was found.
pub(super) const FOUND: u8 = 1;
/// Wrong arguments, configuration or environment.
pub(super) const USAGE: u8 = 2;
/// Nothing was found, but not everything was read.
pub(super) const INCOMPLETE: u8 = 3;

/// The findings that fail a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FailOn {
    /// All that are shown.
    Shown,
    /// Those of at least this severity, shown or not.
    Severity(Severity),
    /// Keys that are known to work.
    Live,
    /// Keys and names that reach clients.
    Client,
}

/// The choices of the user on the exit code of a scan.
#[derive(Debug, Clone, Copy)]
pub(super) struct ExitChoice {
    /// The code for findings, 0 with `--exit-zero`.
    pub(super) found: u8,
    /// The findings that fail the run.
    pub(super) fail_on: FailOn,
    /// True if ignore files may hold no entry without use.
    pub(super) strict_ignores: bool,
}

impl FailOn {
    fn is_met_by(self, finding: &Finding) -> bool {
        match self {
            Self::Shown => true,
            Self::Severity(least) => finding.severity >= least,
            Self::Live => finding.is_live(),
            Self::Client => finding.exposure.side == Side::Client,
        }
    }

    /// The findings that fail the run, shown and hidden.
    pub(super) fn count(self, report: &Report) -> [usize; 2] {
        let met = |findings: &[Finding]| findings.iter().filter(|own| self.is_met_by(own)).count();
        [met(&report.findings), if self == Self::Shown { 0 } else { met(&report.hidden) }]
    }
}

/// The exit code of a scan.
///
/// Findings win over an incomplete scan. If findings do not fail the run, an incomplete scan still
/// does: the code is never 0 if something was not read.
pub(super) fn of(report: &Report, choice: ExitChoice) -> u8 {
    let is_failed = choice.fail_on.count(report) != [0, 0] && choice.found != CLEAN;
    match (is_failed, report.state()) {
        (true, _) => choice.found,
        (false, Completeness::Complete) => CLEAN,
        (false, Completeness::Incomplete) => INCOMPLETE,
    }
}

/// A sentence where the exit code is not the one that the shown findings would give.
pub(super) fn remark(report: &Report, choice: ExitChoice) -> Option<String> {
    if choice.fail_on == FailOn::Shown || choice.found == CLEAN {
        return None;
    }
    match choice.fail_on.count(report) {
        [0, 0] if report.findings.is_empty() => None,
        [0, 0] => Some("no finding fails this run: see --fail-on".to_owned()),
        [0, 1] => Some("1 finding below --min-severity fails this run: see --fail-on".to_owned()),
        [0, hidden] => {
            Some(format!("{hidden} findings below --min-severity fail this run: see --fail-on"))
        }
        _ => None,
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
