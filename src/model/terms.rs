//! The terms of an acceptance, as words on its line: `until=2027-03-01 owner=@team`.

use std::fmt;

use super::Day;

/// The terms of an acceptance.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Terms {
    /// The last day on which it counts; it has no end if `None`.
    pub until: Option<Day>,
    /// The person or team that answers for it.
    pub owner: Option<String>,
}

impl Terms {
    /// Takes the terms out of the words after an id, a path or a marker. The other words are the reason.
    ///
    /// # Errors
    /// A term that says nothing, with its remedy.
    pub fn take(text: &str) -> Result<(Self, String), String> {
        let mut terms = Self::default();
        let mut reason = String::with_capacity(text.len());
        for part in text.split_inclusive(char::is_whitespace) {
            let word = part.trim_end();
            if !Self::is_term(word) {
                reason.push_str(part);
            } else if let Some(day) = word.strip_prefix("until=") {
                let day = day.parse().map_err(|error| format!("`{word}`: {error}"))?;
                if terms.until.replace(day).is_some() {
                    return Err("`until=` is there twice".to_owned());
                }
            } else if let Some(owner) = word.strip_prefix("owner=").filter(|own| !own.is_empty()) {
                if terms.owner.replace(owner.to_owned()).is_some() {
                    return Err("`owner=` is there twice".to_owned());
                }
            } else {
                return Err(format!("`{word}`: write `until=2027-03-01` and `owner=@team`"));
            }
        }
        Ok((terms, reason.trim().to_owned()))
    }

    /// True for a word that is a term, or was meant as one: one that does nothing would make an acceptance
    /// count forever.
    pub fn is_term(word: &str) -> bool {
        let Some((name, value)) = word.split_once(['=', ':']) else { return false };
        let name = name.to_ascii_lowercase();
        match &*name {
            "until" if word[5..].starts_with(':') => {
                value.starts_with(|c: char| c.is_ascii_digit())
            }
            "until" | "owner" => word[5..].starts_with('='),
            _ => {
                is_day(value) && is_like_until(&name)
                    || value.starts_with('@') && is_like_owner(&name)
            }
        }
    }

    /// True if the acceptance counts no more.
    pub fn have_ended(&self, today: Option<Day>) -> bool {
        self.until.zip(today).is_some_and(|(until, today)| until < today)
    }

    /// The reason with the terms, as reports show it.
    pub fn added_to(&self, reason: &str) -> String {
        match (reason, self.to_string()) {
            (reason, terms) if terms.is_empty() => reason.to_owned(),
            ("", terms) => terms,
            (reason, terms) => format!("{reason} ({terms})"),
        }
    }
}

/// True for four digits and a hyphen, as days begin.
fn is_day(value: &str) -> bool {
    let start = value.as_bytes().get(..5);
    start.is_some_and(|start| start[..4].iter().all(u8::is_ascii_digit) && start[4] == b'-')
}

fn is_like_until(name: &str) -> bool {
    ["unt", "utn", "unil", "unit", "expir"].iter().any(|start| name.starts_with(start))
        || ["til", "till"].iter().any(|end| name.ends_with(end))
        || ["exp", "end", "ends"].contains(&name)
}

fn is_like_owner(name: &str) -> bool {
    ["own", "onw", "owen"].iter().any(|start| name.starts_with(start))
}

/// For people: `until 2027-03-01, owner @team`.
impl fmt::Display for Terms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let until = self.until.map(|day| format!("until {day}"));
        let owner = self.owner.as_ref().map(|owner| format!("owner {owner}"));
        let parts: Vec<_> = until.into_iter().chain(owner).collect();
        f.write_str(&parts.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_stand_anywhere_among_the_words() {
        for (text, reason) in [
            ("until=2027-03-01 owner=@team rotated, see #12", "rotated, see #12"),
            ("rotated, see #12 owner=@team until=2027-03-01", "rotated, see #12"),
            ("rotated, until=2027-03-01 see  #12\towner=@team", "rotated, see  #12"),
            ("owner=@team until=2027-03-01", ""),
        ] {
            let (terms, rest) = Terms::take(text).unwrap();
            assert_eq!(terms.to_string(), "until 2027-03-01, owner @team", "{text}");
            assert_eq!(rest, reason, "{text}");
        }
        let (terms, reason) = Terms::take(" kept until 2027: the owner says so ").unwrap();
        assert_eq!((terms, &*reason), (Terms::default(), "kept until 2027: the owner says so"));
        for text in
            ["added=2027-03-01", "unit=5", "util=2027", "see https://a.example/?until=1", "own=yes"]
        {
            assert_eq!(Terms::take(text), Ok((Terms::default(), text.to_owned())));
        }
    }

    #[test]
    fn the_last_day_counts() {
        let (terms, _) = Terms::take("until=2027-03-01").unwrap();
        for (today, has_ended) in
            [("2027-02-28", false), ("2027-03-01", false), ("2027-03-02", true)]
        {
            assert_eq!(terms.have_ended(Some(today.parse().unwrap())), has_ended, "{today}");
        }
        assert!(!terms.have_ended(None));
        assert!(!Terms::default().have_ended(Some("9999-12-31".parse().unwrap())));
    }

    #[test]
    fn a_term_that_says_nothing_is_an_error() {
        for text in [
            "until=soon",
            "until=",
            "why until= 2027-03-01",
            "until=2027-02-30",
            "until=01.03.2027",
            "until:2027-03-01",
            "Until=2027-03-01",
            "owner=",
            "OWNER=@team",
            "untill=2027-03-01",
            "unitl=2027-03-01",
            "valid-until=2027-03-01",
            "expires=2027-03-01 why",
            "Expires:2027-03-01",
            "owners=@team",
            "until=2027-03-01 until=2028-03-01",
            "owner=@a owner=@b",
        ] {
            assert!(Terms::take(text).is_err(), "{text}");
        }
    }
}
