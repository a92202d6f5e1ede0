//! Server code that hands a secret to the client: responses, results of loaders and actions, and
//! what components render.

use std::sync::Arc;

use crate::checks::checker::Checker;
use crate::eval::Evaluator;
use crate::eval::value::{Taint, TaintOrigin, Value, leaked_taints, whole_environment};
use crate::framework_id::FrameworkId;
use crate::graph::modules::{BindingId, Definition, ModuleId};
use crate::js::ir::{
    Body, Element, Expr, ExprId, ModulePart, Property, PropertyKey, ServerGuard, Span,
};
use crate::leak::{Leak, LeakKind, LeakSubject, StepKind, TraceStep};

/// Properties are followed from component to component so far.
const MAX_PASSED: usize = 4;

/// The properties that a component is given.
#[derive(Clone, Copy)]
struct Given<'g> {
    /// The component, a function of its module.
    function: u32,
    /// Its only argument.
    properties: &'g [Value],
    /// How many components have handed them on.
    depth: usize,
}

impl<'a> Checker<'a> {
    /// What a module hands to the client though it is secret.
    pub(crate) fn handed_over(
        &self,
        module: ModuleId,
        body: &Body,
        evaluator: &Evaluator<'a>,
    ) -> Vec<Leak> {
        let mut leaks = Vec::new();
        for node in &body.nodes {
            if !matches!(node.expr, Expr::Call { .. } | Expr::Element(_)) {
                continue;
            }
            let context = self.context(body, node.context);
            let place = BindingId { module, binding: context.binding };
            if self.is_client_only(place) && context.guard == ServerGuard::None {
                continue;
            }
            match &node.expr {
                Expr::Call { callee, arguments, is_new } => {
                    if let Some((note, sent)) =
                        self.sent(module, body, *callee, arguments, *is_new, evaluator)
                    {
                        for value in &sent {
                            self.hand(module, node.span, value, note, place, &mut leaks, evaluator);
                        }
                    }
                }
                Expr::Element(element) => {
                    self.rendered(module, body, (element, place), None, &mut leaks, evaluator);
                }
                _ => {}
            }
        }
        for &(target, value) in &body.assignments {
            let name = evaluator.name_of(body, target);
            if matches!(&*name, "ctx.body" | "ctx.response.body" | "context.body") {
                let node = &body.nodes[value as usize];
                let place = BindingId { module, binding: self.context(body, node.context).binding };
                let value = evaluator.value(module, value);
                self.hand(module, node.span, &value, "the response", place, &mut leaks, evaluator);
            }
        }
        self.results(module, body, &mut leaks, evaluator);
        self.template(module, body, &mut leaks, evaluator);
        leaks
    }

    /// What a call sends to the client, if it is one that does.
    fn sent(
        &self,
        module: ModuleId,
        body: &Body,
        callee: ExprId,
        arguments: &[ExprId],
        is_new: bool,
        evaluator: &Evaluator<'a>,
    ) -> Option<(&'static str, Vec<Value>)> {
        let names = evaluator.names_of(body, callee);
        let (first, last) = (names.first(), names.last());
        let values = || arguments.iter().map(|&id| evaluator.value_sent(module, id)).collect();
        let function_results = |index: usize| match arguments
            .get(index)
            .map(|&id| evaluator.value(module, id))
        {
            Some(Value::Function(module, function)) => {
                evaluator.returns(module, function).into_iter().map(|(_, value)| value).collect()
            }
            _ => Vec::new(),
        };
        let is_response = matches!(first, "Response" | "NextResponse" | "HttpResponse");
        if is_response && (is_new || matches!(last, "json")) {
            return Some(("the response is sent to whoever asks", values()));
        }
        if matches!(first, "json" | "data" | "defer" | "typedjson" | "typeddefer") && first == last
        {
            let (package, _) = evaluator.external(module, callee)?;
            let is_server = ["@remix-run/", "react-router", "@sveltejs/kit", "remix-typedjson"]
                .iter()
                .any(|known| package.starts_with(known));
            return is_server.then(|| ("loader data is sent to the browser", values()));
        }
        let answers = ["res", "response", "reply", "rep", "resp", "ctx", "c", "context", "h"];
        let name = || evaluator.name_of(body, callee);
        let is_answer = || answers.contains(&first) || name().contains(".res.");
        let is_write = matches!(
            last,
            "json"
                | "jsonp"
                | "send"
                | "end"
                | "write"
                | "text"
                | "html"
                | "body"
                | "setHeader"
                | "cookie"
                | "header"
        );
        if is_write && first != last && is_answer() {
            return Some(("the response is sent to whoever asks", values()));
        }
        match (first, last) {
            (_, "exposeInMainWorld") => Some(("exposed to the pages of the app", values())),
            ("ipcMain", "handle") => {
                Some(("the answer goes to the pages of the app", function_results(1)))
            }
            (_, "send") if name().contains("webContents") || name().contains("sender") => {
                Some(("sent to a page of the app", values()))
            }
            ("useState", "useState") if self.is_used(FrameworkId::Nuxt) => {
                Some(("state goes into the payload of the page", function_results(1)))
            }
            _ => None,
        }
    }

    fn is_used(&self, framework: FrameworkId) -> bool {
        self.frameworks.iter().any(|used| used.id() == framework)
    }

    /// What server components put into the page, and give to other components; maybe within a
    /// component that is given these properties.
    fn rendered(
        &self,
        module: ModuleId,
        body: &Body,
        (element, place): (&Element, BindingId),
        given: Option<Given<'_>>,
        leaks: &mut Vec<Leak>,
        evaluator: &Evaluator<'a>,
    ) {
        let Element { name, tag, attributes, children } = element;
        let tag = *tag;
        // Elsewhere a template is rendered by whoever runs it, and the result is not known to be
        // sent.
        if !self.is_used(FrameworkId::Next) || self.client.has(place) {
            return;
        }
        let is_markup = name.chars().next().is_none_or(char::is_lowercase);
        let component = tag.and_then(|tag| self.component(module, body, tag));
        let is_client = component.is_some_and(|found| self.client.has(found))
            || tag.is_some_and(|tag| {
                evaluator
                    .external(module, tag)
                    .is_some_and(|(package, _)| self.client_package(package).is_some())
            });
        if !is_markup && !is_client {
            if let Some(component) = component {
                let is_given = |own: &Property| {
                    let value = body.node(own.value).map(|node| &node.expr);
                    !matches!(value, Some(Expr::Function(_) | Expr::Text(_) | Expr::Literal(_)))
                };
                let own = given.map(|given| (given.function, given.properties));
                if attributes.iter().any(is_given) {
                    let properties = evaluator.attributes(module, attributes, own);
                    let depth = given.map_or(0, |given| given.depth);
                    self.passed_down(component, properties, depth, leaks, evaluator);
                }
            }
            return;
        }
        let value_of = |expr: ExprId| match given {
            Some(given) => evaluator.value_given(module, expr, (given.function, given.properties)),
            None => evaluator.value(module, expr),
        };
        for attribute in attributes {
            // `key` and `ref` stay with React.
            if matches!(&attribute.key, PropertyKey::Name(name) if matches!(&**name, "key" | "ref"))
            {
                continue;
            }
            let value = value_of(attribute.value);
            let note = if is_markup {
                "rendered into the page"
            } else {
                "a property of a client component, sent with the page"
            };
            self.hand(module, attribute.span, &value, note, place, leaks, evaluator);
        }
        for &child in children {
            let value = value_of(child);
            let span = body.nodes[child as usize].span;
            self.hand(module, span, &value, "rendered into the page", place, leaks, evaluator);
        }
    }

    /// What a server component does with properties that hold a secret.
    fn passed_down(
        &self,
        component: BindingId,
        properties: Value,
        depth: usize,
        leaks: &mut Vec<Leak>,
        evaluator: &Evaluator<'a>,
    ) {
        if !properties.has_secret() || depth >= MAX_PASSED {
            return;
        }
        let Value::Function(home, function) = evaluator.binding(component) else { return };
        let Some(body) = evaluator.body(home) else { return };
        let Some(whole) = body.functions.get(function as usize).map(|it| it.span) else { return };
        // Components may hand on to each other again and again.
        evaluator.charge(body.nodes.len());
        let given = Given { function, properties: &[properties], depth: depth + 1 };
        for node in body.nodes.iter().filter(|node| whole.contains(node.span)) {
            let Expr::Element(element) = &node.expr else { continue };
            let context = self.context(body, node.context);
            if context.guard == ServerGuard::None {
                let place = BindingId { module: home, binding: context.binding };
                self.rendered(home, body, (element, place), Some(given), leaks, evaluator);
            }
        }
    }

    /// Results of functions whose results are sent to the client.
    fn results(
        &self,
        module: ModuleId,
        body: &Body,
        leaks: &mut Vec<Leak>,
        evaluator: &Evaluator<'a>,
    ) {
        let node = &self.graph.modules[module];
        if node.part != ModulePart::Whole {
            return;
        }
        for framework in self.frameworks {
            for handover in framework.handed_over(self.app, &node.path, &node.module) {
                for export in &node.module.exports {
                    if export.name != handover.export && handover.export != "*" {
                        continue;
                    }
                    let Definition::Binding(place) = self.graph.exported(module, &export.name)
                    else {
                        continue;
                    };
                    let value = evaluator.binding(place);
                    let mut functions = Vec::new();
                    functions_in(&value, &mut functions, 0);
                    for (home, function) in functions {
                        for (expr, _) in evaluator.returns(home, function) {
                            let Some(home_body) = evaluator.body(home) else { continue };
                            let value = evaluator.value_sent(home, expr);
                            let sent = if handover.field.is_empty() {
                                value
                            } else {
                                value.get(handover.field).clone()
                            };
                            let span = home_body.nodes[expr as usize].span;
                            self.hand(home, span, &sent, handover.note, place, leaks, evaluator);
                        }
                    }
                }
            }
        }
        // Functions with the directive `use server` inside of other modules.
        for (index, function) in body.functions.iter().enumerate() {
            if !function.is_server {
                continue;
            }
            let binding = self.graph.binding_at(module, function.span);
            for (expr, _) in evaluator.returns(module, index as u32) {
                let value = evaluator.value_sent(module, expr);
                let span = body.nodes[expr as usize].span;
                let note = "the result of a server action is sent to the client";
                self.hand(
                    module,
                    span,
                    &value,
                    note,
                    BindingId { module, binding },
                    leaks,
                    evaluator,
                );
            }
        }
    }

    /// What the template of a component puts into the page.
    fn template(
        &self,
        module: ModuleId,
        body: &Body,
        leaks: &mut Vec<Leak>,
        evaluator: &Evaluator<'a>,
    ) {
        let node = &self.graph.modules[module];
        let is_astro = node.path.ends_with(".astro");
        for hole in &body.holes {
            let value = evaluator.value(module, hole.value);
            let place = BindingId { module, binding: crate::js::ir::MODULE_INIT };
            if is_astro {
                let is_component = hole.tag.chars().next().is_some_and(char::is_uppercase);
                let note = match (&hole.attribute, &hole.client) {
                    (Some(_), Some(_)) => "a property of an island, written into the page",
                    // The component is rendered on the server; what it renders is its own matter.
                    (Some(_), None) if is_component => continue,
                    (Some(_) | None, _) => "written into the page",
                };
                self.hand(module, hole.span, &value, note, place, leaks, evaluator);
            } else if self.is_used(FrameworkId::Nuxt) {
                // The server renders the template, with the private configuration at hand.
                let private: Vec<Arc<Taint>> = leaked_taints(&value)
                    .into_iter()
                    .filter(|taint| {
                        matches!(
                            taint.origin,
                            TaintOrigin::Variable {
                                root: crate::variables::read::EnvRoot::RuntimeConfig(_),
                                ..
                            }
                        )
                    })
                    .collect();
                for taint in private {
                    let note = "rendered into the page";
                    let value = Value::Secret(taint);
                    self.hand(module, hole.span, &value, note, place, leaks, evaluator);
                }
            }
        }
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "a sink is a module, a span, a value and its way"
    )]
    fn hand(
        &self,
        module: ModuleId,
        span: Span,
        value: &Value,
        note: &str,
        place: BindingId,
        leaks: &mut Vec<Leak>,
        evaluator: &Evaluator<'a>,
    ) {
        let at = evaluator.at(module, span);
        let value = &evaluator.opened(value.clone(), 0);
        let sink = TraceStep { at: at.clone(), kind: StepKind::Sink, note: note.to_owned() };
        for taint in leaked_taints(value) {
            let mut leak =
                self.leak(LeakKind::ServerToClientSecret, taint.key_kind, at.clone(), place);
            (leak.subject, leak.written_at) = self.subject(&taint);
            leak.trace = self.flow(&taint);
            leak.trace.push(sink.clone());
            if let TaintOrigin::Variable { name, .. } = &taint.origin {
                leak.related.extend(self.declared(name));
            }
            leaks.push(leak);
        }
        if let Some(environment) = whole_environment(value)
            && let Some(key_kind) = self.catalog.first_secret(|_| true)
        {
            let mut leak = self.leak(LeakKind::ServerToClientSecret, key_kind, at, place);
            leak.subject = LeakSubject::Name("all variables".to_owned());
            leak.trace = vec![
                TraceStep {
                    at: environment,
                    kind: StepKind::Source,
                    note: "all variables of the server".to_owned(),
                },
                sink,
            ];
            leaks.push(leak);
        }
    }
}

/// The functions in a value: itself, or those of an object of actions.
fn functions_in(value: &Value, found: &mut Vec<(ModuleId, u32)>, depth: u32) {
    if depth > 3 {
        return;
    }
    match value {
        Value::Function(module, function) => found.push((*module, *function)),
        Value::Object(fields) => {
            fields.iter().for_each(|field| functions_in(&field.value, found, depth + 1));
        }
        Value::List(values) | Value::CallResult(_, values) | Value::Any(values) => {
            values.iter().for_each(|value| functions_in(value, found, depth + 1));
        }
        Value::Unknown
        | Value::Text(_)
        | Value::Literal(_)
        | Value::Secret(_)
        | Value::Variable
        | Value::Environment(..)
        | Value::Module(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{analysed, leak_lines};

    /// An app with a file: the framework's package, the path and the text.
    fn said(package: &str, path: &str, text: &str) -> Vec<String> {
        let package = format!(
            "{{\"name\": \"app\", \"dependencies\": {{\"{package}\": \"5.0.0\", \"vite\": \"6\"}}}}"
        );
        let client = "'use client'\nexport default function Client(props) { return null }";
        let files = [("package.json", &*package), ("app/client.tsx", client), (path, text)];
        let leaks = leak_lines(&analysed(&files));
        leaks.iter().map(|leak| leak.replace(&format!(" {path} error"), "")).collect()
    }

    const SENT: &str = "server-to-client-secret";

    #[test]
    fn answers_hold_no_secret() {
        let path = "app/api/a/route.ts";
        for (text, is_told) in [
            ("return Response.json({ key })", true),
            ("return NextResponse.json({ a: { b: [key] } })", true),
            ("return new Response(key)", true),
            ("return new Response(JSON.stringify({ key }))", true),
            ("res.json({ key })", true),
            ("res.status(200).json({ key })", true),
            ("res.send(key)", true),
            ("res.end(`key: ${key}`)", true),
            ("reply.send({ ...{ key } })", true),
            ("res.cookie('key', key)", true),
            ("ctx.body = { key }", true),
            ("return c.json({ key })", true),
            ("return Response.json(process.env)", true),
            ("return Response.json({ ok: Boolean(key) })", false),
            ("return Response.json({ length: key.length })", false),
            ("return Response.json({ hint: key.slice(0, 8) })", false),
            ("return Response.json(await mint(key))", false),
            (
                "const r = await fetch('x', { headers: { Authorization: key } }); return Response.json(await r.json())",
                false,
            ),
            (
                "const r = await fetch('x', { headers: { Authorization: key } }); return new Response(r.body)",
                false,
            ),
            ("console.log(key); return Response.json({})", false),
            ("other.json({ key })", false),
        ] {
            for key in ["process.env.MAGICX_SECRET_KEY", "'{key:sk_v1_:1}'"] {
                let text =
                    format!("export async function GET(req, res) {{ const key = {key}; {text} }}");
                let said = said("next", path, &text);
                assert_eq!(said.contains(&SENT.to_owned()), is_told, "{text}: {said:?}");
            }
        }
    }

    #[test]
    fn results_that_a_framework_sends_hold_no_secret() {
        let key = "process.env.MAGICX_SECRET_KEY";
        for (package, path, text, is_told) in [
            (
                "next",
                "pages/a.tsx",
                "export const getServerSideProps = () => ({ props: { key: KEY } }); export default () => null",
                true,
            ),
            (
                "next",
                "pages/a.tsx",
                "export async function getStaticProps() { return { props: { key: KEY } } } export default () => null",
                true,
            ),
            (
                "next",
                "pages/a.tsx",
                "export const getServerSideProps = () => ({ props: { ok: !!KEY }, key: KEY }); export default () => null",
                false,
            ),
            (
                "next",
                "app/act.ts",
                "'use server'\nexport async function act() { return KEY }",
                true,
            ),
            (
                "next",
                "app/act.ts",
                "'use server'\nexport async function act() { return await mint(KEY) }",
                false,
            ),
            (
                "next",
                "app/page.tsx",
                "import Client from './client'; export default () => <Client k={KEY} />",
                true,
            ),
            (
                "next",
                "app/page.tsx",
                "import Client from './client'; export default () => <Client {...{ k: KEY }} />",
                true,
            ),
            (
                "next",
                "app/page.tsx",
                "import Client from './client'; export default () => <Client key={KEY} />",
                false,
            ),
            (
                "next",
                "app/page.tsx",
                "import Client from './client'; export default () => <Client k={!!KEY} />",
                false,
            ),
            ("next", "app/page.tsx", "export default () => <p>{KEY}</p>", true),
            ("next", "app/page.tsx", "export default () => <p title={KEY} />", true),
            (
                "next",
                "app/page.tsx",
                "const Own = ({ k }) => <p>{k.length}</p>; export default () => <Own k={KEY} />",
                false,
            ),
            (
                "next",
                "app/page.tsx",
                "export default () => { async function act() { 'use server'; return KEY } return <p /> }",
                true,
            ),
            (
                "@sveltejs/kit",
                "src/routes/+page.server.ts",
                "export const load = () => ({ key: KEY })",
                true,
            ),
            (
                "@sveltejs/kit",
                "src/routes/+page.server.ts",
                "export const load = async () => ({ a: await ask(KEY) })",
                false,
            ),
            (
                "@sveltejs/kit",
                "src/routes/+page.server.ts",
                "export const actions = { default: () => ({ key: KEY }) }",
                true,
            ),
            (
                "@sveltejs/kit",
                "src/routes/a/+server.ts",
                "import { json } from '@sveltejs/kit'; export const GET = () => json({ key: KEY })",
                true,
            ),
            (
                "@remix-run/react",
                "app/root.tsx",
                "export const loader = () => ({ key: KEY }); export default () => null",
                true,
            ),
            (
                "@remix-run/react",
                "app/root.tsx",
                "import { json } from '@remix-run/node'; export const action = () => json({ key: KEY }); export default () => null",
                true,
            ),
            (
                "@remix-run/react",
                "app/root.tsx",
                "export const loader = () => ask(KEY); export default () => null",
                false,
            ),
            (
                "nuxt",
                "server/api/a.ts",
                "export default defineEventHandler(() => ({ key: KEY }))",
                true,
            ),
            ("nuxt", "server/api/a.ts", "export default defineEventHandler(() => ask(KEY))", false),
            (
                "gatsby",
                "src/pages/a.js",
                "export const getServerData = () => ({ props: { key: KEY } }); export default () => null",
                true,
            ),
            (
                "electron",
                "main.js",
                "const { ipcMain } = require('electron'); ipcMain.handle('k', () => KEY)",
                true,
            ),
            ("electron", "main.js", "win.webContents.send('k', KEY)", true),
            (
                "electron",
                "main.js",
                "const { ipcMain } = require('electron'); ipcMain.handle('k', () => ask(KEY))",
                false,
            ),
            ("astro", "src/pages/a.astro", "---\nconst key = KEY\n---\n<p>{key}</p>", true),
            (
                "astro",
                "src/pages/a.astro",
                "---\nconst key = KEY\n---\n<script define:vars={{ key }}></script>",
                true,
            ),
            (
                "astro",
                "src/pages/a.astro",
                "---\nconst key = KEY\nconst a = await ask(key)\n---\n<p>{a}{key ? 'on' : 'off'}</p>",
                false,
            ),
        ] {
            let text = text.replace("KEY", key);
            let said = said(package, path, &text);
            assert_eq!(said.contains(&SENT.to_owned()), is_told, "{package} {text}: {said:?}");
        }
    }
}
