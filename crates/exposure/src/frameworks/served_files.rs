//! Files that servers send as they are: `express.static('web')`, `res.sendFile('./page.html')` and the
//! like. Only paths count that are written, alone or joined, or given a name in the same module.

use crate::app::App;
use crate::artifacts::shipped_path::ShippedPath;
use crate::frameworks::paths;
use crate::js::ir::{BindingTarget, Imported, Module};
use crate::paths as project_paths;

/// The reason, for people.
const SENT: &str = "a server sends it as it is";

/// Packages of servers that can send files.
const PACKAGES: [&str; 14] = [
    "@fastify/static",
    "@hono/node-server",
    "@nestjs/platform-express",
    "@nestjs/platform-fastify",
    "@nestjs/serve-static",
    "express",
    "fastify-static",
    "hono",
    "koa-send",
    "koa-static",
    "polka",
    "restify",
    "serve-static",
    "sirv",
];

/// Modules that code needs to join paths and to read files.
const HELPERS: [&str; 6] = ["fs", "node:fs", "node:path", "node:url", "path", "url"];

/// Packages whose default export sends a folder.
const FOLDER_SENDERS: [&str; 4] = ["koa-static", "serve-static", "sirv", "@nestjs/serve-static"];

/// Words that an expression of a path may have besides texts.
const WORDS: [&str; 14] = [
    "__dirname",
    "cwd",
    "dirname",
    "fileURLToPath",
    "import",
    "join",
    "meta",
    "new",
    "normalize",
    "path",
    "process",
    "resolve",
    "url",
    "URL",
];

/// Longer arguments are not read.
const MAX_ARGUMENTS: usize = 600;

/// A call that sends files.
struct Sender {
    /// The text before its arguments.
    call: String,
    /// The number of the argument with the path.
    argument: usize,
    /// The options of which one may be the path, or the folder that it is in.
    options: &'static [&'static str],
}

/// True if an app may send files by its code.
pub(crate) fn may_serve(app: &App<'_>) -> bool {
    PACKAGES.iter().any(|package| app.depends_on(package))
}

/// True if a module may send files, by what it imports.
pub(crate) fn may_send(module: &Module) -> bool {
    let mut specifiers = module.imports.iter().map(|import| &*import.specifier);
    specifiers.any(|specifier| {
        let is_of = |package: &&str| {
            specifier
                .strip_prefix(*package)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        PACKAGES.iter().any(is_of) || HELPERS.contains(&specifier)
    })
}

/// The files and folders that a module with this text sends.
pub(crate) fn sent_by(app: &App<'_>, path: &str, module: &Module, text: &str) -> Vec<ShippedPath> {
    let mut found = Vec::new();
    for sender in senders(module) {
        for (at, _) in text.match_indices(&sender.call) {
            let before = text[..at].chars().next_back();
            if before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '$') {
                continue;
            }
            let given = arguments(&text[at + sender.call.len()..]);
            let argument = given.get(sender.argument).copied().unwrap_or_default().trim();
            let options = given.iter().map(|it| it.trim()).filter(|it| it.starts_with('{'));
            let option = options.flat_map(|it| sender.options.iter().map(|name| option(it, name)));
            let option = option.flatten().next().and_then(|it| place(app, path, text, it));
            let own = (!argument.starts_with('{')).then(|| place(app, path, text, argument));
            let sent = match (option, own.flatten()) {
                (Some(folder), Some(own)) => {
                    let inside = own.strip_prefix(&format!("{}/", app.root)).unwrap_or(&own);
                    paths::join(&folder, inside)
                }
                (folder, own) => own.or(folder),
            };
            found.extend(sent.map(|sent| ShippedPath {
                path: sent,
                // Servers keep these to themselves.
                except: vec!["**/.*".to_owned(), "**/.*/**".to_owned()],
                by: path.to_owned(),
                why: SENT,
            }));
        }
    }
    found
}

/// The calls by which a module may send files.
fn senders(module: &Module) -> Vec<Sender> {
    let sender =
        |call: &str, argument, options| Sender { call: call.to_owned(), argument, options };
    let mut all = vec![
        sender("sendFile(", 0, &["root"]),
        sender("sendfile(", 0, &["root"]),
        sender("download(", 0, &["root"]),
        sender("useStaticAssets(", 0, &["root"]),
        sender("serveStatic(", 0, &["root", "path"]),
        sender("ServeStaticModule.forRoot(", 0, &["rootPath"]),
    ];
    for binding in &module.bindings {
        let BindingTarget::Imported { import, name } = &binding.target else { continue };
        let Some(import) = module.imports.get(*import) else { continue };
        let is_default = match name {
            Imported::All => true,
            Imported::Name(name) => name == "default",
        };
        let own = &binding.name;
        match &*import.specifier {
            "express" if is_default => all.push(sender(&format!("{own}.static("), 0, &[])),
            "koa-send" => all.push(sender(&format!("{own}("), 1, &["root"])),
            "@fastify/static" | "fastify-static" => {
                all.push(sender(&format!("register({own},"), 0, &["root"]));
            }
            specifier if FOLDER_SENDERS.contains(&specifier) && own != "serveStatic" => {
                all.push(sender(&format!("{own}("), 0, &[]));
            }
            _ => {}
        }
    }
    all.push(sender("register(require('@fastify/static'),", 0, &["root"]));
    all
}

/// The arguments of a call, of the text after its bracket.
fn arguments(text: &str) -> Vec<&str> {
    let (mut depth, mut start, mut quote) = (0_usize, 0, None);
    let mut all = Vec::new();
    for (at, c) in text.char_indices().take(MAX_ARGUMENTS) {
        match (quote, c) {
            (Some(open), _) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"' | '`') => quote = Some(c),
            (None, '(' | '[' | '{') => depth += 1,
            (None, ')' | ']' | '}') if depth > 0 => depth -= 1,
            (None, ')' | ']' | '}') => {
                all.push(&text[start..at]);
                break;
            }
            (None, ',') if depth == 0 => {
                all.push(&text[start..at]);
                start = at + 1;
            }
            (None, _) => {}
        }
    }
    all
}

/// The value of an option in the text of an object.
fn option<'t>(object: &'t str, name: &str) -> Option<&'t str> {
    let inside = arguments(object.strip_prefix('{')?);
    inside.into_iter().find_map(|property| {
        let property = property.trim();
        let value = property.strip_prefix(name)?.trim_start();
        if value.is_empty() { Some(property) } else { Some(value.strip_prefix(':')?.trim()) }
    })
}

/// The path that an expression stands for, relative to the top of the project.
fn place(app: &App<'_>, path: &str, text: &str, expression: &str) -> Option<String> {
    let is_name = |it: &str| it.chars().all(|c| c.is_alphanumeric() || c == '_');
    let own = if !expression.is_empty() && is_name(expression) && expression != "__dirname" {
        let declared = text.split(&format!("const {expression} = ")).nth(1)?;
        declared.lines().next()?.trim_end_matches(';')
    } else {
        expression
    };
    let mut written = Vec::new();
    let mut words = own;
    let mut outside = String::new();
    while let Some(at) = words.find(['\'', '"', '`']) {
        let quote = words[at..].chars().next()?;
        outside.push_str(&words[..at]);
        outside.push(' ');
        let (inside, rest) = words[at + 1..].split_once(quote)?;
        written.push(inside.to_owned());
        words = rest;
    }
    outside.push_str(words);
    let is_beside = outside.contains("dirname") || outside.contains("import.meta");
    let is_beside = is_beside || written.iter().any(|it| it.contains("${__dirname}"));
    let is_at_top = outside.contains("cwd");
    let mut names = outside.split(|c: char| !(c.is_alphanumeric() || c == '_'));
    if names.any(|name| !name.is_empty() && !WORDS.contains(&name)) {
        return None;
    }
    let joined = written.join("/").replace("${__dirname}", "");
    let is_absolute = joined.starts_with('/') && !is_beside && !is_at_top;
    if is_absolute || joined.contains("${") || (written.is_empty() && !is_beside) {
        return None;
    }
    let folder = if is_beside { project_paths::folder(path) } else { &app.root };
    paths::clean(&format!("{folder}/{joined}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frameworks::testing::World;
    use crate::testing::graph;

    /// The paths that a module with a text sends.
    fn sent(text: &str) -> Vec<String> {
        let world = World::new(&[("a.js", text)]);
        let graph = graph(&[("a.js", text)]);
        let found = sent_by(&world.app(), "a.js", &graph.modules[0].module, text);
        found.into_iter().map(|sent| sent.path).collect()
    }

    #[test]
    fn written_paths_of_files_and_folders_are_found() {
        for (text, path) in [
            ("import express from 'express'; app.use(express.static('web'))", "web"),
            (
                "const e = require('express'); app.use('/x', e.static(__dirname + '/web', { a: 1 }))",
                "web",
            ),
            (
                "import express from 'express'; app.use(express.static(path.join(__dirname, 'a', 'b')))",
                "a/b",
            ),
            ("import e from 'express'; const DIR = path.resolve('a')\napp.use(e.static(DIR))", "a"),
            ("import e from 'express'; app.use(e.static(`${__dirname}/a`))", "a"),
            (
                "import e from 'express'; app.use(e.static(fileURLToPath(new URL('./a', import.meta.url))))",
                "a",
            ),
            ("import serve from 'koa-static'; app.use(mount('/m', serve('./a')))", "a"),
            ("import send from 'koa-send'; await send(ctx, 'a.txt')", "a.txt"),
            ("import send from 'koa-send'; await send(ctx, 'a.txt', { root: './b' })", "b/a.txt"),
            (
                "import s from '@fastify/static'; app.register(s, { prefix: '/', root: join(import.meta.dirname, 'a') })",
                "a",
            ),
            ("app.use('/*', serveStatic({ root: './a' }))", "a"),
            ("app.get('/x', serveStatic({ path: './a.txt' }))", "a.txt"),
            ("res.sendFile(path.join(process.cwd(), 'a.html'))", "a.html"),
            ("res.sendFile('a.html', { root: 'b' })", "b/a.html"),
            ("res.sendFile('a.html', { root: __dirname })", "a.html"),
            ("res.download('./a.json', 'b.json')", "a.json"),
            ("app.useStaticAssets(join(__dirname, 'a'))", "a"),
            ("ServeStaticModule.forRoot({ rootPath: join(__dirname, 'a') })", "a"),
        ] {
            assert_eq!(sent(text), [path], "{text}");
        }
        for text in [
            "import express from 'express'; app.use(express.static(folder))",
            "import express from 'express'; app.use(express.static(config.folder))",
            "res.sendFile(`${folder}/a.html`)",
            "res.sendFile(path.join(__dirname, name))",
            "res.sendFile('/srv/a.html')",
            "mysendFile('a.html')",
        ] {
            assert_eq!(sent(text), [""; 0], "{text}");
        }
    }
}
