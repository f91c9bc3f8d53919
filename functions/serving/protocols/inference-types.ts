/**
 * Media types of a protocol's request. Binary tensors come as bytes, and some clients call all that they send
 * so; curl calls what its `-d` sends a form, and the field's documentation leaves it at that.
 */
export const INFERENCE_TYPES = [
  'application/json',
  'application/octet-stream',
  'application/x-www-form-urlencoded',
];
