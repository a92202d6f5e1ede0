//! `client-token-exchange`: client code asks a provider for a token in exchange for a secret key,
//! which only a server may do.

use crate::catalog::{Catalog, KeyProvider};
use crate::checks::check::Check;
use crate::checks::kind_texts::KindTexts;
use crate::checks::module::CheckedModule;
use crate::checks::requests::{address_texts, is_request};
use crate::eval::names::names_of;
use crate::eval::value::leaked_taints;
use crate::js::ir::{Expr, ExprId};
use crate::leak::{Leak, LeakKind, LeakSubject, StepKind, TraceStep};

/// The texts and the fix of the kind.
pub(crate) const CHECK: Check = Check {
    kind: LeakKind::ClientTokenExchange,
    texts: KindTexts {
        title: "{} is exchanged for a token in client code",
        message: "Client code exchanges a secret key for a token: {}",
        meaning: "Client code calls the provider's address that gives tokens for secret keys.",
        why: "The call needs the secret key, so client code has to have it, and then everybody can \
              create tokens.",
        fix: "Let a route of your server exchange the key, and give client code only the token.",
        cwe: 200,
        is_published: true,
        example: &[
            ("package.json", r#"{ "devDependencies": { "vite": "6.0.0" } }"#),
            ("index.html", r#"<script type="module" src="/src/main.ts"></script>"#),
            ("src/main.ts", "fetch('https://api.acme.example/v1/token', { method: 'POST' })"),
        ],
    },
    fix: |context| {
        let (file, call) = (context.hints.file, context.hints.call);
        format!("Exchange the key for a token in {file}, and let the client get it from {call}.")
    },
};

/// The requests of client code for tokens.
pub(crate) fn leaks(module: &CheckedModule<'_, '_>) -> Vec<Leak> {
    let checker = module.checker;
    let mut leaks = Vec::new();
    for (id, node) in module.body.nodes.iter().enumerate() {
        let Expr::Call { callee, arguments, .. } = &node.expr else { continue };
        if !module.is_suspect(node.context) || !is_request(&names_of(module.body, *callee)) {
            continue;
        }
        let context = module.context(node.context);
        let place = module.place(context.binding);
        if context.guard.is_for_servers() || !checker.client.has(place) {
            continue;
        }
        let Some((provider, path)) = arguments.iter().find_map(|&it| exchange_address(module, it))
        else {
            continue;
        };
        // Without its host, the path may be that of one's own route, unless a secret goes there.
        let provider = provider.or_else(|| sent_provider(module, arguments));
        let key_kind = provider
            .and_then(|provider| checker.catalog.first_secret(|kind| kind.provider == provider));
        let Some(key_kind) = key_kind else { continue };
        let at = module.evaluator.at(module.id, module.body.nodes[id].span);
        let mut leak = checker.leak(&CHECK, key_kind, at.clone(), place, context.guard);
        leak.subject = LeakSubject::Name(path.to_owned());
        let note = format!("asks {path} for a token, which takes the secret key");
        leak.trace.push(TraceStep { at, kind: StepKind::Sink, note });
        leaks.push(leak);
    }
    leaks
}

/// The provider of the first secret that a request carries.
fn sent_provider(module: &CheckedModule<'_, '_>, arguments: &[ExprId]) -> Option<usize> {
    let carried = arguments.iter().flat_map(|&argument| leaked_taints(&module.value(argument)));
    let kinds: Vec<_> = carried.map(|taint| taint.key_kind).collect();
    kinds.first().map(|&kind| module.checker.catalog.kind(kind).provider)
}

/// If an argument of a request is the address of a token exchange: the provider, if its host is
/// named, and the path.
fn exchange_address<'a>(
    module: &CheckedModule<'_, 'a>,
    argument: ExprId,
) -> Option<(Option<usize>, &'a str)> {
    let texts = address_texts(module, argument);
    let catalog: &'a Catalog = module.checker.catalog;
    for (index, provider) in catalog.providers.iter().enumerate() {
        let named = provider.server_paths.iter().find(|path| names_path(&texts, path));
        if let Some(path) = named {
            return Some((names_host(&texts, provider).then_some(index), path));
        }
    }
    None
}

/// True if a text has this path, which does not go on in it.
fn names_path(texts: &[String], path: &str) -> bool {
    texts.iter().any(|text| {
        text.find(path).is_some_and(|at| {
            let next = text.as_bytes().get(at + path.len());
            !matches!(next, Some(b'a'..=b'z' | b'-' | b'/'))
        })
    })
}

fn names_host(texts: &[String], provider: &KeyProvider) -> bool {
    provider.hosts.iter().any(|host| texts.iter().any(|text| text.contains(host.as_str())))
}

#[cfg(test)]
mod tests {
    use crate::testing::leaks_of_client_code;

    #[test]
    fn clients_do_not_exchange_keys_for_tokens() {
        let host = "https://api.ai-autocomplete.com";
        for (text, is_leak) in [
            ("fetch('HOST/api/auth/token')", true),
            ("fetch('HOST/api/auth/token?x=1', { method: 'POST' })", true),
            ("fetch(new URL('/api/auth/token', 'HOST'))", true),
            ("fetch(new Request('HOST/api/auth/token'))", true),
            ("const base = 'HOST'; fetch(`${base}/api/auth/token`)", true),
            ("const base = 'HOST'; fetch(base + '/api/auth/token')", true),
            ("fetch(`HOST${x}` + '/api/auth/token')", true),
            ("axios.post('HOST/api/auth/token')", true),
            ("axios({ url: 'HOST/api/auth/token' })", true),
            ("axios({ baseURL: 'HOST', url: '/api/auth/token' })", true),
            ("$fetch('HOST/api/auth/token')", true),
            ("ky.post('HOST/api/auth/token')", true),
            ("window.fetch('HOST/api/auth/token')", true),
            ("const r = new XMLHttpRequest(); r.open('POST', 'HOST/api/auth/token')", true),
            ("navigator.sendBeacon('HOST/api/auth/token')", true),
            ("fetch('/api/auth/token', { headers: { Authorization: '{key:sk_v1_:1}' } })", true),
            ("fetch('/api/auth/token', { method: 'POST' })", false),
            ("fetch('HOST/api/auth/tokens')", false),
            ("fetch('HOST/api/auth/token-info')", false),
            ("fetch('HOST/api/suggest')", false),
            ("console.log('HOST/api/auth/token')", false),
            ("const url = 'HOST/api/auth/token'; export { url }", false),
            ("const f = () => fetch('HOST/api/auth/token')", false),
            ("if (import.meta.env.SSR) fetch('HOST/api/auth/token')", false),
        ] {
            let found = leaks_of_client_code(&text.replace("HOST", host));
            let is_found = found.contains(&"client-token-exchange".to_owned());
            assert_eq!(is_found, is_leak, "{text}: {found:?}");
        }
    }
}
