//! The outcome of a whole run.

use std::time::Duration;

use super::{Finding, Ledger, Notice, Suppressed};

/// What was scanned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Files of working trees.
    Tree,
    /// Standard input alone.
    Stdin,
    /// Everything that a repository stores.
    History,
    /// What some commits add.
    Range,
    /// What the next commit would add.
    Staged,
}

impl Mode {
    /// The name that reports use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Tree => "tree",
            Self::Stdin => "stdin",
            Self::History => "history",
            Self::Range => "range",
            Self::Staged => "staged",
        }
    }
}

/// Whether everything that was asked for was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Completeness {
    /// All of it.
    Complete,
    /// Not all of it; the notices say what is missing.
    Incomplete,
}

impl Completeness {
    /// The name that reports use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Incomplete => "incomplete",
        }
    }
}

/// What was read, in numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Summary {
    /// Files that were searched, standard input included.
    pub files: u64,
    /// Contents of files in git that were searched.
    pub blobs: u64,
    /// Commits that were searched.
    pub commits: u64,
    /// Git objects that were not searched, because a cache knows that they are clean.
    pub known: u64,
    /// Bytes that were searched; of git objects, their whole sizes.
    pub bytes: u64,
    /// Images, audio and video, told by their content.
    pub skipped_media: u64,
    /// FIFOs, sockets and devices.
    pub skipped_special: u64,
    /// Symbolic links met on the way: what they point to is read where it stands, if it is inside.
    pub skipped_links: u64,
    /// Files larger than the limit that the user set.
    pub skipped_large: u64,
    /// Files and directories that the user excluded.
    pub skipped_excluded: u64,
    /// Findings below the severity that the user asked for.
    pub below_severity: u64,
    /// Findings that are not known to be live, where the user asked for live ones only.
    pub not_live: u64,
    /// Wall time.
    pub duration: Duration,
}

impl Summary {
    /// Everything that was met and deliberately not read.
    pub fn skipped(&self) -> u64 {
        self.skipped_media
            + self.skipped_special
            + self.skipped_links
            + self.skipped_large
            + self.skipped_excluded
    }

    /// Adds the counts of another part of the same run; the duration stays.
    pub fn add(&mut self, other: &Self) {
        self.files += other.files;
        self.blobs += other.blobs;
        self.commits += other.commits;
        self.known += other.known;
        self.bytes += other.bytes;
        self.skipped_media += other.skipped_media;
        self.skipped_special += other.skipped_special;
        self.skipped_links += other.skipped_links;
        self.skipped_large += other.skipped_large;
        self.skipped_excluded += other.skipped_excluded;
        self.below_severity += other.below_severity;
        self.not_live += other.not_live;
    }
}

/// Everything a run has to say, in its final order.
#[derive(Debug, Clone)]
pub struct Report {
    /// What was scanned.
    pub mode: Mode,
    /// Counts.
    pub summary: Summary,
    /// One record a secret: worst first, then by place.
    pub findings: Vec<Finding>,
    /// What was found and accepted, by place.
    pub suppressed: Vec<Suppressed>,
    /// Trouble, by path.
    pub notices: Vec<Notice>,
    /// What was sent to providers; `None` if nobody asked for it.
    pub ledger: Option<Ledger>,
}

impl Report {
    /// Complete only if no notice says that something was not read.
    pub fn state(&self) -> Completeness {
        if self.notices.iter().any(|notice| notice.kind.is_incomplete()) {
            Completeness::Incomplete
        } else {
            Completeness::Complete
        }
    }
}
