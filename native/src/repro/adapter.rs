//! What an adapter says about itself.

use std::collections::BTreeMap;

use slgan::repro::report::DeviceFacts;

/// `facts` with what the adapter says.
pub fn described(adapter: &wgpu::Adapter, facts: DeviceFacts) -> DeviceFacts {
    let info = adapter.get_info();
    let named = |text: String| Some(text).filter(|text| !text.is_empty());
    let mut features: Vec<String> = adapter.features().iter_names().map(|(name, _)| name.to_owned()).collect();
    features.sort();
    DeviceFacts {
        interface: Some(info.backend.to_string()),
        vendor: Some(format!("{:#06x}", info.vendor)),
        architecture: Some(format!("{:#06x}", info.device)),
        driver: named(info.driver),
        driver_version: named(info.driver_info),
        limits: limits(&adapter.limits()),
        features,
        ..facts
    }
}

/// The limits that compute kernels meet, by the names of WebGPU.
fn limits(limits: &wgpu::Limits) -> BTreeMap<String, u64> {
    let all = [
        ("maxBindGroups", u64::from(limits.max_bind_groups)),
        ("maxBindingsPerBindGroup", limits.max_bindings_per_bind_group.into()),
        ("maxBufferSize", limits.max_buffer_size),
        ("maxComputeInvocationsPerWorkgroup", limits.max_compute_invocations_per_workgroup.into()),
        ("maxComputeWorkgroupSizeX", limits.max_compute_workgroup_size_x.into()),
        ("maxComputeWorkgroupSizeY", limits.max_compute_workgroup_size_y.into()),
        ("maxComputeWorkgroupSizeZ", limits.max_compute_workgroup_size_z.into()),
        ("maxComputeWorkgroupStorageSize", limits.max_compute_workgroup_storage_size.into()),
        ("maxComputeWorkgroupsPerDimension", limits.max_compute_workgroups_per_dimension.into()),
        ("maxStorageBufferBindingSize", limits.max_storage_buffer_binding_size),
        ("maxStorageBuffersPerShaderStage", limits.max_storage_buffers_per_shader_stage.into()),
        ("maxUniformBufferBindingSize", limits.max_uniform_buffer_binding_size),
        ("maxUniformBuffersPerShaderStage", limits.max_uniform_buffers_per_shader_stage.into()),
        ("minStorageBufferOffsetAlignment", limits.min_storage_buffer_offset_alignment.into()),
        ("minUniformBufferOffsetAlignment", limits.min_uniform_buffer_offset_alignment.into()),
    ];
    all.into_iter().map(|(name, limit)| (name.to_owned(), limit)).collect()
}
