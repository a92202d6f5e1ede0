//! The architecture of the program and of every crate in `crates/` (docs/architecture.md): imports
//! go only to a lower rank, files of a module do not import each other in circles, no type name is
//! defined twice, and each third-party library is named in one place.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The modules of the program and their ranks.
const PROGRAM: &[(&str, u32)] = &[
    ("model", 0),
    ("patterns", 0),
    ("rules", 1),
    ("source", 1),
    ("decode", 2),
    ("scan", 3),
    ("suppress", 3),
    ("verify", 3),
    ("report", 3),
    ("config", 4),
    ("interop", 4),
    ("run", 5),
    ("api", 6),
    ("cli", 7),
];

/// The modules of the exposure analysis and their ranks.
const EXPOSURE: &[(&str, u32)] = &[
    ("paths", 0),
    ("secret", 0),
    ("severity", 0),
    ("span", 0),
    ("notice", 0),
    ("base64", 0),
    ("fix_hints", 0),
    ("framework_id", 0),
    ("key_slot", 0),
    ("catalog", 1),
    ("input", 2),
    ("leak", 2),
    ("js", 3),
    ("project", 4),
    ("variables", 5),
    ("graph", 6),
    ("eval", 7),
    ("artifacts", 7),
    ("app", 8),
    ("frameworks", 9),
    ("checks", 10),
    ("analysis", 11),
    ("change_scope", 11),
];

/// The only folder or file below which a library may be named; others follow a space.
const ONE_PLACE: &[(&str, &str)] = &[
    ("oxc_", "crates/exposure/src/js/parse/"),
    ("git2::", "src/source/git/"),
    ("libdeflater::", "src/source/git/"),
    ("flate2::", "src/decode/containers/ src/source/git/zlib_stream.rs"),
    ("bzip2::", "src/decode/containers/"),
    ("lzma_rust2::", "src/decode/containers/"),
    ("ruzstd::", "src/decode/containers/"),
    ("lz4_flex::", "src/decode/containers/"),
    ("brotli_decompressor::", "src/decode/containers/brotli.rs"),
    ("serde_sarif::", "src/report/sarif/"),
    ("ureq::", "src/verify/http.rs"),
    ("clap::", "src/cli/"),
    ("indicatif::", "src/cli/"),
    ("console::", "src/cli/triage.rs"),
];

/// The code of one crate.
struct Crate {
    ranks: &'static [(&'static str, u32)],
    modules: BTreeMap<ModulePath, Module>,
}

/// The segments of a module's path, without `crate`.
type ModulePath = Vec<String>;

/// One file of a crate.
struct Module {
    /// Relative to the repository, with `/` between its parts.
    file: String,
    /// Its code without comments and test-only items.
    lines: Vec<(usize, String)>,
    /// Re-exported names, each with the path it stands for.
    exported: BTreeMap<String, ModulePath>,
}

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The program and the crates in `crates/`.
fn crates() -> Vec<Crate> {
    let mut crates = vec![Crate::read(&repository().join("src"), PROGRAM)];
    for entry in std::fs::read_dir(repository().join("crates")).unwrap() {
        let folder = entry.unwrap().path();
        let ranks = match folder.file_name().and_then(|name| name.to_str()) {
            Some("exposure") => EXPOSURE,
            other => panic!("the crate {other:?} has no ranks in tests/it/layers.rs"),
        };
        crates.push(Crate::read(&folder.join("src"), ranks));
    }
    crates
}

impl Crate {
    fn read(source: &Path, ranks: &'static [(&'static str, u32)]) -> Self {
        let mut paths = Vec::new();
        files(source, &mut paths);
        let mut texts = BTreeMap::new();
        let mut for_tests = BTreeSet::new();
        for path in paths {
            let own = module_path(path.strip_prefix(source).unwrap());
            let text = std::fs::read_to_string(&path).unwrap();
            for name in modules_of_tests(&text) {
                for_tests.insert([&own[..], &[name]].concat());
            }
            let file = path.strip_prefix(repository()).unwrap();
            let file = file.to_str().unwrap().replace('\\', "/");
            texts.insert(own, (file, text));
        }
        let is_test = |own: &ModulePath| for_tests.iter().any(|test| own.starts_with(test));
        texts.retain(|own, _| !is_test(own));
        let mut modules = BTreeMap::new();
        for (own, (file, text)) in texts {
            let (lines, exported) = (code(&text), BTreeMap::new());
            modules.insert(own, Module { file, lines, exported });
        }
        let mut read = Self { ranks, modules };
        let exported: Vec<_> = read.modules.keys().map(|own| read.exports(own)).collect();
        for (module, exported) in read.modules.values_mut().zip(exported) {
            module.exported = exported;
        }
        read
    }

    /// The names that a module re-exports, with the paths they come from.
    fn exports(&self, own: &ModulePath) -> BTreeMap<String, ModulePath> {
        let mut exported = BTreeMap::new();
        for (statement, _) in statements(&self.modules[own]) {
            if let Some(tree) = statement.strip_prefix("use ")
                && let Some(leaves) = leaves_of(tree)
            {
                for (leaf, name) in leaves {
                    if let Some(path) = self.absolute(own, &leaf) {
                        exported.insert(name, path);
                    }
                }
            }
        }
        exported
    }

    /// The absolute path of a path written in module `own`; `None` outside this crate.
    fn absolute(&self, own: &ModulePath, written: &[String]) -> Option<ModulePath> {
        let (first, rest) = written.split_first()?;
        match first.as_str() {
            "crate" => Some(rest.to_vec()),
            "self" => Some([&own[..], rest].concat()),
            "super" => {
                let mut outer = own.clone();
                outer.pop()?;
                let mut rest = rest;
                while let Some((next, after)) = rest.split_first()
                    && next == "super"
                {
                    outer.pop()?;
                    rest = after;
                }
                Some([&outer[..], rest].concat())
            }
            child => {
                let inner = [&own[..], &[child.to_owned()]].concat();
                self.modules.contains_key(&inner).then(|| [&own[..], written].concat())
            }
        }
    }

    /// The module in which the item at an absolute path is defined: re-exports are followed.
    fn home(&self, path: &[String]) -> Option<ModulePath> {
        let mut path = path.to_vec();
        for _ in 0..16 {
            let known = (0..=path.len()).rev().find(|&end| self.modules.contains_key(&path[..end]));
            let module = path[..known?].to_vec();
            let Some(item) = path.get(module.len()) else { return Some(module) };
            let Some(behind) = self.modules[&module].exported.get(item) else {
                return Some(module);
            };
            if *behind == path[..=module.len()] {
                return Some(module);
            }
            path = [&behind[..], &path[module.len() + 1..]].concat();
        }
        None
    }

    /// Uses of other modules by each module: the line, and the module that defines the item.
    fn uses(&self) -> BTreeMap<&ModulePath, Vec<(usize, ModulePath)>> {
        let mut all = BTreeMap::new();
        for (own, module) in &self.modules {
            let mut used = Vec::new();
            for (statement, number) in statements(module) {
                let paths = match statement.strip_prefix("use ").and_then(leaves_of) {
                    // A re-export is not a use.
                    Some(_) if statement.starts_with("use ") && is_export(module, number) => {
                        continue;
                    }
                    Some(leaves) => leaves.into_iter().map(|(leaf, _)| leaf).collect(),
                    None => paths_in(&statement),
                };
                for written in paths {
                    let Some(path) = self.absolute(own, &written) else { continue };
                    let Some(home) = self.home(&path) else { continue };
                    if home != *own && !home.is_empty() {
                        used.push((number, home));
                    }
                }
            }
            all.insert(own, used);
        }
        all
    }

    fn rank(&self, own: &ModulePath) -> u32 {
        let Some(first) = own.first() else { return u32::MAX };
        let known = self.ranks.iter().find(|(name, _)| name == first);
        known.unwrap_or_else(|| panic!("module `{first}` has no rank in tests/it/layers.rs")).1
    }
}

/// The path of the module in a file, relative to `src`.
fn module_path(file: &Path) -> ModulePath {
    let stem = file.with_extension("");
    let mut path: ModulePath = stem.iter().map(|part| part.to_str().unwrap().to_owned()).collect();
    if matches!(path.last().map(String::as_str), Some("mod" | "lib" | "main")) {
        path.pop();
    }
    path
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs")
            // The binary is another crate.
            && path.file_name().is_some_and(|name| name != "main.rs")
        {
            found.push(path);
        }
    }
}

/// The test-only modules that a text declares.
fn modules_of_tests(text: &str) -> Vec<String> {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let mut found = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let declared = line.trim_start_matches("pub(crate) ").trim_start_matches("pub(super) ");
        let Some(name) = declared.strip_prefix("mod ").and_then(|rest| rest.strip_suffix(';'))
        else {
            continue;
        };
        let before = lines[..index].iter().rev().take_while(|line| line.starts_with("#["));
        if before.into_iter().any(|line| *line == "#[cfg(test)]") {
            found.push(name.to_owned());
        }
    }
    found
}

/// The lines of a text, numbered from 1, without comments and without items for tests.
fn code(text: &str) -> Vec<(usize, String)> {
    let mut lines = Vec::new();
    let mut skipped_indent: Option<usize> = None;
    let mut is_for_tests = false;
    for (number, line) in (1..).zip(text.lines()) {
        let indent = line.len() - line.trim_start().len();
        if let Some(own) = skipped_indent {
            // rustfmt closes an item at the indentation at which it opens.
            if indent == own && (line.trim_start().starts_with('}') || line.ends_with(';')) {
                skipped_indent = None;
            }
            continue;
        }
        let trimmed = line.trim();
        if trimmed == "#[cfg(test)]" {
            is_for_tests = true;
            continue;
        }
        if is_for_tests {
            if trimmed.starts_with("#[") {
                continue;
            }
            is_for_tests = false;
            if !trimmed.ends_with(';') && !trimmed.ends_with('}') && !trimmed.ends_with(',') {
                skipped_indent = Some(indent);
            }
            continue;
        }
        if trimmed.starts_with("//") {
            continue;
        }
        let bare = line.split(" // ").next().unwrap_or(line);
        lines.push((number, bare.to_owned()));
    }
    lines
}

/// The statements of a module with their first lines: `use` statements whole and without their
/// visibility, other lines one by one.
fn statements(module: &Module) -> Vec<(String, usize)> {
    let mut found = Vec::new();
    let mut lines = module.lines.iter();
    while let Some((number, line)) = lines.next() {
        let trimmed = line.trim_start();
        let bare = match trimmed.strip_prefix("pub") {
            Some(rest) if rest.starts_with(" use ") => rest.trim_start(),
            Some(rest) if rest.starts_with('(') => {
                rest.split_once(") ").map_or(trimmed, |(_, rest)| rest)
            }
            _ => trimmed,
        };
        if !bare.starts_with("use ") {
            found.push((trimmed.to_owned(), *number));
            continue;
        }
        let mut statement = bare.to_owned();
        while !statement.ends_with(';') {
            let Some((_, next)) = lines.next() else { break };
            statement.push(' ');
            statement.push_str(next.trim());
        }
        found.push((statement, *number));
    }
    found
}

/// True if the `use` statement at a line re-exports names.
fn is_export(module: &Module, number: usize) -> bool {
    let line = module.lines.iter().find(|(own, _)| *own == number);
    line.is_some_and(|(_, line)| line.trim_start().starts_with("pub"))
}

/// The paths that a `use` tree names, with their local names; `None` if it is outside this crate.
fn leaves_of(tree: &str) -> Option<Vec<(ModulePath, String)>> {
    let mut found = Vec::new();
    collect_leaves(&[], tree.trim().trim_end_matches(';'), &mut found);
    Some(found)
}

fn collect_leaves(prefix: &[String], tree: &str, found: &mut Vec<(ModulePath, String)>) {
    let tree = tree.trim();
    let segments = |text: &str| -> ModulePath {
        text.split("::")
            .map(|part| part.trim().to_owned())
            .filter(|part| !part.is_empty())
            .collect()
    };
    if let Some((before, inner)) = tree.split_once('{') {
        let prefix = [prefix, &segments(before)].concat();
        let inner = inner.rsplit_once('}').map_or(inner, |(inner, _)| inner);
        let (mut depth, mut start) = (0, 0);
        for (at, byte) in inner.bytes().enumerate() {
            match byte {
                b'{' => depth += 1,
                b'}' => depth -= 1,
                b',' if depth == 0 => {
                    collect_leaves(&prefix, &inner[start..at], found);
                    start = at + 1;
                }
                _ => {}
            }
        }
        collect_leaves(&prefix, &inner[start..], found);
    } else if !tree.is_empty() {
        let (path, name) = tree.split_once(" as ").unwrap_or((tree, ""));
        let mut path = [prefix, &segments(path)].concat();
        if path.len() > 1 && path.last().is_some_and(|last| last == "self") {
            path.pop();
        }
        let name = match name.trim() {
            "" => path.last().cloned().unwrap_or_default(),
            name => name.to_owned(),
        };
        found.push((path, name));
    }
}

/// The paths of at least two segments in a line of code.
fn paths_in(line: &str) -> Vec<ModulePath> {
    let is_path = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
    let words = line.split(|c: char| !is_path(c));
    let paths = words.filter(|word| word.contains("::"));
    paths
        .map(|word| word.split("::").filter(|part| !part.is_empty()).map(str::to_owned).collect())
        .filter(|path: &ModulePath| path.len() > 1)
        .collect()
}

#[test]
fn imports_go_down_only() {
    let mut faults = Vec::new();
    let mut count = 0;
    for program in crates() {
        for (own, used) in program.uses() {
            let Some(module) = own.first() else { continue };
            for (number, home) in used {
                count += 1;
                if home[0] != *module && program.rank(&home) >= program.rank(own) {
                    let file = &program.modules[own].file;
                    faults.push(format!("{file}:{number}: {module} uses {}", home.join("::")));
                }
            }
        }
    }
    assert!(count > 1000, "only {count} imports were seen");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn files_do_not_import_each_other_in_circles() {
    let mut faults = Vec::new();
    for program in crates() {
        let uses = program.uses();
        for circle in circles(&uses) {
            let mut lines = vec![format!("a circle of {} files:", circle.len())];
            for own in &circle {
                for (number, home) in uses[*own].iter().filter(|(_, home)| circle.contains(&home)) {
                    let file = &program.modules[*own].file;
                    lines.push(format!("  {file}:{number} uses {}", home.join("::")));
                }
            }
            faults.push(lines.join("\n"));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Groups of modules that all use each other, directly or indirectly.
fn circles<'m>(
    uses: &BTreeMap<&'m ModulePath, Vec<(usize, ModulePath)>>,
) -> Vec<BTreeSet<&'m ModulePath>> {
    let reached = |from: &ModulePath| -> BTreeSet<ModulePath> {
        let mut seen = BTreeSet::new();
        let mut open = vec![from.clone()];
        while let Some(own) = open.pop() {
            for (_, home) in uses.get(&own).into_iter().flatten() {
                if seen.insert(home.clone()) {
                    open.push(home.clone());
                }
            }
        }
        seen
    };
    let all: BTreeMap<&ModulePath, BTreeSet<ModulePath>> =
        uses.keys().map(|own| (*own, reached(own))).collect();
    let mut found: Vec<BTreeSet<&ModulePath>> = Vec::new();
    for (own, others) in &all {
        if !others.contains(*own) || found.iter().any(|circle| circle.contains(own)) {
            continue;
        }
        let back =
            all.keys().filter(|other| others.contains(**other) && all[**other].contains(*own));
        found.push(back.copied().collect());
    }
    found
}

#[test]
fn no_type_name_is_defined_twice() {
    let mut places: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for module in crates().iter().flat_map(|program| program.modules.values()) {
        for (number, line) in &module.lines {
            if let Some(name) = defined_type(line) {
                let place = format!("{}:{number}", module.file);
                places.entry(name.to_owned()).or_default().push(place);
            }
        }
    }
    assert!(places.len() > 300, "only {} types were seen", places.len());
    let twice = places.iter().filter(|(_, places)| places.len() > 1);
    let faults: Vec<_> =
        twice.map(|(name, places)| format!("{name}: {}", places.join(", "))).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// The name of the type whose definition begins on a line, except associated types.
fn defined_type(line: &str) -> Option<&str> {
    let mut words = line.split_whitespace().peekable();
    while words.peek().is_some_and(|word| {
        word.starts_with("pub") || matches!(*word, "unsafe" | "in") || word.ends_with(')')
    }) {
        words.next();
    }
    let is_own = match words.next()? {
        "struct" | "enum" | "trait" | "union" => true,
        "type" => !line.starts_with(' '),
        _ => false,
    };
    let name = words.next().filter(|_| is_own)?;
    let end = name.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(name.len());
    name.starts_with(|c: char| c.is_ascii_uppercase()).then_some(&name[..end])
}

#[test]
fn each_library_is_named_in_one_place() {
    let mut faults = Vec::new();
    for module in crates().iter().flat_map(|program| program.modules.values()) {
        for (number, line) in &module.lines {
            for (library, place) in ONE_PLACE {
                let is_named = line.match_indices(library).any(|(at, _)| {
                    !line[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_')
                });
                let is_place = |place: &str| module.file.starts_with(place);
                if is_named && !place.split(' ').any(is_place) {
                    faults.push(format!("{}:{number}: {library} outside of {place}", module.file));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn comments_and_tests_are_not_code() {
    let text = "use crate::a::{b::C, d as E, f::{self, G}};\n\
                // use crate::hidden::X;\n\
                #[cfg(test)]\n\
                use crate::hidden::Y;\n\
                let x = crate::h::i(super::j::K::new());\n\
                #[cfg(test)]\n\
                mod tests {\n    use crate::hidden::Z;\n}\n\
                pub(crate) struct After;\n";
    let module = Module { file: String::new(), lines: code(text), exported: BTreeMap::new() };
    let mut paths = Vec::new();
    for (statement, _) in statements(&module) {
        match statement.strip_prefix("use ").and_then(leaves_of) {
            Some(leaves) => {
                paths.extend(
                    leaves.into_iter().map(|(leaf, name)| format!("{} {name}", leaf.join("::"))),
                );
            }
            None => paths.extend(paths_in(&statement).iter().map(|path| path.join("::"))),
        }
    }
    let expected = [
        "crate::a::b::C C",
        "crate::a::d E",
        "crate::a::f f",
        "crate::a::f::G G",
        "crate::h::i",
        "super::j::K::new",
    ];
    assert_eq!(paths, expected);
    assert_eq!(
        module.lines.iter().filter_map(|(_, line)| defined_type(line)).collect::<Vec<_>>(),
        ["After"]
    );
    assert_eq!(defined_type("    type Target = [T];"), None);
    assert_eq!(defined_type("pub(in crate::a) enum B<'c> {"), Some("B"));
}
