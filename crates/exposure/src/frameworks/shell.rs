//! Commands as a shell splits them.

use crate::app::App;
use crate::frameworks::paths;

/// The files that commands of package.json name as the configuration of a program: `vite build --config
/// build/web.ts`.
pub(crate) fn named_configurations(app: &App<'_>, program: &str) -> Vec<String> {
    let scripts = app.package.iter().flat_map(|package| package.scripts.values());
    let mut found = Vec::new();
    for words in scripts.flat_map(|script| commands(script)) {
        if !words.iter().any(|word| paths::name(word) == program) {
            continue;
        }
        for (index, word) in words.iter().enumerate() {
            let given = match word.as_str() {
                "--config" | "-c" => words.get(index + 1).map(String::as_str),
                other => other.strip_prefix("--config="),
            };
            let given = given.filter(|given| paths::is_module(given));
            found.extend(given.and_then(|given| paths::find(app, given)));
        }
    }
    found
}

/// The commands of a line and their words, without quotes. What a shell expands stays as it is.
pub(crate) fn commands(line: &str) -> Vec<Vec<String>> {
    let mut commands = vec![Vec::new()];
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        match (c, quote) {
            (_, Some(open)) if c == open => quote = None,
            ('\\', None | Some('"')) => word.get_or_insert_default().extend(chars.next()),
            (_, Some(_)) => word.get_or_insert_default().push(c),
            ('\'' | '"', None) => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            ('&' | ';' | '|' | '\n', None) => {
                end(&mut commands, &mut word);
                commands.push(Vec::new());
            }
            (_, None) if c.is_whitespace() => end(&mut commands, &mut word),
            (_, None) => word.get_or_insert_default().push(c),
        }
    }
    end(&mut commands, &mut word);
    commands.retain(|command| !command.is_empty());
    commands
}

fn end(commands: &mut [Vec<String>], word: &mut Option<String>) {
    if let (Some(command), Some(word)) = (commands.last_mut(), word.take()) {
        command.push(word);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_split_as_a_shell_does() {
        let line = r#"A=1 tsc && esbuild 'a b'.js --define:K='"x"' --banner:js="/* $K */"; c \"d"#;
        let expected: [&[&str]; 3] = [
            &["A=1", "tsc"],
            &["esbuild", "a b.js", "--define:K=\"x\"", "--banner:js=/* $K */"],
            &["c", "\"d"],
        ];
        assert_eq!(commands(line), expected);
        assert!(commands(" && ;").is_empty());
        assert_eq!(commands("'a"), [["a"]]);
    }
}
