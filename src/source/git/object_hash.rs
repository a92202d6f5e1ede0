//! The hashes by which git names objects and marks the ends of its files.

use sha1::Sha1;
use sha2::{Digest, Sha256};

use super::pack_entry::ObjectKind;
use crate::model::{ObjectFormat, Oid};

/// A hash that is being computed.
pub(super) enum ObjectHasher {
    Sha1(Sha1),
    Sha256(Sha256),
}

impl ObjectHasher {
    pub(super) fn new(format: ObjectFormat) -> Self {
        match format {
            ObjectFormat::Sha1 => Self::Sha1(Sha1::new()),
            ObjectFormat::Sha256 => Self::Sha256(Sha256::new()),
        }
    }

    /// A hash of an object of a kind and a size, of which the content is still to be added.
    pub(super) fn of_object(format: ObjectFormat, kind: ObjectKind, size: usize) -> Self {
        let name = match kind {
            ObjectKind::Commit => "commit",
            ObjectKind::Tree => "tree",
            ObjectKind::Blob => "blob",
            ObjectKind::Tag => "tag",
        };
        let mut hasher = Self::new(format);
        hasher.add(format!("{name} {size}\0").as_bytes());
        hasher
    }

    pub(super) fn add(&mut self, bytes: &[u8]) {
        match self {
            Self::Sha1(own) => own.update(bytes),
            Self::Sha256(own) => own.update(bytes),
        }
    }

    /// The hash of all that was added.
    pub(super) fn oid(self) -> Oid {
        match self {
            Self::Sha1(own) => Oid::from(<[u8; 20]>::from(own.finalize())),
            Self::Sha256(own) => Oid::from(<[u8; 32]>::from(own.finalize())),
        }
    }
}

/// The id of an object.
pub(super) fn object_id(format: ObjectFormat, kind: ObjectKind, content: &[u8]) -> Oid {
    let mut hasher = ObjectHasher::of_object(format, kind, content.len());
    hasher.add(content);
    hasher.oid()
}

/// The hash of bytes.
pub(super) fn hash(format: ObjectFormat, bytes: &[u8]) -> Oid {
    let mut hasher = ObjectHasher::new(format);
    hasher.add(bytes);
    hasher.oid()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_those_of_git() {
        for format in [ObjectFormat::Sha1, ObjectFormat::Sha256] {
            assert_eq!(object_id(format, ObjectKind::Tree, b""), Oid::empty_tree(format));
            assert_eq!(object_id(format, ObjectKind::Blob, b""), Oid::empty_blob(format));
        }
    }
}
