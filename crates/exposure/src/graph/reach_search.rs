//! Searches the bindings that a side's code reaches, breadth first.

use std::collections::{HashSet, VecDeque};

use foldhash::fast::RandomState;

use crate::graph::edge_filter::EdgeFilter;
use crate::graph::modules::{BindingId, Graph, ImportTarget, ModuleId};
use crate::graph::predecessors::{Predecessor, Predecessors};
use crate::graph::reach_root::ReachRoot;
use crate::js::ir::{
    BindingTarget, Erased, ExportSource, ImportKind, Imported, MODULE_INIT, Module, ServerGuard,
};
use crate::js::verbatim::is_taken_whole;
use crate::span::Span;

/// How many modules are searched for names that `export *` may pass on.
const MAX_ASKED: usize = 20_000_000;

/// A breadth-first search through imports and uses.
pub(super) struct ReachSearch<'g> {
    graph: &'g Graph,
    edges: &'g dyn EdgeFilter,
    reached: Predecessors,
    /// Tasks as many imports away from the roots as the current one.
    near: VecDeque<ReachTask<'g>>,
    /// Tasks one import further away.
    far: VecDeque<ReachTask<'g>>,
    /// Modules of which all exports were followed.
    whole: HashSet<ModuleId, RandomState>,
    /// Exports that were followed: modules may pass a name on in a circle.
    named: HashSet<(ModuleId, &'g str), RandomState>,
    /// How many more modules may be searched for names.
    left: usize,
}

/// A step of the search.
enum ReachTask<'g> {
    /// Follow the uses of a binding that was reached.
    Leave(BindingId),
    /// Load a module.
    Load(ModuleId, Predecessor),
    /// Reach all exports of a module.
    Whole(ModuleId, Predecessor),
    /// Reach one export of a module.
    Name(ModuleId, &'g str, Predecessor),
}

impl<'g> ReachSearch<'g> {
    /// Searches from `roots`, the most certain ones first; returns the steps, and true if a limit was
    /// reached.
    pub(super) fn run(
        graph: &'g Graph,
        roots: &'g [ReachRoot],
        edges: &'g dyn EdgeFilter,
    ) -> (Predecessors, bool) {
        let mut search = Self {
            graph,
            edges,
            reached: Predecessors::new(graph),
            near: VecDeque::new(),
            far: VecDeque::new(),
            whole: HashSet::default(),
            named: HashSet::default(),
            left: MAX_ASKED,
        };
        let mut number = 0;
        for equal in roots.chunk_by(|a, b| a.confidence == b.confidence) {
            for root in equal {
                let step = Predecessor { from: None, span: root.span, import: None, root: number };
                let exports = &graph.modules[root.module].module.exports;
                let name = |wanted: &String| exports.iter().find(|own| own.name == *wanted);
                match root.export.as_ref().and_then(name) {
                    Some(export) => search.name(root.module, &export.name, step),
                    // It is passed on by `export *`, or is that of a component.
                    None => search.whole(root.module, step),
                }
                number += 1;
            }
            while let Some(task) = search.next() {
                search.follow(task);
            }
        }
        (search.reached, search.left == 0)
    }

    /// The next task, nearest first.
    fn next(&mut self) -> Option<ReachTask<'g>> {
        if self.near.is_empty() {
            std::mem::swap(&mut self.near, &mut self.far);
        }
        self.near.pop_front()
    }

    fn follow(&mut self, task: ReachTask<'g>) {
        match task {
            ReachTask::Leave(place) => self.leave(place),
            ReachTask::Load(module, step) => {
                self.visit(BindingId { module, binding: MODULE_INIT }, step);
            }
            ReachTask::Whole(module, step) => self.whole(module, step),
            ReachTask::Name(module, name, step) => self.name(module, name, step),
        }
    }

    /// Marks a binding, and the module that loads with it, as reached.
    fn visit(&mut self, place: BindingId, step: Predecessor) {
        if self.reached.insert(place, step) {
            self.near.push_back(ReachTask::Leave(place));
            // A use of a binding loads its module.
            if place.binding != MODULE_INIT {
                self.visit(BindingId { binding: MODULE_INIT, ..place }, step);
            }
        }
    }

    /// Reaches all exports of a module but those that are left out.
    fn whole(&mut self, module: ModuleId, step: Predecessor) {
        if step.from.is_some() && self.edges.is_boundary(module) {
            return;
        }
        if !self.whole.insert(module) {
            return;
        }
        self.visit(BindingId { module, binding: MODULE_INIT }, step);
        let stripped = self.edges.stripped(module);
        let graph = self.graph;
        let exports = &graph.modules[module].module.exports;
        for export in exports.iter().filter(|export| !stripped.contains(&export.name.as_str())) {
            match &export.source {
                ExportSource::Binding(binding) => {
                    self.visit(BindingId { module, binding: *binding }, step);
                }
                ExportSource::Import { import, name } => {
                    let here = BindingId { module, binding: MODULE_INIT };
                    self.import(here, *import, name, None, export.span);
                }
            }
        }
    }

    /// Follows the uses and imports of a binding.
    fn leave(&mut self, place: BindingId) {
        let graph = self.graph;
        let module = &graph.modules[place.module].module;
        if place.binding == MODULE_INIT {
            self.loads(place);
        }
        let Some(binding) = module.bindings.get(place.binding) else { return };
        let Some(root) = self.reached.get(place).map(|step| step.root) else { return };
        for used in binding.uses.iter().filter(|used| self.edges.follows(used.guard)) {
            let to = BindingId { binding: used.binding, ..place };
            self.visit(to, Predecessor { from: Some(place), span: used.span, import: None, root });
            if let Some(BindingTarget::Imported { import, name }) =
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
        if let BindingTarget::Imported { import, name } = &binding.target
            && *name != Imported::All
        {
            self.import(place, *import, name, None, module.imports[*import].span);
        }
        for &import in &binding.imports {
            if module.imports[import].kind == ImportKind::Asset && !self.edges.ships_addresses() {
                continue;
            }
            if !matches!(&binding.target, BindingTarget::Imported { import: own, .. } if *own == import)
            {
                self.import(place, import, &Imported::All, None, module.imports[import].span);
            }
        }
    }

    /// Follows the imports that a module executes when it is loaded.
    fn loads(&mut self, place: BindingId) {
        let module = &self.graph.modules[place.module].module;
        let is_stripped = !self.edges.stripped(place.module).is_empty();
        let keeps_unused = self.edges.keeps_unused(place.module);
        let Some(root) = self.reached.get(place).map(|step| step.root) else { return };
        // Imports that only left-out exports use are left out as well.
        let mut named = vec![false; module.imports.len()];
        // An import that is a call runs when the module is loaded, whoever uses its result.
        let mut called = vec![false; module.imports.len()];
        for binding in &module.bindings {
            if let BindingTarget::Imported { import, .. } = binding.target {
                named[import] |= is_stripped;
                called[import] = true;
            }
        }
        for export in &module.exports {
            if let ExportSource::Import { import, .. } = export.source {
                named[import] |= is_stripped;
            }
        }
        let for_servers = for_servers(module);
        for (index, import) in module.imports.iter().enumerate() {
            let is_kept = match import.erased {
                Erased::No => true,
                Erased::Unused => keeps_unused,
                Erased::Type => false,
            };
            let is_loaded = match import.kind {
                ImportKind::Static
                | ImportKind::Script
                | ImportKind::Style
                | ImportKind::InlineScript(_) => is_kept,
                ImportKind::Dynamic | ImportKind::Require => called[index],
                ImportKind::Glob | ImportKind::Worker | ImportKind::Asset => false,
            };
            if !is_loaded || named[index] || for_servers[index] {
                continue;
            }
            for &target in self.graph.targets(place.module, index) {
                let step =
                    Predecessor { from: Some(place), span: import.span, import: Some(index), root };
                match import.kind {
                    // `url(…)` in a style sheet
                    ImportKind::Style if is_taken_whole(&import.specifier) => {
                        self.far.push_back(ReachTask::Whole(target, step));
                    }
                    ImportKind::Script | ImportKind::InlineScript(_) => {
                        self.far.push_back(ReachTask::Whole(target, step));
                    }
                    ImportKind::Static
                    | ImportKind::Dynamic
                    | ImportKind::Require
                    | ImportKind::Glob
                    | ImportKind::Worker
                    | ImportKind::Style
                    | ImportKind::Asset => {
                        if !self.edges.is_boundary(target) {
                            self.far.push_back(ReachTask::Load(target, step));
                        }
                    }
                }
            }
        }
    }

    /// Follows an import in the module of `place` to the modules and export that it names.
    fn import(
        &mut self,
        place: BindingId,
        import: usize,
        name: &'g Imported,
        member: Option<&'g str>,
        span: Span,
    ) {
        let graph = self.graph;
        let Some(ImportTarget::To(targets)) = graph.modules[place.module].links.get(import) else {
            return;
        };
        let root = self.reached.get(place).map_or(0, |step| step.root);
        let step = Predecessor { from: Some(place), span, import: Some(import), root };
        let name = match name {
            Imported::Name(name) => Some(name.as_str()),
            Imported::All => member,
        };
        for &target in targets {
            if self.edges.is_boundary(target) {
                continue;
            }
            self.far.push_back(match name {
                None => ReachTask::Whole(target, step),
                Some(name) => ReachTask::Name(target, name, step),
            });
        }
    }

    /// Reaches one export of a module, through the modules that pass it on.
    fn name(&mut self, target: ModuleId, name: &'g str, step: Predecessor) {
        let graph = self.graph;
        let here = BindingId { module: target, binding: MODULE_INIT };
        self.visit(here, step);
        if self.whole.contains(&target) || !self.named.insert((target, name)) {
            return;
        }
        let mut is_found = false;
        for export in graph.named(target, name) {
            is_found = true;
            match &export.source {
                ExportSource::Binding(binding) => {
                    self.visit(BindingId { module: target, binding: *binding }, step);
                }
                ExportSource::Import { import, name } => {
                    self.import(here, *import, name, None, export.span);
                }
            }
        }
        if is_found {
            return;
        }
        // Any of several `export *` may have it.
        let mut is_star = false;
        for export in graph.named(target, "*") {
            is_star = true;
            let ExportSource::Import { import, .. } = &export.source else { continue };
            let step =
                Predecessor { from: Some(here), span: export.span, import: Some(*import), ..step };
            for &next in graph.targets(target, *import) {
                if self.left > 0 && !self.edges.is_boundary(next) {
                    let (is_provided, asked) = graph.provides(next, name);
                    self.left = self.left.saturating_sub(asked);
                    if is_provided {
                        self.far.push_back(ReachTask::Name(next, name, step));
                    }
                }
            }
        }
        // A module without such an export is CommonJS or unclear, so all of it counts.
        if !is_star {
            self.whole(target, step);
        }
    }
}

/// For each import, true if all its names are used in functions that stay on the server only: a
/// compiler that removes these removes the import as well.
fn for_servers(module: &Module) -> Vec<bool> {
    let mut only = vec![false; module.imports.len()];
    let mut others = vec![false; module.imports.len()];
    for used in module.bindings.iter().flat_map(|binding| &binding.uses) {
        let target = module.bindings.get(used.binding).map(|binding| &binding.target);
        let Some(BindingTarget::Imported { import, .. }) = target else { continue };
        match used.guard {
            ServerGuard::Function => only[*import] = true,
            ServerGuard::None | ServerGuard::Branch => others[*import] = true,
        }
    }
    only.iter().zip(&others).map(|(only, others)| *only && !others).collect()
}
