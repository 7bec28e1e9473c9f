//! Tables of text.

/// Rows in aligned columns, two spaces apart. Text in the last column may be long.
pub fn aligned(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| length(cell)).max();
    let widths: Vec<usize> = (0..columns).map(|column| width(column).unwrap_or(0)).collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell}{}", " ".repeat(width - length(cell))));
        format!("  {}", cells.collect::<Vec<_>>().join("  ")).trim_end().to_owned() + "\n"
    };
    rows.iter().map(line).collect()
}

/// Rows as a table in Markdown; the first is its head.
pub fn markdown(rows: &[Vec<String>]) -> String {
    let line = |row: &Vec<String>| {
        let cells = row.iter().map(|cell| cell.replace('|', "\\|").replace('\n', " "));
        format!("| {} |\n", cells.collect::<Vec<_>>().join(" | "))
    };
    let Some((head, body)) = rows.split_first() else { return String::new() };
    line(head) + &"|---".repeat(head.len()) + "|\n" + &body.iter().map(line).collect::<String>()
}

fn length(text: &str) -> usize {
    text.chars().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(rows: &[&[&str]]) -> Vec<Vec<String>> {
        rows.iter().map(|row| row.iter().map(|&cell| cell.to_owned()).collect()).collect()
    }

    #[test]
    fn columns_are_aligned() {
        let table = rows(&[&["a", "long", "c"], &["grün", "", "d"], &["e"]]);
        assert_eq!(aligned(&table), "  a     long  c\n  grün        d\n  e\n");
    }

    #[test]
    fn markdown_has_a_head_and_no_stray_bars() {
        let table = rows(&[&["a", "b"], &["c|d", "e\nf"]]);
        assert_eq!(markdown(&table), "| a | b |\n|---|---|\n| c\\|d | e f |\n");
        assert_eq!(markdown(&[]), "");
    }
}
