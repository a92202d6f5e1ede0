//! Keeps records of analysed states between runs, so that a hook tells of most edits that they expose nothing
//! without analysing them.
//!
//! There is one file for each package of a project, with the last records and the states for which they hold:
//! a state is known by a digest of its paths and of the contents that count. A file that is lost or damaged
//! costs time only.

use std::path::Path;

use keyside_exposure::StateRecord;

use super::clean_changes::PartsDigest;
use super::kept_file::KeptFile;
use crate::model::{Notice, NoticeKind};

/// Begins every file: the digit is the version of the format.
const MAGIC: &[u8; 8] = b"keysids1";

/// The number of records in a file, at most.
const MAX_RECORDS: usize = 3;

/// The number of states for which a record holds, at most; further ones replace the oldest.
const MAX_STATES: usize = 100;

/// The size of a file, at most, in bytes.
const MAX_SIZE: usize = 32 << 20;

/// The digest of a state.
pub(super) type StateId = [u8; 32];

/// The records of one package, the last one first.
pub(super) struct StateRecords {
    file: KeptFile,
    records: Vec<KeptRecord>,
}

/// A record and the states for which it holds.
struct KeptRecord {
    states: Vec<StateId>,
    record: StateRecord,
}

impl StateRecords {
    /// Opens the file for a key in a folder. One that cannot be read has no record.
    pub(super) fn open(folder: &Path, key: PartsDigest) -> Self {
        let key = key.finish();
        let (file, bytes) = KeptFile::open(folder, ("states", MAGIC), key, MAX_SIZE);
        let bytes = bytes.unwrap_or_default();
        let body = bytes.get(file.head_len()..).and_then(|rest| rest.split_first_chunk());
        let records =
            body.and_then(|(sum, body)| (*sum == checksum(body)).then(|| records(body))?);
        Self { file, records: records.unwrap_or_default() }
    }

    /// The number of the record that holds for a state, of which `id` gives the digest in the eyes of a record.
    pub(super) fn find(&self, id: impl Fn(&StateRecord) -> StateId) -> Option<usize> {
        self.records.iter().position(|kept| kept.states.contains(&id(&kept.record)))
    }

    /// A record.
    pub(super) fn record(&self, number: usize) -> &StateRecord {
        &self.records[number].record
    }

    /// Notes that a record holds for another state, too.
    pub(super) fn add_state(mut self, number: usize, state: StateId, notices: &mut Vec<Notice>) {
        let mut kept = self.records.remove(number);
        if number > 0 || !kept.states.contains(&state) {
            kept.states.retain(|known| *known != state);
            kept.states.push(state);
            if kept.states.len() > MAX_STATES {
                kept.states.remove(0);
            }
            self.records.insert(0, kept);
            self.write(notices);
        }
    }

    /// Adds the record of a state.
    pub(super) fn add(mut self, record: StateRecord, state: StateId, notices: &mut Vec<Notice>) {
        for kept in &mut self.records {
            kept.states.retain(|known| *known != state);
        }
        self.records.retain(|kept| !kept.states.is_empty());
        self.records.insert(0, KeptRecord { states: vec![state], record });
        self.records.truncate(MAX_RECORDS);
        self.write(notices);
    }

    fn write(&self, notices: &mut Vec<Notice>) {
        let mut body = Vec::new();
        for kept in &self.records {
            let record = kept.record.to_bytes();
            let (Ok(states), Ok(length)) =
                (u32::try_from(kept.states.len()), u32::try_from(record.len()))
            else {
                continue;
            };
            body.extend_from_slice(&states.to_le_bytes());
            kept.states.iter().for_each(|state| body.extend_from_slice(state));
            body.extend_from_slice(&length.to_le_bytes());
            body.extend_from_slice(&record);
        }
        if body.len() > MAX_SIZE / 2 {
            return;
        }
        if let Err(error) = self.file.write(&[&checksum(&body), &body]) {
            let file = self.file.path.display();
            let message =
                format!("the cache {file}: {error}; the next run will do the same work again");
            notices.push(Notice { path: None, kind: NoticeKind::Cache, message });
        }
    }
}

fn checksum(bytes: &[u8]) -> [u8; 4] {
    crc32fast::hash(bytes).to_le_bytes()
}

/// The records in the body of a file; `None` if it is damaged.
fn records(mut body: &[u8]) -> Option<Vec<KeptRecord>> {
    let mut records = Vec::new();
    while !body.is_empty() {
        let (count, rest) = body.split_first_chunk()?;
        let count = u32::from_le_bytes(*count) as usize;
        let (states, rest) = rest.split_at_checked(count.checked_mul(size_of::<StateId>())?)?;
        let (length, rest) = rest.split_first_chunk()?;
        let (record, rest) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
        let (states, _) = states.as_chunks::<32>();
        records
            .push(KeptRecord { states: states.to_vec(), record: StateRecord::from_bytes(record)? });
        body = rest;
    }
    Some(records)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn open(folder: &Path) -> StateRecords {
        let mut key = PartsDigest::default();
        key.add(b"key");
        StateRecords::open(folder, key)
    }

    fn found(folder: &Path, state: u8) -> Option<usize> {
        open(folder).find(|_| [state; 32])
    }

    #[test]
    fn records_are_found_by_the_states_for_which_they_hold() {
        let folder = tempfile::tempdir().unwrap();
        let mut notices = Vec::new();
        for state in 1..=2 {
            open(folder.path()).add(StateRecord::default(), [state; 32], &mut notices);
        }
        assert_eq!([1, 2, 3].map(|state| found(folder.path(), state)), [Some(1), Some(0), None]);
        open(folder.path()).add_state(1, [3; 32], &mut notices);
        assert_eq!([1, 2, 3].map(|state| found(folder.path(), state)), [Some(0), Some(1), Some(0)]);
        for state in 4..=6 {
            open(folder.path()).add(StateRecord::default(), [state; 32], &mut notices);
        }
        assert_eq!([1, 3, 4].map(|state| found(folder.path(), state)), [None, None, Some(2)]);
        assert!(notices.is_empty(), "{notices:?}");
    }

    #[test]
    fn a_damaged_file_has_no_record() {
        let folder = tempfile::tempdir().unwrap();
        open(folder.path()).add(StateRecord::default(), [1; 32], &mut Vec::new());
        let file = open(folder.path()).file.path;
        let whole = fs::read(&file).unwrap();
        for at in 0..whole.len() {
            let mut bad = whole.clone();
            bad[at] ^= 1;
            for bytes in [&bad[..], &whole[..at]] {
                fs::write(&file, bytes).unwrap();
                assert_eq!(found(folder.path(), 1), None, "{at}");
            }
        }
        fs::write(&file, &whole).unwrap();
        assert_eq!(found(folder.path(), 1), Some(0));
    }
}
