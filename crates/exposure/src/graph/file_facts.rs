//! Facts about the text of a file, so that it need not be read again.

use memchr::memmem;

use crate::graph::seed_places::SeedPlaces;

/// The places in which code leaves values for other code, each with the texts by which code that takes
/// them names it: middleware in requests, frameworks of servers in their apps (all handlers may take
/// these), components and injectors for what they contain.
pub(crate) const HOLDERS: [(&str, &[&str]); 14] = [
    ("appConfig", &["useAppConfig"]),
    ("locals", &["locals"]),
    ("context", &["context"]),
    ("ctx", &["ctx"]),
    ("state", &["state"]),
    ("sharedMap", &["sharedMap"]),
    ("variables", &[".get(", ".var"]),
    ("settings", &[".get("]),
    ("request", &["req"]),
    ("server", &[".get(", ".post(", ".put(", ".all(", ".route("]),
    ("provided", &["nject(", "seContext(", "etContext(", "use("]),
    (
        "errors",
        &[
            ", next)",
            "_next)",
            "NextFunction",
            ".onError(",
            "setErrorHandler(",
            "FastifyError",
            "function errorHandler",
            "const errorHandler",
            "ErrorHandler<",
            "export const handleError",
            "export function handleError",
            "export async function handleError",
        ],
    ),
    ("bindings", &[".env"]),
    ("socket", &["socket.data"]),
];

/// The facts about the text of a file.
#[derive(Debug, Clone, Default)]
pub(crate) struct FileFacts {
    /// Where it may contain a secret, or something that makes one.
    pub(crate) seeds: SeedPlaces,
    /// False if it was searched for keys and has none in plain text.
    pub(crate) may_have_key: bool,
    /// For each of the [holders](HOLDERS), true if it names it.
    pub(crate) named_holders: [bool; HOLDERS.len()],
}

impl FileFacts {
    /// Those of a text in which seeds are looked for otherwise.
    pub(crate) fn of(bytes: &[u8], seeds: SeedPlaces, may_have_key: bool) -> Self {
        let has = |word: &&str| memmem::find(bytes, word.as_bytes()).is_some();
        let named_holders = HOLDERS.map(|(_, words)| words.iter().any(has));
        Self { seeds, may_have_key, named_holders }
    }
}
