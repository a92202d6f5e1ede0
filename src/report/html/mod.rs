//! The report as one HTML file that needs nothing else: no network, no other file, and no script to
//! be read. A policy in it forbids the browser to load or to run anything but its own style and
//! script, so that nothing of a repository could do harm even if it were not escaped; and everything
//! is escaped.

mod csp;
mod page;
mod trace_diagram;

use std::io;

use super::ReportOptions;
use super::visible::visible;
use crate::model::Report;
use crate::rules::Ruleset;

pub(super) fn write(
    report: &Report,
    rules: &Ruleset,
    options: &ReportOptions,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    page::HtmlPage::new(report, rules, options).write(out)
}

/// Text in an element or in a quoted attribute.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in visible(text).chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}

/// Text as code.
fn code(text: &str) -> String {
    format!("<code>{}</code>", escaped(text))
}

/// Sentences.
fn prose(text: &str) -> String {
    super::prose::prose(text, escaped, code)
}
