//! How code reads variables: from which object, and in which form.

/// Where variables are read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum EnvRoot {
    /// `process.env`, also `globalThis.process.env`.
    Process,
    /// `import.meta.env`.
    ImportMeta,
    /// `Bun.env`, `Deno.env.get('…')`, `loadEnv()` of Vite.
    Runtime,
    /// `Config.X` of react-native-config, `@env` of react-native-dotenv.
    NativeConfig,
    /// `$env/static/private`, `$env/dynamic/private`, `$app/env/private`.
    PrivateModule,
    /// `$env/static/public`, `$env/dynamic/public`, `$app/env/public`, `astro:env/client`.
    PublicModule,
    /// `astro:env/server`.
    ServerModule,
    /// `useRuntimeConfig()` of Nuxt, `getConfig()` of Next.js: the part of it of this number.
    RuntimeConfig(u32),
    /// The same of a part that clients have.
    PublicRuntimeConfig(u32),
}

/// How a variable is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum ReadForm {
    /// `process.env.X`
    Member,
    /// `process.env['X']`
    Index,
    /// `process.env[name]`, of a constant.
    Computed,
    /// `const { X } = process.env`
    Destructured,
    /// `const e = process.env; e.X`
    Alias,
}
