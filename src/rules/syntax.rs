//! The syntax of rule files: names and types only. Loading a [`super::Ruleset`] checks the values.
//! `build.rs` uses this file, too.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::spanned::Spanned;
use crate::model::{Confidence, KeyClass, Severity};

/// One rule file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RawRuleFile {
    /// The provider; built-in files have one.
    pub provider: Option<RawProvider>,
    /// Its kinds of keys.
    #[serde(default, rename = "rule")]
    pub rules: Vec<RawRule>,
}

/// `[provider]`
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RawProvider {
    /// Short name in kebab-case, for flags.
    pub id: Spanned<String>,
    /// Name for people.
    pub name: Spanned<String>,
    /// Its documentation of keys.
    pub url: Spanned<String>,
    /// Hosts of its API.
    #[serde(default)]
    pub hosts: Vec<Spanned<String>>,
    /// Words that mark the names of its variables, such as `ACME`; by default the id in upper case.
    pub words: Option<Vec<Spanned<String>>>,
    /// API paths that only servers may call, for example to exchange a secret for a token.
    #[serde(default)]
    pub server_paths: Vec<Spanned<String>>,
    /// Its client libraries.
    #[serde(default)]
    pub sdk: Vec<RawSdk>,
}

/// `[[provider.sdk]]`
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RawSdk {
    /// The package's name in its registry.
    pub package: Spanned<String>,
    /// True if it runs in browsers and apps.
    pub client: bool,
    /// True if it runs nowhere else, so that any code that uses it is a client's.
    pub client_only: Option<Spanned<bool>>,
    /// Where it takes a key: `createClient(1)`, `new Acme({apiKey})`, `<Acme apiKey>`, or the path of
    /// a property of any of these, `apiConfig.apiKey`.
    pub key_properties: Vec<Spanned<String>>,
    /// The option that lets a package for servers run in browsers: with it, any key that the package
    /// is given there leaks.
    pub browser_switch: Option<Spanned<String>>,
}

/// `[[rule]]`: a user's rule needs an id and a pattern; a built-in one has everything up to `samples`.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RawRule {
    /// Unique id in kebab-case: `provider-thing`.
    pub id: Spanned<String>,
    /// The key's name for people, one line; by default made of the id.
    pub title: Option<Spanned<String>>,
    /// The access it gives.
    pub description: Option<Spanned<String>>,
    /// The side it may be on; by default `secret`.
    pub class: Option<KeyClass>,
    /// The severity of a leak; by default `error`.
    pub severity: Option<Severity>,
    /// The severity in history; by default `severity`. For keys that expire, as those in old commits
    /// have expired.
    pub severity_in_history: Option<Severity>,
    /// The confidence in a match; by default `medium`.
    pub confidence: Option<Confidence>,
    /// True for a rule that is off unless it is asked for, as its facts are not sure enough.
    #[serde(default)]
    pub experimental: bool,
    /// True for an identifier that is looked for only beside keys that belong to it.
    #[serde(default)]
    pub only_paired: bool,
    /// True for a rule that no provider is behind: any other rule that matches the same text says more.
    #[serde(default)]
    pub generic: bool,
    /// Literal texts of which every match contains one. Case matters. By default those that the
    /// pattern spells out.
    #[serde(default)]
    pub keywords: Vec<Spanned<String>>,
    /// A regular expression with a group `secret`, by default the whole match. A group `body` is its
    /// random part, `checksum` its checksum and `checked` what that sums, by default all of the
    /// key before it; `encoded` is what `[rule.decoded]` decodes.
    pub pattern: Option<Spanned<String>>,
    /// Instead of a pattern, the marks around keys of many lines.
    pub block: Option<RawBlock>,
    /// Environment variables that hold such keys.
    #[serde(default)]
    pub env: Vec<Spanned<String>>,
    /// Conditions on a match beyond the pattern.
    #[serde(default)]
    pub constraints: RawConstraints,
    /// The checksum that such keys have.
    pub checksum: Option<RawChecksum>,
    /// A condition on such keys when they are decoded.
    pub decoded: Option<RawDecoded>,
    /// Words near such keys. If the pattern spells out no text, a key is a value that is assigned to
    /// something, all of which matches, near one of the words.
    pub nearby: Option<RawNearby>,
    /// A key of another rule that belongs to such keys: both are one finding. If the pattern spells out
    /// no text, it does what a word nearby does.
    pub pair: Option<RawPair>,
    /// The only place of such keys.
    pub place: Option<RawPlace>,
    /// The remedy for a leak.
    pub remediation: Option<RawRemediation>,
    /// Texts that must and must not match.
    pub samples: Option<RawSamples>,
    /// The request that tells whether a key is live.
    pub verify: Option<RawVerify>,
}

/// `[rule.block]`: keys of many lines between two marks, such as private keys in PEM.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RawBlock {
    /// Texts that such a key begins with: `-----BEGIN PRIVATE KEY-----`.
    pub begin: Vec<String>,
    /// The text that it ends with, by default the one that it begins with, with END for BEGIN.
    pub end: Option<String>,
    /// Its content: `private-key` (PEM, OpenSSH, PGP, PuTTY) or `base64`.
    pub form: Spanned<String>,
    /// True if the rule is for private keys that a passphrase opens, by default for those that need
    /// none.
    pub encrypted: Option<bool>,
}

/// `[rule.decoded]`: a condition on the key's group `encoded`, by default all of it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RawDecoded {
    /// The encoding: `base64` (in either alphabet), `base58`, `base32`, `hex`, or `jwt` for the payload
    /// of a JSON Web Token.
    pub form: Spanned<String>,
    /// A regular expression that the decoded bytes must match somewhere.
    pub matches: Option<String>,
    /// JSON pointers (RFC 6901) and the texts there, in which `*` is any text. Of a list, one entry
    /// must fit.
    #[serde(default)]
    pub json: BTreeMap<String, String>,
    /// JSON pointer to the end of the key's life, in seconds since 1970. A leak of a key that has
    /// expired is a note.
    pub expires: Option<String>,
}

/// `[rule.nearby]`
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RawNearby {
    /// Words of which one must be near, in lower case and with `_` between their parts: `acme_api` is
    /// in `ACME_API_KEY`, `acmeApiKey` and `acme-api-key`.
    #[serde(default)]
    pub words: Vec<Spanned<String>>,
    /// Words of which none may be near.
    #[serde(default)]
    pub not_words: Vec<Spanned<String>>,
    /// The distance in bytes, by default 60: before a value that is found by its name, else on
    /// either side of a key.
    pub within: Option<Spanned<usize>>,
    /// The distance in lines, on either side; then the distance in bytes does not count.
    pub within_lines: Option<Spanned<usize>>,
    /// True if a word anywhere in the text will do; for keys without a text of their own.
    pub anywhere: Option<Spanned<bool>>,
}

/// `[rule.pair]`
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RawPair {
    /// The other rule's id.
    pub with: Spanned<String>,
    /// Further rules, whose keys do as well.
    #[serde(default)]
    pub or_with: Vec<Spanned<String>>,
    /// The distance in lines, by default 5, on either side.
    pub lines: Option<Spanned<usize>>,
    /// False if the other key alone does not tell a value of this form to be a key; it does by default
    /// if the pattern spells out no text.
    pub tells: Option<Spanned<bool>>,
}

/// `[rule.place]`
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RawPlace {
    /// Path patterns in the syntax of `.gitignore`, which match from any folder on.
    pub files: Option<Spanned<Vec<String>>>,
    /// A JSON pointer (RFC 6901) to the text with the key; `*` is any name or index.
    pub json: Option<String>,
    /// Further pointers, of which any will do.
    #[serde(default)]
    pub or_json: Vec<String>,
}

/// `[rule.checksum]`
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RawChecksum {
    /// Its name, see [`super::Checksum`].
    pub kind: Spanned<String>,
    /// The seeds of a `marvin32-his`, of which any may have been used: texts of eight characters.
    #[serde(default)]
    pub seeds: Vec<String>,
}

/// `[rule.constraints]`
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct RawConstraints {
    /// The characters of the body, as in a character class: `A-Za-z0-9_-`. A match followed by more of
    /// them is not a key.
    pub alphabet: Option<Spanned<String>>,
    /// Least length of the body in bytes.
    pub min_length: Option<Spanned<usize>>,
    /// Greatest length of the body in bytes.
    pub max_length: Option<Spanned<usize>>,
    /// True if the body is generated at random; the default.
    pub random: Option<bool>,
    /// True if a match right after a letter, digit or `_` is part of a word; the default.
    pub word_start: Option<bool>,
    /// Words that make a body a placeholder, besides the general ones; case does not matter.
    pub placeholders: Vec<Spanned<String>>,
    /// Whole keys in the provider's documentation, literally or as `sha256:` and 64 hexadecimal
    /// digits.
    pub documented: Vec<Spanned<String>>,
    /// Regular expressions over a key: one that an expression matches is accepted everywhere.
    pub allowed: Vec<Spanned<String>>,
}

/// `[rule.remediation]`
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RawRemediation {
    /// The advice, one sentence or two.
    pub summary: Spanned<String>,
    /// The page to revoke a key.
    pub url: Spanned<String>,
    /// The provider's rotation period, in days.
    pub rotation_days: Option<Spanned<u32>>,
}

/// `[rule.samples]`: templates, see [`super::Template`].
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RawSamples {
    /// Texts with exactly one match each of this rule.
    #[serde(rename = "match")]
    pub matching: Vec<Spanned<String>>,
    /// Texts without a match.
    #[serde(rename = "ignore")]
    pub ignored: Vec<Spanned<String>>,
}

/// `[rule.verify]`
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RawVerify {
    /// `GET` or `POST`.
    pub method: Spanned<String>,
    /// An https address on one of the provider's hosts. `{secret}` and `{pair}` may be part of its path or
    /// query, and `{pair}` of its host if that ends with one of `host_suffixes`.
    pub url: Spanned<String>,
    /// Ends of the host, such as `.acme.com`, if `{pair}` is in its first label, which stands before them.
    #[serde(default)]
    pub host_suffixes: Vec<Spanned<String>>,
    /// The scheme that signs the request: `aws-sigv4`.
    pub sign: Option<Spanned<String>>,
    /// Further hosts, of other regions or editions: each is asked in turn until one says that the key
    /// is live.
    #[serde(default)]
    pub hosts: Vec<Spanned<String>>,
    /// Header values; `{secret}`, `{pair}`, `{param.NAME}` and `{base64:…}` of them are filled in.
    #[serde(default)]
    pub headers: BTreeMap<String, Spanned<String>>,
    /// The request's body; the same is filled in, as its `Content-Type` demands: JSON or a form.
    pub body: Option<Spanned<String>>,
    /// Default values of parameters that the user may set.
    #[serde(default)]
    pub params: BTreeMap<String, String>,
    /// The documented answers. The first that matches counts; none means unknown.
    #[serde(rename = "answer")]
    pub answers: Vec<RawAnswer>,
    /// Sources of the key's account in an answer.
    #[serde(default)]
    pub account: RawAccount,
    /// Scopes that make a live key worse than others, and why, as a clause for people.
    #[serde(default)]
    pub alarms: BTreeMap<String, String>,
}

/// `[[rule.verify.answer]]`
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RawAnswer {
    /// HTTP status.
    pub status: Spanned<u16>,
    /// Headers and their required values, ignoring case; `*` is anything.
    #[serde(default)]
    pub headers: BTreeMap<Spanned<String>, String>,
    /// JSON pointers (RFC 6901) and the required text there; `*` is anything. The empty pointer is the
    /// whole document. Without pointers, the body is not read.
    #[serde(default)]
    pub json: BTreeMap<Spanned<String>, String>,
    /// `live`, `dead` or `unknown`.
    pub verdict: Spanned<String>,
    /// The reason, for people.
    pub reason: String,
}

/// `[rule.verify.account]`: each value is `header:NAME` or `json:POINTER`, or several of them
/// separated by spaces, of which the first present one counts.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct RawAccount {
    /// The provider's id of the key.
    pub id: Option<Spanned<String>>,
    /// The name given by its owner.
    pub name: Option<Spanned<String>>,
    /// Its permissions, separated by commas or as a JSON array.
    pub scopes: Option<Spanned<String>>,
}
