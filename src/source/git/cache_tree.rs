//! The cache tree of an index (gitformat-index(5), "Cache tree"): ids of the trees that its entries
//! form. A folder whose tree is known need not be compared file by file.

use crate::model::{ObjectFormat, Oid};

/// The folders of an index, parents first.
#[derive(Debug, Default)]
pub(super) struct CacheTree {
    nodes: Vec<CacheTreeNode>,
}

#[derive(Debug)]
struct CacheTreeNode {
    name: Vec<u8>,
    /// Number of index entries in the folder and below, and the id of the tree that they form;
    /// `None` if an entry has changed since.
    known: Option<(usize, Oid)>,
    /// One past the last folder inside this one.
    end: usize,
}

impl CacheTree {
    /// Parses the extension, whose ids have this format; `None` if it is invalid.
    pub(super) fn parse(mut bytes: &[u8], format: ObjectFormat) -> Option<Self> {
        let mut nodes = Vec::<CacheTreeNode>::new();
        // The open folders, and the number of subfolders still to come in each.
        let mut open: Vec<(usize, usize)> = Vec::new();
        loop {
            let name = take(&mut bytes, 0)?.to_owned();
            let count = text(take(&mut bytes, b' ')?)?;
            let folders = text(take(&mut bytes, b'\n')?)?;
            let mut known = None;
            if let Ok(count) = usize::try_from(count) {
                known = Some((count, Oid::at_start(format, bytes)?));
                bytes = &bytes[format.bytes()..];
            }
            open.push((nodes.len(), usize::try_from(folders).ok()?));
            nodes.push(CacheTreeNode { name, known, end: 0 });
            while let Some((node, left)) = open.last_mut() {
                if *left > 0 {
                    *left -= 1;
                    break;
                }
                let node = *node;
                nodes[node].end = nodes.len();
                open.pop();
            }
            if open.is_empty() {
                return bytes.is_empty().then_some(Self { nodes });
            }
        }
    }

    /// The top folder.
    pub(super) fn top(&self) -> Option<usize> {
        (!self.nodes.is_empty()).then_some(0)
    }

    /// The tree of a folder that has `entries` entries of the index.
    pub(super) fn tree(&self, folder: usize, entries: usize) -> Option<Oid> {
        self.nodes[folder].known.filter(|(count, _)| *count == entries).map(|(_, oid)| oid)
    }

    /// The subfolders of a folder.
    pub(super) fn folders(&self, folder: usize) -> impl Iterator<Item = (&[u8], usize)> {
        let end = self.nodes[folder].end;
        let mut at = folder + 1;
        std::iter::from_fn(move || {
            let this = (at < end).then_some(at)?;
            at = self.nodes[this].end;
            Some((self.nodes[this].name.as_slice(), this))
        })
    }
}

/// Takes the bytes before `end`; `bytes` continues after it.
fn take<'b>(bytes: &mut &'b [u8], end: u8) -> Option<&'b [u8]> {
    let at = memchr::memchr(end, bytes)?;
    let taken = &bytes[..at];
    *bytes = &bytes[at + 1..];
    Some(taken)
}

fn text(digits: &[u8]) -> Option<i64> {
    std::str::from_utf8(digits).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{any, prop, proptest};

    #[test]
    fn folders_are_parsed() {
        folders_are_parsed_as([1; 20], [2; 20]);
        folders_are_parsed_as([1; 32], [2; 32]);
    }

    fn folders_are_parsed_as<const N: usize>(one: [u8; N], two: [u8; N]) {
        let one_id = Oid::from_bytes(&one).unwrap();
        let format = one_id.format();
        let mut bytes = b"\x00-1 2\na\x003 1\n".to_vec();
        bytes.extend(one);
        bytes.extend(b"x\x001 0\n");
        bytes.extend(two);
        bytes.extend(b"b\x00-1 0\n");
        let trees = CacheTree::parse(&bytes, format).unwrap();
        let top = trees.top().unwrap();
        let folders: Vec<_> = trees.folders(top).collect();
        assert_eq!(folders, [(&b"a"[..], 1), (&b"b"[..], 3)]);
        assert_eq!(trees.folders(1).collect::<Vec<_>>(), [(&b"x"[..], 2)]);
        assert_eq!(trees.folders(3).count(), 0);
        assert_eq!((trees.tree(1, 3), trees.tree(1, 4)), (Some(one_id), None));
        assert_eq!(trees.tree(top, 9), None);
        for cut in 0..bytes.len() {
            assert!(CacheTree::parse(&bytes[..cut], format).is_none(), "{cut}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..100)) {
            for format in [ObjectFormat::Sha1, ObjectFormat::Sha256] {
                if let Some(trees) = CacheTree::parse(&bytes, format) {
                    let _ = trees.top().map(|top| trees.folders(top).count());
                }
            }
        }
    }
}
