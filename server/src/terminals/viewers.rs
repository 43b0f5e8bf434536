//! Who looks at one terminal, and whose window sets its size. Pure: no clock, no I/O.
//!
//! A desktop window that is alone drives. Others see its size until it leaves; then a desktop
//! window that is alone again takes over. Phones never drive.

use protocol::message::View;
use protocol::terminals::TerminalSize;

/// Identifies one open channel.
pub(super) type ViewerId = u64;

#[derive(Clone, Copy, Debug)]
struct Window {
    id: ViewerId,
    view: View,
    size: TerminalSize,
}

/// Viewers of one terminal.
#[derive(Debug, Default)]
pub struct Viewers {
    windows: Vec<Window>,
    driver: Option<ViewerId>,
}

impl Viewers {
    /// How many windows are open.
    pub fn count(&self) -> usize {
        self.windows.len()
    }

    /// A window opens. Returns the size to apply, if it drives.
    pub fn open(&mut self, id: ViewerId, view: View, size: TerminalSize) -> Option<TerminalSize> {
        self.windows.push(Window { id, view, size });
        self.settle()
    }

    /// A window changes its size. Returns the size to apply, if it drives.
    pub fn resize(&mut self, id: ViewerId, size: TerminalSize) -> Option<TerminalSize> {
        let window = self.windows.iter_mut().find(|window| window.id == id)?;
        window.size = size;
        (self.driver == Some(id)).then_some(size)
    }

    /// A window closes. Returns the size to apply, if another one drives from now on.
    pub fn close(&mut self, id: ViewerId) -> Option<TerminalSize> {
        self.windows.retain(|window| window.id != id);
        if self.driver == Some(id) {
            self.driver = None;
        }
        self.settle()
    }

    /// The window that sets the size.
    pub fn driver(&self) -> Option<ViewerId> {
        self.driver
    }

    /// Size of the window that drives.
    pub fn driving_size(&self) -> Option<TerminalSize> {
        let driver = self.driver?;
        self.windows.iter().find(|window| window.id == driver).map(|window| window.size)
    }

    fn settle(&mut self) -> Option<TerminalSize> {
        if self.driver.is_some() {
            return None;
        }
        let mut desktops = self.windows.iter().filter(|window| window.view == View::Desktop);
        let alone = desktops.next().filter(|_| desktops.next().is_none())?;
        self.driver = Some(alone.id);
        Some(alone.size)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size(cols: u16) -> TerminalSize {
        TerminalSize { cols, rows: 24 }
    }

    #[test]
    fn the_only_desktop_window_sets_the_size() {
        let mut viewers = Viewers::default();
        assert_eq!(viewers.open(1, View::Desktop, size(100)), Some(size(100)));
        assert_eq!(viewers.open(2, View::Desktop, size(80)), None);
        assert_eq!(viewers.resize(2, size(70)), None);
        assert_eq!(viewers.resize(1, size(90)), Some(size(90)));
        assert_eq!(viewers.close(1), Some(size(70)));
        assert_eq!(viewers.driver(), Some(2));
    }

    #[test]
    fn a_phone_never_sets_the_size() {
        let mut viewers = Viewers::default();
        assert_eq!(viewers.open(1, View::Phone, size(40)), None);
        assert_eq!(viewers.resize(1, size(41)), None);
        assert_eq!(viewers.open(2, View::Desktop, size(100)), Some(size(100)));
        assert_eq!(viewers.close(2), None);
        assert_eq!(viewers.driver(), None);
    }

    #[test]
    fn of_two_left_behind_neither_takes_over_unasked() {
        let mut viewers = Viewers::default();
        for id in 1..=3 {
            viewers.open(id, View::Desktop, size(100));
        }
        assert_eq!(viewers.close(1), None);
        assert_eq!(viewers.driver(), None);
        assert_eq!(viewers.close(2), Some(size(100)));
        assert_eq!(viewers.driver(), Some(3));
    }
}
