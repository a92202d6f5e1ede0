//! Facts about the text of a file, so that it need not be read again.

use memchr::memmem;

use crate::graph::seed_places::SeedPlaces;

/// The objects in which middleware leaves values, each with the text by which code names it.
pub(crate) const HOLDERS: [(&str, &str); 2] = [("locals", "locals"), ("context", "event.context")];

/// The facts about the text of a file.
#[derive(Debug, Clone, Default)]
pub(crate) struct FileFacts {
    /// Where it may contain a secret, or something that makes one.
    pub(crate) seeds: SeedPlaces,
    /// False if it was searched for keys and has none.
    pub(crate) may_have_key: bool,
    /// For each of the [holders](HOLDERS), true if it names it.
    pub(crate) named_holders: [bool; HOLDERS.len()],
}

impl FileFacts {
    /// Those of a text in which seeds are looked for otherwise.
    pub(super) fn of(bytes: &[u8], seeds: SeedPlaces, may_have_key: bool) -> Self {
        let named_holders = HOLDERS.map(|(_, word)| memmem::find(bytes, word.as_bytes()).is_some());
        Self { seeds, may_have_key, named_holders }
    }
}
