//! Pairing a phone: what both sides compute, and what becomes of an offer.
//!
//! The same code runs in the server and, as WebAssembly, on the phone's page. A phone proves that
//! it knows either the 128-bit secret of a QR code or a short code that a person typed. The short
//! code is never sent: both sides run [SPAKE2](exchange) with it, so that every guess costs one
//! of five tries and none can be checked later. From what both then hold come two proofs, one for
//! each side, and the digits that the owner compares.
//!
//! Nothing here asks the time, waits, or makes randomness: all that is handed in.

pub mod code;
pub mod desk;
pub mod exchange;
pub mod hex;
pub mod introduction;
pub mod proof;
