//! `keyside.toml` as written.

use std::io;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use thiserror::Error;
use toml::Spanned;

use super::depth::DecodeDepth;
use super::size::Size;
use crate::model::{SettingsTextError, Severity, read_settings, syntax_message};
use crate::source::git::StoredFileError;

/// The file's name.
pub const FILE_NAME: &str = "keyside.toml";

/// The largest configuration or ignore file, in bytes; a device may be endless.
pub(super) const MAX_SIZE: u64 = 64 << 20;

/// A configuration file. Every key is optional.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct ConfigFile {
    /// The file's text.
    #[serde(skip)]
    pub text: String,
    /// Rule files or folders of them, relative to this file; added to the built-in rules.
    pub rules: Vec<PathBuf>,
    /// The only rules to use; empty for all.
    pub only: Vec<Spanned<String>>,
    /// Rules not to use.
    pub disable: Vec<Spanned<String>>,
    /// True to use experimental rules, too.
    pub experimental: bool,
    /// Paths to skip, in the syntax of `.gitignore`. They count from this file's folder if it is found
    /// in the scanned tree, and from the root of what is scanned if the user names it.
    pub exclude: Vec<Spanned<String>>,
    /// A baseline of accepted findings, relative to this file.
    pub baseline: Option<PathBuf>,
    /// Findings below this severity are counted, not reported.
    pub min_severity: Option<Spanned<Severity>>,
    /// Larger files are skipped and counted.
    pub max_file_size: Option<Spanned<Size>>,
    /// The number of nested encodings to decode.
    pub max_decode_depth: Option<Spanned<DecodeDepth>>,
    /// How many archives, one inside the other, are opened; 0 opens none.
    pub max_archive_depth: Option<Spanned<u8>>,
    /// The memory that a thread may take for archives.
    pub max_archive_memory: Option<Spanned<Size>>,
    /// True to read files that git ignores, too.
    pub no_ignore: Option<bool>,
    /// Threads; 0 is one per processor.
    pub threads: Option<Spanned<usize>>,
}

/// An error in the configuration, an ignore file or a file they name.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// A file that cannot be read.
    #[error("{file}: cannot be read")]
    Read {
        /// The file.
        file: String,
        /// The cause.
        #[source]
        source: io::Error,
    },
    /// A file with invalid content.
    #[error("{file}:{line}: {message}")]
    Syntax {
        /// The file.
        file: String,
        /// 1-based line.
        line: usize,
        /// The fault and its remedy.
        message: String,
    },
    /// A rule file.
    #[error(transparent)]
    Rules(#[from] crate::rules::RuleErrors),
    /// An ignore file.
    #[error(transparent)]
    IgnoreFile(#[from] crate::suppress::IgnoreFileError),
    /// A baseline.
    #[error(transparent)]
    Baseline(#[from] crate::suppress::BaselineError),
    /// A file of a state that git stores.
    #[error("{file}: {source}")]
    Stored {
        /// The file.
        file: String,
        /// The cause.
        #[source]
        source: StoredFileError,
    },
    /// A setting of verification.
    #[error(transparent)]
    Verify(#[from] crate::verify::VerifyOptionsError),
    /// A flag or an environment variable.
    #[error("{0}")]
    Usage(String),
}

impl ConfigError {
    /// The error of reading the text of `file`.
    pub fn of_text(file: String, error: SettingsTextError) -> Self {
        match error {
            SettingsTextError::Read(source) => Self::Read { file, source },
            SettingsTextError::TooLarge(_) => Self::Usage(format!("{file}: {error}")),
            SettingsTextError::Text { line, message } => {
                Self::Syntax { file, line, message: message.to_owned() }
            }
        }
    }
}

impl ConfigFile {
    /// Reads the file at `path`.
    ///
    /// # Errors
    /// A file that cannot be read or parsed.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let file = path.display().to_string();
        let text = read_settings(path, MAX_SIZE)
            .map_err(|error| ConfigError::of_text(file.clone(), error))?;
        Self::parse(file, text)
    }

    /// Reads the text of the configuration `file`.
    ///
    /// # Errors
    /// A text that cannot be parsed.
    pub fn parse(file: String, text: String) -> Result<Self, ConfigError> {
        match toml::from_str::<Self>(&text) {
            Ok(written) => Ok(Self { text, ..written }),
            Err(error) => {
                let at = error.span().map(|span| span.start);
                let line = line_of(&text, at.unwrap_or(0));
                let message = syntax_message(&text, at, error.message());
                Err(ConfigError::Syntax { file, line, message })
            }
        }
    }
}

/// The 1-based line of a byte offset.
pub(super) fn line_of(text: &str, offset: usize) -> usize {
    1 + memchr::memchr_iter(b'\n', &text.as_bytes()[..offset.min(text.len())]).count()
}
