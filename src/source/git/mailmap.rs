//! The file `.mailmap`: the proper names and addresses of people who committed under others
//! (gitmailmap(5)).

use std::collections::HashMap;

use super::repo::Repository;
use super::stored_files::file_at;

/// The file, at the top of a tree.
const FILE: &str = ".mailmap";

/// The largest one that is read, in bytes.
const MAX_FILE: u64 = 4 << 20;

/// The proper name and address of somebody, as far as they differ.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Person {
    name: Option<String>,
    email: Option<String>,
}

/// Names and addresses that stand for others. Upper and lower case of ASCII are the same.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mailmap {
    /// By address alone, and by address and name.
    people: HashMap<(String, Option<String>), Person>,
}

impl Mailmap {
    fn parse(text: &str) -> Self {
        let mut people: HashMap<_, Person> = HashMap::new();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let Some((first_name, first, rest)) = person(line) else { continue };
            let (name, email, old_name, old) = match person(rest) {
                Some((old_name, old, _)) => (first_name, Some(first), old_name, old),
                None => (first_name, None, None, first),
            };
            let key = (old.to_ascii_lowercase(), old_name.map(str::to_ascii_lowercase));
            // A later line adds to an earlier one.
            let own = people.entry(key).or_default();
            own.name = name.map(ToOwned::to_owned).or(own.name.take());
            own.email = email.map(ToOwned::to_owned).or(own.email.take());
        }
        Self { people }
    }

    /// The proper name and address of somebody; `None` if they are proper already.
    pub fn proper(&self, name: &str, email: &str) -> Option<(String, String)> {
        if self.people.is_empty() {
            return None;
        }
        let address = email.to_ascii_lowercase();
        let exact = (address.clone(), Some(name.to_ascii_lowercase()));
        let person = self.people.get(&exact).or_else(|| self.people.get(&(address, None)))?;
        let found = (
            person.name.as_deref().unwrap_or(name).to_owned(),
            person.email.as_deref().unwrap_or(email).to_owned(),
        );
        (found.0 != name || found.1 != email).then_some(found)
    }
}

/// The name before an address in angle brackets, the address, and what follows.
fn person(text: &str) -> Option<(Option<&str>, &str, &str)> {
    let (name, rest) = text.split_once('<')?;
    let (email, rest) = rest.split_once('>')?;
    let name = name.trim();
    Some(((!name.is_empty()).then_some(name), email.trim(), rest))
}

impl Repository {
    /// The `.mailmap` of HEAD.
    pub fn mailmap(&self) -> Mailmap {
        let head = self.references().head().ok().and_then(|head| head.commit);
        let read = |head| file_at(&self.objects().ok()?, head, FILE.as_bytes(), MAX_FILE);
        let text = head.and_then(read).unwrap_or_default();
        Mailmap::parse(&String::from_utf8_lossy(&text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proper_names_are_found() {
        let map = Mailmap::parse(
            "# people\nAda Byte <ada@old.example>\n<bob@new.example> <bob@old.example>\n\
             Cy New <cy@new.example> <cy@old.example>\nDee <dee@x> Root <root@box>\n\
             Eve <eve@x> Web <root@box>  # a comment\nno address\nF <unclosed\n",
        );
        for (name, email, proper) in [
            ("ada", "ADA@old.example", Some(("Ada Byte", "ADA@old.example"))),
            ("Bob", "bob@old.example", Some(("Bob", "bob@new.example"))),
            ("c", "cy@old.example", Some(("Cy New", "cy@new.example"))),
            ("root", "root@box", Some(("Dee", "dee@x"))),
            ("Web", "root@box", Some(("Eve", "eve@x"))),
            ("other", "root@box", None),
            ("Ada Byte", "ada@old.example", None),
            ("x", "x@x", None),
        ] {
            let proper = proper.map(|(name, email)| (name.to_owned(), email.to_owned()));
            assert_eq!(map.proper(name, email), proper, "{name} <{email}>");
        }
        assert_eq!(Mailmap::default().proper("a", "b"), None);
    }
}
