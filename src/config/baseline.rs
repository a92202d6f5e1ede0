//! Reads baselines.

use std::path::Path;
use std::{fs, io};

use super::ConfigError;
use crate::suppress::Baseline;

/// Reads the baseline at `path`; one that is not there is empty, if it `may_lack`.
///
/// # Errors
/// A file that cannot be read or understood.
pub fn read_baseline(path: &Path, may_lack: bool) -> Result<Baseline, ConfigError> {
    let name = path.display().to_string();
    match fs::read_to_string(path) {
        Ok(text) => Ok(Baseline::parse(&name, &text)?),
        Err(error) if error.kind() == io::ErrorKind::NotFound && may_lack => {
            Ok(Baseline::empty(&name))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let message = format!(
                "{name}: there is no such baseline; `keyside baseline write -b {name}` makes one"
            );
            Err(ConfigError::Usage(message))
        }
        Err(source) => Err(ConfigError::Read { file: name, source }),
    }
}
