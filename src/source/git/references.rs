//! The references of a repository and their logs, wherever it keeps them: in files or as reftable
//! (git-init(1), `--ref-format`). Each checkout has some of its own, such as HEAD; all others are shared
//! (git-worktree(1)).

use std::borrow::Cow;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use super::ref_files::{self, PackedRefs};
use super::reference::{LoggedChange, RefTarget, Reference};
use super::reftable::{Stack, TableFault};
use super::safe_read::{files_below, plain, unreadable};
use crate::model::{FilePath, Notice, ObjectFormat, Oid};

/// How many symbolic references may lead to each other, as in git.
const MAX_STEPS: usize = 5;

/// Where a repository keeps its references.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefStorage {
    /// In files, and in a list of packed ones.
    Files,
    /// In a stack of tables.
    Reftable,
}

impl RefStorage {
    /// The storage that `extensions.refStorage` names.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "files" => Some(Self::Files),
            "reftable" => Some(Self::Reftable),
            _ => None,
        }
    }
}

/// HEAD of a checkout.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Head {
    /// The whole name of the branch, unless HEAD names a commit itself.
    pub branch: Option<Vec<u8>>,
    /// The commit; `None` before the first one.
    pub commit: Option<Oid>,
}

/// A logged change and the reference that was changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefChange {
    /// The whole name of the reference.
    pub name: Vec<u8>,
    /// The change.
    pub change: LoggedChange,
}

/// The references of a repository, as one of its checkouts sees them.
#[derive(Debug)]
pub struct References {
    /// The checkout from which the repository was opened.
    own: RefStore,
    /// The store that all checkouts share, if it is another one: in a linked checkout.
    shared: Option<RefStore>,
}

impl References {
    /// The references of the checkout whose own folder is `git`. `common` is the one that all checkouts
    /// share.
    pub fn new(git: &Path, common: &Path, storage: RefStorage, format: ObjectFormat) -> Self {
        let is_linked = !is_same_folder(git, common);
        let shared = is_linked.then(|| RefStore::new(common, storage, format));
        Self { own: RefStore::new(git, storage, format), shared }
    }

    /// HEAD.
    ///
    /// # Errors
    /// A HEAD that is missing or cannot be read, in words that follow its name.
    pub fn head(&self) -> Result<Head, String> {
        let (name, commit) = match self.get(b"HEAD")? {
            None => return Err("does not exist".to_owned()),
            Some(RefTarget::Object(oid)) => (None, Some(oid)),
            Some(RefTarget::Symbolic(name)) => {
                let commit = self.resolve(&name)?;
                (Some(name), commit)
            }
        };
        Ok(Head { branch: name, commit })
    }

    /// The target of a reference, by its whole name.
    ///
    /// # Errors
    /// A reference that cannot be read.
    pub fn get(&self, name: &[u8]) -> Result<Option<RefTarget>, String> {
        let (store, name) = self.store_of(name);
        store.get(&name)
    }

    /// The object that a reference leads to, by its whole name. Tags are not followed.
    ///
    /// # Errors
    /// A reference that cannot be read, or that leads back to itself.
    pub fn resolve(&self, name: &[u8]) -> Result<Option<Oid>, String> {
        Ok(self.followed(name)?.map(|(_, oid)| oid))
    }

    /// The last reference that one leads to, and its object.
    fn followed(&self, name: &[u8]) -> Result<Option<(Vec<u8>, Oid)>, String> {
        let mut name = name.to_owned();
        for _ in 0..MAX_STEPS {
            match self.get(&name)? {
                Some(RefTarget::Symbolic(next)) => name = next,
                Some(RefTarget::Object(oid)) => return Ok(Some((name, oid))),
                None => return Ok(None),
            }
        }
        Err("leads from one symbolic ref to the next without end".to_owned())
    }

    /// The whole name that git means by a short one, `main` or `origin/main` (gitrevisions(7)).
    ///
    /// # Errors
    /// A reference that cannot be read.
    pub fn expand(&self, short: &[u8]) -> Result<Option<Vec<u8>>, String> {
        for name in possible_names(short) {
            if self.resolve(&name)?.is_some() {
                return Ok(Some(name));
            }
        }
        Ok(None)
    }

    /// The reference that git means by a short name where it asks for earlier values: the first one that has a
    /// log. Returns the name of its log, its value and the changes, the newest first.
    ///
    /// # Errors
    /// A reference that cannot be read.
    #[allow(clippy::type_complexity, reason = "three things that are told apart at once")]
    pub fn expand_logged(
        &self,
        short: &[u8],
    ) -> Result<Option<(Vec<u8>, Oid, Vec<LoggedChange>)>, String> {
        for name in possible_names(short) {
            let Some((last, oid)) = self.followed(&name)? else { continue };
            for logged in [name, last] {
                if let Some(log) = self.own_log(&logged) {
                    return Ok(Some((logged, oid, log)));
                }
            }
        }
        Ok(None)
    }

    /// All references whose names begin with `prefix`, which begins with `refs/`: the shared ones and
    /// those of this checkout, by name. Adds notices about what cannot be read.
    pub fn below(&self, prefix: &[u8], notices: &mut Vec<Notice>) -> Vec<Reference> {
        let Some(shared) = &self.shared else { return self.own.below(prefix, notices) };
        let mut found = shared.below(prefix, notices);
        found.retain(|own| !is_per_checkout(&own.name));
        found.extend(self.own.below(prefix, notices));
        found.sort_by(|one, two| one.name.cmp(&two.name));
        found
    }

    /// The references that the other checkouts have of their own, under the names by which git knows them
    /// everywhere: `worktrees/NAME/HEAD`, `main-worktree/HEAD`. Adds notices about what cannot be read.
    pub fn of_other_checkouts(&self, notices: &mut Vec<Notice>) -> Vec<Reference> {
        let mut found = Vec::new();
        for (prefix, store) in self.other_checkouts() {
            let own = store.own_references(notices);
            found.extend(
                own.into_iter()
                    .map(|own| Reference { name: [&prefix[..], &own.name].concat(), ..own }),
            );
        }
        found
    }

    /// The objects that this checkout's HEAD-like references name, `ORIG_HEAD` and others, and what the
    /// last fetch brought (gitrepository-layout(5)).
    pub fn passing(&self) -> Vec<Oid> {
        let others = self.other_checkouts();
        let stores = [&self.own].into_iter().chain(others.iter().map(|(_, store)| store));
        stores.flat_map(RefStore::passing).collect()
    }

    /// The changes of a reference, the newest first; `None` if it has no log of its own.
    pub fn own_log(&self, name: &[u8]) -> Option<Vec<LoggedChange>> {
        let (store, name) = self.store_of(name);
        store.log(&name)
    }

    /// All logged changes of all checkouts. Adds notices about what cannot be read.
    pub fn changes(&self, notices: &mut Vec<Notice>) -> Vec<RefChange> {
        let mut found = self.own.changes(notices);
        for (_, store) in self.other_checkouts() {
            found.extend(store.changes(notices));
        }
        found
    }

    fn shared(&self) -> &RefStore {
        self.shared.as_ref().unwrap_or(&self.own)
    }

    /// The store that has a reference, and the name that it has there.
    fn store_of<'n>(&self, name: &'n [u8]) -> (Cow<'_, RefStore>, Cow<'n, [u8]>) {
        if let Some(own) = name.strip_prefix(MAIN) {
            return (Cow::Borrowed(self.shared()), Cow::Borrowed(own));
        }
        if let Some(rest) = name.strip_prefix(WORKTREES)
            && let Some(end) = rest.iter().position(|&byte| byte == b'/')
            && ref_files::is_name(&rest[..end])
        {
            let shared = self.shared();
            let folder = shared.folder.join("worktrees");
            let folder = folder.join(FilePath::from_bytes(&rest[..end]).to_path());
            let store = RefStore::new(&folder, shared.storage, shared.format);
            return (Cow::Owned(store), Cow::Borrowed(&rest[end + 1..]));
        }
        let store = if is_per_checkout(name) { &self.own } else { self.shared() };
        (Cow::Borrowed(store), Cow::Borrowed(name))
    }

    /// The stores of all checkouts but this one, with the prefix of their names.
    fn other_checkouts(&self) -> Vec<(Vec<u8>, RefStore)> {
        let shared = self.shared();
        let mut found = Vec::new();
        if self.shared.is_some() {
            found.push((
                MAIN.to_owned(),
                RefStore::new(&shared.folder, shared.storage, shared.format),
            ));
        }
        let folders = fs::read_dir(shared.folder.join("worktrees")).into_iter().flatten().flatten();
        let mut folders: Vec<_> = folders.map(|entry| entry.path()).collect();
        folders.sort();
        for folder in folders {
            let Some(name) = folder.file_name().filter(|_| folder.is_dir()) else { continue };
            if is_same_folder(&folder, &self.own.folder) {
                continue;
            }
            let prefix = [WORKTREES, name.as_encoded_bytes(), b"/"].concat();
            found.push((prefix, RefStore::new(&folder, shared.storage, shared.format)));
        }
        found
    }
}

/// The beginnings of the names by which git knows the references of a certain checkout.
const MAIN: &[u8] = b"main-worktree/";
pub(super) const WORKTREES: &[u8] = b"worktrees/";

/// True for references that each checkout has of its own.
fn is_per_checkout(name: &[u8]) -> bool {
    let own: [&[u8]; 3] = [b"refs/bisect/", b"refs/worktree/", b"refs/rewritten/"];
    !name.starts_with(b"refs/") || own.iter().any(|prefix| name.starts_with(prefix))
}

/// The whole names that a short one may stand for, in the order in which git tries them.
fn possible_names(short: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    let prefixes = ["", "refs/", "refs/tags/", "refs/heads/", "refs/remotes/"];
    let names = prefixes.map(|prefix| [prefix.as_bytes(), short].concat());
    let remote_head = [b"refs/remotes/", short, b"/HEAD"].concat();
    // Other files beside HEAD are no references.
    let is_possible = |name: &[u8]| name.contains(&b'/') || is_root(name);
    names
        .into_iter()
        .chain([remote_head])
        .filter(move |name| is_possible(name) && ref_files::is_name(name))
}

/// True for the name of a reference beside HEAD.
fn is_root(name: &[u8]) -> bool {
    !name.is_empty() && name.iter().all(|&byte| byte.is_ascii_uppercase() || b"_-".contains(&byte))
}

/// True if two paths lead to the same folder.
fn is_same_folder(one: &Path, two: &Path) -> bool {
    match (one.canonicalize(), two.canonicalize()) {
        (Ok(one), Ok(two)) => one == two,
        _ => one == two,
    }
}

/// The references in one folder: those of a checkout, or those that all of them share.
#[derive(Debug, Clone)]
struct RefStore {
    folder: PathBuf,
    storage: RefStorage,
    format: ObjectFormat,
    /// All references of a reftable, by name, once they are asked for.
    listed: OnceLock<(Vec<Reference>, Vec<TableFault>)>,
    /// The list of packed references, once it is asked for.
    packed: OnceLock<(PackedRefs, Vec<Notice>)>,
}

/// Files beside HEAD that are no references wherever the others are: they have several lines.
const FILES: [&[u8]; 2] = [b"FETCH_HEAD", b"MERGE_HEAD"];

impl RefStore {
    fn new(folder: &Path, storage: RefStorage, format: ObjectFormat) -> Self {
        let (listed, packed) = (OnceLock::new(), OnceLock::new());
        Self { folder: folder.to_owned(), storage, format, listed, packed }
    }

    fn stack(&self) -> Stack {
        Stack::open(&self.folder.join("reftable"), self.format)
    }

    fn listed(&self) -> &(Vec<Reference>, Vec<TableFault>) {
        self.listed.get_or_init(|| self.stack().references())
    }

    fn packed(&self) -> &(PackedRefs, Vec<Notice>) {
        self.packed.get_or_init(|| {
            let mut notices = Vec::new();
            (PackedRefs::read(&self.folder, &mut notices), notices)
        })
    }

    fn get(&self, name: &[u8]) -> Result<Option<RefTarget>, String> {
        if self.storage == RefStorage::Files || FILES.contains(&name) {
            let broken = |()| "names neither a ref nor an object".to_owned();
            if let Some(target) = ref_files::loose(&self.folder, name).map_err(broken)? {
                return Ok(Some(target));
            }
            if !name.starts_with(b"refs/") {
                return Ok(None);
            }
            // Whoever lists all references tells what is wrong with the list.
            return Ok(self.packed().0.find(name));
        }
        let (all, faults) = self.listed();
        if let Some(fault) = faults.first() {
            // A newer value may be in what cannot be read.
            return Err(format!("cannot be told: {} {}", fault.path.display(), fault.reason));
        }
        let at = all.binary_search_by(|own| own.name.as_slice().cmp(name)).ok();
        Ok(at.map(|at| all[at].target.clone()))
    }

    /// All references whose names begin with `prefix`, by name.
    fn below(&self, prefix: &[u8], notices: &mut Vec<Notice>) -> Vec<Reference> {
        match self.storage {
            RefStorage::Files => {
                let mut found = ref_files::loose_below(&self.folder, prefix, notices);
                let (packed, faults) = self.packed();
                notices.extend_from_slice(faults);
                found.extend(packed.below(prefix));
                // Stable: a file goes before a line of the list.
                found.sort_by(|one, two| one.name.cmp(&two.name));
                found.dedup_by(|packed, loose| packed.name == loose.name);
                found
            }
            RefStorage::Reftable => {
                let (all, faults) = self.listed();
                notices.extend(faults.iter().map(notice));
                let start = all.partition_point(|own| own.name.as_slice() < prefix);
                let found = all[start..].iter().take_while(|own| own.name.starts_with(prefix));
                found.cloned().collect()
            }
        }
    }

    /// HEAD, and the references below `refs/` that are this checkout's own.
    fn own_references(&self, notices: &mut Vec<Notice>) -> Vec<Reference> {
        let mut found = self.below(b"refs/", notices);
        found.retain(|own| is_per_checkout(&own.name));
        if let Ok(Some(target)) = self.get(b"HEAD") {
            found.push(Reference { name: b"HEAD".to_vec(), target, peeled: None });
        }
        found
    }

    fn passing(&self) -> Vec<Oid> {
        let mut found = Vec::new();
        if self.storage == RefStorage::Reftable {
            let roots = self.listed().0.iter().filter(|own| !own.name.starts_with(b"refs/"));
            found.extend(roots.filter(|own| own.name != b"HEAD").filter_map(Reference::object));
        }
        let files = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        for file in files {
            let name = file.file_name();
            let name = name.as_encoded_bytes();
            if is_root(name) && name != b"HEAD" {
                let text = plain(&file.path()).unwrap_or_default();
                let lines = text.split(|&byte| byte == b'\n');
                let digits = self.format.digits();
                found.extend(lines.filter_map(|line| Oid::from_hex(line.get(..digits)?)));
            }
        }
        found
    }

    /// The changes of a reference; `None` if it has no log.
    fn log(&self, name: &[u8]) -> Option<Vec<LoggedChange>> {
        match self.storage {
            RefStorage::Files => ref_files::changes(&self.folder, name),
            RefStorage::Reftable => {
                let changes = self.stack().changes().0.into_iter();
                let of_name = changes.filter(|(own, _)| own == name).map(|(_, change)| change);
                let all: Vec<_> = of_name.collect();
                let has_log = !all.is_empty();
                // A log without changes has one that changes nothing.
                has_log.then(|| all.into_iter().filter(|own| own.ids().count() > 0).collect())
            }
        }
    }

    fn changes(&self, notices: &mut Vec<Notice>) -> Vec<RefChange> {
        match self.storage {
            RefStorage::Files => {
                let logs = self.folder.join("logs");
                let files = files_below(&logs).into_iter();
                let names = files.filter_map(|file| {
                    let name = file.strip_prefix(&logs).ok()?;
                    Some(FilePath::from_path(name).as_bytes().to_owned())
                });
                let of_name = |name: Vec<u8>| {
                    let changes = ref_files::changes(&self.folder, &name).into_iter().flatten();
                    changes.map(move |change| RefChange { name: name.clone(), change })
                };
                names.flat_map(of_name).collect()
            }
            RefStorage::Reftable => {
                let (changes, faults) = self.stack().changes();
                // What concerns the whole table was told with its references.
                let told = &self.listed().1;
                notices.extend(faults.iter().filter(|fault| !told.contains(fault)).map(notice));
                changes.into_iter().map(|(name, change)| RefChange { name, change }).collect()
            }
        }
    }
}

fn notice(fault: &TableFault) -> Notice {
    unreadable(&fault.path, &format!("{}, so refs may be missing", fault.reason))
}
