import type { CloneFile } from '../check/clone-files.ts';
import { configurationPage } from './configuration.ts';
import { doctorPage } from './doctor-page.ts';
import { eventsPage, SCHEMA_PAGES } from './events-page.ts';

/** The pages that are generated, by their paths. */
export const PAGES: ReadonlyMap<string, () => string> = new Map([
  ['docs/CONFIGURATION.md', configurationPage],
  ['docs/DOCTOR.md', doctorPage],
  ['docs/EVENTS.md', eventsPage],
  ...SCHEMA_PAGES,
]);

/** The generated pages whose committed text is not what the code says now. */
export function outdatedPages(files: readonly CloneFile[]): string[] {
  return [...PAGES]
    .filter(([path, render]) => files.find((file) => file.path === path)?.text !== render())
    .map(([path]) => `${path} is not what the code says: npm run docs`);
}
