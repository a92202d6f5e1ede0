//! Which side a secret is on, and the proof.

use super::{Confidence, FilePath, Position};

/// What kind of finding it is: a secret in a text, or a way by which one reaches a client.
///
/// Ordered by how specific a kind is: where several fit one secret at one place, the greatest
/// counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A secret stands in a text.
    Secret,
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

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 11] = [
        Self::Secret,
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
            Self::Secret => "secret",
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

/// What is known of the side of a finding.
#[derive(Debug, Clone, Default)]
pub struct Exposure {
    /// The side.
    pub side: Side,
    /// The framework by whose rules it was told, for example `next`.
    pub framework: Option<&'static str>,
    /// How sure it is, where a client is reached.
    pub confidence: Option<Confidence>,
    /// The way to the client: the entry first, the leak last. Empty where nothing was followed.
    pub trace: Vec<Step>,
    /// Places that explain it, for example where a variable is declared.
    pub related: Vec<Step>,
    /// What to do, one sentence; empty where the rule's own advice is all there is.
    pub fix: String,
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

/// One step of a trace. No text of it holds a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The file.
    pub path: FilePath,
    /// Where in it.
    pub place: Position,
    /// What it is.
    pub kind: StepKind,
    /// A few words for people, for example `'use client' directive` or `imports ../lib/config`.
    pub note: String,
}
