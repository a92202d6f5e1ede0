//! What carries requests.

mod http;

use zeroize::Zeroizing;

pub(super) use http::Http;

use super::request::Request;

/// Sends requests, each on a connection of its own.
pub(super) trait Transport: Send + Sync {
    /// Sends a request and waits for the reply.
    fn send(&self, request: &Request) -> Result<Reply, Failure>;
}

/// What came back.
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    /// The body, if the rule looks into answers of this status. It may hold anything.
    pub(super) body: Option<Zeroizing<Vec<u8>>>,
}

impl Reply {
    /// The first value of a header, whatever the case of its name.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        let found = headers.find(|(own, _)| own.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }
}

/// Why nothing came back, for people.
pub(super) struct Failure(pub(super) String);
