//! Which bindings a side's code reaches, and on which way.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet, VecDeque};

use super::facts::{EFFECTS, Erased, ExportSource, Guard, ImportKind, Imported, Span, Target};
use super::graph::{Definition, Graph, Link, ModuleId, Place};
use super::leak::{At, Hop};
use crate::model::{Confidence, StepKind};

/// Where a side's code begins in the graph.
#[derive(Debug, Clone)]
pub(super) struct Root {
    /// The module.
    pub module: ModuleId,
    /// Why it is one, for people.
    pub why: String,
    /// Where that is said.
    pub span: Span,
    /// How sure it is.
    pub confidence: Confidence,
    /// By which framework's rules.
    pub framework: &'static str,
    /// Whether the code is packaged as it is and reads variables when it runs.
    pub is_packaged: bool,
}

/// What stops the way, and what is left out.
pub(super) trait Rules {
    /// Whether code of this side cannot take a module in.
    fn is_boundary(&self, module: ModuleId) -> bool;
    /// The exports that are left out of this side's version of a module.
    fn stripped(&self, module: ModuleId) -> &'static [&'static str];
    /// Whether the project keeps imports of which no value is used.
    fn keeps_unused(&self, module: ModuleId) -> bool;
    /// Whether code under this guard belongs to this side.
    fn follows(&self, guard: Guard) -> bool;
}

/// What is reached.
pub(super) struct Reach {
    /// How each binding was reached first.
    ways: HashMap<Place, Way>,
    roots: Vec<Root>,
}

#[derive(Debug, Clone, Copy)]
struct Way {
    from: Option<Place>,
    /// Where the way leads on, in the module of `from`.
    span: Span,
    /// By an import: which one of that module.
    import: Option<usize>,
    root: usize,
}

struct Search<'g> {
    graph: &'g Graph,
    rules: &'g dyn Rules,
    ways: HashMap<Place, Way>,
    queue: VecDeque<Place>,
    /// Modules of which everything was followed.
    whole: HashSet<ModuleId>,
    /// Exports that were followed: modules may hand on a name in a circle.
    named: HashSet<(ModuleId, String)>,
}

impl Reach {
    /// Follows the code from `roots`, breadth first: the ways are shortest, and the same each time.
    pub(super) fn new(graph: &Graph, roots: Vec<Root>, rules: &dyn Rules) -> Self {
        let mut search = Search {
            graph,
            rules,
            ways: HashMap::new(),
            queue: VecDeque::new(),
            whole: HashSet::new(),
            named: HashSet::new(),
        };
        for (number, root) in roots.iter().enumerate() {
            let way = Way { from: None, span: root.span, import: None, root: number };
            search.whole(root.module, way);
        }
        while let Some(place) = search.queue.pop_front() {
            search.leave(place);
        }
        Self { ways: search.ways, roots }
    }

    /// Whether a binding is reached.
    pub(super) fn has(&self, place: Place) -> bool {
        self.ways.contains_key(&place)
    }

    /// Whether a module is loaded.
    pub(super) fn has_module(&self, module: ModuleId) -> bool {
        self.has(Place { module, binding: EFFECTS })
    }

    /// The root from which a binding is reached.
    pub(super) fn root(&self, place: Place) -> Option<&Root> {
        Some(&self.roots[self.ways.get(&place)?.root])
    }

    /// The way to a binding: the root first, then each import.
    pub(super) fn trace(&self, graph: &Graph, place: Place) -> Vec<Hop> {
        let mut hops = Vec::new();
        let mut at = place;
        while let Some(way) = self.ways.get(&at) {
            match way.from {
                None => {
                    let root = &self.roots[way.root];
                    hops.push(Hop {
                        at: At { path: graph.modules[root.module].path.clone(), span: root.span },
                        kind: StepKind::Entry,
                        note: root.why.clone(),
                    });
                    break;
                }
                Some(from) => {
                    // Ways within a module say nothing that its name would not.
                    if let Some(import) = way.import {
                        let node = &graph.modules[from.module];
                        let import = &node.module.imports[import];
                        hops.push(Hop {
                            at: At { path: node.path.clone(), span: way.span },
                            kind: StepKind::Import,
                            note: note_of(import.kind, &import.specifier),
                        });
                    }
                    at = from;
                }
            }
        }
        hops.reverse();
        hops
    }
}

fn note_of(kind: ImportKind, specifier: &str) -> String {
    match kind {
        ImportKind::Static => format!("imports {specifier}"),
        ImportKind::Dynamic => format!("imports {specifier} when it is needed"),
        ImportKind::Require => format!("requires {specifier}"),
        ImportKind::Glob => format!("imports all of {specifier}…"),
        ImportKind::Worker => format!("starts {specifier} as a worker"),
        ImportKind::Script => format!("loads {specifier}"),
        ImportKind::Part(_) => "inline script".to_owned(),
    }
}

impl Search<'_> {
    fn visit(&mut self, place: Place, way: Way) {
        if place.binding >= self.graph.modules[place.module].module.bindings.len().max(1) {
            return;
        }
        if let Entry::Vacant(vacant) = self.ways.entry(place) {
            vacant.insert(way);
            self.queue.push_back(place);
            // Whoever uses a binding loads its module.
            if place.binding != EFFECTS {
                self.visit(Place { binding: EFFECTS, ..place }, way);
            }
        }
    }

    /// A module with all that it exports but for what is left out.
    fn whole(&mut self, module: ModuleId, way: Way) {
        if way.from.is_some() && self.rules.is_boundary(module) {
            return;
        }
        if !self.whole.insert(module) {
            return;
        }
        self.visit(Place { module, binding: EFFECTS }, way);
        let stripped = self.rules.stripped(module);
        let exports = &self.graph.modules[module].module.exports;
        for export in exports.iter().filter(|export| !stripped.contains(&export.name.as_str())) {
            match &export.source {
                ExportSource::Binding(binding) => {
                    self.visit(Place { module, binding: *binding }, way);
                }
                ExportSource::Import { import, name } => {
                    let here = Place { module, binding: EFFECTS };
                    self.import(here, *import, name, None, export.span);
                }
            }
        }
    }

    fn leave(&mut self, place: Place) {
        let graph = self.graph;
        let module = &graph.modules[place.module].module;
        if place.binding == EFFECTS {
            self.loads(place);
        }
        let Some(binding) = module.bindings.get(place.binding) else { return };
        for used in binding.uses.iter().filter(|used| self.rules.follows(used.guard)) {
            let to = Place { binding: used.binding, ..place };
            let root = self.ways[&place].root;
            self.visit(to, Way { from: Some(place), span: used.span, import: None, root });
            if let Some(Target::Imported { import, name }) =
                module.bindings.get(used.binding).map(|binding| &binding.target)
            {
                self.import(
                    to,
                    *import,
                    name,
                    used.member.as_deref(),
                    module.imports[*import].span,
                );
            }
        }
        if let Target::Imported { import, name } = &binding.target
            && *name != Imported::All
        {
            self.import(place, *import, name, None, module.imports[*import].span);
        }
        for &import in &binding.imports {
            if !matches!(&binding.target, Target::Imported { import: own, .. } if *own == import) {
                self.import(place, import, &Imported::All, None, module.imports[import].span);
            }
        }
    }

    /// What a module imports just by being loaded.
    fn loads(&mut self, place: Place) {
        let module = &self.graph.modules[place.module].module;
        let is_stripped = !self.rules.stripped(place.module).is_empty();
        let keeps_unused = self.rules.keeps_unused(place.module);
        for (index, import) in module.imports.iter().enumerate() {
            let is_kept = match import.erased {
                Erased::No => true,
                Erased::Unused => keeps_unused,
                Erased::Type => false,
            };
            let is_loaded = match import.kind {
                ImportKind::Static | ImportKind::Script | ImportKind::Part(_) => is_kept,
                ImportKind::Dynamic
                | ImportKind::Require
                | ImportKind::Glob
                | ImportKind::Worker => false,
            };
            // What only left-out exports use goes with them.
            let names_something = || {
                module.bindings.iter().any(|binding| {
                    matches!(&binding.target, Target::Imported { import, .. } if *import == index)
                })
            };
            if !is_loaded || (is_stripped && names_something()) {
                continue;
            }
            let root = self.ways[&place].root;
            for &target in self.graph.targets(place.module, index) {
                let way = Way { from: Some(place), span: import.span, import: Some(index), root };
                match import.kind {
                    ImportKind::Script | ImportKind::Part(_) => self.whole(target, way),
                    ImportKind::Static
                    | ImportKind::Dynamic
                    | ImportKind::Require
                    | ImportKind::Glob
                    | ImportKind::Worker => {
                        if !self.rules.is_boundary(target) {
                            self.visit(Place { module: target, binding: EFFECTS }, way);
                        }
                    }
                }
            }
        }
    }

    /// Follows an import of `place`'s module to what it names.
    fn import(
        &mut self,
        place: Place,
        import: usize,
        name: &Imported,
        member: Option<&str>,
        span: Span,
    ) {
        let graph = self.graph;
        let Some(Link::To(targets)) = graph.modules[place.module].links.get(import) else { return };
        let root = self.ways.get(&place).map_or(0, |way| way.root);
        let way = Way { from: Some(place), span, import: Some(import), root };
        let name = match name {
            Imported::Name(name) => Some(name.as_str()),
            Imported::All => member,
        };
        for &target in targets {
            if self.rules.is_boundary(target) {
                continue;
            }
            match name {
                None => self.whole(target, way),
                Some(name) => self.name(target, name, way),
            }
        }
    }

    /// One export of a module, through all modules that hand it on.
    fn name(&mut self, target: ModuleId, name: &str, way: Way) {
        let graph = self.graph;
        let here = Place { module: target, binding: EFFECTS };
        self.visit(here, way);
        if self.whole.contains(&target) || !self.named.insert((target, name.to_owned())) {
            return;
        }
        let exports = &graph.modules[target].module.exports;
        let mut is_found = false;
        for export in exports.iter().filter(|export| export.name == name) {
            is_found = true;
            match &export.source {
                ExportSource::Binding(binding) => {
                    self.visit(Place { module: target, binding: *binding }, way);
                }
                ExportSource::Import { import, name } => {
                    self.import(here, *import, name, None, export.span);
                }
            }
        }
        if is_found {
            return;
        }
        // Which of several `export *` has it is known only by looking.
        let mut is_handed_on = false;
        for export in exports.iter().filter(|export| export.name == "*") {
            let ExportSource::Import { import, .. } = &export.source else { continue };
            for &next in graph.targets(target, *import) {
                if graph.exported(next, name) != Definition::Unknown {
                    is_handed_on = true;
                    let name = Imported::Name(name.to_owned());
                    self.import(here, *import, &name, None, export.span);
                }
            }
        }
        // A module without such an export is CommonJS, or more than can be told: all of it.
        if !is_handed_on && !exports.iter().any(|export| export.name == "*") {
            self.whole(target, way);
        }
    }
}
