//! JSON Lines: a finding a line, and the scan as the last one.

use std::io;

use serde::Serialize;

use super::{Options, wire};
use crate::model::Report;
use crate::rules::Ruleset;

/// The last line.
#[derive(Serialize)]
struct Last<'w> {
    scan: &'w wire::Scan,
}

pub(super) fn write(
    report: &Report,
    rules: &Ruleset,
    options: &Options,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let document = wire::document(report, rules, options.show_secrets);
    for finding in &document.findings {
        serde_json::to_writer(&mut *out, finding)?;
        out.write_all(b"\n")?;
    }
    serde_json::to_writer(&mut *out, &Last { scan: &document.scan })?;
    out.write_all(b"\n")
}
