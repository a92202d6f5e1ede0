//! The settings of a verification, as written and checked against the rules.

use std::time::Duration;

use super::endpoint::Endpoint;
use super::error::VerifyOptionsError;
use crate::rules::{Rule, Ruleset};

/// The default limit of requests.
pub const DEFAULT_BUDGET: u64 = 100;

/// The default time limit of a request, in seconds.
pub const DEFAULT_TIMEOUT: u64 = 10;

/// The highest time limit of a request, in seconds.
const MAX_TIMEOUT: u64 = 300;

/// The longest value of a parameter, in characters.
const MAX_VALUE: usize = 128;

/// The settings as the user wrote them.
#[derive(Debug, Clone, Default)]
pub struct VerifySettings {
    /// True to show the requests without sending them.
    pub is_dry_run: bool,
    /// True to report only live keys.
    pub only_live: bool,
    /// The limit of requests.
    pub budget: Option<u64>,
    /// The time limit of a request, in seconds.
    pub timeout: Option<u64>,
    /// Parameters, each as `PROVIDER.NAME=VALUE`.
    pub params: Vec<String>,
    /// Endpoints, each as `PROVIDER=URL`.
    pub endpoints: Vec<String>,
    /// True if endpoints may be on this machine or a private network.
    pub is_private_allowed: bool,
    /// True to verify even in a pull request from a fork.
    pub is_forced: bool,
    /// The CI system, if this run may be about a pull request from a fork.
    pub fork: Option<&'static str>,
}

/// The checked settings.
#[derive(Debug, Clone)]
pub struct VerifyOptions {
    /// True if requests are only shown, not sent.
    pub is_dry_run: bool,
    /// True if only live keys are reported.
    pub only_live: bool,
    /// The limit of requests, retries included.
    pub budget: u64,
    /// The time limit of a request.
    pub(super) timeout: Duration,
    /// Provider, name and value.
    params: Vec<(String, String, String)>,
    /// Provider and address.
    endpoints: Vec<(String, Endpoint)>,
}

impl VerifyOptions {
    /// Checks `settings` against the rules.
    ///
    /// # Errors
    /// The first setting that is wrong, or a build without the feature `verify`.
    pub fn new(settings: &VerifySettings, rules: &Ruleset) -> Result<Self, VerifyOptionsError> {
        check_available()?;
        let timeout = settings.timeout.unwrap_or(DEFAULT_TIMEOUT);
        if !(1..=MAX_TIMEOUT).contains(&timeout) {
            let message =
                format!("--verify-timeout takes 1 to {MAX_TIMEOUT} seconds, not {timeout}");
            return Err(VerifyOptionsError(message));
        }
        let params = settings.params.iter().map(|written| param(written, rules));
        let endpoints = settings.endpoints.iter().map(|written| {
            let shape = || VerifyOptionsError("--verify-endpoint takes `PROVIDER=URL`".to_owned());
            let (provider, url) = written.split_once('=').ok_or_else(shape)?;
            asked(provider, rules, "--verify-endpoint")?;
            Ok((provider.to_owned(), Endpoint::parse(url, settings.is_private_allowed)?))
        });
        Ok(Self {
            is_dry_run: settings.is_dry_run,
            only_live: settings.only_live,
            budget: settings.budget.unwrap_or(DEFAULT_BUDGET),
            timeout: Duration::from_secs(timeout),
            params: params.collect::<Result<_, _>>()?,
            endpoints: endpoints.collect::<Result<_, _>>()?,
        })
    }

    /// The user's value of a rule's parameter; the last one wins.
    pub(super) fn param(&self, provider: &str, name: &str) -> Option<&str> {
        let mut params = self.params.iter().rev();
        let is_meant = |(own, key, _): &&(String, String, String)| own == provider && key == name;
        params.find(is_meant).map(|(.., value)| value.as_str())
    }

    /// The endpoint that replaces a provider's; the last one wins.
    pub(super) fn endpoint(&self, provider: &str) -> Option<&Endpoint> {
        let mut endpoints = self.endpoints.iter().rev();
        endpoints.find(|(own, _)| own == provider).map(|(_, endpoint)| endpoint)
    }
}

/// Fails in a build without network code.
fn check_available() -> Result<(), VerifyOptionsError> {
    if cfg!(feature = "verify") {
        return Ok(());
    }
    Err(VerifyOptionsError(
        "this keyside was built without the feature `verify`: it has no network code and cannot \
         ask providers"
            .to_owned(),
    ))
}

/// The rules of a provider that can verify keys; at least one.
fn asked<'r>(
    provider: &str,
    rules: &'r Ruleset,
    flag: &str,
) -> Result<Vec<&'r Rule>, VerifyOptionsError> {
    let is_meant = |rule: &&Rule| rule.verify.is_some() && rules.provider(rule).id == provider;
    let asked: Vec<_> = rules.rules.iter().filter(is_meant).collect();
    if !asked.is_empty() {
        return Ok(asked);
    }
    let all = rules.rules.iter().filter(|rule| rule.verify.is_some());
    let mut known: Vec<_> = all.map(|rule| rules.provider(rule).id.as_str()).collect();
    known.dedup();
    let known = known.join(", ");
    Err(VerifyOptionsError(format!(
        "{flag}: unknown provider `{provider}`; providers to ask: {known}"
    )))
}

fn param(written: &str, rules: &Ruleset) -> Result<(String, String, String), VerifyOptionsError> {
    let shape = || VerifyOptionsError("--verify-param takes `PROVIDER.NAME=VALUE`".to_owned());
    let (key, value) = written.split_once('=').ok_or_else(shape)?;
    let (provider, name) = key.split_once('.').ok_or_else(shape)?;
    let asked = asked(provider, rules, "--verify-param")?;
    let mut params = asked.iter().flat_map(|rule| &rule.verify).flat_map(|verify| &verify.params);
    if !params.any(|(known, _)| known == name) {
        let message = format!("--verify-param: `{provider}` has no parameter `{name}`");
        return Err(VerifyOptionsError(message));
    }
    // The value goes into a header or JSON: allow only what ids need.
    let good = |b: u8| b.is_ascii_alphanumeric() || b"-._~:".contains(&b);
    if value.is_empty() || value.len() > MAX_VALUE || !value.bytes().all(good) {
        return Err(VerifyOptionsError(format!(
            "--verify-param: the value of `{key}` must be 1 to {MAX_VALUE} letters, digits or `-._~:`"
        )));
    }
    Ok((provider.to_owned(), name.to_owned(), value.to_owned()))
}

#[cfg(test)]
#[cfg(feature = "verify")]
mod tests {
    use super::*;

    fn options(settings: VerifySettings) -> Result<VerifyOptions, VerifyOptionsError> {
        VerifyOptions::new(&settings, &Ruleset::built_in())
    }

    #[test]
    fn parameters_are_those_of_the_rules() {
        let wish = |text: &str| VerifySettings {
            params: vec![text.to_owned()],
            ..VerifySettings::default()
        };
        let options_of = |text: &str| options(wish(text));
        let set = options_of("magicx.product_id=6f0e-1").unwrap();
        assert_eq!(set.param("magicx", "product_id"), Some("6f0e-1"));
        assert_eq!(set.param("aimagicx", "product_id"), None);
        for bad in [
            "magicx.product_id",
            "magicx=1",
            "magicx.other=1",
            "aimagicx.product_id=1",
            "nobody.product_id=1",
            "magicx.product_id=",
            "magicx.product_id=a\"b",
            "magicx.product_id={secret}",
        ] {
            assert!(options_of(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn endpoints_are_for_providers_that_can_be_asked() {
        let options_of = |text: &str| {
            options(VerifySettings {
                endpoints: vec![text.to_owned()],
                ..VerifySettings::default()
            })
        };
        let set = options_of("magicx=https://staging.example.com").unwrap();
        assert!(set.endpoint("magicx").is_some() && set.endpoint("aimagicx").is_none());
        for bad in ["magicx", "https://x.example.com", "nobody=https://x.example.com", "magicx="] {
            assert!(options_of(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_request_takes_seconds_not_hours() {
        for (timeout, is_good) in [(0, false), (1, true), (300, true), (301, false)] {
            let settings = VerifySettings { timeout: Some(timeout), ..VerifySettings::default() };
            assert_eq!(options(settings).is_ok(), is_good, "{timeout}");
        }
    }
}
