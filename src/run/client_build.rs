//! Asks the client's build output which leaks it confirms, and reports the keys in it that no leak
//! explains.

use std::fs;
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use super::collect::{ClientLeak, FindingCollector};
use super::occurrence::OccurrenceBuilder;
use super::progress::Progress;
use super::suppression::PlacedOccurrence;
use super::worker::ScanWorker;
use crate::model::{
    Confidence, Exposure, FilePath, FindingKind, KeyId, LeakKind, Notice, NoticeKind, Occurrence,
    Position, Severity, Side, Step, StepKind,
};
use crate::source::{self, TreeOptions};

/// The keys of the client's build output.
struct ClientBuild {
    found: FindingCollector,
    /// The folders, for people.
    folders: String,
    /// When its newest file was written; `None` if it was not read completely.
    built: Option<SystemTime>,
}

/// Compares the leaks with the build output in `plan.builds`.
///
/// A leak is confirmed if the output holds its key. If a complete output that is newer than the
/// leak's files does not, the leak is not confirmed and counts one step less. A key in the output
/// without a leak is a leak by itself. Output that cannot be read makes the scan incomplete.
pub(super) fn confirm(
    builder: OccurrenceBuilder<'_>,
    progress: &Progress,
    collector: &mut FindingCollector,
) {
    if builder.plan.builds.is_empty() {
        return;
    }
    let build = ClientBuild::read(builder, progress);
    for (key, leaks) in collector.leaks_mut() {
        build.judge(key, leaks);
    }
    for (rule, secret, occurrence) in build.found.first_occurrences() {
        let key = KeyId::new(rule, &secret);
        if !collector.has_leak(&key) {
            let written = collector.first_occurrence(&key).map(|first| step(&first, "the key"));
            let leak = unexplained(occurrence, written);
            collector.add_leak(rule, &secret, leak);
        }
    }
    collector.notices.extend(build.found.notices);
}

impl ClientBuild {
    fn read(builder: OccurrenceBuilder<'_>, progress: &Progress) -> Self {
        let folders = &builder.plan.builds;
        // Whatever git ignores and however large it is: clients get it.
        let options = TreeOptions {
            threads: builder.plan.tree.threads,
            no_ignore: true,
            outputs: builder.plan.tree.outputs.clone(),
            ..TreeOptions::default()
        };
        let found = Mutex::new(FindingCollector::default());
        source::walk(folders, &options, || ScanWorker::new(builder, progress, false, &found));
        let mut found = found.into_inner().unwrap_or_else(PoisonError::into_inner);
        let newest: Vec<_> = folders.iter().map(|folder| source::newest_file(folder)).collect();
        let empty = folders.iter().zip(&newest).filter(|(_, newest)| newest.is_none());
        found.notices.extend(empty.map(|(folder, _)| Notice {
            path: Some(FilePath::from_path(folder)),
            kind: NoticeKind::Empty,
            message: "holds no build output: run the build first".to_owned(),
        }));
        // What links lead to is not read, and may be served.
        let is_complete = found.summary.skipped_links == 0
            && !found.notices.iter().any(|notice| notice.kind.is_incomplete());
        let shown: Vec<String> = folders
            .iter()
            .map(|folder| FilePath::from_path(folder).to_text().into_owned())
            .collect();
        let built = newest.into_iter().flatten().max().filter(|_| is_complete);
        Self { found, folders: shown.join(", "), built }
    }

    /// Says of leaks of a key whether the build confirms them.
    fn judge(&self, key: Option<KeyId>, leaks: &mut [ClientLeak]) {
        let Some(key) = key else { return };
        let shipped = self.found.first_occurrence(&key);
        for leak in leaks {
            if let Some(shipped) = &shipped {
                leak.exposure.confirmed = Some(true);
                leak.exposure.related.push(step(shipped, "in the client's build output"));
            } else if is_in_code(leak.kind) && self.is_newer_than(leak) {
                leak.exposure.confirmed = Some(false);
                leak.severity = match leak.severity {
                    Severity::Error => Severity::Warning,
                    Severity::Warning | Severity::Note => Severity::Note,
                };
                let note = format!("the newer build output in {} does not hold it", self.folders);
                leak.exposure.related.push(step(&leak.occurrence.0, &note));
            }
        }
    }

    /// True if the build is complete and newer than every file that the leak goes through.
    fn is_newer_than(&self, leak: &ClientLeak) -> bool {
        let Some(built) = self.built else { return false };
        let own = std::iter::once(&leak.occurrence.0.provenance.path);
        let files = own.chain(leak.exposure.trace.iter().map(|step| &step.path));
        files.into_iter().all(|path| {
            let written = fs::metadata(path.to_path()).and_then(|metadata| metadata.modified());
            written.is_ok_and(|written| written <= built)
        })
    }
}

/// True for leaks that put the key into the output of a build. What servers answer when they run is
/// not in there, and what an app only declares ships with the next read.
fn is_in_code(kind: FindingKind) -> bool {
    match kind {
        FindingKind::Leak(kind) => matches!(
            kind,
            LeakKind::ClientSecretLiteral
                | LeakKind::ClientSecretEnv
                | LeakKind::BuildInlineSecret
                | LeakKind::BundleSecret
                | LeakKind::SdkSecretKey
                | LeakKind::SdkBrowserSwitch
        ),
        FindingKind::Secret => false,
    }
}

/// A key in the output that nothing explains.
fn unexplained(occurrence: PlacedOccurrence, written: Option<Step>) -> ClientLeak {
    let mut trace: Vec<Step> = written.into_iter().collect();
    trace.push(Step {
        kind: StepKind::Sink,
        ..step(&occurrence.0, "in the client's build output, though no import leads there")
    });
    ClientLeak {
        kind: FindingKind::Leak(LeakKind::BundleSecret),
        severity: Severity::Error,
        confidence: Confidence::High,
        exposure: Exposure {
            side: Side::Client,
            confidence: Some(Confidence::High),
            confirmed: Some(true),
            trace,
            ..Exposure::default()
        },
        occurrence,
    }
}

fn step(occurrence: &Occurrence, note: &str) -> Step {
    let Position { line, column, utf16_column } = occurrence.region.start;
    Step {
        path: occurrence.provenance.path.clone(),
        place: Position { line, column, utf16_column },
        kind: StepKind::Source,
        note: note.to_owned(),
    }
}
