//! Files and folders that a configuration or a document names, so that they ship as they are.

use crate::artifacts::paths;
use crate::paths::PathPattern;

/// The reason by which a file of a collection of content ships, for people.
pub(crate) const COLLECTION: &str = "a collection of content is there for the pages";

/// Files and folders that ship because another file names them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ShippedPath {
    /// A file, a folder, or a pattern, relative to the top of the project.
    pub(crate) path: String,
    /// Patterns of files that are left out, relative to the folder or to the top of the project.
    pub(crate) except: Vec<String>,
    /// The file that names it.
    pub(crate) by: String,
    /// The reason, for people: `the build copies it to the site`.
    pub(crate) why: &'static str,
}

impl ShippedPath {
    /// The same path with nothing left out.
    pub(crate) fn all(&self) -> Self {
        Self { except: Vec::new(), ..self.clone() }
    }

    /// True if a file is meant.
    pub(crate) fn has(&self, file: &str) -> bool {
        let is_pattern = self.path.contains(['*', '{', '?']);
        let pattern = is_pattern.then(|| PathPattern::new(&self.path));
        let is_it = |path: &str| match &pattern {
            Some(pattern) => pattern.matches(path),
            None => path == self.path,
        };
        // A pattern may match the folder.
        let is_meant = self.path.is_empty() || is_it(file) || paths::ancestors(file).any(is_it);
        let folder = self.path.split(['*', '{', '?']).next().unwrap_or_default();
        let inside = file.strip_prefix(folder).unwrap_or(file).trim_start_matches('/');
        let is_left_out = |pattern: &String| {
            let pattern = PathPattern::new(pattern);
            pattern.matches(file) || pattern.matches(inside)
        };
        is_meant && !self.except.iter().any(is_left_out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_folders_and_patterns_are_meant() {
        for (path, file, is_meant) in [
            ("web/a.json", "web/a.json", true),
            ("web/a", "web/a/b/c.json", true),
            ("web/a", "web/ab.json", false),
            ("web/*.json", "web/a.json", true),
            ("web/*", "web/a/b.json", true),
            ("web/**/*.txt", "web/a/b.json", false),
            ("web/a", "web/a/draft/b.json", false),
        ] {
            let shipped = ShippedPath {
                path: path.to_owned(),
                except: vec!["**/draft/**".to_owned()],
                by: String::new(),
                why: "",
            };
            assert_eq!(shipped.has(file), is_meant, "{path} {file}");
        }
    }
}
