//! Names that code may use without importing them, from the files of folders.

use crate::app::App;
use crate::frameworks::framework::Modules;
use crate::frameworks::paths;
use crate::graph::auto_imports::{AutoImport, component_name};
use crate::leak::Side;

/// The exports of a module by their names, and its default export by the name of the file.
pub(crate) fn of_exports(path: &str, modules: &dyn Modules, side: Side) -> Vec<AutoImport> {
    let Some(module) = modules.module(path) else { return Vec::new() };
    let exports = module.exports.iter().filter(|export| export.name != "*");
    let import = exports.map(|export| AutoImport {
        name: if export.name == "default" { camel_case(path) } else { export.name.clone() },
        is_component: false,
        path: path.to_owned(),
        export: Some(export.name.clone()),
        side,
        is_unrendered: false,
    });
    import.collect()
}

/// True if the names of a module are not all known: it passes on those of others.
pub(crate) fn passes_on(path: &str, modules: &dyn Modules) -> bool {
    let exports = modules.module(path).map_or(&[][..], |module| &module.exports);
    exports.iter().any(|export| export.name == "*")
}

/// A component by its file's name, with or without the names of the folders around it within
/// `folder`.
pub(crate) fn of_component(app: &App<'_>, path: &str, folder: &str) -> Vec<AutoImport> {
    let inside = app.relative(path).and_then(|path| path.strip_prefix(folder)).unwrap_or(path);
    let stem = inside.rsplit_once('.').map_or(inside, |(stem, _)| stem);
    let stem = [".client", ".server", ".global"]
        .iter()
        .find_map(|end| stem.strip_suffix(end))
        .unwrap_or(stem);
    let stem = stem.strip_suffix("/index").unwrap_or(stem);
    let parts: Vec<&str> = stem.split('/').filter(|part| !part.is_empty()).collect();
    let mut names: Vec<String> = Vec::new();
    for start in 0..parts.len() {
        let whole = component_name(&parts[start..].concat());
        // Words that a folder and its file share count once: `base/BaseButton`.
        let mut short = String::new();
        for part in parts[start..].iter().map(|part| component_name(part)) {
            if part.starts_with(&short) {
                short = part;
            } else {
                short.push_str(&part);
            }
        }
        names.extend([whole, short]);
    }
    names.sort();
    names.dedup();
    let import = names.into_iter().map(|name| AutoImport {
        name,
        is_component: true,
        path: path.to_owned(),
        export: None,
        side: Side::Unknown,
        is_unrendered: paths::name(path).contains(".client."),
    });
    import.collect()
}

/// The name of a file, or of the folder of an index, in camel case.
fn camel_case(path: &str) -> String {
    let stem = path.rsplit_once('.').map_or(path, |(stem, _)| stem);
    let stem = stem.strip_suffix("/index").unwrap_or(stem);
    let mut made = String::new();
    let mut is_upper = false;
    for letter in paths::name(stem).chars() {
        if matches!(letter, '-' | '_' | '.') {
            is_upper = true;
        } else if is_upper {
            made.extend(letter.to_uppercase());
            is_upper = false;
        } else {
            made.push(letter);
        }
    }
    made
}
