//! JSON Lines: one finding per line, the scan last.

use std::io;

use serde::Serialize;

use super::json_v1;
use super::options::ReportOptions;
use crate::model::Report;
use crate::rules::Ruleset;

/// The last line.
#[derive(Serialize)]
struct LastLine<'w> {
    scan: &'w json_v1::JsonScan,
}

pub(super) fn write(
    report: &Report,
    rules: &Ruleset,
    options: &ReportOptions,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let document = json_v1::document(report, rules, options.show_secrets);
    for finding in &document.findings {
        serde_json::to_writer(&mut *out, finding)?;
        out.write_all(b"\n")?;
    }
    serde_json::to_writer(&mut *out, &LastLine { scan: &document.scan })?;
    out.write_all(b"\n")
}
