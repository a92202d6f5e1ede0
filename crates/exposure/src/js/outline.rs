//! The outline of a module: all that tells which code reaches which, without places in its text, so that
//! two versions can be compared.

use std::collections::BTreeSet;

use crate::js::ir::{BindingTarget, ExportSource, Expr, Module, SymbolValue};

/// The outline of a module, line by line. Bindings that use nothing are left out, as they lead
/// nowhere.
pub(crate) fn outline(module: &Module) -> BTreeSet<String> {
    let mut lines = BTreeSet::new();
    let names = binding_names(module);
    let name = |binding: usize| names.get(binding).map_or("", |name| name);
    let import = |number: usize| {
        module.imports.get(number).map(|it| (&it.specifier, it.kind, it.erased, it.guard))
    };
    lines.extend(module.directives.iter().map(|it| format!("directive {:?}", it.text)));
    for number in 0..module.imports.len() {
        lines.insert(format!("import {:?}", import(number)));
    }
    let is_inert = |binding: usize| {
        module.bindings.get(binding).is_some_and(|it| {
            it.target == BindingTarget::Local && it.uses.is_empty() && it.imports.is_empty()
        })
    };
    for (number, binding) in module.bindings.iter().enumerate() {
        let own = name(number);
        if let BindingTarget::Imported { import: from, name } = &binding.target {
            lines.insert(format!("{own} is {name:?} of {:?}", import(*from)));
        }
        for used in &binding.uses {
            let what = (name(used.binding), &used.member, used.guard);
            lines.insert(format!("{own} uses {what:?}"));
        }
        for &from in &binding.imports {
            lines.insert(format!("{own} imports {:?}", import(from)));
        }
    }
    for export in &module.exports {
        match &export.source {
            ExportSource::Binding(binding) if is_inert(*binding) => {}
            ExportSource::Binding(binding) => {
                lines.insert(format!("export {} is {}", export.name, name(*binding)));
            }
            ExportSource::Import { import: from, name } => {
                lines.insert(format!("export {} is {name:?} of {:?}", export.name, import(*from)));
            }
        }
    }
    let running = module.running.iter().filter(|binding| !is_inert(**binding));
    lines.extend(running.map(|&binding| format!("runs {}", name(binding))));
    lines.extend(module.enums.iter().map(|&binding| format!("enum {}", name(binding))));
    for free in &module.free {
        lines.insert(format!("{} names {} {:?}", name(free.binding), free.name, free.guard));
    }
    for (_, guard) in &module.guarded_markup {
        lines.insert(format!("markup {guard:?}"));
    }
    for island in &module.islands {
        let what = (&island.directive, &island.member, island.guard);
        lines.insert(format!("{} is an island {what:?}", name(island.binding)));
    }
    lines
}

/// The names of the bindings of a module; a property has that of its object before its own.
pub(crate) fn binding_names(module: &Module) -> Vec<String> {
    let mut names: Vec<String> = module.bindings.iter().map(|it| it.name.clone()).collect();
    for part in &module.parts {
        if let (Some(whole), Some(own)) = (names.get(part.whole), names.get(part.binding)) {
            names[part.binding] = format!("{whole}.{own}");
        }
    }
    names
}

/// True if whoever imports a name from a module gets it from the same place in another version of it: what
/// it passes on of other modules is the same, and no name is gone.
pub(crate) fn gives_same_names(old: &Module, new: &Module) -> bool {
    let (old, new) = (ExportedNames::of(old), ExportedNames::of(new));
    old.passed_on == new.passed_on && old.own.is_subset(&new.own)
}

/// The names that a module exports.
#[derive(Default)]
struct ExportedNames<'m> {
    /// Those that it declares.
    own: BTreeSet<&'m str>,
    /// Those of other modules, with the import and the name there.
    passed_on: BTreeSet<String>,
}

impl<'m> ExportedNames<'m> {
    fn of(module: &'m Module) -> Self {
        let mut names = Self::default();
        for export in &module.exports {
            let passed_on = match &export.source {
                ExportSource::Import { import, name } => Some((*import, name)),
                ExportSource::Binding(binding) => {
                    match module.bindings.get(*binding).map(|it| &it.target) {
                        Some(BindingTarget::Imported { import, name }) => Some((*import, name)),
                        Some(BindingTarget::Local) | None => None,
                    }
                }
            };
            match passed_on {
                None => drop(names.own.insert(&export.name)),
                Some((import, name)) => {
                    let from = module.imports.get(import).map(|it| (&it.specifier, it.kind));
                    names.passed_on.insert(format!("{} is {name:?} of {from:?}", export.name));
                }
            }
        }
        names
    }
}

/// The names of properties that the expressions of a module name in any way.
pub(crate) fn property_names(module: &Module) -> BTreeSet<&str> {
    let Some(body) = module.body.as_ref() else { return BTreeSet::new() };
    let mut names = BTreeSet::new();
    for node in &body.nodes {
        match &node.expr {
            Expr::Member(_, name) => drop(names.insert(&**name)),
            Expr::Index(_, index) => {
                if let Some(Expr::Text(name)) = body.node(*index).map(|node| &node.expr) {
                    names.insert(name);
                }
            }
            Expr::Text(_)
            | Expr::Literal(_)
            | Expr::RegExp(_)
            | Expr::Concat(_)
            | Expr::Symbol(_)
            | Expr::Global(_)
            | Expr::Call { .. }
            | Expr::Object(_)
            | Expr::Array(_)
            | Expr::Spread(_)
            | Expr::Function(_)
            | Expr::Union(_)
            | Expr::Element(_)
            | Expr::ImportMeta
            | Expr::Import(_)
            | Expr::Caught { .. }
            | Expr::Other => {}
        }
    }
    for symbol in &body.symbols {
        if let SymbolValue::Init { path, .. } | SymbolValue::Parameter { path, .. } = &symbol.value
        {
            names.extend(path.iter().map(|part| &**part));
        }
    }
    names
}
