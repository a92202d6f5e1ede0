//! Names in code to which frameworks give a meaning: a table that is filled from all that are known.

use crate::js::guard::Absence;

/// A call whose functions a compiler removes from the client's code.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ServerCall {
    /// The function that the chain of calls starts with, if the call is a method: `f` of `f().g(…)`.
    pub(crate) maker: Option<&'static str>,
    /// The function or method that is called.
    pub(crate) function: &'static str,
    /// Set if the results of its functions are sent to the client.
    pub(crate) sends_result: bool,
}

/// A property, in the options of a call, that a compiler removes from the client's code.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ServerOption {
    /// The function that is called, also to get another that takes the options: `f` of `f()({…})`.
    pub(crate) maker: &'static str,
    /// The property.
    pub(crate) property: &'static str,
}

/// A constant that a package exports and that is true on one side or in development only.
#[derive(Debug, Clone, Copy)]
pub(crate) struct KnownConstant {
    /// The package.
    pub(crate) package: &'static str,
    /// The name of the constant in it.
    pub(crate) name: &'static str,
    /// When it is true.
    pub(crate) meaning: ConstantMeaning,
}

/// When a constant is true.
#[derive(Debug, Clone, Copy)]
pub(crate) enum ConstantMeaning {
    /// On clients.
    Client,
    /// On servers.
    Server,
    /// In development: code under it is left out for this reason.
    Development(Absence),
}

/// A variable of the environment that a build replaces, and that has these values on servers only.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ServerVariable {
    /// The name of the variable.
    pub(crate) name: &'static str,
    /// Its values on servers.
    pub(crate) values: &'static [&'static str],
}

/// The names of all frameworks.
#[derive(Debug, Default)]
pub(crate) struct CodeConventions {
    /// Calls whose functions stay on the server.
    pub(crate) server_calls: Vec<ServerCall>,
    /// Properties of options that stay on the server.
    pub(crate) server_options: Vec<ServerOption>,
    /// Constants that tell the side or the mode.
    pub(crate) constants: Vec<KnownConstant>,
    /// Variables that tell the side.
    pub(crate) server_variables: Vec<ServerVariable>,
}
