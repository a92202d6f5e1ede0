//! The interface between a source and what takes its texts.

use std::path::Path;

use super::chunks::Chunk;
use crate::model::Notice;

/// What a source hands over: a stretch of a named text.
#[derive(Debug, Clone, Copy)]
pub struct NamedChunk<'i> {
    /// The name of the text, as the user would write it.
    pub path: &'i Path,
    /// The bytes, and which of them are new.
    pub chunk: Chunk<'i>,
}

/// Why something that was met is deliberately not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SkipReason {
    /// An image, audio or video, told by its content.
    Media,
    /// A FIFO, a socket or a device.
    Special,
    /// A symbolic link.
    Link,
    /// Larger than the limit that the user set.
    Large,
}

/// Takes what a source reads; each thread has its own.
pub trait Sink: Send {
    /// The next piece of a text. The pieces of one text come in order, and none of another text
    /// between them.
    fn chunk(&mut self, item: NamedChunk<'_>);
    /// Something was deliberately not read.
    fn skipped(&mut self, path: &Path, skip: SkipReason);
    /// Something could not be read.
    fn notice(&mut self, notice: Notice);
}
