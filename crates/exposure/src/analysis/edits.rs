//! Edits of modules: a change that replaces their texts and does nothing else.

use std::collections::HashMap;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::input::{ContentId, Files};
use crate::leak::Leak;

/// A module whose text a change replaces.
#[derive(Debug)]
pub struct EditedModule {
    /// Its path.
    pub path: String,
    /// Its text in each of the states before.
    pub before: Vec<Vec<u8>>,
}

/// True if edits add no leak: all leaks in the code that they can have changed were there before. Both lists
/// are from [`analyse_edits`](crate::analyse_edits), of the state after the edits, and of one before as if it
/// came from the other by edits.
pub fn adds_no_leak(after: &[Leak], before: &[Leak], edited: &[EditedModule]) -> bool {
    let is_edited = |leak: &Leak| edited.iter().any(|it| *it.path == *leak.at.path);
    // In other files, a leak is where it was.
    let is_same = |one: &Leak, other: &Leak| {
        (one.kind, one.key_kind, &one.subject) == (other.kind, other.key_kind, &other.subject)
            && one.at.path == other.at.path
            && (one.at.span == other.at.span || is_edited(one))
    };
    after.iter().all(|leak| {
        let count = |all: &[Leak]| all.iter().filter(|other| is_same(leak, other)).count();
        count(after) <= count(before)
    })
}

/// The edits of a change, while it is open what they can have changed. As files, they are those after
/// the change, and notice when somebody looks at the text of an edited module.
pub(super) struct Edits<'e> {
    files: &'e dyn Files,
    edited: HashMap<&'e str, &'e [Vec<u8>]>,
    is_undecided: AtomicBool,
}

impl<'e> Edits<'e> {
    /// Those of `edited` modules; `files` are the state after them.
    pub(super) fn new(files: &'e dyn Files, edited: &'e [EditedModule]) -> Self {
        let edited = edited.iter().map(|it| (&*it.path, &*it.before));
        Self { files, edited: edited.collect(), is_undecided: AtomicBool::new(false) }
    }

    /// The state after the edits.
    pub(super) fn files(&self) -> &'e dyn Files {
        self.files
    }

    /// The number of states before.
    pub(super) fn states(&self) -> usize {
        self.edited.values().map(|before| before.len()).max().unwrap_or_default()
    }

    /// The texts of a module before; `None` if it is not edited.
    pub(super) fn before(&self, path: &str) -> Option<&'e [Vec<u8>]> {
        self.edited.get(path).copied()
    }

    /// Notes that the edits may have changed something anywhere.
    pub(super) fn give_up(&self) {
        self.is_undecided.store(true, Ordering::Relaxed);
    }

    /// True if they may have.
    pub(super) fn is_undecided(&self) -> bool {
        self.is_undecided.load(Ordering::Relaxed)
    }
}

impl Files for Edits<'_> {
    fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>> {
        if self.edited.contains_key(path) {
            self.give_up();
        }
        self.files.read(path)
    }

    fn content_id(&self, path: &str) -> Option<ContentId> {
        self.files.content_id(path)
    }

    fn below(&self, folder: &str) -> Vec<String> {
        self.files.below(folder)
    }
}
