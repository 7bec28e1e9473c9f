//! WGSL kernels: their specialised source and their dispatch.
//!
//! Each file of `shaders/` is a kernel, and begins with what it imports (`imports.rs`). Sizes are top-level constants,
//! and a launch replaces their values: compilers then see them, and no buffer has to carry them. Every set of values is
//! a separate pipeline.

use burn::cubecl::prelude::{CubeCount, CubeDim, ExecutionMode, KernelId};
use burn::cubecl::server::{KernelArguments, MetadataBindingInfo};
use burn_wgpu::{CubeTensor, KernelSource, SourceKernel, SourceTemplate};

use super::{imports, launches};

/// Invocations of a workgroup, unless a kernel says otherwise.
pub const THREADS: u32 = 64;

/// Workgroups that one dimension of a dispatch may have on every adapter.
pub(super) const MOST_GROUPS: usize = 65_535;

/// A kernel of `shaders/` with values for its constants.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Shader {
    name: &'static str,
    /// The text of the file.
    file: &'static str,
    constants: Vec<(&'static str, u32)>,
    /// Whether it is compiled with bounds checks.
    is_checked: bool,
}

/// The kernel in a file of `shaders/`, by the file's name without its extension.
macro_rules! shader {
    ($name:literal) => {
        $crate::kernels::shader::Shader::new(
            $name,
            include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/shaders/", $name, ".wgsl")),
        )
    };
}
pub(crate) use shader;

impl Shader {
    /// A kernel with the constants of its file, whose text is `file`.
    pub const fn new(name: &'static str, file: &'static str) -> Self {
        Self { name, file, constants: Vec::new(), is_checked: false }
    }

    /// The file's name, without its extension.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The whole kernel: the text of its file, with the texts of what it imports.
    ///
    /// # Panics
    /// If it imports something that does not exist.
    pub fn source(&self) -> String {
        self.texts().collect()
    }

    fn texts(&self) -> impl Iterator<Item = &'static str> {
        imports::texts(self.name, self.file)
    }

    /// The values that replace the source's.
    pub fn constants(&self) -> &[(&'static str, u32)] {
        &self.constants
    }

    /// Whether the source has a constant that a launch may replace.
    pub fn has_constant(&self, name: &str) -> bool {
        let declaration = format!("const {name}: u32 = ");
        self.texts().any(|text| text.contains(&declaration))
    }

    /// The kernel with other values for some constants.
    ///
    /// # Panics
    /// If a value does not fit into 32 bits.
    pub fn with(mut self, values: &[(&'static str, usize)]) -> Self {
        let checked = |value| u32::try_from(value).expect("a size that fits into 32 bits");
        self.constants.extend(values.iter().map(|&(name, value)| (name, checked(value))));
        self
    }

    /// The source with its constants replaced.
    ///
    /// # Panics
    /// If the source has no line `const NAME: u32 = VALUEu;` for a constant, or as [`Self::source`].
    pub fn specialized(&self) -> String {
        self.constants.iter().fold(self.source(), |source, (name, value)| {
            let declaration = format!("const {name}: u32 = ");
            let Some(start) = source.find(&declaration) else { panic!("{}: there is no constant {name}", self.name) };
            let value_at = start + declaration.len();
            let end = value_at + source[value_at..].find(';').expect("a declaration ends with a semicolon");
            format!("{}{value}u{}", &source[..value_at], &source[end..])
        })
    }

    /// The source with its constants replaced, and with bounds checks.
    ///
    /// # Panics
    /// As [`Self::specialized`].
    #[cfg(feature = "checks")]
    pub fn specialized_with_checks(&self) -> String {
        super::bounds::with_checks(&self.specialized())
    }

    /// Queues the kernel on a grid of workgroups. `buffers` are its bindings in order, all contiguous. `numbers` go
    /// into a uniform buffer after them; if they are empty, there is none.
    ///
    /// # Panics
    /// If two buffers share memory: kernels may write to bindings, and browsers refuse bindings that overlap. Also if a
    /// side of the grid exceeds the limit that every adapter meets.
    pub fn launch(self, groups: [usize; 3], buffers: &[&CubeTensor], numbers: &[f32]) {
        let words: Vec<u32> = numbers.iter().map(|number| number.to_bits()).collect();
        self.launch_with_table(groups, buffers, &words);
    }

    /// [`Self::launch`] with integers in the uniform buffer.
    ///
    /// # Panics
    /// As [`Self::launch`].
    #[cfg_attr(not(feature = "checks"), expect(unused_mut, reason = "only the checks change it"))]
    pub fn launch_with_table(mut self, groups: [usize; 3], buffers: &[&CubeTensor], table: &[u32]) {
        assert!(groups.into_iter().all(|count| count <= MOST_GROUPS), "{}: a grid of {groups:?}", self.name);
        let [x, y, z] = groups.map(|count| count as u32);
        let pairs =
            buffers.iter().enumerate().flat_map(|(index, one)| buffers[..index].iter().map(move |two| (one, two)));
        assert!(pairs.into_iter().all(|(one, two)| !overlap(one, two)), "{}: two bindings share memory", self.name);
        #[cfg(feature = "checks")]
        if let Some((name, source)) = super::altered::altered(self.name, || self.source()) {
            (self.name, self.file) = (name, source);
        }
        launches::record(self.name, &self.constants, groups, buffers);
        let bindings = buffers.iter().map(|tensor| tensor.handle.clone().binding()).collect();
        let mut arguments = KernelArguments::new().with_buffers(bindings);
        if !table.is_empty() {
            arguments = arguments.with_info(MetadataBindingInfo::custom(packed(table)));
        }
        #[cfg(feature = "checks")]
        {
            self.is_checked = super::bounds::are_checked();
        }
        let kernel = SourceKernel::new(self, CubeDim::new_1d(THREADS));
        buffers[0].client.launch(Box::new(kernel), CubeCount::Static(x, y, z), arguments);
    }
}

/// Whether two tensors have memory in common.
pub(super) fn overlap(one: &CubeTensor, two: &CubeTensor) -> bool {
    let range = |tensor: &CubeTensor| {
        let start = tensor.handle.offset_start.unwrap_or(0);
        start..start + tensor.handle.size_in_used()
    };
    let (first, second) = (range(one), range(two));
    let shares = one.handle.memory.descriptor().id == two.handle.memory.descriptor().id;
    shares && first.start < second.end && second.start < first.end
}

impl KernelSource for Shader {
    fn source(&self) -> SourceTemplate {
        // The runtime asks once, when it compiles.
        launches::compile();
        #[cfg(feature = "checks")]
        if self.is_checked {
            return SourceTemplate::new(self.specialized_with_checks());
        }
        SourceTemplate::new(self.specialized())
    }

    fn id(&self) -> KernelId {
        // Unchecked: every kernel guards its own indices, the operations check their shapes, and loops end.
        let mode = if self.is_checked { ExecutionMode::Checked } else { ExecutionMode::Unchecked };
        KernelId::new::<Self>().mode(mode).info((self.name, self.constants.clone()))
    }

    fn lang(&self) -> &'static str {
        "wgsl"
    }
}

/// Words in pairs, padded to groups of four as a uniform buffer requires.
fn packed(words: &[u32]) -> Vec<u64> {
    let mut words: Vec<u64> = words.iter().map(|&word| word.into()).collect();
    words.resize(words.len().next_multiple_of(4), 0);
    words.as_chunks::<2>().0.iter().map(|[low, high]| low | high << 32).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHADER: Shader = Shader::new("test", "const A: u32 = 1u;\nconst AB: u32 = 2u;\n");

    #[test]
    fn values_of_constants_are_replaced() {
        let source = SHADER.with(&[("AB", 7), ("A", 65_536)]).specialized();
        assert_eq!(source, "const A: u32 = 65536u;\nconst AB: u32 = 7u;\n");
    }

    #[test]
    #[should_panic(expected = "test: there is no constant B")]
    fn an_unknown_name_is_an_error() {
        SHADER.with(&[("B", 1)]).specialized();
    }

    #[test]
    fn values_of_imported_constants_are_replaced() {
        let shader = Shader::new("test", "#import strict\nconst A: u32 = 1u;\n");
        assert!(shader.has_constant("STRICT") && shader.has_constant("A") && !shader.has_constant("B"));
        let expected =
            shader.source().replace("STRICT: u32 = 0u;", "STRICT: u32 = 1u;").replace("A: u32 = 1u;", "A: u32 = 7u;");
        assert_eq!(shader.with(&[("STRICT", 1), ("A", 7)]).specialized(), expected);
    }

    #[test]
    fn words_are_packed_in_fours() {
        assert_eq!(packed(&[7]), [7, 0]);
        assert_eq!(packed(&[0, 1, 0, 0, 2]), [1 << 32, 0, 2, 0]);
    }
}
