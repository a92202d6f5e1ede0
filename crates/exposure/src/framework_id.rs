//! The frameworks, bundlers and plain ways to run code that the analysis knows, by name.

macro_rules! framework_ids {
    ($($id:ident = $name:literal,)*) => {
        /// A framework, a bundler, or a plain way to run code.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub(crate) enum FrameworkId {
            $(#[doc = concat!("`", $name, "`")] $id,)*
        }

        impl FrameworkId {
            /// All of them.
            #[cfg(test)]
            pub(crate) const ALL: &[Self] = &[$(Self::$id,)*];

            /// The name that reports print.
            pub(crate) fn name(self) -> &'static str {
                match self {
                    $(Self::$id => $name,)*
                }
            }
        }
    };
}

framework_ids! {
    Analog = "analog",
    Angular = "angular",
    Astro = "astro",
    BrowserCode = "browser",
    BrowserExtension = "extension",
    Bun = "bun",
    CreateReactApp = "cra",
    Docusaurus = "docusaurus",
    Electron = "electron",
    Esbuild = "esbuild",
    Expo = "expo",
    Gatsby = "gatsby",
    Next = "next",
    Node = "node",
    Nuxt = "nuxt",
    Parcel = "parcel",
    PlainPage = "html",
    Plasmo = "plasmo",
    Qwik = "qwik",
    ReactNative = "react-native",
    ReactRouter = "react-router",
    Redwood = "redwood",
    Rollup = "rollup",
    Rsbuild = "rsbuild",
    SolidStart = "solid-start",
    Storybook = "storybook",
    SvelteKit = "sveltekit",
    TanStackStart = "tanstack-start",
    Vite = "vite",
    VitePress = "vitepress",
    VueCli = "vue-cli",
    Waku = "waku",
    Webpack = "webpack",
    Wxt = "wxt",
}
