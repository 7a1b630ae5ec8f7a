/** One LMTP dialogue: the pure client machine of smtp-core over a channel, one message, then QUIT. RFC 2033. */
import { clientStep, newClient, type ClientAsk, type ClientEvent, type ClientFailure, type TransactionResult } from "@mailkit/smtp-core";
import { messageOctets, type LocalJob } from "@mailkit/sdk";
import type { Channel } from "./channel.ts";
import type { Order } from "./plan.ts";

export type Conversed =
  | { readonly kind: "settled"; readonly result: TransactionResult }
  | { readonly kind: "lost"; readonly failure: ClientFailure };

export function converse(order: Order, job: LocalJob, channel: Channel): Promise<Conversed> {
  return new Promise((resolve) => {
    let state = newClient({
      protocol: "lmtp",
      heloName: order.heloName,
      tls: "never",
      auth: "never",
      pipelining: false,
      chunking: false,
      prdr: false,
    });
    let answer: Conversed | undefined;
    let timer: NodeJS.Timeout | undefined;
    let over = false;

    const finish = (): void => {
      if (over) return;
      over = true;
      clearTimeout(timer);
      channel.close(answer?.kind !== "settled");
      resolve(answer ?? { kind: "lost", failure: { kind: "closed", after: "QUIT", pipelined: false } });
    };
    const handle = (event: ClientEvent): void => {
      if (over) return;
      clearTimeout(timer);
      const move = clientStep(state, event);
      state = move.state;
      for (const ask of move.asks) act(ask);
      // What was asked for may have been done in here already, with a timer of its own.
      clearTimeout(timer);
      if (!over && order.timeout > 0) timer = setTimeout(() => handle({ kind: "timeout" }), order.timeout);
    };
    const act = (ask: ClientAsk): void => {
      switch (ask.kind) {
        case "write":
          channel.output.write(ask.octets);
          return;
        case "ready":
          return answer === undefined
            ? handle({ kind: "send", transaction: transaction(ask.extensions.keywords.has("IGNOREQUOTA")) })
            : handle({ kind: "quit" });
        case "body":
          void sendBody();
          return;
        case "settled":
          answer = { kind: "settled", result: ask.result };
          return;
        case "lost":
          answer ??= { kind: "lost", failure: ask.failure };
          return finish();
        case "close":
          return finish();
        default:
          return;
      }
    };
    const transaction = (quotaMayBeIgnored: boolean): Extract<ClientEvent, { kind: "send" }>["transaction"] => ({
      sender: job.message.sender,
      recipients: job.recipients.map((recipient) => ({
        address: recipient.address,
        ...(recipient.dsn === undefined ? {} : { dsn: recipient.dsn }),
        ...(order.ignoreQuota && quotaMayBeIgnored ? { parameters: "IGNOREQUOTA" } : {}),
      })),
      size: order.size,
      eightBit: job.message.eightBit,
      smtputf8: job.message.smtputf8,
      ...(job.message.dsn === undefined ? {} : { dsn: job.message.dsn }),
    });
    const sendBody = async (): Promise<void> => {
      try {
        for await (const octets of messageOctets(job.message, {}, [])) {
          if (over) return;
          handle({ kind: "body", octets, last: false });
          if (channel.output.writableNeedDrain) await drained(channel);
        }
        handle({ kind: "body", octets: Buffer.alloc(0), last: true });
      } catch (error) {
        handle({ kind: "failed", message: (error as Error).message });
      }
    };
    channel.input.on("data", (octets: Buffer) => handle({ kind: "octets", octets }));
    channel.input.on("close", () => handle({ kind: "closed" }));
    channel.input.on("end", () => handle({ kind: "closed" }));
    channel.input.on("error", () => handle({ kind: "closed" }));
    channel.output.on("error", () => handle({ kind: "closed" }));
    handle({ kind: "connected" });
  });
}

function drained({ output }: Channel): Promise<void> {
  return new Promise((resolve) => {
    const go = (): void => {
      output.removeListener("drain", go);
      output.removeListener("close", go);
      resolve();
    };
    output.on("drain", go);
    output.on("close", go);
  });
}
