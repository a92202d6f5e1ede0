//! Trees and arguments that are made to be misread: nothing is clean that was not read, no key is
//! shown by a detour, and no file makes the run wait or fall over.

use crate::support::{Dir, SECRET};

#[cfg(unix)]
#[test]
fn a_closed_standard_error_loses_neither_report_nor_exit_code() {
    let dir = Dir::new();
    dir.write("a", dir.key(SECRET));
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let run = dir
        .command(&["scan", "-f", "json"], b"")
        .with(|command| _ = command.stderr(writer))
        .finish(&dir)
        .expect(1);
    assert_eq!(run.json()["findings"].as_array().unwrap().len(), 1);
}

#[cfg(unix)]
#[test]
fn a_report_into_a_closed_pipe_is_an_error() {
    let dir = Dir::new();
    dir.write("a", dir.key(SECRET));
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    dir.command(&["scan", "-f", "json=/dev/stdout", "-o", "human.txt"], b"")
        .with(|command| _ = command.stdout(writer))
        .finish(&dir)
        .expect(2);
}

#[cfg(unix)]
#[test]
fn rule_files_of_the_tree_are_plain_files_in_it() {
    let dir = Dir::new();
    dir.write("tree/keyside.toml", "rules = [\"rules\"]");
    dir.write("outside.toml", "");
    std::fs::create_dir(dir.path().join("tree/rules")).unwrap();
    let link = dir.path().join("tree/rules/x.toml");
    for target in ["/dev/zero", "../../outside.toml"] {
        std::os::unix::fs::symlink(target, &link).unwrap();
        let run = dir.run(&["scan", "tree"]).expect(2);
        run.err("leads out of the scanned tree");
        std::fs::remove_file(&link).unwrap();
    }
    fifo(&dir, "tree/rules/x.toml");
    dir.run(&["scan", "tree"]).expect(2).err("no plain file");
}

#[cfg(unix)]
fn fifo(dir: &Dir, name: &str) {
    let made = std::process::Command::new("mkfifo")
        .arg(dir.path().join(name))
        .status();
    assert!(made.unwrap().success());
}
