//! asar, the archives of Electron's apps.

use std::io::{Read, SeekFrom};

use serde_json::Value;

use super::container::{Container, Fault, Members, Opening, ReadSeek, u32_at};

/// asar.
pub(super) struct Asar;

/// The longest header that is read, in bytes, and the most folders, one inside the other.
const LONGEST: u64 = 64 * 1024 * 1024;
const DEEPEST: usize = 64;

impl Container for Asar {
    fn name(&self) -> &'static str {
        "an asar archive"
    }

    fn begins(&self, start: &[u8]) -> bool {
        // Four lengths, each of what follows, then the JSON.
        start.len() > 24
            && u32_at(start, 0) == 4
            && u32_at(start, 4).checked_sub(u32_at(start, 8)) == Some(4)
            && u32_at(start, 12) <= u32_at(start, 8)
            && start[16..].starts_with(b"{\"files\"")
    }

    fn opening(&self) -> Opening {
        Opening::File(read)
    }
}

fn read(file: &mut dyn ReadSeek, members: &mut dyn Members) -> Result<(), Fault> {
    let mut lengths = [0; 16];
    file.rewind()?;
    file.read_exact(&mut lengths)?;
    let length = u64::from(u32_at(&lengths, 12));
    if length > LONGEST.min(members.limits().memory as u64) {
        return Err(Fault::Limit("has a longer header than can be read".to_owned()));
    }
    let mut header = Vec::new();
    file.take(length).read_to_end(&mut header)?;
    let header: Value =
        serde_json::from_slice(&header).map_err(|_| Fault::broken("its header is wrong"))?;
    let base = 8 + u64::from(u32_at(&lengths, 4));
    folder(file, &header, (Vec::new(), base, 0), members)
}

/// Passes on the files of a folder.
fn folder(
    file: &mut dyn ReadSeek,
    folder_entry: &Value,
    (path, base, depth): (Vec<u8>, u64, usize),
    members: &mut dyn Members,
) -> Result<(), Fault> {
    let Some(entries) = folder_entry["files"].as_object() else { return Ok(()) };
    if depth == DEEPEST {
        return Err(Fault::broken("its folders are too deep"));
    }
    for (name, entry) in entries {
        let own = match &path[..] {
            [] => name.as_bytes().to_vec(),
            path => [path, b"/", name.as_bytes()].concat(),
        };
        if entry["files"].is_object() {
            folder(file, entry, (own, base, depth + 1), members)?;
            continue;
        }
        let offset = entry["offset"].as_str().and_then(|offset| offset.parse::<u64>().ok());
        // Others lie beside the archive.
        let Some((offset, size)) = offset.zip(entry["size"].as_u64()) else { continue };
        file.seek(SeekFrom::Start(base.saturating_add(offset)))?;
        members.member(&own, &mut (&mut *file).take(size))?;
    }
    Ok(())
}
