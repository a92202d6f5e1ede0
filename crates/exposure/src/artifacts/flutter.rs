//! Flutter: Dart code, values given to the compiler, and assets.

use std::rc::Rc;

use crate::artifacts::comments::Language;
use crate::artifacts::context::ArtifactContext;
use crate::artifacts::placement::{Form, Placement, span};
use crate::artifacts::{comments, paths};
use crate::leak::{FileSpan, Leak, LeakKind};
use crate::project::conventions::is_test_artifact;

const DEFINE: &str = "--dart-define";
const FROM_FILE: &str = "--dart-define-from-file";

/// Code before the name of a value that is compiled in.
const COMPILED: [&str; 3] = ["fromEnvironment(", "hasEnvironment(", "varName:"];

/// Code that reads a value of a dotenv file that is an asset.
const DOTENV: [&str; 3] = ["dotenv.env[", "dotenv.get(", "dotenv.maybeGet("];

/// The placement of a file that is compiled into the app or is one of its assets.
pub(crate) fn placement(context: &ArtifactContext<'_>, path: &str) -> Option<Placement> {
    let (pubspec, text) = pubspec(context, path)?;
    let inside = paths::below(path, paths::folder(&pubspec))?;
    let ships = |why: &str| Placement::new(LeakKind::NativeAppSecret, "flutter", why);
    if paths::ends_in(path, &["dart"]) {
        let found = ships("Dart code is compiled into the app").of(Form::Code(Language::Dart));
        return inside.starts_with("lib/").then(|| found.by(pubspec));
    }
    if is_asset(&text, inside) {
        return Some(ships("pubspec.yaml lists it as an asset").by(pubspec));
    }
    let is_values = paths::ends_in(path, &["json", "env"]) || paths::name(path).starts_with(".env");
    let command = is_values.then(|| command_that_names(context, path)).flatten()?;
    Some(ships("its values are compiled into the app").by(command))
}

/// Secrets that are compiled into Dart code by name, and those that commands give to the compiler.
pub(crate) fn leaks(context: &ArtifactContext<'_>, path: &str, text: &str) -> Vec<Leak> {
    if paths::ends_in(path, &["dart"]) {
        return of_code(context, path, text);
    }
    if text.contains(DEFINE) && is_script(path) && !is_test_artifact(path) {
        return of_command(context, path, text);
    }
    Vec::new()
}

/// The nearest pubspec.yaml, if it is one of Flutter.
fn pubspec(context: &ArtifactContext<'_>, path: &str) -> Option<(String, Rc<str>)> {
    let file = context.nearest(path, &["pubspec.yaml"])?;
    let text = context.marker(&file)?;
    let is_flutter =
        text.contains("sdk: flutter") || text.lines().any(|line| line.starts_with("flutter:"));
    is_flutter.then_some((file, text))
}

/// The assets that a pubspec.yaml lists.
fn assets(pubspec: &str) -> Vec<&str> {
    let mut assets = Vec::new();
    let mut indent = None;
    for line in pubspec.lines() {
        let line = line.split(" #").next().unwrap_or_default();
        let content = line.trim();
        if content.is_empty() || content.starts_with('#') {
            continue;
        }
        let depth = line.len() - line.trim_start().len();
        if content == "assets:" {
            indent = Some(depth);
        } else if let Some(outer) = indent {
            let item = content.strip_prefix("- ");
            let path = item.or_else(|| content.strip_prefix("path:"));
            if depth < outer || (depth == outer && item.is_none()) {
                indent = None;
            } else if let Some(path) = path {
                let path = path.trim().strip_prefix("path:").unwrap_or(path.trim());
                assets.push(path.trim().trim_matches(['"', '\'']).trim_start_matches("./"));
            }
        }
    }
    assets
}

/// True if a file is an asset. A listed folder includes the files in it, not those in its folders.
fn is_asset(pubspec: &str, inside: &str) -> bool {
    assets(pubspec).into_iter().any(|asset| {
        asset == inside || asset.strip_suffix('/').is_some_and(|f| f == paths::folder(inside))
    })
}

/// The script or workflow that gives a file to the compiler.
fn command_that_names(context: &ArtifactContext<'_>, path: &str) -> Option<String> {
    let name = paths::name(path);
    let commands = context.files.iter().filter(|file| {
        paths::ends_in(file, &["yml", "yaml", "sh", "ps1", "bat", "rb", "json"])
            || matches!(paths::name(file), "Makefile" | "Fastfile" | "justfile" | "Taskfile")
    });
    let mut commands = commands.filter(|file| file.as_str() != path);
    let names_it = |text: &str| {
        text.match_indices(FROM_FILE).any(|(at, mark)| {
            let value = text[at + mark.len()..].trim_start_matches(['=', ' ', '"', ',', '\'']);
            let end = value.find([' ', '\n', '"', '\'', '\r']).unwrap_or(value.len());
            paths::name(&value[..end]) == name
        })
    };
    commands.find(|file| context.marker(file).is_some_and(|text| names_it(&text))).cloned()
}

fn of_code(context: &ArtifactContext<'_>, path: &str, text: &str) -> Vec<Leak> {
    let Some((pubspec, spec)) = pubspec(context, path) else { return Vec::new() };
    let root = paths::folder(&pubspec);
    if !paths::below(path, root).is_some_and(|inside| inside.starts_with("lib/")) {
        return Vec::new();
    }
    let left_out = comments::ranges(text, Language::Dart);
    // Values in packaged files are reported there.
    let packaged = assets(&spec).into_iter().filter(|asset| asset.contains(".env"));
    let packaged: Vec<&str> = packaged.collect();
    let is_written = |name: &str| {
        packaged.iter().any(|asset| {
            let text = context.marker(&paths::join(root, asset));
            text.is_some_and(|text| text.contains(&format!("{name}=")))
        })
    };
    let mut leaks = Vec::new();
    let marks = COMPILED.iter().chain(DOTENV.iter().filter(|_| !packaged.is_empty()));
    for mark in marks {
        for (at, _) in text.match_indices(mark) {
            let rest = text[at + mark.len()..].trim_start();
            let Some(quoted) = rest.strip_prefix(['\'', '"']) else { continue };
            let name = quoted.split(['\'', '"']).next().unwrap_or_default();
            let end = text.len() - quoted.len() + name.len();
            let rest_of_call = text[end..].split([')', ';']).next().unwrap_or_default();
            let is_known = context.has_key(rest_of_call)
                || (DOTENV.contains(mark) && is_written(name))
                || *mark == "hasEnvironment(";
            let Some(key_kind) = context.secret_name(name) else { continue };
            if is_known || comments::holds(&left_out, at) {
                continue;
            }
            let why = "the value is compiled into the app";
            let placement = Placement::new(LeakKind::NativeAppSecret, "flutter", why);
            let place = FileSpan { path: path.into(), span: span(&(at..end)) };
            leaks.push(placement.named(place, key_kind, name, None, Vec::new()));
        }
    }
    leaks
}

/// True if a file may contain commands that build an app; texts and code may only mention them.
fn is_script(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let endings = [
        "yml", "yaml", "sh", "bash", "zsh", "fish", "ps1", "bat", "cmd", "json", "mk", "just",
        "rb", "gradle", "groovy", "toml", "xml",
    ];
    paths::ends_in(path, &endings) || !name.contains('.') || name.starts_with('.')
}

fn of_command(context: &ArtifactContext<'_>, path: &str, text: &str) -> Vec<Leak> {
    let mut leaks = Vec::new();
    let placement = Placement::new(
        LeakKind::NativeAppSecret,
        "flutter",
        "--dart-define compiles the value into the app",
    );
    for (at, _) in text.match_indices(DEFINE) {
        let line = text[..at].rfind('\n').map_or(0, |at| at + 1);
        if text[line..at].trim_start().starts_with(['#', '/']) {
            continue;
        }
        let rest = &text[at + DEFINE.len()..];
        if !rest.starts_with(['=', ' ', '"', '\'']) {
            continue;
        }
        let define = rest.trim_start_matches(['=', ' ', '"', '\'', ',']);
        let is_end = |c: char| !(c.is_ascii_alphanumeric() || c == '_');
        let Some(length) = define.find(is_end) else { continue };
        let (name, value) = define.split_at(length);
        let Some(value) = value.strip_prefix('=') else { continue };
        let value = given(value);
        let start = text.len() - define.len();
        let end = start + length + 1 + value.len();
        if context.has_key(value) {
            for mut key in context.secrets(value) {
                let base = end - value.len();
                key.range = base + key.range.start..base + key.range.end;
                leaks.push(placement.leak(path, key, ""));
            }
            continue;
        }
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let mut names = value.split(|c| !is_name(c)).filter(|_| value.contains('$'));
        let key_kind =
            context.secret_name(name).or_else(|| names.find_map(|n| context.secret_name(n)));
        if let Some(key_kind) = key_kind {
            let place = FileSpan { path: path.into(), span: span(&(start..end)) };
            leaks.push(placement.clone().named(place, key_kind, name, None, Vec::new()));
        }
    }
    leaks
}

/// The value at the start of the rest of a command, up to a space; `${{ … }}` is one value.
fn given(rest: &str) -> &str {
    let expression = rest.trim_start_matches(['"', '\'']);
    let skipped = rest.len() - expression.len();
    let end = if expression.starts_with("${{") {
        expression.find("}}").map(|at| at + 2)
    } else {
        expression.find(|c: char| c.is_whitespace() || matches!(c, '"' | '\''))
    };
    &rest[..skipped + end.unwrap_or(expression.len())]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn assets_are_those_of_the_list() {
        let pubspec = "name: a\nflutter:\n  uses-material-design: true\n  assets:\n    - .env\n    \
                       - assets/data/ # all\n    - path: \"b.json\"\n  fonts:\n    - c.ttf\n";
        assert_eq!(assets(pubspec), [".env", "assets/data/", "b.json"]);
        assert!(is_asset(pubspec, "assets/data/x.json"));
        assert!(!is_asset(pubspec, "assets/data/deep/x.json"));
    }

    #[test]
    fn an_expression_is_one_value() {
        assert_eq!(given("${{ secrets.A }} --release"), "${{ secrets.A }}");
        assert_eq!(given("$A --release"), "$A");
        assert_eq!(given("\"$A\""), "\"$A");
        assert_eq!(given(""), "");
    }
}
