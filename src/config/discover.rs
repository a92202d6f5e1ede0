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

/// Reads the configuration and the ignore file of each root: the nearest ones on the way up to the
/// folder with `.git`, or those in the root if there is none. A `keyside.toml` that the user named is
/// not read again.
///
/// # Errors
/// A file that cannot be read or parsed.
pub fn discover(roots: &[PathBuf], named: Option<&Path>) -> Result<TreeSettings, ConfigError> {
    let mut found = TreeSettings::default();
    for root in roots {
        if let Some(path) = nearest(root, file::FILE_NAME)
            && !named.is_some_and(|named| is_same(named, &path))
            && !found.files.contains(&path)
        {
            found.config(&path)?;
        }
        if let Some(path) = nearest(root, suppress::FILE_NAME)
            && !found.files.contains(&path)
        {
            found.ignore_file(&path)?;
        }
    }
    Ok(found)
}

impl TreeSettings {
    fn config(&mut self, path: &Path) -> Result<(), ConfigError> {
        plain(path)?;
        let written = ConfigFile::read(path)?;
        let folder = folder_of(path);
        let name = path.display().to_string();
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
        self.no_ignore |= written.no_ignore == Some(true);
        self.experimental |= written.experimental;
        let refused = [
            ("only", !written.only.is_empty()),
            ("min-severity", written.min_severity.is_some()),
            ("max-file-size", written.max_file_size.is_some()),
            ("max-decode-depth", written.max_decode_depth.is_some()),
            ("threads", written.threads.is_some()),
        ];
        for (key, _) in refused.into_iter().filter(|(_, is_set)| *is_set) {
            self.refused.push((path.to_owned(), key));
        }
        let excluded = patterns(&name, &folder, &written)?;
        let disabled = written.disable.into_iter().map(toml::Spanned::into_inner).collect();
        self.policy.configs.push(TreeConfig { name, disabled, excluded });
        self.files.push(path.to_owned());
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
fn named_beside(path: &Path, name: &Path) -> Result<PathBuf, ConfigError> {
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
const MAX_SIZE: u64 = 1 << 20;

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

/// The `exclude` patterns of a configuration, which apply below `folder`.
pub(super) fn patterns(
    name: &str,
    folder: &Path,
    written: &ConfigFile,
) -> Result<PathPatterns, ConfigError> {
    let mut all = Vec::new();
    for pattern in &written.exclude {
        let fault = |message: String| {
            let line = line_of(&written.text, pattern.span().start);
            ConfigError::Syntax { file: name.to_owned(), line, message }
        };
        if pattern.get_ref().contains(char::is_control) {
            let message = "a path pattern contains a control character: `\\t` and `\\f` are such in \
                           a text between double quotes; write paths with `/`";
            return Err(fault(message.to_owned()));
        }
        let one = with_slashes(pattern.get_ref());
        PathPatterns::new(folder, std::iter::once(&*one))
            .map_err(|error| fault(error.to_string()))?;
        all.push(one);
    }
    PathPatterns::new(folder, all.iter().map(|pattern| &**pattern))
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

/// The nearest file called `name`, from `root` up to the folder with `.git`.
fn nearest(root: &Path, name: &str) -> Option<PathBuf> {
    let start = if root.is_dir() { root.to_owned() } else { folder_of(root) };
    let in_start = start.join(name);
    if in_start.is_file() {
        return Some(clean(in_start));
    }
    let full = fs::canonicalize(&start).ok()?;
    let top = full.ancestors().find(|folder| folder.join(".git").exists())?;
    full.ancestors()
        .take_while(|folder| folder.starts_with(top))
        .map(|folder| folder.join(name))
        .find(|path| path.is_file())
        .map(|path| shortened(&path))
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
