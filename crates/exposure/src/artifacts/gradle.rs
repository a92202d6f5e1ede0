//! Build scripts of Android modules that write values into the package, and the properties these
//! values come from.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use crate::artifacts::comments::Language;
use crate::artifacts::context::ArtifactContext;
use crate::artifacts::placement::{Placement, span};
use crate::artifacts::{comments, paths};
use crate::catalog::KeyKindId;
use crate::leak::{FileSpan, Leak, LeakKind};
use crate::project::conventions::is_test_artifact;

/// Functions that write a value into the package.
const SINKS: [&str; 4] =
    ["buildConfigField", "resValue", "manifestPlaceholders", "addManifestPlaceholders"];

/// Files whose properties the secrets plugin packages, all of them.
const PLUGIN_FILES: [&str; 3] =
    ["local.properties", "secrets.properties", "local.defaults.properties"];

/// Names of the plugin in scripts and version catalogs.
const PLUGIN_NAMES: [&str; 3] =
    ["secrets-gradle-plugin", "secrets_gradle_plugin", "libs.plugins.secrets"];

/// The longest statement that is read.
const MAX_STATEMENT: usize = 4096;

/// The largest script that is read; nobody writes larger ones.
const MAX_SIZE: usize = 1 << 20;

/// The most names that are looked up for one value.
const MAX_NAMES: usize = 64;

/// The value of a name in a statement.
enum Meaning {
    /// A secret that is written there.
    Secret { key_kind: KeyKindId, at: FileSpan },
    /// Not a secret.
    Harmless,
    /// A secret of this kind, by its name.
    Named(KeyKindId),
}

/// The secrets that a build script packages, or that scripts package from a properties file.
pub(crate) fn leaks(context: &ArtifactContext<'_>, path: &str, text: &str) -> Vec<Leak> {
    if is_script(path) {
        return of_script(context, path, text);
    }
    if !paths::ends_in(path, &["properties"]) || context.secrets(text).is_empty() {
        return Vec::new();
    }
    let scripts = context.below(paths::folder(path)).filter(|script| is_script(script));
    let scripts = scripts.filter_map(|script| Some((script, context.marker(script)?)));
    let scripts: Vec<_> = scripts.collect();
    let plugin = scripts.iter().find(|(_, text)| PLUGIN_NAMES.iter().any(|n| text.contains(n)));
    if let Some((script, _)) = plugin
        && PLUGIN_FILES.contains(&paths::name(path))
    {
        let why = "the secrets plugin packages every property of this file";
        return ships(why).by(*script).leaks(context, path, text);
    }
    let all = scripts.iter().flat_map(|(script, text)| of_script(context, script, text));
    all.filter(|leak| leak.written_at.as_ref().is_some_and(|at| *at.path == *path)).collect()
}

fn is_script(path: &str) -> bool {
    (path.ends_with(".gradle") || path.ends_with(".gradle.kts")) && !is_test_artifact(path)
}

fn ships(why: &str) -> Placement {
    Placement::new(LeakKind::NativeAppSecret, "android", why)
}

fn of_script(context: &ArtifactContext<'_>, path: &str, text: &str) -> Vec<Leak> {
    // A plugin for servers has the same name.
    let is_of_server = text.contains("gmazzo.buildconfig") && !text.contains("com.android");
    if is_of_server || text.len() > MAX_SIZE || !SINKS.iter().any(|sink| text.contains(sink)) {
        return Vec::new();
    }
    let left_out = comments::ranges(text, Language::Dart);
    let (variables, properties) = (variables(text, &left_out), properties(context, path));
    let script = GradleScript { context, path, text, left_out, variables, properties };
    script.statements().into_iter().flat_map(|(sink, range)| script.judge(sink, range)).collect()
}

/// The value of a property and the place of the value.
struct GradleProperty {
    value: String,
    at: FileSpan,
}

struct GradleScript<'s> {
    context: &'s ArtifactContext<'s>,
    path: &'s str,
    text: &'s str,
    left_out: Vec<Range<usize>>,
    /// The offsets of the values of its variables.
    variables: HashMap<&'s str, usize>,
    properties: HashMap<String, GradleProperty>,
}

impl GradleScript<'_> {
    /// The statements that write values into the package.
    fn statements(&self) -> Vec<(&'static str, Range<usize>)> {
        let mut all = Vec::new();
        for sink in SINKS {
            for (at, _) in self.text.match_indices(sink) {
                let before = self.text[..at].chars().next_back();
                let is_word = before.is_some_and(|c| c.is_alphanumeric() || c == '_');
                if !is_word && !comments::holds(&self.left_out, at) {
                    all.push((sink, at..at + statement_length(&self.text[at..])));
                }
            }
        }
        all
    }

    fn judge(&self, sink: &'static str, range: Range<usize>) -> Vec<Leak> {
        let placement = ships(&format!("{sink} writes its value into the app"));
        let statement = &self.text[range.clone()];
        let keys = self.context.keys.find(statement);
        if !keys.is_empty() {
            let secrets = self.context.secrets(statement).into_iter();
            let secrets = secrets
                .filter(|key| !comments::holds(&self.left_out, range.start + key.range.start));
            return secrets
                .map(|mut key| {
                    key.range = range.start + key.range.start..range.start + key.range.end;
                    placement.leak(self.path, key, "")
                })
                .collect();
        }
        // One statement may have several placeholders, each on its own line.
        let is_map = sink.ends_with("Placeholders");
        let mut leaks: Vec<Leak> = Vec::new();
        let mut lines = lines(statement);
        if !is_map {
            lines = std::iter::once(0..statement.len()).collect();
        }
        for line in lines {
            let part = &statement[line.clone()];
            let Some((name, meaning)) =
                self.meaning(&part.replacen(sink, "", 1), &mut HashSet::new())
            else {
                continue;
            };
            let start = range.start + line.start + part.len() - part.trim_start().len();
            let end = range.start + line.start + part.trim_end().len();
            let at = FileSpan { path: self.path.into(), span: span(&(start..end.max(start))) };
            match meaning {
                Meaning::Secret { key_kind, at: written } => {
                    leaks.push(placement.named(at, key_kind, &name, Some(written), Vec::new()));
                }
                Meaning::Named(key_kind) if is_external(part, sink) => {
                    leaks.push(placement.named(at, key_kind, &name, None, Vec::new()));
                }
                Meaning::Named(_) | Meaning::Harmless => {}
            }
        }
        leaks
    }

    /// The value of the names in an expression: a secret if one of them is, or else whatever is
    /// known.
    fn meaning(&self, expression: &str, seen: &mut HashSet<String>) -> Option<(String, Meaning)> {
        let mut best: Option<(String, Meaning)> = None;
        for name in names(expression) {
            match self.meaning_of(name, seen) {
                Some(secret @ Meaning::Secret { .. }) => return Some((name.to_owned(), secret)),
                Some(Meaning::Harmless) => best = Some((name.to_owned(), Meaning::Harmless)),
                Some(named @ Meaning::Named(_)) if best.is_none() => {
                    best = Some((name.to_owned(), named));
                }
                Some(Meaning::Named(_)) | None => {}
            }
        }
        best
    }

    fn meaning_of(&self, name: &str, seen: &mut HashSet<String>) -> Option<Meaning> {
        if seen.len() >= MAX_NAMES || !seen.insert(name.to_owned()) {
            return None;
        }
        let last = name.rsplit('.').next().unwrap_or(name);
        let property = self.properties.get(name).or_else(|| self.properties.get(last));
        if let Some(property) = property {
            if let Some(key) = self.context.secrets(&property.value).first() {
                return Some(Meaning::Secret { key_kind: key.key_kind, at: property.at.clone() });
            }
            if self.context.has_key(&property.value) {
                return Some(Meaning::Harmless);
            }
        }
        if let Some(&start) = self.variables.get(last) {
            let range = start..start + statement_length(&self.text[start..]);
            let value = &self.text[range.clone()];
            if let Some(key) = self.context.secrets(value).first() {
                let range = range.start + key.range.start..range.start + key.range.end;
                let at = FileSpan { path: self.path.into(), span: span(&range) };
                return Some(Meaning::Secret { key_kind: key.key_kind, at });
            }
            if self.context.has_key(value) {
                return Some(Meaning::Harmless);
            }
            if let Some((_, meaning)) = self.meaning(value, seen) {
                return Some(meaning);
            }
        }
        self.context
            .secret_name(name)
            .or_else(|| self.context.secret_name(last))
            .map(Meaning::Named)
    }
}

/// The variables that a script declares, one per line, and the offsets of their values.
fn variables<'t>(text: &'t str, left_out: &[Range<usize>]) -> HashMap<&'t str, usize> {
    let mut variables = HashMap::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        if let Some(at) = line.find('=')
            && !comments::holds(left_out, start + at)
        {
            let left = line[..at].trim_end().trim_end_matches('?');
            let left = left.strip_suffix("String").unwrap_or(left).trim_end_matches([':', ' ']);
            let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
            let before = left.trim_end_matches(is_part);
            let is_declared = ["val ", "var ", "def ", "String ", "ext."]
                .iter()
                .any(|word| before.ends_with(word));
            if is_declared {
                variables.entry(&left[before.len()..]).or_insert(start + at + 1);
            }
        }
        start += line.len();
    }
    variables
}

/// The properties that a script can use, of its folder and those around it; the nearest count.
fn properties(context: &ArtifactContext<'_>, path: &str) -> HashMap<String, GradleProperty> {
    let mut all = HashMap::new();
    for folder in paths::ancestors(path) {
        let files = context
            .below(folder)
            .filter(|file| paths::ends_in(file, &["properties"]) && paths::folder(file) == folder);
        for file in files {
            let Some(text) = context.marker(file) else { continue };
            let mut start = 0;
            for line in text.split_inclusive('\n') {
                if let Some((name, value)) = line.split_once(['=', ':'])
                    && !line.trim_start().starts_with(['#', '!'])
                {
                    let range = start + line.len() - value.len()..start + line.trim_end().len();
                    let at = FileSpan { path: file.into(), span: span(&range) };
                    let (name, value) = (name.trim().to_owned(), value.trim().to_owned());
                    all.entry(name).or_insert(GradleProperty { value, at });
                }
                start += line.len();
            }
        }
    }
    all
}

/// The length of the statement at the start of a text: up to the first line end outside brackets.
fn statement_length(text: &str) -> usize {
    let mut depth = 0_usize;
    let mut quote = None;
    let mut last = b',';
    let mut is_escaped = false;
    for (at, byte) in text.bytes().enumerate() {
        if let Some(open) = quote {
            if is_escaped {
                is_escaped = false;
            } else if byte == b'\\' {
                is_escaped = true;
            } else if byte == open || byte == b'\n' {
                quote = None;
            }
        } else {
            match byte {
                b'"' | b'\'' => quote = Some(byte),
                b'(' | b'[' | b'{' => depth += 1,
                b')' | b']' | b'}' if depth == 0 => return at,
                b')' | b']' | b'}' => depth -= 1,
                b';' if depth == 0 => return at,
                b'\n' if depth == 0 && !matches!(last, b',' | b'=' | b'+' | b':') => return at,
                _ => {}
            }
        }
        if at >= MAX_STATEMENT && text.is_char_boundary(at) {
            return at;
        }
        if !byte.is_ascii_whitespace() {
            last = byte;
        }
    }
    text.len()
}

/// The lines of a text that are not blank.
fn lines(text: &str) -> Vec<Range<usize>> {
    let mut start = 0;
    let mut all = Vec::new();
    for line in text.split_inclusive('\n') {
        if !line.trim().is_empty() {
            all.push(start..start + line.len());
        }
        start += line.len();
    }
    all
}

/// The names in an expression, inside and outside strings.
fn names(expression: &str) -> impl Iterator<Item = &str> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
    let words = expression.split(move |c| !is_part(c)).map(|word| word.trim_matches(['.', '-']));
    words.filter(|word| {
        word.len() > 1 && word.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
    })
}

/// True if a value comes from elsewhere: from a variable, a property or the environment.
fn is_external(statement: &str, sink: &str) -> bool {
    let mut outside = String::new();
    for (index, part) in statement.replacen(sink, "", 1).replace("\\\"", "").split('"').enumerate()
    {
        if index % 2 == 0 {
            outside.push_str(part);
            outside.push(' ');
        } else if part.contains('$') {
            return true;
        }
    }
    let outside: String =
        outside.split('\'').step_by(2).collect::<Vec<_>>().join(" ").replace(" :", ":");
    // The colon distinguishes a key of a map from a variable.
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | ':');
    outside.split(|c| !is_part(c)).any(|word| {
        let is_name = word.starts_with(|c: char| c.is_ascii_alphabetic());
        let is_syntax = matches!(word, "to" | "mapOf" | "put" | "putAll" | "mutableMapOf");
        is_name && !is_syntax && !word.ends_with(':')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_from_elsewhere_are_told_from_texts() {
        for (statement, expected) in [
            ("buildConfigField(\"String\", \"K\", \"\\\"x\\\"\")", false),
            ("buildConfigField 'String', 'K', '\"\"'", false),
            ("buildConfigField(\"String\", \"K\", \"\\\"${a}\\\"\")", true),
            ("buildConfigField(\"String\", \"K\", key)", true),
            ("buildConfigField 'String', 'K', System.getenv('K')", true),
        ] {
            assert_eq!(is_external(statement, "buildConfigField"), expected, "{statement}");
        }
    }

    #[test]
    fn a_statement_ends_with_its_brackets() {
        assert_eq!(statement_length("f(\n1,\n2)\ng()"), 8);
        assert_eq!(statement_length("f 'a',\n 'b'\ng"), 11);
        assert_eq!(statement_length("f \")\" }"), 6);
        assert!(statement_length(&"(é".repeat(100_000)) <= MAX_STATEMENT + 4);
    }
}
