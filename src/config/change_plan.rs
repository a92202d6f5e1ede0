//! The plan for scanning changes: the settings of the project come from the states that the changes lie
//! between, never from the disk. What narrows in any of them counts; what accepts is
//! [`ChangePolicy`]'s to weigh.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::file::ConfigError;
use super::settings::{GivenRules, Plan, Settings, matcher, refusal, tops};
use super::size::Size;
use super::stored_settings::{
    CommonSettings, StateSettings, TrackedFile, TrackedFiles, stored_path,
};
use crate::model::{DEFAULT_SALT, Notice, NoticeKind, Severity};
use crate::rules::{OF_CHANGE, Rule, RuleFile};
use crate::source::git::{
    ChangeStates, ReadError, SharedRepository, StoredFileError, StoredFiles, StoredState,
};
use crate::suppress::{ChangePolicy, PolicyState, RealRoots};

/// Changes whose states are stored.
pub struct StoredChanges {
    /// The repository.
    pub repository: SharedRepository,
    /// The states of each change.
    pub states: Vec<ChangeStates>,
    /// True if what a change itself accepts counts.
    pub trusts_head: bool,
}

/// The settings of all states of a run.
struct LoadedStates {
    /// In the order of the changes, bases before heads.
    order: Vec<StoredState>,
    by_state: BTreeMap<StoredState, StateSettings>,
    /// The states whose rules and limits count: all of them, or only those after trusted changes.
    counted: BTreeSet<StoredState>,
    notices: Vec<Notice>,
}

impl Settings {
    /// Makes a plan from these settings, the files they name, and the settings of the states that
    /// `changes` lie between. `top` is that of the checkout, if there is one.
    ///
    /// # Errors
    /// A file that cannot be read or parsed, or an unknown rule id. A state before a change that cannot
    /// be used accepts nothing, and a notice says so.
    pub fn plan_of_changes(
        mut self,
        top: Option<&Path>,
        changes: &StoredChanges,
    ) -> Result<Plan, ConfigError> {
        let roots: Vec<_> = top.map(ToOwned::to_owned).into_iter().collect();
        let scan_roots = RealRoots::new(&roots);
        let mut read = Vec::new();
        let states = open(changes, &mut read);
        let lookup = TrackedLookup::new(top, &states);
        let config = self.config.as_deref().and_then(|path| lookup.file(path));
        let mut excluded = vec![("--exclude".to_owned(), self.excluded_here(&roots)?)];
        let mut files = Vec::new();
        if let Some(path) = self.config.clone().filter(|_| config.is_none()) {
            let patterns = self.take_config(&path, &tops(&roots))?;
            excluded.push((format!("{}: exclude", path.display()), patterns));
            files.push(path);
        }
        // A configuration that git does not track may name files that it does.
        let tracked = TrackedFiles { config, ..self.take_tracked(&lookup) };
        excluded.retain(|(_, patterns)| !patterns.is_empty());
        let exclude = matcher(&excluded, &scan_roots, &[]);
        let baselines = self.read_baselines(&[])?;
        let common = CommonSettings {
            top: top.unwrap_or(Path::new("")),
            roots: &scan_roots,
            tracked,
            baselines,
            excluded,
            today: self.today,
        };
        let of_user = common.of_user()?;
        let mut loaded = LoadedStates::read(changes, states, &common, read)?;
        self.narrow(&loaded);
        let given = self.read_rules(&[])?;
        let (given, rule_files) = loaded.rules(given, changes);
        let heads = changes.states.iter().filter_map(|own| loaded.by_state.get(&own.head?));
        let disabled = heads.flat_map(|own| &own.policy.configs);
        let disabled: Vec<_> = disabled.flat_map(|config| config.disabled.clone()).collect();
        let is_chosen = |rule: &Rule| loaded.is_chosen(rule, self.experimental);
        let rules = self.load_rules(given, disabled.iter(), &is_chosen)?;
        let notices = std::mem::take(&mut loaded.notices);
        let (inline, trusts_head) = (!self.no_suppress, changes.trusts_head);
        let plan = self.finish(rules, exclude, notices)?;
        let policies = loaded.policies(rule_files, inline);
        let of_user = inline.then(|| Arc::new(of_user));
        let of = |states: &[StoredState]| -> Vec<Arc<PolicyState>> {
            let mut all: Vec<_> = states.iter().filter_map(|own| policies.get(own)).collect();
            all.dedup_by(|a, b| Arc::ptr_eq(a, b));
            all.into_iter().cloned().collect()
        };
        let changes = changes.states.iter().map(|own| ChangePolicy {
            bases: of(&own.bases).into_iter().chain(of_user.clone()).collect(),
            forks: of(&own.forks),
            head: of(own.head.as_slice()).pop().unwrap_or_default(),
            trusts_head,
        });
        let changes: Vec<_> = changes.collect();
        let states = changes.iter().flat_map(|own| [&own.head].into_iter().chain(&own.bases));
        let own_salt = states.map(|state| &state.salt).find(|salt| *salt != DEFAULT_SALT);
        let salt = own_salt.cloned().unwrap_or_else(|| DEFAULT_SALT.to_owned());
        Ok(Plan { changes, salt, files, ..plan })
    }

    /// Takes the baseline and the rule files that git tracks out of those that the user names.
    fn take_tracked(&mut self, lookup: &TrackedLookup<'_>) -> TrackedFiles {
        let baseline = self.baseline.as_deref().and_then(|path| lookup.file(path));
        if baseline.is_some() {
            self.baseline = None;
        }
        let (mut rules, mut rest, mut named_rules) = (Vec::new(), Vec::new(), 0);
        for (nth, path) in std::mem::take(&mut self.rules).into_iter().enumerate() {
            let may_verify = nth < self.named_rules;
            match lookup.file(&path) {
                Some(file) => rules.push((file, may_verify)),
                None => {
                    named_rules += usize::from(may_verify);
                    rest.push(path);
                }
            }
        }
        (self.rules, self.named_rules) = (rest, named_rules);
        TrackedFiles { config: None, baseline, rules }
    }

    /// Takes over the limits of the configurations that the user names, of each the widest.
    fn narrow(&mut self, loaded: &LoadedStates) {
        let configs: Vec<_> = loaded.counted().map(|own| &own.config).collect();
        if configs.is_empty() {
            return;
        }
        let severities = configs.iter().map(|own| own.min_severity.as_ref());
        let lowest = severities.map(|own| own.map_or(Severity::Note, |own| *own.get_ref())).min();
        self.min_severity = self.min_severity.or(lowest);
        let sizes = configs.iter().map(|own| own.max_file_size.as_ref().map(|own| own.get_ref().0));
        let largest = sizes.reduce(|one, other| Some(one?.max(other?))).flatten();
        self.max_file_size = self.max_file_size.or(largest.map(Size));
        let depths = configs.iter().map(|own| own.max_decode_depth.as_ref());
        let deepest = depths.map(|own| own.map(|own| *own.get_ref()).unwrap_or_default());
        self.max_decode_depth = self.max_decode_depth.or(deepest.max_by_key(|depth| depth.0));
        let threads = configs.iter().find_map(|own| own.threads.as_ref());
        self.threads = self.threads.or(threads.map(|own| *own.get_ref()));
        self.experimental |= loaded.counted().any(|own| own.experimental);
        self.experimental |= configs.iter().any(|own| own.experimental);
    }
}

/// Looks up files that the user names in the states of a run.
struct TrackedLookup<'l> {
    /// The top of the checkout, without links in its path.
    top: Option<PathBuf>,
    states: &'l BTreeMap<StoredState, Arc<StoredFiles>>,
}

impl<'l> TrackedLookup<'l> {
    fn new(top: Option<&Path>, states: &'l BTreeMap<StoredState, Arc<StoredFiles>>) -> Self {
        Self { top: top.and_then(|top| std::fs::canonicalize(top).ok()), states }
    }

    /// The file or folder `name`, if any of the states has it: the link by its own name, or what it
    /// leads to.
    fn file(&self, name: &Path) -> Option<TrackedFile> {
        let top = self.top.as_ref()?;
        let whole = std::path::absolute(name).ok()?;
        let beside = std::fs::canonicalize(whole.parent()?).ok().zip(whole.file_name());
        let own = beside.map(|(folder, name)| folder.join(name));
        let paths = own.into_iter().chain(std::fs::canonicalize(name).ok());
        let mut paths = paths.filter_map(|path| Some(path.strip_prefix(top).ok()?.to_owned()));
        let path = paths.find(|path| {
            // What cannot be looked up may be tracked.
            let has = |files: &Arc<StoredFiles>| files.has(&stored_path(path)).unwrap_or(true);
            self.states.values().any(has)
        });
        path.map(|path| TrackedFile { name: name.to_owned(), path })
    }
}

/// Opens the states. Those that cannot be read are left out; the notices about them are added to
/// `notices`.
fn open(
    changes: &StoredChanges,
    notices: &mut Vec<Notice>,
) -> BTreeMap<StoredState, Arc<StoredFiles>> {
    let mut states = BTreeMap::new();
    for own in &changes.states {
        for state in own.bases.iter().chain(&own.forks).chain(&own.head) {
            if states.contains_key(state) {
                continue;
            }
            match StoredFiles::open(&changes.repository, *state) {
                Ok(files) => drop(states.insert(*state, Arc::new(files))),
                // Nothing depends on the states before a trusted change but a count.
                Err(_) if changes.trusts_head && own.head != Some(*state) => {}
                Err(error) => notices.push(Notice {
                    path: None,
                    kind: NoticeKind::MissingObject,
                    message: format!(
                        "{}, so nothing that they accept counts: {error}",
                        unusable(*state, own)
                    ),
                }),
            }
        }
    }
    notices.sort();
    notices.dedup();
    states
}

/// The beginning of a sentence about a state whose settings cannot be used.
fn unusable(state: StoredState, change: &ChangeStates) -> String {
    let which = if change.head == Some(state) { "the end" } else { "the base" };
    match state {
        StoredState::Index => "the settings in the index cannot be used".to_owned(),
        StoredState::Commit(oid) => {
            format!("the settings at {which} of the change, {oid:.12}, cannot be used")
        }
    }
}

impl LoadedStates {
    fn read(
        changes: &StoredChanges,
        states: BTreeMap<StoredState, Arc<StoredFiles>>,
        common: &CommonSettings<'_>,
        notices: Vec<Notice>,
    ) -> Result<Self, ConfigError> {
        let heads = changes.states.iter().filter_map(|change| change.head);
        let counted =
            if changes.trusts_head { heads.collect() } else { states.keys().copied().collect() };
        let (order, by_state) = Default::default();
        let mut own = Self { order, by_state, counted, notices };
        let bases = changes.states.iter().flat_map(|change| {
            change.bases.iter().chain(&change.forks).map(move |state| (*state, change))
        });
        let heads = changes.states.iter().filter_map(|change| Some((change.head?, change)));
        for (state, change) in bases.chain(heads) {
            let Some(files) = states.get(&state).filter(|_| !own.by_state.contains_key(&state))
            else {
                continue;
            };
            let settings = match StateSettings::read(files.clone(), common) {
                Ok(settings) => settings,
                Err(error) => {
                    let notice = faulty(state, change, error)?;
                    let is_told = !changes.trusts_head || change.head == Some(state);
                    own.notices.extend(is_told.then_some(notice));
                    StateSettings::default()
                }
            };
            if change.head == Some(state) {
                let refused = settings.refused.iter().map(|(path, key)| refusal(path, key));
                own.notices.extend(refused);
            }
            own.order.push(state);
            own.by_state.insert(state, settings);
        }
        own.notices.sort();
        own.notices.dedup();
        Ok(own)
    }

    /// The settings of the states whose rules and limits count.
    fn counted(&self) -> impl Iterator<Item = &StateSettings> {
        self.by_state.iter().filter(|(state, _)| self.counted.contains(state)).map(|own| own.1)
    }

    /// Adds the rule files of these states to `given`, each text once. Also returns the names of the
    /// files of each state.
    fn rules(
        &mut self,
        mut given: GivenRules,
        changes: &StoredChanges,
    ) -> (GivenRules, BTreeMap<StoredState, Vec<String>>) {
        let mut known: Vec<(String, RuleFile)> = Vec::new();
        let mut names: BTreeMap<StoredState, Vec<String>> = BTreeMap::new();
        for state in self.order.iter().filter(|state| self.counted.contains(state)) {
            // Of a trusted change, the rules are as good as others.
            let is_base =
                changes.trusts_head || changes.states.iter().any(|own| own.bases.contains(state));
            let Some(settings) = self.by_state.get_mut(state) else { continue };
            let named = std::mem::take(&mut settings.named_rules).into_iter();
            let found = std::mem::take(&mut settings.rules).into_iter().map(|file| (file, false));
            let named = named.map(|(file, may_verify)| (file, may_verify, true));
            let found = found.map(|(file, may_verify)| (file, may_verify, false));
            for (file, may_verify, is_named) in named.chain(found) {
                let path = file.name.clone();
                let is_same =
                    |(name, own): &&(String, RuleFile)| *name == path && own.text == file.text;
                if let Some((_, own)) = known.iter().find(is_same) {
                    names.entry(*state).or_default().push(own.name.clone());
                    continue;
                }
                let mut file = file;
                // What a file weighs against its own rules is its own; a change's is another file.
                while !is_base && !file.name.ends_with(OF_CHANGE)
                    || known.iter().any(|(_, own)| own.name == file.name)
                {
                    file.name.push_str(OF_CHANGE);
                }
                names.entry(*state).or_default().push(file.name.clone());
                if !(is_base && may_verify) {
                    given.unnamed.insert(file.name.clone());
                }
                known.push((path, file.clone()));
                let list = if is_base && is_named { &mut given.named } else { &mut given.of_tree };
                list.push(file);
            }
        }
        (given, names)
    }

    /// True if any state uses a rule.
    fn is_chosen(&self, rule: &Rule, experimental: bool) -> bool {
        let is_on = experimental || !rule.is_experimental;
        if self.counted().next().is_none() {
            return is_on;
        }
        self.counted().any(|own| {
            let is = |id: &toml::Spanned<String>| *id.get_ref() == rule.id;
            let is_wanted =
                if own.config.only.is_empty() { is_on } else { own.config.only.iter().any(is) };
            is_wanted && !own.config.disable.iter().any(is)
        })
    }

    /// The policy of each state; with `counts` unset, it accepts nothing.
    fn policies(
        self,
        mut rule_files: BTreeMap<StoredState, Vec<String>>,
        counts: bool,
    ) -> BTreeMap<StoredState, Arc<PolicyState>> {
        let policies = self.by_state.into_iter().map(|(state, own)| {
            let salt = own.salt.unwrap_or_else(|| DEFAULT_SALT.to_owned());
            let policy = if counts { own.policy } else { Default::default() };
            let rule_files = rule_files.remove(&state).unwrap_or_default();
            (state, Arc::new(PolicyState { policy, salt, rule_files }))
        });
        policies.collect()
    }
}

/// The notice on settings that cannot be used. Those of the end of a change are an error, as on disk,
/// unless an object is missing.
fn faulty(
    state: StoredState,
    change: &ChangeStates,
    error: ConfigError,
) -> Result<Notice, ConfigError> {
    let unread = match &error {
        ConfigError::Stored { source: StoredFileError::Unread(why), .. } => Some(why),
        ConfigError::Stored { .. }
        | ConfigError::Read { .. }
        | ConfigError::Syntax { .. }
        | ConfigError::Rules(_)
        | ConfigError::IgnoreFile(_)
        | ConfigError::Baseline(_)
        | ConfigError::Verify(_)
        | ConfigError::Usage(_) => None,
    };
    let kind = match unread {
        Some(ReadError::Missing) => NoticeKind::MissingObject,
        Some(ReadError::Damaged(_)) => NoticeKind::DamagedObject,
        None if change.head == Some(state) && !change.bases.contains(&state) => return Err(error),
        None => NoticeKind::UntrustedConfig,
    };
    let hint = if kind == NoticeKind::MissingObject {
        "; clone without --filter and --depth to get all objects"
    } else {
        ""
    };
    let message =
        format!("{}, so nothing that they accept counts: {error}{hint}", unusable(state, change));
    Ok(Notice { path: None, kind, message })
}
