/** A way to send one instance in the body itself: the bytes of an image, a CSV file, plain text. */
export interface RawForm {
  readonly multipart?: undefined;
  /** What `Content-Type` may be, in lower case; `image/*` stands for every image type. */
  readonly mediaTypes: readonly string[];
  /** The instance as JSON would carry it (`bytes()` takes the Buffer as it is); the request schema checks it. */
  read(raw: RawBody): unknown;
}

/** A body that is the instance. */
export interface RawBody {
  /** Whole and not empty. Not a copy: treat it as read-only. */
  readonly body: Buffer;
  /** In lower case, without parameters. */
  readonly mediaType: string;
  /** The media type's own parameters, names in lower case. */
  readonly parameters: Readonly<Record<string, string>>;
}

/** A way to send one instance as `multipart/form-data`, as browsers and `curl -F` do. */
export interface MultipartForm {
  readonly mediaTypes?: undefined;
  /** The fields that the form has. Every other name is refused, but for the model's options. */
  readonly multipart: Readonly<Record<string, FormField>>;
  /** The instance as JSON would carry it; the request schema checks it. Every field has a list, maybe empty. */
  read(parts: Readonly<Record<string, readonly FormPart[]>>): unknown;
}

/** One field of a form. */
export interface FormField {
  /** `text` must be UTF-8; a `file` is any bytes, with or without a file name. */
  readonly kind: 'file' | 'text';
  /** For people, in OpenAPI and on the page. */
  readonly description: string;
  /** @default false */
  readonly required?: boolean;
  /** Whether the name may come more than once. @default false */
  readonly repeats?: boolean;
}

/** One part of a `multipart/form-data` body. Parts of one name keep their order. */
export interface FormPart {
  readonly name: string;
  /** As the client wrote it: say nothing with it, open nothing by it. */
  readonly filename?: string;
  /** In lower case, without parameters; what the client says it is. */
  readonly mediaType?: string;
  /** Not a copy: treat it as read-only. */
  readonly data: Buffer;
}

/** A way other than JSON to send one instance. */
export type InputForm = RawForm | MultipartForm;
