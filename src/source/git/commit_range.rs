//! Ranges of commits: `BASE..HEAD` as users write it, or the commits of a push.

use std::collections::HashSet;

use super::error::RepoError;
use super::repo::Repository;
use super::revision::{NO_PARENT, NOWHERE};
use crate::model::Oid;

/// The accepted forms of a range; part of every error about one.
const ACCEPTED: &str = "a range is `BASE..HEAD`, or `BASE...HEAD` for the changes since both diverged; \
                        an empty side means HEAD";

/// A range as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RangeSyntax<'w> {
    pub(super) base: &'w str,
    pub(super) tip: &'w str,
    /// True if three dots separate the sides.
    is_symmetric: bool,
}

impl<'w> RangeSyntax<'w> {
    pub(super) fn parse(text: &'w str) -> Result<Self, RepoError> {
        let text = text.trim();
        let refuse = |why: &str| RepoError::Range(format!("`{text}` {why}; {ACCEPTED}"));
        let is_option = |side: &str| side.starts_with('-');
        if is_option(text) {
            return Err(refuse("is an option of git, which is not accepted here"));
        }
        // `:/TEXT` is a commit whose message has the text.
        if has_words(text) && !text.contains(":/") {
            return Err(refuse("is more than one range"));
        }
        let Some((base, rest)) = text.split_once("..") else {
            return Err(RepoError::Range(if text.is_empty() {
                format!("the range is empty; {ACCEPTED}")
            } else {
                one_commit(text)
            }));
        };
        let (tip, is_symmetric) = match rest.strip_prefix('.') {
            Some(tip) => (tip, true),
            None => (rest, false),
        };
        if tip.starts_with('.') || tip.contains("..") {
            return Err(refuse("has dots in more than one place"));
        }
        if is_option(tip) {
            return Err(refuse("contains an option of git, which is not accepted here"));
        }
        let side = |side: &'w str| if side.is_empty() { "HEAD" } else { side };
        Ok(Self { base: side(base), tip: side(tip), is_symmetric })
    }
}

/// The error for a commit in place of a range, with ranges that can be written instead.
fn one_commit(text: &str) -> String {
    // `HEAD^!` is git's own way to write the changes of one commit.
    let commit = ["^!", "^@", "^-"].iter().find_map(|ending| text.strip_suffix(ending));
    match commit {
        Some(commit) => format!(
            "`{text}` is a form of range that is not accepted here: write `{commit}^..{commit}` for the \
             changes of one commit; {ACCEPTED}"
        ),
        None => format!(
            "`{text}` names one commit, not a range: write `{text}..HEAD` for what came after it, \
             `{text}^..{text}` for its own changes; {ACCEPTED}"
        ),
    }
}

/// True if a text is several words. A revision may contain spaces only in braces: `main@{2 weeks
/// ago}`.
fn has_words(text: &str) -> bool {
    let mut depth = 0usize;
    text.chars().any(|character| {
        match character {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0 && character.is_whitespace()
    })
}

/// The commits of a range.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommitRange {
    /// The end of the range.
    pub tip: Oid,
    /// The commits whose trees are known already: the base, and with three dots also the best
    /// common ancestors.
    pub bases: Vec<Oid>,
    /// The commits that the tip reaches and the base does not, children before their parents.
    pub commits: Vec<Oid>,
    /// True if the parents outside the range are known, too.
    pub knows_parents: bool,
    /// True if the common history of both sides is not here.
    pub is_parted: bool,
    /// The number of the change that the commits belong to: in a push, that of the ref.
    pub change: usize,
    hidden: Vec<Oid>,
}

impl CommitRange {
    /// Resolves `range` to its commits.
    ///
    /// # Errors
    /// An invalid range, sides that name no commit, three dots between commits without a common
    /// ancestor, and history that cannot be read.
    pub fn of(repository: &Repository, range: &str) -> Result<Self, RepoError> {
        let written = RangeSyntax::parse(range)?;
        let base = commit(repository, written.base)?;
        let tip = commit(repository, written.tip)?;
        let mut bases = vec![base];
        let mut is_parted = false;
        if written.is_symmetric {
            let common = repository.merge_bases(base, tip)?;
            match common.oids.is_empty() {
                false => bases.extend(common.oids),
                true if repository.is_shallow() || common.cut.is_some() => is_parted = true,
                true => {
                    return Err(RepoError::Range(format!(
                        "`{}` and `{}` have no common ancestor; with two dots instead of three \
                         you get everything that the second has and the first has not",
                        written.base, written.tip
                    )));
                }
            }
        }
        bases.sort_unstable();
        bases.dedup();
        let hidden = vec![base];
        let commits = repository.commits_between(&[tip], &hidden)?;
        Ok(Self { tip, bases, commits, knows_parents: false, is_parted, change: 0, hidden })
    }

    /// The commits that `tip` reaches and none of `hidden` does. The trees of `bases` are known.
    ///
    /// # Errors
    /// History that cannot be read.
    pub fn beyond(
        repository: &Repository,
        tip: Oid,
        hidden: Vec<Oid>,
        bases: Vec<Oid>,
    ) -> Result<Self, RepoError> {
        let commits = repository.commits_between(&[tip], &hidden)?;
        Ok(Self { tip, bases, commits, knows_parents: true, is_parted: false, change: 0, hidden })
    }

    /// The best common ancestors of the bases and the tip: the states that the change as a whole begins
    /// with. None if history is cut off before them.
    ///
    /// # Errors
    /// An object store that cannot be opened.
    pub fn forks(&self, repository: &Repository) -> Result<Vec<Oid>, RepoError> {
        let mut forks = Vec::new();
        for &base in &self.bases {
            let common = repository.merge_bases(base, self.tip)?;
            if common.cut.is_some() {
                return Ok(Vec::new());
            }
            forks.extend(common.oids);
        }
        forks.sort_unstable();
        forks.dedup();
        Ok(forks)
    }

    /// The commits of the range that any of these revisions reaches.
    ///
    /// # Errors
    /// Revisions that name no commit, and history that cannot be read.
    pub fn reached_by(
        &self,
        repository: &Repository,
        revisions: &[String],
    ) -> Result<HashSet<Oid>, RepoError> {
        let tips = revisions.iter().map(|revision| commit(repository, revision));
        let tips = tips.collect::<Result<Vec<_>, _>>()?;
        Ok(repository.commits_between(&tips, &self.hidden)?.into_iter().collect())
    }
}

/// Resolves a revision to a commit; the error suggests what to do.
pub(super) fn commit(repository: &Repository, revision: &str) -> Result<Oid, RepoError> {
    repository.commit(revision).map_err(|error| {
        let RepoError::Revision(revision, why) = error else {
            return error;
        };
        RepoError::Revision(revision.clone(), explained(repository, &revision, &why))
    })
}

/// Why a revision names no commit, and what can be done about it here.
fn explained(repository: &Repository, revision: &str, why: &str) -> String {
    if revision.len() >= 40 && revision.bytes().all(|byte| byte == b'0') {
        return "the id of zeros stands for no commit, such as the one before the first of a new branch; \
                name what the branch began from, as in `origin/main..HEAD`, or scan all of it with \
                `--branch HEAD`"
            .to_owned();
    }
    if matches!(repository.head(), Ok(None)) {
        return format!("{why}; HEAD has no commit yet");
    }
    // What is written wrongly, or is not in the log, comes from nowhere.
    if why != NO_PARENT && why != NOWHERE && !why.contains("missing") {
        return why.to_owned();
    }
    if repository.is_shallow() {
        return format!(
            "{why}; this clone is shallow: check out with `fetch-depth: 0`, or run `git fetch --unshallow`"
        );
    }
    if why == NO_PARENT {
        return "history does not go back that far; `--branch HEAD` scans it from its first commit"
            .to_owned();
    }
    let hint = if repository.has_remote() {
        "; `git fetch` gets what the remote repository has"
    } else {
        ""
    };
    format!("{why}{hint}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_parsed() {
        for (text, base, tip, is_symmetric) in [
            ("a..b", "a", "b", false),
            ("a...b", "a", "b", true),
            ("a..", "a", "HEAD", false),
            ("...b", "HEAD", "b", true),
            (" HEAD~3..HEAD ", "HEAD~3", "HEAD", false),
            ("b^..b", "b^", "b", false),
            ("main@{2 weeks ago}..HEAD", "main@{2 weeks ago}", "HEAD", false),
            ("v1.0..v1.1", "v1.0", "v1.1", false),
        ] {
            assert_eq!(
                RangeSyntax::parse(text).unwrap(),
                RangeSyntax { base, tip, is_symmetric },
                "{text}"
            );
        }
    }

    #[test]
    fn invalid_ranges_are_refused_with_advice() {
        for (text, says) in [
            ("", "is empty"),
            ("main", "`main..HEAD`"),
            ("--all", "option"),
            ("-p a..b", "option"),
            ("a..--all", "option"),
            ("--all a..b", "option"),
            ("a..b c..d", "more than one range"),
            ("a..b..c", "more than one place"),
            ("a....b", "more than one place"),
        ] {
            let error = RangeSyntax::parse(text);
            let message = error.err().map(|error| error.to_string()).unwrap_or_default();
            assert!(message.contains(says) && message.contains("BASE..HEAD"), "{text}: {message}");
        }
    }
}
