//! The report formats.

/// A report format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For people, with colour codes.
    Human,
    /// One JSON document.
    Json,
    /// One finding per line, the scan last.
    Jsonl,
    /// SARIF 2.1.0, as GitHub code scanning reads it.
    Sarif,
    /// Annotations of a GitHub Actions run.
    Github,
    /// Markdown, short enough for a step summary of GitHub Actions.
    Markdown,
    /// JUnit XML: one test case per finding.
    Junit,
    /// A table for spreadsheets, with one row per place.
    Csv,
    /// GitLab's secret detection report.
    Gitlab,
    /// One HTML file for people.
    Html,
}

impl Format {
    /// Every format with its name.
    pub const ALL: [(&'static str, Self); 10] = [
        ("human", Self::Human),
        ("json", Self::Json),
        ("jsonl", Self::Jsonl),
        ("sarif", Self::Sarif),
        ("github", Self::Github),
        ("markdown", Self::Markdown),
        ("junit", Self::Junit),
        ("csv", Self::Csv),
        ("gitlab", Self::Gitlab),
        ("html", Self::Html),
    ];

    /// The format of this name.
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.iter().find_map(|(known, format)| (*known == name).then_some(*format))
    }
}
