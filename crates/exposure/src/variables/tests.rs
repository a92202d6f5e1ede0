//! The variables that each kind of file declares, in tables; and hostile files.

use crate::input::Files;
use crate::notice::AnalysisNotice;
use crate::testing::catalog::catalog;
use crate::testing::keys::Prefixes;
use crate::testing::memory::Memory;
use crate::testing::rng::Rng;
use crate::variables::declarations::{
    Declaration, Declared, DeclaringFiles, MAX_FILE, declarations,
};

fn key(prefix: &str) -> String {
    let body = Rng::new(7).text("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", 40);
    format!("{prefix}{body}")
}

impl Declaration {
    fn value_at_text<'t>(&self, text: &'t str) -> &'t str {
        &text[self.value_at.start as usize..self.value_at.end as usize]
    }
}

/// The declarations as `line NAME value`; `SK` stands for a secret key.
fn said(files: &[(&str, &str)]) -> (Vec<String>, Vec<AnalysisNotice>) {
    let secret = key("sk_v1_");
    let written: Vec<(&str, String)> =
        files.iter().map(|(path, text)| (*path, text.replace("{SK}", &secret))).collect();
    let pairs: Vec<(&str, &str)> =
        written.iter().map(|(path, text)| (*path, text.as_str())).collect();
    let memory = Memory::new(&pairs);
    let catalog = catalog();
    let (all, notices) =
        declarations(&DeclaringFiles::new(&memory, &Prefixes(&catalog)), &memory.below(""), &[]);
    let lines = all.iter().map(|one| {
        let text = &pairs.iter().find(|(path, _)| **path == *one.at.path).unwrap().1;
        let (start, end) = (one.at.span.start as usize, one.at.span.end as usize);
        let covered = &text[start..end];
        assert!(covered.trim_start_matches(['"', '\'']).starts_with(&one.name), "{covered}");
        assert!(one.at.span.contains(one.value_at), "{one:?}");
        if let Declared::Text(value) = &one.value
            && value.contains(&secret)
            && !one.value_at_text(text).contains('$')
        {
            let value_at = one.value_at_text(text);
            assert!(value_at.contains(&secret), "{value_at}");
        }
        let value = match &one.value {
            Declared::Text(text) => text.replace(&secret, "SK"),
            Declared::Refers(names) => format!("<- {}", names.join(" ")),
            Declared::Nothing => "nothing".to_owned(),
        };
        let line = 1 + text[..start].matches('\n').count();
        let example = if one.is_example { " (example)" } else { "" };
        format!("{line} {} {value}{example}", one.name)
    });
    (lines.collect(), notices)
}

#[track_caller]
fn check(path: &str, text: &str, expected: &[&str]) {
    let (found, notices) = said(&[(path, text)]);
    assert_eq!(found, expected, "{path}\n{text}");
    assert!(notices.is_empty(), "{notices:?}");
}

#[test]
fn dotenv_files() {
    check(
        ".env",
        "# A=1\nA=1\n  B = two words # comment\nexport C='a $B #'\nD=\"x#y\"\nE=\nF\nG=a#b\n1H=2\n\
         I=`{SK}`\nJ-K=1\nL=#c\nM='it\n",
        &[
            "2 A 1",
            "3 B two words",
            "4 C a $B #",
            "5 D x#y",
            "6 E nothing",
            "8 G a#b",
            "10 I SK",
            "12 L nothing",
            "13 M 'it",
        ],
    );
    check(
        ".env.local",
        "\u{feff}A={SK}\r\nB=\"one\r\ntwo\"\r\nC=\"a\\\"b\" # x\r\nÄ=1\r\nD=é\r\n",
        &["1 A SK", "2 B one\r\ntwo", "4 C a\\\"b", "6 D é"],
    );
    for path in [".env.example", ".env.sample", "a/.env.template", ".env.dist", "env.example.env"] {
        check(path, "VITE_A={SK}\n", &["1 VITE_A SK (example)"]);
    }
    for path in [".env.production", ".env.production.local", ".dev.vars", ".envrc", "x/prod.env"] {
        check(path, "export A=1\n", &["1 A 1"]);
    }
    for path in ["env.ts", ".environment", "a.env.ts", "README.md"] {
        check(path, "A=1\n", &[]);
    }
}

#[test]
fn references_are_followed_where_that_makes_a_key() {
    let half = key("sk_v1_");
    let (front, back) = half.split_at(20);
    let text = format!(
        "FRONT={front}\nA=${{FRONT}}{back}\nB=$A\nC=${{UNKNOWN:-{{SK}}}}\nD=$D\nE=$F\nF=$E\n\
         G=\\$A\nH='$A'\nI=${{X:-$A}}\nJ=${{A\n"
    );
    let (found, _) = said(&[(".env", &text)]);
    assert_eq!(
        found[1..],
        [
            "2 A SK",
            "3 B <- A",
            "4 C ${UNKNOWN:-SK}",
            "5 D <- D",
            "6 E <- F",
            "7 F <- E",
            "8 G \\$A",
            "9 H $A",
            "10 I <- X A",
            "11 J <- A",
        ]
    );
}

#[test]
fn container_files() {
    check(
        "Dockerfile",
        "# ENV Z=1\nFROM node:22 AS build\nARG MAGICX_SECRET_KEY\narg A=1 B\n\
         ENV VITE_X=$MAGICX_SECRET_KEY\nENV C D E\nENV F=\"a b\" G='$H' \\\n  # ENV K=1\n  I=${J}\n\
         RUN VITE_L=$M npm run build \\\n && echo\nENV N=\"\"\nCMD [\"A=1\"]\nENV O={SK}",
        &[
            "3 MAGICX_SECRET_KEY nothing",
            "4 A 1",
            "4 B nothing",
            "5 VITE_X <- MAGICX_SECRET_KEY",
            "6 C D E",
            "7 F a b",
            "7 G $H",
            "9 I <- J",
            "10 VITE_L <- M",
            "12 N nothing",
            "14 O SK",
        ],
    );
    for path in ["web/Dockerfile.prod", "Containerfile", "app.dockerfile"] {
        check(path, "ENV A=1\n", &["1 A 1"]);
    }
}

#[test]
fn compose_files() {
    check(
        "docker-compose.prod.yml",
        "x-env: &env\n  VITE_A: {SK}\nservices:\n  web:\n    build:\n      args:\n        \
         - VITE_B=${MAGICX_SECRET_KEY}\n        - VITE_C\n    environment:\n      <<: *env\n      \
         VITE_D: \"$AIMAGICX_API_KEY\"\n    labels:\n      E: f\n  api:\n    environment:\n      \
         - \"F={SK}\"\n      - G=h i\n    args: {H: 'j'}\n",
        &[
            "2 VITE_A SK",
            "7 VITE_B <- MAGICX_SECRET_KEY",
            "8 VITE_C nothing",
            "11 VITE_D <- AIMAGICX_API_KEY",
            "16 F SK",
            "17 G h i",
            "18 H j",
        ],
    );
}

#[test]
fn workflows() {
    check(
        ".github/workflows/deploy.yml",
        "on: push\nenv:\n  A: ${{ secrets.MAGICX_SECRET_KEY }}\njobs:\n  d:\n    env: {B: 'é{SK}'}\n    \
         steps:\n      - run: |\n          echo \"VITE_C=${{ secrets.C }}\" >> .env\n          \
         VITE_D=$E npm run build\n        env:\n          F: ${{ vars.G || secrets['H'] }}\n          \
         I:\n      - uses: docker/build-push-action@v6\n        with:\n          build-args: |\n            \
         VITE_J=${{ secrets.K }}\n            L=1\n          name: M\n",
        &[
            "3 A <- MAGICX_SECRET_KEY",
            "6 B éSK",
            "9 VITE_C <- C",
            "10 VITE_D <- E",
            "12 F <- G H",
            "13 I nothing",
            "17 VITE_J <- K",
            "18 L 1",
        ],
    );
    check(
        ".gitlab-ci.yml",
        "variables:\n  VITE_A: $MAGICX_SECRET_KEY\n  B:\n    value: c\n    description: d\nbuild:\n  \
         script:\n    - export VITE_D=$E\n    - npm ci\n  variables:\n    F: >-\n      {SK}\n",
        &["2 VITE_A <- MAGICX_SECRET_KEY", "3 B c", "8 VITE_D <- E", "11 F SK"],
    );
    check(
        "render.yaml",
        "services:\n  - type: web\n    name: n\n    envVars:\n      - key: VITE_A\n        value: {SK}\n      \
         - key: B\n        sync: false\n",
        &["5 VITE_A SK", "7 B nothing"],
    );
}

#[test]
fn settings_of_platforms() {
    check(
        "eas.json",
        "{\n  // why\n  \"build\": {\"production\": {\n    \"env\": {\n      \"EXPO_PUBLIC_A\": \
         \"{SK}\",\n      \"B\": 1,\n    }\n  }}\n}\n",
        &["5 EXPO_PUBLIC_A SK"],
    );
    check(
        "vercel.json",
        "{\"env\": {\"A\": \"@magicx-secret-key\"},\n\"build\": {\"env\": {\"B\": \"c\"}}}",
        &["1 A <- MAGICX_SECRET_KEY", "2 B c"],
    );
    check(
        "wrangler.jsonc",
        "{\"vars\": {\"A\": \"b\"}, \"env\": {\"x\": {\"vars\": {\"C\": \"d\"}}}}",
        &["1 A b", "1 C d"],
    );
    check(
        "netlify.toml",
        "[build.environment]\nVITE_A = \"{SK}\"\n[context.production.environment]\nB = 'c'\nD = 1\n\
         [context.x]\nE = 'f'\n",
        &["2 VITE_A SK", "4 B c"],
    );
    check("wrangler.toml", "[env.x.vars]\nA = \"b\"\n[vars]\nC=\"d\"\n", &["2 A b", "4 C d"]);
    check(
        "package.json",
        "{\"scripts\": {\n\"build\": \"cross-env VITE_A=$MAGICX_SECRET_KEY vite build\",\n\
         \"b\": \"VITE_B=\\\"{SK}\\\" VITE_C=1 vite build && X=2 y\"}, \"config\": {\"D\": \"E=1\"}}",
        &["2 VITE_A <- MAGICX_SECRET_KEY", "3 VITE_B SK", "3 VITE_C 1", "3 X 2"],
    );
}

#[test]
fn scripts_of_shells() {
    check(
        "scripts/build.sh",
        "#!/bin/sh\n# export A=1\nexport NEXT_PUBLIC_B=\"$C\"\nD='{SK}' E=f;G=h npm run x\nif [ $I == 2 ]\n\
         docker build --build-arg VITE_J=$K .\ngrep l=m n\n",
        &["3 NEXT_PUBLIC_B <- C", "4 D SK", "4 E f", "4 G h", "6 VITE_J <- K"],
    );
    check(
        "Makefile",
        "build:\n\tVITE_A=$(MAGICX_SECRET_KEY) npx vite build\n",
        &["2 VITE_A <- MAGICX_SECRET_KEY"],
    );
}

#[test]
fn what_cannot_be_read_is_told_and_the_rest_is_kept() {
    for (path, text, kept) in [
        ("netlify.toml", "[build.environment]\nA = \"b\"\n[x\n", 1),
        ("eas.json", "{\"env\": {\"A\": \"b\"", 0),
        (".github/workflows/a.yml", "env:\n  A: b\n  C: [\n", 1),
        ("compose.yml", "a: *missing\n", 0),
    ] {
        let (found, notices) = said(&[(path, text), (".env", "Z=1\n")]);
        assert_eq!(found.len(), kept + 1, "{path} {found:?}");
        assert_eq!(notices.len(), 1, "{path}");
    }
    let large = "A=1\n".repeat(MAX_FILE / 4 + 1);
    let (found, notices) = said(&[(".env", &large)]);
    assert_eq!((found.len(), notices.len()), (0, 1));
}

#[test]
fn hostile_files_are_read_to_an_end() {
    // Of sizes that no reader finishes whose time grows with their square.
    let many = MAX_FILE / 8;
    let bomb: String = (0..30)
        .map(|n| format!("a{}: &a{} [{}]\n", n + 1, n + 1, vec![format!("*a{n}"); 9].join(",")))
        .collect();
    let doubling: String = (0..40).map(|n| format!("A{n}=$A{0}$A{0}$A{0}\n", n + 1)).collect();
    let catalog = catalog();
    for (path, text) in [
        ("compose.yml", format!("a0: &a0 x\n{bomb}")),
        ("compose.yml", "[".repeat(many)),
        ("compose.yml", "{a: ".repeat(many)),
        ("compose.yml", "- ".repeat(many)),
        ("compose.yml", format!("env:\n  A: \"{}", "x".repeat(many))),
        ("compose.yml", "? ".repeat(many)),
        ("eas.json", "[".repeat(many)),
        ("eas.json", "{\"env\":".repeat(many)),
        ("netlify.toml", format!("a = {}", "[".repeat(many))),
        ("netlify.toml", format!("[{}]", vec!["a"; many].join("."))),
        (".env", "A=\"\n".repeat(many)),
        (".env", "A=\"\\\"\n".repeat(many / 2)),
        (".env", format!("A={}", "${A".repeat(many))),
        (".env", format!("A={}", "${{".repeat(many))),
        (".env", doubling),
        ("Dockerfile", "ENV \\\n".repeat(many)),
        ("Dockerfile", format!("ENV {}", "#\\\n".repeat(many))),
        ("a.sh", "A=\"".repeat(many)),
        ("a.sh", "A=${{".repeat(many)),
        ("package.json", format!("{{\"scripts\": {{\"a\": \"{}", "A=".repeat(many))),
        (".env", "é=\u{feff}=\0".repeat(many / 2)),
    ] {
        let memory = Memory::new(&[(path, &text)]);
        declarations(&DeclaringFiles::new(&memory, &Prefixes(&catalog)), &memory.below(""), &[]);
    }
}
