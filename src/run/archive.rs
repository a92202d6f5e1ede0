//! Opens archives, and passes on the texts in them.

use std::fs::File;
use std::io::{self, Cursor, Read, SeekFrom};
use std::path::{Path, PathBuf};

use super::markers::{InlineVerdict, MarkerReader};
use super::occurrence::OccurrenceBuilder;
use crate::decode::{
    ArchiveLimits, CONTAINER_START, Container, Fault, ReadSeek, SEPARATOR, TextVisitor, detect_end,
    detect_named, unpack,
};
use crate::model::{FilePath, Notice, NoticeKind, Occurrence, Provenance};
use crate::scan::{KeyMatch, Locator};
use crate::source::{Chunk, ChunkReader, TextEncoding};

/// The most faults of an archive that are reported one by one.
const MOST_FAULTS: usize = 8;

/// The kinds of faults.
const FAULTS: [NoticeKind; 3] = [NoticeKind::Limit, NoticeKind::Unreadable, NoticeKind::Undecoded];

/// Receives the chunks of the texts in an archive, each with the text's place: `a.zip!b/c.env`.
pub(super) type ChunkReceiver<'r> = &'r mut dyn FnMut(&FilePath, &Chunk<'_>);

/// Passes on the texts in the archive at `path`. Returns what could not be read of it.
pub(super) fn open_archive(
    container: &dyn Container,
    input: &mut dyn ReadSeek,
    path: &FilePath,
    limits: ArchiveLimits,
    each: ChunkReceiver<'_>,
) -> Vec<Notice> {
    let mut texts = ArchiveTexts {
        path,
        reader: ChunkReader::default(),
        each,
        notices: Vec::new(),
        further: [0; 3],
    };
    let size = input.seek(SeekFrom::End(0)).and_then(|size| {
        input.rewind()?;
        Ok(size)
    });
    match size {
        Ok(size) => unpack(container, input, (path.as_bytes(), size), limits, &mut texts),
        Err(error) => texts.fault(b"", Fault::Broken(error.to_string())),
    }
    texts.into_notices()
}

/// The container that a whole file is, if archives are opened. Some are told by its name, if it is known.
pub(super) fn container_of(
    limits: ArchiveLimits,
    name: &[u8],
    bytes: &[u8],
) -> Option<&'static dyn Container> {
    if limits.depth == 0 {
        return None;
    }
    let start = &bytes[..bytes.len().min(CONTAINER_START)];
    detect_named(name, start).or_else(|| detect_end(bytes))
}

/// A text in an archive.
pub struct ArchivedText {
    /// The archive.
    pub archive: PathBuf,
    /// The name of the innermost file.
    pub name: FilePath,
    /// The text.
    pub bytes: Vec<u8>,
}

impl ArchivedText {
    /// The text of a file, or at a place in an archive, such as `a.zip!b/c.env`.
    ///
    /// # Errors
    /// A file that cannot be read, or a place that no archive has.
    pub fn at(place: &Path, limits: ArchiveLimits) -> io::Result<Self> {
        match std::fs::read(place) {
            Ok(bytes) => {
                let name = FilePath::from_path(place);
                Ok(Self { archive: place.to_owned(), name, bytes })
            }
            Err(error) => Self::read(place, limits).ok_or(error),
        }
    }

    /// The file of a place: itself, or the archive that it is in.
    pub fn file_of(place: &Path) -> PathBuf {
        archive_of(place).filter(|_| !place.exists()).unwrap_or_else(|| place.to_owned())
    }

    fn read(place: &Path, limits: ArchiveLimits) -> Option<Self> {
        let whole = FilePath::from_path(place);
        let archive = archive_of(place)?;
        let mut file = File::open(&archive).ok()?;
        let mut start = Vec::new();
        (&mut file).take(CONTAINER_START as u64).read_to_end(&mut start).ok()?;
        let container =
            detect_named(archive.as_os_str().as_encoded_bytes(), &start).or_else(|| {
                let all = std::fs::read(&archive).ok()?;
                detect_end(&all)
            })?;
        let mut text = Vec::new();
        let mut is_there = false;
        let outer = FilePath::from_path(&archive);
        open_archive(container, &mut file, &outer, limits, &mut |own, chunk| {
            if *own == whole {
                is_there = true;
                let end = if chunk.is_last { chunk.bytes.len() } else { chunk.next_from };
                text.extend_from_slice(&chunk.bytes[..end]);
            }
        });
        let provenance = Provenance { inside: Some(whole), ..Provenance::tree(outer) };
        let name = FilePath::from_bytes(provenance.innermost());
        is_there.then_some(Self { archive, name, bytes: text })
    }
}

/// The archive that a place is in, if there is one.
fn archive_of(place: &Path) -> Option<PathBuf> {
    let bytes = place.as_os_str().as_encoded_bytes();
    let ends = bytes.iter().enumerate().filter(|(_, byte)| **byte == SEPARATOR);
    let mut archives = ends.map(|(end, _)| FilePath::from_bytes(&bytes[..end]).to_path());
    archives.find(|path| path.is_file())
}

/// A key in an archive.
pub(super) struct ArchivedKey<'k, 'p> {
    pub(super) key: KeyMatch<'p>,
    pub(super) occurrence: Occurrence,
    pub(super) inline: InlineVerdict,
    /// The text that it is in; `None` if it is in a name.
    pub(super) chunk: Option<&'k Chunk<'k>>,
}

/// Searches the texts in the archive `bytes`, which is the file `outer`. Returns what could not be read
/// of it.
pub(super) fn search_archive<'p>(
    builder: OccurrenceBuilder<'p>,
    (container, bytes): (&dyn Container, &[u8]),
    outer: &Provenance,
    each: &mut dyn FnMut(ArchivedKey<'_, 'p>),
) -> Vec<Notice> {
    let (mut text, mut markers) = (Locator::new(TextEncoding::Bytes), MarkerReader::default());
    let limits = builder.plan.archives;
    let input = &mut Cursor::new(bytes);
    let mut notices = open_archive(container, input, &outer.path, limits, &mut |place, chunk| {
        let inside = Some(builder.shown(place.clone()));
        let provenance = Provenance { inside, ..outer.clone() };
        let mut at = 0;
        if chunk.is_first {
            text = Locator::new(chunk.encoding);
            markers = MarkerReader::default();
            at = chunk.encoding.mark_length(chunk.bytes);
            for (key, occurrence) in builder.in_name(provenance.innermost(), || provenance.clone())
            {
                let inline = InlineVerdict::default();
                each(ArchivedKey { key, occurrence, inline, chunk: None });
            }
        }
        let found = builder.scanner.find(chunk);
        if !found.keys.is_empty() {
            let placed = builder.place(&provenance, &text, at, chunk, &found, &mut markers);
            for (key, occurrence, inline) in placed {
                each(ArchivedKey { key: key.clone(), occurrence, inline, chunk: Some(chunk) });
            }
        }
        if !chunk.is_last {
            text.advance(&chunk.bytes[at..chunk.next_from]);
            if builder.plan.inline {
                markers.carry(&builder.plan.rules, chunk);
            }
        }
    });
    for notice in &mut notices {
        notice.path = notice.path.take().map(|path| builder.shown(path));
    }
    notices
}

/// The texts in one archive.
struct ArchiveTexts<'t> {
    path: &'t FilePath,
    reader: ChunkReader,
    each: ChunkReceiver<'t>,
    notices: Vec<Notice>,
    /// How many more places reached a limit, could not be read, or did not decode.
    further: [usize; 3],
}

impl ArchiveTexts<'_> {
    fn place(&self, inner: &[u8]) -> FilePath {
        match inner {
            [] => self.path.clone(),
            inner => FilePath::from_bytes(&[self.path.as_bytes(), &[SEPARATOR], inner].concat()),
        }
    }

    fn into_notices(mut self) -> Vec<Notice> {
        for (kind, count) in FAULTS.into_iter().zip(self.further) {
            if count > 0 {
                let message = format!("{count} more of its members were not read to their ends");
                self.notices.push(Notice { path: Some(self.path.clone()), kind, message });
            }
        }
        self.notices
    }
}

impl TextVisitor for ArchiveTexts<'_> {
    fn text(&mut self, place: &[u8], mut content: &mut dyn Read) -> io::Result<()> {
        let place = self.place(place);
        let each = &mut self.each;
        self.reader.read(&mut content, |_| true, |chunk| each(&place, &chunk)).map(drop)
    }

    fn fault(&mut self, place: &[u8], fault: Fault) {
        let kind = match fault {
            Fault::Limit(_) => NoticeKind::Limit,
            Fault::Broken(_) | Fault::Encrypted | Fault::Unsupported(_) => NoticeKind::Unreadable,
            Fault::Undecoded(_) => NoticeKind::Undecoded,
            Fault::Stopped => return,
        };
        if self.notices.len() < MOST_FAULTS {
            let path = Some(self.place(place));
            self.notices.push(Notice { path, kind, message: fault.to_string() });
        } else {
            let nth = FAULTS.iter().position(|own| *own == kind).unwrap_or_default();
            self.further[nth] += 1;
        }
    }
}
