//! The scans that `keyside explain` asks about its lines: what a line's keys come to is decided by them
//! and nowhere else, so an explanation never disagrees with a report.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::{env, fs};

use super::progress;
use crate::config::{ConfigError, Plan, Settings};
use crate::decode::ArchiveLimits;
use crate::model::{
    FilePath, Finding, IdScope, Notice, NoticeKind, Occurrence, Provenance, Region, Report,
    Severity, Suppressed,
};
use crate::run::{self, Progress, ScanTarget};
use crate::scan::KeyScanner;
use crate::source::unread_reason;

/// The most lines that a marker stands above its key: those that are stacked.
const MARKER_LINES: u64 = 10;

/// The scan of one folder.
pub(super) struct FolderScan {
    pub(super) plan: Plan,
    /// The least severity that a report shows.
    pub(super) min_severity: Severity,
    /// The folder as the scan was given it.
    root: PathBuf,
    /// The same, with links resolved.
    real_root: PathBuf,
    report: Report,
}

/// The scans that were made, by folder.
pub(super) struct FolderScans {
    settings: Settings,
    known: HashMap<PathBuf, FolderScan>,
}

/// A file to explain, as a scan of its folder reads it.
pub(super) struct ScannedFile<'s> {
    pub(super) scan: &'s FolderScan,
    /// The file as reports name it.
    path: FilePath,
    /// The text in it, if it is an archive.
    inside: Option<FilePath>,
    /// The reason why the scan does not read it.
    pub(super) unread: Option<String>,
    /// For a file that the scan does not read, a scan that names it.
    named: Option<Report>,
}

/// A decision of a scan about something on a line.
#[derive(Clone, Copy)]
pub(super) enum LineDecision<'r> {
    Found(&'r Finding, &'r Occurrence),
    Accepted(&'r Suppressed),
}

impl LineDecision<'_> {
    pub(super) fn region(&self) -> Region {
        match self {
            Self::Found(_, occurrence) => occurrence.region,
            Self::Accepted(suppressed) => suppressed.region,
        }
    }
}

impl FolderScans {
    /// Scans with `settings`.
    pub(super) fn new(settings: Settings) -> Self {
        Self { settings, known: HashMap::new() }
    }

    /// The limits of opening archives.
    pub(super) fn archive_limits(&self) -> ArchiveLimits {
        self.settings.archive_limits()
    }

    /// The scan of a folder.
    pub(super) fn of(&mut self, folder: &Path) -> Result<&FolderScan, ConfigError> {
        if !self.known.contains_key(folder) {
            let scan = FolderScan::new(&self.settings, folder)?;
            self.known.insert(folder.to_owned(), scan);
        }
        Ok(&self.known[folder])
    }
}

impl FolderScan {
    fn new(settings: &Settings, root: &Path) -> Result<Self, ConfigError> {
        let mut plan = settings.clone().plan(&[root.to_owned()])?;
        let min_severity = std::mem::replace(&mut plan.min_severity, Severity::Note);
        let report = scanned(&plan, &[root.to_owned()]);
        let real_root = fs::canonicalize(root).unwrap_or_else(|_| root.to_owned());
        Ok(Self { plan, min_severity, root: root.to_owned(), real_root, report })
    }

    /// The file at `path`, as this scan reads it; `place` is the same, or a text in it if it is an archive.
    pub(super) fn file(
        &self,
        (place, path): (&Path, &Path),
        scanner: &KeyScanner<'_>,
    ) -> ScannedFile<'_> {
        let real = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let read_as = match real.strip_prefix(&self.real_root) {
            Ok(inside) => self.root.join(inside),
            Err(_) => path.to_owned(),
        };
        let own = FilePath::from_path(&read_as);
        let shown = FilePath::from_bytes(&scanner.masked(own.as_bytes()));
        let rest = place.as_os_str().as_encoded_bytes();
        let rest = &rest[path.as_os_str().len().min(rest.len())..];
        let inside = [own.as_bytes(), rest].concat();
        let inside = FilePath::from_bytes(&scanner.masked(&inside));
        let inside = (!rest.is_empty()).then_some(inside);
        let unread = self.unread_reason(&read_as);
        let named = unread.is_some().then(|| {
            let all = [self.root.clone(), read_as.clone()];
            scanned(&self.plan, &all)
        });
        ScannedFile { scan: self, path: shown, inside, unread, named }
    }

    /// The reason why a scan of the folder does not read the file.
    fn unread_reason(&self, file: &Path) -> Option<String> {
        if let Some(reason) = unread_reason(file, &self.plan.tree) {
            return Some(reason.to_owned());
        }
        let excludes = self.plan.tree.exclude.as_ref()?;
        let inside = file.ancestors().take_while(|path| *path != self.root);
        let mut inside = inside.enumerate();
        let is_excluded = inside.any(|(nth, path)| excludes(path, nth > 0));
        is_excluded.then(|| "it is excluded".to_owned())
    }
}

fn scanned(plan: &Plan, roots: &[PathBuf]) -> Report {
    let progress = Progress::default();
    progress::shown(true, &progress, || {
        run::run(plan, &mut [ScanTarget::Paths(roots)], false, &progress)
    })
}

impl ScannedFile<'_> {
    /// The decisions about a line.
    pub(super) fn decisions(&self, line: u64) -> Vec<LineDecision<'_>> {
        let all = self.decisions_of(&self.scan.report, line);
        match &self.named {
            Some(named) if all.is_empty() => self.decisions_of(named, line),
            _ => all,
        }
    }

    /// True if only a scan that names the file makes these decisions.
    pub(super) fn must_be_named(&self, line: u64) -> bool {
        self.named.is_some() && self.decisions_of(&self.scan.report, line).is_empty()
    }

    fn decisions_of<'r>(&self, report: &'r Report, line: u64) -> Vec<LineDecision<'r>> {
        let is_here = |provenance: &Provenance, region: &Region| {
            let is_same = provenance.path == self.path && provenance.inside == self.inside;
            is_same && is_on(region, line)
        };
        let found = report.findings.iter().flat_map(|finding| {
            let own = finding.occurrences.iter();
            own.map(move |occurrence| (finding, occurrence))
        });
        let found = found.filter(|(_, own)| is_here(&own.provenance, &own.region));
        let found = found.map(|(finding, own)| LineDecision::Found(finding, own));
        let accepted = report.suppressed.iter();
        let accepted = accepted.filter(|own| is_here(&own.provenance, &own.region));
        let mut all: Vec<_> = found.chain(accepted.map(LineDecision::Accepted)).collect();
        all.sort_by_key(LineDecision::region);
        all
    }

    /// The scan's remarks on a finding: an acceptance that has ended, a marker that is misspelt.
    pub(super) fn remarks(&self, finding: &Finding, occurrence: &Occurrence) -> String {
        let (policy, path) = (&self.scan.plan.policy, occurrence.provenance.path.to_path());
        let ended = [IdScope::Key, IdScope::Kind]
            .into_iter()
            .find_map(|scope| policy.ended_for((finding.id, scope), finding.kind, &path));
        let ended = ended.map(|own| format!("{}:{}: {}", own.file, own.line, own.sentence()));
        let line = occurrence.region.start.line;
        let about = self.notices().filter_map(|notice| {
            let is_meant = matches!(notice.kind, NoticeKind::Marker | NoticeKind::Ended);
            let (place, said) = notice.message.strip_prefix("line ")?.split_once(": ")?;
            let is_near = line.checked_sub(place.parse().ok()?)? <= MARKER_LINES;
            (is_meant && is_near).then(|| said.to_owned())
        });
        ended.into_iter().chain(about).map(|said| format!("; {said}")).collect()
    }

    /// The notices on the file, which may say why something in it was not found.
    pub(super) fn notices(&self) -> impl Iterator<Item = &Notice> {
        let notices = self.scan.report.notices.iter();
        notices.filter(|notice| notice.path.as_ref() == Some(&self.path))
    }
}

/// True if a part of a region is on a line.
fn is_on(region: &Region, line: u64) -> bool {
    let Region { start, end } = region;
    let ends_before = end.line == line && end.column == 1 && start.line < line;
    (start.line..=end.line).contains(&line) && !ends_before
}

/// The folder whose scan decides on a file: the current one if the file is below it, or the checkout
/// there that holds the file; for files elsewhere, their checkout or their own folder.
pub(super) fn folder_around(path: &Path) -> PathBuf {
    let real = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let folder = real.parent().unwrap_or(&real);
    let checkout = folder.ancestors().find(|folder| folder.join(".git").exists());
    let here = env::current_dir().and_then(fs::canonicalize);
    let Some(here) = here.ok().filter(|here| folder.starts_with(here)) else {
        return checkout.unwrap_or(folder).to_owned();
    };
    let below = checkout.and_then(|top| top.strip_prefix(&here).ok());
    match below {
        Some(below) if !below.as_os_str().is_empty() => below.to_owned(),
        _ => PathBuf::from("."),
    }
}
