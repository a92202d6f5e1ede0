//! The modules of an app and how they hang together.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use foldhash::fast::RandomState;
use rayon::prelude::*;

use crate::graph::import_closure::AppModules;
use crate::js::ir::{
    BindingTarget, Export, ExportSource, ImportKind, Imported, MODULE_INIT, Module, ModulePart,
    Span,
};
use crate::project::conventions::is_source;
use crate::project::resolve::Resolved;

/// Index into [`Graph::modules`].
pub(crate) type ModuleId = usize;

/// A module in its place.
pub(crate) struct ModuleNode {
    /// Its file.
    pub path: Arc<str>,
    /// Which part of the file.
    pub part: ModulePart,
    /// What is known of it.
    pub module: Arc<Module>,
    /// Whether something in its file may be, or make, a secret.
    pub has_seed: bool,
    /// Whether a secret may come through it, so that it is to be judged.
    pub needs_eval: bool,
    /// For each of its imports, what it leads to.
    pub links: Vec<ImportTarget>,
    /// The indexes of its exports in order of their names.
    by_name: Vec<u32>,
}

/// What an import leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ImportTarget {
    /// Modules of the app; several only for a pattern.
    To(Vec<ModuleId>),
    /// A module that is not there, or is not read.
    Missing,
    /// A package or anything else that is not looked at.
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

/// What a name comes to in the end, through all modules that hand it on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Definition<'g> {
    /// A binding.
    Binding(BindingId),
    /// All that a module exports.
    Module(ModuleId),
    /// A name of a package, as it is imported there.
    External {
        /// The specifier.
        specifier: &'g str,
        /// The name.
        name: &'g Imported,
    },
    /// It cannot be told.
    Unknown,
}

/// A step on the way to what a name stands for.
#[derive(Clone, Copy)]
enum ResolutionStep<'g> {
    /// What a binding is that its module exports under a name.
    Binding(BindingId, &'g str),
    /// What an import of a module gives.
    Import(ModuleId, usize, &'g Imported),
    /// What a module exports under a name.
    Export(ModuleId, &'g str),
}

/// What came of following a name.
struct Resolution<'g> {
    definition: Definition<'g>,
    /// The name under which the module of a binding exports it; empty if no export was followed.
    name: &'g str,
    /// How many modules were asked.
    asked: usize,
}

/// The exports that were looked at for one question: nearly always, it is one.
#[derive(Default)]
struct Seen<'g> {
    first: Option<(ModuleId, &'g str)>,
    others: HashSet<(ModuleId, &'g str), RandomState>,
}

impl<'g> Seen<'g> {
    /// Whether an export was not looked at before.
    fn insert(&mut self, export: (ModuleId, &'g str)) -> bool {
        match self.first {
            None => {
                self.first = Some(export);
                true
            }
            Some(first) => first != export && self.others.insert(export),
        }
    }

    fn len(&self) -> usize {
        usize::from(self.first.is_some()) + self.others.len()
    }
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
        has_seed: bool,
        links: Vec<ImportTarget>,
    ) -> Self {
        let mut by_name: Vec<u32> = (0..module.exports.len() as u32).collect();
        by_name.sort_by_key(|&export| &module.exports[export as usize].name);
        Self { path, part, module, has_seed, needs_eval: has_seed, links, by_name }
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
            ModuleNode::new(path, *part, module, member.file.has_seed, links.collect())
        });
        Self { modules: nodes.collect(), index }
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

    /// What a binding stands for.
    pub(crate) fn definition(&self, place: BindingId) -> Definition<'_> {
        self.follow(ResolutionStep::Binding(place, "")).definition
    }

    /// What a module exports under a name.
    pub(crate) fn exported<'g>(&'g self, module: ModuleId, name: &'g str) -> Definition<'g> {
        self.follow(ResolutionStep::Export(module, name)).definition
    }

    /// What a binding stands for, and under which name its module exports it.
    pub(crate) fn definition_as(&self, place: BindingId) -> (Definition<'_>, &str) {
        let found = self.follow(ResolutionStep::Binding(place, ""));
        (found.definition, found.name)
    }

    /// What a module exports under a name, and under which name the module that has it does.
    pub(crate) fn exported_as<'g>(
        &'g self,
        module: ModuleId,
        name: &'g str,
    ) -> (Definition<'g>, &'g str) {
        let found = self.follow(ResolutionStep::Export(module, name));
        (found.definition, found.name)
    }

    /// Whether a module has or hands on an export of a name, and how many modules were asked.
    pub(crate) fn provides(&self, module: ModuleId, name: &str) -> (bool, usize) {
        let found = self.follow(ResolutionStep::Export(module, name));
        (found.definition != Definition::Unknown, found.asked)
    }

    /// Follows a name through the modules that hand it on, up to the first that has it. Modules may
    /// hand it on in a circle, and through thousands of others.
    fn follow<'g>(&'g self, first: ResolutionStep<'g>) -> Resolution<'g> {
        let mut open = vec![first];
        let mut seen = Seen::default();
        let found =
            |definition, name, seen: &Seen<'_>| Resolution { definition, name, asked: seen.len() };
        while let Some(step) = open.pop() {
            match step {
                ResolutionStep::Binding(place, name) => {
                    let bindings = &self.modules[place.module].module.bindings;
                    match bindings.get(place.binding).map(|binding| &binding.target) {
                        Some(BindingTarget::Local) => {
                            return found(Definition::Binding(place), name, &seen);
                        }
                        Some(BindingTarget::Imported { import, name }) => {
                            open.push(ResolutionStep::Import(place.module, *import, name));
                        }
                        None => {}
                    }
                }
                ResolutionStep::Import(module, import, name) => {
                    match (self.modules[module].links.get(import), name) {
                        (Some(ImportTarget::External), _) => {
                            let import = &self.modules[module].module.imports[import];
                            let specifier = import.specifier.as_str();
                            return found(Definition::External { specifier, name }, "", &seen);
                        }
                        (Some(ImportTarget::To(targets)), name) => match (targets.first(), name) {
                            (Some(&target), Imported::All) => {
                                return found(Definition::Module(target), "", &seen);
                            }
                            (Some(&target), Imported::Name(name)) => {
                                open.push(ResolutionStep::Export(target, name));
                            }
                            (None, _) => {}
                        },
                        (Some(ImportTarget::Missing) | None, _) => {}
                    }
                }
                ResolutionStep::Export(module, name) if seen.insert((module, name)) => {
                    // The first of these is looked into first, so it goes on top.
                    let behind = open.len();
                    open.extend(self.named(module, name).map(|export| match &export.source {
                        ExportSource::Binding(binding) => {
                            ResolutionStep::Binding(BindingId { module, binding: *binding }, name)
                        }
                        ExportSource::Import { import, name } => {
                            ResolutionStep::Import(module, *import, name)
                        }
                    }));
                    if name != "default" {
                        for export in self.named(module, "*") {
                            let ExportSource::Import { import, .. } = &export.source else {
                                continue;
                            };
                            let targets = self.targets(module, *import).iter();
                            open.extend(
                                targets.map(|&target| ResolutionStep::Export(target, name)),
                            );
                        }
                    }
                    open[behind..].reverse();
                }
                ResolutionStep::Export(..) => {}
            }
        }
        found(Definition::Unknown, "", &seen)
    }

    /// The bindings that a module exports, those that it hands on included; with where it says so.
    pub(crate) fn exports(&self, id: ModuleId) -> Vec<(&str, usize, Span)> {
        let module = &self.modules[id].module;
        let own = module.exports.iter().filter_map(|export| match export.source {
            ExportSource::Binding(binding) => Some((export.name.as_str(), binding, export.span)),
            ExportSource::Import { .. } => None,
        });
        own.collect()
    }

    /// Which modules are warm, or import one that is, directly or not.
    pub(crate) fn dependents(&self) -> Vec<bool> {
        let mut importers: Vec<Vec<ModuleId>> = vec![Vec::new(); self.modules.len()];
        for (id, node) in self.modules.iter().enumerate() {
            for link in &node.links {
                if let ImportTarget::To(targets) = link {
                    for &target in targets {
                        importers[target].push(id);
                    }
                }
            }
        }
        let mut reached: Vec<bool> = self.modules.iter().map(|node| node.has_seed).collect();
        let mut queue: Vec<ModuleId> = (0..reached.len()).filter(|&id| reached[id]).collect();
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

    /// The binding that a stretch of a module belongs to.
    pub(crate) fn binding_at(&self, id: ModuleId, span: Span) -> usize {
        let bindings = &self.modules[id].module.bindings;
        let found = bindings.iter().skip(1).position(|binding| binding.extent.contains(span));
        found.map_or(MODULE_INIT, |at| at + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::graph;

    /// What a definition is, in words.
    fn shown(graph: &Graph, definition: Definition) -> String {
        match definition {
            Definition::Binding(place) => {
                let node = &graph.modules[place.module];
                format!("{}:{}", node.path, node.module.bindings[place.binding].name)
            }
            Definition::Module(module) => format!("all of {}", graph.modules[module].path),
            Definition::External { specifier, name } => match name {
                Imported::Name(name) => format!("{name} of {specifier}"),
                Imported::All => format!("all of {specifier}"),
            },
            Definition::Unknown => "unknown".to_owned(),
        }
    }

    #[test]
    fn names_are_followed_to_what_defines_them() {
        let graph = graph(&[
            ("a.ts", "export const x = 1; const y = 2; export { y as z, y as default }"),
            (
                "b.ts",
                "export { x, z as w, default } from './a'; export { default as d } from './a'",
            ),
            ("c.ts", "export * from './none'; export * from './a'; export * as ns from './b'"),
            ("d.ts", "import { x as q } from './b'; export { q }; export * from './c'"),
            ("e.ts", "import * as all from './a'; export { all }; export default all"),
            ("f.ts", "export { useState as s } from 'react'; import p from 'p'; export { p }"),
            ("g.ts", "export * from './h'; export { loop } from './h'"),
            ("h.ts", "export * from './g'; export { loop } from './g'; export const end = 1"),
            ("i.ts", "export * from './i'; export { me } from './i'"),
            ("j.ts", "export { x } from './a'; export const x = 2"),
            ("k.ts", "export * from './a'; export * from './l'"),
            ("l.ts", "export const x = 3, only = 4"),
        ]);
        for (path, name, expected) in [
            ("a.ts", "x", "a.ts:x"),
            ("a.ts", "y", "unknown"),
            ("a.ts", "z", "a.ts:y"),
            ("a.ts", "default", "a.ts:y"),
            ("b.ts", "x", "a.ts:x"),
            ("b.ts", "w", "a.ts:y"),
            ("b.ts", "default", "a.ts:y"),
            ("b.ts", "d", "a.ts:y"),
            ("b.ts", "none", "unknown"),
            ("c.ts", "x", "a.ts:x"),
            ("c.ts", "z", "a.ts:y"),
            ("c.ts", "default", "unknown"),
            ("c.ts", "ns", "all of b.ts"),
            ("d.ts", "q", "a.ts:x"),
            ("d.ts", "x", "a.ts:x"),
            ("d.ts", "ns", "all of b.ts"),
            ("e.ts", "all", "all of a.ts"),
            ("f.ts", "s", "useState of react"),
            ("f.ts", "p", "default of p"),
            ("g.ts", "end", "h.ts:end"),
            ("g.ts", "loop", "unknown"),
            ("h.ts", "end", "h.ts:end"),
            ("i.ts", "me", "unknown"),
            ("i.ts", "other", "unknown"),
            // What is written first goes first.
            ("j.ts", "x", "a.ts:x"),
            ("k.ts", "x", "a.ts:x"),
            ("k.ts", "only", "l.ts:only"),
        ] {
            let module = graph.by_path(path).unwrap();
            assert_eq!(shown(&graph, graph.exported(module, name)), expected, "{name} of {path}");
        }
    }

    #[test]
    fn barrels_are_as_wide_and_as_deep_as_they_are() {
        let wide: String = (0..2000).map(|n| format!("export * from './w{n}'\n")).collect();
        let mut files = vec![("wide.ts".to_owned(), wide)];
        files.extend((0..2000).map(|n| (format!("w{n}.ts"), format!("export const v{n} = {n}"))));
        files.extend(
            (0..2000).map(|n| (format!("d{n}.ts"), format!("export * from './d{}'", n + 1))),
        );
        files.push((
            "d2000.ts".to_owned(),
            "export const deep = 1; export * from './d0'".to_owned(),
        ));
        let pairs: Vec<_> = files.iter().map(|(path, text)| (&**path, &**text)).collect();
        let graph = graph(&pairs);
        for (path, name, expected) in [
            ("wide.ts", "v0", "w0.ts:v0"),
            ("wide.ts", "v1999", "w1999.ts:v1999"),
            ("wide.ts", "none", "unknown"),
            ("d0.ts", "deep", "d2000.ts:deep"),
            ("d7.ts", "none", "unknown"),
        ] {
            let module = graph.by_path(path).unwrap();
            assert_eq!(shown(&graph, graph.exported(module, name)), expected, "{name} of {path}");
        }
    }

    #[test]
    fn dependents_are_all_that_import_directly_or_not() {
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
            graph.modules.iter_mut().for_each(|node| node.has_seed = *node.path == *path);
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
    fn what_stands_somewhere_belongs_to_its_binding() {
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
