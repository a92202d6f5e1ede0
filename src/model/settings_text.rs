//! Reads the text files that people write for keyside, whichever editor, shell or merge wrote them.

use std::fs::File;
use std::io::{self, Read};
use std::ops::Range;
use std::path::Path;

use thiserror::Error;

/// The byte order mark, as a character.
const MARK: char = '\u{feff}';

/// The reason why a file of settings cannot be used.
#[derive(Debug, Error)]
pub enum SettingsTextError {
    /// It cannot be read.
    #[error("cannot be read: {0}")]
    Read(io::Error),
    /// It is larger than such files are; a device has no end.
    #[error("it must be smaller than {} MiB", .0 >> 20)]
    TooLarge(u64),
    /// It is no text, or not one that can be meant.
    #[error("{message}")]
    Text {
        /// 1-based line.
        line: usize,
        /// The fault and its remedy.
        message: &'static str,
    },
}

/// Reads the text at `path`, which has fewer than `limit` bytes. Every such file is read here, so that
/// all of them may have a byte order mark, line ends of Windows, or the UTF-16 of PowerShell.
///
/// # Errors
/// A file that cannot be read, is too large, is no text, or holds an unresolved merge.
pub fn read_settings(path: &Path, limit: u64) -> Result<String, SettingsTextError> {
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(limit).read_to_end(&mut bytes));
    match read {
        Ok(read) if read as u64 == limit => Err(SettingsTextError::TooLarge(limit)),
        Ok(_) => settings_text(&bytes),
        Err(error) => Err(SettingsTextError::Read(error)),
    }
}

/// The text in `bytes`, as [`read_settings`] reads it: each line ends with `\n`.
///
/// # Errors
/// Bytes that are no text, or an unresolved merge.
pub fn settings_text(bytes: &[u8]) -> Result<String, SettingsTextError> {
    let mut text = decoded(bytes)?.replace("\r\n", "\n").replace('\r', "\n");
    // Files that were put together have a mark at the beginning of each.
    if text.contains(MARK) {
        let lines = text.split_inclusive('\n').map(|line| line.trim_start_matches(MARK));
        text = lines.collect();
    }
    let is_conflict = |line: &str| {
        let mut marks = ["<<<<<<<", "|||||||", ">>>>>>>"].into_iter();
        let rest = marks.find_map(|mark| line.strip_prefix(mark));
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
    };
    match text.lines().position(is_conflict) {
        None => Ok(text),
        Some(before) => Err(SettingsTextError::Text {
            line: before + 1,
            message: "a merge left a conflict here: keep the lines of both sides, and remove the \
                      lines that begin with <<<<<<<, ======= and >>>>>>>",
        }),
    }
}

fn decoded(bytes: &[u8]) -> Result<String, SettingsTextError> {
    match bytes {
        [0xff, 0xfe, 0, 0, ..] | [0, 0, 0xfe, 0xff, ..] => Err(not_text(bytes, 0)),
        [0xff, 0xfe, rest @ ..] => {
            let (wide, narrow) = split(rest);
            let at = bytes.len() - narrow.len();
            Ok(utf16(bytes, wide, u16::from_le_bytes)? + &utf8(bytes, at..bytes.len())?)
        }
        [0xfe, 0xff, rest @ ..] => utf16(bytes, rest, u16::from_be_bytes),
        _ => match memchr::memchr(0, bytes) {
            None => utf8(bytes, 0..bytes.len()),
            Some(0) => utf16(bytes, bytes, u16::from_be_bytes),
            // PowerShell's `>>` adds UTF-16 to whatever is there.
            Some(zero) => {
                let at = zero - 1;
                Ok(utf8(bytes, 0..at)? + &utf16(bytes, &bytes[at..], u16::from_le_bytes)?)
            }
        },
    }
}

/// Separates the lines that another shell's `>>` has added in UTF-8 to a file in UTF-16.
fn split(bytes: &[u8]) -> (&[u8], &[u8]) {
    let newline = bytes.chunks_exact(2).rposition(|unit| unit == [b'\n', 0]);
    let (wide, tail) = bytes.split_at(newline.map_or(0, |unit| 2 * unit + 2));
    // A line in UTF-16 has a zero in each letter, digit and space.
    if newline.is_some() && memchr::memchr(0, tail).is_none() { (wide, tail) } else { (bytes, &[]) }
}

fn utf16(
    all: &[u8],
    bytes: &[u8],
    unit: impl Fn([u8; 2]) -> u16,
) -> Result<String, SettingsTextError> {
    let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
    let text: Result<String, _> = char::decode_utf16(units).collect();
    match text {
        Ok(text) if bytes.len().is_multiple_of(2) && !text.contains('\0') => Ok(text),
        _ => Err(not_text(all, 0)),
    }
}

fn utf8(all: &[u8], range: Range<usize>) -> Result<String, SettingsTextError> {
    match std::str::from_utf8(&all[range.clone()]) {
        Ok(text) => Ok(text.to_owned()),
        Err(error) => Err(not_text(all, range.start + error.valid_up_to())),
    }
}

fn not_text(bytes: &[u8], at: usize) -> SettingsTextError {
    let before = &bytes[..at.min(bytes.len())];
    SettingsTextError::Text {
        line: 1 + memchr::memchr_iter(b'\n', before).count(),
        message: "not a text in UTF-8 or UTF-16: save the file as UTF-8",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wide(text: &str) -> Vec<u8> {
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    }

    #[test]
    fn every_editor_writes_the_same_text() {
        let text = "version = 1\n# caf\u{e9}\n";
        let windows = text.replace('\n', "\r\n");
        let with_mark = format!("\u{feff}{windows}");
        let big = with_mark.encode_utf16().flat_map(u16::to_be_bytes).collect();
        let big_without_mark = windows.encode_utf16().flat_map(u16::to_be_bytes).collect();
        let added_by_powershell = [b"version = 1\n".to_vec(), wide("# caf\u{e9}\r\n")].concat();
        let added_by_bash = [wide("\u{feff}version = 1\r\n"), "# caf\u{e9}\n".into()].concat();
        let joined = "\u{feff}version = 1\r\n\u{feff}# caf\u{e9}\n".as_bytes().to_vec();
        for bytes in [
            text.as_bytes().to_vec(),
            windows.as_bytes().to_vec(),
            text.replace('\n', "\r").into_bytes(),
            with_mark.as_bytes().to_vec(),
            wide(&with_mark),
            wide(&windows),
            big,
            big_without_mark,
            added_by_powershell,
            added_by_bash,
            joined,
        ] {
            assert_eq!(settings_text(&bytes).unwrap(), text, "{bytes:?}");
        }
        assert_eq!(settings_text(b"").unwrap(), "");
        assert_eq!(settings_text(&wide("\u{feff}")).unwrap(), "");
    }

    #[test]
    fn faults_name_their_line() {
        let text = |bytes: &[u8]| match settings_text(bytes) {
            Err(SettingsTextError::Text { line, message }) => (line, message),
            other => panic!("{other:?}"),
        };
        for (bytes, line) in [
            (&b"a\nb\ncaf\xe9\n"[..], 3),
            (b"\xff\xfe\0\0a\0\0\0", 1),
            (b"\xff\xfea", 1),
            (b"a\0\0\0", 1),
        ] {
            let (at, message) = text(bytes);
            assert_eq!(at, line, "{bytes:?}");
            assert!(message.starts_with("not a text"), "{message}");
        }
        for bytes in [&b"a\n<<<<<<< HEAD\nb\n"[..], b"a\n>>>>>>> x\n", b"a\n|||||||\n"] {
            let (at, message) = text(bytes);
            assert_eq!(at, 2, "{bytes:?}");
            assert!(message.starts_with("a merge left a conflict here"), "{message}");
        }
        assert!(settings_text(b"Title\n=======\n<<<<<<<<\n").is_ok());
    }
}
