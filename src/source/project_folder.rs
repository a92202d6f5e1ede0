//! A folder on disk as a state of a project: the files that a scan of it would read, listed on
//! demand.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::{env, fs};

use ignore::DirEntry;

use super::build_inputs::MAX_INPUT;
use super::checkout::Checkout;
use super::files::Files;
use super::tree::{
    EntryVisitor, TreeOptions, checkout_of, is_below, is_tracked_file, walk_folders,
};
use crate::model::{FilePath, Provenance};
use crate::source::ScannedFiles;

/// The largest file that is read whole, in bytes. Files written by people are smaller.
pub(super) const MAX_FILE: u64 = 64 << 20;

/// The scanned part of one checkout, with the surroundings that belong to it.
pub struct ProjectFolder {
    /// Its top, with links resolved: that of the checkout, or else the scanned folder.
    top: PathBuf,
    /// The top as reports name it.
    shown: PathBuf,
    roots: Vec<ScanRoot>,
    /// True if everything below the top belongs to it; false if only the roots do, which are single
    /// files.
    is_whole: bool,
    options: TreeOptions,
    checkout: Option<Checkout>,
    tracked: OnceLock<Vec<String>>,
    /// Files among the listed ones that git ignores.
    ignored: Mutex<HashSet<String>>,
    listed: Mutex<ListingCache>,
    /// For each folder, true if it is within the top after links are resolved.
    inside: Mutex<HashMap<PathBuf, bool>>,
}

/// Listings made so far, by folder.
#[derive(Default)]
struct ListingCache {
    own: HashMap<String, Arc<Vec<String>>>,
    all: HashMap<String, Arc<Vec<String>>>,
}

impl ListingCache {
    fn of(&mut self, depth: ListDepth) -> &mut HashMap<String, Arc<Vec<String>>> {
        match depth {
            ListDepth::Own => &mut self.own,
            ListDepth::All => &mut self.all,
        }
    }

    /// The recursive listing of the path itself or of the innermost folder around it that has one.
    fn round(&self, path: &str) -> Option<&Arc<Vec<String>>> {
        let mut rounds = std::iter::successors(Some(path), |&inner| {
            let outer = inner.rsplit_once('/').map_or("", |(folder, _)| folder);
            (!inner.is_empty()).then_some(outer)
        });
        rounds.find_map(|folder| self.all.get(folder))
    }
}

/// A path that the user named.
struct ScanRoot {
    given: PathBuf,
    /// The same path relative to the top.
    inside: String,
    is_file: bool,
}

/// Depth of a listing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ListDepth {
    /// The files in the folder itself.
    Own,
    /// Also the files in its subfolders.
    All,
}

impl ProjectFolder {
    /// The states that contain the scanned paths `roots`, one per checkout. Paths that cannot be
    /// read or are not UTF-8 are left out.
    pub fn of(roots: &[PathBuf], options: &TreeOptions) -> Vec<Self> {
        let mut folders: Vec<Self> = Vec::new();
        for given in roots {
            let Ok(real) = fs::canonicalize(given) else { continue };
            let is_file = !real.is_dir();
            let folder = if is_file { real.parent().unwrap_or(&real) } else { &real };
            let (top, checkout) = match checkout_of(folder) {
                Some((checkout, _)) => (checkout.top.clone(), Some(checkout)),
                None => (folder.to_owned(), None),
            };
            let Some(inside) = real.strip_prefix(&top).ok().and_then(text) else { continue };
            // A single file may be surrounded by anything, such as a whole home directory.
            let is_whole = !is_file || checkout.is_some() || top.join("package.json").is_file();
            let root = ScanRoot { given: given.clone(), inside, is_file };
            match folders.iter_mut().find(|folder| folder.top == top) {
                Some(folder) => {
                    folder.roots.push(root);
                    folder.is_whole |= is_whole;
                }
                None => folders.push(Self {
                    shown: shown(&top),
                    top,
                    roots: vec![root],
                    is_whole,
                    options: options.clone(),
                    checkout,
                    tracked: OnceLock::new(),
                    ignored: Mutex::default(),
                    listed: Mutex::default(),
                    inside: Mutex::default(),
                }),
            }
        }
        folders
    }

    /// The path of a file that the scan has read, relative to the top.
    pub fn path_of(&self, read: &Path) -> Option<String> {
        self.roots.iter().find_map(|root| {
            let rest = text(read.strip_prefix(&root.given).ok()?)?;
            Some(joined(&root.inside, &rest))
        })
    }

    /// True if the user asked for the file to be scanned.
    pub fn is_scanned(&self, path: &str) -> bool {
        self.root(path).is_some()
    }

    /// The root that contains a file, and the file's path below it.
    fn root<'p>(&self, path: &'p str) -> Option<(&ScanRoot, &'p str)> {
        self.roots.iter().find_map(|root| Some((root, below(path, &root.inside)?)))
    }

    /// The location of a file.
    fn place(&self, path: &str) -> PathBuf {
        match self.root(path) {
            Some((root, "")) => root.given.clone(),
            Some((root, rest)) => root.given.join(rest),
            None => self.top.join(path),
        }
    }

    /// The files in `folder`, in order.
    fn list(&self, folder: &str, depth: ListDepth) -> Arc<Vec<String>> {
        if let Some(known) = self.known(folder, depth) {
            return known;
        }
        let mut files = Vec::new();
        for root in &self.roots {
            if root.is_file {
                files.push(root.inside.clone());
            } else {
                self.walk(&root.given, &root.inside, Vec::new(), folder, depth, &mut files);
            }
        }
        if self.is_whole && self.roots.iter().all(|root| root.is_file || !root.inside.is_empty()) {
            // What the user named has been listed already, even if it is ignored.
            let skip = self.roots.iter().filter(|root| !root.is_file);
            let skip = skip.map(|root| root.inside.clone()).collect();
            self.walk(&self.top, "", skip, folder, depth, &mut files);
        }
        files.retain(|path| is_in(path, folder, depth));
        files.sort_unstable();
        files.dedup();
        let tracked = self.tracked_in(folder, depth, &files);
        if !tracked.is_empty() {
            files.extend(tracked);
            files.sort_unstable();
        }
        let files = Arc::new(files);
        let mut listed = self.listed.lock().unwrap_or_else(PoisonError::into_inner);
        listed.of(depth).insert(folder.to_owned(), Arc::clone(&files));
        files
    }

    /// The files in `folder`, if it or a folder around it has been listed.
    fn known(&self, folder: &str, depth: ListDepth) -> Option<Arc<Vec<String>>> {
        let mut listed = self.listed.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = listed.of(depth).get(folder) {
            return Some(Arc::clone(known));
        }
        let round = listed.round(folder)?;
        let first = round.partition_point(|path| path.as_str() < folder);
        let near = round[first..].iter().take_while(|path| path.starts_with(folder));
        let files = near.filter(|path| is_in(path, folder, depth)).cloned().collect();
        let files = Arc::new(files);
        listed.of(depth).insert(folder.to_owned(), Arc::clone(&files));
        Some(files)
    }

    /// Walks the folder `from`, whose path below the top is `inside`, for the files in `folder`.
    fn walk(
        &self,
        from: &Path,
        inside: &str,
        skip: Vec<String>,
        folder: &str,
        depth: ListDepth,
        files: &mut Vec<String>,
    ) {
        if below(inside, folder).is_none() && below(folder, inside).is_none() {
            return;
        }
        let path_of = {
            let (from, inside) = (from.to_owned(), inside.to_owned());
            move |path: &Path| Some(joined(&inside, &text(path.strip_prefix(&from).ok()?)?))
        };
        let is_elsewhere = {
            let (path_of, folder) = (path_of.clone(), folder.to_owned());
            move |path: &Path, is_folder: bool| {
                let Some(path) = path_of(path) else { return true };
                let leads_there = is_folder && below(&folder, &path).is_some();
                let is_wanted = match (is_folder, depth) {
                    (true, ListDepth::Own) => leads_there,
                    (true, ListDepth::All) => leads_there || below(&path, &folder).is_some(),
                    (false, _) => is_in(&path, &folder, depth),
                };
                !is_wanted || skip.contains(&path)
            }
        };
        let excluded = self.options.exclude.clone();
        let exclude = move |path: &Path, is_folder| {
            is_elsewhere(path, is_folder)
                || excluded.as_ref().is_some_and(|meant| meant(path, is_folder))
        };
        let options = TreeOptions { exclude: Some(Arc::new(exclude)), ..self.options.clone() };
        let all = Mutex::default();
        let visitor =
            || FileCollector { options: &self.options, own: CollectedFiles::default(), all: &all };
        walk_folders(&[from.to_owned()], &options, &visitor);
        let found = all.into_inner().unwrap_or_else(PoisonError::into_inner);
        files.extend(found.files.iter().filter_map(|path| path_of(path)));
        let inputs: Vec<_> = found.inputs.iter().filter_map(|path| path_of(path)).collect();
        self.note_ignored(inputs.iter().cloned());
        files.extend(inputs);
    }

    /// All tracked files, in order.
    fn tracked_of(&self, checkout: &Checkout) -> &[String] {
        self.tracked.get_or_init(|| {
            let paths = checkout.tracked().unwrap_or_default();
            let paths = paths.into_iter().filter_map(|path| String::from_utf8(path).ok());
            let mut paths: Vec<_> = paths.filter(|path| is_below(Path::new(path))).collect();
            paths.sort_unstable();
            paths.dedup();
            paths
        })
    }

    /// Remembers files that git ignores; those that it tracks it does not ignore.
    fn note_ignored(&self, paths: impl Iterator<Item = String>) {
        let tracked = self.checkout.as_ref().map(|own| self.tracked_of(own)).unwrap_or_default();
        let is_tracked =
            |path: &String| tracked.binary_search_by(|own| own.as_str().cmp(path)).is_ok();
        let ignored = paths.filter(|path| !is_tracked(path));
        self.ignored.lock().unwrap_or_else(PoisonError::into_inner).extend(ignored);
    }

    /// The tracked files in `folder` that are not in `listed`.
    fn tracked_in(&self, folder: &str, depth: ListDepth, listed: &[String]) -> Vec<String> {
        let Some(checkout) = self.checkout.as_ref().filter(|_| !self.options.no_ignore) else {
            return Vec::new();
        };
        let tracked = self.tracked_of(checkout);
        let exclude = self.options.exclude.as_ref();
        let missed = tracked[tracked.partition_point(|path| path.as_str() < folder)..]
            .iter()
            .take_while(|path| path.starts_with(folder))
            .filter(|path| is_in(path, folder, depth) && listed.binary_search(path).is_err())
            .filter(|path| {
                let place = self.place(path);
                is_tracked_file(&place, &self.top)
                    && !exclude.is_some_and(|meant| meant(&place, false))
                    && is_wanted(&place, &self.options)
            });
        missed.cloned().collect()
    }

    /// True if the folder of a file is within the top after links are resolved.
    fn leads_inside(&self, place: &Path) -> bool {
        let Some(folder) = place.parent() else { return false };
        let known = || self.inside.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(is_inside) = known().get(folder) {
            return *is_inside;
        }
        // The folder of `a.ts` is the empty path.
        let named = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        let is_inside = fs::canonicalize(named).is_ok_and(|real| real.starts_with(&self.top));
        known().insert(folder.to_owned(), is_inside);
        is_inside
    }

    /// True if a scan would read the file. Of what is not listed yet, only its folder is listed.
    fn is_there(&self, path: &str) -> bool {
        let has = |list: &[String]| list.binary_search_by(|own| own.as_str().cmp(path)).is_ok();
        if path.is_empty() {
            return false;
        }
        let listed =
            self.listed.lock().unwrap_or_else(PoisonError::into_inner).round(path).cloned();
        if let Some(list) = listed {
            return has(&list);
        }
        let is_plain = fs::symlink_metadata(self.place(path)).is_ok_and(|file| file.is_file());
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        is_plain && has(&self.list(folder, ListDepth::Own))
    }
}

impl Files for ProjectFolder {
    fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>> {
        if !is_below(Path::new(path)) || !self.is_there(path) {
            return Ok(None);
        }
        let place = self.place(path);
        let metadata = fs::symlink_metadata(&place).ok().filter(|metadata| metadata.is_file());
        let Some(metadata) = metadata.filter(|_| self.leads_inside(&place)) else {
            return Ok(None);
        };
        let length = metadata.len().min(MAX_FILE) as usize;
        let mut bytes = Vec::with_capacity(length + 1);
        File::open(place)?.take(MAX_FILE + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > MAX_FILE {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        Ok(Some(bytes))
    }

    fn below(&self, folder: &str) -> Vec<String> {
        self.list(folder, ListDepth::All).as_ref().clone()
    }
}

impl ScannedFiles for ProjectFolder {
    fn provenance(&self, path: &str) -> Provenance {
        let place = match self.root(path) {
            Some(_) => self.place(path),
            None => self.shown.join(path),
        };
        Provenance::tree(FilePath::from_path(&place))
    }

    fn is_ignored(&self, path: &str) -> bool {
        self.ignored.lock().unwrap_or_else(PoisonError::into_inner).contains(path)
    }
}

/// Collects the names of files, and adds them to all others' when it is dropped.
struct FileCollector<'n> {
    options: &'n TreeOptions,
    own: CollectedFiles,
    all: &'n Mutex<CollectedFiles>,
}

/// The names of files.
#[derive(Default)]
struct CollectedFiles {
    files: Vec<PathBuf>,
    /// Files that git ignores and builds may read.
    inputs: Vec<PathBuf>,
}

impl EntryVisitor for FileCollector<'_> {
    fn entry(&mut self, entry: Result<DirEntry, ignore::Error>) {
        // The scan has reported what cannot be walked.
        let Ok(entry) = entry else { return };
        let is_file = entry.file_type().is_some_and(|kind| kind.is_file());
        if is_file && is_wanted(entry.path(), self.options) {
            self.own.files.push(entry.into_path());
        }
    }

    fn ignored(&mut self, path: &Path) {
        let is_small = fs::symlink_metadata(path).is_ok_and(|file| file.len() <= MAX_INPUT);
        if is_small && is_wanted(path, self.options) {
            self.own.inputs.push(path.to_owned());
        }
    }
}

impl Drop for FileCollector<'_> {
    fn drop(&mut self) {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        all.files.append(&mut self.own.files);
        all.inputs.append(&mut self.own.inputs);
    }
}

/// True if a file neither exceeds the user's limit nor is written by this run.
fn is_wanted(path: &Path, options: &TreeOptions) -> bool {
    let is_large = options.max_file_size.is_some_and(|limit| {
        fs::symlink_metadata(path).is_ok_and(|metadata| metadata.len() > limit)
    });
    !is_large && !options.is_output(path)
}

/// True if a file is in a folder.
fn is_in(path: &str, folder: &str, depth: ListDepth) -> bool {
    below(path, folder).is_some_and(|rest| match depth {
        ListDepth::Own => !rest.contains('/'),
        ListDepth::All => true,
    })
}

/// The path from `folder` to `path`, which is the folder itself or below it.
pub(super) fn below<'p>(path: &'p str, folder: &str) -> Option<&'p str> {
    let rest = path.strip_prefix(folder)?;
    if folder.is_empty() || rest.is_empty() { Some(rest) } else { rest.strip_prefix('/') }
}

fn joined(folder: &str, rest: &str) -> String {
    match (folder, rest) {
        ("", path) | (path, "") => path.to_owned(),
        _ => format!("{folder}/{rest}"),
    }
}

/// A relative path with `/` separators.
fn text(path: &Path) -> Option<String> {
    let parts = path.components().filter(|part| *part != Component::CurDir);
    let parts = parts.map(|part| part.as_os_str().to_str());
    Some(parts.collect::<Option<Vec<_>>>()?.join("/"))
}

/// A folder relative to the current one.
fn shown(folder: &Path) -> PathBuf {
    let here = env::current_dir().and_then(fs::canonicalize);
    let Ok(here) = here else { return folder.to_owned() };
    if let Ok(below) = folder.strip_prefix(&here) {
        return below.to_owned();
    }
    match here.strip_prefix(folder) {
        Ok(above) => above.components().map(|_| Component::ParentDir).collect(),
        Err(_) => folder.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A git checkout with `files`; tracked files are not distinguished here.
    fn tree(files: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join(".git")).unwrap();
        for path in files {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "x").unwrap();
        }
        folder
    }

    fn only(roots: &[PathBuf], options: &TreeOptions) -> ProjectFolder {
        let mut folders = ProjectFolder::of(roots, options);
        assert_eq!(folders.len(), 1);
        folders.remove(0)
    }

    #[test]
    fn the_state_is_the_checkout_without_most_ignored_files() {
        let tree = tree(&["app/a.ts", "app/b/c.ts", "app/dist/d.js", "lib/e.ts", "z.ts", "z.log"]);
        fs::write(tree.path().join(".gitignore"), "dist/\nz.*\n").unwrap();
        let folder = only(&[tree.path().join("app")], &TreeOptions::default());
        assert_eq!(folder.below("app"), ["app/a.ts", "app/b/c.ts"]);
        assert_eq!(folder.below("app/b"), ["app/b/c.ts"]);
        assert_eq!(folder.below("ap"), [""; 0]);
        assert_eq!(folder.below("app/dist"), [""; 0]);
        let all = [".gitignore", "app/a.ts", "app/b/c.ts", "lib/e.ts", "z.ts"];
        assert_eq!(folder.below(""), all);
        // A build may read what git ignores, but for whole folders and other files.
        assert!(all.iter().all(|path| folder.is_ignored(path) == (*path == "z.ts")));
        let there = |path: &str| folder.read(path).unwrap().is_some();
        assert!(there("lib/e.ts") && there("app/a.ts") && there("z.ts"));
        for path in ["z.log", "app/dist/d.js", "app", "", "../x", "/etc/passwd", "app/../lib/e.ts"]
        {
            assert!(!there(path), "{path}");
        }
        assert!(folder.is_scanned("app/a.ts") && !folder.is_scanned("lib/e.ts"));
        let shown = FilePath::from_path(&tree.path().join("app/a.ts"));
        assert_eq!(folder.provenance("app/a.ts"), Provenance::tree(shown));
        let read = tree.path().join("app/b/c.ts");
        assert_eq!(folder.path_of(&read).as_deref(), Some("app/b/c.ts"));
    }

    #[test]
    fn a_file_exists_before_its_folder_is_listed() {
        let tree = tree(&["a/b/c.ts", "a/x.log"]);
        fs::write(tree.path().join("a/.gitignore"), "x.log").unwrap();
        let folder = only(&[tree.path().to_owned()], &TreeOptions::default());
        assert!(folder.read("a/b/c.ts").unwrap().is_some());
        assert!(folder.read("a/x.log").unwrap().is_none());
        assert_eq!(folder.below("a"), ["a/.gitignore", "a/b/c.ts"]);
    }

    #[test]
    fn named_files_are_included_although_ignored() {
        let tree = tree(&["dist/a.js", "b.js"]);
        fs::write(tree.path().join(".gitignore"), "dist\nb.js").unwrap();
        let roots = [tree.path().join("dist"), tree.path().join("b.js")];
        let folder = only(&roots, &TreeOptions::default());
        assert_eq!(folder.below(""), [".gitignore", "b.js", "dist/a.js"]);
        assert!(folder.is_scanned("b.js") && !folder.is_scanned(".gitignore"));
    }

    #[test]
    fn excluded_and_large_files_are_left_out() {
        let tree = tree(&["a.ts", "b.ts", "c.ts"]);
        fs::write(tree.path().join("c.ts"), "xxx").unwrap();
        let options = TreeOptions {
            exclude: Some(Arc::new(|path: &Path, _| path.ends_with("b.ts"))),
            max_file_size: Some(2),
            ..TreeOptions::default()
        };
        let folder = only(&[tree.path().to_owned()], &options);
        assert_eq!(folder.below(""), ["a.ts"]);
        assert!(folder.read("b.ts").unwrap().is_none());
        assert!(folder.read("c.ts").unwrap().is_none());
    }

    #[test]
    fn a_single_file_does_not_include_its_neighbours() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a.ts"), "x").unwrap();
        fs::write(folder.path().join("b.ts"), "x").unwrap();
        let root = [folder.path().join("a.ts")];
        assert_eq!(only(&root, &TreeOptions::default()).below(""), ["a.ts"]);
        fs::write(folder.path().join("package.json"), "{}").unwrap();
        let all = ["a.ts", "b.ts", "package.json"];
        assert_eq!(only(&root, &TreeOptions::default()).below(""), all);
    }

    #[cfg(unix)]
    #[test]
    fn links_are_left_out() {
        let tree = tree(&["a/b.ts"]);
        std::os::unix::fs::symlink("/etc", tree.path().join("etc")).unwrap();
        std::os::unix::fs::symlink("a/b.ts", tree.path().join("c.ts")).unwrap();
        let folder = only(&[tree.path().to_owned()], &TreeOptions::default());
        assert_eq!(folder.below(""), ["a/b.ts"]);
        assert!(folder.read("etc/passwd").unwrap().is_none());
        assert!(folder.read("c.ts").unwrap().is_none());
    }
}
