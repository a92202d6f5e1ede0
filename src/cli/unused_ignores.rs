//! `--strict-ignores` and the entries of ignore files that have no use: one is called unused only if
//! neither the whole tree nor the history of its repository has a finding for it.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};

use super::exit::{self, ExitChoice};
use super::sanitize::sanitize;
use super::streams::Streams;
use crate::config::{Plan, Settings};
use crate::model::{Completeness, Mode, Report, Severity};
use crate::run::{self, GitTarget, Progress, ScanTarget};
use crate::source;
use crate::source::git::Repository;
use crate::suppress::{self, RealRoots, SeenFindings, UnusedEntry};

/// The exit code of a scan. With `--strict-ignores`, it is that of a wrong configuration if an entry of
/// the ignore files has ended or has no use, and standard error names it. Paths of the report are
/// relative to `base`.
pub(super) fn exit_code(
    plan: &Plan,
    report: &Report,
    base: &Path,
    choice: ExitChoice,
    streams: &Streams,
) -> anyhow::Result<u8> {
    let mut err = streams.err();
    if let Some(remark) = exit::remark(report, choice) {
        // A closed standard error must not change the exit code.
        let _ = writeln!(err, "note: {remark}");
    }
    let code = exit::of(report, choice);
    if !choice.strict_ignores {
        return Ok(code);
    }
    let mut faults = Vec::new();
    if matches!(report.mode, Mode::Tree | Mode::History) {
        let mut seen = SeenFindings::default();
        seen.add(report, base, &plan.policy.roots);
        let unused = find_unused(plan, seen, &|_| true)?;
        if unused.is_none() {
            let _ = writeln!(
                err,
                "note: --strict-ignores: not everything was read, so no entry is called unused"
            );
        }
        let unused = unused.unwrap_or_default().into_iter().filter(|own| !own.has_ended);
        faults.extend(unused.map(|own| {
            let name = own.name;
            (
                own.file,
                own.line,
                format!("unused: the tree and its history have no finding for {name}"),
            )
        }));
    }
    let ended = plan.policy.ended().into_iter();
    faults.extend(ended.map(|own| {
        let sentence = format!("{}, and has expired", own.sentence());
        (own.file, own.line, sentence)
    }));
    faults.sort();
    for (file, line, fault) in &faults {
        let _ = writeln!(err, "{}", sanitize(&format!("error: {file}:{line}: {fault}")));
    }
    if !faults.is_empty() {
        let _ = writeln!(err, "  `keyside baseline prune` removes what is unused");
    }
    Ok(if faults.is_empty() { code } else { exit::USAGE })
}

/// The entries in folders that `is_judged` takes for which there is no finding: neither among those that
/// were `seen`, nor in all that lies below the ignore files and in the repository, with all rules. `None`
/// if not everything could be read.
pub(super) fn find_unused(
    plan: &Plan,
    mut seen: SeenFindings,
    is_judged: &dyn Fn(&Path) -> bool,
) -> anyhow::Result<Option<Vec<UnusedEntry>>> {
    // Those of folders without findings were not read yet.
    for root in &plan.roots {
        for file in source::files_named(root, suppress::FILE_NAME) {
            plan.policy.nested.read_around(&file);
        }
    }
    let suspected = plan.policy.unused(&seen, is_judged);
    if suspected.is_empty() {
        return Ok(Some(suspected));
    }
    let progress = Progress::default();
    let mut has_branches = false;
    for root in outermost(suspected.iter().map(|own| own.root.as_path())) {
        let roots = [root.clone()];
        let whole = Settings {
            config: None,
            only: Vec::new(),
            disable: Vec::new(),
            experimental: true,
            exclude: Vec::new(),
            baseline: None,
            min_severity: Some(Severity::Note),
            max_file_size: None,
            no_ignore: true,
            allow_empty: true,
            no_suppress: true,
            verify: None,
            ..plan.effective.clone()
        };
        let repository = Repository::open(&root).ok();
        let top = repository.as_ref().and_then(|own| own.checkout()).map(Path::to_owned);
        let base = top.clone().filter(|_| whole.base.is_some());
        let whole = Settings { base, ..whole }.plan(&roots)?;
        let tree = run::run(&whole, &mut [ScanTarget::Paths(&roots)], false, &progress);
        seen.add(&tree, Path::new(""), &RealRoots::new(&roots));
        let mut is_complete = tree.state() == Completeness::Complete;
        if let Some(repository) = &repository {
            let all = GitTarget::History { selection: None, cache: None, is_recursive: false };
            let history = run::run_git(&whole, repository, &all, false, &progress)?;
            let top = top.unwrap_or_default();
            seen.add(&history, &top, &RealRoots::new(&roots));
            seen.add_leaks(&history, &whole.salt);
            has_branches |= has_other_branches(repository);
            is_complete &= history.state() == Completeness::Complete;
        }
        if !is_complete {
            return Ok(None);
        }
    }
    let mut unused = plan.policy.unused(&seen, is_judged);
    // Nothing tells how a secret of another branch reaches clients there.
    unused.retain(|own| !(own.is_of_leak && has_branches));
    Ok(Some(unused))
}

/// True if a branch, here or of a remote, is not what is checked out.
fn has_other_branches(repository: &Repository) -> bool {
    let head = repository.head().ok().flatten();
    let tips = ["refs/heads/", "refs/remotes/"].map(|prefix| repository.tips(prefix).0);
    tips.iter().flatten().any(|tip| Some(*tip) != head)
}

/// The folders that no other one contains.
fn outermost<'p>(folders: impl Iterator<Item = &'p Path>) -> Vec<PathBuf> {
    let all: BTreeSet<_> = folders.collect();
    let mut outer: Vec<PathBuf> = Vec::new();
    for folder in all {
        if !outer.iter().any(|other| folder.starts_with(other)) {
            outer.push(folder.to_owned());
        }
    }
    outer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_in_another_is_not_scanned_twice() {
        let folders = ["/r/a", "/r", "/s/b", "/r/a/b", "/s/bc"].map(Path::new);
        assert_eq!(outermost(folders.into_iter()), ["/r", "/s/b", "/s/bc"].map(PathBuf::from));
    }
}
