import { reconcile } from '../../events/uploads/reconcile.ts';
import { ModelNotFoundError } from '../runtime/errors.ts';
import { pinModel } from './pinned-model.ts';
import type { SubmitContext } from './submit-job.ts';

/** Asks again for every upload, for a model that there is, from which nothing has come. */
export async function reconcileUploads(context: SubmitContext, signal: AbortSignal): Promise<void> {
  const { models, tenant } = context;
  const hasModel = async (name: string): Promise<boolean> => {
    try {
      await pinModel(models, tenant, { name });
      return true;
    } catch (cause) {
      if (cause instanceof ModelNotFoundError) return false;
      throw cause;
    }
  };
  await reconcile({ ...context, hasModel }, signal);
}
