//! ar: Debian packages and static libraries.

use std::io::Read;

use super::container::{Container, Fault, Members, Opening, read_up_to, skip};

/// ar.
pub(super) struct Ar;

const MARK: &[u8] = b"!<arch>\n";

/// The longest table of names that is read.
const LONGEST: u64 = 1024 * 1024;

impl Container for Ar {
    fn name(&self) -> &'static str {
        "an ar archive"
    }

    fn begins(&self, start: &[u8]) -> bool {
        start.starts_with(MARK)
    }

    fn opening(&self) -> Opening {
        Opening::Stream(read)
    }
}

fn read(input: &mut dyn Read, members: &mut dyn Members) -> Result<(), Fault> {
    skip(input, MARK.len() as u64)?;
    let mut names = Vec::new();
    loop {
        let mut header = [0; 60];
        match read_up_to(input, &mut header)? {
            60 if header[58..] == *b"`\n" => {}
            60 => return Err(Fault::broken("a header is wrong")),
            filled if header[..filled].iter().all(u8::is_ascii_whitespace) => return Ok(()),
            _ => return Err(Fault::broken("it ends too early")),
        }
        let length = number(&header[48..58]);
        let length = length.ok_or_else(|| Fault::broken("the size of a member is wrong"))?;
        let own = header[..16].trim_ascii_end();
        if own == b"//" {
            input.take(length.min(LONGEST)).read_to_end(&mut names)?;
            skip(input, length.saturating_sub(LONGEST) + length % 2)?;
            continue;
        }
        let mut rest = length;
        let name = if let Some(size) = own.strip_prefix(b"#1/").and_then(number) {
            // BSD puts long names in front of the content.
            let size = size.min(length).min(4096);
            let mut name = Vec::new();
            input.take(size).read_to_end(&mut name)?;
            rest -= name.len() as u64;
            name.iter().copied().take_while(|byte| *byte != 0).collect()
        } else if let Some(at) = own.strip_prefix(b"/").and_then(number) {
            let name = usize::try_from(at).ok().and_then(|at| names.get(at..)).unwrap_or_default();
            name.iter().copied().take_while(|byte| !matches!(byte, b'/' | b'\n')).collect()
        } else {
            own.strip_suffix(b"/").unwrap_or(own).to_vec()
        };
        let name = if name.is_empty() { b"/".to_vec() } else { name };
        let mut content = input.take(rest);
        members.member(&name, &mut content)?;
        let rest = content.limit();
        // The last member may lack the byte that fills it up.
        if skip(input, rest.saturating_add(length % 2)).is_err() {
            return if rest == 0 { Ok(()) } else { Err(Fault::broken("it ends too early")) };
        }
    }
}

/// A decimal number with spaces behind.
fn number(field: &[u8]) -> Option<u64> {
    std::str::from_utf8(field).ok()?.trim_end().parse().ok()
}
