//! Reads JSON reports that an earlier run has written.

use std::path::Path;

use anyhow::{Context, bail};

use crate::model::{SettingsTextError, read_settings};
use crate::report::SavedReport;

/// The largest report, in bytes.
const MAX_REPORT: u64 = 1 << 30;

/// Reads the report at `path`.
///
/// # Errors
/// A file that cannot be read, or is no report.
pub(super) fn read(path: &Path) -> anyhow::Result<SavedReport> {
    let name = path.display();
    let text = match read_settings(path, MAX_REPORT) {
        Ok(text) => text,
        Err(SettingsTextError::Read(error)) => {
            return Err(error).with_context(|| format!("cannot read the report {name}"));
        }
        Err(error) => bail!("{name}: {error}"),
    };
    match SavedReport::parse(&text) {
        Ok(report) => Ok(report),
        Err(error) => bail!("{name}: {error}"),
    }
}
