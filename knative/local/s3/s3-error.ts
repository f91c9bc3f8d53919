/** The errors this server answers with: S3's own codes with their status and default sentence. */
const ERRORS = {
  AccessDenied: [403, 'Access Denied.'],
  AuthorizationHeaderMalformed: [400, 'The authorization header is malformed.'],
  AuthorizationQueryParametersError: [400, 'The signature in the query is malformed.'],
  BadDigest: [400, 'The checksum you specified did not match the body received.'],
  BadRequest: [400, 'The request is not valid.'],
  BucketAlreadyOwnedByYou: [409, 'The bucket exists already and you own it.'],
  BucketNotEmpty: [409, 'The bucket still has objects, versions or delete markers.'],
  EntityTooLarge: [400, 'The body is larger than this operation allows.'],
  EntityTooSmall: [400, 'Every part but the last must have 5 MiB or more.'],
  IncompleteBody: [400, 'The body does not have the length that was announced.'],
  InternalError: [500, 'The server met an internal error. Try again.'],
  InvalidAccessKeyId: [403, 'The access key does not exist here.'],
  InvalidArgument: [400, 'An argument is not valid.'],
  InvalidBucketName: [400, 'The bucket name is not valid.'],
  InvalidDigest: [400, 'The Content-MD5 or checksum value is not valid.'],
  InvalidPart: [400, 'A part is missing, or its ETag or checksum is another.'],
  InvalidPartNumber: [416, 'The object has no part of that number.'],
  InvalidPartOrder: [400, 'Parts must be listed in ascending order.'],
  InvalidPolicyDocument: [400, 'The policy of the form is not valid.'],
  InvalidRange: [416, 'The range cannot be satisfied.'],
  InvalidRequest: [400, 'The request is not valid.'],
  InvalidStorageClass: [400, 'The storage class is not one of this server.'],
  InvalidTag: [400, 'A tag is not valid.'],
  InvalidURI: [400, 'The address cannot be parsed.'],
  KeyTooLongError: [400, 'The key is longer than 1024 bytes.'],
  MalformedPOSTRequest: [400, 'The body is not multipart/form-data with a key and, last, a file.'],
  MalformedXML: [400, 'The XML is not well-formed or not what this operation reads.'],
  MetadataTooLarge: [400, 'User metadata is larger than 2048 bytes.'],
  MethodNotAllowed: [405, 'The method is not allowed on this resource.'],
  MissingContentLength: [411, 'The Content-Length header is needed.'],
  NoSuchBucket: [404, 'The bucket does not exist.'],
  NoSuchBucketPolicy: [404, 'The bucket has no policy.'],
  NoSuchCORSConfiguration: [404, 'The bucket has no CORS configuration.'],
  NoSuchKey: [404, 'The key does not exist.'],
  NoSuchLifecycleConfiguration: [404, 'The bucket has no lifecycle configuration.'],
  NoSuchTagSet: [404, 'The bucket has no tags.'],
  NoSuchUpload: [404, 'The upload does not exist; it may have been completed or aborted.'],
  NoSuchVersion: [404, 'The version does not exist.'],
  NoSuchWebsiteConfiguration: [404, 'The bucket has no website configuration.'],
  NotImplemented: [501, 'This server does not implement that.'],
  NotModified: [304, 'Not modified.'],
  ObjectLockConfigurationNotFoundError: [404, 'The bucket has no object lock.'],
  PreconditionFailed: [412, 'A condition of the request does not hold.'],
  ReplicationConfigurationNotFoundError: [404, 'The bucket is not replicated.'],
  RequestTimeTooSkewed: [403, 'The clocks of client and server differ by more than 15 minutes.'],
  ServerSideEncryptionConfigurationNotFoundError: [404, 'The bucket is not encrypted.'],
  SignatureDoesNotMatch: [403, 'The signature is not the one this server calculates.'],
  UnsupportedNotification: [400, 'Only queue targets can be notified.'],
  XAmzContentSHA256Mismatch: [400, 'x-amz-content-sha256 is not the digest of the body received.'],
} as const satisfies Record<string, readonly [status: number, sentence: string]>;

/** One of S3's own error codes. */
export type S3ErrorCode = keyof typeof ERRORS;

/** A refusal that the client sees as S3's XML error document. */
export class S3Error extends Error {
  readonly code: S3ErrorCode;
  readonly status: number;

  constructor(code: S3ErrorCode, message: string = ERRORS[code][1], options: ErrorOptions = {}) {
    super(message, options);
    this.name = 'S3Error';
    this.code = code;
    this.status = ERRORS[code][0];
  }
}

/** The 501 of everything this server leaves out, by its name in the S3 API. */
export function notImplemented(what: string): S3Error {
  return new S3Error('NotImplemented', `${what} is not implemented by this local stand-in.`);
}
