//! The guards of the two branches of a condition.

use crate::js::guard::{Absence, Guard};

/// The guards of code that runs if a condition holds, and of code that runs if it does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct BranchGuards {
    pub(super) if_true: Guard,
    pub(super) if_false: Guard,
}

impl BranchGuards {
    /// Nothing is known of the condition.
    pub(super) const NONE: Self = Self { if_true: Guard::None, if_false: Guard::None };
    /// It holds on servers only.
    pub(super) const SERVER: Self = Self { if_true: Guard::Server, if_false: Guard::None };
    /// It fails on servers only.
    pub(super) const CLIENT: Self = Self { if_true: Guard::None, if_false: Guard::Server };

    /// A condition that never holds in a build for production.
    pub(super) fn absent(absence: Absence) -> Self {
        Self { if_true: Guard::LeftOut(absence), if_false: Guard::None }
    }

    pub(super) fn not(self) -> Self {
        Self { if_true: self.if_false, if_false: self.if_true }
    }

    pub(super) fn and(self, other: Self) -> Self {
        Self {
            if_true: self.if_true.max(other.if_true),
            if_false: self.if_false.min(other.if_false),
        }
    }

    pub(super) fn or(self, other: Self) -> Self {
        self.not().and(other.not()).not()
    }

    pub(super) fn is_known(self) -> bool {
        self != Self::NONE
    }
}

/// The guards of a global variable by its name alone.
pub(super) fn guards_of_name(name: &str) -> BranchGuards {
    match name {
        "isServer" => BranchGuards::SERVER,
        "__DEV__" => BranchGuards::absent(Absence::ReactNativeDev),
        "ngDevMode" => BranchGuards::absent(Absence::AngularDev),
        _ => BranchGuards::NONE,
    }
}

/// The guards of a test that a variable for the mode of the build has a value.
pub(super) fn guards_of_mode(absence: Absence, value: &str) -> BranchGuards {
    match value {
        "development" | "test" => BranchGuards::absent(absence),
        "production" => BranchGuards::absent(absence).not(),
        _ => BranchGuards::NONE,
    }
}
