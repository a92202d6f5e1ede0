//! The repository that the paths of a report begin in: the one that holds the scanned files, from
//! whatever folder the scan was started.

use std::collections::BTreeSet;
use std::env;
use std::path::{Component, Path, PathBuf};

use super::repository;
use crate::model::{FilePath, Oid, Report, SourceKind};
use crate::report::UriBase;

/// The tops of the checkouts that hold the scanned paths, or, where none does, those of the files with
/// findings below them.
pub(super) fn tops(scanned: &[PathBuf], report: &Report) -> BTreeSet<PathBuf> {
    let Ok(here) = env::current_dir() else { return BTreeSet::new() };
    let (mut tops, mut rest) = (BTreeSet::new(), Vec::new());
    for path in scanned {
        let path = absolute(&here, path);
        match path.ancestors().find(|folder| is_top(folder)) {
            Some(top) => {
                tops.insert(top.to_owned());
            }
            None => rest.push(path),
        }
    }
    if rest.is_empty() {
        return tops;
    }
    for occurrence in report.findings.iter().flat_map(|finding| &finding.occurrences) {
        if occurrence.provenance.source != SourceKind::Tree {
            continue;
        }
        let file = absolute(&here, &occurrence.provenance.path.to_path());
        if let Some(root) = rest.iter().find(|root| file.starts_with(root)) {
            // The outermost one, as the report of a checkout includes its submodules.
            let folders = file.ancestors().skip(1).take_while(|folder| folder.starts_with(root));
            tops.extend(folders.filter(|folder| is_top(folder)).last().map(Path::to_owned));
        }
    }
    tops
}

/// The base of the report's URIs. If several repositories were scanned, it is the current folder's.
pub(super) fn base(tops: &BTreeSet<PathBuf>) -> UriBase {
    let Ok(here) = env::current_dir() else {
        return UriBase::new(FilePath::from("."), None);
    };
    UriBase::new(FilePath::from_path(&here), top(tops, &here).map(|top| FilePath::from_path(&top)))
}

/// The checked-out commit of that repository.
pub(super) fn head(tops: &BTreeSet<PathBuf>) -> Option<Oid> {
    let here = env::current_dir().ok()?;
    let of_here = here.ancestors().find(|folder| is_top(folder));
    let path = top(tops, &here).filter(|top| Some(top.as_path()) != of_here);
    let repository = repository::open(path.as_deref().unwrap_or(Path::new("."))).ok()?;
    repository.head().ok()?
}

fn top(tops: &BTreeSet<PathBuf>, here: &Path) -> Option<PathBuf> {
    match tops.first() {
        Some(only) if tops.len() == 1 => Some(only.clone()),
        _ => here.ancestors().find(|folder| is_top(folder)).map(Path::to_owned),
    }
}

fn is_top(folder: &Path) -> bool {
    folder.join(".git").exists()
}

/// A path without `.` and `..`, as reports resolve it: links stay.
fn absolute(here: &Path, path: &Path) -> PathBuf {
    let mut whole = PathBuf::new();
    for part in here.join(path).components() {
        match part {
            Component::ParentDir => {
                whole.pop();
            }
            Component::CurDir => {}
            Component::Prefix(_) | Component::RootDir | Component::Normal(_) => whole.push(part),
        }
    }
    whole
}
