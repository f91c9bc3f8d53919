import { ConfigurationError } from '../../../functions/runtime/errors.ts';
import { type StartSettings, startSettings } from '../../start/settings.ts';
import { type CheckContext, found, type Line } from '../check.ts';

/** The settings of `npm start`, or what is wrong with them. */
export async function readStartSettings({
  env,
  root,
}: CheckContext): Promise<
  { readonly values: StartSettings } | { readonly faults: readonly Line[] }
> {
  try {
    return { values: startSettings(env, root) };
  } catch (cause) {
    if (!(cause instanceof ConfigurationError)) throw cause;
    return { faults: cause.faults.map((fault) => found('SETTINGS_INVALID', fault)) };
  }
}
