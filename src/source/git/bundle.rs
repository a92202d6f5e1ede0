//! Bundles and packs in files of their own (gitformat-bundle(5), gitformat-pack(5)): they are unpacked into
//! a bare repository in an empty folder, which is then scanned as any other.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::Path;

use super::error::RepoError;
use super::ref_files::is_name;
use crate::model::{FilePath, Oid};

/// The longest line of a header, in bytes.
const MAX_LINE: u64 = 64 << 10;

/// The references and the missing commits that a bundle names.
#[derive(Debug, Default, PartialEq, Eq)]
struct BundleHeader {
    references: Vec<(Oid, Vec<u8>)>,
    /// Number of commits that whoever reads it has to have.
    prerequisites: usize,
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

/// Unpacks a bundle or a pack into `folder`, which is empty, as a bare repository. Returns the number of
/// commits that it needs and has not.
///
/// # Errors
/// A file that cannot be read, or that is damaged or incomplete.
pub fn unpack(path: &Path, folder: &Path) -> Result<usize, RepoError> {
    let refuse = |message: String| RepoError::Bundle(path.display().to_string(), message);
    let wrong = |error: io::Error| refuse(error.to_string());
    let mut input = BufReader::new(File::open(path).map_err(wrong)?);
    let header = match input.fill_buf().map_err(wrong)?.first() {
        Some(b'#') => read_header(&mut input).map_err(refuse)?,
        _ => BundleHeader::default(),
    };
    let damaged = |error: &git2::Error| {
        if header.prerequisites > 0 {
            return refuse(format!(
                "it needs {} commits that are not in it; `git fetch {}` brings it into a repository \
                 that has them, where `keyside git` searches it",
                header.prerequisites,
                path.display()
            ));
        }
        refuse(error.message().to_owned())
    };
    let repository = git2::Repository::init_bare(folder).map_err(|error| damaged(&error))?;
    let packs = folder.join("objects/pack");
    let mut indexer =
        git2::Indexer::new(None, &packs, 0o600, true).map_err(|error| damaged(&error))?;
    let mut room = vec![0; 1 << 16];
    loop {
        let count = input.read(&mut room).map_err(wrong)?;
        if count == 0 {
            break;
        }
        // libgit2's own words say more than the kind of error.
        indexer
            .write_all(&room[..count])
            .map_err(|error| damaged(&git2::Error::from_str(&error.to_string())))?;
    }
    indexer.commit().map_err(|error| damaged(&error))?;
    drop(repository);
    let lines = header.references.iter().filter(|(_, name)| name.starts_with(b"refs/"));
    let mut packed = Vec::new();
    for (oid, name) in lines {
        packed.extend([oid.to_string().as_bytes(), b" ", name, b"\n"].concat());
    }
    fs::write(folder.join("packed-refs"), packed).map_err(wrong)?;
    if let Some(head) = head(&header.references) {
        fs::write(folder.join("HEAD"), head).map_err(wrong)?;
    }
    Ok(header.prerequisites)
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
    let mut header = BundleHeader::default();
    for nth in 0.. {
        let mut line = Vec::new();
        let read = input.take(MAX_LINE).read_until(b'\n', &mut line);
        read.map_err(|error| error.to_string())?;
        let Some(line) = line.strip_suffix(b"\n") else {
            return Err("its header is cut off".to_owned());
        };
        match line {
            b"" => return Ok(header),
            _ if nth == 0 => {}
            [b'@', capability @ ..] => {
                let capability = String::from_utf8_lossy(capability);
                let known = ["object-format=sha1", "filter="];
                if !known.iter().any(|known| capability.starts_with(known)) {
                    return Err(format!("it uses `{capability}`, which keyside does not know"));
                }
            }
            [b'-', ..] => header.prerequisites += 1,
            _ => {
                let space = line.iter().position(|&byte| byte == b' ').unwrap_or(line.len());
                let oid = Oid::from_hex(&line[..space]);
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
        let (one, two) = (Oid::from([1; 20]), Oid::from([2; 20]));
        let read = |text: &str| read_header(&mut text.as_bytes());
        let text = format!(
            "# v3 git bundle\n@object-format=sha1\n@filter=blob:none\n-{one} A subject\n{two} HEAD\n\
             {two} refs/heads/main\n\nPACK"
        );
        let references = vec![(two, b"HEAD".to_vec()), (two, b"refs/heads/main".to_vec())];
        assert_eq!(head(&references).unwrap(), b"ref: refs/heads/main\n");
        assert_eq!(read(&text), Ok(BundleHeader { references, prerequisites: 1 }));
        for (wrong, says) in [
            ("@object-format=sha256\n\n", "sha256"),
            ("x\n\n", "names no reference"),
            (&format!("{one} refs/../x\n\n"), "names no reference"),
            (&format!("{one} refs/heads/x"), "cut off"),
            ("", "cut off"),
        ] {
            let error = read(&format!("# v2 git bundle\n{wrong}")).unwrap_err();
            assert!(error.contains(says), "{wrong}: {error}");
        }
    }
}
