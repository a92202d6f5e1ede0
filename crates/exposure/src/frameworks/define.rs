//! What a configuration puts into client code, as leaks.

use crate::app::App;
use crate::catalog::KeyKindId;
use crate::eval::value::{Taint, TaintOrigin, Value};
use crate::framework_id::FrameworkId;
use crate::frameworks::fix;
use crate::leak::{FileSpan, Leak, LeakKind, LeakSubject, StepKind, TraceStep};
use crate::severity::{Confidence, Severity};

/// How deep a configuration is looked into.
const DEPTH: usize = 16;

/// A part of a configuration whose values ship.
#[derive(Clone, Copy)]
pub(crate) struct Inlined<'i> {
    /// The app.
    pub(crate) app: &'i App<'i>,
    /// The framework by whose rules they ship.
    pub(crate) framework: FrameworkId,
    /// What that part does, for people: `env of next.config ships to the browser`.
    pub(crate) note: &'i str,
}

impl Inlined<'_> {
    /// What leaks by the properties of an object; the place is the innermost property that holds
    /// it.
    pub(crate) fn fields(&self, value: &Value) -> Vec<Leak> {
        let mut leaks = Vec::new();
        self.collect_fields(value, DEPTH, &mut leaks);
        leaks
    }

    /// A variable that leaks by its name alone; nothing if the name is not secret.
    pub(crate) fn name(&self, name: &str, at: &FileSpan) -> Option<Leak> {
        let key_kind = self.app.names.key_kind(name)?;
        Some(self.leak(key_kind, LeakSubject::Name(name.to_owned()), at, None, Vec::new()))
    }

    fn collect_fields(&self, value: &Value, depth: usize, leaks: &mut Vec<Leak>) {
        match value {
            Value::Object(fields) => {
                for field in fields.iter() {
                    self.collect(&field.value, &field.at, depth, leaks);
                }
            }
            // What `{ ...process.env }` comes to: it has no property to point at.
            Value::Environment(_, at) => self.collect(value, at, depth, leaks),
            Value::Any(values) => {
                for value in values.iter().filter(|_| depth > 0) {
                    self.collect_fields(value, depth - 1, leaks);
                }
            }
            Value::Unknown
            | Value::Text(_)
            | Value::Literal(_)
            | Value::Secret(_)
            | Value::Variable
            | Value::Function(..)
            | Value::Module(_)
            | Value::List(_)
            | Value::CallResult(..) => {}
        }
    }

    fn collect(&self, value: &Value, at: &FileSpan, depth: usize, leaks: &mut Vec<Leak>) {
        let Some(depth) = depth.checked_sub(1) else { return };
        match value {
            Value::Secret(taint) => leaks.push(self.taint(taint, at)),
            Value::Environment(..) => leaks.extend(self.environment(at)),
            Value::Object(_) => self.collect_fields(value, depth, leaks),
            Value::List(values) | Value::CallResult(_, values) | Value::Any(values) => {
                for value in values.iter() {
                    self.collect(value, at, depth, leaks);
                }
            }
            Value::Unknown
            | Value::Text(_)
            | Value::Literal(_)
            | Value::Variable
            | Value::Function(..)
            | Value::Module(_) => {}
        }
    }

    fn taint(&self, taint: &Taint, at: &FileSpan) -> Leak {
        let (subject, source, note) = match &taint.origin {
            TaintOrigin::Written { secret, at } => {
                (LeakSubject::Secret(secret.clone()), at, "the secret is written here".to_owned())
            }
            TaintOrigin::Variable { name, at, .. } => {
                (LeakSubject::Name(name.to_string()), at, format!("reads {name}"))
            }
        };
        let written_at = matches!(subject, LeakSubject::Secret(_)).then(|| source.clone());
        let mut trace = vec![TraceStep { at: source.clone(), kind: StepKind::Source, note }];
        trace.extend(taint.hops.iter().cloned());
        self.leak(taint.key_kind, subject, at, written_at.filter(|written| written != at), trace)
    }

    /// All variables leak; the secret ones are whichever the app has.
    fn environment(&self, at: &FileSpan) -> Option<Leak> {
        let mut declared = self.app.declarations.iter();
        let key_kind = declared
            .find_map(|declared| self.app.names.key_kind(&declared.name))
            .or_else(|| self.app.catalog.first_secret(|kind| kind.is_wanted))?;
        Some(self.leak(key_kind, LeakSubject::Name("process.env".to_owned()), at, None, Vec::new()))
    }

    fn leak(
        &self,
        key_kind: KeyKindId,
        subject: LeakSubject,
        at: &FileSpan,
        written_at: Option<FileSpan>,
        mut trace: Vec<TraceStep>,
    ) -> Leak {
        trace.push(TraceStep { at: at.clone(), kind: StepKind::Sink, note: self.note.to_owned() });
        let name = match &subject {
            LeakSubject::Name(name) => Some(name.as_str()),
            LeakSubject::Secret(_) => None,
        };
        let fix = fix(Some(self.framework.name()), LeakKind::BuildInlineSecret, name);
        Leak {
            kind: LeakKind::BuildInlineSecret,
            key_kind,
            subject,
            at: at.clone(),
            written_at,
            severity: Severity::Error,
            confidence: Confidence::High,
            framework: Some(self.framework.name()),
            trace,
            related: Vec::new(),
            fix,
        }
    }
}

/// The place of a quoted text within another place; that place itself if it is not there.
pub(crate) fn quoted(app: &App<'_>, within: &FileSpan, text: &str) -> FileSpan {
    let found = || {
        let bytes = app.state.read(&within.path).ok()??;
        let content = str::from_utf8(&bytes).ok()?;
        let range =
            usize::try_from(within.span.start).ok()?..usize::try_from(within.span.end).ok()?;
        let start = content.get(range.clone())?.find(text)? + range.start;
        place(&within.path, start, text.len())
    };
    found().unwrap_or_else(|| within.clone())
}

/// A stretch of a file; `None` of a file that is too big for one.
pub(crate) fn place(path: &str, start: usize, length: usize) -> Option<FileSpan> {
    let end = u32::try_from(start.checked_add(length)?).ok()?;
    let start = u32::try_from(start).ok()?;
    Some(FileSpan { path: path.into(), span: crate::js::ir::Span::new(start, end) })
}
