//! Reads baselines.

use std::io;
use std::path::Path;

use super::file::ConfigError;
use crate::model::{SettingsTextError, read_settings};
use crate::suppress::Baseline;

/// The largest baseline, in bytes: hundreds of thousands of findings. A device may be endless.
const MAX_SIZE: u64 = 64 << 20;

/// Reads the baseline at `path`; a missing one is empty if it `may_be_missing`.
///
/// # Errors
/// A file that cannot be read or parsed, or is too large.
pub fn read_baseline(path: &Path, may_be_missing: bool) -> Result<Baseline, ConfigError> {
    let name = path.display().to_string();
    match read_settings(path, MAX_SIZE) {
        Ok(text) => Ok(Baseline::parse(&name, &text)?),
        Err(SettingsTextError::TooLarge(limit)) => {
            let most = limit >> 20;
            Err(ConfigError::Usage(format!("{name}: a baseline must be smaller than {most} MiB")))
        }
        Err(SettingsTextError::Read(error)) if error.kind() == io::ErrorKind::NotFound => {
            if may_be_missing {
                return Ok(Baseline::empty(&name));
            }
            let message = format!(
                "{name}: no such baseline; create it with `keyside baseline write -b {name}`"
            );
            Err(ConfigError::Usage(message))
        }
        Err(error) => Err(ConfigError::of_text(name, error)),
    }
}
