//! A kernel as the driver compiles it.

use std::collections::BTreeMap;
use std::ffi::CStr;

use anyhow::{Context, Result, ensure};
use ash::vk;

use crate::device::Device;
use crate::kernels::{Binding, Kernel};

/// What the driver reports about a compiled kernel.
#[derive(Debug)]
pub struct Compiled {
    /// Its figures, by the driver's names.
    pub statistics: BTreeMap<String, u64>,
    /// Its machine code.
    pub assembly: String,
}

impl Compiled {
    /// A figure of the driver.
    ///
    /// # Errors
    /// If the driver does not report it.
    pub fn figure(&self, name: &str) -> Result<u64> {
        let known = || self.statistics.keys().cloned().collect::<Vec<_>>().join(", ");
        self.statistics.get(name).copied().with_context(|| format!("the driver reports no {name:?}, only {}", known()))
    }
}

/// Compiles a kernel.
///
/// # Errors
/// If the driver refuses it, or reports nothing about it.
pub fn compile(device: &Device, kernel: &Kernel) -> Result<Compiled> {
    let functions = &device.functions;
    let bindings: Vec<_> =
        (0..).zip(&kernel.bindings).map(|(place, binding)| layout_binding(place, *binding)).collect();
    let layout = vk::DescriptorSetLayoutCreateInfo::default().bindings(&bindings);
    // SAFETY: all structures are valid and outlive the calls; everything that is made is destroyed below, and a failure
    // ends the process.
    unsafe {
        let set = functions.create_descriptor_set_layout(&layout, None)?;
        let sets = [set];
        let layout =
            functions.create_pipeline_layout(&vk::PipelineLayoutCreateInfo::default().set_layouts(&sets), None)?;
        let words = kernel.words()?;
        let module = functions.create_shader_module(&vk::ShaderModuleCreateInfo::default().code(&words), None)?;
        let stage = vk::PipelineShaderStageCreateInfo::default()
            .stage(vk::ShaderStageFlags::COMPUTE)
            .module(module)
            .name(c"main");
        let captured = vk::PipelineCreateFlags::CAPTURE_STATISTICS_KHR
            | vk::PipelineCreateFlags::CAPTURE_INTERNAL_REPRESENTATIONS_KHR;
        let create = vk::ComputePipelineCreateInfo::default().flags(captured).stage(stage).layout(layout);
        let pipelines = functions.create_compute_pipelines(vk::PipelineCache::null(), &[create], None);
        let [pipeline] = pipelines.map_err(|(_, error)| error)?[..] else { unreachable!("one was asked for") };
        let compiled = report_on(device, pipeline);
        functions.destroy_pipeline(pipeline, None);
        functions.destroy_shader_module(module, None);
        functions.destroy_pipeline_layout(layout, None);
        functions.destroy_descriptor_set_layout(set, None);
        compiled
    }
}

fn layout_binding(place: u32, binding: Binding) -> vk::DescriptorSetLayoutBinding<'static> {
    let kind = match binding {
        Binding::Storage => vk::DescriptorType::STORAGE_BUFFER,
        Binding::Uniform => vk::DescriptorType::UNIFORM_BUFFER,
    };
    vk::DescriptorSetLayoutBinding::default()
        .binding(place)
        .descriptor_type(kind)
        .descriptor_count(1)
        .stage_flags(vk::ShaderStageFlags::COMPUTE)
}

/// What the driver reports about a pipeline, whose only executable is its kernel.
fn report_on(device: &Device, pipeline: vk::Pipeline) -> Result<Compiled> {
    let executable = vk::PipelineExecutableInfoKHR::default().pipeline(pipeline);
    // SAFETY: the pipeline lives, and captured both.
    let statistics = unsafe { device.properties.get_pipeline_executable_statistics(&executable) }?;
    let statistics = statistics.iter().map(|statistic| Ok((text(&statistic.name)?, value(statistic))));
    let statistics = statistics.collect::<Result<BTreeMap<String, u64>>>()?;
    Ok(Compiled { statistics, assembly: assembly(device, &executable)? })
}

fn value(statistic: &vk::PipelineExecutableStatisticKHR) -> u64 {
    use vk::PipelineExecutableStatisticFormatKHR as Format;
    // SAFETY: the format says which field is there.
    unsafe {
        match statistic.format {
            Format::BOOL32 => statistic.value.b32.into(),
            Format::INT64 => statistic.value.i64.cast_unsigned(),
            Format::FLOAT64 => statistic.value.f64 as u64,
            _ => statistic.value.u64,
        }
    }
}

/// The text of the representation that the driver calls its assembly.
fn assembly(device: &Device, executable: &vk::PipelineExecutableInfoKHR) -> Result<String> {
    let query = device.properties.fp().get_pipeline_executable_internal_representations_khr;
    let mut count = 0;
    // SAFETY: without memory for them, it only counts. With it, it first gives their sizes, then their bytes.
    let representations = unsafe {
        query(device.functions.handle(), executable, &mut count, std::ptr::null_mut()).result()?;
        let mut found = vec![vk::PipelineExecutableInternalRepresentationKHR::default(); count as usize];
        query(device.functions.handle(), executable, &mut count, found.as_mut_ptr()).result()?;
        let mut texts: Vec<Vec<u8>> = found.iter().map(|one| vec![0; one.data_size]).collect();
        for (one, text) in found.iter_mut().zip(&mut texts) {
            one.p_data = text.as_mut_ptr().cast();
        }
        query(device.functions.handle(), executable, &mut count, found.as_mut_ptr()).result()?;
        let names = found.iter().map(|one| text(&one.name)).collect::<Result<Vec<String>>>()?;
        names.into_iter().zip(texts).collect::<Vec<_>>()
    };
    let named = representations.into_iter().find(|(name, _)| name == "Assembly");
    let (_, bytes) = named.context("the driver gives no assembly")?;
    let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    ensure!(end > 0, "the driver's assembly is empty");
    Ok(String::from_utf8_lossy(&bytes[..end]).into_owned())
}

fn text(name: &[std::ffi::c_char]) -> Result<String> {
    let bytes: Vec<u8> = name.iter().map(|byte| byte.cast_unsigned()).collect();
    Ok(CStr::from_bytes_until_nul(&bytes)?.to_string_lossy().into_owned())
}
