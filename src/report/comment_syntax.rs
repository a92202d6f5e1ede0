//! Comment syntax by file name, for comments on a line of their own.

use crate::model::FilePath;

/// Comment openers by file extension. Languages in which the syntax depends on the place are left
/// out: pages with scripts, templates, JSX.
const COMMENTS: &[(&str, &[&str])] = &[
    (
        "//",
        &[
            "c", "cc", "cjs", "cpp", "cs", "cts", "dart", "go", "gradle", "groovy", "h", "hpp",
            "java", "js", "json5", "jsonc", "kt", "kts", "less", "m", "mjs", "mm", "mts", "proto",
            "rs", "scala", "scss", "swift", "ts", "zig",
        ],
    ),
    (
        "#",
        &[
            "bash",
            "cfg",
            "cmake",
            "conf",
            "env",
            "ex",
            "exs",
            "fish",
            "hcl",
            "jl",
            "mk",
            "nix",
            "pl",
            "properties",
            "ps1",
            "py",
            "pyi",
            "r",
            "rb",
            "sh",
            "tf",
            "tfvars",
            "toml",
            "yaml",
            "yml",
            "zsh",
        ],
    ),
    ("--", &["elm", "hs", "lua", "sql"]),
];

/// File names in which `#` begins a comment.
const NAMES: &[&str] = &["Dockerfile", "Gemfile", "Makefile", "Rakefile"];

/// The comment opener for a file of this name, if it is known.
pub(super) fn comment(path: &FilePath) -> Option<&'static str> {
    let text = path.to_text();
    let name = text.rsplit('/').next().unwrap_or_default();
    if name == ".env" || name.starts_with(".env.") || NAMES.contains(&name) {
        return Some("#");
    }
    let (_, ending) = name.rsplit_once('.')?;
    let ending = ending.to_ascii_lowercase();
    let known = COMMENTS.iter().find(|(_, endings)| endings.contains(&&*ending));
    known.map(|(comment, _)| *comment)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_name_decides() {
        for (path, expected) in [
            ("src/a.ts", Some("//")),
            ("A.PY", Some("#")),
            (".env", Some("#")),
            ("web/.env.local", Some("#")),
            ("docker/Dockerfile", Some("#")),
            ("q.sql", Some("--")),
            ("page.tsx", None),
            ("page.html", None),
            ("data.json", None),
            ("py", None),
            ("", None),
        ] {
            assert_eq!(comment(&FilePath::from(path)), expected, "{path}");
        }
    }
}
