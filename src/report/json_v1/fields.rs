//! The fields of JSON reports, in their order.

use std::collections::BTreeMap;

use serde::Serialize;

/// The report of a scan.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "Document"))]
pub(in crate::report) struct JsonReport {
    pub(super) schema_version: u32,
    pub(super) tool: JsonTool,
    /// The scan.
    pub(in crate::report) scan: JsonScan,
    /// One finding per secret, with every location.
    pub(in crate::report) findings: Vec<JsonFinding>,
    /// Accepted findings.
    pub(super) suppressed: Vec<JsonSuppressed>,
}

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "Tool"))]
pub(super) struct JsonTool {
    pub(super) name: &'static str,
    pub(super) version: &'static str,
}

/// The scan: its extent and completeness.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "Scan"))]
pub(in crate::report) struct JsonScan {
    /// `complete`, or `incomplete` if not everything requested was read.
    pub(super) state: &'static str,
    /// `tree`, `stdin`, `history`, `range` or `staged`.
    pub(super) mode: &'static str,
    /// Files, standard input included.
    pub(super) files: u64,
    /// Contents of files in git.
    pub(super) blobs: u64,
    pub(super) commits: u64,
    /// Git objects that were not searched again, as the cache knows them to be clean.
    pub(super) known: u64,
    /// Bytes read; for git objects, their full sizes.
    pub(super) bytes: u64,
    /// Files that were deliberately not searched, or not all of them; the sum of `skips`.
    pub(super) skipped: u64,
    pub(super) skips: JsonSkips,
    pub(super) totals: JsonTotals,
    /// Accepted occurrences.
    pub(super) suppressed: u64,
    /// Findings left out by `--min-severity`.
    pub(super) below_severity: u64,
    /// Findings left out by `--only-live`.
    pub(super) not_live: u64,
    /// Requests to providers; null without verification.
    pub(super) verification: Option<JsonLedger>,
    pub(super) duration_ms: u64,
    pub(super) notices: Vec<JsonNotice>,
}

/// The numbers of the findings, as every format says them. A key counts once, however many findings and
/// occurrences it has.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "Totals"))]
pub(super) struct JsonTotals {
    pub(super) keys: u64,
    /// Places of keys.
    pub(super) places: u64,
    /// Keys that reach clients.
    pub(super) reach_clients: u64,
    /// Ways in which they do: findings of keys with a client kind.
    pub(super) ways: u64,
    /// Leaks to clients of what has a name only: variables, options, calls.
    pub(super) other_leaks: u64,
}

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "Skips"))]
pub(super) struct JsonSkips {
    /// Images, audio and video.
    pub(super) media: u64,
    /// Archives and other compressed files that are not opened. They are among `files` or `blobs`, too:
    /// their bytes were searched, what is compressed in them was not.
    pub(super) archives: u64,
    /// Pipes, sockets and devices.
    pub(super) special: u64,
    /// Symbolic links; their targets are searched where they are, if that is inside the tree.
    pub(super) links: u64,
    /// Files above `--max-file-size`.
    pub(super) large: u64,
    /// Files and folders that `--exclude` or `exclude` names.
    pub(super) excluded: u64,
}

/// Every request of a run. The answers' content is not included.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "Ledger"))]
pub(super) struct JsonLedger {
    /// True for a dry run: the requests would be sent.
    pub(super) dry_run: bool,
    /// The limit of requests.
    pub(super) budget: u64,
    /// The number of sent requests.
    pub(super) sent: u64,
    /// Ordered by finding and attempt.
    pub(super) requests: Vec<JsonRequest>,
}

/// One request; the secret in it is masked.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "Request"))]
pub(super) struct JsonRequest {
    pub(super) rule_id: String,
    pub(super) secret: JsonSecret,
    pub(super) method: &'static str,
    pub(super) url: String,
    pub(super) headers: BTreeMap<String, String>,
    pub(super) body: Option<String>,
    /// RFC 3339; null in a dry run.
    pub(super) sent_at: Option<String>,
    /// 1, or more for a retry.
    pub(super) attempt: u32,
    /// An HTTP status, or the failure; null in a dry run.
    pub(super) answer: Option<String>,
}

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "Notice"))]
pub(super) struct JsonNotice {
    pub(super) kind: &'static str,
    pub(super) path: Option<String>,
    pub(super) message: String,
    /// True if something was not read because of it.
    pub(super) incomplete: bool,
}

/// One secret, or one path by which it reaches a client.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "Record"))]
pub(in crate::report) struct JsonFinding {
    /// Stable: a keyed hash of rule and secret; without a secret, of rule and place, but not the line.
    pub(super) id: String,
    pub(super) rule_id: String,
    /// `secret`, or a kind of leak to the client: `client-secret-literal`, `client-secret-env` and
    /// others.
    pub(super) kind: &'static str,
    pub(super) title: String,
    pub(super) message: String,
    pub(super) severity: &'static str,
    pub(super) confidence: &'static str,
    pub(super) key_class: &'static str,
    /// Null if the secret is only referred to by name.
    pub(super) secret: Option<JsonSecret>,
    /// The key that the secret belongs to; only if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) pair: Option<JsonPair>,
    /// The subject if it is not a secret: a variable, `process.env`, a call.
    pub(super) about: Option<String>,
    pub(super) exposure: JsonExposure,
    pub(super) verification: JsonVerification,
    pub(super) remediation: JsonRemediation,
    /// True if it is in HEAD's tree; null if no history was read, or without a HEAD commit.
    pub(super) in_head: Option<bool>,
    /// The oldest commit with it; null if no history was read or no commit has it.
    pub(super) first_seen: Option<JsonFirstSeen>,
    /// The last commit that removed it; null if no history was read, a branch still has it, or no
    /// commit removed it.
    pub(super) removed_in: Option<JsonRemovedIn>,
    /// The branches whose trees have it, by name, and `worktrees/NAME/HEAD` where a linked checkout without
    /// a branch has it; empty if no history was read.
    pub(super) branches: Vec<String>,
    /// Whole days since it was first seen; null if unknown.
    pub(super) age_days: Option<u64>,
    /// True if it is past the provider's rotation period; null if there is none, or the age is
    /// unknown.
    pub(super) past_rotation: Option<bool>,
    pub(super) occurrences: Vec<JsonOccurrence>,
    /// Its acceptance by the scanned change itself, which does not count; null if there is none, or not at
    /// every place.
    pub(super) accepted_by_change: Option<JsonAcceptance>,
}

/// The acceptance of a finding.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "Acceptance"))]
pub(super) struct JsonAcceptance {
    /// `inline`, `ignore-file`, `baseline` or `config`.
    pub(super) kind: &'static str,
    /// The marker, or the file and its line or setting.
    pub(super) by: String,
    /// With the terms.
    pub(super) reason: String,
    /// The last day on which it counts, such as `2027-03-01`; null if it has no end.
    pub(super) until: Option<String>,
    /// The person or team that answers for it, if one is named.
    pub(super) owner: Option<String>,
}

/// The commit that introduced a secret. Keys in its texts are redacted.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "FirstSeen"))]
pub(super) struct JsonFirstSeen {
    /// Its id: 40 hexadecimal digits, or 64 in a repository that names objects by SHA-256.
    pub(super) commit: String,
    /// The file; empty if there is none.
    pub(super) path: String,
    pub(super) author: String,
    pub(super) email: String,
    /// The author's date: RFC 3339, in the author's time zone.
    pub(super) date: String,
    /// The first line of the message.
    pub(super) summary: String,
    /// True for a merge that introduced the secret itself: none of its parents has it.
    pub(super) merge: bool,
    /// True if history is cut off at this commit: the secret was introduced there or before, so that
    /// author, email and summary are empty.
    pub(super) boundary: bool,
    /// The author's name in the commit, if `.mailmap` of HEAD gives another one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) raw_author: Option<String>,
    /// The author's email in the commit, if `.mailmap` of HEAD gives another name or email.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) raw_email: Option<String>,
}

/// The commit that removed a secret. Keys in its texts are redacted.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "RemovedIn"))]
pub(super) struct JsonRemovedIn {
    /// Its id: 40 hexadecimal digits, or 64 in a repository that names objects by SHA-256.
    pub(super) commit: String,
    /// The author's date: RFC 3339, in the author's time zone.
    pub(super) date: String,
    pub(super) author: String,
    /// The first line of the message.
    pub(super) summary: String,
}

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "Secret"))]
pub(super) struct JsonSecret {
    pub(super) redacted: String,
    /// The SHA-256 of the secret, in hexadecimal.
    pub(super) sha256: String,
    /// The secret itself, only with `--show-secrets`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) raw: Option<String>,
}

/// The other key of a pair, such as the id of a secret.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "Pair"))]
pub(super) struct JsonPair {
    pub(super) rule_id: String,
    pub(super) redacted: String,
    /// The SHA-256 of the key, in hexadecimal.
    pub(super) sha256: String,
}

/// The side a secret is on.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "Exposure"))]
pub(super) struct JsonExposure {
    /// `client`, `server` or `unknown`.
    pub(super) verdict: &'static str,
    /// The framework whose rules decided this, for example `next`.
    pub(super) framework: Option<&'static str>,
    /// True if the client's build output (`--build`) holds the secret, false if one that is complete
    /// and newer than the code does not; null if there was none to ask.
    pub(super) confirmed: Option<bool>,
    /// The confidence that a client is reached: `high`, `medium` or `low`.
    pub(super) confidence: Option<&'static str>,
    /// The path to the client: the entry first, the leak last.
    pub(super) trace: Vec<JsonStep>,
    /// Places that explain it, such as a variable's declaration.
    pub(super) related: Vec<JsonStep>,
}

/// A step on the path to the client; line and column as in an occurrence.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "Step"))]
pub(super) struct JsonStep {
    pub(super) path: String,
    pub(super) line: u64,
    pub(super) column: u64,
    /// A few words for people.
    pub(super) note: String,
    /// `entry`, `import`, `flow`, `source` or `sink`.
    pub(super) kind: &'static str,
}

/// The liveness of the key.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "Verification"))]
pub(super) struct JsonVerification {
    /// `live`, `dead`, `unknown` if the answer does not decide, or `not-checked`.
    pub(super) status: &'static str,
    /// The reason; null without verification.
    pub(super) reason: Option<String>,
    /// RFC 3339.
    pub(super) checked_at: Option<String>,
    /// The account behind a live key.
    pub(super) account: Option<JsonAccount>,
}

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "Account"))]
pub(super) struct JsonAccount {
    /// The provider's id of the key.
    pub(super) id: Option<String>,
    /// The name given by its owner.
    pub(super) name: Option<String>,
    /// Its permissions.
    pub(super) scopes: Vec<String>,
}

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "Remediation"))]
pub(super) struct JsonRemediation {
    pub(super) summary: String,
    pub(super) url: String,
}

/// One place of a secret. Lines and columns are 1-based; columns count characters.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "Occurrence"))]
pub(super) struct JsonOccurrence {
    /// `tree`, `stdin`, `index`, `commit`, `commit-message`, `tag-message`, `note`, `stash`,
    /// `reflog`, `unreachable`, `git-config` or `git-file`.
    pub(super) source: &'static str,
    /// In git, relative to the top of the repository; for objects without a path, their name or id.
    pub(super) path: String,
    pub(super) start_line: u64,
    pub(super) start_column: u64,
    pub(super) end_line: u64,
    /// One past the secret's last column.
    pub(super) end_column: u64,
    /// The line, with every key in it redacted.
    pub(super) line: String,
    /// The commit of this version.
    pub(super) commit: Option<String>,
    /// The git object that was read.
    pub(super) blob: Option<String>,
    /// The encodings of the secret, from the outside in: `base64`, `hex`, `utf-16`, `escape`, `percent`,
    /// `html`, `quoted-printable`, `bytes`, `gzip`, `zlib`, `joined` (put together from pieces), `reversed`,
    /// `rot13`, `base32`, `archive`, `deflate`, `base85`, `uuencode`; empty for plain text.
    pub(super) encoding: Vec<&'static str>,
    /// The places of the pieces that a program puts the secret together from, in the order of the text; left
    /// out if it stands whole or has very many.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) pieces: Vec<JsonPiece>,
    /// The text in an archive, with the way to it: `a.zip!b/c.env`; lines and columns are its own. Null
    /// outside archives.
    pub(super) inside: Option<String>,
    /// The acceptance of this place by the scanned change itself, which does not count; null if there is
    /// none.
    pub(super) accepted_by_change: Option<JsonAcceptance>,
}

/// A piece of a secret; lines and columns as in an occurrence.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "Piece"))]
pub(super) struct JsonPiece {
    pub(super) start_line: u64,
    pub(super) start_column: u64,
    pub(super) end_line: u64,
    pub(super) end_column: u64,
}

/// An accepted occurrence.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "Suppressed"))]
pub(super) struct JsonSuppressed {
    pub(super) id: String,
    pub(super) rule_id: String,
    /// `inline`, `ignore-file`, `baseline` or `config`.
    pub(super) kind: &'static str,
    /// The marker, or the file and its line or setting.
    pub(super) by: String,
    /// With the terms.
    pub(super) reason: String,
    /// The last day on which it counts, such as `2027-03-01`; null if it has no end.
    pub(super) until: Option<String>,
    /// The person or team that answers for it, if one is named.
    pub(super) owner: Option<String>,
    /// True if only the scanned change itself accepts it, and may.
    pub(super) by_change: bool,
    /// As in an occurrence.
    pub(super) source: &'static str,
    pub(super) path: String,
    pub(super) start_line: u64,
    pub(super) start_column: u64,
    /// The commit of this version.
    pub(super) commit: Option<String>,
    /// The git object that was read.
    pub(super) blob: Option<String>,
}
