//! Trouble that does not end a run: a value that reaches every report, never only a log line.

use super::FilePath;

/// What went wrong, or what the reader of the report must know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NoticeKind {
    /// A file or directory that was asked for does not exist, or vanished during the scan.
    Missing,
    /// A file or directory could not be read.
    Unreadable,
    /// Nothing was there to scan.
    Empty,
    /// A configuration found in the scanned tree asks for what only the user may decide.
    UntrustedConfig,
    /// Findings were hidden by a file of the scanned tree.
    Suppressed,
    /// A git object that others name is not there.
    MissingObject,
    /// A git object is there, but cannot be read.
    DamagedObject,
    /// The repository was cloned without all of its history.
    Shallow,
    /// What was asked for is not all in the repository.
    BadRange,
    /// The repository belongs to somebody else.
    ForeignOwner,
    /// The repository tells git to read other objects in the place of some.
    Replaced,
    /// A repository inside of this one was, or was not, read.
    Submodule,
    /// Files were named that are not staged.
    NamedFiles,
    /// The cache of clean objects was of no use, or could not be kept.
    Cache,
    /// A report leaves out what its format cannot take.
    Truncated,
    /// How a secret reaches clients could not be told in full.
    Exposure,
    /// Whether some keys are live was not asked, or their rules may not ask.
    Verification,
    /// Keys are left out that may be live.
    Unverified,
}

impl NoticeKind {
    /// The name that reports use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Missing => "missing-path",
            Self::Unreadable => "unreadable",
            Self::Empty => "nothing-scanned",
            Self::UntrustedConfig => "untrusted-config",
            Self::Suppressed => "suppressed-by-tree",
            Self::MissingObject => "missing-object",
            Self::DamagedObject => "damaged-object",
            Self::Shallow => "shallow",
            Self::BadRange => "bad-range",
            Self::ForeignOwner => "foreign-owner",
            Self::Replaced => "replaced-objects",
            Self::Submodule => "submodule",
            Self::NamedFiles => "named-files",
            Self::Cache => "cache",
            Self::Truncated => "truncated",
            Self::Exposure => "exposure",
            Self::Verification => "verification",
            Self::Unverified => "unverified",
        }
    }

    /// Whether something that was asked for was not read, so that "clean" cannot be said.
    pub fn is_incomplete(self) -> bool {
        match self {
            Self::Missing
            | Self::Unreadable
            | Self::Empty
            | Self::MissingObject
            | Self::DamagedObject
            | Self::Shallow
            | Self::BadRange
            | Self::Unverified => true,
            Self::UntrustedConfig
            | Self::Suppressed
            | Self::ForeignOwner
            | Self::Replaced
            | Self::Submodule
            | Self::NamedFiles
            | Self::Cache
            | Self::Truncated
            | Self::Exposure
            | Self::Verification => false,
        }
    }
}

/// One piece of non-fatal trouble.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Notice {
    /// The file or directory it is about, if any.
    pub path: Option<FilePath>,
    /// What kind of trouble it is.
    pub kind: NoticeKind,
    /// One sentence for people: lower case, no full stop.
    pub message: String,
}
