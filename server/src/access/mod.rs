//! Who may do what: logins, principals, and the table that every route must be in.

pub mod logins;
pub mod matrix;
pub mod principal;
