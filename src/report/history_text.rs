//! The names of places and the history of findings, in words that the formats for people share.

use std::collections::BTreeSet;

use super::numbers::counted;
use super::text_width::truncated;
use super::visible::visible;
use crate::model::{
    CommitInfo, Finding, History, KeyDetails, Liveness, Occurrence, Oid, Provenance, SourceKind,
};
use crate::rules::Rule;

/// The most branches that are named.
const BRANCHES: usize = 5;

/// The columns shown of a commit's summary.
const SUMMARY: usize = 50;

/// The name of a place.
pub(super) struct PlaceName {
    /// The text that line numbers refer to: a path, or `message of commit 3f2a9c1d`.
    pub(super) text: String,
    /// Its version, such as ` at 3f2a9c1d (stash)`; empty for the current one.
    pub(super) version: String,
}

impl PlaceName {
    /// The name of a provenance. It is not sanitized.
    pub(super) fn new(provenance: &Provenance) -> Self {
        let kept = match provenance.source {
            SourceKind::Index => " (index)",
            SourceKind::Stash => " (stash)",
            SourceKind::Reflog => " (reflog)",
            SourceKind::Unreachable => " (unreachable)",
            SourceKind::Tree
            | SourceKind::Stdin
            | SourceKind::Head
            | SourceKind::Commit
            | SourceKind::Note
            | SourceKind::CommitMessage
            | SourceKind::TagMessage
            | SourceKind::GitConfig
            | SourceKind::GitFile => "",
        };
        let path = provenance.text_path().to_text();
        if is_file(provenance) {
            let commit = provenance.commit.filter(|_| is_past(provenance.source));
            let commit = commit.map(|commit| format!(" at {}", short(commit)));
            let version = commit.unwrap_or_default() + kept;
            return Self { text: path.into_owned(), version };
        }
        // A note's path is the id of its object, perhaps with slashes in it.
        let id = Oid::from_hex(path.replace('/', "").as_bytes());
        let name = id.map_or_else(|| path.into_owned(), short);
        let text = if provenance.source == SourceKind::TagMessage {
            format!("message of tag {name}")
        } else if provenance.source == SourceKind::Note {
            format!("note on {name}")
        } else if id.is_some() && id != provenance.commit {
            format!("object {name}")
        } else {
            format!("message of commit {}", provenance.commit.map_or(name, short))
        };
        Self { text, version: kept.to_owned() }
    }
}

/// True if a provenance is a file with a path, not a message or a nameless object with an id instead.
pub(super) fn is_file(provenance: &Provenance) -> bool {
    match provenance.source {
        SourceKind::Tree
        | SourceKind::Stdin
        | SourceKind::Head
        | SourceKind::Index
        | SourceKind::Commit
        | SourceKind::GitConfig
        | SourceKind::GitFile => true,
        SourceKind::Note | SourceKind::CommitMessage | SourceKind::TagMessage => false,
        SourceKind::Stash | SourceKind::Reflog | SourceKind::Unreachable => {
            let id = Oid::from_hex(provenance.path.as_bytes());
            id.is_none() || (id != provenance.commit && id != provenance.blob)
        }
    }
}

/// True if files of this source belong to a commit that is not checked out.
fn is_past(source: SourceKind) -> bool {
    matches!(
        source,
        SourceKind::Commit | SourceKind::Stash | SourceKind::Reflog | SourceKind::Unreachable
    )
}

/// The style in which a format shows text of the repository.
#[derive(Clone, Copy)]
pub(super) struct TextStyle {
    /// Sanitizes text for the format.
    pub(super) harmless: fn(&str) -> String,
    /// True if e-mail addresses may be shown.
    pub(super) addresses: bool,
}

impl TextStyle {
    /// A commit: `3f2a9c1d 2024-05-03 by Ada <ada@example.com>`.
    pub(super) fn commit_line(self, change: &CommitInfo) -> String {
        let author = self.author(change);
        let author = if author.is_empty() { author } else { format!(" {author}") };
        format!("{} {}{author}", commit(change), day(change))
    }

    /// `by Ada <ada@example.com>`, as far as it is known and may be shown.
    pub(super) fn author(self, change: &CommitInfo) -> String {
        let name = self.name(change).map(self.harmless).unwrap_or_default();
        let address = (self.harmless)(change.email.trim());
        match (name.as_str(), address.as_str()) {
            ("", "") => String::new(),
            (name, _) if !self.addresses && !name.is_empty() => format!("by {name}"),
            _ if !self.addresses => String::new(),
            (name, "") => format!("by {name}"),
            ("", address) => format!("by <{address}>"),
            (name, address) => format!("by {name} <{address}>"),
        }
    }

    /// The author's name; `None` if it is an address that may not be shown.
    pub(super) fn name(self, change: &CommitInfo) -> Option<&str> {
        let name = change.author.trim();
        (!name.is_empty() && (self.addresses || !name.contains('@'))).then_some(name)
    }

    /// The first commit with the secret: `3f2a9c1d 2024-05-03 by Ada <ada@example.com>
    /// "Add config", 933 days ago, past the provider's 90 days`.
    pub(super) fn first_seen(
        self,
        history: &History,
        rule: &Rule,
        first: &Occurrence,
    ) -> Option<String> {
        let change = history.first_seen.as_ref()?;
        let mut text = String::new();
        if change.is_boundary {
            text.push_str("at or before ");
        }
        text.push_str(&self.commit_line(change));
        if let Some(path) = former_path(change, first) {
            text.push_str(&format!(" in {}", (self.harmless)(&path)));
        }
        if !change.summary.is_empty() {
            let summary = truncated(&visible(&change.summary), SUMMARY);
            text.push_str(&format!(" \"{}\"", (self.harmless)(&summary)));
        }
        for part in age(history, rule) {
            text.push_str(&format!(", {part}"));
        }
        Some(text)
    }

    /// The key's liveness: `yes: the provider accepts it`; `None` if it was not checked.
    pub(super) fn liveness(self, finding: &Finding) -> Option<String> {
        let (liveness, reason) = (finding.verification.liveness, &finding.verification.reason);
        let word = match liveness {
            Liveness::Live => "yes",
            Liveness::Dead => "no",
            Liveness::Unknown => "unknown",
            Liveness::NotChecked => "not checked",
        };
        (!reason.is_empty()).then(|| format!("{word}: {}", (self.harmless)(reason)))
    }

    /// The account behind the key: `id 7; name "ci"; scopes read, write`.
    pub(super) fn account(self, finding: &Finding) -> Option<String> {
        let KeyDetails { id, name, scopes } = finding.verification.account.as_ref()?;
        let id = id.as_ref().map(|id| format!("id {}", (self.harmless)(id)));
        let name = name.as_ref().map(|name| format!("name \"{}\"", (self.harmless)(name)));
        let scopes =
            (!scopes.is_empty()).then(|| format!("scopes {}", (self.harmless)(&scopes.join(", "))));
        let parts: Vec<_> = id.into_iter().chain(name).chain(scopes).collect();
        (!parts.is_empty()).then(|| parts.join("; "))
    }

    /// The places that still hold the secret, as far as they are known: HEAD, branches, or only a
    /// place that few people think of.
    pub(super) fn current_state(self, finding: &Finding) -> Option<String> {
        let removed = finding.history.as_ref().and_then(|history| history.removed_in.as_ref());
        let mut parts = self.holders(finding);
        if let Some(change) = removed {
            parts.truncate(usize::from(in_head(finding).is_some()));
            parts.push(format!("removed in {}", self.commit_line(change)));
        }
        (!parts.is_empty()).then(|| parts.join("; "))
    }

    /// The places that hold the secret now, as far as they are known: HEAD first.
    pub(super) fn holders(self, finding: &Finding) -> Vec<String> {
        let Some(history) = &finding.history else { return Vec::new() };
        let more = if !history.branches.is_empty() {
            Some(self.branches(&history.branches))
        } else if history.in_head != Some(true) {
            other_holders(finding)
        } else {
            None
        };
        in_head(finding).map(str::to_owned).into_iter().chain(more).collect()
    }

    fn branches(self, branches: &[String]) -> String {
        let (checkouts, branches): (Vec<_>, Vec<_>) =
            branches.iter().cloned().partition(|name| checkout_of(name).is_some());
        let checkouts = checkouts.iter().filter_map(|name| checkout_of(name));
        let checkouts: Vec<_> = checkouts
            .map(|name| match name {
                "" => "checked out in the main worktree".to_owned(),
                name => format!("checked out in the worktree {}", (self.harmless)(name)),
            })
            .collect();
        let branches = (!branches.is_empty()).then(|| self.branch_names(&branches));
        branches.into_iter().chain(checkouts).collect::<Vec<_>>().join("; ")
    }

    fn branch_names(self, branches: &[String]) -> String {
        let names = branches.iter().take(BRANCHES).map(|name| (self.harmless)(name));
        let names = names.collect::<Vec<_>>().join(", ");
        match branches.len() {
            1 => format!("branch: {names}"),
            count if count > BRANCHES => format!("branches: {names} and {} more", count - BRANCHES),
            _ => format!("branches: {names}"),
        }
    }
}

/// The linked worktree that a name such as `worktrees/NAME/HEAD` is about; empty for the main one.
fn checkout_of(name: &str) -> Option<&str> {
    if name == "main-worktree/HEAD" {
        return Some("");
    }
    name.strip_prefix("worktrees/")?.strip_suffix("/HEAD")
}

/// The path that a file had in a commit, if it differs from the current one.
pub(super) fn former_path(change: &CommitInfo, first: &Occurrence) -> Option<String> {
    let is_elsewhere = !change.path.as_bytes().is_empty() && change.path != first.provenance.path;
    (is_elsewhere && is_file(&first.provenance)).then(|| change.path.to_text().into_owned())
}

/// A secret's age, and whether it exceeds the provider's rotation period: `933 days ago`, `past the
/// provider's 90 days`.
pub(super) fn age(history: &History, rule: &Rule) -> Vec<String> {
    let age = history.age_days.map(|days| match days {
        0 => "less than a day ago".to_owned(),
        days => format!("{} ago", counted(days, "day")),
    });
    let is_past = history.past_rotation == Some(true);
    let past = is_past.then(|| {
        let days = rule.remediation.rotation_days;
        let limit = days.map_or_else(|| "limit".to_owned(), |days| counted(days.into(), "day"));
        format!("past the provider's {limit}")
    });
    age.into_iter().chain(past).collect()
}

/// The encodings of the key at a place, if any: `encoded: base64 of hex`.
pub(super) fn encoded(occurrence: &Occurrence) -> Option<String> {
    let names: Vec<_> = occurrence.layers.iter().map(|layer| layer.name()).collect();
    (!names.is_empty()).then(|| format!("encoded: {}", names.join(" of ")))
}

/// The words for a secret's presence in HEAD, if it is known.
fn in_head(finding: &Finding) -> Option<&'static str> {
    let is_in_head = finding.history.as_ref()?.in_head?;
    Some(if is_in_head { "still in HEAD" } else { "not in HEAD" })
}

/// The holders of a secret that is on no branch.
fn other_holders(finding: &Finding) -> Option<String> {
    let sources: BTreeSet<_> = finding.occurrences.iter().map(|o| o.provenance.source).collect();
    let nouns = sources.into_iter().filter_map(|source| match source {
        SourceKind::Tree | SourceKind::Stdin | SourceKind::Head => None,
        SourceKind::Index => Some("the index"),
        SourceKind::Commit => Some("a past commit"),
        SourceKind::Stash => Some("a stash"),
        SourceKind::Note => Some("a note"),
        SourceKind::CommitMessage => Some("the message of a commit"),
        SourceKind::TagMessage => Some("the message of a tag"),
        SourceKind::Reflog => Some("a reflog"),
        SourceKind::Unreachable => Some("an unreachable object"),
        SourceKind::GitConfig => Some("the configuration of the repository"),
        SourceKind::GitFile => Some("a file beside the objects"),
    });
    let nouns: Vec<_> = nouns.collect();
    let (last, others) = nouns.split_last()?;
    if others.is_empty() {
        Some(format!("only {last} has it"))
    } else {
        Some(format!("only {} and {last} have it", others.join(", ")))
    }
}

/// A commit's id, marked if it is a merge: `3f2a9c1d (merge)`.
pub(super) fn commit(change: &CommitInfo) -> String {
    let merge = if change.is_merge { " (merge)" } else { "" };
    format!("{}{merge}", short(change.commit))
}

/// The day of a commit in its author's time zone.
pub(super) fn day(change: &CommitInfo) -> String {
    let date = change.date.to_string();
    date.split_once('T').map_or(date.as_str(), |(day, _)| day).to_owned()
}

/// The first digits of an id, enough to recognise it.
pub(super) fn short(id: Oid) -> String {
    format!("{id:.8}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    const TEXT_STYLE: TextStyle = TextStyle { harmless: str::to_owned, addresses: true };

    #[test]
    fn places_say_where_they_are() {
        for (source, path, expected) in [
            (SourceKind::Tree, "a b.js", ["a b.js", ""]),
            (SourceKind::Stdin, "<stdin>", ["<stdin>", ""]),
            (SourceKind::Head, "a.js", ["a.js", ""]),
            (SourceKind::Index, "a.js", ["a.js", " (index)"]),
            (SourceKind::Commit, "a.js", ["a.js", " at c0c0c0c0"]),
            (SourceKind::Stash, "a.js", ["a.js", " at c0c0c0c0 (stash)"]),
            (SourceKind::Reflog, "a.js", ["a.js", " at c0c0c0c0 (reflog)"]),
            (SourceKind::Unreachable, "a.js", ["a.js", " at c0c0c0c0 (unreachable)"]),
            (SourceKind::CommitMessage, "", ["message of commit c0c0c0c0", ""]),
            (SourceKind::TagMessage, "v1", ["message of tag v1", ""]),
            (SourceKind::TagMessage, "", ["message of tag b0b0b0b0", ""]),
            (SourceKind::Note, "review", ["note on review", ""]),
            (SourceKind::Unreachable, "", ["object b0b0b0b0", " (unreachable)"]),
            (SourceKind::Reflog, &oid_text(0xc0), ["message of commit c0c0c0c0", " (reflog)"]),
            (SourceKind::Stash, &oid_text(0xc0), ["message of commit c0c0c0c0", " (stash)"]),
            // A file may be called like some id.
            (SourceKind::Stash, &oid_text(0x11), [&oid_text(0x11), " at c0c0c0c0 (stash)"]),
        ] {
            let name = PlaceName::new(&sample::provenance(source, path));
            assert_eq!([name.text.as_str(), name.version.as_str()], expected, "{source:?} {path}");
        }
        let fanned = format!("{:.2}/{}", sample::oid(0xaa), &oid_text(0xaa)[2..]);
        let name = PlaceName::new(&sample::provenance(SourceKind::Note, &fanned));
        assert_eq!(name.text, "note on aaaaaaaa");
        let mut lost = sample::provenance(SourceKind::Unreachable, "a.js");
        lost.commit = None;
        let name = PlaceName::new(&lost);
        assert_eq!((name.text.as_str(), name.version.as_str()), ("a.js", " (unreachable)"));
    }

    fn oid_text(byte: u8) -> String {
        sample::oid(byte).to_string()
    }

    #[test]
    fn commits_show_what_is_known() {
        let change = sample::change(0x3f, "a.js");
        let known = |author: &str, email: &str, addresses| {
            let change =
                CommitInfo { author: author.to_owned(), email: email.to_owned(), ..change.clone() };
            TextStyle { addresses, ..TEXT_STYLE }.commit_line(&change)
        };
        for (author, email, full, discreet) in [
            ("Ada", "ada@x", " by Ada <ada@x>", " by Ada"),
            (" ", "ada@x", " by <ada@x>", ""),
            ("Ada", "", " by Ada", " by Ada"),
            ("ada@x", "ada@x", " by ada@x <ada@x>", ""),
            ("", "", "", ""),
        ] {
            let start = "3f3f3f3f 2024-05-03";
            assert_eq!(known(author, email, true), format!("{start}{full}"));
            assert_eq!(known(author, email, false), format!("{start}{discreet}"));
        }
        let merge = CommitInfo { is_merge: true, ..change };
        assert_eq!(
            TEXT_STYLE.commit_line(&merge),
            "3f3f3f3f (merge) 2024-05-03 by Ada <ada@example.com>"
        );
    }

    #[test]
    fn the_current_holders_are_named() {
        use SourceKind::{
            Commit, CommitMessage, Head, Index, Note, Reflog, Stash, TagMessage, Unreachable,
        };
        let branches = |names: &str| names.split_whitespace().map(str::to_owned).collect();
        let removed = Some(sample::change(0x9a, ""));
        type Case<'c> = (Option<bool>, &'c str, bool, &'c [SourceKind], Option<&'c str>);
        let cases: &[Case<'_>] = &[
            (Some(true), "", false, &[Head, Commit], Some("still in HEAD")),
            (Some(true), "main", false, &[Head], Some("still in HEAD; branch: main")),
            (
                Some(true),
                "a b c d e f g",
                false,
                &[Head],
                Some("still in HEAD; branches: a, b, c, d, e and 2 more"),
            ),
            (Some(false), "x y", false, &[Commit], Some("not in HEAD; branches: x, y")),
            (
                Some(false),
                "",
                true,
                &[Commit, Stash],
                Some("not in HEAD; removed in 9a9a9a9a 2024-05-03 by Ada <ada@example.com>"),
            ),
            (Some(false), "", false, &[Commit], Some("not in HEAD; only a past commit has it")),
            (Some(false), "", false, &[Stash, Stash], Some("not in HEAD; only a stash has it")),
            (Some(false), "", false, &[Reflog], Some("not in HEAD; only a reflog has it")),
            (
                Some(false),
                "",
                false,
                &[Unreachable],
                Some("not in HEAD; only an unreachable object has it"),
            ),
            (
                Some(false),
                "",
                false,
                &[Stash, Note, TagMessage],
                Some("not in HEAD; only a stash, a note and the message of a tag have it"),
            ),
            (None, "", false, &[CommitMessage], Some("only the message of a commit has it")),
            (None, "", false, &[Index], Some("only the index has it")),
            (None, "main", false, &[Commit], Some("branch: main")),
            (None, "", false, &[Head], None),
        ];
        for &(in_head, names, is_removed, sources, expected) in cases {
            let history = History {
                in_head,
                branches: branches(names),
                removed_in: removed.clone().filter(|_| is_removed),
                ..History::default()
            };
            let provenances =
                sources.iter().map(|source| sample::provenance(*source, "a.js")).collect();
            let finding = sample::finding(provenances, Some(history));
            assert_eq!(
                TEXT_STYLE.current_state(&finding).as_deref(),
                expected,
                "{names} {sources:?}"
            );
        }
        assert_eq!(
            TEXT_STYLE.current_state(&sample::finding(vec![sample::provenance(Head, "a")], None)),
            None
        );
    }

    #[test]
    fn stories_are_as_long_as_what_is_known() {
        let rules = sample::rules();
        let change = sample::change(0x3f, "a.js");
        let start = "3f3f3f3f 2024-05-03 by Ada <ada@example.com>";
        let long = CommitInfo { summary: "word ".repeat(40), ..change.clone() };
        let silent = CommitInfo { summary: String::new(), ..change.clone() };
        for (rule, change, age_days, past_rotation, expected) in [
            (0, None, None, None, None),
            (0, Some(change.clone()), None, None, Some(" \"Add config\"".to_owned())),
            (
                0,
                Some(silent.clone()),
                Some(0),
                Some(false),
                Some(", less than a day ago".to_owned()),
            ),
            (0, Some(silent.clone()), Some(1), None, Some(", 1 day ago".to_owned())),
            (
                0,
                Some(silent.clone()),
                Some(1234),
                Some(true),
                Some(", 1,234 days ago, past the provider's 90 days".to_owned()),
            ),
            (1, Some(silent), None, Some(true), Some(", past the provider's limit".to_owned())),
            (0, Some(long), None, None, Some(format!(" \"{}word…\"", "word ".repeat(9)))),
        ] {
            let history =
                History { first_seen: change, age_days, past_rotation, ..History::default() };
            let finding = sample::finding(vec![sample::provenance(SourceKind::Head, "a.js")], None);
            let seen = TEXT_STYLE.first_seen(&history, &rules.rules[rule], &finding.occurrences[0]);
            assert_eq!(seen, expected.map(|rest| format!("{start}{rest}")));
        }
        // A message has no path that could be another.
        let history = History { first_seen: Some(change), ..History::default() };
        let message =
            sample::finding(vec![sample::provenance(SourceKind::CommitMessage, "")], None);
        let seen = TEXT_STYLE.first_seen(&history, &rules.rules[0], &message.occurrences[0]);
        assert_eq!(seen, Some(format!("{start} \"Add config\"")));
    }
}
