//! HTTP over `ureq` and rustls: TLS only, no redirects, no cookies, public addresses only. No other
//! code of keyside opens a connection.

use std::io::{self, Read};
use std::net::SocketAddr;
use std::sync::OnceLock;
use std::time::Duration;

use thiserror::Error;
use ureq::http::header::{HeaderName, HeaderValue};
use ureq::http::{Request as HttpRequest, Uri};
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};
use ureq::{Agent, Proxy, ProxyProtocol};
use zeroize::Zeroizing;

use super::endpoint::{NetworkScope, is_public};
use super::request::{Request, Target, USER_AGENT};
use super::transport::{Failure, Reply, Transport};

/// The longest body that is read, in bytes.
const MAX_BODY: u64 = 4 << 20;

/// One agent per network scope.
pub(super) struct Http {
    timeout: Duration,
    public: OnceLock<Agent>,
    anywhere: OnceLock<Agent>,
    loopback: OnceLock<Agent>,
}

impl Http {
    /// `timeout` limits a request from the host's look-up to the end of the answer.
    pub(super) fn new(timeout: Duration) -> Self {
        let (public, anywhere, loopback) = Default::default();
        Self { timeout, public, anywhere, loopback }
    }

    fn agent(&self, scope: NetworkScope) -> &Agent {
        let cell = match scope {
            NetworkScope::Public => &self.public,
            NetworkScope::Anywhere => &self.anywhere,
            NetworkScope::Loopback => &self.loopback,
        };
        cell.get_or_init(|| agent(scope, self.timeout))
    }
}

fn agent(scope: NetworkScope, timeout: Duration) -> Agent {
    let is_loopback = scope == NetworkScope::Loopback;
    let config = Agent::config_builder()
        .https_only(!is_loopback)
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        // To a proxy, "this machine" is another machine.
        .proxy(if is_loopback { None } else { Proxy::try_from_env() })
        .user_agent(USER_AGENT)
        .timeout_global(Some(timeout))
        // One connection per request: no answer can be mistaken for another key's.
        .max_idle_connections(0)
        .max_idle_connections_per_host(0)
        .build();
    let resolver = FilteringResolver { scope, system: DefaultResolver::default() };
    Agent::with_parts(config, DefaultConnector::default(), resolver)
}

impl Transport for Http {
    fn send(&self, request: &Request, target: &Target) -> Result<Reply, Failure> {
        let agent = self.agent(target.scope);
        let proxy = agent.config().proxy();
        if proxy.is_some_and(|proxy| !speaks_http(proxy.protocol())) {
            return Err(Failure(
                "the environment's proxy speaks SOCKS, which is not supported".to_owned(),
            ));
        }
        let mut builder =
            HttpRequest::builder().method(request.call.method).uri(target.url.as_str());
        for (name, value) in &request.headers {
            let name: HeaderName = name.parse().map_err(|_| no_request())?;
            let mut value = HeaderValue::from_str(value).map_err(|_| no_request())?;
            value.set_sensitive(true);
            builder = builder.header(name, value);
        }
        for (name, value) in request.signature(target, jiff::Timestamp::now()) {
            let mut value = HeaderValue::from_str(&value).map_err(|_| no_request())?;
            value.set_sensitive(true);
            builder = builder.header(name, value);
        }
        builder = builder.header("Connection", "close");
        let sent = match &request.body {
            Some(body) => builder.body(body.as_str()).map(|request| agent.run(request)),
            None => builder.body(()).map(|request| agent.run(request)),
        };
        let mut response = sent.map_err(|_| no_request())?.map_err(|error| failure(&error))?;
        let status = response.status().as_u16();
        let headers = response.headers().iter().map(|(name, value)| {
            (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
        });
        let headers = headers.collect();
        let mut body = None;
        if request.verify.reads_body(status) {
            let mut bytes = Zeroizing::new(Vec::new());
            let reader = response.body_mut().as_reader();
            let read = reader.take(MAX_BODY + 1).read_to_end(&mut bytes);
            read.map_err(|error| failure(&ureq::Error::from(error)))?;
            if bytes.len() as u64 > MAX_BODY {
                return Err(Failure(format!("the answer ({status}) is longer than 4 MiB")));
            }
            body = Some(bytes);
        }
        Ok(Reply { status, headers, body })
    }
}

fn speaks_http(protocol: ProxyProtocol) -> bool {
    matches!(protocol, ProxyProtocol::Http | ProxyProtocol::Https)
}

/// Unreachable in practice: rules are checked when loaded, and keys before they are filled in.
fn no_request() -> Failure {
    Failure("the rule's request cannot be sent".to_owned())
}

/// The system's resolver, limited to addresses that the request may go to. The connection uses its
/// result, so no second look-up can return another address.
#[derive(Debug)]
struct FilteringResolver {
    scope: NetworkScope,
    system: DefaultResolver,
}

impl Resolver for FilteringResolver {
    fn resolve(
        &self,
        uri: &Uri,
        config: &ureq::config::Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let found = self.system.resolve(uri, config, timeout)?;
        // The proxy is the user's and often in the same network; it resolves the host itself.
        if config.proxy().is_some_and(|proxy| proxy.uri() == uri) {
            return Ok(found);
        }
        let mut allowed = self.empty();
        found.iter().filter(|address| self.allows(address)).for_each(|own| allowed.push(*own));
        if allowed.is_empty() {
            return Err(ureq::Error::Other(Box::new(Refused(self.scope))));
        }
        Ok(allowed)
    }
}

impl FilteringResolver {
    fn allows(&self, address: &SocketAddr) -> bool {
        match self.scope {
            NetworkScope::Public => is_public(address.ip()),
            NetworkScope::Anywhere => true,
            NetworkScope::Loopback => address.ip().is_loopback(),
        }
    }
}

/// The host has no address that the request may go to.
#[derive(Debug, Error)]
#[error("{}", match .0 {
    NetworkScope::Public => "refused: the host's address is on a private network or this machine",
    NetworkScope::Anywhere | NetworkScope::Loopback => "refused: the host's address is not on this machine",
})]
struct Refused(NetworkScope);

/// Rephrases an error so that it quotes nothing that was sent or received.
#[allow(clippy::wildcard_enum_match_arm, reason = "the error type is another crate's")]
fn failure(error: &ureq::Error) -> Failure {
    let text = match error {
        ureq::Error::Timeout(_) => "no answer in time",
        ureq::Error::HostNotFound => "host not found",
        ureq::Error::Io(error) => of_io(error),
        ureq::Error::Tls(_) | ureq::Error::Rustls(_) | ureq::Error::TlsRequired => NO_TLS,
        ureq::Error::ConnectProxyFailed(_) | ureq::Error::InvalidProxyUrl => {
            "the proxy does not connect"
        }
        ureq::Error::ConnectionFailed => "the host cannot be reached",
        ureq::Error::Protocol(_) | ureq::Error::LargeResponseHeader(..) => "the answer is not HTTP",
        ureq::Error::Other(error) if error.is::<Refused>() => {
            return Failure(error.to_string());
        }
        _ => "the request failed",
    };
    Failure(text.to_owned())
}

const NO_TLS: &str = "no trusted TLS connection";

#[allow(clippy::wildcard_enum_match_arm, reason = "the error type is another crate's")]
fn of_io(error: &io::Error) -> &'static str {
    use io::ErrorKind as Kind;
    match error.kind() {
        Kind::TimedOut | Kind::WouldBlock => "no answer in time",
        Kind::ConnectionRefused => "the host refuses the connection",
        Kind::ConnectionReset
        | Kind::ConnectionAborted
        | Kind::BrokenPipe
        | Kind::UnexpectedEof
        | Kind::NotConnected => "the connection was closed without an answer",
        // How rustls reports alerts and certificate errors.
        Kind::InvalidData => NO_TLS,
        _ => "the host cannot be reached",
    }
}
