//! The parts of a finding: its line, its trace, its history and the provider's answer.

use std::io::{self, Write};

use super::escape::{code, escaped, prose};
use super::lists::MOST;
use super::trace_diagram;
use super::words::{capitalised, in_head};
use crate::model::{CommitInfo, Finding, Liveness, Occurrence, Side, Step};
use crate::report::history_text::{self, PlaceName, TextStyle};
use crate::report::numbers::{counted_more, grouped};
use crate::report::snippet::Snippet;
use crate::report::trace;
use crate::report::visible::visible;
use crate::rules::Rule;

/// The most further places of a finding.
const PLACES: usize = 50;

/// The style of repository text, which is escaped when it is written.
const TEXT_STYLE: TextStyle = TextStyle { harmless: visible, addresses: true };

/// Writes the line with the key marked, and the other places of the key.
pub(super) fn write_snippet(
    place: &Occurrence,
    others: &[Occurrence],
    out: &mut dyn Write,
) -> io::Result<()> {
    let Snippet { before, mark, after } = Snippet::new(&place.excerpt, false);
    let mark = if mark.is_empty() { mark } else { format!("<mark>{}</mark>", escaped(&mark)) };
    writeln!(
        out,
        "<div><pre class=\"frame\"><span>{}</span><code>{}{mark}{}</code></pre>",
        place.region.start.line,
        escaped(&before),
        escaped(&after)
    )?;
    if !others.is_empty() {
        writeln!(out, "<ul class=\"also\"><li>also in</li>")?;
        for other in others.iter().take(PLACES) {
            writeln!(out, "<li>{}</li>", code(&place_of(other)))?;
        }
        let more = others.len().saturating_sub(PLACES) as u64;
        if more > 0 {
            writeln!(out, "<li>and {}</li>", counted_more(more, "place"))?;
        }
        writeln!(out, "</ul>")?;
    }
    writeln!(out, "</div>")
}

/// Writes the path to a client, and the places that explain it.
pub(super) fn write_trace(finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
    let exposure = &finding.exposure;
    if let Some(heading) = trace::heading(exposure) {
        let steps = &exposure.trace;
        writeln!(
            out,
            "<figure class=\"way\"><h4>Path {}</h4>\n{}\n<ol>",
            escaped(&heading),
            trace_diagram::svg(steps)
        )?;
        for own in steps.iter().take(MOST) {
            writeln!(out, "<li>{}</li>", step(own))?;
        }
        if steps.len() > MOST {
            writeln!(out, "<li>and {} more</li>", grouped((steps.len() - MOST) as u64))?;
        }
        writeln!(out, "</ol></figure>")?;
    } else if let Some(side) = trace::side(exposure) {
        writeln!(out, "<div><h4>Side</h4><p>{}</p></div>", escaped(&capitalised(&side)))?;
    }
    if let Some(answer) = trace::confirmation(exposure) {
        writeln!(out, "<div><h4>Build</h4><p>{}</p></div>", escaped(&capitalised(answer)))?;
    }
    if !exposure.related.is_empty() {
        writeln!(out, "<div><h4>See also</h4>")?;
        for related in exposure.related.iter().take(PLACES) {
            writeln!(out, "<p>{}</p>", step(related))?;
        }
        writeln!(out, "</div>")?;
    }
    Ok(())
}

/// Writes when the secret was first seen and removed, and where it is now.
pub(super) fn write_history(
    finding: &Finding,
    rule: &Rule,
    place: &Occurrence,
    out: &mut dyn Write,
) -> io::Result<()> {
    let Some(history) = &finding.history else { return Ok(()) };
    let mut events = Vec::new();
    if let Some(change) = &history.first_seen {
        let mut text = event(change);
        if let Some(path) = history_text::former_path(change, place) {
            text.push_str(&format!(" in {}", code(&path)));
        }
        let age = history_text::age(history, rule);
        let age = if age.is_empty() { String::new() } else { format!(", {}", age.join(", ")) };
        let day = history_text::day(change);
        let before = if change.is_boundary { "at or before " } else { "" };
        events.push(("came", format!("<b>First seen {before}{day}</b>{age}<span>{text}</span>")));
    }
    if let Some(change) = &history.removed_in {
        let day = history_text::day(change);
        events.push(("gone", format!("<b>Removed {day}</b><span>{}</span>", event(change))));
    }
    let today = TEXT_STYLE.holders(finding);
    if let Some((first, rest)) = today.split_first() {
        let class = if history.in_head == Some(true) { "here" } else { "" };
        let rest = escaped(&rest.join("; "));
        let first = escaped(&capitalised(first));
        let rest = if rest.is_empty() { rest } else { format!("<span>{rest}</span>") };
        events.push((class, format!("<b>{first}</b>{rest}")));
    }
    if events.is_empty() {
        return Ok(());
    }
    writeln!(out, "<div><h4>In history</h4><ol class=\"story\">")?;
    for (class, text) in events {
        writeln!(out, "<li class=\"{class}\">{text}</li>")?;
    }
    writeln!(out, "</ol></div>")
}

/// A commit and its author.
pub(super) fn event(change: &CommitInfo) -> String {
    let summary = match change.summary.as_str() {
        "" => String::new(),
        summary => format!(" “{}”", escaped(summary)),
    };
    format!(
        "{}{summary} {}",
        code(&history_text::commit(change)),
        escaped(&TEXT_STYLE.author(change))
    )
}

/// Writes the provider's answer: liveness and account.
pub(super) fn write_facts(finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
    let facts = [("Live", TEXT_STYLE.liveness(finding)), ("Key", TEXT_STYLE.account(finding))];
    let time = finding.verification.checked_at.map(|time| time.to_string());
    let facts: Vec<_> = facts
        .into_iter()
        .chain([("Checked", time)])
        .filter_map(|(name, fact)| Some((name, fact?)))
        .collect();
    if facts.is_empty() {
        return Ok(());
    }
    writeln!(out, "<div><h4>What the provider says</h4><dl class=\"facts\">")?;
    for (name, fact) in facts {
        writeln!(out, "<dt>{name}</dt><dd>{}</dd>", escaped(&fact))?;
    }
    writeln!(out, "</dl></div>")
}

/// The badges of a folded finding.
pub(super) fn badges(finding: &Finding) -> String {
    let mut badges = Vec::new();
    match finding.verification.liveness {
        Liveness::Live => badges.push(("live", "live")),
        Liveness::Dead => badges.push(("good", "dead")),
        Liveness::Unknown | Liveness::NotChecked => {}
    }
    match finding.exposure.side {
        Side::Client => badges.push(("bad", "reaches clients")),
        Side::Server => badges.push(("", "on a server")),
        Side::Unknown => {}
    }
    match in_head(finding) {
        Some(true) => badges.push(("fair", "in HEAD")),
        Some(false) => badges.push(("", "not in HEAD")),
        None => {}
    }
    let badge = |(class, words)| format!("<span class=\"badge {class}\">{words}</span>");
    badges.into_iter().map(badge).collect::<Vec<_>>().join(" ")
}

pub(super) fn place_of(occurrence: &Occurrence) -> String {
    let PlaceName { text, version } = PlaceName::new(&occurrence.provenance);
    let start = occurrence.region.start;
    format!("{text}:{}:{}{version}", start.line, start.column)
}

pub(super) fn step(step: &Step) -> String {
    format!("{} {}", code(&trace::place(step)), prose(&step.note))
}
