//! Secrets that reach clients, with the trace that proves it.

use std::sync::Arc;

use crate::catalog::KeyKindId;
use crate::secret::Secret;
use crate::severity::{Confidence, Severity};
use crate::span::Span;

/// A range of a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileSpan {
    /// The file, relative to the top of the analysed state.
    pub path: Arc<str>,
    /// The range in its text.
    pub span: Span,
}

/// A secret that reaches a client.
#[derive(Debug, Clone)]
pub struct Leak {
    /// The kind of leak.
    pub kind: LeakKind,
    /// The kind of key.
    pub key_kind: KeyKindId,
    /// The secret, or the variable that contains it.
    pub subject: LeakSubject,
    /// The place to report: the literal, the read, the declaration or the sink.
    pub at: FileSpan,
    /// The place where the secret itself is written, if it is known and differs from `at`.
    pub written_at: Option<FileSpan>,
    /// The severity; already lower where the leak is only likely.
    pub severity: Severity,
    /// The certainty.
    pub confidence: Confidence,
    /// The framework by whose rules it is a leak.
    pub framework: Option<&'static str>,
    /// The path to the client, the entry first.
    pub trace: Vec<TraceStep>,
    /// Other places that explain it.
    pub related: Vec<TraceStep>,
    /// How to fix it, in one sentence.
    pub fix: String,
}

/// The subject of a leak.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LeakSubject {
    /// A secret that is written down.
    Secret(Secret),
    /// The name of a variable that contains one, `process.env` for all variables, or the address
    /// that is called.
    Name(String),
}

/// A step of a trace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraceStep {
    /// The place.
    pub at: FileSpan,
    /// The kind of step.
    pub kind: StepKind,
    /// A short description, without any secret.
    pub note: String,
}

/// A secret that is written down and, as far as is known, does not reach a client.
#[derive(Debug, Clone)]
pub struct SidedSecret {
    /// The place of the secret.
    pub at: FileSpan,
    /// The side of that place.
    pub side: Side,
    /// The framework by whose rules the place is on that side.
    pub framework: Option<&'static str>,
}

/// The ways in which a secret reaches a client. [`LeakKind::texts`] explains each.
///
/// The order is that of specificity: if several kinds fit one secret at one place, the greatest
/// counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum LeakKind {
    /// Client code reads a secret variable that the bundler leaves out, so it is undefined there.
    ClientServerEnvRead,
    /// Client code reads a secret variable, and the bundler inserts its value.
    ClientSecretEnv,
    /// Code that ships to clients contains a secret.
    ClientSecretLiteral,
    /// Build output, or a file that is served as it is, contains a secret.
    BundleSecret,
    /// The package of an app contains a secret.
    NativeAppSecret,
    /// A variable with a public name has a secret as its value, or is meant to by its name.
    PublicEnvSecret,
    /// A build configuration puts a secret, or all variables, into client code.
    BuildInlineSecret,
    /// Server code sends a secret to the client.
    ServerToClientSecret,
    /// Client code exchanges a secret key for a token, which only a server may do.
    ClientTokenExchange,
    /// A secret is given to a client package where a public key belongs.
    SdkSecretKey,
    /// A package gets a key in client code, and an option that makes it run there.
    SdkBrowserSwitch,
}

impl LeakKind {
    /// Every kind.
    pub const ALL: [Self; 11] = [
        Self::ClientServerEnvRead,
        Self::ClientSecretEnv,
        Self::ClientSecretLiteral,
        Self::BundleSecret,
        Self::NativeAppSecret,
        Self::PublicEnvSecret,
        Self::BuildInlineSecret,
        Self::ServerToClientSecret,
        Self::ClientTokenExchange,
        Self::SdkSecretKey,
        Self::SdkBrowserSwitch,
    ];

    /// The kind with this name in reports.
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Its name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::ClientServerEnvRead => "client-server-env-read",
            Self::ClientSecretEnv => "client-secret-env",
            Self::ClientSecretLiteral => "client-secret-literal",
            Self::BundleSecret => "bundle-secret",
            Self::NativeAppSecret => "native-app-secret",
            Self::PublicEnvSecret => "public-env-secret",
            Self::BuildInlineSecret => "build-inline-secret",
            Self::ServerToClientSecret => "server-to-client-secret",
            Self::ClientTokenExchange => "client-token-exchange",
            Self::SdkSecretKey => "sdk-secret-key",
            Self::SdkBrowserSwitch => "sdk-browser-switch",
        }
    }
}

/// The side of a place or secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Side {
    /// The side is not known.
    #[default]
    Unknown,
    /// Only servers read it.
    Server,
    /// It reaches clients.
    Client,
}

impl Side {
    /// Its name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Server => "server",
            Self::Client => "client",
        }
    }
}

/// The kind of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StepKind {
    /// Client code begins here.
    Entry,
    /// An import.
    Import,
    /// The value is passed on, for example to a variable.
    Flow,
    /// The secret comes from here.
    Source,
    /// The secret goes to the client here.
    Sink,
}

impl StepKind {
    /// Its name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Entry => "entry",
            Self::Import => "import",
            Self::Flow => "flow",
            Self::Source => "source",
            Self::Sink => "sink",
        }
    }
}
