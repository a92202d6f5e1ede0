//! The sides of the keys that HEAD's tree has: an analysis of that tree, read from the object store, so
//! that no checkout is needed.

use std::collections::HashMap;

use crate::model::{Provenance, SourceKind};
use crate::run::collect::FindingCollector;
use crate::run::exposure;
use crate::run::git_scan::GitScan;
use crate::run::leak_reporter::LeakReporter;
use crate::source::git::{CommitObject, ObjectKind, ObjectReader, Repository, Snapshot};
use crate::source::{Files, ScannedFiles};

/// The number of files in HEAD's tree, at most. In larger trees, the analysis takes longer than the
/// search, and the sides stay unknown; `keyside scan` tells them.
const MAX_FILES: usize = 20_000;

/// Adds the sides of the keys that were found in HEAD's tree, as far as they are known.
pub(super) fn report(
    scan: &GitScan<'_>,
    repository: &Repository,
    objects: &ObjectReader<'_>,
    collector: &mut FindingCollector,
) {
    let places: HashMap<String, Provenance> = collector
        .provenances(SourceKind::Head)
        .into_iter()
        .filter_map(|own| Some((String::from_utf8(own.path.as_bytes().to_vec()).ok()?, own)))
        .collect();
    // `Repository::roots` has reported a HEAD that cannot be read.
    let Some(head) = repository.head().ok().flatten().filter(|_| !places.is_empty()) else {
        return;
    };
    let commit = objects.read_as(ObjectKind::Commit, head).ok();
    let Some(commit) = commit.and_then(|bytes| CommitObject::parse(&bytes, head.format())) else {
        return;
    };
    let name = (SourceKind::Head, head);
    let files = Snapshot::of_tree(objects, commit.tree, name, &scan.plan.tree, scan.base());
    if files.below("").len() > MAX_FILES {
        return;
    }
    let mut seeds: Vec<String> = places.keys().cloned().collect();
    seeds.sort_unstable();
    let analysis = exposure::of_seeds(scan.builder, &files, &seeds);
    let files = HeadFiles { files, places };
    LeakReporter::new(scan.builder, &files).report_sides(analysis, collector);
}

/// HEAD's tree, with the names that this run has given its files.
struct HeadFiles<'h> {
    files: Snapshot<'h>,
    places: HashMap<String, Provenance>,
}

impl Files for HeadFiles<'_> {
    fn read(&self, path: &str) -> std::io::Result<Option<Vec<u8>>> {
        self.files.read(path)
    }

    fn below(&self, folder: &str) -> Vec<String> {
        self.files.below(folder)
    }
}

impl ScannedFiles for HeadFiles<'_> {
    fn provenance(&self, path: &str) -> Provenance {
        self.places.get(path).cloned().unwrap_or_else(|| self.files.provenance(path))
    }
}
