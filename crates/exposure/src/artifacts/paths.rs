//! Questions about paths of files.

pub(crate) use crate::paths::below;
pub(crate) use crate::paths::folder;
pub(crate) use crate::paths::name;
use crate::paths::upwards;

/// The extension of a file name in lower case, without the dot.
pub(crate) fn ending(path: &str) -> String {
    name(path).rsplit_once('.').map_or_else(String::new, |(_, ending)| ending.to_ascii_lowercase())
}

/// True if the file name has one of these extensions.
pub(crate) fn ends_in(path: &str, endings: &[&str]) -> bool {
    endings.contains(&ending(path).as_str())
}

/// The folders of a file's path, the innermost first, the top last.
pub(crate) fn ancestors(path: &str) -> impl Iterator<Item = &str> {
    upwards(folder(path))
}

/// The path of a file in a folder.
pub(crate) fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

/// True if a folder of a file's path has one of these names, in lower case.
pub(crate) fn has_folder(path: &str, names: &[&str]) -> bool {
    folder(path).split('/').any(|part| names.contains(&part.to_ascii_lowercase().as_str()))
}

/// True for files of installed packages and of git itself.
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
