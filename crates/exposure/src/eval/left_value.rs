//! A value that code leaves for other code without handing it over.

use crate::graph::file_facts::HOLDERS;
use crate::graph::modules::ModuleId;
use crate::js::left::Left;

/// A value that code leaves for other code.
#[derive(Debug, Clone)]
pub(crate) struct LeftValue {
    pub(super) module: ModuleId,
    pub(super) left: Left,
}

impl LeftValue {
    /// The module that leaves it.
    pub(crate) fn module(&self) -> ModuleId {
        self.module
    }

    /// The number of the place among the [`HOLDERS`]: every module that takes the value by its usual
    /// name names it.
    pub(crate) fn holder_number(&self) -> usize {
        HOLDERS.iter().position(|(name, _)| *name == self.left.holder).unwrap_or_default()
    }
}
