//! Programs of Node.js, Deno and Bun, and functions of clouds. They ship nothing: the modules that
//! they import stay on a server, unless a client imports them as well.

use crate::app::App;
use crate::artifacts::shipped_path::ShippedPath;
use crate::framework_id::FrameworkId;
use crate::frameworks::facts::{AddressedFiles, FrameworkDocs, FrameworkFacts};
use crate::frameworks::framework::{EntryPoint, Framework, Modules, SentResult, imports};
use crate::frameworks::paths;
use crate::frameworks::sending_call::{
    ANSWER, CallObject, ERROR, HEADER, MESSAGE, REDIRECT, SendingCall, SentPart,
};
use crate::js::guard::Absence;
use crate::js::ir::Module;
use crate::project::conventions::PROGRAM_OUTPUT_FOLDERS;
use crate::project::package;

/// Programs and functions that are run, not shipped.
pub(crate) struct Node;

static FACTS: FrameworkFacts = FrameworkFacts {
    sending_calls: &[
        of_procedure("query"),
        of_procedure("mutation"),
        of_procedure("subscription"),
        SendingCall {
            object: CallObject::Mentions(&["initTRPC"]),
            sends: SentPart::ResultsOfProperties(&["errorFormatter"]),
            ..SendingCall::anywhere("create", ERROR)
        },
        of_adapter("createExpressMiddleware"),
        of_adapter("createHTTPHandler"),
        of_adapter("createHTTPServer"),
        of_adapter("createNextApiHandler"),
        of_adapter("fetchRequestHandler"),
        SendingCall::answering("Header", HEADER).with("@nestjs/common"),
        SendingCall::answering("Redirect", REDIRECT).with("@nestjs/common"),
        SendingCall::of_event("error", ERROR).with("elysia"),
        SendingCall::of_event("status", ERROR).with("elysia"),
        SendingCall::of_event("redirect", REDIRECT).with("elysia"),
        SendingCall {
            sends: SentPart::ResultsOfProperties(&["generator"]),
            ..SendingCall::answering("requestId", HEADER).with("hono")
        },
        SendingCall::answering("secureHeaders", HEADER).with("hono"),
        SendingCall::answering("helmet", HEADER).with("helmet"),
        exposing("cors", "exposeHeaders").with("hono"),
        exposing("cors", "exposedHeaders").with("cors"),
        of_stream("writeSSE"),
        of_stream("writeln"),
        over_socket("send", CallObject::Given(SOCKETS)),
        over_socket("publish", CallObject::Given(SOCKETS)),
        over_socket("send", CallObject::Event).with("ws"),
        over_socket("emit", CallObject::Named("io")).with("socket.io"),
        over_socket("emit", CallObject::Named("socket")).with("socket.io"),
        over_socket("emit", CallObject::Mentions(&["server", "client", "socket"]))
            .with("@nestjs/websockets"),
        prefetching("prefetchQuery"),
        prefetching("prefetchInfiniteQuery"),
        prefetching("ensureQueryData"),
        resolving("createSchema").with("graphql-yoga"),
        resolving("makeExecutableSchema").with("@graphql-tools/schema"),
        resolving("buildSubgraphSchema").with("@apollo/subgraph"),
        resolving("ApolloServer").with("@apollo/server"),
        resolving("ApolloServer").with("apollo-server"),
        SendingCall {
            object: CallObject::Named("ctx"),
            ..SendingCall::answering("throw", ERROR).with("koa")
        },
    ],
    addressed_files: AddressedFiles::Served,
    // Servers for production run with `NODE_ENV=production`.
    left_out: &[Absence::NodeEnv, Absence::Never, Absence::Unreachable],
    is_incidental: true,
    ..FrameworkFacts::new(
        FrameworkId::Node,
        "Node.js, clouds",
        FrameworkDocs { entries: "nothing", cut: "nothing", values: "nothing" },
    )
};

/// Middleware for requests of other sites, which names headers in a header.
const fn exposing(function: &'static str, option: &'static str) -> SendingCall {
    SendingCall { sends: SentPart::Property(option), ..SendingCall::answering(function, HEADER) }
}

/// A method of the stream that a handler of Hono answers with.
const fn of_stream(function: &'static str) -> SendingCall {
    SendingCall { object: CallObject::Any, ..SendingCall::answering(function, ANSWER).with("hono") }
}

/// Names of the connection that a handler of WebSockets is given.
const SOCKETS: &[&str] = &["peer", "socket", "webSocket", "websocket", "ws"];

/// A method of a connection that sends its arguments.
const fn over_socket(function: &'static str, object: CallObject) -> SendingCall {
    SendingCall { object, ..SendingCall::answering(function, MESSAGE) }
}

/// A method of a client of TanStack Query whose results are in the page, once it is dehydrated.
const fn prefetching(function: &'static str) -> SendingCall {
    let note = "what a query fetched before is in the page";
    let sends = SentPart::ResultsOfProperties(&["queryFn"]);
    let call = SendingCall { sends, ..SendingCall::answering(function, note) };
    SendingCall { object: CallObject::Any, ..call.with("@tanstack/react-query") }
}

/// A function that takes the resolvers of GraphQL, whose results are answers.
const fn resolving(function: &'static str) -> SendingCall {
    let note = "what a resolver of GraphQL returns is sent to whoever asks";
    let sends = SentPart::ResultsIn("resolvers");
    SendingCall { sends, ..SendingCall::answering(function, note) }
}

/// A method of a procedure of tRPC, whose function answers clients.
const fn of_procedure(function: &'static str) -> SendingCall {
    const PROCEDURES: &[&str] = &["procedure", "Procedure"];
    SendingCall {
        object: CallObject::Mentions(PROCEDURES),
        sends: SentPart::AnswersOf(0),
        ..SendingCall::anywhere(function, "what a procedure returns is sent to whoever asks")
    }
}

/// A function of an adapter of tRPC, which takes the headers of answers.
const fn of_adapter(function: &'static str) -> SendingCall {
    let sends = SentPart::ResultsOfProperties(&["responseMeta"]);
    SendingCall { sends, ..SendingCall::answering(function, HEADER).with("@trpc/server") }
}

/// Packages that only a server can use.
const SERVERS: [&str; 22] = [
    "@adonisjs/core",
    "@apollo/server",
    "@feathersjs/express",
    "@hapi/hapi",
    "@hono/node-server",
    "@nestjs/core",
    "apollo-server",
    "elysia",
    "express",
    "fastify",
    "h3",
    "hono",
    "http",
    "http2",
    "https",
    "koa",
    "node:http",
    "node:http2",
    "node:https",
    "polka",
    "restify",
    "sails",
];

/// Scripts of package.json that start a program, also with a suffix such as `:prod`.
const STARTS: [&str; 6] = ["dev", "develop", "prod", "serve", "server", "start"];

/// Programs that run a file.
const RUNNERS: [&str; 11] = [
    "babel-node",
    "bun",
    "deno",
    "node",
    "nodemon",
    "pm2",
    "pm2-runtime",
    "ts-node",
    "ts-node-dev",
    "tsx",
    "vite-node",
];

/// Packages by which `main` runs on devices.
const DEVICES: [&str; 3] = ["electron", "expo", "react-native"];

impl Framework for Node {
    fn facts(&self) -> &'static FrameworkFacts {
        &FACTS
    }

    fn is_used(&self, _app: &App<'_>) -> bool {
        true
    }

    fn entries(&self, app: &App<'_>, modules: &dyn Modules) -> Vec<EntryPoint> {
        let mut entries = Vec::new();
        for path in modules.paths() {
            let Some(module) = modules.module(path) else { continue };
            if let Some(span) = imports(module, &SERVERS) {
                entries.push(EntryPoint::server(path, "imports what only a server has").at(span));
            }
        }
        let found = started(app).into_iter().chain(workers(app)).chain(functions(app));
        entries.extend(found.map(|(path, why)| EntryPoint::server(&path, why)));
        entries
    }

    fn named_files(&self, app: &App<'_>) -> Vec<ShippedPath> {
        let assets = |name: &&str| {
            let folder = wrangler(app, name, "/assets/directory")?;
            let folder = paths::clean(&folder).filter(|folder| !folder.is_empty())?;
            Some(ShippedPath {
                path: app.path(&folder),
                except: Vec::new(),
                by: app.path(name),
                why: "the assets of a worker are sent as they are",
            })
        };
        WRANGLER.iter().filter_map(assets).collect()
    }

    fn sent_results(&self, app: &App<'_>, path: &str, module: &Module) -> Vec<SentResult> {
        let is_handler = |name: &str| matches!(name, "default" | "handler");
        let exported = module.exports.iter().filter(|export| is_handler(&export.name));
        let names: Vec<&str> = exported.map(|export| &*export.name).collect();
        if names.is_empty() || !functions(app).iter().any(|(own, _)| own == path) {
            return Vec::new();
        }
        let note = "what a function of a cloud returns is sent to whoever asks";
        names.into_iter().map(|name| SentResult::new(name, "", note)).collect()
    }
}

/// The files that package.json starts, with the reason.
fn started(app: &App<'_>) -> Vec<(String, String)> {
    let Some(package) = &app.package else { return Vec::new() };
    let mut found = Vec::new();
    for (name, script) in &package.scripts {
        let first = name.split(':').next().unwrap_or_default();
        if !STARTS.contains(&first) {
            continue;
        }
        for command in script.split(['&', ';', '|']) {
            let mut words = command.split_whitespace();
            if !words.any(|word| RUNNERS.contains(&paths::name(word))) {
                continue;
            }
            let file = words.find_map(|word| source(app, word.trim_matches(['\'', '"'])));
            found.extend(file.map(|file| (file, format!("script {name} of package.json"))));
        }
    }
    let bin = &package.value["bin"];
    let bins = bin.as_object().into_iter().flat_map(|all| all.values()).chain([bin]);
    let bins = bins.filter_map(|path| source(app, path.as_str()?));
    found.extend(bins.map(|file| (file, "bin of package.json".to_owned())));
    let is_server = SERVERS.iter().any(|server| app.depends_on(server))
        && !DEVICES.iter().any(|device| app.depends_on(device));
    let main = package.value["main"].as_str().filter(|_| is_server);
    let main = main.and_then(|path| source(app, path));
    found.extend(main.map(|file| (file, "main of package.json".to_owned())));
    found
}

/// The module at a path, or the source of build output at that path.
fn source(app: &App<'_>, written: &str) -> Option<String> {
    let path = paths::clean(written).filter(|path| !path.is_empty())?;
    let found = paths::find(app, &path).or_else(|| {
        let (folder, rest) = path.split_once('/')?;
        let is_output = PROGRAM_OUTPUT_FOLDERS.contains(&folder);
        is_output.then(|| paths::find(app, &format!("src/{rest}")))?
    });
    found.filter(|path| paths::is_module(path))
}

/// The files in which Cloudflare workers have their settings.
const WRANGLER: [&str; 3] = ["wrangler.toml", "wrangler.json", "wrangler.jsonc"];

/// The entry points in settings of Cloudflare workers, with the reason.
fn workers(app: &App<'_>) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for name in WRANGLER {
        let file = wrangler(app, name, "/main").and_then(|main| source(app, &main));
        found.extend(file.map(|file| (file, format!("main of {name}"))));
    }
    found
}

/// A text in settings of Cloudflare workers, by its path: `/assets/directory`.
fn wrangler(app: &App<'_>, name: &str, path: &str) -> Option<String> {
    let text = text(app, name)?;
    let value: serde_json::Value = if name.ends_with(".toml") {
        let table: toml::Table = text.parse().ok()?;
        serde_json::to_value(table).ok()?
    } else {
        package::json(&text).ok()?
    };
    Some(value.pointer(path)?.as_str()?.to_owned())
}

/// Functions of other clouds, with the reason.
fn functions(app: &App<'_>) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for name in ["serverless.yml", "serverless.yaml"] {
        let text = text(app, name).unwrap_or_default();
        let handlers = text.lines().filter_map(|line| line.trim_start().strip_prefix("handler:"));
        // `src/users.create` is `create` of `src/users.js`.
        let stems = handlers.filter_map(|it| it.trim().trim_matches(['\'', '"']).rsplit_once('.'));
        let files = stems.filter_map(|(stem, _)| source(app, stem));
        found.extend(files.map(|file| (file, format!("handler of {name}"))));
    }
    let is_vercel = app.has("vercel.json") || app.depends_on("@vercel/node");
    let folders = [("netlify/functions", true), ("supabase/functions", true), ("api", is_vercel)];
    for (folder, _) in folders.into_iter().filter(|(_, is_there)| *is_there) {
        let files = paths::below(app, folder).into_iter().map(|(path, _)| path);
        let files = files.filter(|path| paths::is_module(path));
        found.extend(files.map(|file| (file.to_owned(), format!("function in {folder}"))));
    }
    found
}

fn text(app: &App<'_>, name: &str) -> Option<String> {
    let bytes = app.state.read(&app.path(name)).ok()??;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frameworks::testing::{World, sides};

    fn servers(files: &[(&str, &str)], expected: &[&str]) {
        assert_eq!(World::new(files).entries(&Node), sides(&[], expected), "{files:?}");
    }

    #[test]
    fn modules_that_import_a_server_run_on_one() {
        servers(
            &[("a.js", "import 'express'"), ("b.js", "import 'node:http'"), ("c.js", "")],
            &["a.js", "b.js"],
        );
        servers(&[("a.js", "import 'hono/client'"), ("b.js", "import 'express-list'")], &[]);
    }

    #[test]
    fn commands_and_fields_of_a_package_name_programs() {
        let files = |package: &'static str| [("package.json", package), ("src/a.ts", "")];
        for package in [
            r#"{"scripts": {"start": "node src/a.ts"}}"#,
            r#"{"scripts": {"start:prod": "NODE_ENV=production node --enable-source-maps dist/a.js"}}"#,
            r#"{"scripts": {"dev": "tsc && tsx watch ./src/a.ts"}}"#,
            r#"{"scripts": {"serve": "bun run 'src/a.ts'"}}"#,
            r#"{"bin": "./dist/a.js"}"#,
            r#"{"bin": {"a": "dist/a.js"}}"#,
            r#"{"main": "dist/a.js", "dependencies": {"koa": "2"}}"#,
        ] {
            servers(&files(package), &["src/a.ts"]);
        }
        for package in [
            r#"{"scripts": {"build": "node src/a.ts"}}"#,
            r#"{"scripts": {"start": "parcel src/a.ts"}}"#,
            r#"{"main": "dist/a.js"}"#,
            r#"{"main": "src/a.ts", "dependencies": {"koa": "2", "electron": "33"}}"#,
            r#"{"scripts": {"start": "node ../../src/a.ts"}, "bin": [1], "main": 2}"#,
        ] {
            servers(&files(package), &[]);
        }
    }

    #[test]
    fn functions_of_clouds_are_run_there() {
        servers(&[("wrangler.toml", "main = \"src/w.ts\""), ("src/w.ts", "")], &["src/w.ts"]);
        servers(&[("wrangler.jsonc", "{ // x\n\"main\": \"w.js\" }"), ("w.js", "")], &["w.js"]);
        servers(&[("wrangler.toml", "main = "), ("w.js", "")], &[]);
        let serverless = "functions:\n  a:\n    handler: src/a.run\n  b:\n    handler: 'b.run'\n";
        servers(
            &[("serverless.yml", serverless), ("src/a.ts", ""), ("b.js", ""), ("c.js", "")],
            &["b.js", "src/a.ts"],
        );
        servers(&[("vercel.json", "{}"), ("api/x.ts", "")], &["api/x.ts"]);
        servers(&[("api/x.ts", ""), ("netlify/functions/y.js", "")], &["netlify/functions/y.js"]);
    }
}
