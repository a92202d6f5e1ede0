//! `.keysideignore`: accepted findings, one per line with its reason, and path patterns.
//!
//! ```text
//! # a comment
//! salt any words of the project's own
//! ks1:00112233445566778899 rotated on 2026-11-01
//! ks1:11112233445566778899/secret until=2027-03-01 owner=@team only the server has it
//! tests/fixtures/ # made-up keys
//! ```

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use thiserror::Error;

use super::paths::{PathPatterns, PatternError, real};
use super::windows_paths::with_slashes;
use crate::model::{Day, FindingKind, Fingerprint, IdScope, Suppression, Terms};

/// The file's name.
pub const FILE_NAME: &str = ".keysideignore";

/// An error in an ignore file.
#[derive(Debug, Error)]
#[error("{file}:{line}: {message}")]
pub struct IgnoreFileError {
    /// The file's name for the user.
    pub file: String,
    /// 1-based line.
    pub line: usize,
    /// The fault and its remedy.
    pub message: String,
}

/// A parsed ignore file.
#[derive(Debug)]
pub struct IgnoreFile {
    name: String,
    /// Its folder, without links in the path. It accepts nothing elsewhere.
    root: PathBuf,
    salt: Option<String>,
    entries: Vec<IgnoreEntry>,
    /// The entries of each id.
    by_id: HashMap<Fingerprint, Vec<usize>>,
    /// The path patterns that have not ended.
    live: OnceLock<LivePaths>,
}

/// An entry of an ignore file.
#[derive(Debug)]
pub struct IgnoreEntry {
    /// 1-based line.
    pub line: usize,
    /// The findings that it accepts.
    pub subject: IgnoreSubject,
    /// The terms on which it does.
    pub terms: Terms,
    /// The reason; empty if there is none.
    pub reason: String,
}

/// The findings that an entry of an ignore file accepts.
#[derive(Debug)]
pub enum IgnoreSubject {
    /// The finding with this id, up to this kind. Without a kind, it is the plain finding of a key, or what
    /// else has an id of its own.
    Finding(Fingerprint, Option<FindingKind>),
    /// All findings in the paths that match.
    Paths {
        /// The pattern, with slashes.
        pattern: String,
        /// The same as a list of its own.
        own: PathPatterns,
    },
}

/// Path patterns, and the entries that they are of.
#[derive(Debug)]
struct LivePaths {
    patterns: PathPatterns,
    /// The entry of each pattern.
    entries: HashMap<String, usize>,
}

impl IgnoreEntry {
    /// The entry in the words of reports: an id, or a pattern.
    pub fn name(&self) -> String {
        match &self.subject {
            IgnoreSubject::Finding(id, None) => id.to_string(),
            IgnoreSubject::Finding(id, Some(kind)) => format!("{id}/{}", kind.name()),
            IgnoreSubject::Paths { pattern, .. } => pattern.trim().to_owned(),
        }
    }

    /// Reads the entry on a line that is neither empty nor a comment.
    fn parse(root: &Path, line: usize, whole: &str) -> Result<Self, String> {
        let text = whole.trim();
        let (first, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
        if first.starts_with("ks") && first.contains(':') {
            let (id, kind) = match first.split_once('/') {
                None => (first, None),
                Some((id, kind)) => {
                    let known = FindingKind::by_name(kind)
                        .ok_or_else(|| format!("`{first}`: unknown kind of finding `{kind}`"))?;
                    (id, Some(known))
                }
            };
            let id = id.parse().map_err(|error| format!("`{first}`: {error}"))?;
            let (terms, reason) = Terms::take(rest)?;
            return Ok(Self { line, subject: IgnoreSubject::Finding(id, kind), terms, reason });
        }
        if Terms::is_term(first) {
            return Err(format!("`{first}` has no id or path before it"));
        }
        let (pattern, details) = with_details(whole);
        let (terms, reason) = Terms::take(details.trim_start_matches('#'))?;
        let pattern = with_slashes(pattern).into_owned();
        let own = PathPatterns::new(root, std::iter::once(&*pattern))
            .map_err(|error: PatternError| error.to_string())?;
        Ok(Self { line, subject: IgnoreSubject::Paths { pattern, own }, terms, reason })
    }
}

/// Splits a path pattern, which may contain spaces, from its terms and its reason, which begins with
/// `# `.
fn with_details(line: &str) -> (&str, &str) {
    let mut from = line.len() - line.trim_start().len();
    // Word by word: a line may be a megabyte of spaces.
    while let Some(length) = line[from..].find(char::is_whitespace) {
        let end = from + length;
        let details = line[end..].trim_start();
        let word = details.split(char::is_whitespace).next().unwrap_or_default();
        // A backslash takes the space into the pattern.
        if Terms::is_term(word) || word == "#" && !line[..end].ends_with('\\') {
            return (&line[..end], details);
        }
        from = line.len() - details.len();
    }
    (line, "")
}

impl IgnoreFile {
    /// Parses the ignore file `name`, whose patterns apply below `root`.
    ///
    /// # Errors
    /// The first invalid line.
    pub fn parse(name: &str, root: &Path, text: &str) -> Result<Self, IgnoreFileError> {
        let fault =
            |line: usize, message: String| IgnoreFileError { file: name.to_owned(), line, message };
        let mut salt = None;
        let mut entries = Vec::new();
        let mut by_id: HashMap<_, Vec<usize>> = HashMap::new();
        for (number, whole) in (1..).zip(text.lines()) {
            let line = whole.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let own =
                line.strip_prefix("salt").filter(|rest| rest.starts_with(char::is_whitespace));
            if let Some(own) = own {
                let own = own.trim().to_owned();
                // Merged branches may both have set it.
                if salt.replace(own.clone()).is_some_and(|other| other != own) {
                    return Err(fault(number, "duplicate salt".to_owned()));
                }
            } else if line == "=======" {
                let message = "this line is left of a merge: remove it".to_owned();
                return Err(fault(number, message));
            } else {
                let entry = IgnoreEntry::parse(root, number, whole)
                    .map_err(|message| fault(number, message))?;
                if let IgnoreSubject::Finding(id, _) = entry.subject {
                    by_id.entry(id).or_default().push(entries.len());
                }
                entries.push(entry);
            }
        }
        let (name, root) = (name.to_owned(), real(root));
        Ok(Self { name, root, salt, entries, by_id, live: OnceLock::new() })
    }

    /// The file's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its folder, without links in the path.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The salt of the project's ids, if it sets one.
    pub fn salt(&self) -> Option<&str> {
        self.salt.as_deref()
    }

    /// The entries, in order.
    pub fn entries(&self) -> &[IgnoreEntry] {
        &self.entries
    }

    /// The entries that counted until a day before `today`.
    pub fn ended(&self, today: Option<Day>) -> impl Iterator<Item = &IgnoreEntry> {
        self.entries.iter().filter(move |entry| entry.terms.have_ended(today))
    }

    /// The suppression of the finding `id` in the file `path`, which is absolute.
    pub fn by_id(
        &self,
        (id, scope): (Fingerprint, IdScope),
        kind: FindingKind,
        path: &Path,
        today: Option<Day>,
    ) -> Option<Suppression> {
        if !path.starts_with(&self.root) {
            return None;
        }
        let mut own = self.by_id.get(&id)?.iter().map(|nth| &self.entries[*nth]);
        let entry =
            own.rfind(|own| own.is_of((id, scope), kind) && !own.terms.have_ended(today))?;
        Some(self.suppression(entry, &entry.reason))
    }

    /// The suppression of all findings in the file `path`, which is absolute, by the patterns of
    /// `all`; later files count more.
    pub fn by_path(all: &[&Self], path: &Path, today: Option<Day>) -> Option<Suppression> {
        let patterns = all.iter().map(|file| &file.live(today).patterns);
        let (nth, pattern) = PathPatterns::matched_by(patterns, path, false)?;
        let file = all[nth];
        let entry = &file.entries[*file.live(today).entries.get(pattern)?];
        let why = if entry.reason.is_empty() { "" } else { ": " };
        let reason = format!("path pattern `{}`{why}{}", pattern.trim(), entry.reason);
        Some(file.suppression(entry, &reason))
    }

    /// The entry that would accept a finding of the file `path`, had it not ended.
    pub fn ended_for(
        &self,
        id: (Fingerprint, IdScope),
        kind: FindingKind,
        path: &Path,
        today: Option<Day>,
    ) -> Option<&IgnoreEntry> {
        let is_below = path.starts_with(&self.root);
        self.ended(today).filter(|_| is_below).find(|entry| match &entry.subject {
            IgnoreSubject::Finding(..) => entry.is_of(id, kind),
            IgnoreSubject::Paths { own, .. } => own.matched(path, false).is_some(),
        })
    }

    /// The entry that accepts a lesser kind of the finding `id` in the file `path`.
    pub fn lesser_for(
        &self,
        id: Fingerprint,
        path: &Path,
        today: Option<Day>,
    ) -> Option<&IgnoreEntry> {
        let own = self.by_id.get(&id).filter(|_| path.starts_with(&self.root))?;
        let mut own = own.iter().map(|nth| &self.entries[*nth]);
        own.rfind(|entry| !entry.terms.have_ended(today))
    }

    fn suppression(&self, entry: &IgnoreEntry, reason: &str) -> Suppression {
        Suppression::IgnoreFile {
            place: format!("{}:{}", self.name, entry.line),
            reason: entry.terms.added_to(reason),
            terms: entry.terms.clone(),
        }
    }

    fn live(&self, today: Option<Day>) -> &LivePaths {
        self.live.get_or_init(|| {
            let mut entries = HashMap::new();
            let mut patterns = Vec::new();
            for (nth, entry) in self.entries.iter().enumerate() {
                if let IgnoreSubject::Paths { pattern, .. } = &entry.subject
                    && !entry.terms.have_ended(today)
                {
                    entries.insert(pattern.clone(), nth);
                    patterns.push(&**pattern);
                }
            }
            let patterns = PathPatterns::new(&self.root, patterns.into_iter());
            // Each was checked on its own.
            LivePaths { patterns: patterns.unwrap_or_default(), entries }
        })
    }
}

impl IgnoreEntry {
    /// True if it is for findings with this id, up to this kind.
    fn is_of(&self, (id, scope): (Fingerprint, IdScope), kind: FindingKind) -> bool {
        match &self.subject {
            IgnoreSubject::Finding(own, most) if *own == id => match (most, scope) {
                (Some(most), _) => kind <= *most,
                (None, IdScope::Kind) => true,
                (None, IdScope::Key) => kind == FindingKind::Secret,
            },
            IgnoreSubject::Finding(..) | IgnoreSubject::Paths { .. } => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::LeakKind;

    const ID: &str = "ks1:00112233445566778899";
    const LEAK: FindingKind = FindingKind::Leak(LeakKind::ClientSecretLiteral);

    fn parse(text: &str) -> Result<IgnoreFile, IgnoreFileError> {
        IgnoreFile::parse("x/.keysideignore", Path::new("/x"), text)
    }

    fn key() -> (Fingerprint, IdScope) {
        (ID.parse().unwrap(), IdScope::Key)
    }

    fn by_id(file: &IgnoreFile, kind: FindingKind, today: Option<&str>) -> Option<Suppression> {
        let today = today.map(|day| day.parse().unwrap());
        file.by_id(key(), kind, Path::new("/x/a"), today)
    }

    fn by_path(file: &IgnoreFile, path: &str) -> Option<Suppression> {
        IgnoreFile::by_path(&[file], Path::new(path), Some("2027-03-02".parse().unwrap()))
    }

    #[test]
    fn ids_reasons_paths_and_salt() {
        let text = format!("# comment\n\nsalt our own\n{ID}\trotated, see #12\ntests/fixtures/\n");
        let file = parse(&text).unwrap();
        assert_eq!(file.salt(), Some("our own"));
        let id = by_id(&file, FindingKind::Secret, None).unwrap();
        assert_eq!((id.place(), id.reason()), ("x/.keysideignore:4", "rotated, see #12"));
        let elsewhere = Path::new("/y/a");
        assert!(file.by_id(key(), FindingKind::Secret, elsewhere, None).is_none());
        let fixture = by_path(&file, "/x/tests/fixtures/a.js").unwrap();
        assert_eq!(fixture.place(), "x/.keysideignore:5");
        assert!(by_path(&file, "/x/src/a.js").is_none());
    }

    #[test]
    fn an_id_accepts_its_kind() {
        for (text, accepts_leak) in
            [("", false), ("/secret", false), ("/client-secret-literal", true)]
        {
            let file = parse(&format!("{ID}{text} why")).unwrap();
            assert!(by_id(&file, FindingKind::Secret, None).is_some(), "{text}");
            assert_eq!(by_id(&file, LEAK, None).is_some(), accepts_leak, "{text}");
            let lesser = file.lesser_for(key().0, Path::new("/x/a"), None);
            assert_eq!(lesser.unwrap().line, 1, "{text}");
        }
        // A leak with an id of its own needs no kind.
        let file = parse(ID).unwrap();
        let own = (key().0, IdScope::Kind);
        assert!(file.by_id(own, LEAK, Path::new("/x/a"), None).is_some());
        // Two branches may each have accepted another kind.
        let file = parse(&format!("{ID}/client-secret-literal\n{ID}/secret\n")).unwrap();
        assert_eq!(by_id(&file, LEAK, None).unwrap().place(), "x/.keysideignore:1");
    }

    #[test]
    fn an_entry_counts_up_to_its_last_day() {
        let file = parse(&format!("{ID} until=2027-03-01 owner=@team why\n")).unwrap();
        let accepted = |today| by_id(&file, FindingKind::Secret, Some(today));
        let reason = "why (until 2027-03-01, owner @team)";
        assert_eq!(accepted("2027-03-01").unwrap().reason(), reason);
        assert!(accepted("2027-03-02").is_none());
        let today = Some("2027-03-02".parse().unwrap());
        let ended = file.ended_for(key(), FindingKind::Secret, Path::new("/x/a"), today);
        assert_eq!(ended.unwrap().line, 1);
        assert!(file.ended_for(key(), FindingKind::Secret, Path::new("/y/a"), today).is_none());
        // Another line may go on.
        let file = parse(&format!("{ID} on\n{ID} until=2027-03-01 off\n")).unwrap();
        let still = by_id(&file, FindingKind::Secret, Some("2027-03-02")).unwrap();
        assert_eq!(still.reason(), "on");
    }

    #[test]
    fn paths_have_reasons_and_terms() {
        for (line, path, reason) in [
            ("tests/ # made up", "tests/a", "path pattern `tests/`: made up"),
            ("tests/\t#  made up", "tests/a", "path pattern `tests/`: made up"),
            ("tests/ owner=@qa", "tests/a", "path pattern `tests/` (owner @qa)"),
            (
                "my tests/ until=2030-01-01 made up owner=@qa",
                "my tests/a",
                "path pattern `my tests/`: made up (until 2030-01-01, owner @qa)",
            ),
            ("a #b", "a #b", "path pattern `a #b`"),
            ("a\\ # b", "a # b", "path pattern `a\\ # b`"),
            ("#x\n/a # b", "a", "path pattern `/a`: b"),
            ("a\\b\\ owner=@qa", "a/b/c", "path pattern `a/b/` (owner @qa)"),
        ] {
            let file = parse(line).unwrap();
            let by = by_path(&file, &format!("/x/{path}"));
            assert_eq!(by.as_ref().map(Suppression::reason), Some(reason), "{line}");
        }
        let file = parse("tests/ until=2027-03-01\n*.e\n!tests/ until=2027-03-01\n").unwrap();
        assert!(by_path(&file, "/x/tests/a").is_none());
        assert!(by_path(&file, "/x/tests/a.e").is_some());
        let file = parse("*.e\n!k.e until=2027-03-01\n").unwrap();
        assert!(by_path(&file, "/x/k.e").is_some());
    }

    #[test]
    fn long_lines_take_time_that_grows_with_their_length_only() {
        let start = std::time::Instant::now();
        for text in [" ".repeat(1 << 20), "\\ ".repeat(1 << 19), "a ".repeat(1 << 19)] {
            let whole = format!("x{text}y # why");
            assert_eq!(with_details(&whole).1, "# why");
        }
        assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
    }

    #[test]
    fn what_a_merge_repeats_counts_once() {
        let line = format!("{ID} why\n");
        let file = parse(&format!("salt a\n{line}tests/\nsalt a\n{line}tests/\n")).unwrap();
        assert_eq!(file.salt(), Some("a"));
        assert_eq!(by_id(&file, FindingKind::Secret, None).unwrap().reason(), "why");
    }

    #[test]
    fn paths_of_windows_are_paths() {
        let file = parse("tests\\fixtures\\\n").unwrap();
        let fixture = by_path(&file, "/x/tests/fixtures/a.js").unwrap();
        assert_eq!(fixture.place(), "x/.keysideignore:1");
    }

    #[test]
    fn faults_name_their_line() {
        for (text, message) in [
            ("\nks1:0011\n", "x/.keysideignore:2: `ks1:0011`: a finding id"),
            ("ks2:00112233445566778899", "x/.keysideignore:1: `ks2:"),
            (
                "ks1:00112233445566778899/clint",
                "x/.keysideignore:1: `ks1:00112233445566778899/clint`: unknown kind",
            ),
            (
                "\nks1:00112233445566778899 until=soon",
                "x/.keysideignore:2: `until=soon`: not a day",
            ),
            ("tests/ until=2027-2-3", "x/.keysideignore:1: `until=2027-2-3`: not a day"),
            ("tests/ why Until=2027-02-03", "x/.keysideignore:1: `Until=2027-02-03`: write"),
            ("until=2027-03-01 tests/", "x/.keysideignore:1: `until=2027-03-01` has no id or path"),
            ("[z-a\n", "x/.keysideignore:1: `[z-a` is not a path pattern"),
            ("salt a\nsalt b\n", "x/.keysideignore:2: duplicate salt"),
            ("a\n=======\nb\n", "x/.keysideignore:2: this line is left of a merge"),
        ] {
            let error = parse(text).unwrap_err().to_string();
            assert!(error.starts_with(message), "{error}");
        }
    }
}
