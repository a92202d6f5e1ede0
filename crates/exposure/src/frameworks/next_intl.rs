//! next-intl: the messages that a module for requests loads are in the pages.

use crate::app::App;
use crate::artifacts::shipped_path::ShippedPath;
use crate::frameworks::paths;

/// The package.
const PACKAGE: &str = "next-intl";

/// The modules that load messages for a request, and that list the languages, below the app's folder.
const REQUESTS: [&str; 4] = ["src/i18n/request", "i18n/request", "src/i18n", "i18n"];
const ROUTINGS: [&str; 5] =
    ["src/i18n/routing", "i18n/routing", "src/i18n/config", "i18n/config", "src/navigation"];

/// The reason, for people.
const WHY: &str = "messages of next-intl are in the pages of their language";

/// The files of messages.
pub(super) fn messages(app: &App<'_>) -> Vec<ShippedPath> {
    if !app.depends_on(PACKAGE) {
        return Vec::new();
    }
    let requests = paths::named(app, &REQUESTS);
    let routings = paths::named(app, &ROUTINGS);
    let languages = routings.iter().chain(&requests).find_map(|path| languages(&text(app, path)?));
    let mut found = Vec::new();
    for by in &requests {
        let text = text(app, by).unwrap_or_default();
        for template in text.split("import(").skip(1) {
            let Some(template) = template.trim_start().strip_prefix('`') else { continue };
            let template = template.split('`').next().unwrap_or_default();
            let Some((before, rest)) = template.split_once("${") else { continue };
            let Some((_, after)) = rest.split_once('}') else { continue };
            let names = match &languages {
                Some(languages) => languages.iter().map(String::as_str).collect(),
                None => vec!["*"],
            };
            let alias = before.strip_prefix("@/").or(before.strip_prefix("~/"));
            let own = paths::folder(app.relative(by).unwrap_or_default());
            // An alias means the app's folder or its sources.
            let folders = if alias.is_some() { vec!["", "src"] } else { vec![own] };
            let after = if after.contains("${") { "*.json" } else { after };
            for name in names {
                let written = format!("{}{name}{after}", alias.unwrap_or(before));
                let files = folders.iter().filter_map(|folder| paths::join(folder, &written));
                found.extend(files.map(|path| ShippedPath {
                    path: app.path(&path),
                    except: Vec::new(),
                    by: by.clone(),
                    why: WHY,
                }));
            }
        }
    }
    found
}

/// The languages in `locales: ['en', 'de']`, if they are written there.
fn languages(text: &str) -> Option<Vec<String>> {
    let (_, rest) = text.split_once("locales")?;
    let rest = rest.trim_start().trim_start_matches([':', '=']).trim_start().strip_prefix('[')?;
    let (list, _) = rest.split_once(']')?;
    let names = list.split(',').map(str::trim).filter(|name| !name.is_empty());
    let names = names.map(|name| {
        let inner = name.strip_prefix(['\'', '"', '`'])?.strip_suffix(['\'', '"', '`'])?;
        let is_plain = inner.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        is_plain.then(|| inner.to_owned())
    });
    names.collect()
}

fn text(app: &App<'_>, path: &str) -> Option<String> {
    let bytes = app.state.read(path).ok()??;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frameworks::testing::World;

    #[test]
    fn messages_of_the_offered_languages_are_in_pages() {
        let package =
            ("package.json", r#"{"dependencies": {"next": "15.0.0", "next-intl": "4.0.0"}}"#);
        let request = "messages: (await import(`../../messages/${locale}.json`)).default";
        for (routing, expected) in [
            (
                "defineRouting({ locales: ['en', \"de\"] })",
                &["messages/en.json", "messages/de.json"][..],
            ),
            ("defineRouting({ locales: all })", &["messages/*.json"]),
        ] {
            let files =
                [package, ("src/i18n/request.ts", request), ("src/i18n/routing.ts", routing)];
            let world = World::new(&files);
            let paths: Vec<String> =
                messages(&world.app()).into_iter().map(|file| file.path).collect();
            assert_eq!(paths, expected);
        }
    }
}
