//! The phone's half of a pairing as WebAssembly: what the pairing page must not compute in
//! JavaScript. All values cross as text; bytes are lower-case hexadecimal.

use pairing::code::{Code, Secret};
use pairing::exchange::{ENTROPY_BYTES, Half};
use pairing::hex;
use pairing::introduction::{Introduction, NONCE_BYTES};
use pairing::proof::Shared;
use wasm_bindgen::prelude::wasm_bindgen;

/// A code as a person typed it, with the dash and in capitals; nothing if it is no code.
#[wasm_bindgen]
pub fn code(typed: &str) -> Option<String> {
    Code::read(typed).map(|code| code.to_string())
}

/// What is wrong with a device's name; nothing if it will do.
#[wasm_bindgen]
pub fn objection(name: String) -> Option<String> {
    Introduction::new([0; NONCE_BYTES], name).err().map(|error| error.message)
}

/// The exchange between its two messages.
#[wasm_bindgen]
pub struct Exchange {
    place: char,
    half: Half,
}

#[wasm_bindgen]
impl Exchange {
    /// Begins an exchange with a typed code.
    pub fn begin(typed: &str, instance: &str) -> Result<Self, String> {
        let code = Code::read(typed).ok_or("A code has eight letters and digits.")?;
        let half = Half::phone(&code, instance, random::<ENTROPY_BYTES>()?);
        Ok(Self { place: code.place(), half })
    }

    /// The code's first character, which finds the offer.
    pub fn place(&self) -> String {
        self.place.to_string()
    }

    /// What to send.
    pub fn message(&self) -> String {
        hex::write(self.half.message())
    }

    /// Ends the exchange with the host's message.
    pub fn finish(self, message: &str, name: String) -> Result<Device, String> {
        let bytes = hex::read(message).ok_or(STRANGE)?;
        let shared = self.half.finish(&bytes).map_err(|_malformed| STRANGE)?;
        Device::new(shared, name)
    }
}

/// This device, with the key that it shares with the host if both knew the same.
#[wasm_bindgen]
pub struct Device {
    shared: Shared,
    introduction: Introduction,
}

#[wasm_bindgen]
impl Device {
    /// From the secret of a QR code.
    pub fn scanned(secret: &str, instance: &str, name: String) -> Result<Self, String> {
        let secret = Secret::read(secret)
            .ok_or("This link is incomplete. Scan the code on the computer again.")?;
        Self::new(Shared::of_secret(&secret, instance), name)
    }

    /// What the device drew for this pairing.
    pub fn nonce(&self) -> String {
        hex::write(&self.introduction.nonce)
    }

    /// That this device knows what the host handed out.
    pub fn proof(&self) -> String {
        hex::write(&self.shared.phone_proof(&self.introduction))
    }

    /// The digits to compare, once the host has proven that it holds the same key; nothing if it
    /// has not.
    pub fn fingerprint(&self, proof: &str) -> Option<String> {
        let proof = hex::read(proof)?;
        let genuine = self.shared.is_host_proof(&self.introduction, &proof);
        genuine.then(|| self.shared.fingerprint(&self.introduction))
    }

    fn new(shared: Shared, name: String) -> Result<Self, String> {
        let introduction = Introduction::new(random::<NONCE_BYTES>()?, name);
        Ok(Self { shared, introduction: introduction.map_err(|error| error.message)? })
    }
}

const STRANGE: &str = "Maestro's answer cannot be read. Reload this page and try again.";

fn random<const N: usize>() -> Result<[u8; N], String> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)
        .map_err(|_none| "This browser provides no random numbers. Use another one.")?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The host's side runs the same crate with other bytes: what the page computes must fit it.
    #[test]
    fn the_page_fits_the_host() {
        let typed = "7kqm 4xtd";
        let page = Exchange::begin(typed, "abcd2345").unwrap();
        assert_eq!((page.place().as_str(), code(typed).as_deref()), ("7", Some("7KQM-4XTD")));
        let host = Half::host(&Code::read(typed).unwrap(), "abcd2345", [5; ENTROPY_BYTES]);
        let (to_host, to_page) = (page.message(), hex::write(host.message()));
        let host = host.finish(&hex::read(&to_host).unwrap()).unwrap();
        let device = page.finish(&to_page, "iPhone".to_owned()).unwrap();
        check(&device, &host);
    }

    #[test]
    fn a_scanned_secret_fits_the_host() {
        let secret = Secret::draw(&mut || 7);
        let device = Device::scanned(&secret.text(), "abcd2345", "iPhone".to_owned()).unwrap();
        check(&device, &Shared::of_secret(&secret, "abcd2345"));
        assert!(Device::scanned("7", "abcd2345", "iPhone".to_owned()).is_err());
        assert!(Device::scanned(&secret.text(), "abcd2345", " ".to_owned()).is_err());
    }

    fn check(device: &Device, host: &Shared) {
        let nonce = hex::read_exactly(&device.nonce()).unwrap();
        let known = Introduction::new(nonce, "iPhone".to_owned()).unwrap();
        assert!(host.is_phone_proof(&known, &hex::read(&device.proof()).unwrap()));
        let proof = hex::write(&host.host_proof(&known));
        assert_eq!(device.fingerprint(&proof), Some(host.fingerprint(&known)));
        assert_eq!(device.fingerprint(&device.proof()), None, "a host that knows nothing");
        assert_eq!(device.fingerprint(""), None);
    }

    #[test]
    fn what_is_no_code_is_said() {
        assert_eq!(code("7KQM"), None);
        assert_eq!(objection("iPhone".to_owned()), None);
        assert!(objection("\u{202e}".to_owned()).is_some());
        assert!(Exchange::begin("7KQM", "abcd2345").is_err());
    }
}
