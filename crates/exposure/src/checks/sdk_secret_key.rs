//! `sdk-secret-key`: a provider's package that runs in clients is given a secret key where a public
//! one belongs.

use crate::checks::check::Check;
use crate::checks::given_keys::GivenKey;
use crate::checks::kind_texts::KindTexts;
use crate::checks::module::CheckedModule;
use crate::eval::value::leaked_taints;
use crate::leak::{Leak, LeakKind};

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

/// The secrets that the module gives to client packages, unless an option makes these run in browsers.
pub(super) fn leaks(module: &CheckedModule<'_, '_>, given: &[GivenKey<'_, '_>]) -> Vec<Leak> {
    let given = given.iter().filter(|key| key.switch.is_none());
    let leaks = given.flat_map(|key| {
        let taints = leaked_taints(&key.value).into_iter();
        taints.filter_map(|taint| key.leak(module, &CHECK, &taint))
    });
    leaks.collect()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::testing::catalog;
    use crate::testing::keys::filled;
    use crate::testing::{analysed_bytes, leak_lines, leaks_of_client_code};

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

    /// The leaks of a Vite app with this code, in which `KEY` is a secret of a package that takes keys
    /// in every way and runs on servers, too, and `OPEN` a public key.
    fn leaks_of(text: &str) -> Vec<String> {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases/third-provider");
        let catalog = catalog::read(&Path::new(folder).join("rules.toml"));
        let text = text.replace("KEY", "'{key:qs_root_:1}'").replace("OPEN", "'{key:qs_open_:2}'");
        let file = |path: &str, text: &str| (path.to_owned(), filled(text).into_bytes());
        let files = [
            file("package.json", r#"{"name": "app", "devDependencies": {"vite": "6.0.0"}}"#),
            file("index.html", "<script type=module src=/src/main.tsx></script>"),
            file("src/main.tsx", &text),
            file("src/own.ts", "export { createClient as own } from 'quillstone'"),
            file(
                "src/made.ts",
                "import { Quillstone } from 'quillstone'\nexport const made = new Quillstone()",
            ),
            file(
                "server/main.ts",
                "import { createClient } from 'quillstone'\ncreateClient('', KEY)",
            ),
        ];
        let leaks = leak_lines(&analysed_bytes(&catalog, &files));
        leaks.iter().map(|leak| leak.replace(" src/main.tsx", "")).collect()
    }

    #[test]
    fn every_form_of_a_slot_is_found_however_it_is_imported() {
        for text in [
            "import { createClient } from 'quillstone'; createClient('u', KEY)",
            "import { createClient as make } from 'quillstone'; make('u', KEY)",
            "import { own } from './own'; own('u', KEY)",
            "import * as q from 'quillstone'; q.createClient('u', KEY)",
            "import * as q from 'quillstone'; new q.Quillstone({ apiKey: KEY })",
            "import * as q from 'quillstone'; const { createClient } = q; createClient('u', KEY)",
            "import Any from 'quillstone'; new Any({ apiKey: KEY })",
            "import { default as Any } from 'quillstone'; new Any({ apiKey: KEY })",
            "import q from 'quillstone'; q.createClient('u', KEY)",
            "import { Quillstone } from 'quillstone/core'; new Quillstone({ apiKey: KEY })",
            "const { createClient } = require('quillstone'); createClient('u', KEY)",
            "const q = require('quillstone'); q.Quillstone.configure({ auth: { key: KEY } })",
            "const { createClient } = await import('quillstone'); createClient('u', KEY)",
            "import { Quillstone } from 'quillstone'; new Quillstone().connect({ root: KEY })",
            "import { Quillstone as Q } from 'quillstone'; const c = new Q(); c.connect({ root: KEY })",
            "import { made } from './made'; made.connect({ root: KEY })",
            "import { QuillBox } from 'quillstone'; x(<QuillBox rootKey={KEY} />)",
            "import { QuillBox as B } from 'quillstone'; x(<B root-key={KEY} />)",
            "import quill from 'quillstone'; quill.accessKey = KEY",
            "import { createClient } from 'quillstone'; const o = KEY; createClient('u', a ? o : OPEN)",
            "import { createClient } from 'quillstone'; createClient('', import.meta.env.VITE_QSTN_SK)",
            "import { createClient } from 'quillstone'; createClient('', import.meta.env.VITE_QUILLSTONE_ROOT)",
        ] {
            assert_eq!(leaks_of(text), ["sdk-secret-key error"], "{text}");
        }
    }

    #[test]
    fn what_a_package_takes_elsewhere_is_no_key() {
        for (text, expected) in [
            (
                "import { createClient } from 'quillstone'; createClient(KEY, 'u')",
                &["client-secret-literal error"][..],
            ),
            (
                "import { createClient } from 'other'; createClient('u', KEY)",
                &["client-secret-literal error"],
            ),
            (
                "import { QuillBox } from 'quillstone'; x(<QuillBox apiKey={KEY} />)",
                &["client-secret-literal error"],
            ),
            // It is undefined in browsers.
            (
                "import { createClient } from 'quillstone'; createClient('', process.env.QUILLSTONE_ROOT)",
                &["client-server-env-read warning"],
            ),
            ("import { createClient } from 'quillstone'; createClient('u', OPEN)", &[]),
            ("import { QuillBox } from 'quillstone'; x(<QuillBox rootKey={OPEN} />)", &[]),
            ("import { createClient } from 'quillstone'; createClient('u', unknown())", &[]),
        ] {
            assert_eq!(leaks_of(text), expected, "{text}");
        }
    }

    #[test]
    fn a_switch_for_browsers_ships_whatever_key() {
        for (options, expected) in [
            ("apiKey: KEY, allowBrowser: true", &["sdk-browser-switch error"][..]),
            (
                "apiKey: import.meta.env.VITE_QUILLSTONE_ROOT, allowBrowser: true",
                &["sdk-browser-switch error"],
            ),
            (
                "apiKey: import.meta.env.VITE_SOME, allowBrowser: true",
                &["sdk-browser-switch warning"],
            ),
            ("apiKey: 'a1b2c3d4e5f6a7b8', allowBrowser: true", &["sdk-browser-switch warning"]),
            ("apiKey: input(), allowBrowser: true", &["sdk-browser-switch note"]),
            ("apiKey: KEY, allowBrowser: false", &["sdk-secret-key error"]),
            ("apiKey: KEY", &["sdk-secret-key error"]),
            ("apiKey: OPEN, allowBrowser: true", &[]),
            ("apiKey: 'unused', allowBrowser: true", &[]),
            ("apiKey: import.meta.env.MODE, allowBrowser: true", &[]),
            ("allowBrowser: true", &[]),
        ] {
            let text = format!(
                "import {{ Quillstone }} from 'quillstone'; new Quillstone({{ {options} }})"
            );
            assert_eq!(leaks_of(&text), expected, "{text}");
            let server =
                format!("export const f = () => {{ if (import.meta.env.SSR) {{ {text} }} }}");
            let server = server.replace("import { Quillstone } from 'quillstone'; ", "");
            let server = format!("import {{ Quillstone }} from 'quillstone'; {server}");
            assert!(!leaks_of(&server).iter().any(|leak| leak.contains("error")), "{server}");
        }
    }
}
