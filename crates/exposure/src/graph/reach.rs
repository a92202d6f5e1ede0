//! The bindings that a side's code reaches, and the imports that lead to each.

use crate::graph::edge_filter::EdgeFilter;
use crate::graph::modules::{BindingId, Graph, ModuleId};
use crate::graph::predecessors::{Predecessor, Predecessors, StepLink};
use crate::graph::reach_root::ReachRoot;
use crate::graph::reach_search::ReachSearch;
use crate::js::guard::Absence;
use crate::js::ir::{ImportKind, MODULE_INIT};
use crate::js::style::WHOLE;
use crate::leak::{FileSpan, StepKind, TraceStep};

/// Longer traces show only their beginning and end: half of these steps each.
const MAX_TRACE: usize = 40;

/// The bindings that a side's code reaches.
pub(crate) struct Reach {
    reached: Predecessors,
    roots: Vec<ReachRoot>,
    /// True if a limit was reached.
    is_cut: bool,
}

impl Reach {
    /// Follows the code from `roots`, breadth first: traces have as few imports as possible and are
    /// the same each time. What certain roots reach has no trace from less certain ones, so the most
    /// certain must come first. What builds for production lack comes last.
    pub(crate) fn new(graph: &Graph, roots: Vec<ReachRoot>, edges: &dyn EdgeFilter) -> Self {
        let (reached, is_cut) = ReachSearch::run(graph, &roots, edges);
        Self { reached, roots, is_cut }
    }

    /// True if a limit was reached, so that not all of the code was followed.
    pub(crate) fn is_cut(&self) -> bool {
        self.is_cut
    }

    /// True if a binding is reached.
    pub(crate) fn has(&self, place: BindingId) -> bool {
        self.reached.get(place).is_some()
    }

    /// True if a module is loaded.
    pub(crate) fn has_module(&self, module: ModuleId) -> bool {
        self.has(BindingId { module, binding: MODULE_INIT })
    }

    /// The reason why builds for production lack a binding that is reached, if they do.
    pub(crate) fn absence(&self, place: BindingId) -> Option<Absence> {
        self.reached.get(place)?.absence
    }

    /// The root from which a binding is reached.
    pub(crate) fn root(&self, place: BindingId) -> Option<&ReachRoot> {
        Some(&self.roots[self.reached.get(place)?.root])
    }

    /// The steps to a binding: the root first, then each import.
    pub(crate) fn trace(&self, graph: &Graph, place: BindingId) -> Vec<TraceStep> {
        let mut steps = Vec::new();
        let mut at = Some(place);
        while let Some(step) = at.and_then(|at| self.reached.get(at)) {
            // A step within a module says no more than its name.
            if step.from.is_none() || step.link != StepLink::Within {
                steps.push(*step);
            }
            at = step.from;
        }
        steps.reverse();
        let left_out = steps.len().saturating_sub(MAX_TRACE);
        steps.drain(steps.len().min(MAX_TRACE / 2)..steps.len().min(MAX_TRACE / 2 + left_out));
        let mut hops: Vec<TraceStep> =
            steps.into_iter().map(|step| self.hop(graph, step)).collect();
        if left_out > 0 {
            let hop = &mut hops[MAX_TRACE / 2];
            hop.note = format!("{left_out} imports later: {}", hop.note);
        }
        hops
    }

    fn hop(&self, graph: &Graph, step: Predecessor) -> TraceStep {
        let (module, kind, note) = match (step.from, step.link) {
            (Some(from), StepLink::Named(number)) => {
                let named = &graph.modules[from.module].named[number];
                let note = format!("names {}, which is imported by its name", named.name);
                (from.module, StepKind::Import, note)
            }
            (Some(from), StepLink::Import(import)) => {
                let import = &graph.modules[from.module].module.imports[import];
                (from.module, StepKind::Import, note_of(import.kind, &import.specifier))
            }
            (Some(_) | None, _) => {
                let root = &self.roots[step.root];
                (root.module, StepKind::Entry, root.why.clone())
            }
        };
        let path = graph.modules[module].path.clone();
        TraceStep { at: FileSpan { path, span: step.span }, kind, note }
    }
}

fn note_of(kind: ImportKind, specifier: &str) -> String {
    match kind {
        ImportKind::Static => format!("imports {specifier}"),
        ImportKind::Dynamic => format!("imports {specifier} when it is needed"),
        ImportKind::Require => format!("requires {specifier}"),
        ImportKind::Glob => format!("imports all of {specifier}…"),
        ImportKind::Worker => format!("starts {specifier} as a worker"),
        ImportKind::Script | ImportKind::Style => {
            format!("loads {}", specifier.strip_suffix(WHOLE).unwrap_or(specifier))
        }
        ImportKind::Asset => format!("ships {specifier} as it is"),
        ImportKind::InlineScript(_) => "inline script".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::framework_id::FrameworkId;
    use crate::graph::edge_filter::Passage;
    use crate::js::guard::Guard;
    use crate::js::ir::BindingTarget;
    use crate::severity::Confidence;
    use crate::span::Span;
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

        fn is_pure(&self, _: ModuleId) -> bool {
            false
        }

        fn passage(&self, guard: Guard, _: &ReachRoot) -> Passage {
            match guard {
                Guard::None | Guard::Client => Passage::Open,
                Guard::LeftOut(absence) => Passage::LeftOut(absence),
                Guard::Server | Guard::Function if self.follows_guarded => Passage::Open,
                Guard::Server | Guard::Function => Passage::Closed,
            }
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
            is_unrendered: false,
            absence: None,
        }
    }

    fn reach(graph: &Graph, roots: &[&str]) -> Reach {
        let roots = roots.iter().map(|path| root(graph, path, Confidence::High)).collect();
        Reach::new(graph, roots, &rules(graph))
    }

    /// The reached bindings, `a.ts:x`, and modules, `a.ts`.
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
            assert_eq!(way.len(), MAX_TRACE, "{hand}");
            assert!(way[MAX_TRACE / 2].contains(" imports later: "), "{}", way[MAX_TRACE / 2]);
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
