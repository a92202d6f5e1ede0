//! `client-secret-env`: client code reads a secret variable, and the bundler replaces the read by
//! the value.

use crate::checks::check::Check;
use crate::checks::checker::{Checker, leave_out};
use crate::checks::env_reads::EnvRead;
use crate::checks::kind_texts::KindTexts;
use crate::frameworks::Inlining;
use crate::frameworks::modes::unread_file;
use crate::graph::modules::BindingId;
use crate::js::guard::{Absence, Guard};
use crate::js::ir::{MODULE_INIT, Span};
use crate::js::markup::placeholders::placeholders;
use crate::leak::{FileSpan, Leak, LeakKind, LeakSubject, StepKind, TraceStep};
use crate::severity::Severity;

/// The texts and the fix of the kind.
pub(crate) const CHECK: Check = Check {
    kind: LeakKind::ClientSecretEnv,
    texts: KindTexts {
        title: "{} is built into client code",
        message: "{} puts a secret into client code",
        meaning: "Client code reads a secret variable, and the bundler replaces the read by the \
                  value.",
        why: "The value is in the files that every visitor loads; a variable only keeps it out of \
              the repository.",
        fix: "Read the variable in server code only, under a name without a public prefix, and \
              let client code call the server.",
        cwe: 200,
        is_published: true,
        example: &[
            ("package.json", r#"{ "devDependencies": { "vite": "6.0.0" } }"#),
            ("index.html", r#"<script type="module" src="/src/main.ts"></script>"#),
            ("src/main.ts", "send(import.meta.env.VITE_ACME_SECRET_KEY)"),
        ],
    },
    fix: |context| format!("Read {} {}.", context.read(), context.in_server_code()),
};

/// The leak of a read that the bundler replaces by the value.
pub(crate) fn leak(checker: &Checker<'_>, read: &EnvRead) -> Option<Leak> {
    let Inlining::Yes(why) = &read.inlining else { return None };
    let note = format!("reads {}: {why}", read.name);
    let (place, guard) = (read.place, read.guard);
    Some(inlined(checker, read.taint.key_kind, &read.name, &read.at, (place, guard), note))
}

/// Secret variables whose values replace their names in pages: `%VITE_X%`.
pub(crate) fn page_leaks(checker: &Checker<'_>) -> Vec<Leak> {
    let mut leaks = Vec::new();
    let is_page = |path: &&String| path.ends_with(".html") || path.ends_with(".htm");
    for path in checker.app.files.iter().filter(is_page) {
        let Ok(Some(bytes)) = checker.app.state.read(path) else { continue };
        let text = checker.keys.text(&bytes);
        for range in placeholders(&text) {
            let name = &text[range.clone()];
            let frameworks = checker.frameworks.iter();
            let mut inlining =
                frameworks.map(|known| known.inlining_in_page(checker.app, path, name));
            let Some(Inlining::Yes(why)) = inlining.find(|it| *it != Inlining::No) else {
                continue;
            };
            let Some(key_kind) = checker.env.secret(name) else { continue };
            let span = Span::new(range.start as u32, range.end as u32);
            let at = FileSpan { path: path.as_str().into(), span };
            let module = checker.graph.by_path(path).unwrap_or(checker.graph.modules.len());
            let place = BindingId { module, binding: MODULE_INIT };
            let note = format!("names {name}: {why}");
            leaks.push(inlined(checker, key_kind, name, &at, (place, Guard::None), note));
        }
    }
    leaks
}

fn inlined(
    checker: &Checker<'_>,
    key_kind: crate::catalog::KeyKindId,
    name: &str,
    at: &FileSpan,
    (place, guard): (BindingId, Guard),
    note: String,
) -> Leak {
    let mut leak = checker.leak(&CHECK, key_kind, at.clone(), place, guard);
    if let Some(proof) = checker.env.proof(name) {
        let is_for_development = proof.is_for_development;
        let absence = is_for_development.then_some(Absence::DevelopmentVariable);
        if let Some(absence) = absence.or_else(|| unread_file(checker.app, &proof.at.path)) {
            leave_out(&mut leak, absence);
        }
    }
    leak.subject = LeakSubject::Name(name.to_owned());
    if !checker.env.is_proven(name) {
        leak.severity = leak.severity.min(Severity::Warning);
    }
    leak.trace.push(TraceStep { at: at.clone(), kind: StepKind::Source, note });
    leak.related.extend(checker.declared(name));
    leak
}
