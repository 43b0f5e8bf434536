//! Aligned columns.

use unicode_width::UnicodeWidthStr;

/// Blanks between two columns.
const GAP: usize = 2;

/// The rows below their titles, columns as wide as their widest cell is on a screen.
pub(super) fn table<const N: usize>(titles: [&str; N], rows: Vec<[String; N]>) -> String {
    let mut all = vec![titles.map(str::to_owned)];
    all.extend(rows);
    let widths: [usize; N] = std::array::from_fn(|column| {
        all.iter().map(|row| row[column].width()).max().unwrap_or_default() + GAP
    });
    let mut text = String::new();
    for row in &all {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(widths) {
            line.push_str(&padded(cell, width));
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// Keys with a colon, and the values one below the other.
pub(super) fn fields(fields: &[(&str, String)]) -> String {
    let widest = fields.iter().map(|(key, _)| key.width()).max().unwrap_or_default();
    let mut text = String::new();
    for (key, value) in fields {
        let line = format!("{}{value}", padded(&format!("{key}:"), widest + 2));
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// The text, filled up to this many cells: `format!` would count characters.
fn padded(text: &str, cells: usize) -> String {
    let mut padded = text.to_owned();
    padded.extend(std::iter::repeat_n(' ', cells.saturating_sub(text.width())));
    padded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_cells_and_not_characters() {
        let rows = [["日本語", "x"], ["🦊e\u{301}", "y"], ["plain", ""]];
        let rows = rows.map(|row| row.map(str::to_owned)).to_vec();
        assert_eq!(table(["NAME", "B"], rows), "NAME    B\n日本語  x\n🦊e\u{301}     y\nplain\n");
    }
}
