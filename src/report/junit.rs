//! JUnit XML: one suite per rule, in which every key is a failed test, as is each leak without one. Another suite shows whether
//! everything was read: so a clean run still has a test, and an incomplete one does not pass.

use std::collections::BTreeMap;
use std::io;

use super::key_groups::{KeyGroup, key_groups};
use super::options::ReportOptions;
use super::outcome::ScanOutcome;
use super::snippet::Snippet;
use super::visible::visible;
use super::{json_v1, kinds, plain_lines};
use crate::model::{Finding, Notice, Report};
use crate::rules::Ruleset;

pub(super) fn write(
    report: &Report,
    rules: &Ruleset,
    options: &ReportOptions,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let unread: Vec<_> =
        report.notices.iter().filter(|notice| notice.kind.is_incomplete()).collect();
    // Ordered by their most severe findings.
    let mut suites: Vec<(String, Vec<KeyGroup<'_>>)> = Vec::new();
    let mut known = BTreeMap::new();
    let groups = key_groups(&report.findings);
    let (failures, errors) = (groups.len(), usize::from(!unread.is_empty()));
    for group in groups {
        let id = kinds::id(&group.first.rule_id, group.first.kind);
        let nth = *known.entry(id.clone()).or_insert(suites.len());
        if nth == suites.len() {
            suites.push((id, Vec::new()));
        }
        suites[nth].1.push(group);
    }
    let time = report.summary.duration.as_secs_f64();
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    writeln!(
        out,
        "<testsuites name=\"keyside\" tests=\"{}\" failures=\"{failures}\" errors=\"{errors}\" \
         time=\"{time:.3}\">",
        failures + 1,
    )?;
    write_scan(report, &unread, out)?;
    for (id, groups) in suites {
        let count = groups.len();
        let name = xml(&id);
        writeln!(
            out,
            "  <testsuite name=\"{name}\" tests=\"{count}\" failures=\"{count}\" errors=\"0\">"
        )?;
        for group in groups {
            write_group(&group, &name, report, rules, options, out)?;
        }
        writeln!(out, "  </testsuite>")?;
    }
    writeln!(out, "</testsuites>")
}

/// Writes the suite about the run itself.
fn write_scan(report: &Report, unread: &[&Notice], out: &mut dyn io::Write) -> io::Result<()> {
    let outcome = ScanOutcome::new(report);
    let (errors, what) = (usize::from(!unread.is_empty()), xml(&outcome.sentence()));
    writeln!(
        out,
        "  <testsuite name=\"keyside\" tests=\"1\" failures=\"0\" errors=\"{errors}\">\n    \
         <testcase classname=\"keyside\" name=\"everything requested was read\">"
    )?;
    if !unread.is_empty() {
        let notices: Vec<_> = unread.iter().map(|notice| notice_line(notice)).collect();
        writeln!(
            out,
            "      <error type=\"incomplete\" message=\"{what}\">{}</error>",
            xml(&notices.join("\n"))
        )?;
    }
    writeln!(out, "      <system-out>{what}</system-out>\n    </testcase>\n  </testsuite>")
}

fn notice_line(notice: &Notice) -> String {
    let path = notice.path.as_ref().map(|path| format!("{}: ", visible(&path.to_text())));
    format!("{}{}", path.unwrap_or_default(), visible(&notice.message))
}

fn write_group(
    KeyGroup { first, others }: &KeyGroup<'_>,
    class: &str,
    report: &Report,
    rules: &Ruleset,
    options: &ReportOptions,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let finding = first;
    let rule = json_v1::rule_of(finding, rules);
    let place = &finding.occurrences[0];
    let at = plain_lines::place(place, &options.base);
    let line = place.region.start.line;
    let message = plain_lines::message(finding, rule);
    let mut text = lines_of(finding, report, rules, options);
    for other in others {
        let rule = json_v1::rule_of(other, rules);
        let (id, at) = (kinds::id(&rule.id, other.kind), &other.occurrences[0]);
        let at = plain_lines::place(at, &options.base);
        text.push(format!("\nAlso {id} at {at}: {}", plain_lines::message(other, rule)));
        text.extend(lines_of(other, report, rules, options));
    }
    let file = options.base.file(&place.provenance);
    let file = file.map(|file| format!(" file=\"{}\" line=\"{line}\"", xml(&visible(&file))));
    writeln!(
        out,
        "    <testcase classname=\"{class}\" name=\"{}\"{}>\n      \
         <failure type=\"{}\" message=\"{}\">{}</failure>\n    </testcase>",
        xml(&format!("{at} {}", visible(&finding.subject()))),
        file.unwrap_or_default(),
        finding.severity.name(),
        xml(&message),
        xml(&text.join("\n")),
    )
}

/// The text of a finding: its line, its other places, and what to do.
fn lines_of(
    finding: &Finding,
    report: &Report,
    rules: &Ruleset,
    options: &ReportOptions,
) -> Vec<String> {
    let place = &finding.occurrences[0];
    let line = place.region.start.line;
    let mut text = vec![format!("{line} | {}", Snippet::new(&place.excerpt, false).text())];
    let others = finding.occurrences[1..].iter();
    text.extend(others.map(|own| format!("Also {}", plain_lines::place(own, &options.base))));
    let rule = json_v1::rule_of(finding, rules);
    text.extend(plain_lines::about(finding, rule, place, report.mode));
    text
}

/// Escapes text for XML 1.0, which cannot express some characters at all.
fn xml(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' => escaped.push_str("&#10;"),
            '\t' => escaped.push_str("&#9;"),
            '\u{fffe}' | '\u{ffff}' => escaped.push(char::REPLACEMENT_CHARACTER),
            c if c.is_control() => escaped.push(char::REPLACEMENT_CHARACTER),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{FilePath, FindingKind, LeakKind, Mode, NoticeKind, Severity, SourceKind};
    use crate::report::sample;

    fn written(report: &Report) -> String {
        let mut text = Vec::new();
        write(report, &sample::rules(), &sample::options(), &mut text).unwrap();
        String::from_utf8(text).unwrap()
    }

    #[test]
    fn findings_are_failed_tests_of_their_rule() {
        let plain = sample::of_kind(FindingKind::Secret);
        let mut mild = sample::finding(
            [SourceKind::Head, SourceKind::TagMessage]
                .map(|s| sample::provenance(s, "v<1>"))
                .to_vec(),
            None,
        );
        mild.severity = Severity::Note;
        let leak = sample::of_kind(FindingKind::Leak(LeakKind::ClientSecretEnv));
        mild.secret = Some(sample::key(2));
        let mild_key = mild.subject();
        // The same key once more is no other test.
        let again = sample::of_kind(FindingKind::Leak(LeakKind::ClientSecretLiteral));
        let report = sample::report(Mode::History, vec![plain.clone(), leak.clone(), mild, again]);
        let text = written(&report);
        let document = roxmltree::Document::parse(&text).unwrap();
        let root = document.root_element();
        let all = |node: roxmltree::Node<'_, '_>, names: &[&str]| {
            names.iter().map(|name| node.attribute(*name).unwrap_or("-").to_owned()).collect()
        };
        let counts: Vec<String> = all(root, &["tests", "failures", "errors", "time"]);
        assert_eq!(counts, ["4", "3", "0", "2.600"]);
        let suites: Vec<Vec<String>> = root
            .children()
            .filter(|node| node.is_element())
            .map(|node| all(node, &["name", "tests", "failures", "errors"]))
            .collect();
        assert_eq!(suites[0], ["keyside", "1", "0", "0"]);
        assert_eq!(suites[1], ["aimagicx-api-key", "2", "2", "0"]);
        assert_eq!(suites[2], ["aimagicx-api-key/client-secret-env", "1", "1", "0"]);
        let cases: Vec<Vec<String>> = root
            .descendants()
            .filter(|node| node.has_tag_name("testcase"))
            .map(|node| all(node, &["classname", "name", "file", "line"]))
            .collect();
        let key = plain.subject();
        let path = "app/src/lib/config.ts";
        assert_eq!(cases[1][1..], [format!("{path}:3:7 {key}"), path.to_owned(), "3".to_owned()]);
        assert_eq!(cases[2][1], format!("v<1>:3:7 {mild_key}"));
        let failure = root.descendants().filter(|node| node.has_tag_name("failure")).nth(1);
        let failure = failure.unwrap();
        let attributes: Vec<String> = all(failure, &["type", "message"]);
        assert_eq!(attributes, ["note", &format!("AI Magicx API key `{mild_key}` in 2 places")]);
        let lines: Vec<_> = failure.text().unwrap().lines().collect();
        assert_eq!(lines[..2], [&format!("3 | key = {key}"), "Also message of tag v<1>:3:7"]);
    }

    #[test]
    fn a_run_always_has_a_test_of_its_own() {
        let mut report = sample::report(Mode::Tree, Vec::new());
        let clean = written(&report);
        let start = "\
<?xml version=\"1.0\" encoding=\"UTF-8\"?>
<testsuites name=\"keyside\" tests=\"1\" failures=\"0\" errors=\"0\" time=\"2.600\">
  <testsuite name=\"keyside\" tests=\"1\" failures=\"0\" errors=\"0\">
    <testcase classname=\"keyside\" name=\"everything requested was read\">
      <system-out>no leaked key in 0 files (8.1 GB) in 2.6 s</system-out>
    </testcase>
  </testsuite>
</testsuites>
";
        assert_eq!(clean, start);
        for kind in [NoticeKind::Unreadable, NoticeKind::Suppressed] {
            report.notices.push(Notice {
                path: Some(FilePath::from("a\nb")),
                kind,
                message: "is <bad>".to_owned(),
            });
        }
        let text = written(&report);
        assert!(text.contains("errors=\"1\" time"), "{text}");
        assert!(
            text.contains(
                "<error type=\"incomplete\" message=\"no leaked key in 0 files (8.1 GB) in 2.6 s, \
                 but not everything was read\">a\\x0ab: is &lt;bad&gt;</error>"
            ),
            "{text}"
        );
    }

    #[test]
    fn every_text_can_be_written_in_xml() {
        let every: String =
            ('\0'..='\u{ff}').chain(['\u{fffe}', '\u{ffff}', '\u{1f600}']).collect();
        let text = format!("<a b=\"{0}\">{0}</a>", xml(&format!("{every}]]>")));
        let document = roxmltree::Document::parse(&text).unwrap();
        let element = document.root_element();
        assert_eq!(element.attribute("b"), element.text());
        assert!(element.text().unwrap().contains("\"#$%&'") && !text.contains('\u{1b}'));
        let mut hostile = sample::of_kind(FindingKind::Leak(LeakKind::ClientTokenExchange));
        hostile.about = Some(every.clone());
        hostile.exposure.fix = every.clone();
        hostile.occurrences[0].provenance.path = FilePath::from(every.as_str());
        let report = sample::report(Mode::Tree, vec![hostile]);
        assert!(roxmltree::Document::parse(&written(&report)).is_ok());
    }
}
