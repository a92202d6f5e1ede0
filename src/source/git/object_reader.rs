//! Reads single objects by id, through libgit2.

use git2::{ErrorClass, ErrorCode, ObjectType};

use super::error::ReadError;
use super::object_search::MAX_OBJECT;
use super::pack_entry::ObjectKind;
use crate::model::Oid;

/// Reads single objects by id; may be shared by threads.
pub struct ObjectReader<'r> {
    pub(super) odb: git2::Odb<'r>,
}

impl ObjectReader<'_> {
    /// Reads an object.
    ///
    /// # Errors
    /// An object that is missing, damaged or too large.
    pub fn read(&self, oid: Oid) -> Result<(ObjectKind, Vec<u8>), ReadError> {
        if oid == Oid::EMPTY_TREE {
            return Ok((ObjectKind::Tree, Vec::new()));
        }
        let (size, _) = self.odb.read_header(theirs(oid)).map_err(|error| trouble(&error))?;
        if size > MAX_OBJECT {
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
        let header = self.odb.read_header(theirs(oid)).map_err(|error| trouble(&error))?;
        Ok(header.0 as u64)
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
    let mut bytes = [0; 20];
    bytes.copy_from_slice(&oid.as_bytes()[..20]);
    Oid(bytes)
}

/// Converts an id for libgit2.
pub(super) fn theirs(oid: Oid) -> git2::Oid {
    git2::Oid::from_bytes(&oid.0).expect("20 bytes are an object id")
}
