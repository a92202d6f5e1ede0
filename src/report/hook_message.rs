//! The message of a hook that stops a commit or a push: each finding, how to fix it, and the exact
//! line that accepts it. It is short, as it appears among other output and in graphical clients that
//! show only a few lines.

use std::collections::BTreeSet;
use std::io;

use super::colors::{BOLD, RED, YELLOW};
use super::comment_syntax::comment;
use super::history_text::{PlaceName, short};
use super::key_groups::{KeyGroup, key_groups};
use super::numbers::counted;
use super::visible::visible;
use super::{json_v1, kinds};
use crate::model::{Completeness, Finding, Occurrence, Provenance, Report, SourceKind};
use crate::rules::{Rule, Ruleset};

/// The most findings in a message.
const MOST: usize = 5;

/// The action that a hook may stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BlockedAction {
    /// A commit that is about to be made.
    Commit,
    /// Nothing: files were checked by name.
    Files,
    /// Commits that already exist.
    Commits,
    /// A push, before it is sent.
    Push,
    /// A received push.
    Arrival,
}

impl BlockedAction {
    /// The beginning of a finding's line.
    fn head(self, is_stopped: bool) -> String {
        match self.noun() {
            Some(what) => {
                format!("keyside {} {what}", if is_stopped { "stops" } else { "warns about" })
            }
            None => "keyside".to_owned(),
        }
    }

    /// The action in words; `None` if there is none.
    fn noun(self) -> Option<&'static str> {
        match self {
            Self::Commit => Some("this commit"),
            Self::Files => None,
            Self::Commits => Some("these commits"),
            Self::Push | Self::Arrival => Some("this push"),
        }
    }

    /// The step to repeat after the fix.
    fn again(self) -> &'static str {
        match self {
            Self::Commit => "commit again",
            Self::Files | Self::Commits => "try again",
            Self::Push | Self::Arrival => "push again",
        }
    }
}

/// Writes why the action is stopped; or, unless `is_stopped`, what is wrong with it.
///
/// # Errors
/// Those of `out`.
pub fn write(
    report: &Report,
    rules: &Ruleset,
    stopped: BlockedAction,
    is_stopped: bool,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let (style, head) = (if is_stopped { RED } else { YELLOW }, stopped.head(is_stopped));
    let groups = key_groups(&report.findings);
    for KeyGroup { first, others } in groups.iter().take(MOST) {
        let rule = json_v1::rule_of(first, rules);
        let (fix, accept) = (fix(first, rule, stopped), keep(first, rule, stopped));
        writeln!(out, "{style}{head}{style:#}: {}", what(first, rule))?;
        writeln!(out, "  {BOLD}fix{BOLD:#}:    {fix}")?;
        writeln!(out, "  {BOLD}accept{BOLD:#}: {accept}")?;
        let mut accepted = vec![accept];
        for other in others.iter().take(MOST) {
            let rule = json_v1::rule_of(other, rules);
            writeln!(out, "  {BOLD}also{BOLD:#}:   {}", what(other, rule))?;
            let accept = keep(other, rule, stopped);
            if !accepted.contains(&accept) {
                writeln!(out, "  {BOLD}accept{BOLD:#}: {accept}")?;
                accepted.push(accept);
            }
        }
    }
    if report.findings.is_empty() && report.state() == Completeness::Incomplete {
        writeln!(out, "{style}{head}{style:#}: not everything could be read")?;
    }
    let more = groups.len().saturating_sub(MOST);
    if more > 0 {
        let all = match stopped {
            BlockedAction::Commit => ": `keyside git --staged` shows them all",
            BlockedAction::Files
            | BlockedAction::Commits
            | BlockedAction::Push
            | BlockedAction::Arrival => "",
        };
        writeln!(out, "  and {}{all}", counted(more as u64, "more finding"))?;
    }
    Ok(())
}

/// Writes how many findings the action itself accepts, if there are any: whoever reviews it should know.
///
/// # Errors
/// Those of `out`.
pub fn write_accepted(
    report: &Report,
    action: BlockedAction,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let ids: BTreeSet<_> = report.accepted_by_change().map(|own| own.id).collect();
    if ids.is_empty() {
        return Ok(());
    }
    let what = action.noun().unwrap_or("this change");
    let verb =
        if action == BlockedAction::Commits { "themselves accept" } else { "itself accepts" };
    let count = counted(ids.len() as u64, "finding");
    writeln!(out, "keyside: {what} {verb} {count}, which nothing accepted before")
}

/// ``config.js:2:14: Example API key `ex-abc…(49)` in 3 places``
fn what(finding: &Finding, rule: &Rule) -> String {
    let first = &finding.occurrences[0];
    let name = PlaceName::new(&first.provenance);
    // That it is staged goes without saying.
    let version = if first.provenance.source == SourceKind::Index { "" } else { &name.version };
    let (path, place) = (visible(&name.text), first.region.start);
    let message = kinds::message(finding, rule, &visible(&finding.subject()));
    format!("{path}:{}:{}{version}: {message}", place.line, place.column)
}

/// The steps that fix the finding.
fn fix(finding: &Finding, rule: &Rule, stopped: BlockedAction) -> String {
    let first = &finding.occurrences[0];
    let again = stopped.again();
    let rewrite = |what: &str| {
        let commit = finding.history.as_ref().and_then(|history| history.first_seen.as_ref());
        let commit = commit.map(|first| first.commit).or(first.provenance.commit);
        let commit = commit.map(short).unwrap_or_default();
        format!(
            "{what} commit {commit} itself (`git commit --amend`, or `git rebase -i {commit}~`), \
             {again}"
        )
    };
    match first.provenance.source {
        SourceKind::CommitMessage => rewrite("reword"),
        SourceKind::TagMessage => format!("recreate the tag without it (`git tag -f -a`), {again}"),
        // The only files of the repository itself that hooks search are its refs, by their names.
        SourceKind::GitFile => format!("give the branch or tag another name, {again}"),
        SourceKind::Index | SourceKind::Tree | SourceKind::Stdin => {
            let fix = match (kinds::fix(finding), rule.env.first()) {
                _ if is_in_name(first) => "rename the file".to_owned(),
                (Some(fix), _) => visible(fix).trim_end_matches('.').to_owned(),
                (None, Some(variable)) => format!("read it from the environment ({variable})"),
                (None, None) => "read it from the environment or a secret store".to_owned(),
            };
            if stopped == BlockedAction::Files {
                let url = &rule.remediation.url;
                return format!("{fix}; if it is already in a commit, revoke it: {url}");
            }
            format!("{fix}, `git add {}`, {again}", quoted(&first.provenance))
        }
        // Without a key, earlier commits are harmless.
        _ if finding.secret.is_none() => {
            let fix = kinds::fix(finding).map(visible).unwrap_or_default();
            format!("{}, commit the fix, {again}", fix.trim_end_matches('.'))
        }
        SourceKind::Head
        | SourceKind::Commit
        | SourceKind::Stash
        | SourceKind::Note
        | SourceKind::Reflog
        | SourceKind::Unreachable
        | SourceKind::GitConfig => rewrite("change"),
    }
}

/// The line that accepts the finding, and its place. Committed lines cannot get a marker any more.
fn keep(finding: &Finding, rule: &Rule, stopped: BlockedAction) -> String {
    let first = &finding.occurrences[0];
    let path = &first.provenance.path;
    if finding.accepted_by_change().is_some() {
        return "accept it before, in a change of its own; or let the hook run with --trust-head"
            .to_owned();
    }
    let at = match stopped {
        BlockedAction::Commit | BlockedAction::Files => {
            let is_single = finding.occurrences.len() == 1 && !is_in_name(first);
            if let Some(comment) = comment(path).filter(|_| is_single) {
                let (path, line) = (visible(&path.to_text()), first.region.start.line);
                return format!(
                    "add above line {line} of {path}: {comment} keyside:allow[{}] WHY",
                    rule.id
                );
            }
            ""
        }
        BlockedAction::Commits | BlockedAction::Push | BlockedAction::Arrival => {
            ", in a change of its own that is pushed before"
        }
    };
    format!("add to .keysideignore{at}: {} WHY", finding.acceptance())
}

/// True if the key is in the file's name, not in its text.
fn is_in_name(place: &Occurrence) -> bool {
    place.region.start == place.region.end
}

/// A path, quoted for shells.
fn quoted(provenance: &Provenance) -> String {
    let path = visible(&provenance.path.to_text());
    let is_plain = |c: char| c.is_alphanumeric() || "/._-+@:,=".contains(c);
    if path.chars().all(is_plain) && !path.starts_with('-') {
        path
    } else {
        format!("'{}'", path.replace('\'', r"'\''"))
    }
}
