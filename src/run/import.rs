//! Converts the files of other scanners: their rules and paths, and the ids of the findings that
//! were accepted there.
//!
//! An id is derived from the secret, so each accepted finding is looked up: in the report, if the
//! secret is in it; else in the file, in the tree or in the named commit. Where keyside finds
//! nothing, there is nothing to accept.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use sha1::{Digest, Sha1};

use crate::config::{self, Plan};
use crate::interop::{
    self, AcceptedFinding, ImportError, ImportFormat, ImportWarning, RULE_FILE, SecretEvidence,
};
use crate::model::{Fingerprint, Secret};
use crate::report::visible;
use crate::scan::{KeyScanner, Locator};
use crate::source::Chunk;
use crate::source::git::Repository;
use crate::suppress;

/// The largest file that is searched.
const MAX_FILE: u64 = 64 << 20;

/// A file for keyside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportedFile {
    /// Its name.
    pub name: &'static str,
    /// Its content.
    pub text: String,
    /// True if it only makes other files count in their folder.
    pub is_of_folder: bool,
}

/// The result of converting a file of another scanner.
#[derive(Debug, Default)]
pub struct ImportOutcome {
    /// The files for keyside.
    pub parts: Vec<ImportedFile>,
    /// Summary of the conversion, one sentence per kind of entry.
    pub done: Vec<String>,
    /// Everything that was not converted, with the reasons.
    pub warnings: Vec<ImportWarning>,
}

impl ImportOutcome {
    /// True if something could not be converted.
    pub fn is_partial(&self) -> bool {
        self.warnings.iter().any(|warning| warning.is_left_out)
    }
}

/// Converts the text of `file`, which is of this kind. Findings are looked up with the rules of
/// `plan`, in files below the folder of `file`, the current folder, or the top of the checkout, and in
/// commits of `repository`.
///
/// # Errors
/// A text that is not of this kind.
pub fn import(
    plan: &Plan,
    kind: ImportFormat,
    file: &Path,
    text: &str,
    repository: Option<Repository>,
) -> Result<ImportOutcome, ImportError> {
    let scanner = KeyScanner::new(&plan.rules);
    let name = visible(&scanner.masked_text(&file.display().to_string()));
    let mut import = match kind {
        ImportFormat::GitleaksConfig => {
            let mut own = interop::config(&name, text)?;
            drop_keys(&scanner, &name, &mut own.excluded, &mut own.warnings);
            of_config(own)
        }
        ImportFormat::GitleaksIgnore
        | ImportFormat::GitleaksReport
        | ImportFormat::DetectSecrets => {
            let mut list = interop::accepted(kind, &name, text)?;
            drop_keys(&scanner, &name, &mut list.excluded, &mut list.warnings);
            of_list(plan, &scanner, file, list, repository)
        }
    };
    for warning in &mut import.warnings {
        warning.place = visible(&scanner.masked_text(&warning.place));
        warning.message = visible(&scanner.masked_text(&warning.message));
    }
    Ok(import)
}

/// Leaves out path patterns that contain a key, because they would be written to a file.
fn drop_keys(
    scanner: &KeyScanner<'_>,
    file: &str,
    patterns: &mut Vec<String>,
    to: &mut Vec<ImportWarning>,
) {
    let all = patterns.len();
    patterns.retain(|pattern| scanner.find(&Chunk::whole(pattern.as_bytes())).keys.is_empty());
    if patterns.len() < all {
        let count = all - patterns.len();
        let message = format!("{count} path patterns are left out because they contain a key");
        to.push(ImportWarning { place: file.to_owned(), message, is_left_out: true });
    }
}

fn of_config(own: interop::ImportedConfig) -> ImportOutcome {
    let mut parts = Vec::new();
    if own.rules.is_some() || !own.excluded.is_empty() {
        let quoted = |text: &str| toml::Value::String(text.to_owned()).to_string();
        let mut text = "# Made by `keyside import`; pass it with --config. Its patterns are relative to its folder.\n".to_owned();
        if own.rules.is_some() {
            text += &format!("rules = [{}]\n", quoted(RULE_FILE));
        }
        let is_of_folder = own.excluded.is_empty();
        if !is_of_folder {
            let lines = own.excluded.iter().map(|pattern| format!("    {},\n", quoted(pattern)));
            text += &format!("exclude = [\n{}]\n", lines.collect::<String>());
        }
        parts.push(ImportedFile { name: config::FILE_NAME, text, is_of_folder });
    }
    let rules = own.rules.map(|text| ImportedFile { name: RULE_FILE, text, is_of_folder: false });
    parts.extend(rules);
    ImportOutcome { parts, done: own.done, warnings: own.warnings }
}

fn of_list(
    plan: &Plan,
    scanner: &KeyScanner<'_>,
    file: &Path,
    list: interop::AcceptedList,
    repository: Option<Repository>,
) -> ImportOutcome {
    let mut lookup = KeyLookup::new(scanner, file, repository);
    let mut import = ImportOutcome { warnings: list.warnings, ..ImportOutcome::default() };
    let mut text = String::new();
    let mut seen = HashSet::new();
    let all = list.accepted.len();
    let mut taken = 0;
    for accepted in list.accepted {
        let keys = match lookup.keys(&accepted) {
            Ok(keys) => keys,
            Err(why) => {
                let message = format!("left out: {why}");
                let place = accepted.place;
                import.warnings.push(ImportWarning { place, message, is_left_out: true });
                continue;
            }
        };
        taken += 1;
        let place = visible(&scanner.masked_text(&accepted.place));
        let said = accepted.comment.map(|said| format!(" ({said})")).unwrap_or_default();
        for key in keys {
            let id = Fingerprint::new(&plan.salt, &key.rule, &key.secret);
            if seen.insert(id) {
                text += &format!("{id} accepted in {place}{said}\n");
            }
        }
    }
    if all > 0 {
        let ids = if seen.len() == 1 { "1 id".to_owned() } else { format!("{} ids", seen.len()) };
        import.done.push(format!("{taken} of {all} accepted findings became {ids}"));
    }
    if !list.excluded.is_empty() {
        import.done.push(format!("{} path patterns were converted", list.excluded.len()));
        text.extend(list.excluded.iter().map(|pattern| format!("{pattern}\n")));
    }
    if !text.is_empty() {
        let name = suppress::FILE_NAME;
        import.parts.push(ImportedFile { name, text, is_of_folder: false });
    }
    import
}

/// A key that keyside finds in a text.
#[derive(Debug, Clone)]
struct LocatedKey {
    rule: String,
    secret: Secret,
    /// Its first and last line, 1-based.
    lines: (u64, u64),
}

/// A version of a file: the commit, or `None` for the working tree, and the path.
type FileVersion = (Option<String>, String);

/// Finds the keys that another scanner's entries refer to.
struct KeyLookup<'s> {
    scanner: &'s KeyScanner<'s>,
    bases: Vec<PathBuf>,
    repository: Option<Repository>,
    read: HashMap<FileVersion, Result<Vec<LocatedKey>, String>>,
}

impl<'s> KeyLookup<'s> {
    fn new(scanner: &'s KeyScanner<'s>, file: &Path, repository: Option<Repository>) -> Self {
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new("."));
        let top = repository.as_ref().and_then(Repository::checkout).map(Path::to_owned);
        let bases = [Some(folder.to_owned()), Some(PathBuf::from(".")), top];
        let bases = bases.into_iter().flatten().filter_map(|base| base.canonicalize().ok());
        Self { scanner, bases: bases.collect(), repository, read: HashMap::new() }
    }

    /// The keys that an entry refers to: one or more.
    fn keys(&mut self, accepted: &AcceptedFinding) -> Result<Vec<LocatedKey>, String> {
        if let SecretEvidence::Text(secret, matched) = &accepted.known {
            for (text, most) in [(secret, usize::MAX), (matched, 1)] {
                let keys = keys_in(self.scanner, text.reveal());
                if (1..=most).contains(&keys.len()) {
                    return Ok(keys);
                }
            }
        }
        let commit = accepted.commit.as_deref();
        // Files that were written on Windows have `\` in their paths.
        let with_slashes = accepted.path.replace('\\', "/");
        let is_of_windows =
            with_slashes != accepted.path && self.keys_of(commit, &accepted.path).is_err();
        let path = if is_of_windows { &with_slashes } else { &accepted.path };
        let keys = self.keys_of(commit, path)?;
        if let SecretEvidence::Sha1(hash) = &accepted.known {
            let is_it = |key: &&LocatedKey| Sha1::digest(key.secret.reveal())[..] == hash[..];
            let found: Vec<_> = keys.iter().filter(is_it).cloned().collect();
            return if found.is_empty() {
                Err("keyside finds no key with this hash in the file".to_owned())
            } else {
                Ok(found)
            };
        }
        let (first, last) = accepted.lines;
        let is_there = |key: &&LocatedKey| key.lines.0 <= last && key.lines.1 >= first;
        let mut found: Vec<_> = keys.iter().filter(is_there).cloned().collect();
        if found.is_empty() {
            return Err("keyside finds no key there, so there is nothing to accept".to_owned());
        }
        if let SecretEvidence::Text(secret, _) = &accepted.known {
            found.retain(|key| is_part(secret, &key.secret) || is_part(&key.secret, secret));
            if found.is_empty() {
                return Err("there is another key now".to_owned());
            }
        }
        let rule = interop::kebab(&accepted.rule);
        if found.iter().any(|key| key.rule == rule) {
            found.retain(|key| key.rule == rule);
        }
        if found.iter().any(|key| key.secret != found[0].secret) {
            let count = found.len();
            return Err(format!(
                "there are {count} keys, and the entry does not say which one is meant"
            ));
        }
        Ok(found)
    }

    fn keys_of(&mut self, commit: Option<&str>, path: &str) -> Result<&[LocatedKey], String> {
        let version = (commit.map(str::to_owned), path.to_owned());
        if !self.read.contains_key(&version) {
            let text = match commit {
                Some(commit) => self.in_commit(commit, path),
                None => self.in_tree(path),
            };
            let keys = text.map(|text| keys_in(self.scanner, &text));
            self.read.insert(version.clone(), keys);
        }
        match &self.read[&version] {
            Ok(keys) => Ok(keys),
            Err(why) => Err(why.clone()),
        }
    }

    fn in_commit(&self, commit: &str, path: &str) -> Result<Vec<u8>, String> {
        let Some(repository) = &self.repository else {
            return Err("it names a commit, but there is no repository here".to_owned());
        };
        repository.file_of(commit, path, MAX_FILE).ok_or_else(|| {
            let most = MAX_FILE >> 20;
            format!("its file is not in the commit {commit:.12}, or is larger than {most} MiB")
        })
    }

    /// Reads a file of the tree. An entry may name any path, but files elsewhere are not read.
    fn in_tree(&self, path: &str) -> Result<Vec<u8>, String> {
        let real =
            self.bases.iter().find_map(|base| Some((base, base.join(path).canonicalize().ok()?)));
        let (base, real) = real.ok_or("its file does not exist")?;
        if !real.starts_with(base) {
            return Err("its path leads outside".to_owned());
        }
        let unreadable = |error| format!("its file cannot be read: {error}");
        let about = fs::metadata(&real).map_err(unreadable)?;
        if !about.is_file() || about.len() > MAX_FILE {
            return Err(format!("it is not a file of at most {} MiB", MAX_FILE >> 20));
        }
        fs::read(&real).map_err(unreadable)
    }
}

/// The keys in a text that keyside reports.
fn keys_in(scanner: &KeyScanner<'_>, text: &[u8]) -> Vec<LocatedKey> {
    let chunk = Chunk::whole(text);
    let mut here = Locator::new(chunk.encoding);
    let mut at = chunk.encoding.mark_length(text);
    let mut keys = Vec::new();
    let found = scanner.find(&chunk).keys;
    for key in found.into_iter().filter(|key| key.rule.is_reported()) {
        let start = key.span.start.max(at);
        here.advance(&text[at..start]);
        at = start;
        let mut end = here.clone();
        end.advance(&text[at..key.span.end.max(at)]);
        let lines = (here.place().line, end.place().line);
        keys.push(LocatedKey { rule: key.rule.id.clone(), secret: key.secret, lines });
    }
    keys
}

fn is_part(part: &Secret, whole: &Secret) -> bool {
    memchr::memmem::find(whole.reveal(), part.reveal()).is_some()
}
