//! References in files: one each, or in a list of packed ones (gitrepository-layout(5), `refs`,
//! `packed-refs`); and their logs.

use std::fs;
use std::path::Path;

use memchr::memmem;

use super::reference::{LoggedChange, RefTarget, Reference};
use super::safe_read::{is_special, plain, unreadable};
use crate::model::{FilePath, Notice, Oid};

/// The list of packed references.
const PACKED: &str = "packed-refs";

/// Levels of folders below `refs`. Git knows no limit but the length of paths.
const MAX_DEPTH: usize = 256;

/// The target in a file of a reference: `ref: NAME` or an id.
fn target_in(text: &[u8]) -> Option<RefTarget> {
    if let Some(name) = text.strip_prefix(b"ref:") {
        let name = name.trim_ascii();
        return is_name(name).then(|| RefTarget::Symbolic(name.to_owned()));
    }
    let end = text.iter().position(u8::is_ascii_whitespace).unwrap_or(text.len());
    Oid::from_hex(&text[..end]).map(RefTarget::Object)
}

/// True for a name that leads to nothing outside of the folder of the repository.
pub(super) fn is_name(name: &[u8]) -> bool {
    let is_part = |part: &[u8]| !part.is_empty() && !part.starts_with(b".");
    !name.contains(&0) && name.split(|&byte| byte == b'/').all(is_part)
}

/// Reads one reference below `folder`; `Err` if there is a file that names nothing.
pub(super) fn loose(folder: &Path, name: &[u8]) -> Result<Option<RefTarget>, ()> {
    if !is_name(name) {
        return Ok(None);
    }
    read(&folder.join(FilePath::from_bytes(name).to_path()))
}

/// Reads the file of a reference. Old versions of git wrote symbolic ones as links.
fn read(path: &Path) -> Result<Option<RefTarget>, ()> {
    if let Ok(link) = fs::read_link(path)
        && let link = FilePath::from_path(&link)
        && link.as_bytes().starts_with(b"refs/")
        && is_name(link.as_bytes())
    {
        return Ok(Some(RefTarget::Symbolic(link.as_bytes().to_owned())));
    }
    if !path.exists() || path.is_dir() {
        return Ok(None);
    }
    plain(path).and_then(|text| target_in(&text)).map(Some).ok_or(())
}

/// All references in files below `folder` whose names begin with `prefix`, in no order.
pub(super) fn loose_below(
    folder: &Path,
    prefix: &[u8],
    notices: &mut Vec<Notice>,
) -> Vec<Reference> {
    // The last folder that the prefix names: `refs/remotes` of `refs/remotes/or`.
    let end = prefix.iter().rposition(|&byte| byte == b'/').unwrap_or(0);
    let mut found = Vec::new();
    let mut folders = vec![(prefix[..end].to_owned(), 0)];
    while let Some((name, depth)) = folders.pop() {
        if !is_name(&name) {
            continue;
        }
        let entries = fs::read_dir(folder.join(FilePath::from_bytes(&name).to_path()));
        for entry in entries.into_iter().flatten().flatten() {
            let own = FilePath::from_path(Path::new(&entry.file_name()));
            let name = [&name, &b"/"[..], own.as_bytes()].concat();
            let Ok(kind) = entry.file_type() else { continue };
            if kind.is_dir() {
                if depth < MAX_DEPTH {
                    folders.push((name, depth + 1));
                }
            } else if name.starts_with(prefix) && !name.ends_with(b".lock") {
                let path = entry.path();
                // A link to a folder holds no reference.
                match read(&path) {
                    Ok(Some(target)) => found.push(Reference { name, target, peeled: None }),
                    Ok(None) if !is_special(&path) => {}
                    Ok(None) | Err(()) => notices.push(unreadable(
                        &path,
                        "does not name an object, though git reads it as a ref",
                    )),
                }
            }
        }
    }
    found
}

/// The list of packed references.
#[derive(Debug, Clone, Default)]
pub(super) struct PackedRefs {
    text: Vec<u8>,
}

impl PackedRefs {
    /// Reads the list in `folder`, if there is one.
    pub(super) fn read(folder: &Path, notices: &mut Vec<Notice>) -> Self {
        let path = folder.join(PACKED);
        if !path.exists() {
            return Self::default();
        }
        match plain(&path) {
            Some(text) => {
                let is_line = |line: &[u8]| {
                    line.is_empty() || line.starts_with(b"#") || parts(line).is_some()
                };
                if !text.split(|&byte| byte == b'\n').all(is_line) {
                    notices.push(unreadable(&path, "is not a list of refs"));
                }
                Self { text }
            }
            None => {
                notices.push(unreadable(&path, "is not a list of refs"));
                Self::default()
            }
        }
    }

    /// The object of one reference.
    pub(super) fn find(&self, name: &[u8]) -> Option<RefTarget> {
        let wanted = [b" ", name].concat();
        let mut found = memmem::find_iter(&self.text, &wanted);
        found.find_map(|at| {
            let end = at + wanted.len();
            let is_end = matches!(self.text.get(end), None | Some(b'\n' | b'\r'));
            let start = self.text[..at].iter().rposition(|&byte| byte == b'\n');
            let line = &self.text[start.map_or(0, |at| at + 1)..end];
            let (oid, own) = parts(line).filter(|_| is_end)?;
            (own == Some(name)).then_some(RefTarget::Object(oid))
        })
    }

    /// All references whose names begin with `prefix`, in the order of the list.
    pub(super) fn below(&self, prefix: &[u8]) -> Vec<Reference> {
        let mut found: Vec<Reference> = Vec::new();
        // Most repositories have nothing below a prefix that is asked for.
        if memmem::find(&self.text, &[b" ", prefix].concat()).is_none() {
            return found;
        }
        let mut is_wanted = false;
        for line in self.text.split(|&byte| byte == b'\n') {
            match parts(line) {
                Some((oid, Some(name))) => {
                    is_wanted = name.starts_with(prefix);
                    if is_wanted {
                        let target = RefTarget::Object(oid);
                        found.push(Reference { name: name.to_owned(), target, peeled: None });
                    }
                }
                Some((oid, None)) if is_wanted => {
                    if let Some(tag) = found.last_mut() {
                        tag.peeled = Some(oid);
                    }
                }
                Some((_, None)) | None => {}
            }
        }
        found
    }
}

/// The id and the name in a line of packed references; no name if it is what the tag before leads to.
fn parts(line: &[u8]) -> Option<(Oid, Option<&[u8]>)> {
    if let Some(peeled) = line.strip_prefix(b"^") {
        return Some((Oid::from_hex(peeled.trim_ascii_end())?, None));
    }
    let space = memchr::memchr(b' ', line)?;
    let name = line[space + 1..].trim_ascii_end();
    Some((Oid::from_hex(&line[..space])?, is_name(name).then_some(name)))
}

/// The changes in the log of a reference below `folder`, the newest first; `None` if there is no such log.
pub(super) fn changes(folder: &Path, name: &[u8]) -> Option<Vec<LoggedChange>> {
    if !is_name(name) {
        return None;
    }
    let path = folder.join("logs").join(FilePath::from_bytes(name).to_path());
    let text = plain(&path)?;
    let lines = text.split(|&byte| byte == b'\n').rev();
    Some(lines.filter_map(LoggedChange::parse).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packed_references_are_found() {
        let (one, two) = (Oid::from([1; 20]), Oid::from([2; 20]));
        let folder = tempfile::tempdir().unwrap();
        let text = format!(
            "# pack-refs with: peeled fully-peeled sorted \n{one} refs/heads/a\r\n{two} refs/heads/a/b\n\
             {two} refs/tags/t\n^{one}\n{one} refs/tags/u"
        );
        fs::write(folder.path().join(PACKED), &text).unwrap();
        let mut notices = Vec::new();
        let packed = PackedRefs::read(folder.path(), &mut notices);
        assert_eq!(notices, []);
        for (name, target) in [
            ("refs/heads/a", Some(one)),
            ("refs/heads/a/b", Some(two)),
            ("refs/tags/u", Some(one)),
            ("refs/heads", None),
            ("refs/heads/a/", None),
            ("with:", None),
        ] {
            assert_eq!(packed.find(name.as_bytes()), target.map(RefTarget::Object), "{name}");
        }
        let below = |prefix: &str| {
            let found = packed.below(prefix.as_bytes()).into_iter();
            found.map(|own| (String::from_utf8(own.name).unwrap(), own.peeled)).collect::<Vec<_>>()
        };
        assert_eq!(
            below("refs/tags/"),
            [("refs/tags/t".to_owned(), Some(one)), ("refs/tags/u".to_owned(), None)]
        );
        assert_eq!((below("refs/").len(), below("refs/x").len()), (4, 0));
        fs::write(folder.path().join(PACKED), text + "\ngarbage").unwrap();
        assert_eq!(PackedRefs::read(folder.path(), &mut notices).below(b"refs/").len(), 4);
        assert_eq!(notices.len(), 1);
    }

    #[test]
    fn names_never_lead_out() {
        for name in ["", "/x", "refs//x", "refs/../x", "..", "refs/heads/.x", "refs/x/", "a\0"] {
            assert!(!is_name(name.as_bytes()), "{name}");
        }
        assert!(is_name("refs/heads/é x".as_bytes()) && is_name(b"HEAD"));
    }
}
