//! Build output, and folders that are served or copied without change.

use std::rc::Rc;

use serde_json::Value;

use crate::artifacts::context::{ArtifactContext, CopiedFolder};
use crate::artifacts::framework_folders::{FrameworkFolders, OutputFolder, StaticFolder};
use crate::artifacts::paths;
use crate::artifacts::placement::{Form, Placement};
use crate::framework_id::FrameworkId;
use crate::leak::LeakKind;
use crate::project::conventions::{SITE_OUTPUT_FOLDERS, is_test_artifact};
use crate::project::package::Package;

/// The side that gets a file of build output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OutputSide {
    /// Clients.
    Client,
    /// A server.
    Server,
    /// None, or it is unknown: the file may not be output at all.
    No,
}

/// Output folders of hosting platforms.
const HOST_FOLDERS: [OutputFolder; 1] =
    [OutputFolder { name: ".vercel", client: &["output/static"], server: &["output/functions"] }];

/// Folders in build output that contain only what clients get, besides those of frameworks.
const CLIENT_FOLDERS: [&str; 2] = ["client", "browser"];

/// Folders in build output that contain only what a server runs.
const SERVER_FOLDERS: [&str; 4] = ["server", "ssr", "functions", "server-functions"];

/// Folders that web servers of other languages serve.
const SERVED: [&str; 6] = [
    "src/main/resources/static",
    "src/main/resources/public",
    "META-INF/resources",
    "wwwroot",
    "priv/static",
    "src/main/webapp",
];

/// Packages of servers that commonly serve `public`.
const SERVERS: [&str; 7] =
    ["express", "fastify", "koa", "hono", "@nestjs/core", "serve", "http-server"];

/// Extensions of files that a web server runs instead of sending.
const RUN: [&str; 13] =
    ["php", "phtml", "rb", "py", "pl", "cgi", "asp", "aspx", "jsp", "go", "java", "class", "jar"];

/// Code that only bundles for browsers contain.
const BROWSER_MARKS: [&str; 4] =
    ["createElement(\"link\")", "createElement('link')", "webpackChunk", "webpackJsonp"];

/// Code that nearly every page contains.
const PAGE_MARKS: [&str; 5] =
    ["document.", "window.", "addEventListener(", "localStorage", "XMLHttpRequest"];

/// Code that only Node.js runs.
const NODE_MARKS: [&str; 14] = [
    "from \"node:",
    "from 'node:",
    "from\"node:",
    "require(\"node:",
    "require('node:",
    "require(\"fs\")",
    "require('fs')",
    "require(\"http\")",
    "require('http')",
    "require(\"express\")",
    "require('express')",
    "from \"express\"",
    "from 'express'",
    "createServer(",
];

/// The side that gets a file.
pub(crate) fn side(context: &ArtifactContext<'_>, path: &str, text: &str) -> OutputSide {
    if placement(context, path, text).is_some() {
        return OutputSide::Client;
    }
    let is_server = known(context.frameworks, path) == Some(OutputSide::Server)
        || output_folder(path).is_some_and(|folder| {
            is_server_folder(path, folder)
                || (matches!(paths::name(folder), "dist" | "build" | "out")
                    && package(context, folder).is_some_and(|package| is_program(&package, folder)))
        });
    if is_server { OutputSide::Server } else { OutputSide::No }
}

/// The placement of a file that is output for clients, or is copied or served without change.
pub(crate) fn placement(
    context: &ArtifactContext<'_>,
    path: &str,
    text: &str,
) -> Option<Placement> {
    if paths::is_foreign(path) || paths::ends_in(path, &RUN) {
        return None;
    }
    let found = match known(context.frameworks, path) {
        Some(OutputSide::Client) => bundle("this folder of the build is what clients get"),
        Some(OutputSide::Server | OutputSide::No) => return None,
        None => named(context, path)
            .or_else(|| copied(context, path))
            .or_else(|| built(context, path, text))?,
    };
    Some(if paths::ends_in(path, &["map"]) { found.of(Form::Map) } else { found })
}

fn bundle(why: impl Into<String>) -> Placement {
    Placement::new(LeakKind::BundleSecret, "bundle", why)
}

/// The side that gets a file in an output folder of a framework or host.
fn known(frameworks: &FrameworkFolders, path: &str) -> Option<OutputSide> {
    let folder = paths::folder(path);
    let outputs = frameworks.outputs.iter().copied().chain(&HOST_FOLDERS);
    for OutputFolder { name: own, client, server } in outputs {
        let mut parts = folder.split('/');
        if !parts.any(|part| part == *own) {
            continue;
        }
        let rest = parts.collect::<Vec<_>>().join("/");
        let is_in = |name: &str| rest == name || rest.starts_with(&format!("{name}/"));
        return Some(if client.iter().any(|name| is_in(name)) {
            OutputSide::Client
        } else if server.iter().any(|name| is_in(name)) {
            OutputSide::Server
        } else {
            OutputSide::No
        });
    }
    None
}

/// The outermost folder of a path that has the name of an output folder.
fn output_folder(path: &str) -> Option<&str> {
    paths::ancestors(path)
        .filter(|folder| SITE_OUTPUT_FOLDERS.contains(&paths::name(folder)))
        .last()
}

fn is_server_folder(path: &str, folder: &str) -> bool {
    let inside = paths::below(path, folder).unwrap_or_default();
    !matches!(paths::name(folder), "public" | "static" | "_site")
        && paths::has_folder(inside, &SERVER_FOLDERS)
}

/// The placement of a file in a folder that is copied or served without change.
fn copied(context: &ArtifactContext<'_>, path: &str) -> Option<Placement> {
    let served = paths::ancestors(path).find(|folder| {
        SERVED.iter().any(|name| folder == name || folder.ends_with(&format!("/{name}")))
    });
    if let Some(folder) = served {
        let is_hidden = paths::has_folder(path, &["web-inf"]);
        return (!is_hidden).then(|| bundle(format!("{folder}/ is served as it is")));
    }
    paths::ancestors(path).find_map(|folder| copied_folder(context, folder))
}

/// The placement of a file that a configuration or a document names.
fn named(context: &ArtifactContext<'_>, path: &str) -> Option<Placement> {
    let by = context.named.iter().find(|named| named.has(path))?;
    let placement = bundle(by.why).by(by.by.as_str());
    // Their comments do not get into pages.
    let is_template = paths::ends_in(path, &["ejs", "eta", "handlebars", "hbs", "liquid", "njk"]);
    Some(if is_template { placement.of(Form::Page) } else { placement })
}

fn copied_folder(context: &ArtifactContext<'_>, folder: &str) -> Option<Placement> {
    let (above, name) = (paths::folder(folder), paths::name(folder));
    let placement = || bundle(format!("{folder}/ is copied to the site as it is"));
    if name.is_empty() {
        return None;
    }
    if let CopiedFolder::Folder(named, config) = &context.copied
        && named == folder
    {
        return Some(placement().by(config.as_str()));
    }
    if let Some((file, package)) = context.package(&paths::join(above, "package.json")) {
        let is_root = paths::folder(&file) == above;
        let mut copied = context.frameworks.copied_by(&package);
        if let Some(only) = copied.clone().find(|it| it.is_only) {
            let placement = || placement().by(file.clone()).named_for(only);
            return (is_root && name == only.path).then(placement);
        }
        let has_page = || name == "public" && context.has(&paths::join(above, "index.html"));
        let is_free = context.copied == CopiedFolder::Default && (is_root || has_page());
        let is_it = |path: &str| folder == path || folder.ends_with(&format!("/{path}"));
        let is_copied = |it: &StaticFolder| {
            if it.path.contains('/') {
                context.copied != CopiedFolder::None && is_it(it.path)
            } else {
                is_free && it.path == name
            }
        };
        if copied.any(is_copied) {
            return Some(placement().by(file));
        }
        if name == "public" && is_root && SERVERS.iter().any(|server| package.depends_on(server)) {
            return Some(placement().by(file).likely());
        }
    }
    let mark = match name {
        "static" => ["hugo.toml", "hugo.yaml", "config.toml", "manage.py", "app.py"].as_slice(),
        "public" => ["Gemfile", "artisan", "firebase.json", "vercel.json"].as_slice(),
        _ => &[],
    };
    let mark = mark.iter().map(|mark| paths::join(above, mark)).find(|mark| context.has(mark))?;
    Some(placement().by(mark))
}

/// The placement of a file of build output that is provably for clients.
fn built(context: &ArtifactContext<'_>, path: &str, text: &str) -> Option<Placement> {
    let folder = output_folder(path)?;
    if is_server_folder(path, folder) || is_test_artifact(path) {
        return None;
    }
    let package = package(context, folder);
    if package.as_ref().is_some_and(|package| context.frameworks.packages_output(package)) {
        return Some(bundle("what is built is packaged with the app").of(Form::Whole));
    }
    let is_script = paths::ends_in(path, &["js", "mjs", "cjs"]);
    let code = if paths::ends_in(path, &["map"]) {
        // A map is as public as the script beside it.
        let script = path.strip_suffix(".map").and_then(|script| context.text(script));
        script.unwrap_or_default()
    } else if is_script {
        text.to_owned()
    } else {
        String::new()
    };
    if NODE_MARKS.iter().any(|mark| code.contains(mark)) {
        return None;
    }
    let rounds = paths::ancestors(path).take_while(|round| round.len() >= folder.len());
    let page = rounds.map(|round| paths::join(round, "index.html")).find(|page| context.has(page));
    if let Some(page) = page {
        return Some(bundle(format!("{folder}/ is served: it has an index.html")).by(page));
    }
    let inside = paths::below(path, folder).unwrap_or_default();
    if matches!(paths::name(folder), "_site" | "storybook-static") {
        return Some(bundle(format!("{folder}/ is a built site")));
    }
    if paths::ends_in(path, &["html", "htm"]) {
        return Some(bundle("a built page is served"));
    }
    if paths::has_folder(inside, &CLIENT_FOLDERS)
        || paths::has_folder(inside, &context.frameworks.assets)
    {
        return Some(bundle("this folder of the build is what clients get"));
    }
    if BROWSER_MARKS.iter().any(|mark| code.contains(mark)) || is_webpack_page(&code) {
        return Some(bundle("the code is built for browsers"));
    }
    if package.is_some_and(|package| is_program(&package, folder)) {
        return None;
    }
    if is_hashed(paths::name(path)) {
        return Some(bundle("the name with a hash is that of a built asset").likely());
    }
    let is_static = matches!(paths::name(folder), "public" | "static" | "www");
    let runs_on_pages = PAGE_MARKS.iter().any(|mark| code.contains(mark));
    let has_map = code.contains("sourceMappingURL") && runs_on_pages;
    let is_module = code.contains("require(") || code.contains("exports.");
    if (is_static && runs_on_pages || has_map) && !is_module {
        return Some(bundle("the code is made for pages").likely());
    }
    None
}

fn is_webpack_page(code: &str) -> bool {
    code.contains("__webpack_require__") && code.contains("document")
}

fn package(context: &ArtifactContext<'_>, folder: &str) -> Option<Rc<Package>> {
    context.package(folder).map(|(_, package)| package)
}

/// True if the package is a library or a server, whose output in a folder is imported or run.
fn is_program(package: &Package, folder: &str) -> bool {
    let name = paths::name(folder);
    let in_folder = |path: &str| {
        let path = path.trim_start_matches("./");
        path.strip_prefix(name).is_some_and(|rest| rest.starts_with('/'))
    };
    let named = ["main", "module", "bin", "exports"];
    let mut values: Vec<&Value> = named.iter().filter_map(|k| package.value.get(k)).collect();
    while let Some(value) = values.pop() {
        match value {
            Value::String(path) if in_folder(path) => return true,
            Value::Array(all) => values.extend(all),
            Value::Object(all) => values.extend(all.values()),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    package.scripts.values().any(|command| {
        let mut words = command.split_whitespace();
        words.any(|word| matches!(word, "node" | "nodemon" | "bun" | "pm2")) && words.any(in_folder)
    })
}

/// True if a file name contains a hash, as bundlers write it: `index-Bx3k9a.js`,
/// `main.8f14e45f.js`.
fn is_hashed(name: &str) -> bool {
    let stem = name.strip_suffix(".map").unwrap_or(name);
    let Some((stem, ending)) = stem.rsplit_once('.') else { return false };
    if !matches!(ending, "js" | "mjs" | "css") {
        return false;
    }
    let stem = stem.trim_end_matches(".chunk").trim_end_matches(".bundle");
    let is_hash = |part: &str| {
        let has = |test: fn(&u8) -> bool| part.bytes().any(|byte| test(&byte));
        let (digit, upper) = (has(u8::is_ascii_digit), has(u8::is_ascii_uppercase));
        let is_hex = part.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        let is_word = part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        let is_loud = part.len() == 8 && part.bytes().all(|b| b.is_ascii_uppercase());
        let is_mixed = digit && upper && is_word && (6..=24).contains(&part.len());
        is_mixed || (is_hex && digit && (8..=40).contains(&part.len())) || is_loud
    };
    stem.rsplit(['-', '.']).next().is_some_and(is_hash)
}

impl Placement {
    /// The same placement under the name of the framework that copies the folder.
    fn named_for(self, folder: &StaticFolder) -> Self {
        let framework = folder.framework.map_or(self.framework, FrameworkId::name);
        Self { framework, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_told_from_words() {
        for name in [
            "index-Bx3k9a.js",
            "main.8f14e45f.js",
            "main.8f14e45f.chunk.css",
            "chunk-5XK3QYZT.js",
            "8f14e45fceea167a.js.map",
        ] {
            assert!(is_hashed(name), "{name}");
        }
        for name in ["vite-plugin.js", "server-actions.js", "index.js", "auth-oauth2.js", "a.json"]
        {
            assert!(!is_hashed(name), "{name}");
        }
    }

    #[test]
    fn frameworks_say_what_their_folders_are_for() {
        for (path, output) in [
            (".next/static/chunks/a.js", Some(OutputSide::Client)),
            (".next/server/app/page.js", Some(OutputSide::Server)),
            ("web/.next/dev/server/a.js.map", Some(OutputSide::Server)),
            (".next/cache/x", Some(OutputSide::No)),
            (".output/public/a.js", Some(OutputSide::Client)),
            (".output/server/index.mjs", Some(OutputSide::Server)),
            (".svelte-kit/output/client/a.js", Some(OutputSide::Client)),
            (".svelte-kit/generated/a.js", Some(OutputSide::No)),
            ("dist/a.js", None),
        ] {
            assert_eq!(known(&crate::frameworks::tables().folders, path), output, "{path}");
        }
    }
}
