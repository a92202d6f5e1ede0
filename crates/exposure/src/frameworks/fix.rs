//! Where each framework runs code on its server, and what else the advice on a leak names.

use crate::fix_hints::FixHints;

/// What to name in the advice on a leak by the rules of a framework.
pub(crate) fn hints(framework: Option<&str>) -> FixHints {
    let server = server(framework);
    FixHints { option: option(framework), public_prefixes: public_prefixes(framework), ..server }
}

/// The server file, the call and the read.
fn server(framework: Option<&str>) -> FixHints {
    const GENERIC: FixHints = FixHints::GENERIC;
    match framework {
        Some("next") => {
            FixHints { file: "a route handler such as app/api/token/route.ts", ..GENERIC }
        }
        Some("sveltekit") => FixHints {
            file: "a +server.ts such as src/routes/api/token/+server.ts",
            read: "{} from $env/static/private",
            ..GENERIC
        },
        Some("nuxt") => FixHints {
            file: "a server route such as server/api/token.post.ts",
            read: "a private key of runtimeConfig, which holds {},",
            ..GENERIC
        },
        Some("remix" | "react-router") => FixHints {
            file: "the action of a resource route such as app/routes/api.token.ts",
            ..GENERIC
        },
        Some("astro") => FixHints {
            file: "an endpoint such as src/pages/api/token.ts",
            read: "{} from astro:env/server",
            ..GENERIC
        },
        Some("gatsby") => FixHints { file: "a function such as src/api/token.js", ..GENERIC },
        Some("expo") => FixHints {
            file: "an API route such as app/api/token+api.ts, or a server of your own",
            ..GENERIC
        },
        Some("tanstack-start" | "solid-start") => {
            FixHints { file: "a server route such as src/routes/api/token.ts", ..GENERIC }
        }
        Some("qwik") => {
            FixHints { file: "an endpoint such as src/routes/api/token/index.ts", ..GENERIC }
        }
        Some("redwood") => FixHints {
            file: "a function such as api/src/functions/token.ts",
            call: "that function",
            ..GENERIC
        },
        Some("react-native" | "electron" | "extension" | "plasmo" | "wxt") => {
            FixHints { file: "a server of your own", call: "that server", ..GENERIC }
        }
        Some("bun") => FixHints {
            file: "a route of Bun.serve such as /api/token",
            read: "Bun.env.{}",
            ..GENERIC
        },
        _ => GENERIC,
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
        _ => FixHints::GENERIC.option,
    }
}

/// Prefixes of public variables that only this framework has.
fn public_prefixes(framework: Option<&str>) -> &'static [&'static str] {
    match framework {
        Some("sveltekit" | "astro" | "rsbuild" | "bun" | "qwik") => &["PUBLIC_"],
        Some("storybook") => &["STORYBOOK_"],
        Some("redwood") => &["REDWOOD_ENV_"],
        Some("plasmo") => &["PLASMO_PUBLIC_"],
        Some("wxt") => &["WXT_"],
        Some("webpack") => &["WEBPACK_"],
        _ => &[],
    }
}
