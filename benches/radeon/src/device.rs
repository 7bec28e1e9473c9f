//! A device of the driver for Radeon that only compiles.

use std::ffi::CStr;

use anyhow::{Context, Result, ensure};
use ash::{khr, vk};

/// An open device.
pub struct Device {
    /// The functions of Vulkan 1.1.
    pub functions: ash::Device,
    /// The functions that report what a pipeline became.
    pub properties: khr::pipeline_executable_properties::Device,
    /// The driver's name and version.
    pub driver: String,
    instance: ash::Instance,
    // It holds the library, which must stay loaded longer than everything above.
    _entry: ash::Entry,
}

impl Device {
    /// Opens the first device of the driver that the environment names.
    ///
    /// # Errors
    /// If there is none, or it is not a Radeon's.
    pub fn open() -> Result<Self> {
        // SAFETY: it loads the system's Vulkan loader, which runs its own initialisation and nothing else.
        let entry = unsafe { ash::Entry::load() }.context("no Vulkan loader")?;
        let application = vk::ApplicationInfo::default().api_version(vk::API_VERSION_1_1);
        let create = vk::InstanceCreateInfo::default().application_info(&application);
        // SAFETY: the structures are valid, and `Drop` destroys the instance.
        let instance = unsafe { entry.create_instance(&create, None) }.context("no Vulkan instance")?;
        // SAFETY: the instance lives.
        let physical = unsafe { instance.enumerate_physical_devices() }?;
        let physical = *physical.first().context("the driver has no device; does VK_DRIVER_FILES name Radeon's?")?;
        let driver = driver(&instance, physical);
        ensure!(driver.starts_with("radv"), "this is the driver {driver}, not radv, the one for Radeon");
        let functions = create_device(&instance, physical)?;
        let properties = khr::pipeline_executable_properties::Device::new(&instance, &functions);
        Ok(Self { functions, properties, driver, instance, _entry: entry })
    }
}

impl Drop for Device {
    fn drop(&mut self) {
        // SAFETY: pipelines destroy what they made, and nothing uses the device any more.
        unsafe {
            self.functions.destroy_device(None);
            self.instance.destroy_instance(None);
        }
    }
}

fn driver(instance: &ash::Instance, physical: vk::PhysicalDevice) -> String {
    let mut driver = vk::PhysicalDeviceDriverProperties::default();
    let mut properties = vk::PhysicalDeviceProperties2::default().push_next(&mut driver);
    // SAFETY: both structures are valid, and `physical` is the instance's.
    unsafe { instance.get_physical_device_properties2(physical, &mut properties) };
    let text = |bytes: Option<&CStr>| bytes.unwrap_or_default().to_string_lossy().into_owned();
    format!("{} {}", text(driver.driver_name_as_c_str().ok()), text(driver.driver_info_as_c_str().ok()))
}

/// A device with the features that wgpu asks for where they change the machine code of a kernel.
fn create_device(instance: &ash::Instance, physical: vk::PhysicalDevice) -> Result<ash::Device> {
    let queues = [vk::DeviceQueueCreateInfo::default().queue_priorities(&[1.0])];
    let extensions = [khr::pipeline_executable_properties::NAME.as_ptr(), ash::ext::robustness2::NAME.as_ptr()];
    let features = vk::PhysicalDeviceFeatures::default().robust_buffer_access(true);
    let mut executable =
        vk::PhysicalDevicePipelineExecutablePropertiesFeaturesKHR::default().pipeline_executable_info(true);
    let mut robustness = vk::PhysicalDeviceRobustness2FeaturesEXT::default().robust_buffer_access2(true);
    let create = vk::DeviceCreateInfo::default()
        .queue_create_infos(&queues)
        .enabled_extension_names(&extensions)
        .enabled_features(&features)
        .push_next(&mut executable)
        .push_next(&mut robustness);
    // SAFETY: the structures are valid, and `Drop` destroys the device.
    unsafe { instance.create_device(physical, &create, None) }.context("the driver gives no device")
}
