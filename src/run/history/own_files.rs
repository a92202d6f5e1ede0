//! Searches the files that a repository keeps beside its objects and the names of its references, and names
//! what other programs keep there.

use std::path::Path;

use super::repository_scan::RepositoryScan;
use crate::model::{FilePath, Notice, NoticeKind, Provenance, SourceKind};
use crate::run::collect::FindingCollector;
use crate::source::Chunk;
use crate::source::git::{OTHER_STORES, other_store};

/// Searches the files of a repository in place.
pub(super) fn scan(own: &RepositoryScan<'_>, collector: &mut FindingCollector) {
    let builder = own.scan.builder;
    let known = collector.keys();
    let below = |path: &FilePath| FilePath::from_bytes(&[&own.prefix, path.as_bytes()].concat());
    for file in own.repository.own_files() {
        let path = below(&file.path);
        let exclude = own.scan.plan.tree.exclude.as_ref();
        if exclude.is_some_and(|meant| meant(&own.scan.base().join(path.to_path()), false)) {
            collector.summary.skipped_excluded += 1;
            continue;
        }
        let Some(bytes) = file.read() else { continue };
        let chunk = Chunk::whole(&bytes);
        let found = own.scan.scanner.find(&chunk);
        let path = builder.shown(path);
        let provenance =
            Provenance { source: file.source, path, commit: None, blob: None, inside: None };
        for (key, occurrence, inline) in builder.place_whole(&provenance, &chunk, &found) {
            // A copy of what was found in a message is not one place more to look at.
            if file.copies_messages && known.contains(&key.id()) {
                continue;
            }
            collector.occurrences(key).push((occurrence, inline));
        }
    }
    names(own, collector);
    let top = own.repository.checkout().unwrap_or(Path::new(""));
    for folder in OTHER_STORES.map(|name| top.join(name)).iter().filter(|folder| folder.is_dir()) {
        let Some(message) = other_store(folder) else { continue };
        let name = folder.strip_prefix(top).unwrap_or(folder);
        let path = Some(builder.shown(below(&FilePath::from_path(name))));
        collector.notices.push(Notice { path, kind: NoticeKind::OtherStore, message });
    }
}

/// Finds keys in the names of branches, tags and other references.
fn names(own: &RepositoryScan<'_>, collector: &mut FindingCollector) {
    let builder = own.scan.builder;
    let folder: &[u8] = if own.repository.checkout().is_some() { b".git/" } else { b"" };
    // What cannot be read has been reported with what they lead to.
    for reference in own.repository.references().below(b"refs/", &mut Vec::new()) {
        let provenance = || {
            let path = FilePath::from_bytes(&[&own.prefix, folder, &reference.name].concat());
            let (source, path) = (SourceKind::GitFile, builder.shown(path));
            Provenance { source, path, commit: None, blob: None, inside: None }
        };
        for (key, occurrence) in builder.in_name(&reference.name, provenance) {
            collector.occurrences(&key).push((occurrence, builder.unmarked()));
        }
    }
}
