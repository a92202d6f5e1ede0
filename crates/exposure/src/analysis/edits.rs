//! Edits of modules: a change that replaces their texts and does nothing else.

use std::collections::HashMap;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::input::{ContentId, Files};

/// A module whose text a change replaces.
#[derive(Debug)]
pub struct EditedModule {
    /// Its path.
    pub path: String,
    /// Its text in each of the states before.
    pub before: Vec<Vec<u8>>,
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
