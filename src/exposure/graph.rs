//! The modules of an app and how they hang together.

use std::collections::HashMap;

use super::facts::{EFFECTS, ExportSource, ImportKind, Imported, Module, Part, Span, Target};

/// Index into [`Graph::modules`].
pub(super) type ModuleId = usize;

/// A module in its place.
pub(super) struct Node {
    /// Its file.
    pub path: String,
    /// Which part of the file.
    pub part: Part,
    /// What is known of it.
    pub module: Module,
    /// For each of its imports, what it leads to.
    pub links: Vec<Link>,
}

/// What an import leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Link {
    /// Modules of the app; several only for a pattern.
    To(Vec<ModuleId>),
    /// A package or anything else that is not looked at.
    External,
}

/// A top-level binding of a module.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Place {
    /// The module.
    pub module: ModuleId,
    /// Index into [`Module::bindings`].
    pub binding: usize,
}

/// What a name comes to in the end, through all modules that hand it on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Definition {
    /// A binding.
    Binding(Place),
    /// All that a module exports.
    Module(ModuleId),
    /// A name of a package, as it is imported there.
    External {
        /// The specifier.
        specifier: String,
        /// The name.
        name: Imported,
    },
    /// It cannot be told.
    Unknown,
}

/// All modules of an app.
#[derive(Default)]
pub(super) struct Graph {
    /// In order of path and part.
    pub modules: Vec<Node>,
    index: HashMap<String, ModuleId>,
}

impl Graph {
    /// A graph of `modules`, which are in order of path and part. `resolve` tells to which paths an
    /// import leads; `None` is a package.
    pub(super) fn new(
        modules: Vec<(String, Part, Module)>,
        resolve: impl Fn(&str, &str, ImportKind) -> Option<Vec<String>> + Sync,
    ) -> Self {
        use rayon::prelude::*;
        let wholes = modules.iter().enumerate().filter(|(_, (_, part, _))| *part == Part::Whole);
        let index: HashMap<String, ModuleId> =
            wholes.map(|(id, (path, ..))| (path.clone(), id)).collect();
        let part_of = |path: &str, number: u16| {
            let key = (path, Part::Script(number));
            modules.binary_search_by(|(path, part, _)| (path.as_str(), *part).cmp(&key)).ok()
        };
        let links: Vec<Vec<Link>> = modules
            .par_iter()
            .map(|(path, _, module)| {
                let link = |import: &super::facts::Import| match import.kind {
                    ImportKind::Part(number) => {
                        Link::To(part_of(path, number).into_iter().collect())
                    }
                    ImportKind::Static
                    | ImportKind::Dynamic
                    | ImportKind::Require
                    | ImportKind::Glob
                    | ImportKind::Worker
                    | ImportKind::Script => match resolve(path, &import.specifier, import.kind) {
                        None => Link::External,
                        Some(paths) => Link::To(
                            paths.iter().filter_map(|path| index.get(path).copied()).collect(),
                        ),
                    },
                };
                module.imports.iter().map(link).collect()
            })
            .collect();
        let nodes = modules
            .into_iter()
            .zip(links)
            .map(|((path, part, module), links)| Node { path, part, module, links })
            .collect();
        Self { modules: nodes, index }
    }

    /// The module of a file.
    pub(super) fn by_path(&self, path: &str) -> Option<ModuleId> {
        self.index.get(path).copied()
    }

    /// A part of a file.
    pub(super) fn find(&self, path: &str, part: Part) -> Option<ModuleId> {
        let order = |node: &Node| (node.path.as_str(), node.part).cmp(&(path, part));
        self.modules.binary_search_by(order).ok()
    }

    /// The modules that an import leads to.
    pub(super) fn targets(&self, module: ModuleId, import: usize) -> &[ModuleId] {
        match self.modules[module].links.get(import) {
            Some(Link::To(targets)) => targets,
            Some(Link::External) | None => &[],
        }
    }

    /// What a binding stands for.
    pub(super) fn definition(&self, place: Place) -> Definition {
        self.define(place, &mut Vec::new())
    }

    /// What a module exports under a name.
    pub(super) fn exported(&self, module: ModuleId, name: &str) -> Definition {
        self.export(module, name, &mut Vec::new())
    }

    fn define(&self, place: Place, seen: &mut Vec<(ModuleId, String)>) -> Definition {
        let module = &self.modules[place.module].module;
        match module.bindings.get(place.binding).map(|binding| &binding.target) {
            Some(Target::Local) => Definition::Binding(place),
            Some(Target::Imported { import, name }) => {
                self.imported(place.module, *import, name, seen)
            }
            None => Definition::Unknown,
        }
    }

    fn imported(
        &self,
        module: ModuleId,
        import: usize,
        name: &Imported,
        seen: &mut Vec<(ModuleId, String)>,
    ) -> Definition {
        match (&self.modules[module].links.get(import), name) {
            (Some(Link::External), _) => Definition::External {
                specifier: self.modules[module].module.imports[import].specifier.clone(),
                name: name.clone(),
            },
            (Some(Link::To(targets)), Imported::All) => {
                targets.first().map_or(Definition::Unknown, |&target| Definition::Module(target))
            }
            (Some(Link::To(targets)), Imported::Name(name)) => targets
                .first()
                .map_or(Definition::Unknown, |&target| self.export(target, name, seen)),
            (None, _) => Definition::Unknown,
        }
    }

    /// Follows `name` through modules that hand it on. `seen` ends circles.
    fn export(&self, id: ModuleId, name: &str, seen: &mut Vec<(ModuleId, String)>) -> Definition {
        if seen.len() > 200 || seen.iter().any(|(module, known)| *module == id && known == name) {
            return Definition::Unknown;
        }
        seen.push((id, name.to_owned()));
        let module = &self.modules[id].module;
        for export in module.exports.iter().filter(|export| export.name == name) {
            let found = match &export.source {
                ExportSource::Binding(binding) => {
                    self.define(Place { module: id, binding: *binding }, seen)
                }
                ExportSource::Import { import, name } => self.imported(id, *import, name, seen),
            };
            if found != Definition::Unknown {
                return found;
            }
        }
        let stars = module.exports.iter().filter(|export| export.name == "*" && name != "default");
        for export in stars {
            let ExportSource::Import { import, .. } = &export.source else { continue };
            for &target in self.targets(id, *import) {
                let found = self.export(target, name, seen);
                if found != Definition::Unknown {
                    return found;
                }
            }
        }
        // `import x from './data'` of a CommonJS module is `module.exports`.
        Definition::Unknown
    }

    /// The bindings that a module exports, those that it hands on included; with where it says so.
    pub(super) fn exports(&self, id: ModuleId) -> Vec<(&str, usize, Span)> {
        let module = &self.modules[id].module;
        let own = module.exports.iter().filter_map(|export| match export.source {
            ExportSource::Binding(binding) => Some((export.name.as_str(), binding, export.span)),
            ExportSource::Import { .. } => None,
        });
        own.collect()
    }

    /// Every module that `warm` modules are imported by, directly or not, and these themselves.
    pub(super) fn dependents(&self, warm: &[bool]) -> Vec<bool> {
        let mut importers: Vec<Vec<ModuleId>> = vec![Vec::new(); self.modules.len()];
        for (id, node) in self.modules.iter().enumerate() {
            for link in &node.links {
                if let Link::To(targets) = link {
                    for &target in targets {
                        importers[target].push(id);
                    }
                }
            }
        }
        let mut reached = warm.to_vec();
        let mut queue: Vec<ModuleId> = (0..warm.len()).filter(|&id| warm[id]).collect();
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
    pub(super) fn binding_at(&self, id: ModuleId, span: Span) -> usize {
        let bindings = &self.modules[id].module.bindings;
        let found = bindings.iter().skip(1).position(|binding| binding.extent.contains(span));
        found.map_or(EFFECTS, |at| at + 1)
    }
}
