//! The interface between a source and the receiver of its texts.

use std::fs::File;
use std::path::Path;

use super::chunks::Chunk;
use crate::model::Notice;

/// A chunk of a named text.
#[derive(Debug, Clone, Copy)]
pub struct NamedChunk<'i> {
    /// The name of the text, as the user would write it.
    pub path: &'i Path,
    /// The bytes, and which of them are new.
    pub chunk: Chunk<'i>,
}

/// The reason why something is deliberately not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SkipReason {
    /// An image, audio or video, recognised by its content.
    Media,
    /// A FIFO, a socket or a device.
    Special,
    /// Larger than the user's limit.
    Large,
}

/// Receives what a source reads; each thread has its own.
pub trait Sink: Send {
    /// Receives the next chunk of a text. The chunks of one text come in order, without those of
    /// other texts between them.
    fn chunk(&mut self, item: NamedChunk<'_>);
    /// Receives the file whose last chunk was passed on, or that was skipped as media, to read it again.
    fn file_end(&mut self, _path: &Path, _file: &mut File) {}
    /// Receives the text of a symbolic link. `leads_out` says that it leads to something that is not
    /// part of the scan.
    fn link(&mut self, path: &Path, text: &[u8], leads_out: bool);
    /// Receives a file that git ignores and a build may read all the same. Its keys are nobody's finding
    /// unless they ship.
    fn build_input(&mut self, path: &Path, bytes: &[u8]);
    /// Reports a bare repository, whose objects are not read.
    fn bare_repository(&mut self, _folder: &Path) {}
    /// Reports something that was deliberately not read.
    fn skipped(&mut self, path: &Path, skip: SkipReason);
    /// Reports something that could not be read.
    fn notice(&mut self, notice: Notice);
}
