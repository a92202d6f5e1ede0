//! Reads the settings of one state that git stores, such as the base of a change: its `keyside.toml`,
//! `.keysideignore`, rules and baselines, and the files that the user names if git tracks them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::discover::{MAX_SIZE, TreeSettings, named_beside, patterns};
use super::file::{self, ConfigError, ConfigFile};
use super::settings::salt;
use crate::model::{DEFAULT_SALT, Day, FilePath, settings_text};
use crate::rules::RuleFile;
use crate::source::git::{StoredFileError, StoredFiles};
use crate::suppress::{
    self, Baseline, IgnoreFile, IgnoreFileReader, NestedIgnoreFiles, PathPatterns, Policy,
    PolicyState, RealRoots, TreeConfig,
};

/// The most rule files of a folder.
const MAX_RULE_FILES: usize = 1000;

/// The files that the user names and that git tracks: which content of them counts is not the user's
/// choice but the change's.
#[derive(Debug, Default)]
pub(super) struct TrackedFiles {
    /// The configuration.
    pub(super) config: Option<TrackedFile>,
    /// The baseline.
    pub(super) baseline: Option<TrackedFile>,
    /// Rule files and folders of them, each with whether its rules may verify keys.
    pub(super) rules: Vec<(TrackedFile, bool)>,
}

/// A file that the user names and that git tracks.
#[derive(Debug, Clone)]
pub(super) struct TrackedFile {
    /// As the user names it.
    pub(super) name: PathBuf,
    /// From the top of the checkout.
    pub(super) path: PathBuf,
}

/// The settings that all states of a run have in common.
pub(super) struct CommonSettings<'c> {
    /// The top of the checkout; empty if there is none.
    pub(super) top: &'c Path,
    pub(super) roots: &'c RealRoots,
    pub(super) tracked: TrackedFiles,
    /// Baselines that git does not track.
    pub(super) baselines: Vec<Baseline>,
    /// Paths that the user excludes.
    pub(super) excluded: Vec<(String, PathPatterns)>,
    /// The day of the run.
    pub(super) today: Option<Day>,
}

impl CommonSettings<'_> {
    /// Everything that the user accepts, whatever there was before a change.
    ///
    /// # Errors
    /// Baselines with different salts.
    pub(super) fn of_user(&self) -> Result<PolicyState, ConfigError> {
        let policy = Policy {
            baselines: self.baselines.clone(),
            excluded: self.excluded.clone(),
            roots: self.roots.clone(),
            today: self.today,
            ..Policy::default()
        };
        let salt = salt(&policy)?.unwrap_or_else(|| DEFAULT_SALT.to_owned());
        Ok(PolicyState { policy, salt, rule_files: Vec::new() })
    }
}

/// The settings of a state.
#[derive(Default)]
pub(super) struct StateSettings {
    pub(super) policy: Policy,
    /// The salt of its ids, if it has its own.
    pub(super) salt: Option<String>,
    /// Rule files of the tree.
    pub(super) rules: Vec<RuleFile>,
    /// Rule files that the user names, each with whether its rules may verify keys.
    pub(super) named_rules: Vec<(RuleFile, bool)>,
    /// The configuration that the user names.
    pub(super) config: ConfigFile,
    /// True to use experimental rules, too.
    pub(super) experimental: bool,
    /// Settings that only the user may make: the file and the key.
    pub(super) refused: Vec<(PathBuf, &'static str)>,
}

impl StateSettings {
    /// Reads the settings in `files`.
    ///
    /// # Errors
    /// A file that cannot be read or parsed.
    pub(super) fn read(
        files: Arc<StoredFiles>,
        common: &CommonSettings<'_>,
    ) -> Result<Self, ConfigError> {
        let mut own = StateReader { files: &files, common, settings: Self::default() };
        own.of_tree()?;
        own.of_user()?;
        let mut settings = own.settings;
        settings.policy.baselines.extend(common.baselines.iter().cloned());
        settings.policy.excluded.extend(common.excluded.iter().cloned());
        settings.policy.roots = common.roots.clone();
        settings.policy.today = common.today;
        settings.salt = salt(&settings.policy)?;
        let full = settings.salt.as_deref().unwrap_or(DEFAULT_SALT);
        let top = common.top.to_owned();
        let reader = nested_reader(files.clone(), top.clone());
        settings.policy.nested = NestedIgnoreFiles::new(&[top], full, reader);
        Ok(settings)
    }
}

/// Reads a state's settings.
struct StateReader<'r> {
    files: &'r StoredFiles,
    common: &'r CommonSettings<'r>,
    settings: StateSettings,
}

impl StateReader<'_> {
    /// The folder that patterns of the tree's own files count from.
    fn top(&self) -> PathBuf {
        let top = self.common.top;
        if top.as_os_str().is_empty() { PathBuf::from(".") } else { top.to_owned() }
    }

    /// Reads what is found in the tree.
    fn of_tree(&mut self) -> Result<(), ConfigError> {
        let path = Path::new(file::FILE_NAME);
        let is_named = self.common.tracked.config.as_ref().is_some_and(|own| own.path == path);
        if let Some(text) = self.text(path, MAX_SIZE)?.filter(|_| !is_named) {
            let written = ConfigFile::parse(file::FILE_NAME.to_owned(), text)?;
            for rules in &written.rules {
                let found = self.rule_files(&named_beside(path, rules)?, rules)?;
                self.settings.rules.extend(found);
            }
            if let Some(baseline) = &written.baseline {
                let inside = named_beside(path, baseline)?;
                self.baseline(&inside, &inside)?;
            }
            let mut found = TreeSettings::default();
            found.take_config(path, &self.top(), written)?;
            self.settings.policy.configs = found.policy.configs;
            self.settings.experimental = found.experimental;
            self.settings.refused = found.refused;
        }
        let path = Path::new(suppress::FILE_NAME);
        let name = suppress::FILE_NAME.to_owned();
        if let Some(text) = self.text(path, MAX_SIZE)? {
            let file = IgnoreFile::parse(&name, &self.top(), &text)?;
            self.settings.policy.ignore_files.push(file);
        }
        Ok(())
    }

    /// Reads what the user names.
    fn of_user(&mut self) -> Result<(), ConfigError> {
        let TrackedFiles { config, baseline, rules } = &self.common.tracked;
        for (rules, may_verify) in rules {
            let read = self.rule_files(&rules.path, &rules.name)?;
            self.settings.named_rules.extend(read.into_iter().map(|file| (file, *may_verify)));
        }
        let mut own_baseline = baseline.clone();
        if let Some(config) = config
            && let Some(text) = self.text(&config.path, file::MAX_SIZE)?
        {
            let name = config.name.display().to_string();
            let written = ConfigFile::parse(name.clone(), text)?;
            for rules in &written.rules {
                let read = self.rule_files(&beside(&config.path, rules)?, rules)?;
                self.settings.named_rules.extend(read.into_iter().map(|file| (file, false)));
            }
            if let Some(baseline) = written.baseline.as_ref().filter(|_| own_baseline.is_none()) {
                let path = beside(&config.path, baseline)?;
                own_baseline = Some(TrackedFile { name: path.clone(), path });
            }
            let top = self.top();
            let excluded = patterns(&name, std::slice::from_ref(&top), &written)?;
            self.settings.policy.excluded.push((format!("{name}: exclude"), excluded));
            let disabled = written.disable.iter().map(|id| id.get_ref().clone()).collect();
            let folder = std::fs::canonicalize(&top).unwrap_or(top);
            let excluded = PathPatterns::default();
            self.settings.policy.configs.push(TreeConfig { name, folder, disabled, excluded });
            self.settings.config = written;
        }
        if let Some(TrackedFile { name, path }) = own_baseline {
            self.baseline(&path, &name)?;
        }
        Ok(())
    }

    fn baseline(&mut self, path: &Path, name: &Path) -> Result<(), ConfigError> {
        let name = name.display().to_string();
        let known = self.settings.policy.baselines.iter().any(|own| own.name() == name);
        // A missing one accepts nothing.
        if let Some(text) = self.text(path, file::MAX_SIZE)?.filter(|_| !known) {
            self.settings.policy.baselines.push(Baseline::parse(&name, &text)?);
        }
        Ok(())
    }

    /// The rule file at `path`, or those in the folder.
    fn rule_files(&self, path: &Path, name: &Path) -> Result<Vec<RuleFile>, ConfigError> {
        let names = self.files.names(&stored_path(path)).map_err(|source| fault(name, source))?;
        let Some(names) = names else {
            let text = self.text(path, MAX_SIZE)?.ok_or_else(|| {
                let name = name.display();
                ConfigError::Usage(format!("{name}: no such rule file in the commits or the index"))
            })?;
            return Ok(vec![RuleFile { name: path.display().to_string(), text }]);
        };
        let mut files = Vec::new();
        for name in names.iter().filter(|name| name.ends_with(b".toml")).take(MAX_RULE_FILES) {
            let path = path.join(FilePath::from_bytes(name).to_path());
            if let Some(text) = self.text(&path, MAX_SIZE)? {
                files.push(RuleFile { name: path.display().to_string(), text });
            }
        }
        Ok(files)
    }

    fn text(&self, path: &Path, limit: u64) -> Result<Option<String>, ConfigError> {
        let read = self.files.read(&stored_path(path), limit);
        let Some(bytes) = read.map_err(|source| fault(path, source))? else { return Ok(None) };
        let text = settings_text(&bytes);
        text.map(Some).map_err(|error| ConfigError::of_text(path.display().to_string(), error))
    }
}

fn fault(path: &Path, source: StoredFileError) -> ConfigError {
    ConfigError::Stored { file: path.display().to_string(), source }
}

/// A path as git stores it.
pub(super) fn stored_path(path: &Path) -> Vec<u8> {
    FilePath::from_path(path).as_bytes().to_vec()
}

/// A file that a configuration at `path` names, from the top of the checkout.
fn beside(path: &Path, name: &Path) -> Result<PathBuf, ConfigError> {
    if name.is_absolute() {
        return Err(ConfigError::Usage(format!(
            "{}: `{}` is outside the repository; a configuration that git tracks may name only files \
             of the repository",
            path.display(),
            name.display()
        )));
    }
    let name = name.to_string_lossy().replace('\\', "/");
    Ok(path.parent().unwrap_or(Path::new("")).join(name))
}

/// Reads ignore files of folders below the top.
fn nested_reader(files: Arc<StoredFiles>, top: PathBuf) -> Arc<IgnoreFileReader> {
    Arc::new(move |path: &Path| {
        let Ok(path) = path.strip_prefix(&top) else { return Ok(None) };
        let read = files.read_plain(FilePath::from_path(path).as_bytes(), MAX_SIZE);
        let bytes = read.map_err(|error| error.to_string())?;
        let text = bytes.map(|bytes| settings_text(&bytes)).transpose();
        text.map_err(|error| error.to_string())
    })
}
