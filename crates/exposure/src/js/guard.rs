//! Guards: what keeps code from a client's production build, and why.

/// A reason why clients lack code, as far as its module shows, from none to the surest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Guard {
    /// It runs wherever the module does.
    None,
    /// Servers do not render it: `dynamic(…, { ssr: false })`, `<ClientOnly>`.
    Client,
    /// Builds for production leave it out, if they decide this condition.
    LeftOut(Absence),
    /// In the branch of a condition that holds on servers only: `import.meta.server`,
    /// `import.meta.env.SSR`, `typeof window === 'undefined'`, `process.server`.
    Server,
    /// In a function with the directive `use server`.
    Function,
}

impl Guard {
    /// True if code under this guard runs on servers only.
    pub(crate) fn is_for_servers(self) -> bool {
        match self {
            Self::None | Self::Client | Self::LeftOut(_) => false,
            Self::Server | Self::Function => true,
        }
    }
}

/// The reason why a build for production lacks code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Absence {
    /// Under `import.meta.env.DEV`, or not under `import.meta.env.PROD`.
    EnvDev,
    /// Under a test of `import.meta.env.MODE`.
    EnvMode,
    /// Under `import.meta.hot`.
    MetaHot,
    /// Under `module.hot` or `import.meta.webpackHot`.
    ModuleHot,
    /// Under a test of `process.env.NODE_ENV`.
    NodeEnv,
    /// Under `import.meta.dev` or `process.dev` of Nuxt.
    NuxtDev,
    /// Under `dev` of `$app/environment`.
    SvelteKitDev,
    /// Under `DEV` of `esm-env`.
    EsmEnvDev,
    /// Under `__DEV__` of React Native.
    ReactNativeDev,
    /// Under `ngDevMode` of Angular.
    AngularDev,
    /// Under a constant that is false.
    Never,
    /// After `return`, `throw` and the like.
    Unreachable,
    /// Nothing names what a framework would import by its name.
    Unnamed,
    /// The build takes other pages.
    NotBuilt,
    /// In a module without side effects of which nothing is used.
    Pure,
    /// A variable that only development has.
    DevelopmentVariable,
    /// No code reads this property of data.
    UnusedData,
    /// No code reads this property of an object.
    UnusedProperty,
}

impl Absence {
    /// The tests that Vite decides.
    pub(crate) const OF_VITE: &'static [Self] = &[
        Self::EnvDev,
        Self::EnvMode,
        Self::MetaHot,
        Self::NodeEnv,
        Self::EsmEnvDev,
        Self::Never,
        Self::Unreachable,
        Self::UnusedData,
        Self::UnusedProperty,
        Self::Pure,
    ];

    /// The tests that webpack decides, and others that work alike.
    pub(crate) const OF_WEBPACK: &'static [Self] = &[
        Self::MetaHot,
        Self::ModuleHot,
        Self::NodeEnv,
        Self::EsmEnvDev,
        Self::Never,
        Self::Unreachable,
        Self::UnusedData,
        Self::UnusedProperty,
        Self::Pure,
    ];

    /// The sentence for traces.
    pub(crate) fn note(self) -> &'static str {
        match self {
            Self::EnvDev => "only in development: import.meta.env.DEV",
            Self::EnvMode => "only in development: import.meta.env.MODE",
            Self::MetaHot => "only in development: import.meta.hot",
            Self::ModuleHot => "only in development: module.hot",
            Self::NodeEnv => "only in development: process.env.NODE_ENV",
            Self::NuxtDev => "only in development: import.meta.dev",
            Self::SvelteKitDev => "only in development: dev of $app/environment",
            Self::EsmEnvDev => "only in development: DEV of esm-env",
            Self::ReactNativeDev => "only in development: __DEV__",
            Self::AngularDev => "only in development: ngDevMode",
            Self::Never => "never runs: its condition is a constant",
            Self::Unreachable => "never runs: the code before it always leaves",
            Self::Unnamed => "left out of the build as long as nothing names it",
            Self::Pure => {
                "left out as long as nothing of the module is used: package.json says that it has no \
                 side effects"
            }
            Self::DevelopmentVariable => "only in development: declared for it alone",
            Self::UnusedData | Self::UnusedProperty => {
                "left out as long as no code reads this property"
            }
            Self::NotBuilt => "not built: the configuration names other pages",
        }
    }
}
