//! The report for people: each finding with its line, why it matters and what to do, then what
//! was scanned. Colour codes are always in it; who writes to something else strips them.

use std::collections::BTreeSet;
use std::io;
use std::time::Duration;

use anstyle::{AnsiColor, Style};
use unicode_width::UnicodeWidthStr;

use super::{Options, wire};
use crate::model::{
    Excerpt, Finding, Fragment, Notice, Occurrence, Report, Severity, State, Suppressed,
};
use crate::rules::{Rule, Ruleset};

/// How many further places of one secret are listed.
const PLACES: usize = 5;

/// How many columns explanations take.
const WIDTH: usize = 88;

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
const FRAME: Style = AnsiColor::Blue.on_default().bold();
const RED: Style = AnsiColor::Red.on_default().bold();
const YELLOW: Style = AnsiColor::Yellow.on_default().bold();
const CYAN: Style = AnsiColor::Cyan.on_default().bold();
const GREEN: Style = AnsiColor::Green.on_default().bold();

pub(super) fn write(
    report: &Report,
    rules: &Ruleset,
    options: &Options,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let mut explained = BTreeSet::new();
    for finding in &report.findings {
        let rule = wire::rule_of(finding, rules);
        write_finding(finding, rule, options, out)?;
        // Why and what to do are the same for every key of a rule: once is enough.
        if explained.insert(&rule.id) {
            write_advice(rule, out)?;
        }
        writeln!(out)?;
    }
    if options.verbose {
        for suppressed in &report.suppressed {
            write_suppressed(suppressed, out)?;
        }
    }
    write_closing(report, options.quiet, out)
}

/// The notices and the closing line; if `quiet`, only what was not read.
pub(super) fn write_closing(
    report: &Report,
    quiet: bool,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    for notice in &report.notices {
        if notice.kind.is_incomplete() || !quiet {
            write_notice(notice, out)?;
        }
    }
    if quiet { Ok(()) } else { writeln!(out, "{}", closing(report)) }
}

fn write_finding(
    finding: &Finding,
    rule: &Rule,
    options: &Options,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let style = style_of(finding.severity);
    let name = finding.severity.name();
    writeln!(out, "{style}{name}[{}]{style:#}{BOLD}: {}{BOLD:#}", finding.rule_id, rule.title)?;
    let (first, others) =
        finding.occurrences.split_first().expect("a finding has at least one occurrence");
    let width = first.region.start.line.to_string().len();
    writeln!(out, "{:width$}{FRAME}-->{FRAME:#} {}", "", place(first))?;
    write_frame(first, style, width, options.show_secrets, out)?;
    for other in others.iter().take(PLACES) {
        writeln!(out, "{:width$} {FRAME}={FRAME:#} {BOLD}also{BOLD:#} {}", "", place(other))?;
    }
    if others.len() > PLACES {
        let rest = others.len() - PLACES;
        writeln!(out, "{:width$} {FRAME}={FRAME:#} {BOLD}also{BOLD:#} in {rest} more places", "")?;
    }
    writeln!(out, "{:width$} {FRAME}={FRAME:#} {BOLD}id{BOLD:#}   {}", "", finding.id)
}

/// Why a leaked key of this rule matters, and what to do about it.
fn write_advice(rule: &Rule, out: &mut dyn io::Write) -> io::Result<()> {
    let keep = format!(
        "`keyside:allow[{}] WHY` on its line, or its id and WHY in .keysideignore",
        rule.id
    );
    for (label, lines) in [
        ("why", wrapped(&rule.description)),
        ("do", wrapped(&rule.remediation.summary)),
        ("see", vec![rule.remediation.url.clone()]),
        ("keep", vec![keep]),
    ] {
        for (index, line) in lines.iter().enumerate() {
            let label = if index == 0 { label } else { "" };
            writeln!(out, "    {BOLD}{label:<4}{BOLD:#} {line}")?;
        }
    }
    Ok(())
}

/// Text broken into lines of at most [`WIDTH`] columns, where words allow.
fn wrapped(text: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let last = lines.last_mut().expect("there is a line from the start");
        if last.is_empty() {
            last.push_str(word);
        } else if columns(last) + 1 + columns(word) <= WIDTH {
            last.push(' ');
            last.push_str(word);
        } else {
            lines.push(word.to_owned());
        }
    }
    lines
}

/// The line with the key under marks.
fn write_frame(
    occurrence: &Occurrence,
    style: Style,
    width: usize,
    show_secrets: bool,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let line = occurrence.region.start.line;
    let shown = Shown::new(&occurrence.excerpt, show_secrets);
    writeln!(out, "{:width$} {FRAME}|{FRAME:#}", "")?;
    writeln!(out, "{FRAME}{line:>width$} |{FRAME:#} {}", shown.text)?;
    writeln!(
        out,
        "{:width$} {FRAME}|{FRAME:#} {:before$}{style}{:^<marks$}{style:#}",
        "",
        "",
        "",
        before = shown.before,
        marks = shown.marks,
    )
}

/// An excerpt as it is shown, and where the key is in it, in columns.
struct Shown {
    text: String,
    before: usize,
    marks: usize,
}

impl Shown {
    fn new(excerpt: &Excerpt, show_secrets: bool) -> Self {
        let mut shown = Self { text: String::new(), before: 0, marks: 1 };
        let mut column = 0;
        let mut push = |shown: &mut Self, text: &str| {
            shown.text.push_str(text);
            column += columns(text);
            column
        };
        if excerpt.cut_start {
            push(&mut shown, "…");
        }
        // The indentation of a line says nothing by itself.
        let mut at_start = !excerpt.cut_start;
        for fragment in &excerpt.fragments {
            match fragment {
                Fragment::Text(text) => {
                    let text = if at_start { text.trim_start() } else { text };
                    push(&mut shown, &visible(text));
                }
                Fragment::Other(secret) => {
                    push(&mut shown, &secret.masked());
                }
                Fragment::Subject(secret) => {
                    let text = if show_secrets {
                        visible(&wire::revealed(secret))
                    } else {
                        secret.masked()
                    };
                    let end = push(&mut shown, &text);
                    shown.marks = columns(&text).max(1);
                    shown.before = end - columns(&text);
                }
            }
            at_start = false;
        }
        if excerpt.cut_end {
            push(&mut shown, "…");
        }
        shown
    }
}

/// How many columns of a terminal a text takes.
fn columns(text: &str) -> usize {
    UnicodeWidthStr::width(text)
}

fn write_notice(notice: &Notice, out: &mut dyn io::Write) -> io::Result<()> {
    let (style, word) =
        if notice.kind.is_incomplete() { (YELLOW, "incomplete") } else { (CYAN, "note") };
    write!(out, "{style}{word}{style:#}: ")?;
    if let Some(path) = &notice.path {
        write!(out, "{}: ", visible(&path.to_text()))?;
    }
    writeln!(out, "{}", visible(&notice.message))
}

fn write_suppressed(suppressed: &Suppressed, out: &mut dyn io::Write) -> io::Result<()> {
    let start = suppressed.region.start;
    writeln!(
        out,
        "{DIM}accepted{DIM:#}: {}:{}:{} {} {} by {}{}{}",
        visible(&suppressed.origin.path.to_text()),
        start.line,
        start.column,
        suppressed.rule_id,
        suppressed.id,
        visible(suppressed.by.place()),
        if suppressed.by.reason().is_empty() { "" } else { ": " },
        visible(suppressed.by.reason()),
    )
}

/// What was found, what was scanned, in what time, and what was left out.
fn closing(report: &Report) -> String {
    let summary = &report.summary;
    let scanned = format!(
        "{} ({}) in {}",
        counted(summary.files, "file"),
        size(summary.bytes),
        time(summary.duration)
    );
    let count = report.findings.len() as u64;
    let mut text = match (count, report.state()) {
        (0, State::Complete) => format!("{GREEN}clean{GREEN:#}: no leaked key in {scanned}"),
        (0, State::Incomplete) => {
            format!(
                "{YELLOW}incomplete{YELLOW:#}: no leaked key in {scanned}, but not everything was read"
            )
        }
        (_, State::Complete) => {
            format!("{RED}found{RED:#}: {} in {scanned}", counted(count, "leaked key"))
        }
        (_, State::Incomplete) => format!(
            "{RED}found{RED:#}: {} in {scanned}, and not everything was read",
            counted(count, "leaked key")
        ),
    };
    for (count, what) in [
        (report.suppressed.len() as u64, "accepted"),
        (summary.below_severity, "below --min-severity"),
        (summary.skipped_media, "media skipped"),
        (summary.skipped_large, "too large skipped"),
        (summary.skipped_excluded, "excluded"),
        (summary.skipped_special, "special files skipped"),
    ] {
        if count > 0 {
            text.push_str(&format!("; {} {what}", grouped(count)));
        }
    }
    text
}

fn place(occurrence: &Occurrence) -> String {
    let start = occurrence.region.start;
    format!("{}:{}:{}", visible(&occurrence.origin.path.to_text()), start.line, start.column)
}

fn style_of(severity: Severity) -> Style {
    match severity {
        Severity::Error => RED,
        Severity::Warning => YELLOW,
        Severity::Note => CYAN,
    }
}

/// Text of a scanned file, made harmless: what could steer a terminal, or turn text round in it,
/// is shown by its code.
pub fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\t' => shown.push_str("    "),
            '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{2069}'
            | '\u{feff}' => {
                shown.push_str(&format!("\\u{{{:x}}}", u32::from(c)));
            }
            c if c.is_control() => shown.push_str(&format!("\\x{:02x}", u32::from(c))),
            c => shown.push(c),
        }
    }
    shown
}

fn counted(count: u64, noun: &str) -> String {
    format!("{} {noun}{}", grouped(count), if count == 1 { "" } else { "s" })
}

/// `1234567` as `1,234,567`.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn size(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["kB", "MB", "GB", "TB", "PB"];
    if bytes < 1000 {
        return format!("{bytes} B");
    }
    let mut value = bytes as f64 / 1000.0;
    let mut unit = 0;
    while value >= 999.5 && unit + 1 < UNITS.len() {
        value /= 1000.0;
        unit += 1;
    }
    let decimals = if value < 10.0 { 1 } else { 0 };
    format!("{value:.decimals$} {}", UNITS[unit])
}

fn time(duration: Duration) -> String {
    let seconds = duration.as_secs_f64();
    if seconds < 0.9995 {
        format!("{:.0} ms", (seconds * 1000.0).max(1.0))
    } else if seconds < 99.95 {
        format!("{seconds:.1} s")
    } else {
        format!("{:.0} min {:.0} s", (seconds / 60.0).floor(), seconds % 60.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Secret;

    #[test]
    fn numbers_sizes_and_times_read_well() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(1234567), "1,234,567");
        let sizes = [0, 999, 1000, 9_940, 12_345, 999_600, 584_000_000, 8_100_000_000];
        let shown = sizes.map(size);
        assert_eq!(
            shown,
            ["0 B", "999 B", "1.0 kB", "9.9 kB", "12 kB", "1.0 MB", "584 MB", "8.1 GB"]
        );
        let times = [0, 12, 1000, 61_000, 130_000].map(Duration::from_millis).map(time);
        assert_eq!(times, ["1 ms", "12 ms", "1.0 s", "61.0 s", "2 min 10 s"]);
    }

    #[test]
    fn text_cannot_steer_the_terminal() {
        assert_eq!(visible("a\tb\x1b[31m\u{202e}x\u{9b}é"), "a    b\\x1b[31m\\u{202e}x\\x9bé");
    }

    #[test]
    fn marks_stand_under_the_key() {
        let secret = Secret::new(b"pw-0123456789", 0);
        let excerpt = Excerpt {
            cut_start: false,
            cut_end: true,
            fragments: vec![
                Fragment::Text("  日本 = '".to_owned()),
                Fragment::Subject(secret),
                Fragment::Text("'".to_owned()),
            ],
        };
        let shown = Shown::new(&excerpt, false);
        assert_eq!((shown.text.as_str(), shown.before, shown.marks), ("日本 = '…(13)'…", 8, 5));
    }
}
