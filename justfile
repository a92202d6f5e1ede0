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

# Rewrite the generated files that tests compare
bless:
    KEYSIDE_BLESS=1 cargo test

# Measure how well random keys are told from words
randomness:
    cargo run --release --example randomness -- measure

# Validate a SARIF report with Microsoft's multitool; takes npm and 100 MB
check-sarif:
    #!/usr/bin/env bash
    set -euo pipefail
    cargo build --release
    folder=target/check-sarif
    mkdir -p "$folder/tree"
    printf 'const key = "sk_v1_%s";\n' "$(head -c 20 /dev/urandom | od -An -tx1 | tr -d ' \n')" \
        > "$folder/tree/leak.js"
    target/release/keyside scan "$folder/tree" --no-ignore -o "$folder/out.sarif" || test $? -eq 1
    npm install --silent --no-save --prefix "$folder" @microsoft/sarif-multitool@5.7.0
    # Not by its npm command, which hands `;` to a shell.
    "$folder/node_modules/@microsoft/sarif-multitool-linux/Sarif.Multitool" validate \
        "$folder/out.sarif" --rule-kind 'Sarif;Ghas' --output "$folder/verdict.sarif" \
        --log ForceOverwrite
    # It exits with 0 whatever it finds.
    node -e '
        const log = JSON.parse(require("fs").readFileSync(process.argv[1], "utf8"));
        const results = log.runs.flatMap((run) => run.results ?? []);
        const bad = results.filter((result) => (result.level ?? "warning") !== "note");
        for (const { ruleId, level, message } of bad) console.log(level, ruleId, message);
        process.exit(bad.length > 0 ? 1 : 0);
    ' "$folder/verdict.sarif"

# Measure everything; what the figures mean is in docs/performance.md
bench:
    cargo bench --bench speed

# A working tree, against ripgrep and other scanners
bench-tree:
    cargo bench --bench speed -- tree

# One small file
bench-start:
    cargo bench --bench speed -- start

# 300 rules more, against the built-in ones
bench-rules:
    cargo bench --bench speed -- rules

# A file of 1 GB
bench-large:
    cargo bench --bench speed -- large
