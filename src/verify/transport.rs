//! The interface between requests and the network.

use zeroize::Zeroizing;

use super::request::{Request, Target};

/// Sends requests, each on a connection of its own.
pub(super) trait Transport: Send + Sync {
    /// Sends a request and waits for the reply.
    fn send(&self, request: &Request, target: &Target) -> Result<Reply, Failure>;
}

/// A provider's reply.
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    /// The body, if the rule inspects bodies of this status. Its content is not trusted.
    pub(super) body: Option<Zeroizing<Vec<u8>>>,
}

impl Reply {
    /// The first value of a header; its name ignores case.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        let found = headers.find(|(own, _)| own.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }
}

/// The reason for a missing reply, for people.
pub(super) struct Failure(pub(super) String);
