//! A place from which everything ships, and the findings of what is written there.

use std::ops::Range;

use crate::artifacts::comments::Language;
use crate::artifacts::context::ArtifactContext;
use crate::artifacts::{comments, source_maps, xml};
use crate::catalog::KeyKindId;
use crate::input::FoundKey;
use crate::js::ir::Span;
use crate::leak::{FileSpan, Leak, LeakKind, LeakSubject, StepKind, TraceStep};
use crate::severity::{Confidence, Severity};

/// Why a file ships, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Placement {
    /// The kind of its findings.
    pub kind: LeakKind,
    /// By whose rules.
    pub framework: &'static str,
    /// Why it ships.
    pub why: String,
    /// The file that says so, if it is another.
    pub marker: Option<String>,
    /// `Medium` where it is only likely.
    pub confidence: Confidence,
    /// What of it ships.
    pub form: Form,
}

/// What of a file ships.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// Every byte.
    Whole,
    /// Code, without comments.
    Code(Language),
    /// XML that is compiled: without comments, and only if it can be read.
    Xml,
    /// A source map.
    Map,
    /// A page: without what a template engine leaves out.
    Page,
}

impl Placement {
    /// Surely shipped, as a whole.
    pub(crate) fn new(kind: LeakKind, framework: &'static str, why: impl Into<String>) -> Self {
        let why = why.into();
        let confidence = Confidence::High;
        Self { kind, framework, why, marker: None, confidence, form: Form::Whole }
    }

    /// The same, said by another file.
    pub(crate) fn by(self, marker: impl Into<String>) -> Self {
        Self { marker: Some(marker.into()), ..self }
    }

    /// The same, but only likely.
    pub(crate) fn likely(self) -> Self {
        Self { confidence: Confidence::Medium, ..self }
    }

    /// The same, of which this much ships.
    pub(crate) fn of(self, form: Form) -> Self {
        Self { form, ..self }
    }

    /// Why the text cannot be what its position says.
    pub(crate) fn fault(&self, text: &str) -> Option<&'static str> {
        match self.form {
            Form::Xml => xml::fault(text),
            Form::Whole | Form::Code(_) | Form::Map | Form::Page => None,
        }
    }

    /// The secrets of a text that ships from here.
    pub(crate) fn leaks(&self, context: &ArtifactContext<'_>, path: &str, text: &str) -> Vec<Leak> {
        let left_out = match self.form {
            Form::Whole | Form::Map => Vec::new(),
            Form::Code(language) => comments::ranges(text, language),
            Form::Xml => comments::ranges(text, Language::Markup),
            Form::Page => comments::ranges(text, Language::Template),
        };
        let mut keys = context.secrets(text);
        keys.retain(|key| !comments::holds(&left_out, key.range.start));
        let mut notes = vec![String::new(); keys.len()];
        match self.form {
            Form::Map => {
                notes = source_maps::sources(context, text, &keys);
                keys.extend(source_maps::escaped(context, text, &keys));
            }
            Form::Xml => keys.extend(xml::escaped(context, text, &keys)),
            Form::Whole => keys.extend(source_maps::inline(context, text)),
            Form::Code(_) | Form::Page => {}
        }
        notes.resize(keys.len(), String::new());
        let leaks = keys.into_iter().zip(notes);
        leaks.map(|(key, note)| self.leak(path, key, &note)).collect()
    }

    /// The finding of one secret of a file; its fix is added by the checks.
    pub(crate) fn leak(&self, path: &str, key: FoundKey, note: &str) -> Leak {
        let at = FileSpan { path: path.into(), span: span(&key.range) };
        let entry = self.marker.as_deref().map_or_else(|| at.clone(), top_of);
        let sink = if note.is_empty() { "the secret is written here" } else { note };
        Leak {
            kind: self.kind,
            key_kind: key.key_kind,
            subject: LeakSubject::Secret(key.secret),
            written_at: None,
            severity: self.severity(),
            confidence: self.confidence,
            framework: Some(self.framework),
            trace: vec![
                TraceStep { at: entry, kind: StepKind::Entry, note: self.why.clone() },
                TraceStep { at: at.clone(), kind: StepKind::Sink, note: sink.to_owned() },
            ],
            related: Vec::new(),
            fix: String::new(),
            at,
        }
    }

    /// A finding of a secret that is not written down at the place.
    pub(crate) fn named(
        &self,
        at: FileSpan,
        key_kind: KeyKindId,
        name: &str,
        written_at: Option<FileSpan>,
        related: Vec<TraceStep>,
    ) -> Leak {
        let note = format!("{name} is packaged here");
        Leak {
            kind: self.kind,
            key_kind,
            subject: LeakSubject::Name(name.to_owned()),
            written_at,
            severity: self.severity(),
            confidence: self.confidence,
            framework: Some(self.framework),
            trace: vec![
                TraceStep { at: at.clone(), kind: StepKind::Entry, note: self.why.clone() },
                TraceStep { at: at.clone(), kind: StepKind::Sink, note },
            ],
            related,
            fix: String::new(),
            at,
        }
    }

    fn severity(&self) -> Severity {
        match self.confidence {
            Confidence::High => Severity::Error,
            Confidence::Medium => Severity::Warning,
            Confidence::Low => Severity::Note,
        }
    }
}

/// A stretch of a text.
pub(crate) fn span(range: &Range<usize>) -> Span {
    let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    Span::new(offset(range.start), offset(range.end))
}

/// The first byte of a file: the place of a step that is about all of it.
fn top_of(path: &str) -> FileSpan {
    FileSpan { path: path.into(), span: Span::default() }
}
