//! Every kind of repository in every mode: the table of docs/git.md, cell by cell.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::repo::{Repo, config, of};
use crate::support::{SECRET, notices, with_object_format};

/// The keys: one that a commit took away, one of the last commit, one that is staged, and one that is not.
const KEYS: [&str; 4] = ["old", "kept", "staged", "outside"];

/// The modes, in the order of the cells.
const MODES: [&[&str]; 7] = [
    &["scan"],
    &["git"],
    &["git", "--staged"],
    &["git", "--range", "HEAD~1..HEAD"],
    &["hook", "pre-commit"],
    &["hook", "pre-push", "elsewhere", "/nowhere"],
    &["hook", "pre-receive"],
];

/// A kind of repository, and of each mode the exit code, the keys that are found and the kinds of notices. Hooks
/// say only the code.
struct Kind {
    name: &'static str,
    make: fn(&Case) -> Place,
    expected: [&'static str; 7],
}

/// Where to run keyside, and what to name.
#[derive(Default)]
struct Place {
    folder: &'static str,
    file: Option<PathBuf>,
    variables: Vec<(&'static str, PathBuf)>,
}

/// A folder in which repositories are made.
struct Case {
    outer: Repo,
    keys: [String; 4],
    /// The two commits.
    commits: RefCell<[String; 2]>,
}

fn at(folder: &'static str) -> Place {
    Place { folder, ..Place::default() }
}

impl Case {
    fn new() -> Self {
        let outer = Repo::without();
        let keys = KEYS.map(|_| outer.dir.key(SECRET));
        Self { outer, keys, commits: RefCell::default() }
    }

    fn git(&self, folder: &str, args: &[&str]) -> String {
        self.outer.git_in(folder, args, b"")
    }

    fn path(&self, folder: &str) -> PathBuf {
        self.outer.path().join(folder)
    }

    /// Makes a repository in `origin`, with two commits. `content` makes a file of a key.
    fn origin_of(&self, init: &[&str], content: impl Fn(&str) -> String) {
        let [old, kept, ..] = &self.keys;
        self.git("", &[&["init", "-q", "-b", "main"], init, &["origin"]].concat());
        self.outer.write("origin/old.env", content(old));
        self.git("origin", &["add", "."]);
        self.git("origin", &["commit", "-q", "-m", "One"]);
        self.git("origin", &["rm", "-q", "old.env"]);
        self.outer.write("origin/kept.env", content(kept));
        self.git("origin", &["add", "."]);
        self.git("origin", &["commit", "-q", "-m", "Two"]);
        self.git("origin", &["config", "uploadpack.allowFilter", "true"]);
        let ids = ["HEAD~1", "HEAD"].map(|revision| self.git("origin", &["rev-parse", revision]));
        self.commits.replace(ids);
    }

    fn origin(&self, init: &[&str]) {
        self.origin_of(init, config);
    }

    /// Clones `origin` into `clone`.
    fn clone(&self, args: &[&str]) {
        let url = format!("file://{}", self.path("origin").display());
        self.git("", &[&["clone", "-q"], args, &[&url, "clone"]].concat());
    }

    /// Stages a file in a checkout, and writes another one.
    fn stage(&self, folder: &str) {
        let [.., staged, outside] = &self.keys;
        self.outer.write(&format!("{folder}/staged.env"), config(staged));
        self.git(folder, &["add", "staged.env"]);
        self.outer.write(&format!("{folder}/outside.env"), config(outside));
    }

    /// Keeps a content as Git LFS does; returns its pointer.
    fn pointer(&self, content: &str, is_here: bool) -> String {
        let id: String = Sha256::digest(content).iter().map(|byte| format!("{byte:02x}")).collect();
        if is_here {
            let place = format!("origin/.git/lfs/objects/{}/{}/{id}", &id[..2], &id[2..4]);
            self.outer.write(&place, content);
        }
        let size = content.len();
        format!("version https://git-lfs.github.com/spec/v1\noid sha256:{id}\nsize {size}\n")
    }

    /// Runs each mode; returns what it says, in the form of [`Kind::expected`].
    fn said(&self, place: &Place) -> Vec<String> {
        let [base, tip] = &*self.commits.borrow();
        let run = |mode: &[&str]| {
            let input = match mode[1..].first() {
                Some(&"pre-push") => format!("refs/heads/main {tip} refs/heads/main {base}\n"),
                Some(&"pre-receive") => {
                    self.forget(place);
                    format!("{base} {tip} refs/heads/main\n")
                }
                _ => String::new(),
            };
            let file = place.file.as_ref().map(|file| file.to_str().unwrap());
            let is_hook = mode[0] == "hook";
            let args: Vec<&str> = mode.iter().copied().chain(file.filter(|_| !is_hook)).collect();
            let args = if is_hook { args } else { [&args[..], &["-f", "json"]].concat() };
            let command = self.outer.dir.command(&args, input.as_bytes());
            let command = command.with(|own| _ = own.current_dir(self.path(place.folder)));
            let variables = place.variables.iter();
            let command = variables.fold(command, |own, (name, value)| own.env(name, value));
            let run = command.finish(&self.outer.dir);
            let report = (!is_hook && run.code != 2).then(|| run.json());
            let words = report.map(|report| self.words(&report)).unwrap_or_default();
            [vec![run.code.to_string()], words].concat().join(" ")
        };
        MODES.into_iter().map(run).collect()
    }

    /// Takes away the references of a repository, so that nothing is known to be there.
    fn forget(&self, place: &Place) {
        if place.file.is_some() {
            return;
        }
        let variables: Vec<_> =
            place.variables.iter().map(|(name, value)| (*name, value.as_os_str())).collect();
        let git = |args: &[&str], input: &[u8]| {
            self.outer.git_with(place.folder, args, input, &variables).stdout
        };
        let lines = git(&["for-each-ref", "--format=delete %(refname)"], b"");
        git(&["update-ref", "--stdin", "--no-deref"], &lines);
    }

    fn words(&self, report: &Value) -> Vec<String> {
        let found = report["findings"].as_array().unwrap();
        let is_found = |key: &String| {
            let digest: String =
                Sha256::digest(key).iter().map(|byte| format!("{byte:02x}")).collect();
            found.iter().any(|own| own["secret"]["sha256"] == digest.as_str())
        };
        let keys: Vec<&String> = self.keys.iter().filter(|key| is_found(key)).collect();
        assert_eq!(keys.len(), found.len(), "{report:#}");
        keys.iter().for_each(|key| drop(of(report, key)));
        let names = KEYS.into_iter().zip(&self.keys).filter(|(_, key)| is_found(key));
        let kinds: BTreeSet<String> = notices(report).into_iter().collect();
        names.map(|(name, _)| name.to_owned()).chain(kinds).collect()
    }
}

const CHECKOUT: [&str; 7] =
    ["1 kept staged outside", "1 old kept staged", "1 staged", "1 kept", "1", "1", "1"];

/// A repository whose objects lie in a folder that a variable names.
fn objects_elsewhere(case: &Case, variable: &'static str) -> Place {
    case.origin(&[]);
    case.stage("origin");
    let folder = case.path("objects");
    fs::rename(case.path("origin/.git/objects"), &folder).unwrap();
    fs::create_dir(case.path("origin/.git/objects")).unwrap();
    Place { variables: vec![(variable, folder)], ..at("origin") }
}

const KINDS: &[Kind] = &[
    Kind {
        name: "references in files",
        make: |case| {
            case.origin(&["--ref-format=files"]);
            case.stage("origin");
            at("origin")
        },
        expected: CHECKOUT,
    },
    Kind {
        name: "reftable",
        make: |case| {
            case.origin(&["--ref-format=reftable"]);
            case.stage("origin");
            at("origin")
        },
        expected: CHECKOUT,
    },
    Kind {
        name: "SHA-256 with reftable",
        make: |case| {
            case.origin(&["--object-format=sha256", "--ref-format=reftable"]);
            case.stage("origin");
            at("origin")
        },
        expected: CHECKOUT,
    },
    Kind {
        name: "a folder of git elsewhere",
        make: |case| {
            case.origin(&["--separate-git-dir=store"]);
            case.stage("origin");
            at("origin")
        },
        expected: CHECKOUT,
    },
    Kind {
        name: "a linked checkout",
        make: |case| {
            case.origin(&[]);
            case.git("origin", &["worktree", "add", "-q", "-b", "other", "../linked"]);
            case.stage("linked");
            at("linked")
        },
        expected: CHECKOUT,
    },
    Kind {
        name: "a folder of a checkout",
        make: |case| {
            case.origin(&[]);
            case.stage("origin");
            fs::create_dir(case.path("origin/sub")).unwrap();
            case.outer.write("origin/sub/f.env", config(&case.keys[3]));
            at("origin/sub")
        },
        expected: ["1 outside", "1 old kept staged", "1 staged", "1 kept", "1", "1", "1"],
    },
    Kind {
        name: "a submodule",
        make: |case| {
            case.origin(&[]);
            case.git("", &["init", "-q", "-b", "main", "super"]);
            case.git("super", &["submodule", "--quiet", "add", "../origin", "sub"]);
            case.git("super", &["commit", "-q", "-m", "One"]);
            case.git("super", &["commit", "-q", "--allow-empty", "-m", "Two"]);
            case.stage("super/sub");
            at("super")
        },
        expected: ["1 kept staged outside", "1 old kept staged", "0", "0", "0", "3", "3"],
    },
    Kind {
        name: "a nested repository",
        make: |case| {
            case.git("", &["init", "-q", "-b", "main", "outer"]);
            case.git("outer", &["commit", "-q", "--allow-empty", "-m", "One"]);
            case.git("outer", &["commit", "-q", "--allow-empty", "-m", "Two"]);
            case.origin(&[]);
            case.git("", &["clone", "-q", "origin", "outer/nested"]);
            case.stage("outer/nested");
            at("outer")
        },
        expected: ["1 kept staged outside nested-repository", "0", "0", "0", "0", "3", "3"],
    },
    Kind {
        name: "a bare repository",
        make: |case| {
            case.origin(&[]);
            case.clone(&["--bare"]);
            at("clone")
        },
        expected: ["3 bare-repository", "1 old kept", "0", "1 kept", "0", "1", "1"],
    },
    Kind {
        name: "a mirror",
        make: |case| {
            case.origin(&["--object-format=sha256"]);
            case.clone(&["--mirror", "--ref-format=reftable"]);
            at("clone")
        },
        expected: ["3 bare-repository", "1 old kept", "0", "1 kept", "0", "1", "1"],
    },
    Kind {
        name: "a shallow clone",
        make: |case| {
            case.origin(&[]);
            case.clone(&["--depth=1"]);
            case.stage("clone");
            at("clone")
        },
        expected: [
            "1 kept staged outside",
            "1 kept staged shallow",
            "1 staged",
            "2",
            "1",
            "1",
            "1",
        ],
    },
    Kind {
        name: "a partial clone without files",
        make: |case| {
            case.origin(&[]);
            case.clone(&["--filter=blob:none", "--no-checkout"]);
            case.git("clone", &["read-tree", "--empty"]);
            at("clone")
        },
        expected: ["3 nothing-scanned", "3 missing-object", "0", "3 missing-object", "0", "3", "3"],
    },
    Kind {
        name: "a partial clone with the files of its checkout",
        make: |case| {
            case.origin(&[]);
            case.clone(&["--filter=blob:none"]);
            case.stage("clone");
            at("clone")
        },
        expected: [
            "1 kept staged outside",
            "1 kept staged missing-object",
            "1 staged",
            "1 kept missing-object",
            "1",
            "1",
            "1",
        ],
    },
    Kind {
        name: "a sparse checkout",
        make: |case| {
            case.origin(&[]);
            case.clone(&["--sparse", "--no-checkout"]);
            case.git("clone", &["sparse-checkout", "set", "--no-cone", "--sparse-index", "none"]);
            case.git("clone", &["checkout", "-q"]);
            case.git("clone", &["sparse-checkout", "set", "--no-cone", "/staged.env"]);
            case.stage("clone");
            at("clone")
        },
        expected: ["1 staged outside", "1 old kept staged", "1 staged", "1 kept", "1", "1", "1"],
    },
    Kind {
        name: "borrowed objects",
        make: |case| {
            case.origin(&[]);
            case.git("", &["clone", "-q", "--shared", "origin", "clone"]);
            case.stage("clone");
            at("clone")
        },
        expected: [
            "1 kept staged outside",
            "1 old kept staged alternates",
            "1 staged",
            "1 kept",
            "1",
            "1",
            "1",
        ],
    },
    Kind {
        name: "a bundle",
        make: |case| {
            case.origin(&[]);
            case.git("origin", &["bundle", "create", "-q", "../all.bundle", "--all", "HEAD"]);
            Place { file: Some(case.path("all.bundle")), ..at("") }
        },
        expected: ["1 old kept", "1 old kept", "2", "1 kept", "2", "2", "2"],
    },
    Kind {
        name: "a pack",
        make: |case| {
            case.origin(&[]);
            case.git("origin", &["repack", "-adfq"]);
            let packs = fs::read_dir(case.path("origin/.git/objects/pack")).unwrap();
            let mut packs = packs.map(|entry| entry.unwrap().path());
            let pack = packs.find(|path| path.extension().is_some_and(|own| own == "pack"));
            fs::copy(pack.unwrap(), case.path("all.pack")).unwrap();
            Place { file: Some(case.path("all.pack")), ..at("") }
        },
        expected: ["1 old kept", "1 old kept", "2", "2", "2", "2", "2"],
    },
    Kind {
        name: "GIT_DIR",
        make: |case| {
            case.origin(&[]);
            case.stage("origin");
            fs::create_dir(case.path("elsewhere")).unwrap();
            case.outer.write("elsewhere/f.env", config(&case.keys[3]));
            let folder = case.path("origin/.git");
            Place { variables: vec![("GIT_DIR", folder)], ..at("elsewhere") }
        },
        expected: ["1 outside", "1 old kept staged", "1 staged", "1 kept", "1", "1", "1"],
    },
    Kind {
        name: "GIT_OBJECT_DIRECTORY",
        make: |case| objects_elsewhere(case, "GIT_OBJECT_DIRECTORY"),
        expected: CHECKOUT,
    },
    Kind {
        name: "GIT_ALTERNATE_OBJECT_DIRECTORIES",
        make: |case| objects_elsewhere(case, "GIT_ALTERNATE_OBJECT_DIRECTORIES"),
        expected: CHECKOUT,
    },
    Kind {
        name: "Git LFS with its objects",
        make: |case| {
            case.origin_of(&[], |key| case.pointer(&config(key), true));
            case.stage("origin");
            at("origin")
        },
        expected: CHECKOUT,
    },
    Kind {
        name: "Git LFS without its objects",
        make: |case| {
            case.origin_of(&[], |key| case.pointer(&config(key), false));
            case.stage("origin");
            at("origin")
        },
        expected: [
            "1 staged outside lfs-pointer",
            "1 staged lfs-pointer",
            "1 staged",
            "3 lfs-pointer",
            "1",
            "3",
            "3",
        ],
    },
    Kind {
        name: "git-annex",
        make: |case| {
            case.origin_of(&[], |key| {
                format!("/annex/objects/SHA256E-s{}--0badf00d.env\n", key.len())
            });
            at("origin")
        },
        expected: ["3 annex-pointer", "3 annex-pointer", "0", "3 annex-pointer", "0", "3", "3"],
    },
    Kind {
        name: "git-crypt",
        make: |case| {
            case.origin_of(&[], |key| format!("\0GITCRYPT\0{}", "\u{7}".repeat(key.len())));
            at("origin")
        },
        expected: ["0 encrypted", "0 encrypted", "0", "0 encrypted", "0", "0", "0"],
    },
    Kind {
        name: "Jujutsu beside git",
        make: |case| {
            case.origin(&[]);
            case.stage("origin");
            case.outer.write("origin/.jj/repo/store/git_target", "../../../.git");
            case.outer.write("origin/.jj/.gitignore", "/*\n");
            at("origin")
        },
        expected: CHECKOUT,
    },
    Kind {
        name: "Jujutsu with git elsewhere",
        make: |case| {
            case.origin(&[]);
            case.outer
                .write("jj/.jj/repo/store/git_target", case.path("origin/.git").to_str().unwrap());
            case.outer.write("jj/outside.env", config(&case.keys[3]));
            at("jj")
        },
        expected: ["1 outside other-store", "2", "2", "2", "2", "2", "2"],
    },
    Kind {
        name: "Mercurial beside git",
        make: |case| {
            case.origin(&[]);
            case.stage("origin");
            case.outer.write("origin/.hg/requires", "store\n");
            at("origin")
        },
        expected: [
            "1 kept staged outside other-store",
            "1 old kept staged other-store",
            "1 staged",
            "1 kept",
            "1",
            "1",
            "1",
        ],
    },
    Kind {
        name: "an extension that nobody knows",
        make: |case| {
            case.origin(&[]);
            case.stage("origin");
            case.git("origin", &["config", "core.repositoryFormatVersion", "1"]);
            let file = case.path("origin/.git/config");
            let text = fs::read_to_string(&file).unwrap();
            fs::write(file, text + "[extensions]\n\tlater = 1\n").unwrap();
            at("origin")
        },
        expected: ["1 kept staged outside", "2", "2", "2", "2", "2", "2"],
    },
    Kind {
        name: "no commit yet",
        make: |case| {
            case.origin(&[]);
            case.git("", &["init", "-q", "unborn"]);
            case.stage("unborn");
            at("unborn")
        },
        expected: ["1 staged outside", "1 staged", "1 staged", "2", "1", "3", "3"],
    },
];

#[test]
fn every_kind_in_every_mode() {
    let mut wrong = Vec::new();
    for kind in KINDS {
        for format in ["sha1", "sha256"] {
            with_object_format(format, || {
                let case = Case::new();
                let place = (kind.make)(&case);
                let said = case.said(&place);
                if said != kind.expected {
                    wrong.push(format!("{} ({format}): {said:?}", kind.name));
                }
            });
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
