//! A value that code leaves for other code without handing it over.

use std::sync::Arc;

use crate::graph::file_facts::HOLDERS;
use crate::graph::modules::ModuleId;
use crate::js::ir::ExprId;

/// A value that code leaves for other code.
#[derive(Debug, Clone)]
pub(crate) struct LeftValue {
    pub(super) module: ModuleId,
    pub(super) left: Left,
}

/// The same within its module.
#[derive(Debug, Clone)]
pub(super) struct Left {
    /// The place, one of [`HOLDERS`].
    pub(super) holder: &'static str,
    /// The name that it has there.
    pub(super) name: Arc<str>,
    pub(super) value: ExprId,
    /// Set if it is the result of the function that the value is.
    pub(super) is_result: bool,
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
