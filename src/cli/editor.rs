//! Opens the user's editor at a line of a file.

use std::env;
use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, bail};

/// The editor if neither VISUAL nor EDITOR is set.
const DEFAULT: &str = if cfg!(windows) { "notepad" } else { "vi" };

/// Opens `file` at a line, and waits until the editor ends.
///
/// # Errors
/// An editor that does not start or fails.
pub(super) fn open(file: &Path, line: u64) -> anyhow::Result<()> {
    let of = |name: &str| env::var(name).ok().filter(|value| !value.trim().is_empty());
    let editor = of("VISUAL").or_else(|| of("EDITOR")).unwrap_or_else(|| DEFAULT.to_owned());
    let arguments = arguments(&editor, file, line);
    let mut command = command(&editor);
    let status = command.args(arguments).status();
    let status =
        status.with_context(|| format!("cannot start `{editor}`: see VISUAL and EDITOR"))?;
    if !status.success() {
        bail!("`{editor}` ended with {status}");
    }
    Ok(())
}

/// The editor's command, which may have arguments of its own, such as `code --wait`. As for git, a shell
/// reads it.
fn command(editor: &str) -> Command {
    if cfg!(windows) {
        let mut words = editor.split_whitespace();
        let mut command = Command::new(words.next().unwrap_or(DEFAULT));
        command.args(words);
        return command;
    }
    let mut command = Command::new("sh");
    command.arg("-c").arg(format!("{editor} \"$@\"")).arg(editor);
    command
}

/// The arguments that open a file at a line.
fn arguments(editor: &str, file: &Path, line: u64) -> Vec<OsString> {
    let program = editor.split_whitespace().next().unwrap_or_default();
    let name = Path::new(program).file_stem().and_then(|name| name.to_str()).unwrap_or_default();
    // A name that begins with a sign is no option.
    let file = if file.is_relative() { Path::new(".").join(file) } else { file.to_owned() };
    let file = file.into_os_string();
    let at = |line: u64| {
        let mut place = file.clone();
        place.push(format!(":{line}"));
        place
    };
    match name {
        "code" | "code-insiders" | "codium" | "cursor" | "windsurf" => {
            vec!["--goto".into(), at(line)]
        }
        "subl" | "zed" | "hx" | "helix" => vec![at(line)],
        "idea" | "webstorm" | "pycharm" | "mate" => {
            vec!["--line".into(), line.to_string().into(), file]
        }
        "notepad" => vec![file],
        _ => vec![format!("+{line}").into(), file],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn editors_open_at_the_line() {
        for (editor, expected) in [
            ("vi", &["+7", "./a.ts"][..]),
            ("/usr/bin/nvim -n", &["+7", "./a.ts"]),
            ("emacsclient -t", &["+7", "./a.ts"]),
            ("code --wait", &["--goto", "./a.ts:7"]),
            ("hx", &["./a.ts:7"]),
            ("pycharm", &["--line", "7", "./a.ts"]),
            ("notepad", &["./a.ts"]),
        ] {
            assert_eq!(arguments(editor, Path::new("a.ts"), 7), expected, "{editor}");
        }
        assert_eq!(arguments("vi", Path::new("-c"), 1), ["+1", "./-c"]);
        assert_eq!(arguments("vi", Path::new("/x/a"), 1), ["+1", "/x/a"]);
    }
}
