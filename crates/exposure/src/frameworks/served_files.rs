//! Files that servers send as they are: `express.static('web')`, `res.sendFile('./page.html')` and the
//! like. Only paths count that are written, alone or joined, or given a name in the same module.

use std::collections::BTreeSet;

use crate::app::App;
use crate::artifacts::shipped_path::ShippedPath;
use crate::frameworks::{paths, view_templates};
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

/// Packages of servers that only render templates.
const VIEWERS: [&str; 5] = ["@fastify/view", "@hapi/hapi", "@nestjs/common", "fastify", "koa"];

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

/// The reason of a template, for people.
const RENDERED: &str = "a server renders it into a page";

/// Calls that render the template of a name.
const RENDERERS: [&str; 8] = [
    "c.render(",
    "ctx.render(",
    "h.view(",
    "reply.view(",
    "reply.viewAsync(",
    "res.render(",
    "response.render(",
    "@Render(",
];

/// Longer names are none.
const MAX_NAME: usize = 200;

/// Calls that open a file, which count if what they open is sent.
const OPENERS: [&str; 2] = ["createReadStream(", "Bun.file("];

/// The code before such a call if the file is sent.
const TAKERS: [&str; 7] =
    ["Response(", "StreamableFile(", "body = ", "body=", "pipeline(", "send(", "toWeb("];

/// The code after such a call if the file is sent.
const PIPES: [&str; 5] =
    [".pipe(ctx.res", ".pipe(rep", ".pipe(res)", ".pipe(response)", ".pipe(reply.raw"];

/// Scripts of package.json that start a server.
const STARTS: [&str; 3] = ["dev", "serve", "start"];

/// True if an app may send files by its code.
pub(crate) fn may_serve(app: &App<'_>) -> bool {
    let has_server = || {
        let scripts = app.package.iter().flat_map(|package| &package.scripts);
        let mut starts = scripts.filter(|(name, _)| STARTS.contains(&name.as_str()));
        starts.any(|(_, script)| {
            script.split_whitespace().any(|word| matches!(word, "node" | "bun" | "tsx" | "nodemon"))
        })
    };
    PACKAGES.iter().chain(&VIEWERS).any(|package| app.depends_on(package)) || has_server()
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
        PACKAGES.iter().chain(&VIEWERS).any(is_of) || HELPERS.contains(&specifier)
    }) || module.free.iter().any(|free| &*free.name == "Bun")
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
            found.extend(sent.map(|sent| shipped(sent, path)));
        }
    }
    let opened = OPENERS.iter().flat_map(|opener| opened(text, opener));
    let opened = opened.filter_map(|expression| place(app, path, text, expression));
    found.extend(opened.map(|sent| shipped(sent, path)));
    let views = RENDERERS.iter().flat_map(|renderer| named_by(text, renderer));
    let views: BTreeSet<&str> =
        views.flat_map(|name| view_templates::taken_in(app, name)).collect();
    found.extend(
        views
            .into_iter()
            .map(|view| ShippedPath { why: RENDERED, ..shipped(view.to_owned(), path) }),
    );
    found
}

/// The texts that calls in a module are given first.
fn named_by<'t>(text: &'t str, call: &'t str) -> impl Iterator<Item = &'t str> {
    text.match_indices(call).filter_map(move |(at, _)| {
        let rest = text[at + call.len()..].trim_start();
        let quote = rest.chars().next().filter(|quote| matches!(quote, '\'' | '"' | '`'))?;
        let name = rest[1..].split(quote).next()?;
        (!name.is_empty() && name.len() < MAX_NAME && !name.contains("${")).then_some(name)
    })
}

fn shipped(path: String, by: &str) -> ShippedPath {
    // Servers keep these to themselves.
    let except = vec!["**/.*".to_owned(), "**/.*/**".to_owned()];
    ShippedPath { path, except, by: by.to_owned(), why: SENT }
}

/// The paths of files that a module opens to send them: `createReadStream(path).pipe(res)`.
fn opened<'t>(text: &'t str, opener: &'t str) -> impl Iterator<Item = &'t str> {
    text.match_indices(opener).filter_map(move |(at, _)| {
        let before = text[..at].trim_end_matches("fs.").trim_end_matches(char::is_whitespace);
        let is_taken = TAKERS.iter().any(|taker| before.ends_with(taker.trim_end()));
        let rest = &text[at + opener.len()..];
        let all = arguments(rest);
        let end =
            all.last().map(|last| last.as_ptr() as usize - rest.as_ptr() as usize + last.len());
        let after = rest.get(end? + 1..)?.trim_start();
        let is_sent = is_taken || PIPES.iter().any(|pipe| after.starts_with(pipe));
        all.first().filter(|_| is_sent).map(|path| path.trim())
    })
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
    let names = outside.split(|c: char| !(c.is_alphanumeric() || c == '_'));
    // A function of the module for paths: `const here = (path) => join(__dirname, path)`.
    let others = names.filter(|name| !name.is_empty() && !WORDS.contains(name));
    let helpers: Vec<&str> =
        others.map(|name| declared_function(text, name)).collect::<Option<_>>()?;
    let has = |word: &str| outside.contains(word) || helpers.iter().any(|it| it.contains(word));
    let is_beside = has("dirname") || has("import.meta");
    let is_beside = is_beside || written.iter().any(|it| it.contains("${__dirname}"));
    let is_at_top = has("cwd");
    let joined = written.join("/").replace("${__dirname}", "");
    let is_absolute = joined.starts_with('/') && !is_beside && !is_at_top;
    if is_absolute || joined.contains("${") || (written.is_empty() && !is_beside) {
        return None;
    }
    let folder = if is_beside { project_paths::folder(path) } else { &app.root };
    paths::clean(&format!("{folder}/{joined}"))
}

/// The line that declares a function for paths, without quotes in it.
fn declared_function<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    let declared = text.split(&format!("const {name} = (")).nth(1)?;
    let line = declared.lines().next()?;
    let is_for_paths =
        line.contains("=>") && ["import.meta", "dirname", "cwd"].iter().any(|it| line.contains(it));
    (is_for_paths && !line.contains(['\'', '"', '`'])).then_some(line)
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
            (
                "import s from '@fastify/static'; const here = (p) => fileURLToPath(new URL(p, import.meta.url))\napp.register(s, { root: here('./a') })",
                "a",
            ),
            ("import fs from 'fs'; fs.createReadStream('a.txt').pipe(res)", "a.txt"),
            (
                "import fs from 'fs'; reply.send(fs.createReadStream(join(__dirname, 'a.txt')))",
                "a.txt",
            ),
            (
                "import fs from 'fs'; await pipeline(createReadStream('a.txt', 'utf8'), res)",
                "a.txt",
            ),
            ("import fs from 'fs'; return new StreamableFile(createReadStream('a.txt'))", "a.txt"),
            ("import fs from 'fs'; ctx.body = fs.createReadStream('a.txt')", "a.txt"),
            ("Bun.serve({ fetch: () => new Response(Bun.file('./a.txt')) })", "a.txt"),
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
            "import fs from 'fs'; fs.createReadStream('a.txt').pipe(createGunzip())",
            "import fs from 'fs'; for await (const line of createReadStream('a.txt')) use(line)",
            "import s from 'sirv'; const here = (p) => lookup(p)\napp.use(s(here('./a')))",
        ] {
            assert_eq!(sent(text), [""; 0], "{text}");
        }
    }
}
