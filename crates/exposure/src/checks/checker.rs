//! The base of all checks of an app: the reached code, the secret variables, and how a leak is made.

#![expect(clippy::wildcard_enum_match_arm, reason = "few of the kinds of expressions matter here")]

use crate::app::App;
use crate::catalog::{Catalog, KeyKindId};
use crate::checks::check::Check;
use crate::checks::client_packages::{ClientPackage, ClientPackages};
use crate::checks::fix::FixContext;
use crate::eval::carriers::Carriers;
use crate::eval::names::names_of;
use crate::eval::searched_texts::SearchedTexts;
use crate::eval::suspects::Suspects;
use crate::eval::value::{Taint, TaintOrigin};
use crate::framework_id::FrameworkId;
use crate::frameworks;
use crate::frameworks::Framework;
use crate::frameworks::facts::FrameworkFacts;
use crate::frameworks::framework::ServerRendering;
use crate::frameworks::left_out::LeftOut;
use crate::graph::definitions::Definition;
use crate::graph::modules::{BindingId, Graph, ModuleId};
use crate::graph::reach::Reach;
use crate::input::KeyFinder;
use crate::js::guard::{Absence, Guard};
use crate::js::ir::{BindingTarget, Body, Context, Expr, Imported, MODULE_INIT, SymbolValue};
use crate::leak::{FileSpan, Leak, LeakSubject, StepKind, TraceStep};
use crate::severity::{Confidence, Severity};
use crate::variables::tainted::TaintedVariables;

/// All that is known of an app.
pub(crate) struct Checker<'a> {
    pub(crate) app: &'a App<'a>,
    pub(crate) graph: &'a Graph,
    pub(crate) frameworks: &'a [&'static dyn Framework],
    /// For each module, the exports that are left out of its client version.
    pub(crate) stripped: &'a [&'static [&'static str]],
    /// The code that the builds of the app leave out.
    pub(crate) left_out: &'a LeftOut,
    /// The code that clients get.
    pub(crate) client: &'a Reach,
    /// The code that servers run.
    pub(crate) server: &'a Reach,
    pub(crate) env: &'a TaintedVariables<'a>,
    pub(crate) catalog: &'a Catalog,
    pub(crate) keys: &'a dyn KeyFinder,
    /// How servers render the components of clients, if they do.
    pub(crate) rendering: Option<ServerRendering>,
    /// The code that a secret may get to.
    pub(crate) suspects: &'a Suspects,
    /// The expressions that a secret may be in.
    pub(crate) carriers: &'a Carriers<'a>,
    /// The literals that were searched for keys.
    pub(crate) texts: &'a SearchedTexts<'a>,
    /// The providers' packages for clients that the app imports, by specifier.
    pub(crate) sdk: ClientPackages<'a>,
    /// True if it imports variables by their names from a package.
    pub(crate) imports_variables: bool,
}

/// True if any module imports variables by their names from a package.
pub(crate) fn imports_variables(graph: &Graph, env: &TaintedVariables<'_>) -> bool {
    let mut imports = graph.modules.iter().flat_map(|node| &node.module.imports);
    imports.any(|import| env.conventions().module(&import.specifier).is_some())
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
    /// Where a variable is declared, for people.
    pub(crate) fn declared(&self, name: &str) -> Option<TraceStep> {
        let declaration = self.env.proof(name)?;
        Some(TraceStep {
            at: declaration.at.clone(),
            kind: StepKind::Source,
            note: format!("{name} is declared here ({})", declaration.place),
        })
    }

    /// A leak of code under a guard that still lacks its subject and the last steps of its trace.
    pub(crate) fn leak(
        &self,
        check: &Check,
        key_kind: KeyKindId,
        at: FileSpan,
        place: BindingId,
        guard: Guard,
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
            kind: check.kind,
            key_kind,
            subject: LeakSubject::Name(String::new()),
            at,
            written_at: None,
            severity: Severity::Error,
            confidence: Confidence::High,
            framework,
            trace: self.client.trace(self.graph, way),
            related: Vec::new(),
            fix: (check.fix)(&FixContext {
                hints: frameworks::fix_hints(framework),
                variable: self.variable_of(key_kind),
            }),
        };
        if root.is_some_and(|root| root.confidence < Confidence::High) {
            downgrade(&mut leak);
        }
        match self.client.absence(way) {
            Some(absence) => leave_out(&mut leak, absence),
            None => self.leave_out(&mut leak, way, guard),
        }
        leak
    }

    /// Makes a leak a warning at most if builds lack the code under a guard.
    pub(crate) fn leave_out(&self, leak: &mut Leak, place: BindingId, guard: Guard) {
        let root = self.client.root(place).or_else(|| self.server.root(place));
        let unreached = self.server.absence(place).filter(|_| !self.client.has(place));
        let absence = root.and_then(|root| self.left_out.absence(guard, root));
        if let Some(absence) = absence.or(unreached) {
            leave_out(leak, absence);
        }
    }

    /// The guard of the innermost expression around a place.
    pub(crate) fn guard_at(&self, at: &FileSpan) -> Guard {
        let module = self.graph.by_path(&at.path).map(|module| &self.graph.modules[module].module);
        let Some(body) = module.and_then(|module| module.body.as_ref()) else { return Guard::None };
        let around = body.nodes.iter().filter(|node| node.span.contains(at.span));
        let innermost = around.min_by_key(|node| node.span.end - node.span.start);
        innermost.map_or(Guard::None, |node| context(body, node.context).guard)
    }

    /// The guard of the place that a secret comes from.
    pub(crate) fn guard_of(&self, taint: &Taint) -> Guard {
        let (TaintOrigin::Written { at, .. } | TaintOrigin::Variable { at, .. }) = &taint.origin;
        self.guard_at(at)
    }

    /// The variable that a server should read the secrets of a rule from.
    fn variable_of(&self, key_kind: KeyKindId) -> Option<&str> {
        self.catalog.kind(key_kind).env.first().map(String::as_str)
    }

    pub(crate) fn shipping(&self, module: ModuleId, context: Context) -> Shipping {
        let place = BindingId { module, binding: context.binding };
        match (self.client.has(place), context.guard) {
            (_, Guard::Function) => Shipping::No,
            (true, Guard::None | Guard::Client | Guard::LeftOut(_)) => Shipping::Yes,
            (true, Guard::Server) => Shipping::Maybe,
            // A framework removes code together with all that only this code uses. A bundler's own
            // tree shaking is not reliable.
            (false, _) if self.client.has_module(module) && !self.is_stripped(module) => {
                Shipping::Maybe
            }
            (false, _) => Shipping::No,
        }
    }

    fn is_stripped(&self, module: ModuleId) -> bool {
        !self.stripped[module].is_empty()
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

    /// The subject of a leak of a value, and the place where it is written.
    pub(crate) fn subject(&self, taint: &Taint) -> (LeakSubject, Option<FileSpan>) {
        match &taint.origin {
            TaintOrigin::Written { secret, at } => {
                (LeakSubject::Secret(secret.clone()), Some(at.clone()))
            }
            TaintOrigin::Variable { name, .. } => (LeakSubject::Name(name.to_string()), None),
        }
    }

    /// True if the app uses a framework of which a fact holds.
    pub(crate) fn uses(&self, has: fn(&FrameworkFacts) -> bool) -> bool {
        self.frameworks.iter().any(|framework| has(framework.facts()))
    }

    /// True for a module of servers whose markup stands around each page.
    pub(crate) fn is_document(&self, path: &str) -> bool {
        self.frameworks.iter().any(|framework| framework.is_document(self.app, path))
    }

    /// True for a file that configures the build.
    pub(crate) fn is_configuration(&self, path: &str) -> bool {
        self.app.configs.iter().any(|(own, _)| own == path)
    }

    /// True if only clients run the code of a binding.
    pub(crate) fn is_client_only(&self, place: BindingId) -> bool {
        self.client.has(place) && !self.server.has(place)
    }

    /// True if servers run code of clients.
    pub(crate) fn renders(&self) -> bool {
        self.rendering.is_some()
    }

    /// True if servers render the client component of a binding before clients run it.
    pub(crate) fn is_rendered_by_servers(&self, place: BindingId) -> bool {
        let is_unrendered = || self.client.root(place).is_some_and(|root| root.is_unrendered);
        self.rendering.is_some() && self.server.has(place) && !is_unrendered()
    }

    /// A package of providers that runs in clients, by the specifier of an import.
    pub(crate) fn client_package(&self, specifier: &str) -> Option<&ClientPackage<'a>> {
        self.sdk.get(specifier)
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
            Definition::Binding(found) => Some(self.loaded_component(found).unwrap_or(found)),
            Definition::Module(_) | Definition::External { .. } | Definition::Unknown => None,
        }
    }

    /// The component that a constant loads when it is needed: `dynamic(() => import('./a'))` of Next.js,
    /// `lazy(() => import('./a').then((it) => it.Name))`.
    fn loaded_component(&self, place: BindingId) -> Option<BindingId> {
        let module = &self.graph.modules[place.module].module;
        let body = module.body.as_ref()?;
        let symbol = module.bindings.get(place.binding)?.symbol?;
        let SymbolValue::Init { expr, path, .. } = &body.symbols.get(symbol as usize)?.value else {
            return None;
        };
        let call = body.node(*expr).filter(|_| path.is_empty())?;
        let Expr::Call { callee, is_new: false, .. } = &call.expr else { return None };
        let loader = names_of(body, *callee).last();
        if !["clientOnly", "dynamic", "lazy", "loadable"].contains(&loader) {
            return None;
        }
        let inside = body.nodes.iter().filter(|node| call.span.contains(node.span));
        let import = inside.clone().find_map(|node| match &node.expr {
            Expr::Import(import) => Some(*import as usize),
            _ => None,
        });
        let target = *self.graph.targets(place.module, import?).first()?;
        let members = inside.filter_map(|node| match &node.expr {
            Expr::Member(_, name) if &**name != "then" => Some(&**name),
            _ => None,
        });
        let names = members.chain(["default"]);
        let mut exported = names.map(|name| self.graph.exported(target, name));
        exported.find_map(|definition| match definition {
            Definition::Binding(place) => Some(place),
            Definition::Module(_) | Definition::External { .. } | Definition::Unknown => None,
        })
    }
}

/// The context of this number in a module.
pub(crate) fn context(body: &Body, number: u32) -> Context {
    let none = Context { binding: MODULE_INIT, function: None, guard: Guard::None };
    body.contexts.get(number as usize).copied().unwrap_or(none)
}

/// A warning at most, for what builds for production lack; the trace says why they do.
pub(crate) fn leave_out(leak: &mut Leak, absence: Absence) {
    leak.severity = leak.severity.min(Severity::Warning);
    leak.confidence = leak.confidence.min(Confidence::Medium);
    let note = absence.note().to_owned();
    leak.trace.push(TraceStep { at: leak.at.clone(), kind: StepKind::Flow, note });
}

/// One step down, for what is only likely.
pub(crate) fn downgrade(leak: &mut Leak) {
    leak.severity = match leak.severity {
        Severity::Error => Severity::Warning,
        Severity::Warning | Severity::Note => Severity::Note,
    };
    leak.confidence = Confidence::Medium;
}
