//! `sdk-browser-switch`: a provider's package is told to run in browsers, and is given a key there.

#![expect(clippy::wildcard_enum_match_arm, reason = "few of the kinds of expressions matter here")]

use crate::checks::check::Check;
use crate::checks::checker::{Shipping, downgrade};
use crate::checks::given_keys::GivenKey;
use crate::checks::kind_texts::KindTexts;
use crate::checks::module::CheckedModule;
use crate::eval::names::name_of;
use crate::eval::value::{Value, leaked_taints};
use crate::js::ir::{Expr, ExprId, PropertyKey};
use crate::leak::{Leak, LeakKind, LeakSubject};
use crate::severity::{Confidence, Severity};
use crate::variables::names::public_prefix;

/// The texts and the fix of the kind.
pub(crate) const CHECK: Check = Check {
    kind: LeakKind::SdkBrowserSwitch,
    texts: KindTexts {
        title: "{} in a package that is switched on for browsers",
        message: "An option lets the package run in browsers and ships {} with it",
        meaning: "An option that lets a server's package run in browsers ships the key that the \
                  package is given.",
        why: "The package refuses to run in browsers because everybody there can read its key; the \
              option turns that off and hides nothing.",
        fix: "Take the option out, call the package in server code only, and let client code ask \
              your server.",
        cwe: 200,
        is_published: true,
        example: &[
            ("package.json", r#"{ "devDependencies": { "vite": "6.0.0" } }"#),
            ("index.html", r#"<script type="module" src="/src/main.ts"></script>"#),
            (
                "src/main.ts",
                "import { Acme } from 'acme-browser'\n\
                 new Acme({ apiKey: import.meta.env.VITE_KEY, allowBrowser: true })",
            ),
        ],
    },
    fix: |context| format!("Take the option out, use the package {}.", context.in_server_code()),
};

/// The fewest letters and digits of a text that may be a key of unknown form.
const SHORTEST_KEY: usize = 16;

/// The keys that the module gives to packages which an option makes run in browsers.
pub(super) fn leaks(module: &CheckedModule<'_, '_>, given: &[GivenKey<'_, '_>]) -> Vec<Leak> {
    let mut leaks = Vec::new();
    for key in given.iter().filter(|key| key.switch.is_some()) {
        let taints = leaked_taints(&key.value);
        if taints.is_empty() {
            leaks.extend(unknown_key(module, key));
        }
        leaks.extend(taints.iter().filter_map(|taint| key.leak(module, &CHECK, taint)));
    }
    leaks
}

/// The leak of a key that no rule knows: a variable, a text of some length, or a value that is not
/// known, which may be the key of the user alone.
fn unknown_key(module: &CheckedModule<'_, '_>, key: &GivenKey<'_, '_>) -> Option<Leak> {
    let checker = module.checker;
    let guard = key.context.guard;
    let shipping = checker.shipping(module.id, key.context);
    if shipping == Shipping::No || guard.is_for_servers() {
        return None;
    }
    let written = written_as(module, key);
    let severity = match &key.value {
        Value::Text(text) => {
            let is_key = checker.keys.find(text).is_empty() && looks_random(text);
            is_key.then_some(Severity::Warning)?
        }
        Value::Variable => {
            let name = written.rsplit('.').next().unwrap_or_default();
            let is_public = public_prefix(name, &checker.env.conventions().name_prefixes).is_some();
            let is_key = is_public && !checker.env.is_cleared(name);
            is_key.then_some(Severity::Warning)?
        }
        Value::Unknown | Value::CallResult(..) | Value::Any(_) => Severity::Note,
        Value::Literal(_)
        | Value::Secret(_)
        | Value::Environment(..)
        | Value::Object(_)
        | Value::List(_)
        | Value::Function(..)
        | Value::Module(_)
        | Value::Instance(..) => return None,
    };
    let provider = key.package.provider;
    let key_kind =
        checker.catalog.first_secret(|kind| kind.provider == provider && kind.is_wanted)?;
    let mut leak = key.bare_leak(module, &CHECK, key_kind, guard);
    leak.severity = leak.severity.min(severity);
    leak.confidence = leak.confidence.min(Confidence::Medium);
    leak.subject = LeakSubject::Name(written);
    leak.trace.push(key.sink());
    if shipping == Shipping::Maybe {
        downgrade(&mut leak);
    }
    Some(leak)
}

/// How code writes the value; or else the name of the slot.
fn written_as(module: &CheckedModule<'_, '_>, key: &GivenKey<'_, '_>) -> String {
    let value = value_at(module, key).map(|expr| name_of(module.body, expr).into_owned());
    let slot = || {
        let parts = key.slot.slot.parts().iter();
        let name = parts.filter_map(|part| part.path.last()).next();
        name.map_or_else(|| "the key".to_owned(), String::clone)
    };
    value.filter(|name| !name.is_empty()).unwrap_or_else(slot)
}

/// The expression of the value: the argument, or the property of an object in it.
fn value_at(module: &CheckedModule<'_, '_>, key: &GivenKey<'_, '_>) -> Option<ExprId> {
    if key.at.path != *module.path() {
        return None;
    }
    let nodes = module.body.nodes.iter().zip(0..);
    let mut inside = nodes.filter(|(node, _)| node.span.contains(key.at.span));
    inside.find_map(|(node, id)| match &node.expr {
        Expr::Object(properties) => {
            let mut own = properties.iter().filter(|it| matches!(it.key, PropertyKey::Name(_)));
            own.find(|property| property.span == key.at.span).map(|property| property.value)
        }
        _ => (node.span == key.at.span).then_some(id),
    })
}

/// True for a text that may be a key: long, in one piece, with letters and digits.
fn looks_random(text: &str) -> bool {
    let is_piece = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    text.len() >= SHORTEST_KEY
        && text.bytes().all(is_piece)
        && text.bytes().any(|byte| byte.is_ascii_digit())
        && text.bytes().any(|byte| byte.is_ascii_alphabetic())
}
