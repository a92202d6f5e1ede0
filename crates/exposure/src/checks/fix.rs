//! The parts of the sentence that says how to fix a leak.

use crate::fix_hints::FixHints;
use crate::frameworks;

/// Facts that the fix of one leak may name.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FixContext<'a> {
    /// Facts of the framework.
    pub(crate) hints: FixHints,
    /// The variable that leaks, or that a server should read the secret from; `process.env` is all
    /// variables.
    pub(crate) variable: Option<&'a str>,
}

impl FixContext<'_> {
    /// True if all variables leak at once.
    pub(crate) fn is_whole_environment(&self) -> bool {
        self.variable == Some("process.env")
    }

    /// How server code reads the variable: `process.env.ACME_SECRET_KEY`, without a public prefix.
    pub(crate) fn server_read(&self) -> Option<String> {
        self.server_name().map(|name| self.hints.read.replace("{}", name))
    }

    /// The value that server code should read, after the word `read`.
    pub(crate) fn read(&self) -> String {
        self.server_read().unwrap_or_else(|| "the secret from a variable".to_owned())
    }

    /// `in FILE, and let the client call CALL`.
    pub(crate) fn in_server_code(&self) -> String {
        format!("in {}, and let the client call {}", self.hints.file, self.hints.call)
    }

    /// The name that the variable should have on a server.
    fn server_name(&self) -> Option<&str> {
        let name = self.variable.filter(|_| !self.is_whole_environment())?;
        let mut prefixes =
            frameworks::tables().variables.public_prefixes.iter().chain(self.hints.public_prefixes);
        Some(prefixes.find_map(|prefix| name.strip_prefix(prefix)).unwrap_or(name))
    }
}
