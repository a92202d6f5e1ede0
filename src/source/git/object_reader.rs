//! Reads single objects by id, and follows tags.

use super::error::ReadError;
use super::object_search::MAX_OBJECT;
use super::objects::TagObject;
use super::pack_entry::ObjectKind;
use super::stored_objects::StoredObjects;
use crate::model::Oid;

/// Tags of tags are rare; a longer chain is a cycle.
const MAX_TAGS: usize = 64;

/// Reads single objects by id; may be shared by threads.
pub struct ObjectReader<'r> {
    stored: &'r StoredObjects,
}

impl<'r> ObjectReader<'r> {
    pub(super) fn new(stored: &'r StoredObjects) -> Self {
        Self { stored }
    }

    /// Reads an object.
    ///
    /// # Errors
    /// An object that is missing, damaged or too large.
    pub fn read(&self, oid: Oid) -> Result<(ObjectKind, Vec<u8>), ReadError> {
        if oid.is_empty_tree() {
            return Ok((ObjectKind::Tree, Vec::new()));
        }
        let (kind, bytes) = self.stored.read(oid)?;
        Ok((kind, std::sync::Arc::unwrap_or_clone(bytes)))
    }

    /// The size of an object in bytes, without reading it.
    ///
    /// # Errors
    /// An object that is missing or damaged.
    pub fn size(&self, oid: Oid) -> Result<u64, ReadError> {
        Ok(self.stored.head(oid)?.1)
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

    /// Follows tags from an object to one that is none. Returns its kind and its id.
    ///
    /// # Errors
    /// An object on the way that is missing or damaged, and tags without end.
    pub(super) fn peel(&self, oid: Oid) -> Result<(ObjectKind, Oid), ReadError> {
        let mut oid = oid;
        for _ in 0..MAX_TAGS {
            let (kind, size) = self.stored.head(oid)?;
            if kind != ObjectKind::Tag || size > MAX_OBJECT as u64 {
                return Ok((kind, oid));
            }
            let tag = TagObject::parse(&self.read_as(ObjectKind::Tag, oid)?, oid.format());
            let tag = tag.ok_or_else(|| ReadError::Damaged("it is not a valid tag".to_owned()))?;
            oid = tag.target;
        }
        Err(ReadError::Damaged(
            "it is a tag that leads from one tag to the next without end".to_owned(),
        ))
    }

    /// The ids that begin with these hexadecimal digits, at most `most` of them.
    pub(super) fn beginning_with(&self, digits: &str, most: usize) -> Vec<Oid> {
        self.stored.beginning_with(digits, most)
    }
}
