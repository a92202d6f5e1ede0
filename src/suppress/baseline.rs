//! The baseline: known and accepted findings, such as those of a code base that starts to use
//! keyside.
//!
//! ```toml
//! version = 1
//!
//! finding = [
//!   { id = "ks1:00112233445566778899", rule = "magicx-secret-key", kind = "secret", path = "server/.env", added = 2026-11-26, reason = "rotated" },
//! ]
//! ```
//!
//! Each finding is one line, so that git can merge what two branches have accepted; a table
//! `[[finding]]` is read, too.
//!
//! It contains ids and facts for reviewers, but no part of a secret. Only the id is required. The
//! kind limits the acceptance: a known secret that starts to reach clients is of a greater kind, and
//! is reported.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt;

use serde::Deserialize;
use thiserror::Error;
use toml::Spanned;
use toml::value::{Date, Datetime};

use crate::model::{DEFAULT_SALT, FindingKind, Fingerprint, Suppression, Time};

/// The default name of the file.
pub const BASELINE_NAME: &str = "keyside-baseline.toml";

/// The version of the file format.
const VERSION: i64 = 1;

const HEAD: &str = "\
# Known and accepted findings, written by `keyside baseline write`. Reasons are yours to
# write and are kept; comments are not. Where branches meet, keep the lines of both.
";

/// An error in a baseline.
#[derive(Debug, Error)]
#[error("{file}:{line}: {message}")]
pub struct BaselineError {
    /// The file's name for the user.
    pub file: String,
    /// 1-based line.
    pub line: usize,
    /// The fault and its remedy.
    pub message: String,
}

/// Accepted findings by their ids.
#[derive(Debug, Clone, Default)]
pub struct Baseline {
    name: String,
    salt: Option<String>,
    /// True if it covers everything a repository stores, not only a tree.
    pub of_history: bool,
    entries: BTreeMap<Fingerprint, BaselineEntry>,
    /// The line of each id.
    lines: BTreeMap<Fingerprint, usize>,
}

/// A baseline's entry for an id.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BaselineEntry {
    /// The rule that found it.
    pub rule_id: Option<String>,
    /// The greatest accepted kind of finding; any if `None`.
    pub kind: Option<FindingKind>,
    /// Its path when the baseline was written, relative to the scanned root.
    pub path: Option<String>,
    /// The day of its acceptance.
    pub added: Option<Date>,
    /// The reason; empty if there is none.
    pub reason: String,
}

impl BaselineEntry {
    /// Adds what another entry of the same id accepts and says.
    fn join(&mut self, other: Self) {
        let Self { rule_id, kind, path, added, reason } = other;
        // Without a kind, each is accepted.
        self.kind = self.kind.zip(kind).map(|(one, another)| one.max(another));
        self.rule_id = self.rule_id.take().or(rule_id);
        self.path = self.path.take().or(path);
        self.added = match (self.added, added) {
            (Some(one), Some(another)) => Some(one.min(another)),
            (one, another) => one.or(another),
        };
        if self.reason.is_empty() || reason.contains(&self.reason) {
            self.reason = reason;
        } else if !self.reason.contains(&reason) {
            self.reason = format!("{}; {reason}", self.reason);
        }
    }
}

/// The file as written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawBaseline {
    #[expect(dead_code, reason = "checked before, and no other key may be unknown")]
    version: i64,
    salt: Option<String>,
    #[serde(default)]
    history: bool,
    #[serde(default, rename = "finding")]
    findings: Vec<RawBaselineEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawBaselineEntry {
    id: Spanned<String>,
    rule: Option<String>,
    kind: Option<Spanned<String>>,
    path: Option<String>,
    added: Option<Spanned<Datetime>>,
    #[serde(default)]
    reason: String,
}

/// One finding on a line of its own.
#[derive(Deserialize)]
struct RawBaselineLine {
    finding: RawBaselineEntry,
}

/// The lines of a file that a merge has put together: `merge=union` and keeping both sides leave
/// each finding whole, but may repeat what stands around them.
struct MergedLines {
    /// The findings that have a line of their own, with their offsets.
    entries: Vec<(usize, String)>,
    /// The other lines; those of the findings, and repeated ones, are empty.
    rest: String,
}

impl MergedLines {
    fn of(text: &str) -> Self {
        let (mut entries, mut rest) = (Vec::new(), String::new());
        let mut seen = Vec::new();
        let mut start = 0;
        for line in text.split_inclusive('\n') {
            let own = line.trim();
            let entry = own.strip_suffix(',').unwrap_or(own);
            let is_setting = ["version", "salt", "history"].iter().any(|key| {
                own.strip_prefix(key).is_some_and(|rest| rest.trim_start().starts_with('='))
            });
            let is_entry = entry.starts_with('{') && entry.ends_with('}');
            if is_entry {
                entries.push((start, entry.to_owned()));
            }
            if is_entry || is_frame(own) || is_setting && seen.contains(&own) {
                // Offsets stay the same.
                let blank =
                    |c: char| if c == '\n' { "\n".to_owned() } else { " ".repeat(c.len_utf8()) };
                rest.extend(line.chars().map(blank));
            } else {
                rest.push_str(line);
            }
            if is_setting {
                seen.push(own);
            }
            start += line.len();
        }
        Self { entries, rest }
    }
}

/// True for the lines around the findings.
fn is_frame(line: &str) -> bool {
    let without_spaces: String = line.chars().filter(|c| !c.is_whitespace()).collect();
    ["finding=[", "finding=[]", "]"].contains(&&*without_spaces)
}

/// The part that all versions share: in another version, everything else may differ.
#[derive(Deserialize)]
struct VersionHeader {
    version: Option<Spanned<i64>>,
}

impl Baseline {
    /// An empty baseline called `name`.
    pub fn empty(name: &str) -> Self {
        Self { name: name.to_owned(), ..Self::default() }
    }

    /// Reads the text of the baseline `name`.
    ///
    /// # Errors
    /// The first syntax error, or an unknown version.
    pub fn parse(name: &str, text: &str) -> Result<Self, BaselineError> {
        let fault = |offset: usize, message: String| {
            let before = text.as_bytes().get(..offset).unwrap_or_default();
            BaselineError { file: name.to_owned(), line: line_of(before), message }
        };
        let syntax = |error: &toml::de::Error| {
            let offset = error.span().map_or(0, |span| span.start);
            fault(offset, error.message().replace('\n', "; "))
        };
        if looks_like_json(text) {
            return Err(fault(0, OF_OTHERS.to_owned()));
        }
        // Only what a merge has put together is not TOML.
        let merged = match toml::from_str::<toml::Table>(text) {
            Ok(_) => MergedLines { entries: Vec::new(), rest: text.to_owned() },
            Err(_) => MergedLines::of(text),
        };
        let head: VersionHeader = toml::from_str(&merged.rest).map_err(|error| syntax(&error))?;
        let Some(version) = head.version else {
            return Err(fault(0, "not a keyside baseline: it has no `version`".to_owned()));
        };
        if *version.get_ref() != VERSION {
            let message = format!(
                "unknown baseline version {}; this keyside knows version {VERSION}",
                version.get_ref()
            );
            return Err(fault(version.span().start, message));
        }
        let written: RawBaseline = toml::from_str(&merged.rest).map_err(|error| syntax(&error))?;
        let mut baseline =
            Self { salt: written.salt, of_history: written.history, ..Self::empty(name) };
        for own in written.findings {
            baseline.read(own, &fault)?;
        }
        for (start, line) in merged.entries {
            let on_line = |_: usize, message: String| fault(start, message);
            let own = toml::from_str::<RawBaselineLine>(&format!("finding = {line}"))
                .map_err(|error| on_line(0, error.message().replace('\n', "; ")))?;
            baseline.read(own.finding, &on_line)?;
        }
        Ok(baseline)
    }

    /// Reads one finding.
    fn read(
        &mut self,
        own: RawBaselineEntry,
        fault: &dyn Fn(usize, String) -> BaselineError,
    ) -> Result<(), BaselineError> {
        let start = own.id.span().start;
        let id: Fingerprint = (own.id.get_ref().parse())
            .map_err(|error| fault(start, format!("`{}`: {error}", own.id.get_ref())))?;
        let kind = own.kind.map(|kind| {
            FindingKind::by_name(kind.get_ref()).ok_or_else(|| {
                let message = format!("unknown kind of finding `{}`", kind.get_ref());
                fault(kind.span().start, message)
            })
        });
        let added = own.added.map(|added| match *added.get_ref() {
            Datetime { date: Some(date), time: None, offset: None } => Ok(date),
            _ => Err(fault(
                added.span().start,
                "`added` must be a day such as 2026-11-26".to_owned(),
            )),
        });
        let entry = BaselineEntry {
            rule_id: own.rule,
            kind: kind.transpose()?,
            path: own.path,
            added: added.transpose()?,
            reason: own.reason,
        };
        // The fault is only made for its line.
        self.lines.entry(id).or_insert(fault(start, String::new()).line);
        match self.entries.entry(id) {
            Entry::Vacant(place) => {
                place.insert(entry);
            }
            Entry::Occupied(mut first) => first.get_mut().join(entry),
        }
        Ok(())
    }

    /// The file's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The salt of its ids; `None` while it has no ids.
    pub fn salt(&self) -> Option<&str> {
        let of_ids = (!self.entries.is_empty()).then_some(DEFAULT_SALT);
        self.salt.as_deref().or(of_ids)
    }

    /// Sets the salt of its ids.
    pub fn set_salt(&mut self, salt: &str) {
        self.salt = (salt != DEFAULT_SALT).then(|| salt.to_owned());
    }

    /// The suppression of the finding `id`, unless it is worse than the accepted one.
    pub fn by_id(&self, id: Fingerprint, kind: FindingKind) -> Option<Suppression> {
        let entry = self.entries.get(&id)?;
        if entry.kind.is_some_and(|accepted| kind > accepted) {
            return None;
        }
        let line = self.lines.get(&id).copied().unwrap_or(1);
        let place = format!("{}:{line}", self.name);
        Some(Suppression::Baseline { place, reason: entry.reason.clone() })
    }

    /// The entries, ordered by path.
    pub fn entries(&self) -> Vec<(Fingerprint, &BaselineEntry)> {
        let mut entries: Vec<_> = self.entries.iter().map(|(id, entry)| (*id, entry)).collect();
        // The ids are already ordered, and the sort is stable.
        entries.sort_by_key(|(_, own)| (&own.path, &own.rule_id, own.kind));
        entries
    }

    /// Accepts `id`; an existing entry keeps its day and reason. Returns `true` if it is new.
    pub fn accept(&mut self, id: Fingerprint, entry: BaselineEntry) -> bool {
        let old = self.entries.remove(&id);
        let is_new = old.is_none();
        let entry = match old {
            Some(BaselineEntry { added, reason, .. }) => BaselineEntry { added, reason, ..entry },
            None => entry,
        };
        self.entries.insert(id, entry);
        is_new
    }

    /// Removes `id`.
    pub fn remove(&mut self, id: Fingerprint) {
        self.entries.remove(&id);
    }

    /// Applies `change` to every text except ids.
    pub fn change_texts(&mut self, change: impl Fn(&str) -> String) {
        for entry in self.entries.values_mut() {
            entry.reason = change(&entry.reason);
            for text in entry.rule_id.iter_mut().chain(&mut entry.path) {
                *text = change(text);
            }
        }
    }
}

/// The day of a time, in the form of a baseline.
pub fn day(time: Time) -> Option<Date> {
    let day: Datetime = time.to_string().get(..10)?.parse().ok()?;
    day.date
}

/// Formats the file; the same entries give the same text in any order.
impl fmt::Display for Baseline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{HEAD}version = {VERSION}")?;
        if let Some(salt) = &self.salt {
            writeln!(f, "salt = {}", quoted(salt))?;
        }
        if self.of_history {
            writeln!(f, "history = true")?;
        }
        writeln!(f, "\nfinding = [")?;
        for (id, entry) in self.entries() {
            write!(f, "  {{ id = \"{id}\"")?;
            if let Some(rule) = &entry.rule_id {
                write!(f, ", rule = {}", quoted(rule))?;
            }
            if let Some(kind) = entry.kind {
                write!(f, ", kind = \"{}\"", kind.name())?;
            }
            if let Some(path) = &entry.path {
                write!(f, ", path = {}", quoted(path))?;
            }
            if let Some(added) = &entry.added {
                write!(f, ", added = {added}")?;
            }
            writeln!(f, ", reason = {} }},", quoted(&entry.reason))?;
        }
        writeln!(f, "]")
    }
}

/// A text as TOML, on one line.
fn quoted(text: &str) -> String {
    let mut quoted = "\"".to_owned();
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '\n' => quoted.push_str("\\n"),
            c if c.is_control() => quoted.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => quoted.push(c),
        }
    }
    quoted + "\""
}

const OF_OTHERS: &str = "this is JSON, not a keyside baseline; `keyside import FILE` converts \
                         those of gitleaks and detect-secrets";

/// True for a baseline of another tool. TOML never begins with an inline list or table.
fn looks_like_json(text: &str) -> bool {
    let mut text = text.trim_start_matches('\u{feff}').trim_start().chars();
    match text.next() {
        Some('{') => true,
        Some('[') => matches!(text.find(|c| !c.is_whitespace()), Some('{' | ']')),
        _ => false,
    }
}

fn line_of(before: &[u8]) -> usize {
    1 + before.iter().filter(|&&byte| byte == b'\n').count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::LeakKind;

    const A: &str = "ks1:00112233445566778899";
    const B: &str = "ks1:11112233445566778899";

    fn parse(text: &str) -> Result<Baseline, BaselineError> {
        Baseline::parse("b.toml", text)
    }

    fn id(text: &str) -> Fingerprint {
        text.parse().unwrap()
    }

    #[test]
    fn an_id_is_all_that_is_needed() {
        let file = parse(&format!("version = 1\n[[finding]]\nid = '{A}'\n")).unwrap();
        let by = file.by_id(id(A), FindingKind::Leak(LeakKind::SdkSecretKey)).unwrap();
        assert_eq!((by.kind(), by.place(), by.reason()), ("baseline", "b.toml:3", ""));
        assert_eq!(file.by_id(id(B), FindingKind::Secret), None);
    }

    #[test]
    fn what_is_worse_than_what_was_accepted_is_not_accepted() {
        let text = format!("version = 1\n[[finding]]\nkind = 'client-secret-env'\nid = '{A}'");
        let file = parse(&text).unwrap();
        for (kind, is_accepted) in [
            (FindingKind::Secret, true),
            (FindingKind::Leak(LeakKind::ClientServerEnvRead), true),
            (FindingKind::Leak(LeakKind::ClientSecretEnv), true),
            (FindingKind::Leak(LeakKind::ClientSecretLiteral), false),
            (FindingKind::Leak(LeakKind::SdkSecretKey), false),
        ] {
            assert_eq!(file.by_id(id(A), kind).is_some(), is_accepted, "{kind:?}");
        }
    }

    #[test]
    fn what_is_written_reads_back_in_one_order() {
        let day = day(Time { seconds: 1_795_339_800, offset: 0 });
        let entry = |path: &str, reason: &str| BaselineEntry {
            rule_id: Some("a-key".to_owned()),
            kind: Some(FindingKind::Secret),
            path: Some(path.to_owned()),
            added: day,
            reason: reason.to_owned(),
        };
        let parts = [
            (id(A), entry("b\"'\\.txt", "two\nlines '''and\"\"\" more\u{1}\r\n#")),
            (id(B), entry("a.txt", "")),
            (id("ks1:22112233445566778899"), BaselineEntry::default()),
        ];
        let mut texts = Vec::new();
        for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0]] {
            let mut file = Baseline::empty("b.toml");
            file.set_salt("our \"own\"");
            file.of_history = true;
            for part in order.map(|nth| parts[nth].clone()) {
                assert!(file.accept(part.0, part.1));
            }
            texts.push(file.to_string());
        }
        assert!(texts.iter().all(|text| *text == texts[0]));
        let read = parse(&texts[0]).unwrap();
        assert_eq!(read.to_string(), texts[0]);
        assert_eq!((read.salt(), read.of_history), (Some("our \"own\""), true));
        let entries: Vec<_> =
            read.entries().into_iter().map(|(id, own)| (id, own.clone())).collect();
        assert_eq!(entries, [parts[2].clone(), parts[1].clone(), parts[0].clone()]);
        let line = format!(
            "\n  {{ id = \"{B}\", rule = \"a-key\", kind = \"secret\", path = \"a.txt\", \
             added = 2026-11-22, reason = \"\" }},\n"
        );
        assert!(texts[0].contains(&line), "{}", texts[0]);
        assert_eq!(texts[0].lines().count(), 11, "{}", texts[0]);
    }

    #[test]
    fn day_and_reason_stay_when_an_id_is_accepted_again() {
        let text =
            format!("version = 1\n[[finding]]\nid = '{A}'\nadded = 2020-02-29\nreason = 'r'");
        let mut file = parse(&text).unwrap();
        let now = BaselineEntry {
            path: Some("new".to_owned()),
            added: day(Time { seconds: 0, offset: 0 }),
            reason: "other".to_owned(),
            ..BaselineEntry::default()
        };
        assert!(!file.accept(id(A), now.clone()));
        assert!(file.accept(id(B), now));
        let text = file.to_string();
        assert!(text.contains("path = \"new\", added = 2020-02-29, reason = \"r\" }"), "{text}");
        assert!(
            text.contains("path = \"new\", added = 1970-01-01, reason = \"other\" }"),
            "{text}"
        );
    }

    #[test]
    fn ids_are_of_the_default_salt_unless_it_says_another() {
        let ids = format!("[[finding]]\nid = '{A}'");
        assert_eq!(parse("version = 1").unwrap().salt(), None);
        assert_eq!(parse("version = 1\nsalt = 'x'").unwrap().salt(), Some("x"));
        assert_eq!(parse(&format!("version = 1\n{ids}")).unwrap().salt(), Some(DEFAULT_SALT));
        assert_eq!(parse(&format!("version = 1\nsalt = 'x'\n{ids}")).unwrap().salt(), Some("x"));
    }

    /// The text of a baseline with a finding for each id and reason.
    fn written(entries: &[(&str, &str)]) -> String {
        let mut file = Baseline::empty("b.toml");
        for (own, reason) in entries {
            let entry = BaselineEntry { reason: (*reason).to_owned(), ..BaselineEntry::default() };
            file.accept(id(own), entry);
        }
        file.to_string()
    }

    fn reasons(file: &Baseline) -> Vec<(String, &str)> {
        let entries = file.entries().into_iter();
        entries.map(|(id, own)| (id.to_string(), own.reason.as_str())).collect()
    }

    #[test]
    fn what_a_merge_puts_together_is_one_baseline() {
        let (one, other) = (written(&[(A, "because of x")]), written(&[(A, "y"), (B, "y")]));
        let (head, tail) = other.split_at(other.find("  {").unwrap());
        let line = one.lines().find(|line| line.starts_with("  {")).unwrap();
        for text in [
            // Both sides of one conflict, of two files, and in another order.
            format!("{head}{line}\n{tail}"),
            format!("{one}{other}"),
            format!("{one}{other}{one}"),
            one.clone() + &tail.replace(']', ""),
        ] {
            let file = parse(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
            let expected = [(A.to_owned(), "because of x; y"), (B.to_owned(), "y")];
            let found = reasons(&file);
            assert!(found[0].1.contains("because of x") && found[0].1.contains('y'), "{found:?}");
            assert_eq!((found.len(), &found[1]), (2, &expected[1]), "{text}");
            assert_eq!(parse(&file.to_string()).unwrap().to_string(), file.to_string());
        }
        // An old file and a new one.
        let old = format!("[[finding]]\nid = '{B}'\nreason = 'old'\n");
        let file = parse(&format!("{one}\n{old}")).unwrap();
        assert_eq!(reasons(&file), [(A.to_owned(), "because of x"), (B.to_owned(), "old")]);
        assert_eq!(file.by_id(id(B), FindingKind::Secret).unwrap().place(), "b.toml:10");
        for (text, message) in [
            (format!("{one}version = 2\n"), "b.toml:8: duplicate key"),
            (format!("{one}{{ id = '{B}', line = 3 }},\n"), "b.toml:8: unknown field `line`"),
            (format!("{one}=======\n{other}"), "b.toml:8: "),
        ] {
            let error = parse(&text).unwrap_err().to_string();
            assert!(error.starts_with(message), "{text}\n{error}");
        }
    }

    #[test]
    fn equal_ids_accept_what_each_accepts() {
        let entry = |more: &str| format!("[[finding]]\nid = '{A}'\n{more}\n");
        let kind = |texts: [&str; 2]| {
            let text = format!("version = 1\n{}{}", entry(texts[0]), entry(texts[1]));
            let file = parse(&text).unwrap();
            file.entries()[0].1.kind
        };
        let (plain, leak) = ("kind = 'secret'", "kind = 'client-secret-literal'");
        let literal = Some(FindingKind::Leak(LeakKind::ClientSecretLiteral));
        assert_eq!(kind([plain, leak]), literal);
        assert_eq!(kind([leak, plain]), literal);
        assert_eq!(kind([plain, ""]), None);
    }

    #[test]
    fn faults_name_their_line() {
        let with = |line: &str| format!("version = 1\n[[finding]]\nid = '{A}'\n{line}\n");
        for (text, message) in [
            (String::new(), "b.toml:1: not a keyside baseline"),
            ("salt = 'x'".to_owned(), "b.toml:1: not a keyside baseline"),
            ("\nversion = 2\nnew = 1".to_owned(), "b.toml:2: unknown baseline version 2"),
            ("version = '1'".to_owned(), "b.toml:1: "),
            ("version = 1\n\nsalts = ''".to_owned(), "b.toml:3: unknown field `salts`"),
            ("version = 1\n<<<<<<< HEAD".to_owned(), "b.toml:2: "),
            ("version = 1\n[[finding]]\nrule = 'x'".to_owned(), "b.toml:2: missing field `id`"),
            (
                "version = 1\n[[finding]]\nid = 'ks1:0'".to_owned(),
                "b.toml:3: `ks1:0`: a finding id",
            ),
            (with("kind = 'no'"), "b.toml:4: unknown kind of finding `no`"),
            (with("added = 'x'"), "b.toml:4: "),
            (with("added = 2026-02-30"), "b.toml:4: "),
            (with("added = 2026-02-03T01:02:03Z"), "b.toml:4: `added` must be a day"),
            (with("line = 3"), "b.toml:4: unknown field `line`"),
            (" [\n{\"Fingerprint\": \"x\"}]".to_owned(), "b.toml:1: this is JSON"),
            ("[]".to_owned(), "b.toml:1: this is JSON"),
            ("{\"version\": \"1.5.0\"}".to_owned(), "b.toml:1: this is JSON"),
        ] {
            let error = parse(&text).unwrap_err().to_string();
            assert!(error.starts_with(message), "{text}\n{error}");
        }
    }
}
