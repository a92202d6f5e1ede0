//! Bundles and packs in files of their own (gitformat-bundle(5), gitformat-pack(5)): they are unpacked into
//! a bare repository in an empty folder, which is then scanned as any other.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use super::error::RepoError;
use super::pack_indexer::index_pack;
use super::ref_files::is_name;
use crate::model::{FilePath, ObjectFormat, Oid};

/// The longest line of a header, in bytes.
const MAX_LINE: u64 = 64 << 10;

/// The header of a bundle.
#[derive(Debug, Default, PartialEq, Eq)]
struct BundleHeader {
    /// The format of its ids, which a pack has to tell itself.
    format: Option<ObjectFormat>,
    references: Vec<(Oid, Vec<u8>)>,
    /// The commits that whoever reads it has to have.
    prerequisites: Vec<Oid>,
    /// True if objects were left out by a filter.
    is_filtered: bool,
}

/// The objects that a bundle or a pack builds on and has not.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct BundleGaps {
    /// Commits whose history goes on elsewhere.
    pub commits: Vec<Oid>,
    /// Number of objects that are stored as differences from objects elsewhere, and cannot be read.
    pub objects: usize,
}

/// True if a file is a bundle or a pack.
pub fn is_bundle(path: &Path) -> bool {
    let mut start = Vec::new();
    let is_file = fs::metadata(path).is_ok_and(|metadata| metadata.is_file());
    let read = || File::open(path)?.take(20).read_to_end(&mut start);
    is_file && { read }().is_ok() && {
        let marks = [&b"PACK\0\0\0"[..], b"# v2 git bundle\n", b"# v3 git bundle\n"];
        marks.iter().any(|mark| start.starts_with(mark))
    }
}

/// Unpacks a bundle or a pack into `folder`, which is empty, as a bare repository. Returns what it needs and
/// has not.
///
/// # Errors
/// A file that cannot be read, or that is damaged.
pub fn unpack(path: &Path, folder: &Path) -> Result<BundleGaps, RepoError> {
    let refuse = |message: String| RepoError::Bundle(path.display().to_string(), message);
    let wrong = |error: io::Error| refuse(error.to_string());
    let mut input = BufReader::new(File::open(path).map_err(wrong)?);
    let header = match input.fill_buf().map_err(wrong)?.first() {
        Some(b'#') => read_header(&mut input).map_err(refuse)?,
        _ => BundleHeader::default(),
    };
    let packs = folder.join("objects/pack");
    fs::create_dir_all(&packs).map_err(wrong)?;
    fs::create_dir_all(folder.join("refs")).map_err(wrong)?;
    let pack = packs.join("pack-unpacked.pack");
    io::copy(&mut input, &mut File::create(&pack).map_err(wrong)?).map_err(wrong)?;
    if header.is_filtered || !header.prerequisites.is_empty() {
        // Git's own mark of packs that name objects which are elsewhere.
        fs::write(pack.with_extension("promisor"), "").map_err(wrong)?;
    }
    let (format, objects) = index_pack(&pack, header.format).map_err(refuse)?;
    let version = if format == ObjectFormat::Sha1 { 0 } else { 1 };
    let mut config = format!("[core]\n\trepositoryformatversion = {version}\n\tbare = true\n");
    if format != ObjectFormat::Sha1 {
        config += &format!("[extensions]\n\tobjectformat = {}\n", format.name());
    }
    fs::write(folder.join("config"), config).map_err(wrong)?;
    let lines = header.references.iter().filter(|(_, name)| name.starts_with(b"refs/"));
    let mut packed = Vec::new();
    for (oid, name) in lines {
        packed.extend([oid.to_string().as_bytes(), b" ", name, b"\n"].concat());
    }
    fs::write(folder.join("packed-refs"), packed).map_err(wrong)?;
    let head = head(&header.references).unwrap_or_else(|| b"ref: refs/heads/main\n".to_vec());
    fs::write(folder.join("HEAD"), head).map_err(wrong)?;
    Ok(BundleGaps { commits: header.prerequisites, objects })
}

/// The content of HEAD: the branch that HEAD of the bundle is at, or else its commit.
fn head(references: &[(Oid, Vec<u8>)]) -> Option<Vec<u8>> {
    let (head, _) = references.iter().find(|(_, name)| name == b"HEAD")?;
    let is_branch = |own: &&(Oid, Vec<u8>)| own.0 == *head && own.1.starts_with(b"refs/heads/");
    Some(match references.iter().find(is_branch) {
        Some((_, name)) => [b"ref: ", &name[..], b"\n"].concat(),
        None => format!("{head}\n").into_bytes(),
    })
}

/// Reads everything before the pack.
fn read_header(input: &mut impl BufRead) -> Result<BundleHeader, String> {
    let mut format = ObjectFormat::Sha1;
    let mut header = BundleHeader::default();
    for nth in 0.. {
        let mut line = Vec::new();
        let read = input.take(MAX_LINE).read_until(b'\n', &mut line);
        read.map_err(|error| error.to_string())?;
        let Some(line) = line.strip_suffix(b"\n") else {
            return Err("its header is cut off".to_owned());
        };
        match line {
            b"" => return Ok(BundleHeader { format: Some(format), ..header }),
            _ if nth == 0 => {}
            [b'@', capability @ ..] => {
                let capability = String::from_utf8_lossy(capability);
                match capability.split_once('=') {
                    Some(("object-format", "sha1")) => format = ObjectFormat::Sha1,
                    Some(("object-format", "sha256")) => format = ObjectFormat::Sha256,
                    Some(("filter", _)) => header.is_filtered = true,
                    _ => {
                        return Err(format!("it uses `{capability}`, which keyside does not know"));
                    }
                }
            }
            [b'-', rest @ ..] => {
                let oid = rest.get(..format.digits()).and_then(Oid::from_hex);
                let wrong =
                    || format!("`{}` in its header names no commit", FilePath::from_bytes(line));
                header.prerequisites.push(oid.ok_or_else(wrong)?);
            }
            _ => {
                let space = line.iter().position(|&byte| byte == b' ').unwrap_or(line.len());
                let oid = Oid::from_hex_as(format, &line[..space]);
                let name = line.get(space + 1..).unwrap_or_default();
                let (Some(oid), true) = (oid, is_name(name)) else {
                    let line = FilePath::from_bytes(line);
                    return Err(format!("`{line}` in its header names no reference"));
                };
                header.references.push((oid, name.to_owned()));
            }
        }
    }
    Ok(header)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_parsed() {
        let read = |text: &str| read_header(&mut text.as_bytes());
        for (one, two) in
            [(Oid::from([1; 20]), Oid::from([2; 20])), (Oid::from([1; 32]), Oid::from([2; 32]))]
        {
            let format = one.format();
            let text = format!(
                "# v3 git bundle\n@object-format={}\n@filter=blob:none\n-{one} A subject\n{two} HEAD\n\
                 {two} refs/heads/main\n\nPACK",
                format.name()
            );
            let references = vec![(two, b"HEAD".to_vec()), (two, b"refs/heads/main".to_vec())];
            assert_eq!(head(&references).unwrap(), b"ref: refs/heads/main\n");
            let (format, prerequisites) = (Some(format), vec![one]);
            let is_filtered = true;
            let expected = BundleHeader { format, references, prerequisites, is_filtered };
            assert_eq!(read(&text), Ok(expected));
        }
        let one = Oid::from([1; 20]);
        for (wrong, says) in [
            ("@object-format=sha512\n\n", "sha512"),
            ("@new\n\n", "`new`"),
            ("x\n\n", "names no reference"),
            ("-x\n\n", "names no commit"),
            (&format!("{} refs/heads/x\n\n", Oid::from([1; 32])), "names no reference"),
            (&format!("{one} refs/../x\n\n"), "names no reference"),
            (&format!("{one} refs/heads/x"), "cut off"),
            ("", "cut off"),
        ] {
            let error = read(&format!("# v2 git bundle\n{wrong}")).unwrap_err();
            assert!(error.contains(says), "{wrong}: {error}");
        }
    }
}
