//! Problems that do not end a run. A notice is a value that reaches every report, never only a log
//! line.

use super::FilePath;

/// The kind of problem, or of information that the reader of the report needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NoticeKind {
    /// A file or directory that was asked for does not exist, or vanished during the scan.
    Missing,
    /// A file or directory could not be read.
    Unreadable,
    /// A limit on archives was reached.
    Limit,
    /// A part of a file that need not be one does not decode; the file's own bytes were searched.
    Undecoded,
    /// There was nothing to scan.
    Empty,
    /// A configuration found in the scanned tree asks for something only the user may decide.
    UntrustedConfig,
    /// A rule of the scanned tree is not used.
    Rule,
    /// Findings were hidden by a file of the scanned tree.
    Suppressed,
    /// The scanned change itself accepts a finding of its own.
    AcceptedByChange,
    /// A text near a key looks like a marker that accepts it, and is none.
    Marker,
    /// A finding is worse than what was accepted.
    Worse,
    /// An acceptance has ended.
    Ended,
    /// Entries of an ignore file accept nothing.
    Unused,
    /// A referenced git object is missing.
    MissingObject,
    /// A git object is present but cannot be read.
    DamagedObject,
    /// The repository was cloned without all of its history.
    Shallow,
    /// The repository does not contain all that was asked for.
    BadRange,
    /// A bare repository lies in the scanned tree; its objects were not searched.
    BareRepository,
    /// The choice of commits by time or number leaves none.
    NothingChosen,
    /// The repository belongs to another user.
    ForeignOwner,
    /// The repository replaces some objects with others (`refs/replace`, grafts).
    Replaced,
    /// A repository inside this one was read, or was left out.
    Submodule,
    /// A repository lies in the scanned tree; its history was not searched.
    NestedRepository,
    /// Another program keeps history here, which is not read.
    OtherStore,
    /// Objects are borrowed from another repository.
    Alternates,
    /// Files that were named are not staged.
    NamedFiles,
    /// Links lead to something that is not part of the scan.
    LinksOut,
    /// The content of files is kept by Git LFS and not here.
    LfsPointer,
    /// The content of files is kept by git-annex, which is not read.
    AnnexPointer,
    /// Files are encrypted, so that nothing in them can be searched.
    Encrypted,
    /// The cache of clean objects could not be used or written.
    Cache,
    /// A report leaves out what its format cannot hold.
    Truncated,
    /// The exposure analysis is incomplete.
    Exposure,
    /// Some keys were not verified, or their rules may not ask.
    Verification,
    /// Keys that may be live were left out.
    Unverified,
}

impl NoticeKind {
    /// The name that reports use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Missing => "missing-path",
            Self::Unreadable => "unreadable",
            Self::Limit => "limit",
            Self::Undecoded => "undecoded",
            Self::Empty => "nothing-scanned",
            Self::UntrustedConfig => "untrusted-config",
            Self::Rule => "rule-left-out",
            Self::Suppressed => "suppressed-by-tree",
            Self::AcceptedByChange => "accepted-by-change",
            Self::Marker => "marker",
            Self::Worse => "worse-than-accepted",
            Self::Ended => "expired",
            Self::Unused => "unused-ignore",
            Self::MissingObject => "missing-object",
            Self::DamagedObject => "damaged-object",
            Self::Shallow => "shallow",
            Self::BadRange => "bad-range",
            Self::BareRepository => "bare-repository",
            Self::NothingChosen => "nothing-chosen",
            Self::ForeignOwner => "foreign-owner",
            Self::Replaced => "replaced-objects",
            Self::Submodule => "submodule",
            Self::NestedRepository => "nested-repository",
            Self::OtherStore => "other-store",
            Self::Alternates => "alternates",
            Self::NamedFiles => "named-files",
            Self::LinksOut => "links-out",
            Self::LfsPointer => "lfs-pointer",
            Self::AnnexPointer => "annex-pointer",
            Self::Encrypted => "encrypted",
            Self::Cache => "cache",
            Self::Truncated => "truncated",
            Self::Exposure => "exposure",
            Self::Verification => "verification",
            Self::Unverified => "unverified",
        }
    }

    /// True if something that was asked for was not read, so that the result is not "clean".
    pub fn is_incomplete(self) -> bool {
        match self {
            Self::Missing
            | Self::Unreadable
            | Self::Limit
            | Self::Empty
            | Self::MissingObject
            | Self::DamagedObject
            | Self::Shallow
            | Self::BadRange
            | Self::BareRepository
            | Self::LfsPointer
            | Self::AnnexPointer
            | Self::Unverified => true,
            Self::Undecoded
            | Self::UntrustedConfig
            | Self::Rule
            | Self::Suppressed
            | Self::AcceptedByChange
            | Self::Marker
            | Self::Worse
            | Self::Ended
            | Self::Unused
            | Self::NothingChosen
            | Self::ForeignOwner
            | Self::Replaced
            | Self::Submodule
            | Self::NestedRepository
            | Self::OtherStore
            | Self::Alternates
            | Self::NamedFiles
            | Self::LinksOut
            | Self::Encrypted
            | Self::Cache
            | Self::Truncated
            | Self::Exposure
            | Self::Verification => false,
        }
    }
}

/// One problem that does not end the run.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Notice {
    /// The file or directory concerned, if any.
    pub path: Option<FilePath>,
    /// Kind of problem.
    pub kind: NoticeKind,
    /// One sentence for people: lower case, no full stop.
    pub message: String,
}
