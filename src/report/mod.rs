//! Reports: what a run found, in the formats of people and programs. Every one is redacted; whole
//! secrets are in human and JSON reports only, and only if they are asked for.

mod advice;
mod blocked;
mod comments;
mod csv;
mod frame;
mod github;
mod gitlab;
mod help;
mod html;
mod human;
mod json;
mod jsonl;
mod junit;
mod kinds;
mod lines;
mod markdown;
mod numbers;
mod outcome;
mod path;
mod prose;
mod sarif;
mod story;
mod uri;
mod visible;
mod wire;

use std::io;

pub use blocked::{Stopped, write as write_blocked};
pub use kinds::texts;
pub use sarif::Pipeline;
pub use uri::Base;
pub use visible::visible;
pub use wire::SCHEMA_VERSION;

use crate::model::{Oid, Report, Time};
use crate::rules::Ruleset;

/// A report format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For people, with colour codes.
    Human,
    /// One JSON document.
    Json,
    /// A finding a line, the scan last.
    Jsonl,
    /// SARIF 2.1.0, as GitHub code scanning reads it.
    Sarif,
    /// Annotations of a GitHub Actions run.
    Github,
    /// Markdown that is short enough for the summary of a step of GitHub Actions.
    Markdown,
    /// JUnit's XML: a test case a finding.
    Junit,
    /// A table with a row a place, as spreadsheets read it.
    Csv,
    /// GitLab's secret detection report.
    Gitlab,
    /// One HTML file for people.
    Html,
}

impl Format {
    /// Every format with its name.
    pub const ALL: [(&'static str, Self); 10] = [
        ("human", Self::Human),
        ("json", Self::Json),
        ("jsonl", Self::Jsonl),
        ("sarif", Self::Sarif),
        ("github", Self::Github),
        ("markdown", Self::Markdown),
        ("junit", Self::Junit),
        ("csv", Self::Csv),
        ("gitlab", Self::Gitlab),
        ("html", Self::Html),
    ];

    /// The format of this name.
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.iter().find_map(|(known, format)| (*known == name).then_some(*format))
    }
}

/// How a report is written.
#[derive(Debug, Clone)]
pub struct Options {
    /// Write whole secrets where the format can.
    pub show_secrets: bool,
    /// Leave out what is not a finding.
    pub quiet: bool,
    /// Say more.
    pub verbose: bool,
    /// The exit code that the run will have.
    pub exit_code: u8,
    /// What URIs are relative to.
    pub base: Base,
    /// What was scanned, as people call it: the name of a folder or a file; empty if it has none.
    pub subject: String,
    /// When the run ended.
    pub finished_at: Time,
    /// The commit that is checked out where the run was started, if that is asked for and known.
    pub head: Option<Oid>,
    /// The pipeline of Azure DevOps that the run is part of, if it is.
    pub pipeline: Option<Pipeline>,
}

/// Writes `report` in `format`.
///
/// # Errors
/// Those of `out`.
pub fn write(
    format: Format,
    report: &Report,
    rules: &Ruleset,
    options: &Options,
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

/// How many places a SARIF report leaves out, because GitHub would.
pub fn left_out_of_sarif(report: &Report, options: &Options) -> usize {
    sarif::left_out(report, options)
}

/// Writes what people must know of a run whose report goes elsewhere: its notices, the requests of
/// a dry run, and the closing line of the human report.
///
/// # Errors
/// Those of `out`.
pub fn write_closing(report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
    if let Some(ledger) = report.ledger.as_ref().filter(|ledger| ledger.is_dry_run) {
        human::write_ledger(ledger, false, out)?;
    }
    human::write_closing(report, false, out)
}

/// Writes the notices of a report; those only of what was not read, if that is asked for.
///
/// # Errors
/// Those of `out`.
pub fn write_notices(
    report: &Report,
    only_unread: bool,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    human::write_notices(report, only_unread, out)
}
