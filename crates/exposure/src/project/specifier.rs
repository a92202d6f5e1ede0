//! The text of import specifiers and of the paths in them.

use crate::paths::extension;

/// Extensions of files that are imported, but are not modules.
const ASSETS: [&str; 43] = [
    "aac", "avif", "bmp", "css", "cur", "eot", "flac", "gif", "glb", "glsl", "gltf", "graphql",
    "gql", "icns", "ico", "jpeg", "jpg", "jxl", "less", "m4a", "md", "mdx", "mov", "mp3", "mp4",
    "ogg", "opus", "otf", "pcss", "pdf", "png", "postcss", "sass", "scss", "styl", "stylus", "svg",
    "ttf", "wav", "webm", "webp", "woff", "woff2",
];

/// A specifier without `?worker`, `?raw`, `#part`.
pub(super) fn query_less(specifier: &str) -> &str {
    let end = specifier.find('?').unwrap_or(specifier.len());
    let path = &specifier[..end];
    match path.get(1..).and_then(|rest| rest.find('#')) {
        Some(at) => &path[..at + 1],
        None => path,
    }
}

/// The `https` of an address, the `node` of `node:fs`, the `virtual` of `virtual:pwa`.
pub(super) fn scheme(specifier: &str) -> Option<&str> {
    let (scheme, _) = specifier.split_once(':')?;
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'));
    is_scheme.then_some(scheme)
}

pub(super) fn is_asset(path: &str) -> bool {
    ASSETS.contains(&extension(path))
}

pub(super) fn is_declaration(path: &str) -> bool {
    [".d.ts", ".d.mts", ".d.cts"].iter().any(|extension| path.ends_with(extension))
}

pub(super) fn is_vendored(path: &str) -> bool {
    path.split('/').any(|part| part == "node_modules")
}
