//! Containers and encodings as other programs write them.

use std::io::Write;

use flate2::Compression;

/// A file as `name` and content.
pub(crate) type Member<'m> = (&'m str, &'m [u8]);

pub(crate) fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

pub(crate) fn deflate(content: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

pub(crate) fn zlib(content: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

pub(crate) fn bzip2(content: &[u8]) -> Vec<u8> {
    let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

pub(crate) fn xz(content: &[u8]) -> Vec<u8> {
    let options = lzma_rust2::XzOptions::with_preset(1);
    let mut encoder = lzma_rust2::XzWriter::new(Vec::new(), options).unwrap();
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

pub(crate) fn zstd(content: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(content, ruzstd::encoding::CompressionLevel::Fastest)
}

pub(crate) fn lz4(content: &[u8]) -> Vec<u8> {
    let mut encoder = lz4_flex::frame::FrameEncoder::new(Vec::new());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

/// Bits of a zip's flags.
pub(crate) const ENCRYPTED: u16 = 1;
const DESCRIPTOR: u16 = 8;

/// Writes a zip whose members have a method (0 or 8), flags, and a name in the directory.
pub(crate) struct ZipWriter {
    bytes: Vec<u8>,
    directory: Vec<u8>,
    count: u16,
}

impl ZipWriter {
    pub(crate) fn new(prefix: &[u8]) -> Self {
        Self { bytes: prefix.to_vec(), directory: Vec::new(), count: 0 }
    }

    /// Adds a member; `listed` is its name in the directory, if it is there.
    pub(crate) fn member(
        &mut self,
        name: &str,
        listed: Option<&str>,
        (method, flags): (u16, u16),
        content: &[u8],
    ) {
        let data = if method == 8 { deflate(content) } else { content.to_vec() };
        let sum = crc32fast::hash(content);
        let numbers = |name: &str, is_local: bool| {
            let mut fields = Vec::new();
            fields.extend(flags.to_le_bytes());
            fields.extend(method.to_le_bytes());
            fields.extend([0; 4]);
            let is_later = is_local && flags & DESCRIPTOR != 0;
            let sizes = [sum, data.len() as u32, content.len() as u32];
            for size in sizes {
                fields.extend(if is_later { 0 } else { size }.to_le_bytes());
            }
            fields.extend((name.len() as u16).to_le_bytes());
            fields.extend([0; 2]);
            fields
        };
        let at = self.bytes.len() as u32;
        self.bytes.extend(b"PK\x03\x04\x14\0");
        self.bytes.extend(numbers(name, true));
        self.bytes.extend(name.as_bytes());
        self.bytes.extend(&data);
        if flags & DESCRIPTOR != 0 {
            self.bytes.extend(b"PK\x07\x08");
            for size in [sum, data.len() as u32, content.len() as u32] {
                self.bytes.extend(size.to_le_bytes());
            }
        }
        if let Some(listed) = listed {
            self.directory.extend(b"PK\x01\x02\x14\0\x14\0");
            self.directory.extend(numbers(listed, false));
            self.directory.extend([0; 10]);
            self.directory.extend(at.to_le_bytes());
            self.directory.extend(listed.as_bytes());
            self.count += 1;
        }
    }

    pub(crate) fn finish(mut self, comment: &[u8]) -> Vec<u8> {
        let at = self.bytes.len() as u32;
        self.bytes.extend(&self.directory);
        self.bytes.extend(b"PK\x05\x06\0\0\0\0");
        self.bytes.extend(self.count.to_le_bytes());
        self.bytes.extend(self.count.to_le_bytes());
        self.bytes.extend((self.directory.len() as u32).to_le_bytes());
        self.bytes.extend(at.to_le_bytes());
        self.bytes.extend((comment.len() as u16).to_le_bytes());
        self.bytes.extend(comment);
        self.bytes
    }
}

/// A zip with compressed members.
pub(crate) fn zip(members: &[Member<'_>]) -> Vec<u8> {
    zip_with(members, 8, 0, b"", b"")
}

pub(crate) fn zip_with(
    members: &[Member<'_>],
    method: u16,
    flags: u16,
    prefix: &[u8],
    comment: &[u8],
) -> Vec<u8> {
    let mut writer = ZipWriter::new(prefix);
    for (name, content) in members {
        writer.member(name, Some(name), (method, flags), content);
    }
    writer.finish(comment)
}

pub(crate) fn zip_streamed(members: &[Member<'_>]) -> Vec<u8> {
    zip_with(members, 8, DESCRIPTOR, b"", b"")
}

fn tar_header(name: &[u8], kind: u8, size: usize) -> Vec<u8> {
    let mut header = vec![0; 512];
    header[..name.len().min(100)].copy_from_slice(&name[..name.len().min(100)]);
    header[100..107].copy_from_slice(b"0000644");
    header[124..135].copy_from_slice(format!("{size:011o}").as_bytes());
    header[148..156].fill(b' ');
    header[156] = kind;
    header[257..265].copy_from_slice(b"ustar\x0000");
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    header[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
    header
}

fn tar_member(name: &[u8], kind: u8, content: &[u8]) -> Vec<u8> {
    let mut bytes = tar_header(name, kind, content.len());
    bytes.extend(content);
    bytes.resize(bytes.len().next_multiple_of(512), 0);
    bytes
}

/// A tar; long names are written as GNU does.
pub(crate) fn tar(members: &[Member<'_>]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (name, content) in members {
        if name.len() > 100 {
            bytes.extend(tar_member(b"././@LongLink", b'L', name.as_bytes()));
        }
        bytes.extend(tar_member(name.as_bytes(), b'0', content));
    }
    bytes.extend([0; 1024]);
    bytes
}

/// A tar whose names are in pax headers.
pub(crate) fn pax(members: &[Member<'_>]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (name, content) in members {
        let record = format!(" path={name}\n");
        let length = (2..5).map(|digits| record.len() + digits);
        let length = length.into_iter().find(|n| n.to_string().len() + record.len() == *n).unwrap();
        bytes.extend(tar_member(b"PaxHeader", b'x', format!("{length}{record}").as_bytes()));
        bytes.extend(tar_member(b"short", b'0', content));
    }
    bytes.extend([0; 1024]);
    bytes
}

/// A tar with a file that has holes: its name and a map of its parts are in a pax header and before its content.
pub(crate) fn sparse_tar(name: &str, content: &[u8]) -> Vec<u8> {
    let mut records = String::new();
    for record in ["GNU.sparse.major=1", "GNU.sparse.minor=0", &format!("GNU.sparse.name={name}")] {
        // Each of them has a length of two digits.
        records += &format!("{} {record}\n", record.len() + 4);
    }
    let mut map = format!("1\n1048576\n{}\n", content.len()).into_bytes();
    map.resize(512, 0);
    let mut bytes = tar_member(b"PaxHeaders/x", b'x', records.as_bytes());
    bytes.extend(tar_member(b"GNUSparseFile.1/x", b'0', &[&map, content].concat()));
    bytes.extend([0; 1024]);
    bytes
}

/// A tar of the time before ustar.
pub(crate) fn old_tar(members: &[Member<'_>]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (name, content) in members {
        let mut member = tar_member(name.as_bytes(), 0, content);
        member[257..265].fill(0);
        member[148..156].fill(b' ');
        let sum: u32 = member[..512].iter().map(|byte| u32::from(*byte)).sum();
        member[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
        bytes.extend(member);
    }
    bytes.extend([0; 1024]);
    bytes
}

pub(crate) fn ar(members: &[Member<'_>]) -> Vec<u8> {
    let mut bytes = b"!<arch>\n".to_vec();
    for (name, content) in members {
        bytes.extend(
            format!(
                "{:<16}{:<12}{:<6}{:<6}{:<8}{:<10}`\n",
                format!("{name}/"),
                0,
                0,
                0,
                644,
                content.len()
            )
            .bytes(),
        );
        bytes.extend(*content);
        if !content.len().is_multiple_of(2) {
            bytes.push(b'\n');
        }
    }
    bytes
}

pub(crate) fn cpio(members: &[Member<'_>]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (name, content) in members.iter().chain([&("TRAILER!!!", &b""[..])]) {
        bytes.extend(b"070701");
        let fields = [1, 0o100_644, 0, 0, 1, 0, content.len(), 0, 0, 0, 0, name.len() + 1, 0];
        bytes.extend(fields.iter().flat_map(|field| format!("{field:08x}").into_bytes()));
        bytes.extend(name.bytes().chain([0]));
        bytes.resize(bytes.len().next_multiple_of(4), 0);
        bytes.extend(*content);
        bytes.resize(bytes.len().next_multiple_of(4), 0);
    }
    bytes
}

pub(crate) fn rpm(payload: &[u8]) -> Vec<u8> {
    let header = [&b"\x8e\xad\xe8\x01\0\0\0\0\0\0\0\x01\0\0\0\x08"[..], &[0; 24]].concat();
    [&b"\xed\xab\xee\xdb"[..], &[0; 92], &header, &header, payload].concat()
}

pub(crate) fn asar(name: &str, content: &[u8]) -> Vec<u8> {
    let json = format!(r#"{{"files":{{"{name}":{{"offset":"0","size":{}}}}}}}"#, content.len());
    let padding = json.len().next_multiple_of(4) - json.len();
    let length = (json.len() + padding) as u32;
    let lengths = [4, length + 8, length + 4, json.len() as u32];
    let lengths: Vec<u8> = lengths.iter().flat_map(|length| length.to_le_bytes()).collect();
    [&lengths, json.as_bytes(), &vec![0; padding], content].concat()
}

fn png_chunk(kind: &[u8], content: &[u8]) -> Vec<u8> {
    let length = (content.len() as u32).to_be_bytes();
    [&length[..], kind, content, &[0; 4]].concat()
}

/// A PNG with one text chunk.
pub(crate) fn png(kind: &[u8], content: &[u8]) -> Vec<u8> {
    let parts = [(&b"IHDR"[..], &[0; 13][..]), (kind, content), (b"IEND", b"")];
    let chunks = parts.iter().flat_map(|(kind, content)| png_chunk(kind, content));
    b"\x89PNG\r\n\x1a\n".iter().copied().chain(chunks).collect()
}

/// A JPEG with one segment.
pub(crate) fn jpeg(kind: u8, content: &[u8]) -> Vec<u8> {
    let length = (content.len() as u16 + 2).to_be_bytes();
    [&b"\xff\xd8\xff"[..], &[kind], &length, content, b"\xff\xda\0\x02"].concat()
}

/// A PDF with one page's stream.
pub(crate) fn pdf(page: &[u8]) -> Vec<u8> {
    let start = &b"%PDF-1.4\n1 0 obj\n<< /Length 9 /Filter /FlateDecode >>\nstream\n"[..];
    [start, &zlib(page), b"\nendstream\nendobj\n%%EOF\n"].concat()
}

/// A PDF whose page shows two texts in the numbers of a font, one in digits and one in brackets. The font says in its
/// own stream what they stand for.
pub(crate) fn numbered_pdf(one: &str, two: &str) -> Vec<u8> {
    let numbers = |text: &str| -> Vec<u8> {
        text.bytes().flat_map(|byte| [u8::from(byte < 64), byte.wrapping_mul(4)]).collect()
    };
    let hex: String = numbers(one).iter().map(|byte| format!("{byte:02x}")).collect();
    let octal: String = numbers(two).iter().map(|byte| format!("\\{byte:03o}")).collect();
    let page = format!("BT /F1 9 Tf [<{hex}> -20 ({octal})] TJ ET");
    let letters: String = (33..127u8)
        .map(|byte| {
            let number = u16::from_be_bytes([u8::from(byte < 64), byte.wrapping_mul(4)]);
            format!("<{number:04x}> <{byte:04x}>\n")
        })
        .collect();
    let font = format!(
        "begincmap\n1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n94 beginbfchar\n{letters}endbfchar\nendcmap"
    );
    [pdf(page.as_bytes()), pdf(font.as_bytes())].concat()
}

/// A page whose stream has these filters and this content.
pub(crate) fn pdf_with(filters: &str, stream: &[u8]) -> Vec<u8> {
    let start = format!("%PDF-1.4\n1 0 obj\n<< /Filter [ {filters} ] /Length 9 >>\nstream\n");
    [start.as_bytes(), stream, b"\nendstream\nendobj\n%%EOF\n"].concat()
}

/// ASCII85, as PDF has it.
pub(crate) fn ascii85(bytes: &[u8]) -> Vec<u8> {
    let mut text = Vec::new();
    for part in bytes.chunks(4) {
        let mut four = [0; 4];
        four[..part.len()].copy_from_slice(part);
        let mut word = u32::from_be_bytes(four);
        let mut digits = [0; 5];
        for digit in digits.iter_mut().rev() {
            *digit = b'!' + (word % 85) as u8;
            word /= 85;
        }
        match four == [0; 4] && part.len() == 4 {
            true => text.push(b'z'),
            false => text.extend(&digits[..part.len() + 1]),
        }
        if text.len() % 72 > 66 {
            text.push(b'\n');
        }
    }
    text.extend(b"~>");
    text
}

/// A brotli stream that is not compressed.
pub(crate) fn brotli(content: &[u8]) -> Vec<u8> {
    // A window of 64 KiB, then a block: not the last, its length less one, and that it is stored.
    let bits = (content.len() as u32 - 1) << 4 | 1 << 20;
    [&bits.to_le_bytes()[..3], content, &[3]].concat()
}

/// A 7z archive whose files are compressed together with LZMA2.
pub(crate) fn seven_zip(members: &[Member<'_>]) -> Vec<u8> {
    seven_zip_with(members, false)
}

/// A number in a 7z header; small ones and those of two bytes.
fn seven_zip_number(number: usize) -> Vec<u8> {
    match u8::try_from(number) {
        Ok(small @ 0..0x80) => vec![small],
        _ => vec![0x80 | (number >> 8) as u8, number as u8],
    }
}

pub(crate) fn seven_zip_with(members: &[Member<'_>], is_header_packed: bool) -> Vec<u8> {
    let lzma2 = |content: &[u8]| {
        let options = lzma_rust2::Lzma2Options::with_preset(1);
        let mut writer = lzma_rust2::Lzma2Writer::new(Vec::new(), options);
        writer.write_all(content).unwrap();
        writer.finish().unwrap()
    };
    // One folder with one coder, LZMA2 with a dictionary of 1 MiB.
    let streams = |start: usize, packed: usize, size: usize| {
        let mut info = vec![6];
        info.extend(seven_zip_number(start));
        info.extend([1, 9]);
        info.extend(seven_zip_number(packed));
        info.extend([0, 7, 11, 1, 0, 1, 0x21, 0x21, 1, 16, 12]);
        info.extend(seven_zip_number(size));
        info.push(0);
        info
    };
    let content: Vec<u8> = members.iter().flat_map(|(_, content)| content.to_vec()).collect();
    let mut body = lzma2(&content);
    let mut header = vec![1, 4];
    header.extend(streams(0, body.len(), content.len()));
    header.extend([8, 13]);
    header.extend(seven_zip_number(members.len()));
    if members.len() > 1 {
        header.push(9);
        let sizes = members[..members.len() - 1].iter();
        header.extend(sizes.flat_map(|(_, content)| seven_zip_number(content.len())));
    }
    let names: Vec<u8> = members
        .iter()
        .flat_map(|(name, _)| name.encode_utf16().chain([0]).flat_map(u16::to_le_bytes))
        .collect();
    header.extend([10, 1]);
    header.extend(members.iter().flat_map(|(_, content)| crc32fast::hash(content).to_le_bytes()));
    header.extend([0, 0, 5]);
    header.extend(seven_zip_number(members.len()));
    header.push(17);
    header.extend(seven_zip_number(names.len() + 1));
    header.push(0);
    header.extend(names);
    header.extend([0, 0]);
    if is_header_packed {
        let packed = lzma2(&header);
        let mut outer = vec![23];
        outer.extend(streams(body.len(), packed.len(), header.len()));
        outer.push(0);
        body.extend(packed);
        header = outer;
    }
    let mut start = (body.len() as u64).to_le_bytes().to_vec();
    start.extend((header.len() as u64).to_le_bytes());
    start.extend(crc32fast::hash(&header).to_le_bytes());
    let mut all = b"7z\xbc\xaf\x27\x1c\0\x04".to_vec();
    all.extend(crc32fast::hash(&start).to_le_bytes());
    [all, start, body, header].concat()
}

/// A number of SQLite.
fn sqlite_number(number: usize) -> Vec<u8> {
    match number {
        0..0x80 => vec![number as u8],
        _ => vec![0x80 | (number >> 7) as u8, number as u8 & 0x7f],
    }
}

/// A database with one row: a name and a text, which goes on in overflow pages if it is long.
pub(crate) fn sqlite(text: &[u8], text_encoding: u8) -> Vec<u8> {
    sqlite_with(text, text_encoding, 13)
}

/// The same with a blob instead of the text.
pub(crate) fn sqlite_blob(blob: &[u8]) -> Vec<u8> {
    sqlite_with(blob, 1, 12)
}

/// The same with a column of this type.
fn sqlite_with(text: &[u8], text_encoding: u8, kind: usize) -> Vec<u8> {
    const PAGE: usize = 512;
    let name = if text_encoding == 1 { b"name".to_vec() } else { utf16_bytes(b"name") };
    let mut row =
        [sqlite_number(13 + 2 * name.len()), sqlite_number(kind + 2 * text.len())].concat();
    row.insert(0, row.len() as u8 + 1);
    row.extend(name);
    row.extend(text);
    // As the format defines it.
    let (most, least) = (PAGE - 35, (PAGE - 12) * 32 / 255 - 23);
    let local = match least + row.len().saturating_sub(least) % (PAGE - 4) {
        _ if row.len() <= most => row.len(),
        fitting if fitting <= most => fitting,
        _ => least,
    };
    let (own, mut rest) = row.split_at(local);
    let mut cell = [sqlite_number(row.len()), vec![1], own.to_vec()].concat();
    if !rest.is_empty() {
        cell.extend(3u32.to_be_bytes());
    }
    let mut first = b"SQLite format 3\0\x02\0\x01\x01\0\x40\x20\x20".to_vec();
    first.resize(56, 0);
    first.extend(u32::from(text_encoding).to_be_bytes());
    first.resize(100, 0);
    first.extend([13, 0, 0, 0, 0, 2, 0, 0]);
    first.resize(PAGE, 0);
    let at = PAGE - cell.len();
    let mut leaf = vec![13, 0, 0, 0, 1, (at >> 8) as u8, at as u8, 0, (at >> 8) as u8, at as u8];
    leaf.resize(at, 0);
    let mut pages = [first, leaf, cell].concat();
    // Overflow pages lie in any order: the last one first.
    let count = rest.len().div_ceil(PAGE - 4);
    let mut overflow = Vec::new();
    for nth in 0..count {
        let (page, after) = rest.split_at(rest.len().min(PAGE - 4));
        rest = after;
        // The first is page 3, and the others follow from the end.
        let next = if nth + 1 == count { 0 } else { 2 + count - nth };
        let mut page = [&(next as u32).to_be_bytes()[..], page].concat();
        page.resize(PAGE, 0);
        overflow.push(page);
    }
    if count > 1 {
        overflow[1..].reverse();
    }
    pages.extend(overflow.concat());
    let count = u32::try_from(pages.len() / PAGE).unwrap();
    pages[28..32].copy_from_slice(&count.to_be_bytes());
    pages
}

/// A text in UTF-16, the small byte first.
pub(crate) fn utf16_bytes(text: &[u8]) -> Vec<u8> {
    text.iter().flat_map(|byte| [*byte, 0]).collect()
}

/// A document of a word processor, with a text in two runs.
pub(crate) fn docx(before: &str, after: &str) -> Vec<u8> {
    let text = format!(
        "<?xml version=\"1.0\"?>\n<w:document xmlns:w=\"http://schemas.openxmlformats.org/\
         wordprocessingml/2006/main\"><w:body><w:p><w:r><w:t>A</w:t></w:r></w:p><w:p><w:r><w:t>\
         {before}</w:t></w:r><w:r><w:t>{after}</w:t></w:r></w:p></w:body></w:document>"
    );
    zip(&[("word/document.xml", text.as_bytes())])
}

/// A document with changes that are kept, laid out in lines.
pub(crate) fn laid_out_docx(before: &str, after: &str) -> Vec<u8> {
    let text = format!(
        "<?xml version=\"1.0\"?>\n<w:document xmlns:w=\"http://schemas.openxmlformats.org/\
         wordprocessingml/2006/main\">\n  <w:body>\n    <w:p>\n      <w:del>\n        <w:r>\n          \
         <w:delText>{before}</w:delText>\n        </w:r>\n        <w:proofErr/>\n        <w:r>\n          \
         <w:delText>{after}</w:delText>\n        </w:r>\n      </w:del>\n    </w:p>\n  </w:body>\n\
         </w:document>"
    );
    zip(&[("word/document.xml", text.as_bytes())])
}

/// A sheet whose cell has a text in two runs.
pub(crate) fn xlsx(before: &str, after: &str) -> Vec<u8> {
    let text = format!(
        "<?xml version=\"1.0\"?>\n<sst xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\">\
         <si><r><rPr><b/></rPr><t>{before}</t></r><r><t>{after}</t></r></si></sst>"
    );
    zip(&[("xl/sharedStrings.xml", text.as_bytes())])
}

/// A slide with a text in two runs.
pub(crate) fn pptx(before: &str, after: &str) -> Vec<u8> {
    let text = format!(
        "<?xml version=\"1.0\"?>\n<p:sld xmlns:a=\"http://schemas.openxmlformats.org/drawingml/2006/main\">\
         <a:p><a:r><a:t>{before}</a:t></a:r><a:r><a:rPr b=\"1\"/><a:t>{after}</a:t></a:r></a:p></p:sld>"
    );
    zip(&[("ppt/slides/slide1.xml", text.as_bytes())])
}

/// A text of OpenDocument in two spans.
pub(crate) fn odt(before: &str, after: &str) -> Vec<u8> {
    let text = format!(
        "<?xml version=\"1.0\"?>\n<office:document-content xmlns:office=\"urn:oasis:names:tc:opendocument:\
         xmlns:office:1.0\"><office:body>\n<text:p><text:span>{before}</text:span><text:span>{after}\
         </text:span></text:p>\n</office:body></office:document-content>"
    );
    zip(&[("content.xml", text.as_bytes())])
}

pub(crate) fn base64(bytes: &[u8]) -> String {
    data_encoding::BASE64.encode(bytes)
}

/// A text with each character written by `one`.
pub(crate) fn each(text: &str, one: impl Fn(u8) -> String) -> String {
    text.bytes().map(one).collect()
}

/// A list of the bytes of a text.
pub(crate) fn list(text: &str, between: &str, one: impl Fn(u8) -> String) -> String {
    text.bytes().map(one).collect::<Vec<_>>().join(between)
}

/// Lines of a length.
pub(crate) fn wrapped(text: &str, length: usize) -> String {
    let lines = text.as_bytes().chunks(length);
    let lines: Vec<_> = lines.map(|line| String::from_utf8_lossy(line).into_owned()).collect();
    lines.join("\n")
}

/// A number of Avro and of Thrift's compact protocol.
fn zigzag(number: usize) -> Vec<u8> {
    let (mut rest, mut bytes) = (2 * number, Vec::new());
    while rest > 0x7f {
        bytes.push(rest as u8 & 0x7f | 0x80);
        rest >>= 7;
    }
    bytes.push(rest as u8);
    bytes
}

/// Snappy, in literals of a few bytes, so that no word is in one piece.
pub(crate) fn snappy(content: &[u8]) -> Vec<u8> {
    let (mut block, mut length) = (Vec::new(), content.len());
    while length > 0x7f {
        block.push(length as u8 & 0x7f | 0x80);
        length >>= 7;
    }
    block.push(length as u8);
    for piece in content.chunks(3) {
        block.push((piece.len() as u8 - 1) << 2);
        block.extend_from_slice(piece);
    }
    block
}

/// Snappy as in Avro, with the checksum behind it.
pub(crate) fn snappy_checked(content: &[u8]) -> Vec<u8> {
    [snappy(content), crc32fast::hash(content).to_be_bytes().to_vec()].concat()
}

/// An Avro file with one block.
pub(crate) fn avro(codec: &str, block: &[u8]) -> Vec<u8> {
    let text = |text: &str| [zigzag(text.len()), text.as_bytes().to_vec()].concat();
    let entries = [("avro.codec", codec), ("avro.schema", "\"string\"")];
    let mut file = [&b"Obj\x01"[..], &zigzag(entries.len())].concat();
    for (name, value) in entries {
        file.extend([text(name), text(value)].concat());
    }
    let sync = [7; 16];
    file.push(0);
    file.extend(sync);
    file.extend([zigzag(1), zigzag(block.len()), block.to_vec()].concat());
    file.extend(sync);
    file
}

/// A Parquet file with one page, whose content has a length of `unpacked` bytes and is packed by a codec.
pub(crate) fn parquet(codec: usize, page: &[u8], unpacked: usize) -> Vec<u8> {
    // Fields are one byte of the step from the last one and the type, then the number.
    let number = |step: u8, number: usize| [vec![step << 4 | 5], zigzag(number)].concat();
    let head = [number(1, 0), number(1, unpacked), number(1, page.len()), vec![0]].concat();
    let length = head.len() + page.len();
    let column = [number(4, codec), number(3, length), number(2, 4), vec![0]].concat();
    // Of the footer, a list of one group of rows with a list of one column.
    let group = [&[0x19, 0x1c, 0x3c][..], &column, &[0, 0]].concat();
    let footer = [&number(1, 1)[..], &[0x39, 0x1c], &group, &[0]].concat();
    let end = (footer.len() as u32).to_le_bytes();
    [b"PAR1", &head[..], page, &footer, &end, b"PAR1"].concat()
}
