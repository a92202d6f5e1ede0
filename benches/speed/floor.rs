//! Lower bounds: this program calls itself to do only the unavoidable work, in a process that is
//! measured like the others.

use std::error::Error;
use std::path::Path;

use keyside::source::git::{INFLATE_ROOM, ObjectStore, Pack, Repository};
use libdeflater::Decompressor;
use rayon::prelude::{ParallelIterator, ParallelSlice};

/// Inflates every packed entry on all processors, without a search.
pub(crate) fn inflate(repository: &Path) -> Result<(), Box<dyn Error>> {
    let repository = Repository::open(repository)?;
    let (folders, _) = repository.object_folders();
    for folder in folders {
        for entry in std::fs::read_dir(folder.join("pack"))? {
            let path = entry?.path();
            if path.extension().is_some_and(|ending| ending == "pack") {
                inflate_all(&Pack::open(&path, repository.format())?)?;
            }
        }
    }
    Ok(())
}

fn inflate_all(pack: &Pack) -> Result<(), Box<dyn Error>> {
    let failed: usize = pack
        .entries
        .par_chunks(1024)
        .map_init(
            || (Decompressor::new(), Vec::new()),
            |(inflate, bytes), chunk| {
                let mut failed = 0;
                for entry in chunk {
                    let size = entry.size as usize;
                    let room = size + INFLATE_ROOM;
                    if bytes.len() < room {
                        bytes.resize(room, 0);
                    }
                    let made = inflate.zlib_decompress(pack.deflated(entry), &mut bytes[..room]);
                    failed += usize::from(made != Ok(size));
                }
                failed
            },
        )
        .sum();
    if failed == 0 { Ok(()) } else { Err(format!("{failed} entries cannot be inflated").into()) }
}

/// Opens a repository and all its packs and reads its refs, but no object.
pub(crate) fn open(repository: &Path) -> Result<(), Box<dyn Error>> {
    let mut notices = Vec::new();
    let repository = Repository::open(repository)?;
    let (folders, _) = repository.object_folders();
    let store = ObjectStore::open(&folders, repository.format(), 0, &mut notices);
    let roots = repository.roots(&mut notices);
    if store.entries() == 0 || roots.is_empty() {
        return Err("the repository is empty".into());
    }
    Ok(())
}
