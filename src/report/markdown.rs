//! Markdown for step summaries of GitHub Actions and for comments: a table of all findings, live and
//! severe ones first, then the details of each.
//!
//! Repository text is put into `<code>`, with entities for characters special to Markdown or HTML.
//! GitHub creates no mentions, links or references from code, and splits table rows before it reads
//! entities. A summary may have 1 MiB; findings that do not fit are counted.

use std::fmt::Write as _;
use std::io;

use super::advice::{Advice, is_committed};
use super::history_text::TextStyle;
use super::key_groups::{KeyGroup, key_groups};
use super::numbers::{counted, counted_more};
use super::options::ReportOptions;
use super::outcome::ScanOutcome;
use super::snippet::Snippet;
use super::trace::{self, ShortTrace};
use super::visible::visible;
use super::{json_v1, kinds, plain_lines};
use crate::model::{Finding, Liveness, Notice, Occurrence, Report, Severity, Step};
use crate::rules::Ruleset;

/// The most bytes of a summary. GitHub allows 1 MiB, of which other steps may have used some.
const MOST: usize = 900 << 10;

/// The most bytes of the table.
const TABLE: usize = 300 << 10;

/// The bytes reserved for the text after the findings.
const END: usize = 150 << 10;

/// The most notices.
const NOTICES: usize = 30;

/// The most further places of a finding.
const PLACES: usize = 10;

/// Findings are unfolded if there are at most this many.
const UNFOLDED: usize = 3;

/// The style of repository text. Many people read summaries, so they contain no e-mail addresses.
const TEXT_STYLE: TextStyle = TextStyle { harmless: code, addresses: false };

pub(super) fn write(
    report: &Report,
    rules: &Ruleset,
    options: &ReportOptions,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let is_open = key_groups(&report.findings).len() <= UNFOLDED;
    out.write_all(MarkdownSummary { report, rules, options, is_open }.text().as_bytes())
}

/// A summary's inputs.
struct MarkdownSummary<'s> {
    report: &'s Report,
    rules: &'s Ruleset,
    options: &'s ReportOptions,
    /// True if details are unfolded.
    is_open: bool,
}

impl MarkdownSummary<'_> {
    fn text(&self) -> String {
        let findings = key_groups(&self.report.findings);
        let mut text = self.head();
        let rows = fitting(findings.iter().map(|group| self.row(group)), TABLE);
        if !findings.is_empty() {
            text.push_str(&self.table_head());
            text.push_str(&rows.text);
            text.push('\n');
        }
        let room = MOST - END - text.len();
        let details = fitting(findings.iter().map(|group| self.details(group)), room);
        text.push_str(&details.text);
        let (rows, details) = (findings.len() - rows.count, findings.len() - details.count);
        if rows + details > 0 {
            let of = |count: usize, what: &str| {
                (count > 0).then(|| format!("{} {what}", counted(count as u64, "finding")))
            };
            let parts: Vec<_> = of(rows, "not in the table")
                .into_iter()
                .chain(of(details, "not in detail"))
                .collect();
            writeln!(
                text,
                "**Cut:** {}, as GitHub limits the size of summaries. The JSON report lists all.\n",
                parts.join(", ")
            )
            .expect(INFALLIBLE);
        }
        text.push_str(&self.notices("Notes", |notice| !notice.kind.is_incomplete()));
        text
    }

    /// The heading, the outcome, and notices about unread input.
    fn head(&self) -> String {
        let outcome = ScanOutcome::new(self.report);
        let scanned = outcome.in_scanned();
        let ScanOutcome { verdict, found, live, scanned: _, unread, left_out } = outcome;
        let live = if live.is_empty() { String::new() } else { format!(", {live}") };
        let left_out: String = left_out.iter().map(|part| format!("; {part}")).collect();
        let mut text = format!(
            "## keyside: {found}{live}\n\n**{}**: {found}{live}{scanned}{unread}{left_out}.\n\n",
            verdict.name()
        );
        text.push_str(&self.notices("Not everything was read", |own| own.kind.is_incomplete()));
        text
    }

    /// Selected notices below a heading; empty if there are none.
    fn notices(&self, heading: &str, is_meant: fn(&Notice) -> bool) -> String {
        let all: Vec<_> = self.report.notices.iter().filter(|notice| is_meant(notice)).collect();
        if all.is_empty() {
            return String::new();
        }
        let mut text = format!("### {heading}\n\n");
        for notice in all.iter().take(NOTICES) {
            let path = notice.path.as_ref().map(|path| code(&short(&path.to_text())) + ": ");
            text.push_str(&format!(
                "- {}{}\n",
                path.unwrap_or_default(),
                prose(&short(&notice.message))
            ));
        }
        if all.len() > NOTICES {
            text.push_str(&format!("- and {} more\n", all.len() - NOTICES));
        }
        text + "\n"
    }

    fn table_head(&self) -> String {
        let (names, lines) = (["", "Finding", "Where"], ["---"; 3]);
        let more: Vec<_> = [(self.is_asked(), "Live"), (self.is_history(), "In HEAD")]
            .into_iter()
            .filter_map(|(is, name)| is.then_some(name))
            .collect();
        let names: Vec<_> = names.into_iter().chain(more.iter().copied()).collect();
        let lines: Vec<_> = lines.into_iter().chain(more.iter().map(|_| "---")).collect();
        format!("| {} |\n| {} |\n", names.join(" | "), lines.join(" | "))
    }

    fn row(&self, KeyGroup { first: finding, others }: &KeyGroup<'_>) -> String {
        let rule = json_v1::rule_of(finding, self.rules);
        let places = match others
            .iter()
            .fold(finding.occurrences.len(), |sum, own| sum + own.occurrences.len())
        {
            1 => String::new(),
            all => format!(" and {} more", all - 1),
        };
        let ways = match others.len() {
            0 => String::new(),
            more => format!(", and {}", counted_more(more as u64, "way")),
        };
        let mut cells = vec![
            severity(finding).to_owned(),
            format!(
                "{} {}{ways}",
                prose(&kinds::title(finding.kind, rule)),
                code(&finding.subject())
            ),
            format!("{}{places}", self.place(&finding.occurrences[0])),
        ];
        if self.is_asked() {
            cells.push(liveness(finding).to_owned());
        }
        if self.is_history() {
            let in_head = finding.history.as_ref().and_then(|history| history.in_head);
            cells.push(in_head.map_or("", |is| if is { "yes" } else { "no" }).to_owned());
        }
        format!("| {} |\n", cells.join(" | "))
    }

    /// True if a provider was asked.
    fn is_asked(&self) -> bool {
        self.report.findings.iter().any(|finding| !finding.verification.reason.is_empty())
    }

    /// True if history was read.
    fn is_history(&self) -> bool {
        self.report.findings.iter().any(|finding| finding.history.is_some())
    }

    fn place(&self, occurrence: &Occurrence) -> String {
        code(&plain_lines::place(occurrence, &self.options.base))
    }

    /// A key, or a leak without one, in detail.
    fn details(&self, KeyGroup { first: finding, others: ways }: &KeyGroup<'_>) -> String {
        let rule = json_v1::rule_of(finding, self.rules);
        let (place, others) =
            finding.occurrences.split_first().expect("a finding has at least one occurrence");
        let open = if self.is_open { " open" } else { "" };
        let mut text = format!(
            "<details{open}><summary>{}: <b>{}</b> in {}</summary>\n\n",
            finding.severity.name(),
            prose(&kinds::title(finding.kind, rule)),
            self.place(place)
        );
        let line = place.region.start.line;
        let frame = Snippet::new(&place.excerpt, false);
        let id = kinds::id(&rule.id, finding.kind);
        text.push_str(&format!("<pre>{line} | {}</pre>\n\n", entities(&frame.text())));
        let mut item = |name: &str, what: &str| {
            let gap = if what.starts_with('\n') { "" } else { " " };
            text.push_str(&format!("- **{name}**{gap}{what}\n"));
        };
        item("Rule", &code(&id));
        if let Some(heading) = trace::heading(&finding.exposure) {
            item(&format!("Path {heading}"), &steps(finding));
        }
        for related in finding.exposure.related.iter().take(PLACES) {
            item("See", &step(related));
        }
        if !others.is_empty() {
            let mut places: Vec<_> =
                others.iter().take(PLACES).map(|other| self.place(other)).collect();
            if others.len() > PLACES {
                places.push(counted_more((others.len() - PLACES) as u64, "place"));
            }
            item("Also in", &places.join(", "));
        }
        if let Some(live) = TEXT_STYLE.liveness(finding) {
            item("Live", &live);
        }
        if let Some(account) = TEXT_STYLE.account(finding) {
            item("Account", &account);
        }
        let history = finding.history.as_ref();
        if let Some(seen) = history.and_then(|history| TEXT_STYLE.first_seen(history, rule, place))
        {
            item("First seen in", &seen);
        }
        if let Some(left) = TEXT_STYLE.current_state(finding) {
            item("Now", &left);
        }
        for way in ways.iter().take(PLACES) {
            self.way(way, &mut item);
        }
        if ways.len() > PLACES {
            item("Also", &counted_more((ways.len() - PLACES) as u64, "way"));
        }
        let advice = Advice::new(finding, rule, self.report.mode, is_committed(finding));
        item("Why it matters", &prose(&advice.why));
        if let Some(fix) = kinds::fix(finding) {
            item("Fix", &prose(fix));
        }
        if let Some(remedy) = &advice.remedy {
            let url = rule.remediation.url.replace('>', "%3E");
            item("Revoke it", &format!("{} <{url}>", prose(remedy)));
        }
        if let Some(by) = kinds::by_change(finding) {
            item("Accepted", &prose(&format!("{by}. {}", kinds::ACCEPT_FIRST)));
        }
        let marker = advice.marker.map(|marker| format!(", or {} on its line", code(&marker)));
        let line = code(&format!("{} WHY", finding.acceptance()));
        item("Accept it", &format!("{line} in `.keysideignore`{}", marker.unwrap_or_default()));
        text + "\n</details>\n\n"
    }

    /// A further way of a key: its place, its path, and how to mend and accept it.
    fn way(&self, way: &Finding, item: &mut dyn FnMut(&str, &str)) {
        let rule = json_v1::rule_of(way, self.rules);
        let (title, id) = (kinds::title(way.kind, rule), kinds::id(&rule.id, way.kind));
        let places = way.occurrences.iter().take(PLACES).map(|own| self.place(own));
        let mut places: Vec<_> = places.collect();
        if way.occurrences.len() > PLACES {
            places.push(counted_more((way.occurrences.len() - PLACES) as u64, "place"));
        }
        item("Also", &format!("{} in {}, {}", prose(&title), places.join(", "), code(&id)));
        if let Some(heading) = trace::heading(&way.exposure) {
            item(&format!("Path {heading}"), &steps(way));
        }
        if let Some(fix) = kinds::fix(way) {
            item("Fix", &prose(fix));
        }
        item("Accept it", &format!("{} in `.keysideignore`", code(&format!("{} WHY", way.id))));
    }
}

/// The steps of a finding's path to a client, as a list.
fn steps(finding: &Finding) -> String {
    let ShortTrace { first, left_out, last } = ShortTrace::new(&finding.exposure.trace);
    let mut steps: Vec<_> = first.iter().map(step).collect();
    steps.extend((!last.is_empty()).then_some(left_out));
    steps.extend(last.iter().map(step));
    (1..).zip(steps).map(|(nth, step)| format!("\n  {nth}. {step}")).collect()
}

/// A step of a path to a client.
fn step(step: &Step) -> String {
    format!("{} {}", code(&short(&trace::place(step))), prose(&short(&step.note)))
}

fn severity(finding: &Finding) -> &'static str {
    match finding.severity {
        Severity::Error => "**error**",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

fn liveness(finding: &Finding) -> &'static str {
    match finding.verification.liveness {
        Liveness::Live => "**yes**",
        Liveness::Dead => "no",
        Liveness::Unknown => "unknown",
        Liveness::NotChecked => "",
    }
}

const INFALLIBLE: &str = "a string takes whatever is written";

/// The leading parts that fit into a limit.
struct Fitting {
    text: String,
    count: usize,
}

fn fitting(parts: impl Iterator<Item = String>, most: usize) -> Fitting {
    let mut fitting = Fitting { text: String::new(), count: 0 };
    for part in parts {
        if fitting.text.len() + part.len() > most {
            break;
        }
        fitting.text.push_str(&part);
        fitting.count += 1;
    }
    fitting
}

/// Cuts a text to a readable length.
fn short(text: &str) -> String {
    const MOST: usize = 200;
    let text = visible(text);
    match text.char_indices().nth(MOST) {
        None => text,
        Some((at, _)) => format!("{}…", &text[..at]),
    }
}

/// Repository text as code.
fn code(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("<code>{}</code>", entities(text)) }
}

/// Sentences with code between backticks.
fn prose(text: &str) -> String {
    super::prose::prose(text, plain, code)
}

/// Text without mentions and references.
fn plain(text: &str) -> String {
    entities(text).replace("&#64;", "&#64;<!-- -->").replace("&#35;", "&#35;<!-- -->")
}

/// Escapes characters that are special to Markdown or HTML as entities.
fn entities(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in visible(text).chars() {
        match c {
            '&' | '<' | '>' | '"' | '|' | '`' | '*' | '_' | '[' | ']' | '#' | '@' | '!' | '~'
            | '\\' | '$' | '{' | '}' | ':' | '^' => {
                escaped.push_str(&format!("&#{};", u32::from(c)));
            }
            c => escaped.push(c),
        }
    }
    // The only links that GitHub recognises by letters alone.
    escaped.replace("www.", "www&#46;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{
        CommitInfo, FilePath, FindingKind, History, LeakKind, Mode, NoticeKind, SourceKind,
        StepKind,
    };
    use crate::report::sample;

    fn written(report: &Report) -> String {
        let mut text = Vec::new();
        write(report, &sample::rules(), &sample::options(), &mut text).unwrap();
        String::from_utf8(text).unwrap()
    }

    #[test]
    fn a_summary_reads_like_this() {
        let history = History {
            in_head: Some(false),
            first_seen: Some(sample::change(0x3f, "old_1.js")),
            removed_in: Some(sample::change(0x9a, "a.js")),
            age_days: Some(933),
            past_rotation: Some(true),
            ..History::default()
        };
        let provenances = vec![
            sample::provenance(SourceKind::Commit, "a|b.js"),
            sample::provenance(SourceKind::CommitMessage, ""),
        ];
        let finding = sample::finding(provenances, Some(history));
        let mut leak = sample::of_kind(FindingKind::Leak(LeakKind::ClientTokenExchange));
        leak.severity = Severity::Warning;
        leak.verification.liveness = Liveness::Live;
        leak.verification.reason = "`GET /v1` says 200".to_owned();
        let mut report = sample::report(Mode::History, vec![finding.clone(), leak.clone()]);
        report.notices = vec![
            Notice {
                path: Some(FilePath::from("x*y")),
                kind: NoticeKind::Unreadable,
                message: "cannot be read".to_owned(),
            },
            Notice {
                path: None,
                kind: NoticeKind::Suppressed,
                message: "2 findings are hidden".to_owned(),
            },
        ];
        let rules = sample::rules();
        let rule = &rules.rules[0];
        let advice = |finding: &Finding| {
            let Advice { why, remedy, .. } =
                Advice::new(finding, rule, Mode::History, is_committed(finding));
            [prose(&why), prose(&remedy.unwrap())]
        };
        let [why, remedy] = advice(&finding);
        let [leak_why, leak_remedy] = advice(&leak);
        let (key, url) = (entities(&finding.subject()), &rule.remediation.url);
        let (id, leak_id) = (entities(&finding.id.to_string()), entities(&leak.id.to_string()));
        let title = prose(&kinds::title(leak.kind, rule));
        let fix = prose(kinds::fix(&leak).unwrap());
        let expected = format!(
            "\
## keyside: 1 leaked key in 2 places, and 1 other leak to clients, 1 of them live

**found**: 1 leaked key in 2 places, and 1 other leak to clients, 1 of them live, in 262,343 blobs and \
203,352 commits (8.1 GB) in 2.6 s, and not everything was read.

### Not everything was read

- <code>x&#42;y</code>: cannot be read

|  | Finding | Where | Live | In HEAD |
| --- | --- | --- | --- | --- |
| **error** | AI Magicx API key <code>{key}</code> | <code>a&#124;b.js&#58;3&#58;7 at \
c0c0c0c0</code> and 1 more |  | no |
| warning | {title} <code>POST /api/auth/token</code> | \
<code>app/src/lib/config.ts&#58;3&#58;7</code> | **yes** |  |

<details open><summary>error: <b>AI Magicx API key</b> in <code>a&#124;b.js&#58;3&#58;7 at \
c0c0c0c0</code></summary>

<pre>3 | key = {key}</pre>

- **Rule** <code>aimagicx-api-key</code>
- **Also in** <code>message of commit c0c0c0c0&#58;3&#58;7</code>
- **First seen in** 3f3f3f3f 2024-05-03 by <code>Ada</code> in <code>old&#95;1.js</code> \
\"<code>Add config</code>\", 933 days ago, past the provider's 90 days
- **Now** not in HEAD; removed in 9a9a9a9a 2024-05-03 by <code>Ada</code>
- **Why it matters** {why}
- **Revoke it** {remedy} <{url}>
- **Accept it** <code>{id}/secret WHY</code> in `.keysideignore`

</details>

<details open><summary>warning: <b>{title}</b> in \
<code>app/src/lib/config.ts&#58;3&#58;7</code></summary>

<pre>3 | key = POST /api/auth/token</pre>

- **Rule** <code>aimagicx-api-key/client-token-exchange</code>
- **Path to the client (Next.js)**
  1. <code>app/widget.tsx&#58;1</code> 'use client' directive
  2. <code>app/widget.tsx&#58;2</code> imports ../src/lib/api
  3. <code>src/lib/api.ts&#58;1</code> imports ./config
  4. <code>src/lib/config.ts&#58;3</code> the key
- **See** <code>.env.production&#58;1</code> declared here
- **Live** yes: <code>&#96;GET /v1&#96; says 200</code>
- **Why it matters** {leak_why}
- **Fix** {fix}
- **Revoke it** {leak_remedy} <{url}>
- **Accept it** <code>{leak_id}/client-token-exchange WHY</code> in `.keysideignore`

</details>

### Notes

- 2 findings are hidden

"
        );
        let text = written(&report);
        assert!(text == expected, "{text}\n--- expected\n{expected}");
        let clean = written(&sample::report(Mode::Tree, Vec::new()));
        assert_eq!(
            clean,
            "## keyside: no leaked key\n\n**clean**: no leaked key in 0 files (8.1 GB) in 2.6 s.\n\n"
        );
    }

    #[test]
    fn words_of_the_repository_are_no_markdown() {
        let bad =
            "*a* |b| <img src=x onerror=y> [z](http://e) @ada #1 `c` $d$ www.e.com \n# f ![g]";
        let change = CommitInfo {
            author: bad.to_owned(),
            summary: bad.to_owned(),
            ..sample::change(0x3f, bad)
        };
        let history = History {
            first_seen: Some(change),
            branches: vec![bad.to_owned()],
            ..History::default()
        };
        let mut finding = sample::finding(
            [SourceKind::Tree, SourceKind::TagMessage].map(|s| sample::provenance(s, bad)).to_vec(),
            Some(history),
        );
        finding.verification.reason = bad.to_owned();
        let mut leak = sample::of_kind(FindingKind::Leak(LeakKind::ClientTokenExchange));
        leak.about = Some(bad.to_owned());
        leak.exposure.fix = bad.to_owned();
        leak.exposure.trace[0] = sample::step(bad, 1, StepKind::Entry, bad);
        leak.exposure.related[0] = sample::step(bad, 1, StepKind::Entry, bad);
        let mut report = sample::report(Mode::History, vec![finding, leak]);
        report.notices.push(Notice {
            path: Some(FilePath::from(bad)),
            kind: NoticeKind::Unreadable,
            message: bad.to_owned(),
        });
        let text = written(&report);
        for sign in [
            "*a*", "|b|", "<img", "[z]", "http:", "@ada", " #1", "`c`", "$d$", "www.", "\n# f",
            "![",
        ] {
            assert!(!text.contains(sign), "{sign}\n{text}");
        }
        assert!(text.matches("&#60;img src=x onerror=y&#62;").count() > 10, "{text}");
        // Rows have as many cells as the head.
        let rows = text.lines().filter(|line| line.starts_with("| "));
        assert!(rows.clone().count() == 4 && rows.clone().all(|row| row.matches('|').count() == 6));
        assert_eq!(plain("a@b #1"), "a&#64;<!-- -->b &#35;<!-- -->1");
        assert_eq!(prose("a `b_` c"), "a <code>b&#95;</code> c");
    }

    #[test]
    fn a_summary_is_never_too_long() {
        let finding = || {
            let path = format!("{}.js", "[x]".repeat(60));
            sample::finding(vec![sample::provenance(SourceKind::Tree, &path)], None)
        };
        let findings =
            (0..4_000).map(|seed| Finding { secret: Some(sample::key(seed)), ..finding() });
        let mut report = sample::report(Mode::Tree, findings.collect());
        let notice = Notice {
            path: Some(FilePath::from("<".repeat(4_000).as_str())),
            kind: NoticeKind::Unreadable,
            message: "@".repeat(4_000),
        };
        report.notices = vec![notice; 60];
        let text = written(&report);
        assert!(text.len() < MOST, "{}", text.len());
        assert!(text.contains("\n- and 30 more\n"));
        let rows = text.lines().filter(|line| line.starts_with("| **error**")).count();
        let details = text.matches("<details>").count();
        assert!(rows > 100 && details > 100, "{rows} {details}");
        let cut = format!(
            "**Cut:** {} not in the table, {} not in detail, as GitHub limits the size of summaries.",
            counted(4_000 - rows as u64, "finding"),
            counted(4_000 - details as u64, "finding"),
        );
        assert!(text.contains(&cut), "{cut}\n{}", &text[text.len() - 300..]);
        report.findings.truncate(3);
        assert!(!written(&report).contains("**Cut:**"));
    }
}
