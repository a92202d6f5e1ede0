//! The rules by which a side's code follows imports.

use crate::graph::modules::ModuleId;
use crate::graph::reach_root::ReachRoot;
use crate::js::guard::{Absence, Guard};

/// Decides which imports of a side's code are followed.
pub(crate) trait EdgeFilter: Sync {
    /// True if code of this side cannot import a module.
    fn is_boundary(&self, module: ModuleId) -> bool;
    /// The exports that are left out of this side's version of a module.
    fn stripped(&self, module: ModuleId) -> &'static [&'static str];
    /// True if the project keeps imports of which no value is used.
    fn keeps_unused(&self, module: ModuleId) -> bool;
    /// True if loading a module has no effects, as its package says.
    fn is_pure(&self, module: ModuleId) -> bool;
    /// Tells if code under this guard belongs to this side, if it is reached from a root.
    fn passage(&self, guard: Guard, root: &ReachRoot) -> Passage;
    /// True if files ship whose addresses code makes, see
    /// [`ImportKind::Asset`](crate::js::ir::ImportKind::Asset).
    fn ships_addresses(&self) -> bool;
}

/// Tells if guarded code belongs to a side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Passage {
    /// It does.
    Open,
    /// It does in development; builds for production leave it out for this reason.
    LeftOut(Absence),
    /// It does not.
    Closed,
}
