//! Style sheets that server code imports: the server renders pages and sends them along.

use crate::framework_id::FrameworkId;
use crate::graph::modules::{BindingId, Graph, ModuleId};
use crate::graph::reach::Reach;
use crate::graph::reach_root::ReachRoot;
use crate::js::ir::{MODULE_INIT, ModulePart, Span};
use crate::js::{style, verbatim};

/// The style sheets of an app.
pub(super) fn style_sheets(graph: &Graph) -> Vec<ModuleId> {
    let is_sheet = |id: &ModuleId| {
        graph.modules[*id].part == ModulePart::Text && style::is_style(&graph.modules[*id].path)
    };
    (0..graph.modules.len()).filter(is_sheet).collect()
}

/// Roots for the `sheets` that the server code of a framework imports.
pub(super) fn style_roots(graph: &Graph, sheets: &[ModuleId], server: &Reach) -> Vec<ReachRoot> {
    let mut roots = Vec::new();
    for (id, node) in graph.modules.iter().enumerate().filter(|(id, _)| server.has_module(*id)) {
        let Some(root) = server.root(BindingId { module: id, binding: MODULE_INIT }) else {
            continue;
        };
        // Without a framework, what a server does with a style sheet is not known.
        if root.framework == FrameworkId::Node {
            continue;
        }
        for (index, import) in node.module.imports.iter().enumerate() {
            let targets = graph.targets(id, index).iter().filter(|target| sheets.contains(target));
            roots.extend(targets.filter(|_| !verbatim::is_taken_whole(&import.specifier)).map(
                |&module| ReachRoot {
                    module,
                    export: None,
                    why: format!("style sheet that {} imports, sent with its page", node.path),
                    span: Span::default(),
                    confidence: root.confidence,
                    framework: root.framework,
                    is_packaged: false,
                    is_unrendered: false,
                    absence: None,
                },
            ));
        }
    }
    roots
}
