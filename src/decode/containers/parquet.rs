//! Parquet: pages of columns, which may be compressed.

use std::io::{Read, SeekFrom};

use super::container::{Container, Fault, Members, Opening, ReadSeek, u32_at};
use super::snappy;
use super::thrift::{ThriftReader, ThriftType};

/// Parquet.
pub(super) struct Parquet;

const MARK: &[u8] = b"PAR1";

/// The longest footer, and the longest head of a page.
const LONGEST_FOOTER: u64 = 64 * 1024 * 1024;
const LONGEST_HEAD: u64 = 64 * 1024;

impl Container for Parquet {
    fn name(&self) -> &'static str {
        "a Parquet file"
    }

    fn begins(&self, start: &[u8]) -> bool {
        // A page, or the footer, follows: its first field is a number.
        start.strip_prefix(MARK).is_some_and(|rest| rest.first() == Some(&0x15))
    }

    fn opening(&self) -> Opening {
        Opening::File(read)
    }
}

fn read(file: &mut dyn ReadSeek, members: &mut dyn Members) -> Result<(), Fault> {
    let size = file.seek(SeekFrom::End(0))?;
    let mut end = [0; 8];
    file.seek(SeekFrom::Start(size.saturating_sub(8)))?;
    file.read_exact(&mut end)?;
    let length = u64::from(u32_at(&end, 0));
    if &end[4..] != MARK || length > size.saturating_sub(12) {
        return Err(Fault::broken("its footer is missing"));
    }
    if length > LONGEST_FOOTER || length > members.limits().memory as u64 {
        return Err(Fault::Limit("has a footer that needs more memory than allowed".to_owned()));
    }
    let footer = part(file, size - 8 - length, length)?;
    let chunks = chunks(&footer).ok_or_else(|| Fault::broken("its footer is wrong"))?;
    let mut nth = 0;
    for chunk in chunks {
        // What is not compressed was searched in the file's own bytes.
        if chunk.codec > 0 {
            read_chunk(file, members, &chunk, &mut nth)?;
        }
    }
    Ok(())
}

/// The bytes of a part of the file, as far as it has them.
fn part(file: &mut dyn ReadSeek, at: u64, length: u64) -> Result<Vec<u8>, Fault> {
    file.seek(SeekFrom::Start(at))?;
    let mut bytes = Vec::new();
    file.take(length).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The pages of a column.
#[derive(Debug, Default)]
struct ColumnChunk {
    codec: i64,
    start: u64,
    length: u64,
}

/// The columns of all groups of rows, as the footer has them.
fn chunks(footer: &[u8]) -> Option<Vec<ColumnChunk>> {
    let mut all = Vec::new();
    let mut reader = ThriftReader::new(footer);
    reader.each_field(&mut |id, own, reader| {
        if (id, own) != (4, ThriftType::List) {
            return reader.skip(own);
        }
        reader.each_item(&mut |own, reader| {
            (own == ThriftType::Struct).then_some(())?;
            reader.each_field(&mut |id, own, reader| {
                if (id, own) != (1, ThriftType::List) {
                    return reader.skip(own);
                }
                reader.each_item(&mut |own, reader| {
                    (own == ThriftType::Struct).then_some(())?;
                    reader.each_field(&mut |id, own, reader| {
                        if (id, own) != (3, ThriftType::Struct) {
                            return reader.skip(own);
                        }
                        all.push(chunk(reader)?);
                        Some(())
                    })
                })
            })
        })
    })?;
    Some(all)
}

/// A column as a footer describes it.
fn chunk(reader: &mut ThriftReader<'_>) -> Option<ColumnChunk> {
    let mut own = ColumnChunk::default();
    let (mut data, mut dictionary) = (None, None);
    reader.each_field(&mut |id, kind, reader| {
        if kind != ThriftType::Number {
            return reader.skip(kind);
        }
        let number = reader.number()?;
        match id {
            4 => own.codec = number,
            7 => own.length = u64::try_from(number).ok()?,
            9 => data = u64::try_from(number).ok(),
            11 => dictionary = u64::try_from(number).ok().filter(|at| *at > 0),
            _ => {}
        }
        Some(())
    })?;
    own.start = data?.min(dictionary.unwrap_or(u64::MAX));
    Some(own)
}

/// The head of a page.
#[derive(Debug, Default)]
struct PageHead {
    unpacked: usize,
    packed: u64,
    /// Bytes before what is compressed.
    levels: u64,
    is_plain: bool,
}

fn page_head(reader: &mut ThriftReader<'_>) -> Option<PageHead> {
    let mut own = PageHead::default();
    reader.each_field(&mut |id, kind, reader| match (id, kind) {
        (2, ThriftType::Number) => {
            own.unpacked = usize::try_from(reader.number()?).ok()?;
            Some(())
        }
        (3, ThriftType::Number) => {
            own.packed = u64::try_from(reader.number()?).ok()?;
            Some(())
        }
        (8, ThriftType::Struct) => reader.each_field(&mut |id, kind, reader| match (id, kind) {
            (5 | 6, ThriftType::Number) => {
                own.levels = own.levels.checked_add(u64::try_from(reader.number()?).ok()?)?;
                Some(())
            }
            (7, ThriftType::False) => {
                own.is_plain = true;
                Some(())
            }
            (_, kind) => reader.skip(kind),
        }),
        (_, kind) => reader.skip(kind),
    })?;
    Some(own)
}

fn read_chunk(
    file: &mut dyn ReadSeek,
    members: &mut dyn Members,
    chunk: &ColumnChunk,
    nth: &mut u64,
) -> Result<(), Fault> {
    let most = members.limits().memory;
    let end = chunk.start.saturating_add(chunk.length);
    let mut at = chunk.start;
    while at < end {
        let head = part(file, at, LONGEST_HEAD.min(end - at))?;
        let mut reader = ThriftReader::new(&head);
        let broken = || Fault::broken("the head of a page is wrong");
        let page = page_head(&mut reader).ok_or_else(broken)?;
        let start = at + reader.at() as u64;
        at = start.saturating_add(page.packed);
        if at > end || page.levels > page.packed {
            return Err(broken());
        }
        *nth += 1;
        if page.is_plain || page.packed == page.levels {
            continue;
        }
        // The name tells brotli, which has no mark.
        let name = format!("page-{nth}{}", if chunk.codec == 4 { ".br" } else { "" });
        if page.packed > most as u64 {
            return Err(Fault::Limit("has a page that needs more memory than allowed".to_owned()));
        }
        let packed = part(file, start + page.levels, page.packed - page.levels)?;
        let content = match chunk.codec {
            1 => snappy::unpacked(&packed, most),
            // These tell themselves.
            2 | 4 | 6 => Ok(packed),
            7 if page.unpacked <= most => lz4_flex::block::decompress(&packed, page.unpacked)
                .map_err(|error| Fault::Broken(error.to_string())),
            7 => Err(Fault::Limit("has a page that needs more memory than allowed".to_owned())),
            3 => return Err(Fault::Unsupported("LZO".to_owned())),
            _ => return Err(Fault::Unsupported("LZ4 of Hadoop".to_owned())),
        };
        match content {
            Ok(content) => members.member(name.as_bytes(), &mut &content[..])?,
            Err(fault) => members.fault(name.as_bytes(), fault),
        }
    }
    Ok(())
}
