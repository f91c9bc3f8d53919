import { randomBytes } from 'node:crypto';

import { LOCAL_SECRETS } from './manifests/local-limits.ts';
import type { SecretFiles } from './process/volumes.ts';
import type { S3Server } from './s3/server.ts';
import type { WebhookTarget } from './s3/webhooks/webhook.ts';

/** A Service that hears of a bucket's objects, as MinIO tells a webhook. */
export interface BucketWebhook {
  /** `NAME` of `arn:minio:sqs::NAME:webhook`; also the Id of the bucket's rule. */
  readonly name: string;
  readonly bucket: string;
  /** Names or patterns such as `s3:ObjectCreated:*`. */
  readonly events: readonly string[];
  /** How the keys begin. */
  readonly prefix?: string;
  /** The Service that is told; while the manifests have none of that name, nobody is. */
  readonly service: string;
  /** Where it is told. */
  readonly path: string;
  /** The Secret in which the Service finds, as `token`, the bearer token that we send. */
  readonly secret: string;
}

/** What the data bucket has in a cluster, too: the Service `uploads` hears of what is put below `in/`. */
export function uploadsWebhook(dataBucket: string): BucketWebhook {
  return {
    name: 'UPLOADS',
    bucket: dataBucket,
    events: ['s3:ObjectCreated:*'],
    prefix: 'in/',
    service: 'uploads',
    path: '/s3-events',
    secret: LOCAL_SECRETS.uploads,
  };
}

/** Webhooks of buckets that are told through our own router. */
export class BucketWebhooks {
  readonly #webhooks: readonly BucketWebhook[];
  readonly #token: string;
  #router: string | undefined;

  /**
   * @param token Known to another store that is to tell, too. By default a new one: nobody but us and the Service's
   *   processes, both of which end with us, needs to know it.
   */
  constructor(
    webhooks: readonly BucketWebhook[],
    token: string = randomBytes(24).toString('base64url'),
  ) {
    [this.#webhooks, this.#token] = [webhooks, token];
  }

  /** The Secrets that the Services mount. */
  get secrets(): readonly (readonly [name: string, files: SecretFiles])[] {
    return this.#webhooks.map(({ secret }) => [secret, { token: this.#token }]);
  }

  /** For the store; deliveries fail, and so are tried again, until there is a router. */
  get targets(): readonly WebhookTarget[] {
    const addressOf = ({ service, path }: BucketWebhook): string => {
      if (this.#router === undefined) throw new Error('The router does not listen yet');
      return `${this.#router}/${service}${path}`;
    };
    return this.#webhooks.map((webhook) => ({
      name: webhook.name,
      authToken: this.#token,
      get endpoint() {
        return addressOf(webhook);
      },
    }));
  }

  /** Says where the router is, such as `http://127.0.0.1:8080`. */
  connect(router: string): void {
    this.#router = router;
  }

  /**
   * Gives each bucket the rule for its webhook, or takes it away when there is no such Service: what nobody
   * takes would be kept for ever. Rules that others have made stay.
   */
  async apply(s3: S3Server, hasService: (name: string) => boolean): Promise<void> {
    for (const { name, bucket, events, prefix, service } of this.#webhooks) {
      const rule = { arn: `arn:minio:sqs::${name}:webhook`, events, prefix, suffix: undefined };
      await s3.setRule(bucket, name, hasService(service) ? rule : undefined);
    }
  }
}
