//! The paths that a Rust file names: in its code, imports, attributes and macro arguments.

use std::mem;

use proc_macro2::{Ident, TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{Attribute, ImplItemFn, Item, ItemMod, ItemUse, UseTree, Visibility};

/// A path that a file names.
pub struct Mention {
    /// The module that names it; inline modules count.
    pub module: Vec<String>,
    /// The path as written.
    pub path: Vec<String>,
    /// Whether it is only in test builds.
    pub test: bool,
    /// How it is imported, if it is.
    pub import: Option<Import>,
}

/// How a path is imported.
pub struct Import {
    /// The name in the importing module.
    pub name: String,
    /// Whether other modules can use that name.
    pub public: bool,
}

/// All paths that a file names, and the modules in other files that it declares only for tests.
pub struct Names {
    pub mentions: Vec<Mention>,
    pub test_modules: Vec<Vec<String>>,
}

/// Reads the text of a module.
///
/// # Errors
/// If the text is not Rust.
pub fn read(text: &str, module: &[String]) -> syn::Result<Names> {
    let names = Names { mentions: Vec::new(), test_modules: Vec::new() };
    let mut reader = Reader { module: module.to_vec(), test: false, names };
    reader.visit_file(&syn::parse_file(text)?);
    Ok(reader.names)
}

struct Reader {
    module: Vec<String>,
    test: bool,
    names: Names,
}

impl Reader {
    fn mention(&mut self, path: &[Ident], import: Option<Import>) {
        if path.is_empty() {
            return;
        }
        let mut path: Vec<String> = path.iter().map(ToString::to_string).collect();
        // A star stands for any name of the module before it.
        if import.as_ref().is_some_and(|import| import.name == "*") {
            path.push("*".to_owned());
        }
        self.names.mentions.push(Mention { module: self.module.clone(), path, test: self.test, import });
    }

    fn import(&mut self, tree: &UseTree, path: &[Ident], public: bool) {
        match tree {
            UseTree::Path(part) => self.import(&part.tree, &[path, std::slice::from_ref(&part.ident)].concat(), public),
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.import(tree, path, public)),
            UseTree::Name(leaf) => self.import_as(path, &leaf.ident, &leaf.ident, public),
            UseTree::Rename(leaf) => self.import_as(path, &leaf.ident, &leaf.rename, public),
            UseTree::Glob(_) => self.mention(path, Some(Import { name: "*".to_owned(), public })),
        }
    }

    fn import_as(&mut self, path: &[Ident], leaf: &Ident, name: &Ident, public: bool) {
        let mut whole = path.to_vec();
        if leaf != "self" {
            whole.push(leaf.clone());
        }
        let name = if name == "self" { whole.last().unwrap_or(name) } else { name };
        let import = Import { name: name.to_string(), public };
        self.mention(&whole, Some(import));
    }

    /// Visits a part of the file, and marks what is only for tests.
    fn with_attributes(&mut self, attributes: &[Attribute], visit: impl FnOnce(&mut Self)) {
        let outside = self.test;
        self.test |= attributes.iter().any(is_for_tests);
        visit(self);
        self.test = outside;
    }
}

impl<'ast> Visit<'ast> for Reader {
    fn visit_item(&mut self, item: &'ast Item) {
        self.with_attributes(attributes(item), |reader| visit::visit_item(reader, item));
    }

    fn visit_impl_item_fn(&mut self, function: &'ast ImplItemFn) {
        self.with_attributes(&function.attrs, |reader| visit::visit_impl_item_fn(reader, function));
    }

    fn visit_item_mod(&mut self, module: &'ast ItemMod) {
        self.module.push(module.ident.to_string());
        if self.test && module.content.is_none() {
            self.names.test_modules.push(self.module.clone());
        }
        visit::visit_item_mod(self, module);
        self.module.pop();
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        let public = !matches!(item.vis, Visibility::Inherited);
        self.import(&item.tree, &[], public);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let idents: Vec<Ident> = path.segments.iter().map(|segment| segment.ident.clone()).collect();
        if path.leading_colon.is_none() {
            self.mention(&idents, None);
        }
        // Angle brackets contain further paths.
        visit::visit_path(self, path);
    }

    /// The arguments of macros and attributes are tokens, not yet syntax.
    fn visit_token_stream(&mut self, tokens: &'ast TokenStream) {
        let mut found = Vec::new();
        collect_paths(tokens.clone(), &mut found);
        for path in found {
            self.mention(&path, None);
        }
    }
}

/// Adds the paths among tokens, single names included. Methods and fields, which follow a dot, do not count.
fn collect_paths(tokens: TokenStream, found: &mut Vec<Vec<Ident>>) {
    let mut path: Vec<Ident> = Vec::new();
    let (mut colons, mut after_dot) = (0, false);
    for tree in tokens {
        match tree {
            TokenTree::Punct(punct) if punct.as_char() == ':' => colons += 1,
            TokenTree::Ident(ident) => {
                if colons != 2 {
                    found.push(mem::take(&mut path));
                }
                if !after_dot {
                    path.push(ident);
                }
                (colons, after_dot) = (0, false);
            }
            other => {
                found.push(mem::take(&mut path));
                after_dot = matches!(&other, TokenTree::Punct(punct) if punct.as_char() == '.');
                colons = 0;
                if let TokenTree::Group(group) = other {
                    collect_paths(group.stream(), found);
                }
            }
        }
    }
    found.push(path);
}

fn is_for_tests(attribute: &Attribute) -> bool {
    let list = attribute.meta.require_list();
    attribute.path().is_ident("cfg") && list.is_ok_and(|list| list.tokens.to_string() == "test")
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}
