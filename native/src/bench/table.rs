//! Tables of text.

/// Prints rows below a head. Each column is as wide as its widest entry; only the first is left-aligned.
pub fn print<const N: usize>(head: [&str; N], rows: &[[String; N]]) {
    let width = |column: usize| rows.iter().map(|row| row[column].len()).chain([head[column].len()]).max().unwrap_or(0);
    let line = |row: [&str; N]| {
        let cells = row.iter().enumerate().map(|(column, text)| match column {
            0 => format!("{text:<0$}", width(column)),
            _ => format!("{text:>0$}", width(column)),
        });
        result!("{}", cells.collect::<Vec<_>>().join("  ").trim_end());
    };
    line(head);
    for row in rows {
        line(row.each_ref().map(String::as_str));
    }
}
