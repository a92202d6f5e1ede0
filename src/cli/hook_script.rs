//! The text of a git hook: which program runs it, where keyside's lines are or belong, and whether
//! they are reached.

use super::args::Hook;

/// The first and the last line of keyside's block.
const BEGIN: &str = "# >>> keyside install-hook";
const END: &str = "# <<< keyside";

/// The shells whose language keyside's lines are in.
const SHELLS: &[&str] = &["sh", "bash", "dash", "ash", "zsh", "ksh", "mksh", "busybox"];

/// The program that git runs a hook with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Interpreter {
    /// A shell that knows POSIX syntax.
    Shell,
    /// Another one, by its name.
    Other(String),
    /// None: it is a program itself.
    Binary,
}

impl Interpreter {
    /// The interpreter of a hook with this content. Without a first line that names one, git takes a
    /// shell.
    pub(super) fn of(text: &str) -> Self {
        let Some(line) = text.strip_prefix("#!").and_then(|rest| rest.lines().next()) else {
            return if text.contains('\0') { Self::Binary } else { Self::Shell };
        };
        let mut words = line.split_whitespace().map(program_name);
        let mut name = words.next().unwrap_or_default();
        if name == "env" {
            let is_program = |word: &&str| !word.starts_with('-') && !word.contains('=');
            name = words.find(is_program).unwrap_or_default();
        }
        if SHELLS.contains(&name) { Self::Shell } else { Self::Other(name.to_owned()) }
    }
}

/// `/usr/bin/python3.12` as `python`.
fn program_name(word: &str) -> &str {
    let name = word.rsplit(['/', '\\']).next().unwrap_or_default();
    name.trim_end_matches(".exe")
        .trim_end_matches(|character: char| character.is_ascii_digit() || character == '.')
}

/// Splits a hook into the text before keyside's block, the block, and the text after it.
pub(super) fn own(text: &str) -> Option<(&str, &str, &str)> {
    let is_line = |at: &usize| *at == 0 || text[..*at].ends_with('\n');
    let start = text.match_indices(BEGIN).map(|(at, _)| at).find(is_line)?;
    let last = text[start..].find(END)? + start;
    let end = text[last..].find('\n').map_or(text.len(), |at| last + at + 1);
    Some((&text[..start], &text[start..end], &text[end..]))
}

/// The line of a hook, counted from 1, that calls keyside without its block.
pub(super) fn call(text: &str, hook: Hook) -> Option<usize> {
    let call = format!("keyside hook {}", hook.name());
    let calls = |line: &str| !line.trim_start().starts_with('#') && line.contains(&call);
    text.lines().position(calls).map(|nth| nth + 1)
}

/// The first line of a shell script, counted from 1, after which nothing is reached: an `exit` or
/// `exec` at the top level. A script that indents nothing misleads it, so callers advise only.
pub(super) fn end_of_script(text: &str) -> Option<(usize, &str)> {
    let ends = |line: &&str| {
        let mut words = line.split_whitespace();
        let is_alone = !line.contains("||") && !line.contains("&&");
        let first = if line.starts_with(char::is_whitespace) { None } else { words.next() };
        match first.map(|word| word.trim_end_matches(';')) {
            Some("exit") => is_alone,
            // Without a program, `exec` changes where output goes.
            Some("exec") => words.next().is_some_and(|word| {
                is_alone
                    && !word
                        .starts_with(|first: char| "<>&".contains(first) || first.is_ascii_digit())
            }),
            _ => false,
        }
    };
    let (nth, line) = text.lines().enumerate().find(|(_, line)| ends(line))?;
    Some((nth + 1, line.trim_end()))
}

/// A shell hook with `lines` as its first ones: nothing before them can end it.
pub(super) fn with_lines_first(text: &str, lines: &str) -> String {
    let first =
        if text.starts_with("#!") { text.find('\n').map_or(text.len(), |at| at + 1) } else { 0 };
    let (head, rest) = text.split_at(first);
    let gap = if head.is_empty() || head.ends_with('\n') { "" } else { "\n" };
    format!("{head}{gap}{lines}{rest}")
}

/// The block for a hook. It calls the program that wrote it, or, if that is gone, the one in PATH:
/// graphical clients often have no useful PATH. With `None` it calls the one in PATH, for hooks that
/// are committed. If `is_shared`, other lines come after it, which get the refs of a push, too.
pub(super) fn block(program: Option<&str>, hook: Hook, args: &[String], is_shared: bool) -> String {
    let name = hook.name();
    let mut command = format!("\"$keyside\" hook {name}");
    for arg in args {
        command.push(' ');
        command.push_str(&quoted(arg));
    }
    if hook == Hook::Push {
        command.push_str(" \"$@\"");
    }
    let command =
        if is_shared { with_refs(&command, hook) } else { format!("{command} || exit $?\n") };
    let find = match program {
        Some(program) => {
            format!("keyside={}\n[ -x \"$keyside\" ] || keyside=keyside\n", quoted(program))
        }
        None => "keyside=keyside\n".to_owned(),
    };
    let gone = if program.is_some() { "no longer installed" } else { "not installed" };
    let skip = match hook {
        Hook::Commit | Hook::Push => "; --no-verify skips this hook",
        Hook::Receive => "",
    };
    format!(
        "{BEGIN} --type {name} (--uninstall removes these lines)\n\
         {find}\
         if ! command -v \"$keyside\" >/dev/null 2>&1; then\n  \
           echo \"keyside is {gone}, so nothing was scanned{skip}\" >&2\n  \
           exit 1\n\
         fi\n\
         {command}\
         {END}\n",
    )
}

/// The lines that a person adds to a hook.
pub(super) fn manual_lines(hook: Hook) -> String {
    let rest = if hook == Hook::Push { " \"$@\"" } else { "" };
    with_refs(&format!("keyside hook {}{rest}", hook.name()), hook)
}

/// Runs `command` and keeps the refs that git passes on standard input for the lines after it, such as
/// `git lfs pre-push`.
fn with_refs(command: &str, hook: Hook) -> String {
    match hook {
        Hook::Commit => format!("{command} || exit $?\n"),
        Hook::Push | Hook::Receive => format!(
            "keyside_refs=$(cat)\n\
             printf '%s\\n' \"$keyside_refs\" | {command} || exit $?\n\
             [ -z \"$keyside_refs\" ] || exec <<KEYSIDE_REFS\n\
             $keyside_refs\n\
             KEYSIDE_REFS\n"
        ),
    }
}

fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_block_is_found_among_other_lines() {
        let args = ["it's".to_owned()];
        let ours = block(Some("/usr/bin/keyside"), Hook::Commit, &args, false);
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

    #[test]
    fn the_interpreter_is_the_one_that_git_runs() {
        let other = |name: &str| Interpreter::Other(name.to_owned());
        for (text, expected) in [
            ("#!/bin/sh\n", Interpreter::Shell),
            ("#!/usr/bin/env bash\nexit", Interpreter::Shell),
            ("#! /bin/sh -e\r\n", Interpreter::Shell),
            ("#!/usr/bin/env -S A=b zsh -f\n", Interpreter::Shell),
            ("#!C:/Program/bin/sh.exe\n", Interpreter::Shell),
            ("echo 1\n", Interpreter::Shell),
            ("#!/usr/bin/python3.12\n", other("python")),
            ("#!/usr/bin/env node\n", other("node")),
            ("#!/usr/bin/perl -w\n", other("perl")),
            ("#!/usr/bin/fish", other("fish")),
            ("\u{7f}ELF\0", Interpreter::Binary),
        ] {
            assert_eq!(Interpreter::of(text), expected, "{text}");
        }
    }

    #[test]
    fn lines_come_before_everything_that_may_end_the_script() {
        assert_eq!(with_lines_first("#!/bin/sh\nexit\n", "k\n"), "#!/bin/sh\nk\nexit\n");
        assert_eq!(with_lines_first("#!/bin/sh", "k\n"), "#!/bin/sh\nk\n");
        assert_eq!(with_lines_first("exit\n", "k\n"), "k\nexit\n");
        for (text, line) in [
            ("a\nexit 0\n", Some(2)),
            ("exec \"$0.sh\" \"$@\"\n", Some(1)),
            ("exit;\n", Some(1)),
            ("exec < /dev/tty\nexec 2>&1\nexec >log\n", None),
            ("if a; then\n  exit 1\nfi\n", None),
            ("exit_code=1\n# exit\n", None),
            ("exec a || exit 1\n", None),
        ] {
            assert_eq!(end_of_script(text).map(|(line, _)| line), line, "{text}");
        }
        assert_eq!(call("#!/bin/sh\n# keyside hook pre-commit\n", Hook::Commit), None);
        assert_eq!(call("a\nkeyside hook pre-commit -q\n", Hook::Commit), Some(2));
    }
}
