//! `client-secret-literal`: a secret is written down in code that ships to clients.
//!
//! Found in the expressions of modules that client code imports. Pages and extensions without a
//! bundler are placed by [`crate::artifacts`].

#![expect(clippy::wildcard_enum_match_arm, reason = "few of the kinds of expressions matter here")]

use std::collections::HashSet;
use std::sync::Arc;

use crate::catalog::KeyKindId;
use crate::checks::check::Check;
use crate::checks::checker::{Checker, Shipping, downgrade, leave_out};
use crate::checks::kind_texts::KindTexts;
use crate::checks::module::CheckedModule;
use crate::eval::names::{may_make_text, names_of};
use crate::eval::told_keys::told_secrets;
use crate::eval::value::{TaintOrigin, Value};
use crate::frameworks::published_maps::PublishedMaps;
use crate::graph::modules::{BindingId, ModuleId};
use crate::js::guard::{Absence, Guard};
use crate::js::ir::{Expr, ExprId, ExprNode, MODULE_INIT, PropertyKey, Span};
use crate::js::style;
use crate::leak::{FileSpan, Leak, LeakKind, LeakSubject, StepKind, TraceStep};
use crate::paths::extension;
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
        if !may_hold_key(module, (node.span, &node.expr)) || !module.is_suspect(node.context) {
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
            module.leave_out_excluded(&mut leak, node, place);
            if shipping == Shipping::Maybe {
                downgrade(&mut leak);
            }
            let is_removed = is_removed_comment(module, node, &at);
            let note = "the key".to_owned();
            leak.trace.push(TraceStep { at, kind: StepKind::Source, note });
            if is_removed {
                leave_out(&mut leak, Absence::Comment);
            }
            leaks.push(leak);
        }
    }
    leaks
}

/// The secrets in files of which clients get only a part: in legal comments, which builds keep, in
/// comments of style sheets that the build does not minify, and, in apps that publish source maps with
/// the whole, in any comment and in code for servers. `known` are the leaks that were found otherwise; modules that
/// are not asked for are left out.
pub(crate) fn leaks_of_the_rest(
    checker: &Checker<'_>,
    known: &[Leak],
    is_asked: &dyn Fn(ModuleId) -> bool,
) -> Vec<Leak> {
    let mut maps = checker.frameworks.iter().filter_map(|it| it.published_maps(checker.app));
    let maps = maps.next();
    let keeps_style_comments =
        checker.frameworks.iter().any(|framework| framework.keeps_style_comments(checker.app));
    let mut leaks = Vec::new();
    let mut seen: HashSet<&str> = HashSet::new();
    for (id, node) in checker.graph.modules.iter().enumerate() {
        if !node.has_seed()
            || !node.may_have_key
            || !is_asked(id)
            || !checker.client.has_module(id)
            || !seen.insert(&node.path)
        {
            continue;
        }
        let maps = maps.as_ref().filter(|maps| is_in_maps(&node.path, maps));
        let is_style = style::is_style(&node.path);
        if maps.is_none() && !is_style && !is_source(&node.path) {
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
            let offset = at.span.start as usize;
            let comment = comment_around(&text, offset);
            let is_used = is_style
                && comment.is_none()
                && is_defined_for_others(checker, &node.path, &text, offset);
            let note = if is_used {
                "the key: another style sheet uses it".to_owned()
            } else if comment.is_some_and(is_legal) {
                "the key: in a legal comment, which builds keep in the code or in a file beside it"
                    .to_owned()
            } else if is_style && keeps_style_comments && comment.is_some() {
                "the key: in a comment of a style sheet that the build does not minify".to_owned()
            } else if let Some(maps) = maps {
                format!("the key: not in the code, but in its source map ({})", maps.switch)
            } else {
                continue;
            };
            let place = BindingId { module: id, binding: MODULE_INIT };
            let mut leak = checker.leak(&CHECK, key_kind, at.clone(), place, Guard::None);
            leak.subject = LeakSubject::Secret(secret);
            leak.fix = "Revoke the key and take it out of this file.".to_owned();
            if !is_used {
                leak.severity = leak.severity.min(Severity::Warning);
                leak.confidence = leak.confidence.min(Confidence::Medium);
            }
            if let Some(maps) = maps.filter(|_| !is_used) {
                leak.fix = format!(
                    "Revoke the key, take it out of this file, and do not publish source maps ({}).",
                    maps.switch
                );
                leak.related.extend(maps.at.clone().map(|at| TraceStep {
                    at,
                    kind: StepKind::Flow,
                    note: "source maps are published with the sources in them".to_owned(),
                }));
            }
            leak.trace.push(TraceStep { at, kind: StepKind::Source, note });
            leaks.push(leak);
        }
    }
    leaks
}

/// True if an offset of a style sheet is in a variable, mixin or function that another style sheet of
/// clients uses.
fn is_defined_for_others(checker: &Checker<'_>, path: &str, text: &str, at: usize) -> bool {
    let Some(definition) = style::definition_around(text, extension(path), at) else {
        return false;
    };
    let others = checker.graph.modules.iter().enumerate();
    // Components have style sheets in them.
    let has_style = |path: &str| {
        style::is_style(path) || [".vue", ".svelte", ".astro"].iter().any(|it| path.ends_with(it))
    };
    let mut others = others.filter(|(id, node)| {
        has_style(&node.path) && *node.path != *path && checker.client.has_module(*id)
    });
    others.any(|(_, node)| {
        let bytes = checker.app.state.read(&node.path).ok().flatten().unwrap_or_default();
        definition.is_used_in(&String::from_utf8_lossy(&bytes), usize::MAX)
    })
}

/// The comment around an offset of a text: `/* … */`, or what follows `//!` on a line.
pub(crate) fn comment_around(text: &str, at: usize) -> Option<&str> {
    let (before, after) = text.split_at_checked(at)?;
    let line = before.rfind('\n').map_or(0, |end| end + 1);
    let whole = before.rfind("/*").filter(|open| !before[*open..].contains("*/"));
    let open = whole.or_else(|| before[line..].find("//!").map(|open| line + open))?;
    let close = if whole.is_some() { "*/" } else { "\n" };
    let end = after.find(close).map_or(text.len(), |end| at + end);
    text.get(open..end)
}

/// True for comments that minifiers keep: `/*! … */`, `@license`, `@preserve`.
pub(crate) fn is_legal(comment: &str) -> bool {
    let marks = ["@license", "@preserve", "@cc_on"];
    comment.starts_with("/*!")
        || comment.starts_with("/**!")
        || comment.starts_with("//!")
        || marks.iter().any(|mark| comment.contains(mark))
}

/// True if source maps hold a file as it was written. Those of Astro's components hold their scripts
/// alone.
fn is_in_maps(path: &str, maps: &PublishedMaps) -> bool {
    let is_page = [".astro", ".html", ".htm"].iter().any(|ending| path.ends_with(ending));
    (is_source(path) && !is_page) || (maps.has_styles && style::is_style(path))
}

/// True if an expression can have a key in its text or put one together.
fn may_hold_key(module: &CheckedModule<'_, '_>, (span, expr): (Span, &Expr)) -> bool {
    let node = &module.checker.graph.modules[module.id];
    match expr {
        Expr::Text(text) => node.may_have_key_in(span, text),
        Expr::Concat(_) => true,
        Expr::RegExp(_) => node.may_have_key,
        Expr::Call { callee, .. } => may_make_text(module.body, *callee),
        // A key is the name of a property only in files that contain it.
        Expr::Object(_) => node.may_have_key,
        _ => false,
    }
}

/// The secrets that an expression is written with.
fn written(module: &CheckedModule<'_, '_>, id: u32, node: &ExprNode) -> Vec<WrittenSecret> {
    let (checker, path) = (module.checker, module.path());
    match &node.expr {
        Expr::Text(text) => in_text(module, id, text, node.span),
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
                // The text of a file takes the place of the call.
                TaintOrigin::Written { at, .. } if is_file_read(module, &node.expr) => {
                    let bytes = checker.app.state.read(&at.path).ok().flatten();
                    let text = checker.keys.text(&bytes.unwrap_or_default());
                    secrets_in(checker, &text, &at.path, 0)
                }
                TaintOrigin::Written { .. } | TaintOrigin::Variable { .. } => Vec::new(),
            },
            _ => Vec::new(),
        },
    }
}

/// True for a key in a comment of a picture, if the build minifies pictures, and in one of a template
/// or style of a component that the build compiles.
fn is_removed_comment(module: &CheckedModule<'_, '_>, node: &ExprNode, at: &FileSpan) -> bool {
    let Expr::Text(text) = &node.expr else { return false };
    let offset = at.span.start.saturating_sub(node.span.start) as usize;
    let before = text.get(..offset).unwrap_or_default();
    let is_in = |begin: &str, end: &str| {
        before.rfind(begin).is_some_and(|begin| !before[begin..].contains(end))
    };
    let (is_markup, is_style) = (is_in("<!--", "-->"), is_in("/*", "*/") && !is_in("/*!", "*/"));
    let frameworks = &module.checker.frameworks;
    if !is_markup && !is_style {
        return false;
    }
    if at.path.ends_with(".svg") {
        return is_markup && frameworks.iter().any(|it| it.facts().minifies_pictures);
    }
    if !frameworks.iter().any(|it| it.facts().compiled_templates.is_some()) {
        return false;
    }
    let bytes = module.checker.app.state.read(&at.path).ok().flatten().unwrap_or_default();
    let Ok(code) = std::str::from_utf8(&bytes) else { return false };
    let code = code.get(..node.span.start as usize).unwrap_or_default();
    let Some(decorator) = code.rfind("@Component(") else { return false };
    let option = code[decorator..].trim_end_matches(|c: char| c.is_whitespace() || c == '`');
    (is_markup && option.ends_with("template:"))
        || (is_style && option.trim_end_matches(['[', ' ', '\n']).ends_with("styles:"))
}

/// True for a call that reads a file, if the build puts its text into the code.
fn is_file_read(module: &CheckedModule<'_, '_>, expr: &Expr) -> bool {
    let Expr::Call { callee, .. } = expr else { return false };
    names_of(module.body, *callee).last() == "readFileSync"
        && module.checker.frameworks.iter().any(|it| it.facts().inlines_read_files)
}

/// All secrets of a text literal; its value has only the first.
fn in_text(
    module: &CheckedModule<'_, '_>,
    id: ExprId,
    text: &str,
    span: Span,
) -> Vec<WrittenSecret> {
    let (checker, path) = (module.checker, module.path());
    if !checker.texts.may_have_secret(module.id, id) {
        return Vec::new();
    }
    let length = (span.end - span.start) as usize;
    let is_quoted = length == text.len() + 2;
    // Otherwise it has escapes, so that offsets in its value are not those in the file.
    if !is_quoted && length != text.len() {
        let whole = |(kind, secret, at): WrittenSecret| (kind, secret, FileSpan { span, ..at });
        return secrets_in(checker, text, path, 0).into_iter().map(whole).collect();
    }
    let mut secrets = secrets_in(checker, text, path, span.start + u32::from(is_quoted));
    let seeds = &checker.graph.modules[module.id].seeds;
    for (key_kind, secret, span) in told_secrets(seeds, checker.catalog, span, text) {
        let at = FileSpan { path: Arc::clone(path), span };
        if !secrets.iter().any(|(_, _, known)| *known == at) {
            secrets.push((key_kind, secret, at));
        }
    }
    if secrets.is_empty() {
        checker.texts.has_none(module.id, id);
    }
    secrets
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
