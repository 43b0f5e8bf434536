//! Parts of the design without knowledge of what they show.

mod avatar;
mod button;
mod copy;
mod dialog;
mod empty;
mod field;
mod focus;
mod icon;
mod menu;
mod page_head;
mod skeleton;
mod status;
mod toast;

pub use avatar::{Avatar, AvatarSize, hue_of, hue_of_colour};
pub use button::{Button, Tone};
pub use copy::CopyButton;
pub use dialog::Dialog;
pub use empty::EmptyState;
pub use field::{CheckField, TextField};
pub(crate) use focus::PAGE_TITLE;
pub use focus::focus;
pub use icon::{Icon, IconView};
pub use menu::{Menu, MenuItem, MenuSeparator, SharedMenu};
pub use page_head::PageHead;
pub use skeleton::Skeleton;
pub use status::{Glyph, Pill, StatusGlyph};
pub use toast::{ToastRegion, Toasts, use_toasts};

/// A stable 32-bit hash, the same on server and browser, today and tomorrow: FNV-1a, then mixed
/// so that every bit depends on every character.
pub(crate) fn stable_hash(text: &str) -> u32 {
    let hash = text
        .bytes()
        .fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    let hash = (hash ^ (hash >> 16)).wrapping_mul(0x85eb_ca6b);
    let hash = (hash ^ (hash >> 13)).wrapping_mul(0xc2b2_ae35);
    hash ^ (hash >> 16)
}
