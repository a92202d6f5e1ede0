//! Detects UTF-32, which is not searched.

use std::path::Path;

use crate::model::{FilePath, Notice, NoticeKind};

/// True if a text has the byte-order mark of UTF-32, in which no keyword would be found.
pub(super) fn is_utf32(start: &[u8]) -> bool {
    start.starts_with(&[0xff, 0xfe, 0, 0]) || start.starts_with(&[0, 0, 0xfe, 0xff])
}

pub(super) fn utf32_notice(path: &Path) -> Notice {
    Notice {
        path: Some(FilePath::from_path(path)),
        kind: NoticeKind::Unreadable,
        message: "is UTF-32, which keyside does not search; convert it to UTF-8".to_owned(),
    }
}
