//! Converts regular expressions over paths into `.gitignore` patterns, where these can express them.

use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Class, Hir, HirKind, Look};

use super::error::ImportWarning;
use crate::suppress;

/// The most patterns that one expression may become.
const MAX_PATTERNS: usize = 64;

/// The most copies of a repetition that are written out.
const MAX_COPIES: u32 = 8;

/// A part of a path pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
enum GlobToken {
    /// The beginning of the path.
    Start,
    /// The end of the path.
    End,
    /// This character.
    One(char),
    /// One of these characters, as in a glob's brackets.
    OneOf(String),
    /// Any character but `/`.
    Any,
    /// Any text.
    Text,
    /// Any text without `/`.
    Name,
}

/// Converts path expressions, each with its place; what patterns cannot express becomes a warning
/// there.
pub(super) fn excluded(
    expressions: &[(String, String)],
    warnings: &mut Vec<ImportWarning>,
) -> Vec<String> {
    let mut patterns = Vec::new();
    for (place, expression) in expressions {
        let globs = globs(expression).and_then(|globs| {
            let all = globs.iter().map(String::as_str);
            let good = suppress::PathPatterns::new(std::path::Path::new("/"), all);
            good.map(|_| globs).map_err(|_| "it is not a path pattern")
        });
        match globs {
            Ok(globs) => patterns.extend(globs),
            Err(why) => warnings.push(ImportWarning {
                place: place.clone(),
                message: format!("the path expression is left out: {why}"),
                is_left_out: true,
            }),
        }
    }
    let mut seen = std::collections::HashSet::new();
    patterns.retain(|pattern| seen.insert(pattern.clone()));
    patterns
}

/// The patterns that together match the same paths of files.
///
/// # Errors
/// The reason why there are none.
pub(super) fn globs(expression: &str) -> Result<Vec<String>, &'static str> {
    let mut parser = ParserBuilder::new().unicode(false).utf8(false).build();
    let hir = parser.parse(expression).map_err(|_| "it is not a regular expression")?;
    let error = "`exclude` cannot express it: it has only names, `*` and `?`";
    let mut globs: Vec<_> = expand(&hir)
        .ok_or(error)?
        .iter()
        .map(|own| glob(own))
        .collect::<Option<_>>()
        .ok_or(error)?;
    // `**/x` also matches at the top.
    let anywhere: Vec<_> =
        globs.iter().filter_map(|glob| glob.strip_prefix("**").map(str::to_owned)).collect();
    globs.retain(|glob| !anywhere.contains(glob));
    // A pattern for a name also matches the folder of that name.
    let names = globs.clone();
    globs.retain(|glob| !glob.strip_suffix('/').is_some_and(|own| names.iter().any(|n| n == own)));
    globs.dedup();
    if globs.iter().any(|glob| glob.trim_matches(['*', '/']).is_empty()) {
        return Err("it would exclude everything");
    }
    Ok(globs)
}

/// Spells out all alternatives.
fn expand(hir: &Hir) -> Option<Vec<Vec<GlobToken>>> {
    match hir.kind() {
        HirKind::Empty => Some(vec![Vec::new()]),
        HirKind::Look(Look::Start) => Some(vec![vec![GlobToken::Start]]),
        HirKind::Look(Look::End) => Some(vec![vec![GlobToken::End]]),
        HirKind::Look(_) => None,
        HirKind::Literal(literal) => {
            // Paths of Windows have `\` where patterns have `/`.
            let text = std::str::from_utf8(&literal.0).ok()?.replace('\\', "/");
            Some(vec![text.chars().map(GlobToken::One).collect()])
        }
        HirKind::Class(class) => Some(vec![vec![one_of(class)?]]),
        HirKind::Capture(group) => expand(&group.sub),
        HirKind::Repetition(repetition) => {
            if let (0 | 1, None, HirKind::Class(class)) =
                (repetition.min, repetition.max, repetition.sub.kind())
            {
                if one_of(class)? != GlobToken::Any {
                    return None;
                }
                let any = if holds(class, b'/') { GlobToken::Text } else { GlobToken::Name };
                let least = repetition.min as usize;
                return Some(vec![[&vec![GlobToken::Any; least][..], &[any]].concat()]);
            }
            let most = repetition.max.filter(|most| *most <= MAX_COPIES)?;
            let one = expand(&repetition.sub)?;
            let mut all = Vec::new();
            for copies in repetition.min..=most {
                let copied =
                    (0..copies).try_fold(vec![Vec::new()], |left, _| product(&left, &one))?;
                all.extend(copied);
            }
            Some(all).filter(|all| all.len() <= MAX_PATTERNS)
        }
        HirKind::Concat(parts) => {
            parts.iter().try_fold(vec![Vec::new()], |left, part| product(&left, &expand(part)?))
        }
        HirKind::Alternation(branches) => {
            let all: Option<Vec<_>> = branches.iter().map(expand).collect();
            all.map(|all| all.concat()).filter(|all| all.len() <= MAX_PATTERNS)
        }
    }
}

fn product(left: &[Vec<GlobToken>], right: &[Vec<GlobToken>]) -> Option<Vec<Vec<GlobToken>>> {
    if left.len() * right.len() > MAX_PATTERNS {
        return None;
    }
    Some(left.iter().flat_map(|l| right.iter().map(move |r| [&l[..], &r[..]].concat())).collect())
}

fn holds(class: &Class, byte: u8) -> bool {
    match class {
        Class::Bytes(class) => class.iter().any(|r| (r.start()..=r.end()).contains(&byte)),
        Class::Unicode(_) => false,
    }
}

/// A class as one character of a glob.
fn one_of(class: &Class) -> Option<GlobToken> {
    // `\` separates names as `/` does, and paths here have none.
    let is_visible = |byte: &u8| *byte != b'\\' && holds(class, *byte);
    let visible: Vec<u8> = (b'!'..=b'~').filter(is_visible).collect();
    if visible == *b"/" && !holds(class, b' ') {
        return Some(GlobToken::One('/'));
    }
    // All visible characters, with or without the one that separates names.
    let all = (b'!'..=b'~').count() - 1;
    if visible.len() >= all - usize::from(!holds(class, b'/')) && holds(class, b' ') {
        return Some(GlobToken::Any);
    }
    if visible.contains(&b'/') || holds(class, b' ') {
        return None;
    }
    // `]`, `^`, `!`, `-` and `\` mean something in brackets.
    if visible.is_empty() || visible.iter().any(|byte| b"]^!-\\[".contains(byte)) {
        return None;
    }
    Some(GlobToken::OneOf(visible.into_iter().map(char::from).collect()))
}

/// One alternative as a pattern.
fn glob(tokens: &[GlobToken]) -> Option<String> {
    let (is_start, rest) = match tokens {
        [GlobToken::Start, rest @ ..] => (true, rest),
        rest => (false, rest),
    };
    let (is_end, rest) = match rest {
        [rest @ .., GlobToken::End] => (true, rest),
        rest => (false, rest),
    };
    // Text at either end is the same as no anchor there.
    let (is_start, rest) = match rest {
        [GlobToken::Text, rest @ ..] => (false, rest),
        rest => (is_start, rest),
    };
    let (is_end, rest) = match rest {
        [rest @ .., GlobToken::Text] => (false, rest),
        rest => (is_end, rest),
    };
    let mut text = String::new();
    for token in rest {
        match token {
            GlobToken::Start | GlobToken::End => return None,
            GlobToken::One(c) => {
                if c.is_control() {
                    return None;
                }
                if "*?[]\\!#{}".contains(*c) {
                    text.push('\\');
                }
                text.push(*c);
            }
            GlobToken::OneOf(all) => {
                text.push('[');
                text.push_str(all);
                text.push(']');
            }
            GlobToken::Any => text.push('?'),
            GlobToken::Name => text.push('*'),
            GlobToken::Text if text.ends_with('/') => text.push_str("**/*"),
            // It may contain `/` or not, which no single pattern can express.
            GlobToken::Text => return None,
        }
    }
    let is_folder = text.ends_with('/');
    let within = text.trim_end_matches('/').contains('/');
    let lead = match (is_start, text.starts_with('/')) {
        (true, true) => return None,
        (true, false) => "/",
        (false, true) => "**",
        (false, false) if within => "**/*",
        (false, false) => "*",
    };
    let tail = if is_end || is_folder { "" } else { "*" };
    // A trailing space would be trimmed.
    let text = format!("{lead}{text}{tail}");
    (!text.ends_with(' ')).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::suppress::PathPatterns;
    use std::path::Path;

    #[test]
    fn expressions_become_patterns() {
        for (expression, expected) in [
            (r"gitleaks\.toml", &["*gitleaks.toml*"][..]),
            (r"(?i)\.(?:bmp|gif)$", &["*.[Bb][Mm][Pp]", "*.[Gg][Ii][Ff]"]),
            (r"(?:^|/)vendor/modules\.txt$", &["**/vendor/modules.txt"]),
            (r"^tests/fixtures/", &["/tests/fixtures/"]),
            (r"^tests/.*\.json$", &["/tests/**/*.json"]),
            (r"(?:^|/)node_modules(?:/.*)?$", &["**/node_modules"]),
            (r"package-lock\.json$", &["*package-lock.json"]),
            (r"(^|/)gradlew(?:\.bat)?$", &["**/gradlew", "**/gradlew.bat"]),
            (r".*_test\.go", &["*_test.go*"]),
            (r"src/[^/]+\.py$", &["**/*src/?*.py"]),
            (r"(?:^|[\\/])vendor[\\/]modules\.txt$", &["**/vendor/modules.txt"]),
            (r"^tests\\fixtures\\", &["/tests/fixtures/"]),
            (r"src[\\/][^\\/]+\.py$", &["**/*src/?*.py"]),
        ] {
            assert_eq!(globs(expression).unwrap(), expected, "{expression}");
        }
        for expression in
            [".*", "", "^", "/", r"lib/[a-z]+\.js$", r"a.*b$", r"\bx", "(", "[a-z]{9}"]
        {
            assert!(globs(expression).is_err(), "{expression}");
        }
    }

    /// No pattern may exclude a file that its expression does not.
    #[test]
    fn patterns_match_the_same_paths() {
        let paths = [
            "a.gif",
            "x/a.GIF",
            "gif",
            "tests/fixtures/a/b.txt",
            "x/tests/fixtures/a",
            "tests/a.json",
            "tests/x/y/b.json",
            "vendor/modules.txt",
            "x/vendor/modules.txt",
            "xvendor/modules.txt",
            "node_modules/a.js",
            "x/node_modules/b/c",
            "my_node_modules/d",
            "src/a.py",
            "src/b/a.py",
            "gradlew",
            "x/gradlew.bat",
            "gradlew.sh",
            "a_test.go",
            "x/b_test.go",
        ];
        for expression in [
            r"\.(?:gif|GIF)$",
            r"^tests/fixtures/",
            r"^tests/.*\.json$",
            r"(?:^|/)vendor/modules\.txt$",
            r"(?:^|/)node_modules(?:/.*)?$",
            r"src/[^/]+\.py$",
            r"(?:^|/)gradlew(?:\.bat)?$",
            r"_test\.go$",
            r"modules",
            r"^tests/",
            r"^gradlew$",
        ] {
            let regex = regex::Regex::new(expression).unwrap();
            let globs = globs(expression).unwrap();
            let patterns =
                PathPatterns::new(Path::new("/r"), globs.iter().map(String::as_str)).unwrap();
            for path in paths {
                let is_matched = patterns.matched(&Path::new("/r").join(path), false).is_some();
                assert_eq!(is_matched, regex.is_match(path), "{expression} {globs:?} {path}");
            }
        }
    }
}
