//! Which folders are apps that must be looked at.

use std::collections::{BTreeMap, BTreeSet};

use super::folders::folder;
use super::package::Package;
use crate::model::Notice;
use crate::source::Files;

/// An app.
pub(super) struct Found {
    /// Its folder.
    pub(super) root: String,
    /// Its package.json.
    pub(super) package: Option<Package>,
    /// Its files, in order.
    pub(super) files: Vec<String>,
    /// Files above it that say what it is built with.
    pub(super) above: Vec<String>,
}

/// Whether a file is for tests only.
pub(super) fn is_test(path: &str) -> bool {
    let mut parts = path.rsplit('/');
    let name = parts.next().unwrap_or_default();
    [".test.", ".spec.", ".stories.", ".d.ts", ".cy."].iter().any(|mark| name.contains(mark))
        || parts.any(|part| {
            matches!(
                part,
                "__tests__"
                    | "__mocks__"
                    | "cypress"
                    | "e2e"
                    | "playwright"
                    | "fixtures"
                    | "__fixtures__"
                    | "mocks"
                    | "test"
                    | "tests"
                    | ".storybook"
            )
        })
}

/// Whether a file is source in which modules are.
pub(super) fn is_source(path: &str) -> bool {
    path.rsplit_once('.').is_some_and(|(_, ending)| {
        matches!(
            ending,
            "js" | "jsx"
                | "mjs"
                | "cjs"
                | "ts"
                | "tsx"
                | "mts"
                | "cts"
                | "vue"
                | "svelte"
                | "astro"
                | "html"
                | "htm"
        )
    })
}

/// The apps that the seeds are in.
pub(super) fn apps(files: &dyn Files, seeds: &[String]) -> (Vec<Found>, Vec<Notice>) {
    let all: Vec<String> = files
        .below("")
        .into_iter()
        .filter(|path| !format!("/{path}").contains("/node_modules/"))
        .collect();
    let mut packages: BTreeMap<String, Package> = BTreeMap::new();
    for path in all.iter().filter(|path| path.rsplit('/').next() == Some("package.json")) {
        let Ok(Some(bytes)) = files.read(path) else { continue };
        if let Ok(package) = Package::parse(&String::from_utf8_lossy(&bytes)) {
            packages.insert(folder(path).to_owned(), package);
        }
    }
    let mut roots = BTreeSet::new();
    for seed in seeds {
        let mut at = folder(seed);
        let mut is_any = false;
        loop {
            if packages.contains_key(at) {
                roots.insert(at.to_owned());
                is_any = true;
            }
            if at.is_empty() {
                break;
            }
            at = folder(at);
        }
        if !is_any {
            roots.insert(String::new());
        }
    }
    let is_workspace = packages.get("").is_some_and(|root| !root.value["workspaces"].is_null())
        || all.iter().any(|path| path == "pnpm-workspace.yaml");
    if is_workspace {
        roots.extend(packages.keys().cloned());
    }
    let found = roots
        .iter()
        .map(|root| {
            let inside = |path: &&String| root.is_empty() || path.starts_with(&format!("{root}/"));
            let is_nested = |path: &&String| {
                packages.keys().any(|other| {
                    other.len() > root.len()
                        && (root.is_empty() || other.starts_with(&format!("{root}/")))
                        && path.starts_with(&format!("{other}/"))
                })
            };
            Found {
                root: root.clone(),
                package: packages.get(root).cloned(),
                files: all.iter().filter(inside).filter(|path| !is_nested(path)).cloned().collect(),
                above: Vec::new(),
            }
        })
        .collect();
    (found, Vec::new())
}
