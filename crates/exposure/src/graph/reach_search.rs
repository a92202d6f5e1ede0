//! Searches the bindings that a side's code reaches, breadth first.

#![expect(clippy::wildcard_enum_match_arm, reason = "few of the kinds matter here")]

use std::collections::{HashSet, VecDeque};

use foldhash::fast::RandomState;

use crate::graph::edge_filter::{EdgeFilter, Passage};
use crate::graph::modules::{BindingId, Graph, ImportTarget, ModuleId, NamedLink};
use crate::graph::predecessors::{Predecessor, Predecessors, StepLink};
use crate::graph::reach_root::ReachRoot;
use crate::js::guard::{Absence, Guard};
use crate::js::ir::{
    BindingTarget, Erased, ExportSource, ImportKind, Imported, MODULE_INIT, Module, first_member,
};
use crate::js::verbatim::is_taken_whole;
use crate::span::Span;

/// How many modules are searched for names that `export *` may pass on.
const MAX_ASKED: usize = 20_000_000;

/// A breadth-first search through imports and uses.
pub(super) struct ReachSearch<'g> {
    graph: &'g Graph,
    edges: &'g dyn EdgeFilter,
    roots: &'g [ReachRoot],
    reached: Predecessors,
    /// Tasks as many imports away from the roots as the current one.
    near: VecDeque<ReachTask<'g>>,
    /// Tasks one import further away.
    far: VecDeque<ReachTask<'g>>,
    /// Modules of which all exports were followed.
    whole: HashSet<ModuleId, RandomState>,
    /// Exports that were followed: modules may pass a name on in a circle.
    named: HashSet<(ModuleId, &'g str, Option<&'g str>), RandomState>,
    /// The links that builds for production leave out: they are followed last.
    left_out: Vec<(BindingId, Followed, Absence)>,
    /// How many more modules may be searched for names.
    left: usize,
}

/// Something that a binding leads to.
#[derive(Debug, Clone, Copy)]
enum Followed {
    /// One of its uses, by number.
    Use(usize),
    /// An import that it calls, by its number in the module.
    Import(usize),
    /// An import that loads a module without using any of it, by its number in the module.
    Load(usize),
    /// One of its properties.
    Part(usize),
    /// A name that is imported without a statement, by its number in the module.
    Named(usize),
}

/// A step of the search.
enum ReachTask<'g> {
    /// Follow the uses of a binding that was reached.
    Leave(BindingId),
    /// Load a module.
    Load(ModuleId, Predecessor),
    /// Reach all exports of a module.
    Whole(ModuleId, Predecessor),
    /// Reach one export of a module, or only one of its properties.
    Name(ModuleId, &'g str, Option<&'g str>, Predecessor),
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
            roots,
            reached: Predecessors::new(graph),
            near: VecDeque::new(),
            far: VecDeque::new(),
            whole: HashSet::default(),
            named: HashSet::default(),
            left_out: Vec::new(),
            left: MAX_ASKED,
        };
        let numbered: Vec<(usize, &ReachRoot)> = roots.iter().enumerate().collect();
        for equal in numbered.chunk_by(|(_, a), (_, b)| a.confidence == b.confidence) {
            search.begin(equal.iter().filter(|(_, root)| root.absence.is_none()));
            search.follow_all();
        }
        search.begin(numbered.iter().filter(|(_, root)| root.absence.is_some()));
        for (place, followed, absence) in std::mem::take(&mut search.left_out) {
            search.lead(place, followed, Some(absence));
        }
        search.follow_all();
        (search.reached, search.left == 0)
    }

    /// Reaches what roots export.
    fn begin<'r>(&mut self, roots: impl Iterator<Item = &'r (usize, &'g ReachRoot)>)
    where
        'g: 'r,
    {
        let graph = self.graph;
        for &(number, root) in roots {
            let step = Predecessor {
                from: None,
                span: root.span,
                link: StepLink::Within,
                root: number,
                absence: root.absence,
            };
            let exports = &graph.modules[root.module].module.exports;
            let name = |wanted: &String| exports.iter().find(|own| own.name == *wanted);
            match root.export.as_ref().and_then(name) {
                Some(export) => self.name(root.module, &export.name, None, step),
                // It is passed on by `export *`, or is that of a component.
                None => self.whole(root.module, step),
            }
        }
    }

    fn follow_all(&mut self) {
        while let Some(task) = self.next() {
            self.follow(task);
        }
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
            ReachTask::Name(module, name, member, step) => self.name(module, name, member, step),
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
                    self.reach(BindingId { module, binding: *binding }, None, step);
                }
                ExportSource::Import { import, name } => {
                    let here = BindingId { module, binding: MODULE_INIT };
                    let name = match name {
                        Imported::Name(name) => Some(name.as_str()),
                        Imported::All => None,
                    };
                    // The module itself may be there without what it passes on.
                    self.import_as(here, *import, (name, None), export.span, step.absence);
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
        for (number, used) in binding.uses.iter().enumerate() {
            self.pass(place, Followed::Use(number), used.guard);
        }
        for (number, named) in graph.modules[place.module].named.iter().enumerate() {
            if named.binding == place.binding {
                self.pass(place, Followed::Named(number), named.guard);
            }
        }
        let parts = module.parts_of(place.binding);
        if !parts.is_empty() {
            // What is within a property of data is kept like that of an object.
            let is_inner = || module.parts.iter().any(|part| part.binding == place.binding);
            let absence = if is_data(&graph.modules[place.module].path) && !is_inner() {
                Absence::UnusedData
            } else if module.enums.contains(&place.binding) {
                Absence::UnusedMember
            } else {
                Absence::UnusedProperty
            };
            for part in parts {
                self.pass(place, Followed::Part(part.binding), Guard::LeftOut(absence));
            }
        }
        for &import in &binding.imports {
            if module.imports[import].kind == ImportKind::Asset && !self.edges.ships_addresses() {
                continue;
            }
            if !matches!(&binding.target, BindingTarget::Imported { import: own, .. } if *own == import)
            {
                self.pass(place, Followed::Import(import), module.imports[import].guard);
            }
        }
    }

    /// Follows what a binding leads to if its guard allows that: at once, or last if builds for
    /// production lack it.
    fn pass(&mut self, place: BindingId, followed: Followed, guard: Guard) {
        let Some(step) = self.reached.get(place) else { return };
        match self.edges.passage(guard, &self.roots[step.root]) {
            Passage::LeftOut(absence) if step.absence.is_none() => {
                self.left_out.push((place, followed, absence));
            }
            Passage::Open | Passage::LeftOut(_) => self.lead(place, followed, None),
            Passage::Closed => {}
        }
    }

    /// Reaches what a binding leads to.
    fn lead(&mut self, place: BindingId, followed: Followed, absence: Option<Absence>) {
        let graph = self.graph;
        let module = &graph.modules[place.module].module;
        let Some(before) = self.reached.get(place).copied() else { return };
        let absence = before.absence.or(absence);
        let number = match followed {
            Followed::Use(number) => number,
            Followed::Import(import) => {
                let span = module.imports[import].span;
                self.import_as(place, import, (None, None), span, absence);
                return;
            }
            Followed::Named(number) => {
                let NamedLink { span, target, export, .. } =
                    &graph.modules[place.module].named[number];
                let link = StepLink::Named(number);
                let root = before.root;
                let step = Predecessor { from: Some(place), span: *span, link, root, absence };
                if !self.edges.is_boundary(*target) {
                    self.far.push_back(match export.as_deref() {
                        None => ReachTask::Whole(*target, step),
                        Some(name) => ReachTask::Name(*target, name, None, step),
                    });
                }
                return;
            }
            Followed::Load(import) => {
                let span = module.imports[import].span;
                let (link, root) = (StepLink::Import(import), before.root);
                let step = Predecessor { from: Some(place), span, link, root, absence };
                for &target in graph.targets(place.module, import) {
                    self.far.push_back(ReachTask::Load(target, step));
                }
                return;
            }
            Followed::Part(binding) => {
                let span = module.bindings[binding].span;
                let root = before.root;
                let step =
                    Predecessor { from: Some(place), span, link: StepLink::Within, root, absence };
                self.visit(BindingId { binding, ..place }, step);
                return;
            }
        };
        let used = &module.bindings[place.binding].uses[number];
        let to = BindingId { binding: used.binding, ..place };
        let root = before.root;
        let step = Predecessor {
            from: Some(place),
            span: used.span,
            link: StepLink::Within,
            root,
            absence,
        };
        self.reach(to, used.member.as_deref(), step);
    }

    /// Reaches a binding, or only the shell of it and one of its properties.
    fn reach(&mut self, place: BindingId, member: Option<&'g str>, step: Predecessor) {
        self.visit(place, step);
        let graph = self.graph;
        let module = &graph.modules[place.module].module;
        match module.bindings.get(place.binding).map(|binding| &binding.target) {
            Some(BindingTarget::Imported { import, name }) => {
                let kept = &module.imports[*import];
                let name = match name {
                    // What `require` returns may be used as a whole in ways that are not seen.
                    Imported::Name(name) if kept.kind == ImportKind::Static => {
                        (Some(name.as_str()), member)
                    }
                    Imported::Name(name) => (Some(name.as_str()), None),
                    Imported::All => within(member),
                };
                self.import_as(place, *import, name, kept.span, step.absence);
            }
            Some(BindingTarget::Local) => {
                let (member, inner) = within(member);
                for part in module.parts_of(place.binding) {
                    if member.is_none_or(|member| *part.name == *member) {
                        // A member that the part lacks may be a method that uses all of it.
                        let own = module.parts_of(part.binding);
                        let inner = inner.filter(|inner| {
                            own.iter().any(|it| *it.name == *first_member(inner).0)
                        });
                        self.reach(BindingId { binding: part.binding, ..place }, inner, step);
                    }
                }
            }
            None => {}
        }
    }

    /// Reaches the shell of data and one of its properties, or only a member of that.
    fn part(&mut self, place: BindingId, name: &str, member: Option<&'g str>, step: Predecessor) {
        self.visit(place, step);
        let module = &self.graph.modules[place.module].module;
        for part in module.parts_of(place.binding).iter().filter(|part| *part.name == *name) {
            let own = module.parts_of(part.binding);
            let member =
                member.filter(|member| own.iter().any(|it| *it.name == *first_member(member).0));
            self.reach(BindingId { binding: part.binding, ..place }, member, step);
        }
    }

    /// Follows the imports that a module executes when it is loaded.
    fn loads(&mut self, place: BindingId) {
        let module = &self.graph.modules[place.module].module;
        let is_stripped = !self.edges.stripped(place.module).is_empty();
        let keeps_unused = self.edges.keeps_unused(place.module);
        let Some(&Predecessor { root, absence, .. }) = self.reached.get(place) else { return };
        // Imports that only left-out exports use are left out as well.
        let mut named = vec![false; module.imports.len()];
        // An import that is a call runs when the module is loaded, whoever uses its result.
        let mut called = vec![false; module.imports.len()];
        for binding in &module.bindings {
            if let BindingTarget::Imported { import, .. } = binding.target {
                named[import] |= is_stripped;
                called[import] |= binding.symbol.is_some();
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
                let step = Predecessor {
                    from: Some(place),
                    span: import.span,
                    link: StepLink::Import(index),
                    root,
                    absence,
                };
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
                        if self.edges.is_boundary(target) {
                            continue;
                        }
                        let reason = match import.kind {
                            ImportKind::Static if self.edges.is_pure(target) => Some(Absence::Pure),
                            ImportKind::Static if self.is_component(place, index, target) => {
                                Some(Absence::Unrendered)
                            }
                            _ => None,
                        };
                        if let (Some(reason), None) = (reason, absence) {
                            self.pass(place, Followed::Load(index), Guard::LeftOut(reason));
                        } else {
                            self.far.push_back(ReachTask::Load(target, step));
                        }
                    }
                }
            }
        }
    }

    /// True if an import takes a component by its name, or passes it on: compilers make functions of components, which
    /// do nothing as long as nothing renders them.
    fn is_component(&self, place: BindingId, import: usize, target: ModuleId) -> bool {
        let path = &self.graph.modules[target].path;
        if ![".vue", ".svelte"].iter().any(|ending| path.ends_with(ending)) {
            return false;
        }
        let Module { bindings, exports, .. } = &*self.graph.modules[place.module].module;
        bindings.iter().any(|binding| {
            matches!(binding.target, BindingTarget::Imported { import: own, .. } if own == import)
        }) || exports.iter().any(|export| {
            matches!(export.source, ExportSource::Import { import: own, .. } if own == import)
        })
    }

    /// Follows an import in the module of `place` to the modules that it leads to: to the export of
    /// this name or one of its properties, or to all.
    fn import_as(
        &mut self,
        place: BindingId,
        import: usize,
        (name, member): (Option<&'g str>, Option<&'g str>),
        span: Span,
        absence: Option<Absence>,
    ) {
        let graph = self.graph;
        let Some(ImportTarget::To(targets)) = graph.modules[place.module].links.get(import) else {
            return;
        };
        let root = self.reached.get(place).map_or(0, |step| step.root);
        let step =
            Predecessor { from: Some(place), span, link: StepLink::Import(import), root, absence };
        let is_static =
            graph.modules[place.module].module.imports[import].kind == ImportKind::Static;
        for &target in targets {
            if self.edges.is_boundary(target) {
                continue;
            }
            // What `require` returns of data or of an object is used as a whole.
            let is_whole = !is_static
                && (is_data(&graph.modules[target].path) || exports_object(graph, target));
            self.far.push_back(match name.filter(|_| !is_whole) {
                None => ReachTask::Whole(target, step),
                Some(name) => ReachTask::Name(target, name, member, step),
            });
        }
    }

    /// Reaches one export of a module, through the modules that pass it on.
    fn name(
        &mut self,
        target: ModuleId,
        name: &'g str,
        member: Option<&'g str>,
        step: Predecessor,
    ) {
        let graph = self.graph;
        let here = BindingId { module: target, binding: MODULE_INIT };
        self.visit(here, step);
        if self.whole.contains(&target) || !self.named.insert((target, name, member)) {
            return;
        }
        let mut is_found = false;
        for export in graph.named(target, name) {
            is_found = true;
            match &export.source {
                ExportSource::Binding(binding) => {
                    let place = BindingId { module: target, binding: *binding };
                    // The names of data are its properties.
                    let is_data = graph.modules[target].module.bindings[*binding].symbol.is_none();
                    let part = Some(name).filter(|_| is_data && name != "default");
                    // Compilers look for members of enums in the same module only.
                    let is_enum = graph.modules[target].module.enums.contains(binding);
                    match part {
                        Some(name) => self.part(place, name, member, step),
                        None => self.reach(place, member.filter(|_| !is_enum), step),
                    }
                }
                ExportSource::Import { import, name: own } => {
                    let own = match own {
                        Imported::Name(own) => (Some(own.as_str()), member),
                        Imported::All => within(member),
                    };
                    self.import_as(here, *import, own, export.span, step.absence);
                }
            }
        }
        if is_found {
            return;
        }
        // Any of several `export *` may have it.
        let mut is_star = false;
        let may_have_it = graph.passed_on_with(target, name);
        for export in graph.named(target, "*") {
            is_star = true;
            let ExportSource::Import { import, .. } = &export.source else { continue };
            let step = Predecessor {
                from: Some(here),
                span: export.span,
                link: StepLink::Import(*import),
                ..step
            };
            for &next in graph.targets(target, *import) {
                if self.left > 0 && may_have_it.contains(&next) && !self.edges.is_boundary(next) {
                    let (is_provided, asked) = graph.provides(next, name);
                    self.left = self.left.saturating_sub(asked);
                    if is_provided {
                        self.far.push_back(ReachTask::Name(next, name, member, step));
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

/// The first of the members that are read, and those of it.
fn within(members: Option<&str>) -> (Option<&str>, Option<&str>) {
    let split = members.map(first_member);
    (split.map(|(first, _)| first), split.and_then(|(_, others)| others))
}

/// True for a file of data, which has no code.
fn is_data(path: &str) -> bool {
    path.ends_with(".json")
}

/// True if a module exports an object of CommonJS whose properties are known one by one.
fn exports_object(graph: &Graph, target: ModuleId) -> bool {
    let module = &graph.modules[target].module;
    graph.named(target, "default").any(|export| match export.source {
        ExportSource::Binding(binding) => {
            // Those of ES modules are bindings of their own.
            let own = module.exports.iter();
            let names = own.filter(|it| it.source == ExportSource::Binding(binding)).count();
            names > 1 && !module.parts_of(binding).is_empty()
        }
        ExportSource::Import { .. } => false,
    })
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
            Guard::Function => only[*import] = true,
            Guard::None | Guard::Client | Guard::LeftOut(_) | Guard::Server => {
                others[*import] = true;
            }
        }
    }
    only.iter().zip(&others).map(|(only, others)| *only && !others).collect()
}
