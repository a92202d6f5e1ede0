//! Replaces files as a whole: after an interrupt or on a full disk, the old content is there or the new
//! one, never a part of either.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile};

/// Checks that [`replace_file`] can write to `path`, without changing what is there.
///
/// # Errors
/// A folder, a missing folder, or one without permission.
pub fn check_replaceable(path: &Path) -> io::Result<()> {
    match fs::metadata(path) {
        Ok(old) if old.is_dir() => Err(io::ErrorKind::IsADirectory.into()),
        Ok(old) if old.is_file() => OpenOptions::new().write(true).open(path).map(drop),
        // A pipe would wait for its reader.
        Ok(_) => Ok(()),
        Err(_) => beside(&replaced_path(path), None).map(drop),
    }
}

/// Writes `bytes` to the file at `path`: into a new file beside it, which then takes its place. Links are
/// followed and permissions kept. Devices, pipes and files that cannot be replaced (mounted ones, or
/// those in a folder without permission) are written in place.
///
/// # Errors
/// A file that cannot be written; what was there before is kept.
pub fn replace_file(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let old = fs::metadata(path).ok();
    // Behind the names of open files there may be one that the caller adds to.
    let is_open = ["/dev/fd", "/dev/stdout", "/dev/stderr", "/proc"]
        .iter()
        .any(|name| path.starts_with(name));
    if is_open || old.as_ref().is_some_and(|old| !old.is_file()) {
        return OpenOptions::new().append(true).open(path)?.write_all(bytes);
    }
    if old.is_some() {
        // A file that may not be written may not be replaced either.
        OpenOptions::new().write(true).open(path)?;
    }
    let path = replaced_path(path);
    let mut new = match beside(&path, old.as_ref()) {
        Err(error) if old.is_some() && is_refused(&error) => return overwrite(&path, bytes),
        new => new?,
    };
    new.write_all(bytes)?;
    new.as_file().sync_all()?;
    match new.persist(&path) {
        Err(failed) if old.is_some() && is_refused(&failed.error) => overwrite(&path, bytes),
        Err(failed) => Err(failed.error),
        Ok(_) => Ok(()),
    }
}

/// The file that is replaced: the one that a link leads to. Its folder has no links in its path.
pub fn replaced_path(path: &Path) -> PathBuf {
    if let Ok(real) = fs::canonicalize(path) {
        return real;
    }
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    // A link whose file is still to be made.
    let named = match fs::read_link(path) {
        Ok(target) => folder.join(target),
        Err(_) => path.to_owned(),
    };
    let folder = match named.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    match (fs::canonicalize(folder), named.file_name()) {
        (Ok(folder), Some(name)) => folder.join(name),
        _ => named,
    }
}

/// A new file beside `path`, with the permissions of the old one.
fn beside(path: &Path, old: Option<&fs::Metadata>) -> io::Result<NamedTempFile> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut builder = Builder::new();
    builder.prefix(".keyside-").suffix(".tmp");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let new = builder.tempfile_in(folder)?;
    if let Some(old) = old {
        new.as_file().set_permissions(old.permissions())?;
    }
    Ok(new)
}

/// True if no file may be made beside the old one, or the old one may not be renamed over.
fn is_refused(error: &io::Error) -> bool {
    use io::ErrorKind::{
        CrossesDevices, PermissionDenied, ReadOnlyFilesystem, ResourceBusy, Unsupported,
    };
    matches!(
        error.kind(),
        CrossesDevices | PermissionDenied | ReadOnlyFilesystem | ResourceBusy | Unsupported
    )
}

fn overwrite(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file: File = OpenOptions::new().write(true).open(path)?;
    file.write_all(bytes)?;
    file.set_len(bytes.len() as u64)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_as_a_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.json");
        for text in ["long, to begin with", "short"] {
            check_replaceable(&path).unwrap();
            replace_file(&path, text.as_bytes()).unwrap();
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
        }
        // Nothing else is left.
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        assert!(check_replaceable(folder.path()).is_err());
        assert!(check_replaceable(&folder.path().join("no/such/file")).is_err());
        assert!(replace_file(&folder.path().join("no/such/file"), b"").is_err());
    }

    #[cfg(unix)]
    #[test]
    fn links_permissions_and_devices_stay() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("file"), folder.path().join("link"));
        symlink("file", &link).unwrap();
        replace_file(&link, b"made").unwrap();
        fs::set_permissions(&file, PermissionsExt::from_mode(0o640)).unwrap();
        replace_file(&link, b"new").unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read(&file).unwrap(), b"new");
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o640);
        replace_file(Path::new("/dev/null"), b"x").unwrap();
        assert!(!fs::metadata("/dev/null").unwrap().is_file());
        #[cfg(target_os = "linux")]
        assert!(replace_file(Path::new("/dev/full"), b"x").is_err());
    }
}
