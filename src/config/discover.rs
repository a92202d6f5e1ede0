//! Finds the `keyside.toml` and `.keysideignore` of the scanned trees.

use std::path::{Path, PathBuf};
use std::{fs, io};

use super::file::{self, ConfigError, ConfigFile, line_of};
use crate::model::read_settings;
use crate::suppress::{self, IgnoreFile, PathPatterns, Policy, TreeConfig, with_slashes};

/// The settings of the scanned trees themselves.
#[derive(Debug, Default)]
pub struct TreeSettings {
    /// The findings they accept.
    pub policy: Policy,
    /// Rule files they add.
    pub rules: Vec<PathBuf>,
    /// Baselines they name.
    pub baselines: Vec<PathBuf>,
    /// True if files that git ignores are to be read.
    pub no_ignore: bool,
    /// True to use experimental rules, too.
    pub experimental: bool,
    /// The files that were read.
    pub files: Vec<PathBuf>,
    /// Settings that only the user may make: the file and the key.
    pub refused: Vec<(PathBuf, &'static str)>,
}

/// Reads the configurations and the ignore files of each root: those in the root and in the folders
/// around it up to the one with `.git`, or only those in the root if there is none. A `keyside.toml`
/// that the user named is not read again.
///
/// # Errors
/// A file that cannot be read or parsed.
pub fn discover(roots: &[PathBuf], named: Option<&Path>) -> Result<TreeSettings, ConfigError> {
    let mut found = TreeSettings::default();
    for root in roots {
        for path in around(root, file::FILE_NAME) {
            if !named.is_some_and(|named| is_same(named, &path)) && !found.files.contains(&path) {
                found.config(&path)?;
            }
        }
        // The outer ones first.
        for path in around(root, suppress::FILE_NAME).into_iter().rev() {
            if !found.files.contains(&path) {
                found.ignore_file(&path)?;
            }
        }
    }
    Ok(found)
}

/// Reads the ignore file at `path`, if there is one.
///
/// # Errors
/// An explanation why it cannot be read.
pub(super) fn read_ignore_file(path: &Path) -> Result<Option<String>, String> {
    match fs::symlink_metadata(path) {
        Err(_) => Ok(None),
        // Git follows no link to an ignore file either.
        Ok(file) if !file.is_file() || file.len() > MAX_SIZE => {
            Err(format!("not a plain file of at most {} MiB", MAX_SIZE >> 20))
        }
        Ok(_) => fs::read_to_string(path).map(Some).map_err(|error| error.to_string()),
    }
}

impl TreeSettings {
    fn config(&mut self, path: &Path) -> Result<(), ConfigError> {
        plain(path)?;
        let written = ConfigFile::read(path)?;
        let folder = folder_of(path);
        for rules in &written.rules {
            self.rules.extend(inside(&folder, &named_beside(path, rules)?)?);
        }
        if let Some(baseline) = &written.baseline {
            let baseline = named_beside(path, baseline)?;
            // A missing one may be about to be written.
            if baseline.exists() {
                inside(&folder, &baseline)?;
            }
            self.baselines.push(baseline);
        }
        self.take_config(path, &folder, written)?;
        self.files.push(path.to_owned());
        Ok(())
    }

    /// Takes over from the configuration at `path`, found in `folder`, all but the files that it names.
    ///
    /// # Errors
    /// A path pattern that matches nothing.
    pub(super) fn take_config(
        &mut self,
        path: &Path,
        folder: &Path,
        written: ConfigFile,
    ) -> Result<(), ConfigError> {
        let name = path.display().to_string();
        self.no_ignore |= written.no_ignore == Some(true);
        self.experimental |= written.experimental;
        let refused = [
            ("only", !written.only.is_empty()),
            ("min-severity", written.min_severity.is_some()),
            ("max-file-size", written.max_file_size.is_some()),
            ("max-decode-depth", written.max_decode_depth.is_some()),
            ("max-archive-depth", written.max_archive_depth.is_some()),
            ("max-archive-memory", written.max_archive_memory.is_some()),
            ("threads", written.threads.is_some()),
        ];
        for (key, _) in refused.into_iter().filter(|(_, is_set)| *is_set) {
            self.refused.push((path.to_owned(), key));
        }
        let excluded = patterns(&name, &[folder.to_owned()], &written)?;
        let disabled = written.disable.into_iter().map(toml::Spanned::into_inner).collect();
        let folder = fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
        self.policy.configs.push(TreeConfig { name, folder, disabled, excluded });
        Ok(())
    }

    fn ignore_file(&mut self, path: &Path) -> Result<(), ConfigError> {
        plain(path)?;
        let name = path.display().to_string();
        let text = read_settings(path, file::MAX_SIZE)
            .map_err(|error| ConfigError::of_text(name.clone(), error))?;
        let file = IgnoreFile::parse(&name, &folder_of(path), &text)?;
        self.policy.ignore_files.push(file);
        self.files.push(path.to_owned());
        Ok(())
    }
}

/// Resolves a path in a configuration of the scanned tree.
pub(super) fn named_beside(path: &Path, name: &Path) -> Result<PathBuf, ConfigError> {
    let resolved = portable(path, name);
    let is_inside = resolved
        .components()
        .all(|part| matches!(part, std::path::Component::Normal(_) | std::path::Component::CurDir));
    if is_inside {
        return Ok(clean(folder_of(path).join(resolved)));
    }
    Err(ConfigError::Usage(format!(
        "{}: `{}` is outside the scanned tree; a configuration found there may name only files \
         beside it",
        path.display(),
        name.display()
    )))
}

/// The largest configuration, rule file or baseline of a scanned tree, in bytes.
pub(super) const MAX_SIZE: u64 = 1 << 20;

/// The file at `path`, or the rule files in it. All must be regular files within `folder`, with links
/// followed: a scanned tree must not cause other files to be read, or the scan to wait for a pipe or
/// a device.
fn inside(folder: &Path, path: &Path) -> Result<Vec<PathBuf>, ConfigError> {
    let unreadable = |path: &Path, source: io::Error| ConfigError::Read {
        file: path.display().to_string(),
        source,
    };
    let mut paths = vec![path.to_owned()];
    if path.is_dir() {
        let entries = fs::read_dir(path).map_err(|error| unreadable(path, error))?;
        paths = entries.flatten().map(|entry| entry.path()).collect();
        paths.retain(|path| path.extension().is_some_and(|ending| ending == "toml"));
        paths.sort();
    }
    let top = fs::canonicalize(folder).map_err(|error| unreadable(folder, error))?;
    for path in &paths {
        let real = fs::canonicalize(path).map_err(|error| unreadable(path, error))?;
        if !real.starts_with(&top) {
            return Err(ConfigError::Usage(format!(
                "{}: leads out of the scanned tree; a configuration found there may name only \
                 files beside it",
                path.display()
            )));
        }
        plain(path)?;
    }
    Ok(paths)
}

/// Fails unless `path` is a regular file of acceptable size.
fn plain(path: &Path) -> Result<(), ConfigError> {
    let metadata = fs::metadata(path)
        .map_err(|source| ConfigError::Read { file: path.display().to_string(), source })?;
    if metadata.is_file() && metadata.len() <= MAX_SIZE {
        return Ok(());
    }
    Err(ConfigError::Usage(format!(
        "{}: not a regular file of at most {} MiB",
        path.display(),
        MAX_SIZE >> 20
    )))
}

/// The `exclude` patterns of a configuration, which count from each of the folders `bases`.
pub(super) fn patterns(
    name: &str,
    bases: &[PathBuf],
    written: &ConfigFile,
) -> Result<PathPatterns, ConfigError> {
    let mut all = Vec::new();
    for pattern in &written.exclude {
        let fault = |message: String| {
            let line = line_of(&written.text, pattern.span().start);
            ConfigError::Syntax { file: name.to_owned(), line, message }
        };
        let mut pairs = pattern.get_ref().chars().zip(pattern.get_ref().chars().skip(1));
        if pairs.any(|(sign, next)| sign.is_control() && next.is_alphanumeric()) {
            let message = "a path pattern contains a control character: `\\t` and `\\f` are such in \
                           a text between double quotes; write paths with `/`";
            return Err(fault(message.to_owned()));
        }
        let one = with_slashes(pattern.get_ref());
        PathPatterns::from_each(bases, std::iter::once(&*one))
            .map_err(|error| fault(error.to_string()))?;
        all.push(one);
    }
    PathPatterns::from_each(bases, all.iter().map(|pattern| &**pattern))
        .map_err(|error| ConfigError::Usage(error.to_string()))
}

/// The folder a file is in, `.` for a bare name.
pub(super) fn folder_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
        _ => PathBuf::from("."),
    }
}

/// Resolves a name in the file at `path`, relative to its folder.
pub(super) fn beside(path: &Path, name: &Path) -> PathBuf {
    clean(folder_of(path).join(portable(path, name)))
}

/// A name in the file at `path`, with `/` for the `\` of Windows unless there is a file of that name.
fn portable(path: &Path, name: &Path) -> PathBuf {
    match name.to_str() {
        Some(text) if text.contains('\\') && !folder_of(path).join(name).exists() => {
            PathBuf::from(text.replace('\\', "/"))
        }
        _ => name.to_owned(),
    }
}

/// The files called `name` in the folder of `root` and in those around it, up to the one with `.git`;
/// the innermost first.
fn around(root: &Path, name: &str) -> Vec<PathBuf> {
    let start = if root.is_dir() { root.to_owned() } else { folder_of(root) };
    let mut found = Vec::new();
    let in_start = start.join(name);
    if in_start.is_file() {
        found.push(shortened(&clean(in_start)));
    }
    let Some(top) = checkout_around(&start) else { return found };
    let Ok(full) = fs::canonicalize(&start) else { return found };
    let outer = full.ancestors().skip(1).take_while(|folder| folder.starts_with(&top));
    let outer = outer.map(|folder| folder.join(name)).filter(|path| path.is_file());
    found.extend(outer.map(|path| shortened(&path)));
    found
}

/// The folder with `.git` at or around a folder, without links in its path.
pub(super) fn checkout_around(folder: &Path) -> Option<PathBuf> {
    let full = fs::canonicalize(folder).ok()?;
    full.ancestors().find(|folder| folder.join(".git").exists()).map(Path::to_owned)
}

/// `./keyside.toml` is `keyside.toml`.
fn clean(path: PathBuf) -> PathBuf {
    path.strip_prefix(".").map(Path::to_owned).unwrap_or(path)
}

/// Makes a path relative to the current folder if it is below it.
fn shortened(path: &Path) -> PathBuf {
    let here = std::env::current_dir().and_then(fs::canonicalize);
    here.ok()
        .and_then(|here| path.strip_prefix(here).map(Path::to_owned).ok())
        .unwrap_or_else(|| path.to_owned())
}

fn is_same(a: &Path, b: &Path) -> bool {
    let real = |path: &Path| -> io::Result<PathBuf> { fs::canonicalize(path) };
    matches!((real(a), real(b)), (Ok(a), Ok(b)) if a == b)
}
