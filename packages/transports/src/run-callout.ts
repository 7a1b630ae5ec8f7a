/** A callout through a transport: its options and its hosts, and no message (manual §"Callout verification"). */
import type { TransportInstance } from "@mailkit/config";
import type { BodySource, CalloutTalk, HostTarget, Scope, TransportJob } from "@mailkit/sdk";
import { toRecipient } from "./outgoing.ts";
import { attemptScope } from "./scope.ts";
import { servicesOver } from "./services.ts";
import type { AttemptRecipient, GenericValues, TransportPorts } from "./types.ts";

export interface CalloutRequest {
  readonly instance: TransportInstance;
  readonly recipient: AttemptRecipient;
  readonly hosts: readonly HostTarget[];
  readonly router: string;
  /** Return path of the callout, for `$return_path`. */
  readonly sender: string;
  readonly scope: Scope;
  readonly now: number;
  readonly ports: Pick<TransportPorts, "hosts" | "setting" | "authenticators">;
}

/** The address goes to `talk` as the transport would send it: affixes off unless `rcpt_include_affixes`. False: it cannot call out. */
export async function runCallout(request: CalloutRequest, talkTo: (address: string) => CalloutTalk): Promise<boolean> {
  const { instance, recipient, hosts, scope: base } = request;
  const { driver } = instance;
  if (driver.where !== "remote" || driver.callout === undefined) return false;
  const generic = instance.generic as GenericValues;
  const router = { name: request.router, headersAdd: [], headersRemove: [] };
  const source = { scope: base, instance, recipients: [recipient], hosts, router };
  const scope = attemptScope(source, { home: undefined, returnPath: request.sender });
  const to = toRecipient(recipient, generic.rcpt_include_affixes);
  const job: TransportJob = {
    message: nothing(request),
    recipients: [to],
    hosts,
    cwd: "/",
    now: request.now,
    transport: instance.name,
    router: request.router,
  };
  const services = servicesOver(scope, { ...request.ports, admit: () => ({ ok: true }) });
  const submit = (): Promise<string> => Promise.reject(new Error("a callout writes no messages"));
  await driver.callout(job, instance.options as never, { ...services, submit }, talkTo(to.address));
  return true;
}

function nothing({ sender, now }: CalloutRequest): TransportJob["message"] {
  return { id: "", headers: "", body: EMPTY_BODY, sender, eightBit: false, smtputf8: false, parts: "all", received: now };
}

const EMPTY_BODY: BodySource = {
  size: 0,
  bytes: Buffer.alloc(0),
  read: async () => Buffer.alloc(0),
  chunks: async function* () {},
};
