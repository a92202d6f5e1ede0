//! A repository as its owner sees it: where it is, what its refs name, what it borrows. libgit2
//! answers; it runs no program, whatever the repository's configuration says.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::Once;
use std::{env, fs};

use git2::{ErrorClass, ErrorCode, ObjectType, RepositoryOpenFlags};
use thiserror::Error;

use super::cache::CacheError;
use super::environment::GitEnvironment;
use super::index::Index;
use super::pack::Kind;
use super::plain::{broken_refs, files_below, is_special, plain, special_file, unreadable};
use super::walk::MAX_OBJECT;
use crate::model::{FilePath, Notice, NoticeKind, Oid};

/// The tree without entries, which git knows without storing it.
pub const EMPTY_TREE: Oid = Oid([
    0x4b, 0x82, 0x5d, 0xc6, 0x42, 0xcb, 0x6e, 0xb9, 0xa0, 0x60, 0xe5, 0x4b, 0xf8, 0xd6, 0x92, 0x88,
    0xfb, 0xee, 0x49, 0x04,
]);

/// Why there is no repository to read.
#[derive(Debug, Error)]
pub enum RepoError {
    /// Neither the folder nor any above it holds one.
    #[error("{0}: no git repository is here or above; name its folder")]
    None(String),
    /// It names objects by SHA-256.
    #[error("{0}: the repository names its objects by SHA-256, which keyside cannot read yet")]
    Sha256(String),
    /// It keeps its refs in tables.
    #[error(
        "{0}: the repository keeps its refs as reftable, which keyside cannot read yet; `git refs \
         migrate --ref-format=files` changes that"
    )]
    Reftable(String),
    /// A file of it is a pipe or a device, and whoever reads it might wait for ever.
    #[error("{path}: the repository cannot be opened: {special} is no plain file")]
    Special {
        /// What was to be opened.
        path: String,
        /// The file.
        special: String,
    },
    /// libgit2 cannot read it.
    #[error("{path}: the repository cannot be opened: {message}")]
    Open {
        /// What was to be opened.
        path: String,
        /// What libgit2 says.
        message: String,
    },
    /// The index cannot be read.
    #[error("{path}: the index cannot be read: {message}")]
    Index {
        /// Its file.
        path: String,
        /// Why.
        message: String,
    },
    /// A revision that the user named is none.
    #[error("`{0}` names no commit here: {1}")]
    Revision(String, String),
    /// The cache of clean objects cannot be used.
    #[error(transparent)]
    Cache(#[from] CacheError),
    /// What should be a range of commits is none that can be scanned.
    #[error("{0}")]
    Range(String),
    /// What should be a line of git, for a hook of a push, is none.
    #[error(
        "`{0}` is no line that git hands to this hook; a program that calls the hook has to hand \
         standard input on"
    )]
    Push(String),
}

/// Why an object cannot be had.
#[derive(Debug, Error)]
pub enum ReadError {
    /// It is not in the store.
    #[error("the object is not there")]
    Missing,
    /// It is there and makes no sense.
    #[error("the object is damaged: {0}")]
    Damaged(String),
}

/// What keeps an object from being garbage, the strongest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reach {
    /// HEAD, a branch, a tag or another ref.
    Ref,
    /// A ref below `refs/notes/`.
    Note,
    /// The stash.
    Stash,
    /// A reflog, or what git remembers of the last fetch or merge.
    Reflog,
    /// Nothing.
    Nothing,
}

/// Something that a ref or a reflog names.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Root {
    /// What it keeps.
    pub reach: Reach,
    /// The object; a tag may stand before what it names.
    pub target: Oid,
    /// The ref; empty for others.
    pub name: Vec<u8>,
}

impl Root {
    /// What users call the branch, if it is one: `main`, `origin/main`.
    pub fn branch(&self) -> Option<String> {
        let name = self.name.strip_prefix(b"refs/heads/");
        let name = name.or_else(|| self.name.strip_prefix(b"refs/remotes/"))?;
        Some(String::from_utf8_lossy(name).into_owned())
    }
}

/// An open repository.
pub struct Repository {
    git: git2::Repository,
    /// Empty unless it belongs to this repository.
    environment: GitEnvironment,
    /// What its reader must know.
    pub notices: Vec<Notice>,
}

impl Repository {
    /// Opens the repository that `path` is in.
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

    /// Opens the repository that is at `folder` itself, and none above.
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
        let refuse = |special| RepoError::Special { path: name.clone(), special };
        special_file(path, &environment).map_or(Ok(()), |special| Err(refuse(special)))?;
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
                RepoError::None(name.clone())
            } else if message.contains("object format") || message.contains("objectformat") {
                RepoError::Sha256(name.clone())
            } else if message.contains("extensions.refstorage") {
                RepoError::Reftable(name.clone())
            } else {
                RepoError::Open { path: name.clone(), message }
            }
        })?;
        // What is damaged is told all the same; libgit2 would hash every object that it reads.
        git2::opts::strict_hash_verification(false);
        let mut repository = Self { git, environment, notices };
        repository.look_round();
        Ok(repository)
    }

    /// The folder that belongs to this checkout: `.git`, or that of a linked worktree.
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
        // Git goes to the top of the checkout first, from whatever folder it is called.
        let top = self.named("GIT_WORK_TREE");
        let top = top.as_deref().or(self.checkout()).unwrap_or(Path::new(""));
        top.join(file)
    }

    /// Whether the environment names the index. Git has written it then.
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

    /// Whether history ends early because the clone was made that way.
    pub fn is_shallow(&self) -> bool {
        self.git.is_shallow()
    }

    /// Whether objects may be left with the remote repository (gitglossary(7), "partial clone").
    pub fn is_partial(&self) -> bool {
        let has_promisor = |objects: &PathBuf| {
            let entries = fs::read_dir(objects.join("pack")).into_iter().flatten().flatten();
            entries
                .into_iter()
                .any(|entry| entry.path().extension().is_some_and(|ending| ending == "promisor"))
        };
        self.object_folders().0.iter().any(has_promisor)
    }

    /// The commits at which a shallow clone ends: their parents are not there.
    pub fn shallow_ends(&self) -> HashSet<Oid> {
        let text = plain(&self.git.commondir().join("shallow")).unwrap_or_default();
        text.split(|&byte| byte == b'\n')
            .filter_map(|line| Oid::from_hex(line.trim_ascii()))
            .collect()
    }

    /// Whether commits are given other parents than they have (gitrepository-layout(5),
    /// `info/grafts`).
    pub fn has_grafts(&self) -> bool {
        self.git.commondir().join("info/grafts").is_file()
    }

    /// The commit that HEAD names; `None` before the first commit.
    ///
    /// # Errors
    /// A HEAD that cannot be read, or that names no commit.
    pub fn head(&self) -> Result<Option<Oid>, RepoError> {
        match self.git.head() {
            Ok(head) => match head.target() {
                Some(oid) => Ok(Some(own(oid))),
                None => Ok(None),
            },
            Err(error) if error.code() == ErrorCode::UnbornBranch => Ok(None),
            Err(error) => Err(RepoError::Revision("HEAD".to_owned(), error.message().to_owned())),
        }
    }

    /// The commits that a merge under way brings in, besides HEAD.
    pub fn merge_heads(&self) -> Vec<Oid> {
        let text = plain(&self.folder().join("MERGE_HEAD")).unwrap_or_default();
        text.split(|&byte| byte == b'\n')
            .filter_map(|line| Oid::from_hex(line.trim_ascii()))
            .collect()
    }

    /// The commits that `git merge` brings in, besides HEAD, as it tells them to its hook: there
    /// is no `MERGE_HEAD` then yet.
    pub fn merge_heads_of_hook(&self) -> Vec<Oid> {
        let names = self.environment.names();
        let ids = names
            .filter_map(|name| Oid::from_hex(name.as_encoded_bytes().strip_prefix(b"GITHEAD_")?));
        let mut ids: Vec<_> = ids.collect();
        ids.sort_unstable();
        ids
    }

    /// The commit that a revision such as `main~2` or `v1.0` names.
    ///
    /// # Errors
    /// A revision that names none.
    pub fn commit(&self, revision: &str) -> Result<Oid, RepoError> {
        let named = self.git.revparse_single(revision);
        let commit = named.and_then(|object| object.peel(ObjectType::Commit));
        commit
            .map(|commit| own(commit.id()))
            .map_err(|error| RepoError::Revision(revision.to_owned(), error.message().to_owned()))
    }

    /// The best common ancestors of two commits.
    ///
    /// # Errors
    /// None at all, or history that cannot be read.
    pub fn merge_bases(&self, one: Oid, two: Oid) -> Result<Vec<Oid>, RepoError> {
        let found = self.git.merge_bases(theirs(one), theirs(two));
        let found = found.map_err(|error| {
            let what = format!("{one:.12}...{two:.12}");
            RepoError::Revision(what, error.message().to_owned())
        })?;
        Ok(found.iter().map(|oid| own(*oid)).collect())
    }

    /// The commits that `tips` reach and `hidden` do not, parents behind their children.
    ///
    /// # Errors
    /// History that cannot be read.
    pub fn commits_between(&self, tips: &[Oid], hidden: &[Oid]) -> Result<Vec<Oid>, RepoError> {
        let walk = || -> Result<Vec<Oid>, git2::Error> {
            let mut walk = self.git.revwalk()?;
            walk.set_sorting(git2::Sort::TOPOLOGICAL)?;
            tips.iter().try_for_each(|&tip| walk.push(theirs(tip)))?;
            hidden.iter().try_for_each(|&base| walk.hide(theirs(base)))?;
            walk.map(|oid| oid.map(own)).collect()
        };
        walk().map_err(|error| {
            RepoError::Revision("the range".to_owned(), error.message().to_owned())
        })
    }

    /// The folder in which git looks for hooks: `core.hooksPath`, or that of all checkouts.
    pub fn hooks(&self) -> PathBuf {
        let set = self.git.config().and_then(|config| config.get_path("core.hooksPath"));
        let top = self.checkout().unwrap_or(self.folder());
        // Git goes to the top of the checkout before it looks.
        match set {
            Ok(path) if !path.as_os_str().is_empty() => top.join(path),
            _ => self.git.commondir().join("hooks"),
        }
    }

    /// A file of a commit, if it is there and not larger than `most` bytes.
    pub fn file_of(&self, commit: &str, path: &str, most: u64) -> Option<Vec<u8>> {
        let file = self.git.revparse_single(&format!("{commit}^{{commit}}:{path}")).ok()?;
        let size = self.git.odb().and_then(|odb| odb.read_header(file.id())).ok()?.0;
        let blob = file.into_blob().ok().filter(|_| size as u64 <= most)?;
        Some(blob.content().to_owned())
    }

    /// The commits that the refs below `prefix` lead to; and what else these name: tags.
    pub fn tips(&self, prefix: &str) -> (Vec<Oid>, HashSet<Oid>) {
        let (mut commits, mut named) = (Vec::new(), HashSet::new());
        let references = self.git.references().into_iter().flatten().flatten();
        for reference in references.filter(|own| own.name_bytes().starts_with(prefix.as_bytes())) {
            // One that leads to no commit, or to one that is not there, tells nothing.
            if let Ok(commit) = reference.peel_to_commit() {
                commits.push(own(commit.id()));
                named.extend(reference.target().map(own));
            }
        }
        commits.sort_unstable();
        commits.dedup();
        (commits, named)
    }

    /// The same of what was last fetched from a remote repository, given by name or address.
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

    /// The files that the merge under way could not merge by itself, as git wrote them into its
    /// message.
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

    /// Everything that refs, reflogs and the like name.
    pub fn roots(&self, notices: &mut Vec<Notice>) -> Vec<Root> {
        let mut roots = Vec::new();
        let common = self.git.commondir();
        match self.git.head() {
            Ok(head) => roots.extend(head.target().map(|oid| root(Reach::Ref, own(oid), b"HEAD"))),
            Err(error) if error.code() == ErrorCode::UnbornBranch => {}
            Err(error) => notices.push(unreadable(&self.folder().join("HEAD"), error.message())),
        }
        match self.git.references() {
            Err(error) => notices.push(unreadable(&common.join("refs"), error.message())),
            Ok(references) => {
                for reference in references {
                    match reference {
                        Ok(reference) => roots.extend(reference.target().map(|oid| {
                            let name = reference.name_bytes();
                            root(reach_of(name), own(oid), name)
                        })),
                        Err(error) => {
                            notices.push(unreadable(&common.join("refs"), error.message()));
                        }
                    }
                }
            }
        }
        notices.extend(broken_refs(common));
        let mut checkouts = vec![common.to_owned()];
        let linked = fs::read_dir(common.join("worktrees")).into_iter().flatten().flatten();
        checkouts.extend(linked.map(|entry| entry.path()));
        for checkout in &checkouts {
            // HEAD of another checkout, where it names a commit and not a branch.
            let head = plain(&checkout.join("HEAD")).unwrap_or_default();
            roots.extend(Oid::from_hex(head.trim_ascii()).map(|oid| root(Reach::Ref, oid, b"")));
            for name in ["ORIG_HEAD", "FETCH_HEAD", "MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD"]
            {
                let text = plain(&checkout.join(name)).unwrap_or_default();
                roots.extend(first_ids(&text).map(|oid| root(Reach::Reflog, oid, b"")));
            }
            for log in files_below(&checkout.join("logs")) {
                let is_stash = log.ends_with("refs/stash");
                let reach = if is_stash { Reach::Stash } else { Reach::Reflog };
                let text = plain(&log).unwrap_or_default();
                roots.extend(logged_ids(&text).map(|oid| root(reach, oid, b"")));
            }
        }
        let mut seen = HashSet::new();
        roots.retain(|root| seen.insert(root.clone()));
        roots
    }

    /// The objects folders: its own and those it borrows from; and the borrowed ones that are not
    /// there (gitrepository-layout(5), `objects/info/alternates`).
    pub fn object_folders(&self) -> (Vec<PathBuf>, Vec<PathBuf>) {
        let first = self.named("GIT_OBJECT_DIRECTORY");
        let first = first.unwrap_or_else(|| self.git.commondir().join("objects"));
        let mut waiting = vec![first];
        if let Some(more) = self.named("GIT_ALTERNATE_OBJECT_DIRECTORIES") {
            waiting.extend(env::split_paths(&more));
        }
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
            let text = plain(&real.join("info/alternates")).unwrap_or_default();
            let lines = text.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii_end);
            for line in lines.filter(|line| !line.is_empty() && !line.starts_with(b"#")) {
                waiting.push(real.join(FilePath::from_bytes(line).to_path()));
            }
            folders.push(real);
        }
        (folders, missing)
    }

    /// The repositories of submodules that are inside of this one, each with the path at which it
    /// is checked out, or else its name (gitrepository-layout(5), `modules`).
    pub fn submodules(&self) -> Vec<(FilePath, PathBuf)> {
        let modules = self.git.commondir().join("modules");
        let mut found = self.embedded();
        let mut folders = vec![modules.clone()];
        while let Some(folder) = folders.pop() {
            if folder != modules && folder.join("HEAD").is_file() && folder.join("objects").is_dir()
            {
                let name = folder.strip_prefix(&modules).unwrap_or(&folder);
                let path = self.checked_out_at(&folder);
                found.push((path.unwrap_or_else(|| FilePath::from_path(name)), folder));
                continue;
            }
            let entries = fs::read_dir(&folder).into_iter().flatten().flatten();
            let is_folder =
                |entry: &fs::DirEntry| entry.file_type().is_ok_and(|kind| kind.is_dir());
            folders.extend(entries.filter(is_folder).map(|entry| entry.path()));
        }
        found.sort();
        found
    }

    /// The path below this checkout at which the repository `folder` is checked out.
    fn checked_out_at(&self, folder: &Path) -> Option<FilePath> {
        let inner = Self::at(folder).ok()?;
        let inner = inner.checkout()?.canonicalize().ok()?;
        let outer = self.checkout()?.canonicalize().ok()?;
        inner.strip_prefix(outer).ok().map(FilePath::from_path)
    }

    /// Submodules whose repository is in their checkout, as older versions of git left it.
    fn embedded(&self) -> Vec<(FilePath, PathBuf)> {
        let Some(checkout) = self.checkout().and_then(|path| path.canonicalize().ok()) else {
            return Vec::new();
        };
        let Ok(index) = Index::read(&self.index_file(), &[self.folder()]) else {
            return Vec::new();
        };
        let links = index.entries.iter().filter(|entry| entry.mode & 0o170_000 == 0o160_000);
        let found = links.filter_map(|entry| {
            let path = FilePath::from_bytes(index.path(entry));
            // A hostile index may name what is elsewhere.
            let folder = checkout.join(path.to_path()).join(".git").canonicalize().ok()?;
            (folder.starts_with(&checkout) && folder.is_dir()).then_some((path, folder))
        });
        let own = self.folder().canonicalize().ok();
        found.filter(|(_, folder)| own.as_ref() != Some(folder)).collect()
    }

    /// Reads single objects.
    ///
    /// # Errors
    /// An object store that cannot be opened.
    pub fn objects(&self) -> Result<Objects<'_>, RepoError> {
        for folder in self.object_folders().0 {
            let packs = fs::read_dir(folder.join("pack")).into_iter().flatten().flatten();
            let packs = packs.map(|entry| entry.path());
            let info = ["info/alternates", "info/commit-graph"].map(|name| folder.join(name));
            if let Some(special) = packs.chain(info).find(|path| is_special(path)) {
                return Err(RepoError::Special {
                    path: self.git.path().display().to_string(),
                    special: special.display().to_string(),
                });
            }
        }
        match self.git.odb() {
            Ok(odb) => Ok(Objects { odb }),
            Err(error) => Err(RepoError::Open {
                path: self.git.path().display().to_string(),
                message: error.message().to_owned(),
            }),
        }
    }

    /// Notes what makes git itself show other history than the objects do.
    fn look_round(&mut self) {
        let common = self.git.commondir().to_owned();
        let replaced = self.git.references_glob("refs/replace/*");
        let count = replaced.map_or(0, |references| references.flatten().count());
        if count > 0 {
            self.notices.push(Notice {
                path: None,
                kind: NoticeKind::Replaced,
                message: format!(
                    "git shows other objects in the place of {count} (refs/replace); keyside \
                     reads both, and follows the history as it was made"
                ),
            });
        }
        let grafts = common.join("info/grafts");
        if grafts.is_file() {
            self.notices.push(Notice {
                path: Some(FilePath::from_path(&grafts)),
                kind: NoticeKind::Replaced,
                message: "gives commits other parents; keyside follows the history as it was made"
                    .to_owned(),
            });
        }
    }
}

/// Single objects, by id; may be shared by threads.
pub struct Objects<'r> {
    odb: git2::Odb<'r>,
}

impl Objects<'_> {
    /// Reads an object.
    ///
    /// # Errors
    /// One that is not there, or is damaged or too large.
    pub fn read(&self, oid: Oid) -> Result<(Kind, Vec<u8>), ReadError> {
        if oid == EMPTY_TREE {
            return Ok((Kind::Tree, Vec::new()));
        }
        let (size, _) = self.odb.read_header(theirs(oid)).map_err(|error| trouble(&error))?;
        if size > MAX_OBJECT {
            return Err(ReadError::Damaged("it is larger than 2 GiB".to_owned()));
        }
        let object = self.odb.read(theirs(oid)).map_err(|error| trouble(&error))?;
        let kind = match object.kind() {
            ObjectType::Commit => Kind::Commit,
            ObjectType::Tree => Kind::Tree,
            ObjectType::Blob => Kind::Blob,
            ObjectType::Tag => Kind::Tag,
            ObjectType::Any => return Err(ReadError::Damaged("its kind is not known".to_owned())),
        };
        Ok((kind, object.data().to_owned()))
    }

    /// The size of an object in bytes, without reading it.
    ///
    /// # Errors
    /// One that is not there, or is damaged.
    pub fn size(&self, oid: Oid) -> Result<u64, ReadError> {
        let header = self.odb.read_header(theirs(oid)).map_err(|error| trouble(&error))?;
        Ok(header.0 as u64)
    }

    /// Reads an object that must be of a kind.
    ///
    /// # Errors
    /// As [`Self::read`], and an object of another kind.
    pub fn read_as(&self, kind: Kind, oid: Oid) -> Result<Vec<u8>, ReadError> {
        match self.read(oid)? {
            (own, bytes) if own == kind => Ok(bytes),
            (own, _) => Err(ReadError::Damaged(format!("it is a {own:?}, not a {kind:?}"))),
        }
    }
}

fn trouble(error: &git2::Error) -> ReadError {
    if error.code() == ErrorCode::NotFound && error.class() == ErrorClass::Odb {
        ReadError::Missing
    } else {
        ReadError::Damaged(error.message().to_owned())
    }
}

/// Lets libgit2 open partial clones and checkouts with relative links: what it reads of them is
/// the same.
#[allow(unsafe_code, reason = "see SAFETY; there is no other way to say it to libgit2")]
fn allow_extensions() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // SAFETY: writes a global of libgit2, once, before any repository is opened.
        let _ = unsafe { git2::opts::set_extensions(&["partialclone", "relativeworktrees"]) };
    });
}

/// Lets libgit2 open repositories of other users. That protects programs that run what the
/// repository's configuration names; keyside runs nothing.
#[allow(unsafe_code, reason = "see SAFETY; there is no other way to say it to libgit2")]
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
        message: "belongs to another user; it was read, and nothing of its configuration was run"
            .to_owned(),
    }
}

fn reach_of(name: &[u8]) -> Reach {
    if name.starts_with(b"refs/notes/") {
        Reach::Note
    } else if name == b"refs/stash" {
        Reach::Stash
    } else {
        Reach::Ref
    }
}

fn root(reach: Reach, target: Oid, name: &[u8]) -> Root {
    Root { reach, target, name: name.to_owned() }
}

fn own(oid: git2::Oid) -> Oid {
    let mut bytes = [0; 20];
    bytes.copy_from_slice(&oid.as_bytes()[..20]);
    Oid(bytes)
}

fn theirs(oid: Oid) -> git2::Oid {
    git2::Oid::from_bytes(&oid.0).expect("20 bytes are an object id")
}

/// The id at the beginning of each line.
fn first_ids(text: &[u8]) -> impl Iterator<Item = Oid> {
    text.split(|&byte| byte == b'\n').filter_map(|line| Oid::from_hex(line.get(..40)?))
}

/// The old and the new id of each line of a reflog; the id of zeros is none.
fn logged_ids(text: &[u8]) -> impl Iterator<Item = Oid> {
    let ids = |line: &[u8]| {
        [line.get(..40), line.get(41..81)].map(|digits| digits.and_then(Oid::from_hex))
    };
    let ids = text.split(|&byte| byte == b'\n').flat_map(ids).flatten();
    ids.filter(|oid| oid.0 != [0; 20])
}
