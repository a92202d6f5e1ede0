//! Workspaces: which packages belong together, and which depend on which.

use std::collections::{BTreeMap, BTreeSet};

use saphyr_parser::{Event, Parser};

use crate::paths::{PathPattern, join, join_name};
use crate::project::package::json;
use crate::project::package_map::PackageMap;

impl PackageMap<'_> {
    /// The packages of the workspace whose root a folder is; none if it is not such a folder.
    pub(super) fn workspace_members(&mut self, root: &str) -> Vec<String> {
        let Some(patterns) = self.workspace_patterns(root) else { return Vec::new() };
        let meant = |pattern: &str| join(root, pattern).map(|pattern| PathPattern::new(&pattern));
        let (mut taken, mut left): (Vec<PathPattern>, Vec<PathPattern>) = (Vec::new(), Vec::new());
        for pattern in &patterns {
            match pattern.strip_prefix('!') {
                Some(pattern) => left.extend(meant(pattern)),
                None => taken.extend(meant(pattern)),
            }
        }
        let is_member = |folder: &str| {
            taken.iter().any(|pattern| pattern.matches(folder))
                && !left.iter().any(|pattern| pattern.matches(folder))
        };
        let inner = self.packages().map(|(inner, _)| inner);
        inner.filter(|inner| *inner == root || is_member(inner)).map(str::to_owned).collect()
    }

    /// The patterns of the workspace whose root a folder is.
    pub(super) fn workspace_patterns(&mut self, root: &str) -> Option<Vec<String>> {
        let mut patterns: Option<Vec<String>> = None;
        if let Some(package) = self.package_of(root) {
            let value = &package.value["workspaces"];
            let list = value.as_array().or_else(|| value["packages"].as_array());
            patterns = list.map(|list| texts(list));
        }
        let path = join_name(root, "pnpm-workspace.yaml");
        if let Some(text) = self.read_text(&path) {
            match yaml_packages(&text) {
                Some(more) => patterns.get_or_insert_default().extend(more),
                None => self.report(
                    &path,
                    "is not YAML, so it does not say which packages belong together".to_owned(),
                ),
            }
        }
        if let Some(text) = self.read_text(&join_name(root, "lerna.json")) {
            let value = json(&text).unwrap_or_default();
            let list = value["packages"].as_array();
            let more = list.map_or_else(|| vec!["packages/*".to_owned()], |list| texts(list));
            patterns.get_or_insert_default().extend(more);
        }
        patterns
    }

    /// Adds the packages that depend on those wanted, and then the dependencies of all of them.
    pub(super) fn add_related(&self, wanted: &mut BTreeSet<String>) {
        let mut links: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        let mut uses: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        let mut roots: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (root, package) in self.packages() {
            roots.entry(package.name.as_str()).or_default().push(root);
        }
        for (root, package) in self.packages() {
            for (name, version) in &package.dependencies {
                let linked = linked(root, version);
                let linked = linked.as_deref().and_then(|path| self.folders.get_key_value(path));
                let named = roots.get(name.as_str()).into_iter().flatten().copied();
                for used in named.chain(linked.map(|(path, _)| path.as_str())) {
                    links.entry(used).or_default().insert(root);
                    uses.entry(root).or_default().insert(used);
                }
            }
        }
        spread(&links, wanted);
        spread(&uses, wanted);
    }
}

/// The folder in the version of a dependency: `file:../shared`, `link:`, `portal:`.
fn linked(root: &str, version: &str) -> Option<String> {
    let (scheme, path) = version.split_once(':')?;
    matches!(scheme, "file" | "link" | "portal").then(|| join(root, path))?
}

/// Adds all that links lead to from the roots reached.
fn spread(links: &BTreeMap<&str, BTreeSet<&str>>, reached: &mut BTreeSet<String>) {
    let mut open: Vec<String> = reached.iter().cloned().collect();
    while let Some(root) = open.pop() {
        for next in links.get(root.as_str()).into_iter().flatten() {
            if !reached.contains(*next) {
                reached.insert((*next).to_owned());
                open.push((*next).to_owned());
            }
        }
    }
}

fn texts(list: &[serde_json::Value]) -> Vec<String> {
    list.iter().filter_map(|text| text.as_str().map(str::to_owned)).collect()
}

/// The `packages` of a `pnpm-workspace.yaml`; `None` if it is not YAML. It reads the parser's
/// events one by one and builds nothing, so that neither depth nor aliases of a hostile file cost
/// anything.
fn yaml_packages(text: &str) -> Option<Vec<String>> {
    let mut packages = Vec::new();
    // The number of open maps and lists; of the outermost map, the key whose value comes next.
    let mut open = 0usize;
    let mut key: Option<String> = None;
    let next = |key: Option<String>, text: &str| key.is_none().then(|| text.to_owned());
    for event in Parser::new_from_str(text) {
        let is_list = key.as_deref() == Some("packages");
        match event.ok()?.0 {
            Event::Scalar(text, ..) => match open {
                1 => key = next(key, &text),
                2 if is_list => packages.push(text.into_owned()),
                _ => {}
            },
            Event::Alias(_) if open == 1 => key = next(key, ""),
            Event::MappingStart(..) if open == 1 && is_list => {
                key = Some(String::new());
                open += 1;
            }
            Event::MappingStart(..) | Event::SequenceStart(..) => open += 1,
            Event::MappingEnd | Event::SequenceEnd => {
                open = open.saturating_sub(1);
                if open == 1 {
                    key = next(key, "");
                }
            }
            Event::Alias(_)
            | Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd => {}
        }
    }
    Some(packages)
}

#[cfg(test)]
mod tests {
    use super::yaml_packages;

    #[test]
    fn workspace_packages_are_read_among_other_keys() {
        let list = |text: &str| yaml_packages(text).map(|list| list.join(" "));
        let found = |text: &str| list(text).unwrap();
        assert_eq!(found("packages:\n  - \"apps/*\"\n  - docker # a & b\n"), "apps/* docker");
        let around = "catalog: &c\n  react: 1\ncatalogs:\n  a: *c\n  packages: [z]\nd: *c\n\
                      packages: [a, '!b', {x: y}, [z]]\ne: {packages: [z]}\n";
        assert_eq!(found(around), "a !b");
        assert_eq!(found("packages: {packages: z}\n"), "");
        assert_eq!(found(""), "");
        assert_eq!(list("packages: ["), None);
        for deep in ["- ", "[", "a: [", "{a: "] {
            yaml_packages(&deep.repeat(100_000));
        }
    }
}
