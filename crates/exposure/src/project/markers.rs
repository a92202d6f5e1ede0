//! The folders of apps without a package.json, found by files that mark them.

use std::collections::BTreeSet;

use crate::paths::{folder, name, upwards};
use crate::project::conventions::{AppMarkers, REPEATED_MARKERS};
use crate::project::package_map::MAX_DEPTH;

/// The folders of apps without a package.json.
#[derive(Default)]
pub(super) struct MarkerFolders<'p> {
    /// Folders with one of [`AppMarkers::files`], and those of browser extensions.
    sure: BTreeSet<&'p str>,
    /// Folders with one of a line of [`REPEATED_MARKERS`], line by line.
    repeated: [BTreeSet<&'p str>; REPEATED_MARKERS.len()],
}

/// The line of Xcode in [`REPEATED_MARKERS`].
const APPLE: usize = 2;

impl<'p> MarkerFolders<'p> {
    pub(super) fn new(
        paths: &'p [String],
        markers: &AppMarkers,
        is_extension: impl Fn(&str) -> bool,
    ) -> Self {
        let mut marked = Self::default();
        for path in paths {
            let (folder, name) = (folder(path), name(path));
            if markers.is_marker(name) || (name == "manifest.json" && is_extension(path)) {
                marked.sure.insert(folder);
            }
            for (line, folders) in REPEATED_MARKERS.iter().zip(&mut marked.repeated) {
                if line.contains(&name) {
                    folders.insert(folder);
                }
            }
            if name == "project.pbxproj" && folder.ends_with(".xcodeproj") {
                marked.repeated[APPLE].insert(crate::paths::folder(folder));
            }
        }
        marked
    }

    /// The folder of the app that `home` belongs to; the root of the state if nothing marks one.
    pub(super) fn root<'h>(&self, home: &'h str) -> &'h str {
        self.nearest(home).unwrap_or_default()
    }

    /// The same; `None` if nothing marks one.
    pub(super) fn nearest<'h>(&self, home: &'h str) -> Option<&'h str> {
        let around = || upwards(home).take(MAX_DEPTH);
        if let Some(sure) = around().find(|folder| self.sure.contains(folder)) {
            return Some(sure);
        }
        let nearest = around()
            .find_map(|folder| self.repeated.iter().find(|folders| folders.contains(folder)));
        let outermost =
            |folders: &BTreeSet<&str>| around().filter(|folder| folders.contains(folder)).last();
        nearest.and_then(outermost)
    }
}
