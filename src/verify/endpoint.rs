//! Endpoints: other addresses for a provider, such as a staging or test system. Only the user can
//! name them.

use std::net::IpAddr;

use super::error::VerifyOptionsError;

/// The addresses a request may go to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum NetworkScope {
    /// Public addresses, over TLS.
    Public,
    /// Any address, over TLS: the user named the host and allowed it.
    Anywhere,
    /// This machine, also over plain HTTP: the user named and allowed it.
    Loopback,
}

/// An address that replaces a rule's scheme and host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Endpoint {
    /// `https://host` or `https://host:port`.
    origin: String,
    /// The host alone, without brackets.
    host: String,
    /// The prefix of the rule's path: empty, or begins with `/` and does not end with one.
    path: String,
    pub(super) scope: NetworkScope,
}

impl Endpoint {
    /// Parses an address; one on this machine or a private network only if `is_private_allowed`.
    pub(super) fn parse(url: &str, is_private_allowed: bool) -> Result<Self, VerifyOptionsError> {
        let fault = |message: &str| VerifyOptionsError(format!("--verify-endpoint: {message}"));
        let shape = "expected `https://HOST` or `https://HOST:PORT`, optionally with a path";
        let (scheme, rest) = url.split_once("://").ok_or_else(|| fault(shape))?;
        if !url.bytes().all(|b| b.is_ascii_graphic()) || url.contains(['?', '#', '@', '\\', '{']) {
            return Err(fault(shape));
        }
        let (authority, path) = match rest.find('/') {
            Some(at) => (&rest[..at], rest[at..].trim_end_matches('/')),
            None => (rest, ""),
        };
        let (host, port) = host_and_port(authority).ok_or_else(|| fault(shape))?;
        let is_plain = match scheme {
            "https" => false,
            "http" => true,
            _ => return Err(fault(shape)),
        };
        let address: Option<IpAddr> = host.parse().ok();
        let is_local_name = host == "localhost" || host.ends_with(".localhost");
        let is_loopback = is_local_name || address.is_some_and(|address| address.is_loopback());
        let is_private = is_loopback || address.is_some_and(|address| !is_public(address));
        if is_private && !is_private_allowed {
            return Err(fault(
                "addresses on this machine or a private network are for tests and staging only; \
                 allow them with KEYSIDE_VERIFY_ALLOW_LOOPBACK=1",
            ));
        }
        if is_plain && !is_loopback {
            return Err(fault("keys are sent over https only, except to this machine"));
        }
        let scope = match (is_loopback, is_private_allowed) {
            (true, _) => NetworkScope::Loopback,
            (false, true) => NetworkScope::Anywhere,
            (false, false) => NetworkScope::Public,
        };
        let shown = if host.contains(':') { format!("[{host}]") } else { host.clone() };
        let port = port.map(|port| format!(":{port}")).unwrap_or_default();
        Ok(Self { origin: format!("{scheme}://{shown}{port}"), host, path: path.into(), scope })
    }

    pub(super) fn host(&self) -> &str {
        &self.host
    }

    /// The rule's address at this endpoint. A path that the endpoint already has is not repeated.
    pub(super) fn url(&self, of_rule: &str) -> String {
        let rest = of_rule.split_once("://").map_or(of_rule, |(_, rest)| rest);
        let target = rest.find('/').map_or("", |at| &rest[at..]);
        let (origin, path) = (&self.origin, &self.path);
        let follows = target.strip_prefix(path.as_str());
        if follows.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?'])) {
            format!("{origin}{target}")
        } else {
            format!("{origin}{path}{target}")
        }
    }
}

/// Splits `host:port`; the host in lower case and without brackets.
fn host_and_port(authority: &str) -> Option<(String, Option<u16>)> {
    let (host, port) = match authority.strip_prefix('[') {
        Some(rest) => {
            let (host, port) = rest.split_once(']')?;
            let _: std::net::Ipv6Addr = host.parse().ok()?;
            (host, port)
        }
        None => {
            let end = authority.find(':').unwrap_or(authority.len());
            let (host, port) = authority.split_at(end);
            let good = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'.';
            if host.is_empty() || !host.bytes().all(good) {
                return None;
            }
            (host, port)
        }
    };
    let port = match port.strip_prefix(':') {
        None if port.is_empty() => None,
        None => return None,
        Some(port) => Some(port.parse().ok().filter(|port| *port > 0)?),
    };
    Some((host.to_ascii_lowercase(), port))
}

/// The host of a rule's address, which was checked when the rule was loaded.
pub(super) fn host_of(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split(['/', '?', '#', ':']).next().unwrap_or_default()
}

/// True if a host, in lower case, is one label and one of these suffixes.
pub(super) fn host_below(host: &str, suffixes: &[String]) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    suffixes.iter().filter_map(|suffix| host.strip_suffix(suffix.as_str())).any(is_label)
}

/// True for addresses of the public internet: not of this machine or a private network, and not
/// multicast, test or documentation addresses (RFC 6890 and its registries).
pub(super) fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            let [a, b, c, _] = v4.octets();
            let is_special = match (a, b, c) {
                (0 | 10 | 127 | 224..=255, ..) => true,
                // Carrier-grade NAT.
                (100, 64..=127, _) => true,
                (169, 254, _) | (172, 16..=31, _) | (192, 168, _) => true,
                (192, 0, 0 | 2) | (192, 88, 99) => true,
                (198, 18 | 19, _) | (198, 51, 100) | (203, 0, 113) => true,
                _ => false,
            };
            !is_special
        }
        IpAddr::V6(v6) => {
            let [a, b, c, d, e, f, g, h] = v6.segments();
            let [v4_1, v4_2] = g.to_be_bytes();
            let [v4_3, v4_4] = h.to_be_bytes();
            match (a, b) {
                // NAT64: an IPv4 address as seen from a network without IPv4.
                (0x64, 0xff9b) => {
                    [c, d, e, f] == [0; 4] && is_public([v4_1, v4_2, v4_3, v4_4].into())
                }
                // 2001::/23 is for protocols such as tunnels; 2002::/16 wraps IPv4.
                (0x2001, 0..=0x1ff | 0xdb8) | (0x2002, _) | (0x3fff, 0..=0xfff) => false,
                (0x2000..=0x3fff, _) => true,
                // Mapped IPv4 addresses, loopback, link-local, unique-local and multicast.
                _ => false,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_public_addresses_are_public() {
        for public in ["1.1.1.1", "172.32.0.1", "100.128.0.1", "2606:4700::1", "64:ff9b::101:101"] {
            assert!(is_public(public.parse().unwrap()), "{public}");
        }
        for other in [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "127.0.0.1",
            "127.8.8.8",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.168.1.1",
            "198.19.0.1",
            "203.0.113.5",
            "224.0.0.1",
            "239.255.255.250",
            "255.255.255.255",
            "::",
            "::1",
            "::127.0.0.1",
            "::ffff:127.0.0.1",
            "::ffff:1.1.1.1",
            "64:ff9b::7f00:1",
            "64:ff9b:1::1",
            "fc00::1",
            "fd12:3456::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "100::1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::",
        ] {
            assert!(!is_public(other.parse().unwrap()), "{other}");
        }
    }

    #[test]
    fn an_endpoint_is_a_scheme_a_host_and_a_path() {
        for (url, allowed, expected) in [
            ("https://staging.example.com", false, Some(NetworkScope::Public)),
            ("https://staging.example.com:8443/x", true, Some(NetworkScope::Anywhere)),
            ("https://10.0.0.8", true, Some(NetworkScope::Anywhere)),
            ("http://127.0.0.1:80", true, Some(NetworkScope::Loopback)),
            ("http://localhost:8080", true, Some(NetworkScope::Loopback)),
            ("https://[::1]:8443/", true, Some(NetworkScope::Loopback)),
            ("http://127.0.0.1:80", false, None),
            ("https://localhost", false, None),
            ("https://[::1]", false, None),
            ("https://10.0.0.8", false, None),
            ("https://[::ffff:127.0.0.1]", false, None),
            ("http://10.0.0.8", true, None),
            ("http://example.com", true, None),
            ("http://example.com@127.0.0.1", true, None),
            ("https://user:pw@example.com", true, None),
            ("https://example.com?x", true, None),
            ("https://example.com#x", true, None),
            ("https://example.com:0", true, None),
            ("https://example.com:99999", true, None),
            ("https://example.com:", true, None),
            ("https://[::1]x", true, None),
            ("https://exa mple.com", true, None),
            ("https://", true, None),
            ("ftp://example.com", true, None),
            ("HTTPS://example.com", true, None),
            ("example.com", true, None),
            ("", true, None),
        ] {
            let scope = Endpoint::parse(url, allowed).ok().map(|endpoint| endpoint.scope);
            assert_eq!(scope, expected, "{url} {allowed}");
        }
    }

    #[test]
    fn a_host_is_one_label_below_a_suffix() {
        let suffixes = [".example.com".to_owned(), ".example.org".to_owned()];
        for (host, expected) in [
            ("acme.example.com", true),
            ("acme-1.example.org", true),
            (".example.com", false),
            ("example.com", false),
            ("a.b.example.com", false),
            ("acme.example.com.evil.org", false),
            ("evil.org/.example.com", false),
            ("evil.org?.example.com", false),
            ("evil.org#.example.com", false),
            ("a@b.example.com", false),
            ("a:1.example.com", false),
            ("a%2e.example.com", false),
            ("-a.example.com", false),
            ("a-.example.com", false),
            ("aéx.example.com", false),
        ] {
            assert_eq!(host_below(host, &suffixes), expected, "{host}");
        }
    }

    #[test]
    fn the_path_of_a_rule_stays() {
        let rule = "https://api.example.com/api/v1/models";
        for (endpoint, expected) in [
            ("http://127.0.0.1:9/", "http://127.0.0.1:9/api/v1/models"),
            ("http://127.0.0.1:9/api/v1", "http://127.0.0.1:9/api/v1/models"),
            ("http://127.0.0.1:9/api/v1/models", "http://127.0.0.1:9/api/v1/models"),
            ("http://127.0.0.1:9/ap", "http://127.0.0.1:9/ap/api/v1/models"),
            ("https://[::1]/mock", "https://[::1]/mock/api/v1/models"),
        ] {
            assert_eq!(Endpoint::parse(endpoint, true).unwrap().url(rule), expected);
        }
        assert_eq!(host_of(rule), "api.example.com");
    }
}
