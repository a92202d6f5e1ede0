//! The side on which code runs by its condition: server or client.

use crate::js::ir::ServerGuard;

/// The sides on which code runs when a condition holds, and when it does not.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct ConditionSides {
    /// Set if the condition holds on servers only.
    pub(super) server_if_true: bool,
    /// Set if the condition fails on servers only.
    pub(super) server_if_false: bool,
}

impl ConditionSides {
    pub(super) const SERVER: Self = Self { server_if_true: true, server_if_false: false };
    pub(super) const CLIENT: Self = Self { server_if_true: false, server_if_false: true };

    pub(super) fn not(self) -> Self {
        Self { server_if_true: self.server_if_false, server_if_false: self.server_if_true }
    }

    pub(super) fn and(self, other: Self) -> Self {
        Self {
            server_if_true: self.server_if_true || other.server_if_true,
            server_if_false: self.server_if_false && other.server_if_false,
        }
    }

    pub(super) fn or(self, other: Self) -> Self {
        self.not().and(other.not()).not()
    }

    pub(super) fn is_known(self) -> bool {
        self != Self::default()
    }
}

/// The side of a variable by its name alone.
pub(super) fn named_side(name: &str) -> ConditionSides {
    if name == "isServer" { ConditionSides::SERVER } else { ConditionSides::default() }
}

pub(super) fn branch(is_server: bool) -> ServerGuard {
    if is_server { ServerGuard::Branch } else { ServerGuard::None }
}
