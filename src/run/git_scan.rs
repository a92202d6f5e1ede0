//! The common context of all scans of a repository.

use std::path::Path;

use super::occurrence::OccurrenceBuilder;
use super::progress::Progress;
use crate::config::Plan;
use crate::scan::KeyScanner;
use crate::source::git::{LfsStore, Repository};

/// The common context of all scans of a repository.
pub(super) struct GitScan<'s> {
    pub(super) plan: &'s Plan,
    pub(super) repository: &'s Repository,
    pub(super) scanner: &'s KeyScanner<'s>,
    pub(super) builder: OccurrenceBuilder<'s>,
    pub(super) progress: &'s Progress,
    /// The content that Git LFS keeps.
    pub(super) lfs: LfsStore,
}

impl<'s> GitScan<'s> {
    /// The same for another one of several changes.
    pub(super) fn of_change(&self, change: usize) -> Self {
        Self {
            builder: OccurrenceBuilder { change, ..self.builder },
            lfs: self.lfs.clone(),
            ..*self
        }
    }

    /// The folder that paths of the repository are relative to.
    pub(super) fn base(&self) -> &Path {
        self.repository.checkout().unwrap_or(Path::new(""))
    }
}
