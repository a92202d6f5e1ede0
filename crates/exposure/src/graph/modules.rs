//! The modules of an app and the imports between them.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use foldhash::fast::RandomState;
use rayon::prelude::*;

use crate::graph::barrel::{Barrel, barrels};
use crate::graph::file_facts::{FileFacts, HOLDERS};
use crate::graph::import_closure::AppModules;
use crate::graph::seed_places::SeedPlaces;
use crate::js::guard::Guard;
use crate::js::ir::{
    Erased, Export, ExportSource, ImportKind, MODULE_INIT, Module, ModulePart, Span,
};
use crate::project::conventions::is_source;
use crate::project::resolve::Resolved;

/// Index into [`Graph::modules`].
pub(crate) type ModuleId = usize;

/// A module in the graph.
pub(crate) struct ModuleNode {
    /// Its file.
    pub path: Arc<str>,
    /// The part of the file.
    pub part: ModulePart,
    /// Its imports, exports and bindings.
    pub module: Arc<Module>,
    /// Where its file may contain a secret, or something that makes one.
    pub seeds: SeedPlaces,
    /// False if its file was searched for keys and has none.
    pub may_have_key: bool,
    /// For each of the [holders](HOLDERS), true if its file names it.
    pub named_holders: [bool; HOLDERS.len()],
    /// True if it may take a secret that other code leaves in one of them.
    pub takes_left: bool,
    /// True if a secret may come through it, so that it is evaluated and checked.
    pub needs_eval: bool,
    /// The targets of its imports.
    pub links: Vec<ImportTarget>,
    /// The names that are imported without a statement.
    pub named: Vec<NamedLink>,
    /// The indexes of its exports in order of their names.
    by_name: Vec<u32>,
    /// The names that it passes on with `export *`, if any.
    barrel: Option<Barrel>,
}

/// A use of a name that is imported without a statement.
#[derive(Debug, Clone)]
pub(crate) struct NamedLink {
    /// The name as the module spells it.
    pub name: Box<str>,
    /// The binding that names it.
    pub binding: usize,
    /// The place.
    pub span: Span,
    /// The guard that keeps that code from clients.
    pub guard: Guard,
    /// The module that it comes from.
    pub target: ModuleId,
    /// Its name there; `None` for all of the module.
    pub export: Option<Box<str>>,
}

/// The target of an import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ImportTarget {
    /// Modules of the app; several only for a pattern.
    To(Vec<ModuleId>),
    /// A module that is missing or was not read.
    Missing,
    /// A package, or anything else that is not analysed.
    External,
}

/// A top-level binding of a module.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct BindingId {
    /// The module.
    pub module: ModuleId,
    /// Index into [`Module::bindings`].
    pub binding: usize,
}

/// All modules of an app.
#[derive(Default)]
pub(crate) struct Graph {
    /// In order of path and part.
    pub modules: Vec<ModuleNode>,
    index: HashMap<Arc<str>, ModuleId, RandomState>,
}

impl ModuleNode {
    fn new(
        path: Arc<str>,
        part: ModulePart,
        module: Arc<Module>,
        facts: FileFacts,
        links: Vec<ImportTarget>,
    ) -> Self {
        let FileFacts { seeds, may_have_key, named_holders } = facts;
        let mut by_name: Vec<u32> = (0..module.exports.len() as u32).collect();
        by_name.sort_by_key(|&export| &module.exports[export as usize].name);
        Self {
            path,
            part,
            module,
            needs_eval: seeds.has_any(),
            seeds,
            may_have_key,
            named_holders,
            takes_left: false,
            links,
            named: Vec::new(),
            by_name,
            barrel: None,
        }
    }

    /// True if it imports a module, not only for types.
    pub(crate) fn imports(&self, other: ModuleId) -> bool {
        let links = self.links.iter().zip(&self.module.imports);
        let mut links = links.filter(|(_, import)| import.erased == Erased::No);
        links.any(|(link, _)| matches!(link, ImportTarget::To(targets) if targets.contains(&other)))
    }

    /// True if there may be a key in a text of it, which its file has at `span`, between quotes.
    pub(crate) fn may_have_key_in(&self, span: Span, text: &str) -> bool {
        let is_as_written = (span.end - span.start) as usize == text.len() + 2;
        self.may_have_key || !is_as_written
    }

    /// True if its file may contain a secret, or something that makes one.
    pub(crate) fn has_seed(&self) -> bool {
        self.seeds.has_any()
    }
}

impl Graph {
    /// A graph of the modules of an app.
    pub(crate) fn new(members: &AppModules<'_>) -> Self {
        let parts: Vec<_> = members
            .iter()
            .flat_map(|(path, member)| {
                let parts = member.file.modules.iter().zip(member.links());
                parts.map(move |((part, module), links)| (path, *part, module, links, member))
            })
            .collect();
        let wholes =
            parts.iter().enumerate().filter(|(_, (_, part, ..))| *part == ModulePart::Whole);
        let index: HashMap<Arc<str>, ModuleId, RandomState> =
            wholes.map(|(id, (path, ..))| (Arc::clone(path), id)).collect();
        let part_of = |path: &str, part: ModulePart| {
            let key = (path, part);
            parts.binary_search_by(|(path, part, ..)| (&***path, *part).cmp(&key)).ok()
        };
        let link = |path: &str, kind: ImportKind, resolved: &Resolved<'_>| match (kind, resolved) {
            (ImportKind::InlineScript(number), _) => {
                ImportTarget::To(part_of(path, ModulePart::Script(number)).into_iter().collect())
            }
            (_, Resolved::File(path)) => match index.get(*path) {
                Some(&module) => ImportTarget::To(vec![module]),
                None if is_source(path) => ImportTarget::Missing,
                None => ImportTarget::To(Vec::new()),
            },
            (_, Resolved::Files(paths)) => ImportTarget::To(
                paths.iter().filter_map(|path| index.get(*path).copied()).collect(),
            ),
            (_, Resolved::Assets(paths)) => ImportTarget::To(
                paths.iter().filter_map(|path| part_of(path, ModulePart::Text)).collect(),
            ),
            (_, Resolved::Missing) => ImportTarget::Missing,
            (_, Resolved::External) => ImportTarget::External,
        };
        let nodes = parts.par_iter().map(|(path, part, module, resolved, member)| {
            let imports = module.imports.iter().zip(*resolved);
            let links = imports.map(|(import, resolved)| link(path, import.kind, resolved));
            let (path, module) = (Arc::clone(path), Arc::clone(module));
            ModuleNode::new(path, *part, module, member.file.facts.clone(), links.collect())
        });
        let mut graph = Self { modules: nodes.collect(), index };
        let passes_on = |id: &ModuleId| graph.named(*id, "*").next().is_some();
        let passed_on = (0..graph.modules.len()).filter(passes_on);
        let passed_on = passed_on.map(|id| (id, graph.passed_on(id).collect())).collect();
        for (id, barrel) in barrels(passed_on, |id| &graph.modules[id].module.exports) {
            graph.modules[id].barrel = Some(barrel);
        }
        graph
    }

    /// The module of a file.
    pub(crate) fn by_path(&self, path: &str) -> Option<ModuleId> {
        self.index.get(path).copied()
    }

    /// A part of a file.
    pub(crate) fn find(&self, path: &str, part: ModulePart) -> Option<ModuleId> {
        let order = |node: &ModuleNode| (&*node.path, node.part).cmp(&(path, part));
        self.modules.binary_search_by(order).ok()
    }

    /// The modules that an import leads to.
    pub(crate) fn targets(&self, module: ModuleId, import: usize) -> &[ModuleId] {
        match self.modules[module].links.get(import) {
            Some(ImportTarget::To(targets)) => targets,
            Some(ImportTarget::Missing | ImportTarget::External) | None => &[],
        }
    }

    /// The exports of a module with a name, in the order in which they are written.
    pub(crate) fn named<'g>(
        &'g self,
        module: ModuleId,
        name: &'g str,
    ) -> impl Iterator<Item = &'g Export> {
        let ModuleNode { module, by_name, .. } = &self.modules[module];
        let export = |&at: &u32| &module.exports[at as usize];
        let first = by_name.partition_point(|at| export(at).name.as_str() < name);
        by_name[first..].iter().map(export).take_while(move |export| export.name == name)
    }

    /// The modules of which a module passes on everything with `export *`, in order.
    pub(crate) fn passed_on(&self, module: ModuleId) -> impl Iterator<Item = ModuleId> {
        let imports = self.named(module, "*").filter_map(|export| match &export.source {
            ExportSource::Import { import, .. } => Some(*import),
            ExportSource::Binding(_) => None,
        });
        imports.flat_map(move |import| self.targets(module, import).iter().copied())
    }

    /// Those of them that may have a name, at least.
    pub(crate) fn passed_on_with(&self, module: ModuleId, name: &str) -> Vec<ModuleId> {
        match &self.modules[module].barrel {
            Some(barrel) => barrel.with(name),
            None => self.passed_on(module).collect(),
        }
    }

    /// The bindings that a module defines and exports: name, binding and place.
    pub(crate) fn exports(&self, id: ModuleId) -> Vec<(&str, usize, Span)> {
        let module = &self.modules[id].module;
        let own = module.exports.iter().filter_map(|export| match export.source {
            ExportSource::Binding(binding) => Some((export.name.as_str(), binding, export.span)),
            ExportSource::Import { .. } => None,
        });
        own.collect()
    }

    /// True if a module has a seed, or a module that it imports itself.
    pub(crate) fn may_have_secret(&self, module: ModuleId) -> bool {
        let has_seed = |target: &ModuleId| self.modules[*target].has_seed();
        let of_link = |link: &ImportTarget| match link {
            ImportTarget::To(targets) => targets.iter().any(has_seed),
            ImportTarget::Missing | ImportTarget::External => false,
        };
        has_seed(&module) || self.modules[module].links.iter().any(of_link)
    }

    /// For each module, true if it has a seed or imports a module that has one, directly or not.
    pub(crate) fn dependents(&self) -> Vec<bool> {
        self.importers_of((0..self.modules.len()).filter(|&id| self.modules[id].has_seed()))
    }

    /// For each module, true if it is one of `imported` or imports one of them, directly or not.
    pub(crate) fn importers_of(&self, imported: impl Iterator<Item = ModuleId>) -> Vec<bool> {
        let mut importers: Vec<Vec<ModuleId>> = vec![Vec::new(); self.modules.len()];
        for (id, node) in self.modules.iter().enumerate() {
            for link in &node.named {
                importers[link.target].push(id);
            }
            for link in &node.links {
                if let ImportTarget::To(targets) = link {
                    for &target in targets {
                        importers[target].push(id);
                    }
                }
            }
        }
        let mut reached = vec![false; self.modules.len()];
        let mut queue: Vec<ModuleId> = imported.collect();
        for &id in &queue {
            reached[id] = true;
        }
        while let Some(id) = queue.pop() {
            for &importer in &importers[id] {
                if !reached[importer] {
                    reached[importer] = true;
                    queue.push(importer);
                }
            }
        }
        reached
    }

    /// Counts modules that name one of `names`, which they do not declare, among those with a seed.
    pub(crate) fn seed_names(&mut self, names: &HashSet<&str>) {
        for node in &mut self.modules {
            if node.module.free.iter().any(|free| names.contains(&*free.name)) {
                node.seeds = SeedPlaces::Anywhere;
            }
        }
    }

    /// The binding that a range of a module belongs to.
    pub(crate) fn binding_at(&self, id: ModuleId, span: Span) -> usize {
        let bindings = &self.modules[id].module.bindings;
        let around = bindings.iter().enumerate().skip(1).filter(|(_, it)| it.extent.contains(span));
        // A property is within its object.
        let innermost = around.min_by_key(|(_, it)| it.extent.end - it.extent.start);
        innermost.map_or(MODULE_INIT, |(binding, _)| binding)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::graph;

    #[test]
    fn dependents_import_directly_or_not() {
        let mut graph = graph(&[
            ("a.ts", "import './b'"),
            ("b.ts", "export * from './c'; import './a'"),
            ("c.ts", "const x = () => import('./d')"),
            ("d.ts", ""),
            ("e.ts", "require('./a')"),
            ("f.ts", "import type { T } from './d'"),
            ("g.ts", "import 'react'"),
        ]);
        let mut dependents = |path: &str| -> String {
            graph.modules.iter_mut().for_each(|node| {
                let is_it = *node.path == *path;
                node.seeds = if is_it { SeedPlaces::Anywhere } else { SeedPlaces::Nowhere };
            });
            let reached = graph.dependents();
            let paths = graph.modules.iter().zip(reached).filter(|(_, reached)| *reached);
            paths.map(|(node, _)| node.path.trim_end_matches(".ts")).collect()
        };
        assert_eq!(dependents("c.ts"), "abce");
        assert_eq!(dependents("d.ts"), "abcdef");
        assert_eq!(dependents("e.ts"), "e");
        assert_eq!(dependents("g.ts"), "g");
    }

    #[test]
    fn every_place_belongs_to_a_binding() {
        let text = "import './b'; const x = 1; function f() { return 2 }\nf()";
        let graph = graph(&[("a.ts", text)]);
        for (word, expected) in [("1", "x"), ("2", "f"), ("import", ""), ("\nf()", "")] {
            let start = text.find(word).unwrap() as u32;
            let span = Span::new(start, start + word.len() as u32);
            let binding = graph.binding_at(0, span);
            assert_eq!(graph.modules[0].module.bindings[binding].name, expected, "{word}");
        }
    }
}
