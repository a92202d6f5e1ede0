//! The page: the template with its parts filled in.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::csp::policy;
use super::escape::{code, escaped, prose};
use super::filters::write_filters;
use super::finding::{badges, place_of, write_facts, write_history, write_snippet, write_trace};
use super::lists::{accepted, call, notice, write_list, write_panel};
use super::words::{answer, capitalised, in_head, severity_heading};
use crate::model::{
    Completeness, Finding, FindingKind, Ledger, Liveness, Mode, Report, Severity, Side,
};
use crate::report::advice::{Advice, is_committed};
use crate::report::key_groups::{KeyGroup, key_groups};
use crate::report::numbers::{counted_more, grouped};
use crate::report::options::ReportOptions;
use crate::report::outcome::{ScanOutcome, reaching_clients};
use crate::report::{json_v1, kinds};
use crate::rules::{Rule, Ruleset};

const TEMPLATE: &str = include_str!("page.html");

const STYLE: &str = include_str!("style.css");

const SCRIPT: &str = include_str!("page.js");

/// Findings are unfolded if there are at most `UNFOLDED`; else only the `FIRST` ones.
const UNFOLDED: usize = 12;

const FIRST: usize = 3;

/// The most further ways of a key.
const WAYS: usize = 20;

/// Above this many findings, those out of sight are not rendered.
const MANY: usize = 50;

pub(in crate::report) fn write(
    report: &Report,
    rules: &Ruleset,
    options: &ReportOptions,
    out: &mut dyn Write,
) -> io::Result<()> {
    HtmlPage::new(report, rules, options).write(out)
}

/// A page's inputs.
struct HtmlPage<'p> {
    report: &'p Report,
    rules: &'p Ruleset,
    options: &'p ReportOptions,
    /// The findings, by key.
    groups: Vec<KeyGroup<'p>>,
    /// The rules and kinds that have findings, each with its first finding.
    advice: BTreeMap<(&'p str, FindingKind), &'p Finding>,
}

impl<'p> HtmlPage<'p> {
    fn new(report: &'p Report, rules: &'p Ruleset, options: &'p ReportOptions) -> Self {
        let mut advice = BTreeMap::new();
        for finding in &report.findings {
            advice.entry((finding.rule_id.as_str(), finding.kind)).or_insert(finding);
        }
        Self { report, rules, options, groups: key_groups(&report.findings), advice }
    }

    fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        // Browsers hash the text after removing carriage returns.
        let [style, script] = [STYLE, SCRIPT].map(|text| text.replace('\r', ""));
        let mut parts = TEMPLATE.split("{{");
        out.write_all(parts.next().unwrap_or_default().as_bytes())?;
        for part in parts {
            let (name, text) = part.split_once("}}").expect("the template closes what it opens");
            match name {
                "policy" => out.write_all(escaped(&policy(&style, &script)).as_bytes())?,
                "style" => out.write_all(style.as_bytes())?,
                "script" => out.write_all(script.as_bytes())?,
                "generator" => write!(out, "keyside {}", env!("CARGO_PKG_VERSION"))?,
                "title" => write!(out, "{}", escaped(&self.title()))?,
                "head" => self.write_head(out)?,
                "unread" => self.write_unread(out)?,
                "filters" => write_filters(&self.report.findings, out)?,
                "findings" => self.write_findings(out)?,
                "rest" => self.write_rest(out)?,
                name => write!(out, "{{{{{name}}}}}")?,
            }
            out.write_all(text.as_bytes())?;
        }
        Ok(())
    }

    fn title(&self) -> String {
        let found = ScanOutcome::new(self.report).found;
        match self.options.subject.as_str() {
            "" => format!("{found} – keyside"),
            subject => format!("{subject}: {found} – keyside"),
        }
    }

    /// Writes the heading: what was scanned, and the outcome.
    fn write_head(&self, out: &mut dyn Write) -> io::Result<()> {
        let report = self.report;
        let ScanOutcome { verdict: _, found, live: _, scanned, unread: _, left_out } =
            ScanOutcome::new(report);
        let what = match report.mode {
            Mode::Tree => "working tree",
            Mode::Stdin => "standard input",
            Mode::History => "everything the repository stores",
            Mode::Range => "changes in a range of commits",
            Mode::Staged => "staged changes",
        };
        let subject = match self.options.subject.as_str() {
            "" => String::new(),
            subject => format!("<span class=\"mono\">{}</span>", escaped(subject)),
        };
        let date = self.options.finished_at.to_string();
        let day = date.get(..16).unwrap_or(&date).replace('T', " ");
        writeln!(
            out,
            "<p class=\"brand\"><b>keyside</b>{subject}<span>{what}</span>\
             <time datetime=\"{date}\">{day} UTC</time></p>\n<h1>{}</h1>",
            escaped(&capitalised(&found))
        )?;
        let (class, state) = match report.state() {
            Completeness::Complete => ("good", "everything was read"),
            Completeness::Incomplete => ("fair", "not everything was read"),
        };
        let left_out: String = left_out.iter().map(|part| format!(" · {part}")).collect();
        writeln!(
            out,
            "<p class=\"lead\"><span class=\"badge {class} state\">{state}</span> {}{}</p>",
            escaped(&scanned),
            escaped(&left_out)
        )?;
        if report.findings.is_empty() {
            return Ok(());
        }
        writeln!(out, "<dl class=\"tiles\">")?;
        for (class, name, count) in self.tiles() {
            let zero = if count == 0 { " zero" } else { "" };
            writeln!(
                out,
                "<div class=\"{class}{zero}\"><dt>{name}</dt><dd>{}</dd></div>",
                grouped(count)
            )?;
        }
        writeln!(out, "</dl>")
    }

    /// The counts that matter for this run.
    fn tiles(&self) -> Vec<(&'static str, &'static str, u64)> {
        let count = |is_meant: fn(&Finding) -> bool| {
            self.groups.iter().filter(|key| is_meant(key.first)).count() as u64
        };
        let mut tiles = Vec::new();
        if self.report.findings.iter().any(is_asked) {
            tiles.push(("live", "live", count(Finding::is_live)));
        }
        tiles.extend([
            ("error", "errors", count(|finding| finding.severity == Severity::Error)),
            ("warning", "warnings", count(|finding| finding.severity == Severity::Warning)),
            ("note", "notes", count(|finding| finding.severity == Severity::Note)),
        ]);
        // History knows nothing of sides, and no number is said of what is not known.
        if self.report.mode != Mode::History
            || self.report.findings.iter().any(|finding| finding.exposure.side != Side::Unknown)
        {
            tiles.push(("client", "reach clients", reaching_clients(&self.report.findings)));
        }
        if self.report.findings.iter().any(|finding| finding.history.is_some()) {
            tiles.push(("kept", "still in HEAD", count(|finding| in_head(finding) == Some(true))));
        }
        tiles
    }

    /// Writes the notices about unread input, prominently.
    fn write_unread(&self, out: &mut dyn Write) -> io::Result<()> {
        let notices = &self.report.notices;
        let unread: Vec<_> = notices.iter().filter(|own| own.kind.is_incomplete()).collect();
        if unread.is_empty() {
            return Ok(());
        }
        writeln!(
            out,
            "<section class=\"unread\" aria-label=\"Not read\"><div><h2>Not everything was read</h2>"
        )?;
        write_list(unread.into_iter().map(notice), out)?;
        writeln!(out, "</div></section>")
    }

    fn write_findings(&self, out: &mut dyn Write) -> io::Result<()> {
        let findings = &self.groups;
        if findings.is_empty() {
            let (class, text, more) = match self.report.state() {
                Completeness::Complete => ("", "Nothing was found.", "Everything was read."),
                Completeness::Incomplete => (
                    " fair",
                    "Nothing was found, but not everything was read.",
                    "What was not read is listed above.",
                ),
            };
            return writeln!(out, "<p class=\"clean{class}\"><b>{text}</b> {more}</p>");
        }
        let many = if findings.len() > MANY { " many" } else { "" };
        let unfolded = if findings.len() <= UNFOLDED { UNFOLDED } else { FIRST };
        // Reports are ordered: live ones first, then by severity.
        let groups = findings.chunk_by(|a, b| group(a.first) == group(b.first));
        let mut nth = 0;
        for own in groups {
            let (name, count) = (group(own[0].first), grouped(own.len() as u64));
            writeln!(
                out,
                "<section class=\"group{many}\"><h2>{name} <span class=\"count\">{count}</span></h2>"
            )?;
            for key in own {
                self.write_group(key, nth, nth < unfolded, out)?;
                nth += 1;
            }
            writeln!(out, "</section>")?;
        }
        writeln!(out, "<p class=\"none\" id=\"nothing\" hidden>No finding matches.</p>")
    }

    fn write_group(
        &self,
        KeyGroup { first: finding, others: ways }: &KeyGroup<'_>,
        nth: usize,
        is_open: bool,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let rule = json_v1::rule_of(finding, self.rules);
        let (place, others) =
            finding.occurrences.split_first().expect("a finding has at least one occurrence");
        let severity = finding.severity.name();
        write!(
            out,
            "<details class=\"finding {severity}\" id=\"finding-{}\" data-severity=\"{severity}\" \
             data-rule=\"{}\" data-side=\"{}\" data-head=\"{}\" data-live=\"{}\"{}>",
            nth + 1,
            escaped(&kinds::id(&rule.id, finding.kind)),
            finding.exposure.side.name(),
            answer(in_head(finding)),
            finding.verification.liveness.name(),
            if is_open { " open" } else { "" }
        )?;
        let counted = |count: usize, noun| match count {
            0 => String::new(),
            more => format!(" and {}", counted_more(more as u64, noun)),
        };
        let more = format!("{}{}", counted(others.len(), "place"), counted(ways.len(), "way"));
        writeln!(
            out,
            "<summary><h3>{}</h3><span class=\"where\">{} in {}{more}</span>\
             <span class=\"badges\">{}</span></summary>\n<div class=\"body\">",
            escaped(&kinds::title(finding.kind, rule)),
            code(&finding.subject()),
            code(&place_of(place)),
            badges(finding)
        )?;
        write_snippet(place, others, out)?;
        write_trace(finding, out)?;
        write_history(finding, rule, place, out)?;
        write_facts(finding, out)?;
        self.write_advice(finding, rule, out)?;
        for way in ways.iter().take(WAYS) {
            self.write_way(way, out)?;
        }
        if ways.len() > WAYS {
            writeln!(out, "<p>{}</p>", counted_more((ways.len() - WAYS) as u64, "way"))?;
        }
        writeln!(out, "</div></details>")
    }

    /// Writes a further way of a key: where it is, how it reaches clients, and how to mend it.
    fn write_way(&self, way: &Finding, out: &mut dyn Write) -> io::Result<()> {
        let rule = json_v1::rule_of(way, self.rules);
        let (place, others) =
            way.occurrences.split_first().expect("a finding has at least one occurrence");
        writeln!(
            out,
            "<div><h4>Also: {}</h4><p>{}</p></div>",
            escaped(&kinds::title(way.kind, rule)),
            code(&place_of(place))
        )?;
        write_snippet(place, others, out)?;
        write_trace(way, out)?;
        self.write_advice(way, rule, out)
    }

    /// Writes what to do, and how to accept the finding.
    fn write_advice(&self, finding: &Finding, rule: &Rule, out: &mut dyn Write) -> io::Result<()> {
        let Advice { why: _, remedy, marker } =
            Advice::new(finding, rule, self.report.mode, is_committed(finding));
        writeln!(out, "<div><h4>What to do</h4>")?;
        if let Some(fix) = kinds::fix(finding) {
            writeln!(out, "<p>{}</p>", prose(fix))?;
        }
        let key = (finding.rule_id.as_str(), finding.kind);
        let nth = self.advice.range(..key).count() + 1;
        let why = format!("<a href=\"#rule-{nth}\">Why it matters</a>");
        match remedy {
            None => writeln!(out, "<p>{why}</p>")?,
            Some(remedy) => writeln!(
                out,
                "<p>{} <a href=\"{}\" rel=\"noreferrer\">Where to do it</a> · {why}</p>",
                prose(&remedy),
                escaped(&rule.remediation.url)
            )?,
        }
        if let Some(by) = kinds::by_change(finding) {
            writeln!(out, "<p>{}. {}</p>", prose(&by), prose(kinds::ACCEPT_FIRST))?;
        }
        let marker = marker.map(|marker| format!(", or say on its line {}", code(&marker)));
        writeln!(
            out,
            "</div>\n<p class=\"accept\">To accept it, add {} to <code>.keysideignore</code>{}.</p>",
            code(&format!("{} WHY", finding.acceptance())),
            marker.unwrap_or_default()
        )
    }

    /// Writes the advice on each rule, and the lists about the run.
    fn write_rest(&self, out: &mut dyn Write) -> io::Result<()> {
        let Report { notices, suppressed, ledger, .. } = self.report;
        let notes: Vec<_> = notices.iter().filter(|own| !own.kind.is_incomplete()).collect();
        writeln!(out, "<aside class=\"rest\" aria-label=\"More\">")?;
        if !self.advice.is_empty() {
            writeln!(out, "<h2>Why it matters</h2>")?;
        }
        for (nth, ((_, kind), finding)) in (1..).zip(&self.advice) {
            let rule = json_v1::rule_of(finding, self.rules);
            let Advice { why, .. } = Advice::new(finding, rule, self.report.mode, false);
            let provider = self.rules.provider(rule);
            writeln!(
                out,
                "<section class=\"panel\" id=\"rule-{nth}\"><h3>{}{}</h3><p>{}</p>\
                 <p><a href=\"{}\" rel=\"noreferrer\">{}</a></p></section>",
                escaped(&kinds::title(*kind, rule)),
                code(&kinds::id(&rule.id, *kind)),
                prose(&why),
                escaped(&provider.url),
                escaped(&provider.name)
            )?;
        }
        if !notes.is_empty() || !suppressed.is_empty() || ledger.is_some() {
            writeln!(out, "<h2>About the run</h2>")?;
        }
        let notes: Vec<_> = notes.into_iter().map(notice).collect();
        write_panel(["note", "notes"], notes, out)?;
        let accepted: Vec<_> = suppressed.iter().map(accepted).collect();
        write_panel(["accepted place", "accepted places"], accepted, out)?;
        if let Some(Ledger { is_dry_run, calls, .. }) = ledger {
            let nouns = if *is_dry_run {
                ["request would be sent to providers", "requests would be sent to providers"]
            } else {
                ["request was sent to providers", "requests were sent to providers"]
            };
            write_panel(nouns, calls.iter().map(call).collect(), out)?;
        }
        writeln!(out, "</aside>")
    }
}

/// True if the provider was asked.
fn is_asked(finding: &Finding) -> bool {
    finding.verification.liveness != Liveness::NotChecked
}

/// The heading of a finding's group.
fn group(finding: &Finding) -> &'static str {
    if finding.is_live() { "Live keys" } else { severity_heading(finding.severity) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{
        CommitInfo, FilePath, History, KeyDetails, LeakKind, Notice, NoticeKind, SourceKind,
        StepKind, Suppressed, Suppression, Time,
    };
    use crate::report::sample;

    fn written(report: &Report) -> String {
        let mut text = Vec::new();
        let options = ReportOptions { show_secrets: true, ..sample::options() };
        HtmlPage::new(report, &sample::rules(), &options).write(&mut text).unwrap();
        String::from_utf8(text).unwrap()
    }

    /// A page without its style and script.
    fn body(report: &Report) -> String {
        let text = written(report);
        let (start, rest) = text.split_once("<style>").unwrap();
        let (_, rest) = rest.split_once("</style>").unwrap();
        let (middle, rest) = rest.split_once("<script>").unwrap();
        let (_, end) = rest.split_once("</script>").unwrap();
        [start, middle, end].concat()
    }

    fn sample_finding() -> Finding {
        let history = History {
            in_head: Some(false),
            first_seen: Some(sample::change(0x3f, "old.js")),
            removed_in: Some(sample::change(0x9a, "a.js")),
            age_days: Some(933),
            past_rotation: Some(true),
            branches: Vec::new(),
        };
        let provenances = vec![
            sample::provenance(SourceKind::Commit, "a.js"),
            sample::provenance(SourceKind::Stash, "a.js"),
        ];
        let mut finding = sample::finding(provenances, Some(history));
        finding.verification.liveness = Liveness::Live;
        finding.verification.reason = "GET /v1 says 200".to_owned();
        finding.verification.checked_at = Some(Time { seconds: 0, offset: 0 });
        finding.verification.account = Some(KeyDetails {
            id: Some("7".to_owned()),
            name: None,
            scopes: vec!["read".to_owned()],
        });
        finding
    }

    #[test]
    fn a_finding_of_history_reads_like_this() {
        let finding = sample_finding();
        let rules = sample::rules();
        let Advice { remedy, .. } = Advice::new(&finding, &rules.rules[0], Mode::History, true);
        let (key, id) = (finding.subject(), finding.id);
        let expected = format!(
            "\
<section class=\"group\"><h2>Live keys <span class=\"count\">1</span></h2>
<details class=\"finding error\" id=\"finding-1\" data-severity=\"error\" \
data-rule=\"aimagicx-api-key\" data-side=\"unknown\" data-head=\"no\" data-live=\"live\" open>\
<summary><h3>AI Magicx API key</h3><span class=\"where\"><code>{key}</code> in \
<code>a.js:3:7 at c0c0c0c0</code> and 1 more place</span><span class=\"badges\">\
<span class=\"badge live\">live</span> <span class=\"badge \">not in HEAD</span></span></summary>
<div class=\"body\">
<div><pre class=\"frame\"><span>3</span><code>key = <mark>{key}</mark></code></pre>
<ul class=\"also\"><li>also in</li>
<li><code>a.js:3:7 at c0c0c0c0 (stash)</code></li>
</ul>
</div>
<div><h4>In history</h4><ol class=\"story\">
<li class=\"came\"><b>First seen 2024-05-03</b>, 933 days ago, past the provider's 90 days<span>\
<code>3f3f3f3f</code> “Add config” by Ada &lt;ada@example.com&gt; in <code>old.js</code></span></li>
<li class=\"gone\"><b>Removed 2024-05-03</b><span><code>9a9a9a9a</code> “Add config” by Ada \
&lt;ada@example.com&gt;</span></li>
<li class=\"\"><b>Not in HEAD</b><span>only a past commit and a stash have it</span></li>
</ol></div>
<div><h4>What the provider says</h4><dl class=\"facts\">
<dt>Live</dt><dd>yes: GET /v1 says 200</dd>
<dt>Key</dt><dd>id 7; scopes read</dd>
<dt>Checked</dt><dd>1970-01-01T00:00:00+00:00</dd>
</dl></div>
<div><h4>What to do</h4>
<p>{} <a href=\"{}\" rel=\"noreferrer\">Where to do it</a> · <a href=\"#rule-1\">Why it \
matters</a></p>
</div>
<p class=\"accept\">To accept it, add <code>{id}/secret WHY</code> to <code>.keysideignore</code>.</p>
</div></details>
</section>
",
            prose(&remedy.unwrap()),
            rules.rules[0].remediation.url,
        );
        let text = body(&sample::report(Mode::History, vec![finding]));
        assert!(text.contains(&expected), "{text}\n--- expected\n{expected}");
    }

    #[test]
    fn a_way_to_a_client_is_a_picture_and_a_list() {
        let text = body(&sample::report(
            Mode::Tree,
            vec![sample::of_kind(FindingKind::Leak(LeakKind::ClientSecretEnv))],
        ));
        let start = "<figure class=\"way\"><h4>Path to the client (Next.js)</h4>\n<svg ";
        assert!(text.contains(start), "{text}");
        let list = "</svg>\n<ol>\n\
            <li><code>app/widget.tsx:1</code> &#39;use client&#39; directive</li>\n\
            <li><code>app/widget.tsx:2</code> imports ../src/lib/api</li>\n\
            <li><code>src/lib/api.ts:1</code> imports ./config</li>\n\
            <li><code>src/lib/config.ts:3</code> the key</li>\n</ol></figure>\n\
            <div><h4>See also</h4>\n<p><code>.env.production:1</code> declared here</p>\n</div>\n";
        assert!(text.contains(list), "{text}");
        assert!(text.contains("<code>keyside:allow[aimagicx-api-key] WHY</code>"), "{text}");
    }

    #[test]
    fn the_head_says_what_was_scanned_and_counts() {
        let mut report = sample::report(
            Mode::History,
            vec![
                sample_finding(),
                Finding { secret: Some(sample::key(2)), ..sample::of_kind(FindingKind::Secret) },
            ],
        );
        let text = body(&report);
        for part in [
            "<title>app: 2 leaked keys in 3 places – keyside</title>",
            "<span class=\"mono\">app</span><span>everything the repository stores</span>\
             <time datetime=\"2026-11-22T09:30:00+00:00\">2026-11-22 09:30 UTC</time>",
            "<h1>2 leaked keys in 3 places</h1>",
            "<span class=\"badge good state\">everything was read</span> 262,343 blobs and \
             203,352 commits (8.1 GB) in 2.6 s</p>",
            "<div class=\"live\"><dt>live</dt><dd>1</dd></div>",
            "<div class=\"error\"><dt>errors</dt><dd>2</dd></div>",
            "<div class=\"note zero\"><dt>notes</dt><dd>0</dd></div>",
            "<div class=\"kept zero\"><dt>still in HEAD</dt><dd>0</dd></div>",
            "<select name=\"live\" aria-label=\"live or not\"><option value=\"\">Live or not\
             </option><option value=\"live\">live</option><option value=\"not-checked\">not checked\
             </option></select>",
        ] {
            assert!(text.contains(part), "{part}\n{text}");
        }
        // If all findings are alike, there is nothing to choose.
        assert!(!text.contains("name=\"severity\"") && !text.contains("name=\"rule\""), "{text}");
        report.findings.clear();
        let clean = body(&report);
        assert!(clean.contains("<b>Nothing was found.</b>") && !clean.contains("<form"));
        report.notices.push(Notice {
            path: Some(FilePath::from("x")),
            kind: NoticeKind::Unreadable,
            message: "cannot be read".to_owned(),
        });
        let text = body(&report);
        assert!(text.contains("<li><code>x</code> cannot be read</li>"), "{text}");
        assert!(text.contains("<b>Nothing was found, but not everything was read.</b>"), "{text}");
        assert!(text.contains("<span class=\"badge fair state\">not everything was read</span>"));
    }

    /// A report in which every text is `bad`.
    fn hostile(bad: &str) -> Report {
        let mut finding = sample_finding();
        let change = CommitInfo {
            author: bad.to_owned(),
            email: bad.to_owned(),
            summary: bad.to_owned(),
            ..sample::change(0x3f, bad)
        };
        let history = finding.history.as_mut().unwrap();
        history.first_seen = Some(change.clone());
        history.removed_in = Some(change);
        history.branches = vec![bad.to_owned()];
        finding.occurrences[0].provenance.path = FilePath::from(format!("x{bad}").as_str());
        finding.occurrences[1].provenance.path = FilePath::from(bad);
        finding.verification.reason = bad.to_owned();
        finding.verification.account = Some(KeyDetails {
            id: Some(bad.to_owned()),
            name: Some(bad.to_owned()),
            scopes: vec![bad.to_owned()],
        });
        let mut leak = sample::of_kind(FindingKind::Leak(LeakKind::ClientTokenExchange));
        leak.about = Some(bad.to_owned());
        leak.occurrences[0].excerpt.fragments[1] = crate::model::Fragment::Mark(bad.to_owned());
        leak.exposure.fix = bad.to_owned();
        leak.exposure.trace[0] = sample::step(bad, 1, StepKind::Entry, bad);
        leak.exposure.related[0] = sample::step(bad, 1, StepKind::Entry, bad);
        let mut server = sample::of_kind(FindingKind::Secret);
        server.exposure.side = Side::Server;
        server.exposure.trace = vec![sample::step(bad, 1, StepKind::Entry, bad)];
        let mut report = sample::report(Mode::History, vec![finding, leak, server]);
        report.notices = [NoticeKind::Unreadable, NoticeKind::Suppressed]
            .map(|kind| Notice { path: Some(FilePath::from(bad)), kind, message: bad.to_owned() })
            .to_vec();
        report.suppressed.push(Suppressed {
            id: report.findings[0].id,
            rule_id: "aimagicx-api-key".to_owned(),
            provenance: sample::provenance(SourceKind::Tree, bad),
            region: report.findings[0].occurrences[0].region,
            by: Suppression::Baseline { place: bad.to_owned(), reason: bad.to_owned() },
            is_by_change: true,
        });
        report
    }

    /// The tags of a page: their names, and the names of their attributes.
    fn tags(text: &str) -> Vec<(String, Vec<String>)> {
        let tags = text.split('<').skip(1).map(|part| {
            let mut rest = part.split('>').next().unwrap();
            let name = rest.split([' ', '\n']).next().unwrap().to_owned();
            let mut attributes = Vec::new();
            while let Some((before, after)) = rest.split_once("=\"") {
                let attribute = before.rsplit([' ', '"']).next().unwrap();
                attributes.push(attribute.to_owned());
                rest = after.split_once('"').map_or("", |(_, rest)| rest);
            }
            (name, attributes)
        });
        tags.collect()
    }

    #[test]
    fn nothing_of_a_repository_becomes_html() {
        let known = tags(&body(&hostile("plain")));
        for bad in [
            "<img src=x onerror=alert(1)>",
            "\"><script>alert(1)</script>",
            "' onmouseover='alert(1)",
            "\" onfocus=\"alert(1)\" autofocus=\"",
            "</title></style></script><svg onload=alert(1)>",
            "--><b>",
            "{{script}}",
            "&lt;b&gt;",
            "`<i>`",
            "javascript:alert(1)",
            "\u{202e}\x1b[31m\r\n\0",
        ] {
            let text = body(&hostile(bad));
            // Backticks make code, the only markup that texts can cause.
            if !bad.contains('`') {
                assert_eq!(tags(&text), known, "{bad}\n{text}");
            }
            for (name, attributes) in tags(&text) {
                let is_known = known.iter().any(|(own, _)| *own == name);
                assert!(is_known, "{name}\n{text}");
                assert!(attributes.iter().all(|own| !own.starts_with("on")), "{text}");
            }
            assert!(!text.contains(['\u{202e}', '\x1b', '\r', '\0']), "{text}");
        }
        let text = body(&hostile("<img src=x>"));
        assert!(text.matches("&lt;img src=x&gt;").count() > 20, "{text}");
    }

    #[test]
    fn a_page_needs_nothing_else_and_runs_nothing_else() {
        let text = written(&hostile("x"));
        for (open, close) in [("<style>", "</style>"), ("<script>", "</script>")] {
            assert_eq!((text.matches(open).count(), text.matches(close).count()), (1, 1));
        }
        let policy = policy(STYLE, SCRIPT);
        assert!(text.contains(&format!("content=\"{}\"", escaped(&policy))), "{policy}");
        assert!(!policy.contains("unsafe"));
        // Nothing is loaded: links go out only when they are clicked.
        for (name, attributes) in tags(&body(&hostile("x"))) {
            let loads = ["src", "srcset", "style", "poster", "data", "action"];
            assert!(attributes.iter().all(|own| !loads.contains(&own.as_str())), "{name}");
            assert!(!["img", "iframe", "object", "embed", "base"].contains(&name.as_str()));
        }
        assert!(!STYLE.contains("url(") && !STYLE.contains("@import") && !STYLE.contains("</"));
        assert!(!SCRIPT.contains("</") && !SCRIPT.contains("<!--") && !SCRIPT.contains("fetch"));
        assert!(!text.contains("{{"), "a part of the template is not known");
    }

    #[test]
    fn no_key_is_in_it() {
        let mut findings = vec![sample_finding()];
        findings.extend(FindingKind::all().map(sample::of_kind));
        let text = written(&sample::report(Mode::History, findings));
        let key = sample::key(1);
        let body = std::str::from_utf8(&key.reveal()[7..]).unwrap();
        assert!(!text.contains(&body[..5]) && !text.contains(&body[4..12]));
    }

    #[test]
    fn answers_of_builds_are_shown() {
        for (confirmed, expected) in [
            (None, None),
            (Some(true), Some("holds the secret")),
            (Some(false), Some("does not hold")),
        ] {
            let mut leak = sample::of_kind(FindingKind::Leak(LeakKind::ClientSecretLiteral));
            leak.exposure.confirmed = confirmed;
            let text = written(&sample::report(Mode::Tree, vec![leak]));
            assert_eq!(text.contains("<h4>Build</h4>"), expected.is_some());
            assert!(expected.is_none_or(|words| text.contains(words)), "{confirmed:?}");
        }
    }

    #[test]
    fn many_findings_stay_small_and_folded() {
        let keys = |count| {
            let secret = |seed| Some(sample::key(seed));
            let findings =
                (0..count).map(|seed| Finding { secret: secret(seed), ..sample_finding() });
            written(&sample::report(Mode::History, findings.collect()))
        };
        let (few, many) = (keys(12), keys(1_012));
        assert_eq!(few.matches(" open><summary>").count(), 12);
        assert_eq!(many.matches(" open><summary>").count(), 3);
        let each = (many.len() - few.len()) / 1_000;
        assert!(each < 3_000, "{each}");
        let mut spread = sample_finding();
        spread.occurrences = vec![spread.occurrences[0].clone(); 100];
        let text = body(&sample::report(Mode::History, vec![spread]));
        assert!(text.contains("<li>and 49 more places</li>"), "{text}");
    }
}
