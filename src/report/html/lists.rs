//! Lists about the run: notices, accepted findings, requests to providers.

use std::io::{self, Write};

use super::escape::{code, escaped, prose};
use crate::model::{Call, Notice, Suppressed};
use crate::report::history_text::PlaceName;
use crate::report::numbers::grouped;

/// The most items of a list.
pub(super) const MOST: usize = 1_000;

/// Writes a list that can be unfolded; `one` and `many` name its items.
pub(super) fn write_panel(
    [one, many]: [&str; 2],
    items: Vec<String>,
    out: &mut dyn Write,
) -> io::Result<()> {
    if items.is_empty() {
        return Ok(());
    }
    let noun = if items.len() == 1 { one } else { many };
    let count = grouped(items.len() as u64);
    writeln!(out, "<details class=\"panel\"><summary>{count} {noun}</summary>")?;
    write_list(items.into_iter(), out)?;
    writeln!(out, "</details>")
}

/// Writes a list of items, which are HTML already.
pub(super) fn write_list(
    items: impl Iterator<Item = String>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut more = 0;
    writeln!(out, "<ul>")?;
    for (nth, item) in items.enumerate() {
        if nth < MOST {
            writeln!(out, "<li>{item}</li>")?;
        } else {
            more += 1;
        }
    }
    if more > 0 {
        writeln!(out, "<li>and {} more</li>", grouped(more))?;
    }
    writeln!(out, "</ul>")
}

pub(super) fn notice(notice: &Notice) -> String {
    let path = notice.path.as_ref().map(|path| code(&path.to_text()) + " ");
    format!("{}{}", path.unwrap_or_default(), prose(&notice.message))
}

pub(super) fn accepted(suppressed: &Suppressed) -> String {
    let Suppressed { id, rule_id, provenance, region, by, is_by_change } = suppressed;
    let PlaceName { text, version } = PlaceName::new(provenance);
    let place = format!("{text}:{}:{}{version}", region.start.line, region.start.column);
    let reason = match by.reason() {
        "" => String::new(),
        reason => format!(": {}", escaped(reason)),
    };
    let only = if *is_by_change { " (only by this change itself)" } else { "" };
    format!(
        "{} {} {} by {}{reason}{only}",
        code(&place),
        escaped(rule_id),
        code(&id.to_string()),
        code(by.place())
    )
}

pub(super) fn call(call: &Call) -> String {
    let Call { method, url, secret, attempt, answer, .. } = call;
    let time = call.sent_at.map(|time| format!("{time} ")).unwrap_or_default();
    let again = if *attempt > 1 { format!(" (attempt {attempt})") } else { String::new() };
    let answer = if answer.is_empty() { String::new() } else { format!(": {answer}") };
    format!(
        "{} {}",
        code(&format!("{method} {url}")),
        escaped(&format!("{time}{secret}{again}{answer}"))
    )
}
