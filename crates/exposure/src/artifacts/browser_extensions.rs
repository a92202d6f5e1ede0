//! Browser extensions: every packaged file is readable on the user's disk.

use serde_json::Value;

use crate::artifacts::comments::Language;
use crate::artifacts::context::ArtifactContext;
use crate::artifacts::paths;
use crate::artifacts::placement::{Form, Placement};
use crate::leak::LeakKind;
use crate::project::conventions::is_test_artifact;
use crate::project::package::json;

/// Extensions of the files that a browser extension consists of or is built from.
const PACKAGED: [&str; 16] = [
    "js", "mjs", "cjs", "html", "htm", "json", "css", "txt", "xml", "ts", "tsx", "jsx", "mts",
    "vue", "svelte", "map",
];

/// Folders beside an extension that are not packaged.
const APART: [&str; 11] = [
    "scripts",
    "server",
    "backend",
    "api",
    "functions",
    "docs",
    "tools",
    "ci",
    "build-scripts",
    "store",
    "examples",
];

/// Code that only Node.js runs.
const NODE_MARKS: [&str; 6] =
    ["require('fs')", "require(\"fs\")", "from 'fs'", "from \"fs\"", "from 'node:", "from \"node:"];

/// The placement of a file that is part of a browser extension.
pub(crate) fn placement(
    context: &ArtifactContext<'_>,
    path: &str,
    text: &str,
) -> Option<Placement> {
    if !paths::ends_in(path, &PACKAGED) || is_test_artifact(path) {
        return None;
    }
    let (manifest, folder) = manifest(context, path)?;
    let listed = context.marker(&manifest).and_then(|text| listed(&text, path, &folder));
    let is_built = context.has(&paths::join(&folder, "package.json"))
        || !matches!(paths::ending(path).as_str(), "js" | "mjs" | "html" | "htm" | "json" | "css");
    let form = if is_built && !paths::ends_in(path, &["html", "htm", "json", "txt"]) {
        Form::Code(Language::Script)
    } else {
        Form::Whole
    };
    let placement = |why: String| {
        Placement::new(LeakKind::ClientSecretLiteral, "extension", why).by(&*manifest).of(form)
    };
    if let Some(listed) = listed {
        return Some(placement(format!("the manifest names it in {listed}")));
    }
    let inside = paths::below(path, &folder)?;
    if is_apart(inside) || NODE_MARKS.iter().any(|mark| text.contains(mark)) {
        return None;
    }
    let found = placement("it is packaged with the extension".to_owned());
    Some(if is_built { found.likely() } else { found })
}

/// The manifest of the extension that a file belongs to, and the folder that holds its sources.
fn manifest(context: &ArtifactContext<'_>, path: &str) -> Option<(String, String)> {
    for folder in paths::ancestors(path) {
        let beside = paths::join(folder, "manifest.json");
        if is_manifest(context, &beside) {
            return Some((beside, folder.to_owned()));
        }
        let package = paths::join(folder, "package.json");
        if !context.has(&package) {
            continue;
        }
        for below in ["public", "src", "static", "app"] {
            let manifest = paths::join(folder, &format!("{below}/manifest.json"));
            if is_manifest(context, &manifest) {
                return Some((manifest, folder.to_owned()));
            }
        }
        let (_, own) = context.package(&package)?;
        let mut makers = context.frameworks.extension_makers.iter();
        return makers.any(|tool| own.depends_on(tool)).then(|| (package, folder.to_owned()));
    }
    None
}

fn is_manifest(context: &ArtifactContext<'_>, path: &str) -> bool {
    context.has(path)
        && context
            .marker(path)
            .and_then(|text| json(&text).ok())
            .is_some_and(|manifest| manifest.get("manifest_version").is_some_and(Value::is_number))
}

/// The key of the manifest that names a file: `content_scripts` and the like. The name may be that
/// of the script that a build makes from TypeScript.
fn listed(manifest: &str, path: &str, folder: &str) -> Option<String> {
    let manifest = json(manifest).ok()?;
    let inside = paths::below(path, folder)?;
    let stem = |path: &str| path.rsplit_once('.').map_or(path, |(stem, _)| stem).to_owned();
    let plain = |path: &str| {
        let path = path.trim_start_matches("./").trim_start_matches('/');
        stem(path.strip_prefix("src/").unwrap_or(path))
    };
    let wanted = plain(inside);
    let mut open: Vec<(&str, &Value)> =
        manifest.as_object()?.iter().map(|(key, value)| (key.as_str(), value)).collect();
    while let Some((key, value)) = open.pop() {
        match value {
            Value::String(named) if named.contains('.') && plain(named) == wanted => {
                return Some(key.to_owned());
            }
            Value::Array(all) => open.extend(all.iter().map(|value| (key, value))),
            Value::Object(all) => open.extend(all.values().map(|value| (key, value))),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    None
}

/// True for files beside an extension that are only needed to build it.
fn is_apart(inside: &str) -> bool {
    let name = paths::name(inside);
    let is_hidden = inside.split('/').any(|part| part.starts_with('.'));
    let made_for = ["package.json", "package-lock.json", "composer.json", "deno.json"];
    is_hidden
        || paths::has_folder(inside, &APART)
        || made_for.contains(&name)
        || name.contains(".config.")
        || name.starts_with("tsconfig")
        || name.ends_with(".d.ts")
        || ["build.js", "server.js", "server.ts", "gulpfile.js", "Gruntfile.js"].contains(&name)
}
