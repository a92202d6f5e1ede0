//! Tells which functions of servers no code names, so that no client can call them.

use crate::checks::checker::Checker;
use crate::graph::definitions::Definition;
use crate::graph::modules::{BindingId, ModuleNode};
use crate::js::ir::{BindingTarget, ImportKind, MODULE_INIT};

/// True if no code names the function of servers in a binding. Exports count as named if
/// `is_exported` is false and they are exported: a framework takes these.
pub(super) fn is_uncalled(checker: &Checker<'_>, place: BindingId, is_exported: bool) -> bool {
    // Clients of other servers name no functions.
    if checker.rendering.is_none() || place.binding == MODULE_INIT {
        return false;
    }
    let module = &checker.graph.modules[place.module].module;
    let Some(own) = module.bindings.get(place.binding) else { return false };
    let is_used = module.bindings.iter().enumerate().any(|(user, binding)| {
        // The module runs it when it is loaded, whatever uses it.
        let is_run = |at| user == MODULE_INIT && at == own.span;
        binding.uses.iter().any(|used| used.binding == place.binding && !is_run(used.span))
    });
    let mut exports = module.exports.iter().map(|export| export.name.as_str());
    let is_export = exports
        .any(|name| checker.graph.exported(place.module, name) == Definition::Binding(place));
    if !is_export {
        return !is_used;
    }
    // A module that nothing imports may be one that a framework takes.
    let all = || checker.graph.modules.iter().enumerate().filter(|(id, _)| *id != place.module);
    let has_import = |(id, node): (usize, &ModuleNode)| {
        let imports = 0..node.module.imports.len();
        imports.into_iter().any(|it| checker.graph.targets(id, it).contains(&place.module))
    };
    is_exported && !is_used && all().any(has_import) && !is_imported(checker, place)
}

/// True if another module imports a binding, or all of its module.
fn is_imported(checker: &Checker<'_>, place: BindingId) -> bool {
    checker.graph.modules.iter().enumerate().any(|(id, node)| {
        id != place.module
            && (node.module.imports.iter().enumerate().any(|(import, it)| {
                !matches!(it.kind, ImportKind::Static)
                    && checker.graph.targets(id, import).contains(&place.module)
            }) || node.module.bindings.iter().enumerate().any(|(binding, it)| {
                let here = BindingId { module: id, binding };
                matches!(it.target, BindingTarget::Imported { .. })
                    && match checker.graph.definition(here) {
                        Definition::Binding(found) => found == place,
                        Definition::Module(module) => module == place.module,
                        Definition::External { .. } | Definition::Unknown => false,
                    }
            }))
    })
}
