//! Who is asking, and how that is proven.

/// What came along as proof, not yet looked at.
#[derive(Clone, Copy, Debug)]
pub enum Credential<'a> {
    /// Nothing.
    None,
    /// The value of the login cookie.
    Cookie(&'a str),
    /// A bearer token. Browsers never send one by themselves.
    Bearer(&'a str),
}

/// Proven identity of a request or socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Principal {
    /// Nobody that is known.
    Anonymous,
    /// The owner, in a browser that logged in.
    Browser {
        /// The login.
        login: String,
        /// Hash of its cookie's token, to look the login up again.
        token_hash: [u8; 32],
        /// Hash of the secret that only the page which logged in holds. A cookie alone is not
        /// enough for anything that acts: cookies also reach servers on other ports.
        secret_hash: [u8; 32],
    },
    /// The owner, on the command line of this machine.
    CommandLine,
}
