//! A rule file as it is written: names and types only. What the values must be is checked in
//! [`super::Ruleset`].

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use crate::model::{Confidence, KeyClass, Severity};

/// One rule file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RawRuleFile {
    /// Who issues the keys.
    pub provider: RawProvider,
    /// The provider's kinds of keys.
    #[serde(default, rename = "rule")]
    pub rules: Vec<RawRule>,
}

/// `[provider]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RawProvider {
    /// Short name in kebab-case, for flags.
    pub id: Spanned<String>,
    /// Name for people.
    pub name: Spanned<String>,
    /// Its documentation on keys.
    pub url: Spanned<String>,
    /// Hosts of its API.
    #[serde(default)]
    pub hosts: Vec<Spanned<String>>,
    /// Words by which names of variables tell that they are about it: `ACME`; the id in upper case
    /// unless given.
    pub words: Option<Vec<Spanned<String>>>,
    /// Paths of its API that only servers may call, for example to exchange a secret for a token.
    #[serde(default)]
    pub server_paths: Vec<Spanned<String>>,
    /// Packages with which programs talk to it.
    #[serde(default)]
    pub sdk: Vec<RawSdk>,
}

/// `[[provider.sdk]]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RawSdk {
    /// Name of the package in its registry.
    pub package: Spanned<String>,
    /// Whether it runs in browsers and apps.
    pub client: bool,
    /// Property paths that take a key, for example `apiConfig.apiKey`.
    pub key_properties: Vec<Spanned<String>>,
}

/// `[[rule]]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RawRule {
    /// Unique, `provider-thing` in kebab-case.
    pub id: Spanned<String>,
    /// What the key is called, one line.
    pub title: Spanned<String>,
    /// What its holder can do with it.
    pub description: Spanned<String>,
    /// Which side it may be on.
    pub class: KeyClass,
    /// How bad a leak is.
    pub severity: Severity,
    /// How bad it is in the history of a repository; as `severity` unless given. For keys that
    /// expire, of which an old commit holds old ones.
    pub severity_in_history: Option<Severity>,
    /// How sure a match is.
    pub confidence: Confidence,
    /// Literal text, one of which every match holds. Case matters.
    pub keywords: Vec<Spanned<String>>,
    /// A regular expression with a group `secret`, and a group `body` for its random part.
    pub pattern: Spanned<String>,
    /// Names of environment variables that hold such keys.
    #[serde(default)]
    pub env: Vec<Spanned<String>>,
    /// What a match must fulfil beyond the pattern.
    #[serde(default)]
    pub constraints: RawConstraints,
    /// What to do about a leak.
    pub remediation: RawRemediation,
    /// Text that must and must not be found.
    pub samples: RawSamples,
    /// How to ask the provider whether a key is live.
    pub verify: Option<RawVerify>,
}

/// `[rule.constraints]`
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct RawConstraints {
    /// The characters of the body, as in a character class: `A-Za-z0-9_-`. A match is a key only
    /// if the run of these characters ends with it.
    pub alphabet: Option<Spanned<String>>,
    /// Least length of the body in bytes.
    pub min_length: Option<Spanned<usize>>,
    /// Greatest length of the body in bytes.
    pub max_length: Option<Spanned<usize>>,
    /// Whether the body is generated at random; on unless switched off.
    pub random: Option<bool>,
    /// Whether a letter, digit or `_` right before the match makes it part of a word; on unless
    /// switched off.
    pub word_start: Option<bool>,
    /// Words which make a body a placeholder, on top of the general ones; case does not matter.
    pub placeholders: Vec<Spanned<String>>,
    /// Whole keys of the provider's documentation, as they are or as `sha256:` and 64
    /// hexadecimal digits.
    pub documented: Vec<Spanned<String>>,
}

/// `[rule.remediation]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RawRemediation {
    /// What to do, one sentence or two.
    pub summary: Spanned<String>,
    /// Where a key is revoked.
    pub url: Spanned<String>,
    /// How often the provider wants keys to be changed, in days.
    pub rotation_days: Option<Spanned<u32>>,
}

/// `[rule.samples]`: templates, see [`super::Template`].
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RawSamples {
    /// Each must give exactly one match of this rule.
    #[serde(rename = "match")]
    pub matching: Vec<Spanned<String>>,
    /// None may give any.
    #[serde(rename = "ignore")]
    pub ignored: Vec<Spanned<String>>,
}

/// `[rule.verify]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RawVerify {
    /// `GET` or `POST`.
    pub method: Spanned<String>,
    /// A literal https address on one of the provider's hosts.
    pub url: Spanned<String>,
    /// Header values; `{secret}` and `{param.NAME}` are filled in.
    #[serde(default)]
    pub headers: BTreeMap<String, Spanned<String>>,
    /// The request's body; `{param.NAME}` is filled in.
    pub body: Option<Spanned<String>>,
    /// Default values of parameters that the user may set.
    #[serde(default)]
    pub params: BTreeMap<String, String>,
    /// What the answers mean; the first that fits counts, none means unknown.
    #[serde(rename = "answer")]
    pub answers: Vec<RawAnswer>,
    /// What an answer tells of the key's account.
    #[serde(default)]
    pub account: RawAccount,
    /// Scopes that make a live key worse than others, and why, as a clause for people.
    #[serde(default)]
    pub alarms: BTreeMap<String, String>,
}

/// `[[rule.verify.answer]]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RawAnswer {
    /// HTTP status.
    pub status: Spanned<u16>,
    /// Headers and the values they must have, whatever the case; `*` is anything.
    #[serde(default)]
    pub headers: BTreeMap<Spanned<String>, String>,
    /// JSON pointers (RFC 6901) and the text that must stand there; `*` is anything. The empty
    /// pointer is the whole document. Without any, the body is not read.
    #[serde(default)]
    pub json: BTreeMap<Spanned<String>, String>,
    /// `live`, `dead` or `unknown`.
    pub verdict: Spanned<String>,
    /// Why, for people.
    pub reason: String,
}

/// `[rule.verify.account]`: each is `header:NAME` or `json:POINTER`, or several of them with spaces
/// between, of which the first counts that is there.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct RawAccount {
    /// The provider's own id of the key.
    pub id: Option<Spanned<String>>,
    /// The name its owner gave it.
    pub name: Option<Spanned<String>>,
    /// What it may do, separated by commas or as a JSON array.
    pub scopes: Option<Spanned<String>>,
}
