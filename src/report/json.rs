//! The JSON report: one document for programs.

use std::io;

use super::json_v1;
use super::options::ReportOptions;
use crate::model::Report;
use crate::rules::Ruleset;

pub(super) fn write(
    report: &Report,
    rules: &Ruleset,
    options: &ReportOptions,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    serde_json::to_writer_pretty(
        &mut *out,
        &json_v1::document(report, rules, options.show_secrets),
    )?;
    out.write_all(b"\n")
}
