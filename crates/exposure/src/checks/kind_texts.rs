//! The texts about a kind of leak.

/// The texts about a kind of finding that all reports and the documentation share.
#[derive(Debug, Clone, Copy)]
pub struct KindTexts {
    /// The heading of a finding; `{}` is the title of the rule, for example `Acme API key`.
    pub title: &'static str,
    /// One sentence about one finding, without its full stop; `{}` is the masked secret or the
    /// variable.
    pub message: &'static str,
    /// The meaning of the kind, in one sentence.
    pub meaning: &'static str,
    /// Why it is bad.
    pub why: &'static str,
    /// How to fix it, in any framework. [`Leak::fix`](crate::Leak::fix) names files and variables.
    pub fix: &'static str,
    /// The number of the weakness in the Common Weakness Enumeration.
    pub cwe: u32,
    /// True if clients may have got the secret; false if it is undefined in their code.
    pub is_published: bool,
}

impl KindTexts {
    /// The heading of a finding of what is called `name`.
    pub fn title_of(&self, name: &str) -> String {
        self.title.replace("{}", name)
    }

    /// The message about `subject`, a masked secret or a variable.
    pub fn message_about(&self, subject: &str) -> String {
        self.message.replace("{}", subject)
    }
}
