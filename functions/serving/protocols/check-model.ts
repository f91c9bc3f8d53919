import type { ModelManifest } from '../../../models/loader/package-schema.ts';
import { ModelNotFoundError } from '../../runtime/errors.ts';
import { quote } from './quote.ts';

/**
 * Checks the model that a caller names; what it leaves out is the one that is served.
 * @throws {ModelNotFoundError} For another model, or another version than the one served.
 */
export function checkModel(
  manifest: Pick<ModelManifest, 'name' | 'version'>,
  name: string | undefined,
  version: string | null | undefined,
): void {
  if (name !== undefined && name !== manifest.name) {
    throw new ModelNotFoundError(`The model ${quote(name)} is not served here`);
  }
  const wanted = version ?? '';
  if (wanted !== '' && wanted !== String(manifest.version)) {
    throw new ModelNotFoundError(
      `Version ${quote(wanted)} of the model "${manifest.name}" is not served here`,
    );
  }
}
