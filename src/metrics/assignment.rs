//! The best one-to-one assignment of artificial labels to classes.
//!
//! The numbers of artificial labels are arbitrary, so agreement with the classes is measured after matching them.

use super::ContingencyTable;

/// Matches assigned labels to true labels one to one, so that as many images as possible agree. Entry `r` is the true
/// label of row `r`, or `None` if there are more assigned than true labels and the row is unmatched.
///
/// This is the Hungarian algorithm in its shortest-augmenting-path form (Jonker and Volgenant, Computing 38, 1987). If
/// there are more rows than columns, columns of zeros are added; rows matched to these count as unmatched. Among
/// equally good assignments, the choice depends on the table alone.
pub fn best_assignment(table: &ContingencyTable) -> Vec<Option<usize>> {
    let (rows, columns) = (table.rows().len(), table.columns());
    let cost = |row: usize, column: usize| table.rows()[row].get(column).map_or(0, |&count| -i64::from(count));
    let mut matching = Matching::new(rows, rows.max(columns));
    for row in 0..rows {
        matching.insert(row, cost);
    }
    let mut assignment = vec![None; rows];
    for (column, row) in matching.row_of_column.into_iter().take(columns).enumerate() {
        if let Some(row) = row {
            assignment[row] = Some(column);
        }
    }
    assignment
}

/// A cheapest matching of the rows inserted so far, with the dual prices that prove it: `cost(row, column) -
/// row_price[row] - column_price[column]` is never negative, and 0 on matched pairs.
struct Matching {
    row_price: Vec<i64>,
    column_price: Vec<i64>,
    row_of_column: Vec<Option<usize>>,
}

/// The tree of shortest paths that grows from the row being inserted.
struct Paths {
    /// The length of the shortest known path to each column.
    distance: Vec<i64>,
    /// The column before each column on that path; `None` if the path starts at the new row.
    previous: Vec<Option<usize>>,
    /// Whether the path to each column is final.
    reached: Vec<bool>,
}

impl Matching {
    fn new(rows: usize, columns: usize) -> Self {
        Self { row_price: vec![0; rows], column_price: vec![0; columns], row_of_column: vec![None; columns] }
    }

    /// Adds a row to the matching along the shortest augmenting path.
    fn insert(&mut self, new_row: usize, cost: impl Fn(usize, usize) -> i64) {
        let columns = self.row_of_column.len();
        let mut paths =
            Paths { distance: vec![i64::MAX; columns], previous: vec![None; columns], reached: vec![false; columns] };
        let (mut row, mut last, mut travelled) = (new_row, None, 0);
        let free_column = loop {
            for column in (0..columns).filter(|&column| !paths.reached[column]) {
                let reduced = cost(row, column) - self.row_price[row] - self.column_price[column];
                if travelled + reduced < paths.distance[column] {
                    paths.distance[column] = travelled + reduced;
                    paths.previous[column] = last;
                }
            }
            // Among equally near columns, a free one ends the search at once.
            let nearest = (0..columns)
                .filter(|&column| !paths.reached[column])
                .min_by_key(|&column| (paths.distance[column], self.row_of_column[column].is_some()))
                .expect("there are at least as many columns as rows, so one is free for the new row");
            travelled = paths.distance[nearest];
            match self.row_of_column[nearest] {
                None => break nearest,
                Some(matched) => row = matched,
            }
            paths.reached[nearest] = true;
            last = Some(nearest);
        };
        self.reprice(new_row, travelled, &paths);
        self.augment(new_row, free_column, &paths.previous);
    }

    /// Updates the prices, so that reduced costs are 0 along the path and nowhere negative.
    fn reprice(&mut self, new_row: usize, length: i64, paths: &Paths) {
        self.row_price[new_row] += length;
        for column in (0..paths.reached.len()).filter(|&column| paths.reached[column]) {
            let slack = length - paths.distance[column];
            self.column_price[column] -= slack;
            if let Some(row) = self.row_of_column[column] {
                self.row_price[row] += slack;
            }
        }
    }

    /// Shifts the rows along the path by one column towards `free_column`. `new_row` gets the path's first column.
    fn augment(&mut self, new_row: usize, free_column: usize, previous: &[Option<usize>]) {
        let mut column = free_column;
        while let Some(before) = previous[column] {
            self.row_of_column[column] = self.row_of_column[before];
            column = before;
        }
        self.row_of_column[column] = Some(new_row);
    }
}
