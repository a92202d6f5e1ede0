//! Notices about imports that lead nowhere.

use crate::graph::modules::{Graph, ImportTarget};
use crate::js::ir::{ImportKind, ModuleImport};
use crate::notice::AnalysisNotice;

/// One notice for each module through which a secret may come and whose imports are missing.
pub(super) fn unresolved_imports(graph: &Graph) -> Vec<AnalysisNotice> {
    let mut notices = Vec::new();
    for node in graph.modules.iter().filter(|node| node.needs_eval) {
        let imports = node.module.imports.iter().zip(&node.links);
        let missing: Vec<&ModuleImport> = imports
            .filter(|(import, link)| {
                import.kind != ImportKind::Glob && **link == ImportTarget::Missing
            })
            .map(|(import, _)| import)
            .collect();
        if let Some(first) = missing.first() {
            let more = match missing.len() {
                1 => String::new(),
                several => format!(" and {} more", several - 1),
            };
            notices.push(AnalysisNotice::new(
                &node.path,
                format!(
                    "imports {}{more}, which is missing or too large, so it is not followed",
                    first.specifier
                ),
            ));
        }
    }
    notices
}
