//! What all ranks must have in common.

use super::{Exchange, ExchangeError, Phase};

/// Something with a name, and its value as text.
pub type Field = (String, String);

/// Compares fields over the ranks.
///
/// # Errors
/// If a rank has another name or value than rank 0: on all ranks alike, it names the first such rank and its first such
/// field. Also if the exchange fails.
pub async fn agree(exchange: &impl Exchange, phase: Phase, fields: &[Field]) -> Result<(), ExchangeError> {
    if exchange.ranks() == 1 {
        return Ok(());
    }
    let bytes = serde_json::to_vec(fields).expect("texts are JSON");
    let mut first: Vec<Field> = Vec::new();
    for (rank, bytes) in exchange.all_gather(phase, bytes).await?.iter().enumerate() {
        let failed = |reason: String| ExchangeError { rank, phase, reason };
        let theirs: Vec<Field> =
            serde_json::from_slice(bytes).map_err(|error| failed(format!("no list of fields: {error}")))?;
        match difference(&first, &theirs) {
            _ if rank == 0 => first = theirs,
            Some(difference) => return Err(failed(difference)),
            None => {}
        }
    }
    Ok(())
}

/// The first difference from rank 0, for people.
fn difference(first: &[Field], theirs: &[Field]) -> Option<String> {
    let pair = first.iter().zip(theirs).find(|(one, other)| one != other);
    match pair {
        Some(((name, one), (other_name, other))) if name == other_name => {
            Some(format!("{name} is {other}, but {one} at rank 0"))
        }
        Some(((name, _), (other_name, _))) => Some(format!("it has {other_name} where rank 0 has {name}")),
        None if first.len() == theirs.len() => None,
        None => Some(format!("it compares {} fields, but rank 0 has {}", theirs.len(), first.len())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(pairs: &[(&str, &str)]) -> Vec<Field> {
        pairs.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    #[test]
    fn the_first_difference_is_named() {
        let first = fields(&[("version", "1"), ("batch", "64"), ("steps", "9")]);
        assert_eq!(difference(&first, &first), None);
        let cases = [
            (fields(&[("version", "1"), ("batch", "32"), ("steps", "8")]), "batch is 32, but 64 at rank 0"),
            (fields(&[("version", "1"), ("seed", "64"), ("steps", "9")]), "it has seed where rank 0 has batch"),
            (fields(&[("version", "1")]), "it compares 1 fields, but rank 0 has 3"),
        ];
        for (theirs, expected) in cases {
            assert_eq!(difference(&first, &theirs).as_deref(), Some(expected));
        }
    }
}
