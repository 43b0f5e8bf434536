//! Any bytes from a socket are frames with a meaning, or an error; never a panic, and never a
//! frame that changes when it is written again.
#![no_main]

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use protocol::frame::Frame;
use protocol::message::{ClientMessage, ServerMessage};

fuzz_target!(|data: &[u8]| {
    let mut message = Bytes::copy_from_slice(data);
    while let Ok(Some(frame)) = Frame::take(&mut message) {
        let mut again = frame.encode();
        assert_eq!(Frame::take(&mut again), Ok(Some(frame.clone())));
        if let Ok(read) = ClientMessage::read(frame.clone()) {
            assert_eq!(ClientMessage::read(read.frame()), Ok(read));
        }
        if let Ok(Some(read)) = ServerMessage::read(frame) {
            assert_eq!(ServerMessage::read(read.frame()), Ok(Some(read)));
        }
    }
});
