//! The settings of verification, checked against the rules.

use std::time::Duration;

use thiserror::Error;

use super::endpoint::Endpoint;
use crate::rules::{Rule, Ruleset};

/// How many requests a run sends at most, if nothing is said.
pub const DEFAULT_BUDGET: u64 = 100;

/// How many seconds a request may take, if nothing is said.
pub const DEFAULT_TIMEOUT: u64 = 10;

/// The longest that it may be said to take, in seconds.
const MAX_TIMEOUT: u64 = 300;

/// The longest value of a parameter, in characters.
const MAX_VALUE: usize = 128;

/// Settings of verification as the user wrote them.
#[derive(Debug, Clone, Default)]
pub struct VerifySettings {
    /// Whether to tell only what would be sent.
    pub is_dry_run: bool,
    /// Whether to report live keys only.
    pub only_live: bool,
    /// How many requests to send at most.
    pub budget: Option<u64>,
    /// How many seconds a request may take.
    pub timeout: Option<u64>,
    /// `PROVIDER.NAME=VALUE`
    pub params: Vec<String>,
    /// `PROVIDER=URL`
    pub endpoints: Vec<String>,
    /// Whether an endpoint may be of this machine or of a private network.
    pub is_private_allowed: bool,
    /// Whether to ask even for a pull request from a fork.
    pub is_forced: bool,
}

/// How to ask, checked.
#[derive(Debug, Clone)]
pub struct VerifyOptions {
    /// Whether nothing is sent, and only told what would be.
    pub is_dry_run: bool,
    /// Whether only live keys are reported.
    pub only_live: bool,
    /// How many requests are sent at most, repeated ones included.
    pub budget: u64,
    /// How long a request may take.
    pub(super) timeout: Duration,
    /// Provider, name and value.
    params: Vec<(String, String, String)>,
    /// Provider and address.
    endpoints: Vec<(String, Endpoint)>,
}

/// A wish that cannot be fulfilled.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0}")]
pub struct VerifyOptionsError(pub(super) String);

impl VerifyOptions {
    /// Checks `settings` against what the rules can ask.
    ///
    /// # Errors
    /// The first wish that makes no sense, as the user wrote it.
    pub fn new(settings: &VerifySettings, rules: &Ruleset) -> Result<Self, VerifyOptionsError> {
        super::ready()?;
        let timeout = settings.timeout.unwrap_or(DEFAULT_TIMEOUT);
        if !(1..=MAX_TIMEOUT).contains(&timeout) {
            let message = format!("--verify-timeout is 1 to {MAX_TIMEOUT} seconds, not {timeout}");
            return Err(VerifyOptionsError(message));
        }
        let params = settings.params.iter().map(|written| param(written, rules));
        let endpoints = settings.endpoints.iter().map(|written| {
            let shape = || VerifyOptionsError("--verify-endpoint is `PROVIDER=URL`".to_owned());
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

    /// What a parameter of a rule is set to. What was said last counts.
    pub(super) fn param(&self, provider: &str, name: &str) -> Option<&str> {
        let mut params = self.params.iter().rev();
        let is_meant = |(own, key, _): &&(String, String, String)| own == provider && key == name;
        params.find(is_meant).map(|(.., value)| value.as_str())
    }

    /// The address that takes the place of a provider's.
    pub(super) fn endpoint(&self, provider: &str) -> Option<&Endpoint> {
        let mut endpoints = self.endpoints.iter().rev();
        endpoints.find(|(own, _)| own == provider).map(|(_, endpoint)| endpoint)
    }
}

/// The rules of a provider that can ask, at least one.
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
        "{flag}: there is no provider `{provider}` to ask; there is {known}"
    )))
}

fn param(written: &str, rules: &Ruleset) -> Result<(String, String, String), VerifyOptionsError> {
    let shape = || VerifyOptionsError("--verify-param is `PROVIDER.NAME=VALUE`".to_owned());
    let (key, value) = written.split_once('=').ok_or_else(shape)?;
    let (provider, name) = key.split_once('.').ok_or_else(shape)?;
    let asked = asked(provider, rules, "--verify-param")?;
    let mut params = asked.iter().flat_map(|rule| &rule.verify).flat_map(|verify| &verify.params);
    if !params.any(|(known, _)| known == name) {
        let message = format!("--verify-param: `{provider}` has no parameter `{name}`");
        return Err(VerifyOptionsError(message));
    }
    // It goes into a header or into JSON: no more than an id needs.
    let good = |b: u8| b.is_ascii_alphanumeric() || b"-._~:".contains(&b);
    if value.is_empty() || value.len() > MAX_VALUE || !value.bytes().all(good) {
        return Err(VerifyOptionsError(format!(
            "--verify-param: the value of `{key}` is 1 to {MAX_VALUE} letters, digits and `-._~:`"
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
