//! zip, and all formats that are one: jar, wheel, apk, docx and many more.
//!
//! Read by own code: a file whose directory and local headers say different things is searched both
//! ways, and members that the directory leaves out are searched, too.

use std::io::{self, Read, SeekFrom};
use std::ops::Range;

use crc32fast::Hasher;
use flate2::read::DeflateDecoder;
use lzma_rust2::XzReader;
use memchr::memmem;
use ruzstd::decoding::StreamingDecoder;

use super::container::{
    Container, Fault, Members, Opening, ReadSeek, read_up_to, u16_at, u32_at, u64_at,
};
use super::limits::ArchiveLimits;

/// zip.
pub(super) struct Zip;

/// The marks of the local header, of an entry of the directory, and of the directory's end.
const LOCAL: &[u8] = b"PK\x03\x04";
const ENTRY: &[u8] = b"PK\x01\x02";
const END: &[u8] = b"PK\x05\x06";

/// The lengths of these without what varies.
const LOCAL_LENGTH: u64 = 30;
const ENTRY_LENGTH: usize = 46;
const END_LENGTH: usize = 22;

/// The end with the longest comment.
const LONGEST_END: u64 = END_LENGTH as u64 + 65_535;

/// How much of a file is read at a time in search of headers.
const BLOCK: usize = 64 * 1024;

impl Container for Zip {
    fn name(&self) -> &'static str {
        "a zip archive"
    }

    fn begins(&self, start: &[u8]) -> bool {
        start.starts_with(LOCAL)
            || start.starts_with(END) && start.len() >= END_LENGTH
            // Parts of a split archive, and one written in a single part.
            || start.starts_with(b"PK\x07\x08PK\x03\x04")
            || start.starts_with(b"PK00PK\x03\x04")
    }

    fn ends(&self, end: &[u8]) -> bool {
        // With a comment, only a prefix that is a program or an extension of a browser is looked at.
        end.len() >= END_LENGTH && end[end.len() - END_LENGTH..].starts_with(END)
    }

    fn opening(&self) -> Opening {
        Opening::File(read)
    }
}

/// The directory at the end of a file.
struct Directory {
    range: Range<u64>,
    /// How many bytes precede what offsets count from.
    base: u64,
    entries: u64,
}

/// A header of a member, in the directory or in front of its content.
struct MemberHeader {
    flags: u16,
    method: u16,
    checksum: u32,
    compressed: u64,
    size: u64,
    name: Vec<u8>,
    /// Where its content begins, for a local header; else where that header is.
    at: u64,
}

impl MemberHeader {
    /// True if the sizes follow the content.
    fn has_descriptor(&self) -> bool {
        self.flags & 8 != 0
    }

    /// True if a local header says of the content what the directory says.
    fn agrees(&self, other: &Self) -> bool {
        let is_same_size = self.has_descriptor() || self.compressed == other.compressed;
        self.method == other.method && self.name == other.name && is_same_size
    }
}

fn read(file: &mut dyn ReadSeek, members: &mut dyn Members) -> Result<(), Fault> {
    let size = file.seek(SeekFrom::End(0))?;
    let directory = directory(file, size)?;
    let mut covered = Vec::new();
    let listed = match &directory {
        Some(directory) => read_listed(file, directory, size, members, &mut covered),
        None => Err(Fault::broken("it has no directory of its members")),
    };
    if listed == Err(Fault::Stopped) {
        return listed;
    }
    let end = directory.map_or(size, |directory| directory.range.start);
    covered.push(end..size);
    covered.sort_unstable_by_key(|range| (range.start, range.end));
    let mut at = 0;
    let is_whole = listed.is_ok();
    for range in covered {
        if range.start > at {
            read_unlisted(file, at..range.start, is_whole, members)?;
        }
        at = at.max(range.end);
    }
    listed
}

/// Finds the directory; `None` if there is none.
fn directory(file: &mut dyn ReadSeek, size: u64) -> Result<Option<Directory>, Fault> {
    let length = size.min(LONGEST_END);
    let mut end = vec![0; length as usize];
    file.seek(SeekFrom::Start(size - length))?;
    file.read_exact(&mut end)?;
    let found = memmem::rfind_iter(&end, END).filter(|&at| at + END_LENGTH <= end.len());
    let found: Vec<usize> = found.take(64).collect();
    let fits = |at: &&usize| **at + END_LENGTH + usize::from(u16_at(&end, **at + 20)) == end.len();
    let Some(&at) = found.iter().find(fits).or(found.first()) else { return Ok(None) };
    let record = &end[at..at + END_LENGTH];
    let mut behind = size - length + at as u64;
    let mut entries = u64::from(u16_at(record, 10));
    let (mut bytes, mut start) = (u64::from(u32_at(record, 12)), u64::from(u32_at(record, 16)));
    let is_large = entries == 0xffff || bytes == 0xffff_ffff || start == 0xffff_ffff;
    if is_large && let Some((place, large)) = large_end(file, behind)? {
        (entries, bytes, start) = (u64_at(&large, 32), u64_at(&large, 40), u64_at(&large, 48));
        behind = place;
    }
    if bytes == 0 && entries == 0 {
        return Ok(Some(Directory { range: behind..behind, base: 0, entries: 0 }));
    }
    let mut mark = [0; 4];
    let candidates = [behind.checked_sub(bytes), Some(start)];
    for first in candidates.into_iter().flatten().filter(|&first| first + 4 <= size) {
        file.seek(SeekFrom::Start(first))?;
        file.read_exact(&mut mark)?;
        if mark == ENTRY {
            let base = first.saturating_sub(start);
            let range = first..first.saturating_add(bytes).clamp(first, size);
            return Ok(Some(Directory { range, base, entries }));
        }
    }
    Ok(None)
}

/// The end of a directory with large numbers, and its place.
fn large_end(file: &mut dyn ReadSeek, behind: u64) -> Result<Option<(u64, [u8; 56])>, Fault> {
    let Some(at) = behind.checked_sub(20) else { return Ok(None) };
    let mut locator = [0; 20];
    file.seek(SeekFrom::Start(at))?;
    file.read_exact(&mut locator)?;
    if !locator.starts_with(b"PK\x06\x07") {
        return Ok(None);
    }
    // The record itself, or what it would be without the prefix.
    for place in [Some(u64_at(&locator, 8)), at.checked_sub(56)].into_iter().flatten() {
        if place > at {
            continue;
        }
        let mut record = [0; 56];
        file.seek(SeekFrom::Start(place))?;
        if read_up_to(file, &mut record)? == 56 && record.starts_with(b"PK\x06\x06") {
            return Ok(Some((place, record)));
        }
    }
    Ok(None)
}

/// Reads the members that the directory lists.
fn read_listed(
    file: &mut dyn ReadSeek,
    directory: &Directory,
    size: u64,
    members: &mut dyn Members,
    covered: &mut Vec<Range<u64>>,
) -> Result<(), Fault> {
    let mut buffer = vec![0; 3 * BLOCK + ENTRY_LENGTH];
    let (mut start, mut filled, mut at) = (directory.range.start, 0, 0);
    let mut count = 0;
    while start + (at as u64) < directory.range.end {
        let entry = match entry(&buffer[at..filled]) {
            Some((entry, length)) => {
                at += length;
                entry
            }
            None => {
                let is_new = filled == 0 || at > 0;
                start += at as u64;
                at = 0;
                file.seek(SeekFrom::Start(start))?;
                let rest = (directory.range.end - start).min(buffer.len() as u64) as usize;
                filled = read_up_to(file, &mut buffer[..rest])?;
                if is_new && filled > 0 {
                    continue;
                }
                return Err(Fault::broken("its directory is wrong"));
            }
        };
        count += 1;
        if entry.name.ends_with(b"/") && entry.size == 0 {
            continue;
        }
        let place = entry.at.saturating_add(directory.base);
        let local = local_header(file, place, size)?;
        let Some(local) = local else {
            members.fault(&entry.name, Fault::broken("it is not where the directory says"));
            continue;
        };
        let end = local.at.saturating_add(entry.compressed);
        covered.push(place..end);
        let is_same = local.agrees(&entry);
        read_member(file, &MemberHeader { at: local.at, ..entry }, true, members)?;
        if !is_same {
            read_member(file, &local, false, members)?;
        }
    }
    if count % 0x1_0000 != directory.entries % 0x1_0000 {
        return Err(Fault::broken("its directory has another number of members than it says"));
    }
    Ok(())
}

/// Reads an entry of the directory, and its length.
fn entry(bytes: &[u8]) -> Option<(MemberHeader, usize)> {
    if bytes.len() < ENTRY_LENGTH || !bytes.starts_with(ENTRY) {
        return None;
    }
    let lengths = [28, 30, 32].map(|at| usize::from(u16_at(bytes, at)));
    let length = ENTRY_LENGTH + lengths.iter().sum::<usize>();
    let name = bytes.get(ENTRY_LENGTH..length)?;
    let (name, rest) = name.split_at(lengths[0]);
    let mut header = MemberHeader {
        flags: u16_at(bytes, 8),
        method: u16_at(bytes, 10),
        checksum: u32_at(bytes, 16),
        compressed: u64::from(u32_at(bytes, 20)),
        size: u64::from(u32_at(bytes, 24)),
        name: name.to_vec(),
        at: u64::from(u32_at(bytes, 42)),
    };
    let fields = [&mut header.size, &mut header.compressed, &mut header.at];
    set_large(fields, &rest[..lengths[1]]);
    Some((header, length))
}

/// Sets numbers that do not fit into four bytes from the extra field.
fn set_large<const N: usize>(fields: [&mut u64; N], mut extra: &[u8]) {
    while extra.len() >= 4 {
        let length = usize::from(u16_at(extra, 2));
        let Some(content) = extra.get(4..4 + length) else { return };
        if u16_at(extra, 0) == 1 {
            let large = fields.into_iter().filter(|field| **field == 0xffff_ffff);
            for (field, bytes) in large.zip(content.chunks_exact(8)) {
                *field = u64_at(bytes, 0);
            }
            return;
        }
        extra = &extra[4 + length..];
    }
}

/// Reads the header in front of a content; `None` if there is none.
fn local_header(
    file: &mut dyn ReadSeek,
    place: u64,
    size: u64,
) -> Result<Option<MemberHeader>, Fault> {
    if place.checked_add(LOCAL_LENGTH).is_none_or(|end| end > size) {
        return Ok(None);
    }
    let mut bytes = [0; LOCAL_LENGTH as usize];
    file.seek(SeekFrom::Start(place))?;
    file.read_exact(&mut bytes)?;
    if !bytes.starts_with(LOCAL) {
        return Ok(None);
    }
    let lengths = [26, 28].map(|at| usize::from(u16_at(&bytes, at)));
    let mut rest = vec![0; lengths[0] + lengths[1]];
    if read_up_to(file, &mut rest)? < rest.len() {
        return Ok(None);
    }
    let (name, extra) = rest.split_at(lengths[0]);
    let mut header = MemberHeader {
        flags: u16_at(&bytes, 6),
        method: u16_at(&bytes, 8),
        checksum: u32_at(&bytes, 14),
        compressed: u64::from(u32_at(&bytes, 18)),
        size: u64::from(u32_at(&bytes, 22)),
        name: name.to_vec(),
        at: place + LOCAL_LENGTH + rest.len() as u64,
    };
    set_large([&mut header.size, &mut header.compressed], extra);
    Ok(Some(header))
}

/// Passes on the content of a member. `is_listed` says that its sizes and checksum are known.
fn read_member(
    file: &mut dyn ReadSeek,
    header: &MemberHeader,
    is_listed: bool,
    members: &mut dyn Members,
) -> Result<(), Fault> {
    let name: &[u8] = if header.name.is_empty() { b"." } else { &header.name };
    if header.flags & 1 != 0 || header.method == 99 {
        members.fault(name, Fault::Encrypted);
        return Ok(());
    }
    file.seek(SeekFrom::Start(header.at))?;
    let is_known = is_listed || !header.has_descriptor();
    let compressed = file.take(if is_known { header.compressed } else { u64::MAX });
    match content(header, Box::new(compressed), members.limits()) {
        Ok(content) if is_known => {
            let (checksum, size) = (header.checksum, header.size);
            members.member(
                name,
                &mut CheckedReader { content, sum: Hasher::new(), read: 0, checksum, size },
            )
        }
        Ok(mut content) => members.member(name, &mut content),
        Err(fault) => {
            members.fault(name, fault);
            Ok(())
        }
    }
}

/// Decompresses a content.
fn content<'c>(
    header: &MemberHeader,
    compressed: Box<dyn Read + 'c>,
    limits: ArchiveLimits,
) -> Result<Box<dyn Read + 'c>, Fault> {
    Ok(match header.method {
        0 => compressed,
        8 => Box::new(DeflateDecoder::new(compressed)),
        12 => Box::new(::bzip2::read::BzDecoder::new(compressed)),
        14 => lzma(header, compressed, limits)?,
        93 => {
            let memory = limits.memory as u64;
            let decoder = StreamingDecoder::new_with_max_window_size(compressed, memory);
            Box::new(decoder.map_err(|error| Fault::Broken(error.to_string()))?)
        }
        95 => {
            let memory = u32::try_from(limits.memory >> 10).unwrap_or(u32::MAX);
            Box::new(XzReader::new_mem_limit(compressed, false, memory))
        }
        9 => return Err(Fault::Unsupported("Deflate64".to_owned())),
        other => return Err(Fault::Unsupported(format!("method {other} of zip"))),
    })
}

/// Decompresses LZMA, whose properties precede the content.
fn lzma<'c>(
    header: &MemberHeader,
    mut compressed: Box<dyn Read + 'c>,
    limits: ArchiveLimits,
) -> Result<Box<dyn Read + 'c>, Fault> {
    let mut own = [0; 9];
    compressed.read_exact(&mut own)?;
    // With this flag, a mark in the content is its end.
    let size = if header.flags & 2 != 0 { u64::MAX } else { header.size };
    let memory = limits.memory >> 10;
    let (properties, dictionary) = (own[4], u32_at(&own, 5));
    if dictionary as usize >> 10 > memory {
        return Err(Fault::Limit("needs more memory than --max-archive-memory allows".to_owned()));
    }
    let reader =
        lzma_rust2::LzmaReader::new_with_props(compressed, size, properties, dictionary, None);
    Ok(Box::new(reader?))
}

/// Compares a content with its checksum.
struct CheckedReader<'c> {
    content: Box<dyn Read + 'c>,
    sum: Hasher,
    read: u64,
    checksum: u32,
    size: u64,
}

impl Read for CheckedReader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.content.read(buffer)?;
        self.sum.update(&buffer[..read]);
        self.read += read as u64;
        let is_end = read == 0 && !buffer.is_empty();
        if is_end && (self.sum.clone().finalize() != self.checksum || self.read != self.size) {
            return Err(Fault::broken("its checksum is wrong").into());
        }
        Ok(read)
    }
}

/// Reads the members in a stretch of a file that the directory does not name.
fn read_unlisted(
    file: &mut dyn ReadSeek,
    range: Range<u64>,
    has_directory: bool,
    members: &mut dyn Members,
) -> Result<(), Fault> {
    let mut buffer = vec![0; BLOCK.min((range.end - range.start) as usize)];
    let mut at = range.start;
    while range.end.saturating_sub(at) >= LOCAL_LENGTH {
        file.seek(SeekFrom::Start(at))?;
        let length = (range.end - at).min(buffer.len() as u64) as usize;
        let filled = read_up_to(file, &mut buffer[..length])?;
        let Some(found) = memmem::find(&buffer[..filled], LOCAL) else {
            if filled <= LOCAL.len() {
                return Ok(());
            }
            at += (filled - LOCAL.len() + 1) as u64;
            continue;
        };
        let place = at + found as u64;
        at = place + LOCAL.len() as u64;
        let header = local_header(file, place, range.end)?;
        let Some(header) = header.filter(|own| !own.name.is_empty() && own.method <= 99) else {
            continue;
        };
        let end = header.at.saturating_add(header.compressed);
        if end > range.end && has_directory {
            continue;
        }
        if !(header.name.ends_with(b"/") && header.size == 0) {
            read_member(file, &header, false, members)?;
        }
        if !header.has_descriptor() {
            at = end.max(at);
        }
    }
    Ok(())
}
