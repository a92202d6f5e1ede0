//! Questions about the positions of files.

pub(crate) use crate::paths::below;
pub(crate) use crate::paths::folder;
pub(crate) use crate::paths::name;
use crate::paths::upwards;

/// The ending of a file name in lower case, without the dot.
pub(crate) fn ending(path: &str) -> String {
    name(path).rsplit_once('.').map_or_else(String::new, |(_, ending)| ending.to_ascii_lowercase())
}

/// Whether the file name has one of these endings.
pub(crate) fn ends_in(path: &str, endings: &[&str]) -> bool {
    endings.contains(&ending(path).as_str())
}

/// The folders round a file, the innermost first, the top last.
pub(crate) fn ancestors(path: &str) -> impl Iterator<Item = &str> {
    upwards(folder(path))
}

/// A path below a folder.
pub(crate) fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

/// Whether one of the folders round a file has one of these names, in lower case.
pub(crate) fn has_folder(path: &str, names: &[&str]) -> bool {
    folder(path).split('/').any(|part| names.contains(&part.to_ascii_lowercase().as_str()))
}

/// Whether somebody else's package holds the file, or a tool's own folder.
pub(crate) fn is_foreign(path: &str) -> bool {
    has_folder(path, &["node_modules", "bower_components", ".git"])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folders_round_a_file_end_at_the_top() {
        assert_eq!(ancestors("a/b/c.x").collect::<Vec<_>>(), ["a/b", "a", ""]);
        assert_eq!(ancestors("c.x").collect::<Vec<_>>(), [""]);
    }
}
