//! Facts about a framework that the advice on a leak names: a server file to write, how a server
//! reads a variable, which option ships values.

/// Facts of a framework that a fix names; [`FixHints::GENERIC`] if the framework is unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FixHints {
    /// A file for server code, with an article: `a route handler such as app/api/token/route.ts`.
    pub(crate) file: &'static str,
    /// The address that client code calls instead: `/api/token`.
    pub(crate) call: &'static str,
    /// Code by which servers read a variable; `{}` is its name.
    pub(crate) read: &'static str,
    /// The part of the build configuration that ships to clients.
    pub(crate) option: &'static str,
    /// Prefixes that make a variable public here, besides those that are public anywhere.
    pub(crate) public_prefixes: &'static [&'static str],
}

impl FixHints {
    /// Hints that name no framework.
    pub(crate) const GENERIC: Self = Self {
        file: "a server route such as /api/token",
        call: "/api/token",
        read: "process.env.{}",
        option: "the build configuration",
        public_prefixes: &[],
    };
}
