//! Judges what stands in an app's code: secrets that are written down, and variables that are read.

use std::cell::LazyCell;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use foldhash::fast::RandomState;

use crate::app::App;
use crate::catalog::{Catalog, KeyKindId};
use crate::eval::Evaluator;
use crate::eval::value::{Taint, TaintOrigin, Value};
use crate::framework_id::FrameworkId;
use crate::frameworks::{Framework, Inlining, VariableRead};
use crate::graph::modules::{BindingId, Definition, Graph, ModuleId};
use crate::graph::reach::Reach;
use crate::input::KeyFinder;
use crate::js::ir::{
    BindingTarget, Body, Context, Expr, ExprNode, Imported, MODULE_INIT, PropertyKey, ServerGuard,
    Span, Symbol, SymbolValue,
};
use crate::js::markup::placeholders::placeholders;
use crate::leak::{FileSpan, Leak, LeakKind, LeakSubject, StepKind, TraceStep};
use crate::secret::Secret;
use crate::severity::{Confidence, Severity};
use crate::variables::read::EnvRoot;
use crate::variables::tainted::TaintedVariables;
use crate::{eval, frameworks};

/// All that is known of an app.
pub(crate) struct Checker<'a> {
    pub(crate) app: &'a App<'a>,
    pub(crate) graph: &'a Graph,
    pub(crate) frameworks: &'a [&'static dyn Framework],
    /// For each module, the exports that are left out of its client version.
    pub(crate) stripped: &'a [&'static [&'static str]],
    /// What reaches clients.
    pub(crate) client: &'a Reach,
    /// What servers run.
    pub(crate) server: &'a Reach,
    pub(crate) env: &'a TaintedVariables<'a>,
    pub(crate) catalog: &'a Catalog,
    pub(crate) keys: &'a dyn KeyFinder,
    /// What the app imports of providers' packages that run in clients, by specifier.
    pub(crate) sdk: ClientPackages<'a>,
    /// Whether it imports variables by their names from any package.
    pub(crate) imports_variables: bool,
}

/// The properties that take a key, by the specifier of a provider's package.
pub(crate) type ClientPackages<'a> = HashMap<&'a str, &'a [String], RandomState>;

/// The packages of providers that run in clients, as the modules of an app import them.
pub(crate) fn client_packages<'a>(graph: &'a Graph, catalog: &'a Catalog) -> ClientPackages<'a> {
    let imports = graph.modules.iter().flat_map(|node| &node.module.imports);
    let specifiers: HashSet<&str, RandomState> =
        imports.map(|import| import.specifier.as_str()).collect();
    let properties = |specifier: &'a str| {
        let mut all = catalog.providers.iter().flat_map(|provider| &provider.sdk);
        let is_of = |name: &str| {
            let rest = specifier.strip_prefix(name);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let found = all.find(|sdk| sdk.client && is_of(&sdk.package))?;
        Some((specifier, found.key_properties.as_slice()))
    };
    specifiers.into_iter().filter_map(properties).collect()
}

/// Whether any module imports variables by their names from a package.
pub(crate) fn imports_variables(graph: &Graph) -> bool {
    let mut imports = graph.modules.iter().flat_map(|node| &node.module.imports);
    imports.any(|import| eval::given_variables(&import.specifier).is_some())
}

/// How sure it is that a place ships.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shipping {
    /// It does.
    Yes,
    /// Its module does, the binding only if the bundler leaves nothing out; or it is in a branch
    /// for servers.
    Maybe,
    /// As far as is known it does not.
    No,
}

impl<'a> Checker<'a> {
    /// Judges one module.
    pub(crate) fn module(&self, module: ModuleId, evaluator: &Evaluator<'a>) -> Vec<Leak> {
        let Some(body) = evaluator.body(module) else { return Vec::new() };
        let mut leaks = self.sdk(module, body, evaluator);
        leaks.extend(self.exchanges(module, body, evaluator));
        leaks.extend(self.handed_over(module, body, evaluator));
        leaks.extend(self.written(module, body, evaluator));
        leaks.extend(self.reads(module, body, evaluator));
        leaks
    }

    /// Secrets that are written down in client code.
    fn written(&self, module: ModuleId, body: &Body, evaluator: &Evaluator<'a>) -> Vec<Leak> {
        let path = &self.graph.modules[module].path;
        let mut leaks = Vec::new();
        for (id, node) in body.nodes.iter().enumerate() {
            let may_be_key = match &node.expr {
                Expr::Text(_) | Expr::Concat(_) => true,
                Expr::Call { callee, .. } => evaluator.joins(body, *callee),
                Expr::RegExp(_) => true,
                // A key is the name of a property in files only that hold it.
                Expr::Object(_) => self.graph.modules[module].has_seed,
                _ => false,
            };
            if !may_be_key {
                continue;
            }
            let context = self.context(body, node.context);
            let shipping = self.shipping(module, context);
            if shipping == Shipping::No {
                continue;
            }
            let mut found = Vec::new();
            match &node.expr {
                Expr::Text(text) => {
                    // A text may hold several keys; its value tells of the first.
                    let offset =
                        u32::from(node.span.end - node.span.start == text.len() as u32 + 2);
                    for key in self.keys.find(text) {
                        if self.catalog.is_secret(key.key_kind) {
                            let is_plain = (node.span.end - node.span.start) as usize
                                == text.len() + 2 * offset as usize;
                            let start = node.span.start + offset + key.range.start as u32;
                            let span = if is_plain {
                                Span::new(start, start + key.range.len() as u32)
                            } else {
                                node.span
                            };
                            found.push((
                                key.key_kind,
                                key.secret,
                                FileSpan { path: path.clone(), span },
                            ));
                        }
                    }
                }
                Expr::RegExp(text) => {
                    let from = node.span.start + 1;
                    found.extend(self.secrets_in(text, path, from));
                }
                Expr::Object(properties) => {
                    for property in properties {
                        if let PropertyKey::Name(name) = &property.key {
                            found.extend(self.secrets_in(name, path, property.span.start + 1));
                        }
                    }
                }
                _ => {
                    if let Value::Secret(taint) = evaluator.value(module, id as u32)
                        && let TaintOrigin::Written { secret, at } = &taint.origin
                        && at.span == node.span
                        && at.path == *path
                    {
                        found.push((taint.key_kind, secret.clone(), at.clone()));
                    }
                }
            }
            for (key_kind, secret, at) in found {
                let place = BindingId { module, binding: context.binding };
                let mut leak =
                    self.leak(LeakKind::ClientSecretLiteral, key_kind, at.clone(), place);
                leak.subject = LeakSubject::Secret(secret);
                if shipping == Shipping::Maybe {
                    downgrade(&mut leak);
                }
                leak.trace.push(TraceStep {
                    at,
                    kind: StepKind::Source,
                    note: "the key".to_owned(),
                });
                leaks.push(leak);
            }
        }
        leaks
    }

    /// The secrets in a text that begins at `from` in its file.
    fn secrets_in(
        &self,
        text: &str,
        path: &Arc<str>,
        from: u32,
    ) -> Vec<(KeyKindId, Secret, FileSpan)> {
        let keys = self.keys.find(text).into_iter();
        let secrets = keys.filter(|key| self.catalog.is_secret(key.key_kind));
        let placed = secrets.map(|key| {
            let start = from + key.range.start as u32;
            let span = Span::new(start, start + key.range.len() as u32);
            (key.key_kind, key.secret, FileSpan { path: Arc::clone(path), span })
        });
        placed.collect()
    }

    /// Secret variables that client code reads.
    fn reads(&self, module: ModuleId, body: &'a Body, evaluator: &Evaluator<'a>) -> Vec<Leak> {
        let node = &self.graph.modules[module];
        let mut seen = HashSet::new();
        let mut taints: Vec<(Arc<Taint>, usize, ServerGuard)> = Vec::new();
        for (id, expr) in body.nodes.iter().enumerate() {
            // Most values need not be worked out to know that no secret variable is read here.
            let may_read = match &expr.expr {
                Expr::Member(_, name) => evaluator.is_secret_name(name),
                Expr::Index(..) => true,
                Expr::Call { callee, .. } => evaluator.reads(body, *callee),
                _ => false,
            };
            if may_read {
                let context = self.context(body, expr.context);
                for taint in evaluator.value(module, id as u32).taints() {
                    if is_read_at(taint, &node.path, expr.span) {
                        taints.push((Arc::clone(taint), context.binding, context.guard));
                    }
                }
            }
        }
        let has_guards = body.contexts.iter().any(|context| context.guard != ServerGuard::None);
        for (id, symbol) in body.symbols.iter().enumerate() {
            let may_read = match &symbol.value {
                SymbolValue::Init { path, .. } | SymbolValue::Parameter { path, .. } => {
                    path.iter().any(|part| evaluator.is_secret_name(part))
                }
                SymbolValue::Import => {
                    symbol.binding.is_some_and(|at| self.may_import_variable(module, at, evaluator))
                }
                SymbolValue::Function(_) | SymbolValue::Unknown => false,
            };
            if !may_read {
                continue;
            }
            for taint in evaluator.named(module, id as u32).taints() {
                if is_read_at(taint, &node.path, symbol.span) {
                    let binding = symbol
                        .binding
                        .unwrap_or_else(|| self.graph.binding_at(module, symbol.span));
                    let nodes = body.nodes.iter().filter(|_| has_guards);
                    let guard = nodes
                        .filter(|node| node.span.contains(symbol.span))
                        .min_by_key(|node| node.span.end - node.span.start)
                        .map_or(ServerGuard::None, |node| self.context(body, node.context).guard);
                    taints.push((Arc::clone(taint), binding, guard));
                }
            }
        }
        let checked = LazyCell::new(|| self.checked_lists(module, body, evaluator));
        let mut leaks = Vec::new();
        for (taint, binding, guard) in taints {
            let TaintOrigin::Variable { name, root, form, at } = &taint.origin else { continue };
            let place = BindingId { module, binding };
            let read = VariableRead { path: &node.path, name, root: *root, form: *form };
            let is_new = seen.insert(at.clone());
            if guard != ServerGuard::None || !self.client.has(place) || !is_new {
                continue;
            }
            let inlining = self.inlining(read);
            // The build fails where client code imports these.
            let is_refused = matches!(root, EnvRoot::PrivateModule | EnvRoot::ServerModule);
            if inlining == Inlining::No
                && (is_refused
                    || self.is_packaged(place)
                    || checked.iter().any(|list| list.contains(at.span))
                    || self.is_unused_setting(place, body, at, evaluator))
            {
                continue;
            }
            leaks.push(self.read(&taint, place, name, at, inlining));
        }
        leaks
    }

    /// Whether an import may be a secret variable: by its name, or by that which it has in a package
    /// that gives variables.
    fn may_import_variable(
        &self,
        module: ModuleId,
        binding: usize,
        evaluator: &Evaluator<'a>,
    ) -> bool {
        match &self.graph.modules[module].module.bindings[binding].target {
            BindingTarget::Imported { name: Imported::Name(name), .. } => {
                evaluator.is_secret_name(name)
                    || self.imports_variables
                        && matches!(
                            self.graph.definition(BindingId { module, binding }),
                            Definition::External { .. }
                        )
            }
            BindingTarget::Imported { name: Imported::All, .. } | BindingTarget::Local => false,
        }
    }

    fn read(
        &self,
        taint: &Taint,
        place: BindingId,
        name: &str,
        at: &FileSpan,
        inlining: Inlining,
    ) -> Leak {
        let kind = match inlining {
            Inlining::Yes(_) => LeakKind::ClientSecretEnv,
            Inlining::No => LeakKind::ClientServerEnvRead,
        };
        let mut leak = self.leak(kind, taint.key_kind, at.clone(), place);
        leak.subject = LeakSubject::Name(name.to_owned());
        let note = match inlining {
            Inlining::Yes(why) => {
                if !self.env.is_proven(name) {
                    leak.severity = leak.severity.min(Severity::Warning);
                }
                format!("reads {name}: {why}")
            }
            Inlining::No => {
                leak.severity = leak.severity.min(Severity::Warning);
                format!("reads {name}, which is undefined in the client")
            }
        };
        leak.trace.push(TraceStep { at: at.clone(), kind: StepKind::Source, note });
        leak.related.extend(self.declared(name));
        leak
    }

    /// Where a variable is declared, for people.
    pub(crate) fn declared(&self, name: &str) -> Option<TraceStep> {
        let declaration = self.env.proof(name)?;
        Some(TraceStep {
            at: declaration.at.clone(),
            kind: StepKind::Source,
            note: format!("{name} is declared here ({})", declaration.place),
        })
    }

    /// Whether the value of a variable stands in the client's code, by the first framework that
    /// says so.
    fn inlining(&self, read: VariableRead<'_>) -> Inlining {
        self.frameworks
            .iter()
            .map(|framework| framework.inlining(self.app, &read))
            .find(|inlining| *inlining != Inlining::No)
            .unwrap_or(Inlining::No)
    }

    /// Whether a place ships because all of a package does, though a server-like process runs it:
    /// it reads its variables when it runs.
    fn is_packaged(&self, place: BindingId) -> bool {
        self.client.root(place).is_some_and(|root| root.is_packaged)
    }

    /// The lists of variables that t3-env and its like check: their server part is not readable
    /// in a client.
    fn checked_lists(&self, module: ModuleId, body: &Body, evaluator: &Evaluator<'a>) -> Vec<Span> {
        let is_list = |node: &&ExprNode| match &node.expr {
            Expr::Call { callee, .. } => {
                evaluator.external(module, *callee).is_some_and(|(package, name)| {
                    name == "createEnv" || package.starts_with("@t3-oss/env")
                })
            }
            _ => false,
        };
        body.nodes.iter().filter(is_list).map(|node| node.span).collect()
    }

    /// Whether a read is the value of a setting that no client code names: `secret` of
    /// `export const env = { secret: process.env.X, … }`, which servers share with clients. It is
    /// undefined there, and nothing asks for it.
    fn is_unused_setting(
        &self,
        place: BindingId,
        body: &Body,
        at: &FileSpan,
        evaluator: &Evaluator<'a>,
    ) -> bool {
        let read = at.span;
        if !self.server.has(place) {
            return false;
        }
        let mut name = None;
        let mut is_given_back = false;
        // From the read outwards: children stand in front of their parents.
        for (id, node) in body.nodes.iter().enumerate() {
            if !node.span.contains(read) {
                continue;
            }
            match &node.expr {
                Expr::Object(properties) if name.is_none() => {
                    let mut own = properties.iter().filter(|property| property.span.contains(read));
                    let Some(PropertyKey::Name(key)) = own.next().map(|property| &property.key)
                    else {
                        return false;
                    };
                    name = Some(key);
                }
                // Settings may be what a function gives back.
                Expr::Function(_) if !is_given_back => return false,
                Expr::Element(_) => return false,
                // What is called with settings may use them all, unless it gives them back.
                Expr::Call { callee, is_new, .. } if name.is_some() => {
                    let called = evaluator.name_of(body, *callee);
                    let last = called.rsplit('.').next().unwrap_or_default();
                    let gives_back = matches!(last, "freeze" | "parse" | "safeParse")
                        || last.starts_with("define");
                    if *is_new || !gives_back {
                        return false;
                    }
                }
                _ => {}
            }
            let function = self.context(body, node.context).function;
            let function = function.and_then(|it| body.functions.get(it as usize));
            is_given_back =
                function.is_some_and(|it| it.returns.iter().any(|given| *given as usize == id));
        }
        name.is_some_and(|name| !self.is_asked_for(name, at, evaluator))
    }

    /// Whether client code gets at what is read at `read` by a property of this name.
    fn is_asked_for(&self, name: &str, read: &FileSpan, evaluator: &Evaluator<'a>) -> bool {
        let holds = |value: &Value| {
            value.taints().into_iter().any(|taint| is_read_at(taint, &read.path, read.span))
        };
        let all = self.graph.modules.iter().enumerate().filter(|(_, node)| node.needs_eval);
        all.filter_map(|(id, node)| Some((id, node.module.body.as_ref()?))).any(|(id, body)| {
            if !self.client.has_module(id) {
                return false;
            }
            let ships = |binding: usize| self.client.has(BindingId { module: id, binding });
            let is_member = |node: &ExprNode| match &node.expr {
                Expr::Member(_, property) => &**property == name,
                Expr::Index(_, index) => {
                    let index = body.node(*index).map(|it| &it.expr);
                    matches!(index, Some(Expr::Text(text)) if &**text == name)
                }
                _ => false,
            };
            let is_given = |id: usize| body.assignments.iter().any(|it| it.0 as usize == id);
            let is_read = |(expr, node): (usize, &ExprNode)| {
                let context = self.context(body, node.context);
                is_member(node)
                    && context.guard == ServerGuard::None
                    && ships(context.binding)
                    && !is_given(expr)
                    && holds(&evaluator.value(id, expr as u32))
            };
            let is_taken = |(number, symbol): (usize, &Symbol)| match &symbol.value {
                SymbolValue::Init { path, .. } | SymbolValue::Parameter { path, .. } => {
                    let binding = || self.graph.binding_at(id, symbol.span);
                    path.iter().any(|part| &**part == name)
                        && ships(symbol.binding.unwrap_or_else(binding))
                        && holds(&evaluator.named(id, number as u32))
                }
                SymbolValue::Function(_) | SymbolValue::Import | SymbolValue::Unknown => false,
            };
            body.nodes.iter().enumerate().any(is_read)
                || body.symbols.iter().enumerate().any(is_taken)
        })
    }

    /// Secret variables whose values take the place of their names in pages.
    pub(crate) fn pages(&self) -> Vec<Leak> {
        let mut leaks = Vec::new();
        let is_page = |path: &&String| path.ends_with(".html") || path.ends_with(".htm");
        for path in self.app.files.iter().filter(is_page) {
            let Ok(Some(bytes)) = self.app.state.read(path) else { continue };
            let text = self.keys.text(&bytes);
            for range in placeholders(&text) {
                let name = &text[range.clone()];
                let frameworks = self.frameworks.iter();
                let mut inlining =
                    frameworks.map(|known| known.inlining_in_page(self.app, path, name));
                let Some(Inlining::Yes(why)) = inlining.find(|it| *it != Inlining::No) else {
                    continue;
                };
                let Some(key_kind) = self.env.secret(name) else { continue };
                let span = Span::new(range.start as u32, range.end as u32);
                let at = FileSpan { path: path.as_str().into(), span };
                let module = self.graph.by_path(path).unwrap_or(self.graph.modules.len());
                let place = BindingId { module, binding: MODULE_INIT };
                let mut leak = self.leak(LeakKind::ClientSecretEnv, key_kind, at.clone(), place);
                leak.subject = LeakSubject::Name(name.to_owned());
                if !self.env.is_proven(name) {
                    leak.severity = leak.severity.min(Severity::Warning);
                }
                let note = format!("names {name}: {why}");
                leak.trace.push(TraceStep { at, kind: StepKind::Source, note });
                leak.related.extend(self.declared(name));
                leaks.push(leak);
            }
        }
        leaks
    }

    /// A leak that still lacks its subject and the last steps of its trace.
    pub(crate) fn leak(
        &self,
        kind: LeakKind,
        key_kind: KeyKindId,
        at: FileSpan,
        place: BindingId,
    ) -> Leak {
        let module = BindingId { binding: MODULE_INIT, ..place };
        let (root, way) = match self.client.root(place) {
            Some(root) => (Some(root), place),
            None => (self.client.root(module), module),
        };
        let framework = root
            .map(|root| root.framework)
            .or_else(|| self.frameworks.first().map(|framework| framework.id()))
            .map(FrameworkId::name);
        let mut leak = Leak {
            kind,
            key_kind,
            subject: LeakSubject::Name(String::new()),
            at,
            written_at: None,
            severity: Severity::Error,
            confidence: Confidence::High,
            framework,
            trace: self.client.trace(self.graph, way),
            related: Vec::new(),
            fix: frameworks::fix(framework, kind, self.variable_of(key_kind)),
        };
        if root.is_some_and(|root| root.confidence < Confidence::High) {
            downgrade(&mut leak);
        }
        leak
    }

    /// The variable that a server should read the secrets of a rule from.
    fn variable_of(&self, key_kind: KeyKindId) -> Option<&str> {
        self.catalog.kind(key_kind).env.first().map(String::as_str)
    }

    pub(crate) fn shipping(&self, module: ModuleId, context: Context) -> Shipping {
        let place = BindingId { module, binding: context.binding };
        match (self.client.has(place), context.guard) {
            (_, ServerGuard::Function) => Shipping::No,
            (true, ServerGuard::None) => Shipping::Yes,
            (true, ServerGuard::Branch) => Shipping::Maybe,
            // What a framework leaves out goes with all that only it uses; a bundler's own
            // shaking of the tree is not to be relied on.
            (false, _) if self.client.has_module(module) && !self.is_stripped(module) => {
                Shipping::Maybe
            }
            (false, _) => Shipping::No,
        }
    }

    fn is_stripped(&self, module: ModuleId) -> bool {
        !self.stripped[module].is_empty()
    }

    pub(crate) fn context(&self, body: &Body, context: u32) -> Context {
        let none = Context { binding: MODULE_INIT, function: None, guard: ServerGuard::None };
        body.contexts.get(context as usize).copied().unwrap_or(none)
    }

    /// The steps of a secret from where it comes from up to where it is used.
    pub(crate) fn flow(&self, taint: &Taint) -> Vec<TraceStep> {
        let (at, note) = match &taint.origin {
            TaintOrigin::Written { at, .. } => (at, "the key".to_owned()),
            TaintOrigin::Variable { name, at, .. } => (at, format!("reads {name}")),
        };
        let mut hops = vec![TraceStep { at: at.clone(), kind: StepKind::Source, note }];
        hops.extend(taint.hops.iter().cloned());
        hops
    }

    /// What a leak of a value is about, and where that is written.
    pub(crate) fn subject(&self, taint: &Taint) -> (LeakSubject, Option<FileSpan>) {
        match &taint.origin {
            TaintOrigin::Written { secret, at } => {
                (LeakSubject::Secret(secret.clone()), Some(at.clone()))
            }
            TaintOrigin::Variable { name, .. } => (LeakSubject::Name(name.to_string()), None),
        }
    }

    /// Whether a module is run by clients only.
    pub(crate) fn is_client_only(&self, place: BindingId) -> bool {
        self.client.has(place) && !self.server.has(place)
    }

    /// The packages of providers that run in clients, with the properties that take a key.
    pub(crate) fn client_package(&self, package: &str) -> Option<&'a [String]> {
        self.sdk.get(package).copied()
    }

    /// Whether a module imports something of a provider's client package.
    pub(crate) fn imports_client_package(&self, module: ModuleId) -> bool {
        let module = &self.graph.modules[module].module;
        module.imports.iter().any(|import| self.client_package(&import.specifier).is_some())
    }

    /// The module that a tag or callee comes from, if it is one of the app.
    pub(crate) fn component(&self, module: ModuleId, body: &Body, expr: u32) -> Option<BindingId> {
        let symbol = match &body.nodes.get(expr as usize)?.expr {
            Expr::Symbol(symbol) => body.symbols.get(*symbol as usize)?,
            Expr::Member(object, property) => {
                let Expr::Symbol(symbol) = &body.nodes.get(*object as usize)?.expr else {
                    return None;
                };
                let binding = body.symbols.get(*symbol as usize)?.binding?;
                let target = &self.graph.modules[module].module.bindings.get(binding)?.target;
                let BindingTarget::Imported { import, name: Imported::All } = target else {
                    return None;
                };
                let target = *self.graph.targets(module, *import).first()?;
                return match self.graph.exported(target, property) {
                    Definition::Binding(place) => Some(place),
                    Definition::Module(_) | Definition::External { .. } | Definition::Unknown => {
                        None
                    }
                };
            }
            _ => return None,
        };
        let place = BindingId { module, binding: symbol.binding? };
        match self.graph.definition(place) {
            Definition::Binding(found) => Some(found),
            Definition::Module(_) | Definition::External { .. } | Definition::Unknown => None,
        }
    }
}

/// Whether a secret variable is read just here, not handed on.
fn is_read_at(taint: &Taint, path: &str, span: Span) -> bool {
    matches!(&taint.origin, TaintOrigin::Variable { at, .. } if at.span == span && *at.path == *path)
}

/// One step down, for what is only likely.
pub(crate) fn downgrade(leak: &mut Leak) {
    leak.severity = match leak.severity {
        Severity::Error => Severity::Warning,
        Severity::Warning | Severity::Note => Severity::Note,
    };
    leak.confidence = Confidence::Medium;
}
