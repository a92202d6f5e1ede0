//! Names that a build tool imports where code only names them.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use crate::graph::modules::{Graph, ModuleId, NamedLink};
use crate::js::guard::Guard;
use crate::js::ir::{BindingTarget, Imported};
use crate::leak::Side;
use crate::span::Span;

/// A name that is imported without a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AutoImport {
    /// The name; of a component, see [`component_name`].
    pub name: String,
    /// True for a component, which tags may spell in several ways.
    pub is_component: bool,
    /// The file that it comes from.
    pub path: String,
    /// Its name there; `None` for all of the file.
    pub export: Option<String>,
    /// The side whose code may name it; `Unknown` for both.
    pub side: Side,
    /// Set if servers do not render it.
    pub is_unrendered: bool,
}

/// The specifiers by which modules may import such names all the same.
const VIRTUAL: [&str; 2] = ["#imports", "#components"];

/// The name of a component without what tags may spell in several ways.
pub(crate) fn component_name(name: &str) -> String {
    let letters = name.chars().filter(|letter| !matches!(letter, '-' | '_'));
    letters.flat_map(char::to_lowercase).collect()
}

impl Graph {
    /// Links each module that names one of `imports` to where that comes from. `side` tells the side
    /// of a module, as far as it has one.
    pub(crate) fn link_names(
        &mut self,
        imports: &[AutoImport],
        side: impl Fn(&Self, ModuleId) -> Side,
    ) {
        let mut table: HashMap<(bool, &str), Vec<(&AutoImport, ModuleId)>, RandomState> =
            HashMap::default();
        for import in imports {
            if let Some(target) = self.by_path(&import.path) {
                let key = (import.is_component, import.name.as_str());
                table.entry(key).or_default().push((import, target));
            }
        }
        if table.is_empty() {
            return;
        }
        for id in 0..self.modules.len() {
            let own = side(self, id);
            let mut links = Vec::new();
            let mut add = |name: &str, binding: usize, span: Span, guard: Guard| {
                let component = component_name(name);
                let lazy = component.strip_prefix("lazy").unwrap_or_default();
                let keys = [(false, name), (true, component.as_str()), (true, lazy)];
                for &(import, target) in keys.iter().filter_map(|key| table.get(key)).flatten() {
                    let is_meant = import.side == Side::Unknown || import.side == own;
                    if is_meant && target != id {
                        let export = import.export.as_deref().map(Box::from);
                        links.push(NamedLink {
                            name: name.into(),
                            binding,
                            span,
                            guard: if import.is_unrendered {
                                guard.max(Guard::Client)
                            } else {
                                guard
                            },
                            target,
                            export,
                        });
                    }
                }
            };
            let module = &self.modules[id].module;
            for free in &module.free {
                add(&free.name, free.binding, free.span, free.guard);
            }
            for (binding, known) in module.bindings.iter().enumerate() {
                if let BindingTarget::Imported { import, name: Imported::Name(name) } =
                    &known.target
                    && VIRTUAL.contains(&&*module.imports[*import].specifier)
                {
                    add(name, binding, known.span, Guard::None);
                }
            }
            self.modules[id].named = links;
        }
    }
}
