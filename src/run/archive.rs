//! Opens archives, and passes on the texts in them.

use std::io::{self, Read, SeekFrom};

use crate::decode::{
    ArchiveLimits, Container, Fault, ReadSeek, SEPARATOR, TextVisitor, unpack,
};
use crate::model::{FilePath, Notice, NoticeKind};
use crate::source::{Chunk, ChunkReader};

/// The most faults of an archive that are reported one by one.
const MOST_FAULTS: usize = 8;

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
        further: [0; 2],
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

/// The texts in one archive.
struct ArchiveTexts<'t> {
    path: &'t FilePath,
    reader: ChunkReader,
    each: ChunkReceiver<'t>,
    notices: Vec<Notice>,
    /// How many more places reached a limit, or could not be read.
    further: [usize; 2],
}

impl ArchiveTexts<'_> {
    fn place(&self, inner: &[u8]) -> FilePath {
        match inner {
            [] => self.path.clone(),
            inner => FilePath::from_bytes(&[self.path.as_bytes(), &[SEPARATOR], inner].concat()),
        }
    }

    fn into_notices(mut self) -> Vec<Notice> {
        let kinds = [NoticeKind::Limit, NoticeKind::Unreadable];
        for (kind, count) in kinds.into_iter().zip(self.further) {
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
            Fault::Stopped => return,
        };
        if self.notices.len() < MOST_FAULTS {
            let path = Some(self.place(place));
            self.notices.push(Notice { path, kind, message: fault.to_string() });
        } else {
            self.further[usize::from(kind == NoticeKind::Unreadable)] += 1;
        }
    }
}
