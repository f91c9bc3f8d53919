import type { PageField } from '../page-facts.ts';
import { element } from './elements.ts';
import type { FieldControl } from './field-control.ts';
import type { Value } from './request-of.ts';

/** First bytes of files that a sample may be, and how its name then ends. */
const KINDS: readonly (readonly [start: string, ending: string, type: string])[] = [
  ['\u00ff\u00d8\u00ff', 'jpg', 'image/jpeg'],
  ['\u0089PNG', 'png', 'image/png'],
  ['RIFF????WEBP', 'webp', 'image/webp'],
  ['RIFF????WAVE', 'wav', 'audio/wav'],
  ['\u0093NUMPY', 'npy', 'application/octet-stream'],
];

/** A file to be picked, dropped or pasted, with a look at it when it is a picture. */
export function fileInput(
  { name, description }: PageField,
  id: string,
  onChange: () => void,
): FieldControl {
  let current: File | undefined;
  let shown: string | undefined;
  const picker = element('input', { type: 'file', id, 'aria-describedby': `${id}-help` });
  const about = element('p', { class: 'file-name', 'aria-live': 'polite' });
  const picture = element('img', { alt: `The ${name} that is sent`, hidden: true });
  const root = element(
    'div',
    { class: 'field drop' },
    element('label', { for: id }, name),
    picture,
    about,
    picker,
    element('p', { class: 'help', id: `${id}-help` }, `${description}. Choose, drop or paste it.`),
  );

  const take = (file: File | undefined): void => {
    current = file;
    if (shown !== undefined) URL.revokeObjectURL(shown);
    shown = file?.type.startsWith('image/') === true ? URL.createObjectURL(file) : undefined;
    picture.hidden = shown === undefined;
    if (shown === undefined) picture.removeAttribute('src');
    else picture.src = shown;
    about.textContent = file === undefined ? 'No file yet' : `${file.name}, ${inBytes(file.size)}`;
  };
  picture.addEventListener('error', () => (picture.hidden = true));
  picker.addEventListener('change', () => {
    if (picker.files?.[0] === undefined) return;
    take(picker.files[0]);
    onChange();
  });
  root.addEventListener('dragover', (event) => {
    event.preventDefault();
    root.classList.add('over');
  });
  root.addEventListener('dragleave', () => root.classList.remove('over'));
  root.addEventListener('drop', (event) => {
    event.preventDefault();
    root.classList.remove('over');
    takeFrom(event.dataTransfer);
  });
  document.addEventListener('paste', (event) => {
    // Panels of other routes listen too.
    if (root.offsetParent !== null && takeFrom(event.clipboardData)) event.preventDefault();
  });
  const takeFrom = (transfer: DataTransfer | null): boolean => {
    const file = transfer?.files[0];
    if (file !== undefined) {
      picker.value = '';
      take(file);
      onChange();
    }
    return file !== undefined;
  };

  take(undefined);
  return {
    name,
    root,
    read: (): Value | undefined => current,
    fill: (sample) => {
      if (typeof sample === 'string') take(sampleFile(sample));
    },
  };
}

/** A file from base64, named by what it begins with. */
function sampleFile(base64: string): File {
  const binary = atob(base64);
  const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0));
  const fits = (start: string): boolean =>
    Array.from(start).every((character, at) => character === '?' || binary[at] === character);
  const [, ending, type] = KINDS.find(([start]) => fits(start)) ?? ['', 'csv', 'text/csv'];
  return new File([bytes], `sample.${ending}`, { type });
}

function inBytes(size: number): string {
  if (size < 1000) return `${size} bytes`;
  return size < 1e6 ? `${(size / 1000).toFixed(1)} kB` : `${(size / 1e6).toFixed(1)} MB`;
}
