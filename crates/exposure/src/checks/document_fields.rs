//! Fields of documents and of data that code renders by their names: `entry.data.title`. Those that no code
//! reads stay out of the pages.

use crate::app::App;
use crate::artifacts::shipped_path::COLLECTION;
use crate::checks::checker::leave_out;
use crate::js::guard::Absence;
use crate::leak::Leak;
use crate::project::conventions::{is_source, is_test_source};

/// How the names of files with such fields end.
const ENDINGS: [&str; 7] = [".md", ".mdx", ".mdoc", ".markdown", ".json", ".yaml", ".yml"];

/// Names of objects that hold the fields of a document.
const HOLDERS: [&str; 12] = [
    "attributes",
    "d",
    "data",
    "doc",
    "entry",
    "fields",
    "fm",
    "frontmatter",
    "item",
    "meta",
    "page",
    "post",
];

/// The most files that are searched for names; if there are more, all fields count as read.
const MAX_FILES: usize = 5_000;

/// Makes leaks of fields that no code of an app of Astro reads warnings.
pub(crate) fn leave_out_unread(app: &App<'_>, leaks: &mut [Leak]) {
    if !app.depends_on("astro") {
        return;
    }
    let mut code: Option<Vec<Vec<u8>>> = None;
    for leak in leaks.iter_mut() {
        let Some(name) = field_of(app, leak) else { continue };
        let code = code.get_or_insert_with(|| texts(app));
        if !code.is_empty() && !code.iter().any(|text| reads(text, name.as_bytes())) {
            leave_out(leak, Absence::UnusedData);
        }
    }
}

/// The name of the field that a secret is the value of.
fn field_of(app: &App<'_>, leak: &Leak) -> Option<String> {
    let path = &*leak.at.path;
    if !ENDINGS.iter().any(|ending| path.ends_with(ending)) {
        return None;
    }
    let bytes = app.state.read(path).ok()??;
    let text = std::str::from_utf8(&bytes).ok()?;
    let start = leak.at.span.start as usize;
    let is_data = ["json", "yaml", "yml"].contains(&crate::paths::extension(path));
    let is_of_collection = leak.trace.iter().any(|step| step.note == COLLECTION);
    let front = text.strip_prefix("---").and_then(|rest| rest.find("\n---"));
    let is_in_front = front.is_some_and(|end| start < end);
    if !(if is_data { is_of_collection } else { is_in_front }) {
        return None;
    }
    let line = text.get(..start)?.rsplit(['\n', ',', '{']).next()?;
    let (name, rest) = line.split_once(':')?;
    let name = name.trim().trim_matches(['"', '\'']);
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$';
    let is_plain = !name.is_empty() && name.bytes().all(is_name);
    (is_plain && !rest.contains(['[', '{'])).then(|| name.to_owned())
}

/// The texts of the app's code; none if there are too many.
fn texts(app: &App<'_>) -> Vec<Vec<u8>> {
    let is_code = |path: &&String| {
        (is_source(path) || path.ends_with(".mdx"))
            && !is_test_source(path)
            && !path.contains(".config.")
            && !path.ends_with("content/config.ts")
    };
    let paths: Vec<&String> = app.files.iter().filter(is_code).collect();
    if paths.len() > MAX_FILES {
        return Vec::new();
    }
    paths.into_iter().filter_map(|path| app.state.read(path).ok()?.map(|it| it.to_vec())).collect()
}

/// True if a text reads a field: `data.name`, `{ name }`; or hands on all of them: `{...post.data}`.
fn reads(text: &[u8], name: &[u8]) -> bool {
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$');
    let is_read = |at: usize| {
        let (before, after) = (&text[..at], &text[at + name.len()..]);
        if before.last().is_some_and(is_word) || after.first().is_some_and(is_word) {
            return false;
        }
        let Some(object) = before.strip_suffix(b".") else {
            return is_taken_out(before, after);
        };
        let object = object.strip_suffix(b"?").unwrap_or(object);
        let length = object.iter().rev().take_while(|byte| is_word(byte)).count();
        let object = object[object.len() - length..].to_ascii_lowercase();
        HOLDERS.iter().any(|holder| {
            let holder = holder.as_bytes();
            object == holder || holder.len() > 3 && object.ends_with(holder)
        })
    };
    let is_spread = |word: &str| {
        let mut found = memchr::memmem::find_iter(text, word);
        found.any(|at| {
            let rest = &text[at + word.len()..];
            let end = rest.iter().position(|byte| !is_word(byte) && *byte != b'.');
            let object = &rest[..end.unwrap_or(rest.len())];
            object.ends_with(b"data") || object.ends_with(b"rontmatter")
        })
    };
    memchr::memmem::find_iter(text, name).any(is_read)
        || is_spread("...")
        || is_spread("stringify(")
}

/// True for a name in `{ name } = post.data` and in `({ data: { name } }) => …`.
fn is_taken_out(before: &[u8], after: &[u8]) -> bool {
    let near = &after[..after.len().min(NEAR)];
    let Some(end) = memchr::memchr(b'}', near) else { return false };
    let before = &before[before.len().saturating_sub(NEAR)..];
    let Some(open) = memchr::memrchr(b'{', before) else { return false };
    if memchr::memchr(b'}', &before[open..]).is_some() {
        return false;
    }
    let is_holder = |text: &[u8]| {
        let text = text.to_ascii_lowercase();
        ["data", "matter", "fields"]
            .iter()
            .any(|it| memchr::memmem::find(&text, it.as_bytes()).is_some())
    };
    let line = |text: &[u8]| text.iter().take_while(|byte| !b"\n;".contains(byte)).count();
    let rest = near[end + 1..].trim_ascii_start();
    let given = rest.strip_prefix(b"=").filter(|rest| !rest.starts_with(b">"));
    let inner = before[..open].trim_ascii_end().strip_suffix(b":");
    given.is_some_and(|rest| is_holder(&rest[..line(rest)]))
        || inner.is_some_and(|before| is_holder(&before[before.len().saturating_sub(12)..]))
}

/// How far the brackets around a name are looked for.
const NEAR: usize = 300;

#[cfg(test)]
mod tests {
    use super::reads;

    #[test]
    fn fields_are_read_by_name() {
        for (text, expected) in [
            ("post.data.token", true),
            ("Astro.props.frontmatter?.token", true),
            ("const { token } = entry.data", true),
            ("<Card {...post.data} />", true),
            ("JSON.stringify(post.data)", true),
            ("posts.map(({ id, data: { title, token } }) => 1)", true),
            ("const { token, ...user } = locals.user", false),
            ("send({ token })", false),
            ("user.token", false),
            ("z.object({ token: z.string() })", false),
            ("post.data.tokens", false),
            ("", false),
        ] {
            assert_eq!(reads(text.as_bytes(), b"token"), expected, "{text}");
        }
    }
}
