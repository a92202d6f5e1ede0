//! Calls by which server code of a framework sends values to the client.

/// A call that sends values to the client.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SendingCall {
    /// The object of the call.
    pub(crate) object: CallObject,
    /// The function.
    pub(crate) function: &'static str,
    /// The values that are sent.
    pub(crate) sends: SentPart,
    /// A note for people: `exposed to the pages of the app`.
    pub(crate) note: &'static str,
    /// Set if the call has this meaning in any app, not only in those that use the framework.
    pub(crate) is_unmistakable: bool,
}

/// The object that a function is called on.
#[derive(Debug, Clone, Copy)]
pub(crate) enum CallObject {
    /// None: the function is a name of its own.
    Nothing,
    /// Any object, or none.
    Any,
    /// The object of this name.
    Named(&'static str),
    /// An object whose path contains one of these words.
    Mentions(&'static [&'static str]),
}

/// The values that a call sends.
#[derive(Debug, Clone, Copy)]
pub(crate) enum SentPart {
    /// Its arguments.
    Arguments,
    /// The results of the function that is its argument at this index.
    ResultsOf(usize),
    /// The results of all functions among its arguments, and of the function that is the property of
    /// this name of one of them.
    ResultsOfAll(&'static str),
}

impl SendingCall {
    /// True for a call by the first and last name and the whole path of its callee.
    pub(crate) fn is_called(&self, first: &str, last: &str, path: impl Fn() -> String) -> bool {
        let is_on_object = || match self.object {
            CallObject::Nothing => first == last,
            CallObject::Any => true,
            CallObject::Named(name) => first == name,
            CallObject::Mentions(words) => {
                let path = path();
                words.iter().any(|word| path.contains(word))
            }
        };
        last == self.function && is_on_object()
    }
}
