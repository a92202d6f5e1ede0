//! The interface of containers: files that hold others, or one other in compressed form.

use std::error::Error;
use std::fmt;
use std::io::{self, Read, Seek};

use super::limits::ArchiveLimits;

/// An input that can be read from anywhere.
pub trait ReadSeek: Read + Seek {}

impl<T: Read + Seek> ReadSeek for T {}

/// Reads a container in one pass.
type StreamReader = fn(&mut dyn Read, &mut dyn Members) -> Result<(), Fault>;

/// Reads a container whose parts are anywhere.
type FileReader = fn(&mut dyn ReadSeek, &mut dyn Members) -> Result<(), Fault>;

/// The access that a container asks for.
#[derive(Debug, Clone, Copy)]
pub enum Opening {
    /// It is read in one pass, so that it never is in memory as a whole.
    Stream(StreamReader),
    /// Its parts are anywhere. One that is inside another is held in memory.
    File(FileReader),
}

/// A format of files that hold others. It is told by content, so that nothing hides behind a name.
pub trait Container: Sync {
    /// The name of the format, with its article: "a zip archive".
    fn name(&self) -> &'static str;

    /// True if a file that begins with `start`, its first 512 bytes, is one.
    fn begins(&self, start: &[u8]) -> bool;

    /// True if a file that ends with `end` is one, whatever it begins with.
    fn ends(&self, _end: &[u8]) -> bool {
        false
    }

    /// True if the name of a file tells it, for formats without a mark. `start` is as above.
    fn is_named(&self, _name: &[u8], _start: &[u8]) -> bool {
        false
    }

    /// True if what cannot be decoded is a gap. It is none where the beginning proves nothing, or where the
    /// compressed parts are only extras of a file whose bytes were searched, as in images. The `name` of the
    /// file may prove it.
    fn is_certain(&self, _name: &[u8]) -> bool {
        true
    }

    /// True if it holds one file in compressed form.
    fn is_compression(&self) -> bool {
        false
    }

    /// How to read it.
    fn opening(&self) -> Opening;
}

/// Receives the members of a container.
pub trait Members {
    /// Receives a member. What has no name of its own has an empty `name`: the content of a compressed
    /// file, or the container itself in another form.
    ///
    /// # Errors
    /// Only if nothing more is to be read; what is wrong with the member has been reported.
    fn member(&mut self, name: &[u8], content: &mut dyn Read) -> Result<(), Fault>;

    /// Reports a member that cannot be read.
    fn fault(&mut self, name: &[u8], fault: Fault);

    /// The limits that decoders keep to.
    fn limits(&self) -> ArchiveLimits;
}

/// The reason why a container, or a member of it, was not read to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// Its bytes do not follow the format, or end early.
    Broken(String),
    /// It is encrypted.
    Encrypted,
    /// It is compressed in a way that is not read.
    Unsupported(String),
    /// A limit was reached.
    Limit(String),
    /// Parts of it do not decode, and it may not need them: its own bytes were searched.
    Undecoded(String),
    /// A limit was reached and reported; nothing more is read.
    Stopped,
}

impl Fault {
    /// Bytes that do not follow the format.
    pub fn broken(why: &str) -> Self {
        Self::Broken(why.to_owned())
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Broken(why) => write!(f, "is damaged: {why}"),
            Self::Encrypted => f.write_str("is encrypted"),
            Self::Unsupported(how) => write!(f, "is compressed with {how}, which is not read"),
            Self::Limit(why) => f.write_str(why),
            Self::Undecoded(why) => {
                write!(
                    f,
                    "has a part that does not decode ({why}); its bytes were searched as they are"
                )
            }
            Self::Stopped => f.write_str("was not read to its end"),
        }
    }
}

impl Error for Fault {}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        // Decoders pass on errors of their input, some of them wrapped.
        let mut cause: Option<&(dyn Error + 'static)> = error.get_ref().map(|inner| inner as _);
        while let Some(inner) = cause {
            if let Some(fault) = inner.downcast_ref::<Self>() {
                return fault.clone();
            }
            if let Some(io) = inner.downcast_ref::<io::Error>()
                && let Some(own) = io.get_ref()
            {
                cause = Some(own);
                continue;
            }
            cause = inner.source();
        }
        if error.kind() == io::ErrorKind::UnexpectedEof {
            Self::broken("it ends too early")
        } else if error.kind() == io::ErrorKind::OutOfMemory {
            Self::Limit("needs more memory than --max-archive-memory allows".to_owned())
        } else {
            Self::Broken(error.to_string())
        }
    }
}

impl From<Fault> for io::Error {
    fn from(fault: Fault) -> Self {
        Self::other(fault)
    }
}

/// Reads until `buffer` is full, or the input ends or fails.
pub(super) fn fill(input: &mut dyn Read, buffer: &mut [u8]) -> (usize, Option<io::Error>) {
    let mut filled = 0;
    while filled < buffer.len() {
        match input.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(more) => filled += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return (filled, Some(error)),
        }
    }
    (filled, None)
}

/// Reads until `buffer` is full or the input ends. Returns the number of bytes.
pub(super) fn read_up_to(input: &mut dyn Read, buffer: &mut [u8]) -> io::Result<usize> {
    let (filled, error) = fill(input, buffer);
    error.map_or(Ok(filled), Err)
}

/// Reads `length` bytes and drops them.
pub(super) fn skip(input: &mut dyn Read, length: u64) -> Result<(), Fault> {
    let skipped = io::copy(&mut input.take(length), &mut io::sink())?;
    if skipped < length { Err(Fault::broken("it ends too early")) } else { Ok(()) }
}

/// A little-endian number of two bytes at an offset of a header that has it.
pub(super) fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([bytes[at], bytes[at + 1]])
}

/// True if a file's name has one of these endings, in letters of any size.
pub(super) fn has_ending(name: &[u8], endings: &[&[u8]]) -> bool {
    endings.iter().any(|ending| {
        let from = name.len().checked_sub(ending.len());
        from.is_some_and(|from| name[from..].eq_ignore_ascii_case(ending))
    })
}

/// A little-endian number of four bytes at an offset of a header that has it.
pub(super) fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

/// A little-endian number of eight bytes at an offset of a header that has it.
pub(super) fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from(u32_at(bytes, at)) | u64::from(u32_at(bytes, at + 4)) << 32
}
