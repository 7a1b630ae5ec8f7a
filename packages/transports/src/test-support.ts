/** For this package's tests: an attempt with everything that delivery and runtime would give. Not exported. */
import type { TransportInstance } from "@mailkit/config";
import { defineTransport, newAddressFacts, type HeaderLine, type LocalJob, type StoredMessage, type TransportReport } from "@mailkit/sdk";
import { fakeBody, fakeScope, optionValues } from "@mailkit/sdk/testing";
import { genericTransportOptions } from "./generic-options.ts";
import type { AttemptRecipient, AttemptRequest, TransportPorts } from "./types.ts";

/** A local driver that reports what it was given. */
export const recorder = (seen: LocalJob[], answer?: (job: LocalJob) => TransportReport) =>
  defineTransport({
    name: "recorder",
    where: "local",
    options: {},
    needs: [],
    prepare: () => ({ kind: "order" as const, order: { hello: 1 } as unknown }),
    perform: async (_order: unknown, job: LocalJob): Promise<TransportReport> => {
      seen.push(job);
      return answer?.(job) ?? { facts: job.recipients.map(() => ({ kind: "delivered" })) };
    },
  });

export function instanceOf(
  driver: TransportInstance["driver"],
  generic: Readonly<Record<string, unknown>> = {},
  name = "t1",
): TransportInstance {
  return {
    name,
    driver,
    at: { file: "f", line: 1, column: 1 },
    generic: optionValues(genericTransportOptions, generic),
    options: optionValues(driver.options),
    isSet: (option) => Object.hasOwn(generic, option),
    position: () => undefined,
    show: () => undefined,
  };
}

export function recipient(address: string, more: Partial<AttemptRecipient["facts"]> = {}): AttemptRecipient {
  const [localPart, domain] = address.split("@") as [string, string];
  return { address, facts: newAddressFacts(localPart, domain, more), original: address };
}

export function headerLines(text: string): HeaderLine[] {
  return text.split(/(?<=\n)(?![ \t])/).map((line) => ({ text: line, type: " " }));
}

export function message(headers = "Subject: t\nX-Gone: 1\nTo: x@y\n", body = "hello\n"): StoredMessage {
  return {
    envelope: {
      id: "1xVhq3-0004N6-2k", sender: "s@x.y", recipients: [], received: 1_000, protocol: "local", aclVariables: [], queueName: "", bodyLines: 1,
      bodySize: body.length, maxReceivedLine: 10, origin: { login: "root", uid: 0, gid: 0, local: true },
    },
    headers: headerLines(headers),
    body: fakeBody(body),
    state: { done: new Set(), frozen: undefined, manuallyThawed: false, first: true, warnings: 0, lastAttempt: undefined, waiting: new Map() },
  }; // prettier-ignore
}

export function request(
  instance: TransportInstance,
  given: Partial<AttemptRequest> & { readonly ports?: Partial<TransportPorts> } = {},
): AttemptRequest {
  const { ports, ...rest } = given;
  const accounts = {
    byName: (name: string) => (name === "fred" ? { name, uid: 1234, gid: 1235, gecos: "", home: "/home/fred", shell: "" } : undefined),
    byUid: () => undefined,
    groupByName: (name: string) => (name === "mail" ? { name, gid: 8, members: [] } : undefined),
    groupByGid: () => undefined,
  };
  return {
    instance,
    recipients: [recipient("user@example.com")],
    hosts: [],
    message: message(),
    returnPath: "s@x.y",
    router: { name: "r1", headersAdd: [], headersRemove: [] },
    scope: fakeScope({ local_part: { text: "user", tainted: true }, domain: "example.com" }, { accounts: accounts as never }),
    now: Date.UTC(2026, 10, 24, 4, 9, 16),
    ports: {
      hosts: undefined as never,
      setting: (name) => (name === "timezone" ? "UTC" : undefined),
      admit: () => ({ ok: true }),
      authenticators: { candidates: () => [] },
      submit: async () => "id",
      instance: () => undefined,
      rewriteHeaders: (_rules, headers) => headers,
      neverUsers: [0],
      running: new Map(),
      ...ports,
    },
    ...rest,
  };
}
