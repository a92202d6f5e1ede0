//! The whole pipeline: sources push pieces into a worker a thread, workers find keys and place
//! them, and what they gathered becomes one report.

use std::borrow::Cow;
use std::collections::HashMap;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use crate::config::Plan;
use crate::model::{
    FilePath, Finding, Fingerprint, Mode, Notice, NoticeKind, Occurrence, Origin, Region, Report,
    Secret, Summary, Suppressed, Suppression,
};
use crate::scan::{Found, Locator, Match, Scanner, decode, excerpt, line_hashes, marker_lines};
use crate::source::{self, Encoding, Item, Piece, Sink, Skip};
use crate::suppress;

/// What is to be scanned.
pub enum Target<'t> {
    /// Files and folders.
    Paths(&'t [PathBuf]),
    /// One stream under a name.
    Stream(&'t mut (dyn Read + Send), PathBuf),
}

/// How far a run has come; read it from another thread.
#[derive(Debug, Default)]
pub struct Progress {
    /// Files that were begun.
    pub files: AtomicU64,
    /// Bytes that were searched.
    pub bytes: AtomicU64,
}

/// Scans `targets` as planned. `line_hashes` asks for GitHub's line hashes, which cost a pass
/// over each file with findings.
pub fn run(
    plan: &Plan,
    targets: &mut [Target<'_>],
    line_hashes: bool,
    progress: &Progress,
) -> Report {
    let begun = Instant::now();
    let scanner = Scanner::new(&plan.rules);
    let gathered = Mutex::new(Gathered::default());
    let worker = |is_stream| Worker {
        plan,
        scanner: &scanner,
        progress,
        is_stream,
        line_hashes,
        text: Locator::new(Encoding::Bytes),
        own: Gathered::default(),
        all: &gathered,
    };
    let mut mode = Mode::Stdin;
    let mut excluded = 0;
    for target in targets {
        match target {
            Target::Paths(paths) => {
                mode = Mode::Tree;
                excluded += source::walk(paths, &plan.tree, || worker(false));
            }
            Target::Stream(input, path) => source::read_stdin(input, path, &mut worker(true)),
        }
    }
    let mut gathered = gathered.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner());
    gathered.summary.skipped_excluded += excluded;
    gathered.notices.extend(plan.notices.iter().cloned());
    if gathered.summary.files == 0 && !plan.allow_empty {
        gathered.notices.push(nothing_scanned(mode));
    }
    let mut report = gathered.into_report(plan, mode);
    redact(&mut report, &scanner);
    report.summary.duration = begun.elapsed();
    report
}

/// Takes keys out of what other files say: reasons of markers, names and patterns of ignore files.
fn redact(report: &mut Report, scanner: &Scanner<'_>) {
    for suppressed in &mut report.suppressed {
        match &mut suppressed.by {
            Suppression::Inline { reason, .. } => *reason = scanner.masked_text(reason),
            Suppression::IgnoreFile { place, reason } => {
                *place = scanner.masked_text(place);
                *reason = scanner.masked_text(reason);
            }
            Suppression::Config { place } => *place = scanner.masked_text(place),
        }
    }
    for notice in &mut report.notices {
        notice.message = scanner.masked_text(&notice.message);
        if let Some(path) = &mut notice.path
            && let Cow::Owned(masked) = scanner.masked(path.as_bytes())
        {
            *path = FilePath::from_bytes(&masked);
        }
    }
}

/// Whether a text says that it is UTF-32, which no keyword is found in.
fn is_utf32(start: &[u8]) -> bool {
    start.starts_with(&[0xff, 0xfe, 0, 0]) || start.starts_with(&[0, 0, 0xfe, 0xff])
}

fn utf32_notice(path: &Path) -> Notice {
    Notice {
        path: Some(FilePath::from_path(path)),
        kind: NoticeKind::Unreadable,
        message: "is UTF-32, which is not searched; convert it to UTF-8".to_owned(),
    }
}

fn nothing_scanned(mode: Mode) -> Notice {
    let message = match mode {
        Mode::Tree => {
            "nothing was scanned: no file to read (--allow-empty makes that all right; \
                       --no-ignore reads what git ignores)"
        }
        Mode::Stdin => {
            "nothing was scanned: standard input is empty (--allow-empty makes that all \
                        right)"
        }
    };
    Notice { path: None, kind: NoticeKind::Empty, message: message.to_owned() }
}

/// What one thread needs. Its own results go to all others' when it is dropped, which is the only
/// end of a thread that the walker lets be seen; so no lock is taken for a file.
struct Worker<'p> {
    plan: &'p Plan,
    scanner: &'p Scanner<'p>,
    progress: &'p Progress,
    is_stream: bool,
    line_hashes: bool,
    /// Where the current piece begins in its text.
    text: Locator,
    own: Gathered,
    all: &'p Mutex<Gathered>,
}

impl Drop for Worker<'_> {
    fn drop(&mut self) {
        let own = std::mem::take(&mut self.own);
        self.all.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).add(own);
    }
}

impl Sink for Worker<'_> {
    fn piece(&mut self, item: Item<'_>) {
        let piece = item.piece;
        let fresh = piece.fresh().len() as u64;
        let mut at = 0;
        if piece.is_first {
            self.text = Locator::new(piece.encoding);
            at = piece.encoding.mark_length(piece.bytes);
            // An empty file was there to be read; an empty stream is nothing at all.
            let is_something = !self.is_stream || !piece.bytes.is_empty();
            self.own.summary.files += u64::from(is_something);
            self.progress.files.fetch_add(1, Ordering::Relaxed);
            self.name(item.path);
            if is_utf32(piece.bytes) {
                self.notice(utf32_notice(item.path));
            }
        }
        self.own.summary.bytes += fresh;
        self.progress.bytes.fetch_add(fresh, Ordering::Relaxed);
        let found = self.scanner.find(&piece);
        if !found.keys.is_empty() {
            self.place(item.path, &piece, at, &found);
        }
        if !piece.is_last {
            self.text.advance(&piece.bytes[at..piece.next_from]);
        }
    }

    fn skipped(&mut self, path: &Path, skip: Skip) {
        self.name(path);
        let summary = &mut self.own.summary;
        *match skip {
            Skip::Media => &mut summary.skipped_media,
            Skip::Special => &mut summary.skipped_special,
            Skip::Link => &mut summary.skipped_links,
            Skip::Large => &mut summary.skipped_large,
        } += 1;
    }

    fn notice(&mut self, notice: Notice) {
        self.own.notices.push(notice);
    }
}

impl Worker<'_> {
    /// Looks for keys in the name of a file. They stand at the beginning of its text, as far as
    /// reports can say.
    fn name(&mut self, path: &Path) {
        let name = path.as_os_str().as_encoded_bytes();
        if !self.scanner.has_keyword(name) {
            return;
        }
        let piece = Piece::whole(name);
        let found = self.scanner.find(&piece);
        let start = Locator::new(Encoding::Bytes).place();
        let region = Region { start, end: start };
        for key in found.keys.iter().filter(|key| key.rule.is_reported()) {
            let occurrence = Occurrence {
                origin: self.origin(path),
                region,
                excerpt: excerpt(piece.bytes, piece.encoding, key, &found),
                line_hash: None,
            };
            self.own.draft(key).push((occurrence, None));
        }
    }

    fn origin(&self, path: &Path) -> Origin {
        let path = self.shown(FilePath::from_path(path));
        if self.is_stream { Origin::Stdin(path) } else { Origin::Tree(path) }
    }

    /// A path as reports may name it: without the keys in it.
    fn shown(&self, path: FilePath) -> FilePath {
        match self.scanner.masked(path.as_bytes()) {
            Cow::Owned(masked) => FilePath::from_bytes(&masked),
            Cow::Borrowed(_) => path,
        }
    }

    /// Makes occurrences of the keys of a piece. `at` is the offset that `self.text` stands at.
    fn place(&mut self, path: &Path, piece: &Piece<'_>, at: usize, found: &Found<'_>) {
        let origin = self.origin(path);
        let mut here = self.text.clone();
        let mut at = at;
        let mut placed = Vec::new();
        for key in found.keys.iter().filter(|key| key.rule.is_reported()) {
            let start = key.span.start.max(at);
            here.advance(&piece.bytes[at..start]);
            at = start;
            let mut end = here.clone();
            end.advance(&piece.bytes[at..key.span.end]);
            placed.push((key, Region { start: here.place(), end: end.place() }));
        }
        let hashes = self.hashes(piece, &placed);
        for ((key, region), line_hash) in placed.into_iter().zip(hashes) {
            let occurrence = Occurrence {
                origin: origin.clone(),
                region,
                excerpt: excerpt(piece.bytes, piece.encoding, key, found),
                line_hash,
            };
            let accepted = self.accepted_inline(piece, key);
            self.own.draft(key).push((occurrence, accepted));
        }
    }

    /// GitHub's hashes of the lines, if they are asked for and the whole text is at hand.
    fn hashes(&self, piece: &Piece<'_>, placed: &[(&Match<'_>, Region)]) -> Vec<Option<String>> {
        if !self.line_hashes || !piece.is_first || !piece.is_last {
            return vec![None; placed.len()];
        }
        let lines: Vec<u64> = placed.iter().map(|(_, region)| region.start.line).collect();
        line_hashes(&decode(piece.bytes, piece.encoding), &lines)
    }

    fn accepted_inline(&self, piece: &Piece<'_>, key: &Match<'_>) -> Option<Suppression> {
        if !self.plan.inline {
            return None;
        }
        let (line, previous) = marker_lines(piece.bytes, piece.encoding, &key.span);
        suppress::inline(&line, previous.as_deref(), &key.rule.id)
    }
}

/// What was found of one secret.
struct Draft {
    rule: usize,
    secret: Secret,
    occurrences: Vec<(Occurrence, Option<Suppression>)>,
}

/// What threads have gathered.
#[derive(Default)]
struct Gathered {
    summary: Summary,
    notices: Vec<Notice>,
    drafts: HashMap<(usize, [u8; 32]), Draft>,
}

impl Gathered {
    fn draft(&mut self, key: &Match<'_>) -> &mut Vec<(Occurrence, Option<Suppression>)> {
        let draft = self.drafts.entry((key.index, key.secret.sha256())).or_insert_with(|| Draft {
            rule: key.index,
            secret: key.secret.clone(),
            occurrences: Vec::new(),
        });
        &mut draft.occurrences
    }

    fn add(&mut self, other: Self) {
        self.summary.add(&other.summary);
        self.notices.extend(other.notices);
        for (key, draft) in other.drafts {
            match self.drafts.entry(key) {
                std::collections::hash_map::Entry::Vacant(place) => {
                    place.insert(draft);
                }
                std::collections::hash_map::Entry::Occupied(mut mine) => {
                    mine.get_mut().occurrences.extend(draft.occurrences);
                }
            }
        }
    }

    fn into_report(mut self, plan: &Plan, mode: Mode) -> Report {
        let mut findings = Vec::new();
        let mut suppressed = Vec::new();
        for draft in self.drafts.into_values() {
            findings.extend(draft.into_finding(plan, &mut suppressed));
        }
        let below = |finding: &Finding| finding.severity < plan.min_severity;
        self.summary.below_severity =
            findings.iter().filter(|finding| below(finding)).count() as u64;
        findings.retain(|finding| !below(finding));
        findings.sort_by(|a, b| {
            let key = |f: &Finding| (f.occurrences[0].origin.clone(), f.occurrences[0].region);
            (b.severity.cmp(&a.severity))
                .then_with(|| key(a).cmp(&key(b)))
                .then_with(|| (&a.rule_id, a.id).cmp(&(&b.rule_id, b.id)))
        });
        suppressed.sort_by(|a: &Suppressed, b: &Suppressed| {
            let key = |s: &Suppressed| (s.origin.clone(), s.region, s.rule_id.clone(), s.id);
            key(a).cmp(&key(b))
        });
        self.notices.extend(suppressed_notice(&suppressed));
        self.notices.sort();
        self.notices.dedup();
        Report { mode, summary: self.summary, findings, suppressed, notices: self.notices }
    }
}

impl Draft {
    /// The finding, unless every place of it is accepted; what is goes to `suppressed`.
    fn into_finding(mut self, plan: &Plan, suppressed: &mut Vec<Suppressed>) -> Option<Finding> {
        let rule = &plan.rules.rules[self.rule];
        let id = Fingerprint::new(&plan.salt, &rule.id, &self.secret);
        // A file that was named twice is one place.
        self.occurrences.sort_by(|(a, _), (b, _)| a.sort_key().cmp(&b.sort_key()));
        self.occurrences.dedup_by(|(a, _), (b, _)| a.sort_key() == b.sort_key());
        let mut occurrences = Vec::new();
        for (occurrence, inline) in self.occurrences {
            let path = occurrence.origin.path().to_path();
            let by = inline.or_else(|| plan.policy.accepts(id, &rule.id, &path));
            match by {
                None => occurrences.push(occurrence),
                Some(by) => suppressed.push(Suppressed {
                    id,
                    rule_id: rule.id.clone(),
                    origin: occurrence.origin,
                    region: occurrence.region,
                    by,
                }),
            }
        }
        (!occurrences.is_empty()).then(|| Finding {
            id,
            rule_id: rule.id.clone(),
            severity: rule.severity,
            class: rule.class,
            secret: self.secret,
            occurrences,
        })
    }
}

/// Says how much was accepted, and by what.
fn suppressed_notice(suppressed: &[Suppressed]) -> Option<Notice> {
    if suppressed.is_empty() {
        return None;
    }
    let mut by = std::collections::BTreeMap::new();
    for one in suppressed {
        let name = match &one.by {
            Suppression::Inline { marker, .. } => format!("`{marker}`"),
            Suppression::IgnoreFile { place, .. } => {
                place.rsplit_once(':').map_or(place.as_str(), |(file, _)| file).to_owned()
            }
            Suppression::Config { place } => place.clone(),
        };
        *by.entry(name).or_insert(0u64) += 1;
    }
    let parts: Vec<_> = by.iter().map(|(name, count)| format!("{count} by {name}")).collect();
    Some(Notice {
        path: None,
        kind: NoticeKind::Suppressed,
        message: format!("accepted, not reported: {}", parts.join(", ")),
    })
}
