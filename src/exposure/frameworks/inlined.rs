//! What a configuration puts into client code, as leaks.

use super::super::app::App;
use super::super::leak::At;
use super::super::leak::Hop;
use super::super::leak::Leak;
use super::super::leak::Subject;
use super::super::value::Origin;
use super::super::value::Taint;
use super::super::value::Value;
use super::fix;
use crate::model::Confidence;
use crate::model::KeyClass;
use crate::model::Kind;
use crate::model::Severity;
use crate::model::StepKind;

/// How deep a configuration is looked into.
const DEPTH: usize = 16;

/// A part of a configuration whose values ship.
#[derive(Clone, Copy)]
pub(super) struct Inlined<'i> {
    /// The app.
    pub(super) app: &'i App<'i>,
    /// The framework by whose rules they ship.
    pub(super) framework: &'static str,
    /// What that part does, for people: `env of next.config ships to the browser`.
    pub(super) note: &'i str,
}

impl Inlined<'_> {
    /// What leaks by the properties of an object; the place is the innermost property that holds
    /// it.
    pub(super) fn fields(&self, value: &Value) -> Vec<Leak> {
        let mut leaks = Vec::new();
        self.collect_fields(value, DEPTH, &mut leaks);
        leaks
    }

    /// A variable that leaks by its name alone; nothing if the name is not secret.
    pub(super) fn name(&self, name: &str, at: &At) -> Option<Leak> {
        let rule = self.app.names.rule(name)?;
        Some(self.leak(rule, Subject::Name(name.to_owned()), at, None, Vec::new()))
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
            | Value::Made(..) => {}
        }
    }

    fn collect(&self, value: &Value, at: &At, depth: usize, leaks: &mut Vec<Leak>) {
        let Some(depth) = depth.checked_sub(1) else { return };
        match value {
            Value::Secret(taint) => leaks.push(self.taint(taint, at)),
            Value::Environment(..) => leaks.extend(self.environment(at)),
            Value::Object(_) => self.collect_fields(value, depth, leaks),
            Value::List(values) | Value::Made(_, values) | Value::Any(values) => {
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

    fn taint(&self, taint: &Taint, at: &At) -> Leak {
        let (subject, source, note) = match &taint.origin {
            Origin::Written { secret, at } => {
                (Subject::Secret(secret.clone()), at, "the secret is written here".to_owned())
            }
            Origin::Variable { name, at, .. } => {
                (Subject::Name(name.to_string()), at, format!("reads {name}"))
            }
        };
        let written_at = matches!(subject, Subject::Secret(_)).then(|| source.clone());
        let mut trace = vec![Hop { at: source.clone(), kind: StepKind::Source, note }];
        trace.extend(taint.hops.iter().cloned());
        self.leak(taint.rule, subject, at, written_at.filter(|written| written != at), trace)
    }

    /// All variables leak; the secret ones are whichever the app has.
    fn environment(&self, at: &At) -> Option<Leak> {
        let mut declared = self.app.declarations.iter();
        let rule =
            declared.find_map(|declared| self.app.names.rule(&declared.name)).or_else(|| {
                let mut rules = self.app.rules.rules.iter();
                rules.position(|rule| rule.is_wanted && rule.class == KeyClass::Secret)
            })?;
        Some(self.leak(rule, Subject::Name("process.env".to_owned()), at, None, Vec::new()))
    }

    fn leak(
        &self,
        rule: usize,
        subject: Subject,
        at: &At,
        written_at: Option<At>,
        mut trace: Vec<Hop>,
    ) -> Leak {
        trace.push(Hop { at: at.clone(), kind: StepKind::Sink, note: self.note.to_owned() });
        let name = match &subject {
            Subject::Name(name) => Some(name.as_str()),
            Subject::Secret(_) => None,
        };
        let fix = fix(Some(self.framework), Kind::BuildInlineSecret, name);
        Leak {
            kind: Kind::BuildInlineSecret,
            rule,
            subject,
            at: at.clone(),
            written_at,
            severity: Severity::Error,
            confidence: Confidence::High,
            framework: Some(self.framework),
            trace,
            related: Vec::new(),
            fix,
        }
    }
}

/// The place of a quoted text within another place; that place itself if it is not there.
pub(super) fn quoted(app: &App<'_>, within: &At, text: &str) -> At {
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
pub(super) fn place(path: &str, start: usize, length: usize) -> Option<At> {
    let end = u32::try_from(start.checked_add(length)?).ok()?;
    let start = u32::try_from(start).ok()?;
    Some(At { path: path.into(), span: super::super::facts::Span::new(start, end) })
}
