//! The checks, one file for each kind of leak: its texts, its fix and the code that finds it.
//!
//! A new kind needs a variant of [`LeakKind`], a file here, and its lines in this list.

mod angular_templates;
mod answering_helpers;
pub(crate) mod authorization;
pub(crate) mod build_inline_secret;
mod bundle_secret;
mod check;
pub(crate) mod checker;
pub(crate) mod client_packages;
mod client_secret_env;
mod client_secret_literal;
mod client_server_env_read;
mod client_token_exchange;
pub(crate) mod document_fields;
mod env_reads;
mod fix;
mod given_keys;
mod kind_texts;
pub(crate) mod module;
mod names_in_code;
mod native_app_secret;
mod package_callee;
mod public_env_secret;
mod requests;
mod response_calls;
mod route_handlers;
mod sdk_browser_switch;
mod sdk_secret_key;
mod server_templates;
mod server_to_client_secret;
mod socket_calls;
mod template_properties;
mod uncalled;

pub use kind_texts::KindTexts;

use crate::app::App;
use crate::catalog::Catalog;
use crate::checks::check::Check;
use crate::checks::checker::Checker;
use crate::checks::fix::FixContext;
use crate::checks::module::CheckedModule;
use crate::frameworks;
use crate::frameworks::Framework;
use crate::graph::modules::ModuleId;
use crate::leak::{Leak, LeakKind};
use crate::variables::tainted::TaintedVariables;

/// The check for leaks of a kind.
fn check(kind: LeakKind) -> &'static Check {
    match kind {
        LeakKind::ClientServerEnvRead => &client_server_env_read::CHECK,
        LeakKind::ClientSecretEnv => &client_secret_env::CHECK,
        LeakKind::ClientSecretLiteral => &client_secret_literal::CHECK,
        LeakKind::BundleSecret => &bundle_secret::CHECK,
        LeakKind::NativeAppSecret => &native_app_secret::CHECK,
        LeakKind::PublicEnvSecret => &public_env_secret::CHECK,
        LeakKind::BuildInlineSecret => &build_inline_secret::CHECK,
        LeakKind::ServerToClientSecret => &server_to_client_secret::CHECK,
        LeakKind::ClientTokenExchange => &client_token_exchange::CHECK,
        LeakKind::SdkSecretKey => &sdk_secret_key::CHECK,
        LeakKind::SdkBrowserSwitch => &sdk_browser_switch::CHECK,
    }
}

impl LeakKind {
    /// The texts that reports and documentation share.
    pub fn texts(self) -> &'static KindTexts {
        &check(self).texts
    }
}

/// The leaks in the code of one module.
pub(crate) fn module_leaks(module: &CheckedModule<'_, '_>) -> Vec<Leak> {
    let reads = env_reads::client_reads(module);
    let given = given_keys::given_keys(module);
    let mut leaks = sdk_secret_key::leaks(module, &given);
    leaks.extend(sdk_browser_switch::leaks(module, &given));
    leaks.extend(client_token_exchange::leaks(module));
    leaks.extend(server_to_client_secret::leaks(module));
    leaks.extend(client_secret_literal::leaks(module));
    leaks.extend(reads.iter().filter_map(|read| client_secret_env::leak(module.checker, read)));
    leaks.extend(client_server_env_read::leaks(module, &reads));
    leaks
}

/// The leaks in comments that stay and in source maps, besides those that were found otherwise, of the
/// modules that are asked for.
pub(crate) fn leaks_of_the_rest(
    checker: &Checker<'_>,
    known: &[Leak],
    is_asked: &dyn Fn(ModuleId) -> bool,
) -> Vec<Leak> {
    client_secret_literal::leaks_of_the_rest(checker, known, is_asked)
}

/// The leaks in pages that a build fills in.
pub(crate) fn page_leaks(checker: &Checker<'_>) -> Vec<Leak> {
    client_secret_env::page_leaks(checker)
}

/// The leaks by what an app declares and configures, whatever its code does.
pub(crate) fn setting_leaks(
    app: &App<'_>,
    frameworks: &[&dyn Framework],
    env: &TaintedVariables<'_>,
) -> Vec<Leak> {
    let prefixes: Vec<String> =
        frameworks.iter().flat_map(|framework| framework.public_prefixes(app)).collect();
    let changed: Vec<&str> =
        frameworks.iter().flat_map(|framework| framework.changed_prefixes(app)).collect();
    let mut leaks = public_env_secret::leaks(app, &prefixes, &changed, env);
    leaks.extend(build_inline_secret::leaks(frameworks, app, &|name| env.given(name)));
    leaks
}

/// The fix of a leak that was found by the place of its file.
pub(crate) fn fix_of_artifact(leak: &Leak, catalog: &Catalog) -> String {
    let variable = catalog.kind(leak.key_kind).env.first().map(String::as_str);
    let hints = frameworks::fix_hints(leak.framework);
    (check(leak.kind).fix)(&FixContext { hints, variable })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::{BUILT_IN, KeyKind, KeyProvider, Sdk};
    use crate::framework_id::FrameworkId;
    use crate::severity::KeyClass;
    use crate::testing::analysed_bytes;

    #[test]
    fn every_kind_has_a_check_with_texts_of_its_own() {
        let mut meanings: Vec<_> = LeakKind::ALL.iter().map(|kind| kind.texts().meaning).collect();
        meanings.sort_unstable();
        meanings.dedup();
        assert_eq!(meanings.len(), LeakKind::ALL.len());
        for kind in LeakKind::ALL {
            assert_eq!(check(kind).kind, kind);
            let KindTexts { title, message, meaning, why, fix, .. } = kind.texts();
            assert!(title.contains("{}") && message.contains("{}"), "{kind:?}");
            for sentence in [meaning, why, fix] {
                assert!(sentence.ends_with('.') && !sentence.contains("  "), "{sentence}");
            }
        }
    }

    /// Acme, the provider of the examples.
    fn acme() -> Catalog {
        let texts = |text: &str| vec![text.to_owned()];
        let kind = KeyKind {
            provider: 0,
            file: BUILT_IN,
            class: KeyClass::Secret,
            keywords: texts("acme_sk_").into(),
            env: texts("ACME_SECRET_KEY").into(),
            is_wanted: true,
        };
        let sdk = Sdk {
            package: "acme-browser".to_owned(),
            client: true,
            is_client_only: true,
            key_properties: vec!["apiKey".parse().unwrap()],
            browser_switch: Some("allowBrowser".to_owned()),
        };
        let provider = KeyProvider {
            hosts: texts("api.acme.example"),
            words: texts("ACME"),
            server_paths: texts("/v1/token"),
            sdk: vec![sdk],
        };
        Catalog { kinds: vec![kind], providers: vec![provider.into()] }
    }

    #[test]
    fn every_example_is_a_leak_of_its_kind_alone() {
        let key = format!("acme_sk_{}", "k3Zq".repeat(8));
        for kind in LeakKind::ALL {
            let files = kind.texts().example.iter().map(|(path, text)| {
                ((*path).to_owned(), text.replace("acme_sk_…", &key).into_bytes())
            });
            let analysis = analysed_bytes(&acme(), &files.collect::<Vec<_>>());
            let found: Vec<_> = analysis.leaks.iter().map(|leak| leak.kind).collect();
            assert_eq!(found, [kind], "{:?}", analysis.notices);
            assert!(!analysis.leaks[0].fix.is_empty() && !analysis.leaks[0].trace.is_empty());
        }
    }

    #[test]
    fn every_kind_has_a_fix_in_every_framework() {
        for kind in LeakKind::ALL {
            for framework in FrameworkId::ALL.iter().map(|it| Some(it.name())).chain([None]) {
                for variable in [None, Some("VITE_MAGICX_SECRET_KEY"), Some("process.env")] {
                    let hints = frameworks::fix_hints(framework);
                    let fix = (check(kind).fix)(&FixContext { hints, variable });
                    assert!(fix.ends_with('.') && !fix.contains(" VITE_"), "{fix}");
                    assert!(!fix.contains("  ") && !fix.contains("{}"), "{fix}");
                }
            }
        }
    }

    #[test]
    fn a_fix_names_the_file_and_the_variable() {
        let hints = frameworks::fix_hints(Some("next"));
        let variable = Some("NEXT_PUBLIC_MAGICX_SECRET_KEY");
        assert_eq!(
            (client_secret_env::CHECK.fix)(&FixContext { hints, variable }),
            "Read process.env.MAGICX_SECRET_KEY in a route handler such as \
             app/api/token/route.ts, and let the client call /api/token."
        );
    }
}
