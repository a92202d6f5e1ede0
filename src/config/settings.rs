//! The settings of a scan from all sources, and the plan made from them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{fmt, fs};

use super::baseline::read_baseline;
use super::depth::DecodeDepth;
use super::discover::{beside, checkout_around, discover, folder_of, patterns, read_ignore_file};
use super::file::{ConfigError, ConfigFile, FILE_NAME};
use super::size::Size;
use crate::decode::ArchiveLimits;
use crate::model::{DEFAULT_SALT, Day, FilePath, Notice, NoticeKind, Severity};
use crate::rules::{Rule, RuleError, RuleErrors, RuleFile, Ruleset};
use crate::source::git::GitEnvironment;
use crate::source::{PathMatcher, RulesCache, TreeOptions};
use crate::suppress::{Baseline, ChangePolicy, NestedIgnoreFiles, PathPatterns, Policy, RealRoots};
use crate::verify::{VerifyOptions, VerifySettings};

/// The user's settings: flags, environment and the named configuration file.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// The configuration file named by the user.
    pub config: Option<PathBuf>,
    /// Rule files or folders of them, added to the built-in ones.
    pub rules: Vec<PathBuf>,
    /// How many of these the command line names; they come first. Only their rules may verify keys.
    pub named_rules: usize,
    /// The only rules to use; empty for all.
    pub only: Vec<String>,
    /// Rules not to use.
    pub disable: Vec<String>,
    /// True to use experimental rules, too.
    pub experimental: bool,
    /// Paths to skip, in the syntax of `.gitignore`. They count from the current folder, and without a
    /// slash at their beginning anywhere below what is scanned.
    pub exclude: Vec<String>,
    /// The top of the checkout, if a repository's objects are scanned: `exclude` counts from there,
    /// too. `None` for files.
    pub base: Option<PathBuf>,
    /// Git's variables, which lead to the user's own ignore file.
    pub environment: GitEnvironment,
    /// A baseline of accepted findings.
    pub baseline: Option<PathBuf>,
    /// True if the baseline may be missing, as it is about to be written.
    pub is_baseline_new: bool,
    /// Findings below this severity are counted, not reported.
    pub min_severity: Option<Severity>,
    /// Larger files are skipped and counted.
    pub max_file_size: Option<Size>,
    /// The number of nested encodings to decode.
    pub max_decode_depth: Option<DecodeDepth>,
    /// How many archives, one inside the other, are opened.
    pub max_archive_depth: Option<u8>,
    /// The memory that a thread may take for archives.
    pub max_archive_memory: Option<Size>,
    /// True to read files that git ignores, too.
    pub no_ignore: bool,
    /// Threads; 0 is one per processor.
    pub threads: Option<usize>,
    /// True to accept nothing that the scanned tree accepts. Its settings that widen the scan still
    /// count.
    pub no_suppress: bool,
    /// True to succeed even if there was nothing to scan.
    pub allow_empty: bool,
    /// The day on which acceptances with a last day count or do not; `None` for this one.
    pub today: Option<Day>,
    /// How to verify keys; `None` not to.
    pub verify: Option<VerifySettings>,
    /// A rule that is used whatever `only` and `disable` say, for trials of hooks.
    pub trial_rule: Option<RuleFile>,
}

/// The checked plan of a run.
pub struct Plan {
    /// The rules to search for.
    pub rules: Ruleset,
    /// Options for reading trees.
    pub tree: TreeOptions,
    /// The limits of opening archives.
    pub archives: ArchiveLimits,
    /// Folders with the client's build output, which confirms leaks.
    pub builds: Vec<PathBuf>,
    /// The policy that accepts findings, unless changes are scanned.
    pub policy: Policy,
    /// The policy for each of the scanned changes.
    pub changes: Vec<ChangePolicy>,
    /// True if markers in the text accept findings.
    pub inline: bool,
    /// The salt of finding ids.
    pub salt: String,
    /// Findings below this severity are counted, not reported.
    pub min_severity: Severity,
    /// True to succeed even if there was nothing to scan.
    pub allow_empty: bool,
    /// How to verify keys; `None` not to.
    pub verify: Option<VerifyOptions>,
    /// Notices about the configuration.
    pub notices: Vec<Notice>,
    /// The configuration files that were read.
    pub files: Vec<PathBuf>,
    /// The effective settings, for people.
    pub effective: Settings,
    /// The scanned paths, as the user wrote them.
    pub roots: Vec<PathBuf>,
}

impl Settings {
    /// Makes a plan from these settings, the files they name, and the settings of the scanned `roots`.
    ///
    /// # Errors
    /// A file that cannot be read or parsed, or an unknown rule id.
    pub fn plan(mut self, roots: &[PathBuf]) -> Result<Plan, ConfigError> {
        let mut files = Vec::new();
        let mut excluded = vec![("--exclude".to_owned(), self.excluded_here(roots)?)];
        if let Some(path) = self.config.clone() {
            let patterns = self.take_config(&path, &tops(roots))?;
            excluded.push((format!("{}: exclude", path.display()), patterns));
            files.push(path);
        }
        excluded.retain(|(_, patterns)| !patterns.is_empty());
        let mut found = discover(roots, self.config.as_deref())?;
        files.extend(found.files.iter().cloned());
        self.no_ignore |= found.no_ignore;
        self.experimental |= found.experimental;
        found.policy.baselines = self.read_baselines(&found.baselines)?;
        files.extend(found.policy.baselines.iter().map(|file| PathBuf::from(file.name())));
        let disabled = found.policy.configs.iter().flat_map(|config| &config.disabled);
        let is_chosen = |rule: &Rule| self.experimental || !rule.is_experimental;
        let loaded = self.load_rules(self.read_rules(&found.rules)?, disabled, &is_chosen)?;
        // The salt counts even if the policy does not, so that ids stay the same.
        let salt = salt(&found.policy)?.unwrap_or_else(|| DEFAULT_SALT.to_owned());
        let scan_roots = RealRoots::new(roots);
        let named = if self.base.is_none() { roots } else { &[] };
        let exclude = matcher(&excluded, &scan_roots, named);
        if self.no_suppress {
            found.policy = Policy::default();
        } else {
            found.policy.nested = NestedIgnoreFiles::new(roots, &salt, Arc::new(read_ignore_file));
            found.policy.excluded = excluded;
        }
        found.policy.roots = scan_roots;
        found.policy.today = self.today;
        let notices = found.refused.iter().map(|(path, key)| refusal(path, key)).collect();
        let plan = self.finish(loaded, exclude, notices)?;
        Ok(Plan { policy: found.policy, salt, files, roots: roots.to_vec(), ..plan })
    }

    /// The plan of these settings, with a policy that accepts nothing.
    pub(super) fn finish(
        self,
        loaded: LoadedRules,
        exclude: Option<PathMatcher>,
        mut notices: Vec<Notice>,
    ) -> Result<Plan, ConfigError> {
        let LoadedRules { rules, silenced, left_out } = loaded;
        let archives = self.archive_limits();
        notices.extend(left_out.iter().map(left_out_notice));
        let verify = self.verify.as_ref().map(|wanted| options(wanted, &rules)).transpose()?;
        if verify.is_some() {
            notices.extend(silenced.iter().map(|file| silence(file)));
        }
        Ok(Plan {
            rules,
            archives,
            tree: TreeOptions {
                threads: self.threads.unwrap_or(0),
                no_ignore: self.no_ignore,
                max_file_size: self.max_file_size.map(|size| size.0),
                exclude,
                outputs: Vec::new(),
                rules: RulesCache::new(self.environment.clone()),
            },
            salt: DEFAULT_SALT.to_owned(),
            inline: !self.no_suppress,
            builds: Vec::new(),
            policy: Policy { today: self.today, ..Policy::default() },
            changes: Vec::new(),
            min_severity: self.min_severity.unwrap_or(Severity::Note),
            allow_empty: self.allow_empty,
            verify,
            notices,
            files: Vec::new(),
            effective: self,
            roots: Vec::new(),
        })
    }

    /// The limits of opening archives.
    pub fn archive_limits(&self) -> ArchiveLimits {
        let memory = self.max_archive_memory.map(|size| usize::try_from(size.0));
        ArchiveLimits {
            depth: self.max_archive_depth.map_or(ArchiveLimits::DEPTH, usize::from),
            memory: memory.map_or(ArchiveLimits::MEMORY, |bytes| bytes.unwrap_or(usize::MAX)),
        }
    }

    /// The patterns of the command line.
    pub(super) fn excluded_here(&self, roots: &[PathBuf]) -> Result<PathPatterns, ConfigError> {
        let here = [PathBuf::from(".")].into_iter().chain(self.base.clone()).collect::<Vec<_>>();
        let folders: Vec<_> = roots.iter().map(|root| scanned_folder(root)).collect();
        PathPatterns::from_anywhere(&here, &folders, self.exclude.iter().map(String::as_str))
            .map_err(|error| ConfigError::Usage(format!("--exclude: {error}")))
    }

    /// Adds the settings of the file at `path`; flags win. Returns the paths it excludes, which count
    /// from each of the folders `tops`.
    pub(super) fn take_config(
        &mut self,
        path: &Path,
        tops: &[PathBuf],
    ) -> Result<PathPatterns, ConfigError> {
        let written = ConfigFile::read(path)?;
        let name = path.display().to_string();
        let excluded = patterns(&name, tops, &written)?;
        self.exclude.extend(written.exclude.into_iter().map(toml::Spanned::into_inner));
        self.rules.extend(written.rules.iter().map(|rules| beside(path, rules)));
        if self.only.is_empty() {
            self.only = written.only.into_iter().map(toml::Spanned::into_inner).collect();
        }
        self.experimental |= written.experimental;
        self.disable.extend(written.disable.into_iter().map(toml::Spanned::into_inner));
        self.baseline =
            self.baseline.take().or(written.baseline.map(|baseline| beside(path, &baseline)));
        self.min_severity =
            self.min_severity.or(written.min_severity.map(toml::Spanned::into_inner));
        self.max_file_size =
            self.max_file_size.or(written.max_file_size.map(toml::Spanned::into_inner));
        self.max_decode_depth =
            self.max_decode_depth.or(written.max_decode_depth.map(toml::Spanned::into_inner));
        self.max_archive_depth =
            self.max_archive_depth.or(written.max_archive_depth.map(toml::Spanned::into_inner));
        self.max_archive_memory =
            self.max_archive_memory.or(written.max_archive_memory.map(toml::Spanned::into_inner));
        self.no_ignore |= written.no_ignore == Some(true);
        self.threads = self.threads.or(written.threads.map(toml::Spanned::into_inner));
        Ok(excluded)
    }

    /// Reads the baseline of these settings first, then the `found` ones.
    pub(super) fn read_baselines(&self, found: &[PathBuf]) -> Result<Vec<Baseline>, ConfigError> {
        let mut baselines = Vec::new();
        let mut seen = BTreeSet::new();
        let named = self.baseline.iter().map(|path| (path, self.is_baseline_new));
        for (path, may_be_missing) in named.chain(found.iter().map(|path| (path, false))) {
            let whole = fs::canonicalize(path).or_else(|_| std::path::absolute(path));
            if seen.insert(whole.unwrap_or_else(|_| path.clone())) {
                baselines.push(read_baseline(path, may_be_missing)?);
            }
        }
        Ok(baselines)
    }

    /// Reads the rule files that the settings and the scanned tree name.
    pub(super) fn read_rules(&self, found: &[PathBuf]) -> Result<GivenRules, ConfigError> {
        let mut given = GivenRules::default();
        let mut seen = BTreeSet::new();
        let named = self.rules.iter().map(|path| (path, false));
        let all = named.chain(found.iter().map(|path| (path, true)));
        for (nth, (path, is_found)) in all.enumerate() {
            if seen.insert(fs::canonicalize(path).unwrap_or_else(|_| path.clone())) {
                let read = RuleFile::read(path).map_err(|error| RuleErrors(vec![error]))?;
                let names = read.iter().map(|file| file.name.clone());
                given.unnamed.extend(names.filter(|_| nth >= self.named_rules));
                if is_found { given.of_tree.extend(read) } else { given.named.extend(read) }
            }
        }
        Ok(given)
    }

    /// Loads the rules. The scanned tree disables those of `of_tree`; `is_chosen` says for each rule of
    /// which the flags say nothing whether it is used.
    pub(super) fn load_rules<'d>(
        &'d self,
        mut given: GivenRules,
        of_tree: impl Iterator<Item = &'d String>,
        is_chosen: &dyn Fn(&Rule) -> bool,
    ) -> Result<LoadedRules, ConfigError> {
        given.named.extend(self.trial_rule.clone());
        let GivenRules { named: files, of_tree: found, unnamed } = given;
        let (mut rules, left_out) = Ruleset::load_with_found(&files, &found, &is_fast)?;
        let mut silenced = BTreeSet::new();
        for rule in rules.rules.iter_mut().filter(|rule| unnamed.contains(&rule.file)) {
            if rule.drop_verify() {
                silenced.insert(rule.file.clone());
            }
        }
        let named = self.only.iter().chain(&self.disable);
        let is_left_out = |id| left_out.iter().any(|own| own.rule.as_deref() == Some(id));
        for id in of_tree.map(String::as_str).chain(named.map(String::as_str)) {
            if rules.by_id(id).is_none() && !is_left_out(id) {
                return Err(ConfigError::Usage(format!(
                    "unknown rule `{id}`; `keyside rules list` shows all rules"
                )));
            }
        }
        rules.decode_depth = self.max_decode_depth.unwrap_or_default().0;
        for rule in &mut rules.rules {
            let chosen = match &*self.only {
                [] => is_chosen(rule),
                only => only.contains(&rule.id),
            };
            let is_trial = self.trial_rule.as_ref().is_some_and(|own| own.name == rule.file);
            rule.is_wanted = is_trial || chosen && !self.disable.contains(&rule.id);
        }
        Ok(LoadedRules { rules, silenced, left_out })
    }
}

/// The rule files of a run besides those of the binary.
#[derive(Default)]
pub(super) struct GivenRules {
    /// Those that the user names.
    pub(super) named: Vec<RuleFile>,
    /// Those that the scanned tree names.
    pub(super) of_tree: Vec<RuleFile>,
    /// The names of those whose rules may not verify keys.
    pub(super) unnamed: BTreeSet<String>,
}

/// The rules of a run.
pub(super) struct LoadedRules {
    rules: Ruleset,
    /// Files whose rules lost their verification.
    silenced: BTreeSet<String>,
    /// The faults of rules of the scanned tree that are left out.
    left_out: Vec<RuleError>,
}

/// Checks the settings, and refuses pull requests from forks.
fn options(wanted: &VerifySettings, rules: &Ruleset) -> Result<VerifyOptions, ConfigError> {
    let options = VerifyOptions::new(wanted, rules)?;
    if wanted.is_forced || options.is_dry_run {
        return Ok(options);
    }
    match wanted.fork {
        None => Ok(options),
        Some(system) => Err(ConfigError::Usage(format!(
            "--verify is refused: according to {system}, this is or may be a pull request from a \
             fork, whose author would choose what is sent from here; --verify-force overrides this"
        ))),
    }
}

/// Refuses a rule of the scanned tree that does not begin with its keyword: with free text before
/// it, every hit is tried from thousands of places, and ten kilobytes take more than a minute. A long
/// open tail can still be slow on a text full of the keyword.
fn is_fast(rule: &Rule) -> Result<(), String> {
    if rule.keywords.is_empty() || rule.keyword_places.at_start {
        return Ok(());
    }
    Err("the pattern of a rule in the scanned tree must begin with its keyword; name the file with \
         --rules if you trust it"
        .to_owned())
}

/// The notice on a rule of the scanned tree that is not used.
fn left_out_notice(error: &RuleError) -> Notice {
    let rule = error.rule.as_deref().unwrap_or_default();
    let line = error.line.map(|line| format!(" in line {line}")).unwrap_or_default();
    Notice {
        path: Some(FilePath::from(error.file.as_str())),
        kind: NoticeKind::Rule,
        message: format!("rule `{rule}`{line} is left out: {}", error.message),
    }
}

/// The settings as an equivalent `keyside.toml`.
impl fmt::Display for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |items: &mut dyn Iterator<Item = String>| -> String {
            let quoted: Vec<_> = items.map(|item| toml::Value::String(item).to_string()).collect();
            format!("[{}]", quoted.join(", "))
        };
        let paths = &mut self.rules.iter().map(|path| path.display().to_string());
        writeln!(f, "rules = {}", list(paths))?;
        writeln!(f, "only = {}", list(&mut self.only.iter().cloned()))?;
        writeln!(f, "experimental = {}", self.experimental)?;
        writeln!(f, "disable = {}", list(&mut self.disable.iter().cloned()))?;
        writeln!(f, "exclude = {}", list(&mut self.exclude.iter().cloned()))?;
        if let Some(path) = &self.baseline {
            writeln!(f, "baseline = {}", toml::Value::String(path.display().to_string()))?;
        }
        let severity = self.min_severity.unwrap_or(Severity::Note);
        writeln!(f, "min-severity = \"{}\"", severity.name())?;
        match self.max_file_size {
            Some(size) => writeln!(f, "max-file-size = \"{size}\"")?,
            None => writeln!(f, "# max-file-size: no limit")?,
        }
        writeln!(f, "max-decode-depth = {}", self.max_decode_depth.unwrap_or_default())?;
        let ArchiveLimits { depth, memory } = self.archive_limits();
        writeln!(f, "max-archive-depth = {depth}")?;
        writeln!(f, "max-archive-memory = \"{}\"", Size(memory as u64))?;
        writeln!(f, "no-ignore = {}", self.no_ignore)?;
        match self.threads {
            Some(threads) if threads > 0 => writeln!(f, "threads = {threads}"),
            _ => writeln!(f, "threads = 0 # one per processor"),
        }
    }
}

/// The folder that is scanned if `root` is: around a file, the checkout or its folder.
fn scanned_folder(root: &Path) -> PathBuf {
    if root.is_dir() {
        return root.to_owned();
    }
    let folder = folder_of(root);
    checkout_around(&folder).unwrap_or(folder)
}

/// The folders that patterns of a configuration count from, wherever it lies: what is scanned, and the
/// tops of the checkouts around it. A repository without a checkout has the current folder.
pub(super) fn tops(roots: &[PathBuf]) -> Vec<PathBuf> {
    if roots.is_empty() {
        return vec![PathBuf::from(".")];
    }
    let mut tops: Vec<_> = roots.iter().map(|root| scanned_folder(root)).collect();
    let around: Vec<_> = tops.iter().filter_map(|top| checkout_around(top)).collect();
    tops.extend(around);
    tops
}

/// Matches what the user excludes, but not the paths in `named`: they are read because the user asked
/// for them, and the policy accepts what is found there.
pub(super) fn matcher(
    excluded: &[(String, PathPatterns)],
    roots: &RealRoots,
    named: &[PathBuf],
) -> Option<PathMatcher> {
    if excluded.is_empty() {
        return None;
    }
    let patterns: Vec<_> = excluded.iter().map(|(_, patterns)| patterns.clone()).collect();
    let is_excluded = move |path: &Path, is_folder: bool| {
        patterns.iter().any(|patterns| patterns.matched(path, is_folder).is_some())
    };
    let named = named.iter().map(|path| (roots.real(path), path.is_dir()));
    let named: Vec<_> = named.filter(|(path, is_folder)| is_excluded(path, *is_folder)).collect();
    let roots = roots.clone();
    Some(Arc::new(move |path: &Path, is_folder: bool| {
        let path = roots.real(path);
        !named.iter().any(|(named, _)| path.starts_with(named)) && is_excluded(&path, is_folder)
    }))
}

pub(super) fn refusal(path: &Path, key: &str) -> Notice {
    Notice {
        path: Some(FilePath::from_path(path)),
        kind: NoticeKind::UntrustedConfig,
        message: format!(
            "`{key}` is ignored, because this {FILE_NAME} is part of the scanned tree; name it \
             with --config if you trust it"
        ),
    }
}

/// The notice on a rule file that the command line does not name: its hosts are not the user's
/// choice.
fn silence(file: &str) -> Notice {
    Notice {
        path: Some(FilePath::from(file)),
        kind: NoticeKind::Verification,
        message: "the rules of this file cannot verify keys; name it with --rules if you trust \
                  its hosts"
            .to_owned(),
    }
}

/// The salt that ignore files and baselines agree on, if any has one.
pub(super) fn salt(policy: &Policy) -> Result<Option<String>, ConfigError> {
    let of_baselines = policy.baselines.iter().map(|file| (file.name(), file.salt()));
    let of_ignore_files = policy.ignore_files.iter().map(|file| (file.name(), file.salt()));
    let all = of_baselines.chain(of_ignore_files);
    let mut salts = all.filter_map(|(name, salt)| Some((name, salt?)));
    let Some((name, first)) = salts.next() else { return Ok(None) };
    match salts.find(|(_, other)| *other != first) {
        None => Ok(Some(first.to_owned())),
        Some((other, _)) => Err(ConfigError::Usage(format!(
            "{name} and {other} have different salts, so ids can match only one of them; scan the \
             trees one by one, or rewrite the baseline"
        ))),
    }
}
