//! Every container that is opened.

use super::container::Container;
use super::{
    ar, asar, bzip2, cpio, gzip, image, lz4, lzma, office, pdf, rpm, tar, xz, zip, zlib, zstd,
};

/// Containers are told by at most this many of their first bytes.
pub const START: usize = 512;

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
    &pdf::Pdf,
    &image::Png,
    &image::Jpeg,
    &office::OfficeXml,
    &tar::Tar,
    &lzma::Lzma,
    &zlib::Zlib,
];

/// The container that a file with this beginning is.
pub fn detect(start: &[u8]) -> Option<&'static dyn Container> {
    CONTAINERS.iter().find(|container| container.begins(start)).copied()
}

/// The container that a file with this end is, whatever it begins with.
pub fn detect_end(end: &[u8]) -> Option<&'static dyn Container> {
    CONTAINERS.iter().find(|container| container.ends(end)).copied()
}
