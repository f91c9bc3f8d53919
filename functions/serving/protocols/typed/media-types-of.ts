import type { InputForm } from '../../../input-form.ts';

/** What a body may be: JSON, and what the forms read. */
export function mediaTypesOf(forms: readonly InputForm[] = []): string[] {
  const others = forms.flatMap((form) =>
    form.multipart === undefined ? form.mediaTypes : ['multipart/form-data'],
  );
  return ['application/json', ...others];
}
