//! Exit codes, the only place where they are decided.

use crate::model::{Report, State};

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
        (true, State::Complete) => CLEAN,
        (true, State::Incomplete) => INCOMPLETE,
        (false, State::Incomplete) if found == CLEAN => INCOMPLETE,
        (false, _) => found,
    }
}
