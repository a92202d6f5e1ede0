//! Files whose content git does not have or cannot show: kept by Git LFS or git-annex and not here, or
//! encrypted by git-crypt. Each kind is counted and named once.

use crate::model::{FilePath, Notice, NoticeKind};
use crate::source::git::Pointer;

/// Number of files that are named.
const NAMED: usize = 3;

/// The files of each kind, by the paths that reports show.
#[derive(Debug, Default)]
pub(super) struct KeptElsewhere {
    lfs: Vec<FilePath>,
    annex: Vec<FilePath>,
    pub(super) encrypted: Vec<FilePath>,
}

impl KeptElsewhere {
    /// Adds a file whose content is not here.
    pub(super) fn missing(&mut self, pointer: &Pointer, path: FilePath) {
        match pointer {
            Pointer::Lfs { .. } => self.lfs.push(path),
            Pointer::Annex => self.annex.push(path),
        }
    }

    pub(super) fn merge(&mut self, other: Self) {
        self.lfs.extend(other.lfs);
        self.annex.extend(other.annex);
        self.encrypted.extend(other.encrypted);
    }

    /// Counts the files whose content is not here, each once.
    pub(super) fn count_missing(&mut self) -> u64 {
        let lists = [&mut self.lfs, &mut self.annex].into_iter();
        let counts = lists.map(|list| {
            list.sort_unstable();
            list.dedup();
            list.len() as u64
        });
        counts.sum()
    }

    /// The sentences about them.
    pub(super) fn into_notices(self) -> Vec<Notice> {
        let of_kind = |kind, files, rest: &str| notice(kind, files, rest);
        let lfs =
            "kept by Git LFS and not here, so it was not searched; `git lfs fetch --all` brings it";
        let annex = "kept by git-annex, which keyside does not read, so it was not searched; `git annex \
                     get` brings it, and `git annex unlock` makes files of it";
        let crypt = "encrypted by git-crypt, so it was not searched; `git-crypt unlock` makes it readable \
                     in the checkout";
        [
            of_kind(NoticeKind::LfsPointer, self.lfs, lfs),
            of_kind(NoticeKind::AnnexPointer, self.annex, annex),
            of_kind(NoticeKind::Encrypted, self.encrypted, crypt),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

fn notice(kind: NoticeKind, mut files: Vec<FilePath>, rest: &str) -> Option<Notice> {
    files.sort_unstable();
    files.dedup();
    if files.len() == 1 {
        return Some(Notice { path: files.pop(), kind, message: format!("its content is {rest}") });
    }
    let names: Vec<_> = files.iter().take(NAMED).map(FilePath::to_text).collect();
    let more = match files.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let names = names.join(", ");
    let message = format!("the content of {} files is {rest}: {names}{more}", files.len());
    (!files.is_empty()).then_some(Notice { path: None, kind, message })
}
