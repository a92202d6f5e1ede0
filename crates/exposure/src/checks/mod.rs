//! The checks: each looks for one kind of leak in the code of an app.

pub(crate) mod checker;
mod server_to_client;
pub(crate) mod sinks;
