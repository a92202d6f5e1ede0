//! The keys to look for: their kinds, the variables that contain them, and their providers.

use std::sync::Arc;

use crate::key_slot::KeySlot;
use crate::severity::KeyClass;

/// The [file](KeyKind::file) of all kinds that every project has in common.
pub const BUILT_IN: usize = 0;

/// The kinds of keys to look for, and their providers.
#[derive(Debug, Default)]
pub struct Catalog {
    /// The kinds of keys; a [`KeyKindId`] is an index of this list.
    pub kinds: Vec<KeyKind>,
    /// The providers, to which [`KeyKind::provider`] points.
    pub providers: Vec<Arc<KeyProvider>>,
}

impl Catalog {
    /// The kind with this id.
    ///
    /// # Panics
    /// The id belongs to a larger catalog.
    pub fn kind(&self, id: KeyKindId) -> &KeyKind {
        &self.kinds[id.0]
    }

    /// The kinds with their ids, in order.
    pub fn kinds(&self) -> impl Iterator<Item = (KeyKindId, &KeyKind)> + Clone {
        (0..).map(KeyKindId).zip(&self.kinds)
    }

    /// True if keys of this kind belong on servers only.
    pub(crate) fn is_secret(&self, id: KeyKindId) -> bool {
        self.kinds.get(id.0).is_some_and(|kind| kind.class == KeyClass::Secret)
    }

    /// True if a file may say of another's names and packages what the other does not.
    pub(crate) fn may_weaken(file: usize, other: usize) -> bool {
        file == BUILT_IN || file == other
    }

    /// The file that describes a provider, if any of its kinds of keys is used.
    pub(crate) fn file_of_provider(&self, provider: usize) -> Option<usize> {
        self.kinds.iter().find(|kind| kind.provider == provider).map(|kind| kind.file)
    }

    /// The first kind of class secret that `fits`.
    pub(crate) fn first_secret(&self, fits: impl Fn(&KeyKind) -> bool) -> Option<KeyKindId> {
        self.kinds()
            .find(|(_, kind)| kind.class == KeyClass::Secret && fits(kind))
            .map(|(id, _)| id)
    }
}

/// A kind of key: its index in [`Catalog::kinds`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyKindId(pub usize);

/// One kind of key.
#[derive(Debug)]
pub struct KeyKind {
    /// Index into [`Catalog::providers`].
    pub provider: usize,
    /// The file that describes it. What one file says of names and packages must not take anything away
    /// from what another says, except for [`BUILT_IN`].
    pub file: usize,
    /// The side that it may be on.
    pub class: KeyClass,
    /// Literal texts, at least one of which is in every key: `sk_v1_`.
    pub keywords: Arc<[String]>,
    /// Names of environment variables that contain such keys.
    pub env: Arc<[String]>,
    /// True if leaks of such keys are wanted. Keys of other kinds are still recognised.
    pub is_wanted: bool,
}

/// The issuer of some kinds of keys.
#[derive(Debug, Clone, Default)]
pub struct KeyProvider {
    /// Hosts of its API.
    pub hosts: Vec<String>,
    /// Words in names of variables that show that they belong to it, in upper case.
    pub words: Vec<String>,
    /// Paths of its API that only servers may call, for example to exchange a secret for a token.
    pub server_paths: Vec<String>,
    /// Packages through which programs use its API.
    pub sdk: Vec<Sdk>,
}

/// A package through which programs use a provider's API.
#[derive(Debug, Clone)]
pub struct Sdk {
    /// Name of the package in its registry.
    pub package: String,
    /// True if it runs in browsers and apps.
    pub client: bool,
    /// True if it runs nowhere else, so that any code that uses it is a client's.
    pub is_client_only: bool,
    /// Where it takes a key, for example `new Acme({apiKey})`.
    pub key_properties: Vec<KeySlot>,
    /// The option by which it agrees to run in browsers with a key.
    pub browser_switch: Option<String>,
}
