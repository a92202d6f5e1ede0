//! Documents that become pages: the modules that they import, and the files that they take in.

use crate::app::App;
use crate::artifacts::shipped_path::ShippedPath;
use crate::frameworks::framework::{EntryPoint, Modules};
use crate::frameworks::paths;
use crate::js::ir::ModulePart;

/// So many bytes of a document are read.
const MAX_DOCUMENT: usize = 1 << 20;

/// The reason, for people.
const TAKEN_IN: &str = "a document takes it in, and is rendered into a page";

/// A file that a document names.
struct Named {
    /// The path as it is written.
    written: String,
    /// Set if the text of the file ships.
    is_text: bool,
    /// The exports that are imported, each with its name in the document; `None` for all.
    exports: Option<Vec<(String, String)>>,
}

/// How the names of documents end of which a tool makes pages.
pub(super) type Endings = &'static [&'static str];

/// Documents in which only MDX has imports.
pub(super) const MDX: Endings = &[".mdx"];

/// All documents.
pub(super) const ANY: Endings = &[".md", ".mdx"];

/// The documents of an app with these endings: those in these folders, or all for an empty name.
fn documents<'a>(app: &'a App<'_>, endings: Endings, folders: &[&str]) -> Vec<(&'a str, String)> {
    let is_meant = |path: &str| {
        let is_document = endings.iter().any(|ending| path.ends_with(ending));
        let relative = app.relative(path).unwrap_or_default();
        let is_in = |folder: &&str| folder.is_empty() || crate::paths::is_below(relative, folder);
        is_document && folders.iter().any(is_in)
    };
    let mut found = Vec::new();
    for path in app.files.iter().filter(|path| is_meant(path)) {
        let bytes = app.state.read(path).ok().flatten().unwrap_or_default();
        if bytes.len() <= MAX_DOCUMENT
            && let Ok(text) = String::from_utf8(bytes)
        {
            found.push((path.as_str(), text));
        }
    }
    found
}

/// The modules that documents in these folders import.
pub(super) fn imported(
    app: &App<'_>,
    modules: &dyn Modules,
    endings: Endings,
    folders: &[&str],
) -> Vec<EntryPoint> {
    let mut entries = Vec::new();
    for (path, text) in documents(app, endings, folders) {
        for named in named(&text).iter().filter(|named| !named.is_text) {
            let found = modules.resolve(path, &named.written);
            let found = found.or_else(|| at_site(app, &named.written));
            let Some(found) = found.filter(|found| *found != path) else { continue };
            let is_style = crate::js::style::is_style(&found);
            let part = if is_style { ModulePart::Text } else { ModulePart::Whole };
            let why = format!("imported by the document {path}");
            let entry = EntryPoint { part, ..EntryPoint::client(&found, why) };
            match &named.exports {
                Some(exports) if !is_style => {
                    entries.extend(exports.iter().map(|(name, _)| EntryPoint {
                        export: Some(name.clone()),
                        ..entry.clone()
                    }));
                }
                Some(_) | None => entries.push(entry),
            }
        }
    }
    entries
}

/// The components that documents of Astro in these folders render, and of these the islands, which ship.
pub(super) fn islands(app: &App<'_>, modules: &dyn Modules, folders: &[&str]) -> Vec<EntryPoint> {
    let mut entries = Vec::new();
    for (path, text) in documents(app, MDX, folders) {
        for named in named(&text).iter().filter(|named| !named.is_text) {
            let found = modules.resolve(path, &named.written);
            let found = found.or_else(|| at_site(app, &named.written));
            let Some(found) = found.filter(|found| paths::is_code(found)) else { continue };
            let why = format!("rendered by the document {path}");
            for (export, local) in named.exports.iter().flatten() {
                let rendered = EntryPoint::server(&found, why.clone());
                entries.push(EntryPoint { export: Some(export.clone()), ..rendered });
                let Some(directive) = directive(&text, local) else { continue };
                entries.push(EntryPoint {
                    export: Some(export.clone()),
                    is_unrendered: directive == "client:only",
                    ..EntryPoint::client(&found, format!("island with {directive} in {path}"))
                });
            }
        }
    }
    entries
}

/// The directive by which a document makes a component an island: `client:load`.
fn directive<'t>(text: &'t str, component: &str) -> Option<&'t str> {
    let tags = text.match_indices('<').filter_map(|(at, _)| {
        let rest = text[at + 1..].strip_prefix(component)?;
        rest.starts_with(|next: char| next.is_whitespace()).then_some(rest)
    });
    let directives = tags.filter_map(|rest| {
        // `=>` is no end of a tag.
        let mut ends = rest.match_indices('>').map(|(end, _)| end);
        let end = ends.find(|end| !rest[..*end].ends_with('=')).unwrap_or(rest.len());
        let mut words = rest[..end].split([' ', '\n', '\t', '=', '/']);
        words.find(|word| word.starts_with("client:"))
    });
    directives.into_iter().next()
}

/// The files whose text documents in these folders take in.
pub(super) fn taken_in(app: &App<'_>, endings: Endings, folders: &[&str]) -> Vec<ShippedPath> {
    let mut found = Vec::new();
    for (path, text) in documents(app, endings, folders) {
        for named in named(&text).iter().filter(|named| named.is_text) {
            let beside = if named.written.starts_with('.') {
                paths::join(paths::folder(path), &named.written)
            } else {
                at_site(app, &named.written)
            };
            found.extend(beside.map(|path_of| ShippedPath {
                path: path_of,
                except: Vec::new(),
                by: path.to_owned(),
                why: TAKEN_IN,
            }));
        }
    }
    found
}

/// The file that `@site/…` or `@/…` means: seen from the app's folder, or from that of the documents.
fn at_site(app: &App<'_>, written: &str) -> Option<String> {
    let inside = written.strip_prefix("@site/").or_else(|| written.strip_prefix("@/"))?;
    let folders = ["", "docs", "src"].iter().filter_map(|folder| paths::join(folder, inside));
    folders.filter_map(|path| paths::find(app, &path)).next()
}

/// The files that a document names.
fn named(text: &str) -> Vec<Named> {
    let mut found = Vec::new();
    let mut is_in_fence = false;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let line = line.trim();
        if line.starts_with("```") || line.starts_with("~~~") {
            is_in_fence = !is_in_fence;
        }
        if is_in_fence {
            continue;
        }
        // `<!--@include: ./part.md{1,5}-->` and `<<< @/snippets/a.js#part {2}` of VitePress.
        let include = line.strip_prefix("<!--").map(str::trim_start);
        let include = include.and_then(|rest| rest.strip_prefix("@include:"));
        let snippet = line.strip_prefix("<<<");
        if let Some(rest) = include.or(snippet) {
            let rest = rest.trim().trim_end_matches("-->");
            let end = rest.find(['{', '#', '[', ' ']).unwrap_or(rest.len());
            let written = rest.get(..end).unwrap_or_default().trim().to_owned();
            found.push(Named { written, is_text: true, exports: None });
        } else {
            let end = text.len().min(text.ceil_char_boundary(start + 1000));
            found.extend(imported_by(text.get(start..end).unwrap_or_default()));
        }
    }
    found
}

/// The file that an import names at the beginning of a text.
fn imported_by(text: &str) -> Option<Named> {
    let rest = text.trim_start().strip_prefix("import")?;
    let rest = rest.strip_prefix([' ', '{', '\'', '"']).map(|_| rest)?;
    let is_bare = rest.trim_start().starts_with(['\'', '"']);
    let (clause, rest) = if is_bare { ("", rest) } else { rest.split_once("from")? };
    let rest = rest.trim_start();
    let quote = rest.chars().next().filter(|quote| matches!(quote, '\'' | '"'))?;
    let (written, _) = rest.get(1..)?.split_once(quote)?;
    let is_raw = written.contains("raw-loader!") || written.ends_with("?raw");
    let path = written.rsplit('!').next().unwrap_or(written);
    let path = path.split('?').next().unwrap_or(path);
    let is_code = paths::is_code(path)
        || crate::js::style::is_style(path)
        || !paths::name(path).trim_start_matches('.').contains('.');
    let exports = (!is_bare && !clause.contains('*')).then(|| exports(clause));
    Some(Named { written: path.to_owned(), is_text: is_raw || !is_code, exports })
}

/// The names of the exports in an import, with those that they get: `a, { b as c }`.
fn exports(clause: &str) -> Vec<(String, String)> {
    let (own, listed) = clause.split_once('{').unwrap_or((clause, ""));
    let listed = listed.split('}').next().unwrap_or_default().split(',');
    let listed = listed.filter_map(|one| {
        let mut words = one.split_whitespace();
        let export = words.next()?;
        Some((export.to_owned(), words.last().unwrap_or(export).to_owned()))
    });
    let default = own.trim().trim_end_matches(',').trim();
    let default = (!default.is_empty()).then(|| ("default".to_owned(), default.to_owned()));
    default.into_iter().chain(listed).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_make_islands() {
        let text = "<A client:load />\n<B\n  on={() => 1}\n  client:only=\"react\"/>\n<C k='client' />\n<AB/>";
        let found = ["A", "B", "C", "AB"].map(|component| directive(text, component));
        assert_eq!(found, [Some("client:load"), Some("client:only"), None, None]);
        let named = |(export, local): (&str, &str)| (export.to_owned(), local.to_owned());
        let expected = [("default", "A"), ("b", "c"), ("d", "d")].map(named);
        assert_eq!(exports(" A, { b as c, d }"), expected);
    }

    #[test]
    fn documents_name_files() {
        let text = "---\n---\nimport { a,\n b } from './a'\n```js\nimport x from './no'\n```\n\
            <script setup>\n  import './c.js'\n</script>\n<!--@include: ./part.md{1,2}-->\n\
            <<< @/snippets/s.js#part {2}\nimport T from '!!raw-loader!./t.js'\nimportant: from 'x'\n";
        let names: Vec<_> =
            named(text).into_iter().map(|named| (named.written, named.is_text)).collect();
        let expected = [
            ("./a", false),
            ("./c.js", false),
            ("./part.md", true),
            ("@/snippets/s.js", true),
            ("./t.js", true),
        ];
        assert_eq!(names, expected.map(|(name, is_text)| (name.to_owned(), is_text)));
    }
}
