//! `keyside explain`: the results of keywords, pattern and filters on a line, and what a scan decides
//! about it; the purpose of a rule; or the meaning of a kind of finding.

use std::collections::HashMap;
use std::io::Write;
use std::ops::Range;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use super::args::ExplainArgs;
use super::explain_scan::{FolderScans, LineDecision, ScannedFile, folder_around};
use super::streams::Streams;
use super::{exit, rules};
use crate::config::Settings;
use crate::model::{
    FilePath, FindingKind, Fingerprint, KeyClass, KindTexts, Position, Severity, Suppressed,
};
use crate::report::{texts, visible};
use crate::run::ArchivedText;
use crate::scan::{Attempt, AttemptOutcome, KeyMatch, KeyScanner, Locator, reported_in, shape};
use crate::source::git::GitEnvironment;
use crate::source::{Chunk, TextEncoding};

/// The number of rules without a match that are explained or named.
const MAX_NO_MATCH: usize = 5;

pub(super) fn explain(args: ExplainArgs, streams: &Streams) -> anyhow::Result<u8> {
    let environment = GitEnvironment::new(std::env::vars_os());
    let settings = args.rules.settings(Settings { environment, ..Settings::default() });
    let mut scans = FolderScans::new(settings.clone());
    let mut out = streams.out();
    let mut whats = &args.what[..];
    while let Some((what, rest)) = whats.split_first() {
        let Some((path, _)) = place_of(what) else {
            explain_word(&settings, what, &mut out)?;
            whats = rest;
            continue;
        };
        // Making a scanner takes time.
        let folder_of = |path: &Path| folder_around(&ArchivedText::file_of(path));
        let folder = folder_of(&path);
        let is_there =
            |what: &String| place_of(what).is_some_and(|(path, _)| folder_of(&path) == folder);
        let count = whats.iter().take_while(|what| is_there(what)).count();
        let (here, others) = whats.split_at(count);
        whats = others;
        explain_places(here, &mut scans, &folder, &mut out)?;
    }
    Ok(exit::CLEAN)
}

/// Explains places below one folder.
fn explain_places(
    places: &[String],
    scans: &mut FolderScans,
    folder: &Path,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    // Read first: a place that does not exist is not worth a scan.
    let mut texts = Vec::new();
    for (path, line) in places.iter().filter_map(|what| place_of(what)) {
        if texts.last().is_none_or(|(last, ..): &(PathBuf, _, _)| *last != path) {
            let text = ArchivedText::at(&path, scans.archive_limits())
                .with_context(|| format!("cannot read {}", path.display()))?;
            texts.push((path, text, Vec::new()));
        }
        let Some((path, text, lines)) = texts.last_mut() else { continue };
        let bytes = &text.bytes[..];
        let Some(range) = nth_line(bytes, TextEncoding::detect(bytes), line) else {
            bail!("{} has no line {line}", path.display());
        };
        lines.push((line, range));
    }
    let scan = scans.of(folder)?;
    let scanner = KeyScanner::new(&scan.plan.rules);
    for (path, text, lines) in texts {
        let file = &scan.file((&path, &text.archive), &scanner);
        let (bytes, name) = (text.bytes, text.name);
        let encoding = TextEncoding::detect(&bytes);
        let shown = visible(&scanner.masked_text(&path.display().to_string()));
        let explained = ExplainedFile { file, name, scanner: &scanner, bytes, encoding };
        for (line, range) in lines {
            writeln!(out, "{shown}:{line}")?;
            if let Some(reason) = &file.unread {
                writeln!(out, "  a scan of the folder skips this file: {reason}")?;
            }
            explained.explain(line, range, out)?;
        }
    }
    Ok(())
}

/// Parses `PATH:LINE`.
fn place_of(what: &str) -> Option<(PathBuf, u64)> {
    let (path, line) = what.rsplit_once(':')?;
    Some((PathBuf::from(path), line.parse().ok().filter(|line| *line > 0)?))
}

/// Explains a rule or a kind of finding.
fn explain_word(settings: &Settings, what: &str, out: &mut dyn Write) -> anyhow::Result<()> {
    let plan = settings.clone().plan(&[])?;
    if let Some(rule) = plan.rules.by_id(what) {
        return rules::show(&plan.rules, rule, out);
    }
    match kind_of(what) {
        Some(kind) => explain_kind(kind, out),
        None => bail!(
            "`{what}` is neither PATH:LINE nor a rule id nor a kind of finding; `keyside rules \
             list` shows the ids, and the kinds are {}",
            FindingKind::all().map(FindingKind::name).collect::<Vec<_>>().join(", ")
        ),
    }
}

/// Parses a kind's name, alone or as in reports: `RULE-ID/KIND`.
fn kind_of(what: &str) -> Option<FindingKind> {
    FindingKind::by_name(what.rsplit_once('/').map_or(what, |(_, kind)| kind))
}

fn explain_kind(kind: FindingKind, out: &mut dyn Write) -> anyhow::Result<()> {
    let texts = texts(kind);
    let KindTexts { meaning, why, fix, .. } = texts;
    writeln!(out, "{}: {}", kind.name(), texts.title_of("secret"))?;
    writeln!(out, "  what  {meaning}\n  why   {why}\n  do    {fix}")?;
    Ok(())
}

/// The text of a file, and what a scan of its folder decided about it.
struct ExplainedFile<'f> {
    file: &'f ScannedFile<'f>,
    /// The name that rules for certain places look at: in an archive, that of the innermost file.
    name: FilePath,
    scanner: &'f KeyScanner<'f>,
    bytes: Vec<u8>,
    encoding: TextEncoding,
}

impl<'f> ExplainedFile<'f> {
    fn explain(&self, line: u64, range: Range<usize>, out: &mut dyn Write) -> anyhow::Result<()> {
        let mut attempts = Vec::new();
        self.scanner.all_attempts(&self.bytes, range, self.encoding, &mut |attempt| {
            attempts.push(attempt);
        });
        attempts.sort_by_key(|attempt| attempt.start);
        // Of many rules, most that look for a word on the line are about other keys.
        let is_match = |attempt: &Attempt<'_>| !matches!(attempt.outcome, AttemptOutcome::NoMatch);
        let has_match = attempts.iter().any(is_match);
        let is_empty = attempts.is_empty();
        let (shown, others): (Vec<_>, Vec<_>) = attempts
            .into_iter()
            .enumerate()
            .partition(|(nth, attempt)| is_match(attempt) || !has_match && *nth < MAX_NO_MATCH);
        let attempts: Vec<_> = shown.into_iter().map(|(_, attempt)| attempt).collect();
        let positions = self.positions(&attempts);
        let mut decisions = self.file.decisions(line);
        if is_empty && decisions.is_empty() {
            let rules = self.file.scan.plan.rules.rules.iter();
            let count = rules.filter(|rule| rule.is_searched()).count();
            writeln!(
                out,
                "  no keyword of any rule is on this line ({count} rules; see `keyside rules list`)"
            )?;
            writeln!(out, "  not reported")?;
        }
        for attempt in &attempts {
            self.explain_attempt(attempt, &positions, line, &mut decisions, out)?;
        }
        // Ways to a client, lines of a key that begins above, names of files.
        for decision in decisions {
            self.explain_decision(decision, line, out)?;
        }
        let mut ids: Vec<_> = others.iter().map(|(_, attempt)| attempt.rule.id.as_str()).collect();
        ids.sort_unstable();
        ids.dedup();
        if !ids.is_empty() {
            let more = ids.len().saturating_sub(MAX_NO_MATCH);
            let named = ids.iter().take(MAX_NO_MATCH).copied().collect::<Vec<_>>().join(", ");
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            writeln!(
                out,
                "  words of other rules are here, whose patterns do not match: {named}{more}"
            )?;
        }
        Ok(())
    }

    /// Where the keywords and the keys of attempts begin, by offset.
    fn positions(&self, attempts: &[Attempt<'_>]) -> HashMap<usize, Position> {
        let keys = attempts.iter().filter_map(|attempt| match &attempt.outcome {
            AttemptOutcome::Key(key) => Some(key.span.start),
            AttemptOutcome::NoMatch | AttemptOutcome::Rejected(..) => None,
        });
        let mut offsets: Vec<_> =
            attempts.iter().map(|attempt| attempt.start).chain(keys).collect();
        offsets.sort_unstable();
        let mut locator = Locator::new(self.encoding);
        let mut at = self.encoding.mark_length(&self.bytes);
        let mut positions = HashMap::new();
        for offset in offsets {
            // With the high byte first, a match may begin at a character's last byte.
            let start = (offset - offset % self.encoding.unit()).max(at);
            locator.advance(&self.bytes[at..start]);
            at = start;
            positions.insert(offset, locator.place());
        }
        positions
    }

    /// Explains an attempt, and takes what was decided about its key out of `decisions`.
    fn explain_attempt(
        &self,
        attempt: &Attempt<'_>,
        positions: &HashMap<usize, Position>,
        line: u64,
        decisions: &mut Vec<LineDecision<'f>>,
        out: &mut dyn Write,
    ) -> anyhow::Result<()> {
        let rule = attempt.rule;
        let layers: Vec<_> = attempt.layers.iter().map(|layer| layer.name()).collect();
        let encoded = match layers.join(" of ") {
            layers if layers.is_empty() => String::new(),
            layers => format!(", encoded: {layers}"),
        };
        let column = positions[&attempt.start].column;
        let (keyword, id) = (attempt.keyword, &rule.id);
        writeln!(out, "  column {column}: keyword `{keyword}` of rule {id}{encoded}")?;
        match &attempt.outcome {
            AttemptOutcome::NoMatch if rule.block.is_some() => {
                writeln!(out, "    pattern  no key follows the text that such keys begin with")?;
                writeln!(out, "    not reported")?;
            }
            AttemptOutcome::NoMatch => {
                writeln!(out, "    pattern  does not match: {}", rule.pattern.source())?;
                writeln!(out, "    not reported")?;
            }
            AttemptOutcome::Rejected(key, rejection) => {
                writeln!(out, "    pattern  matches: {}", key.secret)?;
                writeln!(out, "    filters  not a key: {rejection}")?;
                writeln!(out, "    not reported")?;
            }
            AttemptOutcome::Key(key) => {
                writeln!(out, "    pattern  matches: {}", key.secret)?;
                writeln!(out, "    filters  a key: {}", randomness_of(key))?;
                // Its name may be on another line than the key itself.
                let own = positions[&key.span.start].line;
                let others = if own == line { Vec::new() } else { self.file.decisions(own) };
                let is_own = |decision: &LineDecision<'_>| self.is_about(decision, key);
                let here: Vec<_> = decisions
                    .extract_if(.., |decision| is_own(decision))
                    .chain(others)
                    .filter(is_own)
                    .collect();
                if here.is_empty() {
                    writeln!(out, "    {}", visible(&self.silence(key)))?;
                }
                for decision in here {
                    self.write_verdict(decision, own, out)?;
                }
            }
        }
        Ok(())
    }

    /// True if a decision is about the key.
    fn is_about(&self, decision: &LineDecision<'_>, key: &KeyMatch<'_>) -> bool {
        match decision {
            LineDecision::Found(finding, _) => {
                finding.rule_id == key.rule.id && finding.secret.as_ref() == Some(&key.secret)
            }
            LineDecision::Accepted(Suppressed { rule_id, id, .. }) => {
                let (salt, secret) = (&self.file.scan.plan.salt, &key.secret);
                *rule_id == key.rule.id
                    && (*id == Fingerprint::new(salt, rule_id, secret)
                        || FindingKind::all()
                            .any(|kind| *id == Fingerprint::of_kind(salt, rule_id, kind, secret)))
            }
        }
    }

    /// Explains a decision for which no keyword is on the line.
    fn explain_decision(
        &self,
        decision: LineDecision<'_>,
        line: u64,
        out: &mut dyn Write,
    ) -> anyhow::Result<()> {
        let region = decision.region();
        let (rule_id, subject) = match decision {
            LineDecision::Found(finding, _) => (&finding.rule_id, finding.subject()),
            LineDecision::Accepted(suppressed) => (&suppressed.rule_id, String::new()),
        };
        let column = if region.start.line == line { region.start.column } else { 1 };
        let what = if region.start.line < line {
            format!("part of what begins on line {}, rule {rule_id}", region.start.line)
        } else if region.start == region.end {
            format!("in the name of the file, rule {rule_id}")
        } else {
            format!("rule {rule_id}")
        };
        let subject = if subject.is_empty() { subject } else { format!(": {}", visible(&subject)) };
        writeln!(out, "  column {column}: {what}{subject}")?;
        self.write_verdict(decision, line, out)
    }

    fn write_verdict(
        &self,
        decision: LineDecision<'_>,
        line: u64,
        out: &mut dyn Write,
    ) -> anyhow::Result<()> {
        let verdict = self.verdict(decision);
        let only_named =
            if self.file.must_be_named(line) { ", if a scan names this file" } else { "" };
        writeln!(out, "    {}{only_named}", visible(&verdict))?;
        Ok(())
    }

    fn verdict(&self, decision: LineDecision<'_>) -> String {
        match decision {
            LineDecision::Found(finding, occurrence) => {
                let (severity, id) = (finding.severity.name(), finding.id);
                let remarks = self.file.remarks(finding, occurrence);
                let kind = match finding.kind {
                    FindingKind::Secret => String::new(),
                    kind => format!(", {}", kind.name()),
                };
                let least: Severity = self.file.scan.min_severity;
                if finding.severity < least {
                    let least = least.name();
                    format!(
                        "not reported: below the least severity, {least}: {severity}{kind} ({id})"
                    )
                } else {
                    format!("reported as {severity}{kind} ({id}){remarks}")
                }
            }
            LineDecision::Accepted(Suppressed { by, id, .. }) => match by.reason() {
                "" => format!("accepted by {} ({id})", by.place()),
                reason => format!("accepted by {}: {reason} ({id})", by.place()),
            },
        }
    }

    /// The reason why a scan says nothing of a key.
    fn silence(&self, key: &KeyMatch<'_>) -> String {
        if !key.rule.is_wanted {
            return "not reported: the rule is switched off".to_owned();
        }
        let chunk = Chunk::whole(&self.bytes);
        let found = self.scanner.find(&chunk);
        let is_same =
            |other: &KeyMatch<'_>| (other.rule_index, &other.span) == (key.rule_index, &key.span);
        if let Some(lost) = found.outranked.iter().find(|lost| is_same(&lost.key)) {
            return format!("not reported: rule {} fits better here", lost.by.id);
        }
        let reported = reported_in(&found, &chunk, self.name.as_bytes());
        if let Some(place) = &key.rule.place
            && !reported.iter().any(|other| is_same(other))
        {
            return format!("not reported: the rule is for another place: {}", place.shown());
        }
        if found.paired.iter().any(is_same) {
            return "not reported alone: it is part of the finding of the key that belongs to it"
                .to_owned();
        }
        if key.rule.class == KeyClass::Public {
            return "not reported: the key is public by design".to_owned();
        }
        let notices: Vec<_> = self.file.notices().map(|own| own.message.as_str()).collect();
        match &self.file.unread {
            Some(reason) => format!("not reported: the file is not searched: {reason}"),
            None if !notices.is_empty() => format!("not reported: {}", notices.join("; ")),
            None => "not reported: the scan of the whole file reads another key here".to_owned(),
        }
    }
}

fn randomness_of(key: &KeyMatch<'_>) -> String {
    if key.rule.block.is_some() {
        return "it has the structure of one".to_owned();
    }
    if !key.rule.constraints.random {
        return "the rule does not require randomness".to_owned();
    }
    let body = key.secret.reveal().get(key.body.clone()).unwrap_or_default();
    shape(body).to_string()
}

/// The bytes of a line by its 1-based number, with its line break.
fn nth_line(bytes: &[u8], encoding: TextEncoding, number: u64) -> Option<Range<usize>> {
    let (unit, newline) = (encoding.unit(), encoding.newline());
    let newlines: Box<dyn Iterator<Item = usize>> = match encoding {
        TextEncoding::Bytes => Box::new(memchr::memchr_iter(b'\n', bytes).map(|at| at + 1)),
        TextEncoding::Utf16Le
        | TextEncoding::Utf16Be
        | TextEncoding::Utf32Le
        | TextEncoding::Utf32Be => {
            let units = bytes.chunks_exact(unit).enumerate();
            Box::new(
                units.filter(move |(_, own)| *own == newline).map(move |(n, _)| unit * (n + 1)),
            )
        }
    };
    let mut start = 0;
    let mut line = 1;
    for end in newlines {
        if line == number {
            return Some(start..end);
        }
        start = end;
        line += 1;
    }
    (line == number && start < bytes.len()).then_some(start..bytes.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_explained_by_their_names() {
        for kind in FindingKind::all() {
            assert_eq!(kind_of(kind.name()), Some(kind));
            assert_eq!(kind_of(&format!("some-rule/{}", kind.name())), Some(kind));
            let mut text = Vec::new();
            explain_kind(kind, &mut text).unwrap();
            let text = String::from_utf8(text).unwrap();
            assert!(text.starts_with(kind.name()) && text.lines().count() == 4, "{text}");
        }
        assert_eq!(kind_of("no-kind"), None);
    }

    #[test]
    fn lines_are_found_by_number() {
        let line = |text: &str, n| nth_line(text.as_bytes(), TextEncoding::Bytes, n);
        assert_eq!(line("a\nbc\nd", 1), Some(0..2));
        assert_eq!(line("a\nbc\nd", 3), Some(5..6));
        assert_eq!(line("a\nbc\n", 3), None);
        assert_eq!(line("", 1), None);
        let wide: Vec<u8> = "a\nb".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(nth_line(&wide, TextEncoding::Utf16Le, 2), Some(4..6));
    }
}
