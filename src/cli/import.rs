//! `keyside import`: converts files of gitleaks and detect-secrets into keyside's own.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use super::args::ImportArgs;
use super::command_escaper::escape_commands;
use super::streams::Streams;
use super::{exit, repository};
use crate::config::Settings;
use crate::interop::{ImportError, ImportFormat};
use crate::model::{SettingsTextError, read_settings, replace_file};
use crate::run::{self, ImportedFile};

/// The largest file to import, in bytes.
const MAX_FILE: u64 = 64 << 20;

pub(super) fn import(args: ImportArgs, streams: &Streams) -> anyhow::Result<u8> {
    let text = read(&args.file)?;
    let name = args.file.file_name().unwrap_or_default().to_string_lossy();
    let unknown = || ImportError::Unknown { file: args.file.display().to_string() };
    let kind = args.kind.or_else(|| ImportFormat::detect(&name, &text)).ok_or_else(unknown)?;
    // Only keys are looked up with the rules of the tree, which may name those that are to be written.
    let roots = match kind {
        ImportFormat::GitleaksConfig => &[][..],
        ImportFormat::GitleaksIgnore
        | ImportFormat::GitleaksReport
        | ImportFormat::DetectSecrets => std::slice::from_ref(&args.file),
    };
    let plan = args.rules.settings(Settings::default()).plan(roots)?;
    let folder = args.file.parent().filter(|folder| !folder.as_os_str().is_empty());
    let repository = repository::open(folder.unwrap_or(Path::new("."))).ok();
    let import = run::import(&plan, kind, &args.file, &text, repository)?;
    match &args.output {
        Some(output) => {
            let (parts, advice) = for_output(import.parts.clone(), output, args.force);
            for path in write(&parts, output, args.force)? {
                writeln!(streams.err(), "written: {}", path.display())?;
            }
            if let Some(advice) = advice {
                writeln!(streams.err(), "{advice}")?;
            }
        }
        None => {
            let parts: Vec<_> =
                import.parts.iter().filter(|part| !part.is_of_folder).cloned().collect();
            print(&parts, streams)?;
        }
    }
    let mut err = streams.err();
    for warning in &import.warnings {
        writeln!(err, "{}: {}", warning.place, warning.message)?;
    }
    let left_out = import.warnings.iter().filter(|warning| warning.is_left_out).count();
    let mut said = import.done.join("; ");
    if said.is_empty() {
        said = "nothing in it can be imported".to_owned();
    }
    writeln!(err, "{}: {said}; {left_out} left out", kind.title())?;
    Ok(if import.is_partial() { exit::INCOMPLETE } else { exit::CLEAN })
}

fn read(path: &Path) -> anyhow::Result<String> {
    match read_settings(path, MAX_FILE) {
        Ok(text) => Ok(text),
        Err(SettingsTextError::Read(error)) => {
            Err(error).with_context(|| format!("cannot read {}", path.display()))
        }
        Err(error @ SettingsTextError::TooLarge(_)) => bail!("{}: {error}", path.display()),
        Err(SettingsTextError::Text { line, message }) => {
            bail!("{}:{line}: {message}", path.display())
        }
    }
}

/// Prints the files, each after its name if there are several.
fn print(parts: &[ImportedFile], streams: &Streams) -> anyhow::Result<()> {
    let mut text = String::new();
    for part in parts {
        if parts.len() > 1 {
            text += &format!("# ---- {} (-o FOLDER writes these files)\n", part.name);
        }
        text += &part.text;
    }
    if escape_commands(text.as_bytes(), "\\x3a", "\\x23") != text.as_bytes() {
        bail!("a build server would run its content as a command; write it to a file with -o");
    }
    streams.out().write_all(text.as_bytes())?;
    Ok(())
}

/// The files to write to `output`, and what is left to do by hand: a file that only makes others count
/// belongs into a folder, and one that is there is the user's to change.
fn for_output(
    mut parts: Vec<ImportedFile>,
    output: &Path,
    force: bool,
) -> (Vec<ImportedFile>, Option<String>) {
    let is_folder = output.is_dir() || parts.iter().filter(|part| !part.is_of_folder).count() > 1;
    let mut advice = None;
    parts.retain(|part| {
        let path = output.join(part.name);
        if part.is_of_folder && is_folder && !force && is_other(&path, &part.text) {
            let lines = part.text.lines().filter(|line| !line.starts_with('#'));
            let lines: Vec<_> = lines.collect();
            let path = path.display();
            advice = Some(format!("{path} is there: add `{}` to it", lines.join("; ")));
            return false;
        }
        !part.is_of_folder || is_folder
    });
    (parts, advice)
}

/// True if there is a file at `path` with another content.
fn is_other(path: &Path, text: &str) -> bool {
    path.symlink_metadata().is_ok() && fs::read(path).ok().as_deref() != Some(text.as_bytes())
}

/// Writes the files; returns their paths.
fn write(parts: &[ImportedFile], output: &Path, force: bool) -> anyhow::Result<Vec<PathBuf>> {
    let in_folder = parts.len() > 1 || output.is_dir();
    let path = |part: &ImportedFile| {
        if in_folder { output.join(part.name) } else { output.to_owned() }
    };
    let paths: Vec<_> = parts.iter().map(path).collect();
    let mut each = parts.iter().zip(&paths);
    if let Some((_, path)) = each.find(|(part, path)| !force && is_other(path, &part.text)) {
        bail!("{} already exists; --force overwrites it", path.display());
    }
    if in_folder {
        let made = fs::create_dir_all(output);
        made.with_context(|| format!("cannot create {}", output.display()))?;
    }
    for (part, path) in parts.iter().zip(&paths) {
        replace_file(path, part.text.as_bytes())
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(paths)
}
