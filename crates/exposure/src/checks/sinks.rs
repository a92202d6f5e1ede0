//! The providers' own misuse: a secret as a client package's key, and client code that exchanges a
//! secret for a token.

use crate::catalog::KeyKindId;
use crate::checks::checker::Checker;
use crate::eval::value::{Field, Taint, TaintOrigin, Value, leaked_taints};
use crate::eval::{Evaluator, NameChain};
use crate::graph::modules::{BindingId, ModuleId};
use crate::js::ir::{Body, Expr, ExprId, ServerGuard};
use crate::leak::{FileSpan, Leak, LeakKind, LeakSubject, StepKind, TraceStep};

/// Where a secret that is sent is written or read, and the steps from there to the request.
pub(crate) type Sent = (FileSpan, Vec<TraceStep>);

impl<'a> Checker<'a> {
    /// A secret where a client package takes a key.
    pub(crate) fn sdk(
        &self,
        module: ModuleId,
        body: &Body,
        evaluator: &Evaluator<'a>,
    ) -> Vec<Leak> {
        let mut leaks = Vec::new();
        if self.sdk.is_empty() {
            return leaks;
        }
        let is_importer = self.imports_client_package(module);
        for node in &body.nodes {
            let context = self.context(body, node.context);
            if context.guard == ServerGuard::Function {
                continue;
            }
            let package = |expr: ExprId| {
                let (package, _) = self.external_through(module, expr, evaluator)?;
                self.client_package(package)
            };
            let (properties, given): (&[String], Vec<Value>) = match &node.expr {
                Expr::Element(element) => {
                    let Some(properties) = element.tag.and_then(package) else { continue };
                    (properties, vec![evaluator.attributes(module, &element.attributes, None)])
                }
                Expr::Call { callee, arguments, .. } => {
                    // Also methods of what the package made: `box.update({ apiConfig })`.
                    let properties = package(*callee).or_else(|| {
                        let is_method =
                            matches!(body.nodes[*callee as usize].expr, Expr::Member(..));
                        (is_importer && is_method).then(|| self.first_client_package(module))?
                    });
                    let Some(properties) = properties else { continue };
                    let given = arguments.iter();
                    (properties, given.map(|&id| evaluator.value_sent(module, id)).collect())
                }
                _ => continue,
            };
            for property in properties {
                for value in &given {
                    let Some(field) = at_path(value, property) else { continue };
                    for taint in leaked_taints(&field.value) {
                        let place = BindingId { module, binding: context.binding };
                        let at = field.at.clone();
                        let mut leak =
                            self.leak(LeakKind::SdkSecretKey, taint.key_kind, at.clone(), place);
                        (leak.subject, leak.written_at) = self.subject(&taint);
                        leak.trace.extend(self.flow(&taint));
                        leak.trace.push(TraceStep {
                            at,
                            kind: StepKind::Sink,
                            note: format!("given to the client package as {property}"),
                        });
                        if let TaintOrigin::Variable { name, .. } = &taint.origin {
                            leak.related.extend(self.declared(name));
                        }
                        leaks.push(leak);
                    }
                }
            }
        }
        leaks
    }

    fn first_client_package(&self, module: ModuleId) -> Option<&'a [String]> {
        let imports = &self.graph.modules[module].module.imports;
        imports.iter().find_map(|import| self.client_package(&import.specifier))
    }

    /// The package that a name comes from, also through modules of the app that hand it on.
    fn external_through(
        &self,
        module: ModuleId,
        expr: ExprId,
        evaluator: &Evaluator<'a>,
    ) -> Option<(&'a str, &'a str)> {
        evaluator.external(module, expr)
    }

    /// Client code that asks a provider for what only servers may ask for.
    pub(crate) fn exchanges(
        &self,
        module: ModuleId,
        body: &Body,
        evaluator: &Evaluator<'a>,
    ) -> Vec<Leak> {
        let mut leaks = Vec::new();
        for (id, node) in body.nodes.iter().enumerate() {
            let Expr::Call { callee, arguments, .. } = &node.expr else { continue };
            if !is_request(&evaluator.names_of(body, *callee)) {
                continue;
            }
            let context = self.context(body, node.context);
            let place = BindingId { module, binding: context.binding };
            if context.guard != ServerGuard::None || !self.client.has(place) {
                continue;
            }
            let Some((provider, path)) = arguments
                .iter()
                .find_map(|&argument| self.exchange_address(module, body, argument, evaluator))
            else {
                continue;
            };
            let is_provider = provider.is_some();
            let carried: Vec<_> = arguments
                .iter()
                .flat_map(|&argument| leaked_taints(&evaluator.value(module, argument)))
                .collect();
            let provider = provider.or_else(|| {
                carried.first().map(|taint| self.catalog.kind(taint.key_kind).provider)
            });
            // Somebody's own route may be called the same, as long as no secret goes there.
            if !is_provider && carried.is_empty() {
                continue;
            }
            let Some(key_kind) = provider.and_then(|provider| self.secret_kind(provider)) else {
                continue;
            };
            let at = evaluator.at(module, body.nodes[id].span);
            let mut leak = self.leak(LeakKind::ClientTokenExchange, key_kind, at.clone(), place);
            leak.subject = LeakSubject::Name(path.clone());
            leak.trace.push(TraceStep {
                at,
                kind: StepKind::Sink,
                note: format!("asks {path} for a token, which takes the secret key"),
            });
            leaks.push(leak);
        }
        leaks
    }

    /// The secrets that client code of a module sends as `Authorization`.
    pub(crate) fn authorizations(&self, module: ModuleId, evaluator: &Evaluator<'a>) -> Vec<Sent> {
        let Some(body) = evaluator.body(module) else { return Vec::new() };
        let is_shipped = |expr: ExprId| {
            let context = self.context(body, body.nodes[expr as usize].context);
            let place = BindingId { module, binding: context.binding };
            context.guard == ServerGuard::None && self.client.has(place)
        };
        let mut sent = Vec::new();
        for id in 0..body.nodes.len() as ExprId {
            let Expr::Call { callee, arguments, .. } = &body.nodes[id as usize].expr else {
                continue;
            };
            let names = evaluator.names_of(body, *callee);
            let last = names.last();
            let value = |at: usize| {
                arguments.get(at).map_or(Value::Unknown, |&id| evaluator.value(module, id))
            };
            let given: Vec<Value> = if matches!(last, "setRequestHeader" | "set" | "append") {
                if is_authorization(&value(0)) { vec![value(1)] } else { Vec::new() }
            } else if is_request(&names) || matches!(last, "create" | "extend") {
                (0..arguments.len()).flat_map(|at| authorization(&value(at), 0)).collect()
            } else {
                continue;
            };
            let taints: Vec<_> = given.iter().flat_map(leaked_taints).collect();
            if taints.is_empty() || !is_shipped(id) {
                continue;
            }
            let mut texts = Vec::new();
            for &argument in arguments {
                self.address_texts(module, body, argument, evaluator, &mut texts, 0);
            }
            let address = texts.iter().find(|text| text.starts_with("http") || is_path(text));
            sent.extend(taints.iter().map(|taint| {
                let at = evaluator.at(module, body.nodes[id as usize].span);
                sent_to(taint, at, address.map(String::as_str))
            }));
        }
        // `axios.defaults.headers.common['Authorization'] = …`
        for &(target, value) in &body.assignments {
            let is_header = match &body.nodes[target as usize].expr {
                Expr::Member(_, name) => name.eq_ignore_ascii_case(AUTHORIZATION),
                Expr::Index(_, index) => is_authorization(&evaluator.value(module, *index)),
                _ => false,
            };
            if is_header && is_shipped(value) {
                let at = evaluator.at(module, body.nodes[target as usize].span);
                let taints = leaked_taints(&evaluator.value(module, value));
                sent.extend(taints.iter().map(|taint| sent_to(taint, at.clone(), None)));
            }
        }
        sent
    }

    /// Whether an argument of a request is the address of a token exchange: the provider, if its
    /// host is named, and the path.
    fn exchange_address(
        &self,
        module: ModuleId,
        body: &Body,
        argument: ExprId,
        evaluator: &Evaluator<'a>,
    ) -> Option<(Option<usize>, String)> {
        let mut texts = Vec::new();
        self.address_texts(module, body, argument, evaluator, &mut texts, 0);
        for (index, provider) in self.catalog.providers.iter().enumerate() {
            for path in &provider.server_paths {
                let is_there = texts.iter().any(|text| {
                    text.find(path.as_str()).is_some_and(|at| {
                        !matches!(
                            text.as_bytes().get(at + path.len()),
                            Some(b'a'..=b'z' | b'-' | b'/')
                        )
                    })
                });
                if is_there {
                    let is_host = provider
                        .hosts
                        .iter()
                        .any(|host| texts.iter().any(|text| text.contains(host.as_str())));
                    return Some((is_host.then_some(index), path.clone()));
                }
            }
        }
        None
    }

    /// The known texts of an address, in parts: of a template, those round its holes.
    fn address_texts(
        &self,
        module: ModuleId,
        body: &Body,
        expr: ExprId,
        evaluator: &Evaluator<'a>,
        texts: &mut Vec<String>,
        depth: u32,
    ) {
        if depth > 6 {
            return;
        }
        let Some(node) = body.nodes.get(expr as usize) else { return };
        match evaluator.value(module, expr) {
            Value::Text(text) => return texts.push(text.to_string()),
            Value::Any(values) => {
                texts.extend(values.iter().filter_map(Value::text).map(str::to_owned));
            }
            Value::Object(fields) if depth == 0 => {
                for key in ["url", "uri", "baseURL", "baseUrl", "path", "hostname", "host"] {
                    let field = fields.iter().find(|field| &*field.key == key);
                    texts.extend(field.and_then(|field| field.value.text()).map(str::to_owned));
                }
            }
            _ => {}
        }
        let children: Vec<ExprId> = match &node.expr {
            Expr::Concat(parts) => parts.clone(),
            Expr::Call { arguments, is_new: true, .. } => arguments.clone(),
            Expr::Symbol(symbol) => match body.symbols.get(*symbol as usize).map(|s| &s.value) {
                Some(crate::js::ir::SymbolValue::Init { expr, path, .. }) if path.is_empty() => {
                    vec![*expr]
                }
                _ => Vec::new(),
            },
            _ => Vec::new(),
        };
        for child in children {
            self.address_texts(module, body, child, evaluator, texts, depth + 1);
        }
    }

    /// The first rule of a provider whose keys are secret.
    fn secret_kind(&self, provider: usize) -> Option<KeyKindId> {
        self.catalog.first_secret(|kind| kind.provider == provider)
    }
}

/// The header that carries keys.
const AUTHORIZATION: &str = "Authorization";

fn is_authorization(value: &Value) -> bool {
    value.text().is_some_and(|text| text.eq_ignore_ascii_case(AUTHORIZATION))
}

/// Whether a text is the path of an address.
fn is_path(text: &str) -> bool {
    text.starts_with('/') && !text.contains(char::is_whitespace)
}

/// What an argument of a request sends as `Authorization`.
fn authorization(given: &Value, depth: u32) -> Vec<Value> {
    if depth > 5 {
        return Vec::new();
    }
    match given {
        Value::Object(fields) => {
            let found = fields.iter().flat_map(|field| match &*field.key {
                "headers" | "common" | "init" | "options" => authorization(&field.value, depth + 1),
                key if key.eq_ignore_ascii_case(AUTHORIZATION) => vec![field.value.clone()],
                _ => Vec::new(),
            });
            found.collect()
        }
        // `[['Authorization', key]]`
        Value::List(values) => match &values[..] {
            [name, value] if is_authorization(name) => vec![value.clone()],
            pairs => pairs.iter().flat_map(|pair| authorization(pair, depth + 1)).collect(),
        },
        // `new Headers({ … })`
        Value::CallResult(_, values) | Value::Any(values) => {
            values.iter().flat_map(|value| authorization(value, depth + 1)).collect()
        }
        Value::Unknown
        | Value::Text(_)
        | Value::Literal(_)
        | Value::Secret(_)
        | Value::Variable
        | Value::Environment(..)
        | Value::Function(..)
        | Value::Module(_) => Vec::new(),
    }
}

/// The way of a secret to the request at a place.
fn sent_to(taint: &Taint, at: FileSpan, address: Option<&str>) -> Sent {
    let (TaintOrigin::Written { at: source, .. } | TaintOrigin::Variable { at: source, .. }) =
        &taint.origin;
    let note = match address.and_then(|address| address.split(['?', '#']).next()) {
        Some(address) => format!("sent as Authorization to {address}"),
        None => "sent as Authorization".to_owned(),
    };
    let mut steps = taint.hops.clone();
    steps.push(TraceStep { at, kind: StepKind::Sink, note });
    (source.clone(), steps)
}

/// Whether a function of this name may send a request; what prints, compares or builds texts does
/// not.
fn is_request(names: &NameChain<'_>) -> bool {
    let is_client = |name: &str| {
        matches!(
            name,
            "fetch"
                | "$fetch"
                | "ofetch"
                | "useFetch"
                | "useLazyFetch"
                | "axios"
                | "ky"
                | "got"
                | "superagent"
                | "request"
                | "wretch"
                | "Request"
                | "http"
                | "https"
                | "xhr"
                | "ajax"
                | "$"
                | "jQuery"
                | "needle"
                | "CapacitorHttp"
        )
    };
    let is_method = |name: &str| {
        matches!(
            name,
            "fetch" | "post" | "request" | "open" | "ajax" | "get" | "put" | "$post" | "sendBeacon"
        )
    };
    is_client(names.first()) || is_method(names.last())
}

/// The property at a path such as `apiConfig.headers.Authorization`.
fn at_path(value: &Value, path: &str) -> Option<Field> {
    let mut values = match value {
        Value::Any(values) => values.to_vec(),
        other => vec![other.clone()],
    };
    let mut found = None;
    for part in path.split('.') {
        let field = values.iter().find_map(|value| value.field(part).cloned())?;
        values = match &field.value {
            Value::Any(values) => values.to_vec(),
            other => vec![other.clone()],
        };
        found = Some(field);
    }
    found
}

#[cfg(test)]
mod tests {
    use crate::testing::{analysed, leak_lines};

    const PACKAGE: &str = r#"{"name": "app", "devDependencies": {"vite": "6.0.0"}}"#;
    const PAGE: &str = "<script type=module src=/src/main.tsx></script>";
    const REACT: &str =
        "import { AIAutocomplete, useAIAutocomplete } from '@magicx-eng/ai-autocomplete-react';\n";
    const VANILLA: &str = "import { AIAutocomplete } from '@magicx-eng/ai-autocomplete-vanilla';\n";

    /// What is said of client code.
    fn said(text: &str) -> Vec<String> {
        let leaks = leak_lines(&analysed(&[
            ("package.json", PACKAGE),
            ("index.html", PAGE),
            ("src/main.tsx", text),
            (
                "src/own.ts",
                "export { AIAutocomplete as Own } from '@magicx-eng/ai-autocomplete-react'",
            ),
        ]));
        leaks.iter().map(|leak| leak.replace(" src/main.tsx error", "")).collect()
    }

    #[test]
    fn a_client_package_takes_no_secret() {
        for (import, text, is_told) in [
            (REACT, "x(<AIAutocomplete apiConfig={{ apiKey: '{key:sk_v1_:1}' }} />)", true),
            (REACT, "x(<AIAutocomplete apiConfig={{ accessToken: '{key:sk_v1_:1}' }} />)", true),
            (
                REACT,
                "x(<AIAutocomplete apiConfig={{ headers: { Authorization: `Bearer ${'{key:sk_v1_:1}'}` } }} />)",
                true,
            ),
            (
                REACT,
                "const c = { apiKey: '{key:sk_v1_:1}' }; x(<AIAutocomplete apiConfig={c} />)",
                true,
            ),
            (
                REACT,
                "const p = { apiConfig: { apiKey: '{key:sk_v1_:1}' } }; x(<AIAutocomplete {...p} />)",
                true,
            ),
            (
                REACT,
                "useAIAutocomplete({ apiConfig: { apiKey: import.meta.env.VITE_MAGICX_SECRET_KEY } })",
                true,
            ),
            (
                REACT,
                "useAIAutocomplete({ apiConfig: { apiKey: x ? '{key:pk_v1_:2}' : '{key:sk_v1_:1}' } })",
                true,
            ),
            (VANILLA, "new AIAutocomplete({ apiConfig: { apiKey: '{key:sk_v1_:1}' } })", true),
            (
                VANILLA,
                "const b = new AIAutocomplete(); b.update({ apiConfig: { apiKey: '{key:sk_v1_:1}' } })",
                true,
            ),
            (
                "import * as ac from '@magicx-eng/ai-autocomplete-react';\n",
                "x(<ac.AIAutocomplete apiConfig={{ apiKey: '{key:sk_v1_:1}' }} />)",
                true,
            ),
            (
                "import { Own } from './own';\n",
                "x(<Own apiConfig={{ apiKey: '{key:sk_v1_:1}' }} />)",
                true,
            ),
            (
                "const { AIAutocomplete } = require('@magicx-eng/ai-autocomplete-vanilla');\n",
                "new AIAutocomplete({ apiConfig: { apiKey: '{key:sk_v1_:1}' } })",
                true,
            ),
            (REACT, "x(<AIAutocomplete apiConfig={{ apiKey: '{key:pk_v1_:2}' }} />)", false),
            (REACT, "x(<AIAutocomplete apiConfig={{ accessToken: '{key:at_v1_:3}' }} />)", false),
            (
                REACT,
                "x(<AIAutocomplete apiConfig={{ apiKey: import.meta.env.VITE_MAGICX_PUBLIC_KEY }} />)",
                false,
            ),
            (
                REACT,
                "x(<AIAutocomplete apiConfig={{ getAccessToken: () => fetch('/t') }} />)",
                false,
            ),
            (REACT, "x(<AIAutocomplete apiConfig={{ apiKey: unknown() }} apiKey='x' />)", false),
        ] {
            let said = said(&format!("{import}{text}"));
            assert_eq!(said.contains(&"sdk-secret-key".to_owned()), is_told, "{text}: {said:?}");
            // It is told of once.
            assert!(!is_told || said.len() == 1, "{text}: {said:?}");
        }
        let other =
            "import { Box } from 'other'; x(<Box apiConfig={{ apiKey: '{key:sk_v1_:1}' }} />)";
        assert_eq!(said(other), ["client-secret-literal"]);
        let elsewhere =
            format!("{REACT}x(<AIAutocomplete other={{{{ apiKey: '{{key:sk_v1_:1}}' }}}} />)");
        assert_eq!(said(&elsewhere), ["client-secret-literal"]);
    }

    #[test]
    fn clients_do_not_exchange_keys_for_tokens() {
        let host = "https://api.ai-autocomplete.com";
        for (text, is_told) in [
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
            let said = said(&text.replace("HOST", host));
            let is_said = said.contains(&"client-token-exchange".to_owned());
            assert_eq!(is_said, is_told, "{text}: {said:?}");
        }
    }
}
