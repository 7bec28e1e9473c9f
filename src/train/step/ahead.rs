//! The numbers of a step's updates, uploaded with its inputs.
//!
//! They are functions of the state before the step. An update that finds other numbers here, or none, uploads its own.

use burn::tensor::Tensor;

use crate::kernels::adam::{AdamSettings, AdamStep, PackedStep};
use crate::kernels::parcel::{Arrived, Parcel, Slot};

/// Numbers on the device.
#[derive(Debug, Default)]
pub struct Ahead {
    updates: Vec<AdamStep>,
    /// The decay of the teacher's prior, on the host and `[1]`.
    prior_decay: Option<(f64, Tensor<1>)>,
}

/// [`Ahead`] in a parcel.
#[derive(Debug)]
pub struct PackedAhead {
    updates: Vec<PackedStep>,
    prior_decay: Option<(f64, Slot<1>)>,
}

impl Ahead {
    /// Packs updates with the decays of their averages, and the decay of the prior.
    pub fn pack(updates: &[(AdamSettings, f64)], prior_decay: Option<f64>, parcel: &mut Parcel) -> PackedAhead {
        PackedAhead {
            updates: updates.iter().map(|&(settings, decay)| AdamStep::pack(settings, decay, parcel)).collect(),
            prior_decay: prior_decay.map(|decay| (decay, parcel.add(vec![decay as f32], [1]))),
        }
    }

    /// The update with these settings and this decay.
    pub fn update(&self, settings: AdamSettings, decay: f64) -> Option<AdamStep> {
        self.updates.iter().find(|step| step.is_for(settings, decay)).cloned()
    }

    /// The decay of the prior, `[1]`.
    pub fn prior_decay(&self, decay: f64) -> Option<Tensor<1>> {
        self.prior_decay.as_ref().filter(|(known, _)| *known == decay).map(|(_, on_device)| on_device.clone())
    }
}

impl PackedAhead {
    /// The numbers of a parcel that has arrived.
    pub fn unpack(self, arrived: &mut Arrived) -> Ahead {
        Ahead {
            updates: self.updates.into_iter().map(|step| step.unpack(arrived)).collect(),
            prior_decay: self.prior_decay.map(|(decay, slot)| (decay, arrived.take(slot))),
        }
    }
}
