//! Reads baselines.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use super::file::ConfigError;
use crate::suppress::Baseline;

/// The most bytes of a baseline: some hundreds of thousands of findings. A device may have no end.
const MAX_SIZE: u64 = 64 << 20;

/// Reads the baseline at `path`; one that is not there is empty, if it `may_lack`.
///
/// # Errors
/// A file that cannot be read or understood, or that is larger than any baseline.
pub fn read_baseline(path: &Path, may_lack: bool) -> Result<Baseline, ConfigError> {
    let name = path.display().to_string();
    let mut text = String::new();
    let read = File::open(path).and_then(|file| file.take(MAX_SIZE).read_to_string(&mut text));
    match read {
        Ok(read) if read as u64 == MAX_SIZE => {
            let most = MAX_SIZE >> 20;
            Err(ConfigError::Usage(format!("{name}: no baseline has {most} MiB or more")))
        }
        Ok(_) => Ok(Baseline::parse(&name, &text)?),
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
