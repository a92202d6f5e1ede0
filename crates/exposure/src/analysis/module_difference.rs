//! The difference between two versions of a module, binding by binding.

use std::collections::{BTreeMap, BTreeSet};

use crate::eval::constants::is_only_read;
use crate::js::body::Body;
use crate::js::ir::{BindingTarget, Imported, MODULE_INIT, Module, Span, SymbolValue};
use crate::js::outline::{binding_names, gives_same_names, outline, property_names};

/// The difference between two versions of a module that import the same.
#[derive(Debug, Default)]
pub(super) struct ModuleDifference {
    /// The names of the bindings whose code differs, or which only one version has; that of
    /// [`MODULE_INIT`] is empty.
    pub(super) bindings: BTreeSet<String>,
    /// True if some are new.
    pub(super) has_new: bool,
    /// True if all that tells which code reaches which is the same.
    pub(super) is_outline_same: bool,
    /// The names that nothing declares and that only the new version names.
    pub(super) new_free: BTreeSet<String>,
    /// True if both versions name the same ones.
    pub(super) is_free_same: bool,
    /// True if both versions export the same names.
    pub(super) are_exports_same: bool,
}

impl ModuleDifference {
    /// That of two versions with their texts; `None` if more than the code of bindings differs, so that others
    /// notice it who do not use them.
    pub(super) fn of(
        (old, old_text): (&Module, &str),
        (new, new_text): (&Module, &str),
    ) -> Option<Self> {
        let (own, other) = (old.body.as_ref()?, new.body.as_ref()?);
        let leaves = old.body.facts().leaves || new.body.facts().leaves;
        let has_fault = old.fault.is_some() || new.fault.is_some();
        let is_subset =
            |before: &BTreeSet<String>, after: &BTreeSet<String>| after.is_subset(before);
        let is_kept = !leaves
            && !has_fault
            && signs(old) == signs(new)
            && gives_same_names(old, new)
            && reads_no_less((old, own), (new, other))
            && is_subset(&origins(old, own), &origins(new, other))
            && is_subset(&changes(old), &changes(new));
        if !is_kept {
            return None;
        }
        let (exported, exported_now) = (exported_names(old), exported_names(new));
        let are_exports_same = exported == exported_now;
        // A name of its own comes before those that it passes on.
        if !are_exports_same && exported.contains("*") {
            return None;
        }
        let free_names = |module: &Module| -> BTreeSet<String> {
            module.free.iter().map(|free| free.name.to_string()).collect()
        };
        let (free, free_now) = (free_names(old), free_names(new));
        let (code, code_now) = (codes(old, own, old_text), codes(new, other, new_text));
        let mut bindings: BTreeSet<String> = code
            .iter()
            .filter(|(name, code)| code_now.get(*name) != Some(code))
            .map(|(name, _)| name.clone())
            .collect();
        let is_new = |name: &&String| !code.contains_key(*name);
        let come: Vec<&String> = code_now.keys().filter(is_new).collect();
        let has_new = !come.is_empty();
        bindings.extend(come.into_iter().cloned());
        // Whether a property is constant depends on those beside it.
        for module in [old, new] {
            let names = binding_names(module);
            let changed: Vec<&str> = module
                .parts
                .iter()
                .filter(|part| names.get(part.whole).is_some_and(|name| bindings.contains(name)))
                .filter_map(|part| names.get(part.binding).map(String::as_str))
                .collect();
            bindings.extend(changed.into_iter().map(str::to_owned));
        }
        Some(Self {
            bindings,
            has_new,
            is_outline_same: outline(old) == outline(new)
                && property_names(new).is_subset(&property_names(old)),
            new_free: free_now.difference(&free).cloned().collect(),
            is_free_same: free == free_now,
            are_exports_same,
        })
    }

    /// The same as if all code of both versions differed.
    pub(super) fn of_all_code(mut self, old: &Module, new: &Module) -> Self {
        self.bindings.extend(binding_names(old));
        self.bindings.extend(binding_names(new));
        self
    }
}

/// All that others see of a module without looking at a binding: directives, imports, islands, page calls.
fn signs(module: &Module) -> BTreeSet<String> {
    let names = binding_names(module);
    let import = |number: usize| {
        module.imports.get(number).map(|it| (&it.specifier, it.kind, it.erased, it.guard))
    };
    let mut signs: BTreeSet<String> =
        (0..module.imports.len()).map(|number| format!("import {:?}", import(number))).collect();
    signs.extend(module.directives.iter().map(|it| format!("directive {:?}", it.text)));
    signs.extend(module.page_call.map(|_| "page call".to_owned()));
    for (binding, name) in module.bindings.iter().zip(&names) {
        if let BindingTarget::Imported { import: from, name: taken } = &binding.target {
            signs.insert(format!("{name} is {taken:?} of {:?}", import(*from)));
        }
    }
    for island in &module.islands {
        let what = (&island.directive, &island.member, island.guard, names.get(island.binding));
        signs.insert(format!("island {what:?}"));
    }
    signs
}

fn exported_names(module: &Module) -> BTreeSet<&str> {
    module.exports.iter().map(|export| export.name.as_str()).collect()
}

/// The bindings whose code may get a secret that no word in it tells of.
fn origins(module: &Module, body: &Body) -> BTreeSet<String> {
    let names = binding_names(module);
    body.origins.iter().filter_map(|&binding| names.get(binding).cloned()).collect()
}

/// The bindings that others change.
fn changes(module: &Module) -> BTreeSet<String> {
    let names = binding_names(module);
    let pair = |&(changed, by): &(usize, usize)| {
        format!("{:?} by {:?}", names.get(changed), names.get(by))
    };
    module.body.facts().changes.iter().map(pair).collect()
}

/// True if the new version only reads properties of all imported objects of which the old one does no more.
fn reads_no_less((old, own): (&Module, &Body), (new, other): (&Module, &Body)) -> bool {
    let only_read = |module: &Module, body: &Body| -> BTreeMap<String, bool> {
        let imported = module.bindings.iter().filter(|it| {
            matches!(&it.target, BindingTarget::Imported { name: Imported::Name(_), .. })
        });
        let read = |symbol: Option<u32>| symbol.is_some_and(|symbol| is_only_read(body, symbol));
        imported.map(|it| (it.name.clone(), read(it.symbol))).collect()
    };
    let now = only_read(new, other);
    only_read(old, own).iter().all(|(name, &is_read)| !is_read || now.get(name) == Some(&true))
}

/// The code of each binding: its text, that of code elsewhere which belongs to it, and what decides whether
/// it runs.
fn codes(module: &Module, body: &Body, text: &str) -> BTreeMap<String, String> {
    let at = |span: Span| text.get(span.start as usize..span.end as usize).unwrap_or_default();
    let place = |id: u32| body.node(id).map(|node| at(node.span));
    let names = binding_names(module);
    let mut codes: Vec<String> = module
        .bindings
        .iter()
        .enumerate()
        .map(|(number, binding)| {
            let symbol = binding.symbol.and_then(|symbol| body.symbols.get(symbol as usize));
            let value = symbol.map(|symbol| match &symbol.value {
                SymbolValue::Init { path, default, .. } => {
                    format!("{path:?} {}", default.is_some())
                }
                SymbolValue::Parameter { .. } => "parameter".to_owned(),
                SymbolValue::Function(_) => "function".to_owned(),
                SymbolValue::Import => "import".to_owned(),
                SymbolValue::Unknown => "unknown".to_owned(),
            });
            let assigned = symbol.map(|symbol| {
                (
                    symbol.assigned.iter().map(|&id| place(id)).collect::<Vec<_>>(),
                    symbol.added.len(),
                )
            });
            let extent = (number != MODULE_INIT).then(|| at(binding.extent));
            let has = |all: &[usize]| all.contains(&number);
            let tests = body
                .conditions
                .iter()
                .filter(|it| number == MODULE_INIT || it.span.contains(binding.extent));
            let tests: Vec<_> = tests.map(|it| (place(it.test), it.holds)).collect();
            let runs = (has(&module.running), has(&module.enums));
            format!("{extent:?} {value:?} {assigned:?} {tests:?} {runs:?}")
        })
        .collect();
    let mut guards = vec![Vec::new(); codes.len()];
    let mut ends = vec![0; codes.len()];
    let mut nodes: Vec<_> = body.nodes.iter().collect();
    nodes.sort_by_key(|node| (node.span.start, std::cmp::Reverse(node.span.end)));
    for node in nodes {
        let Some(context) = body.contexts.get(node.context as usize) else { continue };
        let Some(code) = codes.get_mut(context.binding) else { continue };
        if guards[context.binding].last() != Some(&context.guard) {
            guards[context.binding].push(context.guard);
        }
        let is_inside = context.binding != MODULE_INIT
            && module.bindings[context.binding].extent.contains(node.span);
        if !is_inside && node.span.end > ends[context.binding] {
            ends[context.binding] = node.span.end;
            code.push('\n');
            code.push_str(at(node.span));
        }
    }
    let mut all: BTreeMap<String, String> = BTreeMap::new();
    for ((name, code), guards) in names.into_iter().zip(codes).zip(guards) {
        let own = all.entry(name).or_default();
        own.push_str(&code);
        own.push_str(&format!("{guards:?}"));
    }
    all
}
