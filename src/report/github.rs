//! Workflow commands: annotations of a GitHub Actions run.
//!
//! GitHub shows ten annotations of each level per step and silently drops the others, so only the
//! most important are written, and a last one counts the rest. A finding outside the current files
//! (in history, in a message) gets an annotation without a file, as GitHub would show it at an
//! unrelated line.
//!
//! Text is escaped as in the package `@actions/core`, so that nothing in a repository can become a
//! command or a property of one.

use std::io;

use super::numbers::counted;
use super::options::ReportOptions;
use super::outcome::ScanOutcome;
use super::visible::visible;
use super::{json_v1, kinds, plain_lines};
use crate::model::{
    Finding, Mode, Notice, Occurrence, Region, Report, Severity, SourceKind, Suppressed,
};
use crate::rules::Ruleset;

/// The most annotations of one level that GitHub shows.
const MOST: usize = 10;

pub(super) fn write(
    report: &Report,
    rules: &Ruleset,
    options: &ReportOptions,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let unread = report.notices.iter().filter(|notice| notice.kind.is_incomplete());
    let mut left_out = [0; 3];
    for (level, left_out) in AnnotationLevel::ALL.into_iter().zip(&mut left_out) {
        let is_warning = level == AnnotationLevel::Warning;
        let unread = unread.clone().filter(|_| is_warning);
        let accepted = report.accepted_by_change().filter(|_| is_warning);
        let found = report.findings.iter().filter(|own| AnnotationLevel::of(own.severity) == level);
        // The annotation that counts the rest is a notice, too.
        let most = if level == AnnotationLevel::Notice { MOST - 1 } else { MOST };
        let count = unread.clone().count() + accepted.clone().count() + found.clone().count();
        *left_out = count.saturating_sub(most) as u64;
        let found = found.map(|finding| of_finding(finding, report, rules, options));
        let accepted = accepted.map(|own| of_accepted(own, rules, options));
        // Someone has to look at what a change accepts of itself.
        for annotation in unread.map(of_notice).chain(accepted).chain(found).take(most) {
            annotation.write(out)?;
        }
    }
    if left_out == [0; 3] {
        return Ok(());
    }
    let counts = AnnotationLevel::ALL.into_iter().zip(left_out).filter(|(_, count)| *count > 0);
    let counts: Vec<_> = counts.map(|(level, count)| counted(count, level.name())).collect();
    let what = ScanOutcome::new(report).sentence();
    Annotation {
        level: AnnotationLevel::Notice,
        title: "keyside".to_owned(),
        place: None,
        text: format!(
            "not shown: {}; a step summary (--format markdown) lists them all.\n{what}",
            counts.join(", ")
        ),
    }
    .write(out)
}

/// The level of an annotation.
#[derive(Clone, Copy, PartialEq, Eq)]
enum AnnotationLevel {
    Error,
    Warning,
    Notice,
}

impl AnnotationLevel {
    const ALL: [Self; 3] = [Self::Error, Self::Warning, Self::Notice];

    fn of(severity: Severity) -> Self {
        match severity {
            Severity::Error => Self::Error,
            Severity::Warning => Self::Warning,
            Severity::Note => Self::Notice,
        }
    }

    /// The command's name.
    fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Notice => "notice",
        }
    }
}

/// A workflow command.
struct Annotation {
    level: AnnotationLevel,
    title: String,
    /// A file and a region in it.
    place: Option<(String, Region)>,
    text: String,
}

impl Annotation {
    fn write(&self, out: &mut dyn io::Write) -> io::Result<()> {
        write!(out, "::{} title={}", self.level.name(), property(&self.title))?;
        if let Some((file, Region { start, end })) = &self.place {
            let (line, end_line) = (start.line, end.line);
            write!(out, ",file={},line={line},endLine={end_line}", property(file))?;
            // Columns are refused for several lines.
            if line == end_line {
                write!(out, ",col={},endColumn={}", start.column, end.column)?;
            }
        }
        writeln!(out, "::{}", data(&self.text))
    }
}

fn of_finding(
    finding: &Finding,
    report: &Report,
    rules: &Ruleset,
    options: &ReportOptions,
) -> Annotation {
    let rule = json_v1::rule_of(finding, rules);
    let today = finding.occurrences.iter().find(|place| is_today(place, finding, report.mode));
    let place = today.unwrap_or(&finding.occurrences[0]);
    // A terminal may show it, too: an escaped path matches no file and does no harm.
    let file = today.and_then(|place| options.base.file(&place.provenance));
    let file = file.map(|file| visible(&file));
    // The log shows only the text, so that needs the place, too.
    let at = plain_lines::place(place, &options.base);
    let mut text = vec![format!("{at}: {}", plain_lines::message(finding, rule))];
    text.extend(plain_lines::about(finding, rule, place, report.mode));
    Annotation {
        level: AnnotationLevel::of(finding.severity),
        title: format!(
            "{} ({})",
            kinds::title(finding.kind, rule),
            kinds::id(&rule.id, finding.kind)
        ),
        place: file.map(|file| (file, place.region)),
        text: text.join("\n"),
    }
}

/// The annotation for what only the scanned change itself accepts.
fn of_accepted(own: &Suppressed, rules: &Ruleset, options: &ReportOptions) -> Annotation {
    let Suppressed { rule_id, provenance, region, by, .. } = own;
    let title = rules.by_id(rule_id).map_or(rule_id.as_str(), |rule| &rule.title);
    let file = options.base.file(provenance).map(|file| visible(&file));
    let start = region.start;
    let at = file.clone().unwrap_or_else(|| visible(&provenance.path.to_text()));
    let reason = match by.reason() {
        "" => String::new(),
        reason => format!(": {}", visible(reason)),
    };
    Annotation {
        level: AnnotationLevel::Warning,
        title: format!("accepted by this change ({rule_id})"),
        place: file.map(|file| (file, *region)),
        text: format!(
            "{at}:{}:{}: {title}, which only this change itself accepts, {}{reason}",
            start.line,
            start.column,
            visible(&by.told())
        ),
    }
}

/// The annotation for unread input.
fn of_notice(notice: &Notice) -> Annotation {
    let path = notice.path.as_ref().map(|path| format!("{}: ", visible(&path.to_text())));
    let text = format!("{}{}", path.unwrap_or_default(), visible(&notice.message));
    let title = "keyside: not everything was read".to_owned();
    Annotation { level: AnnotationLevel::Warning, title, place: None, text }
}

/// True if a place is in the current version of a scanned file.
fn is_today(place: &Occurrence, finding: &Finding, mode: Mode) -> bool {
    match place.provenance.source {
        SourceKind::Tree | SourceKind::Stdin | SourceKind::Head | SourceKind::Index => true,
        // The end of a range need not be checked out: for a pull request, a merge is.
        SourceKind::Commit => {
            let in_head = finding.history.as_ref().and_then(|history| history.in_head);
            mode == Mode::Range && in_head != Some(false)
        }
        SourceKind::Stash
        | SourceKind::Note
        | SourceKind::CommitMessage
        | SourceKind::TagMessage
        | SourceKind::Reflog
        | SourceKind::Unreachable
        | SourceKind::GitConfig
        | SourceKind::GitFile => false,
    }
}

/// The data of a command.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The value of a property of a command.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{
        CommitInfo, FilePath, FindingKind, History, LeakKind, NoticeKind, Position, StepKind,
    };
    use crate::report::advice::Advice;
    use crate::report::sample;

    fn written(report: &Report) -> String {
        let options = ReportOptions { show_secrets: true, ..sample::options() };
        let mut text = Vec::new();
        write(report, &sample::rules(), &options, &mut text).unwrap();
        String::from_utf8(text).unwrap()
    }

    #[test]
    fn values_are_escaped_as_github_does_it() {
        // The output of `error('a\nb 100%', { file: 'a,b:c%.txt', title: 'x, y: 50%', … })`.
        let at = |line, column| Position { line, column, utf16_column: column };
        let mut annotation = Annotation {
            level: AnnotationLevel::Error,
            title: "x, y: 50%".to_owned(),
            place: Some(("a,b:c%.txt".to_owned(), Region { start: at(3, 5), end: at(3, 9) })),
            text: "a\nb 100%\r".to_owned(),
        };
        let written = |annotation: &Annotation| {
            let mut text = Vec::new();
            annotation.write(&mut text).unwrap();
            String::from_utf8(text).unwrap()
        };
        let start = "::error title=x%2C y%3A 50%25,file=a%2Cb%3Ac%25.txt,line=3,endLine=";
        let end = "::a%0Ab 100%25%0D\n";
        assert_eq!(written(&annotation), format!("{start}3,col=5,endColumn=9{end}"));
        annotation.place.as_mut().unwrap().1.end = at(4, 1);
        assert_eq!(written(&annotation), format!("{start}4{end}"));
    }

    #[test]
    fn an_annotation_tells_where_what_and_what_to_do() {
        let history = History {
            in_head: Some(true),
            first_seen: Some(sample::change(0x3f, "old.js")),
            age_days: Some(933),
            ..History::default()
        };
        let leak = sample::of_kind(FindingKind::Leak(LeakKind::ClientSecretLiteral));
        let head = sample::provenance(SourceKind::Head, "src/a.ts");
        let report = sample::report(
            Mode::Tree,
            vec![sample::finding(vec![head], Some(history)), leak.clone()],
        );
        let key = leak.secret.as_ref().unwrap().masked();
        let Advice { remedy, .. } = Advice::new(&leak, &sample::rules().rules[0], Mode::Tree, true);
        let (remedy, id) = (remedy.unwrap(), report.findings[0].id);
        let keep = "To accept it, add this line to .keysideignore:";
        let url = &sample::rules().rules[0].remediation.url;
        let remedy_alone = remedy.split(" Deleting").next().unwrap();
        let fix = kinds::fix(&leak).unwrap();
        assert_eq!(
            written(&report),
            format!(
                "::error title=AI Magicx API key (aimagicx-api-key),file=src/a.ts,line=3,\
                 endLine=3,col=7,endColumn=57::src/a.ts:3:7: AI Magicx API key `{key}`%0AFirst \
                 seen in 3f3f3f3f 2024-05-03 by Ada in old.js \"Add config\", 933 days ago%0ANow: \
                 still in HEAD%0A{remedy} {url}%0A{keep} {id}/secret WHY\n\
                 ::error title=AI Magicx API key in client code \
                 (aimagicx-api-key/client-secret-literal),file=app/src/lib/config.ts,line=3,\
                 endLine=3,col=7,endColumn=57::app/src/lib/config.ts:3:7: Code that ships to \
                 clients contains `{key}`%0APath to the client (Next.js): app/widget.tsx:1 ('use \
                 client' directive) → app/widget.tsx:2 → src/lib/api.ts:1 → src/lib/config.ts:3 \
                 (the key)%0A{fix}%0A{remedy_alone} {url}%0A{keep} {} WHY\n",
                leak.acceptance()
            )
        );
    }

    #[test]
    fn only_what_is_in_todays_files_has_a_file() {
        let history = |in_head| Some(History { in_head, ..History::default() });
        for (mode, source, in_head, file) in [
            (Mode::Tree, SourceKind::Tree, None, Some("app/a.js")),
            (Mode::Staged, SourceKind::Index, None, Some("a.js")),
            (Mode::Range, SourceKind::Head, Some(true), Some("a.js")),
            (Mode::Range, SourceKind::Commit, Some(true), Some("a.js")),
            (Mode::Range, SourceKind::Commit, None, Some("a.js")),
            (Mode::Range, SourceKind::Commit, Some(false), None),
            (Mode::History, SourceKind::Commit, Some(true), None),
            (Mode::History, SourceKind::Stash, Some(false), None),
            (Mode::History, SourceKind::TagMessage, Some(true), None),
        ] {
            let provenances = vec![sample::provenance(source, "a.js")];
            let finding = sample::finding(provenances, history(in_head));
            let text = written(&sample::report(mode, vec![finding]));
            let found = text.split_once(",file=").map(|(_, rest)| rest.split(',').next().unwrap());
            assert_eq!(found, file, "{mode:?} {source:?}");
            assert_eq!(text.contains(",line="), file.is_some(), "{text}");
        }
        // A message that has it, too, is not the place to open.
        let provenances = [(SourceKind::CommitMessage, ""), (SourceKind::Head, "b.js")]
            .map(|(s, p)| sample::provenance(s, p));
        let text = written(&sample::report(
            Mode::History,
            vec![sample::finding(provenances.to_vec(), history(Some(true)))],
        ));
        assert!(text.contains(",file=b.js,"), "{text}");
    }

    #[test]
    fn the_most_important_ones_are_shown_and_the_others_counted() {
        let finding = |severity| {
            let mut finding =
                sample::finding(vec![sample::provenance(SourceKind::Tree, "a.js")], None);
            finding.severity = severity;
            finding
        };
        let many = |error: usize, warning: usize, note: usize| {
            let mut findings = vec![finding(Severity::Error); error];
            findings.extend(vec![finding(Severity::Warning); warning]);
            findings.extend(vec![finding(Severity::Note); note]);
            let mut report = sample::report(Mode::Tree, findings);
            report.notices = vec![
                Notice {
                    path: Some(FilePath::from("a\nb")),
                    kind: NoticeKind::Unreadable,
                    message: "cannot be read".to_owned(),
                },
                Notice {
                    path: None,
                    kind: NoticeKind::Suppressed,
                    message: "is no trouble".to_owned(),
                },
            ];
            let text = written(&report);
            let count = |level: &str| {
                text.lines().filter(|line| line.starts_with(&format!("::{level} "))).count()
            };
            ([count("error"), count("warning"), count("notice")], text)
        };
        let (counts, text) = many(0, 0, 0);
        assert_eq!(counts, [0, 1, 0]);
        let unread =
            "::warning title=keyside%3A not everything was read::a\\x0ab: cannot be read\n";
        assert_eq!(text, unread);
        let (counts, text) = many(10, 9, 9);
        assert_eq!(counts, [10, 10, 9]);
        assert!(!text.contains("not shown"), "{text}");
        let (counts, text) = many(12, 10, 30);
        assert_eq!(counts, [10, 10, 10]);
        let last = text.lines().last().unwrap();
        let expected = "::notice title=keyside::not shown: 2 errors, 1 warning, 21 notices; a step summary \
             (--format markdown) lists them all.%0A1 leaked key in 0 files (8.1 GB) in 2.6 s, and \
             not everything was read";
        assert_eq!(last, expected);
        // Unread input comes before less severe findings.
        assert!(text.find(unread).unwrap() < text.find("::warning title=AI").unwrap());
    }

    /// A command as the runner parses it.
    struct Command {
        name: String,
        properties: Vec<(String, String)>,
    }

    /// The command of a line, if it is one, as in the runner's source (`ActionCommand.cs`).
    fn parsed(line: &str) -> Option<Command> {
        let codes = [("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")];
        let decoded = |text: &str| {
            codes.iter().fold(text.to_owned(), |text, (code, sign)| text.replace(code, sign))
        };
        let new = line.trim_start().strip_prefix("::").and_then(|rest| rest.split_once("::"));
        if let Some((command, _)) = new {
            let (name, properties) = command.split_once(' ').unwrap_or((command, ""));
            let properties = properties.split(',').filter_map(|own| own.split_once('='));
            let properties =
                properties.map(|(name, value)| (name.to_owned(), decoded(value))).collect();
            return Some(Command { name: name.to_owned(), properties });
        }
        let (name, _) = line.split_once("##[")?.1.split_once(']')?;
        Some(Command { name: name.to_owned(), properties: Vec::new() })
    }

    #[test]
    fn nothing_of_a_repository_becomes_a_command() {
        for bad in [
            "::error::x",
            "x\n::set-output name=a::b",
            "x\r\n::add-mask::e",
            "x\r  ::stop-commands::t",
            "##[set-output name=a]b",
            "a::b,c=d::e",
            "%0A::error::x",
            "%250A%3A,line=1",
            ",file=/etc/passwd",
            "\u{2028}::error::x",
        ] {
            let change = CommitInfo {
                author: bad.to_owned(),
                email: bad.to_owned(),
                summary: bad.to_owned(),
                ..sample::change(0x3f, bad)
            };
            let history = History {
                in_head: Some(true),
                first_seen: Some(change),
                branches: vec![bad.to_owned()],
                ..History::default()
            };
            let provenances =
                [SourceKind::Tree, SourceKind::TagMessage].map(|s| sample::provenance(s, bad));
            let mut leak = sample::of_kind(FindingKind::Leak(LeakKind::ClientTokenExchange));
            leak.about = Some(bad.to_owned());
            leak.exposure.fix = bad.to_owned();
            leak.exposure.trace[0] = sample::step(bad, 1, StepKind::Entry, bad);
            leak.verification.reason = bad.to_owned();
            let findings = vec![sample::finding(provenances.to_vec(), Some(history)), leak];
            let mut report = sample::report(Mode::History, findings);
            report.notices.push(Notice {
                path: Some(FilePath::from(bad)),
                kind: NoticeKind::Unreadable,
                message: bad.to_owned(),
            });
            let text = written(&report);
            let lines: Vec<_> = text.split(['\n', '\r']).filter(|line| !line.is_empty()).collect();
            assert_eq!(lines.len(), 3, "{text}");
            for line in &lines {
                let Command { name, properties } = parsed(line).unwrap();
                let names: Vec<_> = properties.iter().map(|(name, _)| name.as_str()).collect();
                let all = ["title", "file", "line", "endLine", "col", "endColumn"];
                assert!(name == "error" || name == "warning", "{line}");
                assert!(names == all || names == ["title"], "{line}");
            }
            // The file is the one that has the name, if that can be shown.
            let Command { properties, .. } = parsed(lines[0]).unwrap();
            assert_eq!(properties[1], ("file".to_owned(), visible(&format!("app/{bad}"))));
        }
    }

    #[test]
    fn no_key_and_no_address_is_in_it() {
        let history = History {
            first_seen: Some(sample::change(0x3f, "a.js")),
            removed_in: Some(sample::change(0x9a, "a.js")),
            in_head: Some(false),
            ..History::default()
        };
        let provenances = vec![sample::provenance(SourceKind::Commit, "a.js")];
        let mut findings = vec![sample::finding(provenances, Some(history))];
        findings.extend(FindingKind::all().map(sample::of_kind));
        let text = written(&sample::report(Mode::History, findings));
        let key = sample::key(1);
        let body = std::str::from_utf8(&key.reveal()[7..]).unwrap();
        assert!(!text.contains(&body[..5]) && !text.contains(&body[4..12]), "{text}");
        assert!(!text.contains("example.com") && text.contains("by Ada"), "{text}");
    }
}
