//! What to do about a leak, in one sentence that names files of the framework.

use crate::leak::LeakKind;

/// Where a framework runs code on its server, what the client calls there, and how a server reads
/// variables.
struct Server {
    /// A file to write.
    file: &'static str,
    /// What client code calls.
    call: &'static str,
    /// The way to a variable, in front of its name or as a whole.
    read: fn(&str) -> String,
}

fn process(name: &str) -> String {
    format!("process.env.{name}")
}

fn server(framework: Option<&str>) -> Server {
    match framework {
        Some("next") => Server {
            file: "a route handler such as app/api/ac-token/route.ts",
            call: "/api/ac-token",
            read: process,
        },
        Some("sveltekit") => Server {
            file: "a +server.ts such as src/routes/api/ac-token/+server.ts",
            call: "/api/ac-token",
            read: |name| format!("{name} of $env/static/private"),
        },
        Some("nuxt") => Server {
            file: "a server route such as server/api/ac-token.post.ts",
            call: "/api/ac-token",
            read: |name| format!("a private key of runtimeConfig, which holds {name},"),
        },
        Some("remix" | "react-router") => Server {
            file: "the action of a resource route such as app/routes/api.ac-token.ts",
            call: "/api/ac-token",
            read: process,
        },
        Some("astro") => Server {
            file: "an endpoint such as src/pages/api/ac-token.ts",
            call: "/api/ac-token",
            read: |name| format!("{name} of astro:env/server"),
        },
        Some("gatsby") => Server {
            file: "a function such as src/api/ac-token.js",
            call: "/api/ac-token",
            read: process,
        },
        Some("expo") => Server {
            file: "an API route such as app/api/ac-token+api.ts, or a server of your own",
            call: "/api/ac-token",
            read: process,
        },
        Some("tanstack-start" | "solid-start") => Server {
            file: "a server route such as src/routes/api/ac-token.ts",
            call: "/api/ac-token",
            read: process,
        },
        Some("qwik") => Server {
            file: "an endpoint such as src/routes/api/ac-token/index.ts",
            call: "/api/ac-token",
            read: process,
        },
        Some("redwood") => Server {
            file: "a function such as api/src/functions/acToken.ts",
            call: "that function",
            read: process,
        },
        Some("react-native" | "electron" | "extension" | "plasmo" | "wxt") => {
            Server { file: "a server of your own", call: "that server", read: process }
        }
        Some("bun") => Server {
            file: "a route of Bun.serve such as /api/ac-token",
            call: "/api/ac-token",
            read: |name| format!("Bun.env.{name}"),
        },
        _ => Server {
            file: "a server route such as /api/ac-token",
            call: "/api/ac-token",
            read: process,
        },
    }
}

/// What to do about a leak of this kind. `name` is the variable that leaks, if it is one.
pub(crate) fn fix(framework: Option<&str>, kind: LeakKind, name: Option<&str>) -> String {
    let Server { file, call, read } = server(framework);
    let bare =
        name.filter(|name| *name != "process.env").map(|name| without_prefix(framework, name));
    let value = bare.map_or_else(|| "the secret from a variable".to_owned(), read);
    let answer = "let it answer with what the client needs, never with the secret";
    match kind {
        LeakKind::ClientSecretLiteral | LeakKind::BundleSecret | LeakKind::NativeAppSecret => {
            format!("Revoke the key, read {value} in {file}, and let the client call {call}.")
        }
        LeakKind::ClientSecretEnv | LeakKind::ClientServerEnvRead => {
            format!("VariableRead {value} in {file}, and let the client call {call}.")
        }
        LeakKind::PublicEnvSecret => match bare {
            Some(bare) => {
                format!(
                    "Rename the variable to {bare}, read it in {file}, and let the client call {call}."
                )
            }
            None => format!("Give the secret to no public variable: read it in {file}."),
        },
        LeakKind::BuildInlineSecret => {
            let option = option(framework);
            if name == Some("process.env") {
                format!("Name the few public variables that {option} needs instead of all of them.")
            } else {
                format!(
                    "Take it out of {option}, read {value} in {file}, and let the client call {call}."
                )
            }
        }
        LeakKind::ServerToClientSecret => {
            format!("Keep {value} on the server: use it there, and {answer}.")
        }
        LeakKind::ClientTokenExchange => {
            format!(
                "Exchange the key for a token in {file}, and let the client get it from {call}."
            )
        }
        LeakKind::SdkSecretKey => {
            format!("Give the package a public key, or an access token that {file} hands out.")
        }
    }
}

/// The part of a configuration that ships.
fn option(framework: Option<&str>) -> &'static str {
    match framework {
        Some("next") => "env or publicRuntimeConfig of next.config",
        Some("nuxt") => "runtimeConfig.public",
        Some("sveltekit") => "the public variables of src/env",
        Some("astro") => "the variables with the context client",
        Some("expo" | "react-native") => "extra of the app config",
        Some("gatsby") => "the allow list of gatsby-plugin-env-variables",
        Some("redwood") => "includeEnvironmentVariables of redwood.toml",
        Some("docusaurus") => "customFields and themeConfig",
        Some("vitepress") => "themeConfig and define",
        Some("vite") => "define and envPrefix",
        Some("esbuild" | "angular" | "bun" | "rsbuild") => "define",
        Some("webpack" | "vue-cli" | "cra") => "the plugins that define values",
        _ => "the build configuration",
    }
}

/// The name that a variable should have on a server.
fn without_prefix<'n>(framework: Option<&str>, name: &'n str) -> &'n str {
    let own = match framework {
        Some("sveltekit" | "astro" | "rsbuild" | "bun" | "qwik") => "PUBLIC_",
        Some("storybook") => "STORYBOOK_",
        Some("redwood") => "REDWOOD_ENV_",
        Some("plasmo") => "PLASMO_PUBLIC_",
        Some("wxt") => "WXT_",
        Some("webpack") => "WEBPACK_",
        _ => "",
    };
    let known = crate::variables::names::PUBLIC_PREFIXES.into_iter().chain([own]);
    known.filter(|prefix| !prefix.is_empty()).find_map(|it| name.strip_prefix(it)).unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fix_names_the_file_and_the_variable() {
        let fixed =
            fix(Some("next"), LeakKind::ClientSecretEnv, Some("NEXT_PUBLIC_MAGICX_SECRET_KEY"));
        assert_eq!(
            fixed,
            "VariableRead process.env.MAGICX_SECRET_KEY in a route handler such as \
             app/api/ac-token/route.ts, and let the client call /api/ac-token."
        );
        let fixed = fix(Some("sveltekit"), LeakKind::ClientSecretLiteral, None);
        assert!(fixed.contains("+server.ts"), "{fixed}");
    }

    #[test]
    fn every_kind_has_a_sentence_in_every_framework() {
        for kind in LeakKind::ALL {
            for framework in
                crate::framework_id::FrameworkId::ALL.iter().map(|it| Some(it.name())).chain([None])
            {
                for name in [None, Some("VITE_MAGICX_SECRET_KEY"), Some("process.env")] {
                    let fixed = fix(framework, kind, name);
                    assert!(fixed.ends_with('.') && !fixed.contains(" VITE_"), "{fixed}");
                }
            }
        }
    }
}
