//! `keyside install-hook`: installs and removes the hooks of a repository. Lines that others wrote
//! there are never touched.

use std::io::{self, Write};
use std::path::Path;
use std::{env, fs};

use anyhow::{Context, bail};

use super::args::{Hook, InstallArgs};
use super::streams::Streams;
use super::{exit, repository};

/// The first and the last line of keyside's block.
const BEGIN: &str = "# >>> keyside install-hook";
const END: &str = "# <<< keyside";

pub(super) fn install_hook(args: InstallArgs, streams: &Streams) -> anyhow::Result<u8> {
    let repository = repository::open(Path::new("."))?;
    let folder = repository.hooks();
    let mut out = streams.out();
    for hook in args.kinds {
        let path = folder.join(hook.name());
        if repository.checkout().is_none() && hook != Hook::Receive && !args.uninstall {
            bail!("nobody commits in or pushes from a bare repository; use --type pre-receive");
        }
        let done =
            if args.uninstall { uninstall(&path)? } else { install(&path, hook, &args.args)? };
        writeln!(out, "{done}: {}", path.display())?;
    }
    Ok(exit::CLEAN)
}

/// Installs or updates a hook; returns what was done.
fn install(path: &Path, hook: Hook, args: &[String]) -> anyhow::Result<&'static str> {
    let block = block(&program()?, hook, args);
    let (text, done) = match read(path)? {
        None => (format!("#!/bin/sh\n{block}"), "installed"),
        Some(text) => match own(&text) {
            Some((_, old, _)) if old == block => (text, "already installed"),
            Some((before, _, after)) => (format!("{before}{block}{after}"), "updated"),
            None => bail!(
                "{} already exists, and not from keyside. Add this line to it:\n  keyside hook {}{} \
                 || exit $?",
                path.display(),
                hook.name(),
                if hook == Hook::Push { " \"$@\"" } else { "" },
            ),
        },
    };
    if let Some(folder) = path.parent() {
        let made = fs::create_dir_all(folder);
        made.with_context(|| format!("cannot create {}", folder.display()))?;
    }
    fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))?;
    allow_running(path).with_context(|| format!("cannot make {} executable", path.display()))?;
    Ok(done)
}

/// Removes keyside's block, and the file if nothing else is in it.
fn uninstall(path: &Path) -> anyhow::Result<&'static str> {
    let Some(text) = read(path)? else { return Ok("was not installed") };
    let Some((before, _, after)) = own(&text) else {
        bail!("{} is not from keyside, and was left unchanged", path.display());
    };
    let rest = format!("{before}{after}");
    let is_empty = rest.lines().all(|line| line.trim().is_empty() || line.starts_with("#!"));
    let done = if is_empty { fs::remove_file(path) } else { fs::write(path, rest) };
    done.with_context(|| format!("cannot change {}", path.display()))?;
    Ok("removed")
}

/// The text of the file at `path`, if there is one.
fn read(path: &Path) -> anyhow::Result<Option<String>> {
    match fs::read(path) {
        // Somebody's hook need not be text.
        Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
        Err(error) if error.kind() == io::ErrorKind::NotFound && !path.is_symlink() => Ok(None),
        Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
    }
}

/// Splits a hook into the text before keyside's block, the block, and the text after it.
fn own(text: &str) -> Option<(&str, &str, &str)> {
    let is_line = |at: &usize| *at == 0 || text[..*at].ends_with('\n');
    let start = text.match_indices(BEGIN).map(|(at, _)| at).find(is_line)?;
    let last = text[start..].find(END)? + start;
    let end = text[last..].find('\n').map_or(text.len(), |at| last + at + 1);
    Some((&text[..start], &text[start..end], &text[end..]))
}

/// The block for a hook. It calls the program that wrote it, or, if that is gone, the one in PATH.
/// Graphical clients often have no useful PATH.
fn block(program: &str, hook: Hook, args: &[String]) -> String {
    let name = hook.name();
    let mut command = format!("\"$keyside\" hook {name}");
    for arg in args {
        command.push(' ');
        command.push_str(&quoted(arg));
    }
    if hook == Hook::Push {
        command.push_str(" \"$@\"");
    }
    let skip = match hook {
        Hook::Commit | Hook::Push => "; --no-verify skips this hook",
        Hook::Receive => "",
    };
    format!(
        "{BEGIN} --type {name} (--uninstall removes these lines)\n\
         keyside={program}\n\
         [ -x \"$keyside\" ] || keyside=keyside\n\
         if ! command -v \"$keyside\" >/dev/null 2>&1; then\n  \
           echo \"keyside is no longer installed, so nothing was scanned{skip}\" >&2\n  \
           exit 1\n\
         fi\n\
         {command} || exit $?\n\
         {END}\n",
        program = quoted(program),
    )
}

/// The path of this program, in the form git's shell takes.
fn program() -> anyhow::Result<String> {
    let path = env::current_exe().context("cannot find the path of keyside")?;
    let path = path.into_os_string().into_string();
    let text = path.ok().context("the path of keyside is not UTF-8")?;
    // The shell does not know the prefix that Windows puts before long paths.
    let text = text.strip_prefix(r"\\?\").unwrap_or(&text);
    Ok(if cfg!(windows) { text.replace('\\', "/") } else { text.to_owned() })
}

fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(unix)]
fn allow_running(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let mode = fs::metadata(path)?.permissions().mode();
    // Everyone who may read it may run it.
    fs::set_permissions(path, fs::Permissions::from_mode(mode | 0o100 | (mode & 0o444) >> 2))
}

#[cfg(not(unix))]
fn allow_running(_path: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_block_is_found_among_other_lines() {
        let ours = block("/usr/bin/keyside", Hook::Commit, &["it's".to_owned()]);
        assert!(ours.contains(r"keyside='/usr/bin/keyside'"), "{ours}");
        assert!(ours.contains(r#""$keyside" hook pre-commit 'it'\''s' || exit $?"#), "{ours}");
        let text = format!("#!/bin/sh\necho 1\n{ours}echo 2\n");
        assert_eq!(own(&text), Some(("#!/bin/sh\necho 1\n", &ours[..], "echo 2\n")));
        assert_eq!(own(ours.trim_end()).map(|(before, _, after)| (before, after)), Some(("", "")));
        for text in
            ["", "#!/bin/sh\nkeyside hook pre-commit\n", &format!("echo '{BEGIN}'\n"), BEGIN]
        {
            assert_eq!(own(text), None, "{text}");
        }
    }
}
