//! The guards of the two branches of a condition.

use crate::js::guard::{Absence, BuildValue, CodeWord, Guard};

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

    /// A condition that is constant.
    pub(super) fn constant(is_true: bool) -> Self {
        let never = Self::absent(Absence::Never);
        if is_true { never.not() } else { never }
    }

    /// A name that the configuration may replace by a constant.
    pub(super) fn configured(name: &str) -> Self {
        let word = CodeWord::new(name);
        Self {
            if_true: Guard::LeftOut(Absence::Off(word)),
            if_false: Guard::LeftOut(Absence::On(word)),
        }
    }

    /// A test that a value of the build is a word.
    pub(super) fn of_value(value: BuildValue, word: &str) -> Self {
        let word = CodeWord::new(word);
        Self {
            if_true: Guard::LeftOut(Absence::Is(value, word)),
            if_false: Guard::LeftOut(Absence::IsNot(value, word)),
        }
    }

    pub(super) fn not(self) -> Self {
        Self { if_true: self.if_false, if_false: self.if_true }
    }

    pub(super) fn and(self, other: Self) -> Self {
        Self {
            if_true: self.if_true.max(other.if_true),
            if_false: self.if_false.either(other.if_false),
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
        _ if is_constant_name(name) => BranchGuards::configured(name),
        _ => BranchGuards::NONE,
    }
}

/// True for a name as constants have it: `DEBUG`, `__APP_DEBUG__`, `__debug__`.
pub(super) fn is_constant_name(name: &str) -> bool {
    let is_upper = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
    name.starts_with("__") || name.bytes().all(is_upper)
}

/// The guards of a test that `NODE_ENV` has a value.
pub(super) fn guards_of_node_env(value: &str) -> BranchGuards {
    match value {
        "development" | "test" => BranchGuards::absent(Absence::NodeEnv),
        "production" => BranchGuards::absent(Absence::NodeEnv).not(),
        _ => BranchGuards::NONE,
    }
}
