//! Deletes, and objects that are only forgotten.

use std::sync::Arc;
use std::time::Instant;

use model::diagnostic::Diagnostic;
use provider::{ApplyRequest, Token};

use super::Run;
use super::record::Birth;
use crate::evaluator::Failed;
use crate::plan::ObjectStep;

impl Run<'_> {
    /// Deletes an object; gives the identifier it had.
    pub(super) async fn delete(
        &self,
        step: &ObjectStep,
        started: Instant,
    ) -> Result<Option<Arc<str>>, Box<Diagnostic>> {
        let addr = &step.key.addr;
        let provider = self.provider_of(step).await.map_err(|Failed| {
            let text = format!("{} was not deleted, because its provider could not be configured.", step.key);
            Box::new(Diagnostic::error("Step not started", text).of(addr.clone()))
        })?;
        let schema = provider
            .schema(addr.resource.mode, &addr.resource.type_name)
            .expect("a plan has only steps of types that its providers have");
        let prior = self.remote(step, provider.as_ref())?;
        let id = self.present_id(&step.key);
        self.provision_doomed(step, provider.as_ref()).await?;
        let token =
            Token { id: crate::stack::uuid(self.evaluator.stack.chance).into(), at: self.evaluator.stack.chance.now() };
        let intent = self.intend(step, None, &schema, &token).await?;
        let status = state::Status::Ready;
        let birth = Birth { run: self, step, intent: &intent, sensitive: &[], schema: &schema, status, started };
        let request = ApplyRequest {
            type_name: &addr.resource.type_name,
            prior: Some(&prior),
            planned: None,
            config: None,
            private: &prior.private,
            token: &token,
        };
        let applied = provider.apply(request, &birth).await;
        match applied.error {
            None => {
                self.settle(&intent, None, None).await;
                self.count(|counts| counts.destroyed += 1);
                Ok(id)
            }
            Some(error) => {
                // It may have changed before the delete failed.
                let sensitive = self.present(&step.key).map(|stored| stored.sensitive).unwrap_or_default();
                let left = applied.remote.and_then(|remote| {
                    let (object, _) = self.object(step, &remote, &sensitive, &schema).ok()?;
                    let status = self.present(&step.key).map_or(object.status, |present| present.status);
                    Some(state::Object { status, ..object })
                });
                self.settle(&intent, left, Some(&error.to_string())).await;
                Err(Box::new(self.refused(step, "Failed to delete", &error)))
            }
        }
    }

    pub(super) fn forget(&self, step: &ObjectStep) {
        self.state.lock().expect("no holder of the lock panics").remove(&step.key);
        self.count(|counts| counts.forgotten += 1);
    }
}
