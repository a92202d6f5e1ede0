//! Modules that pass on others with `export *`: which of these have a name, directly or not.
//!
//! Packages pass on hundreds of modules, through several layers of such modules, and every module that
//! imports the package asks for a name.

use std::collections::{BTreeMap, HashMap};
use std::hash::BuildHasher;

use foldhash::fast::FixedState;

use crate::js::ir::Export;

/// The number of names in all barrels of a graph, at most. Modules beyond are asked one after another.
const MAX_NAMES: usize = 4_000_000;

/// The names that a module passes on.
pub(super) struct Barrel {
    /// For each name: its hash, and the number of a module that is passed on and has it, in order.
    names: Vec<(u64, u32)>,
    /// The numbers of those of which not all names are known, in order: they may have any.
    unclear: Vec<u32>,
    /// The modules that are passed on, in order.
    modules: Vec<usize>,
}

impl Barrel {
    /// The modules that may have a name, in order.
    pub(super) fn with(&self, name: &str) -> Vec<usize> {
        let hash = hash(name);
        let first = self.names.partition_point(|(own, _)| *own < hash);
        let named = self.names[first..].iter().take_while(|(own, _)| *own == hash);
        let mut numbers: Vec<u32> =
            named.map(|(_, number)| *number).chain(self.unclear.iter().copied()).collect();
        numbers.sort_unstable();
        numbers.dedup();
        numbers.into_iter().map(|number| self.modules[number as usize]).collect()
    }
}

/// The barrels among modules: `passed_on` has those that pass others on, with these in order.
pub(super) fn barrels<'e>(
    passed_on: BTreeMap<usize, Vec<usize>>,
    exports: impl Fn(usize) -> &'e [Export],
) -> BTreeMap<usize, Barrel> {
    // From the innermost barrels outwards.
    let mut waiting: HashMap<usize, usize> = HashMap::new();
    let mut outer: HashMap<usize, Vec<usize>> = HashMap::new();
    for (&module, targets) in &passed_on {
        let inner = targets.iter().filter(|target| passed_on.contains_key(target));
        for target in inner {
            *waiting.entry(module).or_default() += 1;
            outer.entry(*target).or_default().push(module);
        }
    }
    let mut ready: Vec<usize> =
        passed_on.keys().filter(|module| !waiting.contains_key(module)).copied().collect();
    let mut known = KnownBarrels { barrels: BTreeMap::new(), left: MAX_NAMES };
    while let Some(module) = ready.pop() {
        known.add(module, &passed_on, &exports);
        for outer in outer.remove(&module).into_iter().flatten() {
            let Some(count) = waiting.get_mut(&outer) else { continue };
            *count -= 1;
            if *count == 0 {
                waiting.remove(&outer);
                ready.push(outer);
            }
        }
    }
    // Those that pass each other on in a circle, and those around them.
    let mut others: Vec<usize> = waiting.into_keys().collect();
    others.sort_unstable();
    others.into_iter().for_each(|module| known.add(module, &passed_on, &exports));
    known.barrels
}

/// The barrels that are known so far.
struct KnownBarrels {
    barrels: BTreeMap<usize, Barrel>,
    /// How many more names may be kept.
    left: usize,
}

impl KnownBarrels {
    /// Adds the barrel of a module, unless it has too many names.
    fn add<'e>(
        &mut self,
        module: usize,
        passed_on: &BTreeMap<usize, Vec<usize>>,
        exports: &impl Fn(usize) -> &'e [Export],
    ) {
        let Some(modules) = passed_on.get(&module) else { return };
        let (mut names, mut unclear) = (Vec::new(), Vec::new());
        for (target, number) in modules.iter().zip(0..) {
            let own = exports(*target).iter().filter(|export| export.name != "*");
            names.extend(own.map(|export| (hash(&export.name), number)));
            if passed_on.contains_key(target) {
                match self.barrels.get(target).filter(|inner| inner.unclear.is_empty()) {
                    Some(inner) => names.extend(inner.names.iter().map(|(own, _)| (*own, number))),
                    None => unclear.push(number),
                }
            }
            if names.len() > self.left {
                return;
            }
        }
        names.sort_unstable();
        names.dedup();
        self.left -= names.len();
        self.barrels.insert(module, Barrel { names, unclear, modules: modules.clone() });
    }
}

/// Names that share a hash cost time only.
fn hash(name: &str) -> u64 {
    FixedState::default().hash_one(name)
}

#[cfg(test)]
mod tests {
    use crate::graph::definitions::Definition;
    use crate::testing::graph;

    #[test]
    fn names_of_barrels_are_those_of_the_first_module_that_has_them() {
        let icons: Vec<(String, String)> = (0..20)
            .map(|number| (format!("i{number}.ts"), format!("export const I{number} = 1")))
            .collect();
        let all: Vec<String> =
            (0..20).map(|number| format!("export * from './i{number}'")).collect();
        let layer = "export * from './inner'\nexport * from './i5'\nexport const own = 1";
        let others =
            ["layer", "deep", "index", "gone"].map(|name| format!("export * from './{name}'"));
        let index = [all, others.to_vec()].concat().join("\n");
        let deep = "export * from './late'; export const I3 = 2, default_ = 1; export default 1";
        let late = "export const late = 1, I4 = 2; export * from './index'";
        let mut files = vec![("index.ts", &*index), ("deep.ts", deep), ("late.ts", late)];
        files.extend([("layer.ts", layer), ("inner.ts", "export const inner = 1, I6 = 2")]);
        files.extend(icons.iter().map(|(path, text)| (&**path, &**text)));
        let graph = graph(&files);
        let index = graph.by_path("index.ts").unwrap();
        let home = |name: &str| match graph.exported(index, name) {
            Definition::Binding(place) => Some(&*graph.modules[place.module].path),
            Definition::Module(_) | Definition::External { .. } | Definition::Unknown => None,
        };
        for (name, expected) in [
            ("I0", Some("i0.ts")),
            ("I3", Some("i3.ts")),
            ("I4", Some("i4.ts")),
            ("I19", Some("i19.ts")),
            ("I5", Some("i5.ts")),
            ("I6", Some("i6.ts")),
            ("inner", Some("inner.ts")),
            ("own", Some("layer.ts")),
            ("late", Some("late.ts")),
            ("default_", Some("deep.ts")),
            ("I20", None),
            ("default", None),
        ] {
            assert_eq!(home(name), expected, "{name}");
        }
        // Of twenty-two modules, only that with the name and those in a circle are asked.
        let (is_provided, asked) = graph.provides(index, "I7");
        assert!(is_provided && asked <= 4, "{asked}");
    }
}
