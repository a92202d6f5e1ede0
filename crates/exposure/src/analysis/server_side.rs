//! Secrets that are written down in code that only servers run.

use crate::analysis::client_edges::ClientEdges;
use crate::framework_id::FrameworkId;
use crate::frameworks::Framework;
use crate::graph::modules::{BindingId, Graph};
use crate::graph::reach::Reach;
use crate::input::Input;
use crate::js::ir::{MODULE_INIT, Span};
use crate::leak::{FileSpan, Side, SidedSecret};

/// The secrets in modules of the server that clients do not load.
pub(super) fn server_secrets(
    input: &Input<'_>,
    graph: &Graph,
    clients: &ClientEdges<'_>,
    client: &Reach,
    server: &Reach,
    frameworks: &[&'static dyn Framework],
) -> Vec<SidedSecret> {
    let mut sided = Vec::new();
    // Also in packages that the app imports.
    for path in input.seeds {
        let Some(module) = graph.by_path(path) else { continue };
        if !graph.modules[module].may_have_key {
            continue;
        }
        let is_server = clients.boundaries[module] || server.has_module(module);
        if !is_server || client.has_module(module) {
            continue;
        }
        let Ok(Some(bytes)) = input.files.read(path) else { continue };
        let text = input.keys.text(&bytes);
        let root = server.root(BindingId { module, binding: MODULE_INIT });
        let framework = root
            .map(|root| root.framework)
            .or_else(|| frameworks.first().map(|framework| framework.id()))
            .map(FrameworkId::name);
        for key in input.keys.find(&text) {
            if input.catalog.is_secret(key.key_kind) {
                let span = Span::new(key.range.start as u32, key.range.end as u32);
                sided.push(SidedSecret {
                    at: FileSpan { path: path.as_str().into(), span },
                    side: Side::Server,
                    framework,
                });
            }
        }
    }
    sided
}
