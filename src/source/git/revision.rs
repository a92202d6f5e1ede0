//! Resolves revisions (gitrevisions(7)) by the repository's references and objects, wherever it keeps them.

use git2::Direction;
use regex::bytes::RegexBuilder;

use super::ancestry::youngest;
use super::error::RepoError;
use super::object_reader::ObjectReader;
use super::objects::{CommitObject, message_start};
use super::pack_entry::ObjectKind;
use super::reference::{LoggedChange, RefTarget, Reference};
use super::repo::Repository;
use super::revision_syntax::{
    RevisionBase, RevisionStep, RevisionSyntax, described, is_push_mark, is_short_id,
    is_upstream_mark,
};
use crate::model::{Oid, Time};

/// The reason in the log of HEAD for changing to another branch.
const CHECKOUT: &[u8] = b"checkout: moving from ";

/// Names that stand for each other, as in `@{-1}@{u}`.
const MAX_SUBSTITUTES: usize = 8;

/// Numbers from here on are times, as in git.
const SMALLEST_TIME: usize = 100_000_000;

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
            RevisionBase::Message(text) => {
                self.with_message(objects, &self.all_tips(objects), text)?
            }
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

    /// The commits of HEAD and of all references, in the order in which git asks them: of commits with the
    /// same time, the first one counts.
    fn all_tips(&self, objects: &ObjectReader<'_>) -> Vec<Oid> {
        let references = self.references();
        let object = |own: Reference| match own.target {
            RefTarget::Object(oid) => Some(oid),
            RefTarget::Symbolic(name) => references.resolve(&name).ok().flatten(),
        };
        let all = references.below(b"refs/", &mut Vec::new()).into_iter().rev();
        let head = references.head().ok().and_then(|head| head.commit);
        let tips = head.into_iter().chain(all.filter_map(object));
        tips.filter_map(|oid| commit_of(objects, oid).ok()).collect()
    }

    /// The object that a name means: an id, a reference, what `git describe` prints, or the beginning of an
    /// id.
    fn by_name(&self, objects: &ObjectReader<'_>, name: &str) -> Result<Oid, String> {
        // An id is one, even if a branch has such a name.
        if let Some(oid) = Oid::from_hex_as(self.format(), name.as_bytes()) {
            return Ok(oid);
        }
        if let Some(Substitute::Object(oid)) = self.substitute(name, MAX_SUBSTITUTES)? {
            return Ok(oid);
        }
        let references = self.references();
        if let Some(whole) = references.expand(&self.substituted(name)?)?
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

    /// The object that `NAME@{SELECTOR}` means: an earlier one of a reference. Without a name it is the current
    /// branch.
    fn selected(&self, name: &str, selector: &str) -> Result<Oid, String> {
        let wanted = PastValue::parse(selector).ok_or_else(|| {
            format!(
                "`{selector}` is no date that keyside knows; try `2026-01-31 12:00` or `2 weeks ago`, or write \
                 the commit's id"
            )
        })?;
        let references = self.references();
        let (whole, current, log) = if name.is_empty() {
            let head = references.head().map_err(|why| format!("HEAD {why}"))?;
            let whole = head.branch.unwrap_or_else(|| b"HEAD".to_vec());
            let log = references.own_log(&whole).unwrap_or_default();
            let unborn = || format!("{} has no commit", String::from_utf8_lossy(&whole));
            let current = head.commit.ok_or_else(unborn)?;
            (whole, current, log)
        } else {
            let meant = self.substituted(name)?;
            match references.expand_logged(&meant)? {
                Some(found) => found,
                None if references.expand(&meant)?.is_some() => {
                    return Err(format!("{name} has no reflog, so its past is unknown"));
                }
                None => return Err(format!("there is no reference `{name}`")),
            }
        };
        let text = String::from_utf8_lossy(&whole);
        wanted.of(&log, current).ok_or_else(|| match log.len() {
            0 => format!("{text} has no reflog, so its past is unknown"),
            count => format!("the reflog of {text} has only {count} entries"),
        })
    }

    /// The name that a reference is looked up by where `name` is written.
    fn substituted(&self, name: &str) -> Result<Vec<u8>, String> {
        Ok(match self.substitute(name, MAX_SUBSTITUTES)? {
            Some(Substitute::Name(other)) => other,
            Some(Substitute::Object(_)) | None => name.as_bytes().to_owned(),
        })
    }

    /// The meaning of `@`, `@{-N}` and of a branch with `@{upstream}` or `@{push}`; `None` for any other name.
    fn substitute(&self, name: &str, left: usize) -> Result<Option<Substitute>, String> {
        let Some(left) = left.checked_sub(1) else { return Ok(None) };
        if let Some((back, rest)) = name.strip_prefix("@{-").and_then(|rest| rest.split_once('}')) {
            let before = self.checked_out(back)?;
            return match rest {
                "" => Ok(Some(match Oid::from_hex_as(self.format(), &before) {
                    Some(oid) => Substitute::Object(oid),
                    None => Substitute::Name(before),
                })),
                rest => self.substitute(&(String::from_utf8_lossy(&before) + rest), left),
            };
        }
        let rest = name.strip_prefix('@');
        if rest == Some("") {
            return Ok(Some(Substitute::Name(b"HEAD".to_vec())));
        }
        if let Some(rest) = rest.filter(|rest| rest.starts_with("@{")) {
            return self.substitute(&format!("HEAD{rest}"), left);
        }
        // The first mark must be all that follows the branch.
        let first = name.match_indices("@{").find_map(|(at, _)| Some((at, mark(&name[at..])?)));
        let Some((at, (is_push, length))) = first else { return Ok(None) };
        if at + length != name.len() {
            return Ok(None);
        }
        let branch = match &name[..at] {
            "" | "HEAD" => self.references().head().map_err(|why| format!("HEAD {why}"))?.branch,
            branch => Some([b"refs/heads/", branch.as_bytes()].concat()),
        };
        let branch = branch.ok_or_else(|| "HEAD is on no branch".to_owned())?;
        let other = if is_push { self.pushed(&branch) } else { self.upstream(&branch) };
        let told = String::from_utf8_lossy(&branch);
        let other = other.ok_or_else(|| match is_push {
            true => format!("it is not configured which branch {told} is pushed to"),
            false => format!("no upstream branch is configured for {told}"),
        })?;
        Ok(Some(Substitute::Name(other)))
    }

    /// The branch or the commit that was checked out so many changes ago, by the log of HEAD.
    fn checked_out(&self, back: &str) -> Result<Vec<u8>, String> {
        let no_number = || format!("-{back} is no number");
        let nth = back.parse::<usize>().ok().and_then(|back| back.checked_sub(1));
        let nth = nth.ok_or_else(no_number)?;
        let log = self.references().own_log(b"HEAD").unwrap_or_default().into_iter();
        let mut left = log.filter_map(|change| {
            let branches = change.message.strip_prefix(CHECKOUT)?;
            let end = memchr::memmem::find(branches, b" to ")?;
            Some(branches[..end].to_owned())
        });
        left.nth(nth).ok_or_else(|| {
            format!("the reflog of HEAD has fewer than {back} changes of the branch")
        })
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

/// Something that another name stands for.
enum Substitute {
    /// The name of a reference, whole or short.
    Name(Vec<u8>),
    /// A commit that was checked out without a branch.
    Object(Oid),
}

/// The mark at the beginning of a text, and its length: true for `@{push}`, false for `@{upstream}`.
fn mark(text: &str) -> Option<(bool, usize)> {
    let inner = text.strip_prefix("@{")?;
    let inner = &inner[..inner.find('}')?];
    let is_push = is_push_mark(inner);
    (is_push || is_upstream_mark(inner)).then_some((is_push, inner.len() + 3))
}

/// An earlier value of a reference.
enum PastValue {
    /// Before so many changes.
    Before(usize),
    /// At a time.
    At(i64),
}

impl PastValue {
    fn parse(selector: &str) -> Option<Self> {
        let is_number = selector.bytes().all(|byte| byte.is_ascii_digit());
        match selector.parse::<usize>() {
            Ok(back) if is_number && back < SMALLEST_TIME => Some(Self::Before(back)),
            _ => Time::parse(selector).map(|time| Self::At(time.seconds)),
        }
    }

    /// The value by the log of a reference, the newest change first, whose current value is `current`. All of
    /// it as `read_ref_at` of git has it, for logs with gaps, too.
    fn of(&self, log: &[LoggedChange], current: Oid) -> Option<Oid> {
        let found = match self {
            Self::Before(back) => log.get(*back).map(|_| *back),
            Self::At(time) => log.iter().position(|change| change.time <= *time),
        };
        if let Some(nth) = found {
            let newer = nth.checked_sub(1).map(|newer| &log[newer]);
            let is_exact = matches!(self, Self::At(time) if *time == log[nth].time);
            let is_told = is_exact || newer.is_some_and(|newer| newer.old.is_some());
            return if is_told { log[nth].new } else { Some(current) };
        }
        match (self, log.last()) {
            (Self::Before(0), None) => Some(current),
            // Before the log begins, the oldest value counts.
            (Self::Before(back), Some(oldest)) if *back == log.len() => oldest.old,
            (Self::At(_), Some(oldest)) => oldest.old.or(oldest.new),
            (Self::Before(_), _) | (Self::At(_), None) => None,
        }
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
