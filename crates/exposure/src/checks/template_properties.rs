//! Components that the tags of templates name.

use crate::graph::modules::{Graph, ModuleId};
use crate::js::ir::{BindingTarget, Body};

/// The component of the project that a tag in the template of a module names: the binding of the
/// tag, and its module.
pub(crate) fn component_of_tag(
    graph: &Graph,
    module: ModuleId,
    body: &Body,
    tag: &str,
) -> Option<(usize, ModuleId)> {
    let symbol = body.symbols.iter().find(|it| &*it.name == tag && it.binding.is_some())?;
    let binding = symbol.binding?;
    match &graph.modules[module].module.bindings.get(binding)?.target {
        BindingTarget::Imported { import, .. } => {
            Some((binding, *graph.targets(module, *import).first()?))
        }
        BindingTarget::Local => None,
    }
}
