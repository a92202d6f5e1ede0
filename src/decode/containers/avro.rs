//! Avro object files, whose blocks may be compressed.

use std::io::{Read, SeekFrom};

use flate2::read::DeflateDecoder;

use super::container::{Container, Fault, Members, Opening, ReadSeek};
use super::snappy;

/// Avro.
pub(super) struct Avro;

/// The first bytes, which end in the version.
const MARK: &[u8] = b"Obj\x01";

/// The length of the mark between two blocks.
const SYNC: u64 = 16;

/// The most entries of the header, and the most bytes of one.
const MOST_ENTRIES: u64 = 1024;
const LONGEST_ENTRY: u64 = 16 * 1024 * 1024;

impl Container for Avro {
    fn name(&self) -> &'static str {
        "an Avro file"
    }

    fn begins(&self, start: &[u8]) -> bool {
        start.starts_with(MARK)
    }

    fn opening(&self) -> Opening {
        Opening::File(read)
    }
}

fn read(file: &mut dyn ReadSeek, members: &mut dyn Members) -> Result<(), Fault> {
    let size = file.seek(SeekFrom::End(0))?;
    file.seek(SeekFrom::Start(MARK.len() as u64))?;
    let codec = codec(file)?;
    // What is not compressed was searched in the file's own bytes.
    if codec.is_empty() || codec == b"null" {
        return Ok(());
    }
    let mut at = file.stream_position()? + SYNC;
    let most = members.limits().memory;
    let mut nth = 0;
    while at < size {
        file.seek(SeekFrom::Start(at))?;
        number(file)?;
        let length = number(file)?;
        let start = file.stream_position()?;
        if start.checked_add(length).is_none_or(|end| end > size) {
            return Err(Fault::broken("a block is longer than the file"));
        }
        nth += 1;
        let name = format!("block-{nth}");
        let mut block = file.take(length);
        match &codec[..] {
            b"deflate" => members.member(name.as_bytes(), &mut DeflateDecoder::new(block))?,
            b"snappy" => {
                if length > most as u64 {
                    return Err(Fault::Limit(
                        "has a block that needs more memory than allowed".to_owned(),
                    ));
                }
                let mut bytes = Vec::new();
                block.read_to_end(&mut bytes)?;
                match snappy_content(&bytes, most) {
                    Ok(content) => members.member(name.as_bytes(), &mut &content[..])?,
                    Err(fault) => members.fault(name.as_bytes(), fault),
                }
            }
            // These tell themselves.
            b"zstandard" | b"bzip2" | b"xz" => members.member(name.as_bytes(), &mut block)?,
            other => return Err(Fault::Unsupported(String::from_utf8_lossy(other).into_owned())),
        }
        at = start + length + SYNC;
    }
    Ok(())
}

/// The content of a block of Snappy, which its checksum follows.
fn snappy_content(block: &[u8], most: usize) -> Result<Vec<u8>, Fault> {
    let (block, sum) = block
        .split_last_chunk()
        .ok_or_else(|| Fault::broken("a block of Snappy has no checksum"))?;
    let content = snappy::unpacked(block, most)?;
    if crc32fast::hash(&content) == u32::from_be_bytes(*sum) {
        Ok(content)
    } else {
        Err(Fault::broken("its checksum is wrong"))
    }
}

/// The name of the codec, from the header's map.
fn codec(file: &mut dyn ReadSeek) -> Result<Vec<u8>, Fault> {
    let mut codec = Vec::new();
    let mut entries = 0;
    loop {
        let mut count = signed(file)?;
        if count == 0 {
            return Ok(codec);
        }
        if count < 0 {
            // The length in bytes of these entries follows.
            number(file)?;
            count = count.saturating_neg();
        }
        for _ in 0..count {
            entries += 1;
            if entries > MOST_ENTRIES {
                return Err(Fault::broken("its header has too many entries"));
            }
            let (name, value) = (bytes(file)?, bytes(file)?);
            if name == b"avro.codec" {
                codec = value;
            }
        }
    }
}

fn bytes(file: &mut dyn ReadSeek) -> Result<Vec<u8>, Fault> {
    let length = number(file)?;
    if length > LONGEST_ENTRY {
        return Err(Fault::broken("an entry of its header is too long"));
    }
    let mut bytes = Vec::new();
    file.take(length).read_to_end(&mut bytes)?;
    if (bytes.len() as u64) < length { Err(Fault::broken("it ends too early")) } else { Ok(bytes) }
}

/// A number that is not negative.
fn number(file: &mut dyn ReadSeek) -> Result<u64, Fault> {
    u64::try_from(signed(file)?).map_err(|_| Fault::broken("a length is negative"))
}

/// A number in groups of seven bits, whose lowest bit is the sign.
fn signed(file: &mut dyn ReadSeek) -> Result<i64, Fault> {
    let mut value = 0u64;
    for nth in 0..10 {
        let mut byte = [0];
        file.read_exact(&mut byte)?;
        value |= u64::from(byte[0] & 0x7f) << (7 * nth);
        if byte[0] < 0x80 {
            return Ok((value >> 1) as i64 ^ -((value & 1) as i64));
        }
    }
    Err(Fault::broken("a number is too long"))
}
