//! `server-to-client-secret`: server code sends a secret to the client, in a response, as the result
//! of a loader or action, or in what a component renders.

#![expect(clippy::wildcard_enum_match_arm, reason = "few of the kinds of expressions matter here")]

use std::sync::Arc;

use crate::checks::angular_templates;
use crate::checks::answering_helpers::sent_by_helper;
use crate::checks::check::Check;
use crate::checks::checker::leave_out;
use crate::checks::env_reads::inlining;
use crate::checks::kind_texts::KindTexts;
use crate::checks::module::CheckedModule;
use crate::checks::response_calls::{
    functions_in, is_answered_by_servers, sent_by_assignment, sent_by_call,
};
use crate::checks::route_handlers::{answering, by_schema, schema_of_answers};
use crate::checks::server_templates::rendered;
use crate::checks::template_properties::component_of_tag;
use crate::checks::uncalled::is_uncalled;
use crate::eval::names::name_of;
use crate::eval::value::{Field, Taint, TaintOrigin, Value, leaked_taints, whole_environment};
use crate::frameworks::Inlining;
use crate::frameworks::sending_call::{ANSWER, TEMPLATE};
use crate::graph::definitions::Definition;
use crate::graph::modules::{BindingId, ModuleId};
use crate::js::guard::{Absence, Guard};
use crate::js::ir::{
    Body, Element, Expr, ExprId, MODULE_INIT, ModulePart, Property, PropertyKey, Span,
};
use crate::leak::{FileSpan, Leak, LeakKind, LeakSubject, StepKind, TraceStep};

/// The texts and the fix of the kind.
pub(crate) const CHECK: Check = Check {
    kind: LeakKind::ServerToClientSecret,
    texts: KindTexts {
        title: "{} is sent to the client",
        message: "Server code sends {} to the client",
        meaning: "Server code sends a secret to the client: as a property, as page data, in a \
                  response.",
        why: "Everything that a server renders, serialises or answers can be read in the browser, \
              whether it is displayed or not.",
        fix: "Use the secret on the server, and send only the result.",
        cwe: 200,
        is_published: true,
        example: &[
            ("package.json", r#"{ "dependencies": { "next": "15.1.0" } }"#),
            (
                "app/api/config/route.ts",
                "export const GET = () => Response.json({ key: process.env.ACME_SECRET_KEY })",
            ),
        ],
    },
    fix: |context| {
        format!(
            "Keep {} on the server: use it there, and answer with what the client needs, never \
             with the secret.",
            context.server_read().unwrap_or_else(|| "the secret".to_owned())
        )
    },
};

/// How many components are followed that pass their properties on.
const MAX_PASSED: usize = 4;

/// Shorter texts are no keys.
const MIN_KEY: usize = 16;

/// How deep functions that return functions are followed.
const MAX_RETURNED: usize = 2;

/// The note on what a client component puts into the page that a server renders of it.
const RENDERED_BY_SERVERS: &str = "rendered on the server into the page";

/// The note on what a component of servers puts into the page.
const RENDERED: &str = "rendered into the page";

/// The note on a property of an Astro component that puts it into the page.
const RENDERED_PROPERTY: &str = "a property that the component writes into the page";

/// The properties of a component.
#[derive(Clone, Copy)]
struct Given<'g> {
    /// The component, a function of its module.
    function: u32,
    /// Its only argument.
    properties: &'g [Value],
    /// How many components have passed them on.
    depth: usize,
}

/// The secrets that the module sends to the client.
pub(crate) fn leaks(module: &CheckedModule<'_, '_>) -> Vec<Leak> {
    let mut sent = SentValues { module: *module, leaks: Vec::new() };
    sent.by_expressions();
    sent.by_assignments();
    sent.by_results();
    sent.by_server_actions();
    sent.by_template();
    for (span, place, value) in angular_templates::rendered(module) {
        sent.send(module.id, span, &value, RENDERED_BY_SERVERS, place);
    }
    sent.leaks
}

/// Collects the leaks of values that are sent.
struct SentValues<'c, 'a> {
    module: CheckedModule<'c, 'a>,
    leaks: Vec<Leak>,
}

impl SentValues<'_, '_> {
    /// Calls that answer, and elements that are rendered.
    fn by_expressions(&mut self) {
        let module = self.module;
        for node in &module.body.nodes {
            let may_send = matches!(node.expr, Expr::Call { .. } | Expr::Element(_));
            if !may_send || !module.is_suspect(node.context) {
                continue;
            }
            let context = module.context(node.context);
            let place = module.place(context.binding);
            // Without a server that renders, `import.meta.env.SSR` is false everywhere.
            let may_be_server = context.guard.is_for_servers() && module.checker.renders();
            if module.checker.is_client_only(place) && !may_be_server {
                continue;
            }
            match &node.expr {
                Expr::Call { callee, arguments, is_new } => {
                    self.bound_to_action(*callee, arguments, place);
                    let answers = answering(&module, *callee, arguments);
                    let schema = (!answers.is_empty())
                        .then(|| schema_of_answers(&module, arguments))
                        .flatten();
                    for value in answers {
                        match (value, &schema) {
                            (Value::Function(home, function), Some(schema)) => {
                                self.result_by_schema((home, function), schema, place);
                            }
                            (Value::Function(home, function), None) => {
                                self.result((home, function), "", ANSWER, place, 0);
                            }
                            (value, _) => self.send(module.id, node.span, &value, ANSWER, place),
                        }
                    }
                    let sent = sent_by_call(&module, *callee, arguments, *is_new)
                        .or_else(|| sent_by_helper(&module, *callee, arguments));
                    if let Some((note, sent)) = sent {
                        let is_shared =
                            module.checker.client.has(place) && !context.guard.is_for_servers();
                        let is_unreached = sent.iter().any(Value::has_secret)
                            && (module.evaluator.never_runs(module.id, node.span)
                                || is_shared && !is_answered_by_servers(&module, context, note));
                        for value in sent.iter().filter(|_| !is_unreached) {
                            self.send(module.id, node.span, value, note, place);
                        }
                    }
                }
                Expr::Element(_) if context.guard == Guard::Client => {}
                Expr::Element(element) => self.rendered(&module, element, place, None),
                _ => {}
            }
        }
    }

    /// `ctx.body = …`, and others by which servers hand values over.
    fn by_assignments(&mut self) {
        let module = self.module;
        for &(target, value) in &module.body.assignments {
            let Some((note, sends_results)) = sent_by_assignment(&module, target) else { continue };
            if !module.may_carry(value) {
                continue;
            }
            let span = module.body.nodes[value as usize].span;
            let place = module.place(module.context_of(value).binding);
            match module.value(value) {
                Value::Function(home, function) if sends_results => {
                    self.result((home, function), "", note, place, 0);
                }
                value => self.send(module.id, span, &value, note, place),
            }
        }
    }

    /// Arguments that are bound to a server action: they are in the page, unlike the values that an
    /// action takes from around it, which Next.js encrypts.
    fn bound_to_action(&mut self, callee: ExprId, arguments: &[ExprId], place: BindingId) {
        let module = self.module;
        let Some(Expr::Member(action, method)) = module.body.node(callee).map(|node| &node.expr)
        else {
            return;
        };
        if &**method != "bind" || module.checker.client.has(place) {
            return;
        }
        let Value::Function(home, function) = module.value(*action) else { return };
        let Some(body) = module.evaluator.body(home) else { return };
        let directives = &module.checker.graph.modules[home].module.directives;
        let is_action = body.functions.get(function as usize).is_some_and(|it| it.is_server)
            || directives.iter().any(|directive| directive.text == "use server");
        // The first argument is `this`.
        for &argument in arguments.iter().skip(1).filter(|_| is_action) {
            let span = module.body.nodes[argument as usize].span;
            let note = "bound to a server action, which puts it into the page";
            self.send(module.id, span, &module.value(argument), note, place);
        }
    }

    /// Values that components put into the page when servers render them, or that components of
    /// servers pass to others, possibly in a component whose properties are known.
    fn rendered(
        &mut self,
        module: &CheckedModule<'_, '_>,
        element: &Element,
        place: BindingId,
        given: Option<Given<'_>>,
    ) {
        let Element { name, tag, attributes, children } = element;
        let (checker, evaluator) = (module.checker, module.evaluator);
        let tag = *tag;
        let is_of_client = checker.client.has(place);
        let is_rendered = if is_of_client {
            checker.is_rendered_by_servers(place)
        } else {
            // Elsewhere whoever runs a template renders it, and the result is not known to be sent.
            checker.uses(|facts| facts.has_server_components)
                || checker.is_document(module.path())
                || checker.app.depends_on("hono")
        };
        if !is_rendered {
            return;
        }
        let external = tag.and_then(|tag| evaluator.external(module.id, tag));
        let is_of_markup_module = external.is_some_and(|(package, _)| {
            let all = checker.frameworks.iter().map(|framework| framework.facts().markup_modules);
            all.flatten().any(|known| *known == package)
        });
        let is_markup = name.chars().next().is_none_or(char::is_lowercase) || is_of_markup_module;
        let component = tag.and_then(|tag| checker.component(module.id, module.body, tag));
        let is_client = !is_of_client
            && (component.is_some_and(|found| checker.client.has(found))
                || external.is_some_and(|(package, _)| checker.client_package(package).is_some()));
        let rendered = if is_of_client { RENDERED_BY_SERVERS } else { RENDERED };
        let value_of = |expr: ExprId| match given {
            Some(given) => {
                evaluator.value_given(module.id, expr, (given.function, given.properties))
            }
            // Statements may have set it; most of what is rendered is written in place.
            None => match module.body.node(expr).map(|node| &node.expr) {
                Some(Expr::Member(..) | Expr::Symbol(_)) => module.value_sent(expr),
                _ => module.value(expr),
            },
        };
        // Nearly all components render their content.
        let may_carry = |expr: ExprId| given.is_some() || module.may_carry(expr);
        for &child in children.iter().filter(|&&child| may_carry(child)) {
            let span = module.body.nodes[child as usize].span;
            self.send(module.id, span, &value_of(child), rendered, place);
        }
        if !is_markup && !is_client {
            // `<ServerRouter nonce={…}>` gives it to the scripts of the page.
            let is_nonce =
                |own: &&Property| matches!(&own.key, PropertyKey::Name(name) if &**name == "nonce");
            let nonce = attributes.iter().filter(is_nonce);
            for own in
                nonce.filter(|own| checker.is_document(module.path()) && may_carry(own.value))
            {
                self.send(module.id, own.span, &value_of(own.value), rendered, place);
            }
            if let Some(component) = component {
                let is_given =
                    |own: &Property| match module.body.node(own.value).map(|node| &node.expr) {
                        Some(Expr::Text(text)) => text.len() >= MIN_KEY,
                        value => !matches!(value, Some(Expr::Function(_) | Expr::Literal(_))),
                    };
                let own = given.map(|given| (given.function, given.properties));
                let carries = |own: &Property| may_carry(own.value);
                if attributes.iter().any(is_given) && attributes.iter().any(carries) {
                    let properties = evaluator.attributes(module.id, attributes, own);
                    self.passed_on(component, properties, given.map_or(0, |given| given.depth));
                }
            }
            return;
        }
        for attribute in attributes {
            // `key` and `ref` stay with React.
            if matches!(&attribute.key, PropertyKey::Name(name) if matches!(&**name, "key" | "ref"))
            {
                continue;
            }
            if !may_carry(attribute.value) {
                continue;
            }
            let value = value_of(attribute.value);
            let note = if is_markup {
                rendered
            } else {
                "a property of a client component, sent with the page"
            };
            self.send(module.id, attribute.span, &value, note, place);
        }
    }

    /// Values that a server component renders of properties that contain a secret.
    fn passed_on(&mut self, component: BindingId, properties: Value, depth: usize) {
        let CheckedModule { checker, evaluator, .. } = self.module;
        if !properties.has_secret() || depth >= MAX_PASSED {
            return;
        }
        let Value::Function(home, function) = evaluator.binding(component) else { return };
        let Some(module) = CheckedModule::new(checker, home, evaluator) else { return };
        let Some(whole) = module.body.functions.get(function as usize) else { return };
        let whole = whole.span;
        // Components may pass properties to each other again and again.
        evaluator.charge(module.body.nodes.len());
        let given = Given { function, properties: &[properties], depth: depth + 1 };
        for node in module.body.nodes.iter().filter(|node| whole.contains(node.span)) {
            let Expr::Element(element) = &node.expr else { continue };
            let context = module.context(node.context);
            if !matches!(context.guard, Guard::Server | Guard::Function | Guard::Client) {
                self.rendered(&module, element, module.place(context.binding), Some(given));
            }
        }
    }

    /// Results of exported functions that a framework sends to the client.
    fn by_results(&mut self) {
        let CheckedModule { checker, evaluator, id, .. } = self.module;
        let node = &checker.graph.modules[id];
        if node.part != ModulePart::Whole {
            return;
        }
        for framework in checker.frameworks {
            for sent in framework.sent_results(checker.app, &node.path, &node.module) {
                for export in &node.module.exports {
                    if export.name != sent.export && sent.export != "*" {
                        continue;
                    }
                    let Definition::Binding(place) = checker.graph.exported(id, &export.name)
                    else {
                        continue;
                    };
                    if !checker.suspects.is_checked(place) {
                        continue;
                    }
                    let mut functions = Vec::new();
                    functions_in(&evaluator.binding(place), &mut functions, 0);
                    if functions.is_empty() && sent.may_be_value {
                        let bindings = &checker.graph.modules[place.module].module.bindings;
                        let value = evaluator.binding(place);
                        let span = bindings[place.binding].span;
                        self.send(place.module, span, &value, sent.note, place);
                    }
                    let before = self.leaks.len();
                    for function in functions {
                        self.result(function, sent.field, sent.note, place, 0);
                    }
                    if sent.export == "*" {
                        self.leave_out_uncalled(before, place, true);
                    }
                }
            }
        }
    }

    /// Functions with the directive `use server` inside other modules, and methods of controllers.
    fn by_server_actions(&mut self) {
        let module = self.module;
        let sends_errors = module.checker.uses(|facts| facts.sends_errors);
        for (index, function) in module.body.functions.iter().enumerate() {
            if function.is_server {
                let binding = module.checker.graph.binding_at(module.id, function.span);
                if !module.checker.suspects.is_checked(module.place(binding)) {
                    continue;
                }
                let note = "what it returns is sent to the client";
                let (index, place, before) =
                    (index as u32, module.place(binding), self.leaks.len());
                match self.template_of(function.span) {
                    Some(template) => self.rendered_result(index, &template, place),
                    None => self.result((module.id, index), "", note, place, 0),
                }
                if sends_errors {
                    let message = module.evaluator.messages_thrown(module.id, index);
                    let note = "the message of an error that it throws is sent to the client";
                    self.send(module.id, function.span, &message, note, place);
                }
                self.leave_out_uncalled(before, place, function.given_to.is_some());
            }
        }
    }

    /// The template that a decorator before a method names: `@Render('index')`.
    fn template_of(&self, method: Span) -> Option<Arc<str>> {
        let body = self.module.body;
        // Decorators of the methods before this one are not its own.
        let before = body.functions.iter().filter(|it| it.is_server && it.span.end <= method.start);
        let start = before.map(|it| it.span.end).max().unwrap_or(0);
        let own = Span::new(start, method.start);
        body.nodes.iter().filter(|node| own.contains(node.span)).find_map(|node| {
            let Expr::Call { callee, arguments, .. } = &node.expr else { return None };
            let name = arguments.first().filter(|_| name_of(body, *callee) == "Render")?;
            match &body.node(*name)?.expr {
                Expr::Text(name) => Some(Arc::clone(name)),
                _ => None,
            }
        })
    }

    /// The results of a method that a template writes into the page.
    fn rendered_result(&mut self, method: u32, template: &str, place: BindingId) {
        let CheckedModule { checker, evaluator, id, body, .. } = self.module;
        for (expr, value) in evaluator.returns(id, method) {
            for value in rendered(checker, Some(template), &value) {
                self.send(id, body.nodes[expr as usize].span, &value, TEMPLATE, place);
            }
        }
    }

    /// Makes leaks from this one on warnings if no code names the function of servers in a binding.
    fn leave_out_uncalled(&mut self, from: usize, place: BindingId, is_exported: bool) {
        if self.leaks.len() > from && is_uncalled(self.module.checker, place, is_exported) {
            for leak in &mut self.leaks[from..] {
                leave_out(leak, Absence::Uncalled);
            }
        }
    }

    /// The results of a function, or a field of them; also of a function that it returns.
    fn result(
        &mut self,
        (home, function): (ModuleId, u32),
        field: &str,
        note: &str,
        place: BindingId,
        depth: usize,
    ) {
        let CheckedModule { checker, evaluator, .. } = self.module;
        if !checker.carriers.may_return(home, function) {
            return;
        }
        for (expr, _) in evaluator.returns(home, function) {
            let Some(body) = evaluator.body(home) else { continue };
            let value = evaluator.value_sent(home, expr);
            if let Value::Function(inner, function) = value
                && depth < MAX_RETURNED
            {
                self.result((inner, function), field, note, place, depth + 1);
            }
            let sent = if field.is_empty() { value } else { value.get(field).clone() };
            self.send(home, body.nodes[expr as usize].span, &sent, note, place);
        }
    }

    /// The results of a function as a schema writes them.
    fn result_by_schema(
        &mut self,
        (home, function): (ModuleId, u32),
        schema: &Value,
        place: BindingId,
    ) {
        let CheckedModule { checker, evaluator, .. } = self.module;
        if !checker.carriers.may_return(home, function) {
            return;
        }
        for (expr, _) in evaluator.returns(home, function) {
            let Some(body) = evaluator.body(home) else { continue };
            let sent = by_schema(&evaluator.value_sent(home, expr), schema);
            self.send(home, body.nodes[expr as usize].span, &sent, ANSWER, place);
        }
    }

    /// Values that the template of a component puts into the page.
    fn by_template(&mut self) {
        let module = self.module;
        let is_astro = module.path().ends_with(".astro");
        let place = module.place(MODULE_INIT);
        // A file among the pages that is no page, and that no page renders.
        if is_astro && !module.checker.server.has_module(module.id) {
            return;
        }
        for hole in &module.body.holes {
            if !module.may_carry(hole.value) {
                continue;
            }
            let value = module.value_sent(hole.value);
            if is_astro {
                let is_component = hole.tag.chars().next().is_some_and(char::is_uppercase);
                let note = match (&hole.attribute, &hole.client) {
                    (Some(_), Some(_)) => "a property of an island, written into the page",
                    (Some(attribute), None) if is_component && !is_content(attribute) => {
                        self.property_of_template(&hole.tag, attribute, &value, hole.span, place);
                        continue;
                    }
                    (Some(_) | None, _) => "written into the page",
                };
                self.send(module.id, hole.span, &value, note, place);
            } else if hole.client.is_none() && module.checker.is_rendered_by_servers(place) {
                self.send(module.id, hole.span, &value, RENDERED_BY_SERVERS, place);
            }
        }
    }

    /// True for the value of a variable that rendering servers have and clients do not get inlined.
    fn is_of_server(&self, taint: &Taint) -> bool {
        let (name, root, form) = match &taint.origin {
            TaintOrigin::Variable { name, root, form, .. } => (name, root, form),
            // A definition for the code of servers, or code of these.
            TaintOrigin::Written { at, .. } => return self.is_written_on_server(at),
        };
        let rendering = self.module.checker.rendering;
        rendering.is_some_and(|rendering| (rendering.reads)(*root))
            && inlining(&self.module, name, *root, *form) == Inlining::No
    }

    /// True for a key in code or configurations that only servers have.
    fn is_written_on_server(&self, at: &FileSpan) -> bool {
        let checker = self.module.checker;
        if checker.is_configuration(&at.path) || checker.guard_at(at).is_for_servers() {
            return true;
        }
        let Some(module) = checker.graph.by_path(&at.path) else { return false };
        // Of modules for several platforms, an import of client code may take another one.
        let is_imported = || {
            let own = checker.client;
            let importers = checker.graph.modules.iter().enumerate();
            let mut importers = importers.filter(|(id, _)| own.has_module(*id));
            importers.any(|(_, node)| node.imports(module))
        };
        checker.server.has_module(module) && !checker.client.has_module(module) && !is_imported()
    }

    /// A property that a template gives to a component which the server renders.
    fn property_of_template(
        &mut self,
        tag: &str,
        attribute: &str,
        value: &Value,
        span: Span,
        place: BindingId,
    ) {
        let CheckedModule { checker, evaluator, id, body, .. } = self.module;
        if !value.has_secret() {
            return;
        }
        let Some((binding, component)) = component_of_tag(checker.graph, id, body, tag) else {
            return;
        };
        let properties = match value {
            Value::Object(_) if attribute == "..." => value.clone(),
            _ => {
                let at = evaluator.at(id, span);
                let key = attribute.into();
                Value::Object(vec![Field { key, value: value.clone(), at }].into())
            }
        };
        self.given_to_component((body, id), (binding, component), properties, (span, place), 0);
    }

    /// Properties with a secret that a template of the module `of` gives to a component: an Astro
    /// component puts into the page what its own template writes.
    fn given_to_component(
        &mut self,
        (body, of): (&Body, ModuleId),
        (binding, component): (usize, ModuleId),
        properties: Value,
        (span, place): (Span, BindingId),
        depth: usize,
    ) {
        let CheckedModule { checker, evaluator, .. } = self.module;
        if !checker.graph.modules[component].path.ends_with(".astro") {
            let named = BindingId { module: of, binding };
            if let Definition::Binding(component) = checker.graph.definition(named) {
                self.passed_on(component, properties, depth);
            }
            return;
        }
        let Some(own) = evaluator.body(component).filter(|_| depth < MAX_PASSED) else { return };
        evaluator.charge(body.nodes.len());
        let given = leaked_taints(&properties);
        let properties = [properties];
        for hole in &own.holes {
            let value = evaluator.value_with_properties(component, hole.value, &properties);
            if !value.has_secret() {
                continue;
            }
            let is_component = hole.tag.chars().next().is_some_and(char::is_uppercase);
            match &hole.attribute {
                Some(attribute)
                    if is_component && hole.client.is_none() && !is_content(attribute) =>
                {
                    let next = component_of_tag(checker.graph, component, own, &hole.tag);
                    let Some(next) = next else { continue };
                    let value = match value {
                        Value::Object(_) if &**attribute == "..." => value,
                        value => {
                            let (key, at) =
                                ((**attribute).into(), evaluator.at(component, hole.span));
                            Value::Object(vec![Field { key, value, at }].into())
                        }
                    };
                    self.given_to_component(
                        (own, component),
                        next,
                        value,
                        (span, place),
                        depth + 1,
                    );
                }
                Some(_) | None => {
                    for taint in leaked_taints(&value) {
                        // What the component writes of its own is its own leak.
                        if given.iter().any(|own| place_of(own) == place_of(&taint)) {
                            let value = Value::Secret(taint);
                            self.send(self.module.id, span, &value, RENDERED_PROPERTY, place);
                        }
                    }
                }
            }
        }
    }

    /// A value that is sent from a place in the module `home`.
    fn send(&mut self, home: ModuleId, span: Span, value: &Value, note: &str, place: BindingId) {
        let CheckedModule { checker, evaluator, .. } = self.module;
        let at = evaluator.at(home, span);
        let value = &evaluator.expanded(value.clone(), 0);
        let sink = TraceStep { at: at.clone(), kind: StepKind::Sink, note: note.to_owned() };
        let own_guard = checker.guard_at(&at);
        let is_on_both_sides =
            checker.rendering.is_some() && checker.client.has(place) && !own_guard.is_for_servers();
        for taint in leaked_taints(value) {
            // Clients have the rest of the code's secrets anyway, which other checks report.
            if is_on_both_sides && !self.is_of_server(&taint) {
                continue;
            }
            let mut leak = checker.leak(&CHECK, taint.key_kind, at.clone(), place, Guard::None);
            (leak.subject, leak.written_at) = checker.subject(&taint);
            leak.trace = checker.flow(&taint);
            let guard = checker.guard_of(&taint).max(own_guard);
            checker.leave_out(&mut leak, place, guard);
            // A component that no page reaches is rendered by nobody.
            if note == RENDERED && !checker.server.has(place) && !checker.client.has(place) {
                leave_out(&mut leak, Absence::Unrendered);
            }
            leak.trace.push(sink.clone());
            if let TaintOrigin::Variable { name, .. } = &taint.origin {
                leak.related.extend(checker.declared(name));
                leak.related.extend(evaluator.configured(name));
            }
            self.leaks.push(leak);
        }
        if let Some(environment) = whole_environment(value)
            && let Some(key_kind) = checker.catalog.first_secret(|_| true)
        {
            let mut leak = checker.leak(&CHECK, key_kind, at.clone(), place, Guard::None);
            leak.subject = LeakSubject::Name("all variables".to_owned());
            let note = "all variables of the server".to_owned();
            leak.trace = vec![TraceStep { at: environment, kind: StepKind::Source, note }];
            checker.leave_out(&mut leak, place, checker.guard_at(&at));
            leak.trace.push(sink);
            self.leaks.push(leak);
        }
    }
}

/// The place that a secret comes from.
fn place_of(taint: &Taint) -> &FileSpan {
    let (TaintOrigin::Written { at, .. } | TaintOrigin::Variable { at, .. }) = &taint.origin;
    at
}

/// True for an attribute of Astro that writes its value into the page, whatever the tag is.
fn is_content(attribute: &str) -> bool {
    matches!(attribute, "set:html" | "set:text")
}

#[cfg(test)]
mod tests {
    use crate::testing::{analysed, leak_lines};

    /// The leaks of an app with a file: the framework's package, the path and the text.
    fn leaks_of(package: &str, path: &str, text: &str) -> Vec<String> {
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
    fn responses_with_a_secret_are_leaks() {
        let path = "app/api/a/route.ts";
        for (text, is_leak) in [
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
                let found = leaks_of("next", path, &text);
                assert_eq!(found.contains(&SENT.to_owned()), is_leak, "{text}: {found:?}");
            }
        }
    }

    #[test]
    fn results_with_a_secret_that_a_framework_sends_are_leaks() {
        let key = "process.env.MAGICX_SECRET_KEY";
        for (package, path, text, is_leak) in [
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
            let found = leaks_of(package, path, &text);
            assert_eq!(found.contains(&SENT.to_owned()), is_leak, "{package} {text}: {found:?}");
        }
    }
}
