//! Constants of a shader equal the constants of the same name in the Rust code of its operation.

use std::collections::BTreeMap;

use syn::{BinOp, Expr, Item, Lit, UnOp};

use crate::files::{files, text};
use crate::shaders::{operation, room, rooms};
use crate::wgsl::{constants, fractions, functions, shaders};

/// Integers that Rust has too. Others are sizes, which a launch replaces, or details of the kernel.
const WHOLE: [&str; 3] = ["ALIGNMENT", "ELEMENTS", "MIRRORED"];

/// The numeric constants of Rust files: by name, the file and the numbers of each.
type Constants = BTreeMap<String, Vec<(String, Vec<f64>)>>;

/// The constants of the kernels' sources.
fn rust_constants() -> Constants {
    let mut found = Constants::new();
    for file in files("src/kernels", ".rs") {
        let parsed = syn::parse_file(&text(&file)).unwrap_or_else(|error| panic!("{file}: {error}"));
        for item in parsed.items {
            let Item::Const(constant) = item else { continue };
            if let Some(numbers) = numbers(&constant.expr) {
                found.entry(constant.ident.to_string()).or_default().push((file.clone(), numbers));
            }
        }
    }
    found
}

/// The numbers of an expression: an array's in order, or a single one.
fn numbers(expression: &Expr) -> Option<Vec<f64>> {
    match expression {
        Expr::Array(array) => array.elems.iter().map(number).collect(),
        other => Some(vec![number(other)?]),
    }
}

fn number(expression: &Expr) -> Option<f64> {
    match expression {
        Expr::Lit(literal) => match &literal.lit {
            Lit::Float(float) => float.base10_parse().ok(),
            Lit::Int(whole) => whole.base10_parse::<u32>().ok().map(f64::from),
            _ => None,
        },
        Expr::Unary(unary) if matches!(unary.op, UnOp::Neg(_)) => Some(-number(&unary.expr)?),
        Expr::Binary(binary) if matches!(binary.op, BinOp::Shl(_)) => {
            Some(number(&binary.left)? * number(&binary.right)?.exp2())
        }
        _ => None,
    }
}

/// Rust's values for a shader's constant: from its operation, or else from the code that operations share.
fn rust_values(all: &Constants, shader: &str, name: &str) -> Vec<f64> {
    let rooms = rooms();
    let operation = operation(&rooms, shader);
    let of_operation = |file: &str| operation == Some(room(file));
    let places = all.get(name).map(Vec::as_slice).unwrap_or_default();
    let own: Vec<f64> =
        places.iter().filter(|(file, _)| of_operation(file)).flat_map(|(_, values)| values.clone()).collect();
    if !own.is_empty() {
        return own;
    }
    let shared = |file: &str| matches!(room(file), "" | "host");
    places.iter().filter(|(file, _)| shared(file)).flat_map(|(_, values)| values.clone()).collect()
}

#[test]
fn constants_of_shaders_are_those_of_rust() {
    let rust = rust_constants();
    let (mut failures, mut compared) = (Vec::new(), 0);
    for (shader, text) in shaders() {
        let mut numbers = constants(&text, "f32");
        numbers.extend(constants(&text, "u32").into_iter().filter(|(name, _)| WHOLE.contains(&name.as_str())));
        for (name, value) in numbers {
            let values = rust_values(&rust, &shader, &name);
            compared += 1;
            if values.is_empty() {
                failures.push(format!(
                    "{shader}.wgsl: {name} is neither in a Rust file of its operation nor in a shared one"
                ));
            }
            let others = values.iter().filter(|other| **other as f32 != value as f32);
            failures.extend(others.map(|other| format!("{shader}.wgsl: {name} is {value}, but {other} in Rust")));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert!(compared >= 15, "{compared} constants were compared");
}

/// The decimal numbers in a statement of a shader's function.
fn statement(function: &str, name: &str) -> Vec<f32> {
    let start = function.find(&format!("let {name} =")).unwrap_or_else(|| panic!("there is no {name}"));
    let end = function[start..].find(';').map_or(function.len(), |length| start + length);
    fractions(&function[start..end]).into_iter().map(|value| value as f32).collect()
}

#[test]
fn the_hyperbolic_tangent_has_the_same_coefficients() {
    let rust = rust_constants();
    let shaders = shaders();
    let functions = functions(&shaders["tanh"]);
    for (ours, theirs) in [("NUMERATOR", "numerator"), ("DENOMINATOR", "denominator")] {
        let values = rust_values(&rust, "tanh", ours);
        // The shader starts with the highest power.
        let powers: Vec<f32> = values.iter().rev().map(|value| *value as f32).collect();
        assert_eq!(powers.len(), 5, "{ours}");
        assert_eq!(powers, statement(&functions["quotient"], theirs), "{ours}");
    }
}
