//! Determines by counting which keys a change adds: a key is added if it occurs in the new texts
//! more often than in the old ones, compared with every parent.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hasher};
use std::ops::Range;

use crate::model::KeyId;
use crate::scan::KeyMatch;
use crate::source::{Chunk, TextEncoding};

/// A key in a text or in a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct KeyOccurrence {
    key: KeyId,
    /// Hash of its line; `None` for a key in a name.
    line: Option<u64>,
}

impl KeyOccurrence {
    /// An occurrence in a text; without a text, one in a name.
    pub(super) fn of(key: &KeyMatch<'_>, chunk: Option<&Chunk<'_>>) -> Self {
        let line = chunk.map(|chunk| line_hash(chunk.bytes, chunk.encoding, &key.span));
        Self { key: key.id(), line }
    }
}

/// Counts of the keys in new and old texts.
#[derive(Default)]
pub(super) struct KeyDiff {
    new: HashMap<KeyId, u64>,
    /// For each parent.
    old: Vec<HashMap<KeyId, u64>>,
    /// Counts in the old text at the same path.
    here: HashMap<(Vec<u8>, KeyId), OldCounts>,
}

/// Number of occurrences of a key in a text, and on each of its lines; the maximum over all
/// parents' texts.
#[derive(Default)]
struct OldCounts {
    all: usize,
    lines: HashMap<Option<u64>, usize>,
}

impl KeyDiff {
    /// Counts to compare with this many parents.
    pub(super) fn new(parents: usize) -> Self {
        Self { old: vec![HashMap::new(); parents], ..Self::default() }
    }

    /// Counts a key in a new text.
    pub(super) fn add_new(&mut self, key_occurrence: &KeyOccurrence) {
        *self.new.entry(key_occurrence.key).or_insert(0) += 1;
    }

    /// Counts keys in an old text of a parent; `path` is given if it has new ones, too.
    pub(super) fn add_old(
        &mut self,
        parent: usize,
        path: Option<&[u8]>,
        key_occurrences: &[KeyOccurrence],
    ) {
        let mut here: HashMap<KeyId, OldCounts> = HashMap::new();
        for key_occurrence in key_occurrences
            .iter()
            .filter(|key_occurrence| self.new.contains_key(&key_occurrence.key))
        {
            *self.old[parent].entry(key_occurrence.key).or_insert(0) += 1;
            let here = here.entry(key_occurrence.key).or_default();
            here.all += 1;
            *here.lines.entry(key_occurrence.line).or_insert(0) += 1;
        }
        let Some(path) = path else { return };
        for (key, text) in here {
            let most = self.here.entry((path.to_owned(), key)).or_default();
            most.all = most.all.max(text.all);
            for (line, count) in text.lines {
                let most = most.lines.entry(line).or_insert(0);
                *most = count.max(*most);
            }
        }
    }

    /// Number of added occurrences of a key.
    fn count(&self, key: &KeyId) -> u64 {
        let new = self.new.get(key).copied().unwrap_or(0);
        let old = self.old.iter().map(|old| old.get(key).copied().unwrap_or(0));
        new.saturating_sub(old.max().unwrap_or(0))
    }

    /// True if any key is added, according to the counts so far.
    pub(super) fn any(&self) -> bool {
        self.new.keys().any(|key| self.count(key) > 0)
    }

    /// Selects the added ones among the new occurrences, which are given with their paths and with
    /// whether they are accepted. Prefers those on lines that the old text at the path does not
    /// have, among these those at paths where the key occurs more often than before, and else the
    /// last ones.
    pub(super) fn choose(&self, key_occurrences: &[(&[u8], &KeyOccurrence, bool)]) -> Vec<bool> {
        let mut chosen = vec![false; key_occurrences.len()];
        let mut by_key: HashMap<KeyId, Vec<usize>> = HashMap::new();
        for (nth, (_, key_occurrence, _)) in key_occurrences.iter().enumerate() {
            by_key.entry(key_occurrence.key).or_default().push(nth);
        }
        for (key, places) in by_key {
            let count = self.count(&key) as usize;
            if count == 0 {
                continue;
            }
            let mut by_line: HashMap<(&[u8], Option<u64>), usize> = HashMap::new();
            let mut by_path: HashMap<&[u8], usize> = HashMap::new();
            for &nth in &places {
                *by_path.entry(key_occurrences[nth].0).or_insert(0) += 1;
            }
            let mut ranked: Vec<_> = places
                .iter()
                .map(|&nth| {
                    let (path, key_occurrence, is_accepted) = key_occurrences[nth];
                    let here = self.here.get(&(path.to_owned(), key));
                    let before = here.map_or(0, |here| here.all);
                    let same = here.and_then(|here| here.lines.get(&key_occurrence.line)).copied();
                    let met = by_line.entry((path, key_occurrence.line)).or_insert(0);
                    *met += 1;
                    let is_line_new = *met > same.unwrap_or(0);
                    (by_path[path] > before, is_line_new, !is_accepted, nth)
                })
                .collect();
            ranked.sort_unstable_by(|a, b| b.cmp(a));
            ranked.iter().take(count).for_each(|(.., nth)| chosen[*nth] = true);
        }
        chosen
    }
}

/// Hash of the lines that a key is on, without the final line break.
fn line_hash(bytes: &[u8], encoding: TextEncoding, span: &Range<usize>) -> u64 {
    let (width, newline) = (encoding.unit(), encoding.newline());
    let (before, after) = (&bytes[..span.start], &bytes[span.end..]);
    let ends_line = |at: &usize| at.is_multiple_of(width);
    // Wider units are counted from the key, whose own alignment is right.
    let start = memchr::memmem::rfind_iter(before, newline)
        .find(|at| ends_line(&(span.start - at)))
        .map_or(0, |at| at + newline.len());
    let end = memchr::memmem::find_iter(after, newline).find(ends_line).unwrap_or(after.len());
    let line = &bytes[start..span.end + end];
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let mut hasher = DefaultHasher::new();
    hasher.write(line);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::RuleIndex;

    const NONE: [usize; 0] = [];

    fn key_occurrence(key: u8, line: u64) -> KeyOccurrence {
        KeyOccurrence { key: KeyId { rule: RuleIndex(0), sha256: [key; 32] }, line: Some(line) }
    }

    /// The selected ones of `new`, compared with the old texts of each parent.
    fn chosen(new: &[(&str, u8, u64)], olds: &[&[(&str, u8, u64)]]) -> Vec<usize> {
        let new: Vec<_> =
            new.iter().map(|&(path, key, line)| (path, key_occurrence(key, line))).collect();
        let mut key_diff = KeyDiff::new(olds.len());
        new.iter().for_each(|(_, key_occurrence)| key_diff.add_new(key_occurrence));
        for (parent, olds) in olds.iter().enumerate() {
            for &(path, key, line) in *olds {
                let is_here = new.iter().any(|(own, _)| *own == path);
                key_diff.add_old(
                    parent,
                    is_here.then_some(path.as_bytes()),
                    &[key_occurrence(key, line)],
                );
            }
        }
        let key_occurrences: Vec<_> = new
            .iter()
            .map(|(path, key_occurrence)| (path.as_bytes(), key_occurrence, false))
            .collect();
        let chosen = key_diff.choose(&key_occurrences);
        assert_eq!(key_diff.any(), chosen.contains(&true));
        (0..new.len()).filter(|&nth| chosen[nth]).collect()
    }

    #[test]
    fn keys_that_occur_more_often_than_before_are_added() {
        assert_eq!(chosen(&[("a", 1, 1)], &[&[]]), [0], "new");
        assert_eq!(chosen(&[("a", 1, 2)], &[&[("a", 1, 1)]]), NONE, "its line has changed");
        assert_eq!(chosen(&[("b", 1, 1)], &[&[("a", 1, 1)]]), NONE, "moved");
        assert_eq!(chosen(&[("a", 2, 1)], &[&[("a", 1, 1)]]), [0], "another key");
        assert_eq!(chosen(&[("a", 1, 1), ("a", 1, 2)], &[&[("a", 1, 2)]]), [0], "a line before it");
        assert_eq!(chosen(&[("a", 1, 1), ("b", 1, 1)], &[&[("b", 1, 1)]]), [0], "copied");
        assert_eq!(chosen(&[("a", 1, 1), ("b", 1, 9)], &[&[("b", 1, 1)]]), [0], "and reformatted");
        assert_eq!(chosen(&[("b", 1, 1), ("c", 1, 1)], &[&[("a", 1, 1)]]), [1], "one was moved");
    }

    #[test]
    fn every_parent_counts() {
        let new = [("f", 1, 1)];
        assert_eq!(chosen(&new, &[&[], &[]]), [0]);
        assert_eq!(chosen(&new, &[&[], &[("f", 1, 1)]]), NONE);
        assert_eq!(chosen(&new, &[&[("g", 1, 1)], &[]]), NONE);
    }

    #[test]
    fn line_hashes_ignore_line_breaks() {
        let hash = |bytes: &[u8], span| line_hash(bytes, TextEncoding::Bytes, &span);
        assert_eq!(hash(b"x\nkey\r\ny", 2..5), hash(b"key", 0..3));
        assert_ne!(hash(b" key", 1..4), hash(b"key", 0..3));
        let wide = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>();
        let hash = |text: &str, span| line_hash(&wide(text), TextEncoding::Utf16Le, &span);
        assert_eq!(hash("\u{a00}\nkey\nx", 4..10), hash("key", 0..6));
        assert_ne!(hash("\u{a00}key", 2..8), hash("key", 0..6));
    }
}
