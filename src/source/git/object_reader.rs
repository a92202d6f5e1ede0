//! Reads single objects by id: loose ones itself, the others through libgit2, which never comes to an end with
//! some damaged loose objects.

use std::path::PathBuf;

use git2::{ErrorClass, ErrorCode, ObjectType};
use libdeflater::Decompressor;

use super::error::ReadError;
use super::loose;
use super::object_search::MAX_OBJECT;
use super::pack_entry::ObjectKind;
use crate::model::{ObjectFormat, Oid};

/// Reads single objects by id; may be shared by threads.
pub struct ObjectReader<'r> {
    pub(super) odb: git2::Odb<'r>,
    /// The folders of objects, with those of alternates.
    pub(super) folders: Vec<PathBuf>,
    /// The format of all ids.
    pub(super) format: ObjectFormat,
}

impl ObjectReader<'_> {
    /// Reads an object.
    ///
    /// # Errors
    /// An object that is missing, damaged or too large.
    pub fn read(&self, oid: Oid) -> Result<(ObjectKind, Vec<u8>), ReadError> {
        if oid.is_empty_tree() {
            return Ok((ObjectKind::Tree, Vec::new()));
        }
        if let Some(found) = self.loose(oid) {
            return found;
        }
        if self.size(oid)? > MAX_OBJECT as u64 {
            return Err(ReadError::Damaged("it is larger than 2 GiB".to_owned()));
        }
        let object = self.odb.read(theirs(oid)).map_err(|error| trouble(&error))?;
        let kind = match object.kind() {
            ObjectType::Commit => ObjectKind::Commit,
            ObjectType::Tree => ObjectKind::Tree,
            ObjectType::Blob => ObjectKind::Blob,
            ObjectType::Tag => ObjectKind::Tag,
            ObjectType::Any => return Err(ReadError::Damaged("its kind is unknown".to_owned())),
        };
        Ok((kind, object.data().to_owned()))
    }

    /// The size of an object in bytes, without reading it.
    ///
    /// # Errors
    /// An object that is missing or damaged.
    pub fn size(&self, oid: Oid) -> Result<u64, ReadError> {
        // Git compares only ids of the repository's format.
        if oid.format() != self.format {
            return Err(ReadError::Missing);
        }
        if let Some(found) = self.loose(oid) {
            return found.map(|(_, bytes)| bytes.len() as u64);
        }
        let header = self.odb.read_header(theirs(oid)).map_err(|error| trouble(&error))?;
        Ok(header.0 as u64)
    }

    /// Reads an object that is loose.
    fn loose(&self, oid: Oid) -> Option<Result<(ObjectKind, Vec<u8>), ReadError>> {
        let digits = oid.to_string();
        let (first, rest) = digits.split_at(2);
        let mut damaged = None;
        for folder in &self.folders {
            let path = folder.join(first).join(rest);
            if !path.exists() {
                continue;
            }
            let mut bytes = Vec::new();
            match loose::read(&path, &mut Decompressor::new(), &mut bytes) {
                Ok((kind, start)) => {
                    bytes.drain(..start);
                    return Some(Ok((kind, bytes)));
                }
                // It may have been packed in the meantime.
                Err(why) if path.exists() => damaged = Some(Err(ReadError::Damaged(why))),
                Err(_) => {}
            }
        }
        damaged
    }

    /// Reads an object of a given kind.
    ///
    /// # Errors
    /// As [`Self::read`], and an object of another kind.
    pub fn read_as(&self, kind: ObjectKind, oid: Oid) -> Result<Vec<u8>, ReadError> {
        match self.read(oid)? {
            (own, bytes) if own == kind => Ok(bytes),
            (own, _) => Err(ReadError::Damaged(format!("it is a {own:?}, not a {kind:?}"))),
        }
    }
}

fn trouble(error: &git2::Error) -> ReadError {
    if error.code() == ErrorCode::NotFound && error.class() == ErrorClass::Odb {
        ReadError::Missing
    } else {
        ReadError::Damaged(error.message().to_owned())
    }
}

/// Converts an id of libgit2.
pub(super) fn own(oid: git2::Oid) -> Oid {
    Oid::from_bytes(oid.as_bytes()).expect("an id of libgit2 has 20 or 32 bytes")
}

/// Converts an id for libgit2.
pub(super) fn theirs(oid: Oid) -> git2::Oid {
    git2::Oid::from_bytes(oid.as_bytes()).expect("20 or 32 bytes are an object id")
}
