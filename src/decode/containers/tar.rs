//! tar: the old format, ustar, GNU's long names and pax headers.
//!
//! Read by own code: the crate `tar` holds long names of any length in memory.

use std::io::Read;

use super::container::{Container, Fault, Members, Opening, read_up_to, skip};

/// tar.
pub(super) struct Tar;

/// Headers and contents fill whole blocks.
const BLOCK: usize = 512;

/// The longest name or pax header that is read; longer ones are cut.
const LONGEST: u64 = 64 * 1024;

impl Container for Tar {
    fn name(&self) -> &'static str {
        "a tar archive"
    }

    fn begins(&self, start: &[u8]) -> bool {
        start.len() >= BLOCK && start[0] != 0 && is_header(&start[..BLOCK])
    }

    fn opening(&self) -> Opening {
        Opening::Stream(read)
    }
}

/// True if the checksum of a header is right.
fn is_header(block: &[u8]) -> bool {
    let Some(sum) = octal(&block[148..156]) else { return false };
    let bytes = block.iter().enumerate();
    let sums = bytes.fold((0, 0), |(plain, signed): (i64, i64), (at, &byte)| {
        let byte = if (148..156).contains(&at) { b' ' } else { byte };
        (plain + i64::from(byte), signed + i64::from(byte as i8))
    });
    // Some old programs added signed bytes.
    sum == sums.0 as u64 || i64::try_from(sum) == Ok(sums.1)
}

/// A number in octal digits, with spaces before and a space or zero behind.
fn octal(field: &[u8]) -> Option<u64> {
    let mut digits = field.iter().skip_while(|byte| **byte == b' ').peekable();
    digits.peek().filter(|byte| matches!(byte, b'0'..=b'7'))?;
    let mut number = 0u64;
    for &digit in digits {
        match digit {
            b'0'..=b'7' => number = number.checked_mul(8)? + u64::from(digit - b'0'),
            b' ' | 0 => break,
            _ => return None,
        }
    }
    Some(number)
}

/// The size of a member: in octal digits, or in binary if it is large.
fn size(field: &[u8]) -> Option<u64> {
    if field[0] & 0x80 == 0 {
        return if field.iter().all(|byte| matches!(byte, 0 | b' ')) {
            Some(0)
        } else {
            octal(field)
        };
    }
    let mut bytes = field[1..].iter();
    bytes.try_fold(0u64, |number, &byte| Some(number.checked_mul(256)? + u64::from(byte)))
}

fn until_zero(field: &[u8]) -> &[u8] {
    &field[..field.iter().position(|byte| *byte == 0).unwrap_or(field.len())]
}

/// The contents of extended headers, which count for the next member.
#[derive(Default)]
struct Extended {
    name: Option<Vec<u8>>,
    size: Option<u64>,
    /// The name of a file with holes, whose `name` is made up.
    sparse_name: Option<Vec<u8>>,
    /// True if a map of its holes precedes its content.
    has_map: bool,
}

impl Extended {
    /// Reads records such as `19 path=some/name\n`.
    fn read(&mut self, mut records: &[u8]) {
        while let Some(space) = records.iter().position(|byte| *byte == b' ') {
            let length = std::str::from_utf8(&records[..space]).ok().and_then(|n| n.parse().ok());
            let Some(length) = length.filter(|&n: &usize| n > space + 1 && n <= records.len())
            else {
                return;
            };
            let record = &records[space + 1..length];
            let record = record.strip_suffix(b"\n").unwrap_or(record);
            if let Some(name) = record.strip_prefix(b"GNU.sparse.name=") {
                self.sparse_name = Some(name.to_vec());
            } else if record == b"GNU.sparse.major=1" {
                self.has_map = true;
            } else if let Some(name) = record.strip_prefix(b"path=") {
                self.name = Some(name.to_vec());
            } else if let Some(size) = record.strip_prefix(b"size=") {
                self.size = std::str::from_utf8(size).ok().and_then(|size| size.parse().ok());
            }
            records = &records[length..];
        }
    }
}

fn read(input: &mut dyn Read, members: &mut dyn Members) -> Result<(), Fault> {
    let mut block = [0; BLOCK];
    let mut next = Extended::default();
    let mut is_first = true;
    loop {
        match read_up_to(input, &mut block)? {
            0 => return Ok(()),
            BLOCK => {}
            _ if block.iter().all(|byte| *byte == 0) => return Ok(()),
            _ => return Err(Fault::broken("it ends too early")),
        }
        // Blocks of zeros are the end, but another archive may follow.
        if block.iter().all(|byte| *byte == 0) {
            continue;
        }
        if !is_header(&block) {
            return Err(Fault::broken(match is_first {
                true => "a header is wrong",
                false => "a header is wrong, so that what follows was not searched",
            }));
        }
        is_first = false;
        let Some(own_size) = size(&block[124..136]) else {
            return Err(Fault::broken("the size of a member is wrong"));
        };
        let kind = block[156];
        let length = match kind {
            b'L' | b'K' | b'x' | b'g' | b'X' => own_size,
            _ => next.size.unwrap_or(own_size),
        };
        let padding = (BLOCK as u64 - length % BLOCK as u64) % BLOCK as u64;
        match kind {
            b'L' | b'K' | b'x' | b'X' | b'g' => {
                let mut text = Vec::new();
                input.take(length.min(LONGEST)).read_to_end(&mut text)?;
                skip(input, length.saturating_sub(LONGEST) + padding)?;
                match kind {
                    b'L' => next.name = Some(until_zero(&text).to_vec()),
                    b'x' | b'X' => next.read(&text),
                    _ => {}
                }
                continue;
            }
            // Links, devices and folders have no content, whatever size they give.
            b'1'..=b'6' => {}
            _ => {
                if kind == b'S' {
                    skip_sparse_map(input, block[482] != 0)?;
                }
                let name = next.sparse_name.take().or_else(|| next.name.take());
                let name = name.unwrap_or_else(|| name_of(&block));
                let mut content = input.take(length);
                if next.has_map {
                    skip_sparse_lines(&mut content)?;
                }
                members.member(&name, &mut content)?;
                let rest = content.limit();
                skip(input, rest.saturating_add(padding))?;
            }
        }
        next = Extended::default();
    }
}

/// The name in a header.
fn name_of(block: &[u8]) -> Vec<u8> {
    let (name, prefix) = (until_zero(&block[..100]), until_zero(&block[345..500]));
    // GNU uses the place of the prefix for times.
    if &block[257..263] == b"ustar\0" && !prefix.is_empty() {
        [prefix, b"/", name].concat()
    } else {
        name.to_vec()
    }
}

/// Skips the map before the content of a file with holes: how many parts there are, then where each is and
/// how long, a number a line, in whole blocks.
fn skip_sparse_lines(content: &mut dyn Read) -> Result<(), Fault> {
    let mut block = [0; BLOCK];
    let (mut count, mut number, mut lines) = (0u64, Some(0u64), 0u64);
    loop {
        if read_up_to(content, &mut block)? < BLOCK {
            return Ok(());
        }
        for byte in block {
            match byte {
                b'0'..=b'9' => {
                    let digit = u64::from(byte - b'0');
                    number = number.and_then(|own| own.checked_mul(10)?.checked_add(digit));
                }
                b'\n' => {
                    lines += 1;
                    let own = number.replace(0).unwrap_or(u64::MAX);
                    count = if lines == 1 { own } else { count };
                }
                _ => {}
            }
            if lines > 0 && lines > count.saturating_mul(2) {
                return Ok(());
            }
        }
    }
}

/// Skips the further headers of a file with holes.
fn skip_sparse_map(input: &mut dyn Read, mut goes_on: bool) -> Result<(), Fault> {
    let mut block = [0; BLOCK];
    while goes_on {
        input.read_exact(&mut block)?;
        goes_on = block[504] != 0;
    }
    Ok(())
}
