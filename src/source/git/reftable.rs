//! Reads a reftable stack: references and their logs in a few sorted tables, the newest one last (git's
//! Documentation/technical/reftable).
//!
//! Tables are read from end to end, so their indexes are not needed. They are untrusted: every length is
//! checked, and a table that is damaged, or another program's, is named and gives what was read before the
//! fault.

use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{io, thread};

use super::reference::{LoggedChange, RefTarget, Reference, named};
use super::safe_read::read_plain;
use super::zlib_stream::inflate_exactly;
use crate::model::{ObjectFormat, Oid};

/// The file that names the tables of a stack, the oldest first.
pub(super) const LIST: &str = "tables.list";

/// The largest list of tables, in bytes. Git merges tables long before there are thousands.
const MAX_LIST: u64 = 1 << 20;

/// The largest table, in bytes.
const MAX_TABLE: u64 = 256 << 20;

/// The limit for everything that a stack expands to, in bytes. Names share their beginnings, and logs are
/// deflated, so a small table may expand beyond the available memory.
const MAX_EXPANDED: usize = 1 << 30;

/// The bytes that a record costs besides its name.
const RECORD_COST: usize = 96;

/// How often a list is read again because a table that it names is gone: somebody merges tables meanwhile.
const MAX_TRIES: u64 = 20;

/// The fixed sizes of the format.
const HEADER: usize = 24;
const FOOTER: usize = 68;
const BLOCK_HEADER: usize = 4;
const RESTART_COUNT: usize = 2;
const RESTART: usize = 3;

/// The types of blocks that are read.
const REFERENCES: u8 = b'r';
const LOGS: u8 = b'g';

/// A file of a stack that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TableFault {
    /// Its path.
    pub(super) path: PathBuf,
    /// The reason.
    pub(super) reason: String,
}

/// The tables of a stack.
#[derive(Debug, Default)]
pub(super) struct Stack {
    /// The newest first.
    tables: Vec<Table>,
    faults: Vec<TableFault>,
}

impl Stack {
    /// Reads the stack in `folder`. A folder that does not exist is an empty stack.
    pub(super) fn open(folder: &Path, format: ObjectFormat) -> Self {
        if !folder.exists() {
            return Self::default();
        }
        let read = |name: &str| read_plain(&folder.join(name), MAX_TABLE);
        Self::read(folder, format, || read_plain(&folder.join(LIST), MAX_LIST), read)
    }

    /// Reads a stack through functions that read its list and its tables.
    fn read(
        folder: &Path,
        format: ObjectFormat,
        list: impl Fn() -> io::Result<Vec<u8>>,
        read: impl Fn(&str) -> io::Result<Vec<u8>>,
    ) -> Self {
        let mut before = None;
        for tries in 0.. {
            let listed = match list() {
                Ok(listed) => listed,
                Err(error) => return Self::unlisted(folder, error.to_string()),
            };
            let Some(names) = table_names(&listed) else {
                return Self::unlisted(folder, "is not a list of tables".to_owned());
            };
            let contents: Vec<_> = names.iter().map(|name| read(name)).collect();
            let is_gone = |content: &io::Result<Vec<u8>>| {
                content.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::NotFound)
            };
            // A list that is the same again is one whose tables are lost.
            let is_final = tries == MAX_TRIES || before.as_ref() == Some(&listed);
            if contents.iter().any(is_gone) && !is_final {
                thread::sleep(Duration::from_millis(tries));
                before = Some(listed);
                continue;
            }
            let mut stack = Self::default();
            for (name, content) in names.iter().zip(contents).rev() {
                let table = content.map_err(|error| error.to_string());
                let path = folder.join(name);
                match table.and_then(|bytes| Table::parse(bytes, format).map_err(ToOwned::to_owned))
                {
                    Ok(table) => stack.tables.push(Table { path, ..table }),
                    Err(reason) => stack.faults.push(TableFault { path, reason }),
                }
            }
            return stack;
        }
        Self::default()
    }

    fn unlisted(folder: &Path, reason: String) -> Self {
        let fault = TableFault { path: folder.join(LIST), reason };
        Self { faults: vec![fault], ..Self::default() }
    }

    /// All references, by name, and the faults of the stack.
    pub(super) fn references(&self) -> (Vec<Reference>, Vec<TableFault>) {
        let mut budget = ExpansionBudget(MAX_EXPANDED);
        let mut faults = self.faults.clone();
        // `None` deletes what older tables have.
        let mut all: Vec<(Vec<u8>, Option<RefValue>)> = Vec::new();
        for table in &self.tables {
            let read = table.records(REFERENCES, 0, &mut budget, &mut |name, kind, rest| {
                all.push((name.to_owned(), table.value(kind, rest)?));
                Ok(())
            });
            faults.extend(read.err().map(|reason| table.fault(reason)));
        }
        // Stable: of the same name, the newest stays first.
        all.sort_by(|one, two| one.0.cmp(&two.0));
        all.dedup_by(|later, first| later.0 == first.0);
        let kept = all.into_iter().filter_map(|(name, value)| {
            let (target, peeled) = value?;
            Some(Reference { name, target, peeled })
        });
        (kept.collect(), faults)
    }

    /// All logged changes with the names of their references: by name, the newest first.
    pub(super) fn changes(&self) -> (Vec<(Vec<u8>, LoggedChange)>, Vec<TableFault>) {
        let mut budget = ExpansionBudget(MAX_EXPANDED);
        let mut faults = self.faults.clone();
        // The key ends with the number of the update, which newer ones have smaller.
        let mut all: Vec<(Vec<u8>, Option<LoggedChange>)> = Vec::new();
        for table in &self.tables {
            let Some(start) = table.logs else { continue };
            let read = table.records(LOGS, start, &mut budget, &mut |key, kind, rest| {
                log_name(key).ok_or(DISORDER)?;
                all.push((key.to_owned(), table.change(kind, rest)?));
                Ok(())
            });
            faults.extend(read.err().map(|reason| table.fault(reason)));
        }
        all.sort_by(|one, two| one.0.cmp(&two.0));
        all.dedup_by(|later, first| later.0 == first.0);
        let kept = all.into_iter().filter_map(|(mut key, change)| {
            let name = log_name(&key)?.len();
            key.truncate(name);
            Some((key, change?))
        });
        (kept.collect(), faults)
    }
}

/// The tables that a list names; `None` if one is no plain name.
fn table_names(list: &[u8]) -> Option<Vec<&str>> {
    let lines = std::str::from_utf8(list).ok()?.lines();
    let is_name = |name: &str| {
        name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
            && !name.starts_with('.')
    };
    lines.filter(|name| !name.is_empty()).map(|name| is_name(name).then_some(name)).collect()
}

/// The reference in the key of a logged change: everything but a zero byte and eight bytes of a number.
fn log_name(key: &[u8]) -> Option<&[u8]> {
    let (name, number) = key.split_at_checked(key.len().checked_sub(9)?)?;
    (number[0] == 0 && !name.is_empty()).then_some(name)
}

/// Memory that may still be used.
struct ExpansionBudget(usize);

impl ExpansionBudget {
    fn take(&mut self, bytes: usize) -> Result<(), &'static str> {
        self.0 = self.0.checked_sub(bytes).ok_or("holds more than can be read")?;
        Ok(())
    }
}

/// Reasons that several checks give.
const CUT: &str = "is cut off, or its lengths are wrong";
const DISORDER: &str = "has names that are out of order";
const OTHER_HASH: &str = "names objects by another hash than this repository";

/// The target of a reference, and what an annotated tag leads to.
type RefValue = (RefTarget, Option<Oid>);

/// A table.
#[derive(Debug)]
struct Table {
    path: PathBuf,
    bytes: Vec<u8>,
    /// Length of the header.
    header: usize,
    /// Blocks of references begin at multiples of it; 0 if they follow each other.
    block_size: usize,
    /// The format of the ids of objects.
    format: ObjectFormat,
    /// Start of the blocks of logs, if there are some.
    logs: Option<usize>,
    /// Start of the footer.
    end: usize,
}

/// Receives the key of a record, its type, and a cursor at its value.
type RecordVisitor<'v> = dyn FnMut(&[u8], u8, &mut Cursor<'_>) -> Result<(), &'static str> + 'v;

impl Table {
    /// Checks header and footer.
    fn parse(bytes: Vec<u8>, format: ObjectFormat) -> Result<Self, &'static str> {
        let (header, own) = match bytes.get(..HEADER) {
            Some([b'R', b'E', b'F', b'T', 1, ..]) => (HEADER, ObjectFormat::Sha1),
            Some([b'R', b'E', b'F', b'T', 2, ..]) => match bytes.get(HEADER..HEADER + 4) {
                Some(b"sha1") => (HEADER + 4, ObjectFormat::Sha1),
                Some(b"s256") => (HEADER + 4, ObjectFormat::Sha256),
                _ => return Err("names objects by a hash that is not known"),
            },
            Some([b'R', b'E', b'F', b'T', ..]) => return Err("has a version that is not known"),
            _ => return Err("is not a reftable"),
        };
        if own != format {
            return Err(OTHER_HASH);
        }
        let length = FOOTER + header - HEADER;
        let end = bytes.len().checked_sub(length).filter(|&end| end >= header).ok_or(CUT)?;
        let (footer, sum) = bytes[end..].split_at(length - 4);
        if footer[..header] != bytes[..header] {
            return Err(CUT);
        }
        if crc32fast::hash(footer).to_be_bytes() != *sum {
            return Err("has a wrong checksum");
        }
        let mut at = Cursor { bytes: footer, at: header + 3 * 8 };
        let logs = usize::try_from(at.number(8).ok_or(CUT)?).map_err(|_| CUT)?;
        let block_size = Cursor { bytes: &bytes, at: 5 }.number(3).ok_or(CUT)? as usize;
        // A table of logs alone begins with them.
        let is_log = end > header && bytes[header] == LOGS;
        let logs = (logs > 0 || is_log).then_some(logs);
        if logs.is_some_and(|start| start >= end) {
            return Err(CUT);
        }
        Ok(Self { path: PathBuf::new(), bytes, header, block_size, format, logs, end })
    }

    fn fault(&self, reason: &str) -> TableFault {
        TableFault { path: self.path.clone(), reason: reason.to_owned() }
    }

    /// Visits all records in the blocks of one type, which follow each other from `start` on.
    fn records(
        &self,
        kind: u8,
        start: usize,
        budget: &mut ExpansionBudget,
        visit: &mut RecordVisitor<'_>,
    ) -> Result<(), &'static str> {
        let mut at = start;
        let mut key = Vec::new();
        while at < self.end {
            // The first block begins with the header of the table.
            let header = if at == 0 { self.header } else { 0 };
            if at + header == self.end {
                // A table without records.
                return Ok(());
            }
            let mut head = Cursor { bytes: &self.bytes[..self.end], at: at + header };
            match head.number(1).ok_or(CUT)? {
                own if own == u64::from(kind) => {}
                // The section has ended: the next one has indexes, abbreviated ids or logs.
                own if b"iogr".iter().any(|&other| own == u64::from(other)) => return Ok(()),
                _ => return Err("has a block of a type that is not known"),
            }
            let length = head.number(3).ok_or(CUT)? as usize;
            let records = header + BLOCK_HEADER;
            if length < records + RESTART_COUNT {
                return Err(CUT);
            }
            if kind == LOGS {
                budget.take(length)?;
                let deflated = &self.bytes[head.at..self.end];
                let (block, used) = inflate_exactly(deflated, length - records).ok_or(CUT)?;
                block_records(&block, &mut key, budget, visit)?;
                at = head.at + used;
            } else {
                let block = self.bytes[..self.end].get(head.at..at + length).ok_or(CUT)?;
                block_records(block, &mut key, budget, visit)?;
                let is_filled = self.bytes.get(at + length) == Some(&0);
                at += if length < self.block_size && is_filled { self.block_size } else { length };
            }
        }
        Ok(())
    }

    /// The value of a reference; `None` if it was deleted.
    fn value(&self, kind: u8, rest: &mut Cursor<'_>) -> Result<Option<RefValue>, &'static str> {
        // The number of the update.
        rest.varint().ok_or(CUT)?;
        Ok(match kind {
            0 => None,
            1 => Some((RefTarget::Object(self.oid(rest)?), None)),
            2 => {
                let target = RefTarget::Object(self.oid(rest)?);
                Some((target, Some(self.oid(rest)?)))
            }
            3 => Some((RefTarget::Symbolic(rest.text().ok_or(CUT)?.to_owned()), None)),
            _ => return Err("has a record of a type that is not known"),
        })
    }

    /// A logged change; `None` if it was deleted.
    fn change(
        &self,
        kind: u8,
        rest: &mut Cursor<'_>,
    ) -> Result<Option<LoggedChange>, &'static str> {
        match kind {
            0 => return Ok(None),
            1 => {}
            _ => return Err("has a record of a type that is not known"),
        }
        let (old, new) = (self.oid(rest)?, self.oid(rest)?);
        let (_name, _email) = (rest.text().ok_or(CUT)?, rest.text().ok_or(CUT)?);
        let time = rest.varint().ok_or(CUT)?;
        let _zone = rest.number(2).ok_or(CUT)?;
        let message = rest.text().ok_or(CUT)?.trim_ascii_end().to_owned();
        let time = i64::try_from(time).unwrap_or(i64::MAX);
        Ok(Some(LoggedChange { old: named(old), new: named(new), time, message }))
    }

    fn oid(&self, rest: &mut Cursor<'_>) -> Result<Oid, &'static str> {
        let bytes = rest.take(self.format.bytes()).ok_or(CUT)?;
        Oid::at_start(self.format, bytes).ok_or(CUT)
    }
}

/// Visits the records of a block, which has lost its header. `key` is the last one of the block before.
fn block_records(
    block: &[u8],
    key: &mut Vec<u8>,
    budget: &mut ExpansionBudget,
    visit: &mut RecordVisitor<'_>,
) -> Result<(), &'static str> {
    let counted = block.len().checked_sub(RESTART_COUNT).ok_or(CUT)?;
    let count = Cursor { bytes: block, at: counted }.number(2).ok_or(CUT)? as usize;
    let end = counted.checked_sub(count * RESTART).ok_or(CUT)?;
    let mut at = Cursor { bytes: &block[..end], at: 0 };
    let mut last = std::mem::take(key);
    let mut is_first = true;
    while at.at < end {
        let shared = at.varint().ok_or(CUT)?;
        let own = at.varint().ok_or(CUT)?;
        let (kind, own) = ((own & 7) as u8, own >> 3);
        let shared = usize::try_from(shared).map_err(|_| CUT)?;
        let suffix = at.take(usize::try_from(own).map_err(|_| CUT)?).ok_or(CUT)?;
        // Nothing before the block is shared.
        if shared > last.len() || is_first && shared > 0 {
            return Err(CUT);
        }
        // Greater than the last key, byte by byte: an empty rest of it is smaller than any suffix.
        if suffix <= &last[shared..] {
            return Err(DISORDER);
        }
        last.truncate(shared);
        last.extend_from_slice(suffix);
        budget.take(last.len() + RECORD_COST)?;
        visit(&last, kind, &mut at)?;
        is_first = false;
    }
    *key = last;
    Ok(())
}

/// Reads numbers and texts one after the other.
struct Cursor<'b> {
    bytes: &'b [u8],
    at: usize,
}

impl<'b> Cursor<'b> {
    fn take(&mut self, length: usize) -> Option<&'b [u8]> {
        let taken = self.bytes.get(self.at..self.at.checked_add(length)?)?;
        self.at += length;
        Some(taken)
    }

    /// A number of at most eight bytes, the highest first.
    fn number(&mut self, length: usize) -> Option<u64> {
        let bytes = self.take(length)?;
        Some(bytes.iter().fold(0, |number, &byte| number << 8 | u64::from(byte)))
    }

    /// A number of variable length, as offsets in packs are written.
    fn varint(&mut self) -> Option<u64> {
        let mut byte = self.number(1)?;
        let mut number = byte & 0x7f;
        while byte & 0x80 != 0 {
            byte = self.number(1)?;
            number = number.checked_add(1)?.checked_mul(128)? | byte & 0x7f;
        }
        Some(number)
    }

    /// A text after its length.
    fn text(&mut self) -> Option<&'b [u8]> {
        let length = usize::try_from(self.varint()?).ok()?;
        self.take(length)
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use proptest::prelude::*;

    use super::*;

    /// A table of one block; `None` deletes a reference.
    fn table(references: &[(&str, Option<Oid>)]) -> Vec<u8> {
        let header = [&b"REFT\x01"[..], &[0; 3], &1u64.to_be_bytes(), &1u64.to_be_bytes()].concat();
        let mut records = Vec::new();
        for (name, target) in references {
            let kind = u8::from(target.is_some());
            // No name is longer than 15 bytes, so its length is one byte.
            records.extend([0, (name.len() as u8) << 3 | kind]);
            records.extend(name.as_bytes());
            records.push(0);
            records.extend(target.iter().flat_map(|oid| oid.as_bytes().to_vec()));
        }
        let mut bytes = header.clone();
        if !references.is_empty() {
            let length = HEADER + BLOCK_HEADER + records.len() + RESTART + RESTART_COUNT;
            bytes.push(REFERENCES);
            bytes.extend(&(length as u32).to_be_bytes()[1..]);
            bytes.extend(records);
            bytes.extend([0, 0, 28, 0, 1]);
        }
        let footer = [&header[..], &[0; 40]].concat();
        bytes.extend(&footer);
        bytes.extend(crc32fast::hash(&footer).to_be_bytes());
        bytes
    }

    fn stack(tables: &[Vec<u8>]) -> Stack {
        let list: String = (0..tables.len()).map(|nth| format!("{nth}.ref\n")).collect();
        let read = |name: &str| {
            let nth: usize = name.strip_suffix(".ref").unwrap().parse().unwrap();
            Ok(tables[nth].clone())
        };
        Stack::read(Path::new("/s"), ObjectFormat::Sha1, || Ok(list.clone().into_bytes()), read)
    }

    #[test]
    fn newer_tables_go_before_older_ones() {
        let (one, two) = (Oid::from([1; 20]), Oid::from([2; 20]));
        let old = table(&[("a", Some(one)), ("b", Some(one)), ("c", Some(one))]);
        let new = table(&[("a", Some(two)), ("c", None), ("d", None)]);
        let (references, faults) = stack(&[old.clone(), table(&[]), new]).references();
        let found: Vec<_> = references.iter().map(|own| (&own.name[..], own.object())).collect();
        assert_eq!(found, [(&b"a"[..], Some(two)), (b"b", Some(one))]);
        assert_eq!(faults, []);
        // What was read before the fault counts.
        let disordered = table(&[("x", Some(one)), ("w", Some(one))]);
        let (references, faults) = stack(&[old, disordered]).references();
        assert_eq!((references.len(), faults.len(), faults[0].reason.as_str()), (4, 1, DISORDER));
    }

    #[test]
    fn a_list_is_read_again_if_its_tables_are_gone() {
        let gone = || Err(io::Error::from(io::ErrorKind::NotFound));
        let times = Cell::new(0);
        let list = || {
            times.set(times.get() + 1);
            Ok(format!("{}.ref\n", times.get()).into_bytes())
        };
        let read = |name: &str| if name == "4.ref" { Ok(table(&[])) } else { gone() };
        let stack = Stack::read(Path::new("/s"), ObjectFormat::Sha1, list, read);
        assert_eq!((stack.faults, times.get()), (vec![], 4));
        // The same list twice: the table is lost.
        let lost = Stack::read(
            Path::new("/s"),
            ObjectFormat::Sha1,
            || Ok(b"a.ref\n".to_vec()),
            |_| gone(),
        );
        assert_eq!(lost.faults[0].path, Path::new("/s/a.ref"));
        // One that never stays the same comes to an end.
        times.set(100);
        assert_eq!(
            Stack::read(Path::new("/s"), ObjectFormat::Sha1, list, |_| gone()).faults.len(),
            1
        );
    }

    #[test]
    fn names_of_tables_never_lead_out() {
        assert_eq!(table_names(b"a-1.ref\nb.ref\n"), Some(vec!["a-1.ref", "b.ref"]));
        for list in [&b"../a\n"[..], b"/a", b"a/b", b".a", b"a b", b"\xff", b"a\0"] {
            assert_eq!(table_names(list), None, "{list:?}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_panic(
            changes in proptest::collection::vec((0usize..300, any::<u8>()), 0..6),
            cut in 0usize..300,
        ) {
            let one = Some(Oid::from([1; 20]));
            let mut bytes = table(&[("refs/a", one), ("refs/b", None), ("refs/c", one)]);
            for (at, byte) in changes {
                let at = at % bytes.len();
                bytes[at] = byte;
            }
            bytes.truncate(bytes.len() - cut % bytes.len().min(40));
            // Header and sum are right, so that damage gets further.
            if let Some(end) = bytes.len().checked_sub(FOOTER).filter(|&end| end >= HEADER) {
                let header = bytes[..HEADER].to_owned();
                bytes[end..end + HEADER].copy_from_slice(&header);
                let sum = crc32fast::hash(&bytes[end..end + FOOTER - 4]);
                bytes[end + FOOTER - 4..].copy_from_slice(&sum.to_be_bytes());
            }
            let stack = stack(&[bytes]);
            stack.references();
            stack.changes();
        }
    }
}
