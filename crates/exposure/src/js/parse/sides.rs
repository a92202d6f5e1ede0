//! The side that a condition tells: server or client.

use crate::js::ir::ServerGuard;

/// On which side code runs when a condition holds, and when it does not.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct ConditionSides {
    /// It holds on servers only.
    pub(super) server_if_true: bool,
    /// It fails on servers only.
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

/// What a name says of the side that it holds on.
pub(super) fn named_side(name: &str) -> ConditionSides {
    if name == "isServer" { ConditionSides::SERVER } else { ConditionSides::default() }
}

pub(super) fn branch(is_server: bool) -> ServerGuard {
    if is_server { ServerGuard::Branch } else { ServerGuard::None }
}
