//! Where bytes come from. A source pushes what it reads, piece by piece, into a [`Sink`] a
//! thread; what it cannot read becomes a notice there, never a silent gap.

pub mod git;

mod files;
mod folder;
mod index;
mod media;
mod pieces;
mod stdin;
mod text;
mod tree;

use std::path::Path;

pub use files::{Files, ScannedFiles};
pub use folder::Folder;
pub use media::is_media_file;
pub use pieces::{OVERLAP, Piece, Reader};
pub use stdin::read as read_stdin;
pub use text::Encoding;
pub use tree::{Matcher, TreeOptions, unread_reason, walk};

use crate::model::Notice;

/// What a source hands over: a stretch of a named text.
#[derive(Debug, Clone, Copy)]
pub struct Item<'i> {
    /// The name of the text, as the user would write it.
    pub path: &'i Path,
    /// The bytes, and which of them are new.
    pub piece: Piece<'i>,
}

/// Why something that was met is deliberately not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Skip {
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
    fn piece(&mut self, item: Item<'_>);
    /// Something was deliberately not read.
    fn skipped(&mut self, path: &Path, skip: Skip);
    /// Something could not be read.
    fn notice(&mut self, notice: Notice);
}
