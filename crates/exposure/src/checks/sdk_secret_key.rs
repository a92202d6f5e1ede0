//! `sdk-secret-key`: a provider's package that runs in clients is given a secret key where a public
//! one belongs.

#![expect(clippy::wildcard_enum_match_arm, reason = "few of the kinds of expressions matter here")]

use crate::checks::check::Check;
use crate::checks::kind_texts::KindTexts;
use crate::checks::module::CheckedModule;
use crate::eval::value::{Field, TaintOrigin, Value, leaked_taints};
use crate::js::guard::Guard;
use crate::js::ir::{Context, Expr, ExprId};
use crate::leak::{Leak, LeakKind, StepKind, TraceStep};

/// The texts and the fix of the kind.
pub(crate) const CHECK: Check = Check {
    kind: LeakKind::SdkSecretKey,
    texts: KindTexts {
        title: "{} where a public key belongs",
        message: "A client package is given {}, where a public key belongs",
        meaning: "A package that runs in clients is given a secret key where a public one belongs.",
        why: "The package sends the key from the browser or the app, where everybody can read it.",
        fix: "Give the package the public key, or a function that fetches a short-lived token from \
              your server.",
        cwe: 798,
        is_published: true,
        example: &[
            ("package.json", r#"{ "devDependencies": { "vite": "6.0.0" } }"#),
            ("index.html", r#"<script type="module" src="/src/main.ts"></script>"#),
            (
                "src/main.ts",
                "import { Acme } from 'acme-browser'\nnew Acme({ apiKey: 'acme_sk_…' })",
            ),
        ],
    },
    fix: |context| {
        let file = context.hints.file;
        format!("Give the package a public key, or an access token that {file} hands out.")
    },
};

/// The secrets that the module gives to client packages.
pub(crate) fn leaks(module: &CheckedModule<'_, '_>) -> Vec<Leak> {
    let mut leaks = Vec::new();
    if module.checker.sdk.is_empty() {
        return leaks;
    }
    let imported = imported_package(module);
    for node in &module.body.nodes {
        let context = module.context(node.context);
        if context.guard == Guard::Function || !module.is_suspect(node.context) {
            continue;
        }
        let package = |expr: ExprId| {
            let (package, _) = module.evaluator.external(module.id, expr)?;
            module.checker.client_package(package)
        };
        let (properties, given): (&[String], Vec<Value>) = match &node.expr {
            Expr::Element(element) => {
                let Some(properties) = element.tag.and_then(package) else { continue };
                let attributes = &element.attributes;
                (properties, vec![module.evaluator.attributes(module.id, attributes, None)])
            }
            Expr::Call { callee, arguments, .. } => {
                // Also methods of what the package made: `box.update({ apiConfig })`.
                let is_method =
                    || matches!(module.body.nodes[*callee as usize].expr, Expr::Member(..));
                let properties = package(*callee).or_else(|| imported.filter(|_| is_method()));
                let Some(properties) = properties else { continue };
                let given = arguments.iter();
                (properties, given.map(|&id| module.evaluator.value_sent(module.id, id)).collect())
            }
            _ => continue,
        };
        for property in properties {
            for field in given.iter().filter_map(|value| at_path(value, property)) {
                leaks.extend(given_as(module, context, property, &field));
            }
        }
    }
    leaks
}

/// The leaks of a property that takes a key.
fn given_as(
    module: &CheckedModule<'_, '_>,
    context: Context,
    property: &str,
    field: &Field,
) -> Vec<Leak> {
    let checker = module.checker;
    let mut leaks = Vec::new();
    for taint in leaked_taints(&field.value) {
        let at = field.at.clone();
        let place = module.place(context.binding);
        let guard = context.guard.max(checker.guard_of(&taint));
        let mut leak = checker.leak(&CHECK, taint.key_kind, at.clone(), place, guard);
        (leak.subject, leak.written_at) = checker.subject(&taint);
        leak.trace.extend(checker.flow(&taint));
        let note = format!("given to the client package as {property}");
        leak.trace.push(TraceStep { at, kind: StepKind::Sink, note });
        if let TaintOrigin::Variable { name, .. } = &taint.origin {
            leak.related.extend(checker.declared(name));
        }
        leaks.push(leak);
    }
    leaks
}

/// The properties of the first client package that the module imports.
fn imported_package<'a>(module: &CheckedModule<'_, 'a>) -> Option<&'a [String]> {
    let imports = &module.checker.graph.modules[module.id].module.imports;
    imports.iter().find_map(|import| module.checker.client_package(&import.specifier))
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
    use crate::testing::leaks_of_client_code;

    const REACT: &str =
        "import { AIAutocomplete, useAIAutocomplete } from '@magicx-eng/ai-autocomplete-react';\n";
    const VANILLA: &str = "import { AIAutocomplete } from '@magicx-eng/ai-autocomplete-vanilla';\n";

    #[test]
    fn a_client_package_takes_no_secret() {
        for (import, text, is_leak) in [
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
            let found = leaks_of_client_code(&format!("{import}{text}"));
            assert_eq!(found.contains(&"sdk-secret-key".to_owned()), is_leak, "{text}: {found:?}");
            // It is reported once.
            assert!(!is_leak || found.len() == 1, "{text}: {found:?}");
        }
        let other =
            "import { Box } from 'other'; x(<Box apiConfig={{ apiKey: '{key:sk_v1_:1}' }} />)";
        assert_eq!(leaks_of_client_code(other), ["client-secret-literal"]);
        let elsewhere =
            format!("{REACT}x(<AIAutocomplete other={{{{ apiKey: '{{key:sk_v1_:1}}' }}}} />)");
        assert_eq!(leaks_of_client_code(&elsewhere), ["client-secret-literal"]);
    }
}
