//! SQLite: the texts of rows, whole and apart from each other.
//!
//! Read by own code, page by page: a text that goes on in overflow pages is not in one piece in the file, and
//! texts of neighbouring columns touch. Nothing of the tree of pages is trusted or needed. Deleted rows
//! and free pages are found in the file's own bytes.

use std::io::{self, Read, SeekFrom};
use std::ops::Range;

use super::container::{Container, Fault, Members, Opening, ReadSeek, read_up_to};

/// SQLite.
pub(super) struct Sqlite;

/// The length of the file's header, which begins the first page.
const HEADER: usize = 100;

/// The longest row whose overflow pages are followed, in bytes.
const LONGEST: u64 = 64 * 1024 * 1024;

impl Container for Sqlite {
    fn name(&self) -> &'static str {
        "an SQLite database"
    }

    fn begins(&self, start: &[u8]) -> bool {
        start.starts_with(b"SQLite format 3\0")
    }

    fn is_certain(&self, _name: &[u8]) -> bool {
        // All its bytes were searched; rows are only put together.
        false
    }

    fn opening(&self) -> Opening {
        Opening::File(read)
    }
}

/// The kinds of pages whose cells may be rows.
const INDEX_NODE: u8 = 2;
const INDEX_LEAF: u8 = 10;
const TABLE_LEAF: u8 = 13;

fn read(file: &mut dyn ReadSeek, members: &mut dyn Members) -> Result<(), Fault> {
    let size = file.seek(SeekFrom::End(0))?;
    let mut header = [0; HEADER];
    file.rewind()?;
    file.read_exact(&mut header)?;
    let page_size = match u16::from_be_bytes([header[16], header[17]]) {
        1 => 65_536,
        size => usize::from(size),
    };
    let usable = page_size.saturating_sub(usize::from(header[20]));
    if !page_size.is_power_of_two() || page_size < 512 || usable < 480 {
        return Err(Fault::broken("the size of its pages is wrong"));
    }
    let database = Database {
        file,
        page_size,
        usable,
        pages: size / page_size as u64,
        text_encoding: header[59],
        // More than the pages can hold, unless cells share overflow pages.
        followed: size.saturating_mul(2).max(1024 * 1024),
        has_archives: false,
    };
    let page = vec![0; page_size];
    let mut rows = Rows { database, page, next: 1, texts: Vec::new(), at: 0 };
    members.member(b"rows", &mut rows)?;
    let Rows { mut database, mut page, .. } = rows;
    if database.has_archives {
        read_blobs(&mut database, &mut page, size, members)?;
    }
    if is_cut(&header, size / page_size as u64) {
        return Err(Fault::Undecoded("it ends before its last page".to_owned()));
    }
    Ok(())
}

/// True if the header of a file with so many pages says that there are more. Old versions of SQLite leave a count there that
/// is not of the last change.
fn is_cut(header: &[u8; HEADER], pages: u64) -> bool {
    let is_known = header[24..28] == header[92..96];
    is_known && number(&header[28..32]) > pages
}

/// Passes on what is compressed in the rows.
fn read_blobs(
    database: &mut Database<'_>,
    page: &mut [u8],
    size: u64,
    members: &mut dyn Members,
) -> Result<(), Fault> {
    database.followed = size.saturating_mul(2).max(1024 * 1024);
    let mut count = 0;
    for number in 1..=database.pages {
        database.page(number, page)?;
        let page = &page[..database.usable];
        let header = if number == 1 { HEADER } else { 0 };
        let Some((kind, cells)) = cells(page, header) else { continue };
        for cell in cells {
            let Some(row) = database.row(page, cell, kind)? else { continue };
            for mut blob in blobs(&row).filter(|blob| is_archive(blob)) {
                count += 1;
                members.member(format!("blob-{count}.z").as_bytes(), &mut blob)?;
            }
        }
    }
    Ok(())
}

/// True for the beginning of what is compressed: gzip, zlib, zip, bzip2, xz, zstd. Their text is not in the file's
/// bytes, and what else may be a container is searched with its row.
fn is_archive(blob: &[u8]) -> bool {
    let marks: [&[u8]; 5] =
        [b"\x1f\x8b\x08", b"PK\x03\x04", b"BZh", b"\xfd7zXZ\0", b"\x28\xb5\x2f\xfd"];
    let is_zlib = matches!(blob, [0x78, flags, ..] if (0x7800 + u16::from(*flags)) % 31 == 0);
    is_zlib || marks.iter().any(|mark| blob.starts_with(mark))
}

/// The texts of all rows, each row on a line of its own.
struct Rows<'d> {
    database: Database<'d>,
    page: Vec<u8>,
    /// The number of the next page.
    next: u64,
    /// The texts of the current page, and how many of their bytes were read.
    texts: Vec<u8>,
    at: usize,
}

impl Read for Rows<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.at == self.texts.len() && self.next <= self.database.pages {
            self.database.page(self.next, &mut self.page)?;
            let header = if self.next == 1 { HEADER } else { 0 };
            self.texts = self.database.texts(&self.page[..self.database.usable], header)?;
            (self.at, self.next) = (0, self.next + 1);
        }
        let read = (&self.texts[self.at..]).read(buffer)?;
        self.at += read;
        Ok(read)
    }
}

/// An open database.
struct Database<'d> {
    file: &'d mut dyn ReadSeek,
    page_size: usize,
    /// Number of bytes of a page that hold content.
    usable: usize,
    pages: u64,
    /// 1 for UTF-8, 2 and 3 for UTF-16 with the small and the large byte first.
    text_encoding: u8,
    /// Bytes of overflow pages that may still be read.
    followed: u64,
    /// True once a blob was seen that is compressed.
    has_archives: bool,
}

impl Database<'_> {
    /// Reads a page, which is counted from 1.
    fn page(&mut self, number: u64, page: &mut [u8]) -> Result<(), Fault> {
        self.file.seek(SeekFrom::Start((number - 1) * self.page_size as u64))?;
        let filled = read_up_to(self.file, page)?;
        page[filled..].fill(0);
        Ok(())
    }

    /// The texts of the rows on a page, each row on a line of its own.
    fn texts(&mut self, page: &[u8], at: usize) -> Result<Vec<u8>, Fault> {
        let mut texts = Vec::new();
        let Some((kind, cells)) = cells(page, at) else { return Ok(texts) };
        for cell in cells {
            // Cells of a page do not overlap, so its texts are no longer than the page and what overflows.
            if let Some(row) = self.row(page, cell, kind)?
                && texts.len() <= page.len() + row.len()
            {
                self.has_archives |= blobs(&row).any(is_archive);
                self.add_row(&row, &mut texts);
            }
        }
        Ok(texts)
    }

    /// The content of a cell with its overflow pages.
    fn row(&mut self, page: &[u8], cell: usize, kind: u8) -> Result<Option<Vec<u8>>, Fault> {
        let cell = page.get(cell..).unwrap_or_default();
        let cell = cell.get(if kind == INDEX_NODE { 4 } else { 0 }..).unwrap_or_default();
        let Some((size, mut cell)) = varint(cell) else { return Ok(None) };
        if kind == TABLE_LEAF {
            let Some((_, rest)) = varint(cell) else { return Ok(None) };
            cell = rest;
        }
        let local = self.local(size, kind);
        let Some(own) = cell.get(..local as usize) else { return Ok(None) };
        let mut row = own.to_vec();
        if local == size {
            return Ok(Some(row));
        }
        let after = cell.get(local as usize..local as usize + 4);
        let Some(mut next) = after.map(number) else { return Ok(None) };
        let mut overflow = vec![0; self.page_size];
        while (row.len() as u64) < size.min(LONGEST) && next > 0 && next <= self.pages {
            let Some(left) = self.followed.checked_sub(self.page_size as u64) else {
                let why =
                    "has overflow pages that belong to several rows; what follows was not searched";
                return Err(Fault::Limit(why.to_owned()));
            };
            self.followed = left;
            self.page(next, &mut overflow)?;
            next = number(&overflow);
            let rest = (size - row.len() as u64).min(self.usable as u64 - 4) as usize;
            row.extend_from_slice(&overflow[4..4 + rest]);
        }
        Ok(Some(row))
    }

    /// The number of bytes of a row that are on its own page, as the format defines.
    fn local(&self, size: u64, kind: u8) -> u64 {
        let usable = self.usable as u64;
        let most = match kind {
            TABLE_LEAF => usable - 35,
            _ => (usable - 12) * 64 / 255 - 23,
        };
        if size <= most {
            return size;
        }
        let least = (usable - 12) * 32 / 255 - 23;
        let fitting = least + (size - least) % (usable - 4);
        if fitting <= most { fitting } else { least }
    }

    /// Adds the texts and blobs of a row, with tabs between them.
    fn add_row(&self, row: &[u8], texts: &mut Vec<u8>) {
        let start = texts.len();
        for (column, is_text) in columns(row) {
            let column = &row[column];
            if texts.len() > start {
                texts.push(b'\t');
            }
            match self.text_encoding {
                wide @ (2 | 3) if is_text => {
                    let units = column.chunks_exact(2).map(|unit| match wide {
                        2 => u16::from_le_bytes([unit[0], unit[1]]),
                        _ => u16::from_be_bytes([unit[0], unit[1]]),
                    });
                    let characters = char::decode_utf16(units);
                    let characters =
                        characters.map(|own| own.unwrap_or(char::REPLACEMENT_CHARACTER));
                    texts.extend_from_slice(characters.collect::<String>().as_bytes());
                }
                _ => texts.extend_from_slice(column),
            }
        }
        if texts.len() > start {
            texts.push(b'\n');
        }
    }
}

/// The kind of a page whose cells may be rows, and where these are.
fn cells(page: &[u8], at: usize) -> Option<(u8, impl Iterator<Item = usize>)> {
    let kind = page[at];
    let pointers = match kind {
        INDEX_NODE => at + 12,
        INDEX_LEAF | TABLE_LEAF => at + 8,
        _ => return None,
    };
    let count = usize::from(u16::from_be_bytes([page[at + 3], page[at + 4]]));
    let pointers = page.get(pointers..pointers + 2 * count)?.chunks_exact(2);
    Some((kind, pointers.map(|pointer| usize::from(u16::from_be_bytes([pointer[0], pointer[1]])))))
}

/// The blobs of a row.
fn blobs(row: &[u8]) -> impl Iterator<Item = &[u8]> {
    columns(row).into_iter().filter(|(_, is_text)| !is_text).map(|(column, _)| &row[column])
}

/// Where the texts and blobs of a row are; true for a text.
fn columns(row: &[u8]) -> Vec<(Range<usize>, bool)> {
    let mut all = Vec::new();
    let Some((length, _)) = varint(row) else { return all };
    let Some(mut kinds) = usize::try_from(length).ok().and_then(|length| row.get(..length)) else {
        return all;
    };
    let mut at = kinds.len();
    kinds = varint(kinds).map_or(&[], |(_, rest)| rest);
    while let Some((kind, rest)) = varint(kinds) {
        kinds = rest;
        let length = match kind {
            0 | 8..=11 => 0,
            1..=4 => kind,
            5 => 6,
            6 | 7 => 8,
            _ => (kind - 12) / 2,
        };
        let end = usize::try_from(length).ok().and_then(|length| at.checked_add(length));
        // A row that is cut, or longer than what is followed, is read as far as it goes.
        let end = end.unwrap_or(usize::MAX).min(row.len());
        if kind > 12 && end > at {
            all.push((at..end, kind % 2 == 1));
        }
        at = end;
    }
    all
}

/// A number of up to nine bytes with the highest bits first, and what follows it.
fn varint(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut number = 0u64;
    for (nth, &byte) in bytes.iter().take(9).enumerate() {
        if nth == 8 {
            return Some((number << 8 | u64::from(byte), &bytes[9..]));
        }
        number = number << 7 | u64::from(byte & 0x7f);
        if byte < 0x80 {
            return Some((number, &bytes[nth + 1..]));
        }
    }
    None
}

/// The number of a page.
fn number(bytes: &[u8]) -> u64 {
    u64::from(u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
}
