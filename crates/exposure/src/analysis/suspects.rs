//! The modules that a secret may get to, by the uses of bindings alone: only these are checked.
//!
//! Values come from seeds, environments and files, and go from binding to binding by uses. A module
//! that none of them gets to has no leak, whatever its expressions are, so that they need not be
//! evaluated.

use rayon::prelude::*;

use crate::eval::environment::gives_variables;
use crate::graph::definitions::Definition;
use crate::graph::modules::{BindingId, Graph, ImportTarget, ModuleId};
use crate::graph::seed_places::SeedPlaces;
use crate::js::ir::{
    Binding, BindingTarget, Body, Export, ExportSource, Expr, ExprId, Imported, MODULE_INIT,
    ModulePart,
};
use crate::variables::conventions::VariableConventions;

/// A binding, or all exports of a module, by number.
type Place = u32;

/// For each module, true if it needs to be checked.
pub(super) fn suspects(graph: &Graph, conventions: &VariableConventions) -> Vec<bool> {
    let places = Places::new(graph);
    let found: Vec<ModulePlaces> = (0..graph.modules.len())
        .into_par_iter()
        .map(|id| places.of_module(id, conventions))
        .collect();
    let mut users: Vec<Vec<Place>> = vec![Vec::new(); places.count];
    for (user, used) in found.iter().flat_map(|it| &it.uses) {
        users[*used as usize].push(*user);
    }
    let mut reached = vec![false; places.count];
    let mut queue = Vec::new();
    for origin in found.iter().flat_map(|it| &it.origins) {
        if !std::mem::replace(&mut reached[*origin as usize], true) {
            queue.push(*origin);
        }
    }
    while let Some(place) = queue.pop() {
        for &user in &users[place as usize] {
            if !std::mem::replace(&mut reached[user as usize], true) {
                queue.push(user);
            }
        }
    }
    let is_suspect = |(id, node): (ModuleId, &crate::graph::modules::ModuleNode)| {
        node.needs_eval && (node.has_seed() || reached[places.whole(id) as usize])
    };
    graph.modules.iter().enumerate().map(is_suspect).collect()
}

/// The numbers of places: those of a module's bindings, then one for all of it.
struct Places<'g> {
    graph: &'g Graph,
    /// The first of each module.
    first: Vec<Place>,
    count: usize,
}

/// The places of a module that secrets come from, and pairs of a place and another that it uses.
#[derive(Default)]
struct ModulePlaces {
    origins: Vec<Place>,
    uses: Vec<(Place, Place)>,
}

impl<'g> Places<'g> {
    fn new(graph: &'g Graph) -> Self {
        let mut next = 0;
        let first = graph.modules.iter().map(|node| {
            let first = next;
            next += node.module.bindings.len() as Place + 1;
            first
        });
        let first = first.collect();
        Self { graph, first, count: next as usize }
    }

    fn binding(&self, place: BindingId) -> Place {
        self.first[place.module] + place.binding as Place
    }

    fn whole(&self, module: ModuleId) -> Place {
        self.first[module] + self.graph.modules[module].module.bindings.len() as Place
    }

    /// What a module has and uses; nothing if no secret can come through it.
    fn of_module(&self, id: ModuleId, conventions: &VariableConventions) -> ModulePlaces {
        let node = &self.graph.modules[id];
        let mut found = ModulePlaces::default();
        if !node.needs_eval {
            return found;
        }
        let module = &node.module;
        let here = |binding: usize| self.binding(BindingId { module: id, binding });
        let is_code = node.part == ModulePart::Whole && !node.path.ends_with(".json");
        let mut imports = module.imports.iter();
        let is_anywhere = !is_code && node.has_seed()
            || matches!(node.seeds, SeedPlaces::Anywhere)
            || imports.any(|import| gives_variables(conventions, &import.specifier));
        for (number, binding) in module.bindings.iter().enumerate() {
            // A seed between declarations belongs to the code that runs when the module is loaded.
            let has_seed = match number {
                MODULE_INIT => node.has_seed(),
                _ => node.seeds.may_be_in(binding.extent),
            };
            if is_anywhere || has_seed {
                found.origins.push(here(number));
            }
            self.uses_of(id, number, binding, &mut found.uses);
            if matches!(binding.target, BindingTarget::Local) {
                found.uses.push((self.whole(id), here(number)));
            }
        }
        for part in &module.parts {
            found.uses.push((here(part.whole), here(part.binding)));
        }
        for named in &node.named {
            let used = match named.export.as_deref() {
                Some(export) => self.export(named.target, export),
                None => self.whole(named.target),
            };
            found.uses.push((here(named.binding), used));
        }
        for Export { name, source, .. } in &module.exports {
            match source {
                ExportSource::Binding(binding) => {
                    found.uses.push((self.whole(id), here(*binding)));
                }
                ExportSource::Import { import, name: own } => {
                    let own = if name == "*" { &Imported::All } else { own };
                    for used in self.imported(id, *import, own, None) {
                        found.uses.push((self.whole(id), used));
                    }
                }
            }
        }
        if let Some(body) = &module.body {
            found.origins.extend(body.origins.iter().map(|&binding| here(binding)));
            for (changed, by) in changes(body) {
                found.uses.push((here(changed), here(by)));
            }
        }
        found
    }

    /// Adds what a binding uses.
    fn uses_of(
        &self,
        id: ModuleId,
        number: usize,
        binding: &Binding,
        found: &mut Vec<(Place, Place)>,
    ) {
        let module = &self.graph.modules[id].module;
        let user = self.binding(BindingId { module: id, binding: number });
        for used in &binding.uses {
            match module.bindings.get(used.binding).map(|it| &it.target) {
                // One export of all of a module.
                Some(BindingTarget::Imported { import, name: name @ Imported::All }) => {
                    let all = self.imported(id, *import, name, used.member.as_deref());
                    found.extend(all.into_iter().map(|used| (user, used)));
                }
                Some(_) => {
                    let used = self.binding(BindingId { module: id, binding: used.binding });
                    found.push((user, used));
                }
                None => {}
            }
        }
        if let BindingTarget::Imported { import, name } = &binding.target {
            let all = self.imported(id, *import, name, None);
            found.extend(all.into_iter().map(|used| (user, used)));
        }
        for &import in &binding.imports {
            let all = self.imported(id, import, &Imported::All, None);
            found.extend(all.into_iter().map(|used| (user, used)));
        }
    }

    /// What an import leads to: an export, or one of all.
    fn imported(
        &self,
        id: ModuleId,
        import: usize,
        name: &'g Imported,
        member: Option<&'g str>,
    ) -> Vec<Place> {
        let Some(ImportTarget::To(targets)) = self.graph.modules[id].links.get(import) else {
            return Vec::new();
        };
        let name = match name {
            Imported::Name(name) => Some(name.as_str()),
            Imported::All => member,
        };
        let place = |&target: &ModuleId| match name {
            Some(name) => self.export(target, name),
            None => self.whole(target),
        };
        targets.iter().map(place).collect()
    }

    /// An export of a module; all of it if it has none of this name that is known.
    fn export(&self, module: ModuleId, name: &'g str) -> Place {
        match self.graph.exported(module, name) {
            Definition::Binding(place) => self.binding(place),
            Definition::Module(module) => self.whole(module),
            Definition::External { .. } | Definition::Unknown => self.whole(module),
        }
    }
}

/// The bindings that code changes after their declaration: each with that whose code does it.
fn changes(body: &Body) -> impl Iterator<Item = (usize, usize)> {
    let context = |expr: ExprId| {
        let context = body.node(expr)?.context;
        body.contexts.get(context as usize).map(|context| context.binding)
    };
    let binding = |symbol: u32| body.symbols.get(symbol as usize)?.binding;
    let of_objects = body
        .assignments
        .iter()
        .filter_map(move |&(target, _)| Some((binding(root(body, target)?)?, context(target)?)));
    let of_names = body.symbols.iter().flat_map(move |symbol| {
        let by = symbol.assigned.iter().filter_map(move |&expr| context(expr));
        symbol.binding.into_iter().flat_map(move |own| by.clone().map(move |by| (own, by)))
    });
    of_objects.chain(of_names)
}

/// The symbol at the root of `a.b[c]`.
fn root(body: &Body, target: ExprId) -> Option<u32> {
    let mut at = target;
    loop {
        at = match &body.node(at)?.expr {
            Expr::Symbol(symbol) => return Some(*symbol),
            Expr::Member(object, _) | Expr::Index(object, _) => *object,
            _ => return None,
        };
    }
}
