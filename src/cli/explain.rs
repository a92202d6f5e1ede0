//! `keyside explain`: the results of keywords, pattern and filters on a line; the purpose of a rule;
//! or the meaning of a kind of finding.

use std::fs;
use std::io::Write;
use std::ops::Range;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use super::args::ExplainArgs;
use super::streams::Streams;
use super::{exit, rules};
use crate::config::{Plan, Settings};
use crate::decode::ArchiveLimits;
use crate::model::{FilePath, FindingKind, Fingerprint, IdScope, KeyClass, KindTexts};
use crate::report::{texts, visible};
use crate::run::{ArchivedText, MarkerReader};
use crate::scan::{Attempt, AttemptOutcome, KeyMatch, KeyScanner, Locator, reported_in, shape};
use crate::source::git::GitEnvironment;
use crate::source::{Chunk, TextEncoding, TreeOptions, unread_reason};

/// The number of rules without a match that are explained or named.
const MAX_NO_MATCH: usize = 5;

pub(super) fn explain(args: ExplainArgs, streams: &Streams) -> anyhow::Result<u8> {
    let place = args.what.rsplit_once(':').and_then(|(path, line)| {
        let line: u64 = line.parse().ok().filter(|line| *line > 0)?;
        Some((PathBuf::from(path), line))
    });
    let roots: Vec<_> = place.iter().map(|(path, _)| path.clone()).collect();
    let environment = GitEnvironment::new(std::env::vars_os());
    let settings = args.rules.settings(Settings { environment, ..Settings::default() });
    let plan = settings.plan(&roots)?;
    let mut out = streams.out();
    match (plan.rules.by_id(&args.what), place) {
        (Some(rule), _) => rules::show(&plan.rules, rule, &mut out)?,
        (None, Some((path, line))) => explain_line(&plan, &path, line, &mut out)?,
        (None, None) => match kind_of(&args.what) {
            Some(kind) => explain_kind(kind, &mut out)?,
            None => bail!(
                "`{}` is neither PATH:LINE nor a rule id nor a kind of finding; `keyside rules \
                 list` shows the ids, and the kinds are {}",
                args.what,
                FindingKind::all().map(FindingKind::name).collect::<Vec<_>>().join(", ")
            ),
        },
    }
    Ok(exit::CLEAN)
}

/// Reads the text of a file, or of a place in an archive.
fn text_at(path: &Path, limits: ArchiveLimits) -> anyhow::Result<ArchivedText> {
    match fs::read(path) {
        Ok(bytes) => {
            Ok(ArchivedText { archive: path.to_owned(), name: FilePath::from_path(path), bytes })
        }
        Err(error) => ArchivedText::read(path, limits)
            .ok_or(error)
            .with_context(|| format!("cannot read {}", path.display())),
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

fn explain_line(plan: &Plan, path: &Path, line: u64, out: &mut dyn Write) -> anyhow::Result<()> {
    let ArchivedText { archive: file, name, bytes } = text_at(path, plan.archives)?;
    let encoding = TextEncoding::detect(&bytes);
    let Some(range) = nth_line(&bytes, encoding, line) else {
        bail!("{} has no line {line}", path.display());
    };
    let scanner = KeyScanner::new(&plan.rules);
    let shown = visible(&scanner.masked_text(&path.display().to_string()));
    writeln!(out, "{shown}:{line}")?;
    if let Some(reason) =
        unread_reason(&file, &TreeOptions { no_ignore: false, ..plan.tree.clone() })
    {
        writeln!(out, "  a scan of the folder skips this file: {reason}")?;
    }
    let mut attempts = Vec::new();
    scanner.all_attempts(&bytes, range.clone(), encoding, |attempt| {
        attempts.push(attempt);
    });
    attempts.sort_by_key(|attempt| attempt.start);
    if attempts.is_empty() {
        let count = plan.rules.rules.iter().filter(|rule| rule.is_searched()).count();
        writeln!(
            out,
            "  no keyword of any rule is on this line ({count} rules; see `keyside rules list`)"
        )?;
        writeln!(out, "  not reported")?;
    }
    // Of many rules, most that look for a word on the line are about other keys.
    let is_match = |attempt: &Attempt<'_>| !matches!(attempt.outcome, AttemptOutcome::NoMatch);
    let has_match = attempts.iter().any(is_match);
    let (shown, others): (Vec<_>, Vec<_>) = attempts
        .into_iter()
        .enumerate()
        .partition(|(nth, attempt)| is_match(attempt) || !has_match && *nth < MAX_NO_MATCH);
    let attempts: Vec<_> = shown.into_iter().map(|(_, attempt)| attempt).collect();
    let mut locator = Locator::new(encoding);
    let mut at = encoding.mark_length(&bytes);
    for attempt in &attempts {
        // In big-endian UTF-16, a match may begin at a character's second byte.
        let start =
            if encoding == TextEncoding::Utf16Be { attempt.start & !1 } else { attempt.start };
        locator.advance(&bytes[at..start]);
        at = start;
        let column = locator.place().column;
        explain_attempt(&scanner, plan, (&file, &name), (&bytes, encoding), column, attempt, out)?;
    }
    let mut ids: Vec<_> = others.iter().map(|(_, attempt)| attempt.rule.id.as_str()).collect();
    ids.sort_unstable();
    ids.dedup();
    if !ids.is_empty() {
        let (more, named) = (ids.len().saturating_sub(MAX_NO_MATCH), ids.iter().take(MAX_NO_MATCH));
        let named = named.copied().collect::<Vec<_>>().join(", ");
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        writeln!(
            out,
            "  words of other rules are here, whose patterns do not match: {named}{more}"
        )?;
    }
    Ok(())
}

fn explain_attempt(
    scanner: &KeyScanner<'_>,
    plan: &Plan,
    file: (&Path, &FilePath),
    (bytes, encoding): (&[u8], TextEncoding),
    column: u64,
    attempt: &Attempt<'_>,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let rule = attempt.rule;
    let layers: Vec<_> = attempt.layers.iter().map(|layer| layer.name()).collect();
    let encoded = match layers.join(" of ") {
        layers if layers.is_empty() => String::new(),
        layers => format!(", encoded: {layers}"),
    };
    writeln!(out, "  column {column}: keyword `{}` of rule {}{encoded}", attempt.keyword, rule.id)?;
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
            let verdict = verdict(scanner, plan, file, (bytes, encoding), key);
            writeln!(out, "    {}", visible(&verdict))?;
        }
    }
    Ok(())
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

fn verdict(
    scanner: &KeyScanner<'_>,
    plan: &Plan,
    (path, name): (&Path, &FilePath),
    (bytes, encoding): (&[u8], TextEncoding),
    key: &KeyMatch<'_>,
) -> String {
    if !key.rule.is_wanted {
        return "not reported: the rule is switched off".to_owned();
    }
    let found = scanner.find(&Chunk::whole(bytes));
    let is_same =
        |other: &KeyMatch<'_>| (other.rule_index, &other.span) == (key.rule_index, &key.span);
    if let Some(lost) = found.outranked.iter().find(|lost| is_same(&lost.key)) {
        return format!("not reported: rule {} fits better here", lost.by.id);
    }
    let reported = reported_in(&found, &Chunk::whole(bytes), name.as_bytes());
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
    let id = Fingerprint::new(&plan.salt, &key.rule.id, &key.secret);
    let chunk = Chunk { encoding, ..Chunk::whole(bytes) };
    let inline = MarkerReader::default().verdict(&plan.rules, &chunk, &key.span, &key.rule.id);
    let (policy, own) = (&plan.policy, (id, IdScope::Key));
    let live = inline.accepted.clone().filter(|by| !policy.has_ended(by));
    let accepted = live.or_else(|| policy.accepts(own, FindingKind::Secret, &key.rule.id, path));
    match accepted {
        Some(by) if by.reason().is_empty() => format!("accepted by {} ({id})", by.place()),
        Some(by) => {
            format!("accepted by {}: {} ({id})", by.place(), scanner.masked_text(by.reason()))
        }
        None => {
            let ended =
                inline.accepted.map(|by| format!("; `{}` has ended: {}", by.place(), by.reason()));
            let file = policy.ended_for(own, FindingKind::Secret, path);
            let file = file.map(|own| format!("; {}:{}: {}", own.file, own.line, own.sentence()));
            let meant = inline.faults.iter().map(|fault| format!("; {}", fault.message));
            let meant = ended.into_iter().chain(file).chain(meant);
            let meant = scanner.masked_text(&meant.collect::<String>());
            format!("reported as {} ({id}){meant}", key.rule.severity.name())
        }
    }
}

/// The bytes of a line by its 1-based number, with its line break.
fn nth_line(bytes: &[u8], encoding: TextEncoding, number: u64) -> Option<Range<usize>> {
    let newlines: Box<dyn Iterator<Item = usize>> = match encoding {
        TextEncoding::Bytes => Box::new(memchr::memchr_iter(b'\n', bytes).map(|at| at + 1)),
        TextEncoding::Utf16Le | TextEncoding::Utf16Be => {
            let newline = if encoding == TextEncoding::Utf16Le { [b'\n', 0] } else { [0, b'\n'] };
            let pairs = bytes.chunks_exact(2).enumerate();
            Box::new(pairs.filter(move |(_, pair)| *pair == newline).map(|(n, _)| 2 * n + 2))
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
