//! The definitions of names, through the modules that pass them on.

use std::collections::HashSet;

use foldhash::fast::RandomState;

use crate::graph::modules::{BindingId, Graph, ImportTarget, ModuleId};
use crate::js::ir::{BindingTarget, ExportSource, Imported};

/// The definition of a name, through all modules that pass it on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Definition<'g> {
    /// A binding.
    Binding(BindingId),
    /// All exports of a module.
    Module(ModuleId),
    /// A name of a package, as it is imported.
    External {
        /// The specifier.
        specifier: &'g str,
        /// The name.
        name: &'g Imported,
    },
    /// It is not known.
    Unknown,
}

/// A step on the way to the definition of a name.
#[derive(Clone, Copy)]
enum ResolutionStep<'g> {
    /// A binding that its module exports under a name.
    Binding(BindingId, &'g str),
    /// An import of a module.
    Import(ModuleId, usize, &'g Imported),
    /// A name that a module exports.
    Export(ModuleId, &'g str),
}

/// The result of following a name.
struct Resolution<'g> {
    definition: Definition<'g>,
    /// The name under which the module of a binding exports it; empty if no export was followed.
    name: &'g str,
    /// How many modules were searched.
    asked: usize,
}

/// The exports that were looked at for one question: nearly always a single one.
#[derive(Default)]
struct Seen<'g> {
    first: Option<(ModuleId, &'g str)>,
    others: HashSet<(ModuleId, &'g str), RandomState>,
}

impl<'g> Seen<'g> {
    /// Adds an export; false if it was looked at before.
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

impl Graph {
    /// The definition of a binding.
    pub(crate) fn definition(&self, place: BindingId) -> Definition<'_> {
        self.follow(ResolutionStep::Binding(place, "")).definition
    }

    /// The definition of a name that a module exports.
    pub(crate) fn exported<'g>(&'g self, module: ModuleId, name: &'g str) -> Definition<'g> {
        self.follow(ResolutionStep::Export(module, name)).definition
    }

    /// The definition of a binding, and the name under which its module exports it.
    pub(crate) fn definition_as(&self, place: BindingId) -> (Definition<'_>, &str) {
        let found = self.follow(ResolutionStep::Binding(place, ""));
        (found.definition, found.name)
    }

    /// The definition of a name that a module exports, and its name in the module that defines it.
    pub(crate) fn exported_as<'g>(
        &'g self,
        module: ModuleId,
        name: &'g str,
    ) -> (Definition<'g>, &'g str) {
        let found = self.follow(ResolutionStep::Export(module, name));
        (found.definition, found.name)
    }

    /// True if a module has or passes on an export of a name; and how many modules were searched.
    pub(crate) fn provides(&self, module: ModuleId, name: &str) -> (bool, usize) {
        let found = self.follow(ResolutionStep::Export(module, name));
        (found.definition != Definition::Unknown, found.asked)
    }

    /// Follows a name through the modules that pass it on, to the first that defines it. Modules may
    /// pass it on in a circle, and through thousands of others.
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
                    // The first export is followed first, so it goes on top.
                    let before = open.len();
                    open.extend(self.named(module, name).map(|export| match &export.source {
                        ExportSource::Binding(binding) => {
                            ResolutionStep::Binding(BindingId { module, binding: *binding }, name)
                        }
                        ExportSource::Import { import, name } => {
                            ResolutionStep::Import(module, *import, name)
                        }
                    }));
                    if name != "default" {
                        let passed_on = self.passed_on_with(module, name).into_iter();
                        open.extend(passed_on.map(|target| ResolutionStep::Export(target, name)));
                    }
                    open[before..].reverse();
                }
                ResolutionStep::Export(..) => {}
            }
        }
        found(Definition::Unknown, "", &seen)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::graph;

    /// A definition in words.
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
    fn names_are_followed_to_their_definitions() {
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
            // The export that is written first counts.
            ("j.ts", "x", "a.ts:x"),
            ("k.ts", "x", "a.ts:x"),
            ("k.ts", "only", "l.ts:only"),
        ] {
            let module = graph.by_path(path).unwrap();
            assert_eq!(shown(&graph, graph.exported(module, name)), expected, "{name} of {path}");
        }
    }

    #[test]
    fn names_are_found_in_wide_and_deep_barrels() {
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
}
