import type { DeliveryState, Envelope, HeaderLine, Progress } from "@mailkit/sdk";
import type { NewBody } from "./bodies.ts";

/** What goes into a partition, and what its list shows. */
export interface RecordOptions {
  readonly sync?: boolean;
  readonly last?: boolean;
}

export interface NewMessage {
  readonly envelope: Envelope;
  readonly headers: readonly HeaderLine[];
  readonly body: NewBody | Buffer;
  /** For imports: what has become of it already. */
  readonly progress?: readonly Progress[];
}

export interface QueueItem {
  readonly id: string;
  readonly envelope: Envelope;
  readonly state: DeliveryState;
  /** Octets of the body. */
  readonly bodySize: number;
}
