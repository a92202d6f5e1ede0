//! What the analysis says of one place.

use std::sync::Arc;

use crate::catalog::KeyKindId;
use crate::secret::Secret;
use crate::severity::{Confidence, Severity};
use crate::span::Span;

/// A stretch of a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileSpan {
    /// The file, relative to the top of the state that is analysed.
    pub path: Arc<str>,
    /// Where in its text.
    pub span: Span,
}

/// A secret that reaches a client.
#[derive(Debug, Clone)]
pub struct Leak {
    /// By which way.
    pub kind: LeakKind,
    /// Index of the rule in [`crate::catalog::Catalog::rules`].
    pub key_kind: KeyKindId,
    /// What leaks.
    pub subject: LeakSubject,
    /// The place to report: the literal, the read, the declaration or the sink.
    pub at: FileSpan,
    /// Where the secret itself is written, if that is known and is elsewhere.
    pub written_at: Option<FileSpan>,
    /// How bad it is; already lowered where it is only likely.
    pub severity: Severity,
    /// How sure it is.
    pub confidence: Confidence,
    /// The framework by whose rules it was told.
    pub framework: Option<&'static str>,
    /// The way to the client, the entry first.
    pub trace: Vec<TraceStep>,
    /// Places that explain it.
    pub related: Vec<TraceStep>,
    /// What to do, one sentence.
    pub fix: String,
}

/// What leaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LeakSubject {
    /// A secret that is written down.
    Secret(Secret),
    /// A variable that holds one, by its name; or whatever else the place is known by, for
    /// example `process.env` for all variables, or the address that is called.
    Name(String),
}

/// A step of a trace, see [`crate::model::Step`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraceStep {
    /// Where.
    pub at: FileSpan,
    /// What it is.
    pub kind: StepKind,
    /// A few words, without any secret.
    pub note: String,
}

/// A secret that is written down where no client gets it, as far as is known.
#[derive(Debug, Clone)]
pub struct SidedSecret {
    /// Where it is written.
    pub at: FileSpan,
    /// The side of that place.
    pub side: Side,
    /// The framework by whose rules it was told.
    pub framework: Option<&'static str>,
}

/// What kind of finding it is: a secret in a text, or a way by which one reaches a client.
///
/// Ordered by how specific a kind is: where several fit one secret at one place, the greatest
/// counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LeakKind {
    /// Client code reads a secret variable that the bundler leaves out: it is undefined there.
    ClientServerEnvRead,
    /// Client code reads a secret variable whose value the bundler puts in.
    ClientSecretEnv,
    /// A secret stands in code that ships to clients.
    ClientSecretLiteral,
    /// A secret stands in build output or in a file that is served as it is.
    BundleSecret,
    /// A secret stands in what an app package takes along.
    NativeAppSecret,
    /// A variable with a public name has, or by its name is to have, a secret as its value.
    PublicEnvSecret,
    /// A build configuration puts a secret, or all variables, into client code.
    BuildInlineSecret,
    /// Server code hands a secret to the client.
    ServerToClientSecret,
    /// Client code exchanges a secret key for a token, which only a server may do.
    ClientTokenExchange,
    /// A secret is given to a client package where a public key belongs.
    SdkSecretKey,
}

impl LeakKind {
    /// Every kind.
    pub const ALL: [Self; 10] = [
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
    ];

    /// The kind of this name.
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// The name that reports use.
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
        }
    }
}

/// Which side a secret is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Side {
    /// Nothing is known of it.
    #[default]
    Unknown,
    /// It stands where only a server reads it.
    Server,
    /// It reaches a client.
    Client,
}

impl Side {
    /// The name that reports use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Server => "server",
            Self::Client => "client",
        }
    }
}

/// What a step of a trace is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StepKind {
    /// Where client code begins.
    Entry,
    /// An import.
    Import,
    /// The value goes on, for example into a variable.
    Flow,
    /// Where the secret comes from.
    Source,
    /// Where it goes to the client.
    Sink,
}

impl StepKind {
    /// The name that reports use.
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
