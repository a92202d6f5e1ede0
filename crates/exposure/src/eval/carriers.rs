//! The expressions whose value a secret may be in, as far as names, calls and seeds tell.
//!
//! [Suspects] are whole declarations. A handler that reads a secret variable is one, and yet nearly
//! nothing that it answers can hold the secret: only the expressions that the answer is made of
//! matter. They are followed here without being evaluated, so that what no secret can be in costs
//! nothing, however complex it is.

#![expect(clippy::wildcard_enum_match_arm, reason = "few of the kinds of expressions matter here")]

use std::collections::HashMap;
use std::sync::{Mutex, OnceLock, PoisonError};

use foldhash::fast::RandomState;

use crate::eval::environment::env_root;
use crate::eval::names::root_symbol;
use crate::eval::suspects::Suspects;
use crate::eval::value::Field;
use crate::eval::variable_modules::gives_variables;
use crate::graph::definitions::Definition;
use crate::graph::modules::{BindingId, Graph, ImportTarget, ModuleId};
use crate::graph::seed_places::SeedPlaces;
use crate::js::ir::{Addition, Body, Expr, ExprId, ModulePart, PropertyKey, Span, SymbolValue};
use crate::variables::conventions::VariableConventions;

/// Knows which expressions of an app a secret may be in.
pub(crate) struct Carriers<'g> {
    graph: &'g Graph,
    suspects: &'g Suspects,
    conventions: &'g VariableConventions,
    /// The values that the build puts into the code of servers, by name.
    definitions: &'g [Field],
    /// For each module that was looked at, what is known of all of it.
    modules: Vec<OnceLock<CarrierFacts>>,
    known: Mutex<HashMap<CarrierPlace, bool, RandomState>>,
}

/// Facts about all of a module.
struct CarrierFacts {
    /// True if a secret may come from anywhere in it.
    is_origin: bool,
    added: AddedValues,
}

/// The values that statements add to the object of a symbol.
type AddedValues = HashMap<u32, Vec<ExprId>, RandomState>;

/// A place that is followed: the value of an expression, of a symbol or of a class, or the errors that what it
/// stands for throws when it is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum CarrierPlace {
    Value(ModuleId, ExprId),
    Symbol(ModuleId, u32),
    Thrown(ModuleId, ExprId),
    ThrownBySymbol(ModuleId, u32),
    /// All members of a class.
    Class(ModuleId, u32),
}

/// The places that a place takes something from; or that a secret may come from it.
struct CarrierSources {
    is_origin: bool,
    places: Vec<CarrierPlace>,
}

impl<'g> Carriers<'g> {
    /// Those of an app.
    pub(crate) fn new(
        graph: &'g Graph,
        suspects: &'g Suspects,
        conventions: &'g VariableConventions,
        definitions: &'g [Field],
    ) -> Self {
        let modules = graph.modules.iter().map(|_| OnceLock::new()).collect();
        let known = Mutex::default();
        Self { graph, suspects, conventions, definitions, modules, known }
    }

    /// True if a secret may be in the value of an expression, or in what it returns if it is a function.
    pub(crate) fn may_carry(&self, module: ModuleId, expr: ExprId) -> bool {
        self.reaches_origin(CarrierPlace::Value(module, expr))
    }

    /// The same for a function of a module.
    pub(crate) fn may_return(&self, module: ModuleId, function: u32) -> bool {
        let function = self.body(module).and_then(|body| body.functions.get(function as usize));
        function.is_none_or(|known| known.returns.iter().any(|&it| self.may_carry(module, it)))
    }

    /// True if an origin of secrets can be reached. All places that were looked at in vain take nothing
    /// from any, either.
    fn reaches_origin(&self, asked: CarrierPlace) -> bool {
        let known = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(&known) = known().get(&asked) {
            return known;
        }
        // For each place, one that takes something from it.
        let mut takers: HashMap<CarrierPlace, CarrierPlace, RandomState> = HashMap::default();
        takers.insert(asked, asked);
        let mut open = vec![asked];
        while let Some(place) = open.pop() {
            let CarrierSources { is_origin, places } = self.sources(place);
            let mut next = places.into_iter();
            let is_found = is_origin || {
                let known = known();
                next.any(|source| match known.get(&source) {
                    Some(&carries) => carries,
                    None => {
                        takers.entry(source).or_insert_with(|| {
                            open.push(source);
                            place
                        });
                        false
                    }
                })
            };
            if is_found {
                let mut known = known();
                let mut at = place;
                while known.insert(at, true).is_none() && at != asked {
                    at = takers.get(&at).copied().unwrap_or(asked);
                }
                known.insert(asked, true);
                return true;
            }
        }
        known().extend(takers.into_keys().map(|place| (place, false)));
        false
    }

    fn facts(&self, module: ModuleId, body: &Body) -> &CarrierFacts {
        self.modules[module].get_or_init(|| {
            let node = &self.graph.modules[module];
            let is_code = node.part == ModulePart::Whole && !node.path.ends_with(".json");
            let mut imports = node.module.imports.iter();
            let is_origin = !is_code && node.seeds.has_place()
                || matches!(node.seeds, SeedPlaces::Anywhere)
                || node.takes_left
                || imports.any(|import| gives_variables(self.conventions, &import.specifier));
            CarrierFacts { is_origin, added: added_values(body) }
        })
    }

    fn body(&self, module: ModuleId) -> Option<&'g Body> {
        self.graph.modules[module].module.body.as_ref()
    }

    /// The places that a place takes something from.
    fn sources(&self, place: CarrierPlace) -> CarrierSources {
        let mut found = CarrierSources { is_origin: false, places: Vec::new() };
        let (CarrierPlace::Value(module, _)
        | CarrierPlace::Symbol(module, _)
        | CarrierPlace::Thrown(module, _)
        | CarrierPlace::ThrownBySymbol(module, _)
        | CarrierPlace::Class(module, _)) = place;
        let Some(body) = self.body(module) else { return found };
        if self.facts(module, body).is_origin {
            found.is_origin = true;
            return found;
        }
        match place {
            CarrierPlace::Value(_, expr) => self.of_value(module, body, expr, &mut found),
            CarrierPlace::Symbol(_, symbol) => {
                self.of_symbol(module, body, symbol, &mut found, CarrierPlace::Value);
            }
            CarrierPlace::Class(_, class) => of_class(module, body, class, &mut found),
            CarrierPlace::Thrown(_, expr) => self.of_thrown(module, body, expr, &mut found),
            CarrierPlace::ThrownBySymbol(_, symbol) => {
                self.of_symbol(module, body, symbol, &mut found, CarrierPlace::Thrown);
            }
        }
        found
    }

    /// True if a secret comes from a place of a module by itself.
    fn is_seed(&self, module: ModuleId, span: Span) -> bool {
        self.graph.modules[module].seeds.may_be_in(span)
    }

    fn of_value(&self, module: ModuleId, body: &Body, expr: ExprId, found: &mut CarrierSources) {
        let Some(node) = body.node(expr) else { return };
        let binding = body.contexts.get(node.context as usize).map(|context| context.binding);
        if let Some(binding) = binding {
            // The properties of a page of Astro come from another declaration, which nothing names.
            let is_astro = || self.graph.modules[module].path.ends_with(".astro");
            if !self.suspects.has_binding(BindingId { module, binding }) && !is_astro() {
                return;
            }
            if body.origins.binary_search(&binding).is_ok() {
                found.is_origin = true;
                return;
            }
        }
        let value = |expr: ExprId| CarrierPlace::Value(module, expr);
        match &node.expr {
            Expr::Text(_) | Expr::RegExp(_) => found.is_origin = self.is_seed(module, node.span),
            Expr::Literal(_) | Expr::Element(_) | Expr::Other => {}
            Expr::ImportMeta => found.is_origin = true,
            Expr::Global(name) => {
                let is_linked =
                    self.graph.modules[module].named.iter().any(|it| *it.name == **name);
                found.is_origin = is_linked
                    || matches!(&**name, "$config" | "Astro")
                    || self.is_seed(module, node.span)
                    || self.is_defined(name)
                    || self.graph.modules[module].path.ends_with(".vue");
                if matches!(&**name, "this" | "super") {
                    self.of_this(module, body, node.span, found);
                }
            }
            Expr::Symbol(symbol) => {
                found.is_origin = self.is_seed(module, node.span);
                found.places.push(CarrierPlace::Symbol(module, *symbol));
            }
            Expr::Member(object, property) => {
                found.is_origin = self.is_seed(module, node.span)
                    || &**property == "$config"
                    || env_root(body, *object, property).is_some();
                found.places.push(value(*object));
            }
            Expr::Index(object, _) => {
                found.is_origin =
                    self.is_seed(module, node.span) || body.many_modules(expr).is_some();
                found.places.push(value(*object));
            }
            Expr::Call { callee, arguments, is_new } => {
                found.is_origin = body.many_modules(expr).is_some();
                found.places.push(value(*callee));
                found.places.extend(arguments.iter().map(|&it| value(it)));
                // `load().catch(handler)`
                if let Some(Expr::Member(object, method)) = body.node(*callee).map(|it| &it.expr)
                    && matches!(&**method, "catch" | "then")
                {
                    found.places.push(CarrierPlace::Thrown(module, *object));
                }
                // A promise or a stream gets what a function gives to what it was given.
                for &argument in arguments.iter().filter(|_| *is_new) {
                    self.given_within(module, body, argument, found);
                }
            }
            Expr::Object(properties) => {
                found.places.extend(properties.iter().map(|own| value(own.value)));
                let computed = properties.iter().filter_map(|own| match own.key {
                    PropertyKey::Computed(key) => Some(value(key)),
                    _ => None,
                });
                found.places.extend(computed);
                found
                    .places
                    .extend(body.class_of(expr).map(|class| CarrierPlace::Class(module, class)));
            }
            Expr::Concat(parts) => {
                found.is_origin = self.is_seed(module, node.span);
                found.places.extend(parts.iter().map(|&it| value(it)));
            }
            Expr::Array(parts) | Expr::Union(parts) => {
                found.places.extend(parts.iter().map(|&it| value(it)));
            }
            Expr::Spread(inner) => found.places.push(value(*inner)),
            Expr::Function(function) => self.of_function(module, body, *function, found),
            Expr::Import(import) => {
                found.is_origin = body.many_modules(expr).is_some();
                self.of_import(module, *import as usize, found);
            }
            Expr::Caught { thrown, block } => {
                found.places.extend(thrown.iter().map(|&it| value(it)));
                self.of_calls(module, body, *block, found);
            }
        }
    }

    /// Adds the arguments of calls in a function, or in those of an object.
    fn given_within(
        &self,
        module: ModuleId,
        body: &Body,
        expr: ExprId,
        found: &mut CarrierSources,
    ) {
        let nodes = match body.node(expr).map(|node| &node.expr) {
            Some(Expr::Function(function)) => {
                body.functions.get(*function as usize).map(|function| function.nodes)
            }
            Some(Expr::Object(properties)) => {
                for own in properties {
                    if let Some(Expr::Function(_)) = body.node(own.value).map(|it| &it.expr) {
                        self.given_within(module, body, own.value, found);
                    }
                }
                None
            }
            // A function that is declared elsewhere.
            Some(Expr::Symbol(_)) => {
                found.places.push(CarrierPlace::Thrown(module, expr));
                None
            }
            _ => None,
        };
        if let Some(nodes) = nodes {
            self.of_calls(module, body, nodes, found);
        }
    }

    /// The errors of what an expression stands for, if it is called.
    fn of_thrown(&self, module: ModuleId, body: &Body, expr: ExprId, found: &mut CarrierSources) {
        let Some(node) = body.node(expr) else { return };
        let thrown = |expr: ExprId| CarrierPlace::Thrown(module, expr);
        match &node.expr {
            Expr::Symbol(symbol) => {
                found.places.push(CarrierPlace::ThrownBySymbol(module, *symbol));
            }
            Expr::Function(function) => {
                let Some(known) = body.functions.get(*function as usize) else { return };
                found.places.extend(known.throws.iter().map(|&it| CarrierPlace::Value(module, it)));
                self.of_calls(module, body, known.nodes, found);
                // It may return a function that throws.
                found.places.extend(known.returns.iter().map(|&it| thrown(it)));
            }
            Expr::Member(object, _) | Expr::Index(object, _) => found.places.push(thrown(*object)),
            Expr::Call { callee, arguments, .. } => {
                found.places.push(thrown(*callee));
                found.places.extend(arguments.iter().map(|&it| thrown(it)));
            }
            Expr::Object(properties) => {
                found.places.extend(properties.iter().map(|own| thrown(own.value)));
                found.is_origin |= body.class_of(expr).is_some();
            }
            Expr::Array(parts) | Expr::Union(parts) => {
                found.places.extend(parts.iter().map(|&it| thrown(it)));
            }
            Expr::Spread(inner) => found.places.push(thrown(*inner)),
            Expr::Global(name) => {
                let is_linked =
                    self.graph.modules[module].named.iter().any(|it| *it.name == **name);
                found.is_origin |= is_linked || matches!(&**name, "this" | "super");
            }
            Expr::Import(import) => self.of_import(module, *import as usize, found),
            _ => {}
        }
    }

    /// The errors that calls among some expressions throw, and what they may throw of.
    fn of_calls(
        &self,
        module: ModuleId,
        body: &Body,
        (first, end): (ExprId, ExprId),
        found: &mut CarrierSources,
    ) {
        let nodes = body.nodes.get(first as usize..end as usize).unwrap_or_default();
        for node in nodes {
            if let Expr::Call { callee, arguments, is_new: false } = &node.expr {
                found.places.push(CarrierPlace::Thrown(module, *callee));
                found.places.extend(arguments.iter().map(|&it| CarrierPlace::Value(module, it)));
            }
        }
    }

    fn of_function(
        &self,
        module: ModuleId,
        body: &Body,
        function: u32,
        found: &mut CarrierSources,
    ) {
        let known = body.functions.get(function as usize);
        let returns = known.map_or(&[][..], |known| &known.returns);
        found.places.extend(returns.iter().map(|&it| CarrierPlace::Value(module, it)));
    }

    fn of_this(&self, module: ModuleId, body: &Body, span: Span, found: &mut CarrierSources) {
        match body.class_around(span) {
            Some(class) => found.places.push(CarrierPlace::Class(module, class)),
            None => found.is_origin = true,
        }
    }

    fn of_import(&self, module: ModuleId, import: usize, found: &mut CarrierSources) {
        let node = &self.graph.modules[module];
        if let Some(ImportTarget::To(targets)) = node.links.get(import) {
            found.is_origin |= targets.iter().any(|&it| self.suspects.has_module(self.graph, it));
        }
        let specifier = node.module.imports.get(import).map(|import| &*import.specifier);
        found.is_origin |= specifier.is_some_and(|it| gives_variables(self.conventions, it));
    }

    fn is_defined(&self, name: &str) -> bool {
        self.definitions.iter().any(|field| *field.key == *name)
    }

    /// Adds the places that a symbol takes something from; `of` makes places of expressions.
    fn of_symbol(
        &self,
        module: ModuleId,
        body: &Body,
        symbol: u32,
        found: &mut CarrierSources,
        of: fn(ModuleId, ExprId) -> CarrierPlace,
    ) {
        let Some(known) = body.symbols.get(symbol as usize) else { return };
        found.is_origin |= self.is_seed(module, known.span);
        let value = |expr: ExprId| of(module, expr);
        match &known.value {
            SymbolValue::Init { expr, default, .. } => {
                found.places.push(value(*expr));
                found.places.extend(default.map(value));
            }
            SymbolValue::Parameter { function, default, path, .. } => {
                found.places.extend(default.map(value));
                // `GET({ props })` of an endpoint of Astro.
                if path.first().is_some_and(|name| &**name == "props") {
                    let paths = body.functions.iter().filter(|it| &*it.name == "getStaticPaths");
                    found.places.extend(paths.flat_map(|it| &it.returns).map(|&it| value(it)));
                }
                let call = body.functions.get(*function as usize).and_then(|it| it.given_to);
                if let Some(Expr::Call { callee, arguments, .. }) =
                    call.and_then(|call| body.node(call)).map(|node| &node.expr)
                {
                    if let Some(Expr::Member(object, method)) =
                        body.node(*callee).map(|it| &it.expr)
                    {
                        found.places.push(value(*object));
                        if matches!(&**method, "catch" | "then") {
                            found.places.push(CarrierPlace::Thrown(module, *object));
                        }
                    }
                    let is_function = |it: &ExprId| {
                        matches!(body.node(*it).map(|it| &it.expr), Some(Expr::Function(_)))
                    };
                    let others = arguments.iter().filter(|it| !is_function(it));
                    found.places.extend(others.map(|&it| value(it)));
                }
            }
            SymbolValue::Function(function) => match of(module, 0) {
                CarrierPlace::Thrown(..) | CarrierPlace::ThrownBySymbol(..) => {
                    if let Some(function) = body.functions.get(*function as usize) {
                        found.places.extend(
                            function.throws.iter().map(|&it| CarrierPlace::Value(module, it)),
                        );
                        found.places.extend(function.returns.iter().map(|&it| value(it)));
                        self.of_calls(module, body, function.nodes, found);
                    }
                }
                CarrierPlace::Value(..) | CarrierPlace::Symbol(..) | CarrierPlace::Class(..) => {
                    self.of_function(module, body, *function, found);
                }
            },
            SymbolValue::Import => match known.binding {
                Some(binding) => self.of_imported(BindingId { module, binding }, found, of),
                None => found.is_origin = true,
            },
            SymbolValue::Unknown => found.is_origin |= self.is_defined(&known.name),
        }
        found.places.extend(known.assigned.iter().map(|&it| value(it)));
        let added = known.added.iter().map(|added| match added {
            Addition::Element(expr) | Addition::Part(expr) | Addition::Parameter(expr) => *expr,
        });
        found.places.extend(added.map(value));
        let added = &self.facts(module, body).added;
        found.places.extend(added.get(&symbol).into_iter().flatten().map(|&it| value(it)));
    }

    fn of_imported(
        &self,
        place: BindingId,
        found: &mut CarrierSources,
        of: fn(ModuleId, ExprId) -> CarrierPlace,
    ) {
        match self.graph.definition(place) {
            Definition::Binding(own) if own == place => {}
            Definition::Binding(own) => {
                if !self.suspects.has_binding(own) {
                    return;
                }
                let Some(body) = self.body(own.module) else { return };
                let binding = &self.graph.modules[own.module].module.bindings[own.binding];
                if let Some(symbol) = binding.symbol {
                    found.places.push(match of(own.module, 0) {
                        CarrierPlace::Value(..)
                        | CarrierPlace::Symbol(..)
                        | CarrierPlace::Class(..) => CarrierPlace::Symbol(own.module, symbol),
                        CarrierPlace::Thrown(..) | CarrierPlace::ThrownBySymbol(..) => {
                            CarrierPlace::ThrownBySymbol(own.module, symbol)
                        }
                    });
                    return;
                }
                // `export default <expression>` and CommonJS have no name.
                found.places.extend(body.default_export.map(|it| of(own.module, it)));
                found.places.extend(body.assignments.iter().map(|it| of(own.module, it.1)));
            }
            Definition::Module(module) => {
                found.is_origin |= self.suspects.has_module(self.graph, module);
            }
            Definition::External { specifier, .. } => {
                found.is_origin |= gives_variables(self.conventions, specifier);
            }
            Definition::Unknown => found.is_origin = true,
        }
    }
}

/// The members of a class, and of those that it extends.
fn of_class(module: ModuleId, body: &Body, class: u32, found: &mut CarrierSources) {
    let Some(class) = body.classes.get(class as usize) else { return };
    let value = |expr: ExprId| CarrierPlace::Value(module, expr);
    found.places.push(value(class.statics));
    found.places.extend([class.base, class.super_call].into_iter().flatten().map(value));
    found.places.extend(class.members.iter().map(|own| value(own.value)));
    let own = body.assignments.get(class.assignments.0..class.assignments.1);
    found.places.extend(own.unwrap_or_default().iter().map(|it| value(it.1)));
    // Calls of its methods fill it.
    for node in body.nodes.iter().filter(|node| class.span.contains(node.span)) {
        if let Expr::Call { callee, arguments, .. } = &node.expr
            && root_symbol(body, *callee).is_none()
        {
            found.places.extend(arguments.iter().map(|&it| value(it)));
        }
    }
}

/// The values that the statements of a module add to its symbols: by assignments to their properties,
/// and by calls of methods.
fn added_values(body: &Body) -> AddedValues {
    let mut found = AddedValues::default();
    for &(target, value) in &body.assignments {
        if let Some(symbol) = root_symbol(body, target) {
            found.entry(symbol).or_default().push(value);
        }
    }
    for node in &body.nodes {
        let Expr::Call { callee, arguments, .. } = &node.expr else { continue };
        let Some(Expr::Member(object, method)) = body.node(*callee).map(|it| &it.expr) else {
            continue;
        };
        let (target, values) = match (&**method, arguments.split_first()) {
            ("assign", Some((first, others))) => (*first, others),
            _ => (*object, arguments.as_slice()),
        };
        let is_filled = |symbol: &u32| {
            matches!(&**method, "push" | "unshift" | "add" | "set" | "append" | "assign")
                || body.changed.binary_search(symbol).is_ok()
                || body.filled.iter().any(|(own, _)| own == symbol)
        };
        if let Some(symbol) = root_symbol(body, target).filter(is_filled) {
            found.entry(symbol).or_default().extend(values);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::graph;

    #[test]
    fn only_what_a_secret_may_be_in_carries() {
        let source = "export const key = 'SEED'
            export const make = () => ({ key, at: 1 })
            export const check = () => { use(key); return { ok: true } }
            export class Box { inner = key; get() { return this.inner } }";
        let answers = "import { key, make, check, Box } from './a'
            const filled = [], free = []
            filled.push(key)
            free.push(1)
            const pass = (given) => { log(key); return given }
            const load = async () => { throw new Error(key) }
            class Free { n = 1; get() { return this.n } }
            answer(make().key); answer(check()); answer(pass(key)); answer(pass(2)); answer(filled)
            answer(free); answer(new Box().get()); answer(new Free().get())
            answer([1].map((it) => it + key)); answer(new Promise((fulfil) => fulfil(key)))
            load().catch((error) => answer(error))";
        let mut graph = graph(&[("a.ts", source), ("b.ts", answers)]);
        for node in &mut graph.modules {
            node.needs_eval = true;
            if *node.path == *"a.ts" {
                node.seeds = SeedPlaces::at(vec![source.find("SEED").unwrap() as u32], Vec::new());
            }
        }
        let conventions = VariableConventions::default();
        let suspects = Suspects::new(&graph, &conventions, None);
        let carriers = Carriers::new(&graph, &suspects, &conventions, &[]);
        let module = graph.by_path("b.ts").unwrap();
        let body = carriers.body(module).unwrap();
        let given = body.nodes.iter().filter_map(|node| match &node.expr {
            Expr::Call { callee, arguments, .. } => match &body.node(*callee)?.expr {
                Expr::Global(name) if &**name == "answer" => arguments.first().copied(),
                _ => None,
            },
            _ => None,
        });
        let mut carry = Vec::new();
        let mut others = Vec::new();
        for expr in given {
            let span = body.node(expr).unwrap().span;
            let text = &answers[span.start as usize..span.end as usize];
            if carriers.may_carry(module, expr) { &mut carry } else { &mut others }.push(text);
        }
        let expected = [
            "make().key",
            "pass(key)",
            "filled",
            "new Box().get()",
            "[1].map((it) => it + key)",
            "new Promise((fulfil) => fulfil(key))",
            "error",
        ];
        assert_eq!(carry, expected, "{others:?}");
        assert_eq!(others, ["check()", "pass(2)", "free", "new Free().get()"]);
    }
}
