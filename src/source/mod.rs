//! Sources of bytes. A source pushes what it reads, chunk by chunk, into one [`Sink`] per thread;
//! whatever it cannot read becomes a notice there, never a silent gap.

pub mod git;

mod archive;
mod build_inputs;
mod checkout;
mod chunks;
mod files;
mod git_folder;
mod ignore_rules;
mod media;
mod project_folder;
mod sink;
mod stdin;
mod text_encoding;
mod tree;

pub use archive::{ARCHIVE_MARK, is_archive};
pub use chunks::{Chunk, ChunkReader, OVERLAP};
pub use files::{Files, ScannedFiles};
pub use ignore_rules::RulesCache;
pub use media::is_media_file;
pub use project_folder::ProjectFolder;
pub use sink::{NamedChunk, Sink, SkipReason};
pub use stdin::read as read_stdin;
pub use text_encoding::TextEncoding;
pub use tree::{
    PathMatcher, TreeOptions, WalkOutcome, files_named, newest_file, unread_reason, walk,
};
