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
    /// If it is not empty, the call has this meaning only in apps that depend on it.
    pub(crate) package: &'static str,
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
    /// The object that a handler is given, or `Astro`: the function is a path from there, as in `cookies.set`,
    /// wherever it is taken out.
    Event,
    /// The object of one of these names that a function is given: `open(peer)`.
    Given(&'static [&'static str]),
    /// The result of a call of the function: `createFileRoute('/')({ … })`.
    Made,
}

/// The values that a call sends.
#[derive(Debug, Clone, Copy)]
pub(crate) enum SentPart {
    /// Its arguments.
    Arguments,
    /// Its arguments without the property `cause`, which stays on the server.
    Error,
    /// Its arguments after the first one, if that is named as the event that a handler is given.
    AfterEvent,
    /// The results of the function that is its argument at this index.
    ResultsOf(usize),
    /// The results of the function that is its argument at this index, and the messages of the errors that
    /// it throws.
    AnswersOf(usize),
    /// The results of all functions among its arguments, and of the function that is the property of
    /// this name of one of them.
    ResultsOfAll(&'static str),
    /// The results of the functions that are properties of its argument.
    ResultsOfProperties(&'static [&'static str]),
    /// The results of all functions in the property of this name of its arguments.
    ResultsIn(&'static str),
    /// The values of the properties of this name of its arguments, or of the objects in lists.
    Property(&'static str),
    /// The values of the properties of its argument whose names some code names.
    NamedProperties,
}

/// The note on an address to which an answer sends its reader.
pub(crate) const REDIRECT: &str = "the address of a redirect is in the answer";

/// The note on a header of an answer.
pub(crate) const HEADER: &str = "a header of the response is sent to whoever asks";

/// The note on a cookie.
pub(crate) const COOKIE: &str = "a cookie is sent to whoever asks";

/// The note on an error that an answer describes.
pub(crate) const ERROR: &str = "an error is sent to whoever asks";

/// The note on what a template gets.
pub(crate) const TEMPLATE: &str = "the template writes it into the page";

/// The note on a message of a connection that stays open.
pub(crate) const MESSAGE: &str = "the message is sent to the client that is connected";

/// The note on the body of an answer.
pub(crate) const ANSWER: &str = "the response is sent to whoever asks";

impl SendingCall {
    /// A function of a handler's event that answers with its arguments.
    pub(crate) const fn of_event(function: &'static str, note: &'static str) -> Self {
        let (object, sends) = (CallObject::Event, SentPart::Arguments);
        Self { object, function, sends, note, is_unmistakable: false, package: "" }
    }

    /// A function that answers with its arguments.
    pub(crate) const fn answering(function: &'static str, note: &'static str) -> Self {
        Self { object: CallObject::Nothing, ..Self::of_event(function, note) }
    }

    /// The same call, which has this meaning only in apps that depend on a package.
    pub(crate) const fn with(self, package: &'static str) -> Self {
        Self { package, ..self }
    }

    /// The same for a function whose name says enough in any app: many frameworks are built on h3.
    pub(crate) const fn anywhere(function: &'static str, note: &'static str) -> Self {
        Self { is_unmistakable: true, ..Self::answering(function, note) }
    }

    /// True for a call by the first and last name and the whole path of its callee; those of events
    /// and of results are recognised by other means.
    pub(crate) fn is_called(&self, first: &str, last: &str, path: impl Fn() -> String) -> bool {
        let is_on_object = || match self.object {
            CallObject::Nothing => first == last,
            CallObject::Any => true,
            CallObject::Named(name) => first == name,
            CallObject::Event | CallObject::Given(_) | CallObject::Made => false,
            CallObject::Mentions(words) => {
                let path = path();
                words.iter().any(|word| path.contains(word))
            }
        };
        last == self.function && is_on_object()
    }
}
