# What one does in this repository; `just` lists it.

_default:
    @just --list --unsorted

# Run all tests
test:
    cargo test

# Check format and lints
lint:
    cargo fmt --check
    cargo clippy --all-targets -- -D warnings

# Check licences, banned crates and their sources
deny:
    cargo deny check licenses bans sources

# Check the action, the workflows and all shell scripts; takes tools from PyPI
check-action:
    bash .ci/checks/action.sh

# Rewrite the generated files that tests compare
bless:
    KEYSIDE_BLESS=1 cargo test

# Compare all reports of two revisions, or of two programs, on a fixed set of trees
same-reports old new *options:
    .ci/same-reports {{ quote(old) }} {{ quote(new) }} {{ options }}

# Measure how well random keys are told from words
randomness:
    cargo run --release --example randomness -- measure

# Validate a SARIF report with Microsoft's multitool and GitHub's schema check; takes npm and 100 MB
check-sarif:
    cargo build --release
    bash .ci/checks/sarif.sh target/release/keyside

# Read JUnit, CSV, GitHub and GitLab reports as others read them; takes npm and pip
check-formats:
    cargo build --release
    bash .ci/checks/formats.sh target/release/keyside

# Open HTML reports in a headless Chromium; takes npm, pictures go to target/check-html
check-html:
    cargo build --release
    bash .ci/checks/html.sh target/release/keyside target/check-html

# Run pre-commit, prek, lefthook and husky against keyside; takes python3, npm and a minute
check-hooks:
    cargo build
    bash .ci/checks/hooks.sh target/debug/keyside

# Build the wheel and install it with pre-commit; takes python3, 300 MB and some minutes
check-wheel:
    bash .ci/checks/wheel.sh

# Measure everything; what the figures mean is in docs/performance.md
bench:
    cargo bench --bench speed

# A working tree, against ripgrep and other scanners
bench-tree:
    cargo bench --bench speed -- tree

# One small file
bench-start:
    cargo bench --bench speed -- start

# A few staged files, against git itself; KEYSIDE_STAGED names another repository to measure
bench-staged:
    cargo bench --bench speed -- staged

# 300 rules more, against the built-in ones
bench-rules:
    cargo bench --bench speed -- rules

# A file of 1 GB
bench-large:
    cargo bench --bench speed -- large

# An app of 10 MB: what it costs to ask what reaches a client
bench-exposure:
    cargo bench --bench speed -- exposure

# All that a repository of 20,000 commits stores, against inflating it; KEYSIDE_BENCH_REPO or a path names another
bench-history repository="":
    {{ if repository == "" { "" } else { "KEYSIDE_BENCH_REPO=" + quote(absolute_path(repository)) } }} \
        cargo bench --bench speed -- history
