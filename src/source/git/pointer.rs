//! Files whose content git does not have: pointers of Git LFS and git-annex. And files that git-crypt
//! has encrypted.

use std::path::PathBuf;

use super::repo::Repository;
use super::safe_read::read_plain;

/// The longest pointer, in bytes, by the specification of Git LFS; git-annex's are shorter.
const MAX_POINTER: usize = 1024;

/// The largest content of Git LFS that is read, in bytes.
const MAX_CONTENT: u64 = 1 << 30;

/// The addresses that stand for the versions of pointers (git-lfs, docs/spec.md).
const VERSIONS: [&str; 3] = [
    "https://git-lfs.github.com/spec/v1",
    "https://hawser.github.com/spec/v1",
    "http://git-media.io/v/2",
];

/// A pointer to content that is kept outside of git's objects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pointer {
    /// By Git LFS.
    Lfs {
        /// The SHA-256 of the content, in hexadecimal digits.
        id: String,
        /// Its size in bytes.
        size: u64,
    },
    /// By git-annex.
    Annex,
}

impl Pointer {
    /// True if an object with this beginning, of at least 16 bytes if it is as long, may be a pointer.
    pub fn may_begin(start: &[u8], size: u64) -> bool {
        let begins = [&b"version http"[..], b"/annex/objects/", b".git/annex/", b"../"];
        size <= MAX_POINTER as u64 && begins.iter().any(|begin| start.starts_with(begin))
    }

    /// Reads a pointer.
    pub fn parse(text: &[u8]) -> Option<Self> {
        if !Self::may_begin(text, text.len() as u64) {
            return None;
        }
        let text = std::str::from_utf8(text).ok()?;
        let is_annexed =
            text.starts_with("/annex/objects/") || text.contains(".git/annex/objects/");
        if is_annexed && text.trim_end().lines().count() == 1 {
            return Some(Self::Annex);
        }
        let mut lines = text.lines();
        if !VERSIONS.contains(&lines.next()?.strip_prefix("version ")?) {
            return None;
        }
        let (mut id, mut size) = (None, None);
        for line in lines {
            match line.split_once(' ')? {
                ("oid", value) => id = value.strip_prefix("sha256:"),
                ("size", value) => size = value.parse().ok(),
                (name, _) if name.starts_with("ext-") => {}
                _ => return None,
            }
        }
        let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        let id = id.filter(|id| id.len() == 64 && id.bytes().all(is_digit))?;
        Some(Self::Lfs { id: id.to_owned(), size: size? })
    }
}

/// True if a file begins as git-crypt writes what it encrypts.
pub fn is_git_crypt(start: &[u8]) -> bool {
    start.starts_with(b"\0GITCRYPT\0")
}

/// A file, with what a pointer of Git LFS leads to in its place.
#[derive(Debug, PartialEq, Eq)]
pub enum FileContent {
    /// The file as it is.
    Own(Vec<u8>),
    /// The content of a pointer.
    Kept(Vec<u8>),
    /// A pointer to content that is not here, and its text.
    Missing(Pointer, Vec<u8>),
    /// A pointer to content that is larger than wanted, and its text.
    Large(Vec<u8>),
}

impl FileContent {
    /// The bytes to search.
    pub fn into_bytes(self) -> Vec<u8> {
        match self {
            Self::Own(bytes) | Self::Kept(bytes) | Self::Missing(_, bytes) | Self::Large(bytes) => {
                bytes
            }
        }
    }
}

/// The folders in which Git LFS keeps the content of a repository.
#[derive(Debug, Clone, Default)]
pub struct LfsStore {
    folders: Vec<PathBuf>,
    /// Larger contents are not read.
    limit: Option<u64>,
}

impl LfsStore {
    /// The same store with the user's limit for sizes.
    #[must_use]
    pub fn with_limit(self, limit: Option<u64>) -> Self {
        Self { limit, ..self }
    }

    /// The content of a file of the repository.
    pub fn content(&self, file: Vec<u8>) -> FileContent {
        let Some(pointer) = Pointer::parse(&file) else { return FileContent::Own(file) };
        let Pointer::Lfs { id, size } = &pointer else {
            return FileContent::Missing(pointer, file);
        };
        if *size > self.limit.unwrap_or(MAX_CONTENT) {
            return FileContent::Large(file);
        }
        if *size == 0 {
            return FileContent::Kept(Vec::new());
        }
        // Damaged content is as good as none.
        let read = |folder: &PathBuf| {
            let path = folder.join(&id[..2]).join(&id[2..4]).join(id);
            read_plain(&path, *size).ok().filter(|bytes| bytes.len() as u64 == *size)
        };
        match self.folders.iter().find_map(read) {
            Some(content) => FileContent::Kept(content),
            None => FileContent::Missing(pointer, file),
        }
    }
}

impl Repository {
    /// Where Git LFS keeps contents: `lfs.storage`, or the folder `lfs` beside the objects, its own and
    /// the borrowed ones.
    pub fn lfs(&self) -> LfsStore {
        let common = self.git.commondir();
        let set = self.git.config().and_then(|config| config.get_string("lfs.storage"));
        let own = set.ok().filter(|path| !path.is_empty()).map(|path| common.join(path));
        let mut folders: Vec<_> = own.iter().map(|folder| folder.join("objects")).collect();
        folders.push(common.join("lfs/objects"));
        let beside = self.object_folders().0.into_iter();
        folders.extend(beside.filter_map(|folder| Some(folder.parent()?.join("lfs/objects"))));
        folders.dedup();
        LfsStore { folders, limit: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pointers_are_told_from_other_files() {
        let id = "a7".repeat(32);
        let whole = |version: &str| format!("version {version}\noid sha256:{id}\nsize 12\n");
        for version in VERSIONS {
            let text = whole(version);
            assert!(Pointer::may_begin(&text.as_bytes()[..16], text.len() as u64));
            let expected = Some(Pointer::Lfs { id: id.clone(), size: 12 });
            assert_eq!(Pointer::parse(text.as_bytes()), expected, "{text}");
            assert_eq!(Pointer::parse(text.replace('\n', "\r\n").as_bytes()), expected);
        }
        let text = whole(VERSIONS[0]);
        let with_extension = text.replace("oid ", &format!("ext-0-x sha256:{id}\noid "));
        assert!(Pointer::parse(with_extension.as_bytes()).is_some());
        for text in [
            text.replace("v1", "v9"),
            text.replace(" 12", ""),
            text.replace("size 12", "size x"),
            text.replace("sha256:a", "sha256:"),
            text.replace("sha256:a", "sha256:A"),
            text.clone() + "more\n",
            text.clone() + "note a\n",
            format!(" {text}"),
            text.clone() + &"\n".repeat(1024),
        ] {
            assert_eq!(Pointer::parse(text.as_bytes()), None, "{text}");
        }
        for text in ["/annex/objects/SHA256E-s1--0.x\n", "../.git/annex/objects/a/b/c/c"] {
            assert_eq!(Pointer::parse(text.as_bytes()), Some(Pointer::Annex), "{text}");
        }
        for text in ["/annex/objects/x\nKEY=1\n", "../lib/x", "version 2\n", ""] {
            assert_eq!(Pointer::parse(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn content_is_read_if_it_is_whole() {
        let folder = tempfile::tempdir().unwrap();
        let store = LfsStore { folders: vec![folder.path().to_owned()], limit: None };
        let id = "0f".repeat(32);
        let text = |size: u64| {
            format!("version {}\noid sha256:{id}\nsize {size}\n", VERSIONS[0]).into_bytes()
        };
        let pointer = |size| Pointer::Lfs { id: id.clone(), size };
        let missing = |size| FileContent::Missing(pointer(size), text(size));
        assert_eq!(store.content(text(3)), missing(3));
        let place = folder.path().join("0f/0f");
        std::fs::create_dir_all(&place).unwrap();
        std::fs::write(place.join(&id), "abc").unwrap();
        assert_eq!(store.content(text(3)), FileContent::Kept(b"abc".to_vec()));
        assert_eq!((store.content(text(2)), store.content(text(4))), (missing(2), missing(4)));
        assert_eq!(store.content(text(0)), FileContent::Kept(Vec::new()));
        assert_eq!(store.content(b"abc".to_vec()), FileContent::Own(b"abc".to_vec()));
        let limited = store.with_limit(Some(2));
        assert_eq!(limited.content(text(3)), FileContent::Large(text(3)));
    }
}
