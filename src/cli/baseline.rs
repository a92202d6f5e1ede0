//! `keyside baseline`: writes, prunes and shows a baseline of accepted findings.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use serde_json::json;

use super::args::{BaselineAction, BaselineScanArgs, ShowFormat};
use super::command_escaper::escape_commands;
use super::output::put;
use super::sanitize::{mask_keys, sanitize};
use super::streams::Streams;
use super::{exit, progress, repository};
use crate::config::{Plan, Settings, read_baseline};
use crate::model::{Completeness, Finding, FindingKind, Fingerprint, Report, Severity, Time};
use crate::report;
use crate::rules::Rule;
use crate::run::{self, GitTarget, Progress, ScanTarget};
use crate::scan::KeyScanner;
use crate::source::git::Repository;
use crate::suppress::{BASELINE_NAME, Baseline, BaselineEntry, day};

pub(super) fn baseline(action: BaselineAction, streams: &Streams) -> anyhow::Result<u8> {
    match action {
        BaselineAction::Write { scan, reason } => write(scan, &reason, streams),
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
fn folder_of(path: &Path) -> &Path {
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
    fn scan(&self, streams: &Streams) -> anyhow::Result<Vec<Report>> {
        let progress = Progress { is_shown: progress::is_shown(true), ..Progress::default() };
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
        Ok(reports)
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
    fn keep(&mut self) -> anyhow::Result<()> {
        let scanner = KeyScanner::new(&self.plan.rules);
        self.baseline.change_texts(|text| scanner.masked_text(text));
        self.baseline.set_salt(&self.plan.salt);
        replace(&self.file, &self.baseline.to_string())
    }
}

fn write(args: BaselineScanArgs, reason: &str, streams: &Streams) -> anyhow::Result<u8> {
    let mut job = BaselineScan::new(args, true)?;
    let is_new_file = !job.file.exists();
    let reports = job.scan(streams)?;
    let added = day(Time::now());
    let mut added_count = 0;
    for (id, entry) in job.found(&reports) {
        let entry = BaselineEntry { added, reason: reason.to_owned(), ..entry };
        added_count += usize::from(job.baseline.accept(id, entry));
    }
    job.keep()?;
    let name = sanitize(job.baseline.name());
    let count = findings(job.baseline.entries().len());
    let mut out = streams.out();
    writeln!(out, "{name}: {count} accepted, {added_count} of them new")?;
    if is_new_file && let Some(own) = job.file.file_name() {
        let own = sanitize(&own.to_string_lossy());
        writeln!(out, "to use it: `keyside scan -b {name}`, or a keyside.toml beside it with")?;
        writeln!(out, "           baseline = \"{own}\"")?;
    }
    Ok(if is_complete(&reports) { exit::CLEAN } else { exit::INCOMPLETE })
}

fn prune(args: BaselineScanArgs, is_dry_run: bool, streams: &Streams) -> anyhow::Result<u8> {
    let mut job = BaselineScan::new(args, false)?;
    let reports = job.scan(streams)?;
    let name = sanitize(job.baseline.name());
    if !is_complete(&reports) {
        writeln!(streams.err(), "{name}: unchanged, because not everything was read")?;
        return Ok(exit::INCOMPLETE);
    }
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
    let done = if is_dry_run { "would be removed" } else { "removed" };
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
        job.keep()?;
    }
    Ok(exit::CLEAN)
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

/// Replaces the file `path` atomically, so that it is never half-written.
fn replace(path: &Path, text: &str) -> anyhow::Result<()> {
    let written = || -> io::Result<()> {
        // Replace a link's target, not the link.
        let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let old = match fs::metadata(&path) {
            Ok(old) if !old.is_file() => {
                return Err(io::Error::other("it is not a regular file"));
            }
            old => old.ok(),
        };
        let temporary = path.with_extension(format!("{}.tmp", std::process::id()));
        let mut file = OpenOptions::new().write(true).create_new(true).open(&temporary)?;
        let written = (|| {
            file.write_all(text.as_bytes())?;
            if let Some(old) = old {
                file.set_permissions(old.permissions())?;
            }
            file.sync_all()?;
            fs::rename(&temporary, &path)
        })();
        if written.is_err() {
            // The first error is the one to report.
            let _ = fs::remove_file(&temporary);
        }
        written
    };
    written().with_context(|| format!("cannot write the baseline {}", path.display()))
}
