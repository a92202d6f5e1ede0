//! `keyside.toml` as it is written.

use std::path::{Path, PathBuf};
use std::{fs, io};

use serde::Deserialize;
use thiserror::Error;
use toml::Spanned;

use super::depth::DecodeDepth;
use super::size::Size;
use crate::model::Severity;

/// What the file is called.
pub const FILE_NAME: &str = "keyside.toml";

/// A configuration file. Every key is optional.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct ConfigFile {
    /// Rule files or folders of them, relative to this file; added to the built-in rules.
    pub rules: Vec<PathBuf>,
    /// Only these rules are used.
    pub only: Vec<Spanned<String>>,
    /// These rules are not used.
    pub disable: Vec<Spanned<String>>,
    /// What is not read, in the syntax of `.gitignore`, relative to this file.
    pub exclude: Vec<Spanned<String>>,
    /// A baseline, relative to this file: findings in it are accepted.
    pub baseline: Option<PathBuf>,
    /// Findings below this severity are counted, not reported.
    pub min_severity: Option<Spanned<Severity>>,
    /// Larger files are skipped and counted.
    pub max_file_size: Option<Spanned<Size>>,
    /// Up to so many encodings of each other keys are found in.
    pub max_decode_depth: Option<Spanned<DecodeDepth>>,
    /// Read what git ignores, too.
    pub no_ignore: Option<bool>,
    /// Threads; 0 is one a processor.
    pub threads: Option<Spanned<usize>>,
}

/// A fault of the configuration, of an ignore file or of what they name.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// A file that cannot be read.
    #[error("{file}: cannot be read")]
    Read {
        /// The file.
        file: String,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A file whose content is not right.
    #[error("{file}:{line}: {message}")]
    Syntax {
        /// The file.
        file: String,
        /// 1-based line.
        line: usize,
        /// What is wrong and what to do.
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
    /// A wish about verification.
    #[error(transparent)]
    Verify(#[from] crate::verify::VerifyOptionsError),
    /// A flag or an environment variable.
    #[error("{0}")]
    Usage(String),
}

impl ConfigFile {
    /// Reads the file at `path`.
    ///
    /// # Errors
    /// A file that cannot be read or understood.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let file = path.display().to_string();
        let text = fs::read_to_string(path)
            .map_err(|source| ConfigError::Read { file: file.clone(), source })?;
        toml::from_str(&text).map_err(|error| {
            let offset = error.span().map_or(0, |span| span.start).min(text.len());
            ConfigError::Syntax {
                file,
                line: 1 + text.as_bytes()[..offset].iter().filter(|&&b| b == b'\n').count(),
                message: error.message().replace('\n', "; "),
            }
        })
    }
}
