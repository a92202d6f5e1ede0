//! `keyside baseline`: writes, prunes and shows a baseline of accepted findings.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use serde_json::json;

use super::args::{BaselineAction, BaselineScanArgs, ShowFormat};
use super::command_escaper::escape_commands;
use super::interrupt::{WriteLock, install_handler};
use super::output::put;
use super::sanitize::{mask_keys, sanitize};
use super::streams::Streams;
use super::unused_ignores::find_unused;
use super::{exit, progress, repository, saved_report};
use crate::config::{Plan, Settings, read_baseline};
use crate::model::{
    Completeness, Finding, FindingKind, Fingerprint, Mode, Report, Severity, Time, read_settings,
    replace_file,
};
use crate::report;
use crate::rules::Rule;
use crate::run::{self, GitTarget, Progress, ScanTarget};
use crate::scan::KeyScanner;
use crate::source::git::Repository;
use crate::suppress::{
    self, BASELINE_NAME, Baseline, BaselineEntry, SeenFindings, UnusedEntry, day,
};

/// The largest ignore file, in bytes.
const MAX_IGNORE_FILE: u64 = 1 << 20;

pub(super) fn baseline(action: BaselineAction, streams: &Streams) -> anyhow::Result<u8> {
    match action {
        BaselineAction::Write { scan, reason, from } => {
            write(scan, &reason, from.as_deref(), streams)
        }
        BaselineAction::Prune { scan, dry_run } => prune(scan, dry_run, streams),
        BaselineAction::Show { path, baseline, format } => {
            show(&file_of(baseline, &path), format, streams)
        }
    }
}

/// The named baseline, or else the one in the folder.
fn file_of(named: Option<PathBuf>, path: &Path) -> PathBuf {
    named.unwrap_or_else(|| {
        let file = folder_of(path).join(BASELINE_NAME);
        file.strip_prefix(".").map(Path::to_owned).unwrap_or(file)
    })
}

/// The folder that `path` is, or that it is in.
pub(super) fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if path.is_file() && folder.as_os_str().is_empty() => Path::new("."),
        Some(folder) if path.is_file() => folder,
        _ => path,
    }
}

/// The scan for a baseline.
struct BaselineScan {
    plan: Plan,
    file: PathBuf,
    /// The existing baseline, which accepts nothing in this scan.
    baseline: Baseline,
    /// The repository, if everything it stores is scanned.
    repository: Option<Repository>,
    /// The working tree; `None` for a bare repository.
    root: Option<PathBuf>,
}

impl BaselineScan {
    fn new(args: BaselineScanArgs, is_new: bool) -> anyhow::Result<Self> {
        let BaselineScanArgs { path, baseline, history, tree, rules } = args;
        let file = file_of(baseline, &path);
        let of_history = history || read_baseline(&file, is_new)?.of_history;
        let repository = of_history.then(|| repository::open(&path)).transpose()?;
        let root = match &repository {
            Some(repository) => repository.checkout().map(Path::to_owned),
            None => Some(path),
        };
        let settings = Settings {
            base: root.clone().filter(|_| of_history),
            baseline: Some(file.clone()),
            is_baseline_new: is_new,
            // Another scan may report findings of a lower severity.
            min_severity: Some(Severity::Note),
            ..rules.settings(tree.settings(Settings::default()))
        };
        let roots: Vec<_> = root.iter().cloned().collect();
        let mut plan = settings.plan(&roots)?;
        if !plan.rules.rules.iter().any(Rule::is_reported) {
            bail!("no rule is left to scan with: see --only and --disable");
        }
        // The named one comes first.
        let mut baseline = plan.policy.baselines.remove(0);
        baseline.of_history = of_history;
        Ok(Self { plan, file, baseline, repository, root })
    }

    /// Scans history and tree, and shows the notices.
    fn scan(&self, streams: &Streams) -> anyhow::Result<(Vec<Report>, WriteLock)> {
        let progress = Progress { is_shown: progress::is_shown(true), ..Progress::default() };
        let lock = install_handler(&progress, streams)?;
        let reports = progress::shown(true, &progress, || -> anyhow::Result<_> {
            let mut reports = Vec::new();
            if let Some(repository) = &self.repository {
                let all = GitTarget::History { selection: None, cache: None, is_recursive: false };
                reports.push(run::run_git(&self.plan, repository, &all, false, &progress)?);
            }
            if let Some(root) = &self.root {
                let paths = [root.clone()];
                reports.push(run::run(
                    &self.plan,
                    &mut [ScanTarget::Paths(&paths)],
                    false,
                    &progress,
                ));
            }
            Ok(reports)
        })?;
        let mut err = streams.err();
        for report in &reports {
            report::write_notices(report, false, &mut err)?;
        }
        Ok((reports, lock))
    }

    /// The entry of every finding.
    fn found(&self, reports: &[Report]) -> BTreeMap<Fingerprint, BaselineEntry> {
        let mut found: BTreeMap<Fingerprint, BaselineEntry> = BTreeMap::new();
        for finding in reports.iter().flat_map(|report| &report.findings) {
            let entry = self.entry(finding);
            match found.get_mut(&finding.id) {
                // The last report is the tree's: an existing file is the best place.
                Some(first) => {
                    *first = BaselineEntry { kind: first.kind.max(entry.kind), ..entry };
                }
                None => {
                    found.insert(finding.id, entry);
                }
            }
        }
        found
    }

    /// The entry of every finding in a JSON report whose rule is in use; and whether the report's scan has
    /// read everything.
    fn found_in(
        &self,
        report: &Path,
    ) -> anyhow::Result<(BTreeMap<Fingerprint, BaselineEntry>, bool)> {
        let report = saved_report::read(report)?;
        let mut found: BTreeMap<Fingerprint, BaselineEntry> = BTreeMap::new();
        for finding in report.findings {
            let rule = self.plan.rules.by_id(&finding.rule_id);
            if !rule.is_some_and(Rule::is_reported) {
                continue;
            }
            let entry = found.entry(finding.id).or_default();
            entry.kind = entry.kind.max(Some(finding.kind));
            entry.rule_id = Some(finding.rule_id);
            let path = finding.place.map(|(path, ..)| path);
            entry.path = path.filter(|path| !path.is_empty());
        }
        Ok((found, report.is_complete))
    }

    fn entry(&self, finding: &Finding) -> BaselineEntry {
        let path = finding.occurrences[0].provenance.path.to_path();
        let root = self.root.as_deref().map(folder_of);
        let path = root.and_then(|root| path.strip_prefix(root).ok()).unwrap_or(&path);
        let path = path.to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/");
        BaselineEntry {
            rule_id: Some(finding.rule_id.clone()),
            kind: Some(finding.kind),
            // Messages have no path.
            path: Some(path).filter(|path| !path.is_empty()),
            ..BaselineEntry::default()
        }
    }

    /// Writes the baseline, with keys in any of its texts masked.
    fn keep(&mut self, lock: &WriteLock) -> anyhow::Result<()> {
        let scanner = KeyScanner::new(&self.plan.rules);
        self.baseline.change_texts(|text| scanner.masked_text(text));
        self.baseline.set_salt(&self.plan.salt);
        let _held = lock.hold();
        replace_file(&self.file, self.baseline.to_string().as_bytes())
            .with_context(|| format!("cannot write the baseline {}", self.file.display()))
    }
}

fn write(
    args: BaselineScanArgs,
    reason: &str,
    from: Option<&Path>,
    streams: &Streams,
) -> anyhow::Result<u8> {
    let mut job = BaselineScan::new(args, true)?;
    let is_new_file = !job.file.exists();
    let (found, is_complete, lock) = match from {
        Some(report) => {
            let (found, is_complete) = job.found_in(report)?;
            (found, is_complete, WriteLock::default())
        }
        None => {
            let (reports, lock) = job.scan(streams)?;
            (job.found(&reports), is_complete(&reports), lock)
        }
    };
    let added = day(Time::now());
    let mut added_count = 0;
    for (id, entry) in found {
        let entry = BaselineEntry { added, reason: reason.to_owned(), ..entry };
        added_count += usize::from(job.baseline.accept(id, entry));
    }
    job.keep(&lock)?;
    let name = sanitize(job.baseline.name());
    let count = findings(job.baseline.entries().len());
    let mut out = streams.out();
    writeln!(out, "{name}: {count} accepted, {added_count} of them new")?;
    if is_new_file && let Some(own) = job.file.file_name() {
        let own = sanitize(&own.to_string_lossy());
        writeln!(out, "to use it: `keyside scan -b {name}`, or a keyside.toml beside it with")?;
        writeln!(out, "           baseline = \"{own}\"")?;
    }
    Ok(if is_complete { exit::CLEAN } else { exit::INCOMPLETE })
}

fn prune(args: BaselineScanArgs, is_dry_run: bool, streams: &Streams) -> anyhow::Result<u8> {
    // Without a baseline, there may still be an ignore file.
    let is_named = args.baseline.is_some();
    let folder = folder_of(&args.path).to_owned();
    let has_ignore_file = folder.join(suppress::FILE_NAME).is_file();
    let file = file_of(args.baseline.clone(), &args.path);
    let has_baseline = is_named || !has_ignore_file || file.exists();
    let mut job = BaselineScan::new(args, !has_baseline)?;
    let (reports, lock) = job.scan(streams)?;
    let name = sanitize(job.baseline.name());
    if !is_complete(&reports) {
        writeln!(streams.err(), "{name}: unchanged, because not everything was read")?;
        return Ok(exit::INCOMPLETE);
    }
    if has_baseline {
        prune_baseline(&mut job, (&reports, &lock), is_dry_run, streams)?;
    }
    prune_ignore_files(&job, &reports, &folder, is_dry_run, streams)
}

fn done(is_dry_run: bool) -> &'static str {
    if is_dry_run { "would be removed" } else { "removed" }
}

fn prune_baseline(
    job: &mut BaselineScan,
    (reports, lock): (&[Report], &WriteLock),
    is_dry_run: bool,
    streams: &Streams,
) -> anyhow::Result<()> {
    let name = sanitize(job.baseline.name());
    let there: BTreeSet<_> = reports.iter().flat_map(ids).collect();
    let rules = &job.plan.rules;
    // A key that was not looked for is not gone.
    let is_sought = |entry: &BaselineEntry| {
        let rule = entry.rule_id.as_ref().map(|id| rules.by_id(id));
        rule.is_none_or(|rule| rule.is_some_and(Rule::is_reported))
    };
    let entries = job.baseline.entries().into_iter();
    let (known, gone): (Vec<_>, Vec<_>) =
        entries.partition(|(id, entry)| there.contains(id) || !is_sought(entry));
    let unsought = known.iter().filter(|(id, _)| !there.contains(id)).count();
    let mut out = streams.out();
    let done = done(is_dry_run);
    for (id, entry) in &gone {
        writeln!(out, "{done}: {}", line(*id, entry))?;
    }
    writeln!(out, "{name}: {} {done}, {} left", findings(gone.len()), known.len())?;
    if unsought > 0 {
        let those = findings(unsought);
        writeln!(out, "{name}: {those} not checked, as their rules are not in use")?;
    }
    let gone: Vec<_> = gone.into_iter().map(|(id, _)| id).collect();
    if !gone.is_empty() && !is_dry_run {
        gone.into_iter().for_each(|id| job.baseline.remove(id));
        job.keep(lock)?;
    }
    Ok(())
}

/// Removes the entries of the ignore files in `folder` and below it that have no use.
fn prune_ignore_files(
    job: &BaselineScan,
    reports: &[Report],
    folder: &Path,
    is_dry_run: bool,
    streams: &Streams,
) -> anyhow::Result<u8> {
    let mut seen = SeenFindings::default();
    for report in reports {
        // Paths of git are relative to the top of the checkout.
        let base = job.root.as_deref().filter(|_| report.mode == Mode::History);
        seen.add(report, base.unwrap_or(Path::new("")), &job.plan.policy.roots);
    }
    let top = fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
    let is_judged = |root: &Path| root.starts_with(&top);
    let Some(unused) = find_unused(&job.plan, seen, &is_judged)? else {
        let name = suppress::FILE_NAME;
        writeln!(streams.err(), "{name}: unchanged, because not everything was read")?;
        return Ok(exit::INCOMPLETE);
    };
    let mut by_file: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
    let mut out = streams.out();
    let done = done(is_dry_run);
    let has_files = job.plan.policy.ignore_files.iter().any(|file| is_judged(file.root()));
    if unused.is_empty() && has_files {
        writeln!(out, "{}: 0 entries {done}", suppress::FILE_NAME)?;
    }
    for UnusedEntry { file, line, name, .. } in &unused {
        writeln!(out, "{done}: {}", sanitize(&format!("{file}:{line}: {name}")))?;
        by_file.entry(file).or_default().insert(*line);
    }
    for (file, lines) in by_file {
        let entries =
            if lines.len() == 1 { "1 entry" } else { &format!("{} entries", lines.len()) };
        writeln!(out, "{}: {entries} {done}", sanitize(file))?;
        if !is_dry_run {
            remove_lines(Path::new(file), &lines)?;
        }
    }
    Ok(exit::CLEAN)
}

/// Fails for a link: it is part of the scanned tree, and could lead to any file of the user's.
pub(super) fn refuse_link(path: &Path) -> anyhow::Result<()> {
    if path.is_symlink() {
        bail!("{} is a link: change the file that it leads to by hand", path.display());
    }
    Ok(())
}

/// Replaces the content of a file as a whole.
pub(super) fn replace_settings(path: &Path, text: &str) -> anyhow::Result<()> {
    replace_file(path, text.as_bytes()).with_context(|| format!("cannot write {}", path.display()))
}

/// Removes lines of a text file by their 1-based numbers; all others stay as they are.
fn remove_lines(path: &Path, lines: &BTreeSet<usize>) -> anyhow::Result<()> {
    refuse_link(path)?;
    let decoded = read_settings(path, MAX_IGNORE_FILE)
        .with_context(|| format!("cannot read {}", path.display()))?;
    let written = fs::read(path).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    // Line ends stay; a file in UTF-16 becomes one in UTF-8.
    let is_same = |text: &String| text.lines().count() == decoded.lines().count();
    let text = written.filter(is_same).unwrap_or(decoded);
    let kept = (1..).zip(text.split_inclusive('\n')).filter(|(number, _)| !lines.contains(number));
    replace_settings(path, &kept.map(|(_, line)| line).collect::<String>())
}

/// The ids of all findings of a scan, accepted or not.
fn ids(report: &Report) -> impl Iterator<Item = Fingerprint> {
    let accepted = report.suppressed.iter().map(|own| own.id);
    report.findings.iter().map(|own| own.id).chain(accepted)
}

fn is_complete(reports: &[Report]) -> bool {
    reports.iter().all(|report| report.state() == Completeness::Complete)
}

fn findings(count: usize) -> String {
    if count == 1 { "1 finding".to_owned() } else { format!("{count} findings") }
}

/// An entry as a line for people.
fn line(id: Fingerprint, entry: &BaselineEntry) -> String {
    let day = entry.added.map(|day| day.to_string()).unwrap_or_default();
    let rule = entry.rule_id.as_deref().unwrap_or("any rule");
    let kind = entry.kind.filter(|kind| *kind != FindingKind::Secret);
    let kind = kind.map(|kind| format!("/{}", kind.name())).unwrap_or_default();
    let path = entry.path.as_deref().unwrap_or("no file");
    let reason = match entry.reason.as_str() {
        "" => String::new(),
        reason => format!(": {}", reason.replace('\n', " ")),
    };
    sanitize(&format!("{id} {day:10} {rule}{kind} {path}{reason}"))
}

fn show(file: &Path, format: ShowFormat, streams: &Streams) -> anyhow::Result<u8> {
    let baseline = read_baseline(file, false)?;
    match format {
        ShowFormat::Human => {
            let mut out = streams.out();
            for (id, entry) in baseline.entries() {
                writeln!(out, "{}", line(id, entry))?;
            }
            let count = findings(baseline.entries().len());
            writeln!(out, "{}: {count} accepted", sanitize(baseline.name()))?;
        }
        ShowFormat::Json => {
            let entries = baseline.entries();
            let entries = entries.iter().map(|(id, entry)| {
                json!({
                    "id": id.to_string(),
                    "rule_id": entry.rule_id.as_deref().map(mask_keys),
                    "kind": entry.kind.map(FindingKind::name),
                    "path": entry.path.as_deref().map(mask_keys),
                    "added": entry.added.map(|day| day.to_string()),
                    "reason": mask_keys(&entry.reason),
                })
            });
            let document = json!({
                "salt": baseline.salt(),
                "history": baseline.of_history,
                "findings": entries.collect::<Vec<_>>(),
            });
            let text = format!("{document:#}\n");
            put(&mut io::stdout(), &escape_commands(text.as_bytes(), "", "\\u0023"))?;
        }
    }
    Ok(exit::CLEAN)
}
