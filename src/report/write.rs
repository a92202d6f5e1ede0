//! Writes a report in a format.

use std::io;

use super::format::Format;
use super::options::ReportOptions;
use super::{closing, csv, github, gitlab, html, human, json, jsonl, junit, markdown, sarif};
use crate::model::Report;
use crate::rules::Ruleset;

/// Writes `report` in `format`.
///
/// # Errors
/// Those of `out`.
pub fn write(
    format: Format,
    report: &Report,
    rules: &Ruleset,
    options: &ReportOptions,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    match format {
        Format::Human => human::write(report, rules, options, out),
        Format::Json => json::write(report, rules, options, out),
        Format::Jsonl => jsonl::write(report, rules, options, out),
        Format::Sarif => sarif::write(report, rules, options, out),
        Format::Github => github::write(report, rules, options, out),
        Format::Markdown => markdown::write(report, rules, options, out),
        Format::Junit => junit::write(report, rules, options, out),
        Format::Csv => csv::write(report, rules, options, out),
        Format::Gitlab => gitlab::write(report, rules, options, out),
        Format::Html => html::write(report, rules, options, out),
    }
}

/// The number of places missing from a SARIF report because of GitHub's limit.
pub fn left_out_of_sarif(report: &Report, options: &ReportOptions) -> usize {
    sarif::left_out(report, options)
}

/// Writes the end of the human report: notices, the requests of a dry run, and the closing line. For
/// runs whose report goes elsewhere.
///
/// # Errors
/// Those of `out`.
pub fn write_closing(report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
    if let Some(ledger) = report.ledger.as_ref().filter(|ledger| ledger.is_dry_run) {
        closing::write_ledger(ledger, false, out)?;
    }
    closing::write_closing(report, false, out)
}

/// Writes the notices of a report; with `only_unread`, only those about unread input.
///
/// # Errors
/// Those of `out`.
pub fn write_notices(
    report: &Report,
    only_unread: bool,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    closing::write_notices(report, only_unread, out)
}
