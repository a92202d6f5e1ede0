//! Every container that is opened.

use super::container::Container;
use super::{
    ar, asar, avro, brotli, bzip2, cpio, git_pack, gzip, image, lz4, lzma, office, parquet, pdf,
    rpm, seven_zip, sqlite, tar, xz, zip, zlib, zstd,
};

/// Containers are told by at most this many of their first bytes.
pub const START: usize = 512;

/// Containers that are told by their end are told by so many bytes of it.
pub const END: usize = 22;

/// The containers, those that are told more surely first.
static CONTAINERS: &[&dyn Container] = &[
    &zip::Zip,
    &gzip::Gzip,
    &zstd::Zstd,
    &xz::Xz,
    &bzip2::Bzip2,
    &lz4::Lz4,
    &ar::Ar,
    &cpio::Cpio,
    &rpm::Rpm,
    &asar::Asar,
    &seven_zip::SevenZip,
    &sqlite::Sqlite,
    &avro::Avro,
    &parquet::Parquet,
    &git_pack::GitPack,
    &pdf::Pdf,
    &image::Png,
    &image::Jpeg,
    &office::OfficeXml,
    &tar::Tar,
    &lzma::Lzma,
    &zlib::Zlib,
    &brotli::Brotli,
];

/// The beginnings of files that may precede an archive, which is told by its end: programs that unpack
/// themselves, and extensions of browsers.
const PREFIXES: [&[u8]; 4] = [b"MZ", b"\x7fELF", b"Cr24", b"#!"];

/// The container that a file with this beginning is.
pub fn detect(start: &[u8]) -> Option<&'static dyn Container> {
    CONTAINERS.iter().find(|container| container.begins(start)).copied()
}

/// The container that a file with this beginning and name is.
pub fn detect_named(name: &[u8], start: &[u8]) -> Option<&'static dyn Container> {
    let named = || CONTAINERS.iter().find(|container| container.is_named(name, start)).copied();
    detect(start).or_else(named)
}

/// True if an archive may follow a file's beginning.
pub(super) fn may_precede(start: &[u8]) -> bool {
    PREFIXES.iter().any(|prefix| start.starts_with(prefix))
}

/// The container that a file with this end is, whatever it begins with.
pub fn detect_end(end: &[u8]) -> Option<&'static dyn Container> {
    CONTAINERS.iter().find(|container| container.ends(end)).copied()
}

/// True if an object of `size` bytes that begins like this may be a container, by its first 16 bytes.
pub fn may_be_container(start: &[u8], size: u64) -> bool {
    const MARKS: [&[u8]; 6] = [b"070701", b"070702", b"070707", b"\x04\0\0\0", b"Cr24", b"\x7fELF"];
    let is_marked = || MARKS.iter().any(|mark| start.starts_with(mark)) || start.starts_with(b"MZ");
    // The mark of a tar comes later, but it fills blocks.
    let is_blocks = || size >= 1024 && size.is_multiple_of(512);
    detect(start).is_some() || is_marked() || is_blocks()
}
