# Common tasks of this repository; `just` lists them.

_default:
    @just --list --unsorted

# Run all tests
test:
    cargo test --workspace

# Check format and lints
lint:
    cargo fmt --check
    cargo clippy --workspace --all-targets -- -D warnings

# Check licences, banned crates and their sources
deny:
    cargo deny check licenses bans sources

# Check the action, the workflows and all shell scripts; needs tools from PyPI
check-action:
    bash .ci/checks/action.sh

# Rewrite the generated files that tests compare
bless:
    KEYSIDE_BLESS=1 cargo test --workspace

# Compare all reports of two revisions, or of two programs, on a fixed set of trees
same-reports old new *options:
    .ci/same-reports {{ quote(old) }} {{ quote(new) }} {{ options }}

# Measure how well random keys are distinguished from words
randomness:
    cargo run --release --example randomness -- measure

# Measure how many keys of all rules are found; with JSON reports of trees, how many findings are right
accuracy *reports:
    cargo run --release --example accuracy -- recall
    {{ if reports == "" { "" } else { "cargo run --release --example accuracy -- precision " + reports + " --judged benches/accuracy/judged.tsv --new" } }}

# Measure in which places of settings, commands and code the keys of all rules are found; `--all` names the rules
places *options:
    cargo run --release --example accuracy -- places {{ options }}

# Look for texts that take a rule long: so many MiB of each keyword, and the slowest again with five times as much
slow-rules mib="2":
    cargo run --release --example slow_rules -- {{ mib }}

# Validate a SARIF report with Microsoft's multitool and GitHub's schema check; needs npm and 100 MB
check-sarif:
    cargo build --release
    bash .ci/checks/sarif.sh target/release/keyside

# Compare ignore rules with git's on so many random trees
random-ignores trees="20000" first="1":
    KEYSIDE_RANDOM_TREES={{ trees }} KEYSIDE_FIRST_SEED={{ first }} cargo test --test it ignore_rules::random

# Compare reports of so many random histories, for each format of objects and references, with what was made
random-histories histories="10000" first="1":
    KEYSIDE_RANDOM_HISTORIES={{ histories }} KEYSIDE_FIRST_SEED={{ first }} cargo test --test it history_random::many

# Compare walks through so many random packs with searches of each object
random-packs packs="200" first="1":
    KEYSIDE_RANDOM_PACKS={{ packs }} KEYSIDE_FIRST_SEED={{ first }} cargo test --test it pack_keys::

# Compare ranges of so many random histories with git's own answers
random-ranges histories="1000" first="1":
    KEYSIDE_RANDOM_RANGES={{ histories }} KEYSIDE_FIRST_SEED={{ first }} cargo test --test it range_oracle::random

# Compare the policy of base and head on so many random changes
random-policies changes="2000" first="1":
    KEYSIDE_RANDOM_CHANGES={{ changes }} KEYSIDE_FIRST_SEED={{ first }} cargo test --test it change_policy_random::

# Look for keys that random rules of a tree take away from other rules
random-rules rules="5000" first="1":
    KEYSIDE_RANDOM_RULES={{ rules }} KEYSIDE_FIRST_SEED={{ first }} cargo test --test it tree_rules::random

# Compare explanations of each line of so many random trees with their reports
random-explanations trees="2000" first="1":
    KEYSIDE_RANDOM_EXPLANATIONS={{ trees }} KEYSIDE_FIRST_SEED={{ first }} cargo test --test it explain_random::

# Feed damaged files to every parser, each for so many minutes; with names, only to these
fuzz minutes="5" *targets:
    cargo build --package keyside-fuzz
    ulimit -v 6000000; nice -n 19 target/debug/keyside-fuzz {{ minutes }} {{ targets }}

# Read JUnit, CSV, GitHub and GitLab reports with their usual readers; needs npm and pip
check-formats:
    cargo build --release
    bash .ci/checks/formats.sh target/release/keyside

# Open HTML reports in a headless Chromium; needs npm, writes screenshots to target/check-html
check-html:
    cargo build --release
    bash .ci/checks/html.sh target/release/keyside target/check-html

# Run pre-commit, prek, lefthook and husky against keyside; needs python3, npm and a minute
check-hooks:
    cargo build
    bash .ci/checks/hooks.sh target/debug/keyside

# Build the wheel and install it with pre-commit; needs python3, 300 MB and some minutes
check-wheel:
    bash .ci/checks/wheel.sh

# Measure everything; docs/performance.md explains the figures
bench:
    cargo bench --bench speed

# Measure what is quick, or the named parts, and rewrite the figures in README.md and docs/performance.md; on an idle machine
figures *parts:
    cargo bench --bench speed -- figures {{ parts }}

# Measure a working tree, or checkouts at these paths, against ripgrep for the same keywords and other scanners
bench-tree *paths:
    cargo bench --bench speed -- tree {{ paths }}

# Measure one small file
bench-start:
    cargo bench --bench speed -- start

# Measure a few staged files, against git itself; KEYSIDE_STAGED names another repository
bench-staged:
    cargo bench --bench speed -- staged

# Measure 300 additional rules, against the built-in ones
bench-rules:
    cargo bench --bench speed -- rules

# Measure a file of 1 GB
bench-large:
    cargo bench --bench speed -- large

# Measure archives and encodings: bombs and the cost of a tree, a generated one or those at these paths
bench-decode *paths:
    cargo bench --bench speed -- decode {{ paths }}

# Measure the exposure analysis of an app of 10 MB, or of checkouts of whole repositories at these paths
bench-exposure *paths:
    cargo bench --bench speed -- exposure {{ paths }}

# Measure everything in a repository of 20,000 commits, against inflating it; KEYSIDE_BENCH_REPO or a path names another
bench-history repository="":
    {{ if repository == "" { "" } else { "KEYSIDE_BENCH_REPO=" + quote(absolute_path(repository)) } }} \
        cargo bench --bench speed -- history

# Build the apps of tests/builds with their real tools, record which keys ship and compare; needs Node, npm and 5 GB
real-builds *apps:
    node tests/builds/build.mjs {{ apps }}
    KEYSIDE_BLESS=1 cargo test --quiet --test it builds::the_documentation
    @sed -n '/builds:begin/,/builds:end/p' docs/exposure.md
    cargo test --quiet --test it builds::
