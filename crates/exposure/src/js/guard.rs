//! Guards: what keeps code from a client's production build, and why.

#![expect(clippy::wildcard_enum_match_arm, reason = "few of the kinds matter here")]

use serde::{Deserialize, Serialize};

/// A reason why clients lack code, as far as its module shows, from none to the surest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
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
    /// The guard of something that stands under both guards, so that clients lack it only if they
    /// lack both. Conditions that configurations decide are independent of each other.
    pub(crate) fn either(self, other: Self) -> Self {
        let is_single =
            |guard: Self| matches!(guard, Self::LeftOut(absence) if absence.is_configured());
        if self != other && is_single(self) && is_single(other) {
            Self::None
        } else {
            self.min(other)
        }
    }

    /// True if code under this guard runs on servers only.
    pub(crate) fn is_for_servers(self) -> bool {
        match self {
            Self::None | Self::Client | Self::LeftOut(_) => false,
            Self::Server | Self::Function => true,
        }
    }
}

/// A word of code, by which configurations decide what builds lack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) struct CodeWord(u32);

impl CodeWord {
    /// The word with this text.
    pub(crate) const fn new(text: &str) -> Self {
        // FNV-1a: the few words that configurations name hardly collide.
        let (bytes, mut hash, mut at) = (text.as_bytes(), 0x811c_9dc5_u32, 0);
        while at < bytes.len() {
            hash = (hash ^ bytes[at] as u32).wrapping_mul(0x0100_0193);
            at += 1;
        }
        Self(hash)
    }
}

/// A value of the build that code compares with texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) enum BuildValue {
    /// The mode of Vite.
    Mode,
    /// The platform of React Native.
    Platform,
    /// The browser of an extension.
    Browser,
    /// A variable of the environment, by its name.
    Variable(CodeWord),
}

/// The reason why a build for production lacks code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) enum Absence {
    /// In a call of a function with this name, which the build drops if nothing uses its result.
    Call(CodeWord),
    /// Under a name that the configuration replaces by `false`.
    Off(CodeWord),
    /// In the other branch of a name that the configuration replaces by `true`.
    On(CodeWord),
    /// Under a test that a value of the build is this word.
    Is(BuildValue, CodeWord),
    /// Under a test that a value of the build is another word.
    IsNot(BuildValue, CodeWord),
    /// The entry for this mode in a table that code indexes by the mode.
    OfMode(CodeWord),
    /// Under `import.meta.env.DEV`, or not under `import.meta.env.PROD`.
    EnvDev,
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
    /// Under `building` of `$app/environment`, which is false where the bundle runs.
    SvelteKitBuilding,
    /// Under a constant that is false.
    Never,
    /// After `return`, `throw` and the like.
    Unreachable,
    /// In a call that is marked as pure and whose result nothing uses.
    PureCall,
    /// A text of which only the length is used.
    OnlyLength,
    /// Nothing names what a framework would import by its name.
    Unnamed,
    /// The build takes other pages.
    NotBuilt,
    /// In a module without side effects of which nothing is used.
    Pure,
    /// In a component that nothing renders.
    Unrendered,
    /// In an export that no code names.
    Unused,
    /// In a constant or function within a function, that nothing names.
    UnusedLocal,
    /// In a function of servers that no code of clients can call.
    Uncalled,
    /// A name that the configuration replaces and that no code has.
    Unread,
    /// A variable that only development has.
    DevelopmentVariable,
    /// No code reads this property of data.
    UnusedData,
    /// No code reads this property of an object.
    UnusedProperty,
    /// In a comment that the build takes out.
    Comment,
    /// No code names this member of an enum.
    UnusedMember,
    /// Under a test of constants that code has to be followed for.
    ConstantTest,
}

impl Absence {
    /// Under a test that the mode is another than that for production.
    pub(crate) const IN_PRODUCTION: Self =
        Self::IsNot(BuildValue::Mode, CodeWord::new("production"));

    /// True if the configuration of an app decides it.
    fn is_configured(self) -> bool {
        self < Self::EnvDev
    }

    /// True if builds that leave out code for reasons `decided` lack this code.
    pub(crate) fn is_among(self, decided: &[Self]) -> bool {
        match self {
            // What minifiers do.
            Self::PureCall | Self::OnlyLength | Self::Unrendered | Self::UnusedLocal => {
                decided.contains(&Self::Never)
            }
            Self::OfMode(word) => decided
                .iter()
                .any(|it| matches!(it, Self::IsNot(BuildValue::Mode, known) if *known != word)),
            // What bundlers do that know the properties of objects.
            Self::ConstantTest => decided.contains(&Self::UnusedProperty),
            Self::Is(value, word) => {
                // An app with code for a mode of its own is built in that mode, too.
                let is_own = ![CodeWord::new("development"), CodeWord::new("test")].contains(&word);
                decided.iter().any(|it| match it {
                    Self::IsNot(own, known) => {
                        *own == value && *known != word && !(is_own && *it == Self::IN_PRODUCTION)
                    }
                    _ => false,
                })
            }
            _ => decided.contains(&self),
        }
    }

    /// The tests that Vite decides.
    pub(crate) const OF_VITE: &'static [Self] = &[
        Self::EnvDev,
        Self::IN_PRODUCTION,
        Self::MetaHot,
        Self::NodeEnv,
        Self::EsmEnvDev,
        Self::Never,
        Self::Unreachable,
        Self::UnusedData,
        Self::UnusedProperty,
        Self::UnusedMember,
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
            Self::Call(_) => "left out: the build drops calls of this function",
            Self::Off(_) | Self::On(_) => "never runs: the configuration decides its condition",
            Self::Is(BuildValue::Mode, _) | Self::IsNot(BuildValue::Mode, _) | Self::OfMode(_) => {
                "only in another mode of the build"
            }
            Self::Is(BuildValue::Platform, _) | Self::IsNot(BuildValue::Platform, _) => {
                "only on another platform"
            }
            Self::Is(BuildValue::Browser, _) | Self::IsNot(BuildValue::Browser, _) => {
                "only in another browser"
            }
            Self::Is(BuildValue::Variable(_), _) | Self::IsNot(BuildValue::Variable(_), _) => {
                "never runs: the variable that its condition asks for has another value"
            }
            Self::SvelteKitBuilding => "only while the site is built: building of $app/environment",
            Self::PureCall => "left out: a call that is marked as pure, of which nothing is used",
            Self::OnlyLength => "left out: only the length of the text is used",
            Self::MetaHot => "only in development: import.meta.hot",
            Self::ModuleHot => "only in development: module.hot",
            Self::NodeEnv => "only in development: process.env.NODE_ENV",
            Self::NuxtDev => "only in development: import.meta.dev",
            Self::SvelteKitDev => "only in development: dev of $app/environment",
            Self::EsmEnvDev => "only in development: DEV of esm-env",
            Self::ReactNativeDev => "only in development: __DEV__",
            Self::AngularDev => "only in development: ngDevMode",
            Self::Never | Self::ConstantTest => "never runs: its condition is a constant",
            Self::Unreachable => "never runs: the code before it always leaves",
            Self::Unnamed => "left out of the build as long as nothing names it",
            Self::Pure => {
                "left out as long as nothing of the module is used: package.json says that it has no \
                 side effects"
            }
            Self::Unrendered => "left out of the build as long as nothing renders the component",
            Self::Unread => "left out as long as no code has this name",
            Self::Unused => "left out of the build as long as no code names this export",
            Self::UnusedLocal => "left out as long as nothing names it",
            Self::Uncalled => "no client calls it as long as no code names this function",
            Self::DevelopmentVariable => "only in development: declared for it alone",
            Self::UnusedMember => "left out as long as no code names this member",
            Self::UnusedData | Self::UnusedProperty => {
                "left out as long as no code reads this property"
            }
            Self::NotBuilt => "not built: the configuration names other pages",
            Self::Comment => "left out: the build removes this comment",
        }
    }
}
