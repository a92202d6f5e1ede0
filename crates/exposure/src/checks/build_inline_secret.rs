//! `build-inline-secret`: a build configuration puts a secret, or all variables, into client code.

use std::collections::BTreeSet;

use crate::app::App;
use crate::catalog::KeyKindId;
use crate::checks::check::Check;
use crate::checks::checker::leave_out;
use crate::checks::client_secret_literal::{comment_around, is_legal};
use crate::checks::fix::FixContext;
use crate::checks::kind_texts::KindTexts;
use crate::checks::names_in_code::unnamed;
use crate::eval::value::{Taint, TaintOrigin, Value};
use crate::frameworks;
use crate::frameworks::Framework;
use crate::frameworks::places;
use crate::frameworks::shipped_setting::{NamedBy, ShippedContent};
use crate::js::guard::Absence;
use crate::leak::{FileSpan, Leak, LeakKind, LeakSubject, StepKind, TraceStep};
use crate::severity::{Confidence, Severity};

/// The texts and the fix of the kind.
pub(crate) const CHECK: Check = Check {
    kind: LeakKind::BuildInlineSecret,
    texts: KindTexts {
        title: "{} is put into client code by the build",
        message: "The build configuration puts {} into client code",
        meaning: "A build configuration puts a secret, or all variables at once, into client code.",
        why: "The value is in the built files, whatever its name, even if no code means to read it.",
        fix: "Take the secret out of the configuration: define single variables that are public, \
              never the whole environment.",
        cwe: 200,
        is_published: true,
        example: &[
            ("package.json", r#"{ "dependencies": { "next": "15.1.0" } }"#),
            ("next.config.js", "module.exports = { env: { key: process.env.ACME_SECRET_KEY } }"),
        ],
    },
    fix,
};

/// How deep a configuration is searched.
const MAX_DEPTH: usize = 16;

fn fix(context: &FixContext<'_>) -> String {
    let option = context.hints.option;
    if context.is_whole_environment() {
        return format!(
            "Name the few public variables that {option} needs instead of all of them."
        );
    }
    format!("Take it out of {option}, read {} {}.", context.read(), context.in_server_code())
}

/// The secrets in the settings of an app that its frameworks ship. `given` tells which variables hold
/// a key by their declarations.
pub(crate) fn leaks(
    frameworks: &[&dyn Framework],
    app: &App<'_>,
    given: &dyn Fn(&str) -> Option<KeyKindId>,
) -> Vec<Leak> {
    let mut leaks: Vec<(Leak, Option<String>)> = Vec::new();
    for framework in frameworks {
        for setting in framework.shipped_settings(app) {
            let of = |leaks| Shipped {
                app,
                framework: framework.id().name(),
                note: setting.note,
                leaks,
            };
            let mut part = of(Vec::new());
            match (&setting.content, &setting.named) {
                (ShippedContent::Fields(value), NamedBy::Keys) => {
                    for field in value.fields() {
                        let mut part = of(Vec::new());
                        part.field(&field.value, &field.at, MAX_DEPTH);
                        let name = Some(field.key.to_string());
                        leaks.extend(part.leaks.into_iter().map(|leak| (leak, name.clone())));
                    }
                    if !matches!(value, Value::Object(_)) {
                        part.fields(value, MAX_DEPTH);
                    }
                }
                (ShippedContent::Fields(value), _) => part.fields(value, MAX_DEPTH),
                (ShippedContent::Variable(name, at), _) => {
                    part.variable(name, at, || given(name));
                }
                (ShippedContent::Text(text, at), _) => part.text(text, at),
            }
            if setting.is_minified {
                let drops_legal = setting.drops_legal;
                let removed = part.leaks.iter_mut();
                let removed = removed.filter(|leak| is_in_comment(app, leak, drops_legal));
                removed.for_each(|leak| leave_out(leak, Absence::Comment));
            }
            let name = match &setting.named {
                NamedBy::Name(name) => Some(name.clone()),
                NamedBy::Nothing | NamedBy::Keys => None,
            };
            leaks.extend(part.leaks.into_iter().map(|leak| (leak, name.clone())));
        }
    }
    let names: BTreeSet<&str> = leaks.iter().filter_map(|(_, name)| name.as_deref()).collect();
    let unnamed: BTreeSet<String> = unnamed(app, &names).into_iter().map(str::to_owned).collect();
    let settled = leaks.into_iter().map(|(mut leak, name)| {
        if name.is_some_and(|name| unnamed.contains(&name)) {
            leave_out(&mut leak, Absence::Unread);
        }
        leak
    });
    settled.collect()
}

/// True if a secret stands in a comment that minifiers remove.
fn is_in_comment(app: &App<'_>, leak: &Leak, drops_legal: bool) -> bool {
    let Some(source) = leak.trace.first() else { return false };
    let bytes = app.state.read(&source.at.path).ok().flatten().unwrap_or_default();
    let Ok(text) = std::str::from_utf8(&bytes) else { return false };
    let (start, end) = (source.at.span.start as usize, source.at.span.end as usize);
    let literal = text.get(start..end).unwrap_or_default().trim_matches(['\'', '"', '`']).trim();
    // The secret is placed by itself or by the literal around it.
    let comment = if literal.starts_with("/*") {
        (literal.find("*/") == literal.len().checked_sub(2)).then_some(literal)
    } else {
        comment_around(text, start)
    };
    comment.is_some_and(|comment| comment.starts_with("/*") && (drops_legal || !is_legal(comment)))
}

/// Collects the leaks of one setting.
struct Shipped<'s> {
    app: &'s App<'s>,
    framework: &'static str,
    note: &'static str,
    leaks: Vec<Leak>,
}

impl Shipped<'_> {
    /// A variable that leaks whatever code reads it; nothing if neither its name nor its value is
    /// secret.
    fn variable(&mut self, name: &str, at: &FileSpan, given: impl Fn() -> Option<KeyKindId>) {
        if let Some(key_kind) = self.app.names.key_kind(name).or_else(given) {
            self.push(key_kind, LeakSubject::Name(name.to_owned()), at, None, Vec::new());
        }
    }

    /// The keys in a text; the place of each is searched for in its file.
    fn text(&mut self, text: &str, at: &FileSpan) {
        let keys = self.app.keys.find(text).into_iter();
        for key in keys.filter(|key| self.app.catalog.is_secret(key.key_kind)) {
            let written = text.get(key.range.clone());
            let place = written.map(|written| places::quoted(self.app, at, written));
            let subject = LeakSubject::Secret(key.secret);
            self.push(
                key.key_kind,
                subject,
                &place.unwrap_or_else(|| at.clone()),
                None,
                Vec::new(),
            );
        }
    }

    /// The properties of an object; the place of a leak is the innermost property with the secret.
    fn fields(&mut self, value: &Value, depth: usize) {
        match value {
            Value::Object(fields) => {
                for field in fields.iter() {
                    self.field(&field.value, &field.at, depth);
                }
            }
            // The value of `{ ...process.env }`: it has no property to point at.
            Value::Environment(_, at) => self.field(value, at, depth),
            Value::Any(values) => {
                for value in values.iter().filter(|_| depth > 0) {
                    self.fields(value, depth - 1);
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
            | Value::Instance(..)
            | Value::CallResult(..) => {}
        }
    }

    /// The value of a property at a place.
    fn field(&mut self, value: &Value, at: &FileSpan, depth: usize) {
        let Some(depth) = depth.checked_sub(1) else { return };
        match value {
            Value::Secret(taint) => self.taint(taint, at),
            Value::Environment(..) => self.environment(at),
            Value::Object(_) => self.fields(value, depth),
            Value::List(values)
            | Value::CallResult(_, values)
            | Value::Instance(_, _, values)
            | Value::Any(values) => {
                for value in values.iter() {
                    self.field(value, at, depth);
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

    fn taint(&mut self, taint: &Taint, at: &FileSpan) {
        let (subject, source, note) = match &taint.origin {
            TaintOrigin::Written { secret, at } => {
                (LeakSubject::Secret(secret.clone()), at, "the secret is written here".to_owned())
            }
            TaintOrigin::Variable { name, at, .. } => {
                (LeakSubject::Name(name.to_string()), at, format!("reads {name}"))
            }
        };
        let is_written = matches!(subject, LeakSubject::Secret(_)) && source != at;
        let written_at = is_written.then(|| source.clone());
        let mut trace = vec![TraceStep { at: source.clone(), kind: StepKind::Source, note }];
        trace.extend(taint.hops.iter().cloned());
        self.push(taint.key_kind, subject, at, written_at, trace);
    }

    /// All variables leak; which of them are secret depends on the app.
    fn environment(&mut self, at: &FileSpan) {
        let mut declared = self.app.declarations.iter();
        let key_kind = declared
            .find_map(|declared| self.app.names.key_kind(&declared.name))
            .or_else(|| self.app.catalog.first_secret(|kind| kind.is_wanted));
        if let Some(key_kind) = key_kind {
            self.push(key_kind, LeakSubject::Name("process.env".to_owned()), at, None, Vec::new());
        }
    }

    fn push(
        &mut self,
        key_kind: KeyKindId,
        subject: LeakSubject,
        at: &FileSpan,
        written_at: Option<FileSpan>,
        mut trace: Vec<TraceStep>,
    ) {
        trace.push(TraceStep { at: at.clone(), kind: StepKind::Sink, note: self.note.to_owned() });
        let variable = match &subject {
            LeakSubject::Name(name) => Some(name.as_str()),
            LeakSubject::Secret(_) => None,
        };
        let hints = frameworks::fix_hints(Some(self.framework));
        let fix = fix(&FixContext { hints, variable });
        self.leaks.push(Leak {
            kind: CHECK.kind,
            key_kind,
            subject,
            at: at.clone(),
            written_at,
            severity: Severity::Error,
            confidence: Confidence::High,
            framework: Some(self.framework),
            trace,
            related: Vec::new(),
            fix,
        });
    }
}
