//! A place from which everything ships, and the findings of what is written there.

use std::ops::Range;

use super::comments;
use super::comments::Language;
use super::ground::Ground;
use super::maps;
use super::top_of;
use super::xml;
use crate::exposure::Key;
use crate::exposure::facts::Span;
use crate::exposure::leak::At;
use crate::exposure::leak::Hop;
use crate::exposure::leak::Leak;
use crate::exposure::leak::Subject;
use crate::model::Confidence;
use crate::model::Kind;
use crate::model::Severity;
use crate::model::StepKind;

/// Why a file ships, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Position {
    /// The kind of its findings.
    pub kind: Kind,
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
pub(super) enum Form {
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

impl Position {
    /// Surely shipped, as a whole.
    pub(super) fn new(kind: Kind, framework: &'static str, why: impl Into<String>) -> Self {
        let why = why.into();
        let confidence = Confidence::High;
        Self { kind, framework, why, marker: None, confidence, form: Form::Whole }
    }

    /// The same, said by another file.
    pub(super) fn by(self, marker: impl Into<String>) -> Self {
        Self { marker: Some(marker.into()), ..self }
    }

    /// The same, but only likely.
    pub(super) fn likely(self) -> Self {
        Self { confidence: Confidence::Medium, ..self }
    }

    /// The same, of which this much ships.
    pub(super) fn of(self, form: Form) -> Self {
        Self { form, ..self }
    }

    /// Why the text cannot be what its position says.
    pub(super) fn fault(&self, text: &str) -> Option<&'static str> {
        match self.form {
            Form::Xml => xml::fault(text),
            Form::Whole | Form::Code(_) | Form::Map | Form::Page => None,
        }
    }

    /// The secrets of a text that ships from here.
    pub(super) fn leaks(&self, ground: &Ground<'_>, path: &str, text: &str) -> Vec<Leak> {
        let left_out = match self.form {
            Form::Whole | Form::Map => Vec::new(),
            Form::Code(language) => comments::ranges(text, language),
            Form::Xml => comments::ranges(text, Language::Markup),
            Form::Page => comments::ranges(text, Language::Template),
        };
        let mut keys = ground.secrets(text);
        keys.retain(|key| !comments::holds(&left_out, key.range.start));
        let mut notes = vec![String::new(); keys.len()];
        match self.form {
            Form::Map => {
                notes = maps::sources(ground, text, &keys);
                keys.extend(maps::escaped(ground, text, &keys));
            }
            Form::Xml => keys.extend(xml::escaped(ground, text, &keys)),
            Form::Whole => keys.extend(maps::inline(ground, text)),
            Form::Code(_) | Form::Page => {}
        }
        notes.resize(keys.len(), String::new());
        let leaks = keys.into_iter().zip(notes);
        leaks.map(|(key, note)| self.leak(path, key, &note)).collect()
    }

    /// The finding of one secret of a file.
    pub(super) fn leak(&self, path: &str, key: Key, note: &str) -> Leak {
        let at = At { path: path.into(), span: span(&key.range) };
        let entry = self.marker.as_deref().map_or_else(|| at.clone(), top_of);
        let sink = if note.is_empty() { "the secret is written here" } else { note };
        Leak {
            kind: self.kind,
            rule: key.rule,
            subject: Subject::Secret(key.secret),
            written_at: None,
            severity: self.severity(),
            confidence: self.confidence,
            framework: Some(self.framework),
            trace: vec![
                Hop { at: entry, kind: StepKind::Entry, note: self.why.clone() },
                Hop { at: at.clone(), kind: StepKind::Sink, note: sink.to_owned() },
            ],
            related: Vec::new(),
            fix: self.fix().to_owned(),
            at,
        }
    }

    /// A finding of a secret that is not written down at the place.
    pub(super) fn named(
        &self,
        at: At,
        rule: usize,
        name: &str,
        written_at: Option<At>,
        related: Vec<Hop>,
    ) -> Leak {
        let note = format!("{name} is packaged here");
        Leak {
            kind: self.kind,
            rule,
            subject: Subject::Name(name.to_owned()),
            written_at,
            severity: self.severity(),
            confidence: self.confidence,
            framework: Some(self.framework),
            trace: vec![
                Hop { at: at.clone(), kind: StepKind::Entry, note: self.why.clone() },
                Hop { at: at.clone(), kind: StepKind::Sink, note },
            ],
            related,
            fix: self.fix().to_owned(),
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

    fn fix(&self) -> &'static str {
        match self.kind {
            Kind::NativeAppSecret => {
                "Keep the key on a server that calls the provider for the app, and revoke this one."
            }
            Kind::BundleSecret => {
                "Remove the key from what is built or served, move its use to a server, and \
                 revoke it."
            }
            Kind::Secret
            | Kind::ClientServerEnvRead
            | Kind::ClientSecretEnv
            | Kind::ClientSecretLiteral
            | Kind::PublicEnvSecret
            | Kind::BuildInlineSecret
            | Kind::ServerToClientSecret
            | Kind::ClientTokenExchange
            | Kind::SdkSecretKey => "Move the call to a server that keeps the key, and revoke it.",
        }
    }
}

/// A stretch of a text.
pub(super) fn span(range: &Range<usize>) -> Span {
    let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    Span::new(offset(range.start), offset(range.end))
}
