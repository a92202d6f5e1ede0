//! A finding in a few lines of plain text.

use super::advice::{Advice, is_committed};
use super::history_text::{PlaceName, TextStyle};
use super::uri::UriBase;
use super::visible::visible;
use super::{kinds, trace};
use crate::model::{Finding, Mode, Occurrence};
use crate::rules::Rule;

/// The style of repository text. Many people can read these reports, so they contain no e-mail
/// addresses.
pub(super) const TEXT_STYLE: TextStyle = TextStyle { harmless: visible, addresses: false };

/// The finding in one sentence, without its full stop.
pub(super) fn message(finding: &Finding, rule: &Rule) -> String {
    kinds::message(finding, rule, &visible(&finding.subject()))
}

/// The place of an occurrence: `src/a.ts:3:7`, `message of commit 3f2a9c1d:1:1`.
pub(super) fn place(occurrence: &Occurrence, base: &UriBase) -> String {
    let PlaceName { text, version } = PlaceName::new(&occurrence.provenance);
    let file = base.file(&occurrence.provenance).unwrap_or(text);
    let start = occurrence.region.start;
    format!("{}:{}:{}{version}", visible(&file), start.line, start.column)
}

/// Details of a finding at `place`: its path to the client, liveness, history, advice, and how to
/// accept it.
pub(super) fn about(finding: &Finding, rule: &Rule, place: &Occurrence, mode: Mode) -> Vec<String> {
    let mut lines: Vec<_> = trace::one_line(&finding.exposure).into_iter().collect();
    lines.extend(TEXT_STYLE.liveness(finding).map(|live| format!("Live: {live}")));
    let history = finding.history.as_ref();
    let seen = history.and_then(|history| TEXT_STYLE.first_seen(history, rule, place));
    lines.extend(seen.map(|seen| format!("First seen in {seen}")));
    lines.extend(TEXT_STYLE.current_state(finding).map(|left| format!("Now: {left}")));
    lines.extend(kinds::fix(finding).map(visible));
    let Advice { remedy, .. } = Advice::new(finding, rule, mode, is_committed(finding));
    lines.extend(remedy.map(|remedy| format!("{remedy} {}", rule.remediation.url)));
    lines.push(match finding.accepted_by_change() {
        Some(_) => kinds::ACCEPT_FIRST.to_owned(),
        None => {
            format!("To accept it, add this line to .keysideignore: {} WHY", finding.acceptance())
        }
    });
    lines
}
