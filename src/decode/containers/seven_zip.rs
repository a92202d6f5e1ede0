//! 7z.
//!
//! Read by own code: the crate `sevenz-rust2` keeps an entry of over a hundred bytes for each byte of a
//! header, which itself unpacks from next to nothing. Decompression is left to the crates of the formats.

use std::io::{self, Read, SeekFrom};

use flate2::read::DeflateDecoder;
use lzma_rust2::filter::bcj::BcjReader;
use lzma_rust2::filter::delta::DeltaReader;
use lzma_rust2::{Lzma2Reader, LzmaReader};

use super::container::{Container, Fault, Members, Opening, ReadSeek, skip, u32_at, u64_at};
use super::limits::ArchiveLimits;
use super::zstd;

/// 7z.
pub(super) struct SevenZip;

const MARK: &[u8] = b"7z\xbc\xaf\x27\x1c";

/// The length of what precedes the packed streams.
const START: u64 = 32;

/// The longest header that is read, in bytes, packed and unpacked.
const LONGEST: u64 = 8 * 1024 * 1024;

/// The most steps of compression of a folder, and the most folders of an archive.
const MOST_CODERS: u64 = 16;
const MOST_FOLDERS: u64 = 1 << 18;

/// The longest name that is read at once, in characters.
const LONGEST_NAME: usize = 32 * 1024;

/// Parts of the header.
const END: u8 = 0;
const HEADER: u8 = 1;
const ARCHIVE_PROPERTIES: u8 = 2;
const MAIN_STREAMS: u8 = 4;
const FILES: u8 = 5;
const PACK_INFO: u8 = 6;
const UNPACK_INFO: u8 = 7;
const SUB_STREAMS: u8 = 8;
const SIZES: u8 = 9;
const CHECKSUMS: u8 = 10;
const FOLDERS: u8 = 11;
const UNPACKED_SIZES: u8 = 12;
const STREAM_COUNTS: u8 = 13;
const EMPTY_STREAMS: u8 = 14;
const NAMES: u8 = 17;
const PACKED_HEADER: u8 = 23;

impl Container for SevenZip {
    fn name(&self) -> &'static str {
        "a 7z archive"
    }

    fn begins(&self, start: &[u8]) -> bool {
        start.starts_with(MARK)
    }

    fn opening(&self) -> Opening {
        Opening::File(read)
    }
}

/// One step of compression.
struct Coder {
    method: Vec<u8>,
    properties: Vec<u8>,
    inputs: u64,
    outputs: u64,
    /// The size of what it unpacks to.
    size: u64,
}

/// Files that are compressed together.
struct SolidBlock {
    /// In the order of the header; `order` tells which one reads the packed stream first.
    coders: Vec<Coder>,
    order: Vec<usize>,
    /// The sizes of the files in it.
    files: Vec<u64>,
    packed_streams: u64,
    /// Of all that it unpacks to, and of each file, if there are any.
    checksum: Option<u32>,
    checksums: Vec<Option<u32>>,
}

impl SolidBlock {
    /// The size of all that it unpacks to.
    fn size(&self) -> u64 {
        self.order.last().map_or(0, |&last| self.coders[last].size)
    }
}

/// Where everything is.
#[derive(Default)]
struct PackedStreams {
    /// The start and the sizes of the packed streams.
    start: u64,
    packed: Vec<u64>,
    folders: Vec<SolidBlock>,
}

fn read(file: &mut dyn ReadSeek, members: &mut dyn Members) -> Result<(), Fault> {
    let limits = members.limits();
    let mut start = [0; START as usize];
    file.rewind()?;
    file.read_exact(&mut start)?;
    let (offset, size) = (u64_at(&start, 12), u64_at(&start, 20));
    if size == 0 {
        return Ok(());
    }
    let most = LONGEST.min(limits.memory as u64 / 4);
    let mut header = bytes_at(file, START.saturating_add(offset), size, most)?;
    if crc32fast::hash(&header) != u32_at(&start, 28) {
        return Err(Fault::broken("the checksum of its header is wrong"));
    }
    // A header may be packed more than once.
    for _ in 0..4 {
        let mut rest = HeaderReader { bytes: &header };
        if rest.byte()? != PACKED_HEADER {
            break;
        }
        let streams = rest.streams()?;
        let folder = streams.folders.first().ok_or_else(wrong_header)?;
        let (from, length) = streams.place_of(0).ok_or_else(wrong_header)?;
        file.seek(SeekFrom::Start(from))?;
        let mut content = decoder(folder, Box::new((&mut *file).take(length)), limits)?;
        let mut unpacked = Vec::new();
        (&mut content).take(folder.size().min(most + 1)).read_to_end(&mut unpacked)?;
        if unpacked.len() as u64 > most {
            return Err(Fault::Limit("has a longer header than can be read".to_owned()));
        }
        drop(content);
        if folder.checksum.is_some_and(|checksum| checksum != crc32fast::hash(&unpacked)) {
            return Err(Fault::broken("the checksum of its header is wrong"));
        }
        header = unpacked;
    }
    let mut rest = HeaderReader { bytes: &header };
    if rest.byte()? != HEADER {
        return Err(wrong_header());
    }
    let mut part = rest.byte()?;
    if part == ARCHIVE_PROPERTIES {
        while rest.byte()? != END {
            let length = rest.number()?;
            rest.take(length)?;
        }
        part = rest.byte()?;
    }
    let mut streams = PackedStreams::default();
    if part == MAIN_STREAMS {
        streams = rest.streams()?;
        part = rest.byte()?;
    }
    let names = if part == FILES { rest.names()? } else { Names::default() };
    unpack(file, &streams, names, members)
}

/// Passes on the files of all folders.
fn unpack(
    file: &mut dyn ReadSeek,
    streams: &PackedStreams,
    names: Names<'_>,
    members: &mut dyn Members,
) -> Result<(), Fault> {
    let limits = members.limits();
    let mut names = names.of_contents();
    let mut first_stream = 0u64;
    for folder in &streams.folders {
        let nth = first_stream;
        first_stream = first_stream.saturating_add(folder.packed_streams);
        let checksums = folder.checksums.iter().copied().chain(std::iter::repeat(None));
        let own = folder.files.iter().zip(checksums);
        let own: Vec<_> = own.map(|(size, sum)| (names.next(), *size, sum)).collect();
        if own.is_empty() {
            continue;
        }
        let Some((from, length)) = usize::try_from(nth).ok().and_then(|nth| streams.place_of(nth))
        else {
            return Err(wrong_header());
        };
        file.seek(SeekFrom::Start(from))?;
        let content = decoder(folder, Box::new((&mut *file).take(length)), limits);
        let mut content = match content {
            Ok(content) => content,
            Err(fault) => {
                let name = own.first().and_then(|(name, ..)| name.as_deref());
                members.fault(name.unwrap_or_default(), fault);
                continue;
            }
        };
        for (name, size, checksum) in own {
            let name = name.filter(|name| !name.is_empty()).unwrap_or_else(|| b".".to_vec());
            let (left, hasher) = (size, crc32fast::Hasher::new());
            let mut part =
                PartReader { content: &mut content, left, is_whole: true, hasher, checksum };
            members.member(&name, &mut part)?;
            let (rest, is_whole) = (part.left, part.is_whole);
            // What is wrong has been reported, and the others of the folder depend on it.
            if !is_whole || skip(&mut content, rest).is_err() {
                break;
            }
        }
    }
    Ok(())
}

/// One file of those that are compressed together.
struct PartReader<'p> {
    content: &'p mut dyn Read,
    left: u64,
    is_whole: bool,
    hasher: crc32fast::Hasher,
    /// The checksum that it has to have, until it was compared.
    checksum: Option<u32>,
}

impl Read for PartReader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.left).unwrap_or(usize::MAX).min(buffer.len());
        if self.left == 0
            && let Some(checksum) = self.checksum.take()
            && checksum != self.hasher.clone().finalize()
        {
            return Err(Fault::broken("its checksum is wrong").into());
        }
        let read = self.content.read(&mut buffer[..most]);
        match read {
            Ok(0) if most > 0 => {
                self.is_whole = false;
                return Err(Fault::broken("it ends too early").into());
            }
            Ok(read) => {
                self.left -= read as u64;
                self.hasher.update(&buffer[..read]);
            }
            Err(_) => self.is_whole = false,
        }
        read
    }
}

fn wrong_header() -> Fault {
    Fault::broken("its header is wrong")
}

/// Reads a part of a file.
fn bytes_at(file: &mut dyn ReadSeek, at: u64, length: u64, most: u64) -> Result<Vec<u8>, Fault> {
    if length > most {
        return Err(Fault::Limit("has a longer header than can be read".to_owned()));
    }
    let mut bytes = Vec::new();
    file.seek(SeekFrom::Start(at))?;
    file.take(length).read_to_end(&mut bytes)?;
    if (bytes.len() as u64) < length {
        return Err(Fault::broken("it ends too early"));
    }
    Ok(bytes)
}

impl PackedStreams {
    /// Where a packed stream begins, and its length.
    fn place_of(&self, nth: usize) -> Option<(u64, u64)> {
        let before =
            self.packed.get(..nth)?.iter().try_fold(0u64, |sum, own| sum.checked_add(*own));
        let start = START.checked_add(self.start)?.checked_add(before?)?;
        Some((start, *self.packed.get(nth)?))
    }
}

/// Unpacks a folder.
fn decoder<'c>(
    folder: &SolidBlock,
    packed: Box<dyn Read + 'c>,
    limits: ArchiveLimits,
) -> Result<Box<dyn Read + 'c>, Fault> {
    let kibibytes = u32::try_from(limits.memory >> 10).unwrap_or(u32::MAX);
    let mut content = packed;
    if folder.coders.iter().any(|coder| coder.method.starts_with(&[0x06, 0xf1])) {
        return Err(Fault::Encrypted);
    }
    if folder.coders.iter().any(|coder| coder.inputs != 1 || coder.outputs != 1) {
        return Err(Fault::Unsupported("BCJ2".to_owned()));
    }
    for &nth in &folder.order {
        let coder = &folder.coders[nth];
        let properties = &coder.properties[..];
        content = match (&coder.method[..], properties) {
            ([0], _) => content,
            ([3, 1, 1], [own, dictionary @ ..]) if dictionary.len() >= 4 => {
                let dictionary = u32_at(dictionary, 0);
                let needed = lzma_rust2::lzma_get_memory_usage_by_props(dictionary, *own)?;
                if needed > kibibytes {
                    return Err(too_much_memory());
                }
                Box::new(LzmaReader::new_with_props(content, coder.size, *own, dictionary, None)?)
            }
            ([0x21], [dictionary]) => {
                let dictionary = match dictionary {
                    40 => u32::MAX,
                    own @ 0..40 => (2 | u32::from(own & 1)) << (own / 2 + 11),
                    _ => return Err(wrong_header()),
                };
                Box::new(Lzma2Reader::new_mem_limit(content, dictionary, kibibytes, None)?)
            }
            ([3], [distance]) => Box::new(DeltaReader::new(content, usize::from(*distance) + 1)),
            ([4] | [3, 3, 1, 3], _) => Box::new(BcjReader::new_x86(content, 0)),
            ([5] | [3, 3, 2, 5], _) => Box::new(BcjReader::new_ppc(content, 0)),
            ([6] | [3, 3, 4, 1], _) => Box::new(BcjReader::new_ia64(content, 0)),
            ([7] | [3, 3, 5, 1], _) => Box::new(BcjReader::new_arm(content, 0)),
            ([8] | [3, 3, 7, 1], _) => Box::new(BcjReader::new_arm_thumb(content, 0)),
            ([9] | [3, 3, 8, 5], _) => Box::new(BcjReader::new_sparc(content, 0)),
            ([10], _) => Box::new(BcjReader::new_arm64(content, 0)),
            ([4, 0xf7, 0x11, 1], _) => Box::new(zstd::content(content, limits.memory as u64)),
            ([4, 1, 8], _) => Box::new(DeflateDecoder::new(content)),
            ([4, 2, 2], _) => Box::new(::bzip2::read::MultiBzDecoder::new(content)),
            ([3, 4, 1], _) => return Err(Fault::Unsupported("PPMd".to_owned())),
            (other, _) => {
                let id: String = other.iter().map(|byte| format!("{byte:02x}")).collect();
                return Err(Fault::Unsupported(format!("method {id} of 7z")));
            }
        };
    }
    Ok(content)
}

fn too_much_memory() -> Fault {
    Fault::Limit("needs more memory than --max-archive-memory allows".to_owned())
}

/// The rest of a header.
struct HeaderReader<'h> {
    bytes: &'h [u8],
}

impl<'h> HeaderReader<'h> {
    fn byte(&mut self) -> Result<u8, Fault> {
        let (&first, rest) = self.bytes.split_first().ok_or_else(wrong_header)?;
        self.bytes = rest;
        Ok(first)
    }

    fn take(&mut self, length: u64) -> Result<&'h [u8], Fault> {
        let length = usize::try_from(length).map_err(|_| wrong_header())?;
        let (taken, rest) = self.bytes.split_at_checked(length).ok_or_else(wrong_header)?;
        self.bytes = rest;
        Ok(taken)
    }

    /// A number, whose first byte tells by its highest bits how many follow.
    fn number(&mut self) -> Result<u64, Fault> {
        let first = self.byte()?;
        let more = first.leading_ones();
        let mut number = 0;
        for nth in 0..more {
            number |= u64::from(self.byte()?) << (8 * nth);
        }
        let high = if more >= 7 { 0 } else { u64::from(first) & ((1 << (7 - more)) - 1) };
        Ok(number | high << (8 * more).min(56))
    }

    /// A number of things, each of which takes at least a byte of the header.
    fn count(&mut self) -> Result<usize, Fault> {
        let count = self.number()?;
        if count > self.bytes.len() as u64 {
            return Err(wrong_header());
        }
        Ok(count as usize)
    }

    /// Reads checksums, of which some may be left out.
    fn checksums(&mut self, count: usize) -> Result<Vec<Option<u32>>, Fault> {
        let defined = if self.byte()? == 0 {
            bits(self.take(count.div_ceil(8) as u64)?, count)
        } else {
            vec![true; count]
        };
        let stored = self.take(4 * defined.iter().filter(|is| **is).count() as u64)?;
        let mut stored = stored.chunks_exact(4).map(|sum| u32_at(sum, 0));
        Ok(defined.into_iter().map(|is| if is { stored.next() } else { None }).collect())
    }

    /// The packed streams and how they are unpacked.
    fn streams(&mut self) -> Result<PackedStreams, Fault> {
        let mut streams = PackedStreams::default();
        let mut part = self.byte()?;
        if part == PACK_INFO {
            streams.start = self.number()?;
            let count = self.count()?;
            loop {
                match self.byte()? {
                    END => break,
                    SIZES => {
                        for _ in 0..count {
                            streams.packed.push(self.number()?);
                        }
                    }
                    CHECKSUMS => drop(self.checksums(count)?),
                    _ => return Err(wrong_header()),
                }
            }
            part = self.byte()?;
        }
        if part == UNPACK_INFO {
            streams.folders = self.folders()?;
            part = self.byte()?;
        }
        for folder in &mut streams.folders {
            folder.files = vec![folder.size()];
            folder.checksums = vec![folder.checksum];
        }
        if part == SUB_STREAMS {
            self.sub_streams(&mut streams.folders)?;
            part = self.byte()?;
        }
        if part == END { Ok(streams) } else { Err(wrong_header()) }
    }

    fn folders(&mut self) -> Result<Vec<SolidBlock>, Fault> {
        if self.byte()? != FOLDERS {
            return Err(wrong_header());
        }
        let count = self.count()?;
        // Folders that are in another stream are of a format that no program writes.
        if self.byte()? != 0 || count as u64 > MOST_FOLDERS {
            return Err(wrong_header());
        }
        let mut folders = Vec::new();
        for _ in 0..count {
            folders.push(self.folder()?);
        }
        loop {
            match self.byte()? {
                END => return Ok(folders),
                UNPACKED_SIZES => {
                    for coder in folders.iter_mut().flat_map(|folder| &mut folder.coders) {
                        for nth in 0..coder.outputs {
                            let size = self.number()?;
                            coder.size = if nth == 0 { size } else { coder.size };
                        }
                    }
                }
                CHECKSUMS => {
                    let checksums = self.checksums(count)?;
                    for (folder, checksum) in folders.iter_mut().zip(checksums) {
                        folder.checksum = checksum;
                    }
                }
                _ => return Err(wrong_header()),
            }
        }
    }

    fn folder(&mut self) -> Result<SolidBlock, Fault> {
        let count = self.number()?;
        if count == 0 || count > MOST_CODERS {
            return Err(wrong_header());
        }
        let mut coders = Vec::new();
        for _ in 0..count {
            let flags = self.byte()?;
            let method = self.take(u64::from(flags & 15))?.to_vec();
            let (inputs, outputs) =
                if flags & 16 != 0 { (self.number()?, self.number()?) } else { (1, 1) };
            let length = if flags & 32 != 0 { self.number()? } else { 0 };
            let properties = self.take(length)?.to_vec();
            if inputs > MOST_CODERS || outputs > MOST_CODERS {
                return Err(wrong_header());
            }
            coders.push(Coder { method, properties, inputs, outputs, size: 0 });
        }
        let inputs: u64 = coders.iter().map(|coder| coder.inputs).sum();
        let outputs: u64 = coders.iter().map(|coder| coder.outputs).sum();
        let bonds = outputs.saturating_sub(1);
        let mut bound = Vec::new();
        for _ in 0..bonds {
            bound.push((self.number()?, self.number()?));
        }
        let packed_streams = inputs.checked_sub(bonds).ok_or_else(wrong_header)?;
        if packed_streams > 1 {
            for _ in 0..packed_streams {
                self.number()?;
            }
        }
        let order = order_of(&coders, &bound).ok_or_else(wrong_header)?;
        let (files, checksums) = (Vec::new(), Vec::new());
        Ok(SolidBlock { coders, order, files, packed_streams, checksum: None, checksums })
    }

    fn sub_streams(&mut self, folders: &mut [SolidBlock]) -> Result<(), Fault> {
        let mut part = self.byte()?;
        let mut counts = vec![1; folders.len()];
        if part == STREAM_COUNTS {
            for count in &mut counts {
                *count = self.count()?;
            }
            part = self.byte()?;
        }
        let has_sizes = part == SIZES;
        for (folder, count) in folders.iter_mut().zip(counts) {
            // Each size but the last of a folder takes a byte.
            if count > 1 && !has_sizes {
                return Err(wrong_header());
            }
            let mut rest = folder.size();
            folder.files.clear();
            folder.checksums.clear();
            for nth in 0..count {
                // The last size is what the others leave.
                let size = if nth + 1 == count { rest } else { self.number()? };
                rest = rest.checked_sub(size).ok_or_else(wrong_header)?;
                folder.files.push(size);
            }
        }
        if has_sizes {
            part = self.byte()?;
        }
        // Where there is one file, its checksum is that of the folder.
        let is_known = |own: &SolidBlock| own.checksum.is_some() && own.files.len() == 1;
        for folder in folders.iter_mut().filter(|own| is_known(own)) {
            folder.checksums = vec![folder.checksum];
        }
        if part == CHECKSUMS {
            let unknown = || folders.iter().filter(|own| !is_known(own));
            let count = unknown().map(|folder| folder.files.len()).sum();
            let mut checksums = self.checksums(count)?.into_iter();
            for folder in folders.iter_mut().filter(|own| !is_known(own)) {
                folder.checksums = checksums.by_ref().take(folder.files.len()).collect();
            }
            part = self.byte()?;
        }
        if part == END { Ok(()) } else { Err(wrong_header()) }
    }

    /// The names of files.
    fn names(&mut self) -> Result<Names<'h>, Fault> {
        let count = self.count()?;
        let mut names = Names::default();
        loop {
            let part = self.byte()?;
            if part == END {
                return Ok(names);
            }
            let length = self.number()?;
            let content = self.take(length)?;
            match part {
                EMPTY_STREAMS => names.without_content = bits(content, count),
                // The first byte tells if they are in another stream, which no program writes.
                NAMES => names.utf16 = content.get(1..).unwrap_or_default(),
                _ => {}
            }
        }
    }
}

/// Bits, the highest one of a byte first.
fn bits(bytes: &[u8], count: usize) -> Vec<bool> {
    let bits = bytes.iter().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1 == 1));
    bits.take(count).collect()
}

/// The order in which coders unpack: each reads what the one before writes. Of coders with several inputs,
/// which are not read, the last one only; `None` if they are in a circle.
fn order_of(coders: &[Coder], bound: &[(u64, u64)]) -> Option<Vec<usize>> {
    let is_chain = coders.iter().all(|coder| coder.inputs == 1 && coder.outputs == 1);
    let is_free = |nth: &usize| !bound.iter().any(|(input, _)| *input == *nth as u64);
    if !is_chain {
        let is_last = |nth: &usize| !bound.iter().any(|(_, output)| *output == *nth as u64);
        return (0..coders.len()).find(is_last).map(|last| vec![last]);
    }
    let mut order = vec![(0..coders.len()).find(is_free)?];
    while order.len() < coders.len() {
        let last = *order.last()? as u64;
        let next = bound.iter().find(|(_, output)| *output == last)?.0;
        let next = usize::try_from(next).ok().filter(|next| *next < coders.len())?;
        if order.contains(&next) {
            return None;
        }
        order.push(next);
    }
    Some(order)
}

/// The names of files, and which of them are empty.
#[derive(Default)]
struct Names<'n> {
    utf16: &'n [u8],
    without_content: Vec<bool>,
}

impl<'n> Names<'n> {
    /// The names of the files with content.
    fn of_contents(self) -> impl Iterator<Item = Vec<u8>> + use<'n> {
        let (mut rest, mut empty) = (self.utf16, self.without_content.into_iter());
        std::iter::from_fn(move || {
            loop {
                let units = rest.chunks_exact(2).take_while(|unit| *unit != [0, 0]);
                let units = units.map(|unit| u16::from_le_bytes([unit[0], unit[1]]));
                let name: Vec<u16> = units.take(LONGEST_NAME).collect();
                rest = rest.get(2 * name.len() + 2..)?;
                if !empty.next().unwrap_or(false) {
                    return Some(String::from_utf16_lossy(&name).into_bytes());
                }
            }
        })
    }
}
