//! The placement of a file that ships without change, and the leaks of the secrets in it.

use std::ops::Range;

use crate::artifacts::comments::Language;
use crate::artifacts::context::ArtifactContext;
use crate::artifacts::{comments, source_maps, xml};
use crate::catalog::KeyKindId;
use crate::input::FoundKey;
use crate::js::ir::Span;
use crate::leak::{FileSpan, Leak, LeakKind, LeakSubject, StepKind, TraceStep};
use crate::severity::{Confidence, Severity};

/// The reason why a file ships, and the part of it that does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Placement {
    /// The kind of its leaks.
    pub kind: LeakKind,
    /// The framework or platform that ships it, as reports name it.
    pub framework: &'static str,
    /// The reason, for people.
    pub why: String,
    /// The file that decides it, if that is another.
    pub marker: Option<String>,
    /// `Medium` if it only probably ships.
    pub confidence: Confidence,
    /// The part of it that ships.
    pub form: Form,
}

/// The part of a file that ships.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// Every byte.
    Whole,
    /// Code without comments.
    Code(Language),
    /// Compiled XML, without comments; nothing if it cannot be parsed.
    Xml,
    /// A source map.
    Map,
    /// A page, without the text that a template engine leaves out.
    Page,
}

impl Placement {
    /// A placement of a file that certainly ships, as a whole.
    pub(crate) fn new(kind: LeakKind, framework: &'static str, why: impl Into<String>) -> Self {
        let why = why.into();
        let confidence = Confidence::High;
        Self { kind, framework, why, marker: None, confidence, form: Form::Whole }
    }

    /// The same placement, decided by another file.
    pub(crate) fn by(self, marker: impl Into<String>) -> Self {
        Self { marker: Some(marker.into()), ..self }
    }

    /// The same placement, only probable.
    pub(crate) fn likely(self) -> Self {
        Self { confidence: Confidence::Medium, ..self }
    }

    /// The same placement, of which this part ships.
    pub(crate) fn of(self, form: Form) -> Self {
        Self { form, ..self }
    }

    /// The reason why the text cannot be what its placement requires.
    pub(crate) fn fault(&self, text: &str) -> Option<&'static str> {
        match self.form {
            Form::Xml => xml::fault(text),
            Form::Whole | Form::Code(_) | Form::Map | Form::Page => None,
        }
    }

    /// The leaks of the secrets in a text with this placement.
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

    /// The leak of one secret in a file. The checks add its fix.
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

    /// The leak of a secret that the file only names.
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

/// A range of a text as a span.
pub(crate) fn span(range: &Range<usize>) -> Span {
    let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    Span::new(offset(range.start), offset(range.end))
}

/// The first byte of a file: the place of a step that is about all of it.
fn top_of(path: &str) -> FileSpan {
    FileSpan { path: path.into(), span: Span::default() }
}
