//! Reads baselines.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use super::file::ConfigError;
use crate::suppress::Baseline;

/// The largest baseline, in bytes: hundreds of thousands of findings. A device may be endless.
const MAX_SIZE: u64 = 64 << 20;

/// Reads the baseline at `path`; a missing one is empty if it `may_be_missing`.
///
/// # Errors
/// A file that cannot be read or parsed, or is too large.
pub fn read_baseline(path: &Path, may_be_missing: bool) -> Result<Baseline, ConfigError> {
    let name = path.display().to_string();
    let mut text = String::new();
    let read = File::open(path).and_then(|file| file.take(MAX_SIZE).read_to_string(&mut text));
    match read {
        Ok(read) if read as u64 == MAX_SIZE => {
            let most = MAX_SIZE >> 20;
            Err(ConfigError::Usage(format!("{name}: a baseline must be smaller than {most} MiB")))
        }
        Ok(_) => Ok(Baseline::parse(&name, &text)?),
        Err(error) if error.kind() == io::ErrorKind::NotFound && may_be_missing => {
            Ok(Baseline::empty(&name))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let message = format!(
                "{name}: no such baseline; create it with `keyside baseline write -b {name}`"
            );
            Err(ConfigError::Usage(message))
        }
        Err(source) => Err(ConfigError::Read { file: name, source }),
    }
}
