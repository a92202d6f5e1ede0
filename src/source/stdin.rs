//! Standard input as one text.

use std::io::Read;
use std::path::Path;

use super::chunks::ChunkReader;
use super::sink::{NamedChunk, Sink};
use crate::model::{FilePath, Notice, NoticeKind};

/// Reads `input` to its end into `sink`, under the name `path`.
pub fn read(input: &mut dyn Read, path: &Path, sink: &mut dyn Sink) {
    let mut reader = ChunkReader::default();
    let read = reader.read(input, |_| true, |chunk| sink.chunk(NamedChunk { path, chunk }));
    if let Err(error) = read {
        sink.notice(Notice {
            path: Some(FilePath::from_path(path)),
            kind: NoticeKind::Unreadable,
            message: format!("standard input could not be read completely: {error}"),
        });
    }
}
