//! The result of a whole run.

use std::time::Duration;

use super::{Finding, Ledger, Notice, Suppressed};

/// The kind of scan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Files of working trees.
    Tree,
    /// Standard input alone.
    Stdin,
    /// All objects that a repository stores.
    History,
    /// The changes of some commits.
    Range,
    /// The changes that the next commit would make.
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

/// Says if everything that was asked for was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Completeness {
    /// All of it was read.
    Complete,
    /// Something was not read; the notices say what.
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

/// Numbers of what was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Summary {
    /// Files that were searched, standard input included.
    pub files: u64,
    /// Blobs in git that were searched.
    pub blobs: u64,
    /// Commits that were searched.
    pub commits: u64,
    /// Git objects that were not searched because a cache knows them to be clean.
    pub known: u64,
    /// Bytes that were searched; git objects count with their full size.
    pub bytes: u64,
    /// Images, audio and video, recognised by their content.
    pub skipped_media: u64,
    /// Archives and other compressed files: what is compressed in them was not searched. They count
    /// as files or blobs, too, as their bytes were.
    pub skipped_archives: u64,
    /// FIFOs, sockets and devices.
    pub skipped_special: u64,
    /// Symbolic links; their targets are read where they are, if they are inside the tree.
    pub skipped_links: u64,
    /// Files larger than the user's limit.
    pub skipped_large: u64,
    /// Files and directories excluded by the user.
    pub skipped_excluded: u64,
    /// Files whose content Git LFS or git-annex keeps and that were not searched, as it is not here.
    pub kept_elsewhere: u64,
    /// Findings below the user's minimum severity.
    pub below_severity: u64,
    /// Findings not known to be live, if the user asked for live ones only.
    pub not_live: u64,
    /// Wall time.
    pub duration: Duration,
}

impl Summary {
    /// Number of files and directories that were deliberately not read, or not all of them.
    pub fn skipped(&self) -> u64 {
        self.skipped_media
            + self.skipped_archives
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
        self.skipped_archives += other.skipped_archives;
        self.skipped_special += other.skipped_special;
        self.skipped_links += other.skipped_links;
        self.skipped_large += other.skipped_large;
        self.skipped_excluded += other.skipped_excluded;
        self.kept_elsewhere += other.kept_elsewhere;
        self.below_severity += other.below_severity;
        self.not_live += other.not_live;
    }
}

/// The full result of a run, in its final order.
#[derive(Debug, Clone)]
pub struct Report {
    /// The kind of scan.
    pub mode: Mode,
    /// Counts.
    pub summary: Summary,
    /// One finding per secret, the worst first, then by place.
    pub findings: Vec<Finding>,
    /// Findings below the user's minimum severity, which no report shows.
    pub hidden: Vec<Finding>,
    /// Accepted findings, by place.
    pub suppressed: Vec<Suppressed>,
    /// Problems, by path.
    pub notices: Vec<Notice>,
    /// Requests to providers; `None` if verification was not requested.
    pub ledger: Option<Ledger>,
}

impl Report {
    /// The places that only the scanned change itself accepts, and may.
    pub fn accepted_by_change(&self) -> impl Iterator<Item = &Suppressed> + Clone {
        self.suppressed.iter().filter(|own| own.is_by_change)
    }

    /// Complete unless a notice says that something was not read.
    pub fn state(&self) -> Completeness {
        if self.notices.iter().any(|notice| notice.kind.is_incomplete()) {
            Completeness::Incomplete
        } else {
            Completeness::Complete
        }
    }
}
