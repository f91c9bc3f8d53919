/** What the page knows of the function that it belongs to; it goes into the page as JSON. */
export interface PageFacts {
  readonly model: string;
  readonly version: string;
  readonly description: string;
  readonly task: string;
  readonly licence: string;
  readonly digest: string;
  /** Class names, when there are few enough to be shown. */
  readonly labels: readonly string[];
  /** At least one; the first is what the page opens with. */
  readonly calls: readonly PageCall[];
}

/** One route that the page can try. */
export interface PageCall {
  /** Relative to the function's own root, without a slash in front. */
  readonly path: string;
  readonly description: string;
  /**
   * How the body is made: a JSON object of the fields, `multipart/form-data` of fields and options, or the one
   * field as it is (in which case `contentType` says what that is).
   */
  readonly body: 'json' | 'form' | 'whole';
  readonly contentType: string;
  readonly fields: readonly PageField[];
  /** What may be chosen; in the query, or in the form where there is one. */
  readonly options: readonly PageField[];
  /** Values to begin with, by field. */
  readonly sample: Readonly<Record<string, unknown>>;
  /** What the answer's fields mean. */
  readonly notes: Readonly<Record<string, string>>;
}

/** One thing to fill in. */
export interface PageField {
  readonly name: string;
  /** `lines` is a list of texts, one per line; `json` is text that is JSON already. */
  readonly kind: 'number' | 'text' | 'lines' | 'choice' | 'switch' | 'file' | 'json';
  readonly description: string;
  readonly isRequired: boolean;
  readonly isInteger?: boolean;
  readonly min?: number;
  readonly max?: number;
  /** Of a text, in UTF-16 units. */
  readonly maxLength?: number;
  readonly choices?: readonly string[];
  /** What the server takes when it is left out. */
  readonly initial?: unknown;
}
