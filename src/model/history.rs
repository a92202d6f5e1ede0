//! The history of a secret in a repository.

use std::fmt;

use jiff::tz::{Offset, TimeZone};

use super::{FilePath, Oid};

/// A point in time as git stores it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time {
    /// Seconds since 1970-01-01 00:00 UTC.
    pub seconds: i64,
    /// How far the author's clock was ahead of UTC, in minutes.
    pub offset: i32,
}

impl Time {
    /// This moment, in UTC.
    pub fn now() -> Self {
        Self { seconds: jiff::Timestamp::now().as_second(), offset: 0 }
    }

    /// Parses a date as git does: `2026-01-31`, `2 weeks ago`.
    pub fn parse(text: &str) -> Option<Self> {
        let time = gix_date::parse(text, Some(jiff::Zoned::now())).ok()?;
        Some(Self { seconds: time.seconds, offset: time.offset / 60 })
    }
}

impl fmt::Display for Time {
    /// RFC 3339, in the author's time zone: `2026-11-22T09:30:00+01:00`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A commit may claim any time and any zone; whatever is out of range is clamped.
        let (least, most) = (jiff::Timestamp::MIN.as_second(), jiff::Timestamp::MAX.as_second());
        let seconds = self.seconds.clamp(least, most);
        let time = jiff::Timestamp::from_second(seconds).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
        let offset = Offset::from_seconds(self.offset.saturating_mul(60)).unwrap_or(Offset::UTC);
        let zoned = time.to_zoned(TimeZone::fixed(offset));
        f.pad(&zoned.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string())
    }
}

/// A commit that added or removed a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommitInfo {
    /// The commit; for a tag's message, the commit that the tag points to.
    pub commit: Oid,
    /// The file, if one is concerned.
    pub path: FilePath,
    /// Name of the author, with keys masked.
    pub author: String,
    /// Email of the author, with keys masked.
    pub email: String,
    /// The author's date.
    pub date: Time,
    /// First line of the message, with keys masked.
    pub summary: String,
    /// True for a merge that made the change itself: none of its parents did.
    pub is_merge: bool,
    /// True if history is cut off here: the change was made in this commit or in one before it, and
    /// neither author nor message are known.
    pub is_boundary: bool,
    /// Name and email as the commit has them, if `.mailmap` gives proper ones; with keys masked.
    pub raw_author: Option<(String, String)>,
}

impl CommitInfo {
    /// The same commit as one at which history is cut off: it seems to add everything it has, and its
    /// author has nothing to do with that.
    #[must_use]
    pub fn at_boundary(self) -> Self {
        let (author, email, summary) = <(String, String, String)>::default();
        Self { author, email, summary, is_boundary: true, raw_author: None, ..self }
    }
}

/// The history of a secret in a repository.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct History {
    /// True if HEAD's tree contains it; `None` if there is no HEAD commit.
    pub in_head: Option<bool>,
    /// The oldest commit that contains it; `None` if no commit does.
    pub first_seen: Option<CommitInfo>,
    /// The last commit that removed it; `None` while a branch still has it in its tree, and if no
    /// commit removed it.
    pub removed_in: Option<CommitInfo>,
    /// The branches whose trees contain it, `main` or `origin/main`, by name, with keys masked.
    pub branches: Vec<String>,
    /// Whole days since it was first committed.
    pub age_days: Option<u64>,
    /// True if it is older than the provider recommends; `None` if the provider recommends nothing
    /// or the age is unknown.
    pub past_rotation: Option<bool>,
}

impl History {
    /// Combines what two repositories, one inside the other, know about the same secret.
    #[must_use]
    pub fn joined(mut self, other: Self) -> Self {
        self.in_head = self.in_head.max(other.in_head);
        self.branches.extend(other.branches);
        self.branches.sort();
        self.branches.dedup();
        let seen = self.first_seen.into_iter().chain(other.first_seen);
        self.first_seen = seen.min_by_key(|change| (change.date.seconds, change.commit));
        let is_there = self.in_head == Some(true) || !self.branches.is_empty();
        let removed = self.removed_in.into_iter().chain(other.removed_in).filter(|_| !is_there);
        self.removed_in = removed.max_by_key(|change| (change.date.seconds, change.commit));
        self.age_days = self.age_days.max(other.age_days);
        self.past_rotation = self.past_rotation.max(other.past_rotation);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_shown_in_their_own_zone() {
        for (seconds, offset, shown) in [
            (0, 0, "1970-01-01T00:00:00+00:00"),
            (1_795_339_800, 60, "2026-11-22T10:30:00+01:00"),
            (1_795_339_800, -570, "2026-11-22T00:00:00-09:30"),
            (i64::MAX, 0, "9999-12-30T22:00:00+00:00"),
            (0, i32::MAX, "1970-01-01T00:00:00+00:00"),
        ] {
            assert_eq!(Time { seconds, offset }.to_string(), shown);
        }
    }
}
