//! The code that a secret may get to, by the uses of bindings alone: only this is checked.
//!
//! Values come from seeds, environments and files, and go from binding to binding by uses. Code that
//! none of them gets to has no leak, whatever its expressions are, so that these need not be evaluated.

use std::collections::HashMap;

use foldhash::fast::RandomState;
use rayon::prelude::*;

use crate::eval::variable_modules::gives_variables;
use crate::graph::definitions::Definition;
use crate::graph::modules::{BindingId, Graph, ImportTarget, ModuleId};
use crate::graph::seed_places::SeedPlaces;
use crate::js::ir::{
    Binding, BindingTarget, Export, ExportSource, Imported, MODULE_INIT, Module, ModulePart, Span,
    first_member,
};
use crate::js::module_body::BodyFacts;
use crate::variables::conventions::VariableConventions;

/// A binding, or all exports of a module, by number.
type Place = u32;

/// How many modules a thread looks at before others may take over the rest.
const CHUNK: usize = 64;

/// The bindings that a secret may get to.
pub(crate) struct Suspects {
    /// The number of the first place of each module.
    first: Vec<Place>,
    /// For each place, true if a secret may get there.
    reached: Vec<bool>,
    /// Those among them that are to be checked, if these are not all.
    checked: Option<Vec<bool>>,
}

/// The code in which something changed.
#[derive(Clone, Copy)]
pub(crate) struct ChangedCode<'c> {
    /// The modules that changed.
    pub(crate) modules: &'c [ModuleId],
    /// For each module, true if it imports one of them, directly or not.
    pub(crate) importers: &'c [bool],
    /// For each module, true if all of its code is to be checked.
    pub(crate) whole: &'c [bool],
}

impl Suspects {
    /// Those of an app.
    pub(crate) fn new(
        graph: &Graph,
        conventions: &VariableConventions,
        changed: Option<ChangedCode<'_>>,
    ) -> Self {
        let places = PlaceNumbers::new(graph, changed.map(|changed| changed.importers));
        let found = places.of_all(conventions);
        let uses = || found.iter().flat_map(|it| &it.uses).copied();
        let users = Users::new(places.count, uses());
        let reached = users.of(found.iter().flat_map(|it| &it.origins).copied().collect());
        let checked = changed.map(|changed| {
            let own = changed.modules.iter().flat_map(|&id| places.all_of(id));
            // A component gets properties from where it is only named.
            let named = found.iter().flat_map(|it| &it.named).copied();
            let users = Users::new(places.count, uses().chain(named));
            let mut checked = users.of(own.collect());
            let whole = changed.whole.iter().enumerate().filter(|(_, is_whole)| **is_whole);
            for place in whole.flat_map(|(id, _)| places.all_of(id)) {
                checked[place as usize] = true;
            }
            checked.iter_mut().zip(&reached).for_each(|(checked, reached)| *checked &= reached);
            checked
        });
        Self { first: places.first, reached, checked }
    }

    /// True if a secret may get to a binding.
    pub(crate) fn has_binding(&self, place: BindingId) -> bool {
        self.reached[self.first[place.module] as usize + place.binding]
    }

    /// True if that binding is to be checked, too.
    pub(crate) fn is_checked(&self, place: BindingId) -> bool {
        let checked = self.checked.as_ref().unwrap_or(&self.reached);
        checked[self.first[place.module] as usize + place.binding]
    }

    /// True if code of a module is to be checked.
    pub(crate) fn is_module_checked(&self, graph: &Graph, module: ModuleId) -> bool {
        let checked = self.checked.as_ref().unwrap_or(&self.reached);
        let node = &graph.modules[module];
        let whole = self.first[module] as usize + node.module.bindings.len();
        node.needs_eval && checked[whole]
    }

    /// True if a secret may get to code of a module, or to an export of another that it passes on.
    pub(crate) fn has_module(&self, graph: &Graph, module: ModuleId) -> bool {
        let node = &graph.modules[module];
        let whole = self.first[module] as usize + node.module.bindings.len();
        node.needs_eval && self.reached[whole]
    }
}

/// The bindings whose code a secret may get to, and all that this code uses: an edit of any other changes
/// no value that a secret meets.
pub(crate) struct UsedPlaces {
    first: Vec<Place>,
    used: Vec<bool>,
}

impl UsedPlaces {
    /// Those of an app in which the modules `leaving` leave values for others.
    pub(crate) fn new(
        graph: &Graph,
        conventions: &VariableConventions,
        leaving: &[ModuleId],
    ) -> Self {
        let all = vec![true; graph.modules.len()];
        let places = PlaceNumbers::new(graph, Some(&all));
        let found = places.of_all(conventions);
        let uses = || found.iter().flat_map(|it| &it.uses).copied();
        let users = Users::new(places.count, uses());
        let mut begin = users.of(found.iter().flat_map(|it| &it.origins).copied().collect());
        for id in 0..graph.modules.len() {
            // All of a module is no code of its own.
            begin[places.whole(id) as usize] = false;
        }
        for place in leaving.iter().flat_map(|&id| places.all_of(id)) {
            begin[place as usize] = true;
        }
        let named = found.iter().flat_map(|it| &it.named).copied();
        let unread = (0..graph.modules.len()).flat_map(|id| places.unread_uses(id));
        let pairs: Vec<(Place, Place)> = uses().chain(named).chain(unread).collect();
        let used = Users::new(places.count, pairs.iter().map(|&(user, used)| (used, user)));
        let begin = (0..).zip(begin).filter(|(_, begins)| *begins).map(|(place, _)| place);
        Self { used: used.of(begin.collect()), first: places.first }
    }

    /// True for a binding among them.
    pub(crate) fn has_binding(&self, place: BindingId) -> bool {
        self.used[self.first[place.module] as usize + place.binding]
    }
}

/// The places of exports that were looked up.
type KnownExports<'g> = HashMap<(ModuleId, &'g str), Place, RandomState>;

/// The numbers of places: those of a module's bindings, then one for all of it.
struct PlaceNumbers<'g> {
    graph: &'g Graph,
    /// Modules that matter although no secret comes through them.
    others: Option<&'g [bool]>,
    /// The first of each module.
    first: Vec<Place>,
    count: usize,
}

/// The places of a module that secrets come from, and pairs of a place and another that it uses.
#[derive(Default)]
struct ModulePlaces {
    origins: Vec<Place>,
    uses: Vec<(Place, Place)>,
    /// Pairs of a place and another whose value it does not take.
    named: Vec<(Place, Place)>,
}

/// The users of each place.
struct Users {
    /// For each place, the number of its first user; last, their count.
    starts: Vec<usize>,
    /// The users of each place, one place after another.
    users: Vec<Place>,
}

impl Users {
    /// Those in pairs of a place and another that it uses, of so many places.
    fn new(count: usize, uses: impl Iterator<Item = (Place, Place)> + Clone) -> Self {
        let mut ends = vec![0; count + 1];
        for (_, used) in uses.clone() {
            ends[used as usize + 1] += 1;
        }
        for place in 0..count {
            ends[place + 1] += ends[place];
        }
        let starts = ends.clone();
        let mut users = vec![0; ends[count]];
        for (user, used) in uses {
            let next = &mut ends[used as usize];
            users[*next] = user;
            *next += 1;
        }
        Self { starts, users }
    }

    /// For each place, true if it is one of these or uses one of them, directly or not.
    fn of(&self, mut queue: Vec<Place>) -> Vec<bool> {
        let mut reached = vec![false; self.starts.len() - 1];
        while let Some(place) = queue.pop() {
            if !std::mem::replace(&mut reached[place as usize], true) {
                let (start, end) = (self.starts[place as usize], self.starts[place as usize + 1]);
                queue.extend(&self.users[start..end]);
            }
        }
        reached
    }
}

impl<'g> PlaceNumbers<'g> {
    fn new(graph: &'g Graph, others: Option<&'g [bool]>) -> Self {
        let mut next = 0;
        let first = graph.modules.iter().map(|node| {
            let first = next;
            next += node.module.bindings.len() as Place + 1;
            first
        });
        let first = first.collect();
        Self { graph, others, first, count: next as usize }
    }

    fn binding(&self, place: BindingId) -> Place {
        self.first[place.module] + place.binding as Place
    }

    /// All places of a module.
    fn all_of(&self, module: ModuleId) -> impl Iterator<Item = Place> + use<> {
        self.first[module]..=self.whole(module)
    }

    /// True if a secret may come through a module, or if it matters all the same.
    fn matters(&self, module: ModuleId) -> bool {
        self.graph.modules[module].needs_eval || self.others.is_some_and(|others| others[module])
    }

    fn whole(&self, module: ModuleId) -> Place {
        self.first[module] + self.graph.modules[module].module.bindings.len() as Place
    }

    /// The places that each module has and uses.
    fn of_all(&self, conventions: &VariableConventions) -> Vec<ModulePlaces> {
        let all = (0..self.graph.modules.len()).into_par_iter().with_max_len(CHUNK);
        all.map_init(KnownExports::default, |known, id| self.of_module(id, conventions, known))
            .collect()
    }

    /// The uses in a module that only its expressions tell, which may be unread.
    fn unread_uses(&self, id: ModuleId) -> Vec<(Place, Place)> {
        let node = &self.graph.modules[id];
        let here = |binding: usize| self.binding(BindingId { module: id, binding });
        if node.module.body.is_none() {
            // Any may change any other.
            let all = 0..node.module.bindings.len();
            return all.map(|binding| (here(binding), self.whole(id))).collect();
        }
        let changes = node.module.body.facts().changes.iter();
        changes.map(|&(changed, by)| (here(changed), here(by))).collect()
    }

    /// The places that a module has and uses; none if no secret can come through it.
    fn of_module(
        &self,
        id: ModuleId,
        conventions: &VariableConventions,
        known: &mut KnownExports<'g>,
    ) -> ModulePlaces {
        let node = &self.graph.modules[id];
        let mut found = ModulePlaces::default();
        if !self.matters(id) {
            return found;
        }
        let module = &node.module;
        let here = |binding: usize| self.binding(BindingId { module: id, binding });
        let is_code = node.part == ModulePart::Whole && !node.path.ends_with(".json");
        let mut imports = module.imports.iter();
        let is_anywhere = !is_code && node.seeds.has_place()
            || matches!(node.seeds, SeedPlaces::Anywhere)
            || node.takes_left
            || imports.any(|import| gives_variables(conventions, &import.specifier));
        for (number, binding) in module.bindings.iter().enumerate() {
            // A seed between declarations belongs to the code that runs when the module is loaded.
            let has_seed = match number {
                MODULE_INIT => node.seeds.may_be_outside(extents(module)),
                _ => node.seeds.may_be_in(binding.extent),
            };
            if node.needs_eval && (is_anywhere || has_seed) {
                found.origins.push(here(number));
            }
            self.uses_of(id, number, binding, (&mut found, known));
            if matches!(binding.target, BindingTarget::Local) {
                found.uses.push((self.whole(id), here(number)));
            }
        }
        for part in &module.parts {
            found.uses.push((here(part.whole), here(part.binding)));
        }
        for named in &node.named {
            let used = match named.export.as_deref() {
                Some(export) => self.export(named.target, export, known),
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
                    for used in self.imported(id, *import, own, None, known) {
                        found.uses.push((self.whole(id), used));
                    }
                }
            }
        }
        // An endpoint of Astro gets properties from there.
        let exported = |wanted: &str| {
            let export = module.exports.iter().find(|export| export.name == wanted)?;
            match export.source {
                ExportSource::Binding(binding) => Some(here(binding)),
                ExportSource::Import { .. } => None,
            }
        };
        if let (Some(paths), Some(endpoint)) = (exported("getStaticPaths"), exported("GET")) {
            found.uses.push((endpoint, paths));
        }
        if node.needs_eval {
            if let Some(body) = module.body.as_ref().filter(|_| node.has_seed()) {
                // Decorators and later assignments are outside of the declarations that they belong to.
                let seeds = body.nodes.iter().filter(|it| node.seeds.may_be_in(it.span));
                let contexts = seeds.filter_map(|it| body.contexts.get(it.context as usize));
                found.origins.extend(contexts.map(|context| here(context.binding)));
            }
            let BodyFacts { origins, changes, .. } = module.body.facts();
            found.origins.extend(origins.iter().map(|&binding| here(binding)));
            found.uses.extend(changes.iter().map(|&(changed, by)| (here(changed), here(by))));
        }
        found
    }

    /// Adds what a binding uses.
    fn uses_of(
        &self,
        id: ModuleId,
        number: usize,
        binding: &'g Binding,
        (found, known): (&mut ModulePlaces, &mut KnownExports<'g>),
    ) {
        let module = &self.graph.modules[id].module;
        let user = self.binding(BindingId { module: id, binding: number });
        for used in &binding.uses {
            let found = if used.takes_value { &mut found.uses } else { &mut found.named };
            match module.bindings.get(used.binding).map(|it| &it.target) {
                // One export of all of a module.
                Some(BindingTarget::Imported { import, name: name @ Imported::All }) => {
                    let member = used.member.as_deref().map(|members| first_member(members).0);
                    let all = self.imported(id, *import, name, member, known);
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
            let all = self.imported(id, *import, name, None, known);
            found.uses.extend(all.into_iter().map(|used| (user, used)));
        }
        for &import in &binding.imports {
            let all = self.imported(id, import, &Imported::All, None, known);
            found.uses.extend(all.into_iter().map(|used| (user, used)));
        }
    }

    /// The places that an import leads to: an export, or one of all.
    fn imported(
        &self,
        id: ModuleId,
        import: usize,
        name: &'g Imported,
        member: Option<&'g str>,
        known: &mut KnownExports<'g>,
    ) -> Vec<Place> {
        let Some(ImportTarget::To(targets)) = self.graph.modules[id].links.get(import) else {
            return Vec::new();
        };
        let name = match name {
            Imported::Name(name) => Some(name.as_str()),
            Imported::All => member,
        };
        let place = |&target: &ModuleId| match name {
            Some(name) => self.export(target, name, known),
            None => self.whole(target),
        };
        // No secret comes through the others.
        let targets = targets.iter().filter(|&&target| self.matters(target));
        targets.map(place).collect()
    }

    /// An export of a module; all of it if it has none of this name that is known.
    fn export(&self, module: ModuleId, name: &'g str, known: &mut KnownExports<'g>) -> Place {
        *known.entry((module, name)).or_insert_with(|| match self.graph.exported(module, name) {
            Definition::Binding(place) => self.binding(place),
            Definition::Module(module) => self.whole(module),
            Definition::External { .. } | Definition::Unknown => self.whole(module),
        })
    }
}

/// The declarations of a module.
fn extents(module: &Module) -> impl Iterator<Item = Span> + Clone {
    module.bindings.iter().skip(1).map(|binding| binding.extent)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::graph;

    #[test]
    fn secrets_get_where_they_are_used() {
        let source =
            "export const key = 'SEED'\nexport const other = {}\nexport let late\nlate = key";
        let mut graph = graph(&[
            ("a.ts", source),
            ("b.ts", "export { key as k, other } from './a'; export * from './c'"),
            ("c.ts", "import * as a from './a'; export const one = a.key, two = a.other"),
            (
                "d.ts",
                "import { k, other, one, two } from './b'; const f = () => [k, one], g = [other, two]",
            ),
            (
                "e.ts",
                "import { late } from './a'; const load = () => import('./d'), h = late, i = () => all",
            ),
            ("f.ts", "import { other } from './b'; export const free = other"),
        ]);
        for node in &mut graph.modules {
            node.needs_eval = true;
            if *node.path == *"a.ts" {
                node.seeds = SeedPlaces::at(vec![source.find("SEED").unwrap() as u32], Vec::new());
            }
        }
        let suspects = Suspects::new(&graph, &VariableConventions::default(), None);
        for (path, expected) in [
            ("a.ts", "key late"),
            ("b.ts", ""),
            ("c.ts", "a one"),
            ("d.ts", "k one f"),
            ("e.ts", "late load h"),
            ("f.ts", ""),
        ] {
            let module = graph.by_path(path).unwrap();
            let bindings = graph.modules[module].module.bindings.iter().enumerate().skip(1);
            let found = bindings
                .filter(|(binding, _)| {
                    suspects.has_binding(BindingId { module, binding: *binding })
                })
                .map(|(_, it)| &*it.name);
            assert_eq!(found.collect::<Vec<_>>().join(" "), expected, "{path}");
            assert_eq!(suspects.has_module(&graph, module), path != "f.ts", "{path}");
        }
    }
}
