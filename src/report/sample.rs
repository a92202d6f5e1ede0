//! Sample findings and reports for the tests of all formats.

use crate::model::{
    CommitInfo, Confidence, DEFAULT_SALT, Excerpt, Exposure, FilePath, Finding, FindingKind,
    Fingerprint, Fragment, History, KeyClass, LeakKind, Mode, Occurrence, Oid, Position,
    Provenance, Region, Report, Secret, Severity, Side, SourceKind, Step, StepKind, Summary, Time,
    Verification,
};
use crate::report::options::ReportOptions;
use crate::report::uri::UriBase;
use crate::rules::{Rng, RuleFile, Ruleset};

const BODY: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// The rules of the two sample providers, independent of what else is built in.
pub(super) fn rules() -> Ruleset {
    let mut files = RuleFile::built_in();
    files.retain(|file| ["rules/aimagicx.toml", "rules/magicx.toml"].contains(&&*file.name));
    Ruleset::only(&files).unwrap()
}

/// An id of twenty equal bytes.
pub(super) fn oid(byte: u8) -> Oid {
    Oid::from([byte; 20])
}

/// A key of the rule `aimagicx-api-key`, whose provider has a rotation period.
pub(super) fn key(seed: u64) -> Secret {
    let text = format!("mgx-sk-{}", Rng::new(seed).text(BODY, 43));
    Secret::new(text.as_bytes(), 7)
}

/// A commit of the 3rd of May 2024, late in the evening of its author.
pub(super) fn change(byte: u8, path: &str) -> CommitInfo {
    CommitInfo {
        commit: oid(byte),
        path: FilePath::from(path),
        author: "Ada".to_owned(),
        email: "ada@example.com".to_owned(),
        date: Time { seconds: 1_714_786_200, offset: -120 },
        summary: "Add config".to_owned(),
        is_merge: false,
        is_boundary: false,
        raw_author: None,
    }
}

/// A provenance of a source. `name` is its path; if it is empty, the id of its object.
pub(super) fn provenance(source: SourceKind, name: &str) -> Provenance {
    let is_outside = matches!(source, SourceKind::Tree | SourceKind::Stdin);
    let blob = (!is_outside && source != SourceKind::CommitMessage).then(|| oid(0xb0));
    let commit = (!is_outside && source != SourceKind::Index).then(|| oid(0xc0));
    let id = blob.or(commit).map(|id| id.to_string()).unwrap_or_default();
    let path = FilePath::from(if name.is_empty() { id.as_str() } else { name });
    Provenance { source, path, commit, blob, inside: None }
}

/// A finding at these provenances.
pub(super) fn finding(provenances: Vec<Provenance>, history: Option<History>) -> Finding {
    let secret = key(1);
    let at = |column| Position { line: 3, column, utf16_column: column };
    let occurrences = provenances.into_iter().map(|provenance| Occurrence {
        provenance,
        region: Region { start: at(7), end: at(57) },
        layers: Vec::new(),
        pieces: Vec::new(),
        excerpt: Excerpt {
            fragments: vec![Fragment::Text("key = ".to_owned()), Fragment::Subject(secret.clone())],
            ..Excerpt::default()
        },
        line_hash: Some("abc:1".to_owned()),
        accepted_by_change: None,
    });
    Finding {
        id: Fingerprint::new(DEFAULT_SALT, "aimagicx-api-key", &secret),
        rule_id: "aimagicx-api-key".to_owned(),
        kind: FindingKind::Secret,
        severity: Severity::Error,
        confidence: Confidence::High,
        class: KeyClass::Secret,
        pairs: Vec::new(),
        about: None,
        exposure: Exposure::default(),
        occurrences: occurrences.collect(),
        history,
        verification: Verification::default(),
        secret: Some(secret),
    }
}

/// Options of a run in the folder `app` of a checkout.
pub(super) fn options() -> ReportOptions {
    ReportOptions {
        show_secrets: false,
        quiet: false,
        verbose: false,
        exit_code: 1,
        base: UriBase::new(FilePath::from("/r/app"), Some(FilePath::from("/r"))),
        subject: "app".to_owned(),
        finished_at: Time { seconds: 1_795_339_800, offset: 0 },
        head: Some(oid(0xee)),
        pipeline: None,
    }
}

/// A report of a large run.
pub(super) fn report(mode: Mode, findings: Vec<Finding>) -> Report {
    let summary = Summary {
        blobs: 262_343,
        commits: 203_352,
        bytes: 8_100_000_000,
        duration: std::time::Duration::from_millis(2600),
        ..Summary::default()
    };
    let (suppressed, notices, ledger) = (Vec::new(), Vec::new(), None);
    Report { mode, summary, findings, hidden: Vec::new(), suppressed, notices, ledger }
}

/// A step of a trace.
pub(super) fn step(path: &str, line: u64, kind: StepKind, note: &str) -> Step {
    let place = Position { line, column: 1, utf16_column: 1 };
    Step { path: FilePath::from(path), place, kind, note: note.to_owned() }
}

/// A finding of a kind, with a path to the client. Kinds about variables and calls have no secret.
pub(super) fn of_kind(kind: FindingKind) -> Finding {
    let about = match kind {
        FindingKind::Leak(LeakKind::ClientServerEnvRead) => Some("AIMAGICX_API_KEY"),
        FindingKind::Leak(LeakKind::ClientSecretEnv | LeakKind::PublicEnvSecret) => {
            Some("NEXT_PUBLIC_AIMAGICX_API_KEY")
        }
        FindingKind::Leak(LeakKind::BuildInlineSecret | LeakKind::ServerToClientSecret) => {
            Some("process.env")
        }
        FindingKind::Leak(LeakKind::ClientTokenExchange) => Some("POST /api/auth/token"),
        FindingKind::Secret | FindingKind::Leak(_) => None,
    };
    let mut finding = finding(vec![provenance(SourceKind::Tree, "src/lib/config.ts")], None);
    if kind == FindingKind::Secret {
        return finding;
    }
    finding.kind = kind;
    finding.exposure = Exposure {
        side: Side::Client,
        framework: Some("next"),
        confirmed: None,
        confidence: Some(Confidence::High),
        trace: vec![
            step("app/widget.tsx", 1, StepKind::Entry, "'use client' directive"),
            step("app/widget.tsx", 2, StepKind::Import, "imports ../src/lib/api"),
            step("src/lib/api.ts", 1, StepKind::Import, "imports ./config"),
            step("src/lib/config.ts", 3, StepKind::Source, "the key"),
        ],
        related: vec![step(".env.production", 1, StepKind::Source, "declared here")],
        fix: String::new(),
    };
    let Some(about) = about else { return finding };
    let path = &finding.occurrences[0].provenance.path;
    let rule_id = &finding.rule_id;
    finding.id = Fingerprint::of_place(DEFAULT_SALT, rule_id, kind, path, Some(about));
    finding.secret = None;
    finding.about = Some(about.to_owned());
    finding.occurrences[0].excerpt.fragments[1] = Fragment::Mark(about.to_owned());
    finding
}

/// A trace from an entry to a key, through the given number of imports.
pub(super) fn long_trace(imports: u64) -> Vec<Step> {
    let mut trace = vec![step("m0.ts", 1, StepKind::Entry, "route component")];
    trace.extend((0..imports).map(|nth| {
        step(&format!("m{nth}.ts"), 2, StepKind::Import, &format!("imports ./m{}", nth + 1))
    }));
    trace.push(step(&format!("m{imports}.ts"), 7, StepKind::Source, "the key"));
    trace
}
