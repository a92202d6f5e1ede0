//! The rules by which a side's code follows imports.

use crate::graph::modules::ModuleId;
use crate::js::ir::ServerGuard;

/// Decides which imports of a side's code are followed.
pub(crate) trait EdgeFilter: Sync {
    /// True if code of this side cannot import a module.
    fn is_boundary(&self, module: ModuleId) -> bool;
    /// The exports that are left out of this side's version of a module.
    fn stripped(&self, module: ModuleId) -> &'static [&'static str];
    /// True if the project keeps imports of which no value is used.
    fn keeps_unused(&self, module: ModuleId) -> bool;
    /// True if code under this guard belongs to this side.
    fn follows(&self, guard: ServerGuard) -> bool;
    /// True if files ship whose addresses code makes, see
    /// [`ImportKind::Asset`](crate::js::ir::ImportKind::Asset).
    fn ships_addresses(&self) -> bool;
}
