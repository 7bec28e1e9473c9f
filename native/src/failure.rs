//! Errors that decide the exit code.

/// A wrong call: exit code 2.
#[derive(Debug)]
pub struct Usage(String);

impl Usage {
    /// A wrong call with a message for the user.
    pub fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }
}

impl std::fmt::Display for Usage {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for Usage {}

/// The exit code of an error.
pub fn exit_code(error: &anyhow::Error) -> u8 {
    if error.is::<Usage>() { 2 } else { 1 }
}

/// Turns an error of the library into a wrong call.
pub fn usage(error: impl std::fmt::Display) -> anyhow::Error {
    Usage::new(error.to_string()).into()
}
