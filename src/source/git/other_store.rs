//! Folders in which other programs than git keep history.

use std::path::Path;

use super::safe_read::read_plain;
use crate::model::FilePath;

/// The largest file that names a folder, in bytes.
const MAX_LINK: u64 = 64 << 10;

/// The folders in which other programs than git keep history.
pub const OTHER_STORES: [&str; 7] = [".hg", ".sl", ".svn", ".jj", ".bzr", ".pijul", "_darcs"];

/// Says which program keeps history in a folder, if it is one that is not git.
pub fn other_store(folder: &Path) -> Option<String> {
    let program = match folder.file_name()?.to_str()? {
        ".hg" => "Mercurial",
        ".sl" => "Sapling",
        ".svn" => "Subversion",
        ".bzr" if folder.join("branch-format").is_file() => "Bazaar",
        ".pijul" if folder.join("pristine").is_dir() => "Pijul",
        "_darcs" if folder.join("inventories").is_dir() => "Darcs",
        ".jj" => return jujutsu(folder),
        _ => return None,
    };
    Some(format!("holds the history of {program}, which keyside does not read"))
}

/// Says where the history of a workspace of Jujutsu is, unless it is in the repository of git beside it: that has
/// all its commits, those of its operation log, too.
fn jujutsu(folder: &Path) -> Option<String> {
    let text = |path: &Path| {
        let text = read_plain(path, MAX_LINK).ok()?;
        Some(FilePath::from_bytes(text.trim_ascii()).to_path())
    };
    let repo = folder.join("repo");
    // A further workspace names the folder of the first one.
    let repo = if repo.is_file() { folder.join(text(&repo)?) } else { repo };
    let store = repo.join("store");
    let git = text(&store.join("git_target")).map_or(store.join("git"), |path| store.join(path));
    if !git.join("objects").is_dir() {
        let text = "holds the history of Jujutsu, which keyside does not read";
        return store.is_dir().then(|| text.to_owned());
    }
    let git = git.canonicalize().unwrap_or(git);
    if folder.parent()?.join(".git").canonicalize().is_ok_and(|beside| beside == git) {
        return None;
    }
    // The path is short where it can be.
    let inside = folder.canonicalize().ok();
    let inside = inside.and_then(|own| git.strip_prefix(own).ok().map(|rest| folder.join(rest)));
    Some(format!(
        "holds the history of Jujutsu, which was not searched; `keyside git {}` searches it",
        inside.unwrap_or(git).display()
    ))
}
