//! Which bindings a side's code reaches, and on which way.

use std::collections::{HashSet, VecDeque};

use foldhash::fast::RandomState;

use crate::framework_id::FrameworkId;
use crate::graph::modules::{BindingId, Graph, ImportTarget, ModuleId};
use crate::js::ir::{
    BindingTarget, Erased, ExportSource, ImportKind, Imported, MODULE_INIT, Module, ServerGuard,
    Span,
};
use crate::leak::{FileSpan, StepKind, TraceStep};
use crate::severity::Confidence;

/// How many modules are asked all in all which of them has a name that `export *` hands on.
const MAX_ASKED: usize = 20_000_000;

/// Of a longer way, only the beginning and the end are told: half of these steps each.
const MAX_TOLD: usize = 40;

/// Where a side's code begins in the graph.
#[derive(Debug, Clone)]
pub(crate) struct ReachRoot {
    /// The module.
    pub module: ModuleId,
    /// The only export of it that is used; none is all.
    pub export: Option<String>,
    /// Why it is one, for people.
    pub why: String,
    /// Where that is said.
    pub span: Span,
    /// How sure it is.
    pub confidence: Confidence,
    /// The framework whose rules say so.
    pub framework: FrameworkId,
    /// Whether the code is packaged as it is and reads variables when it runs.
    pub is_packaged: bool,
}

/// What stops the way, and what is left out.
pub(crate) trait EdgeFilter: Sync {
    /// Whether code of this side cannot take a module in.
    fn is_boundary(&self, module: ModuleId) -> bool;
    /// The exports that are left out of this side's version of a module.
    fn stripped(&self, module: ModuleId) -> &'static [&'static str];
    /// Whether the project keeps imports of which no value is used.
    fn keeps_unused(&self, module: ModuleId) -> bool;
    /// Whether code under this guard belongs to this side.
    fn follows(&self, guard: ServerGuard) -> bool;
    /// Whether files ship whose addresses code makes, see [`ImportKind::Asset`].
    fn ships_addresses(&self) -> bool;
}

/// What is reached.
pub(crate) struct Reach {
    ways: Predecessors,
    roots: Vec<ReachRoot>,
    /// Whether there was too much to follow all of it.
    is_cut: bool,
}

#[derive(Debug, Clone, Copy)]
struct Predecessor {
    from: Option<BindingId>,
    /// Where the way leads on, in the module of `from`.
    span: Span,
    /// By an import: which one of that module.
    import: Option<usize>,
    root: usize,
}

/// How each binding was reached first.
struct Predecessors {
    /// Of each module, the number of its first binding among those of all; then how many there are.
    starts: Vec<u32>,
    /// For each binding, which of the ways leads to it, counted from 1; 0 is none.
    of: Vec<u32>,
    ways: Vec<Predecessor>,
}

impl Predecessors {
    fn new(graph: &Graph) -> Self {
        let mut starts = vec![0];
        let mut count = 0;
        for node in &graph.modules {
            count += node.module.bindings.len().max(1) as u32;
            starts.push(count);
        }
        Self { starts, of: vec![0; count as usize], ways: Vec::new() }
    }

    /// The number of a binding; `None` of what is none.
    fn number(&self, place: BindingId) -> Option<usize> {
        let number = *self.starts.get(place.module)? as usize + place.binding;
        (number < *self.starts.get(place.module + 1)? as usize).then_some(number)
    }

    fn get(&self, place: BindingId) -> Option<&Predecessor> {
        let way = self.of[self.number(place)?] as usize;
        self.ways.get(way.checked_sub(1)?)
    }

    /// Whether a binding was not reached before.
    fn insert(&mut self, place: BindingId, way: Predecessor) -> bool {
        let Some(number) = self.number(place).filter(|&number| self.of[number] == 0) else {
            return false;
        };
        self.ways.push(way);
        self.of[number] = self.ways.len() as u32;
        true
    }
}

struct ReachSearch<'g> {
    graph: &'g Graph,
    rules: &'g dyn EdgeFilter,
    ways: Predecessors,
    /// What is as many imports away from the roots as what is followed now.
    near: VecDeque<ReachTask<'g>>,
    /// What is one import further away.
    far: VecDeque<ReachTask<'g>>,
    /// Modules of which everything was followed.
    whole: HashSet<ModuleId, RandomState>,
    /// Exports that were followed: modules may hand on a name in a circle.
    named: HashSet<(ModuleId, &'g str), RandomState>,
    /// How many modules may still be asked for a name.
    left: usize,
}

/// What is still to be followed.
enum ReachTask<'g> {
    /// What a binding that was reached uses.
    Leave(BindingId),
    /// A module that is loaded.
    Load(ModuleId, Predecessor),
    /// A module with all that it exports.
    Whole(ModuleId, Predecessor),
    /// One export of a module.
    Name(ModuleId, &'g str, Predecessor),
}

impl Reach {
    /// Follows the code from `roots`, breadth first: the ways have as few imports as can be, and are
    /// the same each time. What surer roots reach is not told by a way from less sure ones, so the
    /// surest come first.
    pub(crate) fn new(graph: &Graph, roots: Vec<ReachRoot>, rules: &dyn EdgeFilter) -> Self {
        let mut search = ReachSearch {
            graph,
            rules,
            ways: Predecessors::new(graph),
            near: VecDeque::new(),
            far: VecDeque::new(),
            whole: HashSet::default(),
            named: HashSet::default(),
            left: MAX_ASKED,
        };
        let mut number = 0;
        for equal in roots.chunk_by(|a, b| a.confidence == b.confidence) {
            for root in equal {
                let way = Predecessor { from: None, span: root.span, import: None, root: number };
                let exports = &graph.modules[root.module].module.exports;
                let name = |wanted: &String| exports.iter().find(|own| own.name == *wanted);
                match root.export.as_ref().and_then(name) {
                    Some(export) => search.name(root.module, &export.name, way),
                    // It is handed on by `export *`, or is that of a component.
                    None => search.whole(root.module, way),
                }
                number += 1;
            }
            while let Some(task) = search.next() {
                search.follow(task);
            }
        }
        Self { ways: search.ways, roots, is_cut: search.left == 0 }
    }

    /// Whether there was too much to follow all of it.
    pub(crate) fn is_cut(&self) -> bool {
        self.is_cut
    }

    /// Whether a binding is reached.
    pub(crate) fn has(&self, place: BindingId) -> bool {
        self.ways.get(place).is_some()
    }

    /// Whether a module is loaded.
    pub(crate) fn has_module(&self, module: ModuleId) -> bool {
        self.has(BindingId { module, binding: MODULE_INIT })
    }

    /// The root from which a binding is reached.
    pub(crate) fn root(&self, place: BindingId) -> Option<&ReachRoot> {
        Some(&self.roots[self.ways.get(place)?.root])
    }

    /// The way to a binding: the root first, then each import.
    pub(crate) fn trace(&self, graph: &Graph, place: BindingId) -> Vec<TraceStep> {
        let mut steps = Vec::new();
        let mut at = Some(place);
        while let Some(way) = at.and_then(|at| self.ways.get(at)) {
            // Predecessors within a module say nothing that its name would not.
            if way.from.is_none() || way.import.is_some() {
                steps.push(*way);
            }
            at = way.from;
        }
        steps.reverse();
        let left_out = steps.len().saturating_sub(MAX_TOLD);
        steps.drain(steps.len().min(MAX_TOLD / 2)..steps.len().min(MAX_TOLD / 2 + left_out));
        let mut hops: Vec<TraceStep> = steps.into_iter().map(|way| self.hop(graph, way)).collect();
        if left_out > 0 {
            let hop = &mut hops[MAX_TOLD / 2];
            hop.note = format!("{left_out} imports later: {}", hop.note);
        }
        hops
    }

    fn hop(&self, graph: &Graph, way: Predecessor) -> TraceStep {
        let (module, kind, note) = match (way.from, way.import) {
            (Some(from), Some(import)) => {
                let import = &graph.modules[from.module].module.imports[import];
                (from.module, StepKind::Import, note_of(import.kind, &import.specifier))
            }
            (Some(_) | None, _) => {
                let root = &self.roots[way.root];
                (root.module, StepKind::Entry, root.why.clone())
            }
        };
        let path = graph.modules[module].path.clone();
        TraceStep { at: FileSpan { path, span: way.span }, kind, note }
    }
}

fn note_of(kind: ImportKind, specifier: &str) -> String {
    match kind {
        ImportKind::Static => format!("imports {specifier}"),
        ImportKind::Dynamic => format!("imports {specifier} when it is needed"),
        ImportKind::Require => format!("requires {specifier}"),
        ImportKind::Glob => format!("imports all of {specifier}…"),
        ImportKind::Worker => format!("starts {specifier} as a worker"),
        ImportKind::Script | ImportKind::Style => format!("loads {specifier}"),
        ImportKind::Asset => format!("ships {specifier} as it is"),
        ImportKind::InlineScript(_) => "inline script".to_owned(),
    }
}

impl<'g> ReachSearch<'g> {
    fn next(&mut self) -> Option<ReachTask<'g>> {
        if self.near.is_empty() {
            std::mem::swap(&mut self.near, &mut self.far);
        }
        self.near.pop_front()
    }

    fn follow(&mut self, task: ReachTask<'g>) {
        match task {
            ReachTask::Leave(place) => self.leave(place),
            ReachTask::Load(module, way) => {
                self.visit(BindingId { module, binding: MODULE_INIT }, way)
            }
            ReachTask::Whole(module, way) => self.whole(module, way),
            ReachTask::Name(module, name, way) => self.name(module, name, way),
        }
    }

    fn visit(&mut self, place: BindingId, way: Predecessor) {
        if self.ways.insert(place, way) {
            self.near.push_back(ReachTask::Leave(place));
            // Whoever uses a binding loads its module.
            if place.binding != MODULE_INIT {
                self.visit(BindingId { binding: MODULE_INIT, ..place }, way);
            }
        }
    }

    /// A module with all that it exports but for what is left out.
    fn whole(&mut self, module: ModuleId, way: Predecessor) {
        if way.from.is_some() && self.rules.is_boundary(module) {
            return;
        }
        if !self.whole.insert(module) {
            return;
        }
        self.visit(BindingId { module, binding: MODULE_INIT }, way);
        let stripped = self.rules.stripped(module);
        let graph = self.graph;
        let exports = &graph.modules[module].module.exports;
        for export in exports.iter().filter(|export| !stripped.contains(&export.name.as_str())) {
            match &export.source {
                ExportSource::Binding(binding) => {
                    self.visit(BindingId { module, binding: *binding }, way);
                }
                ExportSource::Import { import, name } => {
                    let here = BindingId { module, binding: MODULE_INIT };
                    self.import(here, *import, name, None, export.span);
                }
            }
        }
    }

    fn leave(&mut self, place: BindingId) {
        let graph = self.graph;
        let module = &graph.modules[place.module].module;
        if place.binding == MODULE_INIT {
            self.loads(place);
        }
        let Some(binding) = module.bindings.get(place.binding) else { return };
        let Some(root) = self.ways.get(place).map(|way| way.root) else { return };
        for used in binding.uses.iter().filter(|used| self.rules.follows(used.guard)) {
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
            if module.imports[import].kind == ImportKind::Asset && !self.rules.ships_addresses() {
                continue;
            }
            if !matches!(&binding.target, BindingTarget::Imported { import: own, .. } if *own == import)
            {
                self.import(place, import, &Imported::All, None, module.imports[import].span);
            }
        }
    }

    /// What a module imports just by being loaded.
    fn loads(&mut self, place: BindingId) {
        let module = &self.graph.modules[place.module].module;
        let is_stripped = !self.rules.stripped(place.module).is_empty();
        let keeps_unused = self.rules.keeps_unused(place.module);
        let Some(root) = self.ways.get(place).map(|way| way.root) else { return };
        // What only left-out exports use goes with them.
        let mut named = vec![false; module.imports.len()];
        // What a module takes in by a call runs when it is loaded, whoever uses it.
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
                let way =
                    Predecessor { from: Some(place), span: import.span, import: Some(index), root };
                match import.kind {
                    ImportKind::Script | ImportKind::InlineScript(_) => {
                        self.far.push_back(ReachTask::Whole(target, way));
                    }
                    ImportKind::Static
                    | ImportKind::Dynamic
                    | ImportKind::Require
                    | ImportKind::Glob
                    | ImportKind::Worker
                    | ImportKind::Style
                    | ImportKind::Asset => {
                        if !self.rules.is_boundary(target) {
                            self.far.push_back(ReachTask::Load(target, way));
                        }
                    }
                }
            }
        }
    }

    /// Follows an import of `place`'s module to what it names.
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
        let root = self.ways.get(place).map_or(0, |way| way.root);
        let way = Predecessor { from: Some(place), span, import: Some(import), root };
        let name = match name {
            Imported::Name(name) => Some(name.as_str()),
            Imported::All => member,
        };
        for &target in targets {
            if self.rules.is_boundary(target) {
                continue;
            }
            self.far.push_back(match name {
                None => ReachTask::Whole(target, way),
                Some(name) => ReachTask::Name(target, name, way),
            });
        }
    }

    /// One export of a module, or the way to it through modules that hand it on.
    fn name(&mut self, target: ModuleId, name: &'g str, way: Predecessor) {
        let graph = self.graph;
        let here = BindingId { module: target, binding: MODULE_INIT };
        self.visit(here, way);
        if self.whole.contains(&target) || !self.named.insert((target, name)) {
            return;
        }
        let mut is_found = false;
        for export in graph.named(target, name) {
            is_found = true;
            match &export.source {
                ExportSource::Binding(binding) => {
                    self.visit(BindingId { module: target, binding: *binding }, way);
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
        let mut is_star = false;
        for export in graph.named(target, "*") {
            is_star = true;
            let ExportSource::Import { import, .. } = &export.source else { continue };
            let way =
                Predecessor { from: Some(here), span: export.span, import: Some(*import), ..way };
            for &next in graph.targets(target, *import) {
                if self.left > 0 && !self.rules.is_boundary(next) {
                    let (is_there, asked) = graph.provides(next, name);
                    self.left = self.left.saturating_sub(asked);
                    if is_there {
                        self.far.push_back(ReachTask::Name(next, name, way));
                    }
                }
            }
        }
        // A module without such an export is CommonJS, or more than can be told: all of it.
        if !is_star {
            self.whole(target, way);
        }
    }
}

/// The imports of which all names are used in functions that stay on the server: a compiler that
/// takes these out takes the imports out, too.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::graph;

    /// Boundaries and left-out exports by the names of files.
    #[derive(Default)]
    struct Fixed {
        boundaries: Vec<bool>,
        stripped: Vec<&'static [&'static str]>,
        follows_guarded: bool,
        keeps_unused: bool,
    }

    impl EdgeFilter for Fixed {
        fn is_boundary(&self, module: ModuleId) -> bool {
            self.boundaries[module]
        }

        fn stripped(&self, module: ModuleId) -> &'static [&'static str] {
            self.stripped[module]
        }

        fn keeps_unused(&self, _: ModuleId) -> bool {
            self.keeps_unused
        }

        fn follows(&self, guard: ServerGuard) -> bool {
            self.follows_guarded || guard == ServerGuard::None
        }

        fn ships_addresses(&self) -> bool {
            true
        }
    }

    /// Modules named `server…` are boundaries, those named `route…` lose `loader`.
    fn rules(graph: &Graph) -> Fixed {
        let is = |start: &str| {
            graph.modules.iter().map(move |node| node.path.starts_with(start)).collect::<Vec<_>>()
        };
        let stripped = |is_route: bool| if is_route { &["loader"][..] } else { &[] };
        Fixed {
            boundaries: is("server"),
            stripped: is("route").into_iter().map(stripped).collect(),
            ..Fixed::default()
        }
    }

    fn root(graph: &Graph, path: &str, confidence: Confidence) -> ReachRoot {
        ReachRoot {
            module: graph.by_path(path).unwrap(),
            why: "why".to_owned(),
            span: Span::default(),
            confidence,
            framework: FrameworkId::Node,
            export: None,
            is_packaged: false,
        }
    }

    fn reach(graph: &Graph, roots: &[&str]) -> Reach {
        let roots = roots.iter().map(|path| root(graph, path, Confidence::High)).collect();
        Reach::new(graph, roots, &rules(graph))
    }

    /// What is reached: `a.ts:x`; of a module, `a.ts`.
    fn reached(graph: &Graph, reach: &Reach) -> String {
        let mut all = Vec::new();
        for (module, node) in graph.modules.iter().enumerate() {
            for (binding, known) in node.module.bindings.iter().enumerate() {
                // What stands for an import says nothing that the module behind it does not.
                if known.target == BindingTarget::Local && reach.has(BindingId { module, binding })
                {
                    let stem = node.path.split_once('.').map_or("", |(stem, _)| stem);
                    all.push(if known.name.is_empty() {
                        stem.to_owned()
                    } else {
                        format!("{stem}:{}", known.name)
                    });
                }
            }
        }
        all.join(" ")
    }

    fn check(files: &[(&str, &str)], expected: &str) {
        let graph = graph(files);
        assert_eq!(reached(&graph, &reach(&graph, &["a.ts"])), expected, "{files:?}");
    }

    #[test]
    fn only_what_is_used_is_reached() {
        let b = ("b.ts", "export const x = 1, y = 2; const z = 3; export const w = () => z");
        for (text, expected) in [
            ("import { x } from './b'; x", "a b b:x"),
            ("import { x } from './b'; const f = () => x", "a b"),
            ("import { x } from './b'; export const f = () => x", "a a:f b b:x"),
            ("import { w } from './b'; w()", "a b b:z b:w"),
            ("import * as all from './b'; all.x", "a b b:x"),
            ("import * as all from './b'; use(all)", "a b b:x b:y b:z b:w"),
            ("import './b'", "a b"),
            ("import type { x } from './b'", "a"),
            ("import { x } from './b'; let t: typeof x", "a"),
            ("export { x } from './b'", "a b b:x"),
            ("export * from './b'", "a b b:x b:y b:z b:w"),
            ("import('./b')", "a b b:x b:y b:z b:w"),
            ("const f = () => import('./b')", "a"),
            ("export const f = () => import('./b')", "a a:f b b:x b:y b:z b:w"),
            ("const { y } = require('./b'); y", "a b b:y"),
            ("import { gone } from './b'", "a"),
            ("import { gone } from './b'; gone", "a b b:x b:y b:z b:w"),
            ("import { x } from './none'; x", "a"),
        ] {
            check(&[("a.ts", text), b], expected);
        }
    }

    #[test]
    fn circles_end() {
        let files = [
            ("a.ts", "import { b } from './b'; export const a = () => b()"),
            ("b.ts", "import { a } from './a'; export * from './c'; export const b = () => a()"),
            ("c.ts", "export * from './b'; export { d } from './c'; import './c'"),
        ];
        check(&files, "a a:a b b:b c");
        check(&[("a.ts", "export * from './a'; import { x } from './a'; x")], "a");
    }

    #[test]
    fn boundaries_cut_and_left_out_exports_take_what_only_they_use_along() {
        let files = [
            (
                "a.ts",
                "import { action } from './server'; import { Page } from './route'; action(Page)",
            ),
            ("server.ts", "import './b'; export const action = () => 1"),
            ("b.ts", ""),
            (
                "route.ts",
                "import { secret } from './c'; import { d } from './d'; import './e'; \
                 export const loader = () => secret; export const Page = () => d",
            ),
            ("c.ts", "export const secret = 1"),
            ("d.ts", "export const d = 1"),
            ("e.ts", ""),
        ];
        check(&files, "a d d:d e route route:Page");
        let graph = graph(&files);
        let all = reached(&graph, &reach(&graph, &["route.ts"]));
        assert_eq!(all, "d d:d e route route:Page");
        // Where it begins at a boundary, that is no boundary.
        assert_eq!(reached(&graph, &reach(&graph, &["server.ts"])), "b server server:action");
    }

    #[test]
    fn what_runs_on_servers_only_is_left_to_them() {
        let files = [
            (
                "a.ts",
                "import { x, y, z } from './b'; if (import.meta.env.SSR) x(); \
                 if (typeof window === 'undefined') { y() } \
                 export async function act() { 'use server'; z() }",
            ),
            ("b.ts", "export const x = 1, y = 2, z = 3"),
        ];
        check(&files, "a a:act b");
        let graph = graph(&files);
        let roots = vec![root(&graph, "a.ts", Confidence::High)];
        let rules = Fixed { follows_guarded: true, ..rules(&graph) };
        let all = reached(&graph, &Reach::new(&graph, roots, &rules));
        assert_eq!(all, "a a:act b b:x b:y b:z");
    }

    #[test]
    fn imports_of_which_no_value_is_used_go_unless_the_project_keeps_them() {
        let graph = graph(&[("a.ts", "import { T } from './b'; let t: T"), ("b.ts", "")]);
        let told = |keeps_unused| {
            let roots = vec![root(&graph, "a.ts", Confidence::High)];
            let rules = Fixed { keeps_unused, ..rules(&graph) };
            reached(&graph, &Reach::new(&graph, roots, &rules))
        };
        assert_eq!((told(false), told(true)), ("a".to_owned(), "a b".to_owned()));
    }

    /// The way to a binding: file and note of each step.
    fn way(graph: &Graph, reach: &Reach, path: &str, name: &str) -> Vec<String> {
        let module = graph.by_path(path).unwrap();
        let bindings = &graph.modules[module].module.bindings;
        let binding = bindings.iter().position(|binding| binding.name == name).unwrap();
        let trace = reach.trace(graph, BindingId { module, binding });
        trace.iter().map(|hop| format!("{} {}", hop.at.path, hop.note)).collect()
    }

    #[test]
    fn ways_have_as_few_imports_as_can_be() {
        let files = [
            // By the barrels it is three imports, by `e` two, though more goes on within `a` and `e`.
            (
                "a.ts",
                "import { x } from './b'; import { e } from './e'; export const f = () => x; \
                      const g = () => h(), h = () => e; export const i = () => g()",
            ),
            ("b.ts", "export * from './c'"),
            ("c.ts", "export { x } from './d'"),
            ("d.ts", "export const x = 1"),
            (
                "e.ts",
                "import { x } from './d'; const y = () => x, z = () => y; export const e = () => z",
            ),
        ];
        let graph = graph(&files);
        let reach = reach(&graph, &["a.ts"]);
        let expected = ["a.ts why", "a.ts imports ./e", "e.ts imports ./d"];
        assert_eq!(way(&graph, &reach, "d.ts", "x"), expected);
        assert_eq!(
            way(&graph, &reach, "c.ts", ""),
            ["a.ts why", "a.ts imports ./b", "b.ts imports ./c"]
        );
    }

    #[test]
    fn the_nearest_root_tells_unless_another_is_surer() {
        let files = [
            ("a.ts", "import './b'"),
            ("b.ts", "import './c'"),
            ("c.ts", "import './d'"),
            ("d.ts", "export const x = 1"),
        ];
        let graph = graph(&files);
        let told = |roots: &[(&str, Confidence)]| {
            let roots = roots.iter().map(|(path, sure)| root(&graph, path, *sure)).collect();
            let reach = Reach::new(&graph, roots, &rules(&graph));
            way(&graph, &reach, "d.ts", "").swap_remove(0)
        };
        let (high, low) = (Confidence::High, Confidence::Low);
        assert_eq!(told(&[("a.ts", high), ("c.ts", high)]), "c.ts why");
        assert_eq!(told(&[("a.ts", high), ("c.ts", low)]), "a.ts why");
        assert_eq!(told(&[("a.ts", low), ("c.ts", low)]), "c.ts why");
    }

    #[test]
    fn thousands_of_modules_that_hand_on_take_no_stack() {
        let count = 3000;
        for (first, hand) in [
            ("export * from './m0'", "export * from './mN'"),
            ("import { x } from './m0'; x", "export { x } from './mN'"),
            ("import { x } from './m0'; x", "export * from './mN'"),
            ("import './m0'", "import './mN'"),
            ("import('./m0')", "module.exports = require('./mN')"),
        ] {
            let mut files = vec![("a.ts".to_owned(), first.to_owned())];
            let next =
                |n: usize| if n + 1 == count { "m0".to_owned() } else { format!("m{}", n + 1) };
            files.extend((0..count).map(|n| (format!("m{n}.ts"), hand.replace("mN", &next(n)))));
            files[count].1 += "; export const x = 1";
            let pairs: Vec<_> = files.iter().map(|(path, text)| (&**path, &**text)).collect();
            let graph = graph(&pairs);
            let reach = reach(&graph, &["a.ts"]);
            let last = format!("m{}.ts", count - 1);
            assert!(reach.has_module(graph.by_path(&last).unwrap()), "{hand}");
            let way = way(&graph, &reach, &last, "");
            assert_eq!(way.len(), MAX_TOLD, "{hand}");
            assert!(way[MAX_TOLD / 2].contains(" imports later: "), "{}", way[MAX_TOLD / 2]);
            assert!(!reach.is_cut());
        }
    }

    #[test]
    fn what_takes_too_long_is_cut_and_said() {
        // Each of many names is asked for along the whole chain of barrels.
        let (names, chain) = (400, 400);
        let list: Vec<String> = (0..names).map(|n| format!("v{n}")).collect();
        let list = list.join(", ");
        let mut files =
            vec![("a.ts".to_owned(), format!("import {{ {list} }} from './m0'; use({list})"))];
        let hand = |n: usize| (format!("m{n}.ts"), format!("export * from './m{}'", n + 1));
        files.extend((0..chain).map(hand));
        files.push((
            format!("m{chain}.ts"),
            format!("export const {}", list.replace(',', "= 1,") + "= 1"),
        ));
        let pairs: Vec<_> = files.iter().map(|(path, text)| (&**path, &**text)).collect();
        let graph = graph(&pairs);
        let reach = reach(&graph, &["a.ts"]);
        assert!(reach.is_cut(), "{names} times half the square of {chain} is more than the limit");
        assert!(reach.has_module(graph.by_path("m1.ts").unwrap()));
    }
}
