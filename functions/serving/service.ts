import type { LoadedModel, PhaseTimes } from '../../models/loader/loaded-model.ts';
import type { AnyModelDefinition } from '../define-model.ts';
import type { Config } from '../runtime/config.ts';
import type { Engine } from './engine/engine.ts';

/** One model being served: what the protocols' routes are built from. */
export interface ModelService {
  readonly definition: AnyModelDefinition;
  readonly model: LoadedModel;
  readonly engine: Engine;
  readonly config: Config;
  /** The phases of the cold start for whoever asks first: that request's caller waited for them. */
  readonly takeColdStart: () => PhaseTimes | undefined;
}
