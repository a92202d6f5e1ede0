//! The keys of two providers, for tests: one has secrets only, the other also tokens and public keys.

use crate::catalog::{Catalog, KeyKind, Provider, Sdk};
use crate::severity::KeyClass;

/// Names of the kinds of [`catalog`], in its order.
pub(crate) const KINDS: [&str; 4] =
    ["aimagicx-api-key", "magicx-secret-key", "magicx-access-token", "magicx-public-key"];

/// The kinds of keys that the tests use.
pub(crate) fn catalog() -> Catalog {
    let kind = |provider, class, keyword: &str, env: &[&str]| KeyKind {
        provider,
        class,
        keywords: texts(&[keyword]),
        env: texts(env),
        is_wanted: true,
    };
    let sdk = |package: &str| Sdk {
        package: package.to_owned(),
        client: true,
        key_properties: texts(&[
            "apiConfig.apiKey",
            "apiConfig.accessToken",
            "apiConfig.headers.Authorization",
        ]),
    };
    Catalog {
        kinds: vec![
            kind(0, KeyClass::Secret, "mgx-sk-", &["AIMAGICX_API_KEY"]),
            kind(1, KeyClass::Secret, "sk_v1_", &["MAGICX_SECRET_KEY"]),
            kind(1, KeyClass::Token, "at_v1_", &[]),
            kind(1, KeyClass::Public, "pk_v1_", &[]),
        ],
        providers: vec![
            Provider {
                hosts: texts(&["beta.aimagicx.com", "www.aimagicx.com"]),
                words: texts(&["AIMAGICX", "AI_MAGICX", "MGX"]),
                server_paths: Vec::new(),
                sdk: Vec::new(),
            },
            Provider {
                hosts: texts(&["api.ai-autocomplete.com"]),
                words: texts(&["MAGICX", "AI_AUTOCOMPLETE"]),
                server_paths: texts(&["/api/auth/token"]),
                sdk: vec![
                    sdk("@magicx-eng/ai-autocomplete-react"),
                    sdk("@magicx-eng/ai-autocomplete-vanilla"),
                ],
            },
        ],
    }
}

fn texts(all: &[&str]) -> Vec<String> {
    all.iter().map(|&text| text.to_owned()).collect()
}
