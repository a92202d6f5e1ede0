//! Opens repositories.

use std::path::Path;

use tempfile::TempDir;

use crate::model::{FilePath, Notice, NoticeKind};
use crate::source::git::{BundleGaps, GitEnvironment, RepoError, Repository, is_bundle, unpack};

/// Checks that the current folder is there, if `path` begins in it.
///
/// # Errors
/// It was deleted.
pub(super) fn check_folder(path: &Path) -> Result<(), RepoError> {
    let is_gone = path.is_relative() && std::env::current_dir().is_err();
    if is_gone { Err(RepoError::Gone) } else { Ok(()) }
}

/// Opens the repository that `path` is in. For `.`, git's variables in the environment count, as for
/// git and its hooks.
///
/// # Errors
/// No repository, or one that cannot be read.
pub(super) fn open(path: &Path) -> Result<Repository, RepoError> {
    check_folder(path)?;
    if path == Path::new(".") {
        return Repository::here(GitEnvironment::new(std::env::vars_os()));
    }
    Repository::open(path)
}

/// Opens the repository that `path` is in, or unpacks the bundle or the pack that it is, for as long as the
/// folder is kept.
///
/// # Errors
/// As [`open`]; a bundle or a pack that cannot be read, and a folder for it that cannot be made.
pub(super) fn open_or_unpack(path: &Path) -> anyhow::Result<(Repository, Option<TempDir>)> {
    if !is_bundle(path) {
        return Ok((open(path)?, None));
    }
    let folder = tempfile::Builder::new().prefix("keyside-").tempdir()?;
    let gaps = unpack(path, folder.path())?;
    let mut repository = Repository::at(folder.path())?;
    repository.notices.extend(gap_notices(path, &gaps));
    Ok((repository, Some(folder)))
}

/// Says what the bundle or the pack at `path` has not.
fn gap_notices(path: &Path, gaps: &BundleGaps) -> Vec<Notice> {
    let notice = |kind, message| Notice { path: Some(FilePath::from_path(path)), kind, message };
    let mut notices = Vec::new();
    if !gaps.commits.is_empty() {
        let some = gaps.commits.iter().take(3).map(|oid| format!("{oid:.12}"));
        let more = if gaps.commits.len() > 3 { ", …" } else { "" };
        let message = format!(
            "builds on commits that are not in it ({}: {}{more}), so history is cut there",
            gaps.commits.len(),
            some.collect::<Vec<_>>().join(", ")
        );
        notices.push(notice(NoticeKind::Shallow, message));
    }
    if gaps.objects > 0 {
        let message = format!(
            "stores objects as differences from others that are not in it ({}), so they were not searched; \
             `git fetch {}` brings them into a repository that has the others, where `keyside git` \
             searches them",
            gaps.objects,
            path.display()
        );
        notices.push(notice(NoticeKind::MissingObject, message));
    }
    notices
}
