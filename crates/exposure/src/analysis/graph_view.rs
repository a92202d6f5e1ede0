//! The modules of an app as frameworks see them.

use crate::frameworks;
use crate::graph::modules::Graph;
use crate::js::ir::{ImportKind, Module, ModulePart};
use crate::project::resolve::{Resolved, Resolver};

/// The modules as frameworks see them.
pub(super) struct GraphView<'a> {
    pub(super) graph: &'a Graph,
    pub(super) resolver: &'a Resolver<'a>,
}

impl frameworks::Modules for GraphView<'_> {
    fn paths(&self) -> Vec<&str> {
        let wholes = self.graph.modules.iter().filter(|node| node.part == ModulePart::Whole);
        wholes.map(|node| &*node.path).collect()
    }

    fn module(&self, path: &str) -> Option<&Module> {
        self.graph.by_path(path).map(|id| &*self.graph.modules[id].module)
    }

    fn resolve(&self, from: &str, specifier: &str) -> Option<String> {
        match self.resolver.resolve(from, specifier, ImportKind::Static) {
            Resolved::File(path) => Some(path.to_owned()),
            Resolved::Files(_) | Resolved::Assets(_) | Resolved::External | Resolved::Missing => {
                None
            }
        }
    }
}
