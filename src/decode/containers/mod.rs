//! Opens archives and compressed files: one file for each container, behind one trait.
//!
//! Nothing touches the disk. Containers are told by content, read in one pass where their format allows
//! it, and kept within limits of depth, memory, members and size, so that no bomb does harm. What cannot
//! be read is a [`Fault`], never silence.

mod ar;
mod asar;
mod avro;
mod brotli;
mod budget;
mod bzip2;
mod container;
mod cpio;
mod git_pack;
mod gzip;
mod image;
mod limits;
mod lz4;
mod lzma;
mod office;
mod parquet;
mod pdf;
mod pdf_texts;
mod registry;
mod rpm;
mod seven_zip;
mod snappy;
mod sqlite;
mod tar;
mod thrift;
mod unpack;
mod xz;
mod zip;
mod zlib;
mod zstd;

pub use container::{Container, Fault, ReadSeek};
pub use gzip::{inflate, inflate_bare};
pub use limits::ArchiveLimits;
pub use registry::{
    END as CONTAINER_END, START as CONTAINER_START, detect as detect_container, detect_end,
    detect_named, may_be_container,
};
pub use unpack::{SEPARATOR, TextVisitor, unpack};
