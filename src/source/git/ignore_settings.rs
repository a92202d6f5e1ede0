//! Git's settings that concern ignored files: `core.excludesFile` and `core.ignoreCase`.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use git2::{Config, ConfigLevel};

use super::config_files::config_fault;
use super::environment::GitEnvironment;
use super::safe_read::is_special;
use crate::patterns::LetterCase;

/// Git's settings that concern ignored files.
#[derive(Debug, Default, PartialEq, Eq)]
pub(in crate::source) struct IgnoreSettings {
    /// The user's own ignore file, which need not exist.
    pub(in crate::source) file: Option<PathBuf>,
    /// How letters of patterns and paths are compared.
    pub(in crate::source) case: LetterCase,
}

const FILE: &str = "core.excludesFile";

impl IgnoreSettings {
    /// The settings of the checkout at `top`. `git` is its folder, and `common` the one that it
    /// shares with linked checkouts.
    pub(in crate::source) fn of(
        top: &Path,
        git: &Path,
        common: &Path,
        environment: &GitEnvironment,
    ) -> Self {
        let files = |names: [&str; 2]| -> Vec<PathBuf> {
            names.iter().flat_map(|name| [git.join(name), common.join(name)]).collect()
        };
        let is_fit = !files(["HEAD", "commondir"]).iter().any(|file| is_special(file))
            && config_fault(files(["config", "config.worktree"])).is_none();
        if !is_fit {
            return Self::default();
        }
        let layers = layers(git, common, environment);
        let named = match of_environment(environment) {
            Some(path) => Some(Some(path)),
            None => layers
                .iter()
                .find(|layer| layer.get_entry(FILE).is_ok())
                .map(|layer| layer.get_path(FILE).ok()),
        };
        // A relative path counts from where git runs, and it changes to the top first.
        let named = named.unwrap_or_else(|| default_file(environment));
        let file = named.map(|path| top.join(path));
        let ignores_case = layers.iter().find_map(|layer| layer.get_bool("core.ignoreCase").ok());
        let case = match ignores_case {
            Some(true) => LetterCase::Ignored,
            Some(false) | None => LetterCase::Matters,
        };
        Self { file, case }
    }
}

/// Git's configurations, the most important one first.
fn layers(git: &Path, common: &Path, environment: &GitEnvironment) -> Vec<Config> {
    // Opened as bare, a repository is read whoever owns it, and nothing of it is run.
    let own = git2::Repository::open_bare(git).and_then(|repository| repository.config());
    // Formats that libgit2 does not know have configurations all the same.
    let all = own.or_else(|_| -> Result<Config, git2::Error> {
        let mut all = Config::open_default()?;
        all.add_file(&common.join("config"), ConfigLevel::Local, false)?;
        Ok(all)
    });
    let Ok(all) = all else { return Vec::new() };
    let level = |level| all.open_level(level).ok();
    let file = |path: &OsStr| {
        let path = Path::new(path);
        let mut config = Config::new().ok().filter(|_| !is_special(path))?;
        config.add_file(path, ConfigLevel::Global, false).ok()?;
        Some(config)
    };
    let mut layers = vec![level(ConfigLevel::Worktree), level(ConfigLevel::Local)];
    match environment.value("GIT_CONFIG_GLOBAL") {
        Some(path) => layers.push(file(path)),
        None => layers.extend([level(ConfigLevel::Global), level(ConfigLevel::XDG)]),
    }
    let is_set = |value: &OsStr| !matches!(value.to_str(), Some("" | "0" | "false" | "no" | "off"));
    if !environment.value("GIT_CONFIG_NOSYSTEM").is_some_and(is_set) {
        layers.push(match environment.value("GIT_CONFIG_SYSTEM") {
            Some(path) => file(path),
            None => level(ConfigLevel::System),
        });
    }
    layers.into_iter().flatten().collect()
}

/// The path that the environment sets (`GIT_CONFIG_COUNT`): the last one counts.
fn of_environment(environment: &GitEnvironment) -> Option<PathBuf> {
    let number = |name: &str| environment.value(name)?.to_str()?.parse::<usize>().ok();
    let is_file = |nth: &usize| {
        let key = environment.value(&format!("GIT_CONFIG_KEY_{nth}"));
        key.is_some_and(|key| key.eq_ignore_ascii_case(FILE))
    };
    let nth = (0..number("GIT_CONFIG_COUNT")?.min(1000)).rev().find(is_file)?;
    let path = Path::new(environment.value(&format!("GIT_CONFIG_VALUE_{nth}"))?);
    match path.strip_prefix("~") {
        Ok(below) => Some(environment.home()?.join(below)),
        Err(_) => Some(path.to_owned()),
    }
}

/// The file that git reads if no setting names one.
fn default_file(environment: &GitEnvironment) -> Option<PathBuf> {
    let own = environment.path("XDG_CONFIG_HOME");
    let folder = own.or_else(|| Some(environment.home()?.join(".config")))?;
    Some(folder.join("git/ignore"))
}
