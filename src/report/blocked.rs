//! What a hook says when it stops a commit or a push: of each finding what it is, how to take it
//! out, and the very line that accepts it. Short, for it is read in a terminal between other words,
//! and in programs with a window that show no more than a few lines.

use std::io;

use super::comments::comment;
use super::human::{BOLD, RED, YELLOW};
use super::numbers::counted;
use super::story::{PlaceName, short};
use super::visible::visible;
use super::{kinds, wire};
use crate::model::{Completeness, Finding, Occurrence, Provenance, Report, SourceKind};
use crate::rules::{Rule, Ruleset};

/// How many findings are told.
const MOST: usize = 5;

/// What a hook may stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stopped {
    /// A commit that is about to be made.
    Commit,
    /// Nothing: files were to be looked at.
    Files,
    /// Commits that were made.
    Commits,
    /// A push, before it is sent.
    Push,
    /// A push that has arrived.
    Arrival,
}

impl Stopped {
    /// How a finding begins.
    fn head(self, is_stopped: bool) -> String {
        let what = match self {
            Self::Commit => "this commit",
            Self::Files => return "keyside".to_owned(),
            Self::Commits => "these commits",
            Self::Push | Self::Arrival => "this push",
        };
        format!("keyside {} {what}", if is_stopped { "stops" } else { "warns about" })
    }

    /// What is to be done again.
    fn again(self) -> &'static str {
        match self {
            Self::Commit => "commit again",
            Self::Files | Self::Commits => "try again",
            Self::Push | Self::Arrival => "push again",
        }
    }
}

/// Tells why `stopped` does not go on; or, unless `is_stopped`, what is wrong with it.
///
/// # Errors
/// Those of `out`.
pub fn write(
    report: &Report,
    rules: &Ruleset,
    stopped: Stopped,
    is_stopped: bool,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let (style, head) = (if is_stopped { RED } else { YELLOW }, stopped.head(is_stopped));
    for finding in report.findings.iter().take(MOST) {
        let rule = wire::rule_of(finding, rules);
        let (what, fix, keep) =
            (what(finding, rule), fix(finding, rule, stopped), keep(finding, rule, stopped));
        writeln!(out, "{style}{head}{style:#}: {what}")?;
        writeln!(out, "  {BOLD}take out{BOLD:#}: {fix}")?;
        writeln!(out, "  {BOLD}accept{BOLD:#}:   {keep}")?;
    }
    if report.findings.is_empty() && report.state() == Completeness::Incomplete {
        writeln!(out, "{style}{head}{style:#}: not everything could be read")?;
    }
    let more = report.findings.len().saturating_sub(MOST);
    if more > 0 {
        let all = match stopped {
            Stopped::Commit => ": `keyside git --staged` shows them all",
            Stopped::Files | Stopped::Commits | Stopped::Push | Stopped::Arrival => "",
        };
        writeln!(out, "  and {} more{all}", counted(more as u64, "finding"))?;
    }
    Ok(())
}

/// ``config.js:2:14: Example API key `ex-abc…(49)` in 3 places``
fn what(finding: &Finding, rule: &Rule) -> String {
    let first = &finding.occurrences[0];
    let name = PlaceName::new(&first.origin);
    // Of what is staged, everybody knows that it is.
    let version = if first.origin.source == SourceKind::Index { "" } else { &name.version };
    let (path, place) = (visible(&name.text), first.region.start);
    let message = kinds::message(finding, rule, &visible(&finding.subject()));
    format!("{path}:{}:{}{version}: {message}", place.line, place.column)
}

/// How to take it out.
fn fix(finding: &Finding, rule: &Rule, stopped: Stopped) -> String {
    let first = &finding.occurrences[0];
    let again = stopped.again();
    let rewrite = |what: &str| {
        let commit = finding.history.as_ref().and_then(|history| history.first_seen.as_ref());
        let commit = commit.map(|first| first.commit).or(first.origin.commit);
        let commit = commit.map(short).unwrap_or_default();
        format!(
            "{what} commit {commit} itself (`git commit --amend`, or `git rebase -i {commit}~`), \
             {again}"
        )
    };
    match first.origin.source {
        SourceKind::CommitMessage => rewrite("reword"),
        SourceKind::TagMessage => {
            format!("make the tag anew without it (`git tag -f -a`), {again}")
        }
        SourceKind::Index | SourceKind::Tree | SourceKind::Stdin => {
            let fix = match (kinds::fix(finding), rule.env.first()) {
                _ if is_in_name(first) => "give the file another name".to_owned(),
                (Some(fix), _) => visible(fix).trim_end_matches('.').to_owned(),
                (None, Some(variable)) => format!("read it from the environment ({variable})"),
                (None, None) => "read it from the environment or a secret store".to_owned(),
            };
            if stopped == Stopped::Files {
                let url = &rule.remediation.url;
                return format!("{fix}; if it is in a commit already, revoke it: {url}");
            }
            format!("{fix}, `git add {}`, {again}", quoted(&first.origin))
        }
        // Without a key in it, what was committed before is harmless.
        _ if finding.secret.is_none() => {
            let fix = kinds::fix(finding).map(visible).unwrap_or_default();
            format!("{}, commit that, {again}", fix.trim_end_matches('.'))
        }
        SourceKind::Head
        | SourceKind::Commit
        | SourceKind::Stash
        | SourceKind::Note
        | SourceKind::Reflog
        | SourceKind::Unreachable => rewrite("change"),
    }
}

/// The line that accepts it, and where that is to be. What is committed cannot be given a marker
/// any more.
fn keep(finding: &Finding, rule: &Rule, stopped: Stopped) -> String {
    let first = &finding.occurrences[0];
    let path = &first.origin.path;
    let at = match stopped {
        Stopped::Commit | Stopped::Files => {
            let is_single = finding.occurrences.len() == 1 && !is_in_name(first);
            if let Some(comment) = comment(path).filter(|_| is_single) {
                let (path, line) = (visible(&path.to_text()), first.region.start.line);
                return format!(
                    "above line {line} of {path}: {comment} keyside:allow[{}] WHY",
                    rule.id
                );
            }
            ""
        }
        Stopped::Commits | Stopped::Push => "",
        Stopped::Arrival => ", in the last commit that you push",
    };
    format!("into .keysideignore{at}: {} WHY", finding.id)
}

/// Whether it stands in the name of the file, and not in its text.
fn is_in_name(place: &Occurrence) -> bool {
    place.region.start == place.region.end
}

/// A path as shells take it.
fn quoted(origin: &Provenance) -> String {
    let path = visible(&origin.path.to_text());
    let is_plain = |c: char| c.is_alphanumeric() || "/._-+@:,=".contains(c);
    if path.chars().all(is_plain) && !path.starts_with('-') {
        path
    } else {
        format!("'{}'", path.replace('\'', r"'\''"))
    }
}
