//! Which imports the code of each side follows.

use rayon::prelude::*;

use crate::analysis::pure_package::PurePackage;
use crate::app::App;
use crate::frameworks;
use crate::frameworks::Framework;
use crate::frameworks::left_out::LeftOut;
use crate::graph::edge_filter::{EdgeFilter, Passage};
use crate::graph::modules::{Graph, ModuleId};
use crate::graph::reach_root::ReachRoot;
use crate::js::guard::Guard;
use crate::js::ir::ModulePart;
use crate::project::resolve::Resolver;

/// The edges that client code follows.
pub(super) struct ClientEdges<'a> {
    /// True for modules that client code cannot import.
    pub(super) boundaries: Vec<bool>,
    /// For each module, the exports that are left out of its client version.
    pub(super) stripped: Vec<&'static [&'static str]>,
    /// The modules without side effects.
    pure: PurePackage,
    /// The code that the builds of the app leave out.
    pub(super) left_out: LeftOut,
    ships_addresses: bool,
    resolver: &'a Resolver<'a>,
    graph: &'a Graph,
}

impl<'a> ClientEdges<'a> {
    /// The edges by the rules of the app's frameworks.
    pub(super) fn new(
        app: &App<'_>,
        frameworks: &[&'static dyn Framework],
        graph: &'a Graph,
        resolver: &'a Resolver<'a>,
    ) -> Self {
        let nodes = || graph.modules.par_iter();
        let boundaries = nodes().map(|node| {
            let mut known = frameworks.iter();
            node.part == ModulePart::Whole
                && known.any(|it| it.boundary(app, &node.path, &node.module).is_some())
        });
        let stripped = nodes().map(|node| {
            let mut lists = frameworks.iter().map(|known| known.stripped(app, &node.path));
            lists.find(|list| !list.is_empty()).unwrap_or_default()
        });
        Self {
            boundaries: boundaries.collect(),
            stripped: stripped.collect(),
            pure: PurePackage::new(app),
            left_out: LeftOut::new(app, frameworks),
            ships_addresses: frameworks::ship_addresses(frameworks),
            resolver,
            graph,
        }
    }
}

impl EdgeFilter for ClientEdges<'_> {
    fn is_boundary(&self, module: ModuleId) -> bool {
        self.boundaries[module]
    }

    fn stripped(&self, module: ModuleId) -> &'static [&'static str] {
        self.stripped[module]
    }

    fn keeps_unused(&self, module: ModuleId) -> bool {
        self.resolver.keeps_unused_imports(&self.graph.modules[module].path)
    }

    fn is_pure(&self, module: ModuleId) -> bool {
        self.pure.has(&self.graph.modules[module].path)
    }

    fn passage(&self, guard: Guard, root: &ReachRoot) -> Passage {
        if guard.is_for_servers() {
            return Passage::Closed;
        }
        self.left_out.absence(guard, root).map_or(Passage::Open, Passage::LeftOut)
    }

    fn ships_addresses(&self) -> bool {
        self.ships_addresses
    }
}

/// The edges that server code follows: all but those to what servers do not render.
pub(super) struct ServerEdges<'a>(pub(super) &'a ClientEdges<'a>);

impl EdgeFilter for ServerEdges<'_> {
    fn is_boundary(&self, _: ModuleId) -> bool {
        false
    }

    fn stripped(&self, _: ModuleId) -> &'static [&'static str] {
        &[]
    }

    fn keeps_unused(&self, module: ModuleId) -> bool {
        self.0.keeps_unused(module)
    }

    fn is_pure(&self, module: ModuleId) -> bool {
        self.0.is_pure(module)
    }

    fn passage(&self, guard: Guard, _: &ReachRoot) -> Passage {
        match guard {
            Guard::Client => Passage::Closed,
            Guard::None | Guard::LeftOut(_) | Guard::Server | Guard::Function => Passage::Open,
        }
    }

    fn ships_addresses(&self) -> bool {
        true
    }
}
