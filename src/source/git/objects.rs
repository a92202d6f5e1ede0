//! Parses commits, tags and trees. Their bytes are hostile until checked: what does not parse is
//! reported as such, never guessed.

use std::ops::Range;

use encoding_rs::{Encoding, UTF_8};

use super::file_mode;
use crate::model::{ObjectFormat, Oid, Time};

/// The relevant parts of a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommitObject {
    /// The tree.
    pub tree: Oid,
    /// The parents, in order.
    pub parents: Vec<Oid>,
    /// Its author.
    pub author: Signature,
    /// The committer's time, in seconds since 1970.
    pub committed: i64,
}

/// A name with a time: `Ada <ada@example.com> 1700000000 +0100`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// Name; what is invalid in its encoding becomes U+FFFD.
    pub name: String,
    /// Email address.
    pub email: String,
    /// Time.
    pub time: Time,
}

/// Length of the headers of a commit or tag, including the empty line before the message.
pub fn message_start(object: &[u8]) -> usize {
    memchr::memmem::find(object, b"\n\n").map_or(object.len(), |at| at + 2)
}

/// The text of a commit or tag in the encoding that it names, by default UTF-8.
fn text_of(object: &[u8], bytes: &[u8]) -> String {
    let label = headers(object, "encoding").next();
    let encoding = label.and_then(|label| Encoding::for_label(label.trim_ascii()));
    encoding.unwrap_or(UTF_8).decode_without_bom_handling(bytes).0.into_owned()
}

/// The first line of the message of a commit or tag.
pub fn subject(object: &[u8]) -> String {
    let message = &object[message_start(object)..];
    let lines = message.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii);
    let first = lines.into_iter().find(|line| !line.is_empty()).unwrap_or_default();
    text_of(object, first)
}

/// The values of a header, in order.
fn headers<'o>(object: &'o [u8], name: &'o str) -> impl Iterator<Item = &'o [u8]> {
    let head = &object[..message_start(object)];
    head.split(|&byte| byte == b'\n')
        .filter_map(|line| line.strip_prefix(name.as_bytes())?.strip_prefix(b" "))
}

impl CommitObject {
    /// Parses only the tree and the parents of a commit, whose ids have this format.
    pub fn links(object: &[u8], format: ObjectFormat) -> Option<(Oid, Vec<Oid>)> {
        let line = |rest: &mut &[u8], name: &[u8]| {
            let (id, tail) = rest.strip_prefix(name)?.split_at_checked(format.digits())?;
            *rest = tail.strip_prefix(b"\n")?;
            Some(Oid::from_hex(id))
        };
        let mut rest = object;
        let tree = line(&mut rest, b"tree ")??;
        let mut parents = Vec::new();
        while let Some(parent) = line(&mut rest, b"parent ") {
            parents.push(parent?);
        }
        Some((tree, parents))
    }

    /// Parses only the committer's time, in seconds since 1970.
    pub fn committed(object: &[u8]) -> i64 {
        Self::time_of(object, b"\ncommitter ")
    }

    /// Parses only the author's time, in seconds since 1970.
    pub fn authored(object: &[u8]) -> i64 {
        Self::time_of(object, b"\nauthor ")
    }

    /// The time in the header that begins with `name`.
    fn time_of(object: &[u8], name: &[u8]) -> i64 {
        let line = memchr::memmem::find(&object[..message_start(object)], name);
        let line = line.map(|at| &object[at + 1..]).unwrap_or_default();
        let line = &line[..memchr::memchr(b'\n', line).unwrap_or(line.len())];
        let time = memchr::memrchr(b'>', line).map(|at| line[at + 1..].trim_ascii());
        let digits = time.unwrap_or_default().split(|&byte| byte == b' ').next();
        let digits = digits.and_then(|digits| std::str::from_utf8(digits).ok());
        digits.and_then(|digits| digits.parse().ok()).unwrap_or(0)
    }

    /// Parses a commit whose ids have this format.
    pub fn parse(object: &[u8], format: ObjectFormat) -> Option<Self> {
        let (tree, parents) = Self::links(object, format)?;
        let author = Signature::parse(object, "author");
        let committed = Self::committed(object);
        Some(Self { tree, parents, author, committed })
    }
}

/// The headers of an annotated tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagObject {
    /// Its target: usually a commit, but any object is possible.
    pub target: Oid,
    /// Its name.
    pub name: Vec<u8>,
    /// Its author.
    pub tagger: Signature,
}

impl TagObject {
    /// Parses an annotated tag whose target has an id of this format.
    pub fn parse(object: &[u8], format: ObjectFormat) -> Option<Self> {
        let target = Oid::from_hex_as(format, headers(object, "object").next()?)?;
        let name = headers(object, "tag").next().unwrap_or_default().to_owned();
        let tagger = Signature::parse(object, "tagger");
        Some(Self { target, name, tagger })
    }
}

impl Signature {
    /// Parses as much as there is; a missing time becomes 1970, as in git.
    fn parse(object: &[u8], header: &str) -> Self {
        let text = headers(object, header).next().unwrap_or_default();
        let end = memchr::memrchr(b'>', text).unwrap_or(text.len());
        let (who, when) = (&text[..end], text.get(end + 1..).unwrap_or_default());
        let open = memchr::memchr(b'<', who).unwrap_or(who.len());
        let mut words = when.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
        let mut number = || std::str::from_utf8(words.next()?).ok()?.parse::<i64>().ok();
        let seconds = number().unwrap_or(0);
        let zone = number().unwrap_or(0).clamp(-9999, 9999);
        let offset = (zone / 100 * 60 + zone % 100) as i32;
        Self {
            name: text_of(object, who[..open].trim_ascii()),
            email: text_of(object, who.get(open + 1..).unwrap_or_default().trim_ascii()),
            time: Time { seconds, offset },
        }
    }
}

/// An entry of a tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TreeEntry<'t> {
    /// Its mode.
    pub mode: u32,
    /// Its name, without slashes.
    pub name: &'t [u8],
    /// The object.
    pub oid: Oid,
    /// Offset of the entry in the tree.
    pub start: usize,
    /// Offset of the id in the tree.
    pub at: usize,
}

/// Digits of a mode; that of a folder has one less.
const MODE: usize = 6;

impl TreeEntry<'_> {
    /// True for a folder.
    pub fn is_tree(&self) -> bool {
        file_mode::is_folder(self.mode)
    }

    /// True for a submodule: a commit of another repository.
    pub fn is_submodule(&self) -> bool {
        file_mode::is_submodule(self.mode)
    }

    /// The bytes of the entry in the tree.
    pub fn range(&self) -> Range<usize> {
        self.start..self.at + self.oid.format().bytes()
    }
}

/// The path of a name in a folder; the top folder is empty.
pub fn join_path(folder: &[u8], name: &[u8]) -> Vec<u8> {
    let slash: &[u8] = if folder.is_empty() { b"" } else { b"/" };
    [folder, slash, name].concat()
}

/// The entries of a tree whose ids have this format. One that does not parse yields `None` and ends the
/// iteration.
pub fn entries(tree: &[u8], format: ObjectFormat) -> impl Iterator<Item = Option<TreeEntry<'_>>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let rest = tree.get(at..).filter(|rest| !rest.is_empty())?;
        let entry = entry(rest, at, format);
        at = entry.map_or(tree.len(), |entry| entry.range().end);
        Some(entry)
    })
}

/// The entries of `tree` that overlap one of `ranges`, without reading the others. One that does
/// not parse yields `None` and ends the iteration.
///
/// The start of the first entry in a range is recognised by the bytes before the zero byte that
/// ends a name. An id may look the same by chance, though hardly ever: callers that find something
/// odd in these entries read them again with [`entries`].
pub fn entries_in<'t>(
    tree: &'t [u8],
    format: ObjectFormat,
    ranges: &'t [Range<usize>],
) -> impl Iterator<Item = Option<TreeEntry<'t>>> {
    let mut ranges = ranges.iter().peekable();
    // An entry begins at this offset.
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let range = ranges.peek()?;
            if at < range.start {
                at = entry_at(tree, (*range).clone()).unwrap_or(range.end);
            }
            if at < range.end {
                let rest = tree.get(at..).filter(|rest| !rest.is_empty())?;
                let entry = entry(rest, at, format);
                at = entry.map_or(tree.len(), |entry| entry.range().end);
                return Some(entry);
            }
            ranges.next();
        }
    })
}

/// The start of the entry with the first name that ends in `range`.
fn entry_at(tree: &[u8], range: Range<usize>) -> Option<usize> {
    let mut from = range.start;
    loop {
        let zero = from + memchr::memchr(0, tree.get(from..range.end)?)?;
        // Neither mode nor name has a zero byte.
        let head = memchr::memrchr(0, &tree[..zero]).map_or(0, |before| before + 1);
        let mode = |space: usize| {
            let digits = tree[head..head + space].iter().rev().take(MODE);
            let count = digits.take_while(|byte| matches!(byte, b'0'..=b'7')).count();
            (count >= MODE - 1).then_some(head + space - count)
        };
        if let Some(start) = memchr::memchr_iter(b' ', &tree[head..zero]).find_map(mode) {
            return Some(start);
        }
        // It is a byte of an id.
        from = zero + 1;
    }
}

#[inline]
fn entry(rest: &[u8], at: usize, format: ObjectFormat) -> Option<TreeEntry<'_>> {
    // Nearly all are plain files or folders.
    let (mode, space) = match rest.first_chunk() {
        Some(b"100644 ") => (0o100_644, 6),
        Some([b'4', b'0', b'0', b'0', b'0', b' ', _]) => (0o40_000, 5),
        _ => {
            let space = memchr::memchr(b' ', &rest[..rest.len().min(8)])?;
            (file_mode::parse(&rest[..space])?, space)
        }
    };
    let length = first_zero(&rest[space + 1..])?;
    let name = &rest[space + 1..space + 1 + length];
    let id = space + length + 2;
    let oid = Oid::at_start(format, rest.get(id..)?)?;
    Some(TreeEntry { mode, name, oid, start: at, at: at + id })
}

/// Maximum length of most names.
const NAME: usize = 32;

/// Position of the first zero byte, which is expected soon: calling memchr would take longer than
/// checking a word or two.
#[inline]
fn first_zero(text: &[u8]) -> Option<usize> {
    let word = |at: usize| Some(u64::from_le_bytes(*text.get(at..)?.first_chunk()?));
    let mut at = 0;
    while at < NAME
        && let Some(word) = word(at)
    {
        // The highest bit of a zero byte becomes 1; perhaps bits above it, too.
        let zeros = word.wrapping_sub(0x0101_0101_0101_0101) & !word & 0x8080_8080_8080_8080;
        if zeros != 0 {
            return Some(at + zeros.trailing_zeros() as usize / 8);
        }
        at += 8;
    }
    memchr::memchr(0, &text[at..]).map(|found| at + found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{Just, any, prop, prop_oneof, proptest};

    #[test]
    fn commits_are_parsed() {
        for format in FORMATS {
            let id = &"0123456789".repeat(7)[..format.digits()];
            commit_is_parsed(id, format);
        }
        assert_eq!(CommitObject::parse(b"tree 12\n\nx", ObjectFormat::Sha1), None);
        assert_eq!(Signature::parse(b"author no address", "author").time.seconds, 0);
    }

    const FORMATS: [ObjectFormat; 2] = [ObjectFormat::Sha1, ObjectFormat::Sha256];

    fn commit_is_parsed(id: &str, format: ObjectFormat) {
        let text = format!(
            "tree {id}\nparent {id}\nparent {id}\nauthor Ada B <ada@x> 1700000000 +0130\n\
             committer C <c@x> 1700000001 -0030\ngpgsig a\n parent {id}\n\n\n subject \nbody"
        );
        let commit = CommitObject::parse(text.as_bytes(), format).unwrap();
        assert_eq!(commit.parents.len(), 2);
        assert_eq!((commit.author.name.as_str(), commit.author.email.as_str()), ("Ada B", "ada@x"));
        assert_eq!(commit.author.time, Time { seconds: 1_700_000_000, offset: 90 });
        assert_eq!(commit.committed, 1_700_000_001);
        assert_eq!(subject(text.as_bytes()), "subject");
        let other = FORMATS.into_iter().find(|other| *other != format).unwrap();
        assert_eq!(CommitObject::parse(text.as_bytes(), other), None);
        let tag = format!("object {id}\ntype commit\ntag v1\ntagger T <t@x> 1 +0000\n\nv1");
        assert_eq!(TagObject::parse(tag.as_bytes(), format).unwrap().target, commit.tree);
        assert_eq!(TagObject::parse(tag.as_bytes(), other), None);
    }

    #[test]
    fn trees_are_parsed_up_to_the_first_invalid_entry() {
        let mut tree = b"40000 a dir\0".to_vec();
        tree.extend([0; 20]);
        tree.extend(b"100644 b\0");
        tree.extend([b'x'; 20]);
        let all: Vec<_> = entries(&tree, ObjectFormat::Sha1).map(Option::unwrap).collect();
        assert_eq!(all.len(), 2);
        assert!(all[0].is_tree() && all[0].name == b"a dir" && all[0].range() == (0..32));
        assert_eq!((all[1].oid, all[1].range()), (Oid::from([b'x'; 20]), 32..61));
        tree.extend(b"100644 c");
        assert_eq!(entries(&tree, ObjectFormat::Sha1).last(), Some(None));
        assert_eq!(entries(b"", ObjectFormat::Sha1).next(), None);
        let mut tree = b"100644 b\0".to_vec();
        tree.extend([b'x'; 32]);
        tree.extend(b"40000 c\0");
        tree.extend([b'y'; 32]);
        let all: Vec<_> = entries(&tree, ObjectFormat::Sha256).map(Option::unwrap).collect();
        assert_eq!((all[1].oid, all[1].range()), (Oid::from([b'y'; 32]), 41..81));
    }

    #[test]
    fn an_entry_is_found_from_its_middle() {
        // Ids contain zero bytes, digits and spaces; names contain spaces and digits.
        let odd = *b"1 2\x003 4 \x00 5555 6\x00 7 ";
        found_from_the_middle(&[[0; 20], [b'0'; 20], [b' '; 20], odd], ObjectFormat::Sha1);
        let odd = *b"1 2\x003 4 \x00 5555 6\x00 7 8 99 \x00 x zzz";
        found_from_the_middle(&[[0; 32], [b'0'; 32], [b' '; 32], odd], ObjectFormat::Sha256);
    }

    fn found_from_the_middle<const N: usize>(ids: &[[u8; N]], format: ObjectFormat) {
        let mut tree = Vec::new();
        let names = ["40000 a dir", "100644 b", "100755 a 7", "120000 3 b", "160000 sub"];
        for (nth, name) in names.iter().cycle().take(40).enumerate() {
            tree.extend(name.bytes());
            tree.push(0);
            tree.extend(ids[nth % ids.len()]);
        }
        let all: Vec<TreeEntry<'_>> = entries(&tree, format).map(Option::unwrap).collect();
        for start in 0..tree.len() {
            for end in start + 1..tree.len().min(start + 70) {
                let range = start..end;
                let ranges = std::slice::from_ref(&range);
                let found: Vec<_> = entries_in(&tree, format, ranges).map(Option::unwrap).collect();
                let named = |entry: &&TreeEntry<'_>| start < entry.at && entry.at <= end;
                for entry in all.iter().filter(named) {
                    let own = found.iter().find(|found| found.at == entry.at);
                    let own = own.unwrap_or_else(|| panic!("{start}..{end}: {entry:?}"));
                    assert_eq!(own.oid, entry.oid);
                    assert_eq!(own.is_submodule(), entry.is_submodule());
                }
                assert!(found.len() <= all.len());
            }
        }
    }

    proptest! {
        #[test]
        fn the_first_zero_is_found(bytes in prop::collection::vec(prop_oneof![Just(0u8), Just(1), Just(0x80), 1..=255u8], 0..60)) {
            assert_eq!(first_zero(&bytes), bytes.iter().position(|byte| *byte == 0));
        }

        #[test]
        fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            for format in FORMATS {
                let _ = (CommitObject::parse(&bytes, format), TagObject::parse(&bytes, format));
                let ranges = entries(&bytes, format).map(|entry| entry.map(|entry| entry.range()));
                assert!(ranges.count() <= bytes.len());
                let half = bytes.len() / 2;
                for ranges in [[0..half, half..bytes.len()], [1..2, half..half + 300]] {
                    assert!(entries_in(&bytes, format, &ranges).count() <= bytes.len() + 1);
                }
            }
            let _ = subject(&bytes);
            let _ = Signature::parse(&bytes, "author");
        }
    }
}
