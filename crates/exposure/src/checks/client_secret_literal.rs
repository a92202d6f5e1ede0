//! `client-secret-literal`: a secret is written down in code that ships to clients.
//!
//! Found in the expressions of modules that client code imports. Pages and extensions without a
//! bundler are placed by [`crate::artifacts`].

#![expect(clippy::wildcard_enum_match_arm, reason = "few of the kinds of expressions matter here")]

use std::collections::HashSet;
use std::sync::Arc;

use crate::catalog::KeyKindId;
use crate::checks::check::Check;
use crate::checks::checker::{Checker, Shipping, downgrade};
use crate::checks::kind_texts::KindTexts;
use crate::checks::module::CheckedModule;
use crate::eval::names::may_make_text;
use crate::eval::value::{TaintOrigin, Value};
use crate::frameworks::published_maps::PublishedMaps;
use crate::graph::modules::BindingId;
use crate::js::guard::Guard;
use crate::js::ir::{Expr, ExprNode, MODULE_INIT, PropertyKey, Span};
use crate::js::style;
use crate::leak::{FileSpan, Leak, LeakKind, LeakSubject, StepKind, TraceStep};
use crate::project::conventions::is_source;
use crate::secret::Secret;
use crate::severity::{Confidence, Severity};

/// The texts and the fix of the kind.
pub(crate) const CHECK: Check = Check {
    kind: LeakKind::ClientSecretLiteral,
    texts: KindTexts {
        title: "{} in client code",
        message: "Code that ships to clients contains {}",
        meaning: "A secret is written down in code that ships to clients.",
        why: "Everybody who opens the page or the app gets the code and the secret in it; \
              minifying does not hide it.",
        fix: "Move the code that needs the key to the server, read the key from the server's \
              environment, and let client code call the server.",
        cwe: 798,
        is_published: true,
        example: &[
            ("package.json", r#"{ "dependencies": { "next": "15.1.0" } }"#),
            ("app/widget.tsx", "'use client'\nimport { key } from '../lib/config'\nsend(key)"),
            ("lib/config.ts", "export const key = 'acme_sk_…'"),
        ],
    },
    fix: |context| format!("Revoke the key, read {} {}.", context.read(), context.in_server_code()),
};

/// A secret in the text of a file.
type WrittenSecret = (KeyKindId, Secret, FileSpan);

/// The secrets in texts of the module that clients get.
pub(crate) fn leaks(module: &CheckedModule<'_, '_>) -> Vec<Leak> {
    let mut leaks = Vec::new();
    for (id, node) in module.body.nodes.iter().enumerate() {
        if !may_hold_key(module, &node.expr) || !module.is_suspect(node.context) {
            continue;
        }
        let context = module.context(node.context);
        let shipping = module.checker.shipping(module.id, context);
        if shipping == Shipping::No {
            continue;
        }
        for (key_kind, secret, at) in written(module, id as u32, node) {
            let place = module.place(context.binding);
            let mut leak = module.checker.leak(&CHECK, key_kind, at.clone(), place, context.guard);
            leak.subject = LeakSubject::Secret(secret);
            if shipping == Shipping::Maybe {
                downgrade(&mut leak);
            }
            let note = "the key".to_owned();
            leak.trace.push(TraceStep { at, kind: StepKind::Source, note });
            leaks.push(leak);
        }
    }
    leaks
}

/// The secrets in files of which clients get only a part, in apps that publish source maps with the
/// whole: in comments, and in code for servers. `known` are the leaks that were found otherwise.
pub(crate) fn leaks_of_maps(checker: &Checker<'_>, known: &[Leak]) -> Vec<Leak> {
    let mut maps = checker.frameworks.iter().filter_map(|it| it.published_maps(checker.app));
    let Some(maps) = maps.next() else { return Vec::new() };
    let mut leaks = Vec::new();
    let mut seen: HashSet<&str> = HashSet::new();
    for (id, node) in checker.graph.modules.iter().enumerate() {
        let is_meant = node.has_seed() && is_in_maps(&node.path, &maps);
        if !is_meant || !checker.client.has_module(id) || !seen.insert(&node.path) {
            continue;
        }
        let bytes = checker.app.state.read(&node.path).ok().flatten().unwrap_or_default();
        let Ok(text) = String::from_utf8(bytes) else { continue };
        for (key_kind, secret, at) in secrets_in(checker, &text, &node.path, 0) {
            let is_at = |other: &FileSpan| {
                other.path == at.path
                    && (other.span.contains(at.span) || at.span.contains(other.span))
            };
            let is_known =
                |leak: &Leak| is_at(&leak.at) || leak.written_at.as_ref().is_some_and(is_at);
            if known.iter().any(is_known) {
                continue;
            }
            let place = BindingId { module: id, binding: MODULE_INIT };
            let mut leak = checker.leak(&CHECK, key_kind, at.clone(), place, Guard::None);
            leak.subject = LeakSubject::Secret(secret);
            leak.severity = leak.severity.min(Severity::Warning);
            leak.confidence = leak.confidence.min(Confidence::Medium);
            leak.fix = format!(
                "Revoke the key, take it out of this file, and do not publish source maps ({}).",
                maps.switch
            );
            let note = format!("the key: not in the code, but in its source map ({})", maps.switch);
            leak.trace.push(TraceStep { at, kind: StepKind::Source, note });
            leak.related.extend(maps.at.clone().map(|at| TraceStep {
                at,
                kind: StepKind::Flow,
                note: "source maps are published with the sources in them".to_owned(),
            }));
            leaks.push(leak);
        }
    }
    leaks
}

/// True if source maps hold a file as it was written. Those of Astro's components hold their scripts
/// alone.
fn is_in_maps(path: &str, maps: &PublishedMaps) -> bool {
    let is_page = [".astro", ".html", ".htm"].iter().any(|ending| path.ends_with(ending));
    (is_source(path) && !is_page) || (maps.has_styles && style::is_style(path))
}

/// True if an expression can have a key in its text or put one together.
fn may_hold_key(module: &CheckedModule<'_, '_>, expr: &Expr) -> bool {
    match expr {
        Expr::Text(_) | Expr::Concat(_) | Expr::RegExp(_) => true,
        Expr::Call { callee, .. } => may_make_text(module.body, *callee),
        // A key is the name of a property only in files that contain it.
        Expr::Object(_) => module.checker.graph.modules[module.id].has_seed(),
        _ => false,
    }
}

/// The secrets that an expression is written with.
fn written(module: &CheckedModule<'_, '_>, id: u32, node: &ExprNode) -> Vec<WrittenSecret> {
    let (checker, path) = (module.checker, module.path());
    match &node.expr {
        Expr::Text(text) => in_text(checker, text, path, node.span),
        Expr::RegExp(text) => secrets_in(checker, text, path, node.span.start + 1),
        Expr::Object(properties) => {
            let mut found = Vec::new();
            for property in properties {
                if let PropertyKey::Name(name) = &property.key {
                    found.extend(secrets_in(checker, name, path, property.span.start + 1));
                }
            }
            found
        }
        _ => match module.value(id) {
            Value::Secret(taint) => match &taint.origin {
                TaintOrigin::Written { secret, at } if at.span == node.span && at.path == *path => {
                    vec![(taint.key_kind, secret.clone(), at.clone())]
                }
                TaintOrigin::Written { .. } | TaintOrigin::Variable { .. } => Vec::new(),
            },
            _ => Vec::new(),
        },
    }
}

/// All secrets of a text literal; its value has only the first.
fn in_text(checker: &Checker<'_>, text: &str, path: &Arc<str>, span: Span) -> Vec<WrittenSecret> {
    let length = (span.end - span.start) as usize;
    let is_quoted = length == text.len() + 2;
    // Otherwise it has escapes, so that offsets in its value are not those in the file.
    if !is_quoted && length != text.len() {
        let whole = |(kind, secret, at): WrittenSecret| (kind, secret, FileSpan { span, ..at });
        return secrets_in(checker, text, path, 0).into_iter().map(whole).collect();
    }
    secrets_in(checker, text, path, span.start + u32::from(is_quoted))
}

/// The secrets in a text that begins at `from` in its file.
fn secrets_in(checker: &Checker<'_>, text: &str, path: &Arc<str>, from: u32) -> Vec<WrittenSecret> {
    let keys = checker.keys.find(text).into_iter();
    let secrets = keys.filter(|key| checker.catalog.is_secret(key.key_kind));
    let placed = secrets.map(|key| {
        let start = from + key.range.start as u32;
        let span = Span::new(start, start + key.range.len() as u32);
        (key.key_kind, key.secret, FileSpan { path: Arc::clone(path), span })
    });
    placed.collect()
}
