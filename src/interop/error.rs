//! Errors and warnings of an import.

use thiserror::Error;

use super::format::ImportFormat;

/// The reason why a file cannot be imported at all.
#[derive(Debug, Error)]
pub enum ImportError {
    /// It is not of its supposed kind.
    #[error("{file}:{line}: this is not {}: {message}", kind.title())]
    Syntax {
        /// The file as the user named it.
        file: String,
        /// 1-based line.
        line: usize,
        /// The supposed kind.
        kind: ImportFormat,
        /// The fault.
        message: String,
    },
    /// It is of no known kind.
    #[error(
        "{file}: unknown kind of file; name it with --kind: {}",
        ImportFormat::ALL.map(|(name, kind)| format!("{name} ({})", kind.title())).join(", ")
    )]
    Unknown {
        /// The file as the user named it.
        file: String,
    },
}

/// Something that was left out or changed by the import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportWarning {
    /// Its place: the file, and its line or entry.
    pub place: String,
    /// The effect and the reason.
    pub message: String,
    /// Set if it was left out, not only expressed differently.
    pub is_left_out: bool,
}
