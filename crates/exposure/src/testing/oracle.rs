//! Random projects: the analysis agrees with a slow and simple model of their code.

use std::collections::{BTreeMap, HashMap, HashSet};

use proptest::prelude::{Strategy, any, prop, prop_assert, prop_assert_eq, proptest};
use rayon::ThreadPoolBuilder;

use crate::analysis::{Analysis, analyse};
use crate::change_scope::{is_module_source, is_same_code};
use crate::input::Input;
use crate::leak::{Leak, LeakKind, StepKind, TraceStep};
use crate::severity::Severity;
use crate::testing::catalog::catalog;
use crate::testing::keys::{Prefixes, filled};
use crate::testing::memory::Memory;

/// A module of a project; `mN.ts` is its file.
#[derive(Debug, Clone)]
struct Spec {
    directive: Directive,
    /// How many functions it exports: `fN_0`, `fN_1`, …
    functions: usize,
    items: Vec<Item>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Directive {
    None,
    Client,
    Server,
}

/// That a module takes something from another.
#[derive(Debug, Clone)]
struct Item {
    how: How,
    /// The other module.
    target: usize,
    /// Which of all exported names; of any module, so that some are passed on and some are missing.
    name: usize,
    /// Which of the module's functions uses it; none of them is the module itself when it loads.
    user: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum How {
    Name,
    Member,
    Whole,
    Load,
    PassOn,
    Star,
    Dynamic,
    /// `import('…')` under a test that holds in development only.
    Development,
    Type,
}

/// The place of the key.
#[derive(Debug, Clone, Copy)]
struct Planted {
    module: usize,
    /// A function of the module; beyond the last, the module itself when it loads.
    user: usize,
    /// True if it is in a constant that the function uses.
    is_apart: bool,
}

#[derive(Debug, Clone)]
struct Project {
    modules: Vec<Spec>,
    planted: Planted,
}

/// A place in the code, or a way to reach it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Node {
    Load(usize),
    Function(usize, usize),
    Whole(usize),
    Export(usize, Name),
}

/// An exported name: a function of a module, or a name that an item of a module passes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Name {
    Function(usize, usize),
    PassedOn(usize, usize),
}

impl Project {
    fn names(&self) -> Vec<Name> {
        let mut names = Vec::new();
        for (module, spec) in self.modules.iter().enumerate() {
            names.extend((0..spec.functions).map(|function| Name::Function(module, function)));
            let handed = spec.items.iter().enumerate().filter(|(_, item)| item.how == How::PassOn);
            names.extend(handed.map(|(at, _)| Name::PassedOn(module, at)));
        }
        names
    }

    fn target(&self, item: &Item) -> usize {
        item.target % self.modules.len()
    }

    /// Mostly one that the other module has.
    fn name(&self, item: &Item) -> Name {
        let (mut names, target) = (self.names(), self.target(item));
        if !item.name.is_multiple_of(5) {
            names.retain(|name| match name {
                Name::Function(module, _) | Name::PassedOn(module, _) => *module == target,
            });
        }
        names[item.name % names.len()]
    }

    fn planted(&self) -> (usize, usize) {
        let module = self.planted.module % self.modules.len();
        (module, self.planted.user % (self.modules[module].functions + 1))
    }

    /// The text of a module.
    fn text(&self, module: usize) -> String {
        let spec = &self.modules[module];
        let mut top = match spec.directive {
            Directive::None => String::new(),
            Directive::Client => "'use client'\n".to_owned(),
            Directive::Server => "'use server'\n".to_owned(),
        };
        // The uses of each function, and those of the module when it is loaded.
        let mut uses = vec![Vec::new(); spec.functions + 1];
        for (at, item) in spec.items.iter().enumerate() {
            let from = format!("'./m{}'", self.target(item));
            let name = shown(self.name(item));
            let used = &mut uses[item.user % (spec.functions + 1)];
            match item.how {
                How::Name => {
                    top += &format!("import {{ {name} as i{at} }} from {from}\n");
                    used.push(format!("i{at}"));
                }
                How::Member => {
                    top += &format!("import * as i{at} from {from}\n");
                    used.push(format!("i{at}.{name}"));
                }
                How::Whole => {
                    top += &format!("import * as i{at} from {from}\n");
                    used.push(format!("i{at}"));
                }
                How::Load => top += &format!("import {from}\n"),
                How::PassOn => {
                    top += &format!("export {{ {name} as h{module}_{at} }} from {from}\n");
                }
                How::Star => top += &format!("export * from {from}\n"),
                How::Dynamic => used.push(format!("import({from})")),
                How::Development => {
                    used.push(format!("process.env.NODE_ENV === 'development' && import({from})"));
                }
                How::Type => top += &format!("import type {{ {name} as i{at} }} from {from}\n"),
            }
        }
        let (home, user) = self.planted();
        if home == module {
            let key = "'{key:sk_v1_:1}'";
            if self.planted.is_apart && user < spec.functions {
                top += &format!("const apart = {key}\n");
                uses[user].push("apart".to_owned());
            } else {
                uses[user].push(format!("send({key})"));
            }
        }
        for (function, used) in uses.iter().enumerate() {
            let used = used.join(", ");
            top += &if function < spec.functions {
                format!("export const f{module}_{function} = () => [{used}]\n")
            } else {
                format!("use({used})\n")
            };
        }
        top
    }

    fn files(&self) -> BTreeMap<String, String> {
        let mut files: BTreeMap<String, String> = (0..self.modules.len())
            .map(|module| (file(module), filled(&self.text(module))))
            .collect();
        let package = r#"{"name": "app", "dependencies": {"next": "15.1.0", "react": "19.0.0"}}"#;
        files.insert("package.json".to_owned(), package.to_owned());
        // The server imports everything, which has no effect on clients.
        let imports: String =
            (0..self.modules.len()).map(|module| format!("import '../m{module}'\n")).collect();
        let page = imports + "export default function Page() { return null }\n";
        files.insert("app/page.tsx".to_owned(), page);
        files
    }

    /// True if a module has an export, or passes it on.
    fn provides(&self, module: usize, name: Name, seen: &mut HashSet<(usize, Name)>) -> bool {
        if !seen.insert((module, name)) {
            return false;
        }
        match name {
            Name::Function(home, _) if home == module => return true,
            Name::PassedOn(home, at) if home == module => {
                let item = &self.modules[home].items[at];
                if self.provides(self.target(item), self.name(item), seen) {
                    return true;
                }
            }
            Name::Function(..) | Name::PassedOn(..) => {}
        }
        let stars = self.modules[module].items.iter().filter(|item| item.how == How::Star);
        let targets: Vec<usize> = stars.map(|item| self.target(item)).collect();
        targets.into_iter().any(|target| self.provides(target, name, seen))
    }

    /// The nodes that a node reaches, also in development only if `develops`, and the imports to
    /// each: 0 or 1.
    fn next(&self, node: Node, develops: bool) -> Vec<(Node, usize)> {
        let mut next = Vec::new();
        match node {
            Node::Load(module) => {
                let spec = &self.modules[module];
                let is_static =
                    |item: &&Item| !matches!(item.how, How::Type | How::Dynamic | How::Development);
                let loads = spec.items.iter().filter(is_static);
                next.extend(loads.map(|item| (Node::Load(self.target(item)), 1)));
                next.extend(self.used(module, spec.functions, develops));
            }
            Node::Function(module, function) => {
                next.push((Node::Load(module), 0));
                next.extend(self.used(module, function, develops));
            }
            Node::Whole(module) => {
                next.push((Node::Load(module), 0));
                let spec = &self.modules[module];
                next.extend((0..spec.functions).map(|n| (Node::Function(module, n), 0)));
                for item in &spec.items {
                    match item.how {
                        How::PassOn => {
                            next.push((Node::Export(self.target(item), self.name(item)), 1));
                        }
                        How::Star => next.push((Node::Whole(self.target(item)), 1)),
                        How::Name
                        | How::Member
                        | How::Whole
                        | How::Load
                        | How::Dynamic
                        | How::Development
                        | How::Type => {}
                    }
                }
            }
            Node::Export(module, name) => {
                next.push((Node::Load(module), 0));
                match name {
                    Name::Function(home, n) if home == module => {
                        next.push((Node::Function(home, n), 0));
                    }
                    Name::PassedOn(home, at) if home == module => {
                        let item = &self.modules[home].items[at];
                        next.push((Node::Export(self.target(item), self.name(item)), 1));
                    }
                    Name::Function(..) | Name::PassedOn(..) => {
                        let items = &self.modules[module].items;
                        let stars: Vec<usize> = items
                            .iter()
                            .filter(|item| item.how == How::Star)
                            .map(|item| self.target(item))
                            .collect();
                        if stars.is_empty() {
                            next.push((Node::Whole(module), 0));
                        }
                        let has =
                            |target: &usize| self.provides(*target, name, &mut HashSet::new());
                        let found = stars.into_iter().filter(has);
                        next.extend(found.map(|target| (Node::Export(target, name), 1)));
                    }
                }
            }
        }
        // Clients get a reference to what a module of server actions has.
        next.retain(|(node, _)| self.modules[home(*node)].directive != Directive::Server);
        next
    }

    /// The nodes that a function uses; the last function is the module itself.
    fn used(&self, module: usize, user: usize, develops: bool) -> Vec<(Node, usize)> {
        let spec = &self.modules[module];
        let own = spec.items.iter().filter(|item| item.user % (spec.functions + 1) == user);
        own.filter_map(|item| {
            let target = self.target(item);
            match item.how {
                How::Name | How::Member => Some((Node::Export(target, self.name(item)), 1)),
                How::Whole | How::Dynamic => Some((Node::Whole(target), 1)),
                How::Development => develops.then_some((Node::Whole(target), 1)),
                How::Load | How::PassOn | How::Star | How::Type => None,
            }
        })
        .collect()
    }

    /// The number of imports to each node that client code reaches, also in development only if
    /// `develops`.
    fn distances(&self, develops: bool) -> HashMap<Node, usize> {
        let mut distances: HashMap<Node, usize> = HashMap::new();
        let clients = self.modules.iter().enumerate();
        let clients = clients.filter(|(_, spec)| spec.directive == Directive::Client);
        let mut open: Vec<(Node, usize)> =
            clients.map(|(module, _)| (Node::Whole(module), 0)).collect();
        while let Some((node, distance)) = open.pop() {
            if distances.get(&node).is_none_or(|known| distance < *known) {
                distances.insert(node, distance);
                open.extend(
                    self.next(node, develops)
                        .into_iter()
                        .map(|(next, step)| (next, distance + step)),
                );
            }
        }
        distances
    }
}

fn home(node: Node) -> usize {
    match node {
        Node::Load(module)
        | Node::Function(module, _)
        | Node::Whole(module)
        | Node::Export(module, _) => module,
    }
}

fn file(module: usize) -> String {
    format!("m{module}.ts")
}

fn shown(name: Name) -> String {
    match name {
        Name::Function(module, at) => format!("f{module}_{at}"),
        Name::PassedOn(module, at) => format!("h{module}_{at}"),
    }
}

fn project() -> impl Strategy<Value = Project> {
    let how = prop::sample::select(vec![
        How::Name,
        How::Name,
        How::Name,
        How::Member,
        How::Whole,
        How::Load,
        How::PassOn,
        How::PassOn,
        How::Star,
        How::Star,
        How::Dynamic,
        How::Development,
        How::Type,
    ]);
    let item = (how, 0..14_usize, 0..40_usize, 0..4_usize)
        .prop_map(|(how, target, name, user)| Item { how, target, name, user });
    let directive = prop::sample::select(vec![
        Directive::None,
        Directive::None,
        Directive::None,
        Directive::None,
        Directive::Client,
        Directive::Client,
        Directive::Server,
    ]);
    let spec = (directive, 1..3_usize, prop::collection::vec(item, 1..6))
        .prop_map(|(directive, functions, items)| Spec { directive, functions, items });
    let planted = (0..14_usize, 0..4_usize, any::<bool>())
        .prop_map(|(module, user, is_apart)| Planted { module, user, is_apart });
    (prop::collection::vec(spec, 1..14), planted)
        .prop_map(|(modules, planted)| Project { modules, planted })
}

/// Analyses files on this number of threads.
fn said(files: &BTreeMap<String, String>, seeds: &[String], threads: usize) -> Analysis {
    let catalog = catalog();
    let pairs: Vec<(&str, &str)> = files.iter().map(|(path, text)| (&**path, &**text)).collect();
    let memory = Memory::new(&pairs);
    let input = Input { files: &memory, catalog: &catalog, keys: &Prefixes(&catalog), seeds };
    let pool = ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    pool.install(|| analyse(&input))
}

/// The whole result, for comparison.
fn all(analysis: &Analysis) -> String {
    format!("{:?} {:?} {:?}", analysis.leaks, analysis.sided, analysis.notices)
}

/// The files of a chain of imports, if every step of it is one that the files have.
fn chain(leak: &Leak, files: &BTreeMap<String, String>) -> Result<usize, String> {
    let is_reason = |hop: &&TraceStep| hop.note.starts_with("only in development");
    let trace: Vec<&TraceStep> = leak.trace.iter().filter(|hop| !is_reason(hop)).collect();
    let [entry, imports @ .., source] = &trace[..] else { return Err("too short".to_owned()) };
    if entry.kind != StepKind::Entry || !files[&*entry.at.path].starts_with("'use client'") {
        return Err(format!("{entry:?} is no entry"));
    }
    let mut at = entry.at.path.clone();
    for hop in imports {
        let specifier = hop.note.split("./").nth(1).and_then(|rest| rest.split(' ').next());
        let Some(specifier) = specifier else { return Err(format!("{hop:?} imports nothing")) };
        if hop.at.path != at || hop.kind != StepKind::Import || !has_import(files, &at, specifier) {
            return Err(format!("{hop:?} does not go on in {at}"));
        }
        at = format!("{specifier}.ts").into();
    }
    if source.at.path != at || source.kind != StepKind::Source {
        return Err(format!("{source:?} is not in {at}"));
    }
    Ok(imports.len())
}

fn has_import(files: &BTreeMap<String, String>, path: &str, specifier: &str) -> bool {
    let mut lines = files[path].lines();
    lines.any(|line| !line.starts_with("import type") && line.contains(&format!("'./{specifier}'")))
}

proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig { cases: 400, ..Default::default() })]

    #[test]
    fn the_analysis_agrees_with_a_simple_model(project in project()) {
        let files = project.files();
        let (module, user) = project.planted();
        let seeds = vec![file(module)];
        let analysis = said(&files, &seeds, 1);
        let literals = || analysis.leaks.iter().filter(|leak| leak.kind == LeakKind::ClientSecretLiteral);
        prop_assert!(literals().count() <= 1, "{files:#?}");

        let distances = project.distances(false);
        let in_development = project.distances(true);
        let loaded = distances.get(&Node::Load(module)).copied();
        let place = if user < project.modules[module].functions {
            Node::Function(module, user)
        } else {
            Node::Load(module)
        };
        let reached = distances.get(&place).copied();
        // If only the module is reached, the leak is likely: bundlers may leave the function out.
        let expected = match (reached, loaded) {
            (Some(_), _) => Some(Severity::Error),
            (None, Some(_)) => Some(Severity::Warning),
            (None, None) if in_development.contains_key(&place) => Some(Severity::Warning),
            (None, None) => in_development.get(&Node::Load(module)).map(|_| Severity::Note),
        };
        let leak = literals().next();
        prop_assert_eq!(leak.map(|leak| leak.severity), expected, "{:#?}", files);
        let is_told = |leak: &Leak| leak.trace.iter().any(|hop| hop.note.contains("NODE_ENV"));
        let is_added = in_development.contains_key(&place) || loaded.is_none();
        let needs_reason = reached.is_none() && is_added;
        prop_assert_eq!(leak.is_some_and(is_told), needs_reason && leak.is_some(), "{:#?}", files);
        if let (Some(leak), Some(loaded), false) = (leak, loaded, needs_reason) {
            // `chain` checks that each step is an import. A trace can be shorter than the model's
            // distance, even to the module: from a module that passes a name on, it continues from
            // the first import of that module, which leaves out circles.
            let length = chain(leak, &files);
            let longest = reached.unwrap_or(loaded);
            let is_short = length.as_ref().is_ok_and(|own| *own <= longest);
            prop_assert!(is_short, "{length:?}, longer than {longest}: {files:#?}");
        }
        prop_assert_eq!(all(&analysis), all(&said(&files, &seeds, 4)));
    }

    #[test]
    fn the_order_of_seeds_and_the_number_of_threads_do_not_matter(project in project()) {
        let files = project.files();
        let mut seeds: Vec<String> = files.keys().cloned().collect();
        let analysis = all(&said(&files, &seeds, 1));
        seeds.reverse();
        prop_assert_eq!(&analysis, &all(&said(&files, &seeds, 4)));
        seeds.rotate_left(1);
        prop_assert_eq!(&analysis, &all(&said(&files, &seeds, 2)));
    }

    #[test]
    fn modules_with_the_same_code_have_the_same_leaks(
        (project, other, layout) in (project(), project(), any::<u64>())
    ) {
        let files = project.files();
        let (module, _) = project.planted();
        let seeds = vec![file(module)];
        let told = |files: &BTreeMap<String, String>| -> Vec<String> {
            let analysis = said(files, &seeds, 1);
            let leak = |leak: &Leak| {
                let steps: Vec<_> = leak.trace.iter().map(|it| (&it.at.path, &it.note)).collect();
                format!("{:?} {:?} {} {steps:?}", leak.kind, leak.severity, leak.at.path)
            };
            analysis.leaks.iter().map(leak).collect()
        };
        let same = |path: &str, text: &str| {
            is_same_code(path, files[path].as_bytes(), text.as_bytes())
        };
        let mut changed = files.clone();
        for (number, (path, text)) in changed.iter_mut().enumerate() {
            if is_module_source(path) && layout >> (number % 64) & 1 == 1 {
                *text = text.replace('\n', "\n\n/* let */ // it\n").replace(", ", " ,  ");
                prop_assert!(same(path, text), "{path}: {text}");
            }
        }
        prop_assert_eq!(told(&files), told(&changed));
        // One of another project is rarely the same, and then nothing changes.
        for (path, text) in other.files() {
            if path != seeds[0] && is_module_source(&path) && files.contains_key(&path) && same(&path, &text) {
                let mut changed = files.clone();
                changed.insert(path, text);
                prop_assert_eq!(told(&files), told(&changed));
            }
        }
    }
}

#[test]
fn random_projects_have_all_verdicts() {
    // Or the comparison would say little.
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let (mut unreached, mut loaded, mut near, mut far) = (0, 0, 0, 0);
    for _ in 0..200 {
        let project = project().new_tree(&mut runner).unwrap().current();
        let (module, user) = project.planted();
        let distances = project.distances(false);
        let imports = distances.get(&Node::Load(module));
        let is_reached = distances.contains_key(&Node::Function(module, user));
        match (imports, is_reached) {
            (None, _) => unreached += 1,
            (Some(_), false) => loaded += 1,
            (Some(0..=1), true) => near += 1,
            (Some(_), true) => far += 1,
        }
    }
    let counts = [unreached, loaded, near, far];
    assert!(counts.iter().all(|count| *count > 5), "{counts:?}");
}
