//! Tests of constants: names and properties that no code of the app changes, in whichever module.

#![expect(clippy::wildcard_enum_match_arm, reason = "few of the kinds of expressions matter here")]

use crate::eval::evaluator::Evaluator;
use crate::eval::limits::MAX_CALLS;
use crate::graph::definitions::Definition;
use crate::graph::modules::{BindingId, ModuleId, ModuleNode};
use crate::js::ir::{
    BindingTarget, Body, ExportSource, Expr, ExprId, ImportKind, Imported, Logic, PropertyKey,
    Span, SymbolValue,
};

/// The endings of components, whose markup may assign to what it names: `v-model`, `bind:value`.
const COMPONENTS: [&str; 3] = [".vue", ".svelte", ".astro"];

impl Evaluator<'_> {
    /// True if a build that knows the constants of all modules sees that a place never runs.
    pub(crate) fn is_excluded(&self, module: ModuleId, place: Span) -> bool {
        let Some(body) = self.body(module) else { return false };
        self.charge(body.conditions.len() + body.logic.len());
        let fails = |test: ExprId, holds: bool| {
            self.is_fixed(module, test, 0) && self.truth(module, test, None) == Some(!holds)
        };
        let mut around = body.conditions.iter().filter(|it| it.span.contains(place));
        if around.any(|condition| fails(condition.test, condition.holds)) {
            return true;
        }
        body.logic.iter().any(|&(expr, logic)| {
            let Some(Expr::Union(parts)) = body.node(expr).map(|it| &it.expr) else { return false };
            let is_in = |part: &ExprId| body.node(*part).is_some_and(|it| it.span.contains(place));
            let Some(at) = parts.iter().position(is_in) else { return false };
            match logic {
                Logic::If(test) => fails(test, at == 0),
                Logic::And => parts[..at].iter().any(|&test| fails(test, true)),
                Logic::Or => parts[..at].iter().any(|&test| fails(test, false)),
                Logic::Not(_) | Logic::Equal(..) | Logic::Unequal(..) | Logic::InstanceOf(..) => {
                    false
                }
            }
        })
    }

    /// True if a test has the same truth in all of the app.
    fn is_fixed(&self, module: ModuleId, test: ExprId, depth: u32) -> bool {
        let Some(body) = self.body(module).filter(|_| depth <= MAX_CALLS) else { return false };
        let is_fixed = |part: ExprId| self.is_fixed(module, part, depth + 1);
        let expr = body.node(test).map(|node| &node.expr);
        match (body.logic(test), expr) {
            (Some(Logic::Not(operand)), _) => is_fixed(operand),
            (Some(Logic::Equal(left, right) | Logic::Unequal(left, right)), _) => {
                is_fixed(left) && is_fixed(right)
            }
            (Some(Logic::And | Logic::Or), Some(Expr::Union(parts))) => {
                parts.iter().all(|&part| is_fixed(part))
            }
            (None, Some(Expr::Text(_) | Expr::Literal(_))) => true,
            (None, Some(Expr::Symbol(symbol))) => {
                let Some((home, value)) = self.constant(module, *symbol) else { return false };
                self.is_fixed(home, value, depth + 1)
            }
            (None, Some(Expr::Member(object, name))) => {
                self.is_fixed_property(module, *object, name)
            }
            _ => false,
        }
    }

    /// The module and the expression that is the value of a name, if nothing assigns another one.
    fn constant(&self, module: ModuleId, symbol: u32) -> Option<(ModuleId, ExprId)> {
        let known = self.body(module)?.symbols.get(symbol as usize)?;
        if !known.assigned.is_empty() || !known.added.is_empty() {
            return None;
        }
        match &known.value {
            SymbolValue::Init { expr, path, default: None } if path.is_empty() => {
                Some((module, *expr))
            }
            SymbolValue::Import => {
                let place = self.defined_at(module, known.binding?)?;
                let own = self.graph.modules[place.module].module.bindings.get(place.binding)?;
                match own.symbol {
                    Some(symbol) if place.module != module => self.constant(place.module, symbol),
                    Some(_) => None,
                    None => Some((place.module, self.exported_object(place)?)),
                }
            }
            _ => None,
        }
    }

    /// The place that declares what a binding imports.
    fn defined_at(&self, module: ModuleId, binding: usize) -> Option<BindingId> {
        let bindings = &self.graph.modules[module].module.bindings;
        let BindingTarget::Imported { name: Imported::Name(_), .. } =
            &bindings.get(binding)?.target
        else {
            return None;
        };
        match self.graph.definition(BindingId { module, binding }) {
            Definition::Binding(place) if place.module != module => Some(place),
            _ => None,
        }
    }

    /// The expression of `export default { … }`.
    fn exported_object(&self, place: BindingId) -> Option<ExprId> {
        let body = self.body(place.module)?;
        let expr = body.default_export?;
        let own = self.graph.modules[place.module].module.bindings.get(place.binding)?;
        own.extent.contains(body.node(expr)?.span).then_some(expr)
    }

    /// True if a property of a constant object is a literal that no code of the app changes.
    fn is_fixed_property(&self, module: ModuleId, object: ExprId, name: &str) -> bool {
        let Some(body) = self.body(module) else { return false };
        let Some(Expr::Symbol(symbol)) = body.node(object).map(|node| &node.expr) else {
            return false;
        };
        let Some((home, value)) = self.constant(module, *symbol) else { return false };
        let Some(own) = self.body(home) else { return false };
        let Some(Expr::Object(properties)) = own.node(value).map(|node| &node.expr) else {
            return false;
        };
        let is_inert = |value: ExprId| {
            let expr = own.node(value).map(|node| &node.expr);
            matches!(
                expr,
                Some(Expr::Text(_) | Expr::Literal(_) | Expr::Object(_) | Expr::Array(_))
            )
        };
        let mut named = 0;
        for property in properties {
            let PropertyKey::Name(key) = &property.key else { return false };
            if !is_inert(property.value) {
                return false;
            }
            if **key == *name {
                let expr = own.node(property.value).map(|node| &node.expr);
                if !matches!(expr, Some(Expr::Text(_) | Expr::Literal(_))) {
                    return false;
                }
                named += 1;
            }
        }
        let place = match body.symbols.get(*symbol as usize).and_then(|symbol| symbol.binding) {
            Some(binding) => match self.defined_at(module, binding) {
                Some(place) => place,
                None => BindingId { module, binding },
            },
            // The object of a function.
            None => return named == 1 && is_only_read(body, *symbol),
        };
        named == 1 && self.is_read_everywhere(place)
    }

    /// True if all code of the app only reads properties of an object.
    fn is_read_everywhere(&self, place: BindingId) -> bool {
        if let Some(&known) = self.only_read.borrow().get(&place) {
            return known;
        }
        let home = &self.graph.modules[place.module];
        self.charge(self.graph.modules.len());
        let own = home.module.bindings.get(place.binding).and_then(|binding| binding.symbol);
        let is_known = |symbol| self.body(place.module).is_some_and(|it| is_only_read(it, symbol));
        let mut exports = home.module.exports.iter();
        let is_exported = exports.any(|it| it.source == ExportSource::Binding(place.binding));
        let is_read = !is_component(home)
            && own.is_none_or(is_known)
            && (!is_exported
                || (0..self.graph.modules.len()).all(|user| self.only_reads(user, place)));
        self.only_read.borrow_mut().insert(place, is_read);
        is_read
    }

    /// True if a module only reads properties of an object of another one, as far as it is imported.
    fn only_reads(&self, user: ModuleId, place: BindingId) -> bool {
        let node = &self.graph.modules[user];
        if node.named.iter().any(|named| named.target == place.module) {
            return false;
        }
        let is_from = |import: usize| self.graph.targets(user, import).contains(&place.module);
        let names = || {
            let exports = self.graph.modules[place.module].module.exports.iter();
            exports.filter(|export| export.source == ExportSource::Binding(place.binding))
        };
        let has = |name: &str| names().any(|export| export.name == name);
        let module = &node.module;
        for import in (0..module.imports.len()).filter(|&import| is_from(import)) {
            if module.imports[import].kind != ImportKind::Static || is_component(node) {
                return false;
            }
            let is_passed_on = module.exports.iter().any(|export| match &export.source {
                ExportSource::Import { import: own, name } => {
                    *own == import
                        && match name {
                            Imported::Name(name) => has(name),
                            Imported::All => true,
                        }
                }
                ExportSource::Binding(_) => false,
            });
            if is_passed_on {
                return false;
            }
            for (number, binding) in module.bindings.iter().enumerate() {
                let BindingTarget::Imported { import: own, name } = &binding.target else {
                    continue;
                };
                if *own != import {
                    continue;
                }
                let is_exported = module
                    .exports
                    .iter()
                    .any(|export| export.source == ExportSource::Binding(number));
                let is_read = match name {
                    Imported::All => false,
                    Imported::Name(name) if !has(name) => true,
                    Imported::Name(_) => {
                        let body = self.body(user);
                        let read = |symbol| body.is_some_and(|body| is_only_read(body, symbol));
                        !is_exported && binding.symbol.is_some_and(read)
                    }
                };
                if !is_read {
                    return false;
                }
            }
        }
        true
    }
}

fn is_component(node: &ModuleNode) -> bool {
    COMPONENTS.iter().any(|ending| node.path.ends_with(ending))
}

/// True if a module only reads properties of a name, and gives the object to nothing but importers.
pub(crate) fn is_only_read(body: &Body, symbol: u32) -> bool {
    if body.changed.binary_search(&symbol).is_ok()
        || body.filled.iter().any(|(filled, _)| *filled == symbol)
    {
        return false;
    }
    let is_it = |id: ExprId| matches!(body.node(id).map(|node| &node.expr), Some(Expr::Symbol(own)) if *own == symbol);
    let named = (0..body.nodes.len() as ExprId).filter(|&id| is_it(id)).count();
    let read = body.nodes.iter().filter(|node| match &node.expr {
        Expr::Member(object, _) => is_it(*object),
        _ => false,
    });
    let exported = body.default_export.is_some_and(is_it);
    named == read.count() + usize::from(exported)
}
