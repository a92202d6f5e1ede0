//! Requests: a rule's request with the secret and the parameters filled in.

use std::collections::HashMap;

use zeroize::Zeroizing;

use super::endpoint::{NetworkScope, host_below, host_of};
use super::key::{KeyToVerify, VerifyResults};
use super::options::VerifyOptions;
use super::sigv4;
use crate::model::{Call, Secret, Verification};
use crate::rules::{BodyForm, Ruleset, SigningScheme, TextPart, Verify, text_parts};

/// The `User-Agent` header.
pub(super) const USER_AGENT: &str = concat!(
    env!("CARGO_PKG_NAME"),
    "/",
    env!("CARGO_PKG_VERSION"),
    " (+",
    env!("CARGO_PKG_REPOSITORY"),
    ")"
);

/// A request ready to be sent. It holds a secret.
pub(super) struct Request {
    /// The rule's verification block, with the expected answers.
    pub(super) verify: Verify,
    pub(super) secret: Secret,
    /// The other key of the pair.
    pub(super) pair: Option<Secret>,
    /// Its addresses, of which each is asked in turn until one says that the key is live; at least one.
    pub(super) targets: Vec<Target>,
    pub(super) headers: Vec<(String, Zeroizing<String>)>,
    pub(super) body: Option<Zeroizing<String>>,
    /// Its entry in the ledger once it is sent, but for the address.
    pub(super) call: Call,
}

/// An address that a request goes to.
#[derive(PartialEq, Eq)]
pub(super) struct Target {
    /// The address, maybe with the secret in it.
    pub(super) url: Zeroizing<String>,
    /// The same with the secret masked.
    pub(super) shown: String,
    /// The host alone.
    pub(super) host: String,
    /// The rule's host, for which an endpoint that the user names stands.
    host_of_rule: String,
    pub(super) scope: NetworkScope,
}

/// The place of a filled-in text, which decides how a secret is written there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Escape {
    /// As it is.
    Plain,
    /// For people, who see what would be encoded.
    Shown,
    /// Percent-encoded (RFC 3986), as in a query or a form.
    Percent,
    /// As in a JSON text.
    Json,
}

impl Request {
    /// The request for a key.
    ///
    /// # Errors
    /// The reason why there is none.
    fn new(
        key: KeyToVerify<'_>,
        verify: &Verify,
        provider: &str,
        options: &VerifyOptions,
    ) -> Result<Self, &'static str> {
        let KeyToVerify { rule, secret, pair } = key;
        let pair = pair.filter(|_| verify.needs_pair);
        if verify.needs_pair && pair.is_none() {
            return Err(
                "the request needs the key that belongs to it, and that was not found near it",
            );
        }
        let text = text_of(secret)?;
        let other = pair.map(text_of).transpose()?.unwrap_or_default();
        if let Some(SigningScheme::AwsSigV4) = verify.sign {
            sigv4::check(other)?;
        }
        let of_rule = with_host(verify, other)?;
        let param = |name: &str| {
            options.param(provider, name).or_else(|| {
                let mut params = verify.params.iter();
                params.find(|(own, _)| own == name).map(|(_, value)| value.as_str())
            })
        };
        let filled = |template: &str, (secret, pair): (&str, &str), escape: Escape| {
            let value = |name: &str| match (name, name.strip_prefix("param.")) {
                (_, Some(name)) => param(name).map(ToOwned::to_owned),
                ("secret", _) => Some(escape.apply(secret)),
                ("pair", _) => Some(escape.apply(pair)),
                _ => None,
            };
            filled(template, &value, escape == Escape::Shown)
        };
        let (masked, other_masked) =
            (secret.masked(), pair.map(Secret::masked).unwrap_or_default());
        let (text, masked) = ((text, other), (&*masked, &*other_masked));
        let headers = |keys: (&str, &str), escape: Escape| -> Vec<_> {
            let written = verify.headers.iter();
            let filled = |value| filled(value, keys, escape);
            written.map(|(name, value)| (name.clone(), filled(value))).collect()
        };
        let target = |of_rule: &str| {
            let (url, host, scope) = match options.endpoint(provider) {
                Some(own) => (own.url(of_rule), own.host().to_owned(), own.scope),
                None => (of_rule.to_owned(), host_of(of_rule).to_owned(), NetworkScope::Public),
            };
            let shown = filled(&url, masked, Escape::Shown);
            let url = Zeroizing::new(filled(&url, text, Escape::Percent));
            Target { url, shown, host, host_of_rule: host_of(of_rule).to_owned(), scope }
        };
        let mut targets = vec![target(&of_rule)];
        for host in &verify.hosts {
            let other = target(&of_rule.replacen(host_of(&of_rule), host, 1));
            // An endpoint that the user names stands for all hosts.
            if targets.iter().all(|own: &Target| own.url != other.url) {
                targets.push(other);
            }
        }
        let escape = match verify.body_form {
            Some(BodyForm::Json) => Escape::Json,
            Some(BodyForm::Form) => Escape::Percent,
            None => Escape::Plain,
        };
        let body = |keys: (&str, &str), escape| {
            verify.body.as_ref().map(|body| filled(body, keys, escape))
        };
        let mut shown = headers(masked, Escape::Shown);
        if verify.sign.is_some() {
            shown.push(("Authorization".to_owned(), sigv4::shown(masked.1)));
        }
        shown.push(("User-Agent".to_owned(), USER_AGENT.to_owned()));
        let call = Call {
            rule_id: rule.id.clone(),
            sha256: secret.sha256(),
            method: verify.method.name(),
            url: targets[0].shown.clone(),
            headers: shown,
            body: body(masked, Escape::Shown),
            secret: masked.0.to_owned(),
            sent_at: None,
            attempt: 1,
            answer: String::new(),
        };
        let headers = headers(text, Escape::Plain).into_iter();
        Ok(Self {
            verify: verify.clone(),
            secret: secret.clone(),
            pair: pair.cloned(),
            targets,
            headers: headers.map(|(name, value)| (name, Zeroizing::new(value))).collect(),
            body: body(text, escape).map(Zeroizing::new),
            call,
        })
    }

    /// The headers that sign it when it is sent to a target, if its rule asks for that.
    pub(super) fn signature(
        &self,
        target: &Target,
        now: jiff::Timestamp,
    ) -> Vec<(&'static str, Zeroizing<String>)> {
        let (Some(SigningScheme::AwsSigV4), Some(id)) = (self.verify.sign, &self.pair) else {
            return Vec::new();
        };
        let request = sigv4::Unsigned {
            method: self.call.method,
            url: &target.url,
            service_host: &target.host_of_rule,
            body: self.body.as_ref().map_or("", |body| body.as_str()),
        };
        request.headers(id.reveal(), self.secret.reveal(), now)
    }

    /// Its entry in the ledger when it is sent to a target.
    pub(super) fn call_to(&self, target: &Target) -> Call {
        Call { url: target.shown.clone(), ..self.call.clone() }
    }

    /// True if both requests would get the same answer.
    fn is_same(&self, other: &Self) -> bool {
        self.targets == other.targets
            && (&self.headers, &self.body) == (&other.headers, &other.body)
            && self.verify == other.verify
    }
}

/// The distinct requests, and which one answers for which key.
pub(super) struct RequestPlan {
    pub(super) requests: Vec<Request>,
    /// The request for each key, or why there is none.
    pub(super) of_keys: Vec<Result<usize, &'static str>>,
}

/// The requests for `keys`, in their order.
pub(super) fn plan(
    keys: &[KeyToVerify<'_>],
    rules: &Ruleset,
    options: &VerifyOptions,
) -> RequestPlan {
    let mut requests: Vec<Request> = Vec::new();
    let mut of_secrets: HashMap<[u8; 32], Vec<usize>> = HashMap::new();
    let of_keys = keys.iter().map(|key| {
        let rule = key.rule;
        let verify = rule.verify.as_ref().ok_or("its rule cannot verify keys")?;
        let request = Request::new(*key, verify, &rules.provider(rule).id, options)?;
        let known = of_secrets.entry(request.call.sha256).or_default();
        if let Some(&same) = known.iter().find(|&&own| requests[own].is_same(&request)) {
            return Ok(same);
        }
        known.push(requests.len());
        requests.push(request);
        Ok(requests.len() - 1)
    });
    let of_keys = of_keys.collect();
    RequestPlan { requests, of_keys }
}

impl RequestPlan {
    /// The requests that would be sent; no key is checked.
    pub(super) fn dry_run(self) -> VerifyResults {
        let reason = |own: &Result<usize, &'static str>| match own {
            Ok(_) => "a dry run sends nothing",
            Err(reason) => reason,
        };
        let verifications = self.of_keys.iter().map(|own| not_checked(reason(own)));
        VerifyResults {
            verifications: verifications.collect(),
            calls: self.requests.into_iter().map(|request| request.call).collect(),
        }
    }
}

/// A key as text, if it can be part of a request.
fn text_of(key: &Secret) -> Result<&str, &'static str> {
    let text = std::str::from_utf8(key.reveal()).ok();
    let text = text.filter(|text| text.bytes().all(|b| b.is_ascii_graphic()));
    text.ok_or("it cannot be part of a request")
}

/// The rule's address with its host. A host that begins with the other key of the pair is one label
/// below one of the rule's own ends, so that the scanned files choose no other host.
fn with_host(verify: &Verify, pair: &str) -> Result<String, &'static str> {
    let host = host_of(&verify.url);
    if !host.contains("{pair}") {
        return Ok(verify.url.clone());
    }
    let own = host.replacen("{pair}", pair, 1).to_ascii_lowercase();
    if host_below(&own, &verify.host_suffixes) {
        Ok(verify.url.replacen(host, &own, 1))
    } else {
        Err("the key that belongs to it names no host of its provider")
    }
}

/// The result for a key that was not asked about.
pub(super) fn not_checked(reason: &str) -> Verification {
    Verification { reason: reason.to_owned(), ..Verification::default() }
}

impl Escape {
    fn apply(self, secret: &str) -> String {
        match self {
            Self::Plain | Self::Shown => secret.to_owned(),
            Self::Json => secret.replace('\\', "\\\\").replace('"', "\\\""),
            Self::Percent => {
                let mut text = String::new();
                for byte in secret.bytes() {
                    // `:` has no meaning in paths and queries, and some providers want it as it is.
                    if byte.is_ascii_alphanumeric() || b"-._~:".contains(&byte) {
                        text.push(char::from(byte));
                    } else {
                        text.push_str(&format!("%{byte:02X}"));
                    }
                }
                text
            }
        }
    }
}

/// Fills in each `{name}` that `value` knows, and encodes each `{base64:…}` unless it is to be shown.
/// Filled-in text is not expanded again.
fn filled(template: &str, value: &dyn Fn(&str) -> Option<String>, is_shown: bool) -> String {
    let mut text = String::new();
    for place in text_parts(template) {
        match place {
            TextPart::Text(part) => text.push_str(part),
            TextPart::Base64(inner) => {
                let inner = filled(inner, value, is_shown);
                if is_shown {
                    text.push_str(&format!("{{base64:{inner}}}"));
                } else {
                    text.push_str(&data_encoding::BASE64.encode(inner.as_bytes()));
                }
            }
            TextPart::Named(name) => match value(name) {
                Some(value) => text.push_str(&value),
                None => text.push_str(&format!("{{{name}}}")),
            },
        }
    }
    text
}

#[cfg(test)]
#[cfg(feature = "verify")]
mod tests {
    use super::*;
    use crate::verify::VerifySettings;

    fn secret(prefix: &str, seed: u64) -> Secret {
        let body = crate::rules::Rng::new(seed).text("ABCDEFGHabcdefgh01234567", 43);
        Secret::new(format!("{prefix}{body}").as_bytes(), prefix.len())
    }

    fn jobs_of(settings: VerifySettings, keys: &[(&str, &Secret)]) -> RequestPlan {
        let rules = Ruleset::built_in();
        let options = VerifyOptions::new(&settings, &rules).unwrap();
        let keys = keys.iter().map(|(id, secret)| {
            let rule = rules.by_id(id).unwrap();
            KeyToVerify { rule, secret, pair: None }
        });
        plan(&keys.collect::<Vec<_>>(), &rules, &options)
    }

    #[test]
    fn places_are_filled_once() {
        let value = |name: &str| match name {
            "secret" => Some("{param.a}".to_owned()),
            "param.a" => Some("1".to_owned()),
            _ => None,
        };
        let shown = filled("Basic {base64:user:{param.a}}", &value, true);
        assert_eq!(shown, "Basic {base64:user:1}");
        let filled = |template: &str| filled(template, &value, false);
        assert_eq!(filled("Bearer {secret}"), "Bearer {param.a}");
        assert_eq!(filled(r#"{"id":"{param.a}","x":{}}"#), r#"{"id":"1","x":{}}"#);
        assert_eq!(filled("{"), "{");
        assert_eq!(filled("{x}{param.a"), "{x}{param.a");
        assert_eq!(filled("Basic {base64:user:{param.a}}"), "Basic dXNlcjox");
    }

    #[test]
    fn requests_are_what_the_providers_document() {
        let (one, other) = (secret("mgx-sk-", 1), secret("sk_v1_", 2));
        let keys = [("aimagicx-api-key", &one), ("magicx-secret-key", &other)];
        let params = vec!["magicx.product_id=6f0e".to_owned()];
        let jobs = jobs_of(VerifySettings { params, ..VerifySettings::default() }, &keys);
        let [models, token] = &jobs.requests[..] else { panic!() };
        let header = |request: &Request, name: &str| {
            let mut headers = request.headers.iter();
            headers.find(|(own, _)| own == name).map(|(_, value)| value.to_string())
        };
        let bearer =
            |secret: &Secret| format!("Bearer {}", std::str::from_utf8(secret.reveal()).unwrap());
        assert_eq!(models.call.method, "GET");
        assert_eq!(&*models.targets[0].url, "https://beta.aimagicx.com/api/v1/models");
        assert_eq!(
            (models.targets[0].host.as_str(), models.targets[0].scope),
            ("beta.aimagicx.com", NetworkScope::Public)
        );
        assert_eq!(header(models, "Authorization"), Some(bearer(&one)));
        assert_eq!(models.body, None);
        assert_eq!(token.call.method, "POST");
        assert_eq!(&*token.targets[0].url, "https://api.ai-autocomplete.com/api/auth/token");
        assert_eq!(header(token, "Authorization"), Some(bearer(&other)));
        assert_eq!(token.body.as_ref().map(|body| body.as_str()), Some(r#"{"product_id":"6f0e"}"#));
        let shown = format!("{:?}", [&models.call, &token.call]);
        assert!(!shown.contains(&bearer(&one)[12..]) && !shown.contains(&bearer(&other)[12..]));
        assert!(shown.contains(&one.masked()) && shown.contains(USER_AGENT), "{shown}");
    }

    #[test]
    fn a_key_is_asked_about_once() {
        let (one, other) = (secret("sk_v1_", 1), secret("sk_v1_", 2));
        let rule = "magicx-secret-key";
        let keys = [(rule, &one), (rule, &other), (rule, &one)];
        let jobs = jobs_of(VerifySettings::default(), &keys);
        assert_eq!(jobs.requests.len(), 2);
        assert_eq!(jobs.of_keys, [Ok(0), Ok(1), Ok(0)]);
        let nil = r#"{"product_id":"00000000-0000-0000-0000-000000000000"}"#;
        assert_eq!(jobs.requests[0].call.body.as_deref(), Some(nil));
    }

    #[test]
    fn what_cannot_be_asked_is_not() {
        let token = secret("at_v1_", 1);
        let odd = Secret::new("sk_v1_\r\nX: y".as_bytes(), 6);
        let keys = [("magicx-access-token", &token), ("magicx-secret-key", &odd)];
        let jobs = jobs_of(VerifySettings::default(), &keys);
        assert!(jobs.requests.is_empty());
        assert!(jobs.of_keys.iter().all(Result::is_err));
    }
}
