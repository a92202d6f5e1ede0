//! The JSON report: one document, for programs.

use std::io;

use super::{Options, wire};
use crate::model::Report;
use crate::rules::Ruleset;

pub(super) fn write(
    report: &Report,
    rules: &Ruleset,
    options: &Options,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, &wire::document(report, rules, options.show_secrets))?;
    out.write_all(b"\n")
}
