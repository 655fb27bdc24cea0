//! Faults that were injected by the control API.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::sync::Mutex;

use serde_json::{json, Value};
use uuid::Uuid;

use super::answer::{time, AdminError};
use super::controls::Controls;
use super::fault_names::{make, NamedFault};
use super::members::Members;
use crate::testing::faults::delivery_fault::{DeliveryFaultEffect, DeliveryFaultHit};
use crate::testing::faults::injected_fault::InjectedFault;
use crate::testing::faults::request_fault::FaultHit;
use crate::testing::lock::lock;
use crate::testing::operation::Operation;

/// The injected faults by their ids.
#[derive(Default)]
pub(super) struct InjectedFaults(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    latest: u64,
    faults: BTreeMap<u64, Injected>,
}

/// A fault as it was asked for, and the handle to it.
struct Injected {
    fault: String,
    operation: Option<Operation>,
    times: Option<NonZeroU32>,
    handle: Handle,
}

enum Handle {
    Request(InjectedFault<FaultHit>),
    Delivery(InjectedFault<DeliveryFaultHit>),
}

impl InjectedFaults {
    /// Injects a fault and returns its id.
    pub(super) fn inject(
        &self,
        controls: &Controls,
        mut members: Members,
    ) -> Result<u64, AdminError> {
        let fault: String = members.required("fault")?;
        let operation = members.optional::<String>("operation")?;
        let operation = operation.map(|id| find_operation(&id)).transpose()?;
        let times: Option<NonZeroU32> = members.optional("times")?;
        let named = make(&fault, &mut members)?;
        members.end()?;
        let limit = times.map(NonZeroU32::get);
        let handle = match named {
            NamedFault::Request(mut fault) => {
                fault.operation = operation;
                Handle::Request(controls.faults.inject(fault, limit))
            }
            NamedFault::Delivery(_) if operation.is_some() => {
                return Err(AdminError::invalid(
                    "`operation` doesn't limit a fault of deliveries; leave it out",
                ))
            }
            NamedFault::Delivery(mut fault) => {
                fault.times = limit;
                Handle::Delivery(controls.sender.inject(&fault))
            }
        };
        let mut kept = lock(&self.0);
        kept.latest += 1;
        let id = kept.latest;
        let injected = Injected {
            fault,
            operation,
            times,
            handle,
        };
        kept.faults.insert(id, injected);
        Ok(id)
    }

    pub(super) fn list(&self) -> Value {
        let kept = lock(&self.0);
        let faults = kept.faults.iter();
        faults.map(|(id, fault)| fault.to_json(*id)).collect()
    }

    pub(super) fn find(&self, id: &str) -> Result<Value, AdminError> {
        let id = parse(id)?;
        let kept = lock(&self.0);
        let fault = kept.faults.get(&id).ok_or_else(not_found)?;
        Ok(fault.to_json(id))
    }

    /// Removes a fault, and returns what it did.
    pub(super) fn remove(&self, id: &str) -> Result<Value, AdminError> {
        let id = parse(id)?;
        let fault = lock(&self.0).faults.remove(&id).ok_or_else(not_found)?;
        match &fault.handle {
            Handle::Request(injected) => injected.remove(),
            Handle::Delivery(injected) => injected.remove(),
        }
        Ok(fault.to_json(id))
    }

    pub(super) fn clear(&self) {
        lock(&self.0).faults.clear();
    }
}

impl Injected {
    fn to_json(&self, id: u64) -> Value {
        let hits: Value = match &self.handle {
            Handle::Request(injected) => injected.hits().iter().map(request_hit).collect(),
            Handle::Delivery(injected) => injected.hits().iter().map(delivery_hit).collect(),
        };
        json!({
            "id": id,
            "fault": self.fault,
            "operation": self.operation.map(Operation::id),
            "times": self.times,
            "hits": hits,
        })
    }
}

fn request_hit(hit: &FaultHit) -> Value {
    json!({
        "at": time(hit.at),
        "effect": hit.effect.to_string(),
        "operation": hit.operation.id(),
    })
}

fn delivery_hit(hit: &DeliveryFaultHit) -> Value {
    let (effect, deliveries): (_, &[Uuid]) = match &hit.effect {
        DeliveryFaultEffect::SignedWithOldKey(id) => ("signed with an old key", &[*id]),
        DeliveryFaultEffect::Duplicated(id) => ("posted twice", &[*id]),
        DeliveryFaultEffect::Reordered(ids) => ("sent in reverse order", ids),
    };
    json!({"at": time(hit.at), "effect": effect, "deliveries": deliveries})
}

fn find_operation(id: &str) -> Result<Operation, AdminError> {
    let mut operations = Operation::ALL.iter();
    let found = operations.find(|operation| operation.id() == id).copied();
    found.ok_or_else(|| {
        let known: Vec<&str> = Operation::ALL.iter().map(|it| it.id()).collect();
        let known = known.join(", ");
        AdminError::invalid(format!("`{id}` isn't an operation; use one of {known}"))
    })
}

fn parse(id: &str) -> Result<u64, AdminError> {
    id.parse().map_err(|_| not_found())
}

fn not_found() -> AdminError {
    AdminError::not_found("there is no fault with this id; it was removed or never injected")
}
