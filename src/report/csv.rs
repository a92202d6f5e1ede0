//! CSV (RFC 4180) for spreadsheets, with one row per place. JSON suits programs better.
//!
//! Spreadsheets run whatever looks like a formula, even between quotes. So a cell that begins like a
//! formula gets a leading `'`, which marks it as text.

use std::io;

use super::options::ReportOptions;
use super::visible::visible;
use super::{json_v1, kinds, plain_lines};
use crate::model::{CommitInfo, Finding, History, Occurrence, Report, Side};
use crate::rules::Ruleset;

/// The names of the columns.
const HEADER: [&str; 29] = [
    "id",
    "severity",
    "rule",
    "title",
    "key",
    "live",
    "side",
    "framework",
    "place",
    "source",
    "path",
    "start_line",
    "start_column",
    "end_line",
    "end_column",
    "line",
    "commit",
    "blob",
    "in_head",
    "first_seen_commit",
    "first_seen_date",
    "first_seen_author",
    "removed_in_commit",
    "removed_in_date",
    "branches",
    "age_days",
    "what_to_do",
    "url",
    "key_sha256",
];

pub(super) fn write(
    report: &Report,
    rules: &Ruleset,
    options: &ReportOptions,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    write_row(&HEADER.map(str::to_owned), out)?;
    for finding in &report.findings {
        for place in &finding.occurrences {
            write_row(&row(finding, place, rules, options), out)?;
        }
    }
    Ok(())
}

fn row(
    finding: &Finding,
    place: &Occurrence,
    rules: &Ruleset,
    options: &ReportOptions,
) -> [String; HEADER.len()] {
    let rule = json_v1::rule_of(finding, rules);
    let History { in_head, first_seen, removed_in, branches, age_days, past_rotation: _ } =
        finding.history.clone().unwrap_or_default();
    let (provenance, start, end) = (&place.provenance, place.region.start, place.region.end);
    let side = finding.exposure.side;
    let date =
        |change: Option<&CommitInfo>| change.map(|own| own.date.to_string()).unwrap_or_default();
    let commit =
        |change: Option<&CommitInfo>| change.map(|own| own.commit.to_string()).unwrap_or_default();
    let author = first_seen.as_ref().and_then(|change| plain_lines::TEXT_STYLE.name(change));
    let fix = kinds::fix(finding).map(str::to_owned);
    let advice: Vec<_> = fix.into_iter().chain(kinds::remedy(finding, rule)).collect();
    [
        finding.id.to_string(),
        finding.severity.name().to_owned(),
        kinds::id(&rule.id, finding.kind),
        kinds::title(finding.kind, rule),
        finding.subject(),
        finding.verification.liveness.name().to_owned(),
        if side == Side::Unknown { String::new() } else { side.name().to_owned() },
        finding.exposure.framework.unwrap_or_default().to_owned(),
        plain_lines::place(place, &options.base),
        provenance.source.name().to_owned(),
        provenance.text_path().to_text().into_owned(),
        start.line.to_string(),
        start.column.to_string(),
        end.line.to_string(),
        end.column.to_string(),
        json_v1::line(&place.excerpt, false),
        provenance.commit.map(|id| id.to_string()).unwrap_or_default(),
        provenance.blob.map(|id| id.to_string()).unwrap_or_default(),
        in_head.map(|is| is.to_string()).unwrap_or_default(),
        commit(first_seen.as_ref()),
        date(first_seen.as_ref()),
        author.unwrap_or_default().to_owned(),
        commit(removed_in.as_ref()),
        date(removed_in.as_ref()),
        branches.join(" "),
        age_days.map(|days| days.to_string()).unwrap_or_default(),
        advice.join(" "),
        rule.remediation.url.clone(),
        finding.secret.as_ref().map(json_v1::sha256).unwrap_or_default(),
    ]
}

fn write_row(cells: &[String], out: &mut dyn io::Write) -> io::Result<()> {
    let cells: Vec<_> = cells.iter().map(|text| cell(&visible(text))).collect();
    write!(out, "{}\r\n", cells.join(","))
}

/// Quotes a cell, and disarms formulas.
fn cell(text: &str) -> String {
    // Some programs trim white space first, and some accept full-width characters.
    let begins = text.trim_start().chars().next();
    let is_formula = text.starts_with(['\t', '\r', '\n'])
        || begins.is_some_and(|c| "=+-@\u{ff1d}\u{ff0b}\u{ff0d}\u{ff20}".contains(c));
    let guard = if is_formula { "'" } else { "" };
    if text.contains([',', '"', '\r', '\n', '\t', ';']) {
        format!("\"{guard}{}\"", text.replace('"', "\"\""))
    } else {
        format!("{guard}{text}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Mode, SourceKind};
    use crate::report::sample;

    fn written(report: &Report) -> String {
        let mut text = Vec::new();
        write(report, &sample::rules(), &sample::options(), &mut text).unwrap();
        String::from_utf8(text).unwrap()
    }

    /// The cells of a table as RFC 4180 has them.
    fn read(text: &str) -> Vec<Vec<String>> {
        let mut rows = vec![vec![String::new()]];
        let mut characters = text.chars().peekable();
        let mut is_quoted = false;
        while let Some(c) = characters.next() {
            let row = rows.last_mut().unwrap();
            match c {
                '"' if is_quoted && characters.peek() == Some(&'"') => {
                    row.last_mut().unwrap().push(characters.next().unwrap());
                }
                '"' => is_quoted = !is_quoted,
                ',' if !is_quoted => row.push(String::new()),
                '\r' if !is_quoted => {
                    assert_eq!(characters.next(), Some('\n'));
                    rows.push(vec![String::new()]);
                }
                c => row.last_mut().unwrap().push(c),
            }
        }
        assert_eq!(rows.pop(), Some(vec![String::new()]));
        rows
    }

    #[test]
    fn cells_are_text_and_never_formulas() {
        for (text, expected) in [
            ("", ""),
            ("a b", "a b"),
            ("a,b", "\"a,b\""),
            ("a\"b", "\"a\"\"b\""),
            ("a\r\nb", "\"a\r\nb\""),
            ("=1+1", "'=1+1"),
            ("+1", "'+1"),
            ("-1", "'-1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "\"'\t=1\""),
            ("\r=1", "\"'\r=1\""),
            (" =1", "' =1"),
            ("=cmd|' /C calc'!A0,\"x\"", "\"'=cmd|' /C calc'!A0,\"\"x\"\"\""),
            ("\u{ff1d}1", "'\u{ff1d}1"),
            ("1-2=3", "1-2=3"),
        ] {
            assert_eq!(cell(text), expected, "{text:?}");
        }
    }

    #[test]
    fn a_place_is_a_row() {
        let history = History {
            in_head: Some(false),
            first_seen: Some(sample::change(0x3f, "old.js")),
            removed_in: Some(sample::change(0x9a, "a.js")),
            branches: vec!["main".to_owned(), "x".to_owned()],
            age_days: Some(933),
            past_rotation: None,
        };
        let provenances = vec![
            sample::provenance(SourceKind::Commit, "=a,\"b.js"),
            sample::provenance(SourceKind::TagMessage, "v1"),
        ];
        let finding = sample::finding(provenances, Some(history));
        let id = |byte: u8| format!("{byte:02x}").repeat(20);
        let table = read(&written(&sample::report(Mode::History, vec![finding.clone()])));
        assert_eq!(table.len(), 3);
        assert_eq!(table[0], HEADER);
        let remedy = kinds::remedy(&finding, &sample::rules().rules[0]).unwrap();
        assert_eq!(
            table[1],
            [
                &finding.id.to_string(),
                "error",
                "aimagicx-api-key",
                "AI Magicx API key",
                &finding.subject(),
                "not-checked",
                "",
                "",
                "'=a,\"b.js:3:7 at c0c0c0c0",
                "commit",
                "'=a,\"b.js",
                "3",
                "7",
                "3",
                "57",
                "key = [REDACTED]",
                &id(0xc0),
                &id(0xb0),
                "false",
                &id(0x3f),
                "2024-05-03T23:30:00-02:00",
                "Ada",
                &id(0x9a),
                "2024-05-03T23:30:00-02:00",
                "main x",
                "933",
                &remedy,
                &sample::rules().rules[0].remediation.url,
                &json_v1::sha256(finding.secret.as_ref().unwrap()),
            ]
        );
        assert_eq!(table[2][8..11], ["message of tag v1:3:7", "tag-message", "v1"]);
        assert!(!written(&sample::report(Mode::History, vec![finding])).contains("example.com"));
        assert_eq!(read(&written(&sample::report(Mode::Tree, vec![]))).len(), 1);
    }
}
