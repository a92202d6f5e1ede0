//! A repository: its location, its configuration, its refs and the repositories it borrows from.
//! libgit2 finds it and reads its configuration, and is asked for nothing else: it runs no program, whatever
//! the configuration says.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Once, OnceLock};

use git2::{ErrorCode, RepositoryOpenFlags};

use super::alternates::listed_paths;
use super::config_files::{ConfigFault, config_fault};
use super::environment::GitEnvironment;
use super::error::RepoError;
use super::object_reader::ObjectReader;
use super::other_store::{OTHER_STORES, other_store};
use super::pack_entry::ObjectKind;
use super::reference::RefTarget;
use super::references::{RefStorage, References};
use super::safe_read::{GitFolders, is_special, plain};
use super::stored_objects::StoredObjects;
use crate::model::{FilePath, Notice, NoticeKind, ObjectFormat, Oid};

/// An open repository.
pub struct Repository {
    pub(super) git: git2::Repository,
    references: References,
    /// True if objects of other repositories are left out.
    owns_all: bool,
    /// Empty unless it belongs to this repository.
    environment: GitEnvironment,
    /// Its objects, once they are asked for; or the file that is none.
    stored: OnceLock<Result<StoredObjects, String>>,
    /// Facts that readers of the report need.
    pub notices: Vec<Notice>,
}

impl Repository {
    /// Opens the repository that contains `path`.
    ///
    /// # Errors
    /// No repository, or one that cannot be read.
    pub fn open(path: &Path) -> Result<Self, RepoError> {
        Self::opened(path, GitEnvironment::default(), || {
            let nowhere: [&OsStr; 0] = [];
            git2::Repository::open_ext(path, RepositoryOpenFlags::empty(), nowhere)
        })
    }

    /// Opens the repository of the current folder. `environment` is that of the process: `GIT_DIR`
    /// and git's other variables count, as for git and its hooks.
    ///
    /// # Errors
    /// No repository, or one that cannot be read.
    pub fn here(environment: GitEnvironment) -> Result<Self, RepoError> {
        Self::opened(Path::new("."), environment, git2::Repository::open_from_env)
    }

    /// Opens the repository at `folder` itself, without searching its parents.
    ///
    /// # Errors
    /// No repository, or one that cannot be read.
    pub fn at(folder: &Path) -> Result<Self, RepoError> {
        Self::opened(folder, GitEnvironment::default(), || {
            let nowhere: [&OsStr; 0] = [];
            git2::Repository::open_ext(folder, RepositoryOpenFlags::NO_SEARCH, nowhere)
        })
    }

    fn opened(
        path: &Path,
        environment: GitEnvironment,
        open: impl Fn() -> Result<git2::Repository, git2::Error>,
    ) -> Result<Self, RepoError> {
        let name = path.display().to_string();
        if let Some(folders) = GitFolders::of(path, &environment) {
            let special = folders.special_file().map(ConfigFault::Special);
            match special.or_else(|| config_fault(folders.configuration())) {
                Some(ConfigFault::Special(special)) => {
                    let special = special.display().to_string();
                    return Err(RepoError::Special { path: name, special });
                }
                Some(ConfigFault::Invalid(message)) => {
                    return Err(RepoError::Open { path: name, message });
                }
                None => {}
            }
        }
        allow_extensions();
        let mut notices = Vec::new();
        let opened = match open() {
            Err(error) if error.code() == ErrorCode::Owner => {
                notices.push(foreign(path));
                allow_foreign_owners();
                open()
            }
            opened => opened,
        };
        let git = opened.map_err(|error| {
            let message = error.message().to_owned();
            if error.code() == ErrorCode::NotFound {
                let other = OTHER_STORES.iter().find_map(|own| {
                    let folder = path.join(own);
                    let says = other_store(&folder).filter(|_| folder.is_dir())?;
                    Some(format!("{own} {says}"))
                });
                RepoError::None(name.clone(), other.unwrap_or("pass its folder".to_owned()))
            } else if let Some(own) = message.strip_prefix(UNKNOWN_EXTENSION) {
                RepoError::Extension(name.clone(), own.to_owned())
            } else {
                RepoError::Open { path: name.clone(), message }
            }
        })?;
        let references = references_of(&git, name)?;
        let stored = OnceLock::new();
        let mut repository =
            Self { git, references, owns_all: false, environment, stored, notices };
        repository.look_round();
        Ok(repository)
    }

    /// The format of the ids of its objects.
    pub fn format(&self) -> ObjectFormat {
        format_of(&self.git)
    }

    /// Its references.
    pub fn references(&self) -> &References {
        &self.references
    }

    /// The folder of this checkout: `.git`, or that of a linked worktree.
    pub fn folder(&self) -> &Path {
        self.git.path()
    }

    /// The top of the checkout, unless the repository is bare.
    pub fn checkout(&self) -> Option<&Path> {
        self.git.workdir()
    }

    /// The index that git uses here.
    pub fn index_file(&self) -> PathBuf {
        let Some(file) = self.named("GIT_INDEX_FILE") else {
            return self.folder().join("index");
        };
        // Git first changes to the top of the checkout, from whatever folder it is called.
        let top = self.named("GIT_WORK_TREE");
        let top = top.as_deref().or(self.checkout()).unwrap_or(Path::new(""));
        top.join(file)
    }

    /// True if the environment names the index. Git has then written it.
    pub fn is_index_named(&self) -> bool {
        self.named("GIT_INDEX_FILE").is_some()
    }

    /// A path that the environment gives for this repository.
    fn named(&self, variable: &str) -> Option<PathBuf> {
        self.environment.path(variable)
    }

    /// The indexes of this checkout and of all linked ones.
    pub fn index_files(&self) -> Vec<PathBuf> {
        let common = self.git.commondir();
        let linked = fs::read_dir(common.join("worktrees")).into_iter().flatten().flatten();
        let mut files: Vec<_> = linked.map(|entry| entry.path().join("index")).collect();
        files.extend([common.join("index"), self.index_file()]);
        files.sort();
        files.dedup();
        files
    }

    /// True if there is a repository to fetch from.
    pub fn has_remote(&self) -> bool {
        self.git.remotes().is_ok_and(|names| !names.is_empty())
    }

    /// True if the clone is shallow.
    pub fn is_shallow(&self) -> bool {
        self.git.is_shallow()
    }

    /// True if objects may be left with the remote repository (gitglossary(7), "partial clone").
    pub fn is_partial(&self) -> bool {
        let has_promisor = |objects: &PathBuf| {
            let entries = fs::read_dir(objects.join("pack")).into_iter().flatten().flatten();
            entries
                .into_iter()
                .any(|entry| entry.path().extension().is_some_and(|ending| ending == "promisor"))
        };
        self.object_folders().0.iter().any(has_promisor)
    }

    /// The commits at which a shallow clone ends: their parents are missing.
    pub fn shallow_ends(&self) -> HashSet<Oid> {
        let text = plain(&self.git.commondir().join("shallow")).unwrap_or_default();
        text.split(|&byte| byte == b'\n')
            .filter_map(|line| Oid::from_hex_as(self.format(), line.trim_ascii()))
            .collect()
    }

    /// True if grafts replace the parents of commits (gitrepository-layout(5), `info/grafts`).
    pub fn has_grafts(&self) -> bool {
        self.git.commondir().join("info/grafts").is_file()
    }

    /// The commit of HEAD; `None` before the first commit.
    ///
    /// # Errors
    /// A HEAD that cannot be read, or does not lead to a commit.
    pub fn head(&self) -> Result<Option<Oid>, RepoError> {
        let head = self.references.head();
        let head = head.map_err(|error| RepoError::Revision("HEAD".to_owned(), error))?;
        Ok(head.commit)
    }

    /// The commits, besides HEAD, of the merge in progress.
    pub fn merge_heads(&self) -> Vec<Oid> {
        let text = plain(&self.folder().join("MERGE_HEAD")).unwrap_or_default();
        text.split(|&byte| byte == b'\n')
            .filter_map(|line| Oid::from_hex_as(self.format(), line.trim_ascii()))
            .collect()
    }

    /// The commits, besides HEAD, that `git merge` announces to its hook: `MERGE_HEAD` does not
    /// exist yet at that time.
    pub fn merge_heads_of_hook(&self) -> Vec<Oid> {
        let names = self.environment.names();
        let ids = names
            .filter_map(|name| name.as_encoded_bytes().strip_prefix(b"GITHEAD_"))
            .filter_map(|id| Oid::from_hex_as(self.format(), id));
        let mut ids: Vec<_> = ids.collect();
        ids.sort_unstable();
        ids
    }

    /// The folder of git's hooks: `core.hooksPath`, or the common one of all checkouts.
    pub fn hooks(&self) -> PathBuf {
        let set = self.git.config().and_then(|config| config.get_path("core.hooksPath"));
        let top = self.checkout().unwrap_or(self.folder());
        // Git changes to the top of the checkout first.
        match set {
            Ok(path) if !path.as_os_str().is_empty() => top.join(path),
            _ => self.git.commondir().join("hooks"),
        }
    }

    /// The commits that the refs below `prefix` lead to, and the tags on the way.
    pub fn tips(&self, prefix: &str) -> (Vec<Oid>, HashSet<Oid>) {
        let (mut commits, mut named) = (Vec::new(), HashSet::new());
        let Ok(objects) = self.objects() else { return (commits, named) };
        // Whatever cannot be read is not known to be there.
        for reference in self.references.below(prefix.as_bytes(), &mut Vec::new()) {
            let object = match reference.target {
                RefTarget::Object(oid) => Some(oid),
                RefTarget::Symbolic(name) => self.references.resolve(&name).ok().flatten(),
            };
            let Some(object) = object else { continue };
            // A ref that leads to no commit, or to a missing one, is ignored.
            if let Ok((ObjectKind::Commit, commit)) = objects.peel(object) {
                commits.push(commit);
                named.insert(object);
            }
        }
        commits.sort_unstable();
        commits.dedup();
        (commits, named)
    }

    /// The same for the last fetched state of a remote repository, given by name or address.
    pub fn remote_tips(&self, remote: &str) -> (Vec<Oid>, HashSet<Oid>) {
        let has_address = |name: &str| {
            self.git.find_remote(name).is_ok_and(|own| {
                own.url().ok() == Some(remote) || own.pushurl().ok() == Some(Some(remote))
            })
        };
        let (mut commits, mut named) = self.tips(&format!("refs/remotes/{remote}/"));
        let remotes = self.git.remotes().ok();
        let names = remotes.iter().flat_map(|names| names.iter()).flatten().flatten();
        for name in names.filter(|name| *name != remote && has_address(name)) {
            let (more, tags) = self.tips(&format!("refs/remotes/{name}/"));
            commits.extend(more);
            named.extend(tags);
        }
        (commits, named)
    }

    /// The commit of a remote repository's default branch, in its last fetched state.
    pub fn remote_head(&self, remote: &str) -> Option<Oid> {
        let head = format!("refs/remotes/{remote}/HEAD");
        let oid = self.references.resolve(head.as_bytes()).ok().flatten()?;
        match self.objects().ok()?.peel(oid) {
            Ok((ObjectKind::Commit, commit)) => Some(commit),
            Ok(_) | Err(_) => None,
        }
    }

    /// The files with conflicts in the merge in progress, from git's message.
    pub fn conflicts(&self) -> HashSet<Vec<u8>> {
        if self.merge_heads().is_empty() {
            return HashSet::new();
        }
        let text = plain(&self.folder().join("MERGE_MSG")).unwrap_or_default();
        let lines = text.split(|&byte| byte == b'\n');
        let paths =
            lines.filter_map(|line| line.strip_prefix(b"#").unwrap_or(line).strip_prefix(b"\t"));
        paths.map(<[u8]>::to_owned).collect()
    }

    /// Leaves out objects that it borrows from other repositories.
    #[must_use]
    pub fn without_alternates(self) -> Self {
        Self { owns_all: true, stored: OnceLock::new(), ..self }
    }

    /// True if objects of other repositories are left out.
    pub fn owns_all(&self) -> bool {
        self.owns_all
    }

    /// The folders of other repositories that its own files name to borrow objects from.
    pub fn alternates(&self) -> Vec<PathBuf> {
        let objects = self.git.commondir().join("objects");
        let own = [objects].into_iter().chain(self.named("GIT_OBJECT_DIRECTORY"));
        let own = own.chain(self.named_alternates());
        let own: Vec<_> = own.filter_map(|folder| folder.canonicalize().ok()).collect();
        let mut folders = self.object_folders().0;
        folders.retain(|folder| !own.contains(folder));
        folders
    }

    /// The folders that the environment names to borrow objects from.
    fn named_alternates(&self) -> Vec<PathBuf> {
        let separator = if cfg!(windows) { b';' } else { b':' };
        let list = self.named("GIT_ALTERNATE_OBJECT_DIRECTORIES");
        let list = list.map(|list| FilePath::from_path(&list).as_bytes().to_owned());
        let paths = listed_paths(&list.unwrap_or_default(), separator);
        paths.iter().map(|path| FilePath::from_bytes(path).to_path()).collect()
    }

    /// The folder that all checkouts of the repository share.
    pub fn common_folder(&self) -> &Path {
        self.git.commondir()
    }

    /// The objects folders, its own and the borrowed ones; and the borrowed ones that are missing
    /// (gitrepository-layout(5), `objects/info/alternates`).
    pub fn object_folders(&self) -> (Vec<PathBuf>, Vec<PathBuf>) {
        let first = self.named("GIT_OBJECT_DIRECTORY");
        let first = first.unwrap_or_else(|| self.git.commondir().join("objects"));
        let mut waiting = vec![first];
        waiting.extend(self.named_alternates());
        let (mut folders, mut missing) = (Vec::new(), Vec::new());
        let mut seen = HashSet::new();
        while let Some(folder) = waiting.pop() {
            let Ok(real) = folder.canonicalize() else {
                missing.push(folder);
                continue;
            };
            if !seen.insert(real.clone()) {
                continue;
            }
            let text = match self.owns_all {
                true => Vec::new(),
                false => plain(&real.join("info/alternates")).unwrap_or_default(),
            };
            for path in listed_paths(&text, b'\n') {
                // Windows ends lines in its own way.
                let path = path.strip_suffix(b"\r").unwrap_or(&path);
                waiting.push(real.join(FilePath::from_bytes(path).to_path()));
            }
            folders.push(real);
        }
        (folders, missing)
    }

    /// A reader for single objects.
    ///
    /// # Errors
    /// An object store that cannot be opened.
    pub fn objects(&self) -> Result<ObjectReader<'_>, RepoError> {
        let stored = self.stored.get_or_init(|| {
            let folders = self.object_folders().0;
            for folder in &folders {
                let packs = fs::read_dir(folder.join("pack")).into_iter().flatten().flatten();
                let packs = packs.map(|entry| entry.path());
                let special =
                    packs.chain([folder.join("info/alternates")]).find(|path| is_special(path));
                if let Some(special) = special {
                    return Err(special.display().to_string());
                }
            }
            Ok(StoredObjects::open(folders, self.format()))
        });
        match stored {
            Ok(stored) => Ok(ObjectReader::new(stored)),
            Err(special) => Err(RepoError::Special {
                path: self.git.path().display().to_string(),
                special: special.clone(),
            }),
        }
    }

    /// Adds notices for whatever makes git show another history than the objects contain.
    fn look_round(&mut self) {
        let common = self.git.commondir().to_owned();
        // Whoever lists all references tells what is wrong with them.
        let count = self.references.below(b"refs/replace/", &mut Vec::new()).len();
        if count > 0 {
            self.notices.push(Notice {
                path: None,
                kind: NoticeKind::Replaced,
                message: format!(
                    "git replaces {} (refs/replace); keyside reads both, and follows the original \
                     history",
                    if count == 1 {
                        "1 object with another".to_owned()
                    } else {
                        format!("{count} objects with others")
                    }
                ),
            });
        }
        let grafts = common.join("info/grafts");
        if grafts.is_file() {
            self.notices.push(Notice {
                path: Some(FilePath::from_path(&grafts)),
                kind: NoticeKind::Replaced,
                message: "gives commits other parents; keyside follows the original history"
                    .to_owned(),
            });
        }
    }
}

/// Lets libgit2 open partial clones and checkouts with relative links, which it reads correctly,
/// repositories whose objects have a second id in the other format, which nothing here uses, and
/// repositories that say how they store refs, which the caller checks.
#[allow(unsafe_code, reason = "see SAFETY; libgit2 has no other interface for it")]
fn allow_extensions() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // SAFETY: writes a global of libgit2, once, before any repository is opened.
        let _ = unsafe {
            git2::opts::set_extensions(&[
                "compatobjectformat",
                "partialclone",
                "relativeworktrees",
                "refstorage",
                "preciousobjects",
                "noop-v1",
            ])
        };
    });
}

/// The beginning of libgit2's sentence about an extension that it was not told to accept.
const UNKNOWN_EXTENSION: &str = "unsupported extension name extensions.";

/// The references of a repository, which `name` names in errors.
fn references_of(git: &git2::Repository, name: String) -> Result<References, RepoError> {
    let stored = git.config().and_then(|config| config.get_string("extensions.refstorage"));
    let storage = match stored {
        Err(_) => RefStorage::Files,
        Ok(stored) => match RefStorage::named(&stored) {
            Some(storage) => storage,
            None => return Err(RepoError::RefStorage(name, stored)),
        },
    };
    if storage == RefStorage::Reftable && !git.commondir().join("reftable").exists() {
        return Err(RepoError::NoReftable(name));
    }
    Ok(References::new(git.path(), git.commondir(), storage, format_of(git)))
}

fn format_of(git: &git2::Repository) -> ObjectFormat {
    match git.object_format() {
        git2::ObjectFormat::Sha1 => ObjectFormat::Sha1,
        git2::ObjectFormat::Sha256 => ObjectFormat::Sha256,
    }
}

/// Lets libgit2 open repositories of other users. The check protects programs that run what the
/// repository's configuration names; keyside runs nothing.
#[allow(unsafe_code, reason = "see SAFETY; libgit2 has no other interface for it")]
fn allow_foreign_owners() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // SAFETY: writes a global of libgit2, once; no other thread uses libgit2 at this time.
        let _ = unsafe { git2::opts::set_verify_owner_validation(false) };
    });
}

fn foreign(path: &Path) -> Notice {
    Notice {
        path: Some(FilePath::from_path(path)),
        kind: NoticeKind::ForeignOwner,
        message: "belongs to another user; it was read, but nothing in its configuration was run"
            .to_owned(),
    }
}
