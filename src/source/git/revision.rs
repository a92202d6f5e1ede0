//! Resolves revisions (gitrevisions(7)) by the repository's references and objects, wherever it keeps them.

use git2::Direction;
use regex::bytes::RegexBuilder;

use super::ancestry::youngest;
use super::error::RepoError;
use super::object_reader::ObjectReader;
use super::objects::{CommitObject, message_start};
use super::pack_entry::ObjectKind;
use super::reference::RefTarget;
use super::repo::Repository;
use super::revision_syntax::{RevisionBase, RevisionStep, RevisionSyntax, described, is_short_id};
use crate::model::{Oid, Time};

/// The reason in the log of HEAD for changing to another branch.
const CHECKOUT: &[u8] = b"checkout: moving from ";

/// Selectors that follow each other, as in `@{-1}@{u}`.
const MAX_SELECTORS: usize = 8;

/// Numbers from here on are times, as in git.
const LARGEST_ENTRY: usize = 100_000_000;

/// Objects with the same first digits among which commits are looked for.
const MAX_SAME: usize = 1024;

/// The reason for which there is no commit before the first.
pub(super) const NO_PARENT: &str = "the commit has no parent";

/// The reason for which a name means nothing here.
pub(super) const NOWHERE: &str = "there is no such branch, tag or commit";

impl Repository {
    /// The commit that a revision such as `main~2` or `v1.0` names.
    ///
    /// # Errors
    /// A revision that names no commit.
    pub fn commit(&self, revision: &str) -> Result<Oid, RepoError> {
        let objects = self.objects()?;
        let named = self.resolved(&objects, revision);
        named.map_err(|why| RepoError::Revision(revision.to_owned(), why))
    }

    fn resolved(&self, objects: &ObjectReader<'_>, revision: &str) -> Result<Oid, String> {
        let written = RevisionSyntax::parse(revision)?;
        let mut oid = match written.base {
            RevisionBase::Message(text) => self.with_message(objects, &self.all_tips(), text)?,
            RevisionBase::Name(name) => self.by_name(objects, name)?,
            RevisionBase::Selected(name, selector) => self.selected(name, selector)?,
        };
        for step in written.steps {
            oid = self.after(objects, oid, step)?;
        }
        commit_of(objects, oid)
    }

    /// The object that a step leads to.
    fn after(
        &self,
        objects: &ObjectReader<'_>,
        oid: Oid,
        step: RevisionStep<'_>,
    ) -> Result<Oid, String> {
        Ok(match step {
            RevisionStep::Object => oid,
            RevisionStep::Peel(None) => objects.peel(oid).map_err(|why| why.to_string())?.1,
            RevisionStep::Peel(Some(ObjectKind::Tag)) => {
                match objects.read_as(ObjectKind::Tag, oid) {
                    Ok(_) => oid,
                    Err(why) => return Err(why.to_string()),
                }
            }
            RevisionStep::Peel(Some(_)) | RevisionStep::Parent(0) => commit_of(objects, oid)?,
            RevisionStep::Parent(nth) => {
                let parents = self.parents(objects, commit_of(objects, oid)?)?;
                *parents.get(nth - 1).ok_or_else(|| no_parent(nth, parents.len()))?
            }
            RevisionStep::Ancestor(count) => {
                let mut oid = commit_of(objects, oid)?;
                for _ in 0..count {
                    let parents = self.parents(objects, oid)?;
                    oid = *parents.first().ok_or_else(|| no_parent(1, 0))?;
                }
                oid
            }
            RevisionStep::Message(text) => {
                let tip = commit_of(objects, oid)?;
                match text {
                    "" => tip,
                    text => self.with_message(objects, &[tip], text)?,
                }
            }
        })
    }

    fn parents(&self, objects: &ObjectReader<'_>, oid: Oid) -> Result<Vec<Oid>, String> {
        if self.shallow_ends().contains(&oid) {
            return Ok(Vec::new());
        }
        let bytes = objects.read_as(ObjectKind::Commit, oid);
        let bytes = bytes.map_err(|why| format!("{oid:.12}: {why}"))?;
        let links = CommitObject::links(&bytes, oid.format());
        links.map(|(_, parents)| parents).ok_or_else(|| format!("{oid:.12} is not a valid commit"))
    }

    /// The youngest commit that `tips` reach and whose message matches.
    fn with_message(
        &self,
        objects: &ObjectReader<'_>,
        tips: &[Oid],
        text: &str,
    ) -> Result<Oid, String> {
        let (pattern, is_wanted) = match text.strip_prefix('!') {
            None => (text, true),
            Some(rest) if rest.starts_with('!') => (rest, true),
            Some(rest) => match rest.strip_prefix('-') {
                Some(rest) => (rest, false),
                None => return Err("git keeps `!` for itself; write `!!` for one".to_owned()),
            },
        };
        let mut pattern = RegexBuilder::new(pattern);
        let pattern = pattern.unicode(false).dot_matches_new_line(true).build();
        let pattern = pattern.map_err(|_| "its text is no regular expression".to_owned())?;
        let fits = |commit: &[u8]| {
            let start = message_start(commit);
            (start < commit.len() && pattern.is_match(&commit[start..])) == is_wanted
        };
        youngest(objects, self.shallow_ends(), tips, fits)
            .ok_or_else(|| "no commit has such a message".to_owned())
    }

    /// The commits of all references.
    fn all_tips(&self) -> Vec<Oid> {
        let mut tips = self.tips("refs/").0;
        tips.extend(self.head().ok().flatten());
        tips
    }

    /// The object that a name means: an id, a reference, what `git describe` prints, or the beginning of an
    /// id.
    fn by_name(&self, objects: &ObjectReader<'_>, name: &str) -> Result<Oid, String> {
        // An id is one, even if a branch has such a name.
        if let Some(oid) = Oid::from_hex_as(self.format(), name.as_bytes()) {
            return Ok(oid);
        }
        let references = self.references();
        if let Some(whole) = references.expand(name.as_bytes())?
            && let Some(oid) = references.resolve(&whole)?
        {
            return Ok(oid);
        }
        if name == "HEAD" || name == "@" {
            return Err("HEAD has no commit".to_owned());
        }
        let digits = described(name).unwrap_or(name);
        if !is_short_id(digits) || digits.len() > self.format().digits() {
            return Err(NOWHERE.to_owned());
        }
        let mut found = objects.beginning_with(&digits.to_ascii_lowercase(), MAX_SAME);
        if found.len() > 1 {
            found.retain(|&oid| commit_of(objects, oid).is_ok());
        }
        match found[..] {
            [oid] => Ok(oid),
            [] => Err(NOWHERE.to_owned()),
            [one, two, ..] => Err(format!(
                "several objects begin so, among them {one:.16} and {two:.16}; write more digits"
            )),
        }
    }

    /// The object that `NAME@{SELECTOR}` means.
    fn selected(&self, name: &str, selector: &str) -> Result<Oid, String> {
        let references = self.references();
        let unborn = |whole: &[u8]| format!("{} has no commit", String::from_utf8_lossy(whole));
        let by_log = match selector.parse::<usize>() {
            Ok(back) if back <= LARGEST_ENTRY => Some(back),
            _ => None,
        };
        if by_log.is_none()
            && let Some(whole) = self.other(name, selector, MAX_SELECTORS)?
        {
            return match whole {
                RefTarget::Object(oid) => Ok(oid),
                RefTarget::Symbolic(whole) => {
                    references.resolve(&whole)?.ok_or_else(|| unborn(&whole))
                }
            };
        }
        let whole = self.whole_name(name, MAX_SELECTORS)?;
        let current = references.resolve(&whole)?;
        let log = references.log(&whole);
        let text = String::from_utf8_lossy(&whole);
        let Some(back) = by_log else {
            let time = Time::parse(selector).ok_or_else(|| {
                format!(
                    "`{selector}` is no date that keyside knows; try `2026-01-31 12:00` or `2 weeks ago`, or \
                     write the commit's id"
                )
            })?;
            let at = log.iter().position(|change| change.time <= time.seconds);
            let found = match (at, log.last()) {
                // Before the log begins, the oldest value counts.
                (None, Some(oldest)) => oldest.old.or(oldest.new),
                (Some(0), _) => current,
                (Some(nth), _) => log[nth].new,
                (None, None) => {
                    return Err(format!("{text} has no reflog, so its past is unknown"));
                }
            };
            return found.ok_or_else(|| unborn(&whole));
        };
        if back == 0 {
            let newest = log.first().and_then(|change| change.new);
            return newest.or(current).ok_or_else(|| unborn(&whole));
        }
        let found = log.get(back - 1..).unwrap_or_default().iter().find_map(|change| change.old);
        found.ok_or_else(|| format!("the reflog of {text} has only {} entries", log.len()))
    }

    /// The whole name of the reference that a name means; an empty one is the current branch.
    fn whole_name(&self, name: &str, left: usize) -> Result<Vec<u8>, String> {
        let references = self.references();
        if name.is_empty() {
            return Ok(references.head()?.branch.unwrap_or_else(|| b"HEAD".to_vec()));
        }
        let inner = name.strip_suffix('}').and_then(|inner| inner.rsplit_once("@{"));
        if let (Some((inner, selector)), Some(left)) = (inner, left.checked_sub(1))
            && let Some(RefTarget::Symbolic(whole)) = self.other(inner, selector, left)?
        {
            return Ok(whole);
        }
        let whole = references.expand(name.as_bytes())?;
        whole.ok_or_else(|| format!("there is no reference `{name}`"))
    }

    /// The other reference that `NAME@{SELECTOR}` means, or the commit that was checked out without a branch;
    /// `None` if the selector chooses from the reference's own past.
    fn other(&self, name: &str, selector: &str, left: usize) -> Result<Option<RefTarget>, String> {
        if let Some(back) = selector.strip_prefix('-').filter(|_| name.is_empty()) {
            return self.checked_out(back).map(Some);
        }
        let is = |own: &str| selector.eq_ignore_ascii_case(own);
        let is_push = is("push");
        if !is_push && !is("u") && !is("upstream") {
            return Ok(None);
        }
        let branch = match name {
            "@" | "HEAD" => self.whole_name("", left)?,
            name => self.whole_name(name, left)?,
        };
        let other = if is_push { self.pushed(&branch) } else { self.upstream(&branch) };
        let told = String::from_utf8_lossy(&branch);
        let other = other.ok_or_else(|| match is_push {
            true => format!("it is not configured which branch {told} is pushed to"),
            false => format!("no upstream branch is configured for {told}"),
        })?;
        Ok(Some(RefTarget::Symbolic(other)))
    }

    /// The branch or the commit that was checked out so many changes ago, by the log of HEAD.
    fn checked_out(&self, back: &str) -> Result<RefTarget, String> {
        let back: usize = back.parse().map_err(|_| format!("-{back} is no number"))?;
        let references = self.references();
        let log = references.log(b"HEAD").into_iter();
        let mut left = log.filter_map(|change| {
            let branches = change.message.strip_prefix(CHECKOUT)?;
            let end = memchr::memmem::find(branches, b" to ")?;
            Some(branches[..end].to_owned())
        });
        let nth = back.checked_sub(1).ok_or_else(|| "-0 is no number".to_owned())?;
        let name = left.nth(nth).ok_or_else(|| {
            format!("the reflog of HEAD has fewer than {back} changes of the branch")
        })?;
        let whole = [b"refs/heads/", &name[..]].concat();
        if references.resolve(&whole)?.is_some() {
            return Ok(RefTarget::Symbolic(whole));
        }
        if let Some(oid) = Oid::from_hex(&name) {
            return Ok(RefTarget::Object(oid));
        }
        let expanded = references.expand(&name)?;
        let gone =
            || format!("the branch {} does not exist any more", String::from_utf8_lossy(&name));
        expanded.map(RefTarget::Symbolic).ok_or_else(gone)
    }

    /// The reference that a branch follows, by the configuration.
    fn upstream(&self, branch: &[u8]) -> Option<Vec<u8>> {
        let short = std::str::from_utf8(branch.strip_prefix(b"refs/heads/")?).ok()?;
        let config = self.git.config().ok()?;
        let remote = config.get_string(&format!("branch.{short}.remote")).ok()?;
        let merge = config.get_string(&format!("branch.{short}.merge")).ok()?;
        if remote == "." { Some(merge.into_bytes()) } else { self.tracking(&remote, &merge) }
    }

    /// The reference that a branch is pushed to, by the configuration.
    fn pushed(&self, branch: &[u8]) -> Option<Vec<u8>> {
        let whole = std::str::from_utf8(branch).ok()?;
        let short = whole.strip_prefix("refs/heads/")?;
        let config = self.git.config().ok()?;
        let set = |name: &str| config.get_string(name).ok();
        let pulled = set(&format!("branch.{short}.remote"));
        let pushed =
            set(&format!("branch.{short}.pushRemote")).or_else(|| set("remote.pushDefault"));
        let is_central = pushed.is_none() || pushed == pulled;
        let remote = pushed.or(pulled).unwrap_or_else(|| "origin".to_owned());
        let to = set("push.default").unwrap_or_else(|| "simple".to_owned());
        match to.to_ascii_lowercase().as_str() {
            "nothing" => None,
            "upstream" | "tracking" => self.upstream(branch),
            "simple" if is_central => {
                let own = self.tracking(&remote, whole)?;
                self.upstream(branch).filter(|upstream| *upstream == own)
            }
            _ => self.tracking(&remote, whole),
        }
    }

    /// The reference that has the last fetched state of a branch of a remote repository.
    fn tracking(&self, remote: &str, branch: &str) -> Option<Vec<u8>> {
        let remote = self.git.find_remote(remote).ok()?;
        let mut specs = remote.refspecs();
        let spec =
            specs.find(|spec| spec.direction() == Direction::Fetch && spec.src_matches(branch))?;
        Some(spec.transform(branch).ok()?.to_vec())
    }
}

/// Follows tags to a commit.
pub(super) fn commit_of(objects: &ObjectReader<'_>, oid: Oid) -> Result<Oid, String> {
    match objects.peel(oid) {
        Ok((ObjectKind::Commit, oid)) => Ok(oid),
        Ok((kind, _)) => {
            let kind = match kind {
                ObjectKind::Tree => "a tree",
                ObjectKind::Blob => "a file's content",
                ObjectKind::Commit | ObjectKind::Tag => "a tag",
            };
            Err(format!("it names {kind}"))
        }
        Err(why) => Err(why.to_string()),
    }
}

fn no_parent(nth: usize, count: usize) -> String {
    match count {
        0 => NO_PARENT.to_owned(),
        count => format!("the commit has no parent number {nth}, only {count}"),
    }
}
